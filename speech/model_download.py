"""Downloads one large file over HTTP, and goes on where a broken download stopped.

Ranges as in RFC 9110: sections 14.2 (Range), 13.1.5 (If-Range), 15.3.7 (206), 15.5.17 (416).
"""

import http.client
import re
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.errors import ModelFetchError
from speech.model_part import Part, Seen

_BLOCK = 1 << 18
_TRIES = 4
"""Attempts in a row that bring not one byte, any byte starts the count anew; and times that it all was lost."""
_PASSING = frozenset((408, 429, 500, 502, 503, 504))
"""HTTP answers that another try may change."""
RESERVE = 100_000_000
"""Bytes of the disk left free for everything else on the machine."""


Progress = Callable[[str, int, int | None], None]
"""Told what is being done ("download", "sum", "unpack", "try"), the bytes done, and of how many, if known."""


def free_bytes(directory: Path) -> int:
    return shutil.disk_usage(directory).free


@dataclass(frozen=True)
class Conditions:
    """`silence`: seconds without a byte after which the line counts as broken; `pause`: seconds before a further
    try, doubled with each one in vain; `free`: bytes free on the disk of a directory.
    """

    silence: float = 30.0
    pause: float = 2.0
    sleep: Callable[[float], None] = time.sleep
    free: Callable[[Path], int] = free_bytes


def download(url: str, part: Part, most: int, progress: Progress, conditions: Conditions) -> None:
    """Fetches `url` whole into `part`, continuing what is there if the file is still the same; `most` bytes at most.

    Raises ModelFetchError that says why and whether to try again; what has arrived stays for the next time.
    """
    if not url.startswith(("http://", "https://")):
        raise ModelFetchError(f"{url}: JIACHANG_MODEL_SOURCE must begin with https:// or http://")
    idle = lost = 0
    while True:
        before = part.size
        try:
            if _attempt(url, part, most, progress, conditions):
                return
            reason = "the connection broke off"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code not in _PASSING:
                raise ModelFetchError(
                    f"{url}: the server answered {error.code} {error.reason}; "
                    "JIACHANG_MODEL_SOURCE must name the directory that holds the archives"
                ) from error
            reason = f"the server answered {error.code} {error.reason}"
        except (OSError, http.client.HTTPException) as error:
            cause = getattr(error, "reason", error)
            if isinstance(cause, ssl.SSLCertVerificationError):
                raise ModelFetchError(
                    f"{url}: the certificate of the server is not trusted ({cause.verify_message})"
                ) from error
            reason = str(cause) or type(cause).__name__
        lost += part.size < before
        if lost >= _TRIES:
            raise ModelFetchError(f"{url}: the server offers another file each time; choose another mirror")
        idle = 0 if part.size > before else idle + 1
        if idle >= _TRIES:
            raise ModelFetchError(
                f"{url}: {reason} ({_TRIES} tries in a row without a byte); "
                f"{part.size:,} bytes are kept, run the command again to go on from there"
            )
        conditions.sleep(conditions.pause * 2**idle)


def _attempt(url: str, part: Part, most: int, progress: Progress, conditions: Conditions) -> bool:
    """One request. False: it ended too early, or the part turned out to be of another file and is gone."""
    seen = part.seen()
    have = part.size if seen and seen.url == url else 0
    # The bytes of a range are counted in what is sent: nothing on the way may compress it.
    headers = {"User-Agent": "jiachang", "Accept-Encoding": "identity"}
    if seen and have:
        headers["Range"] = f"bytes={have}-"
        if validator := seen.validator():
            headers["If-Range"] = validator
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - only http(s), see download()
    try:
        response = urllib.request.urlopen(request, timeout=conditions.silence)  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code != 416 or not seen or not have:
            raise
        error.close()
        # Nothing comes after what we have: it is whole if that is what the file had, else of another file.
        whole = seen.length == have
        if not whole:
            part.forget()
        return whole
    with response:
        total = _total(response)
        now = Seen.of(url, response.headers, total)
        _refuse_disguise(url, response)
        if response.status == 206 and seen and have:
            if not seen.same_file(now) or _first_byte(response) != have:
                part.forget()
                return False
        elif response.status == 200:
            have = 0
            part.begin(now)
        else:
            raise ModelFetchError(f"{url}: the server answered {response.status} instead of sending the file")
        _refuse_too_large(part, total, have, most, conditions)
        return _receive(response, part, have, total, most, progress)


def _receive(
    response: http.client.HTTPResponse,
    part: Part,
    have: int,
    total: int | None,
    most: int,
    progress: Progress,
) -> bool:
    progress("download", have, total)
    while total is None or have < total:
        # read1: what has come is kept even if the line breaks before the block is full.
        block = response.read1(_BLOCK)
        if not block:
            break
        have += len(block)
        if have > most:
            part.forget()
            raise ModelFetchError(f"{response.url} sends more than {most:,} bytes: that is not the model")
        part.append(block)
        progress("download", have, total)
    return total is None or have == total


def _refuse_disguise(url: str, response: http.client.HTTPResponse) -> None:
    if url.startswith("https:") and not response.url.startswith("https:"):
        raise ModelFetchError(f"{url} leads to {response.url}, which anybody on the way could change")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise ModelFetchError(f"{url}: the server compresses what it was asked to send as it is")


def _refuse_too_large(part: Part, total: int | None, have: int, most: int, conditions: Conditions) -> None:
    if total is None:
        return
    if total > most:
        part.forget()
        raise ModelFetchError(f"the server offers {total:,} bytes; the model has less than {most:,}")
    # Models unpack to about twice their archive at most; the exact size is known once the archive is here.
    need = total - have + 2 * total + RESERVE
    if (there := conditions.free(part.path.parent)) < need:
        raise ModelFetchError(
            f"{part.path.parent} has {there / 1e6:,.0f} MB free, archive and model need {need / 1e6:,.0f} MB: "
            "make room or choose another directory with --to"
        )


def _total(response: http.client.HTTPResponse) -> int | None:
    """Bytes of the whole file, None if the server doesn't say."""
    header = "Content-Range" if response.status == 206 else "Content-Length"
    found = re.search(r"(\d+)$", response.headers.get(header, ""))
    return int(found[1]) if found else None


def _first_byte(response: http.client.HTTPResponse) -> int | None:
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else None
