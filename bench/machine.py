"""What a figure was measured on: without it a figure means nothing."""

import functools
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pysqlite3

ROOT = Path(__file__).resolve().parent.parent


def describe(data_dir: Path, **more: Any) -> dict[str, Any]:
    """Processor, memory, system, versions, the file system below `data_dir`, commit and date."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "cpu": _from_file("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": str(pysqlite3.sqlite_version),
        "filesystem": filesystem(data_dir),
        "fsync_ms": fsync_ms(data_dir),
        "load_before": round(os.getloadavg()[0], 2),
        **more,
    }


def sentence(machine: Mapping[str, Any]) -> str:
    """The description in two lines, above a table."""
    gone = {"measured_at", "commit", "fsync_ms", "load_before"}
    parts = [f"{name} {value}" for name, value in machine.items() if name not in gone and value]
    return (
        f"{machine['measured_at']}  commit {machine['commit']}  load {machine['load_before']}"
        f"  fdatasync of 4 kB {machine['fsync_ms']} ms\n" + ", ".join(parts)
    )


def commit() -> str:
    """The commit measured, with `+` if the tree differs from it; `unknown` outside a repository or without git."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    run = functools.partial(subprocess.run, capture_output=True, text=True, cwd=ROOT)
    head = run([git, "rev-parse", "--short=10", "HEAD"])
    if head.returncode != 0:
        return "unknown"
    changed = run([git, "status", "--porcelain", "--", "app", "ivr", "kiosk", "models", "speech"])
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def filesystem(directory: Path) -> str:
    """Type of the file system that holds the directory. A tmpfs makes every commit look free."""
    best, kind = "", "unknown"
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return kind
    here = str(directory.resolve())
    for line in mounts:
        _, point, type_, *_ = line.split()
        inside = here == point or here.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, type_
    return kind


def fsync_ms(directory: Path, times: int = 200) -> float:
    """Median of `fdatasync` after a write of 4 kB, ms: the floor under every durable commit."""
    path = directory / "fsync-probe"
    taken = []
    handle = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        for n in range(times):
            os.pwrite(handle, b"x" * 4096, n * 4096)
            started = time.perf_counter()
            os.fdatasync(handle)
            taken.append(time.perf_counter() - started)
    finally:
        os.close(handle)
        path.unlink()
    return round(sorted(taken)[times // 2] * 1000, 3)


def _from_file(path: str, field: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() == field:
            return value.strip()
    return ""
