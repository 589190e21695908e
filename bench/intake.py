"""Webhooks at 16 in flight against a bare Flask route: calls, their turns, texts; on SQLite and on PostgreSQL.

Bars: p99 ≤ 150 ms, throughput ≥ 0.67 of the bare route's, for every case on both databases.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import select, update

from bench import machine, results
from bench.compare import AT_ONCE, P99_BAR, RATIO_BAR, Case, Comparison, compare
from bench.load import LoadError, fire
from bench.sayings import sayings
from bench.table import render
from bench.webhooks import Signer, cycle, phones, sids
from bench.world import CALLERS, DATABASES, NO_FLOOD, World, running_world, working_directory
from bench.writer import writing
from ivr import runner
from models.base import Json
from models.call import Call, CallTurn

WRITES_PER_SECOND = 20.0
"""As many as gateway and worker make together at 40 calls in progress: a turn each few seconds, and their jobs."""


def run(requests: int = 1500, warm_up: int = 200, databases: Sequence[str] = DATABASES) -> bool:
    """Print the table, keep the result; False if a bar was missed."""
    found: list[Comparison] = []
    notes: list[Json] = []
    with working_directory() as directory:
        postgresql = None
        described = machine.describe(directory)
        for kind in databases:
            with running_world(kind, directory, GATEWAY_MAX_CALLS="100000", **NO_FLOOD) as world:
                postgresql = postgresql or world.server_version()
                found += [compare(world, case, requests, warm_up) for case in CASES]
                second, note = _with_second_writer(world, requests, warm_up)
                found.append(second)
                notes.append(note)
    described["postgresql"] = postgresql
    _print(described, found, notes)
    bars = {"p99_ms": P99_BAR, "ratio": RATIO_BAR, "in_flight": AT_ONCE}
    cases = [comparison.to_json() for comparison in found]
    path = results.write("intake", described, {**bars, "second_writer": notes}, cases)
    print(f"\n{path.relative_to(machine.ROOT)}")
    return all(comparison.passed for comparison in found)


# ---- cases -----------------------------------------------------------------------------------------------


def incoming(world: World, count: int) -> list[bytes]:
    signer = Signer.of(world.runtime.settings)
    return [
        signer.request("/voice/incoming", signer.call(sid, phone))
        for sid, phone in zip(sids("CA"), cycle(phones(CALLERS), count), strict=False)
    ]


def speech_turns(world: World, count: int) -> list[bytes]:
    """She has said what it is about, the gateway has saved it: the turn that reads it back."""
    calls = _calls(world, count)
    _save_heard(world, [call.id for call in calls])
    return _turns(world, calls, 2, {})


def key_turns(world: World, count: int) -> list[bytes]:
    """1 for 对: the turn that opens the ticket and says its number."""
    calls = _calls(world, count)
    _save_heard(world, [call.id for call in calls])
    _fire_unmeasured(world, _turns(world, calls, 2, {}))
    return _turns(world, calls, 3, {"Digits": "1"})


def texts(world: World, count: int) -> list[bytes]:
    """A resident's text becomes a ticket."""
    signer = Signer.of(world.runtime.settings)
    return [
        signer.request("/sms/incoming", signer.text(sid, phone, said))
        for sid, phone, said in zip(sids("SM"), cycle(phones(CALLERS), count), sayings(count), strict=False)
    ]


def end_calls(world: World) -> None:
    """Thousands of calls a minute are in progress nowhere: those of the last slice are over."""
    now = world.runtime.now()
    with world.runtime.db.transaction() as session:
        session.execute(update(Call).where(Call.settled_at.is_(None)).values(ended_at=now, settled_at=now))


CASES = (
    Case("/voice/incoming", incoming, "<Connect>", end_calls),
    Case("turn by speech", speech_turns, "是吗"),
    Case("turn by key, ticket", key_turns, "您的编号是"),
    Case("/sms/incoming", texts, "<Message>"),
)


