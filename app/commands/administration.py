"""Commands of the part-time administrator: migrate, doctor."""

import dataclasses
import json
import sys
from datetime import time
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app import log
from app import migrate as migrations
from app.desk.catalogue import seed_categories
from app.desk.messages import segments_sent
from app.errors import JiachangError
from app.health import Finding, findings
from app.runtime import Runtime, bootstrap
from app.settings import load_settings
from models.unit import Unit


def open_runtime() -> Runtime:
    """The runtime of a command, closed when the command ends: settings from the environment, logs at warnings only."""
    log.configure("WARNING")
    runtime = bootstrap(load_settings())
    click.get_current_context().call_on_close(runtime.close)
    return runtime


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
