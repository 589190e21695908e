"""A resident's name and number go through the whole product; neither lies in plain text on its disk afterwards."""

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote

import pytest

from app.community import NUMBERS
from app.demo import speak
from tests.support.town import Town, said

pytestmark = pytest.mark.scenario
NAME = "欧阳阿姨"
YES = {"press": "1"}


def places(data_dir: Path) -> Iterator[Path]:
    """Everything that we write ourselves; the exchange is the telephone network, which knows both."""
    yield from (path for path in data_dir.glob("*.db*") if not path.name.endswith("-shm"))
    yield from (path for path in (data_dir / "redis").rglob("*") if path.is_file())
    yield from (path for path in (data_dir / "logs").glob("*.log") if path.stem != "exchange")


def spellings(phone: str) -> list[bytes]:
    """As text, as JSON and as a form write them."""
    escaped = json.dumps(NAME).strip('"')
    references = NAME.encode("ascii", "xmlcharrefreplace").decode()
    names = [NAME, escaped, json.dumps(escaped).strip('"'), quote(NAME), references, escape(references)]
    return [text.encode() for text in (*names, phone.removeprefix("+86"))]  # the end is in every form of it


def test_neither_name_nor_number_lies_in_plain_text(town: Town) -> None:
    caller = town.resident(name=NAME)
    town.answers(caller, YES, YES, YES, YES, YES, {"hangup": True, "wait_prompt": True})
    town.ring(caller, [speak("三栋二单元路灯不亮了"), YES])
    (ticket,) = town.tickets(caller)
    town.wait("dispatch", town.status_is(ticket.number, "dispatched"))
    town.keeper(NUMBERS.zhao, f"接 {ticket.number}")
    town.keeper(NUMBERS.zhao, f"办结 {ticket.number} 换了灯泡")
    town.wait("closed", town.status_is(ticket.number, "closed"))
    (call,) = town.exchange.calls_to(caller)
    assert NAME in said(call)  # it went through

    files = {path: path.read_bytes() for path in places(town.stage.data_dir)}
    names = {path.name for path in files}
    assert any(name.endswith("-wal") for name in names) and {"web.log", "worker.log"} <= names
    assert any("appendonly" in name for name in names)
    # The search finds what is not hidden: the matter's words, and a job in Redis
    assert any("路灯".encode() in content for path, content in files.items() if ".db" in path.name)
    assert any(b"dispatch-" in content for path, content in files.items() if "appendonly" in path.name)
    found = {
        (path.name, spelling.decode())
        for path, content in files.items()
        for spelling in spellings(caller)
        if spelling in content
    }
    assert not found
