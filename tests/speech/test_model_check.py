import re
import shutil
import zipfile
from pathlib import Path

import pytest

from app.errors import SpeechModelError
from speech.model_check import cause_of_end, check
from speech.model_files import inspect


@pytest.fixture
def copy(tmp_path: Path, model_dir: Path) -> Path:
    return Path(shutil.copytree(model_dir, tmp_path / "copy"))


def test_the_starter_model_is_usable(model_dir: Path) -> None:
    report = check(model_dir)
    assert report.usable
    assert (report.sample_rate, report.phrase_lists, report.tried) == (8000, True, True)
    assert "8000 Hz" in report.summary()


def test_files_alone_can_be_checked_without_loading(model_dir: Path) -> None:
    assert check(model_dir, try_load=False).summary().endswith("not tried")


@pytest.mark.parametrize(
    "name",
    [
        "am/final.mdl",
        "conf/fbank.conf",
        "conf/model.conf",
        "graph/HCLr.fst",
        "graph/Gr.fst",
        "graph/disambig_tid.int",
    ],
)
def test_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    report = check(copy)
    assert not report.usable
    expected = "conf/mfcc.conf" if name == "conf/fbank.conf" else name
    assert expected in report.summary()
    assert "JIACHANG_SPEECH_MODEL" in report.summary()


def test_empty_directory_plain_file_and_nothing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    assert "lacks am/final.mdl" in check(tmp_path / "empty").summary()
    assert "not a directory" in check(tmp_path / "file").summary()
    assert "does not exist" in check(tmp_path / "none").summary()


@pytest.mark.parametrize(
    ("name", "keep"),
    [
        ("am/final.mdl", 0.5),
        ("am/final.mdl", 0.001),
        ("graph/HCLr.fst", 0.5),
        ("graph/Gr.fst", 0.5),
        ("graph/words.txt", 0.0),
    ],
)
def test_truncated_file_is_found_out_without_harm(copy: Path, name: str, keep: float) -> None:
    data = (copy / name).read_bytes()
    (copy / name).write_bytes(data[: int(len(data) * keep)])
    report = check(copy)
    assert not report.usable
    assert str(copy) in report.summary()


def test_garbage_instead_of_a_net_is_found_out(copy: Path) -> None:
    (copy / "am" / "final.mdl").write_bytes(b"\0B" + bytes(range(256)) * 40)
    assert not check(copy).usable


def test_unknown_option_in_the_configuration_is_found_out(copy: Path) -> None:
    with (copy / "conf" / "model.conf").open("a") as conf:
        conf.write("--no-such-option=1\n")
    assert not check(copy).usable


def test_senseless_sample_rate_is_refused(copy: Path) -> None:
    (copy / "conf" / "fbank.conf").write_text("--sample-frequency=80\n")
    with pytest.raises(SpeechModelError, match="80 Hz"):
        inspect(copy)


def test_archive_that_was_not_unpacked_is_recognised(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("m/am/final.mdl", b"x")
    assert "unpack it first" in check(tmp_path / "m.zip").summary()


def test_directory_around_the_model_says_where_it_is(copy: Path) -> None:
    assert f"one level down, in {copy}" in check(copy.parent).summary()


def test_speaker_model_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "final.ext.raw").write_bytes(b"x")
    (tmp_path / "mfcc.conf").write_text("--sample-frequency=16000\n")
    assert "telling speakers apart" in check(tmp_path).summary()


@pytest.mark.parametrize(
    "lines", ["--sample-frequency=8000\n--sample-frequency=16000\n", "--sample_frequency=16000.0\n"]
)
def test_sample_rate_is_read_as_the_toolkit_reads_it(copy: Path, lines: str) -> None:
    conf = copy / "conf" / "fbank.conf"
    conf.write_text(conf.read_text().replace("--sample-frequency=8000\n", lines))
    assert check(copy).sample_rate == 16000


def test_sample_rate_defaults_to_that_of_the_toolkit(copy: Path) -> None:
    (copy / "conf" / "fbank.conf").write_text("--num-mel-bins=40\n")
    assert inspect(copy).sample_rate == 16000


def test_flat_old_layout_with_static_graph_takes_no_phrase_lists(tmp_path: Path) -> None:
    for name in ("final.mdl", "mfcc.conf", "HCLG.fst"):
        (tmp_path / name).write_text("x")
    assert not inspect(tmp_path).phrase_lists


@pytest.mark.parametrize(
    ("code", "words"),
    [(-9, "want of memory"), (-6, "damaged.*SIGABRT"), (-11, "SIGSEGV"), (1, "exit code 1")],
)
def test_end_of_the_trial_is_explained(code: int, words: str) -> None:
    assert re.search(words, cause_of_end(code))
