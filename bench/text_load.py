"""How soon a text is answered when ten come every second for a minute: the whole product running, over real HTTP.

Texts of all kinds from the dev split, each sent at its own time whether or not earlier ones are answered, and timed from
when it was due. A report is also timed until the carrier (the local exchange) has taken the text that tells the keeper,
which is the worker's doing.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from app.stage import Stage
from bench import machine, results
from bench.figures import Latency
from bench.load import LoadError
from bench.load import run as exchange
from bench.progress import Progress
from bench.table import render
from bench.text_corpus import path_of, read_texts
from bench.webhooks import Signer, cycle, phones, sids
from bench.world import CALLERS, seed_keepers, seed_residents, working_directory
from models.message import Message
from tests.support.town import free_ports

RATE = 10.0  # texts a second
ALLOWED = 180.0
"""Seconds until a text to a government hotline must be answered (GB/T 33358-2016)."""
_AT_ANY_HOUR = {
    "JIACHANG_TEXT_HOURS": "00:00-24:00"
}  # else what the bench says would depend on when it is run
_KEEPERS = 40
_WARM_UP = (
    40  # texts before the first that counts, until their keepers are told: every process has started by then
)
_CLIENTS = 64  # threads that wait for an answer
_PATIENCE = 120.0  # seconds for the worker to tell the keepers, after the last text
_QUIET = 10.0  # seconds in which no more keepers are told


@dataclass(frozen=True, slots=True)
class Sent:
    """One text; `seconds` until the whole answer was there, None if it was not HTTP 200. Some are rightly answered
    without words: whoever quotes our sign may be a machine."""

    sid: str
    due: datetime
    seconds: float | None
    replied: bool


@dataclass(frozen=True, slots=True)
class Told:
    """`seconds` from each report until its keeper's text was handed over; how many texts still wait for that; how many
    reports were `left` to the dispatcher."""

    seconds: list[float]
    waiting: int
    left: int


@dataclass(frozen=True, slots=True)
class Case:
    """Seconds of `count` texts; `missing` ones were not answered (or not told to anybody)."""

    what: str
    count: int
    missing: int
    p50: float
    p95: float
    p99: float
    worst: float

    @property
    def passed(self) -> bool:
        return not self.missing and self.worst <= ALLOWED

    @classmethod
    def of(cls, what: str, seconds: Sequence[float], missing: int) -> "Case":
        """Raises LoadError if nothing was measured."""
        if not seconds:
            raise LoadError(f"{what}: nothing was measured")
        found = Latency.of([each * 1000 for each in seconds])
        rounded = (round(each / 1000, 3) for each in (found.p50, found.p95, found.p99, found.worst))
        return cls(what, len(seconds) + missing, missing, *rounded)


def run(seconds: float = 60.0) -> bool:
    """Print the table, keep the result; False if a text was not answered within what the standard allows."""
    with working_directory() as directory:
        described = machine.describe(directory)
        with Stage(directory / "stage", free_ports(), environment=_AT_ANY_HOUR) as stage:
            keepers = _seed(stage)
            _told(stage, send(stage, keepers, _WARM_UP))
            sent = send(stage, keepers, round(seconds * RATE))
            told = _told(stage, sent)
    answered = [each.seconds for each in sent if each.seconds is not None]
    cases = [
        Case.of("answered", answered, len(sent) - len(answered)),
        Case.of("report: keeper's text handed to the carrier", told.seconds, told.waiting),
    ]
    print(f"\n{machine.sentence(described)}\n")
    replied = sum(each.replied for each in sent)
    print(
        f"{RATE:g} texts a second for {seconds:g} s; {replied} answers held a reply; "
        f"{told.left} reports were left to the dispatcher, no rule being for them.\n"
    )
    print(
        render(
            ("what", "texts", "missing", "p50 s", "p95 s", "p99 s", "max s", "allowed s", ""),
            [(c.what, c.count, c.missing, c.p50, c.p95, c.p99, c.worst, ALLOWED, c.passed) for c in cases],
        )
    )
    rows = [asdict(case) | {"passed": case.passed} for case in cases]
    kept = {"allowed_seconds": ALLOWED, "per_second": RATE, "for_seconds": seconds}
    path = results.write("text-load", described, kept | {"replied": replied, "left": told.left}, rows)
    print(f"\n{path.relative_to(machine.ROOT)}")
    return all(case.passed for case in cases)


def send(stage: Stage, keepers: Sequence[str], count: int) -> list[Sent]:
    """So many texts, one every 1 / RATE seconds."""
    texts = [said for said in read_texts(path_of("dev")) if said.asked is None]
    signer, port = Signer.of(stage.settings), int(stage.settings.web_bind.rpartition(":")[2])
    residents, staff = iter(cycle(phones(CALLERS), count)), iter(cycle(keepers, count))
    started, clock = time.perf_counter() + 0.5, datetime.now(UTC) + timedelta(seconds=0.5)

    def one(n: int, sid: str, request: bytes) -> Sent:
        due = started + n / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        outcome = exchange(port, [request], at_once=1, expect="<Message>")
        taken = time.perf_counter() - due if outcome.statuses[200] else None
        return Sent(sid, clock + timedelta(seconds=n / RATE), taken, not outcome.unexpected)

    with Progress("texts", count) as progress, ThreadPoolExecutor(_CLIENTS) as pool:
        waiting: list[Future[Sent]] = []
        for n, sid in zip(range(count), sids("SM"), strict=False):
            said = texts[n % len(texts)]
            phone = next(staff) if said.sender == "staff" else next(residents)
            form = signer.text(sid, phone, said.text)
            waiting.append(pool.submit(one, n, sid, signer.request("/sms/incoming", form)))
        found = []
        for each in waiting:
            found.append(each.result())
            progress.step()
    return found


def _seed(stage: Stage) -> list[str]:
    """Residents and keepers; the keepers' numbers."""
    with stage.runtime.db.transaction() as session:
        seed_residents(session, stage.runtime.now())
        return seed_keepers(session, _KEEPERS)


def _told(stage: Stage, sent: Sequence[Sent]) -> Told:
    """Once nobody has been told for a while."""
    due = {each.sid: each.due for each in sent}
    deadline = time.monotonic() + _PATIENCE
    found, since = _orders(stage, due), time.monotonic()
    while time.monotonic() < deadline and (found.waiting or time.monotonic() < since + _QUIET):
        time.sleep(0.5)
        now = _orders(stage, due)
        if now != found:
            found, since = now, time.monotonic()
    return found


def _orders(stage: Stage, due: Mapping[str, datetime]) -> Told:
    with stage.runtime.db.transaction(read_only=True) as session:
        texts = select(Message.carrier_sid, Message.ticket_id).where(
            Message.direction == "inbound", Message.ticket_id.is_not(None)
        )
        opened: dict[int, str] = {}  # by the first of its texts
        for sid, ticket_id in session.execute(texts.order_by(Message.id)):
            if sid and ticket_id:
                opened.setdefault(ticket_id, sid)
        orders = select(Message.ticket_id, Message.sent_at).where(Message.purpose == "dispatch")
        rows = session.execute(orders.order_by(Message.id)).all()
    first = {id_: sent_at for id_, sent_at in reversed(rows) if id_ and opened.get(id_) in due}
    seconds = [(at - due[opened[id_]]).total_seconds() for id_, at in first.items() if at]
    left = sum(sid in due for sid in opened.values()) - len(first)
    return Told(seconds, len(first) - len(seconds), left)
