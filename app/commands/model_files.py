"""`jiachang model fetch` and `jiachang model check`."""

import json
import sys
from pathlib import Path

import click

from app.commands.bar import Bar
from app.commands.model_report import report
from app.errors import SpeechModelError
from app.settings import load_settings
from speech.model_check import survey
from speech.model_fetch import MODELS
from speech.model_fetch import fetch as fetch_model


@click.command()
@click.argument("name", type=click.Choice(list(MODELS)))
@click.option(
    "--to",
    "into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory of the models [default: models in the data directory]",
)
@click.option("--sha256", help="The sum that the archive must have; also accepts one that has changed.")
def fetch(name: str, into: Path | None, sha256: str | None) -> None:
    """Download a full model: cn-small (42 MB, needs 300 MB of memory) or cn (1.3 GB, up to 16 GB of memory).

    A broken download goes on where it stopped: run the command again. See docs/speech-models.md.
    """
    settings = load_settings()
    directory = into or settings.data_dir / "models"
    with Bar({"download": "下载", "sum": "核对", "unpack": "解压", "try": "试用"}) as bar:
        done = fetch_model(MODELS[name], settings.model_source, directory, bar, sha256=sha256)
    where = done.report.path
    click.echo(f"{'模型已装好' if done.fresh else '模型已在，不用再下载'}：{where}")
    click.echo(f"    {done.report.summary()}")
    if done.sha256:
        click.echo(f"    SHA-256 {done.sha256}")
    if done.first:
        click.echo("    第一次下载，没有可比对的校验值：已记下，下次有变化会拒绝。可与别处下载的核对。")
    click.echo(f"下一步：设置 JIACHANG_SPEECH_MODEL={where}，然后重启电话网关")
    click.echo(f"        jiachang model check {where} 可看它在这台机器上的表现")


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs; with the words of every phrase.")
def check(directory: Path, as_json: bool) -> None:
    """Load the model in DIRECTORY and show what it can do here: phrases, memory, speed.

    Exit code 1 if it is not usable, with a sentence that says why.
    """
    if not as_json:
        click.echo("正在加载并试听，大模型要几分钟……", err=True)
    try:
        found = survey(directory, load_settings().phrases_dir)
    except SpeechModelError as error:
        if not as_json:
            raise
        click.echo(json.dumps({"path": str(directory), "problem": str(error)}, ensure_ascii=False))
        sys.exit(1)
    if as_json:
        facts = {"path": str(directory), "problem": None, **found.to_json()}
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(report(directory.name or str(directory), found)))
