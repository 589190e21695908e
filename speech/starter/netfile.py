"""A trained net on its way from the training environment to the export: one .npz, numpy on both sides.

Arrays: `counts` float64 [pdfs], how many training frames had each pdf; per layer n = 0, 1 … `offsets_n` int64,
`weights_n` float32 [outputs, offsets × inputs], `bias_n` float32, `rectified_n` bool.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from speech.starter.acoustic import Layer


def save(path: Path, layers: Sequence[Layer], counts: NDArray[np.float64]) -> None:
    """Replaces the file in one go, so that a half-written one is never taken for a result."""
    arrays: dict[str, NDArray[np.generic]] = {"counts": counts}
    for number, layer in enumerate(layers):
        arrays[f"offsets_{number}"] = np.asarray(layer.offsets, np.int64)
        arrays[f"weights_{number}"] = layer.weights
        arrays[f"bias_{number}"] = layer.bias
        arrays[f"rectified_{number}"] = np.asarray(layer.rectified)
    partial = path.with_suffix(".part.npz")
    with partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    partial.replace(path)


def load(path: Path) -> tuple[list[Layer], NDArray[np.float64]]:
    """The layers and the counts."""
    with np.load(path) as arrays:
        total = sum(name.startswith("weights_") for name in arrays.files)
        layers = [
            Layer(
                tuple(int(offset) for offset in arrays[f"offsets_{number}"]),
                arrays[f"weights_{number}"],
                arrays[f"bias_{number}"],
                bool(arrays[f"rectified_{number}"]),
            )
            for number in range(total)
        ]
        return layers, arrays["counts"]
