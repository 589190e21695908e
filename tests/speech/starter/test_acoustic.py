import numpy as np
import pytest

from speech.starter.acoustic import AcousticModel, Layer, final_mdl
from speech.starter.hmm import Hmm


def layer(offsets: tuple[int, ...], inputs: int, outputs: int, *, rectified: bool = True) -> Layer:
    weights = np.full((outputs, len(offsets) * inputs), 0.5, np.float32)
    return Layer(offsets, weights, np.zeros(outputs, np.float32), rectified)


HMM = Hmm([(), (0,), (1, 2)])
NET = (layer((-2, 0, 2), 40, 8), layer((-3, 0), 8, 8), layer((0,), 8, 3, rectified=False))
PRIORS = np.full(3, 1 / 3, np.float32)


def test_the_plan_names_every_component_and_its_frames() -> None:
    data = final_mdl(AcousticModel(HMM, NET, PRIORS))
    plan = data[data.index(b"<Nnet3>") : data.index(b"<NumComponents>")].decode().splitlines()
    assert plan[1:-1] == [
        "input-node name=input dim=40",
        "component-node name=layer1.affine component=layer1.affine "
        "input=Append(Offset(input, -2), input, Offset(input, 2))",
        "component-node name=layer1.relu component=layer1.relu input=layer1.affine",
        "component-node name=layer2.affine component=layer2.affine "
        "input=Append(Offset(layer1.relu, -3), layer1.relu)",
        "component-node name=layer2.relu component=layer2.relu input=layer2.affine",
        "component-node name=output.affine component=output.affine input=layer2.relu",
        "component-node name=output.log-softmax component=output.log-softmax input=output.affine",
        "output-node name=output input=output.log-softmax objective=linear",
    ]
    assert data.count(b"<ComponentName> ") == 6


def test_context_and_size_add_up() -> None:
    model = AcousticModel(HMM, NET, PRIORS)
    assert model.context == (5, 2)
    assert model.parameters == 8 * 120 + 8 + 8 * 16 + 8 + 3 * 8 + 3


def test_layers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="8 outputs cannot feed 9 inputs"):
        AcousticModel(HMM, (NET[0], layer((0,), 9, 3)), PRIORS)


def test_every_pdf_needs_an_output_and_a_prior() -> None:
    with pytest.raises(ValueError, match="3 pdfs"):
        AcousticModel(HMM, (*NET[:2], layer((0,), 8, 2, rectified=False)), PRIORS[:2])
    with pytest.raises(ValueError, match="3 pdfs"):
        AcousticModel(HMM, NET, PRIORS[:2])


def test_epsilon_has_no_states() -> None:
    with pytest.raises(ValueError, match="epsilon"):
        Hmm([(0,), (1,)])
