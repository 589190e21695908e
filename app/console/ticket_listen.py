"""Listening, putting right, dispatching: one form, saved while it is typed, with what the program makes of it."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from app.console.access import DESK, page, who
from app.console.rendering import is_fragment, render, texts, why
from app.console.ticket_view import Trouble, show
from app.desk import listening
from app.desk.catalogue import NAMES
from app.desk.dispatch import candidates
from app.desk.listening import Heard
from app.desk.place import Place
from app.desk.rights import may_correct
from app.desk.seeing import find_ticket
from app.errors import BadInput, NotAllowed, StaleTicket, TransitionError
from app.runtime import Runtime
from speech.phrasebook import EMERGENCY_NUMBERS

_FIELDS = (
    "transcript",
    "category",
    "estate",
    "building",
    "unit",
    "room",
    "landmark",
    "danger",
    "urgent",
    "assignee",
    "recording_id",
)


class HeardForm(BaseModel):
    """The fields as a browser sends them: empty where nothing was chosen."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore")

    transcript: str = ""
    category: str | None = None
    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    landmark: str | None = None
    danger: str | None = None
    urgent: bool = False
    assignee: int | None = None
    recording_id: int | None = None
    version: int | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _empty(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("transcript", "urgent", mode="before")
    @classmethod
    def _absent(cls, value: object) -> object:
        return value or ""

    @field_validator("urgent", mode="before")
    @classmethod
    def _checked(cls, value: object) -> bool:
        return bool(value)

    @field_validator("category")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        return value if value in NAMES else None

    @field_validator("danger")
    @classmethod
    def _number(cls, value: str | None) -> str | None:
        return value if value in EMERGENCY_NUMBERS else None

    def heard(self, room: str | None) -> Heard:
        """`room`: what the ticket has. It is masked on the page, so an empty field leaves it as it is."""
        return Heard(
            transcript=self.transcript,
            category=self.category,
            place=Place(
                estate=self.estate,
                building=self.building,
                unit=self.unit,
                room=self.room or room,
                landmark=self.landmark,
            ),
            danger=self.danger,
            urgent=self.urgent,
            recording_id=self.recording_id,
            assignee_id=self.assignee,
        )


def _parse(form: Mapping[str, str]) -> HeardForm:
    try:
        return HeardForm.model_validate(dict(form))
    except ValidationError as error:
        raise BadInput("这一页填得不对，请重新打开再办") from error


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/tickets/<int:number>/heard", allow=DESK, methods=("POST",))
    def ticket_heard(number: int) -> ResponseReturnValue:
        actor = who().actor
        try:
            form = _parse(request.form)
            with runtime.db.transaction() as session:
                ticket, _ = find_ticket(session, actor, number)
                event = listening.listened(
                    session,
                    runtime.desk,
                    ticket,
                    actor,
                    form.heard(ticket.room),
                    now=runtime.now(),
                    expected_version=form.version,
                )
        except (BadInput, StaleTicket, TransitionError) as error:
            seen = request.form.get("seen", type=int) if isinstance(error, StaleTicket) else None
            trouble = Trouble("heard", why(runtime, error), request.form.to_dict(), seen)
            return show(runtime, number, trouble=trouble), 422 if isinstance(error, BadInput) else 409
        say = texts(runtime)
        flash(say("改好了，已派单。") if event else say("改好了，记下了。"), "good")
        return redirect(f"/staff/tickets/{number}", 303)

    @page(blueprint, "/tickets/<int:number>/draft", allow=DESK, methods=("POST",))
    def ticket_draft(number: int) -> ResponseReturnValue:
        """Saved as it stands; the answer is what the program makes of the words."""
        actor, now = who().actor, runtime.now()
        form = _parse(request.form)
        kept = {name: request.form[name][:1000] for name in _FIELDS if request.form.get(name)}
        with runtime.db.transaction() as session:
            ticket, view = find_ticket(session, actor, number)
            if not may_correct(actor, view):
                raise NotAllowed("{number} 号不归您更正", number=number)
            if "forget" in request.form:
                listening.forget_draft(session, actor, ticket)
                return redirect(f"/staff/tickets/{number}", 303)
            listening.save_draft(session, actor, ticket, kept, now=now)
            among = candidates(session)
            heard = form.heard(ticket.room)
            hint = listening.hint_of(session, runtime.desk, ticket, heard, among, now=now)
        if not is_fragment():
            flash(texts(runtime)("草稿存好了。"), "good")
            return redirect(f"/staff/tickets/{number}", 303)
        return render("ticket/hint.html", hint=hint, people={one.id: one.name for one in among}, saved_at=now)
