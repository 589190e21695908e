"""`jiachang model …`: the group; each command lives in a module of its own."""

import click

from app.commands.model_build import build
from app.commands.model_files import check, fetch


@click.group()
def model() -> None:
    """The speech model: fetch, check, build."""


for command in (fetch, check, build):
    model.add_command(command)
