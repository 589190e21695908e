"""What runs how often. A job is fast, its sweeper is the guarantee: whatever push was lost, the row is found here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.jobs.attempts import sweep_attempts, sweep_unknown_attempts
from app.jobs.callbacks import sweep_callbacks
from app.jobs.calls import sweep_calls
from app.jobs.dispatch import sweep_dispatch
from app.jobs.examples import sweep_examples
from app.jobs.kiosk_help import sweep_kiosk_helps
from app.jobs.marks import sweep_marks
from app.jobs.messages import sweep_messages
from app.jobs.notices import LOOK_EVERY, sweep_notices
from app.jobs.questions import sweep_questions
from app.jobs.recordings import sweep_recordings
from app.jobs.sealing import seal_audit
from app.jobs.sla import sweep_sla
from app.jobs.steps import sweep_photos, sweep_steps
from app.queue import JobName
from app.runtime import Runtime

Sweep = Callable[[Runtime], Iterable[tuple[JobName, int]]]


@dataclass(frozen=True)
class Line:
    """Every `seconds` the clock calls `sweep` and pushes the jobs that it names; `feeds` says which these can be."""

    sweep: Sweep
    seconds: float
    feeds: frozenset[JobName]
    why: str

    @property
    def name(self) -> str:
        return self.sweep.__name__


SCHEDULE: tuple[Line, ...] = (
    Line(
        sweep_messages,
        5,
        frozenset({JobName.SEND_MESSAGE}),
        "texts due, claims of dead workers, lost answers, alerts that nobody confirmed",
    ),
    Line(sweep_dispatch, 5, frozenset({JobName.DISPATCH}), "tickets whose dispatch was lost"),
    Line(
        sweep_callbacks,
        5,
        frozenset({JobName.PLAN_CALLBACKS}),
        "resolved tickets whose reporter has not been asked yet",
    ),
    Line(sweep_attempts, 5, frozenset({JobName.PLACE_ATTEMPT}), "calls to residents that are due"),
    Line(
        sweep_unknown_attempts,
        20,
        frozenset({JobName.PLACE_ATTEMPT}),
        "calls of which nobody knows: lost answers, dead workers, a last word that never came",
    ),
    Line(
        sweep_recordings,
        10,
        frozenset({JobName.TRANSCRIBE}),
        "recordings to be fetched, heard by the engine, or deleted at the carrier",
    ),
    Line(
        sweep_calls,
        5,
        frozenset({JobName.SETTLE_CALL}),
        "calls that ended, or fell silent, without being settled",
    ),
    Line(
        sweep_kiosk_helps,
        5,
        frozenset({JobName.RING_HELP}),
        "residents at kiosks who wait for a person: lost orders, and those to whom nobody came",
    ),
    Line(sweep_marks, 5, frozenset(), "marks of the callback desk that can no longer be taken back"),
    Line(sweep_notices, LOOK_EVERY, frozenset(), "approved notices, so many telephones a minute"),
    Line(sweep_questions, 60, frozenset(), "questions by text that nobody answered in time"),
    Line(sweep_sla, 60, frozenset(), "limits half used, nearly used, broken; waits that are over"),
    Line(seal_audit, 3600, frozenset(), "what the audit log has got since the last seal"),
    Line(sweep_examples, 60, frozenset(), "verified examples and drafts of staff whose time is over"),
    Line(sweep_steps, 5, frozenset(), "steps at the console whose minute of grace is over"),
    Line(sweep_photos, 60, frozenset(), "photos that were deleted a day ago"),
)