def _calls(world: World, count: int) -> list[Call]:
    """That many calls in their first turn."""
    end_calls(world)
    _fire_unmeasured(world, incoming(world, count))
    with world.runtime.db.transaction(read_only=True) as session:
        calls = session.scalars(select(Call).where(Call.settled_at.is_(None)).order_by(Call.id)).all()
        return list(calls)


def _fire_unmeasured(world: World, requests: Sequence[bytes]) -> None:
    outcome = fire(world.port("web"), requests, at_once=AT_ONCE, expect="</Response>")
    if outcome.unexpected:
        raise LoadError(f"preparing: {outcome.unexpected} wrong answers, first: {outcome.example}")


def _save_heard(world: World, call_ids: Collection[int]) -> None:
    """What the gateway does when somebody has spoken, for all of them at once."""
    runtime = world.runtime
    said = dict(zip(call_ids, sayings(len(call_ids)), strict=True))
    with runtime.db.transaction() as session:
        for turn in session.scalars(select(CallTurn).where(CallTurn.heard_at.is_(None), CallTurn.n == 1)):
            if text := said.get(turn.call_id):
                runner.save_heard(session, runtime, turn.id, _heard(text), now=runtime.now())


def _heard(text: str) -> Json:
    return {
        "kind": "speech",
        "text": text,
        "confidence": 0.97,
        "rejected": False,
        "words": [[word, 0.97] for word in text],
        "speech_seconds": 2.4,
        "keys": "",
        "frames": 260,
        "recording_id": None,
    }


def _turns(world: World, calls: Iterable[Call], n: int, more: dict[str, str]) -> list[bytes]:
    signer = Signer.of(world.runtime.settings)
    return [
        signer.request(f"/voice/{call.uid}/turn/{n}", signer.call(call.carrier_sid, str(call.phone), **more))
        for call in calls
    ]


# ---- beside a second process -----------------------------------------------------------------------------


def _with_second_writer(world: World, requests: int, warm_up: int) -> tuple[Comparison, Json]:
    """Gateway and worker write to the same database: neither side may starve the other."""
    case = Case("/voice/incoming +writer", incoming, "<Connect>", end_calls)
    with writing(world.runtime.settings, WRITES_PER_SECOND) as writes:
        comparison = compare(world, case, requests, warm_up)
    ranked = sorted(writes.milliseconds)
    note = {
        "database": world.kind,
        "writes": len(ranked),
        "failed": writes.failed,
        "p50_ms": ranked[len(ranked) // 2] if ranked else None,
        "worst_ms": ranked[-1] if ranked else None,
    }
    return comparison, note


# ---- the table -------------------------------------------------------------------------------------------


def _print(described: dict[str, Any], found: Sequence[Comparison], notes: Sequence[Json]) -> None:
    head = (
        *("case", "database", "n", "p50 ms", "p95 ms", "p99 ms", "req/s", "cpu ms"),
        *("bare p99", "bare req/s", "bare cpu", "ratio", "bar", "twin req/s", "to twin"),
    )
    rows = [
        (
            *(c.case, c.database, c.product.requests),
            *(c.product.latency.p50, c.product.latency.p95, c.product.latency.p99),
            *(c.product.throughput, c.product.cpu_ms),
            *(c.bare.latency.p99, c.bare.throughput, c.bare.cpu_ms),
            *(c.ratio, c.passed, c.twin.throughput, c.twin_ratio),
        )
        for c in found
    ]
    print("\n" + machine.sentence(described) + "\n")
    print(render(head, rows))
    print(f"\n{AT_ONCE} in flight; bars: p99 ≤ {P99_BAR:g} ms and req/s ≥ {RATIO_BAR:g} of the bare route.")
    for note in notes:
        print(
            f"{note['database']}: the second process wrote {note['writes']} times meanwhile, median "
            f"{note['p50_ms']} ms, worst {note['worst_ms']} ms, {note['failed']} failed."
        )
