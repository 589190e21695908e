"""How the desk puts things in texts: short, in the 70 UTF-16 units of one segment wherever that is possible. Pure."""

from collections.abc import Callable
from datetime import date, datetime

from app.desk.catalogue import NAMES
from app.desk.config import DeskConfig
from app.hygiene import fit, mask_links, utf16_units
from app.texts.catalogue import mark
from models.staff import AssigneeKind
from models.ticket import Ticket

_ROLES = {
    AssigneeKind.KEEPER: mark("网格员", "who"),
    AssigneeKind.PROPERTY: mark("物业", "who"),
    AssigneeKind.VOLUNTEER: mark("志愿者", "who"),
    AssigneeKind.DEPARTMENT: mark("负责的部门"),
}
STATES = {
    "new": mark("已经记下，正在安排"),
    "needs_listening": mark("工作人员正在听您的录音"),
    "dispatched": mark("已经安排人去办"),
    "in_progress": mark("正在办理"),
    "returned": mark("正在重新安排"),
    "on_hold": mark("暂时等一等，还会接着办"),
    "planned": mark("已经列入计划"),
    "referred": mark("已经转给有关部门"),
    "resolved": mark("已经办好，等您评价"),
    "closed": mark("已经办好"),
    "reopened": mark("正在重新办理"),
    "duplicate": mark("和别的邻居说的同一件事一起办"),
    "cancelled": mark("已经撤销"),
}
"""How a matter stands, as residents are told, by its status."""
SEGMENT = 70  # UTF-16 units of one text in Chinese, sign included


def short_date(cfg: DeskConfig, day: date) -> str:
    return cfg.texts("{month}月{day}日").format(month=day.month, day=day.day)


def short_moment(cfg: DeskConfig, moment: datetime) -> str:
    local = cfg.local(moment)
    return cfg.texts("{month}月{day}日{hour}:{minute:02d}").format(
        month=local.month, day=local.day, hour=local.hour, minute=local.minute
    )


def category_name(cfg: DeskConfig, code: str | None) -> str:
    return cfg.texts(NAMES.get(code or "", mark("未分类")))


def state_words(cfg: DeskConfig, status: str) -> str:
    return cfg.texts(STATES[status])


def place_of(cfg: DeskConfig, ticket: Ticket) -> str:
    """`幸福里3栋2单元501`: for staff only, a room is personal."""
    _ = cfg.texts
    parts = (
        ticket.estate or "",
        _("{building}栋").format(building=ticket.building) if ticket.building else "",
        _("{unit}单元").format(unit=ticket.unit_no) if ticket.unit_no else "",
        ticket.room or "",
        ticket.landmark or "",
    )
    return "".join(parts)


def what_of(cfg: DeskConfig, ticket: Ticket) -> str:
    """The matter in a few words."""
    return ticket.matter or ticket.text.replace("\n", " ") or cfg.texts("请听录音")


def when_of(cfg: DeskConfig, ticket: Ticket) -> str:
    """The promise as told to staff: a day, or for urgent matters the minute."""
    return short_moment(cfg, ticket.due_at) if ticket.urgent else short_date(cfg, ticket.promised_on)


def dispatch_text(cfg: DeskConfig, ticket: Ticket) -> str:
    """To the assignee: number, place, matter, category, date, how to answer. Shortened from the least needed on."""
    cfg = cfg.house
    _ = cfg.texts
    flag = ""
    if ticket.urgent:
        flag = _("紧急！")
    if ticket.danger:
        flag = _("紧急，涉及{danger}！").format(danger=ticket.danger)
    if ticket.cycle > 1:
        flag += _(mark("重办", "flag"))
    pattern = _("{flag}{number}号：{place}{matter}{category}。{due}前办好，回复“接{number}”")
    fields = {
        "flag": flag,
        "number": ticket.number,
        "place": place_of(cfg, ticket),
        "category": _("（{category}）").format(category=category_name(cfg, ticket.category)),
        "due": when_of(cfg, ticket),
    }
    matter = what_of(cfg, ticket)
    whole = pattern.format(matter=matter, **fields)
    if utf16_units(whole) <= room(cfg):
        return whole
    fields["category"] = ""
    return within_segment(cfg, lambda what: pattern.format(matter=what, **fields), matter)


def room(cfg: DeskConfig) -> int:
    """UTF-16 units that the sign leaves of one segment."""
    return SEGMENT - utf16_units(f"【{cfg.sms_signature}】")


def within_segment(cfg: DeskConfig, write: Callable[[str], str], what: str) -> str:
    """`write(what)`, with as much of `what` as one segment holds; a few characters in any case."""
    whole = write(mask_links(what))
    if utf16_units(whole) <= room(cfg):
        return whole
    spare = room(cfg) - (utf16_units(whole) - utf16_units(mask_links(what)))
    return write(fit(mask_links(what), max(spare, 4)))


def role_of(cfg: DeskConfig, kind: AssigneeKind) -> str:
    """Who comes, as a resident is told: never a name."""
    return cfg.texts(_ROLES[kind])
