"""Against a real server on loopback: nothing of HTTP is imitated on our side."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import ModelFetchError
from speech.model_download import RESERVE, Conditions, download
from speech.model_part import Part
from tests.support.model_server import Shelf, model_server

BODY = random.Random(1).randbytes(700_000)
OTHER = random.Random(2).randbytes(700_000)
AGAIN = Conditions(silence=5, pause=0)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with model_server() as shelf:
        shelf.body = BODY
        yield shelf


@pytest.fixture
def part(tmp_path: Path) -> Part:
    return Part(tmp_path / "a.zip.part")


def silent(step: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


def get(shelf: Shelf, part: Part, conditions: Conditions = AGAIN, most: int = 1_000_000) -> bytes:
    download(f"{shelf.url}/a.zip", part, most, silent, conditions)
    return part.path.read_bytes()


def ranges(shelf: Shelf) -> list[str | None]:
    return [asked for _, asked in shelf.asked]


def broken_off(shelf: Shelf, part: Part, after: int) -> None:
    """Leaves `after` bytes behind, as a run that was ended in the middle does."""

    def pull_the_plug(step: str, done: int, total: int | None) -> None:
        if done:
            raise KeyboardInterrupt

    shelf.breaks = [after]
    with pytest.raises(KeyboardInterrupt):
        download(f"{shelf.url}/a.zip", part, 1_000_000, pull_the_plug, AGAIN)
    assert 0 < part.size <= after
    shelf.asked.clear()


def test_file_arrives_whole_and_progress_is_told(shelf: Shelf, part: Part) -> None:
    told: list[tuple[str, int, int | None]] = []
    download(f"{shelf.url}/a.zip", part, 1_000_000, lambda *now: told.append(now), AGAIN)
    assert part.path.read_bytes() == BODY
    assert shelf.asked == [("/models/a.zip", None)]
    assert told[0] == ("download", 0, len(BODY)) and told[-1] == ("download", len(BODY), len(BODY))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_unknown_size_is_told_as_unknown(shelf: Shelf, part: Part) -> None:
    shelf.length_told = False
    told: list[int | None] = []
    download(f"{shelf.url}/a.zip", part, 1_000_000, lambda _step, _done, total: told.append(total), AGAIN)
    assert part.path.read_bytes() == BODY and set(told) == {None}


def test_broken_line_is_taken_up_again_within_one_run(shelf: Shelf, part: Part) -> None:
    shelf.breaks = [300_000, 0, 100_000]
    assert get(shelf, part) == BODY
    assert ranges(shelf) == [None, "bytes=300000-", "bytes=300000-", "bytes=400000-"]


def test_silent_line_is_given_up_and_taken_up_again(shelf: Shelf, part: Part) -> None:
    shelf.stalls = [200_000]
    assert get(shelf, part, Conditions(silence=0.3, pause=0)) == BODY
    assert ranges(shelf) == [None, "bytes=200000-"]


def test_next_run_goes_on_where_the_last_one_was_ended(shelf: Shelf, part: Part) -> None:
    broken_off(shelf, part, 300_000)
    have = part.size
    assert get(shelf, part) == BODY
    assert ranges(shelf) == [f"bytes={have}-"]


def test_file_without_etag_is_continued_by_its_date(shelf: Shelf, part: Part) -> None:
    shelf.etag = None
    broken_off(shelf, part, 300_000)
    assert get(shelf, part) == BODY and len(shelf.asked) == 1


def test_weak_etag_is_compared_but_not_sent(shelf: Shelf, part: Part) -> None:
    shelf.etag = 'W/"1"'
    broken_off(shelf, part, 300_000)
    assert get(shelf, part) == BODY and len(shelf.asked) == 1


def test_server_without_ranges_sends_all_of_it_again(shelf: Shelf, part: Part) -> None:
    broken_off(shelf, part, 300_000)
    shelf.ranges = False
    assert get(shelf, part) == BODY
    assert len(shelf.asked) == 1


@pytest.mark.parametrize("change", ["etag", "modified"])
def test_changed_file_starts_again(shelf: Shelf, part: Part, change: str) -> None:
    if change == "modified":
        shelf.etag = None
    broken_off(shelf, part, 300_000)
    shelf.body = OTHER
    setattr(shelf, change, '"2"' if change == "etag" else "Mon, 23 Nov 2026 10:00:00 GMT")
    assert get(shelf, part) == OTHER


@pytest.mark.parametrize(
    "lie",
    [
        {"ETag": '"2"'},
        {"Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT"},
        {"Content-Range": "bytes 300000-800000/800001"},
        {"Content-Range": f"bytes 7-699999/{len(BODY)}"},
        {"Content-Range": "nonsense"},
    ],
)
def test_rest_of_another_file_is_not_appended(shelf: Shelf, part: Part, lie: dict[str, str]) -> None:
    broken_off(shelf, part, 300_000)
    shelf.lies = lie
    shelf.body = OTHER
    assert get(shelf, part) == OTHER
    assert ranges(shelf)[-1] is None


def test_server_that_changes_the_file_all_the_time_is_given_up(shelf: Shelf, part: Part) -> None:
    shelf.lies = {"ETag": '"other"'}
    shelf.breaks = [100_000] * 100
    with pytest.raises(ModelFetchError, match="another file each time"):
        get(shelf, part)


def test_changed_length_alone_starts_again(shelf: Shelf, part: Part) -> None:
    shelf.etag = shelf.modified = None
    broken_off(shelf, part, 300_000)
    shelf.body = OTHER + b"more"
    assert get(shelf, part) == OTHER + b"more"


def test_part_that_is_longer_than_the_new_file_starts_again(shelf: Shelf, part: Part) -> None:
    shelf.etag = shelf.modified = None
    broken_off(shelf, part, 300_000)
    shelf.body = OTHER[:1000]
    assert get(shelf, part) == OTHER[:1000]


def test_whole_part_is_not_fetched_again(shelf: Shelf, part: Part) -> None:
    get(shelf, part)
    shelf.asked.clear()
    assert get(shelf, part) == BODY
    assert ranges(shelf) == [f"bytes={len(BODY)}-"]


@pytest.mark.parametrize("note", ["", "{}", "[1]", '{"url": "http://elsewhere/"}', None])
def test_part_without_a_readable_note_is_worth_nothing(shelf: Shelf, part: Part, note: str | None) -> None:
    part.path.write_bytes(b"x" * 1000)
    if note is not None:
        part.path.with_name("a.zip.part.json").write_text(note)
    assert get(shelf, part) == BODY
    assert ranges(shelf) == [None]


def test_part_of_another_address_is_not_continued(shelf: Shelf, part: Part) -> None:
    broken_off(shelf, part, 300_000)
    download(f"{shelf.url}/b.zip", part, 1_000_000, silent, AGAIN)
    assert ranges(shelf) == [None] and part.path.read_bytes() == BODY


def test_missing_file_is_said_at_once(shelf: Shelf, part: Part) -> None:
    shelf.status = 404
    with pytest.raises(ModelFetchError, match=r"404.*JIACHANG_MODEL_SOURCE"):
        get(shelf, part)
    assert len(shelf.asked) == 1


def test_overloaded_server_is_tried_some_times_with_growing_pauses(shelf: Shelf, part: Part) -> None:
    shelf.status = 503
    pauses: list[float] = []
    with pytest.raises(ModelFetchError, match=r"503.*run the command again"):
        get(shelf, part, Conditions(silence=5, pause=1, sleep=pauses.append))
    assert len(shelf.asked) == 4 and pauses == [2, 4, 8]


def test_nobody_listening_is_said(part: Part) -> None:
    with model_server() as gone:
        url = gone.url
    with pytest.raises(ModelFetchError, match="refused"):
        download(f"{url}/a.zip", part, 10, silent, AGAIN)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/a.zip", "vosk/models", ""])
def test_only_web_addresses_are_fetched(part: Part, url: str) -> None:
    with pytest.raises(ModelFetchError, match="JIACHANG_MODEL_SOURCE"):
        download(url, part, 10, silent, AGAIN)


def test_redirect_is_followed_on_the_web_but_not_into_files(shelf: Shelf, part: Part) -> None:
    with model_server() as mirror:
        mirror.redirect = f"{shelf.url}/mirrored.zip"
        assert get(mirror, part) == BODY
        mirror.redirect = "file:///etc/passwd"
        with pytest.raises(ModelFetchError):
            download(f"{mirror.url}/b.zip", part, 1_000_000, silent, AGAIN)


def test_compressed_answer_is_refused(shelf: Shelf, part: Part) -> None:
    shelf.encoding = "gzip"
    with pytest.raises(ModelFetchError, match="compresses"):
        get(shelf, part)


@pytest.mark.parametrize("told", [True, False])
def test_too_large_a_file_is_stopped(shelf: Shelf, part: Part, told: bool) -> None:
    shelf.length_told = told
    with pytest.raises(ModelFetchError, match="the model"):
        get(shelf, part, most=500_000)
    assert part.size == 0


def test_full_disk_is_found_out_before_the_download(shelf: Shelf, part: Part) -> None:
    tight = 3 * len(BODY) + RESERVE
    with pytest.raises(ModelFetchError, match=r"MB free.*--to"):
        get(shelf, part, Conditions(free=lambda _: tight - 1))
    assert get(shelf, part, Conditions(free=lambda _: tight)) == BODY


def test_unwritable_part_is_not_tried_again(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(ModelFetchError, match="cannot be written"):
        get(shelf, Part(tmp_path / "no-such-directory" / "a.part"), Conditions(free=lambda _: 10**12))
    assert len(shelf.asked) == 1
