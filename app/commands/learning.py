"""`jiachang learn`: corrections by staff, as examples that the benches can run on."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import click

from app.commands.administration import open_runtime
from app.commands.correcting import BY
from app.commands.learning_train import learn_train
from app.commands.naming import actor_named
from app.desk import examples
from app.errors import AudioError, BadInput
from app.runtime import Runtime
from speech.audio import read_wav, write_wav

TABLE = "examples.tsv"
COLUMNS = (
    *("id", "style", "text", "category", "tier", "urgent", "danger"),
    *("estate", "building", "unit", "room", "landmark", "intent", "time", "phone"),
    *("wav", "transcript"),
)
"""Those of the benches' own files of utterances (bench/labelled.py), then the audio and what is said in it."""
_ANY = re.compile(r".*", re.DOTALL)
_FORMS = {
    "building": re.compile(r"[0-9]+|[A-Z]"),
    "unit": re.compile(r"[0-9]+"),
    "room": re.compile(r"[0-9]+"),
}
_WARNING = """\
这些文件里有居民的原话、地址和声音，是个人信息：只用来在本机测听得准不准，用完删除；不要上传，不要转给别人。
These files hold residents' words, addresses and voices: personal data. Measure with them on this machine, then delete them.
"""


@click.group()
def learn() -> None:
    """What staff put right (jiachang ticket correct), kept as examples to measure by and to learn from."""


learn.add_command(learn_train)


@learn.command("list")
@BY
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def learn_list(login: str, as_json: bool) -> None:
    """The examples that you may see, oldest ticket first."""
    runtime = open_runtime()
    with runtime.db.transaction(read_only=True) as session:
        actor = actor_named(session, login)
        rows = [_shown(found) for found in examples.visible(session, actor)]
    runtime.close()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        sound = "有录音" if row["recording"] else "　文字"
        changed = "" if row["heard"] == row["transcript"] else f"　← 听成 {row['heard'] or '（没有文字）'}"
        click.echo(f"{row['ticket']}  {sound}  {row['category'] or '—':<12}{row['transcript']}{changed}")
    click.echo(f"共 {len(rows)} 条。" if rows else "还没有样例。听完录音后用 jiachang ticket correct 更正。")


@learn.command("export")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@BY
@click.option("--force", is_flag=True, help="Write into a directory that is not empty.")
def learn_export(directory: Path, login: str, force: bool) -> None:
    """WAV files and a table for `python -m bench speech --data DIRECTORY` and `bench understanding`."""
    if directory.exists() and any(directory.iterdir()) and not force:
        raise BadInput(f"{directory} 里已经有文件；换一个空目录，或者加 --force")
    runtime = open_runtime()
    with runtime.db.transaction() as session:
        actor = actor_named(session, login)
        found = examples.visible(session, actor)
        if not found:
            raise BadInput("还没有您可以导出的样例。听完录音后用 jiachang ticket correct 更正。")
        _make(directory)
        # Into the log first, so that nothing leaves unseen; and calls must not wait until all files are written
        examples.exported(session, actor, found, now=runtime.now())
    rows, silent = _write_audio(runtime, directory, found)
    _write_table(directory / TABLE, rows)
    (directory / "README.txt").write_text(_WARNING, encoding="utf-8")
    runtime.close()
    click.echo(f"{len(rows)} 条样例，{len(rows) - silent} 条有声音：{directory / TABLE}")
    click.echo(_WARNING, err=True)


def _write_audio(
    runtime: Runtime, directory: Path, found: list[examples.Visible]
) -> tuple[list[dict[str, str]], int]:
    """One WAV an example, where there is a recording that can be read; rows of the table, and how many have none."""
    rows, silent = [], 0
    with click.progressbar(found, label="导出", file=sys.stderr) as bar:
        for item in bar:
            name = f"{_id(item)}.wav"
            pcm = _audio(runtime, item)
            if pcm is None:
                name, silent = "", silent + 1
            else:
                _secret(directory / name)
                write_wav(directory / name, pcm)
            rows.append(row(item, name))
    return rows, silent


def _audio(runtime: Runtime, item: examples.Visible) -> bytes | None:
    if item.audio is None:
        return None
    try:
        return read_wav(runtime.settings.data_dir / item.audio)
    except (AudioError, OSError) as error:
        click.echo(f"{item.ticket.number} 号的录音读不出来：{error}", err=True)
        return None


def _id(item: examples.Visible) -> str:
    return f"{item.ticket.number}-{item.example.id}"


def row(item: examples.Visible, wav: str) -> dict[str, str]:
    """One line of the table; empty = not known, or nothing that the table has a form for (unit A). Nobody has checked
    tier, intent, time and phone."""
    example = item.example
    place = {
        part: str(example.place.get(part, "")) for part in ("estate", "building", "unit", "room", "landmark")
    }
    known = {part: value for part, value in place.items() if _FORMS.get(part, _ANY).fullmatch(value)} | {
        "id": _id(item),
        "text": example.transcript,
        "category": example.category or "",
        "urgent": "" if example.urgent is None else str(int(example.urgent)),
        "danger": example.danger or "",
        "wav": wav,
        "transcript": example.transcript,
    }
    return dict.fromkeys(COLUMNS, "") | known


def _write_table(path: Path, rows: list[dict[str, str]]) -> None:
    """Tab separated, no quoting: what would break a line becomes a space. Whole or not at all."""
    lines = [COLUMNS, *([" ".join(line[name].split()) for name in COLUMNS] for line in rows)]
    part = path.with_suffix(".part")
    _secret(part)
    part.write_text("".join("\t".join(cells) + "\n" for cells in lines), encoding="utf-8")
    part.replace(path)


def _make(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"不能在 {directory} 建目录（{error.strerror}）；换一个地方") from error


def _secret(path: Path) -> None:
    """An empty file for our account only, before the first word is in it."""
    path.touch(mode=0o600)
    path.chmod(0o600)


def _shown(item: examples.Visible) -> dict[str, Any]:
    example = item.example
    return {
        "ticket": item.ticket.number,
        "heard": example.heard,
        "transcript": example.transcript,
        "category": example.category,
        "place": example.place,
        "danger": example.danger,
        "urgent": example.urgent,
        "recording": example.recording_id,
        "corrected_by": example.corrected_by,
        "corrected_at": example.corrected_at.isoformat(),
    }
