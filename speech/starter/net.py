"""The time-delay net. Needs PyTorch: only the training environment has it."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from speech.starter.acoustic import Layer

SPLICES: tuple[tuple[int, ...], ...] = (
    (-2, -1, 0, 1, 2),
    (-1, 0, 1),
    (-3, 0, 3),
    (-3, 0, 3),
    (-6, 0, 6),
    (-6, 0, 6),
)
"""What each hidden layer sees of the one before, in frames of 10 ms. From the third on only every third frame is
needed; together 21 frames to each side, about a syllable: a tone is heard against its neighbours."""
SUBSAMPLED_BY = 1
"""Number of the layer (from 0) whose outputs are computed for every third frame only."""
STRIDE = 3
CONTEXT = sum(max(splice) for splice in SPLICES)
"""Frames that the net needs to each side of the one it judges."""


class TimeDelayNet(nn.Module):  # type: ignore[misc]  # checked where PyTorch isn't installed
    """Convolution, rectifier, batch normalization (no parameters), repeated; then an affine layer to the pdfs.

    Maps [batch, frames, bins] to [batch, pdfs, outputs] with frames = 2 × CONTEXT + 3 × (outputs − 1) + 1.
    """

    def __init__(
        self, hidden: int, pdfs: int, mean: NDArray[np.float32], deviation: NDArray[np.float32]
    ) -> None:
        super().__init__()
        self.register_buffer("mean", torch.from_numpy(mean))
        self.register_buffer("deviation", torch.from_numpy(deviation))
        convolutions, inputs, rate = [], len(mean), 1
        for number, splice in enumerate(SPLICES):
            step = (splice[1] - splice[0]) // rate
            stride = STRIDE if number == SUBSAMPLED_BY else 1
            convolutions.append(nn.Conv1d(inputs, hidden, len(splice), stride=stride, dilation=step))
            inputs, rate = hidden, rate * stride
        self.convolutions = nn.ModuleList(convolutions)
        self.normalizations = nn.ModuleList(nn.BatchNorm1d(hidden, affine=False) for _ in SPLICES)
        self.output = nn.Conv1d(hidden, pdfs, 1)

    def forward(self, features: Tensor) -> Tensor:
        x = ((features - self.mean) / self.deviation).transpose(1, 2)
        for convolution, normalization in zip(self.convolutions, self.normalizations, strict=True):
            x = normalization(functional.relu(convolution(x)))
        return self.output(x)

    def layers(self) -> list[Layer]:
        """For the engine, which has no normalization: each one is folded into the affine layer behind it."""
        scale, shift = _affine(self.mean, self.deviation)
        out: list[Layer] = []
        modules: Sequence[nn.Module] = (*self.convolutions, self.output)
        for number, module in enumerate(modules):
            last = number == len(SPLICES)
            weight, bias = _numpy(module.weight), _numpy(module.bias)  # weight: [outputs, inputs, offsets]
            bias = bias + (weight * shift[None, :, None]).sum((1, 2))
            weight = weight * scale[None, :, None]
            flat = weight.transpose(0, 2, 1).reshape(len(weight), -1).astype(np.float32)
            out.append(Layer((0,) if last else SPLICES[number], flat, bias.astype(np.float32), not last))
            if not last:
                normalization = self.normalizations[number]
                variance = normalization.running_var + normalization.eps
                scale, shift = _affine(normalization.running_mean, torch.sqrt(variance))
        return out


def _affine(mean: Tensor, deviation: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(x − mean) / deviation as x · scale + shift."""
    scale = 1.0 / _numpy(deviation)
    return scale, -_numpy(mean) * scale


def _numpy(tensor: Tensor) -> NDArray[np.float64]:
    array: NDArray[np.float64] = tensor.detach().double().numpy()
    return array
