"""A call from the callback desk, as the carrier walks through it: the worker presses 1, the resident is rung.

Who presses no key is a voicemail box, or has left her desk: then no resident is rung for nobody.
"""

from app.desk import desk_calls
from app.runtime import Runtime
from ivr import twiml
from ivr.verbs import Text
from ivr.webhook import DialledPost, StatusPost

_WHISPER = Text("家常热线。按1，给居民打电话。")
_OVER = Text("这通电话不用打了。再见。")
_NOT_THROUGH = Text("居民的电话没有打通，请在页面上记下结果。再见。")
RING_SECONDS = 40  # old people need time to get to the telephone


def urls(runtime: Runtime, uid: str) -> tuple[str, str]:
    """Where the carrier asks what to do, and where it tells how the call goes."""
    public = runtime.settings.public_url.rstrip("/")
    return f"{public}/voice/desk/{uid}", f"{public}/voice/status?desk={uid}"


def picked_up(runtime: Runtime, uid: str, sid: str) -> str:
    with runtime.db.transaction() as session:
        ours = desk_calls.picked_up(session, uid, sid)
    if not ours:
        return twiml.goodbye(_OVER.render(runtime.translate))
    return twiml.whisper(_WHISPER.render(runtime.translate), f"{urls(runtime, uid)[0]}/dial")


def dial(runtime: Runtime, uid: str, sid: str, *, accepted: bool) -> str:
    if not accepted:
        return twiml.accepted(accept=False)
    with runtime.db.transaction() as session:
        number = desk_calls.number_to_ring(session, runtime.desk, uid, sid)
    if number is None:
        return twiml.goodbye(_OVER.render(runtime.translate))
    return twiml.join(
        number,
        action=f"{urls(runtime, uid)[0]}/done",
        caller=runtime.desk.hotline_number,
        seconds=RING_SECONDS,
    )


def done(runtime: Runtime, uid: str, post: DialledPost) -> str:
    """The resident's end is over; the worker hears why, if she is still there."""
    with runtime.db.transaction() as session:
        desk_calls.told(session, uid, post.call_sid, post.status, bridged=post.bridged)
    if post.status == "completed":
        return twiml.accepted(accept=False)
    return twiml.goodbye(_NOT_THROUGH.render(runtime.translate))


def status(runtime: Runtime, post: StatusPost, uid: str) -> None:
    with runtime.db.transaction() as session:
        desk_calls.over(session, uid, post.call_sid, post.status, now=runtime.now())
