"""Commands of the part-time administrator: migrate, doctor, user."""

import dataclasses
import json
import sys
from datetime import time
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app import log
from app import migrate as migrations
from app.desk.catalogue import seed_categories
from app.desk.messages import segments_sent
from app.desk.residents import mask_phone, normalise_phone
from app.errors import BadInput, JiachangError, NotFound
from app.health import Finding, findings
from app.runtime import Runtime, bootstrap
from app.settings import load_settings
from models.staff import AssigneeKind, Role, Staff
from models.unit import Unit


def open_runtime() -> Runtime:
    """The runtime of a command: settings from the environment, logs at warnings only."""
    log.configure("WARNING")
    return bootstrap(load_settings())


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema, with the six categories (safe to repeat)."""
    runtime = open_runtime()
    migrations.upgrade(runtime.db.engine)
    with runtime.db.transaction() as session:
        seed_categories(session)
        empty = session.scalar(select(Unit.id).limit(1)) is None
    click.echo(f"数据库结构已是最新：{migrations.head()}")
    if empty:
        click.echo("还没有登记社区。下一步：jiachang unit add 幸福里社区 --duty 值班电话")
    runtime.close()


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:
    """Say in plain words what is wrong and how to mend it. Exit code 1 if anything is."""
    try:
        runtime = open_runtime()
    except JiachangError as error:
        found = [Finding("settings", False, False, str(error), "改好设置（见 docs/settings.md），再运行一次")]
    else:
        found = [*findings(runtime), _model_loads(runtime.settings.speech_model), *_texts_sent(runtime)]
        runtime.close()
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(f) for f in found], ensure_ascii=False, indent=2))
    else:
        for finding in found:
            click.echo(f"{'✓' if finding.ok else '✗'} {finding.says}")
            if not finding.ok:
                click.echo(f"    怎么办：{finding.remedy}")
        wrong = sum(not f.ok for f in found)
        click.echo("一切正常。" if not wrong else f"有 {wrong} 处需要处理。")
    sys.exit(0 if all(f.ok for f in found) else 1)


def _texts_sent(runtime: Runtime) -> list[Finding]:
    """What this month has cost so far; nothing where the database does not answer, which is a finding of its own."""
    now, calendar = runtime.now(), runtime.desk.calendar
    month = calendar.at(calendar.local_date(now).replace(day=1), time())
    try:
        with runtime.db.transaction(read_only=True) as session:
            parts = segments_sent(session, month, now)
    except SQLAlchemyError:
        return []
    return [Finding("texts", True, True, f"本月发出短信 {parts} 条（按计费的段数）")]


def _model_loads(path: Path) -> Finding:
    """Loading is tried in a process of its own: damaged models can take the process with them."""
    from speech.model_check import check

    report = check(path)
    if report.usable:
        return Finding("model_loads", True, True, f"语音模型能听：{report.summary()}")
    return Finding(
        "model_loads",
        False,
        True,
        f"语音模型加载失败：{report.summary()}",
        "重新解压模型，核对 JIACHANG_SPEECH_MODEL",
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
def user_add(login: str, name: str, role: str, kind: str, unit_name: str, phone: str | None) -> None:
    """Add somebody who works for the community."""
    runtime = open_runtime()
    number = normalise_phone(phone, runtime.settings.default_region) if phone else None
    try:
        with runtime.db.transaction() as session:
            by = Unit.id == int(unit_name) if unit_name.isdigit() else Unit.name == unit_name
            unit = session.scalars(select(Unit).where(by)).first()
            if unit is None:
                names = "、".join(session.scalars(select(Unit.name).order_by(Unit.path).limit(20)))
                raise NotFound(f"没有叫“{unit_name}”的单位。现有：{names or '（还没有任何单位）'}")
            session.add(
                Staff(
                    login=login,
                    name=name,
                    phone=number,
                    phone_index=number,
                    role=Role(role),
                    kind=AssigneeKind(kind),
                    unit_id=unit.id,
                )
            )
    except IntegrityError as error:
        raise BadInput("登录名或电话已经有人用了，请换一个") from error
    click.echo(f"已添加 {name}（{login}，{role}，{unit.name}{'，' + mask_phone(number) if number else ''}）")
    runtime.close()


@user.command("disable")
@click.argument("login")
@click.option("--undo", is_flag=True, help="Let them back in.")
def user_disable(login: str, undo: bool) -> None:
    """Somebody has left: the name stays in the records, every right ends."""
    runtime = open_runtime()
    with runtime.db.transaction() as session:
        staff = session.scalars(select(Staff).where(Staff.login == login)).one_or_none()
        if staff is None:
            raise NotFound(f"没有登录名“{login}”。用 jiachang user list 看有谁。")
        staff.active = undo
    runtime.close()
    click.echo(f"{login} 已{'恢复' if undo else '停用'}。")


@user.command("list")
def user_list() -> None:
    """Everybody who works for the community, numbers masked."""
    runtime = open_runtime()
    with runtime.db.transaction(read_only=True) as session:
        rows = session.execute(
            select(Staff, Unit).join(Unit, Unit.id == Staff.unit_id).order_by(Staff.login)
        ).all()
        for staff, unit in rows:
            phone = mask_phone(staff.phone) if staff.phone else "—"
            state = "" if staff.active else "（停用）"
            click.echo(f"{staff.login:<16}{staff.role.value:<18}{unit.name}  {staff.name}  {phone}{state}")
        if not rows:
            click.echo("还没有人。用 jiachang user add 添加。")
    runtime.close()
