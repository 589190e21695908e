"""Units and staff as people name them in a terminal."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk.rights import Actor
from app.desk.tickets import actor_of
from app.errors import BadInput, NotFound
from models.staff import Staff
from models.unit import Unit

as_login = click.option(
    "--as", "login", required=True, envvar="JIACHANG_LOGIN", help="Your login (jiachang user list)."
)


def staff_named(session: Session, login: str) -> Staff:
    """Raises NotFound."""
    found = session.scalars(select(Staff).where(Staff.login == login)).one_or_none()
    if found is None:
        raise NotFound(f"没有登录名“{login}”。用 jiachang user list 看有谁。")
    return found


def actor_named(session: Session, login: str) -> Actor:
    """Raises NotFound."""
    return actor_of(session, staff_named(session, login))


def unit_named(session: Session, name: str) -> Unit:
    """By name or id. Raises NotFound, and BadInput where several have the name."""
    by = Unit.id == int(name) if name.isdigit() else Unit.name == name
    found = session.scalars(select(Unit).where(by)).all()
    if len(found) == 1:
        return found[0]
    if not found:
        names = "、".join(session.scalars(select(Unit.name).order_by(Unit.path).limit(20)))
        raise NotFound(f"没有叫“{name}”的单位。现有：{names or '（还没有任何单位）'}")
    raise BadInput(f"有 {len(found)} 个单位叫“{name}”，请写编号：{'、'.join(str(u.id) for u in found)}")
