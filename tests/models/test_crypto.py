"""Personal fields are ciphertext bound to their place, look-ups survive a change of keys, and wrong keys say so."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.db import make_engine
from app.errors import SettingsError
from models.all import metadata
from models.call import Call, CallTurn
from models.crypto import Keyring, blind_index, install_keyring

OLD, NEW, OTHER = "o" * 32, "n" * 32, "x" * 32
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PHONE = "+8613800001111"
NAME = "欧阳阿姨"
PLACE = "residents:name"
STATE: dict[str, Any] = {"flow": "rating", "engine": {"facts": {"name": NAME, "n": 1, "home": None}}}
TWIML = f"<Response><Say>{NAME}，您好。</Say></Response>"


@pytest.fixture
def engine(database_url: str) -> Engine:
    """A database that holds one call with one turn, written under the old key."""
    engine = make_engine(database_url, Keyring(OLD))
    metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        call = Call(
            uid="uid",
            carrier_sid="CA1",
            direction="outbound",
            phone=PHONE,
            phone_index=PHONE,
            hotline="+861065550000",
            state=STATE,
            started_at=NOW,
            updated_at=NOW,
        )
        session.add(call)
        session.flush()
        turn = CallTurn(
            call_id=call.id, n=1, node="who", said=[f"{NAME}，您好。"], twiml=TWIML, created_at=NOW
        )
        session.add(turn)
    return engine


def only_turn(session: Session) -> CallTurn:
    return session.scalars(select(CallTurn)).one()


def test_text_comes_back_and_is_never_twice_the_same_ciphertext() -> None:
    keys = Keyring(OLD)
    first, second = keys.encrypt(NAME, PLACE), keys.encrypt(NAME, PLACE)
    assert keys.decrypt(first, PLACE) == keys.decrypt(second, PLACE) == NAME
    assert first != second and NAME not in first


def test_a_call_and_its_turn_come_back_as_they_were_written(engine: Engine) -> None:
    with Session(engine) as session:
        turn, call = only_turn(session), session.scalars(select(Call)).one()
        assert (call.phone, call.state) == (PHONE, STATE)
        assert (turn.said, turn.twiml, turn.heard) == ([f"{NAME}，您好。"], TWIML, None)
    engine.dispose()


def test_what_is_said_heard_and_remembered_is_ciphertext_and_nothing_heard_is_null(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        assert session.scalar(text("SELECT count(*) FROM call_turns WHERE heard IS NULL")) == 1
        only_turn(session).heard = {"kind": "speech", "text": "尾号1111"}
    with Session(engine) as session:
        assert only_turn(session).heard == {"kind": "speech", "text": "尾号1111"}
        columns = "SELECT said, twiml, heard, state FROM call_turns JOIN calls ON calls.id = call_id"
        stored = session.execute(text(columns)).one()
    for value in stored:
        key_id, _, body = value.partition(":")
        assert len(key_id) == 8 and len(body) > 40
        assert not any(plain in value for plain in (NAME, "\\u6b27", "尾号", "flow"))
    engine.dispose()


@pytest.mark.parametrize("target", ["said", "heard"])
def test_a_ciphertext_moved_to_another_column_does_not_open(engine: Engine, target: str) -> None:
    with Session(engine) as session, session.begin():
        session.execute(text(f"UPDATE call_turns SET {target} = (SELECT state FROM calls)"))
    with Session(engine) as session, pytest.raises(SettingsError, match=f"call_turns:{target}"):
        only_turn(session)
    engine.dispose()


def test_a_changed_ciphertext_does_not_open() -> None:
    keys = Keyring(OLD)
    stored = keys.encrypt(NAME, PLACE)
    middle = len(stored) // 2
    changed = stored[:middle] + ("A" if stored[middle] != "A" else "B") + stored[middle + 1 :]
    with pytest.raises(SettingsError, match="打不开"):
        keys.decrypt(changed, PLACE)


def test_after_a_change_of_keys_the_old_one_reads_the_new_one_writes_and_look_ups_go_on(
    engine: Engine,
) -> None:
    index = blind_index(engine, PHONE)
    install_keyring(engine, Keyring(f"{NEW},{OLD}"))
    assert blind_index(engine, PHONE) == index
    with Session(engine) as session, session.begin():
        call = session.scalars(select(Call).where(Call.phone_index == PHONE)).one()
        assert (call.phone, call.state) == (PHONE, STATE)
        call.state = STATE | {"flow": "hotline"}
    with Session(engine) as session:
        key_ids = session.execute(text("SELECT substr(phone, 1, 8), substr(state, 1, 8) FROM calls")).one()
    new_id = Keyring(NEW).encrypt("", PLACE)[:8]
    old_id = Keyring(OLD).encrypt("", PLACE)[:8]
    assert tuple(key_ids) == (old_id, new_id)
    engine.dispose()


def test_a_wrong_key_says_which_one_is_missing(engine: Engine) -> None:
    missing = Keyring(OLD).encrypt("", PLACE)[:8]
    install_keyring(engine, Keyring(OTHER))
    with (
        Session(engine) as session,
        pytest.raises(SettingsError, match=f"{missing}.*JIACHANG_ENCRYPTION_KEY"),
    ):
        only_turn(session)
    engine.dispose()


@pytest.mark.parametrize("secrets", ["", " , ", "k" * 31, f"{NEW},short"])
def test_a_short_or_missing_key_is_refused(secrets: str) -> None:
    with pytest.raises(SettingsError, match="JIACHANG_ENCRYPTION_KEY"):
        Keyring(secrets)


def test_indexes_depend_on_the_key() -> None:
    assert Keyring(OLD).blind(PHONE) != Keyring(OTHER).blind(PHONE)
