"""`jiachang model build`: the starter model, made anew from synthetic voices."""

from pathlib import Path

import click

from app.commands.bar import Bar
from app.settings import load_settings

STEPS = {
    "environment": "准备训练环境",
    "data": "合成语音",
    "training": "训练",
    "export": "写成模型",
    "scores": "试听打分",
}


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the model goes [default: starter in the work directory]",
)
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keeps every step's result; half-done work goes on from there [default: model-build in the data directory]",
)
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True, help="For the training.")
@click.option(
    "--keep-training",
    is_flag=True,
    help="Only words and sentences have changed: write and measure the model anew around the net trained before.",
)
def build(out: Path | None, work: Path | None, threads: int, keep_training: bool) -> None:
    """Build the starter model from nothing: synthesise speech, train, write, measure. Some 20 minutes on two cores.

    A step whose inputs haven't changed isn't done again. PyTorch goes into an environment of its own under --work;
    requirements/train.txt says how to get its CPU build. See docs/speech-models.md.
    """
    # Only here: it imports half of the speech package, and the other commands shouldn't wait for that.
    from speech.starter.build import build as build_model

    workshop = work or load_settings().data_dir / "model-build"
    target = out or workshop / "starter"
    with Bar(STEPS, shown=str) as bar:
        scores = build_model(workshop, target, bar, threads=threads, keep_training=keep_training)
    for line in scores:
        click.echo(f"  {line}")
    click.echo(f"模型已写好：{target}")
    click.echo(f"下一步：设置 JIACHANG_SPEECH_MODEL={target}，然后重启电话网关")
