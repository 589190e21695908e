import struct

import numpy as np
import pytest

from speech.starter.kaldi_io import KaldiWriter


def test_values_carry_their_size() -> None:
    out = KaldiWriter()
    out.token("<Dim>")
    out.integer(-2)
    out.float32(0.5)
    out.float64(0.25)
    assert out.data() == b"\0B<Dim> " + b"\x04\xfe\xff\xff\xff" + b"\x04\0\0\0\x3f" + b"\x08" + struct.pack(
        "<d", 0.25
    )


def test_vectors_and_lists_of_whole_numbers() -> None:
    out = KaldiWriter()
    out.vector([1.0, 2.0])
    out.integers([3, -1])
    floats, numbers = struct.pack("<2f", 1, 2), struct.pack("<2i", 3, -1)
    assert out.data() == b"\0BFV \x04\x02\0\0\0" + floats + b"\x04\x02\0\0\0" + numbers


def test_one_byte_matrix_is_off_by_half_a_step_at_most() -> None:
    weights = np.random.default_rng(2).normal(size=(7, 5))
    out = KaldiWriter()
    out.byte_matrix(weights)
    data = out.data()[2:]
    assert data[:4] == b"CM3 "
    low, span, rows, columns = struct.unpack_from("<ffii", data, 4)
    assert (rows, columns) == (7, 5)
    assert len(data) == 20 + 35
    read = low + span * np.frombuffer(data, np.uint8, offset=20).reshape(7, 5) / 255
    assert abs(read - weights).max() <= span / 510 + 1e-6


def test_matrix_of_one_value_has_a_range() -> None:
    out = KaldiWriter()
    out.byte_matrix(np.full((2, 2), 3.0))
    low, span = struct.unpack_from("<ff", out.data(), 6)
    assert low == pytest.approx(3.0)
    assert span > 0
