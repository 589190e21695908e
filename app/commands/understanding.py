"""`jiachang understand`: how a sentence is understood, on which words that rests, and how it would be filed."""

import dataclasses
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from app.desk.catalogue import NAMES
from app.desk.understanding import Reason, Understanding
from app.desk.understanding import understand as understand_text
from app.settings import load_settings
from speech.phrasebook import use

_INTENTS = {
    "report": "报一件事",
    "progress": "问办得怎么样",
    "rate": "评价",
    "reopen": "说没办好，要重办",
    "human": "找工作人员",
    "activities": "问有什么活动",
    "keeper": "问管家是谁",
    "help": "问怎么用",
    "optout": "不要再发短信",
    "optin": "恢复短信",
    "thanks": "道谢",
    "greeting": "打招呼",
    "other": "不清楚",
}
_PARTS = {"estate": "小区", "building": "楼栋", "unit": "单元", "room": "房号", "landmark": "在哪里"}
_OUTAGES = {"heating": "停暖", "water": "停水"}


@click.command()
@click.argument("text", required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs; from standard input one object a line.")
def understand(text: str | None, as_json: bool) -> None:
    """Show how a sentence is understood, on which words that rests, and how it would be filed.

    Without TEXT, or with -, every line of standard input is a sentence.
    """
    use(load_settings().phrases_dir)
    if text is not None and text != "-":
        click.echo(_as_json(understand_text(text), indent=2) if as_json else explained(understand_text(text)))
        return
    for number, line in enumerate(_lines(sys.stdin)):
        meaning = understand_text(line)
        click.echo(_as_json(meaning) if as_json else ("\n" if number else "") + explained(meaning))


def _lines(stream: Iterable[str]) -> Iterator[str]:
    return (line.rstrip("\r\n") for line in stream if line.strip())


def _as_json(meaning: Understanding, indent: int | None = None) -> str:
    found: dict[str, Any] = dataclasses.asdict(meaning) | {"sure": meaning.sure}
    return _printable(json.dumps(found, ensure_ascii=False, indent=indent))


def _printable(text: str) -> str:
    """Lone surrogates, which a terminal or a pipe can't take, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def explained(meaning: Understanding) -> str:
    """For a part-time administrator: in words, conclusion by conclusion."""
    lines = [
        f"原话：{meaning.text}",
        *(f"  方言“{r.words}”当作“{r.value}”" for r in _of(meaning, "dialect")),
        *_category(meaning),
        *_place(meaning),
        *_when_and_phone(meaning),
        *_how_soon(meaning),
        f"想做什么：{_INTENTS[meaning.intent]}{_because(_of(meaning, 'intent'))}",
        f"怎么记：{filed(meaning)}",
    ]
    return _printable("\n".join(lines))


def filed(meaning: Understanding) -> str:
    """What would become of it, were it a text message."""
    if meaning.danger:
        return f"马上请她打 {meaning.danger}，通知值班人，加急记下"
    if meaning.category is None:
        return (
            "听不出是哪一类，请工作人员分类" if meaning.intent in ("report", "other") else "不是报事，不派人"
        )
    name = NAMES[meaning.category]
    if not meaning.sure:
        return f"像是“{name}”，把握不够，请工作人员分类"
    tier = "要几家一起办，先请工作人员研判" if meaning.tier == "complex" else "按规则直接派人"
    return f"记到“{name}”，{'加急，' if meaning.urgent else ''}{tier}"


def _category(meaning: Understanding) -> Iterator[str]:
    if meaning.category is None:
        yield "类别：不清楚"
    else:
        yield f"类别：{NAMES[meaning.category]}（把握 {meaning.confidence:.0%}）"
    for reason in _of(meaning, "evidence"):
        yield f"  {_likeness(reason)}，{reason.topic}，分量 {reason.weight:.1f}"
    if meaning.matter:
        yield f"什么事：{meaning.matter}{_because(_of(meaning, 'matter'))}"


def _place(meaning: Understanding) -> Iterator[str]:
    parts = [reason for reason in meaning.reasons if reason.what in _PARTS]
    said = meaning.place.spoken() or ("她自己家，按登记的地址" if meaning.place.own else "没说")
    yield f"地点：{said}"
    for reason in parts:
        yield f"  {_PARTS[reason.what]} {reason.value} ← “{reason.words}”（把握 {reason.confidence:.0%}）"
    for reason in _of(meaning, "own"):
        yield f"  自己家 ← “{reason.words}”"


def _when_and_phone(meaning: Understanding) -> Iterator[str]:
    if meaning.time:
        days = meaning.time.days_ago
        ago = (
            ""
            if days is None
            else "（今天）"
            if days == 0
            else f"（{days} 天前）"
            if days > 0
            else f"（{-days} 天后）"
        )
        yield f"时间：{meaning.time.words}{ago}"
    if meaning.phone:
        yield f"电话：{meaning.phone}{_because(_of(meaning, 'phone'))}"


def _how_soon(meaning: Understanding) -> Iterator[str]:
    if meaning.danger:
        yield f"危险：{meaning.danger}{_because(_of(meaning, 'danger'))}"
    if meaning.outage:
        yield f"停供：{_OUTAGES.get(meaning.outage, meaning.outage)}{_because(_of(meaning, 'outage'))}"
    urgent = _of(meaning, "urgent")
    yield f"紧急：{'是，' + urgent[0].value + _because(urgent) if urgent else '不急'}"
    tier = "复杂，几家一起办" if meaning.tier == "complex" else "简单"
    yield f"难度：{tier}{_because(_of(meaning, 'tier'))}"


def _of(meaning: Understanding, what: str) -> list[Reason]:
    return [reason for reason in meaning.reasons if reason.what == what]


def _likeness(reason: Reason) -> str:
    if reason.confidence >= 1.0:
        return f"“{reason.words}”按字对上"
    return f"“{reason.words}”按音像“{reason.value}”（{reason.confidence:.0%}）"


def _because(reasons: list[Reason]) -> str:
    if not reasons or not reasons[0].words:
        return ""
    how = "" if reasons[0].confidence >= 1.0 else f"，像 {reasons[0].confidence:.0%}"
    return f" ← “{reasons[0].words}”{how}"
