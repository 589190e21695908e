"""The names of background jobs, and how a service asks for one without knowing it."""

from enum import StrEnum

from sqlalchemy.orm import Session


class JobName(StrEnum):
    """One member a job; app.jobs maps each to its function. The argument is always one id."""

    DISPATCH = "dispatch"  # ticket
    SEND_MESSAGE = "send_message"  # message
    PLACE_ATTEMPT = "place_attempt"  # attempt
    PLAN_CALLBACKS = "plan_callbacks"  # ticket
    TRANSCRIBE = "transcribe"  # recording
    SETTLE_CALL = "settle_call"  # call


def defer(session: Session, name: JobName, id_: int) -> None:
    """Have the job pushed once this transaction has committed; a sweeper covers a lost push."""
    session.info.setdefault("deferred", []).append((name, id_))
