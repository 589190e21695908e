"""The command `jiachang`."""

import sys

import click

from app.commands import (
    activities,
    administration,
    auditing,
    calling,
    calls,
    correcting,
    kiosk,
    learning,
    notices,
    processes,
    residents,
    tickets,
    units,
    users,
)
from app.commands.demo import demo
from app.commands.model import model
from app.commands.understanding import understand
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
    users.user,
    auditing.audit,
    understand,
    units.unit,
    model,
    calling.call,
    calling.text,
    tickets.ticket,
    notices.notice,
    activities.activity,
    residents.resident,
    kiosk.kiosk,
    learning.learn,
):
    cli.add_command(command)


tickets.ticket.add_command(calls.calls)
tickets.ticket.add_command(calls.called)
tickets.ticket.add_command(correcting.correct)


def main() -> None:
    """Entry point: an error made on purpose is a sentence, not a traceback."""
    try:
        cli()
    except JiachangError as error:
        click.echo(f"错误：{error}", err=True)
        sys.exit(1)
