"""The file of learned weights: what is written comes back, and a broken file says where."""

from pathlib import Path

import numpy as np
import pytest

from app.errors import SettingsError
from speech.confusions import confusions
from speech.weighing import weigh
from speech.weights_file import BIAS, COLUMNS, read_weights, weights_text, write_weights
from speech.weights_training import train
from tests.speech.test_weighing import made

CALM = {"category": 1.0, "danger": 1.0}
HEAD = "\t".join(COLUMNS)
ZEROS = "\t" * (len(COLUMNS) - 1)


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    weights = train(made(), confusions(), CALM, notes=["made of 1 file", "面"])
    path = tmp_path / "learned.tsv"
    write_weights(path, weights)
    again = read_weights(path)
    assert again.notes == ("made of 1 file", "面")
    assert again.rows.keys() == weights.rows.keys()
    assert weights_text(again) == path.read_text(encoding="utf-8")
    for text in ("路灯在哪里", "书法的事情"):
        before, after = (weigh(text, each, "category").scores for each in (weights, again))
        assert np.allclose(list(before.values()), list(after.values()), atol=0.05)
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_takes_no_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        write_weights(tmp_path / "gone" / "learned.tsv", train(made(), confusions(), CALM))


@pytest.mark.parametrize(
    ("lines", "line", "says"),
    [
        ([], 1, "=bias is missing"),
        (["# note", "feature\tx"], 2, "columns must be"),
        ([HEAD, BIAS + ZEROS, "灯\t1\t2"], 3, "3 columns, there must be 12"),
        ([HEAD, BIAS + ZEROS, "灯\tviel" + ZEROS[1:]], 3, "'viel' is no whole number"),
        ([HEAD, BIAS + ZEROS, "灯\t9999999" + ZEROS[1:]], 3, "9999999 is too much"),
        ([HEAD, BIAS + ZEROS, "灯" + ZEROS, "灯" + ZEROS], 4, "twice"),
        ([HEAD, "灯" + ZEROS], 2, "=bias is missing"),
    ],
)
def test_a_broken_file_is_named_with_the_line(tmp_path: Path, lines: list[str], line: int, says: str) -> None:
    path = tmp_path / "learned.tsv"
    path.write_text("".join(text + "\n" for text in lines), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_weights(path)
    assert f"{path}, line {line}:" in str(caught.value)
    assert says in str(caught.value)


def test_bytes_that_are_no_utf_8_and_a_missing_file_are_said(tmp_path: Path) -> None:
    path = tmp_path / "learned.tsv"
    path.write_bytes(HEAD.encode() + b"\n\xff\n")
    with pytest.raises(SettingsError, match="line 2: not UTF-8"):
        read_weights(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_weights(tmp_path / "none.tsv")
