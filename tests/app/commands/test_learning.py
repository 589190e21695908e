"""`jiachang ticket correct` and `jiachang learn`: from what was heard wrong to files that the benches read."""

import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.commands.learning import COLUMNS, TABLE
from app.desk.recordings import add_recording, store_audio
from bench.labelled import read_utterances
from models.call import Call, CallTurn
from models.ticket import Ticket, TicketEvent
from speech.audio import read_wav, silence
from tests.app.commands.conftest import Terminal

HEARD = "三东路灯不亮了"


def spoken(terminal: Terminal, *, audio: bool = True, **changes: Any) -> int:
    """A ticket with one recording of two seconds."""
    number = terminal.ticket(text=HEARD, **changes)
    runtime = terminal.runtime
    with runtime.db.transaction() as session:
        now = runtime.now()
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        call = Call(
            uid=f"u{number}", carrier_sid=f"CA{number}", direction="inbound", hotline="+864001234567", state={},
            started_at=now, updated_at=now,
        )  # fmt: skip
        session.add(call)
        session.flush()
        session.add(
            CallTurn(
                call_id=call.id,
                n=1,
                node="open",
                said=[],
                twiml="",
                listen={"expect": "open"},
                created_at=now,
            )
        )
        path, seconds = store_audio(runtime.settings.data_dir, f"u{number}-1", silence(2.0), now=now)
        if not audio:
            (runtime.settings.data_dir / path).write_bytes(b"RIFFnonsense")
        recording = add_recording(
            session, call_id=call.id, turn_n=1, source="stream", path=path, seconds=seconds, transcript=HEARD,
            confidence=0.6, now=now,
        )  # fmt: skip
        recording.ticket_id = ticket.id
    return number


def table(directory: Path) -> list[dict[str, str]]:
    header, *lines = (directory / TABLE).read_text(encoding="utf-8").splitlines()
    assert header.split("\t") == list(COLUMNS)
    return [dict(zip(COLUMNS, line.split("\t"), strict=True)) for line in lines]


def test_a_correction_becomes_an_example(terminal: Terminal) -> None:
    number = spoken(terminal)
    fix = [
        "ticket",
        "correct",
        str(number),
        "--by",
        "sun",
        "--transcript",
        "五栋路灯不亮了",
        "--category",
        "repairs",
    ]
    output = terminal.run(*fix, "--building", "5").output
    assert "三东路灯不亮了" in output and "五栋路灯不亮了" in output and "5栋" in output
    shown = terminal.json("ticket", "show", str(number))
    assert (shown["text"], shown["place"]["building"], shown["place"]["unit"]) == (
        "五栋路灯不亮了",
        "5",
        None,
    )
    assert "amend" in [event["action"] for event in shown["events"]]
    (row,) = terminal.json("learn", "list", "--as", "sun")
    assert (row["heard"], row["transcript"], row["place"]) == (HEARD, "五栋路灯不亮了", {"building": "5"})
    assert "听成 三东路灯不亮了" in terminal.run("learn", "list", "--as", "sun").output
    again = terminal.json("ticket", "correct", str(number), "--by", "sun", "--urgent")
    assert (again["transcript"], again["place"]["building"], again["urgent"]) == ("五栋路灯不亮了", "5", True)


