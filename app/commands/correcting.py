"""`jiachang ticket correct`: what she really said and meant, kept as a verified example."""

import json

import click

from app.commands.administration import open_runtime
from app.commands.naming import actor_named
from app.desk import examples
from app.desk.catalogue import NAMES
from app.desk.place import Place
from app.desk.tickets import by_number
from app.desk.wording import category_name, place_of
from speech.phrasebook import EMERGENCY_NUMBERS

BY = click.option(
    "--by", "--as", "login", required=True, envvar="JIACHANG_LOGIN", help="Your login (jiachang user list)."
)


@click.command("correct")
@click.argument("number", type=int)
@BY
@click.option(
    "--transcript", help="What she said, word for word; without it, what was heard counts as right."
)
@click.option("--category", type=click.Choice(list(NAMES)), help="What it is about.")
@click.option(
    "--estate", help="The place as she said it. If any part of it is given, the others were not said."
)
@click.option("--building")
@click.option("--unit")
@click.option("--room")
@click.option("--landmark")
@click.option(
    "--danger",
    type=click.Choice([*EMERGENCY_NUMBERS, examples.NO_DANGER]),
    help="Danger to life and whom to ring for it, or that there is none in these words.",
)
@click.option("--urgent/--not-urgent", default=None, help="Do her words make it urgent?")
@click.option("--recording", type=int, help="Which recording, where she spoke more than once.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def correct(
    number: int,
    login: str,
    transcript: str | None,
    category: str | None,
    estate: str | None,
    building: str | None,
    unit: str | None,
    room: str | None,
    landmark: str | None,
    danger: str | None,
    urgent: bool | None,
    recording: int | None,
    as_json: bool,
) -> None:
    """Put right what was heard and understood, and keep it as an example to measure and teach by.

    What you don't give counts as right as it stands.
    """
    runtime = open_runtime()
    place = Place(estate=estate, building=building, unit=unit, room=room, landmark=landmark)
    with runtime.db.transaction() as session:
        ticket = by_number(session, number)
        example = examples.correct(
            session,
            runtime.desk,
            ticket,
            actor_named(session, login),
            transcript=transcript,
            category=category,
            place=place or None,
            danger=danger,
            urgent=urgent,
            recording_id=recording,
            now=runtime.now(),
        )
        kept = {
            "ticket": number,
            "status": ticket.status.value,
            "heard": example.heard,
            "transcript": example.transcript,
            "category": example.category,
            "place": {part: example.place.get(part) for part in examples.PARTS},
            "danger": example.danger,
            "urgent": example.urgent,
            "recording": example.recording_id,
        }
        what, spot = category_name(runtime.desk, ticket.category), place_of(runtime.desk, ticket)
    runtime.close()
    if as_json:
        click.echo(json.dumps(kept, ensure_ascii=False, indent=2))
        return
    click.echo(
        f"{number} 号：{what}，{spot or '地点不清楚'}"
        + (f"，危险 {kept['danger']}" if kept["danger"] else "")
    )
    click.echo(f"原来听成：{kept['heard'] or '（没有文字）'}")
    click.echo(f"更正为：　{kept['transcript']}")
    click.echo("已经留作样例（jiachang learn list）。")
