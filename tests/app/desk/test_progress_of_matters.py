"""Who is told how a matter stands, and what locks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.community import NUMBERS
from app.desk.draft import Draft
from app.desk.place import Place
from app.desk.progress import ProofLocked, own_matters, proven_matter
from app.desk.residents import find_by_phone
from app.desk.rights import Actor
from app.desk.tickets import open_ticket, transition
from models.lifecycle import Action
from tests.support.office import Office, open_office


@pytest.fixture
def desk_office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(database_url, tmp_path) as office:
        yield office


def report(office: Office, session: Session, phone: str = NUMBERS.wang, category: str = "repairs") -> int:
    resident = find_by_phone(session, phone)
    assert resident is not None
    draft = Draft("phone", office.moment, "路灯不亮", category, "simple", False, None, "路灯不亮", Place())
    draft = replace(draft, reporter_id=resident.id)
    return open_ticket(session, office.runtime.desk, draft, now=office.moment).number


def test_own_matters_are_open_ones_first_and_nobody_elses(desk_office: Office) -> None:
    office, cfg = desk_office, desk_office.runtime.desk
    with office.db.transaction() as session:
        done, still_open = report(office, session), report(office, session, category="care")
        report(office, session, NUMBERS.li)
        ticket = office.ticket(session, done)
        transition(session, cfg, ticket, Action.RESOLVE, _desk(session), now=office.moment, text="已答复")
        wang = find_by_phone(session, NUMBERS.wang)
        assert wang is not None
        found = own_matters(session, cfg, wang.id, now=office.moment)
        assert [(m.number, m.category, m.status) for m in found] == [
            (still_open, "care", "new"),
            (done, "repairs", "resolved"),
        ]
        assert found[0].said_on == date(2026, 11, 23) and found[0].promised_on is not None
        assert found[1].promised_on is None
        assert own_matters(session, cfg, None, now=office.moment) == []
        later = office.pass_time(days=31)
        assert [m.number for m in own_matters(session, cfg, wang.id, now=later)] == [still_open]


def _desk(session: Session) -> Actor:
    from sqlalchemy import select

    from app.desk.tickets import actor_of
    from models.staff import Staff

    return actor_of(session, session.scalars(select(Staff).where(Staff.login == "sun")).one())


def test_number_and_last_four_digits_prove_it(desk_office: Office) -> None:
    office, cfg = desk_office, desk_office.runtime.desk
    with office.db.transaction() as session:
        number = str(report(office, session))
        found = proven_matter(session, cfg, number, "1111", asker="a", now=office.moment)
        assert found is not None and str(found.number) == number
        for wrong in ("1112", "111", "", "8613800001111", "１１１１"):
            assert proven_matter(session, cfg, number, wrong, asker=f"b{wrong}", now=office.moment) is None, (
                wrong
            )


def test_five_wrong_proofs_lock_the_ticket_for_everybody_for_an_hour(desk_office: Office) -> None:
    office, cfg = desk_office, desk_office.runtime.desk
    with office.db.transaction() as session:
        number = str(report(office, session))
        for n in range(5):
            assert proven_matter(session, cfg, number, "0000", asker=f"caller {n}", now=office.moment) is None
        with pytest.raises(ProofLocked):
            proven_matter(session, cfg, number, "1111", asker="somebody else", now=office.moment)
        later = office.pass_time(minutes=61)
        assert proven_matter(session, cfg, number, "1111", asker="somebody else", now=later) is not None


def test_five_wrong_proofs_lock_the_one_who_guesses(desk_office: Office) -> None:
    office, cfg = desk_office, desk_office.runtime.desk
    with office.db.transaction() as session:
        number = str(report(office, session))
        for guess in ("1", "99999", "x", str(2**70), "1999"):
            assert proven_matter(session, cfg, guess, "1111", asker="guesser", now=office.moment) is None
        with pytest.raises(ProofLocked):
            proven_matter(session, cfg, number, "1111", asker="guesser", now=office.moment)
        assert proven_matter(session, cfg, number, "1111", asker="honest", now=office.moment) is not None
