"""Effects told to people, in a sentence each: what a dialogue would have done. Pure."""

from collections.abc import Mapping
from typing import Any, assert_never

from app.desk.catalogue import NAMES
from app.desk.place import Place
from ivr.deeds import (
    ApplyRating,
    Decline,
    Effect,
    FindPerson,
    FindProgress,
    FinishAttempt,
    FinishTold,
    HandToPerson,
    OpenTicket,
    RecordFact,
    RecordMark,
    RecordRemark,
    RequestReturnCall,
    TellPlace,
)

_REASONS = {
    "asked_person": "她要找人工",
    "hung_up": "她先挂断了",
    "not_understood": "没听明白",
    "silence": "没有声音",
}
_FACTS = {1: "好了", 2: "好了一部分", 3: "没好"}
_ASPECTS = {"speed": "办得快不快", "effect": "办得好不好", "attitude": "态度好不好"}
_MARKS = {1: "满意", 2: "一般", 3: "不满意"}
_ENDED = {
    "answered": "已经回访",
    "no_answer": "没有人应答",
    "machine": "不像本人在听",
    "refused": "不想再接电话",
    "wrong_number": "打错了人",
}


def told(effect: Effect, facts: Mapping[str, Any]) -> str:
    """`facts` are those that the effect was answered with."""
    match effect:
        case OpenTicket():
            return _ticket(effect, facts)
        case TellPlace(place, text):
            return f"补记地点：{_where(place)}（“{text}”），短信告诉值班人员"
        case RequestReturnCall(reason):
            time = facts.get("callback_time")
            why = _REASONS[reason]
            return f"登记回电话：{time}（{why}）" if time else f"看不到号码，不能登记回电话（{why}）"
        case FindPerson():
            return "看看有没有人能接：" + ("有" if facts.get("person") else "没有")
        case FindProgress(number, _):
            found = len(facts.get("pending", ())) + len(facts.get("finished", ()))
            which = f"{number} 号" if number else "这个号码反映过的事"
            return f"查{which}：" + (f"{found} 件" if found else "没有查到")
        case RecordFact(value, _):
            return f"记下事实：{_FACTS[value]}"
        case RecordMark(which, value, _):
            return f"记下评价：{_ASPECTS[which]}，{_MARKS[value]}"
        case RecordRemark(text):
            return f"记下她的话：“{text}”" if text else "留下录音，没有听出文字"
        case ApplyRating():
            return "按她的回答办结或者重办"
        case Decline():
            return "这件事不再打给她"
        case FinishAttempt(outcome):
            return f"这次回访的结果：{_ENDED[outcome]}"
        case FinishTold():
            return "她挂断了：听得够久就算告诉过了，不然再打"
        case HandToPerson():
            return f"改由工作人员打给她：{facts.get('callback_time', '')}"
        case _:
            assert_never(effect)


def _ticket(effect: OpenTicket, facts: Mapping[str, Any]) -> str:
    urgent = f"紧急，先打 {effect.danger}" if effect.danger else "紧急" if effect.urgent else ""
    what = "，".join(
        part
        for part in (
            NAMES.get(effect.category or "", "未分类"),
            _where(effect.place) or "地点不清楚",
            effect.matter or "",
            urgent,
            f"原话“{effect.text}”" if effect.text else "没有文字，只有录音",
        )
        if part
    )
    then = "先请工作人员听录音" if effect.needs_listening else "随后按规则派单，短信通知承办人"
    alerted = "；短信通知值班电话" if effect.urgent else ""
    return f"立单 {facts['number']} 号：{what}。{facts['promised']}前答复；{then}{alerted}"


def _where(place: Mapping[str, Any]) -> str:
    return Place(**place).spoken()
