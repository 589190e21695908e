"""How long she waits: from the last audio frame that the endpointer needed to the next TwiML.

Real calls: scripted callers with made voices, the local exchange at the pace of life, media gateway, recognition,
web process. The closing silence itself (1–2 s, so that nobody is cut off) lies before that frame and isn't counted.
Bar: p95 ≤ 700 ms.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.stage import Ports, Stage
from bench import machine, results
from bench.figures import Latency, percentile
from bench.progress import Progress
from bench.table import render
from bench.tap import Stream, Tap, running_tap
from bench.webhooks import phones
from bench.world import free_port, working_directory
from ivr.exchange.scriptfile import speech_step
from models.call import Call, CallTurn
from speech.voice import synthesise

P95_BAR = 700.0  # ms
VOICES = (("", 150), ("f2", 140), ("m3", 165), ("f4", 150))
STORIES = (
    ("三栋二单元路灯不亮了", "对"),
    ("路灯不亮了", "对", "三栋二单元"),
    ("五栋门口水管漏水了", "不对", "三栋二单元路灯不亮了", "对"),
    ("楼道里堆了很多垃圾", "是的", "五栋一单元"),
)
_REST = 4.0  # seconds after her last words
_LIMIT = 90.0  # seconds of one call
_MOST_CALLS = 40  # of one series, however few turns they give


@dataclass(frozen=True)
class Wait:
    """One turn, ms since the deciding frame passed: webhook sent, TwiML there, first sound of the next prompt."""

    asked: float
    answered: float
    sounded: float | None


@dataclass(frozen=True)
class Series:
    """`to_twiml` is held to the bar; the other two say where the time goes and what a caller notices."""

    calls_at_once: int
    calls: int
    turns: int
    to_twiml: Latency
    to_webhook_p95: float
    to_sound_p95: float | None

    @property
    def passed(self) -> bool:
        return self.to_twiml.p95 <= P95_BAR


def run(turns: int = 40, at_once: Sequence[int] = (1, 8)) -> bool:
    """Print the table, keep the result; False if the bar was missed."""
    with working_directory() as directory:
        described = machine.describe(directory)
        ports = Ports(web=free_port(), gateway=free_port(), exchange=free_port())
        with running_tap(free_port(), f"ws://127.0.0.1:{ports.gateway}/media") as tap:
            scripts = _scripts()
            with Stage(directory / "stage", ports, environment={"JIACHANG_MEDIA_URL": tap.url}) as stage:
                found = [_series(stage, tap, scripts, count, turns) for count in at_once]
    head = (
        "calls at once",
        "calls",
        "turns",
        "p50 ms",
        "p95 ms",
        "max ms",
        "webhook p95",
        "sound p95",
        "bar",
    )
    rows = [
        (
            *(s.calls_at_once, s.calls, s.turns, s.to_twiml.p50, s.to_twiml.p95, s.to_twiml.worst),
            *(s.to_webhook_p95, s.to_sound_p95, s.passed),
        )
        for s in found
    ]
    print("\n" + machine.sentence(described) + "\n")
    print(render(head, rows))
    print(f"\nFrom the last audio frame needed to the next TwiML; bar: p95 ≤ {P95_BAR:g} ms.")
    cases = [{**asdict(series), "passed": series.passed} for series in found]
    path = results.write("delay", described, {"p95_ms": P95_BAR}, cases)
    print(f"\n{path.relative_to(machine.ROOT)}")
    return all(series.passed for series in found)


def _scripts() -> list[list[dict[str, Any]]]:
    """Each story in each voice."""
    with Progress("made voices", len(VOICES) * len(STORIES)) as progress:
        scripts = []
        for voice, rate in VOICES:
            for story in STORIES:
                pieces = [(synthesise(text, voice=voice, rate=rate), text) for text in story]
                # she has been answered by then, and needn't listen to the end
                rest: list[dict[str, Any]] = [{"silence": _REST}, {"hangup": True}]
                scripts.append([speech_step(pcm, text) for pcm, text in pieces] + rest)
                progress.step()
    return scripts


def _series(
    stage: Stage, tap: Tap, scripts: Sequence[list[dict[str, Any]]], at_once: int, turns: int
) -> Series:
    """Calls, `at_once` together, until there are enough turns; raises ValueError if the callers aren't understood."""
    waits: list[Wait] = []
    calls = 0
    with Progress(f"{at_once} calls at once, turns", turns) as progress:
        while len(waits) < turns and calls < _MOST_CALLS:
            callers = phones(calls + at_once)[calls:]
            ids = [
                stage.exchange.call(caller, scripts[(calls + n) % len(scripts)], limit=_LIMIT)
                for n, caller in enumerate(callers)
            ]
            calls += at_once
            for id_ in ids:
                heard = _waits(stage, tap, stage.exchange.wait_call(id_, timeout=_LIMIT + 30))
                waits += heard
                progress.step(len(heard))
    if len(waits) < turns:
        raise ValueError(f"{calls} calls gave only {len(waits)} spoken turns: look at what was recognised")
    sounds = [wait.sounded for wait in waits if wait.sounded is not None]
    return Series(
        at_once,
        calls,
        len(waits),
        Latency.of([wait.answered for wait in waits]),
        round(percentile([wait.asked for wait in waits], 0.95), 1),
        round(percentile(sounds, 0.95), 1) if sounds else None,
    )


def _waits(stage: Stage, tap: Tap, call: dict[str, Any]) -> list[Wait]:
    """The call's turns that were ended by the endpointer after speech."""
    with stage.runtime.db.transaction(read_only=True) as session:
        query = select(CallTurn).join(Call, Call.id == CallTurn.call_id).where(Call.carrier_sid == call["id"])
        turns = session.scalars(query.order_by(CallTurn.n)).all()
    found = []
    for turn in turns:
        stream = tap.streams.get((call["id"], turn.n))
        if stream is None or not turn.heard or turn.heard["kind"] != "speech":
            continue
        webhook = _webhook(call["webhooks"], turn.n + 1)
        if webhook is not None:
            after = tap.streams.get((call["id"], turn.n + 1))
            found.append(_wait(stream, int(turn.heard["frames"]), webhook, after))
    return found


def _webhook(webhooks: Iterable[dict[str, Any]], turn: int) -> dict[str, Any] | None:
    """The first successful request for that turn."""
    for webhook in webhooks:
        if webhook["url"].partition("?")[0].endswith(f"/turn/{turn}") and webhook["status"] == 200:
            return webhook
    return None


def _wait(stream: Stream, frames: int, webhook: dict[str, Any], after: Stream | None) -> Wait:
    decided = stream.frames[frames - 1]
    asked = datetime.fromisoformat(webhook["sent_at"]).timestamp()
    sounded = None if after is None or after.first_prompt is None else after.first_prompt
    return Wait(
        round((asked - decided) * 1000, 1),
        round((asked - decided) * 1000 + webhook["ms"], 1),
        None if sounded is None else round((sounded - decided) * 1000, 1),
    )
