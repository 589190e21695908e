"""`jiachang resident`: what the console has no place for."""

import click

from app.commands.administration import open_runtime
from app.desk import erasure


@click.group()
def resident() -> None:
    """Residents' records."""


@resident.command("erase-again")
def erase_again() -> None:
    """After a restore: erase anew everybody whose record was erased after that backup was made."""
    runtime = open_runtime()
    done = 0
    for id_ in dict.fromkeys(erasure.remembered(runtime.settings.data_dir)):
        with runtime.db.transaction() as session:
            done += erasure.erase_again(session, id_, now=runtime.now()) is not None
    with runtime.db.transaction() as session:
        files = erasure.drop_files(session, runtime.settings.data_dir)
    runtime.close()
    click.echo(f"重新删除了 {done} 位居民的资料、{files} 段录音。")
