"""What a resident's text asks for. Pure: words and the open question in, meaning out.

Commands are short and stand alone or beside a number; everything else is read as a sentence. Words are data
(`speech/phrases/texts.toml`) and count by their sound too. Arguments by intent: docs/texts.md.
"""

import re
from dataclasses import dataclass, field, replace

from app.desk.place import Place
from app.desk.understanding import Understanding, understand
from app.sms import answers, sentences
from app.sms.commands import (
    bare,
    command_of,
    leading,
    short_number,
    signed,
    spaced,
    take_number,
    unwrapped,
    without_address,
    without_key,
)
from app.sms.marks import find_marks
from app.sms.meant import Asked, Reading
from speech.normal import BREAK, normalise
from speech.numbers import to_arabic
from speech.phrase_records import TextCommand

_ONLY_HELP = re.compile(r"[\s“”\"'(（\[【]*[?？][?？\s“”\"')）\]】]*")
_LIKELY = 0.6
_IDLE = ("thanks", "greeting")
_DONE = re.compile("好了|好啦|修好|弄好")
_MARKED = re.compile("满意|满益|一般")
"""不满意，重新弄 is a mark."""
_NO_MARKS = "-/-/-/-"
_REPAIRS = ("报修", "報修")


@dataclass(frozen=True)
class ResidentReading(Reading):
    """`matter`: she says what it is about. `call`: she wants to be rung, whatever else. `heard`: the same words
    as a request. `slip`: how she named the number, if by a kiosk's slip."""

    matter: bool = True
    call: bool = False
    heard: Understanding | None = None
    place: Place = field(default_factory=Place)
    slip: str = ""


def read_resident(text: str, asked: Asked | None = None) -> ResidentReading:
    """Any string; never raises."""
    raw = answers.mended(unwrapped(text)) if asked == "place" else unwrapped(text)
    if _ONLY_HELP.fullmatch(raw):
        return ResidentReading("help")
    heard = replace(understand(without_key(raw)), text=text)
    clean = normalise(raw)
    if not clean:
        return ResidentReading("other", matter=False, heard=heard)
    found = _read(text, raw, heard, asked)
    place = answers.place_in(raw, heard) if found.intent == "answer" and asked == "place" else heard.place
    matter = found.matter and answers.has_matter(clean, heard)
    return replace(found, heard=heard, place=place, matter=matter)


def _read(text: str, raw: str, heard: Understanding, asked: Asked | None) -> ResidentReading:
    line = spaced(raw)
    number, rest = take_number(line, heard)
    if asked and (digits := answers.short_answer(asked, raw, number)):
        return ResidentReading("answer", number if asked == "which" else None, digits)
    if asked == "rate" and (found := _answered_with_marks(raw, heard, number, rest)):
        return found
    if (found := _command(raw, line, heard, number, rest)) and not (
        asked == "place" and heard.place and found.intent in ("thanks", "greeting")
    ):
        return found
    if asked and asked != "rate":
        intent = sentences.find(rest, heard)
        if intent in ("optout", "optin", "help", "activities", "human"):
            return ResidentReading(intent, number)
        if answer := answers.answer(asked, text.strip(), raw, heard, number):
            return ResidentReading("answer", None, answer)
    return _sentence(raw, heard, number, rest)


def _answered_with_marks(
    raw: str, heard: Understanding, number: int | None, rest: str
) -> ResidentReading | None:
    """Unless she says where something else is wrong, or that it is something else."""
    intent = sentences.find(rest, heard)
    if sentences.is_another(raw) or (intent in ("thanks", "greeting") and not _DONE.search(rest)):
        return None
    if sentences.has_matter(heard) and (heard.place.building or not _agrees(raw)):
        return None
    if intent == "human":  # 打只电话过来好伐 is no 好
        rest = sentences.besides_asking(rest, heard)
        return _rated(number, rest, asked=True) if rest else None
    if intent == "reopen" and not _MARKED.search(rest):
        return ResidentReading("reopen", number, "2" if sentences.is_part(rest) else "3")
    return _rated(number, rest, asked=True)


def _agrees(raw: str) -> bool:
    """3 路灯还是不亮 is our 3; 2 垃圾没人管 is a category."""
    led = leading(raw)
    if led is None:
        return True
    marks = find_marks(led[1], asked=True)
    return marks is not None and (marks.fact in (None, 1) or raw.strip().startswith(str(marks.fact)))


