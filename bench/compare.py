"""One case against the bare route, interleaved in one run: bare, product, twin, bare, product, twin, … bare.

Interleaving, because a machine's speed drifts: each slice of the product lies between slices of what it is compared
with. The bar is the bare route; its twin goes through the product's own transactions (see `bench.bare`).
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench import bare
from bench.figures import Latency
from bench.load import LoadError, Outcome, fire
from bench.progress import Progress
from bench.webhooks import Signer, cycle, phones, sids
from bench.world import World

AT_ONCE = 16
P99_BAR = 150.0  # ms
RATIO_BAR = 0.67
SLICES = 3


@dataclass(frozen=True)
class Case:
    """`prepare(count)` makes that many requests (and whatever they need in the database); every answer must
    contain `expect`, so that a polite refusal cannot pass for speed. `after` tidies up behind each slice."""

    name: str
    prepare: Callable[[World, int], list[bytes]]
    expect: str
    after: Callable[[World], None] = lambda world: None


@dataclass(frozen=True)
class Side:
    """Latency in ms, requests a second, milliseconds of processor time a request."""

    requests: int
    latency: Latency
    throughput: float
    cpu_ms: float

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], cpu_seconds: float) -> "Side":
        every = [taken for outcome in outcomes for taken in outcome.milliseconds]
        seconds = sum(outcome.seconds for outcome in outcomes)
        return cls(
            len(every),
            Latency.of(every),
            round(len(every) / seconds, 1),
            round(cpu_seconds / len(every) * 1000, 2),
        )


@dataclass(frozen=True)
class Comparison:
    case: str
    database: str
    product: Side
    bare: Side
    twin: Side

    @property
    def ratio(self) -> float:
        return round(self.product.throughput / self.bare.throughput, 3)

    @property
    def twin_ratio(self) -> float:
        return round(self.product.throughput / self.twin.throughput, 3)

    @property
    def passed(self) -> bool:
        return self.product.latency.p99 <= P99_BAR and self.ratio >= RATIO_BAR

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "twin_ratio": self.twin_ratio, "passed": self.passed}


def compare(world: World, case: Case, requests: int, warm_up: int) -> Comparison:
    """`requests` of the product, in slices between as many of the others; raises LoadError."""
    size = -(-requests // SLICES)
    waiting = {
        "web": iter(case.prepare(world, warm_up + size * SLICES)),
        "bare": iter(_bare_requests(world, "bare", warm_up + size * (SLICES + 1))),
        "twin": iter(_bare_requests(world, "twin", warm_up + size * SLICES)),
    }
    outcomes: dict[str, list[Outcome]] = {name: [] for name in waiting}
    cpu = dict.fromkeys(waiting, 0.0)

    def slice_of(name: str, count: int, keep: bool) -> None:
        batch = [next(waiting[name]) for _ in range(count)]
        before = world.cpu_seconds(name)
        expect = case.expect if name == "web" else "<Response>"
        outcome = fire(world.port(name), batch, at_once=AT_ONCE, expect=expect)
        used = world.cpu_seconds(name) - before
        if outcome.unexpected:
            raise LoadError(f"{case.name}: {outcome.unexpected} of {count} wrong, first: {outcome.example}")
        if name == "web":
            case.after(world)
        if keep:
            outcomes[name].append(outcome)
            cpu[name] += used

    with Progress(f"{world.kind} {case.name}", size * (3 * SLICES + 1)) as progress:
        for name in waiting:
            slice_of(name, warm_up, keep=False)
        for name in (*("bare", "web", "twin") * SLICES, "bare"):
            slice_of(name, size, keep=True)
            progress.step(size)
    sides = {name: Side.of(outcomes[name], cpu[name]) for name in waiting}
    return Comparison(case.name, world.kind, sides["web"], sides["bare"], sides["twin"])


def _bare_requests(world: World, name: str, count: int) -> list[bytes]:
    signer = Signer.of(world.settings[name])
    numbers = cycle(phones(500), count)
    return [
        signer.request(bare.PATH, signer.call(sid, phone))
        for sid, phone in zip(sids("CA"), numbers, strict=False)
    ]
