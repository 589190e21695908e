"""Residents are found by their numbers; numbers are normalised to E.164 and checked before we ring or text them."""

import re
import unicodedata
from datetime import datetime

import phonenumbers
from phonenumbers import PhoneNumberType
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.db import insert_once, insert_row
from app.desk.config import DeskConfig
from app.errors import BadNumber, Names
from app.texts.catalogue import mark
from models.resident import Resident, ResidentPhone

_DIALABLE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
_TEXTABLE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
_TEXTED = _DIALABLE | {PhoneNumberType.UNKNOWN}
_SERVICE = re.compile(r"\+86(?:10\d{3}|106\d{8,}|12\d{3}|9[56]\d{3,8})")  # 10 with eight digits is Beijing
_BY_PHONE = select(Resident).join(ResidentPhone).where(ResidentPhone.phone_index == bindparam("phone"))


def normalise_phone(text: str, region: str) -> str:
    """E.164 of what somebody typed or a carrier sent; BadNumber if it is not a telephone number."""
    written = unicodedata.normalize("NFKC", text).strip()
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException as error:
        raise BadNumber("这不是电话号码，请连区号一起写，例如 13800001111 或 023-65550101") from error
    # A carrier's own +… may be of a range newer than our tables; what people type must be a known one.
    known = phonenumbers.is_valid_number(number)
    if not known and not (written.startswith("+") and phonenumbers.is_possible_number(number)):
        raise BadNumber("没有这样的电话号码，请连区号一起写，例如 13800001111 或 023-65550101")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def check_dialable(cfg: DeskConfig, e164: str) -> None:
    """BadNumber for foreign countries, premium and shared-cost ranges, emergency and other short numbers."""
    number = _parse(e164)
    region = phonenumbers.region_code_for_number(number)
    if region not in cfg.allowed_regions:
        raise BadNumber(
            "不拨打 {region} 的号码（允许的地区：{allowed}）",
            region=Names((region or mark("未知地区"),)),
            allowed=Names(sorted(cfg.allowed_regions)),
        )
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in _DIALABLE:
        raise BadNumber("不拨打 {phone}：不是普通的手机或座机号码", phone=mask_phone(e164))


def may_text(cfg: DeskConfig, e164: str) -> bool:
    """Texts cost money, abroad and on premium numbers much of it: people's numbers in the countries that the community
    allows. A number newer than our tables is given the benefit of the doubt."""
    number = _parse(e164)
    allowed = phonenumbers.region_code_for_number(number) in cfg.allowed_regions
    return allowed and not is_service(e164) and phonenumbers.number_type(number) in _TEXTED


def is_service(e164: str) -> bool:
    """Mainland numbers that are no person's: 10086, 106…, 12345, 95…, 96…."""
    return _SERVICE.fullmatch(e164) is not None


def can_text(e164: str) -> bool:
    """Landlines can't receive texts."""
    return phonenumbers.number_type(_parse(e164)) in _TEXTABLE


def mask_phone(e164: str) -> str:
    """`+8613800001111` → `138****1111`; of anything shorter only the last two digits."""
    try:
        digits = phonenumbers.national_significant_number(phonenumbers.parse(e164, None))
    except phonenumbers.NumberParseException:
        digits = "".join(c for c in e164 if c.isdigit())
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 9 else f"****{digits[-2:]}"


def national(e164: str) -> str:
    """As one dials it by hand: `+8613800001111` → `138 0000 1111`."""
    return phonenumbers.format_number(_parse(e164), phonenumbers.PhoneNumberFormat.NATIONAL)


def find_by_phone(session: Session, e164: str) -> Resident | None:
    return session.scalar(_BY_PHONE, {"phone": e164})


def find_or_create(session: Session, e164: str, *, now: datetime) -> Resident:
    """One resident a number, however many calls come in at once."""
    if found := find_by_phone(session, e164):
        return found
    resident = Resident(created_at=now)
    insert_row(session, resident)
    if _add_phone(session, resident.id, e164):
        return resident
    session.delete(resident)  # somebody else was first
    session.flush()
    return session.scalars(
        select(Resident).join(ResidentPhone).where(ResidentPhone.phone_index == e164)
    ).one()


def _add_phone(session: Session, resident_id: int, e164: str) -> bool:
    values = {"resident_id": resident_id, "phone": e164, "phone_index": e164, "can_text": can_text(e164)}
    return insert_once(session, ResidentPhone, values, ["phone_index"])


def phones_of(session: Session, resident_id: int, *, textable: bool = False) -> list[str]:
    """The resident's numbers, the first one first; `textable` leaves landlines out."""
    query = select(ResidentPhone).where(ResidentPhone.resident_id == resident_id).order_by(ResidentPhone.id)
    return [row.phone for row in session.scalars(query) if row.can_text or not textable]


def _parse(e164: str) -> phonenumbers.PhoneNumber:
    try:
        return phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException as error:
        raise BadNumber("不是电话号码：{phone}", phone=mask_phone(e164)) from error
