"""Templates and what they can say: local times, masked numbers, names of states, how long something still has."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, g, render_template, request
from markupsafe import Markup

from app.console.access import Signed
from app.desk.residents import mask_phone
from app.desk.spans import span_of
from app.desk.wording import category_name
from app.errors import JiachangError, TransitionError
from app.runtime import Runtime
from app.texts.catalogue import Translate, mark, translator
from models.callback import CallbackKind, Outcome
from models.lifecycle import Action, Status
from models.staff import AssigneeKind, Role

STATUSES = {
    Status.NEW: mark("已受理"),
    Status.NEEDS_LISTENING: mark("待听录音"),
    Status.DISPATCHED: mark("已派单"),
    Status.IN_PROGRESS: mark("办理中"),
    Status.RETURNED: mark("退单", "state"),
    Status.ON_HOLD: mark("暂缓", "state"),
    Status.PLANNED: mark("纳入计划", "state"),
    Status.REFERRED: mark("转办", "state"),
    Status.RESOLVED: mark("待回访"),
    Status.CLOSED: mark("已办结"),
    Status.REOPENED: mark("重办", "state"),
    Status.DUPLICATE: mark("并案", "state"),
    Status.CANCELLED: mark("撤销", "state"),
}
ACTIONS = {
    Action.OPEN: mark("受理"),
    Action.LISTEN: mark("听录音"),
    Action.DISPATCH: mark("派单"),
    Action.ACCEPT: mark("接单"),
    Action.RETURN: mark("退单"),
    Action.HOLD: mark("暂缓"),
    Action.RESUME: mark("继续办"),
    Action.PLAN: mark("纳入计划"),
    Action.REFER: mark("转办"),
    Action.RESOLVE: mark("办结"),
    Action.RATE_OK: mark("评价办结"),
    Action.REOPEN: mark("重办"),
    Action.CLOSE_UNRATED: mark("未评价办结"),
    Action.DUPLICATE: mark("并案"),
    Action.CANCEL: mark("撤销"),
}
CHANNELS = {
    "phone": mark("电话"),
    "sms": mark("短信"),
    "kiosk": mark("自助屏"),
    "desk": mark("窗口"),
    "visit": mark("走访"),
}
ROLES = {
    Role.KEEPER: mark("网格员"),
    Role.DISPATCHER: mark("派单员"),
    Role.CALLBACK_WORKER: mark("回访员"),
    Role.SUPERVISOR: mark("负责人"),
    Role.ADMINISTRATOR: mark("管理员"),
    Role.VIEWER: mark("只看"),
}
KINDS = {
    AssigneeKind.KEEPER: mark("网格员"),
    AssigneeKind.PROPERTY: mark("物业"),
    AssigneeKind.VOLUNTEER: mark("志愿者"),
    AssigneeKind.DEPARTMENT: mark("部门"),
}
CALLBACK_KINDS = {
    CallbackKind.EVALUATION: mark("回访评价"),
    CallbackKind.RETURN_CALL: mark("回电"),
    CallbackKind.CARE: mark("电话走访"),
    CallbackKind.NOTICE: mark("通知"),
}
OUTCOMES = {
    Outcome.ANSWERED: mark("接通了"),
    Outcome.NO_ANSWER: mark("没人接"),
    Outcome.BUSY: mark("占线"),
    Outcome.FAILED: mark("没打通"),
    Outcome.MACHINE: mark("语音信箱"),
    Outcome.REFUSED: mark("不想回答"),
    Outcome.WRONG_NUMBER: mark("打错了"),
    Outcome.CALL_LATER: mark("改时间再打"),
}
SPANS = {"minutes": mark("{n} 分钟"), "hours": mark("{n} 小时"), "days": mark("{n} 天")}
UNIT_KINDS = {
    "district": mark("区"),
    "street": mark("街道"),
    "community": mark("社区"),
    "area": mark("片区"),
    "grid": mark("网格"),
    "estate": mark("小区"),
    "building": mark("楼栋"),
    "station": mark("驿站"),
}


def render(template: str, **context: Any) -> str:
    """A page or a fragment below templates/staff/. Raises jinja2's errors for names that do not exist."""
    return render_template(f"staff/{template}", **context)


