"""The console in the language of whoever is signed in."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import update

from app.texts import extract
from app.texts.catalogue import unmark
from models.lifecycle import Status
from models.staff import Role, Staff
from models.ticket import Ticket
from tests.support.console import Desk
from tests.support.office import Office

PAGES = (
    *(
        "tickets",
        "callbacks",
        "intake",
        "intake/notes",
        "residents",
        "activities",
        "notices",
        "units",
        "rosters",
    ),
    *(
        "services",
        "stations",
        "people",
        "people/new",
        "audit",
        "account",
        "password",
        "views",
        "data",
    ),
)
OURS = [
    sentence
    for sentence in {unmark(marked)[0] for marked in extract.sentences()}
    if len(sentence) > 2 and "{" not in sentence
]


@pytest.fixture
def in_english(office: Office, desk: Callable[[str], Desk]) -> Desk:
    with office.db.transaction() as session:
        session.execute(
            update(Staff).where(Staff.login == "sun").values(language="en", role=Role.ADMINISTRATOR)
        )
    return desk("sun")


def left_in_chinese(page: str) -> list[str]:
    return [sentence for sentence in OURS if f">{sentence}<" in page or f'"{sentence}"' in page]


@pytest.mark.parametrize("path", PAGES)
def test_no_sentence_of_ours_is_left_in_chinese_on_an_english_page(in_english: Desk, path: str) -> None:
    answer = in_english.get(f"/staff/{path}")
    assert answer.status_code == 200
    assert '<html lang="en">' in answer.text and "Jiachang Hotline" in answer.text
    assert left_in_chinese(answer.text) == []


def test_a_ticket_in_english_tells_states_from_deeds_and_writes_its_dates(
    office: Office, in_english: Desk
) -> None:
    office.open_one()
    pages = {}
    for status in (Status.IN_PROGRESS, Status.ON_HOLD):
        with office.db.transaction() as session:
            session.execute(update(Ticket).values(status=status, hold_until=office.moment))
        pages[status] = in_english.get("/staff/tickets/1001").text
    assert "Put on hold" in pages[Status.IN_PROGRESS]
    page = pages[Status.ON_HOLD]
    assert re.search(r">\s*On hold\s*<", page) and "Put on hold" not in page
    assert not re.search("[0-9]月", page)
    assert left_in_chinese(page) == []


def test_the_same_page_in_chinese_is_what_the_source_says(
    office: Office, desk: Callable[[str], Desk]
) -> None:
    assert len(left_in_chinese(desk("sun").get("/staff/tickets").text)) > 20
