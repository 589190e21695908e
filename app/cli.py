"""The command `jiachang`."""

import sys

import click

from app.commands import administration, calling, calls, processes, tickets, units
from app.commands.demo import demo
from app.errors import JiachangError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jiachang")
def cli() -> None:
    """家常热线: one number to dial, one queue of tickets, and a call back when it is done.

    Settings come from the environment (JIACHANG_…, see docs/settings.md).
    """


for command in (
    demo,
    processes.serve,
    processes.gateway,
    processes.worker,
    processes.clock,
    processes.exchange,
    administration.migrate,
    administration.doctor,
    administration.user,
    administration.understand,
    units.unit,
    calling.call,
    calling.text,
    tickets.ticket,
):
    cli.add_command(command)


tickets.ticket.add_command(calls.calls)
tickets.ticket.add_command(calls.called)


def main() -> None:
    """Entry point: an error made on purpose is a sentence, not a traceback."""
    try:
        cli()
    except JiachangError as error:
        click.echo(f"错误：{error}", err=True)
        sys.exit(1)
