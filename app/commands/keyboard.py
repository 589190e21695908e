"""`jiachang call --keyboard`: walk a dialogue in a terminal or from a file of lines."""

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

import click

from app.desk.config import from_settings
from app.settings import load_settings
from ivr.conversation import FLOWS
from ivr.keyboard import (
    BROKEN,
    EARLIER_LAST_FOUR,
    EARLIER_NUMBER,
    HANG_UP,
    NOISE,
    KeyboardCall,
    Line,
    Pretence,
)
from ivr.verbs import Dial

FLOW_NAMES = tuple(FLOWS)
GIVEN: dict[str, dict[str, Any]] = {
    "home": {"home": True},
    "nobody": {"person": False},
    "earlier": {"earlier": True},
    "withheld": {"withheld": True},
    "no-streams": {"streams": False},
    "no-name": {"name": ""},
    "machine": {"machine": True},
}
"""What `--given` can say about the town and the line."""
_WHO = {"hotline": "热线", "caller": "居民", "desk": "　　→"}
_HELP = f"""\
在键盘上走一遍通话：没有电话、声音和数据库，听懂和应答与真的通话是同一段程序。
  打字 = 说话　　数字 = 按键（编号按完加 #）　　空行 = 没出声
  {HANG_UP} 或 Ctrl-D = 她挂断　　{NOISE} = 只有杂音　　{BROKEN} = 语音断了，改用按键
  正在接人工时：1 = 有人接了，别的 = 没人接
"""
_EARLIER = f"  以前反映过的事：编号 {EARLIER_NUMBER}，留的电话最后四位 {EARLIER_LAST_FOUR}\n"


def walk(flow: str, given: tuple[str, ...], *, as_json: bool) -> None:
    """Reads standard input until the call is over or the input ends, which is a hang-up."""
    town = {name: value for word in given for name, value in GIVEN[word].items()}
    call = KeyboardCall(
        FLOWS[flow], from_settings(load_settings()), Pretence(**town), now=lambda: datetime.now(UTC)
    )
    talk = _Talk(call, show_typed=not sys.stdin.isatty(), err=as_json)
    talk.note(_HELP + (_EARLIER if "earlier" in given else ""))
    talk.add(call.begin())
    while call.ended_by is None:
        talk.prompt()
        # Whatever is typed or piped is words; a stray byte must not end the call
        line = sys.stdin.buffer.readline().decode("utf-8", "replace")
        words = line.rstrip("\r\n") if line else HANG_UP
        talk.said(words)
        answer = call.type(words)
        if call.ended_by == "caller":
            talk.note("居民挂断了。还要做的：" if answer else "居民挂断了。没有还要做的。")
        talk.add(answer)
    talk.finish()
    if as_json:
        click.echo(json.dumps(talk.result(), ensure_ascii=False, indent=2))


class _Talk:
    """Prints the dialogue as it goes and keeps it. With `err`, standard output stays free for the JSON."""

    def __init__(self, call: KeyboardCall, *, show_typed: bool, err: bool) -> None:
        self._call, self._show_typed, self._err = call, show_typed, err
        self._began = time.monotonic()
        self._dialogue: list[dict[str, Any]] = []

    def note(self, text: str) -> None:
        click.echo(text, err=self._err)

    def add(self, lines: list[Line]) -> None:
        for line in lines:
            self.note(f"{_WHO[line.who]}{'：' if line.who != 'desk' else ' '}{line.text}")
            if line.who != "desk":
                self._keep(line.who, line.text)

    def prompt(self) -> None:
        if not self._show_typed:
            ringing = isinstance(self._call.awaits, Dial)
            click.echo("（有人接吗）> " if ringing else "居民> ", nl=False, err=self._err)

    def said(self, text: str) -> None:
        if self._show_typed:
            self.note(f"{_WHO['caller']}：{text or '（没出声）'}")
        self._keep("caller", text)

    def finish(self) -> None:
        call = self._call
        if call.ended_by == "hotline":
            self.note("热线说完，挂断。")
        self.note(f"工单号：{call.ticket}（没有真的存）" if call.ticket else "没有立单。")

    def result(self) -> dict[str, Any]:
        call = self._call
        return {
            "dialogue": self._dialogue,
            "ticket": call.ticket,
            "ended_by": call.ended_by,
            "effects": call.done,
            "left": call.left,
        }

    def _keep(self, who: str, text: str) -> None:
        at = round(time.monotonic() - self._began, 1)
        self._dialogue.append({"who": who, "text": text, "at": at})
