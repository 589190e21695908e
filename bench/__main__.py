"""`python -m bench [FIGURE …]`: measure, print tables, keep bench/results/NAME.json. Ends with 1 if a bar was missed.

A figure = one function `run(…) -> bool` in its module, and one command here.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import click

from app.errors import JiachangError
from app.supervisor import stop_on_signals
from bench import (
    console,
    delay,
    endpointing,
    intake,
    kiosk,
    matching,
    speech,
    streams,
    text_intake,
    text_load,
    texts,
    understanding,
)
from bench.load import LoadError
from tests.support.postgres import NoPostgres


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Run one figure, or all of them with their usual sizes (half an hour and more)."""
    if context.invoked_subcommand is None:
        missed = [name for name, command in main.commands.items() if not _passes(command, context)]
        click.echo(f"missed: {', '.join(missed)}" if missed else "all bars met")
        sys.exit(1 if missed else 0)


def _passes(command: click.Command, context: click.Context) -> bool:
    try:
        context.invoke(command)
    except SystemExit as end:
        return not end.code
    return True


def _judge(measure: Callable[[], bool]) -> None:
    try:
        with stop_on_signals():
            passed = measure()
    except (JiachangError, LoadError, NoPostgres) as error:
        raise click.ClickException(str(error)) from error
    sys.exit(0 if passed else 1)


@main.command("intake")
@click.option("--requests", default=1500, show_default=True, help="measured requests of each case")
def _intake(requests: int) -> None:
    """Webhooks of calls and texts at 16 in flight, beside a bare route."""
    _judge(lambda: intake.run(requests))


@main.command("delay")
@click.option("--turns", default=40, show_default=True, help="spoken turns of each series")
def _delay(turns: int) -> None:
    """From the last audio frame needed to the next TwiML, in real calls."""
    _judge(lambda: delay.run(turns))


@main.command("streams")
@click.option("--turns", default=200, show_default=True, help="turns of each step")
def _streams(turns: int) -> None:
    """Callers heard at once on one core, beside the plain Vosk loop."""
    _judge(lambda: streams.run(turns))


@main.command("endpointing")
@click.option("--split", type=click.Choice(("test", "dev")), default="test", show_default=True)
def _endpointing(split: Literal["test", "dev"]) -> None:
    """Where speech begins and ends in made recordings, and which sounds are taken for it."""
    _judge(lambda: endpointing.run(split))


@main.command("matching")
def _matching() -> None:
    """Phrases found by sound: time of a search in 5,000 phrases."""
    _judge(matching.run)


@main.command("speech")
@click.option(
    "--count", type=click.IntRange(1), default=speech.CELL, show_default=True, help="recordings a cell"
)
@click.option("--split", type=click.Choice(("test", "dev")), default="test", show_default=True)
@click.option(
    "--model", type=click.Path(exists=True, file_okay=False, path_type=Path), help="another speech model"
)
@click.option(
    "--by", multiple=True, type=click.Choice(speech.DIMENSIONS), help="only these; else all (half an hour)"
)
def _speech(count: int, split: Literal["test", "dev"], model: Path | None, by: tuple[str, ...]) -> None:
    """What the model hears: answers, digits, sentences, nothing, by voice, speed, noise and codec."""
    _judge(lambda: speech.run(count, split, model, by or speech.DIMENSIONS))


@main.command("understanding")
@click.option("--split", type=click.Choice(("test", "dev")), default="test", show_default=True)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="own recordings, as from `jiachang learn export`",
)
@click.option("--text-only", is_flag=True, help="without voices and model: half a minute")
@click.option("--every", type=click.IntRange(1), default=1, help="only each n-th line, for a quick look")
@click.option(
    "--model", type=click.Path(exists=True, file_okay=False, path_type=Path), help="another speech model"
)
def _understanding(
    split: Literal["test", "dev"], data: Path | None, text_only: bool, every: int, model: Path | None
) -> None:
    """What labelled utterances mean, from text and after a made voice and a telephone line."""
    _judge(lambda: understanding.run(split, data=data, speech=not text_only, every=every, model=model))


@main.command("texts")
@click.option("--split", type=click.Choice(("test", "dev")), default="test", show_default=True)
@click.option("--reading-only", is_flag=True, help="do not send them through the door; nothing is kept")
def _texts(split: Literal["test", "dev"], reading_only: bool) -> None:
    """What text messages are read as, and that none is lost on the way in."""
    _judge(lambda: texts.run(split, door=not reading_only))


@main.command("text-intake")
@click.option("--requests", default=600, show_default=True, help="measured texts of each kind")
def _text_intake(requests: int) -> None:
    """Texts of every kind at 16 in flight, beside a bare route."""
    _judge(lambda: text_intake.run(requests))


@main.command("text-load")
@click.option("--seconds", default=60.0, show_default=True, help="how long ten texts a second come")
def _text_load(seconds: float) -> None:
    """How soon texts are answered, and keepers told, at ten a second."""
    _judge(lambda: text_load.run(seconds))


@main.command("console")
@click.option("--rounds", default=40, show_default=True, help="times that each page is asked for")
def _console(rounds: int) -> None:
    """Pages of the staff's queue with 1,000, 10,000 and 100,000 tickets."""
    _judge(lambda: console.run(rounds))


@main.command("kiosk")
@click.option("--times", default=5, show_default=True, help="fresh contexts of each paint")
def _kiosk(times: int) -> None:
    """The kiosk's page: weights, paints on a slow box and a slow line, memory after a hundred uses."""
    _judge(lambda: kiosk.run(times))


if __name__ == "__main__":
    main()
