"""`jiachang model fetch` and `check`, as an administrator types them."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from app.commands.bar import Bar
from app.commands.model_report import report
from app.errors import BadInput, ModelFetchError, SpeechModelError
from speech.model_facts import Heard, ListSurvey, Respelling, Survey
from speech.starter.features import WIDE
from tests.support.made_model import make_model
from tests.support.model_server import Shelf, model_server

ROOT = Path(__file__).resolve().parents[3]
NAME = "vosk-model-small-cn-0.22"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("made") / NAME, bank=WIDE, static=True)


@pytest.fixture
def shelf(made: Path) -> Iterator[Shelf]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for file in made.rglob("*"):
            archive.write(file, f"{NAME}/{file.relative_to(made)}")
    with model_server() as shelf:
        shelf.body = out.getvalue()
        yield shelf


def run(shelf: Shelf, data: Path, *words: str) -> Result:
    environment = {"JIACHANG_MODEL_SOURCE": shelf.url, "JIACHANG_DATA_DIR": str(data)}
    return CliRunner().invoke(cli, ["model", *words], env=environment)


def test_fetch_puts_the_model_into_the_data_directory_and_says_what_to_set(
    shelf: Shelf, tmp_path: Path
) -> None:
    result = run(shelf, tmp_path, "fetch", "cn-small")
    assert result.exit_code == 0, result.output
    place = tmp_path / "models" / NAME
    assert f"JIACHANG_SPEECH_MODEL={place}" in result.stdout
    assert "16000 Hz, no phrase lists" in result.stdout and "第一次下载" in result.stdout
    assert "下载 100%" in result.stderr and "解压 100%" in result.stderr
    assert shelf.asked == [(f"/models/{NAME}.zip", None)]
    again = run(shelf, tmp_path, "fetch", "cn-small")
    assert "模型已在" in again.stdout and "第一次" not in again.stdout and len(shelf.asked) == 1


def test_fetch_to_another_directory_with_a_sum(shelf: Shelf, tmp_path: Path) -> None:
    refused = run(shelf, tmp_path, "fetch", "cn-small", "--to", str(tmp_path / "m"), "--sha256", "0" * 64)
    assert isinstance(refused.exception, ModelFetchError)
    found = str(refused.exception).split("sum ")[1][:64]
    result = run(shelf, tmp_path, "fetch", "cn-small", "--to", str(tmp_path / "m"), "--sha256", found)
    assert result.exit_code == 0 and (tmp_path / "m" / NAME / "am" / "final.mdl").exists()
    assert "第一次" not in result.stdout


def test_large_model_is_asked_for_under_its_own_name(shelf: Shelf, tmp_path: Path) -> None:
    shelf.status = 404
    assert isinstance(run(shelf, tmp_path, "fetch", "cn").exception, ModelFetchError)
    assert shelf.asked == [("/models/vosk-model-cn-0.22.zip", None)]


def test_unknown_name_lists_the_known_ones(shelf: Shelf, tmp_path: Path) -> None:
    result = run(shelf, tmp_path, "fetch", "en")
    assert result.exit_code == 2 and "'cn-small', 'cn'" in result.output and shelf.asked == []


def test_check_shows_a_table_to_people_and_json_to_programs(made: Path) -> None:
    shown = CliRunner().invoke(cli, ["model", "check", str(made)])
    assert shown.exit_code == 0, shown.output
    assert "16000 Hz（电话是 8000" in shown.stdout and "短语表    不支持（静态图）" in shown.stdout
    assert "是与不是" in shown.stdout and "没事＝没 是" in shown.stdout
    told = json.loads(CliRunner().invoke(cli, ["model", "check", str(made), "--json"]).stdout)
    assert told["problem"] is None and told["sample_rate"] == 16000 and told["phrase_lists"] is False
    yes_no = next(found for found in told["lists"] if found["name"] == "yes_no")
    assert "取消" in yes_no["unsayable"] and {"phrase": "是的", "words": ["是", "的"]} in yes_no["split"]


def test_check_tries_a_communitys_own_words_too(made: Path, tmp_path: Path) -> None:
    (tmp_path / "places.add.toml").write_text('estates = ["锦官驿"]\n', encoding="utf-8")
    environment = {"JIACHANG_PHRASES_DIR": str(tmp_path)}
    told = CliRunner().invoke(cli, ["model", "check", str(made), "--json"], env=environment)
    places = next(found for found in json.loads(told.stdout)["lists"] if found["name"] == "places")
    assert "锦官驿" in places["unsayable"]


def test_check_of_no_model_is_a_sentence_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a model")
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("m/am/final.mdl", b"x")
    for path, words in (
        ("notes.txt", "not a directory"),
        ("m.zip", "unpack it first"),
        ("none", "does not exist"),
    ):
        result = CliRunner().invoke(cli, ["model", "check", str(tmp_path / path)])
        assert isinstance(result.exception, SpeechModelError) and words in str(result.exception)
        told = CliRunner().invoke(cli, ["model", "check", str(tmp_path / path), "--json"])
        assert told.exit_code == 1 and words in json.loads(told.stdout)["problem"]
    done = subprocess.run(
        [sys.executable, "-m", "app", "model", "check", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "错误：" in done.stderr and "lacks am/final.mdl" in done.stderr
    assert "Traceback" not in done.stderr


def facts(**changes: object) -> Survey:
    lists = (
        ListSurvey("yes_no", True, 60, tuple(f"第{n}句" for n in range(50)), (Respelling("没事", ("没", "是")),), ()),
        ListSurvey("dangers", False, 2, (), (), (Respelling("着火了", ("着火", "了")),)),
    )  # fmt: skip
    values: dict[str, object] = {
        "sample_rate": 8000, "phrase_lists": True, "load_seconds": 0.4, "idle_mb": 90.0, "model_mb": 24.0,
        "recogniser_mb": 2.4, "audio": "speech", "open_rtf": 0.01, "held_rtf": 0.005,
        "heard": (Heard("不满意", ""),), "lists": lists,
    }  # fmt: skip
    return Survey(**{**values, **changes})  # type: ignore[arg-type]


def test_report_names_what_cannot_be_heard_and_does_not_drown_in_it() -> None:
    text = "\n".join(report("m", facts()))
    assert "有 50 条短语听不到" in text and "第39句" in text and "第40句" not in text
    assert "还有 10 条" in text and "什么也没听到" in text and "一个核约 100 路" in text


def test_report_leaves_out_what_could_not_be_measured() -> None:
    text = "\n".join(
        report("m", facts(idle_mb=None, model_mb=None, recogniser_mb=None, audio="noise", heard=()))
    )
    assert "内存" not in text and "以噪声测得" in text and "试听" not in text


def test_without_a_terminal_progress_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar({"download": "下载", "try": "试用"}) as bar:
        for done in range(1001):
            bar("download", done * 1000, 1_000_000)
        bar("try", 0, None)
    lines = capsys.readouterr().err.splitlines()
    assert (
        lines[0] == "下载 0% (1.0 MB)" and lines[-2:] == ["下载 100% (1.0 MB)", "试用…"] and len(lines) == 12
    )


def test_progress_of_other_things_than_bytes_is_a_plain_number(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar({"data": "合成语音", "training": "训练"}, shown=str) as bar:
        for step, done in (("data", 0), ("data", 9000), ("data", 18000), ("training", 18000)):
            bar(step, done, 18000)
    assert capsys.readouterr().err.splitlines() == [
        "合成语音 0% (18000)",
        "合成语音 50% (18000)",
        "合成语音 100% (18000)",
        "训练 100% (18000)",
    ]


def test_build_writes_over_nothing_but_a_model(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    result = CliRunner().invoke(
        cli, ["model", "build", "--out", str(tmp_path), "--work", str(tmp_path / "work")]
    )
    assert isinstance(result.exception, BadInput) and "--out" in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_progress_of_unknown_length_counts_and_one_that_begins_again_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Bar({"download": "下载"}) as bar:
        for done in range(0, 31_000_000, 500_000):
            bar("download", done, None)
        bar("download", 0, None)
    assert capsys.readouterr().err.splitlines() == [
        "下载…",
        "下载 10 MB",
        "下载 20 MB",
        "下载 30 MB",
        "下载…",
    ]
