"""What the ticket's page is made of: read in one transaction, rendered whole or in part."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.console.access import who
from app.console.rendering import render
from app.desk import listening, messages, wording
from app.desk.case import Case, case_of
from app.desk.catalogue import NAMES
from app.desk.listening import Heard, Hint
from app.desk.place import Place
from app.desk.revealing import inside
from app.desk.story import Clip, Happened, Timeline
from app.desk.timeline import timeline_of
from app.desk.waveform import BARS, waveform
from app.errors import NotFound
from app.runtime import Runtime
from models.lifecycle import Status
from speech.phrasebook import EMERGENCY_NUMBERS

_PASS_LIFE = 12 * 3600  # seconds: as long as a session


@dataclass(frozen=True)
class Trouble:
    """A form that could not be done: which one, why, and what had been typed."""

    form: str
    message: str
    typed: Mapping[str, str] = field(default_factory=dict)
    seen: int | None = None  # the last event on the page that the form was sent from


def show(
    runtime: Runtime, number: int, *, template: str = "ticket/page.html", trouble: Trouble | None = None
) -> str:
    """The page of one ticket. NotFound for one that is none of theirs."""
    now, actor = runtime.now(), who().actor
    with runtime.db.transaction(read_only=True) as session:
        case = case_of(session, runtime.desk, actor, number, now=now)
        told = timeline_of(session, case.ticket)
        draft = listening.draft_of(session, actor, case.ticket) if case.corrects else None
        clip = _chosen(told)
        hint = None
        if case.corrects and case.ticket.status is Status.NEEDS_LISTENING:
            heard = Heard(_heard(case, clip), place=listening.place_on(case.ticket))
            hint = listening.hint_of(session, runtime.desk, case.ticket, heard, case.candidates, now=now)
    return render(
        template,
        case=case,
        t=case.ticket,
        told=told,
        clip=clip,
        wave=lambda one: bars(runtime.settings.data_dir, one),
        draft=draft,
        words=_words(case, clip, hint, draft.fields if draft else {}, trouble),
        hint=hint,
        people={one.id: one.name for one in case.candidates},
        trouble=trouble,
        typed=trouble.typed if trouble else {},
        place=place_shown(runtime, case),
        categories=list(NAMES),
        dangers=EMERGENCY_NUMBERS,
        last_event=_last_event(told),
        sign=messages.signed(runtime.desk, ""),
    )


def place_shown(runtime: Runtime, case: Case) -> str:
    """Without the room, which is personal."""
    ticket = case.ticket
    whole = wording.place_of(runtime.desk, ticket)
    return whole.replace(ticket.room, "***") if ticket.room else whole


def bars(data_dir: Path, clip: Clip) -> tuple[int, ...]:
    """The waveform of a recording; nothing if its audio is not here."""
    if clip.path is None:
        return ()
    try:
        return waveform(inside(data_dir, clip.path))
    except NotFound:
        return (4,) * BARS


def make_pass(recording_id: int) -> str:
    """Proof that this person has asked for this recording, and that it is in the audit."""
    return _passes().dumps([who().staff_id, recording_id])


def check_pass(recording_id: int, given: str) -> None:
    """NotFound without a valid one: whoever guesses addresses learns nothing."""
    try:
        owner = _passes().loads(given, max_age=_PASS_LIFE)
    except BadSignature:
        owner = None
    if owner != [who().staff_id, recording_id]:
        raise NotFound("请从工单页面点开录音")


def _passes() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or b"", salt="recording")


def _chosen(told: Timeline) -> Clip | None:
    """The recording that is listened to and corrected: asked for by `?clip=`, else the first that is not put right."""
    wanted = request.args.get("clip", type=int) or request.form.get("recording_id", type=int)
    found = next((clip for clip in told.clips if clip.id == wanted), None)
    open_ = next((clip for clip in told.clips if clip.corrected is None), None)
    return found or open_ or (told.clips[0] if told.clips else None)


def _heard(case: Case, clip: Clip | None) -> str:
    return (clip.corrected or "".join(word.text for word in clip.words)) if clip else case.ticket.text


def _words(
    case: Case, clip: Clip | None, hint: Hint | None, draft: Mapping[str, Any], trouble: Trouble | None
) -> dict[str, Any]:
    """What stands in the form: what was typed and refused, else the draft, else what is on the ticket. A category that
    the program is not sure of is only shown, never chosen."""
    ticket = case.ticket
    guess = hint.understood.category if hint and hint.understood.sure else None
    place = listening.place_on(ticket) or (hint.understood.place if hint else Place())
    known = {
        "transcript": _heard(case, clip),
        "category": ticket.category or guess or "",
        "estate": place.estate or "",
        "building": place.building or "",
        "unit": place.unit or "",
        "room": "" if ticket.room else place.room or "",  # what is on the ticket is masked
        "landmark": place.landmark or "",
        "danger": ticket.danger or "",
        "urgent": "1" if ticket.urgent else "",
        "assignee": str(hint.suggestion.assignee_id or "") if hint else "",
    }
    if trouble is not None and trouble.form == "heard":
        return known | {"urgent": ""} | dict(trouble.typed)
    if draft and (clip is None or draft.get("recording_id") in (None, "", str(clip.id))):
        return known | {"urgent": ""} | dict(draft)
    return known


def _last_event(told: Timeline) -> int:
    return max((entry.what.id for entry in told.entries if isinstance(entry.what, Happened)), default=0)