def _command(
    raw: str, line: str, heard: Understanding, number: int | None, rest: str
) -> ResidentReading | None:
    if number is None and (beside := short_number(line)):
        return _as_command(*beside)
    if number is not None and not bare(rest):
        return ResidentReading("progress", number)
    if heard.danger is None and (command := _alone(rest, heard, number)):
        return _as_command(command, number, heard)
    if found := leading(raw):
        return _led(*found, number, heard)
    if number is not None and (command := command_of(rest[0], beside_number=True)) and command.leads:
        return _led(command, rest[1:], number, heard)  # 凭1024 1 2 1
    return None


def _alone(rest: str, heard: Understanding, number: int | None) -> TextCommand | None:
    """The command that the text is, perhaps with a name or an address beside it."""
    if command := command_of(rest, beside_number=number is not None):
        return command
    chunks = [chunk for chunk in re.split(rf"[ {BREAK}]", rest) if chunk]
    for at, chunk in enumerate(chunks if len(chunks) > 1 else ()):
        command = command_of(chunk, beside_number=number is not None)
        others = chunks[:at] + chunks[at + 1 :]
        if command is None or command.leads or (at and command.intent in _IDLE):
            continue
        if command.intent in _IDLE and any(_asks_for_something(other) for other in others):
            continue
        told = number is not None and command.intent == "progress" and heard.matter is None
        if told or signed(others, heard):
            return command
    command = command_of(without_address(rest, heard))
    return command if command is not None and command.intent == "keeper" else None


def _asks_for_something(chunk: str) -> bool:
    """您好，活动: the greeting is not what she wants."""
    command = command_of(chunk)
    return command is not None and command.intent not in _IDLE


def _as_command(
    command: TextCommand, number: int | None, heard: Understanding | None = None
) -> ResidentReading:
    match command.intent:
        case "report":
            return ResidentReading("report", number, command.category, matter=False)
        case "rate":
            return ResidentReading("rate", number, _NO_MARKS)
        case "reopen":
            return ResidentReading("reopen", number, "3")
        case "keeper":
            return ResidentReading("keeper", None, heard.place.building or "" if heard else "")
        case "progress":
            return ResidentReading("progress", number)
        case intent:
            return ResidentReading(intent)  # type: ignore[arg-type]


def _led(
    command: TextCommand, after: str, number: int | None, heard: Understanding
) -> ResidentReading | None:
    if command.intent == "report":
        if sentences.find(normalise(after), heard) == "help" and not sentences.has_matter(heard):
            return ResidentReading("help")  # 报修要怎么发短信
        says_what = answers.has_matter(normalise(after), heard)
        return ResidentReading("report", None, command.category, matter=says_what)
    own, rest = take_number(spaced(after), heard)
    number = own if own is not None else number
    if command.intent == "reopen":
        return ResidentReading("reopen", number, "2" if sentences.is_part(rest) else "3")
    return _rated(number, rest, asked=True)


def _rated(number: int | None, words: str, *, asked: bool) -> ResidentReading | None:
    marks = find_marks(words, asked=asked)
    if marks is None:
        return None
    if marks.fact in (2, 3) and not (asked and to_arabic(words.strip(BREAK)) in ("2", "3")):
        return ResidentReading("reopen", number, str(marks.fact))
    return ResidentReading("rate", number, marks.argument)


def _sentence(raw: str, heard: Understanding, number: int | None, rest: str) -> ResidentReading:
    intent = sentences.find(rest, heard) if heard.danger is None else "other"
    marked = _rated(number, rest, asked=False) if heard.danger is None else None
    if marked is not None and _rated(number, sentences.without_greeting(rest), asked=False) is None:
        marked = None  # 过年好 is no mark
    if marked is not None and marked.intent == "rate" and sentences.wants_something(rest):
        marked = None if "3" not in marked.argument else marked  # 放在树下就好得很 praises nobody
    if marked is not None and (intent == "other" or (intent == "reopen" and _MARKED.search(rest))):
        return marked
    if intent != "other":
        match intent:
            case "reopen":
                return ResidentReading("reopen", number, "2" if sentences.is_part(rest) else "3")
            case "progress":
                return ResidentReading("progress", number)
            case "keeper":
                return ResidentReading("keeper", None, heard.place.building or "")
            case _:
                return ResidentReading(intent)
    if number is not None and sentences.asks_about_it(rest, heard):
        return ResidentReading("progress", number)
    call = sentences.wants_call(rest)
    if any(word in raw for word in _REPAIRS):
        return ResidentReading("report", number, "repairs", call=call)
    if sentences.is_spam(raw, heard):
        return ResidentReading("other")
    if sentences.is_chat(rest, raw, heard):
        return ResidentReading("other", number)
    likely = heard.confidence >= _LIKELY or sentences.has_matter(heard)
    is_request = likely or heard.danger or heard.place or sentences.asks(raw)
    return ResidentReading("report" if is_request else "other", number, call=call)
