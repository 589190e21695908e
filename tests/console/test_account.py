"""The own account: a new password, an authenticator, other places where one is still signed in."""

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from models.staff import Staff
from tests.console.test_sign_in import PASSWORD, give_password, sign_in
from tests.support.console import Desk
from tests.support.office import Office

OWN = "bu-yi-yang-de-hua"


@pytest.fixture
def zheng(office: Office) -> Desk:
    give_password(office, "zheng")
    desk = Desk(office)
    sign_in(desk, "zheng")
    return desk


def change_password(desk: Desk, old: str, new: str, again: str | None = None) -> tuple[int, str]:
    answer = desk.post("/staff/password", {"old": old, "new": new, "again": new if again is None else again})
    return answer.status_code, answer.text


def test_a_new_password_ends_every_other_session_but_this_one(office: Office, zheng: Desk) -> None:
    other = Desk(office)
    sign_in(other, "zheng")
    assert change_password(zheng, PASSWORD, OWN)[0] == 303
    assert zheng.get("/staff/account").status_code == 200
    assert "/staff/login" in other.get("/staff/account").headers["Location"]


@pytest.mark.parametrize(
    ("old", "new", "again", "says"),
    [
        ("wrong", OWN, OWN, "密码不对"),
        (PASSWORD, OWN, OWN + "x", "两次输入的不一样"),
        (PASSWORD, PASSWORD, PASSWORD, "和原来的一样"),
        (PASSWORD, "kurz", "kurz", "太短"),
        (PASSWORD, "woaini1314520", "woaini1314520", "太好猜"),
        (PASSWORD, "zheng-was-here-again", "zheng-was-here-again", "登录名"),
    ],
)
def test_a_password_that_will_not_do_is_said_at_its_field(
    zheng: Desk, old: str, new: str, again: str, says: str
) -> None:
    code, text = change_password(zheng, old, new, again)
    wrong = "".join(re.findall(r'class="wrong"[^>]*>([^<]*)', text))
    assert code == 422 and says in wrong
    assert new not in text  # nothing typed comes back


def test_whoever_finds_the_screen_open_cannot_guess_the_password(zheng: Desk) -> None:
    for _ in range(20):
        assert change_password(zheng, "guess", OWN)[0] == 422
    assert change_password(zheng, PASSWORD, OWN)[0] == 429


def test_other_sessions_are_listed_and_ended(office: Office, zheng: Desk) -> None:
    other = Desk(office)
    sign_in(other, "zheng")
    assert "别处都退出" in zheng.get("/staff/account").text
    zheng.post("/staff/account/sessions/end")
    assert "/staff/login" in other.get("/staff/account").headers["Location"]
    assert "别处没有登录" in zheng.get("/staff/account").text


def test_own_sign_ins_are_listed_with_those_that_failed(office: Office, zheng: Desk) -> None:
    stranger = Desk(office)
    sign_in(stranger, "zheng", "wrong")
    page = zheng.get("/staff/account").text
    listed = re.findall(r"</svg> [^<]*?(没成功|成功)</li>", page)
    assert listed == ["没成功", "成功"]  # the newest first


def test_name_and_language_are_ones_own(zheng: Desk) -> None:
    zheng.post("/staff/account", {"name": "郑工程师", "language": "en"})
    page = zheng.get("/staff/account").text
    assert "郑工程师" in page and '<html lang="en">' in page
    assert zheng.post("/staff/account", {"name": " ", "language": ""}).status_code == 422
    assert zheng.post("/staff/account", {"name": "郑", "language": "fr"}).status_code == 422


def set_up_codes(desk: Desk) -> tuple[pyotp.TOTP, list[str]]:
    page = desk.post("/staff/account/totp").text
    secret = re.search(r'<code class="secret">([A-Z2-7]+)</code>', page)
    assert secret is not None and "<svg" in page and "style=" not in page
    clock = pyotp.TOTP(secret[1])
    confirmed = desk.post("/staff/account/totp/confirm", {"code": clock.at(desk.office.moment)})
    return clock, re.findall(r"<li><code>([^<]+)</code>", confirmed.text)


