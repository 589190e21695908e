"""Signing in at the real page: the same answer for every wrong one, sessions that end, tries that are counted."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.desk import passwords
from models.audit import AuditEntry
from models.staff import Staff
from models.staff_session import StaffSession
from tests.support.console import Desk
from tests.support.office import Office, open_office

PASSWORD = "yu-zhong-san-zi-dai"


def give_password(office: Office, login: str, text: str = PASSWORD, *, must_change: bool = False) -> None:
    with office.db.transaction() as session:
        staff = session.scalars(select(Staff).where(Staff.login == login)).one()
        staff.password_hash, staff.must_change_password = passwords.fresh(text).kept, must_change


def sign_in(
    desk: Desk, login: str = "sun", password: str = PASSWORD, onward: str = "", **more: Any
) -> TestResponse:
    return desk.post("/staff/login", {"login": login, "password": password, "next": onward}, **more)


@pytest.fixture
def sun(office: Office) -> Desk:
    give_password(office, "sun")
    return Desk(office)


@pytest.fixture
def sun_anywhere(both_offices: Office) -> Iterator[Desk]:
    give_password(both_offices, "sun")
    yield Desk(both_offices)


def test_the_right_password_opens_the_page_that_was_asked_for(sun: Desk) -> None:
    sent = sun.get("/staff/account")
    assert sent.headers["Location"] == "/staff/login?next=/staff/account"
    assert 'value="/staff/account"' in sun.get(sent.headers["Location"]).text
    opened = sign_in(sun, onward="/staff/account")
    assert (opened.status_code, opened.headers["Location"]) == (303, "/staff/account")
    assert sun.get("/staff/account").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/staff/..\\evil",
        "/staff/logout",
        "/staff/login",
        "staff/tickets",
        "/voice",
        "javascript:alert(1)",
        "/staff/\r\nX: y",
    ],
)
def test_signing_in_leads_to_pages_of_ours_only(sun: Desk, elsewhere: str) -> None:
    assert sign_in(sun, onward=elsewhere).headers["Location"] == "/staff/tickets"


def test_wrong_login_wrong_password_and_disabled_look_the_same(office: Office, sun: Desk) -> None:
    give_password(office, "zhou")
    with office.db.transaction() as session:
        session.scalars(select(Staff).where(Staff.login == "zhou")).one().active = False

    def seen(answer: TestResponse) -> tuple[int, str]:
        text = re.sub(r'(csrf[^>]*(?:content|value)=|name="login" value=)"[^"]*"', "", answer.text)
        return answer.status_code, text

    answers = [
        sign_in(sun, "nobody", "x"),
        sign_in(sun, "sun", "x"),
        sign_in(sun, "zhou", PASSWORD),
        sign_in(sun, "feng", PASSWORD),  # has no password at all
    ]
    assert len({seen(answer) for answer in answers}) == 1 and answers[0].status_code == 401
    assert "登录名或密码不对" in answers[0].text


def test_cookie_is_for_this_host_over_tls_and_out_of_reach_of_scripts(sun: Desk) -> None:
    cookie = sign_in(sun).headers["Set-Cookie"]
    name, *flags = cookie.split("; ")
    assert name.startswith("__Host-staff=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags)
    assert not [flag for flag in flags if flag.startswith(("Domain", "Expires", "Max-Age"))]


def _cookie(desk: Desk) -> str:
    found = desk.client.get_cookie("__Host-staff", domain="hotline.example")
    assert found is not None
    return found.value


def test_signing_in_again_ends_the_session_before_and_changes_the_token(office: Office, sun: Desk) -> None:
    sign_in(sun)
    before = _cookie(sun)
    with sun.client.session_transaction(base_url="https://hotline.example") as cookie:
        first = cookie["token"]
        assert "csrf_token" not in cookie  # that of the sign-in page went with it
    sign_in(sun)
    with sun.client.session_transaction(base_url="https://hotline.example") as cookie:
        assert cookie["token"] != first
    thief = Desk(office)
    thief.client.set_cookie("__Host-staff", before, domain="hotline.example", secure=True)
    assert "/staff/login" in thief.get("/staff/account").headers["Location"]


def test_a_kept_cookie_is_refused_after_signing_out(office: Office, sun: Desk) -> None:
    sign_in(sun)
    kept = _cookie(sun)
    sun.post("/staff/logout")
    thief = Desk(office)
    thief.client.set_cookie("__Host-staff", kept, domain="hotline.example", secure=True)
    assert "/staff/login" in thief.get("/staff/account").headers["Location"]


def test_an_hour_without_a_request_ends_the_session(office: Office, sun: Desk) -> None:
    sign_in(sun)
    for _ in range(3):
        office.pass_time(minutes=58)
        assert sun.get("/staff/account").status_code == 200
    office.pass_time(minutes=60)
    assert "/staff/login" in sun.get("/staff/account").headers["Location"]


def test_pages_that_refresh_themselves_keep_nobody_signed_in(office: Office, sun: Desk) -> None:
    sign_in(sun)
    for _ in range(11):
        office.pass_time(minutes=5)
        polled = sun.get("/staff/account", headers={"HX-Request": "true", "X-Poll": "1"})
        assert polled.status_code == 200
    office.pass_time(minutes=6)
    assert sun.get("/staff/account", headers={"HX-Request": "true", "X-Poll": "1"}).status_code == 401


def test_twelve_hours_are_the_longest_session(office: Office, sun: Desk) -> None:
    sign_in(sun)
    for _ in range(23):
        office.pass_time(minutes=31)
        assert sun.get("/staff/account").status_code == 200
    office.pass_time(minutes=8)
    assert "/staff/login" in sun.get("/staff/account").headers["Location"]


def test_the_twenty_first_try_has_to_wait_and_is_told_how_long(sun_anywhere: Desk) -> None:
    sun, office = sun_anywhere, sun_anywhere.office
    for _ in range(20):
        assert sign_in(sun, password="wrong").status_code == 401
    refused = sign_in(sun)
    assert refused.status_code == 429 and "10:16" in refused.text  # local time: a quarter of an hour later
    elsewhere = sign_in(sun, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert elsewhere.status_code == 429  # the account waits, wherever the next try comes from
    with office.db.transaction(read_only=True) as session:
        assert session.query(AuditEntry).filter_by(deed="sign_in_tried").count() == 20
    office.pass_time(minutes=15, seconds=1)
    assert sign_in(sun).status_code == 303


def test_an_address_that_tries_many_accounts_has_to_wait_and_others_need_not(sun_anywhere: Desk) -> None:
    sun = sun_anywhere
    outside = {"REMOTE_ADDR": "198.51.100.7"}
    for number in range(20):
        assert sign_in(sun, f"guess{number}", "x", environ_base=outside).status_code == 401
    assert sign_in(sun, environ_base=outside).status_code == 429
    assert sign_in(sun, environ_base={"REMOTE_ADDR": "198.51.100.8"}).status_code == 303


def test_right_passwords_do_not_count_as_tries(sun_anywhere: Desk) -> None:
    for _ in range(22):
        assert sign_in(sun_anywhere).status_code == 303


def test_our_proxy_is_believed_about_the_address_and_nobody_else(sun: Desk) -> None:
    def from_(peer: str, forwarded: str) -> int:
        spoofed = {"X-Forwarded-For": forwarded}
        return sign_in(
            sun, "guess", "x", environ_base={"REMOTE_ADDR": peer}, more_headers=spoofed
        ).status_code

    for number in range(20):
        sign_in(
            sun,
            f"guess{number}",
            "x",
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
            more_headers={"X-Forwarded-For": f"1.2.3.{number}, 198.51.100.7"},
        )
    assert from_("127.0.0.1", "9.9.9.9, 198.51.100.7") == 429
    assert from_("127.0.0.1", "198.51.100.7, 198.51.100.8") == 401
    assert from_("203.0.113.1", "198.51.100.7") == 401


def test_two_processes_count_together(office: Office, sun: Desk, tmp_path: Path) -> None:
    url = office.runtime.settings.database_url
    with open_office(url, tmp_path / "other") as second:
        other = Desk(second)
        for _ in range(10):
            assert sign_in(sun, password="wrong").status_code == 401
            assert sign_in(other, password="wrong").status_code == 401
        assert sign_in(other).status_code == sign_in(sun).status_code == 429


def test_neither_login_nor_address_nor_password_is_kept_in_clear(office: Office, sun: Desk) -> None:
    sign_in(sun, "canary-login", "canary-password", environ_base={"REMOTE_ADDR": "203.0.113.77"})
    sign_in(sun)
    with office.db.transaction(read_only=True) as session:
        entries = [str(entry.data) for entry in session.scalars(select(AuditEntry))]
        tokens = [row.token_hash for row in session.scalars(select(StaffSession))]
    everything = " ".join(entries)
    assert len(entries) == 3 and not re.search(r"canary|203\.0|127\.0|sun", everything)
    assert all(re.fullmatch("[0-9a-f]{64}", token) for token in tokens)


def test_the_first_password_must_be_changed_before_anything_else(office: Office) -> None:
    give_password(office, "sun", must_change=True)
    sun = Desk(office)
    sign_in(sun)
    assert sun.get("/staff/account").headers["Location"] == "/staff/password"
    own = "bu-yi-yang-de-hua"
    changed = sun.post("/staff/password", {"old": PASSWORD, "new": own, "again": own})
    assert changed.status_code == 303
    assert sun.get("/staff/account").status_code == 200
    assert sign_in(Desk(office)).status_code == 401
    assert sign_in(Desk(office), password=own).status_code == 303
