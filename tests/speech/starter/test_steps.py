from pathlib import Path

import pytest

from speech.starter.steps import Workshop, fingerprint


def test_a_step_runs_once_and_again_only_when_its_inputs_change(tmp_path: Path) -> None:
    ran: list[str] = []
    workshop = Workshop(tmp_path)
    for made_from in ("a", "a", "b", "b"):
        folder = workshop.run("data", made_from, lambda folder, what=made_from: ran.append(what))  # type: ignore[misc]
        assert folder == tmp_path / "data"
    assert ran == ["a", "b"]


def test_an_interrupted_step_finds_what_it_had_left(tmp_path: Path) -> None:
    def half(folder: Path) -> None:
        (folder / "first").write_text("kept")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Workshop(tmp_path).run("data", "same", half)
    found: list[bool] = []
    Workshop(tmp_path).run("data", "same", lambda folder: found.append((folder / "first").exists()))
    assert found == [True]


def test_results_of_other_inputs_are_thrown_away(tmp_path: Path) -> None:
    Workshop(tmp_path).run("data", "old", lambda folder: (folder / "first").write_text("x") and None)
    found: list[bool] = []
    Workshop(tmp_path).run("data", "new", lambda folder: found.append((folder / "first").exists()))
    assert found == [False]


def test_a_fingerprint_is_of_contents_not_of_names(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("same")
    second.write_text("same")
    assert fingerprint(first, 1) == fingerprint(second, 1)
    assert fingerprint(first, 1) != fingerprint(first, 2)
    second.write_text("other")
    assert fingerprint(first, 1) != fingerprint(second, 1)


def test_a_kept_step_is_not_done_again_whatever_it_was_made_from(tmp_path: Path) -> None:
    done: list[str] = []
    Workshop(tmp_path).run("training", "old", lambda folder: done.append("first"))
    Workshop(tmp_path, kept=("training",)).run("training", "new", lambda folder: done.append("again"))
    assert done == ["first"]
    Workshop(tmp_path, kept=("training",)).run("export", "new", lambda folder: done.append("export"))
    Workshop(tmp_path).run("training", "new", lambda folder: done.append("again"))
    assert done == ["first", "export", "again"]
