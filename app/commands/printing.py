"""Tickets as plain text for a terminal."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

_STATES = {
    "new": "已受理",
    "needs_listening": "待听录音",
    "dispatched": "已派单",
    "in_progress": "办理中",
    "returned": "退单",
    "on_hold": "暂缓",
    "planned": "纳入计划",
    "referred": "转办",
    "resolved": "待回访",
    "closed": "已办结",
    "reopened": "重办",
    "duplicate": "并案",
    "cancelled": "撤销",
}
_ASPECTS = (("speed", "速度"), ("effect", "效果"), ("attitude", "态度"))
_FACTS = {1: "好了", 2: "好了一部分", 3: "没好"}
_MARKS = {1: "满意", 2: "一般", 3: "不满意", None: "没问到"}


def print_list(rows: list[dict[str, Any]], zone: ZoneInfo, now: datetime) -> None:
    """One line a ticket: number, state, time left, what, who."""
    if not rows:
        click.echo("没有待办的事。")
    for row in rows:
        left = datetime.fromisoformat(row["due_at"]) - now
        hours = abs(left.total_seconds()) / 3600
        span = f"{hours / 24:.0f} 天" if hours >= 48 else f"{hours:.0f} 小时"
        when = f"超期 {span}" if row["overdue"] else f"还有 {span}"
        who = row["assignee"]["name"] if row["assignee"] else "—"
        what = row["matter"] or row["category_name"]
        flag = "【紧急】" if row["urgent"] else ""
        click.echo(f"{row['number']}  {_STATES[row['status']]}  {when}  {flag}{what}  {who}")


def print_ticket(found: dict[str, Any], zone: ZoneInfo) -> None:
    """Everything a dispatcher needs, times local."""
    place = found["place"]
    where = "".join(
        f"{place[key]}{suffix}"
        for key, suffix in (("estate", ""), ("building", "栋"), ("unit", "单元"))
        if place[key]
    )
    reporter = found["reporter"]
    who = f"{reporter['name'] or '未登记姓名'} {' '.join(reporter['phones'])}" if reporter else "不明"
    click.echo(
        f"{found['number']} 号　{_STATES[found['status']]}　{found['category_name']}{'　紧急' if found['urgent'] else ''}"
    )
    click.echo(f"原话：{found['text'] or '（没有文字，请听录音）'}")
    click.echo(f"地点：{where or '不清楚'}　单位：{found['unit']['name'] if found['unit'] else '—'}")
    click.echo(f"反映人：{who}")
    click.echo(
        f"承办：{found['assignee']['name'] if found['assignee'] else '—'}　派单依据：{found['dispatch_reason'] or '—'}"
    )
    click.echo(f"承诺：{found['promised_on']}　时限：{_local(found['due_at'], zone)}　第 {found['cycle']} 轮")
    for event in found["events"]:
        click.echo(
            f"  {_local(event['at'], zone)}  {event['action']:<14}{event['actor']:<12}{event['reason'] or ''}"
        )
    for message in found["messages"]:
        click.echo(f"  短信 {message['phone']} [{message['state']}] {message['body']}")
    for recording in found["recordings"]:
        click.echo(
            f"  录音 {recording['path']}  {recording['seconds']:.1f} 秒  {recording['transcript'] or ''}"
        )
    for rating in found["ratings"]:
        marks = "　".join(f"{name}：{_MARKS[rating[key]]}" for key, name in _ASPECTS)
        click.echo(
            f"  评价 {_FACTS[rating['fact']] if rating['fact'] else '没问到'}　{marks}　{rating['remark'] or ''}"
        )
    if found["allowed"]:
        click.echo(f"现在可以：{'、'.join(found['allowed'])}")


def _local(moment: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(zone):%m-%d %H:%M}"
