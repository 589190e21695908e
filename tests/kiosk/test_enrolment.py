"""One code, one device, one token; nobody else gets in, and nobody stays in."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.desk import kiosk_enrolment, kiosks
from app.desk.people import OPERATOR
from app.desk.tickets import actor_of
from app.errors import BadInput, KioskRefused, NotAllowed, NotFound
from models.audit import AuditEntry
from models.kiosk import Kiosk
from models.staff import Staff
from models.station import Station
from tests.support.kiosk_door import Device


def new_code(device: Device) -> str:
    with device.office.db.transaction() as session:
        station_id = session.scalars(select(Station.id)).one()
        return kiosks.add(session, OPERATOR, station_id, now=device.office.moment).code


def enrol(device: Device, code: object, address: str = "203.0.113.7") -> Any:
    return device.ask(
        "POST", "/kiosk/api/enrol", {"code": code}, token="", environ_base={"REMOTE_ADDR": address}
    )


def test_a_code_gives_a_token_once_and_only_hashes_are_kept(either: Device) -> None:
    code = new_code(either)
    answer = enrol(either, code)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    token, kiosk_id = answer.get_json()["token"], answer.get_json()["kiosk_id"]
    assert len(code) == 8 and code.isdigit() and len(token) >= 40
    with either.office.db.transaction(read_only=True) as session:
        row = session.get_one(Kiosk, kiosk_id)
        assert row.code_hash is None and row.enrolled_at == either.office.moment
        assert token not in (row.token_hash or "") and len(row.token_hash or "") == 64
        assert kiosks.by_token(session, token).id == kiosk_id
    again = enrol(either, code)
    assert (again.status_code, again.get_json()["error"]) == (403, "bad_code")
    assert either.ask("POST", "/kiosk/api/submissions", {"submissions": []}, token=token).status_code == 200


def test_of_many_who_use_a_code_at_once_one_gets_in(either: Device) -> None:
    code, answers = new_code(either), []

    def use() -> None:
        answers.append(enrol(either, code).status_code)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [403] * 7


def test_a_code_is_worth_nothing_after_half_an_hour_and_another_one_revives_the_same_kiosk(
    device: Device,
) -> None:
    code = new_code(device)
    device.office.pass_time(minutes=30)
    assert enrol(device, code).get_json()["error"] == "bad_code"
    answer = enrol(device, new_code(device))
    assert answer.status_code == 200
    with device.office.db.transaction(read_only=True) as session:
        assert list(session.scalars(select(Kiosk.slip_prefix).order_by(Kiosk.id))) == ["A", "A1"]


def test_guessing_ends_after_ten_from_one_address_and_a_hundred_from_all(device: Device) -> None:
    for bad in (*range(9), None):
        assert enrol(device, bad).status_code == 403
    code = new_code(device)
    locked = enrol(device, code)
    assert (locked.status_code, locked.get_json()["error"]) == (429, "too_many_tries")
    with device.office.db.transaction(read_only=True) as session:
        logged = session.scalars(select(AuditEntry.data).where(AuditEntry.deed == "kiosk_code_wrong")).all()
    assert len(logged) == 10 and "203.0.113.7" not in str(logged)
    with device.office.db.transaction() as session:
        for n in range(90):
            kiosk_enrolment.enrol(session, "0", f"198.51.100.{n}", now=device.office.moment)
    assert enrol(device, code, "192.0.2.1").status_code == 429
    device.office.pass_time(minutes=16)
    assert enrol(device, code).status_code == 200


def test_whatever_is_no_code_is_a_wrong_one(device: Device) -> None:
    for code in (None, "", 5, True, ["1"], "\x00\ud800", "9" * 10_000):
        assert enrol(device, code).get_json()["error"] == "bad_code", code


def test_a_revoked_kiosk_is_told_so_at_once(device: Device) -> None:
    with device.office.db.transaction() as session:
        kiosks.revoke(session, OPERATOR, device.id, now=device.office.moment)
    for path in ("bootstrap", "submissions", "progress"):
        method = "GET" if path == "bootstrap" else "POST"
        answer = device.ask(method, f"/kiosk/api/{path}", {"submissions": [device.matter()]})
        assert (answer.status_code, answer.get_json()["error"]) == (401, "revoked"), path
    assert device.tickets() == []
    with device.office.db.transaction(read_only=True) as session, pytest.raises(KioskRefused):
        kiosks.by_token(session, device.token)


def test_a_stranger_cannot_make_us_read_a_long_body(device: Device) -> None:
    for token in ("", "no such token", "\x00", "é" * 400):
        answer = device.ask(
            "POST", "/kiosk/api/submissions", b"x" * 1024 * 1024, token=token.encode().decode("latin-1")
        )
        assert (answer.status_code, answer.get_json()["error"]) == (401, "unknown_kiosk")
    headers = {"Authorization": "Basic abc"}
    answer = device.ask("GET", "/kiosk/api/bootstrap", headers=headers)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "unknown_kiosk")


# ---- who may do it, and who is missed ----------------------------------------------------------------------


def test_only_those_in_charge_of_the_unit_add_and_revoke(device: Device) -> None:
    office = device.office
    with office.db.transaction() as session:
        station_id = session.scalars(select(Station.id)).one()
        for login, allowed in (
            ("wu", True),
            ("zheng", True),
            ("sun", False),
            ("feng", False),
            ("zhao", False),
        ):
            actor = actor_of(session, session.scalars(select(Staff).where(Staff.login == login)).one())
            if allowed:
                added = kiosks.add(session, actor, station_id, now=office.moment)
                kiosks.revoke(session, actor, added.kiosk.id, now=office.moment)
                continue
            with pytest.raises((NotAllowed, NotFound)):
                kiosks.add(session, actor, station_id, now=office.moment)
            with pytest.raises((NotAllowed, NotFound)):
                kiosks.revoke(session, actor, device.id, now=office.moment)
        with pytest.raises(NotFound):
            kiosks.add(session, OPERATOR, 99, now=office.moment)
        with pytest.raises(NotFound):
            kiosks.revoke(session, OPERATOR, 99, now=office.moment)
        deeds = list(session.scalars(select(AuditEntry.deed).where(AuditEntry.subject == "kiosk")))
    assert deeds.count("kiosk_added") == 3 and deeds.count("kiosk_revoked") == 2


def test_a_kiosk_that_is_silent_for_ten_minutes_is_missed(either: Device) -> None:
    office = either.office

    def missed(now: datetime) -> list[int]:
        with office.db.transaction(read_only=True) as session:
            return [kiosk.id for kiosk, _ in kiosks.unheard(session, "/", now=now)]

    new_code(either)  # never enrolled: nobody waits for it
    assert missed(office.moment + timedelta(minutes=10)) == []
    assert missed(office.moment + timedelta(minutes=10, seconds=1)) == [either.id]
    office.pass_time(minutes=11)
    either.told()
    assert missed(office.moment) == []
    with office.db.transaction() as session:
        kiosks.revoke(session, OPERATOR, either.id, now=office.moment)
    assert missed(office.moment + timedelta(days=1)) == []


def test_prefixes_are_never_given_twice(device: Device) -> None:
    office = device.office
    with office.db.transaction() as session:
        one, other = (
            Station(
                unit_id=1, name=name, letter=letter, address="", hours="08:00-21:00", created_at=office.moment
            )
            for name, letter in (("东站", "B"), ("西站", "CD"))
        )
        session.add_all((one, other))
        session.flush()
        given = [kiosks.add(session, OPERATOR, one.id, now=office.moment).kiosk.slip_prefix for _ in range(3)]
        one.letter, other.letter = "E", "B"
        session.flush()
        given.append(kiosks.add(session, OPERATOR, other.id, now=office.moment).kiosk.slip_prefix)
        given.append(kiosks.add(session, OPERATOR, one.id, now=office.moment).kiosk.slip_prefix)
    assert given == ["B", "B1", "B2", "B3", "E3"]


def test_a_station_is_found_by_letter_or_name(device: Device) -> None:
    office = device.office
    with office.db.transaction() as session:
        for letter in ("B", "C"):
            session.add(
                Station(
                    unit_id=1,
                    name="老驿站",
                    letter=letter,
                    address="",
                    hours="08:00-21:00",
                    created_at=office.moment,
                )
            )
        session.flush()
        assert kiosks.station_named(session, " b ").letter == "B"
        with pytest.raises(BadInput, match="B、C"):
            kiosks.station_named(session, "老驿站")
        with pytest.raises(NotFound, match="A 幸福里驿站、B 老驿站"):
            kiosks.station_named(session, "新驿站")
