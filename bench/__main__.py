"""`python -m bench [NAME…]`: measure, print tables, keep bench/results/NAME.json. Ends with 1 if a bar was missed."""

import sys
from collections.abc import Callable

import click

from app.errors import JiachangError
from app.supervisor import stop_on_signals
from bench import delay, intake
from bench.load import LoadError

FIGURES: dict[str, Callable[[], bool]] = {"intake": intake.run, "delay": delay.run}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(FIGURES)))
def main(names: tuple[str, ...]) -> None:
    """Run the figures NAMES, all of them if none is named."""
    passed = True
    try:
        with stop_on_signals():
            for name in names or FIGURES:
                passed = FIGURES[name]() and passed
    except (JiachangError, LoadError) as error:
        raise click.ClickException(str(error)) from error
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
