"""Ring the hotline and text it through the local exchange, from a terminal or a script."""

import json
from pathlib import Path
from typing import Any, cast

import click
from sqlalchemy import select

from app.commands.administration import open_runtime
from app.commands.keyboard import FLOW_NAMES, GIVEN, walk
from app.errors import BadInput
from app.runtime import Runtime
from app.settings import Settings
from app.sms.keywords import read_staff
from app.sms.meant import Asked
from app.sms.reading import read_resident
from ivr.exchange.client import ExchangeClient
from ivr.exchange.scriptfile import load_script, say_step
from models.call import Call
from models.message import Message
from models.question import Question
from models.resident import ResidentPhone
from models.staff import Staff
from models.ticket import Ticket

WHO = {"hotline": "热线", "caller": "居民"}


def exchange_client(settings: Settings) -> ExchangeClient:
    return ExchangeClient(f"http://{settings.exchange_bind}")


def print_dialogue(dialogue: list[dict[str, Any]]) -> None:
    """One line a sentence: seconds since the answer, who, what."""
    for line in dialogue:
        click.echo(f"  {line['at']:6.1f}s  {WHO.get(line['who'], line['who'])}：{line['text']}")


def ticket_of_call(runtime: Runtime, carrier_sid: str) -> int | None:
    """Number of the ticket that a call opened."""
    with runtime.db.transaction(read_only=True) as session:
        return session.scalar(
            select(Ticket.number)
            .join(Call, Call.ticket_id == Ticket.id)
            .where(Call.carrier_sid == carrier_sid)
        )


@click.command()
@click.option("--from", "caller", help="The caller's number, E.164.")
@click.option(
    "--script", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="TOML file of [[step]]s."
)
@click.option(
    "--wav",
    "wavs",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Speak this file when it is the caller's turn; may be repeated.",
)
@click.option("--pace", default=1.0, show_default=True, help="How many times faster than real time.")
@click.option(
    "--keyboard", is_flag=True, help="Walk the dialogue by typing: no telephone, nothing is stored."
)
@click.option(
    "--flow",
    type=click.Choice(FLOW_NAMES),
    default=FLOW_NAMES[0],
    show_default=True,
    help="With --keyboard: which dialogue.",
)
@click.option(
    "--given",
    type=click.Choice(tuple(GIVEN)),
    multiple=True,
    help="With --keyboard: what is so in this call; may be repeated. Her address is known; nobody is on duty; she "
    "reported something before; her number is withheld; no streams; her name is not known; a machine answers.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def call(
    caller: str | None,
    script: Path | None,
    wavs: tuple[Path, ...],
    pace: float,
    keyboard: bool,
    flow: str,
    given: tuple[str, ...],
    as_json: bool,
) -> None:
    """Ring the hotline through the local exchange; print the dialogue and the ticket's number.

    With --keyboard the dialogue is walked in the terminal instead, without telephone, voice or database.
    """
    if keyboard:
        if script or wavs:
            raise BadInput("--keyboard 是打字走一遍，不能再用 --script 或 --wav")
        walk(flow, given, as_json=as_json)
        return
    if not caller:
        raise BadInput(
            "请用 --from 说明从哪个号码打来，例如 --from +8613800001111；只想打字走一遍请用 --keyboard"
        )
    if bool(script) == bool(wavs):
        raise BadInput("请用 --script 或者 --wav 说明打电话的人说什么、按什么（二选一）")
    steps = load_script(script) if script else [say_step(path) for path in wavs]
    runtime = open_runtime()
    exchange = exchange_client(runtime.settings)
    try:
        result = exchange.wait_call(exchange.call(caller, steps, pace=pace))
        number = ticket_of_call(runtime, result["sid"])
    finally:
        runtime.close()
    if as_json:
        kept = ("dialogue", "ended_by", "status", "errors", "mismatches", "sid")
        click.echo(
            json.dumps({k: result[k] for k in kept} | {"ticket": number}, ensure_ascii=False, indent=2)
        )
        return
    print_dialogue(result["dialogue"])
    click.echo(f"  挂断：{WHO.get(result['ended_by'], result['ended_by'])}")
    click.echo(f"工单号：{number}" if number else "没有立单。")
    for problem in (*result["errors"], *result["mismatches"]):
        click.echo(f"注意：{problem}", err=True)


@click.command()
@click.option("--from", "sender", required=True, help="The sender's number, E.164.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.argument("body")
def text(sender: str, body: str, as_json: bool) -> None:
    """Send a text to the hotline through the local exchange; print the reply."""
    runtime = open_runtime()
    try:
        asked = _asked(runtime, sender)
        reply = exchange_client(runtime.settings).text(sender, body)
        found = _read(runtime, sender, body, asked)
    finally:
        runtime.close()
    if as_json:
        click.echo(json.dumps({"reply": reply} | found, ensure_ascii=False, indent=2))
    else:
        click.echo(reply or "（没有回复）")


def _asked(runtime: Runtime, sender: str) -> Asked | None:
    """What the sender's next text may answer."""
    with runtime.db.transaction(read_only=True) as session:
        query = (
            select(Question.kind)
            .join(ResidentPhone, ResidentPhone.resident_id == Question.resident_id)
            .where(ResidentPhone.phone_index == sender, Question.expires_at > runtime.now())
        )
        return cast(Asked | None, session.scalar(query))


def _read(runtime: Runtime, sender: str, body: str, asked: Asked | None) -> dict[str, Any]:
    """How the text was read: intent and argument, and the ticket that its message row ended up with."""
    with runtime.db.transaction(read_only=True) as session:
        is_staff = (
            session.scalar(select(Staff.id).where(Staff.phone_index == sender, Staff.active)) is not None
        )
        reading = read_staff(body) if is_staff else read_resident(body, asked)
        newest = (
            select(Message.ticket_id)
            .where(Message.phone_index == sender, Message.direction == "inbound")
            .order_by(Message.id.desc())
            .limit(1)
        )
        number = session.scalar(select(Ticket.number).where(Ticket.id == newest.scalar_subquery()))
    return {"intent": reading.intent, "argument": reading.argument or None, "ticket": number}
