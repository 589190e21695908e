"""Progress of long work, on stderr: a bar for people, a line now and then for logs."""

import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import click

_LOG_EVERY = 10
"""Per cent, or 10 MB where the size is unknown: without a terminal a line each."""
_UNKNOWN_STEP = 10_000_000


def megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


class Bar:
    """Callable as `bar(step, done, total)`; a new step ends the one before. `labels`: step → words.

    `shown`: how a total is written, bytes unless said otherwise; only bytes may have an unknown total.
    """

    def __init__(self, labels: Mapping[str, str], shown: Callable[[int], str] = megabytes) -> None:
        self._labels, self._shown = labels, shown
        self._step = ""
        self._bar: Any = None
        self._at = 0
        self._logged = 0
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def __call__(self, step: str, done: int, total: int | None) -> None:
        # Less than before: the same step begins again.
        if step != self._step or done < self._at:
            self._begin(step, done, total)
        if self._bar is not None:
            self._bar.update(done - self._at)
        elif total is None:
            self._count(done)
        else:
            self._log(done, total)
        self._at = done

    def _begin(self, step: str, done: int, total: int | None) -> None:
        self._end()
        self._step, self._at, self._logged = step, 0, -1
        label = self._labels[step]
        if self._terminal and total:
            self._bar = click.progressbar(length=total, label=label, file=sys.stderr, show_eta=True)
            self._bar.__enter__()
        elif not total and not done:
            click.echo(f"{label}…", err=True)

    def _count(self, done: int) -> None:
        if self._terminal and done:
            click.echo(f"\r{self._labels[self._step]} {done / 1e6:.1f} MB ", nl=False, err=True)
        elif done // _UNKNOWN_STEP > self._logged:
            self._logged = done // _UNKNOWN_STEP
            if done:
                click.echo(f"{self._labels[self._step]} {done / 1e6:.0f} MB", err=True)

    def _log(self, done: int, total: int) -> None:
        part = (100 * done // total) // _LOG_EVERY if total else 0
        if part > self._logged:
            self._logged = part
            click.echo(f"{self._labels[self._step]} {part * _LOG_EVERY}% ({self._shown(total)})", err=True)

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
        elif self._terminal and self._at and self._step:
            click.echo(err=True)
