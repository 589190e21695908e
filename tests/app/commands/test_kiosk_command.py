"""`jiachang kiosk`: a code for one use, a list of what is missing, and the end of a screen."""

import json

from sqlalchemy import select

from app.community import furnish_station
from app.desk import kiosks
from models.kiosk import Kiosk
from tests.app.commands.conftest import Terminal


def furnish(terminal: Terminal) -> None:
    with terminal.runtime.db.transaction() as session:
        furnish_station(session, now=terminal.runtime.now())


def test_add_prints_a_code_that_works_once_and_where_to_type_it(terminal: Terminal) -> None:
    furnish(terminal)
    found = terminal.json("kiosk", "add", "a")
    assert (
        found["address"].endswith("/kiosk/")
        and found["enrol_address"] == f"{found['address']}#code={found['code']}"
    )
    with terminal.runtime.db.transaction() as session:
        assert kiosks.enrol(session, found["code"], now=terminal.runtime.now()) is not None
        assert kiosks.enrol(session, found["code"], now=terminal.runtime.now()) is None
    said = terminal.run("kiosk", "add", "幸福里驿站").output
    assert "A1001" in said and "只用一次" in said and "/kiosk/#code=" in said


def test_list_says_which_are_silent_and_revoke_shuts_one_out(terminal: Terminal) -> None:
    furnish(terminal)
    assert "还没有自助屏" in terminal.run("kiosk", "list").output
    code = terminal.json("kiosk", "add", "A")["code"]
    assert "等待登记" in terminal.run("kiosk", "list").output
    with terminal.runtime.db.transaction() as session:
        enrolled = kiosks.enrol(session, code, now=terminal.runtime.now())
        assert enrolled is not None
        kiosk = session.scalars(select(Kiosk)).one()
        kiosk.waiting = 3
        kiosk.last_seen_at = terminal.runtime.now().replace(year=2020)
    assert "没有消息，3 件没送出" in terminal.run("kiosk", "list").output
    (row,) = terminal.json("kiosk", "list")
    assert (row["silent"], row["waiting"], row["slip_prefix"]) == (True, 3, "A")
    assert enrolled.token not in json.dumps(row)
    assert "还有 3 件没有送出来" in terminal.run("kiosk", "revoke", str(row["kiosk_id"])).output
    assert "已停用" in terminal.run("kiosk", "list").output


def test_what_does_not_exist_is_said_in_words(terminal: Terminal) -> None:
    furnish(terminal)
    assert "A 幸福里驿站" in terminal.fails("kiosk", "add", "Z")
    assert "没有 99 号自助屏" in terminal.fails("kiosk", "revoke", "99")
