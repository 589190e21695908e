"""`jiachang activity`: added, listed, taken out."""

from datetime import timedelta

from tests.app.commands.conftest import Terminal


def soon(terminal: Terminal, days: int = 3) -> str:
    at = terminal.runtime.now().astimezone(terminal.runtime.desk.zone) + timedelta(days=days)
    return f"{at:%Y-%m-%d} 09:00"


def test_what_is_added_is_listed_and_can_be_taken_out(terminal: Terminal) -> None:
    at = ("--place", "小花园", "--at", soon(terminal), "--as", "sun")
    said = terminal.run("activity", "add", "幸福里社区", "话家常日", *at, "--weekly").stdout
    number = said.split()[0]
    assert "话家常日，小花园" in terminal.run("activity", "list").stdout
    terminal.run("activity", "cancel", number, "--as", "wu")
    assert "话家常日，小花园" not in terminal.run("activity", "list").stdout


def test_errors_say_what_to_do(terminal: Terminal) -> None:
    past = ("--place", "小花园", "--at", "2020-01-01 09:00", "--as", "sun")
    assert "已经过了" in terminal.fails("activity", "add", "幸福里社区", "义诊", *past)
    soon_ = ("--place", "小花园", "--at", soon(terminal))
    assert "不能安排" in terminal.fails("activity", "add", "幸福里社区", "义诊", *soon_, "--as", "zhao")
    assert "请写明" in terminal.fails("activity", "add", "幸福里社区", " ", *soon_, "--as", "sun")
    assert "放得下" in terminal.fails("activity", "add", "幸福里社区", "义诊" * 30, *soon_, "--as", "sun")
    until = ("--until", "2099-01-01")
    assert "每周" in terminal.fails("activity", "add", "幸福里社区", "义诊", *soon_, *until, "--as", "sun")
    assert "activity list" in terminal.fails("activity", "cancel", "99", "--as", "sun")
