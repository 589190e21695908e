"""`jiachang kiosk`: touch screens at stations — a code to set one up, a list, and the end of one."""

import json

import click

from app.commands.administration import open_runtime
from app.desk import kiosks
from app.desk.people import OPERATOR
from models.kiosk import Kiosk


@click.group()
def kiosk() -> None:
    """Touch screens at stations."""


@kiosk.command("add")
@click.argument("station")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def kiosk_add(station: str, as_json: bool) -> None:
    """Set up a screen at STATION (its letter or name): prints a code for one use and the address to open."""
    runtime = open_runtime()
    with runtime.db.transaction() as session:
        place = kiosks.station_named(session, station)
        added = kiosks.add(session, OPERATOR, place.id, now=runtime.now())
        kiosk_id, prefix = added.kiosk.id, added.kiosk.slip_prefix
    address = f"{runtime.settings.public_url.rstrip('/')}/kiosk/"
    until = runtime.desk.local(added.expires_at)
    runtime.close()
    if as_json:
        found = {
            "kiosk_id": kiosk_id,
            "slip_prefix": prefix,
            "code": added.code,
            "address": address,
            "enrol_address": f"{address}#code={added.code}",
            "expires_at": added.expires_at.isoformat(),
        }
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    click.echo(f"{kiosk_id} 号自助屏，在{added.station.name}，小票编号从 {prefix}001 起。")
    click.echo(f"在那台机器上打开：{address}")
    click.echo(f"输入登记码：{added.code[:4]} {added.code[4:]}　（只用一次，{until:%H:%M} 前有效）")
    click.echo(f"或者直接打开：{address}#code={added.code}")


@kiosk.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def kiosk_list(as_json: bool) -> None:
    """Every screen: when it was last heard from, and how much it still has to send."""
    runtime = open_runtime()
    now = runtime.now()
    with runtime.db.transaction(read_only=True) as session:
        found = kiosks.below(session, OPERATOR)
        silent = {row.id for row, _ in kiosks.unheard(session, "/", now=now)}
    if as_json:
        rows = [
            {
                "kiosk_id": row.id,
                "station": station.letter,
                "slip_prefix": row.slip_prefix,
                "enrolled_at": row.enrolled_at.isoformat() if row.enrolled_at else None,
                "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
                "last_seen_at": row.last_seen_at.isoformat() if row.last_seen_at else None,
                "silent": row.id in silent,
                "waiting": row.waiting,
                "clock_offset_s": row.clock_offset_s,
                "version": row.app_version,
            }
            for row, station in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for row, station in found:
            seen = f"{runtime.desk.local(row.last_seen_at):%m-%d %H:%M}" if row.last_seen_at else "—"
            state = _state(row, row.id in silent)
            click.echo(f"{row.id:>4}  {row.slip_prefix:<5}{station.name}  {state}  最近联系 {seen}")
        if not found:
            click.echo("还没有自助屏。用 jiachang kiosk add 驿站字母 添加。")
    runtime.close()


@kiosk.command("revoke")
@click.argument("kiosk_id", type=int)
def kiosk_revoke(kiosk_id: int) -> None:
    """Shut a screen out at once: stolen, replaced, sent away. What it sent stays."""
    runtime = open_runtime()
    with runtime.db.transaction() as session:
        revoked = kiosks.revoke(session, OPERATOR, kiosk_id, now=runtime.now())
        waiting = revoked.waiting
    runtime.close()
    click.echo(f"{kiosk_id} 号自助屏已停用。")
    if waiting:
        click.echo(f"注意：它那里还有 {waiting} 件没有送出来。")


def _state(row: Kiosk, silent: bool) -> str:
    if row.revoked_at is not None:
        return "已停用"
    if row.enrolled_at is None:
        return "等待登记"
    waiting = f"，{row.waiting} 件没送出" if row.waiting else ""
    return f"{'没有消息' if silent else '正常'}{waiting}"
