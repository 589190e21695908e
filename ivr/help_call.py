"""Somebody at a kiosk asks for a person, as the carrier walks through it: whoever picks up presses 1 and goes there."""

from app.desk import kiosk_help
from app.runtime import Runtime
from ivr import twiml
from ivr.verbs import Text
from ivr.webhook import StatusPost

_GOES = Text("好的，已经告诉居民您马上到。谢谢。")
_STAYS = Text("好的，会请居民留电话。再见。")
_TOO_LATE = Text("居民已经不等了，不用去了。谢谢。")


def picked_up(runtime: Runtime, uuid: str, sid: str) -> str:
    with runtime.db.transaction() as session:
        station = kiosk_help.picked_up(session, uuid, sid, now=runtime.now())
    if station is None:
        return _say(runtime, _TOO_LATE)
    where = "，".join(part for part in (station.name, station.address) if part)
    wanted = Text("驿站自助屏有居民需要帮忙，{station}。按 1 就去。", {"station": where})
    accept = f"{runtime.settings.public_url.rstrip('/')}/voice/help/{uuid}/key"
    return twiml.whisper(wanted.render(runtime.translate), accept)


def key(runtime: Runtime, uuid: str, sid: str, *, goes: bool) -> str:
    with runtime.db.transaction() as session:
        told = kiosk_help.decided(session, uuid, sid, goes=goes, now=runtime.now())
    if not goes:
        return _say(runtime, _STAYS)
    return _say(runtime, _GOES if told else _TOO_LATE)


def status(runtime: Runtime, post: StatusPost, uuid: str) -> None:
    with runtime.db.transaction() as session:
        kiosk_help.over(session, uuid, post.call_sid, post.status, now=runtime.now())


def _say(runtime: Runtime, text: Text) -> str:
    return twiml.goodbye(text.render(runtime.translate))
