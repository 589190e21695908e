"""Unpacks the archive of a model, which came from outside: every name, size and byte is doubted."""

import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from app.errors import ModelFetchError
from speech.model_download import Progress

_BLOCK = 1 << 20
_MOST_ENTRIES = 10_000
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    IndexError,
    NotImplementedError,
    RuntimeError,
)
"""What `zipfile` raises on archives that are not what they should be."""


class DamagedArchive(ModelFetchError):
    """Not a zip archive, or not whole: another download may bring a better one."""


def verify(archive: Path, folder: str, most: int, progress: Progress) -> None:
    """As `unpack`, but nothing is written."""
    _read(archive, folder, most, None, progress)


def unpacked_size(archive: Path, folder: str, most: int) -> int:
    """Bytes that it will take on the disk. Raises like `unpack` for names and sizes, without reading the files."""
    try:
        with zipfile.ZipFile(archive) as zipped:
            return _examine(zipped, folder, most)
    except _DAMAGE as error:
        raise _damaged(archive, error) from error


def unpack(archive: Path, folder: str, most: int, into: Path, progress: Progress) -> Path:
    """The directory `into/folder`. The archive must hold nothing but that one folder of plain files, `most` bytes
    in all. Every file's CRC-32 is checked.

    Raises DamagedArchive, or ModelFetchError if it is an archive, but not one of a model.
    """
    _read(archive, folder, most, into, progress)
    return into / folder


def _read(archive: Path, folder: str, most: int, into: Path | None, progress: Progress) -> None:
    try:
        with zipfile.ZipFile(archive) as zipped:
            total, done = _examine(zipped, folder, most), 0
            for entry in zipped.infolist():
                if entry.is_dir():
                    continue
                # zipfile itself never gives more bytes than the entry's declared size, which has been counted.
                with zipped.open(entry) as source, _sink(into, entry.filename) as sink:
                    while block := source.read(_BLOCK):
                        sink.write(block)
                        done += len(block)
                        progress("unpack", done, total)
                    sink.flush()
                    if into is not None:
                        os.fsync(sink.fileno())
    except _DAMAGE as error:
        raise _damaged(archive, error) from error
    except OSError as error:
        raise ModelFetchError(f"{archive.name} cannot be unpacked into {into}: {error.strerror}") from error


def _sink(into: Path | None, name: str) -> BinaryIO:
    if into is None:
        return Path(os.devnull).open("wb")
    path = into / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb")  # never over another entry, and with our own rights, not the archive's


def _examine(zipped: zipfile.ZipFile, folder: str, most: int) -> int:
    entries = zipped.infolist()
    if not entries or len(entries) > _MOST_ENTRIES:
        raise _refused(zipped, f"holds {len(entries)} files")
    for entry in entries:
        name = entry.orig_filename  # as it is written in the archive, before zipfile cleans it up
        parts = PurePosixPath(name).parts
        if "\\" in name or "\0" in name or ":" in name or name.startswith("/") or ".." in parts:
            raise _refused(zipped, f"wants to write outside of its folder ({name!r})")
        if parts[:1] != (folder,):
            raise _refused(zipped, f"holds {name!r} and should hold only the folder {folder}")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refused(zipped, f"holds a link or a device ({name!r})")
        if entry.flag_bits & 1:
            raise _refused(zipped, "is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refused(zipped, f"is packed in an unusual way (method {entry.compress_type})")
    total = sum(entry.file_size for entry in entries)
    if total > most:
        raise _refused(zipped, f"unpacks to {total:,} bytes, the model has less than {most:,}")
    return total


def _refused(zipped: zipfile.ZipFile, reason: str) -> ModelFetchError:
    name = Path(zipped.filename or "archive").name
    return ModelFetchError(f"{name} {reason}: it is not the model and was not unpacked")


def _damaged(archive: Path, error: Exception) -> DamagedArchive:
    with archive.open("rb") as file:
        begin = file.read(200)
    if begin[:2] != b"PK":
        what = begin[:40].decode("ascii", "replace").strip()
        return DamagedArchive(
            f"what came is not a zip archive (it begins with {what!r}); some networks answer with a page of their "
            "own: open the address in a browser, then run the command again"
        )
    return DamagedArchive(f"the archive is damaged ({error}); run the command again to download it anew")
