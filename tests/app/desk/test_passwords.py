"""Passwords: what is refused and why, and what is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk import passwords
from app.desk.passwords import GUESSABLE, ONLY_DIGITS, OWN, TOO_LONG, TOO_SHORT, fault


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", TOO_SHORT),
        ("woaini1314", GUESSABLE),
        ("88888888", TOO_SHORT),
        ("8888888888", ONLY_DIGITS),
        ("13812345678", ONLY_DIGITS),
        ("19490101123", ONLY_DIGITS),
        ("aaaaaaaaaaaa", GUESSABLE),
        ("abababababab", GUESSABLE),
        ("woaini5201314", GUESSABLE),
        ("WoAiNi-5201314!", GUESSABLE),
        ("Password2026", GUESSABLE),
        ("P@ssw0rd123!", GUESSABLE),
        ("qwertyuiop", GUESSABLE),
        ("1qaz2wsx3edc", GUESSABLE),
        ("jiachang20261123", GUESSABLE),
        ("shequ123456abc", GUESSABLE),
        ("我爱你我爱你1314520", GUESSABLE),
        ("ｗｏａｉｎｉ５２０１３１４", GUESSABLE),  # full-width letters
        ("x" * 129, TOO_LONG),
    ],
)
def test_what_anybody_would_guess_is_refused(password: str, why: str) -> None:
    assert fault(password) == why


@pytest.mark.parametrize(
    "password", ["sunli-likes-tofu", "Zhao-and-others-9", "liubai-孙丽-shan", "my13800004001x"]
)
def test_login_name_and_number_are_refused_inside_a_password(password: str) -> None:
    login = "zhao" if "Zhao" in password else "sl"
    assert fault(password, login=login, name="孙丽", phone="+8613800004001") == OWN


@pytest.mark.parametrize(
    "password", ["yu-zhong-san-zi-dai", "豆腐脑加一勺辣椒油呀", "correct horse battery", "K7mp-3xwq-9tdr"]
)
def test_a_few_unrelated_words_will_do(password: str) -> None:
    assert fault(password, login="sun", name="孙丽", phone="+8613800004001") is None


@given(st.text(max_size=200))
def test_any_text_is_judged(password: str) -> None:
    assert fault(password, login="sun", name="孙丽") in (
        None,
        TOO_SHORT,
        TOO_LONG,
        OWN,
        ONLY_DIGITS,
        GUESSABLE,
    )


def test_made_up_passwords_pass_the_rules_and_differ() -> None:
    made = [passwords.generate() for _ in range(200)]
    assert len(set(made)) == 200 and not any(map(fault, made))


def test_only_the_password_itself_matches_and_argon2id_is_kept() -> None:
    fresh = passwords.fresh("yu-zhong-san-zi-dai")
    assert fresh.kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(fresh.kept, "yu-zhong-san-zi-dai")
    assert not passwords.matches(fresh.kept, "yu-zhong-san-zi-dai ")
    assert not passwords.matches(None, "") and not passwords.matches("broken", "x")
    assert passwords.fresh("yu-zhong-san-zi-dai").kept != fresh.kept


def test_what_is_compared_without_a_password_costs_as_much() -> None:
    kept = passwords.fresh("x").kept
    assert passwords._NOBODY.rsplit("$", 2)[0] == kept.rsplit("$", 2)[0]
