"""Kaldi's binary streams: the few kinds of value that a net and its transition model are made of.

All little-endian. A file starts with `\\0B`. A token is its text and one space. A number carries its size first:
`\\x04` + int32 or float32, `\\x08` + float64. Then (kaldi-vector.cc, kaldi-matrix.cc, compressed-matrix.cc):
    vector           `FV ` number n, n × float32
    matrix           `FM ` number rows, number columns, row-major float32
    one-byte matrix  `CM3 ` and, without sizes in front, min float32, range float32, rows int32, columns int32,
                     then row-major bytes b, each standing for min + range · b / 255
    whole numbers    (inside topologies) `\\x04`, count int32, that many int32, none with its own size
"""

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


class KaldiWriter:
    """Collects values; `data()` is the whole stream."""

    def __init__(self) -> None:
        self._out = bytearray(b"\0B")

    def data(self) -> bytes:
        return bytes(self._out)

    def token(self, text: str) -> None:
        """`text` must hold no space: the reader stops at the first."""
        self._out += text.encode() + b" "

    def text(self, text: str) -> None:
        """As it stands; only a net's configuration is written so."""
        self._out += text.encode()

    def integer(self, value: int) -> None:
        self._out += struct.pack("<bi", 4, value)

    def float32(self, value: float) -> None:
        self._out += struct.pack("<bf", 4, value)

    def float64(self, value: float) -> None:
        self._out += struct.pack("<bd", 8, value)

    def integers(self, values: Sequence[int]) -> None:
        self._out += struct.pack("<bi", 4, len(values)) + np.asarray(values, "<i4").tobytes()

    def vector(self, values: ArrayLike) -> None:
        array = np.asarray(values, "<f4")
        self.token("FV")
        self.integer(len(array))
        self._out += array.tobytes()

    def matrix(self, values: ArrayLike) -> None:
        array = np.ascontiguousarray(values, "<f4")
        self.token("FM")
        self.integer(array.shape[0])
        self.integer(array.shape[1])
        self._out += array.tobytes()

    def byte_matrix(self, values: ArrayLike) -> None:
        """A quarter of the size; each element off by at most range / 510."""
        array = np.asarray(values, np.float64)
        low = float(array.min())
        span = max(float(array.max()) - low, 1e-8)
        self.token("CM3")
        self._out += struct.pack("<ffii", low, span, *array.shape)
        self._out += np.clip(np.rint((array - low) / span * 255), 0, 255).astype(np.uint8).tobytes()
