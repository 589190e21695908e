"""How many callers can one core hear at once, beside the plain Vosk server loop on the same model and audio?

Both servers are held to one core, take turns in one run, and get the same made sentences at the pace of life over real
WebSockets. The gateway does all of its work: frames, spool, end of speech, recognition, recording, row in the
database. The plain loop only recognises, and is told the end: its final is forced at the frame where our endpointer
decided. Delay: last audio frame needed → words saved (plain: final result received).
Bars: at 12 streams p95 ≤ 400 ms and ≤ 10 MB a stream; at least as many streams as the plain loop, with no more delay.
"""

import asyncio
import os
import re
import secrets
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from app import migrate, redis_server
from app.db import insert_row
from app.ports import tcp_ready
from app.runtime import Runtime, bootstrap
from app.settings import load_settings
from app.supervisor import Program, Supervisor
from bench import machine, results
from bench.figures import Latency
from bench.progress import Progress
from bench.stream_audio import Turn, turns
from bench.stream_clients import Speak, Ticket, crowd, to_gateway, to_plain
from bench.table import render
from bench.world import free_port, working_directory
from ivr.stream_turn import hash_token
from models.call import Call, CallTurn
from speech.engine import UNKNOWN
from speech.vosk_engine import VoskEngine

P95_BAR = 400.0  # ms
MEMORY_BAR = 10.0  # MB a stream beyond the model
STREAMS_BAR = 12
STEPS = (STREAMS_BAR, 16, 24, 32, 48)
_SERVER_CORE, _CLIENT_CORE = 0, 1
_WARM_UP = 4
_HEARD_AT_LEAST = 0.9  # of the turns: the sentences are clean and on the lists


@dataclass(frozen=True)
class Step:
    """One server at one number of streams. `core` = share of the core that it used; `memory_mb` a stream."""

    server: str
    streams: int
    turns: int
    lost: int
    delay: Latency
    memory_mb: float
    core: float

    @property
    def held(self) -> bool:
        return self.lost == 0 and self.delay.p95 <= P95_BAR


def run(wanted: int = 200, steps: Sequence[int] = STEPS) -> bool:
    """Print the table, keep the result; False if a bar was missed. `wanted`: turns of each step."""
    if (os.cpu_count() or 1) < 2:
        raise ValueError("one core for the server and one for the callers: this machine has a single one")
    before = os.sched_getaffinity(0)
    with working_directory() as directory, ExitStack() as stack:
        described = machine.describe(directory)
        said = turns()
        os.sched_setaffinity(0, {_CLIENT_CORE})
        stack.callback(os.sched_setaffinity, 0, before)
        found = _measure(directory, said, wanted, steps, stack)
    _print(described, found)
    best = {
        name: max((s.streams for s in found if s.server == name and s.held), default=0) for name in _NAMES
    }
    passed = {
        "streams": best["gateway"] >= STREAMS_BAR,
        "as many as the plain loop": best["gateway"] >= best["plain loop"],
        "no more delay": _no_more_delay(found),
        "memory": all(s.memory_mb <= MEMORY_BAR for s in found if s.server == "gateway"),
    }
    for bar, met in passed.items():
        print(f"{bar}: {'met' if met else 'MISSED'}")
    cases = [{**asdict(step), "held": step.held} for step in found]
    bars = {
        "p95_ms": P95_BAR,
        "memory_mb": MEMORY_BAR,
        "streams": STREAMS_BAR,
        "best": best,
        "passed": passed,
    }
    print(results.write("streams", described, bars, cases).relative_to(machine.ROOT))
    return all(passed.values())


_NAMES = ("gateway", "plain loop")


def _no_more_delay(found: Sequence[Step]) -> bool:
    """At every number of streams that the plain loop held."""
    plain = {step.streams: step.delay.p95 for step in found if step.server == "plain loop" and step.held}
    return all(s.delay.p95 <= plain[s.streams] for s in found if s.server == "gateway" and s.streams in plain)