def is_fragment() -> bool:
    """Does htmx ask for a part of a page (and not restore a whole one from its history)?"""
    headers = request.headers
    return "HX-Request" in headers and "HX-History-Restore-Request" not in headers


def _language(runtime: Runtime) -> str:
    signed = g.get("signed")
    return signed.language if isinstance(signed, Signed) else runtime.settings.locale


def texts(runtime: Runtime) -> Translate:
    """Sentences in the language of whoever is signed in."""
    return translator(_language(runtime))


def why(runtime: Runtime, error: JiachangError) -> str:
    """What went wrong, in the language of whoever is signed in."""
    say = texts(runtime)
    if isinstance(error, TransitionError):  # its own sentence has codes, as the command line takes them
        status, action = say(STATUSES[Status(error.status)]), say(ACTIONS[Action(error.action)])
        return say("现在是“{status}”，不能“{action}”了。能做的都在诉求的页面上。").format(
            status=status, action=action
        )
    return error.said(say)


def prepare(blueprint: Blueprint, runtime: Runtime) -> None:
    """Give the blueprint's templates their filters and functions."""
    zone = runtime.settings.zone

    def local(moment: datetime | None) -> datetime | None:
        return moment.astimezone(zone) if moment is not None else None

    def when(moment: datetime | date | None) -> str:
        """`11月23日 10:05`; with the year where it is not this one's."""
        if moment is None:
            return "—"
        today = runtime.now().astimezone(zone).date()
        if isinstance(moment, datetime):
            there = moment.astimezone(zone)
            return f"{day(there.date(), today)} {there:%H:%M}"
        return day(moment, today)

    def day(on: date, today: date) -> str:
        pattern = mark("{month}月{day}日") if on.year == today.year else mark("{year}年{month}月{day}日")
        return texts(runtime)(pattern).format(year=on.year, month=on.month, day=on.day)

    def iso(moment: datetime | None) -> str:
        return moment.astimezone(UTC).isoformat() if moment is not None else ""

    def span(minutes: float) -> str:
        """So many minutes as one says them: 40 分钟, 5 小时, 3 天."""
        number, unit = span_of(minutes)
        return texts(runtime)(SPANS[unit]).format(n=number)

    filters: dict[str, Callable[..., Any]] = {
        "local": local,
        "when": when,
        "iso": iso,
        "span": span,
        "masked": lambda phone: mask_phone(phone) if phone else "—",
        "status": lambda status: texts(runtime)(STATUSES[Status(status)]),
        "action": lambda action: texts(runtime)(ACTIONS.get(action) or str(action)),
        "channel": lambda channel: texts(runtime)(CHANNELS.get(channel) or str(channel)),
        "role": lambda role: texts(runtime)(ROLES[Role(role)]),
        "assignee_kind": lambda kind: texts(runtime)(KINDS[AssigneeKind(kind)]),
        "callback_kind": lambda kind: texts(runtime)(CALLBACK_KINDS[CallbackKind(kind)]),
        "outcome": lambda outcome: texts(runtime)(OUTCOMES[Outcome(outcome)]),
        "unit_kind": lambda kind: texts(runtime)(UNIT_KINDS.get(kind) or str(kind)),
        "why": lambda error: why(runtime, error),
        "category": lambda code: category_name(runtime.desk.speaking(_language(runtime)), code),
    }

    @blueprint.app_context_processor
    def _names() -> dict[str, Any]:
        return {
            "_": texts(runtime),
            "mark": mark,
            "signed": g.get("signed"),
            "now": runtime.now(),
            "icon": icon,
            "language": _language(runtime).replace("_", "-"),
        }

    @blueprint.record
    def _filters(state: Any) -> None:
        state.app.jinja_env.filters.update(filters)
        state.app.jinja_env.trim_blocks = True
        state.app.jinja_env.lstrip_blocks = True


def icon(name: str) -> Markup:
    """An icon of lucide, from the sprite; screen readers pass over it."""
    return Markup(
        '<svg class="i" aria-hidden="true" focusable="false"><use href="/staff/static/icons.svg#{}"></use></svg>'
    ).format(name)
