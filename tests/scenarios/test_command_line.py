"""`jiachang call` and `jiachang text` against the running product."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import cli
from app.community import NUMBERS
from speech.audio import write_wav
from speech.voice import synthesise
from tests.support.town import Town

pytestmark = pytest.mark.scenario


def run(town: Town, *words: str) -> Any:
    result = CliRunner().invoke(cli, [*words, "--json"], env=town.stage.environment)
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    path = tmp_path / "路灯.wav"
    write_wav(path, synthesise("三栋二单元路灯不亮了"))
    return path


def test_a_scripted_call_prints_the_dialogue_and_the_number(town: Town, wav: Path) -> None:
    caller = town.resident()
    script = wav.with_name("call.toml")
    script.write_text(
        f'[[step]]\nsay = "{wav.name}"\n[[step]]\nexpect = "是吗"\npress = "1"\n', encoding="utf-8"
    )
    found = run(town, "call", "--from", caller, "--script", str(script), "--pace", "6")
    assert found["ticket"] == town.tickets(caller)[0].number
    assert {"hotline", "caller"} == {line["who"] for line in found["dialogue"]}
    assert all(line["text"] is not None and line["at"] >= -0.1 for line in found["dialogue"])
    assert found["ended_by"] == "hotline" and found["mismatches"] == []


def test_wav_files_are_spoken_in_turn(town: Town, wav: Path) -> None:
    caller = town.resident()
    yes = wav.with_name("对.wav")
    write_wav(yes, synthesise("对"))
    found = run(town, "call", "--from", caller, "--wav", str(wav), "--wav", str(yes), "--pace", "6")
    assert found["ticket"] == town.tickets(caller)[0].number


def test_texts_of_residents_and_keepers(town: Town) -> None:
    sender = town.resident()
    report = run(town, "text", "--from", sender, "报修 3栋路灯不亮")
    assert report["intent"] == "report" and str(report["ticket"]) in report["reply"]
    town.wait("dispatch", town.status_is(report["ticket"], "dispatched"))
    accept = run(town, "text", "--from", NUMBERS.zhao, f"接 {report['ticket']}")
    assert (accept["intent"], accept["ticket"]) == ("accept", report["ticket"])
    returned = run(town, "text", "--from", NUMBERS.zhao, f"退 {report['ticket']} 不归我管")
    assert (returned["intent"], returned["argument"]) == ("return", "不归我管")
    assert town.ticket(report["ticket"]).status == "returned"
