"""Fetches a full model from its vendor: download, sum, unpacking, a trial, and only then its place.

Everything happens in hidden files beside the place, and the last step is one rename: whenever it breaks off,
there is the whole model or none, and the next run goes on or cleans up.
"""

import contextlib
import dataclasses
import datetime
import fcntl
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.errors import ModelFetchError
from speech import model_archive
from speech.model_archive import DamagedArchive
from speech.model_check import ModelReport, check
from speech.model_download import RESERVE, Conditions, Progress, download
from speech.model_part import Part
from speech.model_sums import KnownSum, known_sum, remember, sha256_of


@dataclass(frozen=True)
class FullModel:
    """`folder`: also the name of its archive; the sizes, in bytes, are limits well above what the vendor says."""

    folder: str
    most_archive: int
    most_unpacked: int


MODELS = {
    "cn-small": FullModel("vosk-model-small-cn-0.22", 200_000_000, 1_000_000_000),
    "cn": FullModel("vosk-model-cn-0.22", 3_000_000_000, 9_000_000_000),
}


@dataclass(frozen=True)
class Fetched:
    """`fresh`: it has just come; else it was there. `sha256`: of the archive; None if it came another way."""

    report: ModelReport
    sha256: str | None
    fresh: bool
    first: bool = False
    """Nothing was known to compare the sum with."""


Trial = Callable[[Path], ModelReport]


def fetch(
    model: FullModel,
    source: str,
    into: Path,
    progress: Progress,
    *,
    sha256: str | None = None,
    conditions: Conditions | None = None,
    trial: Trial = check,
) -> Fetched:
    """Puts the model into `into/FOLDER`, unless it is there and usable. `source`: URL of the archives' directory.

    `sha256`: what the archive must have; it then replaces the sum known so far. `trial` says whether the unpacked
    model is usable. Raises ModelFetchError.
    """
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise ModelFetchError("--sha256 takes the 64 hexadecimal digits of a SHA-256 sum")
    place = Path(into).resolve() / model.folder
    url = f"{source.rstrip('/')}/{model.folder}.zip"
    wanted = sha256.lower() if sha256 else None
    try:
        with _alone(place.parent):
            _tidy(place)
            known = known_sum(place.parent, model.folder)
            order = _Order(model, url, place, known, wanted, progress, conditions or Conditions(), trial)
            return order.already() or order.fetch()
    except OSError as error:  # of this disk; those of the line have been dealt with
        raise ModelFetchError(
            f"{place.parent} cannot be used ({error.strerror}): choose another directory with --to"
        ) from error


@dataclass(frozen=True)
class _Order:
    """`known`: the sum remembered from the first time; `wanted`: the one asked for, which counts more."""

    model: FullModel
    url: str
    place: Path
    known: KnownSum | None
    wanted: str | None
    progress: Progress
    conditions: Conditions
    trial: Trial

    def already(self) -> Fetched | None:
        """None if it isn't there, not usable, or nobody knows that it came from the archive asked for."""
        known = self.known.sha256 if self.known else None
        if not self.place.exists() or (self.wanted is not None and self.wanted != known):
            return None
        self.progress("try", 0, None)
        report = self.trial(self.place)
        return Fetched(report, known, fresh=False) if report.usable else None

    def fetch(self) -> Fetched:
        part = Part(self.place.with_name(f".{self.model.folder}.zip.part"))
        download(self.url, part, self.model.most_archive, self.progress, self.conditions)
        found = sha256_of(part.path, self.progress)
        try:
            self._compare(part, found)
            report = self._unpack(part)
        except DamagedArchive:
            part.forget()
            raise
        if self.known is None or self.known.sha256 != found:
            today = datetime.datetime.now(datetime.UTC).date().isoformat()
            remember(self.place.parent, self.model.folder, KnownSum(found, today, self.url))
        part.forget()
        return Fetched(report, found, fresh=True, first=self.known is None and self.wanted is None)

    def _compare(self, part: Part, found: str) -> None:
        model, known, wanted = self.model, self.known, self.wanted
        if found == (wanted or (known.sha256 if known else found)):
            return
        # A broken archive differs too, and then the remedy is another.
        model_archive.verify(part.path, model.folder, model.most_unpacked, self.progress)
        if wanted is not None or known is None:
            raise ModelFetchError(
                f"{model.folder}.zip has the SHA-256 sum {found}, --sha256 asks for {wanted}: not unpacked"
            )
        raise ModelFetchError(
            f"{model.folder}.zip is not the file it was: its SHA-256 sum is {found}, but {known.sha256} when "
            f"first fetched {known.since} from {known.url}. "
            "Either the vendor has replaced it or somebody has tampered with it; not unpacked. "
            f"If you have made sure that it is right, accept it: jiachang model fetch … --sha256 {found}"
        )

    def _unpack(self, part: Part) -> ModelReport:
        model, place = self.model, self.place
        need = model_archive.unpacked_size(part.path, model.folder, model.most_unpacked) + RESERVE
        if (there := self.conditions.free(place.parent)) < need:
            raise ModelFetchError(
                f"{place.parent} has {there / 1e6:,.0f} MB free, the unpacked model needs {need / 1e6:,.0f} MB: "
                "make room and run the command again"
            )
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}.unpacked-") as directory:
            unpacked = model_archive.unpack(
                part.path, model.folder, model.most_unpacked, Path(directory), self.progress
            )
            self.progress("try", 0, None)
            report = self.trial(unpacked)
            if report.problem is not None:
                raise ModelFetchError(report.problem.replace(str(unpacked), model.folder))
            if place.exists() or place.is_symlink():
                place.rename(_aside(place))
            unpacked.rename(place)
        _tidy(place)
        return dataclasses.replace(report, path=place)


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".fetch.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ModelFetchError(
                f"another fetch is at work in {directory}: wait until it has ended"
            ) from None
        yield


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.old")


def _tidy(place: Path) -> None:
    """What a run that was killed has left behind."""
    for left in place.parent.glob(f".{place.name}.unpacked-*"):
        shutil.rmtree(left)
    aside = _aside(place)
    if aside.is_dir() and not place.exists():
        aside.rename(place)
    elif aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside)
    else:
        aside.unlink(missing_ok=True)
