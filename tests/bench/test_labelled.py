"""The labelled files: read as they are meant, and every mistake told by file and line."""

from pathlib import Path

import pytest

from app.errors import BadInput
from bench.labelled import ANSWER_COLUMNS, UTTERANCE_COLUMNS, read_answers, read_utterances
from bench.labelled_sets import DATA, read_split
from bench.tsv import sha256_of

_GOOD = {
    "id": "T1",
    "style": "polite",
    "text": "麻烦您，三栋路灯不亮",
    "category": "repairs",
    "tier": "simple",
    "urgent": "0",
    "building": "3",
    "intent": "report",
}


def table(path: Path, columns: tuple[str, ...], *rows: dict[str, str]) -> Path:
    lines = ["\t".join(columns), *("\t".join(row.get(name, "") for name in columns) for row in rows)]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def answers(path: Path, *rows: tuple[str, str, str]) -> Path:
    named = [
        {"id": f"A{n}", "kind": kind, "text": text, "value": value}
        for n, (kind, text, value) in enumerate(rows)
    ]
    return table(path, ANSWER_COLUMNS, *named)


def test_an_utterance_is_read_and_what_is_empty_is_unknown(tmp_path: Path) -> None:
    (found,) = read_utterances(table(tmp_path / "t.tsv", UTTERANCE_COLUMNS, _GOOD))
    assert (found.category, found.urgent, found.building) == ("repairs", False, "3")
    assert (found.danger, found.unit, found.phone, found.wav) == (None, None, None, None)


def test_comments_and_empty_lines_are_skipped_but_counted(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    head = "\t".join(ANSWER_COLUMNS)
    path.write_text(f"# 说明\n\n{head}\nA1\tyes_no\t是的\tyes\r\n\nA2\tyes_no\t哦\tmaybe\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"t\.tsv:6: .*maybe.*yes, no"):
        read_answers(path)


def test_answers_of_all_kinds_are_read(tmp_path: Path) -> None:
    found = read_answers(
        answers(
            tmp_path / "a.tsv",
            ("yes_no", "对头", "yes"),
            ("yes_no", "喂", ""),
            ("place", "三栋五零一", "3//501"),
            ("number", "幺零二四", "1024"),
            ("person", "找人工", "person"),
        )
    )
    assert [answer.value for answer in found] == ["yes", None, "3//501", "1024", "person"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"category": "repair"}, "`category` is 'repair'; allowed: repairs"),
        ({"style": "cross"}, "`style` is 'cross'"),
        ({"urgent": "yes"}, "`urgent` is 'yes'"),
        ({"danger": "911"}, "`danger` is '911'"),
        ({"building": "三"}, "Arabic digits or one capital"),
        ({"unit": "A"}, "`unit` is 'A'"),
        ({"text": ""}, "`text` is empty"),
        ({"id": ""}, "`id` is empty"),
    ],
)
def test_a_wrong_label_is_told_with_its_line(tmp_path: Path, change: dict[str, str], told: str) -> None:
    path = table(tmp_path / "t.tsv", UTTERANCE_COLUMNS, _GOOD, _GOOD | {"id": "T2"} | change)
    with pytest.raises(BadInput, match=rf"t\.tsv:3: .*{told}"):
        read_utterances(path)


@pytest.mark.parametrize("value", ["3/2", "//", "3-2-501"])
def test_a_place_has_three_parts(tmp_path: Path, value: str) -> None:
    with pytest.raises(BadInput, match=r"a\.tsv:2: .*building/unit/room"):
        read_answers(answers(tmp_path / "a.tsv", ("place", "三栋", value)))


def test_an_id_stands_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"t\.tsv:3: `id` T1 stands in line 2 already"):
        read_utterances(table(tmp_path / "t.tsv", UTTERANCE_COLUMNS, _GOOD, _GOOD))


def test_columns_are_checked(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"t\.tsv:1: column names: missing phone"):
        read_utterances(table(tmp_path / "t.tsv", UTTERANCE_COLUMNS[:-1], _GOOD))
    with pytest.raises(BadInput, match=r"t\.tsv:1: .*unknown or twice: mood"):
        read_utterances(table(tmp_path / "t.tsv", (*UTTERANCE_COLUMNS, "mood"), _GOOD))
    path = table(tmp_path / "t.tsv", UTTERANCE_COLUMNS, _GOOD)
    path.write_text(path.read_text(encoding="utf-8") + "T2\tshort\t灯不亮\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"t\.tsv:3: 3 columns, the first line has 15"):
        read_utterances(path)


def test_a_file_that_holds_nothing_or_no_utf8_or_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no line with data"):
        read_utterances(table(tmp_path / "t.tsv", UTTERANCE_COLUMNS))
    with pytest.raises(BadInput, match="cannot be read"):
        read_utterances(tmp_path / "nowhere.tsv")
    path = tmp_path / "gb.tsv"
    path.write_bytes(b"id\tkind\n" + "路灯".encode("gb18030"))
    with pytest.raises(BadInput, match=r"gb\.tsv:2: not UTF-8"):
        read_utterances(path)


def test_a_recording_is_found_beside_its_table_and_its_transcript_counts(tmp_path: Path) -> None:
    columns = (*UTTERANCE_COLUMNS, "wav", "transcript")
    row = _GOOD | {"wav": "T1.wav", "transcript": "三栋的路灯不亮了"}
    path = table(tmp_path / "t.tsv", columns, row)
    with pytest.raises(BadInput, match=r"t\.tsv:2: there is no audio file T1\.wav"):
        read_utterances(path)
    (tmp_path / "T1.wav").write_bytes(b"RIFF")
    (found,) = read_utterances(path)
    assert (found.wav, found.text) == (tmp_path / "T1.wav", "三栋的路灯不亮了")


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "empty.tsv"
    path.write_bytes(b"")
    assert sha256_of(path) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_our_own_files_are_large_enough_and_share_no_text_between_test_and_dev() -> None:
    test, dev = read_split("test"), read_split("dev")
    assert len(test.requests) >= 1000
    assert sum(bool(said.danger) for said in test.dangers) >= 150
    assert sum(not said.danger for said in test.dangers) >= 600
    for mine, theirs in ((test.utterances, dev.utterances), (test.answers, dev.answers)):
        # The same words may be an answer to one question and none to another
        kind = [{(getattr(said, "kind", ""), said.text) for said in side} for side in (mine, theirs)]
        # 退订, 转人工: what there is only one way to say stands wherever people talk to the hotline
        assert not {text for _, text in kind[0] & kind[1] if len(text) > len("转人工")}
    assert DATA.is_dir()
