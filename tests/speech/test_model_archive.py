import io
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import ModelFetchError
from speech.model_archive import DamagedArchive, unpack, unpacked_size, verify

FILES = {"m/am/final.mdl": b"net" * 5000, "m/conf/model.conf": b"--beam=12\n", "m/README": b""}
MOST = 1_000_000


def zipped(files: dict[str, bytes | zipfile.ZipInfo], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            if isinstance(data, zipfile.ZipInfo):
                archive.writestr(data, b"../../etc/passwd")
            else:
                archive.writestr(name, data)
    return out.getvalue()


def silent(step: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


def unpacked(tmp_path: Path, data: bytes, most: int = MOST) -> Path:
    archive = tmp_path / "m.zip"
    archive.write_bytes(data)
    (tmp_path / "into").mkdir()
    return unpack(archive, "m", most, tmp_path / "into", silent)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_good_archive_is_unpacked_whole(tmp_path: Path, method: int) -> None:
    data = zipped({"m/": b"", "m/am/": b"", **FILES}, method)
    directory = unpacked(tmp_path, data)
    found = {f"m/{f.relative_to(directory)}": f.read_bytes() for f in directory.rglob("*") if f.is_file()}
    assert found == FILES
    assert unpacked_size(tmp_path / "m.zip", "m", MOST) == sum(len(data) for data in FILES.values())


def test_programs_in_the_archive_do_not_become_runnable(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("m/run.sh")
    info.external_attr = (stat.S_IFREG | 0o4777) << 16
    mode = (unpacked(tmp_path, zipped({"m/run.sh": info})) / "run.sh").stat().st_mode
    assert not mode & (stat.S_ISUID | stat.S_IXUSR | stat.S_IWOTH)


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "m/../../evil",
        "m/..",
        "/etc/evil",
        "m\\..\\..\\evil",
        "C:/evil",
        "C:evil",
        "evil",
        "mm/evil",
        "m",
        "m/a\0b",
    ],
)
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    # The writer cleans names up, so the harmless one in the finished archive is overwritten.
    harmless = "m/" + "x" * (len(name.encode()) - 2) if len(name) > 2 else name
    data = zipped({**FILES, harmless: b"x"}).replace(harmless.encode(), name.encode())
    with pytest.raises(ModelFetchError) as caught:
        unpacked(tmp_path, data)
    assert "not unpacked" in str(caught.value) or "unpacked into" in str(caught.value)
    assert not list((tmp_path / "into").rglob("*evil*")) and not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    info = zipfile.ZipInfo("m/link")
    info.external_attr = (kind | 0o777) << 16
    with pytest.raises(ModelFetchError, match="link or a device"):
        unpacked(tmp_path, zipped({**FILES, "m/link": info}))
    assert not list((tmp_path / "into").iterdir())


def test_bomb_is_refused_before_a_byte_is_written(tmp_path: Path) -> None:
    bomb = zipped({**FILES, "m/zeros": bytes(5_000_000)})
    assert len(bomb) < 10_000
    with pytest.raises(ModelFetchError, match="unpacks to 5,015,010 bytes"):
        unpacked(tmp_path, bomb)
    assert not list((tmp_path / "into").iterdir())


def test_bomb_that_lies_about_its_size_gives_no_more_than_it_says(tmp_path: Path) -> None:
    bomb = zipped({"m/zeros": bytes(5_000_000)})
    lying = bomb.replace((5_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    with pytest.raises(DamagedArchive):
        unpacked(tmp_path, lying)
    assert sum(f.stat().st_size for f in (tmp_path / "into").rglob("*") if f.is_file()) <= 1000


def test_swarm_of_files_and_empty_archive_are_refused(tmp_path: Path) -> None:
    swarm = zipped({f"m/{n}": b"" for n in range(10_001)}, zipfile.ZIP_STORED)
    with pytest.raises(ModelFetchError, match="holds 10001 files"):
        unpacked(tmp_path, swarm)
    (tmp_path / "into").rmdir()
    with pytest.raises(ModelFetchError, match="holds 0 files"):
        unpacked(tmp_path, zipped({}))


@pytest.mark.parametrize("names", [("m/a", "m/a"), ("m/a", "m/a/b")])
def test_entries_that_collide_are_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(names[0], b"first")
        archive.writestr("m/between", b"")
        if names[0] == names[1]:
            with pytest.warns(UserWarning, match="Duplicate"):
                archive.writestr(names[1], b"second")
        else:
            archive.writestr(names[1], b"second")
    with pytest.raises(ModelFetchError, match="cannot be unpacked"):
        unpacked(tmp_path, out.getvalue())


def test_other_methods_of_packing_and_encryption_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFetchError, match="method 12"):
        unpacked(tmp_path, zipped(dict(FILES), zipfile.ZIP_BZIP2))
    (tmp_path / "into").rmdir()
    locked = bytearray(zipped({"m/a": b"secret"}, zipfile.ZIP_STORED))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ModelFetchError, match="encrypted"):
        unpacked(tmp_path, bytes(locked))


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.99])
def test_truncated_archive_is_damaged(tmp_path: Path, keep: float) -> None:
    data = zipped(dict(FILES))
    with pytest.raises(DamagedArchive):
        unpacked(tmp_path, data[: int(len(data) * keep)])


def test_one_wrong_bit_in_a_file_is_damage(tmp_path: Path) -> None:
    data = bytearray(zipped(dict(FILES), zipfile.ZIP_STORED))
    data[data.index(b"netnet") + 100] ^= 1
    (tmp_path / "m.zip").write_bytes(data)
    with pytest.raises(DamagedArchive, match=r"CRC.*am/final.mdl.*run the command again"):
        verify(tmp_path / "m.zip", "m", MOST, silent)


def test_page_of_a_network_instead_of_the_archive_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(DamagedArchive, match=r"<!DOCTYPE html.*browser"):
        unpacked(tmp_path, b"<!DOCTYPE html><title>Log in to the guest network</title>")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=20))
def test_no_damage_makes_it_crash_or_write_outside(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    data = bytearray(zipped(dict(FILES)))
    for position, value in changes:
        data[position % len(data)] = value
    (tmp_path / "m.zip").write_bytes(data)
    try:
        verify(tmp_path / "m.zip", "m", MOST, silent)
    except ModelFetchError:
        return
