"""`jiachang ticket`: a dispatcher's whole job in a terminal."""

import json
from datetime import datetime, time
from typing import Any

import click
from sqlalchemy.orm import Session

from app.commands.administration import open_runtime
from app.commands.naming import actor_named, as_login, staff_named
from app.commands.printing import print_list, print_ticket
from app.desk import queries
from app.desk.ratings import enter_rating
from app.desk.rights import Actor
from app.desk.tickets import amend, by_number, transition
from app.desk.understanding import understand
from app.errors import BadInput
from app.runtime import Runtime
from models.lifecycle import Action, Status
from models.ticket import Ticket

_BY_HAND = (
    Action.LISTEN,
    Action.DISPATCH,
    Action.ACCEPT,
    Action.RETURN,
    Action.HOLD,
    Action.RESUME,
    Action.PLAN,
    Action.REFER,
    Action.RESOLVE,
    Action.REOPEN,
    Action.DUPLICATE,
    Action.CANCEL,
)
_RATE = "rate"
_MARK = click.IntRange(1, 5)


@click.group()
def ticket() -> None:
    """List, show and work on tickets."""


@ticket.command("list")
@click.option(
    "--status", "statuses", multiple=True, type=click.Choice([s.value for s in Status]), help="Repeatable."
)
@click.option("--assignee", help="Login of whoever is responsible.")
@click.option("--overdue", is_flag=True, help="Only those past their date.")
@click.option("--limit", default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def ticket_list(
    statuses: tuple[str, ...], assignee: str | None, overdue: bool, limit: int, as_json: bool
) -> None:
    """Open tickets, the most pressing first."""
    runtime = open_runtime()
    with runtime.db.transaction(read_only=True) as session:
        rows = queries.list_tickets(
            session,
            runtime.desk,
            now=runtime.now(),
            statuses=[Status(s) for s in statuses] or None,
            assignee_id=staff_named(session, assignee).id if assignee else None,
            overdue=overdue,
            limit=limit,
        )
    runtime.close()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        print_list(rows, runtime.desk.zone, runtime.now())


@ticket.command("show")
@click.argument("number", type=int)
@click.option("--as", "login", envvar="JIACHANG_LOGIN", help="Your login: shows what you can do now.")
@click.option("--unmask", is_flag=True, help="Show names, numbers and the room.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def ticket_show(number: int, login: str | None, unmask: bool, as_json: bool) -> None:
    """One ticket with everything that happened to it."""
    if unmask and not login:
        raise BadInput("看姓名和电话要说明您是谁：加上 --as 登录名")
    runtime = open_runtime()
    with runtime.db.transaction(read_only=True) as session:
        actor = actor_named(session, login) if login else None
        found = queries.ticket_view(session, runtime.desk, number, actor=actor, unmask=unmask)
    runtime.close()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        print_ticket(found, runtime.desk.zone)


@ticket.command("act")
@click.argument("number", type=int)
@click.argument("action", type=click.Choice([*(a.value for a in _BY_HAND), _RATE]))
@as_login
@click.option("--to", "assignee", help="dispatch: login of whoever becomes responsible.")
@click.option("--reason", help="return, hold, plan, refer, reopen, duplicate, cancel: why.")
@click.option("--text", help="resolve: how it was done. listen: what the recording says.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="hold: until this local date.")
@click.option("--review-on", type=click.DateTime(["%Y-%m-%d"]), help="plan, refer: look again on this date.")
@click.option("--same-as", type=int, help="duplicate: number of the other ticket.")
@click.option("--fact", type=click.IntRange(1, 3), help="rate: 1 done, 2 partly, 3 not.")
@click.option("--speed", type=_MARK, help="rate: 1–5 (1–2 low, 3 fair, 4–5 good).")
@click.option("--effect", type=_MARK, help="rate: 1–5.")
@click.option("--attitude", type=_MARK, help="rate: 1–5.")
@click.option("--channel", default="visit", show_default=True, help="rate: phone, visit, desk …")
@click.option("--remark", help="rate: anything else she said.")
def ticket_act(number: int, action: str, login: str, **given: Any) -> None:
    """Do one step: dispatch, listen, resolve, rate …

    `listen` without --text names the recordings to be heard.
    """
    runtime = open_runtime()
    now = runtime.now()
    with runtime.db.transaction() as session:
        actor = actor_named(session, login)
        found = by_number(session, number)
        if action == Action.LISTEN and not given["text"]:
            _name_recordings(session, runtime, number, actor)
            return
        if action == _RATE:
            _rate(session, runtime, found, actor, given, now)
        else:
            _act(session, runtime, found, Action(action), actor, given, now)
        status = found.status
    runtime.close()
    click.echo(f"{number} 号现在是 {status.value}")


def _act(
    session: Session,
    runtime: Runtime,
    ticket: Ticket,
    action: Action,
    actor: Actor,
    given: dict[str, Any],
    now: datetime,
) -> None:
    if action is Action.LISTEN:
        _write_down(session, runtime, ticket, actor, given["text"], now)
    transition(
        session,
        runtime.desk,
        ticket,
        action,
        actor,
        now=now,
        reason=given["reason"],
        text=given["text"],
        until=_end_of_day(runtime, given["until"]) if given["until"] else None,
        review_on=given["review_on"].date() if given["review_on"] else None,
        duplicate_of=by_number(session, given["same_as"]) if given["same_as"] else None,
        assignee_id=staff_named(session, given["assignee"]).id if given["assignee"] else None,
    )


def _write_down(
    session: Session, runtime: Runtime, ticket: Ticket, actor: Actor, text: str, now: datetime
) -> None:
    """What a person heard is understood like anything else, so that dispatch knows where and what."""
    meaning = understand(text)
    amend(
        session,
        runtime.desk,
        ticket,
        actor,
        now=now,
        text=text,
        category=meaning.category,
        tier=meaning.tier,
        danger=meaning.danger,
        urgent=meaning.urgent or None,
        matter=meaning.matter,
        place=meaning.place,
    )


def _rate(
    session: Session, runtime: Runtime, ticket: Ticket, actor: Actor, given: dict[str, Any], now: datetime
) -> None:
    if given["fact"] is None:
        raise BadInput("请先写 --fact：1 好了，2 好了一部分，3 没好")
    enter_rating(
        session,
        runtime.desk,
        ticket,
        actor,
        given["fact"],
        given["speed"],
        given["effect"],
        given["attitude"],
        given["channel"],
        given["remark"],
        now=now,
    )


def _name_recordings(session: Session, runtime: Runtime, number: int, actor: Actor) -> None:
    found = queries.ticket_view(session, runtime.desk, number, actor=actor)["recordings"]
    for recording in found:
        path = (
            runtime.settings.data_dir.resolve() / recording["path"] if recording["path"] else "（还没有取回）"
        )
        click.echo(f"{path}  {recording['seconds']:.1f} 秒  {recording['transcript'] or ''}")
    click.echo('听完请写下来：--text "3栋2单元路灯不亮"' if found else "这件事没有录音。")


def _end_of_day(runtime: Runtime, day: datetime) -> datetime:
    return datetime.combine(day.date(), time(18, 0), runtime.desk.zone)
