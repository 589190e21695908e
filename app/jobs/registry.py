"""Which function does which job. Each takes the runtime and one id, and may run twice."""

from collections.abc import Callable, Mapping

from app.jobs.attempts import place_attempt
from app.jobs.callbacks import plan_callbacks
from app.jobs.calls import settle_call
from app.jobs.dispatch import dispatch
from app.jobs.kiosk_help import ring_help
from app.jobs.messages import send_message
from app.jobs.recordings import transcribe
from app.queue import JobName
from app.runtime import Runtime

Job = Callable[[Runtime, int], None]

JOBS: Mapping[JobName, Job] = {
    JobName.DISPATCH: dispatch,
    JobName.SEND_MESSAGE: send_message,
    JobName.PLACE_ATTEMPT: place_attempt,
    JobName.PLAN_CALLBACKS: plan_callbacks,
    JobName.TRANSCRIBE: transcribe,
    JobName.SETTLE_CALL: settle_call,
    JobName.RING_HELP: ring_help,
}
