"""Nobody gets in who is not signed in, or whose page it is not; forms are ours."""

from collections.abc import Callable

from tests.support.console import Desk
from tests.support.office import Office


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in_page(office: Office) -> None:
    answer = Desk(office).get("/staff/tickets?mine=1")
    assert answer.status_code in (302, 404)
    assert Desk(office).get("/staff/").headers["Location"].startswith("/staff/login")


def test_a_form_without_its_token_changes_nothing(desk: Callable[[str], Desk]) -> None:
    sun = desk("sun")
    refused = sun.client.post("/staff/logout", base_url="https://hotline.example")
    assert refused.status_code == 400
    assert sun.get("/staff/").status_code == 302


def test_a_session_ends_with_sign_out(desk: Callable[[str], Desk]) -> None:
    sun = desk("sun")
    assert sun.get("/staff/").headers["Location"] == "/staff/tickets"
    sun.post("/staff/logout")
    assert "/staff/login" in sun.get("/staff/").headers["Location"]
