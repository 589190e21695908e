"""Labelled texts are read, scored and brought through the real door; what went wrong is listed."""

from pathlib import Path

import pytest

from app.errors import BadInput
from app.sms.meant import Reading
from bench import machine, text_door, texts
from bench.text_corpus import COLUMNS, MEANINGS, Texted, path_of, read_texts

Row = tuple[str, str, str, str, str, str, str, str]
RIGHT: tuple[Row, ...] = (
    ("a1", "resident", "", "报修3栋路灯不亮", "report", "", "repairs", "unspaced"),
    ("a2", "resident", "", "查1024", "progress", "1024", "", "unspaced"),
    ("a3", "resident", "place", "3栋2单元", "answer", "", "3/2/", "plain"),
    ("a4", "resident", "place", "小区门口", "answer", "", "*", "plain"),
    ("a5", "staff", "", "办结 1024\\n换了灯泡", "resolve", "1024", "换了灯泡", "newline"),
)


def table(path: Path, *rows: tuple[str, ...]) -> Path:
    path.write_text("".join("\t".join(row) + "\n" for row in (COLUMNS, *rows)), encoding="utf-8")
    return path


def texted(row: Row) -> Texted:
    id_, sender, asked, text, intent, number, argument, style = row
    return Texted(
        id_,
        "staff" if sender == "staff" else "resident",
        "place" if asked else None,
        text,
        intent,
        int(number) if number else None,
        argument,
        style,
    )


def test_a_table_of_texts_is_read(tmp_path: Path) -> None:
    found = read_texts(table(tmp_path / "t.tsv", *RIGHT))
    assert [said.asked for said in found] == [None, None, "place", "place", None]
    assert [said.number for said in found] == [None, 1024, None, None, 1024]
    assert found[-1].text == "办结 1024\n换了灯泡"
    assert [said.is_request for said in found] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("b1", "robot", "", "查", "progress", "", "", "plain"), "`sender` is 'robot'"),
        (("b1", "", "", "查", "progress", "", "", "plain"), "`sender` is empty"),
        (("b1", "staff", "", "查", "progress", "", "", "plain"), "`intent` is 'progress'; allowed: accept"),
        (("b1", "resident", "who", "查", "progress", "", "", "plain"), "`asked` is 'who'"),
        (("b1", "resident", "", "查", "", "", "", "plain"), "`intent` is empty"),
        (("b1", "resident", "", "查", "progress", "一", "", "plain"), "`number` is '一'"),
        (("b1", "resident", "", "查", "progress", "", "", "nice"), "`style` is 'nice'"),
    ],
)
def test_a_wrong_label_of_a_text_is_told_with_its_line(tmp_path: Path, wrong: Row, told: str) -> None:
    with pytest.raises(BadInput, match=rf"t\.tsv:3: {told}"):
        read_texts(table(tmp_path / "t.tsv", RIGHT[0], wrong))


@pytest.mark.parametrize(
    ("row", "reading", "right"),
    [
        (RIGHT[1], Reading("progress", 1024), True),
        (RIGHT[1], Reading("progress"), False),
        (RIGHT[1], Reading("report", 1024), False),
        (RIGHT[0], Reading("report", None, "environment"), False),
        (RIGHT[2], Reading("answer", 3, "3/2/"), True),
        (RIGHT[2], Reading("answer", None, "3//"), False),
        (RIGHT[3], Reading("answer", None, "//"), True),
        (RIGHT[3], Reading("other"), False),
        (RIGHT[4], Reading("resolve", 1024, " 换了 灯泡。"), True),
        (RIGHT[4], Reading("resolve", 1024, "灯泡"), False),
        (
            ("c1", "staff", "", "延", "extend", "", "等配件|", "plain"),
            Reading("extend", None, "等配件|3"),
            False,
        ),
    ],
)
def test_a_text_is_right_if_intent_number_and_argument_are(row: Row, reading: Reading, right: bool) -> None:
    assert texts.is_right(texted(row), reading) is right


def test_a_requests_that_is_taken_for_a_command_shows(tmp_path: Path) -> None:
    (said,) = read_texts(table(tmp_path / "t.tsv", RIGHT[0]))
    missed = texts.scores([texts.Trial(said, Reading("optout"))])
    found = {score.what: score for score in missed["texts"]}
    assert (found["right"].hits, found["right"].met) == (0, False)
    assert found["a request read as something else"].hits == 1


def test_every_text_of_a_table_is_read_and_brought_through_the_door(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted((machine.ROOT / "bench" / "results").iterdir())
    assert texts.run("dev", table=table(tmp_path / "mine.tsv", *RIGHT))
    shown = capsys.readouterr().out
    assert "mine.tsv  sha256 " in shown
    for cell in ("| right ", "| residents: right ", "| report ", "| place ", "| unspaced ", "| lost "):
        assert cell in shown
    assert sorted((machine.ROOT / "bench" / "results").iterdir()) == before


def test_a_mislabelled_text_fails_the_run_and_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ("b1", "resident", "", "退订", "report", "", "", "short")
    assert not texts.run("dev", table=table(tmp_path / "t.tsv", wrong), door=False)
    assert "b1  '退订': report ← optout" in capsys.readouterr().out


def test_a_request_without_its_ticket_is_lost(tmp_path: Path) -> None:
    """退订 opens none: labelled as a request, it must be told as lost."""
    wrong = ("b1", "resident", "", "退订", "report", "", "", "short")
    (lost,) = text_door.lost(read_texts(table(tmp_path / "t.tsv", wrong)))
    assert (lost.said.id, lost.why) == ("b1", "0 tickets instead of 1")


def test_our_own_texts_are_many_and_share_none_between_test_and_dev() -> None:
    test, dev = read_texts(path_of("test")), read_texts(path_of("dev"))
    assert len(test) >= 440
    assert len(dev) >= 260
    assert not {said.text for said in test} & {said.text for said in dev}
    for split in (test, dev):
        assert len({(said.sender, said.asked, said.text) for said in split}) == len(split)
        residents = sum(said.sender == "resident" for said in split)
        assert 0.7 < residents / len(split) < 0.85
    for sender, intents in MEANINGS.items():
        for intent in intents:
            assert sum((said.sender, said.intent) == (sender, intent) for said in test) >= 15, intent
