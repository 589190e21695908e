"""Texts of every kind at 16 in flight against a bare Flask route, on SQLite and on PostgreSQL; `bench.intake` has reports.

Each text concerns a matter of its own that is where the text needs it: dispatched to be accepted, resolved to be rated.
Bars: as in `bench.intake`, p99 ≤ 150 ms and throughput ≥ 0.67 of the bare route's, for every case on both databases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk.draft import Draft
from app.desk.tickets import actor_of, open_ticket, transition
from app.desk.understanding import understand
from app.runtime import Runtime
from bench import machine, results
from bench.compare import AT_ONCE, P99_BAR, RATIO_BAR, Case, Comparison, compare
from bench.progress import Progress
from bench.table import render
from bench.webhooks import Signer, cycle, phones, sids
from bench.world import CALLERS, DATABASES, NO_FLOOD, World, running_world, seed_keepers, working_directory
from models.lifecycle import Action
from models.resident import ResidentPhone
from models.staff import Role, Staff

_MATTER = "3栋路灯不亮了"  # any one that the rules give to a keeper: it is not what is measured
_KEEPERS = 200  # so that each has as many open matters as a keeper may have, not hundreds
_AT_A_TIME = 100  # matters prepared in one transaction


@dataclass(frozen=True, slots=True)
class Kind:
    """`text` with the matter's `{number}`, from its reporter or, `by_keeper`, from whoever it is assigned to; `after`
    these steps. `expect`: words that only the wanted answer holds. `alone`: about no matter, so none is prepared."""

    name: str
    text: str
    expect: str
    after: tuple[Action, ...] = ()
    by_keeper: bool = False
    alone: bool = False


_DONE = (Action.DISPATCH, Action.ACCEPT, Action.RESOLVE)
_TAKEN = (Action.DISPATCH, Action.ACCEPT)
KINDS = (
    Kind("help", "帮助", "还可写", alone=True),
    Kind("keeper of a building", "3栋管家", "值班电话", alone=True),
    Kind("a person", "人工", "给您打电话", alone=True),
    Kind("progress", "查{number}", "前办好"),
    Kind("rate", "评{number} 满意", "谢谢您的评价", _DONE),
    Kind("reopen", "{number}没修好", "重新去办", _DONE),
    Kind("staff: accept", "接 {number}", "已接单", (Action.DISPATCH,), by_keeper=True),
    Kind("staff: arrive", "到 {number}", "到场记下了", _TAKEN, by_keeper=True),
    Kind("staff: extend", "延 {number} 等配件 3天", "暂缓到", _TAKEN, by_keeper=True),
    Kind("staff: resolve", "办结 {number} 换了灯泡", "已办结", _TAKEN, by_keeper=True),
)


@dataclass(frozen=True, slots=True)
class Matter:
    """Where its reporter and its keeper can text from."""

    number: int
    reporter: str
    keeper: str


def run(requests: int = 600, warm_up: int = 100, databases: Sequence[str] = DATABASES) -> bool:
    """Print the table, keep the result; False if a bar was missed."""
    found: list[Comparison] = []
    with working_directory() as directory:
        described = machine.describe(directory)
        for database in databases:
            with running_world(database, directory, **NO_FLOOD) as world:
                described["postgresql"] = world.server_version() or described.get("postgresql")
                with world.runtime.db.transaction() as session:
                    keepers = seed_keepers(session, _KEEPERS)
                found += [compare(world, case(kind, keepers), requests, warm_up) for kind in KINDS]
    head = (
        "case",
        "database",
        "n",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "req/s",
        "cpu ms",
        "bare req/s",
        "ratio",
        "bar",
    )
    rows = [
        (
            *(c.case, c.database, c.product.requests),
            *(c.product.latency.p50, c.product.latency.p95, c.product.latency.p99),
            *(c.product.throughput, c.product.cpu_ms, c.bare.throughput, c.ratio, c.passed),
        )
        for c in found
    ]
    print(f"\n{machine.sentence(described)}\n\n{render(head, rows)}")
    print(f"\n{AT_ONCE} in flight; bars: p99 ≤ {P99_BAR:g} ms and req/s ≥ {RATIO_BAR:g} of the bare route.")
    bars = {"p99_ms": P99_BAR, "ratio": RATIO_BAR, "in_flight": AT_ONCE}
    path = results.write("text-intake", described, bars, [comparison.to_json() for comparison in found])
    print(f"\n{path.relative_to(machine.ROOT)}")
    return all(comparison.passed for comparison in found)


def case(kind: Kind, keepers: Sequence[str]) -> Case:
    return Case(f"text: {kind.name}", partial(_requests, kind, keepers), kind.expect)


def _requests(kind: Kind, keepers: Sequence[str], world: World, count: int) -> list[bytes]:
    signer = Signer.of(world.runtime.settings)
    return [
        signer.request("/sms/incoming", signer.text(sid, phone, text))
        for sid, (phone, text) in zip(sids("SM"), written(kind, keepers, world.runtime, count), strict=False)
    ]


def written(kind: Kind, keepers: Sequence[str], runtime: Runtime, count: int) -> list[tuple[str, str]]:
    """So many texts of a kind, each with the number it comes from; what they concern is prepared."""
    if kind.alone:
        return [(phone, kind.text) for phone in cycle(phones(CALLERS), count)]
    return [
        (matter.keeper if kind.by_keeper else matter.reporter, kind.text.format(number=matter.number))
        for matter in prepare(runtime, count, kind.after, keepers)
    ]


def prepare(runtime: Runtime, count: int, after: Sequence[Action], keepers: Sequence[str]) -> list[Matter]:
    """So many new matters that have taken these steps, each given to the next of the keepers."""
    known = [phone for n, phone in enumerate(phones(CALLERS)) if n % 5]  # see seed_residents
    people = list(zip(cycle(known, count), cycle(keepers, count), strict=True))
    made: list[Matter] = []
    with Progress("matters", count) as progress:
        for start in range(0, count, _AT_A_TIME):
            with runtime.db.transaction() as session:
                for reporter, keeper in people[start : start + _AT_A_TIME]:
                    made.append(_matter(session, runtime, reporter, keeper, after))
                    progress.step()
    return made


def _matter(
    session: Session, runtime: Runtime, reporter: str, keeper: str, after: Sequence[Action]
) -> Matter:
    now, desk = runtime.now(), runtime.desk
    resident = select(ResidentPhone.resident_id).where(ResidentPhone.phone_index == reporter)
    draft = Draft.from_understanding(
        understand(_MATTER),
        channel="sms",
        occurred_at=now,
        reporter_id=session.scalars(resident).one(),
        hotline=runtime.settings.hotline_number,
    )
    ticket = open_ticket(session, desk, draft, now=now)
    staff = session.scalars(select(Staff).where(Staff.phone_index == keeper)).one()
    dispatcher = session.scalars(select(Staff).where(Staff.role == Role.DISPATCHER)).one()
    for action in after:
        dispatched = action is Action.DISPATCH
        transition(
            session,
            desk,
            ticket,
            action,
            actor_of(session, dispatcher if dispatched else staff),
            now=now,
            text="换了灯泡" if action is Action.RESOLVE else None,
            assignee_id=staff.id if dispatched else None,
        )
    return Matter(ticket.number, reporter, keeper)