def enter_code(desk: Desk, code: str) -> int:
    assert sign_in(desk, "zheng", onward="/staff/people").headers["Location"] == (
        "/staff/login/code?next=/staff/people"
    )
    answer = desk.post("/staff/login/code", {"code": code, "next": "/staff/people"})
    assert answer.status_code != 303 or answer.headers["Location"] == "/staff/people"
    return answer.status_code


def test_codes_are_asked_for_once_the_first_one_was_right(office: Office, zheng: Desk) -> None:
    clock, recovery = set_up_codes(zheng)
    assert len(recovery) == 8
    later = Desk(office)
    assert enter_code(later, clock.at(office.moment)) == 401  # the one that confirmed it is used up
    assert "/staff/login" in later.get("/staff/people").headers["Location"]
    office.pass_time(seconds=30)
    code = clock.at(office.moment)
    assert enter_code(later, f"{code[:3]} {code[3:]}") == 303
    assert later.get("/staff/people").status_code == 200
    assert enter_code(Desk(office), code) == 401  # no code counts twice
    office.pass_time(minutes=2)
    assert enter_code(Desk(office), clock.at(office.moment - timedelta(seconds=30))) == 303  # a slow clock
    assert enter_code(Desk(office), clock.at(office.moment + timedelta(seconds=90))) == 401


def test_a_wrong_first_code_switches_nothing_on_and_keeps_the_secret(office: Office, zheng: Desk) -> None:
    page = zheng.post("/staff/account/totp").text
    wrong = zheng.post("/staff/account/totp/confirm", {"code": "000000"})
    secret = re.findall(r'"secret">([A-Z2-7]+)<', page)
    assert wrong.status_code == 422 and re.findall(r'"secret">([A-Z2-7]+)<', wrong.text) == secret
    assert sign_in(Desk(office), "zheng").headers["Location"] == "/staff/tickets"


def test_a_recovery_code_opens_once_and_is_kept_as_a_hash(office: Office, zheng: Desk) -> None:
    _, recovery = set_up_codes(zheng)
    assert enter_code(Desk(office), recovery[3].upper().replace("-", " ")) == 303
    assert enter_code(Desk(office), recovery[3]) == 401
    assert "还剩 7 个恢复码" in zheng.get("/staff/account").text
    with office.db.transaction(read_only=True) as session:
        kept = session.scalars(select(Staff).where(Staff.login == "zheng")).one().recovery_codes
        assert kept is not None and not set(kept) & set(recovery)
        raw = session.connection().exec_driver_sql("SELECT totp_secret, recovery_codes FROM staff").all()
        assert kept[0] not in str(raw)  # encrypted on top


def test_wrong_codes_count_as_tries(office: Office, zheng: Desk) -> None:
    set_up_codes(zheng)
    desk = Desk(office)
    sign_in(desk, "zheng")
    codes = [desk.post("/staff/login/code", {"code": "123456"}).status_code for _ in range(21)]
    assert codes == [401] * 20 + [429]


def test_the_second_step_is_open_for_five_minutes_after_the_first(office: Office, zheng: Desk) -> None:
    clock, _ = set_up_codes(zheng)
    desk = Desk(office)
    assert desk.get("/staff/login/code").headers["Location"] == "/staff/login"
    sign_in(desk, "zheng")
    assert desk.get("/staff/login/code").status_code == 200
    assert "/staff/login" in desk.get("/staff/people").headers["Location"]
    office.pass_time(minutes=5, seconds=1)
    late = desk.post("/staff/login/code", {"code": clock.at(office.moment)})
    assert late.headers["Location"] == "/staff/login"


def test_switching_codes_off_asks_for_the_password(office: Office, zheng: Desk) -> None:
    set_up_codes(zheng)
    zheng.post("/staff/account/totp/off", {"password": "wrong"})
    assert "还剩" in zheng.get("/staff/account").text
    zheng.post("/staff/account/totp/off", {"password": PASSWORD})
    assert sign_in(Desk(office), "zheng").headers["Location"] == "/staff/tickets"


def test_codes_are_for_administrators(desk: Callable[[str], Desk]) -> None:
    assert desk("sun").post("/staff/account/totp").status_code == 403
