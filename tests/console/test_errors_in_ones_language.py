"""What went wrong is said in the language of whoever is signed in: on a form, in a flash, in a fragment, in a list."""

import io
import re
from collections.abc import Callable

import pytest
from sqlalchemy import update

from models.lifecycle import Status
from models.staff import Role, Staff
from models.ticket import Ticket
from tests.support.console import Desk
from tests.support.office import Office
from tests.support.queue import staff_id

Speaking = Callable[..., Desk]
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def speaking(office: Office) -> Speaking:
    """`speaking("en", login, role)`: somebody's console in her language."""

    def signed_in(language: str, login: str = "sun", role: Role = Role.DISPATCHER) -> Desk:
        with office.db.transaction() as session:
            session.execute(update(Staff).where(Staff.login == login).values(language=language, role=role))
        return Desk(office, login)

    return signed_in


def test_a_service_s_error_with_gaps_stands_at_its_form(office: Office, speaking: Speaking) -> None:
    office.open_one()
    answer = speaking("en").post("/staff/tickets/1001/text", {"words": "好" * 390})
    assert answer.status_code == 422
    assert re.search(
        r"The text is too long and would be sent in \d parts; please keep it to \d at most", answer.text
    )
    assert "短信太长" not in answer.text


def test_a_flash(office: Office, speaking: Speaking) -> None:
    office.open_one()
    sun = speaking("en")
    assert sun.post("/staff/tickets/1001/back").status_code == 303
    page = sun.get("/staff/tickets/1001").text
    assert "Too late: the step has taken effect" in page and "来不及了" not in page


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "There is no ticket 9999"), ("zh_Hant", "沒有 9999 號"), ("zh_Hans", "没有 9999 号")],
)
def test_a_fragment_and_a_page(speaking: Speaking, language: str, says: str) -> None:
    sun = speaking(language)
    fragment = sun.get("/staff/tickets/9999/panel", headers=FRAGMENT)
    assert (fragment.status_code, fragment.headers["HX-Retarget"]) == (404, "#messages")
    assert says in fragment.text and "<html" not in fragment.text
    assert says in sun.get("/staff/tickets/9999").text


def test_each_ticket_that_could_not_be_dispatched(office: Office, speaking: Speaking) -> None:
    office.open_one()
    with office.db.transaction() as session:
        session.execute(update(Ticket).values(status=Status.CLOSED, closed_at=office.moment))
        zhao = staff_id(session, "zhao")
        version = office.ticket(session).version
    page = speaking("en").post(
        "/staff/tickets/dispatch", {"order": [f"1001.{version}.{zhao}", f"9999.1.{zhao}"]}
    )
    assert "It is now “Closed”, so “Dispatch” is no longer possible." in page.text
    assert "There is no ticket 9999" in page.text


def test_a_gap_that_is_a_name_of_ours_is_translated_too(speaking: Speaking) -> None:
    wu = speaking("en", "wu", Role.SUPERVISOR)
    page = wu.post("/staff/services/categories/repairs", {"simple_days": "99"}).text
    assert "Repairs: please write a number from 1 to 15" in page


def test_a_line_of_a_list_that_cannot_be_taken(speaking: Speaking) -> None:
    rows = "phone,name,unit\n13800001111,王桂兰,不存在\n"
    file: dict[str, object] = {"file": (io.BytesIO(rows.encode()), "x.csv"), "do": "check"}
    page = speaking("en", "zheng", Role.ADMINISTRATOR).post("/staff/data/residents", file).text
    assert "Row 2: There is no unit “不存在”" in page
    assert "Residents: not imported" in page


def test_two_at_work_at_once_read_the_same_refusal_each_in_her_own_language(speaking: Speaking) -> None:
    sun, zhou = speaking("en"), speaking("zh_Hant", "zhou", Role.CALLBACK_WORKER)
    assert "No such call" in sun.get("/staff/callbacks/77").text
    assert "沒有這件回電" in zhou.get("/staff/callbacks/77").text
