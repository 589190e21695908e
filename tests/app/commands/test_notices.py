"""`jiachang notice`: written, approved, followed and stopped in a terminal."""

from dataclasses import replace

from sqlalchemy import select

from app.jobs.notices import sweep_notices
from models.message import Message
from tests.app.commands.conftest import Terminal

WATER = "明天上午9点到12点停水检修，请提前储水。"


def texts(terminal: Terminal) -> list[str]:
    with terminal.runtime.db.transaction(read_only=True) as session:
        return list(session.scalars(select(Message.body).where(Message.purpose == "notice")))


def test_from_draft_to_done(terminal: Terminal) -> None:
    said = terminal.run("notice", "draft", "幸福里社区", WATER, "--urgent", "--as", "sun").stdout
    assert "还没有发" in said and "jiachang notice approve 1" in said
    assert "草稿" in terminal.run("notice", "list").stdout
    sweep_notices(terminal.runtime)
    assert texts(terminal) == []
    said = terminal.run("notice", "approve", "1", "--yes", "--as", "wu").stdout
    assert WATER in said and "正在发给 3 个号码" in said
    sweep_notices(terminal.runtime)
    shown = terminal.run("notice", "show", "1", "--follow").stdout
    assert "发完了" in shown and "还剩 0 个" in shown
    assert texts(terminal) == [f"【家常热线】{WATER}"] * 2


def test_without_a_yes_nothing_is_sent(terminal: Terminal) -> None:
    terminal.run("notice", "draft", "幸福里社区", WATER, "--urgent", "--as", "sun")
    terminal.run("notice", "approve", "1", "--as", "wu", code=1)
    sweep_notices(terminal.runtime)
    assert texts(terminal) == []


def test_paused_resumed_cancelled(terminal: Terminal) -> None:
    terminal.run("notice", "draft", "幸福里社区", WATER, "--urgent", "--as", "sun")
    terminal.run("notice", "approve", "1", "--yes", "--as", "wu")
    terminal.run("notice", "pause", "1", "--as", "sun")
    sweep_notices(terminal.runtime)
    assert texts(terminal) == []
    terminal.run("notice", "resume", "1", "--as", "wu")
    terminal.run("notice", "cancel", "1", "--as", "sun")
    assert "取消了" in terminal.run("notice", "show", "1").stdout


def test_errors_say_what_to_do(terminal: Terminal) -> None:
    assert "还没有通知" in terminal.run("notice", "list").stdout
    assert "notice list" in terminal.fails("notice", "show", "7")
    assert "现有：幸福里社区" in terminal.fails("notice", "draft", "月球", WATER, "--as", "sun")
    assert "不能起草" in terminal.fails("notice", "draft", "幸福里社区", WATER, "--as", "zhao")
    terminal.run("notice", "draft", "幸福里社区", WATER, "--as", "sun")
    assert "不能批准" in terminal.fails("notice", "approve", "1", "--yes", "--as", "sun")
    past = ("--until", "2020-01-01 00:00")
    assert "已经过了" in terminal.fails("notice", "draft", "幸福里社区", WATER, *past, "--as", "sun")


def test_the_pace_is_shared_by_all_notices(terminal: Terminal) -> None:
    for _ in range(2):
        terminal.run("notice", "draft", "幸福里社区", WATER, "--urgent", "--as", "sun")
    for number in ("1", "2"):
        terminal.run("notice", "approve", number, "--yes", "--as", "wu")
    slow = terminal.runtime.settings.model_copy(update={"notices_a_minute": 12})
    runtime = replace(terminal.runtime, settings=slow)  # one every five seconds
    for told in (1, 2):
        sweep_notices(runtime)
        assert f"还剩 {3 - told} 个" in terminal.run("notice", "show", "1").stdout
