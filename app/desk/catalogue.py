"""The six categories with the limits they start with; each community edits its own rows afterwards."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.db import insert_once
from app.desk.limits import Limits
from app.texts.catalogue import mark
from models.category import Category

# (code, name, limits), in the order of phone keys, text codes and kiosk tiles 1–6
CATEGORIES: tuple[tuple[str, str, Limits], ...] = (
    ("repairs", mark("基础设施维修"), Limits(4, 3, 10, 2, 30, 240)),
    ("livelihood", mark("民生服务"), Limits(8, 5, 10, 3, 60, 480)),
    ("environment", mark("环境整治"), Limits(8, 3, 10, 2, 60, 480)),
    ("mediation", mark("矛盾调解"), Limits(8, 5, 10, 3, 30, 240)),
    ("care", mark("特殊群体关怀"), Limits(4, 2, 7, 1, 30, 120)),
    ("culture", mark("文化活动"), Limits(16, 5, 10, 3, 120, 1440)),
)
NAMES = {code: name for code, name, _ in CATEGORIES}
_LIMITS = select(*(Category.__table__.c[field] for field in Limits.__dataclass_fields__)).where(
    Category.__table__.c.code == bindparam("code")
)
UNSORTED = Limits(4, 3, 10, 2, 30, 240)  # nobody knows yet what it is about: somebody must look soon


def seed_categories(session: Session) -> None:
    """Adds the categories that are missing; leaves edited ones alone."""
    for position, (code, name, limits) in enumerate(CATEGORIES, start=1):
        values = {"code": code, "position": position, "name": name}
        values |= {field: getattr(limits, field) for field in Limits.__dataclass_fields__}
        insert_once(session, Category, values, ["code"])


def limits_of(session: Session, category: str | None) -> Limits:
    row = session.execute(_LIMITS, {"code": category}).one_or_none() if category else None
    return UNSORTED if row is None else Limits(*row)
