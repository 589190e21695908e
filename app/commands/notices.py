"""`jiachang notice`: tell everybody in a unit that water is cut tomorrow."""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.administration import open_runtime
from app.commands.bar import Bar
from app.commands.naming import actor_named, as_login, unit_named
from app.desk import announcing, reaching
from app.errors import NotFound
from app.runtime import Runtime
from models.notice import Notice, NoticeState
from models.unit import Unit

_STATES = {
    NoticeState.DRAFT: "草稿",
    NoticeState.SENDING: "正在发",
    NoticeState.PAUSED: "暂停",
    NoticeState.DONE: "发完了",
    NoticeState.CANCELLED: "取消了",
}
_LOOK_EVERY = 2.0  # seconds
_NUMBER = click.argument("number", type=int)


@click.group()
def notice() -> None:
    """Notices to all residents of a unit, by text, or by call to those who can't read texts."""


@notice.command("draft")
@click.argument("unit")
@click.argument("text")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d %H:%M"]),
    help="Local time from which it is no news any more.  [default: in 24 hours]",
)
@click.option("--urgent", is_flag=True, help="Also at night: only where it can't wait.")
@as_login
def notice_draft(unit: str, text: str, until: datetime | None, urgent: bool, login: str) -> None:
    """Write TEXT for everybody in UNIT (name or id). Nobody is told before it is approved."""
    runtime = open_runtime()
    now = runtime.now()
    with runtime.db.transaction() as session:
        made = announcing.draft(
            session,
            actor_named(session, login),
            unit_named(session, unit),
            text,
            not_after=until.replace(tzinfo=runtime.desk.zone) if until else now + timedelta(hours=24),
            urgent=urgent,
            now=now,
        )
        reach = reaching.reach(session, runtime.desk, made)
        click.echo(f"{made.id} 号通知已写好，还没有发。{_whom(reach)}")
        click.echo(f"请负责人批准：jiachang notice approve {made.id} --as 登录名")
    runtime.close()


@notice.command("approve")
@_NUMBER
@click.option("--yes", is_flag=True, help="Don't ask again.")
@as_login
def notice_approve(number: int, yes: bool, login: str) -> None:
    """Have it sent. Shows what and to how many first."""
    runtime = open_runtime()
    with runtime.db.transaction(read_only=True) as session:
        found = _notice(session, number)
        click.echo(f"“{found.body}”")
        click.echo(_whom(reaching.reach(session, runtime.desk, found)))
    if not yes:
        click.confirm("现在发出去吗？", abort=True)
    with runtime.db.transaction() as session:
        found = _notice(session, number)
        count = announcing.approve(session, actor_named(session, login), found, now=runtime.now())
    runtime.close()
    click.echo(
        f"正在发给 {count} 个号码。看进度：jiachang notice show {number} --follow；要停：jiachang notice pause {number}"
    )


@notice.command("show")
@_NUMBER
@click.option("--follow", is_flag=True, help="Until it is through (Ctrl-C leaves, the notice goes on).")
def notice_show(number: int, follow: bool) -> None:
    """How far it has come."""
    runtime = open_runtime()
    with runtime.db.transaction(read_only=True) as session:
        found = _notice(session, number)
        place = session.get_one(Unit, found.unit_id).name
        click.echo(f"{found.id} 号通知　{place}　{_STATES[found.state]}{'　紧急' if found.urgent else ''}")
        click.echo(f"“{found.body}”　{found.not_after.astimezone(runtime.desk.zone):%m-%d %H:%M} 以后不再发")
    if follow:
        _follow(runtime, number)
    with runtime.db.transaction(read_only=True) as session:
        for line in _lines(reaching.progress(session, _notice(session, number))):
            click.echo(line)
    runtime.close()


@notice.command("list")
def notice_list() -> None:
    """All notices, the newest first."""
    runtime = open_runtime()
    with runtime.db.transaction(read_only=True) as session:
        rows = session.execute(
            select(Notice, Unit.name)
            .join(Unit, Unit.id == Notice.unit_id)
            .order_by(Notice.id.desc())
            .limit(50)
        ).all()
        for found, place in rows:
            click.echo(f"{found.id}  {_STATES[found.state]}  {place}  {found.body[:30]}")
        if not rows:
            click.echo("还没有通知。用 jiachang notice draft 写一条。")
    runtime.close()


@notice.command("pause")
@_NUMBER
@as_login
def notice_pause(number: int, login: str) -> None:
    """Tell nobody else for now."""
    runtime = open_runtime()
    with runtime.db.transaction() as session:
        announcing.pause(session, actor_named(session, login), _notice(session, number))
    runtime.close()
    click.echo(f"{number} 号通知已暂停。继续：jiachang notice resume {number}")


@notice.command("resume")
@_NUMBER
@as_login
def notice_resume(number: int, login: str) -> None:
    """Go on where it was paused; whoever has been told is not told again."""
    runtime = open_runtime()
    with runtime.db.transaction() as session:
        announcing.resume(session, actor_named(session, login), _notice(session, number))
    runtime.close()
    click.echo(f"{number} 号通知继续发。")


@notice.command("cancel")
@_NUMBER
@as_login
def notice_cancel(number: int, login: str) -> None:
    """Stop it for good."""
    runtime = open_runtime()
    with runtime.db.transaction() as session:
        found = _notice(session, number)
        announcing.cancel(session, actor_named(session, login), found, now=runtime.now())
    runtime.close()
    click.echo(f"{number} 号通知已取消，已经通知到的收不回来。")


def _notice(session: Session, number: int) -> Notice:
    """Raises NotFound."""
    found = session.get(Notice, number)
    if found is None:
        raise NotFound(f"没有 {number} 号通知。用 jiachang notice list 看有哪些。")
    return found


def _whom(reach: reaching.Reach) -> str:
    said = f"发短信 {reach.to_text} 个号码（每条算 {reach.parts} 条计费），打电话 {reach.to_call} 个"
    if reach.opted_out:
        said += f"，{reach.opted_out} 个退订了不发"
    if reach.without_number:
        said += f"，{reach.without_number} 位居民没有登记电话，请上门告知"
    return said + "。"


def _lines(found: reaching.Progress) -> Iterable[str]:
    yield f"共 {found.total} 个号码，还剩 {found.waiting} 个"
    yield f"短信 {found.texted}（送达 {found.delivered}，没送到 {found.failed}）　电话 {found.called}（听到 {found.heard}）"
    if found.opted_out or found.unreachable:
        yield f"退订不发 {found.opted_out}　没法联系 {found.unreachable}"


def _follow(runtime: Runtime, number: int) -> None:
    with Bar({"notice": "已通知"}, shown=lambda count: f"{count} 个号码") as bar:
        while True:
            with runtime.db.transaction(read_only=True) as session:
                found = _notice(session, number)
                state, now = found.state, reaching.progress(session, found)
            bar("notice", now.total - now.waiting, now.total)
            if state is not NoticeState.SENDING:
                return
            time.sleep(_LOOK_EVERY)
