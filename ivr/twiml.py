"""Verbs → TwiML, by what the carrier can do. Pure: numbers, names and addresses of our own come in from the edge.

Every question is followed by a `<Redirect>`: an empty `<Gather>` or `<Record>` falls through, and a `<Gather>`
without an action would ask itself again for ever.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, assert_never
from urllib.parse import quote

from ivr.verbs import Dial, Hangup, Hearing, Listen, Say, Text, Verb

LANGUAGE = "cmn-CN"
MAX_BYTES = 64 * 1024
PERSON_NUMBER = "{{person}}"
"""Stands for the number of the person to ring in stored TwiML: staff numbers are kept encrypted only."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BEEP = Text("听到嘀一声以后请说。")
_FIRST_SOUND = 5  # seconds; <Record> has one time-out for the first sound and for the end
_PAUSE_AFTER_KEY = 5  # seconds between two digits of a number


class Capable(Protocol):
    """As much of the carrier's capabilities as rendering depends on."""

    @property
    def streams(self) -> bool: ...
    @property
    def dial_whisper(self) -> bool: ...


@dataclass(frozen=True)
class Page:
    """Where turn `n` of call `call` is spoken, and how. `can_play`: has this sentence audio of its own?"""

    base_url: str
    media_url: str
    call: str
    n: int
    token: str
    can: Capable
    hotline: str
    can_play: Callable[[str], bool]
    say: Callable[[Text], str]

    def url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/voice/{quote(self.call, safe='')}/{path}"

    @property
    def next_turn(self) -> str:
        return self.url(f"turn/{self.n + 1}")


@dataclass(frozen=True)
class Rendered:
    """`said` for the record and for the gateway; `listen` as stored on the turn, None where nothing is asked."""

    xml: str
    said: tuple[str, ...]
    listen: dict[str, Any] | None
    streamed: bool = False


def render(verbs: Sequence[Verb], page: Page) -> Rendered:
    """Raises ValueError if the document would be larger than carriers take."""
    said = tuple(page.say(verb.text) for verb in verbs if isinstance(verb, Say))
    listen = next((verb for verb in verbs if isinstance(verb, Listen)), None)
    streamed = listen is not None and page.can.streams and not listen.by_keys
    on_stream = streamed and bool(said) and all(page.can_play(sentence) for sentence in said)
    response = ET.Element("Response")
    sentences, prompts = iter(said), list[str]()
    for verb in verbs:
        match verb:
            case Say():
                prompts.append(next(sentences))
            case Listen():
                _listen(response, verb, prompts, page, streamed=streamed, on_stream=on_stream)
                prompts = []
            case Dial():
                _say(response, prompts)
                prompts = []
                _dial(response, verb, page)
            case Hangup():
                _say(response, prompts)
                prompts = []
                ET.SubElement(response, "Hangup")
            case _:
                assert_never(verb)
    _say(response, prompts)
    stored = {**listen.to_json(), "on_stream": on_stream} if listen else None
    return Rendered(_document(response), said, stored, streamed)


def goodbye(sentence: str) -> str:
    """For calls that we can't place: polite, and over."""
    response = ET.Element("Response")
    _say(response, [sentence])
    ET.SubElement(response, "Hangup")
    return _document(response)


def waiting(sentence: str, url: str) -> str:
    """Ask again in a moment. A sentence is the pause: one carrier drops documents that contain `<Pause>`."""
    response = ET.Element("Response")
    _say(response, [sentence])
    _redirect(response, url)
    return _document(response)


def whisper(sentence: str, accept_url: str) -> str:
    """To the person who is rung: only who presses a key is a person, a voicemail box is not."""
    response = ET.Element("Response")
    gather = ET.SubElement(
        response, "Gather", input="dtmf", numDigits="1", timeout="10", action=accept_url, method="POST"
    )
    _say(gather, [sentence])
    ET.SubElement(response, "Hangup")
    return _document(response)


def accepted(*, accept: bool) -> str:
    """An empty document connects the two; a hang-up leaves the resident with us."""
    response = ET.Element("Response")
    if not accept:
        ET.SubElement(response, "Hangup")
    return _document(response)


