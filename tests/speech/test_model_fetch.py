"""The whole way of a model from a web server to its place; loaded by the real engine before it gets there."""

import hashlib
import io
import json
import random
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import ModelFetchError
from speech.model_check import ModelReport, check
from speech.model_download import Conditions
from speech.model_fetch import MODELS, Fetched, Trial, fetch
from speech.model_sums import FILE
from speech.vosk_engine import VoskEngine
from tests.support.model_server import Shelf, model_server

SMALL = MODELS["cn-small"]
NAME = SMALL.folder
AGAIN = Conditions(silence=5, pause=0)
ROOM = 10**12


def archive_of(directory: Path, folder: str = NAME, extra: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(directory.rglob("*")):
            if file.is_file():
                archive.write(file, f"{folder}/{file.relative_to(directory)}")
        for name, data in (extra or {}).items():
            archive.writestr(f"{folder}/{name}", data)
    return out.getvalue()


@pytest.fixture(scope="module")
def archive() -> bytes:
    return archive_of(Path(__file__).resolve().parents[2] / "speech" / "model" / "starter")


@pytest.fixture
def shelf(archive: bytes) -> Iterator[Shelf]:
    with model_server() as shelf:
        shelf.body = archive
        yield shelf


def silent(step: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


def files_only(directory: Path) -> ModelReport:
    """The trial where the model is known to be good and half a second each time adds nothing."""
    return check(directory, try_load=False)


def get(
    shelf: Shelf,
    into: Path,
    sha256: str | None = None,
    conditions: Conditions = AGAIN,
    trial: Trial = files_only,
) -> Fetched:
    return fetch(SMALL, shelf.url, into, silent, sha256=sha256, conditions=conditions, trial=trial)


def left(into: Path) -> set[str]:
    return {path.name for path in into.iterdir()}


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_model_arrives_tried_and_its_sum_is_remembered(shelf: Shelf, tmp_path: Path, archive: bytes) -> None:
    done = get(shelf, tmp_path, trial=check)
    assert done.fresh and done.first and done.sha256 == sum_of(archive)
    assert done.report.usable and done.report.tried and done.report.path == tmp_path / NAME
    assert left(tmp_path) == {NAME, FILE, ".fetch.lock"}
    remembered = json.loads((tmp_path / FILE).read_text())[NAME]
    assert remembered["sha256"] == sum_of(archive) and remembered["url"] == f"{shelf.url}/{NAME}.zip"
    assert not VoskEngine.load(tmp_path / NAME).unsayable(["是的"])


def test_second_fetch_downloads_nothing(shelf: Shelf, tmp_path: Path, archive: bytes) -> None:
    get(shelf, tmp_path)
    shelf.asked.clear()
    again = get(shelf, tmp_path)
    assert not again.fresh and again.report.usable and shelf.asked == []
    assert not get(shelf, tmp_path, sum_of(archive)).fresh and shelf.asked == []


def test_model_that_came_another_way_is_left_alone_unless_a_sum_is_asked_for(
    shelf: Shelf, tmp_path: Path, model_dir: Path, archive: bytes
) -> None:
    shutil.copytree(model_dir, tmp_path / NAME)
    there = get(shelf, tmp_path)
    assert not there.fresh and there.sha256 is None and shelf.asked == []
    assert get(shelf, tmp_path, sum_of(archive)).fresh
    assert left(tmp_path) == {NAME, FILE, ".fetch.lock"}


def test_damaged_model_is_replaced(shelf: Shelf, tmp_path: Path) -> None:
    get(shelf, tmp_path)
    net = tmp_path / NAME / "am" / "final.mdl"
    net.write_bytes(net.read_bytes()[:1000])
    assert get(shelf, tmp_path, trial=check).fresh
    assert VoskEngine.load(tmp_path / NAME).sample_rate == 8000
    assert left(tmp_path) == {NAME, FILE, ".fetch.lock"}


def test_changed_archive_of_the_same_name_is_refused_until_a_person_accepts_it(
    shelf: Shelf, tmp_path: Path, model_dir: Path, archive: bytes
) -> None:
    get(shelf, tmp_path)
    shutil.rmtree(tmp_path / NAME)
    tampered = archive_of(model_dir, extra={"am/note": b"changed"})
    shelf.body, shelf.etag = tampered, '"2"'
    with pytest.raises(ModelFetchError) as caught:
        get(shelf, tmp_path)
    said = str(caught.value)
    assert sum_of(archive) in said and f"--sha256 {sum_of(tampered)}" in said and shelf.url in said
    assert not (tmp_path / NAME).exists()
    with pytest.raises(ModelFetchError, match="not the file it was"):
        get(shelf, tmp_path)
    shelf.asked.clear()
    accepted = get(shelf, tmp_path, sum_of(tampered).upper())
    assert accepted.fresh and not accepted.first
    assert shelf.asked == [(f"/models/{NAME}.zip", f"bytes={len(tampered)}-")]  # it is not sent a third time
    assert get(shelf, tmp_path).sha256 == sum_of(tampered)


def test_archive_without_the_asked_sum_is_refused_at_the_first_time_too(
    shelf: Shelf, tmp_path: Path, archive: bytes
) -> None:
    with pytest.raises(ModelFetchError, match=rf"{sum_of(archive)}, --sha256 asks for {'0' * 64}"):
        get(shelf, tmp_path, "0" * 64)
    assert not (tmp_path / NAME).exists() and not (tmp_path / FILE).exists()
    assert get(shelf, tmp_path, sum_of(archive)).fresh


@pytest.mark.parametrize("sha256", ["", "abc", "g" * 64, "0" * 65])
def test_sum_that_is_none_is_refused(shelf: Shelf, tmp_path: Path, sha256: str) -> None:
    with pytest.raises(ModelFetchError, match="64 hexadecimal"):
        get(shelf, tmp_path, sha256)
    assert shelf.asked == []


@pytest.mark.parametrize("damage", ["truncated", "flipped", "page"])
def test_damaged_archive_is_thrown_away_and_fetched_anew(
    shelf: Shelf, tmp_path: Path, archive: bytes, damage: str
) -> None:
    flipped = bytearray(archive)
    flipped[len(archive) // 2] ^= 1
    shelf.body = {
        "truncated": archive[:-5000],
        "flipped": bytes(flipped),
        "page": b"<html>Log in</html>",
    }[damage]
    with pytest.raises(ModelFetchError, match="run the command again"):
        get(shelf, tmp_path)
    assert left(tmp_path) == {".fetch.lock"}
    shelf.body = archive
    assert get(shelf, tmp_path).fresh


def test_damage_is_not_taken_for_a_change_of_the_file(shelf: Shelf, tmp_path: Path, archive: bytes) -> None:
    get(shelf, tmp_path)
    shutil.rmtree(tmp_path / NAME)
    flipped = bytearray(archive)
    flipped[len(archive) // 2] ^= 1
    shelf.body = bytes(flipped)
    with pytest.raises(ModelFetchError, match="damaged"):
        get(shelf, tmp_path)
    shelf.body = archive
    assert get(shelf, tmp_path).fresh


def test_archive_of_something_else_is_refused(shelf: Shelf, tmp_path: Path, model_dir: Path) -> None:
    shelf.body = archive_of(model_dir, "vosk-model-small-en-us-0.15")
    with pytest.raises(ModelFetchError, match=f"should hold only the folder {NAME}"):
        get(shelf, tmp_path)
    assert not (tmp_path / NAME).exists() and not (tmp_path / FILE).exists()


def test_archive_that_would_write_elsewhere_is_refused(
    shelf: Shelf, tmp_path: Path, archive: bytes, model_dir: Path
) -> None:
    shelf.body = archive_of(model_dir, extra={"../../evil": b"x"})
    with pytest.raises(ModelFetchError, match="outside of its folder"):
        get(shelf, tmp_path / "models")
    assert not list(tmp_path.rglob("evil"))


def test_model_that_cannot_be_loaded_does_not_get_to_its_place(
    shelf: Shelf, tmp_path: Path, model_dir: Path
) -> None:
    broken = Path(shutil.copytree(model_dir, tmp_path / "broken"))
    (broken / "graph" / "HCLr.fst").write_bytes(random.Random(1).randbytes(5000))
    shelf.body = archive_of(broken)
    with pytest.raises(ModelFetchError, match=f"speech model {NAME} is damaged|{NAME} cannot be loaded"):
        get(shelf, tmp_path / "models", trial=check)
    assert not (tmp_path / "models" / NAME).exists() and not (tmp_path / "models" / FILE).exists()
    assert not list((tmp_path / "models").glob("*unpacked*"))


def test_disk_that_is_too_full_for_the_unpacked_model_is_found_out(shelf: Shelf, tmp_path: Path) -> None:
    rooms = iter([ROOM, 1_000_000])
    with pytest.raises(ModelFetchError, match="the unpacked model needs"):
        get(shelf, tmp_path, conditions=Conditions(silence=5, pause=0, free=lambda _: next(rooms)))
    shelf.asked.clear()
    assert get(shelf, tmp_path).fresh
    assert [range_ for _, range_ in shelf.asked] == [f"bytes={len(shelf.body)}-"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"m": 1}', '{"m": {}}'])
def test_unreadable_sums_are_never_taken_for_a_first_time(shelf: Shelf, tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ModelFetchError, match=f"{FILE} cannot be read"):
        get(shelf, tmp_path)
    assert shelf.asked == []


def test_directory_that_cannot_be_made_says_so(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelFetchError, match="--to"):
        get(shelf, tmp_path / "file" / "models")


def test_file_or_dangling_link_in_the_place_gives_way(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("x")
    assert get(shelf, tmp_path).fresh
    shutil.rmtree(tmp_path / NAME)
    (tmp_path / "empty").mkdir()
    (tmp_path / NAME).symlink_to("empty")
    assert get(shelf, tmp_path).fresh
    assert left(tmp_path) == {NAME, FILE, ".fetch.lock", "empty"}


def test_two_fetches_at_once_do_not_disturb_each_other(shelf: Shelf, tmp_path: Path) -> None:
    refused: list[str] = []

    def meanwhile(step: str, done: int, total: int | None) -> None:
        if step == "unpack" and not refused:
            with pytest.raises(ModelFetchError, match="another fetch is at work") as caught:
                get(shelf, tmp_path)
            refused.append(str(caught.value))

    assert fetch(SMALL, shelf.url, tmp_path, meanwhile, conditions=AGAIN, trial=files_only).fresh
    assert refused


@pytest.mark.parametrize("step", ["download", "sum", "unpack", "try"])
def test_ended_at_any_step_nothing_half_is_left_and_the_next_run_completes_it(
    shelf: Shelf, tmp_path: Path, step: str
) -> None:
    def end(at: str, done: int, total: int | None) -> None:
        if at == step and (done or at == "try"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(SMALL, shelf.url, tmp_path, end, conditions=AGAIN, trial=files_only)
    assert not (tmp_path / NAME).exists() and not (tmp_path / FILE).exists()
    assert get(shelf, tmp_path).fresh
    assert left(tmp_path) == {NAME, FILE, ".fetch.lock"}


def test_killed_in_the_middle_of_the_download_it_goes_on_there(
    shelf: Shelf, tmp_path: Path, archive: bytes
) -> None:
    shelf.stalls = [400_000]
    code = (
        "import sys; from pathlib import Path; from speech.model_fetch import MODELS, fetch; "
        "fetch(MODELS['cn-small'], sys.argv[1], Path(sys.argv[2]), "
        "lambda step, done, total: print(done, flush=True) if done >= 400_000 else None)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, shelf.url, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "400000\n"
        child.send_signal(signal.SIGKILL)
    assert not (tmp_path / NAME).exists()
    shelf.go_on.set()
    shelf.asked.clear()
    assert get(shelf, tmp_path).sha256 == sum_of(archive)
    assert [range_ for _, range_ in shelf.asked] == ["bytes=400000-"]


def test_what_a_killed_unpacking_left_is_cleaned_up(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / f".{NAME}.unpacked-abc" / NAME).mkdir(parents=True)
    get(shelf, tmp_path)
    assert left(tmp_path) == {NAME, FILE, ".fetch.lock"}


def test_model_that_was_moved_aside_when_the_machine_stopped_comes_back(shelf: Shelf, tmp_path: Path) -> None:
    get(shelf, tmp_path)
    (tmp_path / NAME).rename(tmp_path / f".{NAME}.old")
    shelf.asked.clear()
    assert not get(shelf, tmp_path).fresh
    assert shelf.asked == [] and left(tmp_path) == {NAME, FILE, ".fetch.lock"}


def test_missing_archive_leaves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    shelf.status = 404
    with pytest.raises(ModelFetchError, match="404"):
        get(shelf, tmp_path)
    assert left(tmp_path) == {".fetch.lock"}
