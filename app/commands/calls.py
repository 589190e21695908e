"""`jiachang ticket calls` and `called`: the calls and visits that wait for a person."""

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from app.commands.administration import open_runtime
from app.commands.naming import actor_named
from app.desk import course, queries
from app.desk.callbacks import log_attempt
from app.desk.rights import Actor
from app.desk.staff_calls import CALLERS, may_call
from app.errors import BadInput, NotAllowed, NotFound
from app.runtime import Runtime
from models.callback import Callback, CallbackKind, CallbackState, Outcome
from models.lifecycle import Status

_BY_PERSON = (CallbackState.PERSON, CallbackState.VISIT)
_KINDS = {"evaluation": "回访", "return_call": "回电", "care": "关怀", "notice": "通知"}
_REASONS = {
    "asked_person": "要找人工",
    "hung_up": "没说完就挂了",
    "not_understood": "没听懂",
    "silence": "没有声音",
    "resolved": "问满不满意",
    "tell": "有话告诉她",
    "place_unknown": "不知道在哪里",
}
_NEXT = {
    CallbackState.DONE: "这件回电结束了。",
    CallbackState.CANCELLED: "不用再打了。",
    CallbackState.VISIT: "电话打不通，请承办的人上门。",
}


@click.command("calls")
@click.option("--all", "everything", is_flag=True, help="Also those that are due after today.")
@click.option("--as", "login", envvar="JIACHANG_LOGIN", help="Your login: only what is yours to ring.")
@click.option("--unmask", is_flag=True, help="Show names and numbers; needs --as.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def calls(everything: bool, login: str | None, unmask: bool, as_json: bool) -> None:
    """Residents who wait for a person to ring or visit them, due ones first.

    Afterwards say how it went: jiachang ticket called ID OUTCOME. What a resident says of a finished matter is
    entered with jiachang ticket act NUMBER rate.
    """
    if unmask and not login:
        raise BadInput("要看完整的号码，请加 --as 登录名")
    runtime = open_runtime()
    now, zone = runtime.now(), runtime.desk.zone
    midnight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(0), zone)
    with runtime.db.transaction(read_only=True) as session:
        actor = _caller(session, login) if login else None
        rows = queries.person_queue(
            session,
            runtime.desk,
            now=now,
            actor=actor,
            before=None if everything else midnight.astimezone(UTC),
            unmask=unmask,
        )
    runtime.close()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        _print(rows, zone)


@click.command("called")
@click.argument("callback_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@click.argument("outcome", type=click.Choice([outcome.value for outcome in Outcome]))
@click.option("--as", "login", required=True, envvar="JIACHANG_LOGIN", help="Your login.")
@click.option(
    "--later", type=click.DateTime(["%Y-%m-%d %H:%M"]), help="call_later: when to ring again, local time."
)
def called(callback_id: int, outcome: str, login: str, later: datetime | None) -> None:
    """Write down how a call or visit went; ID as `jiachang ticket calls` shows it.

    `answered` finishes a return call. An evaluation is finished by its answers:
    jiachang ticket act NUMBER rate --fact … --channel phone.
    """
    runtime = open_runtime()
    now, result = runtime.now(), Outcome(outcome)
    again = _moment(runtime, later, result, now)
    with runtime.db.transaction() as session:
        actor = actor_named(session, login)
        callback = _callback(session, runtime, actor, callback_id, result)
        log_attempt(session, runtime.desk, callback, actor, result, now=now, later=again)
        state, due = callback.state, callback.due_at
    runtime.close()
    local = f"{due.astimezone(runtime.desk.zone):%m-%d %H:%M}"
    click.echo(f"记下了。{_NEXT.get(state, f'请在 {local} 以后再打。')}")


def _callback(
    session: Session, runtime: Runtime, actor: Actor, callback_id: int, outcome: Outcome
) -> Callback:
    """The callback, if this person may write that down of it now."""
    callback = session.get(Callback, callback_id, with_for_update=True)
    if callback is None:
        raise NotFound(f"没有 {callback_id} 号回电。用 jiachang ticket calls 看有哪些。")
    if not may_call(session, runtime.desk, actor, callback):
        raise NotAllowed(f"您不能登记 {callback_id} 号回电")
    if callback.state not in _BY_PERSON:
        why = "还由机器在打" if callback.state is CallbackState.WAITING else "已经结束"
        raise BadInput(f"{callback_id} 号回电{why}，不用登记")
    ticket = course.master_of(session, callback)
    rates = callback.kind is CallbackKind.EVALUATION and outcome is Outcome.ANSWERED
    if rates and ticket is not None and ticket.status is Status.RESOLVED:
        # finished without its answers, nobody would ever close the ticket
        raise BadInput(
            f"打通了请登记评价：jiachang ticket act {ticket.number} rate --fact 1 --channel phone"
            "（1 好了，2 好了一部分，3 没好），回访就结束了"
        )
    return callback


def _caller(session: Session, login: str) -> Actor:
    actor = actor_named(session, login)
    if actor.role not in CALLERS:
        raise NotAllowed("只有回访员、调度员、主管和管理员能看回电名单")
    return actor


def _moment(runtime: Runtime, later: datetime | None, outcome: Outcome, now: datetime) -> datetime | None:
    if later is None:
        return None
    if outcome is not Outcome.CALL_LATER:
        raise BadInput("--later 只能和 call_later 一起用")
    moment = later.replace(tzinfo=runtime.desk.zone).astimezone(UTC)
    if moment <= now:
        raise BadInput("--later 要写将来的时间")
    return moment


def _print(rows: list[dict[str, Any]], zone: ZoneInfo) -> None:
    if not rows:
        click.echo("今天没有要打的电话。--all 看以后的。")
    for row in rows:
        click.echo("  ".join(_columns(row, zone)))


def _columns(row: dict[str, Any], zone: ZoneInfo) -> list[str]:
    resident = row["resident"] or {}
    wishes = ("要真人" if resident.get("prefers_person") else "", resident.get("dialect") or "")
    when = f"{datetime.fromisoformat(row['due_at']).astimezone(zone):%m-%d %H:%M}"
    return [
        str(row["id"]),
        "上门" if row["state"] == CallbackState.VISIT else _KINDS[row["kind"]],
        _REASONS.get(row["reason"], row["reason"]),
        f"{resident.get('name') or '未登记姓名'} {row['phone'] or '没有号码'}",
        f"{'该打了' if row['due'] else '还没到'} {when}",
        f"{row['number']}号" if row["number"] else "没有事项",
        f"打过 {len(row['attempts'])} 次",
        *(wish for wish in wishes if wish),
        *([f"“{row['words']}”"] if row["words"] else []),
    ]
