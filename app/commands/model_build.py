"""`jiachang model build`: the starter model, made anew from synthetic voices."""

import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import click

from app.settings import load_settings

STEPS = {
    "environment": "准备训练环境",
    "data": "合成语音",
    "training": "训练",
    "export": "写成模型",
    "scores": "试听打分",
}


class _Bars:
    """Callable as `bars(step, done, total)`; without a terminal a line for each tenth."""

    def __init__(self) -> None:
        self._step, self._at, self._tenth = "", 0, -1
        self._bar: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def __call__(self, step: str, done: int, total: int) -> None:
        total = max(1, total)
        if step != self._step:
            self._end()
            self._step, self._at, self._tenth = step, 0, -1
            if sys.stderr.isatty():
                self._bar = click.progressbar(length=total, label=STEPS[step], file=sys.stderr)
                self._bar.__enter__()
        if self._bar is not None:
            self._bar.update(done - self._at)
        elif 10 * done // total > self._tenth:
            self._tenth = 10 * done // total
            click.echo(f"{STEPS[step]} {done}/{total}", err=True)
        self._at = done

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None


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
    """Build the starter model from nothing: synthesise speech, train, write, measure. Half an hour on two cores.

    A step whose inputs haven't changed isn't done again. PyTorch goes into an environment of its own under --work;
    requirements/train.txt says how to get its CPU build. See docs/speech-models.md.
    """
    # Only here: it imports half of the speech package, and the other commands shouldn't wait for that.
    from speech.starter.build import build as build_model

    workshop = work or load_settings().data_dir / "model-build"
    target = out or workshop / "starter"
    with _Bars() as bars:
        scores = build_model(workshop, target, bars, threads=threads, keep_training=keep_training)
    for line in scores:
        click.echo(f"  {line}")
    click.echo(f"模型已写好：{target}")
    click.echo(f"下一步：设置 JIACHANG_SPEECH_MODEL={target}，然后重启电话网关")
