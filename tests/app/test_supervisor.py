"""Real processes: what is started is ended, whatever happens to whom."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app import sessions
from app.errors import ProcessError
from app.supervisor import Program, Supervisor

SLEEPER = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(600)"]
# Ignores TERM and has a child in a process group of its own, as RQ's work horse is.
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setpgrp()
print("awake", flush=True)
time.sleep(600)
"""


def poll(question: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until the question is answered with something true; fail at the deadline."""
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "nothing came of it in time"
        time.sleep(0.02)


def started(supervisor: Supervisor, program: Program) -> int:
    supervisor.start(program)
    pid = supervisor.pid(program.name)
    assert pid is not None
    return pid


def test_leaving_the_block_ends_every_program(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        pids = [started(supervisor, Program(name, SLEEPER)) for name in ("web", "worker")]
        assert all(sessions.members(pid) for pid in pids)
    assert not any(sessions.members(pid) for pid in pids)


def test_failure_in_the_block_ends_every_program(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    with pytest.raises(RuntimeError, match="story failed"), supervisor:
        pid = started(supervisor, Program("web", SLEEPER))
        raise RuntimeError("story failed")
    assert not sessions.members(pid)


def test_program_that_ignores_term_is_killed_with_its_children(tmp_path: Path) -> None:
    program = Program("worker", [sys.executable, "-c", STUBBORN])
    with Supervisor(tmp_path, grace=0.3) as supervisor:
        pid = started(supervisor, program)
        poll(lambda: len(sessions.members(pid)) == 2)
    assert not sessions.members(pid)


def test_output_goes_to_a_log_of_its_own(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Program("web", SLEEPER))
        poll(lambda: supervisor.tail("web") == "awake")
    assert (tmp_path / "web.log").read_text() == "awake\n"


def test_start_waits_until_the_program_is_ready(tmp_path: Path) -> None:
    flag = tmp_path / "ready"
    command = [
        sys.executable,
        "-c",
        f"import pathlib, time; pathlib.Path({str(flag)!r}).touch(); time.sleep(600)",
    ]
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Program("web", command, ready=flag.exists))
        assert flag.exists()


def test_program_that_is_never_ready_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    with pytest.raises(ProcessError, match=r"(?s)1 秒内没有准备好.*awake"), supervisor:
        supervisor.start(Program("web", SLEEPER, ready=lambda: False, ready_timeout=1))


def test_program_that_ends_at_once_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no model here')"]
    supervisor = Supervisor(tmp_path)
    with pytest.raises(ProcessError, match=r"(?s)退出码 1.*no model here"), supervisor:
        supervisor.start(Program("web", command, ready=lambda: False, restart=False))


def test_command_that_does_not_exist_is_a_clear_error(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    with pytest.raises(ProcessError, match="无法启动 no-such-command"), supervisor:
        supervisor.start(Program("web", ["no-such-command"], ready=lambda: False))


def test_killed_program_comes_back(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        first = started(supervisor, Program("worker", SLEEPER))
        os.kill(first, signal.SIGKILL)
        poll(lambda: supervisor.pid("worker") not in (None, first))
        assert supervisor.crashes("worker") == 1
        supervisor.check()
    assert "SIGKILL" in (tmp_path / "worker.log").read_text()


def test_program_that_keeps_crashing_is_given_up(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(0.2)"]
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Program("worker", command, max_crashes=1))
        with pytest.raises(ProcessError, match="worker 退出了"):
            supervisor.wait()


PARENT = textwrap.dedent(
    """
    import signal, sys
    from pathlib import Path
    from app.supervisor import Program, Supervisor, stop_on_signals

    # Tests run in a shell's background inherit that Ctrl-C is ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with stop_on_signals(), Supervisor(Path(sys.argv[1]), grace=0.5) as supervisor:
        for number, code in enumerate(sys.argv[2:]):
            supervisor.start(Program(f"child{number}", [sys.executable, "-c", code]))
        print(*(supervisor.pid(f"child{number}") for number in range(len(sys.argv) - 2)), flush=True)
        supervisor.wait()
    """
)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_when_the_parent_gets(signum: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path), SLEEPER[2], STUBBORN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        poll(lambda: [len(sessions.members(pid)) for pid in pids] == [1, 2])
        parent.send_signal(signum)
        assert parent.wait(timeout=30) != 0
        poll(lambda: not any(sessions.members(pid) for pid in pids))


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "pipe"])
def test_nothing_is_left_when_nobody_reads_any_more(terminal: bool, tmp_path: Path) -> None:
    reader, writer = os.openpty() if terminal else os.pipe()
    command = [sys.executable, "-c", PARENT, str(tmp_path), SLEEPER[2]]
    with subprocess.Popen(command, stdout=writer, stderr=subprocess.DEVNULL) as parent:
        os.close(writer)
        child = int(os.read(reader, 100))
        os.close(reader)
        assert parent.wait(timeout=30) != 0
        assert not sessions.members(child)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_nothing_is_left_when_make_is_killed(tmp_path: Path) -> None:
    makefile = tmp_path / "Makefile"
    makefile.write_text('demo:\n\t@exec $(PYTHON) -c "$$PARENT" $(LOGS) "$$SLEEPER"\n')
    words = {
        "PARENT": PARENT,
        "SLEEPER": SLEEPER[2],
        "PYTHON": sys.executable,
        "LOGS": str(tmp_path / "logs"),
    }
    command = ["make", "-s", "-e", "-f", str(makefile)]
    environment = {**os.environ, **words, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as make:
        assert make.stdout is not None
        child = int(make.stdout.readline())
        make.kill()
        poll(lambda: not sessions.members(child))


def children(parent: int) -> list[int]:
    """Pids of the processes that a process started."""
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_nothing_is_left_even_when_parent_and_guard_are_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path), SLEEPER[2]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        (guard,) = children(parent.pid)  # the main thread starts the guard, the watcher the programs
        os.kill(guard, signal.SIGKILL)
        parent.kill()
        poll(lambda: not sessions.members(child))
