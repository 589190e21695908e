"""Taking matters in at the desk and in the field: one page, one ticket."""

from datetime import datetime
from uuid import uuid4

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, field_validator
from sqlalchemy import select

from app.console.access import WORKING, page, who
from app.console.rendering import is_fragment, render, texts, why
from app.desk import audit, desk_intake, photos, staff_drafts
from app.desk.catalogue import NAMES
from app.desk.desk_intake import KnownResident, Matter, Suggestion
from app.desk.photos import Pictures
from app.desk.residents import phones_of
from app.desk.rights import may_see
from app.desk.tickets import by_number, view_of
from app.errors import BadInput, BadNumber, JiachangError, NotFound
from app.runtime import Runtime
from models.staff import Role
from models.unit import Unit

FORM = "intake"
_PHOTOS = 6
_KEPT = frozenset(
    {"csrf_token", "key", "look_up", "suggest", "photos"}
)  # fields that are no part of what was begun


class IntakeForm(BaseModel):
    """What a browser sends; empty fields are as good as none."""

    channel: str = "desk"
    words: str = ""
    phone: str | None = None
    name: str | None = None
    for_phone: str | None = None
    for_name: str | None = None
    category: str | None = None
    unit_id: int | None = None
    entrance: str | None = None
    room: str | None = None
    landmark: str | None = None
    urgent: bool = False
    danger: str | None = None
    answer: str | None = None
    occurred_at: datetime | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object, info: object) -> object:
        return None if value == "" and getattr(info, "field_name", "") not in ("words", "channel") else value

    def matter(self, runtime: Runtime) -> Matter:
        at = self.occurred_at
        at = at.replace(tzinfo=runtime.settings.zone) if at else runtime.now()
        return Matter(**self.model_dump(exclude={"occurred_at"}), occurred_at=at)


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    desk = runtime.desk

    @page(blueprint, "/intake", allow=WORKING)
    def intake() -> ResponseReturnValue:
        signed = who()
        with runtime.db.transaction(read_only=True) as session:
            kept = staff_drafts.load(session, signed.staff_id, FORM)
        if request.args.get("channel") in desk_intake.CHANNELS:
            kept["channel"] = request.args["channel"]
        kept.setdefault("channel", "visit" if signed.role is Role.KEEPER else "desk")
        return _page(kept)

    @page(blueprint, "/intake", allow=WORKING, methods=("POST",))
    def intake_take() -> ResponseReturnValue:
        """With `suggest` or `look_up` (a browser without JavaScript) the page comes back with the answer in it."""
        signed, form = who(), request.form
        if "suggest" in form or "look_up" in form:
            return _page(form.to_dict())
        pictures, unsaved = _pictures()
        try:
            matter = IntakeForm.model_validate(form.to_dict()).matter(runtime)
            with runtime.db.transaction() as session:
                taken = desk_intake.take(
                    session,
                    desk,
                    signed.actor,
                    matter,
                    key=form.get("key", ""),
                    now=runtime.now(),
                    data_dir=runtime.settings.data_dir,
                    photos=pictures,
                )
                staff_drafts.drop(session, signed.staff_id, FORM)
                number = taken.ticket.number
        except BadInput as error:
            return _page(form.to_dict(), wrong=error), 422
        except ValueError:  # a date or number that no browser of ours sends
            return _page(form.to_dict(), wrong=BadInput("有一栏填得不对，请看一看")), 422
        if taken.again:
            flash(texts(runtime)("这张表已经登记过了，没有重复登记。"), "warn")
        for unkept in (*unsaved, *taken.unsaved):
            flash(texts(runtime)("诉求已登记，照片没存下：{why}").format(why=why(runtime, unkept)), "warn")
        return redirect(f"/staff/intake/done/{number}", 303)

    @page(blueprint, "/intake/done/<int:number>", allow=WORKING)
    def intake_done(number: int) -> ResponseReturnValue:
        """The number and the day, to be told to her and printed."""
        actor = who().actor
        with runtime.db.transaction(read_only=True) as session:
            ticket = by_number(session, number)
            if ticket.first_responder_id != actor.id and not may_see(actor, view_of(session, ticket)):
                raise NotFound("没有 {n} 号", n=number)
            return render("intake/done.html", ticket=ticket)

    @page(blueprint, "/intake/suggest", allow=WORKING, methods=("POST",))
    def intake_suggest() -> ResponseReturnValue:
        return _part("intake/suggested.html")

    @page(blueprint, "/intake/resident", allow=WORKING, methods=("POST",))
    def intake_resident() -> ResponseReturnValue:
        return _part("intake/known.html")

    @page(blueprint, "/intake/resident/<int:resident_id>", allow=WORKING, methods=("POST",))
    def intake_reveal(resident_id: int) -> ResponseReturnValue:
        """Who she is in full: an act that is written down."""
        signed = who()
        with runtime.db.transaction() as session:
            found = desk_intake.known(session, signed.actor, resident_id)
            now = runtime.now()
            audit.record(
                session, signed.staff_id, "see_resident", now=now, subject="resident", subject_id=found.id
            )
            unit = session.get(Unit, found.unit_id) if found.unit_id else None
            return render(
                "intake/revealed.html", resident=found, unit=unit, phones=phones_of(session, found.id)
            )

    @page(blueprint, "/intake/draft", allow=WORKING, methods=("POST",))
    def intake_draft() -> ResponseReturnValue:
        fields = {name: value for name, value in request.form.items() if name not in _KEPT}
        beginning = {"channel", "occurred_at"}  # on the page before anybody has written a word
        if not any(value for name, value in fields.items() if name not in beginning):
            fields = {}
        with runtime.db.transaction() as session:
            if not desk_intake.is_taken(session, who().actor, request.form.get("key", "")):
                staff_drafts.save(session, who().staff_id, FORM, fields, now=runtime.now())
        return "", 204

    def _page(typed: dict[str, str], wrong: BadInput | None = None) -> str:
        field = "phone" if isinstance(wrong, BadNumber) else "words"
        return render(
            "intake/form.html",
            key=typed.get("key") or uuid4().hex,
            errors={field: why(runtime, wrong)} if wrong else {},
            **_context(typed),
        )

    def _part(template: str) -> ResponseReturnValue:
        context = _context(request.form.to_dict())
        if is_fragment():
            return render(template, **context)
        return render("intake/form.html", key=request.form.get("key") or uuid4().hex, errors={}, **context)

    def _context(typed: dict[str, str]) -> dict[str, object]:
        """The form as far as it is, with what the words and the number say."""
        actor, now = who().actor, runtime.now()
        known: KnownResident | None = None
        trouble, suggestion = "", None
        with runtime.db.transaction(read_only=True) as session:
            if typed.get("phone", "").strip():
                try:
                    known = desk_intake.look_up(session, desk, actor, typed["phone"])
                except BadNumber as error:
                    trouble = why(runtime, error)
            chosen = typed.get("unit_id", "")
            unit_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None
            if typed.get("words", "").strip():
                suggestion = desk_intake.suggest(
                    session,
                    desk,
                    actor,
                    typed["words"],
                    unit_id,
                    now=now,
                    resident_id=known.id if known else None,
                )
            return {
                "typed": typed | _filled(typed, suggestion),
                "suggestion": suggestion,
                "known": known,
                "trouble": trouble,
                "places": [("", texts(runtime)("不清楚"))]
                + [(str(id_), name) for id_, name in desk_intake.places(session, actor)],
                "units": dict(session.execute(select(Unit.id, Unit.name)).all()) if suggestion else {},
                "categories": [("", texts(runtime)("请派单员分"))]
                + [(code, texts(runtime)(name)) for code, name in NAMES.items()],
                "local_now": f"{now.astimezone(runtime.settings.zone):%Y-%m-%dT%H:%M}",
            }


def _filled(typed: dict[str, str], suggestion: Suggestion | None) -> dict[str, str]:
    """Fields that nobody has set by hand (`own`) follow the words."""
    own = set(typed.get("own", "").split())
    if suggestion is None:
        return {}
    heard = suggestion.meaning
    found = {
        "category": heard.category or "",
        "unit_id": str(suggestion.unit_id or ""),
        "entrance": heard.place.unit or "",
        "room": heard.place.room or "",
        "landmark": heard.place.landmark or "",
        "urgent": "on" if heard.urgent else "",
        "danger": heard.danger or "",
    }
    return {name: value for name, value in found.items() if name not in own and (value or name in typed)}


def _pictures() -> tuple[list[Pictures], list[JiachangError]]:
    """Re-encoded before anybody waits for it at the database; and what was no picture."""
    good, bad = list[Pictures](), list[JiachangError]()
    for file in request.files.getlist("photos")[:_PHOTOS]:
        if not file.filename:
            continue
        try:
            good.append(photos.reencode(file.read(photos.MOST_BYTES + 1)))
        except BadInput as error:
            bad.append(error)
    return good, bad
