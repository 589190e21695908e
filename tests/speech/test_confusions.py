from pathlib import Path

import pytest

from app.errors import SettingsError
from speech.confusions import confusions, load_confusions, split
from speech.datafile import DataFile
from speech.phrase_files import DIRECTORY


def test_a_syllable_is_its_initial_and_its_final() -> None:
    assert [split(s) for s in ("zhang", "an", "nv", "shi")] == [
        ("zh", "ang"),
        ("", "an"),
        ("n", "v"),
        ("sh", "i"),
    ]


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("na", "la"),
        ("fei", "hui"),
        ("zi", "zhi"),
        ("jin", "jing"),
        ("fen", "feng"),
        ("ren", "yin"),
        ("huang", "wang"),
    ],
)
def test_accents_work_in_both_directions_at_a_cost(heard: str, meant: str) -> None:
    near = confusions().near
    assert 0 < near[heard][meant] == near[meant][heard] < 0.45


def test_every_syllable_is_itself_for_nothing_and_far_ones_are_apart() -> None:
    near = confusions().near
    assert all(options[syllable] == 0 for syllable, options in near.items())
    assert "ma" not in near["deng"]


def test_tones_are_only_a_hint() -> None:
    table = confusions()
    assert table.tone_cost("4", "4") == 0 < table.tone_cost("5", "4") < table.tone_cost("2", "4") < 0.2


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('["n", "l"]', '["n", "lx"]', "pinyin does not have"),
        ('["n", "l"]', '["n"]', "must be pairs"),
        ("cost = 0.18", 'cost = "0.18"', "a number from 0 to 1"),
        ("least = [", "least = 1 #", "must be a list of numbers"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, reason: str) -> None:
    source = (DIRECTORY / "confusions.toml").read_text(encoding="utf-8")
    path = tmp_path / "confusions.toml"
    path.write_text(source.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=reason) as caught:
        load_confusions(DataFile(path))
    assert "confusions.toml, line" in str(caught.value)
