"""Verbs → TwiML, as a table of pairs; and what must hold for any text."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flows.common import DETAILS, NUMBER, OPENING, PLACE, YES_NO
from ivr.twiml import PERSON_NUMBER, Page, accepted, goodbye, render, waiting, whisper
from ivr.verbs import Dial, Hangup, Listen, Say, Text, Verb

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
ASK, HELLO = Say(Text("是吗？")), Say(Text("{name}好", {"name": "您"}))
TURN_8 = "https://h.example/voice/u-1/turn/8"


@dataclass(frozen=True)
class Can:
    streams: bool = True
    dial_whisper: bool = True


PAGE = Page(
    base_url="https://h.example/",
    media_url="wss://h.example/media",
    call="u-1",
    n=7,
    token="t0ken",
    can=Can(),
    hotline="+864001234567",
    can_play=lambda sentence: False,
    say=lambda text: text.render(lambda msgid: msgid),
)
WITH_AUDIO = replace(PAGE, can_play=lambda sentence: True)
NO_STREAMS = replace(PAGE, can=Can(streams=False))
STREAM = (
    '<Connect><Stream url="wss://h.example/media"><Parameter name="call" value="u-1" />'
    '<Parameter name="turn" value="7" /><Parameter name="token" value="t0ken" /></Stream></Connect>'
    f'<Redirect method="POST">{TURN_8}</Redirect>'
)
SAY = '<Say language="cmn-CN">是吗？</Say>'
BEEP = '<Say language="cmn-CN">听到嘀一声以后请说。</Say>'
EMPTY = f'<Redirect method="POST">{TURN_8}?empty=1</Redirect>'
KEY = f'action="{TURN_8}" method="POST"'


def gather(seconds: int, digits: int = 1, finish: str = "") -> str:
    return (
        f'<Gather input="dtmf" numDigits="{digits}" timeout="{seconds}" {KEY} finishOnKey="{finish}">'
        f"{SAY}</Gather>"
    )


def record(timeout: int, longest: int) -> str:
    return (
        f'<Gather input="dtmf" numDigits="1" timeout="1" {KEY} finishOnKey="">{SAY}{BEEP}</Gather>'
        f'<Record {KEY} timeout="{timeout}" maxLength="{longest}" finishOnKey="0123456789*#" playBeep="true" '
        'trim="do-not-trim" recordingStatusCallback="https://h.example/voice/u-1/recording" '
        'recordingStatusCallbackMethod="POST" />'
    )


DIAL = (
    f'<Dial timeout="25" {KEY} callerId="+864001234567"><Number'
    ' url="https://h.example/voice/u-1/whisper" method="POST">{{person}}</Number></Dial>'
)

PAIRS: list[tuple[str, list[Verb], Page, str]] = [
    ("say before the stream", [ASK, Listen(YES_NO, "120")], PAGE, SAY + STREAM),
    ("prompt on the stream", [ASK, Listen(YES_NO, "120")], WITH_AUDIO, STREAM),
    ("keys without a stream", [ASK, Listen(YES_NO, "120", by_keys=True)], WITH_AUDIO, gather(8) + EMPTY),
    ("keys where no streams are", [ASK, Listen(YES_NO, "120")], NO_STREAMS, gather(8) + EMPTY),
    ("a number by keys", [ASK, Listen(NUMBER, "0123456789")], NO_STREAMS, gather(5, 6, "#") + EMPTY),
    ("words where no streams are", [ASK, Listen(PLACE, "0")], NO_STREAMS, record(5, 30) + EMPTY),
    ("a long recording", [ASK, Listen(DETAILS, "0")], NO_STREAMS, record(5, 120) + EMPTY),
    ("an opening by recording", [ASK, Listen(OPENING, "1234560")], NO_STREAMS, record(5, 60) + EMPTY),
    ("a person", [ASK, Dial()], PAGE, SAY + DIAL),
    ("the end", [HELLO, ASK, Hangup()], PAGE, f'<Say language="cmn-CN">您好</Say>{SAY}<Hangup />'),
]


@pytest.mark.parametrize(("verbs", "page", "inside"), [p[1:] for p in PAIRS], ids=[p[0] for p in PAIRS])
def test_verbs_and_their_document(verbs: list[Verb], page: Page, inside: str) -> None:
    assert render(verbs, page).xml == f"{HEAD}<Response>{inside}</Response>"


def test_what_is_stored_with_a_listening_turn() -> None:
    rendered = render([HELLO, ASK, Listen(YES_NO, "120")], WITH_AUDIO)
    assert rendered.said == ("您好", "是吗？") and rendered.streamed
    assert rendered.listen == {
        "expect": "yes_no",
        "phrases": "yes_no",
        "keys": "120",
        "num_digits": 1,
        "closing_silence": 1.0,
        "no_input": 8.0,
        "max_length": 10.0,
        "on_stream": True,
    }
    assert render([ASK, Hangup()], PAGE).listen is None


def test_one_sentence_without_audio_means_the_carrier_speaks_all() -> None:
    some = replace(PAGE, can_play=lambda sentence: sentence == "您好")
    rendered = render([HELLO, ASK, Listen(YES_NO, "120")], some)
    assert rendered.listen is not None and rendered.listen["on_stream"] is False
    assert rendered.xml.index("您好") < rendered.xml.index("是吗") < rendered.xml.index("<Connect>")


def test_the_stream_address_has_no_query_and_no_address_has_chinese() -> None:
    root = ET.fromstring(render([ASK, Listen(YES_NO, "120")], replace(PAGE, call="话/1")).xml)
    assert "?" not in root.find("Connect/Stream").get("url")  # type: ignore[union-attr, operator]
    assert (root.findtext("Redirect") or "").isascii()


def test_small_documents() -> None:
    assert goodbye("再见。") == f'{HEAD}<Response><Say language="cmn-CN">再见。</Say><Hangup /></Response>'
    assert waiting("请稍等。", TURN_8).endswith(f'<Redirect method="POST">{TURN_8}</Redirect></Response>')
    assert accepted(accept=True) == f"{HEAD}<Response />"
    assert accepted(accept=False) == f"{HEAD}<Response><Hangup /></Response>"
    root = ET.fromstring(whisper("按1接听。", f"{TURN_8}/accept"))
    assert [child.tag for child in root] == ["Gather", "Hangup"]


def test_no_pause_and_no_start_since_one_carrier_drops_the_document() -> None:
    for _, verbs, page, _ in PAIRS:
        assert not {e.tag for e in ET.fromstring(render(verbs, page).xml).iter()} & {"Pause", "Start"}


def test_too_large_a_document_is_refused() -> None:
    with pytest.raises(ValueError, match="carriers take"):
        render([Say(Text("长" * 30_000)), Hangup()], PAGE)


@given(st.text(max_size=200))
def test_any_text_gives_a_readable_document(text: str) -> None:
    said = Say(Text("{what}，是吗？", {"what": text}))
    root = ET.fromstring(render([said, Listen(YES_NO, "120")], PAGE).xml.encode())
    assert [child.tag for child in root] == ["Say", "Connect", "Redirect"]
    assert PERSON_NUMBER not in (root.findtext("Say") or "")
