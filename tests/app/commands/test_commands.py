"""The command line: what a program reads, what a person reads, and a dispatcher's whole job in a terminal."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app.cli import cli
from app.community import NUMBERS
from app.desk.recordings import add_recording, store_audio
from app.runtime import bootstrap
from app.settings import load_settings
from models.call import Call
from models.ticket import Ticket
from speech.audio import silence
from tests.app.commands.conftest import Terminal

COMMANDS = [
    "demo",
    "serve",
    "gateway",
    "worker",
    "clock",
    "exchange",
    "migrate",
    "doctor",
    "user",
    "call",
    "text",
    "understand",
    "ticket",
    "learn",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(cli, [command, "--help"])
    assert result.exit_code == 0 and "Usage:" in result.output


def test_understand_says_what_and_why(terminal: Terminal) -> None:
    found = terminal.json("understand", "三栋二单元五零一路灯不亮了")
    assert found["category"] == "repairs" and found["urgent"] is False
    assert {k: found["place"][k] for k in ("estate", "building", "unit", "room")} == {
        "estate": None,
        "building": "3",
        "unit": "2",
        "room": "501",
    }
    assert {"tier", "intent", "confidence", "reasons"} <= set(found) and found["reasons"]
    assert "路灯" in terminal.run("understand", "三栋路灯不亮了").output


def test_dispatcher_hears_writes_down_dispatches_resolves_and_rates(terminal: Terminal) -> None:
    number = terminal.ticket(text="", category=None, matter=None, needs_listening=True)
    with terminal.runtime.db.transaction() as session:
        now = terminal.runtime.now()
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        call = Call(
            uid="u", carrier_sid="CA1", direction="inbound", hotline="+864001234567", state={}, started_at=now, updated_at=now
        )  # fmt: skip
        session.add(call)
        session.flush()
        path, seconds = store_audio(terminal.runtime.settings.data_dir, "u-1", silence(1.0), now=now)
        recording = add_recording(
            session, call_id=call.id, turn_n=1, source="stream", path=path, seconds=seconds, transcript=None,
            confidence=None, now=now,
        )  # fmt: skip
        recording.ticket_id = ticket.id
    wav = terminal.run("ticket", "act", str(number), "listen", "--as", "sun").output.split()[0]
    assert Path(wav).is_file()
    terminal.run("ticket", "act", str(number), "listen", "--as", "sun", "--text", "3栋2单元路灯不亮")
    shown = terminal.json("ticket", "show", str(number))
    assert (shown["status"], shown["category"], shown["place"]["building"]) == ("new", "repairs", "3")
    terminal.run("ticket", "act", str(number), "dispatch", "--as", "sun", "--to", "zhao")
    terminal.run("ticket", "act", str(number), "resolve", "--as", "sun", "--text", "换了灯泡")
    rate = ["rate", "--as", "sun", "--fact", "1", "--speed", "5", "--effect", "4", "--attitude", "5"]
    terminal.run("ticket", "act", str(number), *rate)
    shown = terminal.json("ticket", "show", str(number), "--as", "sun")
    assert shown["status"] == "closed"
    assert [e["action"] for e in shown["events"] if e["action"] != "amend"] == [
        "open",
        "listen",
        "dispatch",
        "resolve",
        "rate_ok",
    ]
    assert shown["ratings"][0]["speed"] == 1 and shown["ratings"][0]["raw"]["effect"] == 4
    assert "reopen" in shown["allowed"]
    assert "换了灯泡" not in terminal.run("ticket", "list").output


def test_a_step_that_is_not_possible_says_which_are(terminal: Terminal) -> None:
    number = str(terminal.ticket())
    assert "resolve" in terminal.fails("ticket", "act", number, "reopen", "--as", "sun", "--reason", "没好")
    assert "不归您办" in terminal.fails("ticket", "act", number, "cancel", "--as", "zhao", "--reason", "x")
    assert "没有" in terminal.fails("ticket", "show", "99999999999999999999")
    assert "nobody" in terminal.fails("ticket", "act", number, "accept", "--as", "nobody")


def test_lists_are_sorted_by_time_left_and_masked(terminal: Terminal) -> None:
    assert "没有待办" in terminal.run("ticket", "list").output
    late, soon = terminal.ticket(), terminal.ticket(urgent=True)
    rows = terminal.json("ticket", "list")
    assert [row["number"] for row in rows] == [soon, late]
    shown = terminal.run("ticket", "show", str(soon)).output
    assert NUMBERS.wang[3:] not in shown and "紧急" in shown


def test_users_are_added_once_and_shown_masked(terminal: Terminal) -> None:
    add = ["user", "add", "ning", "--name", "宁平", "--unit", "第一网格", "--phone", "13800005555"]
    assert "138****5555" in terminal.run(*add).output
    assert "已经有人用了" in terminal.fails(*add)
    assert "宁平" in terminal.run("user", "list").output
    assert "幸福里社区" in terminal.fails("user", "add", "x", "--name", "x", "--unit", "没有的小区")
    assert "电话号码" in terminal.fails(*add[:2], "y", *add[3:-1], "12")


def test_doctor_names_what_is_wrong_and_how_to_mend_it(terminal: Terminal) -> None:
    found = {f["name"]: f for f in terminal.json("doctor", code=1)}
    assert found["database"]["ok"] and found["schema"]["ok"] and found["redis"]["ok"] and found["model"]["ok"]
    assert found["model_loads"]["ok"]
    assert not found["clock"]["ok"] and "jiachang clock" in found["clock"]["remedy"]


def test_doctor_sees_a_missing_model_a_dead_redis_and_an_old_schema(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.environment |= {
        "JIACHANG_SPEECH_MODEL": str(tmp_path / "no-model"),
        "JIACHANG_REDIS_URL": f"unix://{tmp_path}/nobody.sock",
        "JIACHANG_DATABASE_URL": f"sqlite:///{tmp_path}/empty.db",
    }
    found = {f["name"]: f for f in terminal.json("doctor", code=1)}
    assert {name for name, f in found.items() if not f["ok"]} >= {
        "database",
        "schema",
        "redis",
        "model",
        "clock",
    }
    assert not found["database"]["ready"] and found["redis"]["ready"] and found["model"]["ready"]
    assert "jiachang migrate" in found["schema"]["remedy"]


def test_doctor_explains_settings_that_make_no_sense(terminal: Terminal) -> None:
    terminal.environment |= {"JIACHANG_TIMEZONE": "Mars/Base", "JIACHANG_WEB_THREADS": "many"}
    (found,) = terminal.json("doctor", code=1)
    assert "JIACHANG_TIMEZONE" in found["says"] and "JIACHANG_WEB_THREADS" in found["says"]


@pytest.fixture
def fresh(tmp_path: Path, redis_url: str) -> Iterator[Terminal]:
    """An installation on its first day: migrated and nothing else."""
    environment = {
        "JIACHANG_DATA_DIR": str(tmp_path / "fresh"),
        "JIACHANG_REDIS_URL": redis_url,
        "JIACHANG_ENCRYPTION_KEY": "k" * 40,
        "JIACHANG_TWILIO_AUTH_TOKEN": "t" * 32,
    }
    terminal = Terminal(bootstrap(load_settings(environment)), environment)
    yield terminal
    terminal.runtime.close()


def test_the_first_day_of_an_installation(fresh: Terminal) -> None:
    assert "unit add" in fresh.run("migrate").output
    assert fresh.ticket() == 1001  # even before anybody has set up the community, nothing is lost
    fresh.run("unit", "add", "幸福里社区", "--duty", "13800009000")
    fresh.run("unit", "add", "第一网格", "--kind", "grid", "--parent", "幸福里社区")
    fresh.run("unit", "add", "3栋", "--kind", "building", "--parent", "第一网格")
    fresh.run("user", "add", "sun", "--name", "孙丽", "--role", "dispatcher", "--unit", "幸福里社区")
    fresh.run("user", "add", "zhao", "--name", "赵强", "--unit", "第一网格", "--phone", "13800002001")
    assert "3栋" in fresh.run("unit", "list").output and "138****9000" in fresh.run("unit", "list").output
    number = fresh.ticket()
    assert fresh.json("ticket", "show", str(number))["unit"]["name"] == "3栋"
    fresh.run("ticket", "act", str(number), "dispatch", "--as", "sun", "--to", "zhao")
    fresh.run("user", "disable", "sun")
    assert "不归您办" in fresh.fails("ticket", "act", str(number), "cancel", "--as", "sun", "--reason", "x")
    assert "没有叫" in fresh.fails("unit", "add", "x", "--parent", "没有的")


def test_words_without_a_place_leave_the_place_alone(terminal: Terminal) -> None:
    number = terminal.ticket(needs_listening=True)
    before = terminal.json("ticket", "show", str(number))["unit"]
    terminal.run("ticket", "act", str(number), "listen", "--as", "sun", "--text", "水管漏水了，漏得厉害")
    shown = terminal.json("ticket", "show", str(number))
    assert shown["unit"] == before and shown["place"]["building"] == "3"


def test_names_are_shown_only_to_somebody(terminal: Terminal) -> None:
    number = str(terminal.ticket())
    assert "--as" in terminal.fails("ticket", "show", number, "--unmask")
    terminal.run("ticket", "show", number, "--unmask", "--as", "sun")
