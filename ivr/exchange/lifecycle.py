"""A leg from the first ring to the last callback."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from ivr.exchange.callbacks import CallStatus
from ivr.exchange.errors import CallFailed, HungUp
from ivr.exchange.leg import Leg
from ivr.exchange.state import now
from ivr.exchange.telephone import Telephone
from ivr.exchange.webhooks import Line

log = logging.getLogger(__name__)


async def ring(leg: Leg, phone: Telephone, timeout: float, status: CallStatus) -> None:
    """Until the phone is answered; else the leg is ended as busy, failed or no-answer and HungUp raised.

    `timeout` in call seconds.
    """
    if not phone.reachable:
        leg.sip_code = "404"
        leg.end("error", "failed")
        raise HungUp
    leg.status, leg.rang = "ringing", now()
    status.tell("ringing")
    picked = await phone.pick_up(leg, timeout)
    if picked == "busy":
        leg.sip_code = "486"
        leg.end("caller", "busy")
        raise HungUp
    if picked == "no_answer":
        leg.sip_code = "487"
        leg.end("hotline", "no-answer")
        raise HungUp
    leg.answer()
    leg.sip_code = "200"
    status.tell("answered")
    leg.later(phone.person(leg).run())


async def to_the_end(leg: Leg, line: Line, status: CallStatus, talk: Coroutine[Any, Any, None]) -> None:
    """Runs `talk`, ends the leg whatever happens, sends what is still owed, then sets `leg.done`."""
    try:
        await talk
        leg.end("hotline")
    except HungUp:
        pass  # somebody ended it and said so on the leg
    except CallFailed as error:
        _failed(leg, error.code, str(error))
    except Exception as error:
        log.exception("exchange: call failed")
        _failed(leg, 0, f"the exchange itself failed: {error!r}")
    for child in leg.children:
        child.end("hotline", "completed" if child.answered else "canceled")
        await child.done.wait()
    status.tell("completed")
    while leg.background:
        await asyncio.gather(*leg.background, return_exceptions=True)
    await line.replay_rest()
    leg.done.set()


def _failed(leg: Leg, code: int, message: str) -> None:
    leg.error(code, message)
    leg.end("error")
