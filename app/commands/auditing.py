"""`jiachang audit`: has anybody changed what the audit log says?"""

import sys

import click

from app.commands.administration import open_runtime
from app.desk import sealing


@click.group()
def audit() -> None:
    """Who looked at whose number, recording or address."""


@audit.command("verify")
@click.option("--seal", "noted", help="A seal noted down earlier, which must still be there.")
def audit_verify(noted: str | None) -> None:
    """Compute all hourly seals again. Exit code 1 where one does not fit."""
    runtime = open_runtime()
    zone = runtime.settings.zone
    with runtime.db.transaction(read_only=True) as session:
        found = sealing.verify(session)
        missing = noted is not None and not sealing.knows(session, noted)
    runtime.close()
    for one in found.broken:
        changed = f"当时 {one.sealed} 条，现在 {one.found} 条" if one.sealed != one.found else "内容被改过"
        click.echo(
            f"✗ 编号 {one.after_id + 1}–{one.last_id}（{one.at.astimezone(zone):%Y-%m-%d %H:%M} 封存）对不上：{changed}"
        )
    if missing:
        click.echo("✗ 没有您记下的那个封条：后面的记录可能被截掉、重新封过。")
    if found.broken or missing:
        click.echo("请保留数据库原样，对照备份查明原因。")
        sys.exit(1)
    click.echo(
        f"✓ {found.seals} 个封条都对得上，共 {found.entries} 条；还有 {found.unsealed} 条等下一次封存。"
    )
    if found.last_seal:
        click.echo(f"最后的封条：{found.last_seal}　（可以抄下来，下次用 --seal 核对）")
