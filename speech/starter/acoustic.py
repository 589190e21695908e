"""`am/final.mdl`: transition model and neural net, as Kaldi's nnet3 reads them (values: kaldi_io.py).

    <TransitionModel> <Topology> phones, phone → entry (−1 = none) as whole numbers; number of entries; per entry: number
        of states incl. the last, per emitting state s: pdf class s, 2, (s, P stay), (s + 1, P on); last state: −1, 0
    </Topology> <Triples> count, count × (phone, state, pdf), sorted </Triples>
    <LogProbs> vector by transition id </LogProbs> </TransitionModel>
    <Nnet3> newline, the net's plan as text lines, an empty line, <NumComponents> count, per component
        <ComponentName> name and one of
        <FixedAffineComponent> <LinearParams> matrix <BiasParams> vector </FixedAffineComponent>
        <RectifiedLinearComponent> (or LogSoftmaxComponent) <Dim> d <ValueAvg> <DerivAvg> empty vectors
            <Count> float64 0, closing tag
    </Nnet3> <LeftContext> 0 <RightContext> 0 (worked out anew on loading) <Priors> vector
The engine's score of a pdf is (log-softmax − log prior) × acoustic scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.starter.hmm import STAY, Hmm
from speech.starter.kaldi_io import KaldiWriter


@dataclass(frozen=True)
class Layer:
    """Affine over frames at `offsets` (in 10 ms) of the layer before, then, if `rectified`, max(0, ·).

    `weights` is [outputs, len(offsets) × inputs], the inputs of the first offset first; `bias` is [outputs].
    """

    offsets: tuple[int, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    rectified: bool

    @property
    def outputs(self) -> int:
        return int(self.weights.shape[0])

    @property
    def inputs(self) -> int:
        return int(self.weights.shape[1]) // len(self.offsets)


@dataclass(frozen=True)
class AcousticModel:
    """`layers`: the last gives a score for every pdf. `priors`: how often each pdf was seen, summing to 1."""

    hmm: Hmm
    layers: Sequence[Layer]
    priors: NDArray[np.float32]

    def __post_init__(self) -> None:
        for before, layer in zip(self.layers, self.layers[1:], strict=False):
            if before.outputs != layer.inputs:
                raise ValueError(f"a layer of {before.outputs} outputs cannot feed {layer.inputs} inputs")
        pdfs = 1 + max(pdf for _, _, pdf in self.hmm.triples)
        if not self.layers[-1].outputs == len(self.priors) >= pdfs:
            raise ValueError(f"{pdfs} pdfs need as many outputs and priors")

    @property
    def parameters(self) -> int:
        return sum(layer.weights.size + layer.bias.size for layer in self.layers)

    @property
    def context(self) -> tuple[int, int]:
        """Frames of 10 ms that the net looks back and ahead."""
        return -sum(min(layer.offsets) for layer in self.layers), sum(
            max(layer.offsets) for layer in self.layers
        )


def final_mdl(model: AcousticModel) -> bytes:
    """The file's contents; weights are kept in one byte each."""
    out = KaldiWriter()
    _transitions(out, model.hmm)
    _net(out, model)
    return out.data()


def _transitions(out: KaldiWriter, hmm: Hmm) -> None:
    out.token("<TransitionModel>")
    _topology(out, hmm)
    out.token("<Triples>")
    out.integer(len(hmm.triples))
    for triple in hmm.triples:
        for value in triple:
            out.integer(value)
    out.token("</Triples>")
    out.token("<LogProbs>")
    out.vector(hmm.log_probabilities())
    out.token("</LogProbs>")
    out.token("</TransitionModel>")


def _topology(out: KaldiWriter, hmm: Hmm) -> None:
    lengths = sorted({len(hmm.states(phone)) for phone in hmm.phones})
    out.token("<Topology>")
    out.integers(hmm.phones)
    out.integers([-1, *(lengths.index(len(hmm.states(phone))) for phone in hmm.phones)])
    out.integer(len(lengths))
    for length in lengths:
        out.integer(length + 1)
        for state in range(length):
            out.integer(state)
            out.integer(2)
            out.integer(state)
            out.float32(STAY)
            out.integer(state + 1)
            out.float32(1 - STAY)
        out.integer(-1)
        out.integer(0)
    out.token("</Topology>")


def _net(out: KaldiWriter, model: AcousticModel) -> None:
    plan = [f"input-node name=input dim={model.layers[0].inputs}"]
    source = "input"
    names = [f"layer{number}" for number in range(1, len(model.layers))] + ["output"]
    for name, layer in zip(names, model.layers, strict=True):
        kinds = ("affine", "relu") if layer.rectified else ("affine",)
        wanted = _spliced(source, layer.offsets)
        for kind in kinds:
            plan.append(f"component-node name={name}.{kind} component={name}.{kind} input={wanted}")
            source = wanted = f"{name}.{kind}"
    plan.append(f"component-node name=output.log-softmax component=output.log-softmax input={source}")
    plan.append("output-node name=output input=output.log-softmax objective=linear")
    out.token("<Nnet3>")
    out.text("\n" + "\n".join(plan) + "\n\n")
    out.token("<NumComponents>")
    out.integer(1 + sum(2 if layer.rectified else 1 for layer in model.layers))
    for name, layer in zip(names, model.layers, strict=True):
        _affine(out, f"{name}.affine", layer)
        if layer.rectified:
            _elementwise(out, f"{name}.relu", "RectifiedLinearComponent", layer.outputs)
    _elementwise(out, "output.log-softmax", "LogSoftmaxComponent", model.layers[-1].outputs)
    out.token("</Nnet3>")
    for side in ("<LeftContext>", "<RightContext>"):
        out.token(side)
        out.integer(0)
    out.token("<Priors>")
    out.vector(model.priors)


def _spliced(source: str, offsets: tuple[int, ...]) -> str:
    parts = [source if offset == 0 else f"Offset({source}, {offset})" for offset in offsets]
    return parts[0] if len(parts) == 1 else f"Append({', '.join(parts)})"


def _affine(out: KaldiWriter, name: str, layer: Layer) -> None:
    out.token("<ComponentName>")
    out.token(name)
    out.token("<FixedAffineComponent>")
    out.token("<LinearParams>")
    out.byte_matrix(layer.weights)
    out.token("<BiasParams>")
    out.vector(layer.bias)
    out.token("</FixedAffineComponent>")


def _elementwise(out: KaldiWriter, name: str, kind: str, size: int) -> None:
    out.token("<ComponentName>")
    out.token(name)
    out.token(f"<{kind}>")
    out.token("<Dim>")
    out.integer(size)
    for average in ("<ValueAvg>", "<DerivAvg>"):
        out.token(average)
        out.vector([])
    out.token("<Count>")
    out.float64(0.0)
    out.token(f"</{kind}>")
