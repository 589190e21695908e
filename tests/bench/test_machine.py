"""The description of the machine: figures mean nothing without it."""

from pathlib import Path

from bench.machine import describe, filesystem, sentence


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


def test_file_system_is_that_of_the_deepest_mount() -> None:
    assert filesystem(Path("/proc/self")) == "proc"


def test_sentence_leaves_out_what_is_not_there(tmp_path: Path) -> None:
    assert "postgresql" not in sentence(describe(tmp_path, postgresql=None))
