"""The description of the machine: figures mean nothing without it."""

from pathlib import Path

import pytest

from bench.machine import commit, describe, filesystem, sentence


def test_description_names_what_a_figure_depends_on(tmp_path: Path) -> None:
    machine = describe(tmp_path, postgresql="15.1")
    for name in (
        "cpu",
        "cores",
        "memory_gb",
        "system",
        "python",
        "sqlite",
        "filesystem",
        "measured_at",
        "commit",
    ):
        assert machine[name], name
    assert machine["postgresql"] == "15.1"
    assert machine["fsync_ms"] > 0
    assert not list(tmp_path.iterdir())


def test_without_git_the_commit_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit() == "unknown"


def test_file_system_is_that_of_the_deepest_mount() -> None:
    assert filesystem(Path("/proc/self")) == "proc"


def test_sentence_leaves_out_what_is_not_there(tmp_path: Path) -> None:
    assert "postgresql" not in sentence(describe(tmp_path, postgresql=None))
