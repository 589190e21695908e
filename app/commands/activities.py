"""`jiachang activity`: what goes on in the community, which residents ask for by texting 活动."""

from datetime import datetime

import click
from sqlalchemy import select

from app.commands.administration import open_runtime
from app.commands.naming import actor_named, as_login, unit_named
from app.desk import activities
from app.errors import NotFound
from models.activity import Activity
from models.unit import Unit

_WEEKDAYS = "一二三四五六日"


@click.group()
def activity() -> None:
    """Activities: theme, place, time, perhaps every week."""


@activity.command("add")
@click.argument("unit")
@click.argument("theme")
@click.option("--place", required=True, help="Where, as residents say it: 三号楼前小花园.")
@click.option(
    "--at", required=True, type=click.DateTime(["%Y-%m-%d %H:%M"]), help="Local time of the first one."
)
@click.option("--weekly", is_flag=True, help="Again every week.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of a weekly one.")
@as_login
def activity_add(
    unit: str, theme: str, place: str, at: datetime, weekly: bool, until: datetime | None, login: str
) -> None:
    """Add THEME for those who live in UNIT (name or id)."""
    runtime = open_runtime()
    with runtime.db.transaction() as session:
        added = activities.add(
            session,
            actor_named(session, login),
            unit_named(session, unit),
            theme,
            place,
            at.replace(tzinfo=runtime.desk.zone),
            weekly=weekly,
            until=until.date() if until else None,
            now=runtime.now(),
        )
        number = added.id
    runtime.close()
    click.echo(
        f"{number} 号活动已加上，居民发“活动”就能看到。写错了：jiachang activity cancel {number} --as {login}"
    )


@activity.command("list")
def activity_list() -> None:
    """Those to come, the soonest first."""
    runtime = open_runtime()
    zone, now = runtime.desk.zone, runtime.now()
    with runtime.db.transaction(read_only=True) as session:
        rows = session.execute(select(Activity, Unit.name).join(Unit, Unit.id == Activity.unit_id)).all()
        coming = [(at, row, place) for row, place in rows if (at := activities.next_time(row, zone, now))]
    runtime.close()
    for at, row, place in sorted(coming, key=lambda line: line[0]):
        again = f"每周{_WEEKDAYS[at.weekday()]}" if row.weekly else "一次"
        click.echo(f"{row.id}  {at.astimezone(zone):%m-%d %H:%M}  {again}  {place}  {row.theme}，{row.place}")
    if not coming:
        click.echo("还没有活动。用 jiachang activity add 加上。")


@activity.command("cancel")
@click.argument("number", type=int)
@as_login
def activity_cancel(number: int, login: str) -> None:
    """Take one out."""
    runtime = open_runtime()
    with runtime.db.transaction() as session:
        if session.get(Activity, number) is None:
            raise NotFound(f"没有 {number} 号活动。用 jiachang activity list 看有哪些。")
        gone = activities.cancel(session, actor_named(session, login), number, now=runtime.now())
        theme = gone.theme
    runtime.close()
    click.echo(f"“{theme}”已取消，不再告诉居民。")
