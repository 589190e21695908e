"""Numbers and the residents behind them."""

import threading

import pytest
from sqlalchemy import select, text

from app.desk.config import DeskConfig
from app.desk.residents import (
    can_text,
    check_dialable,
    find_by_phone,
    find_or_create,
    mask_phone,
    normalise_phone,
    phones_of,
)
from app.errors import BadNumber
from models.resident import Resident, ResidentPhone
from tests.app.desk.conftest import CHEN, MONDAY, WANG, Town


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("13800001111", "+8613800001111"),
        ("138 0000 1111", "+8613800001111"),
        ("１３８００００１１１１", "+8613800001111"),
        ("+86 138-0000-1111", "+8613800001111"),
        ("023-65550101", "+862365550101"),
        ("(010) 6552 0001", "+861065520001"),
        ("+85291234567", "+85291234567"),
    ],
)
def test_written_in_many_ways_it_is_one_number(written: str, e164: str) -> None:
    assert normalise_phone(written, "CN") == e164


@pytest.mark.parametrize(
    "written", ["", "anonymous", "110", "12345", "6555010", "13800", "1" * 40, "＋", "王阿姨"]
)
def test_what_is_no_number_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(BadNumber, match="13800001111"):
        normalise_phone(written, "CN")


@pytest.mark.parametrize("phone", [WANG, CHEN, "+862365550101"])
def test_ordinary_numbers_are_dialled(cfg: DeskConfig, phone: str) -> None:
    check_dialable(cfg, phone)


@pytest.mark.parametrize(
    "phone",
    [
        "+14155552671",
        "+85291234567",
        "+8616812345678",
        "+864001234567",
        "+8610086",
        "+86110",
        "+86",
        "",
        "13800001111",
        "nobody",
    ],
)
def test_other_numbers_are_not(cfg: DeskConfig, phone: str) -> None:
    with pytest.raises(BadNumber) as error:
        check_dialable(cfg, phone)
    assert "13800001111" not in str(error.value)  # masked


def test_landlines_cannot_be_texted() -> None:
    assert can_text(WANG)
    assert not can_text(CHEN)


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+8613800001111", "138****1111"),
        ("+862365550101", "236****0101"),
        ("+8610086", "****86"),
        ("12", "****12"),
        ("", "****"),
    ],
)
def test_masking(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


def test_a_resident_is_found_by_any_of_her_numbers(town: Town) -> None:
    with town.db.transaction() as session:
        wang = town.resident["wang"]
        second = "+8613800001555"
        session.add(ResidentPhone(resident_id=wang, phone=second, phone_index=second, can_text=True))
        session.flush()
        for phone in (WANG, second):
            found = find_by_phone(session, phone)
            assert found is not None and found.id == wang
        assert find_by_phone(session, "+8613800009999") is None
        assert phones_of(session, wang) == [WANG, second]
        assert phones_of(session, town.resident["chen"], textable=True) == []


def test_a_new_number_is_a_new_resident_once(town: Town) -> None:
    ids: list[int] = []
    ready = threading.Barrier(6)

    def call() -> None:
        ready.wait()
        with town.db.transaction() as session:
            ids.append(find_or_create(session, "+861065529999", now=MONDAY).id)

    with town.db.transaction() as session:
        before = len(session.scalars(select(Resident)).all())
    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 6 and len(set(ids)) == 1
    with town.db.transaction() as session:
        assert len(session.scalars(select(Resident)).all()) == before + 1
        phone = session.scalars(select(ResidentPhone).where(ResidentPhone.resident_id == ids[0])).one()
        assert not phone.can_text


def test_numbers_are_ciphertext_in_the_database(town: Town) -> None:
    with town.db.transaction() as session:
        rows = session.execute(text("SELECT phone, phone_index FROM resident_phones")).all()
    assert rows
    for phone, index in rows:
        assert "138" not in phone[:12] and WANG not in phone
        assert len(index) == 64