def test_examples_are_exported_as_wav_and_table_and_the_log_says_so(
    terminal: Terminal, tmp_path: Path
) -> None:
    first, second = spoken(terminal), spoken(terminal, audio=False)
    for number, more in ((first, ["--urgent"]), (second, ["--danger", "119"])):
        terminal.run(
            "ticket", "correct", str(number), "--by", "sun", "--transcript", "三栋\t路灯\n不亮了", *more
        )
    out = tmp_path / "out" / "examples"
    result = terminal.run("learn", "export", str(out), "--by", "sun")
    assert "2 条样例，1 条有声音" in result.output and "个人信息" in result.output
    with_audio, without = table(out)
    assert with_audio["text"] == with_audio["transcript"] == "三栋 路灯 不亮了"
    assert (with_audio["category"], with_audio["building"], with_audio["urgent"]) == ("repairs", "3", "1")
    assert (without["wav"], without["danger"], without["tier"]) == ("", "119", "")
    assert len(read_wav(out / with_audio["wav"])) == 2 * 2 * 8000
    heard, read = read_utterances(out / TABLE)
    assert (heard.wav, heard.building, heard.urgent, heard.tier) == (out / with_audio["wav"], "3", True, None)
    assert (read.wav, read.danger, read.category) == (None, "119", "repairs")
    assert "个人信息" in (out / "README.txt").read_text(encoding="utf-8")
    for path in (out / TABLE, out / with_audio["wav"]):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with terminal.runtime.db.transaction(read_only=True) as session:
        actions = session.scalars(select(TicketEvent.action).where(TicketEvent.action == "export")).all()
    assert len(actions) == 2


def test_places_are_written_as_the_benches_read_them(terminal: Terminal, tmp_path: Path) -> None:
    number = str(spoken(terminal))
    fix = ["ticket", "correct", number, "--by", "sun", "--building"]
    assert terminal.json(*fix, "三栋", "--unit", "二", "--room", "５０１")["place"] == {
        "estate": None, "building": "3", "unit": "2", "room": "501", "landmark": None,
    }  # fmt: skip
    assert terminal.json(*fix, "b", "--unit", "a")["place"]["unit"] == "A"
    assert "数字" in terminal.fails(*fix, "那边")
    terminal.run("learn", "export", str(tmp_path / "out"), "--by", "sun")
    (read,) = read_utterances(tmp_path / "out" / TABLE)
    assert (read.building, read.unit) == ("B", None)


def test_a_directory_with_files_is_left_alone_unless_forced(terminal: Terminal, tmp_path: Path) -> None:
    number = spoken(terminal)
    out = tmp_path / "out"
    export = ["learn", "export", str(out), "--by", "sun"]
    assert "还没有" in terminal.fails(*export) and not out.exists()
    terminal.run("ticket", "correct", str(number), "--by", "sun")
    (tmp_path / "file").write_text("x")
    assert "换一个地方" in terminal.fails("learn", "export", str(tmp_path / "file" / "out"), "--by", "sun")
    out.mkdir()
    (out / "mine.txt").write_text("x")
    assert "--force" in terminal.fails(*export) and not (out / TABLE).exists()
    terminal.run(*export, "--force")
    assert (out / "mine.txt").read_text() == "x" and len(table(out)) == 1


@pytest.mark.parametrize("who", ["zhao", "nobody"])
def test_who_may_not_listen_sees_and_corrects_nothing(terminal: Terminal, tmp_path: Path, who: str) -> None:
    number = spoken(terminal)
    terminal.run("ticket", "correct", str(number), "--by", "sun")
    assert terminal.fails("ticket", "correct", str(number), "--by", who)
    assert terminal.fails("learn", "export", str(tmp_path / "out"), "--by", who)
    if who == "zhao":
        assert terminal.json("learn", "list", "--by", who) == []


def test_the_commands_want_to_know_who_asks(terminal: Terminal, tmp_path: Path) -> None:
    for words in (["ticket", "correct", "1001"], ["learn", "list"], ["learn", "export", str(tmp_path / "x")]):
        assert "--by" in terminal.run(*words, code=2).output
    assert terminal.run("learn", "--help").output.count("export") >= 1


def test_to_learn_it_must_be_said_where_to_and_who_asks(terminal: Terminal, tmp_path: Path) -> None:
    into = tmp_path / "phrases"
    into.mkdir()
    assert "JIACHANG_PHRASES_DIR" in terminal.fails("learn", "train", "--ours-only")
    assert "--by" in terminal.fails("learn", "train", "--into", str(into))
    assert terminal.fails("learn", "train", "--into", str(into), "--by", "nobody")
    assert list(into.iterdir()) == []