def _measure(
    directory: Path, said: Sequence[Turn], wanted: int, steps: Sequence[int], stack: ExitStack
) -> list[Step]:
    model = load_settings({}).speech_model
    gateway_port, plain_port = free_port(), free_port()
    supervisor = stack.enter_context(Supervisor(directory / "logs"))
    redis = redis_server.plan(directory)
    supervisor.start(redis.program)
    environment = {
        "JIACHANG_DATA_DIR": str(directory / "data"),
        "JIACHANG_REDIS_URL": redis.url,
        "JIACHANG_ENCRYPTION_KEY": secrets.token_hex(32),
        "JIACHANG_SECRET_KEY": secrets.token_hex(32),
        "JIACHANG_TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "JIACHANG_TWILIO_BASE_URL": "http://127.0.0.1:9",  # nobody: nothing here may get out
        "JIACHANG_CARRIER": "local",
        "JIACHANG_GATEWAY_BIND": f"127.0.0.1:{gateway_port}",
        "JIACHANG_GATEWAY_MAX_CALLS": "200",
        "JIACHANG_SPEECH_MODEL": str(model),
        "JIACHANG_LOG_LEVEL": "WARNING",
    }
    (directory / "data").mkdir()
    runtime = bootstrap(load_settings(environment))
    stack.callback(runtime.close)
    migrate.upgrade(runtime.db.engine)
    pinned = ("taskset", "-c", str(_SERVER_CORE), sys.executable, "-m")
    for name, command, env, port in (
        ("gateway", ("app", "gateway"), environment, gateway_port),
        ("plain loop", ("bench.plain_vosk", str(model), str(plain_port)), {}, plain_port),
    ):
        ready = tcp_ready(port)
        supervisor.start(Program(name, (*pinned, *command), env=env, ready=ready, restart=False))
    speak: dict[str, Speak] = {
        "gateway": to_gateway(f"ws://127.0.0.1:{gateway_port}/media", Turns(runtime).open),
        "plain loop": to_plain(f"ws://127.0.0.1:{plain_port}", in_its_words(VoskEngine.load(model))),
    }
    pids = {name: supervisor.pid(name) or 0 for name in speak}
    asyncio.run(_warm_up(speak, said))
    idle = {name: _memory_mb(pid) for name, pid in pids.items()}
    found = []
    for streams in steps:
        for name in speak:
            with Progress(f"{name}, {streams} streams", wanted) as progress:
                found.append(
                    asyncio.run(
                        _step(name, speak[name], said, streams, wanted, pids[name], idle[name], progress)
                    )
                )
    _check_words(runtime)
    return found


def _check_words(runtime: Runtime) -> None:
    """Raises ValueError for a gateway that heard next to nothing: without its model it would win every race."""
    with runtime.db.transaction(read_only=True) as session:
        heard = [heard or {} for heard in session.scalars(select(CallTurn.heard))]
    if sum(bool(one.get("text")) for one in heard) < _HEARD_AT_LEAST * len(heard):
        raise ValueError("the gateway heard words in too few turns: did it load its model?")


async def _warm_up(speak: dict[str, Speak], said: Sequence[Turn]) -> None:
    for one in speak.values():
        await crowd(one, said, 1, _WARM_UP, lambda: None)


async def _step(
    name: str,
    speak: Speak,
    said: Sequence[Turn],
    streams: int,
    wanted: int,
    pid: int,
    idle: float,
    progress: Progress,
) -> Step:
    most = idle
    cpu, clock = _cpu_seconds(pid), asyncio.get_running_loop().time()

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, _memory_mb(pid))
            await asyncio.sleep(0.25)

    watching = asyncio.ensure_future(watch())
    delays = await crowd(speak, said, streams, wanted, progress.step)
    watching.cancel()
    used = (_cpu_seconds(pid) - cpu) / (asyncio.get_running_loop().time() - clock)
    answered = [delay.seconds * 1000 for delay in delays if delay.seconds is not None]
    if not answered:
        raise ValueError(f"{name} answered none of {len(delays)} turns")
    lost = len(delays) - len(answered)
    memory = round((most - idle) / streams, 2)
    return Step(name, streams, len(delays), lost, Latency.of(answered), memory, round(used, 2))


def in_its_words(engine: VoskEngine) -> Any:
    """The same phrase lists as the gateway's, so that both are held to the same."""

    def held(turn: Turn) -> list[str]:
        if not turn.held:
            return []
        return [" ".join(phrase.words) for phrase in engine.sayable(turn.held)] + [UNKNOWN]

    return held


class Turns:
    """Turns as the web process leaves them when it has answered with <Connect><Stream>: written as they are needed."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def open(self, turn: Turn) -> Ticket:
        ticket, now = Ticket(secrets.token_urlsafe(16), f"CA{uuid4().hex}"), self._runtime.now()
        with self._runtime.db.transaction() as session:
            call = Call(
                uid=str(uuid4()),
                carrier_sid=ticket.call_sid,
                direction="inbound",
                phone=None,
                phone_index=None,
                hotline=self._runtime.settings.hotline_number,
                state={},
                last_turn=1,
                started_at=now,
                updated_at=now,
            )
            insert_row(session, call)
            insert_row(
                session,
                CallTurn(
                    call_id=call.id,
                    n=1,
                    node="bench",
                    said=[],
                    twiml="<Response/>",
                    listen=turn.listen,
                    token_hash=hash_token(ticket.token),
                    created_at=now,
                ),
            )
        return ticket


def _memory_mb(pid: int) -> float:
    """Resident memory."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else 0.0


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _print(described: dict[str, Any], found: Sequence[Step]) -> None:
    head = (
        "server",
        "streams",
        "turns",
        "lost",
        "p50 ms",
        "p95 ms",
        "max ms",
        "MB a stream",
        "core used",
        "≤ 400 ms",
    )
    rows = [
        (
            s.server,
            s.streams,
            s.turns,
            s.lost,
            s.delay.p50,
            s.delay.p95,
            s.delay.worst,
            s.memory_mb,
            s.core,
            s.held,
        )
        for s in found
    ]
    print(f"\n{machine.sentence(described)}\n\n**Synthetic voices only.** One core for each server.\n")
    print(render(head, rows))
