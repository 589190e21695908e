"""`jiachang understand`, as the part-time administrator and as a program see it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from speech.phrasebook import use


@pytest.fixture(autouse=True)
def product_phrases_afterwards() -> object:
    yield
    use(None)


def run(*words: str, said: str | None = None, **env: str) -> Result:
    return CliRunner().invoke(cli, ["understand", *words], input=said, env=env)


def test_reasoning_is_told_in_words() -> None:
    told = run("昨天夜里三栋路灯不亮了，电话幺三八零零零零一一一一").output
    for part in (
        "类别：基础设施维修",
        "路灯",
        "按字对上",
        "楼栋 3",
        "昨天夜里",
        "1 天前",
        "13800001111",
        "按规则直接派人",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("辣鸡桶满了没人清李", "按音像"),
        ("三栋着火了", "马上请她打 119"),
        ("阿拉屋里水龙头坏脱哉", "方言“坏脱”当作“坏掉”"),
        ("我家没水了", "按登记的地址"),
        ("嗯", "请工作人员分类"),
        ("谢谢你们", "不是报事"),
        ("楼上天天吵架闹矛盾", "先请工作人员研判"),
    ],
)
def test_it_says_how_it_heard_and_what_would_be_done(text: str, part: str) -> None:
    assert part in run(text).output


def test_lines_of_standard_input_are_sentences() -> None:
    found = [
        json.loads(line) for line in run("--json", said="三栋路灯不亮了\n\n楼上太吵\n").output.splitlines()
    ]
    assert [one["category"] for one in found] == ["repairs", "mediation"]
    assert "怎么记" in run("-", said="路灯不亮\n").output


def test_json_keeps_the_public_names() -> None:
    found = json.loads(run("--json", "三栋二单元五零一路灯不亮了").output)
    assert {"category", "tier", "urgent", "place", "intent", "confidence", "reasons", "sure"} <= set(found)
    assert {"estate", "building", "unit", "room"} <= set(found["place"])
    assert all(0 <= reason["confidence"] <= 1 for reason in found["reasons"])


@pytest.mark.parametrize("text", ["", "\ud800坏了", "灯\x00坏😀了", "，" * 50, "<script>&'\"\\"])
def test_odd_text_gives_readable_output_and_valid_json(text: str) -> None:
    assert run(text).exit_code == 0
    assert json.loads(run("--json", text).output)["tier"] == "simple"


def test_a_communitys_own_phrases_count_and_a_typo_is_named(tmp_path: Path) -> None:
    here = {"JIACHANG_PHRASES_DIR": str(tmp_path)}
    (tmp_path / "places.add.toml").write_text('estates = ["锦官驿"]\n', encoding="utf-8")
    assert json.loads(run("--json", "锦官驿路灯坏了", **here).output)["place"]["estate"] == "锦官驿"
    use(None)
    (tmp_path / "places.add.toml").write_text('# 小区\nestats = ["锦官驿"]\n', encoding="utf-8")
    failed = run("路灯坏了", **here)
    assert failed.exit_code != 0
    assert "places.add.toml, line 2" in str(failed.exception)
