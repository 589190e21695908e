"""`python -m bench [NAME…]`: measure, print tables, keep bench/results/NAME.json. Ends with 1 if a bar was missed."""

import sys

import click

from app.errors import JiachangError
from app.supervisor import stop_on_signals
from bench import delay, intake
from bench.load import LoadError
from tests.support.postgres import NoPostgres

FIGURES = ("intake", "delay")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(FIGURES))
@click.option("--requests", default=1500, show_default=True, help="intake: measured requests of each case")
@click.option("--turns", default=40, show_default=True, help="delay: spoken turns of each series")
def main(names: tuple[str, ...], requests: int, turns: int) -> None:
    """Run the figures NAMES, all of them if none is named."""
    passed = True
    try:
        with stop_on_signals():
            for name in names or FIGURES:
                passed = (intake.run(requests) if name == "intake" else delay.run(turns)) and passed
    except (JiachangError, LoadError, NoPostgres) as error:
        raise click.ClickException(str(error)) from error
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
