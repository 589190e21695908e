"""The progress line."""

import io

import pytest

from bench.progress import Progress


def test_line_fills_up_with_the_steps() -> None:
    progress = Progress("calls", 4, io.StringIO())
    progress.step(2)
    assert "[############............] 2/4" in progress.line()
    progress.step(2)
    assert "[########################] 4/4" in progress.line()


def test_where_nobody_watches_one_line_at_the_end() -> None:
    stream = io.StringIO()
    with Progress("calls", 2, stream) as progress:
        progress.step()
        progress.step()
    assert stream.getvalue().count("\n") == 1
    assert "2/2" in stream.getvalue()


def test_a_run_that_breaks_off_says_so() -> None:
    stream = io.StringIO()
    with pytest.raises(ValueError, match="broken"), Progress("calls", 2, stream):
        raise ValueError("broken")
    assert "stopped" in stream.getvalue()
