"""`bench understanding` on tiny made tables: what it prints, what it passes, what it keeps."""

from pathlib import Path

import pytest

from app.errors import BadInput
from bench import machine, understanding
from bench.labelled import ANSWER_COLUMNS, UTTERANCE_COLUMNS
from bench.labelled_sets import read_own, read_split

_SAID = (
    (
        "T1",
        "short",
        "三栋二单元路灯不亮了",
        "repairs",
        "simple",
        "0",
        "",
        "",
        "3",
        "2",
        "",
        "",
        "report",
        "",
        "",
    ),
    ("T2", "polite", "您好，请问医保怎么办理", "livelihood", *("",) * 11),
)
_ANSWERED = (("A1", "yes_no", "是的", "yes"), ("A2", "yes_no", "不是", "no"))


def tables(directory: Path, names: tuple[str, str, str] = ("requests.tsv", "", "answers.tsv")) -> Path:
    requests, danger, answers = names
    rows: dict[str, tuple[tuple[str, ...], ...]] = {
        requests: (UTTERANCE_COLUMNS, *_SAID),
        danger: (UTTERANCE_COLUMNS, ("D1", "short", "着火了", *("",) * 3, "119", *("",) * 8)),
        answers: (ANSWER_COLUMNS, *_ANSWERED),
    }
    for name, lines in rows.items():
        if name:
            text = "".join("\t".join(line) + "\n" for line in lines)
            (directory / name).write_text(text, encoding="utf-8")
    return directory


def test_own_tables_are_measured_from_text_and_shown_with_their_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted((machine.ROOT / "bench" / "results").iterdir())
    understanding.run(data=tables(tmp_path), speech=False)
    shown = capsys.readouterr().out
    assert "requests.tsv  sha256 " in shown
    assert f"From text ({tmp_path}: nothing is known about its voices): her own words" in shown
    for cell in ("| category ", "| building ", "| yes or no ", "wrong but acted on: all"):
        assert cell in shown
    assert sorted((machine.ROOT / "bench" / "results").iterdir()) == before


def test_a_missed_bar_is_a_failed_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tables(tmp_path) / "requests.tsv"
    path.write_text(path.read_text(encoding="utf-8").replace("repairs", "culture"), encoding="utf-8")
    assert not understanding.run(data=tmp_path, speech=False)
    assert "MISSED" in capsys.readouterr().out


def test_a_split_has_three_files_all_of_them_hashed(tmp_path: Path) -> None:
    names = ("requests_dev.tsv", "danger_dev.tsv", "answers_dev.tsv")
    labelled = read_split("dev", tables(tmp_path, names))
    assert (len(labelled.requests), len(labelled.dangers), len(labelled.answers)) == (2, 1, 2)
    assert set(labelled.files) == set(names)
    assert len(labelled.every(2).requests) == 1


def test_without_its_tables_there_is_nothing_to_measure(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"requests_test\.tsv: cannot be read"):
        read_split("test", tmp_path)
    with pytest.raises(BadInput, match="jiachang learn export"):
        read_own(tmp_path)


def test_only_what_has_a_recording_is_heard(tmp_path: Path) -> None:
    labelled = read_own(tables(tmp_path))
    assert len(labelled.requests) == 2
    assert labelled.with_sound().utterances == []
