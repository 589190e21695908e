"""`jiachang user` and `jiachang audit`: first passwords shown once, seals checked."""

import re
from datetime import timedelta

from click.testing import CliRunner, Result
from sqlalchemy import select, text

from app.cli import cli
from app.desk import passwords, signing
from app.desk.sealing import seal
from models.staff import Staff
from tests.app.commands.conftest import Terminal

ADD = ("user", "add", "ning", "--name", "宁平", "--unit", "第一网格")


def kept(terminal: Terminal, login: str) -> Staff:
    with terminal.runtime.db.transaction(read_only=True) as session:
        return session.scalars(select(Staff).where(Staff.login == login)).one()


def shown(output: str) -> str:
    found = re.search(r"第一个密码：([a-z0-9]{4}(?:-[a-z0-9]{4}){2})", output)
    assert found is not None, output
    return found[1]


def test_a_first_password_is_shown_once_and_must_be_changed(terminal: Terminal) -> None:
    first = shown(terminal.run(*ADD).output)
    staff = kept(terminal, "ning")
    assert passwords.matches(staff.password_hash, first) and staff.must_change_password
    assert first not in terminal.run("user", "list").output


def test_a_first_password_can_be_given_and_is_judged(terminal: Terminal) -> None:
    def add(password: str) -> Result:
        options = [*ADD, "--password-stdin"]
        return CliRunner(env=terminal.environment).invoke(cli, options, input=f"{password}\n")

    assert "太短" in str(add("").exception) and "太好猜" in str(add("woaini5201314").exception)
    assert "第一个密码" not in add("yu-zhong-san-zi-dai").output
    assert passwords.matches(kept(terminal, "ning").password_hash, "yu-zhong-san-zi-dai")


def test_a_reset_ends_every_session(terminal: Terminal) -> None:
    terminal.run(*ADD)
    now = terminal.runtime.now()
    with terminal.runtime.db.transaction() as session:
        token = signing.begin(session, kept(terminal, "ning").id, now=now)
    first = shown(terminal.run("user", "password", "ning").output)
    assert passwords.matches(kept(terminal, "ning").password_hash, first)
    with terminal.runtime.db.transaction(read_only=True) as session:
        assert signing.find(session, token, now=now) is None
    assert "没有登录名" in terminal.fails("user", "password", "nobody")


def test_the_last_administrator_cannot_be_disabled(terminal: Terminal) -> None:
    assert "最后一位管理员" in terminal.fails("user", "disable", "zheng")
    terminal.run("user", "add", "ning", "--name", "宁平", "--unit", "幸福里社区", "--role", "administrator")
    terminal.run("user", "disable", "zheng")
    assert not kept(terminal, "zheng").active


def test_verifying_names_what_was_tampered_with(terminal: Terminal) -> None:
    terminal.run(*ADD)
    assert seal(terminal.runtime.db, now=terminal.runtime.now() + timedelta(hours=1))
    fine = terminal.run("audit", "verify").output
    noted = re.search(r"最后的封条：([0-9a-f]{64})", fine)
    assert "✓ 1 个封条" in fine and noted is not None
    terminal.run("audit", "verify", "--seal", noted[1])
    assert (
        "没有您记下的"
        in CliRunner(env=terminal.environment).invoke(cli, ["audit", "verify", "--seal", "ff"]).output
    )
    with terminal.runtime.db.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_entries_no_update"))
        connection.execute(text("UPDATE audit_entries SET deed = 'nothing'"))
    broken = CliRunner(env=terminal.environment).invoke(cli, ["audit", "verify"])
    assert broken.exit_code == 1 and "✗ 编号 1–1" in broken.output and "内容被改过" in broken.output
