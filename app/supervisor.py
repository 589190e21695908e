"""Runs our processes side by side, restarts those that crash, and leaves none behind.

Used by `jiachang demo` and by tests; in production systemd does this work. Three nets, because one is
never enough: `stop()` ends everything in the reverse order of the start; Linux tells each child when
its parent dies; and a guard process (`app.sessions`) ends what is left when the parent was killed.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self

from app import sessions
from app.errors import ProcessError

_TICK = 0.05  # seconds between two looks at the children
_MAX_BACKOFF = 10.0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """One process to keep running. `env` is added to our own environment; times are in seconds.

    `ready` is asked until it says True. A program that ends by itself more than `max_crashes` times
    within `crash_window` is given up, and the supervisor with it. With `restart=False` the first end,
    whatever the exit code, gives it up.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    ready_timeout: float = 30.0
    restart: bool = True
    max_crashes: int = 5
    crash_window: float = 60.0


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    start_at: float = 0.0  # monotonic; the watcher starts it when this has come
    crashes: list[float] = field(default_factory=list)
    given_up: str = ""


class Supervisor:
    """A context manager: leaving it, by whatever way, ends every child."""

    def __init__(self, log_dir: Path, *, grace: float = 8.0) -> None:
        self.log_dir = log_dir
        self._grace = grace
        self._children: dict[str, _Child] = {}
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._failed = threading.Event()
        # The kernel's notice of a parent's death goes by thread, so one thread that lives as long as
        # the supervisor starts every child.
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.log_dir.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-I", str(Path(sessions.__file__)), str(self._grace)]
        self._guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, program: Program) -> None:
        """Start a program and wait until it is ready; ProcessError with its last words if it is not."""
        child = _Child(program)
        with self._lock:
            if self._stopping.is_set():
                raise ProcessError(f"{program.name}：正在停止，不再启动新的进程")
            if program.name in self._children:
                raise ProcessError(f"{program.name}：已经启动过")
            self._children[program.name] = child
        deadline = time.monotonic() + program.ready_timeout
        while True:
            if self._is_ready(child):
                return
            if child.given_up:
                raise ProcessError(child.given_up)
            if self._stopping.is_set():
                raise ProcessError(f"{program.name}：启动途中被停止")
            if time.monotonic() > deadline:
                late = f"{program.name}：{program.ready_timeout:g} 秒内没有准备好"
                raise ProcessError(self._with_last_words(late, program.name))
            time.sleep(_TICK)

    def pid(self, name: str) -> int | None:
        """Pid of the running process, None while it is down."""
        with self._lock:
            process = self._children[name].process
            return process.pid if process and process.poll() is None else None

    def crashes(self, name: str) -> int:
        """How often the program ended by itself within its crash window."""
        with self._lock:
            return len(self._children[name].crashes)

    def check(self) -> None:
        """Raise ProcessError if a program was given up."""
        with self._lock:
            for child in self._children.values():
                if child.given_up:
                    raise ProcessError(child.given_up)

    def wait(self) -> None:
        """Keep going until `stop()` or an interrupt comes, until a program is given up (ProcessError), or until
        the terminal that we write to is gone (SystemExit)."""
        while not self._stopping.is_set():
            self._failed.wait(timeout=0.5)  # short, so that Python gets to run signal handlers
            self.check()
            if _nobody_reads():
                raise SystemExit(128 + signal.SIGHUP)

    def log_path(self, name: str) -> Path:
        return self.log_dir / f"{name}.log"

    def tail(self, name: str, lines: int = 15) -> str:
        """The last lines that a program printed."""
        try:
            text = self.log_path(name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def stop(self) -> None:
        """End every child, last started first; may be called again. A second interrupt can't leave
        anything behind: the guard does the rest."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        with self._lock:
            for child in reversed(self._children.values()):
                if child.process is not None:
                    self._end(child.process)
                    child.process = None
        if self._guard is not None and self._guard.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._guard.stdin.close()
            self._guard.wait()
            self._guard = None

    # -- the watcher thread ---------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._stopping.wait(_TICK):
            with self._lock:
                for child in self._children.values():
                    self._look_after(child)

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.given_up:
            return
        if child.process is None:
            if now >= child.start_at:
                self._spawn(child)
            return
        code = child.process.poll()
        if code is None:
            return
        self._end(child.process)  # whatever the dead leader left in its session
        child.process = None
        program = child.program
        child.crashes = [at for at in child.crashes if now - at < program.crash_window] + [now]
        with self.log_path(program.name).open("a", encoding="utf-8") as log:
            log.write(f"[supervisor] {program.name} {_how(code)}\n")
        if not program.restart or len(child.crashes) > program.max_crashes:
            self._give_up(child, f"{program.name} 退出了（{_how(code)}）")
            return
        child.start_at = now + min(_MAX_BACKOFF, 0.25 * 2 ** (len(child.crashes) - 1))

    def _spawn(self, child: _Child) -> None:
        program = child.program
        try:
            with self.log_path(program.name).open("ab") as log:
                child.process = _popen(program, log)
        except OSError as error:
            self._give_up(child, f"{program.name}：无法启动 {program.command[0]}（{error.strerror}）")
            return
        self._tell_guard("+", child.process.pid)

    def _give_up(self, child: _Child, reason: str) -> None:
        child.given_up = self._with_last_words(reason, child.program.name)
        self._failed.set()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        sessions.end([process.pid], self._grace, reap=process.poll)
        process.wait()
        self._tell_guard("-", process.pid)

    def _tell_guard(self, sign: str, session: int) -> None:
        if self._guard is None or self._guard.stdin is None:
            return
        with contextlib.suppress(BrokenPipeError):
            self._guard.stdin.write(f"{sign}{session}\n".encode())
            self._guard.stdin.flush()

    def _is_ready(self, child: _Child) -> bool:
        with self._lock:
            if child.process is None or child.process.poll() is not None:
                return False
        return child.program.ready is None or child.program.ready()

    def _with_last_words(self, reason: str, name: str) -> str:
        words = self.tail(name)
        return f"{reason}\n{words}\n（全部输出：{self.log_path(name)}）" if words else reason


@contextlib.contextmanager
def stop_on_signals() -> Iterator[None]:
    """Inside, SIGTERM and SIGHUP unwind the main thread as Ctrl-C does: `with` blocks do their work.

    Run by `make`, we are told of its death too; run by a shell we are not, so that `nohup` works.
    """

    def unwind(signum: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + signum)

    if _libc is not None and "MAKELEVEL" in os.environ:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    before = {number: signal.signal(number, unwind) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _nobody_reads() -> bool:
    """Has the terminal hung up, or the reader of the pipe gone? Under `make` in a closed ssh session nobody
    sends us SIGHUP: make gets it, and waits for us."""
    poller = select.poll()
    poller.register(1, 0)  # hang-up and error are always told
    return bool(poller.poll(0))


def _popen(program: Program, log: IO[bytes]) -> subprocess.Popen[bytes]:
    parent = os.getpid()

    def die_with_parent() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:  # it died before we asked to be told
                os.kill(os.getpid(), signal.SIGTERM)

    return subprocess.Popen(
        list(program.command),
        env={**os.environ, **program.env},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=die_with_parent,
    )


def _how(code: int) -> str:
    return f"退出码 {code}" if code >= 0 else f"信号 {signal.Signals(-code).name}"
