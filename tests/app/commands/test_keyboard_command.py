"""`jiachang call --keyboard`: typed or piped, for people and for programs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from app.errors import BadInput


def walk(tmp_path: Path, typed: str | bytes, *words: str) -> Result:
    """No key, no Redis, no database: nothing of that may be needed."""
    environment = {"JIACHANG_DATA_DIR": str(tmp_path / "var"), "JIACHANG_REDIS_URL": "redis://127.0.0.1:1/0"}
    result = CliRunner().invoke(cli, ["call", "--keyboard", *words], input=typed, env=environment)
    assert not (tmp_path / "var").exists()
    return result


def test_the_dialogue_is_printed_with_help_deeds_and_ticket(tmp_path: Path) -> None:
    result = walk(tmp_path, "三栋二单元路灯不亮了\n1\n")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert "打字 = 说话" in result.output and "Ctrl-D" in result.output
    assert "居民：三栋二单元路灯不亮了" in lines and "热线：再说一遍，幺零零幺。" in lines
    assert any("立单 1001 号：基础设施维修，三栋二单元" in line for line in lines)
    assert lines[-1].startswith("工单号：1001")


def test_the_end_of_the_input_is_a_hang_up(tmp_path: Path) -> None:
    result = walk(tmp_path, "三栋二单元路灯不亮了")
    assert result.exit_code == 0
    after = result.output.split("居民挂断了。还要做的：")[1]
    assert "立单" in after and "登记回电话" in after


def test_a_program_reads_the_dialogue(tmp_path: Path) -> None:
    result = walk(tmp_path, "是\n好了\n挂断\n", "--flow", "rating", "--json")
    found = json.loads(result.stdout)
    assert {"dialogue", "ticket", "ended_by", "effects", "left"} == set(found)
    assert (found["ticket"], found["ended_by"]) == (None, "caller")
    assert [line["who"] for line in found["dialogue"]][:2] == ["hotline", "caller"]
    assert all(set(line) == {"who", "text", "at"} for line in found["dialogue"])
    assert [deed["do"] for deed in found["effects"]] == ["record_fact"]
    assert [deed["do"] for deed in found["left"]] == ["apply_rating", "finish_attempt"]


def test_the_town_can_be_chosen_and_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    result = walk(tmp_path, b"\xff\xfe\n0\n", "--given", "nobody", "--given", "withheld")
    assert result.exit_code == 0 and "看不到您的号码" in result.output
    assert "1001" in walk(tmp_path, "", "--given", "earlier").output


@pytest.mark.parametrize("words", [["call"], ["call", "--keyboard", "--wav", __file__]])
def test_what_does_not_go_together_is_said(words: list[str]) -> None:
    result = CliRunner().invoke(cli, words)
    assert isinstance(result.exception, BadInput) and "--keyboard" in str(result.exception)
