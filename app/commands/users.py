"""`jiachang user`: everybody who works for the community, and how they get into the console."""

import sys

import click

from app.commands.administration import open_runtime
from app.commands.naming import staff_named, unit_named
from app.desk import people
from app.desk.passwords import Fresh, fresh
from app.desk.people import OPERATOR, Person
from app.desk.residents import mask_phone, normalise_phone
from models.staff import AssigneeKind, Role

_password_stdin = click.option(
    "--password-stdin", "given", is_flag=True, help="Read the first password from standard input."
)


@click.group()
def user() -> None:
    """Keepers and staff."""


@user.command("add")
@click.argument("login")
@click.option("--name", required=True, help="Name, as residents know it.")
@click.option(
    "--role", type=click.Choice([r.value for r in Role]), default=Role.KEEPER.value, show_default=True
)
@click.option("--kind", type=click.Choice([k.value for k in AssigneeKind]), default=AssigneeKind.KEEPER.value)
@click.option("--unit", "unit_name", required=True, help="Name or id of the unit; rights go by its subtree.")
@click.option("--phone", help="Mobile number for texts, e.g. 13800001111.")
@_password_stdin
def user_add(
    login: str, name: str, role: str, kind: str, unit_name: str, phone: str | None, given: bool
) -> None:
    """Add somebody who works for the community, with a first password for the console."""
    runtime = open_runtime()
    number = normalise_phone(phone, runtime.settings.default_region) if phone else None
    first = _first(given)
    with runtime.db.transaction() as session:
        unit = unit_named(session, unit_name)
        person = Person(name, Role(role), unit.id, AssigneeKind(kind), number)
        people.add_person(session, OPERATOR, login, person, first, now=runtime.now())
    click.echo(f"已添加 {name}（{login}，{role}，{unit.name}{'，' + mask_phone(number) if number else ''}）")
    _tell(first, given, f"{runtime.settings.public_url}/staff/")
    runtime.close()


@user.command("password")
@click.argument("login")
@_password_stdin
def user_password(login: str, given: bool) -> None:
    """Give somebody a new first password; every session ends, and a lost authenticator is no longer asked for."""
    runtime = open_runtime()
    first = _first(given)
    with runtime.db.transaction() as session:
        staff = staff_named(session, login)
        people.reset_password(session, OPERATOR, staff.id, first, now=runtime.now())
    click.echo(f"{login} 的密码已重设，已登录的都已退出。")
    _tell(first, given, f"{runtime.settings.public_url}/staff/")
    runtime.close()


@user.command("disable")
@click.argument("login")
@click.option("--undo", is_flag=True, help="Let them back in.")
def user_disable(login: str, undo: bool) -> None:
    """Somebody has left: the name stays in the records, every right ends."""
    runtime = open_runtime()
    with runtime.db.transaction() as session:
        staff = staff_named(session, login)
        change = people.enable if undo else people.disable
        change(session, OPERATOR, staff.id, now=runtime.now())
    runtime.close()
    click.echo(f"{login} 已{'恢复' if undo else '停用'}。")


@user.command("list")
def user_list() -> None:
    """Everybody who works for the community, numbers masked."""
    runtime = open_runtime()
    with runtime.db.transaction(read_only=True) as session:
        found = people.people(session, OPERATOR)
    for known in found:
        staff = known.staff
        phone = mask_phone(staff.phone) if staff.phone else "—"
        state = "" if staff.active else "（停用）"
        click.echo(f"{staff.login:<16}{staff.role.value:<18}{known.unit.name}  {staff.name}  {phone}{state}")
    if not found:
        click.echo("还没有人。用 jiachang user add 添加。")
    runtime.close()


def _first(given: bool) -> Fresh:
    return fresh(sys.stdin.readline().rstrip("\r\n") if given else None)


def _tell(first: Fresh, given: bool, address: str) -> None:
    if not given:
        click.echo(f"第一个密码：{first.text}　（只显示这一次）")
    click.echo(f"登录：{address}　第一次登录时要换成自己的密码。")