def join(number: str, *, action: str, caller: str, seconds: int) -> str:
    """Ring this number and join the two. Never stored: it stands in no record of ours."""
    response = ET.Element("Response")
    dial = {"timeout": str(seconds), "action": action, "method": "POST", "callerId": caller}
    ET.SubElement(ET.SubElement(response, "Dial", dial), "Number").text = number
    return _document(response)


def _listen(
    response: ET.Element, listen: Listen, prompts: list[str], page: Page, *, streamed: bool, on_stream: bool
) -> None:
    if streamed:
        if not on_stream:
            _say(response, prompts)
        stream = ET.SubElement(ET.SubElement(response, "Connect"), "Stream", url=page.media_url)
        for name, value in (("call", page.call), ("turn", str(page.n)), ("token", page.token)):
            ET.SubElement(stream, "Parameter", name=name, value=value)
        _redirect(response, page.next_turn)
        return
    if keys_only(listen):
        _gather(response, listen, prompts, page)
    else:
        _record(response, listen.hearing, prompts, page)
    _redirect(response, f"{page.next_turn}?empty=1")


def keys_only(listen: Listen) -> bool:
    """Without a stream: by keys, or by a recording? 0 alone is no answer to "what is it about?": that needs words, so a recording."""
    return len(set(listen.keys) - {"0", "9"}) > 0 and listen.hearing.expect != "open"


def _gather(response: ET.Element, listen: Listen, prompts: list[str], page: Page) -> None:
    many = listen.hearing.num_digits > 1
    attributes = {
        "input": "dtmf",
        "numDigits": str(listen.hearing.num_digits),
        "timeout": str(_PAUSE_AFTER_KEY if many else round(listen.hearing.no_input)),
        "action": page.next_turn,
        "method": "POST",
    }
    # Else # would end, and so empty, every one-key answer
    attributes["finishOnKey"] = "#" if many else ""
    _say(ET.SubElement(response, "Gather", attributes), prompts)


def _record(response: ET.Element, hearing: Hearing, prompts: list[str], page: Page) -> None:
    # The beep comes after the prompt; a key during the prompt is taken too
    keys = {
        "input": "dtmf",
        "numDigits": "1",
        "timeout": "1",
        "action": page.next_turn,
        "method": "POST",
        "finishOnKey": "",
    }
    _say(ET.SubElement(response, "Gather", keys), [*prompts, page.say(_BEEP)])
    ET.SubElement(
        response,
        "Record",
        {
            "action": page.next_turn,
            "method": "POST",
            "timeout": str(max(_FIRST_SOUND, round(hearing.closing_silence + 1))),
            "maxLength": str(round(hearing.max_length)),
            "finishOnKey": "0123456789*#",
            "playBeep": "true",
            "trim": "do-not-trim",
            "recordingStatusCallback": page.url("recording"),
            "recordingStatusCallbackMethod": "POST",
        },
    )


def _dial(response: ET.Element, dial: Dial, page: Page) -> None:
    element = ET.SubElement(
        response,
        "Dial",
        {
            "timeout": str(dial.seconds),
            "action": page.next_turn,
            "method": "POST",
            "callerId": page.hotline,
        },
    )
    number = ET.SubElement(element, "Number")
    if page.can.dial_whisper:
        number.set("url", page.url("whisper"))
        number.set("method", "POST")
    number.text = PERSON_NUMBER


def _say(parent: ET.Element, sentences: Sequence[str]) -> None:
    for sentence in sentences:
        ET.SubElement(parent, "Say", language=LANGUAGE).text = sentence


def _redirect(response: ET.Element, url: str) -> None:
    ET.SubElement(response, "Redirect", method="POST").text = url


def _document(response: ET.Element) -> str:
    # ElementTree escapes markup but writes characters that no XML reader takes
    xml = '<?xml version="1.0" encoding="UTF-8"?>\n' + _NOT_XML.sub(
        "", ET.tostring(response, encoding="unicode")
    )
    if len(xml.encode()) > MAX_BYTES:
        raise ValueError(f"TwiML of {len(xml.encode())} bytes, carriers take {MAX_BYTES}")
    return xml
