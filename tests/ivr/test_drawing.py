"""The page of the dialogues tells all of them, and nothing that is not so."""

import re
from typing import get_args

import pytest

from ivr.check import edges, sentences
from ivr.deeds import Effect, OpenTicket
from ivr.diagram import diagram
from ivr.drawing import done_in_words, page
from ivr.flow import Ask, Choice, Do, End, Facts, Flow, Heading, Heard, Tell, make_flow
from ivr.flows.common import PERSON, YES_NO
from ivr.flows.hotline import HOTLINE
from ivr.flows.notice import NOTICE_CALL
from ivr.flows.rating import RATING_CALL
from ivr.hearing import meaning
from ivr.sayable import examples
from ivr.verbs import Text

FLOWS = pytest.mark.parametrize("flow", [HOTLINE, RATING_CALL, NOTICE_CALL], ids=lambda flow: flow.name)
PAGE = page(HOTLINE, RATING_CALL, NOTICE_CALL)


def asks(flow: Flow) -> list[Ask]:
    return [node for node in flow.nodes.values() if isinstance(node, Ask)]


@FLOWS
def test_every_sentence_step_and_key_is_on_the_page(flow: Flow) -> None:
    for text in sentences(flow):
        if text not in [name for names in flow.words.values() for name in names.values()]:
            assert text.msgid in PAGE
    for node in flow.nodes.values():
        assert f"`{node.name}`" in PAGE
    for ask in asks(flow):
        section = PAGE.split(f"**`{ask.name}`**")[1].split("**`")[0]
        assert all(re.search(rf"\| {choice.key} \|.*`{choice.to}` \|", section) for choice in ask.choices)
        assert f"after {ask.hearing.closing_silence:g} s of silence" in section
        assert f"Waits {ask.hearing.no_input:g} s" in section


@FLOWS
def test_every_step_is_in_one_part(flow: Flow) -> None:
    names = [name for part in flow.parts.values() for name in part]
    assert sorted(names) == sorted(flow.nodes) and flow.name not in flow.parts


@FLOWS
def test_what_the_page_says_may_be_said_is_understood_so(flow: Flow) -> None:
    for ask in asks(flow):
        for means in [*(choice.means for choice in ask.choices), *ask.free]:
            for phrase in examples(ask, means):
                heard = meaning(ask.hearing.expect, phrase, 1.0)
                assert isinstance(heard, Heard) and heard.means == means
        assert examples(ask, "person"), f"{ask.name}: a person can be asked for in words, always"


@FLOWS
def test_a_drawing_has_every_way_and_only_known_boxes(flow: Flow) -> None:
    for names in flow.parts.values():
        lines = list(diagram(flow, [flow.nodes[name] for name in names]))
        boxes = {m[1] for line in lines if (m := re.match(r"  (n_\w+)[\[({]", line))}
        drawn = {
            m.groups() for line in lines if (m := re.match(r'  (n_\w+) -->(?:\|"[^"]+"\|)? (n_\w+)$', line))
        }
        assert boxes >= {box for way in drawn for box in way}
        wanted = {
            (f"n_{name}", f"n_{to}")
            for name in names
            for why, to in edges(flow.nodes[name])
            if not (isinstance(flow.nodes[name], Ask) and why == "0 person")
        }
        assert drawn == wanted
        assert all(line.count('"') % 2 == 0 for line in lines)


def a_flow(prompt: str) -> Flow:
    ask = Ask(
        name="end",
        prompt=(Text(prompt),),
        hearing=YES_NO,
        choices=(Choice(key="1", means="yes", to="bye"), PERSON),
        silent="bye",
        unclear="bye",
    )
    return make_flow(
        "small",
        Heading("First"),
        ask,
        Heading("Then"),
        Tell(name="find_person", lines=(), then="bye"),
        End(name="bye", lines=(Text("再见"),)),
        start="end",
        hung_up="bye",
        about="A small one.",
    )


def test_words_of_a_sentence_cannot_break_a_drawing() -> None:
    flow = a_flow('说"是"|还是{what}#1？人工按0')
    lines = list(diagram(flow, [flow.nodes["end"]]))
    assert lines[1] == '  n_end["<b>end</b><br/>说#quot;是#quot;|还是#123;what#125;#35;1？人工按0"]'
    assert '  n_end -->|"1 yes / silence / not understood"| n_bye' in lines
    assert '  n_bye["bye<br/>→ Then"]' in lines and "  class n_bye elsewhere" in lines
    assert "\\|" in page(flow).split("**`end`**")[1].splitlines()[0]


def test_every_deed_has_words_and_one_without_is_an_error() -> None:
    for deed in get_args(Effect):

        def effect(facts: Facts) -> Effect:
            raise AssertionError("drawing does nothing")

        effect.__annotations__["return"] = deed
        assert done_in_words(effect)
    nodes = [
        n for flow in (HOTLINE, RATING_CALL, NOTICE_CALL) for n in flow.nodes.values() if isinstance(n, Do)
    ]
    assert all(done_in_words(node.effect) for node in nodes)

    def unknown(facts: Facts) -> str:
        return ""

    with pytest.raises(KeyError):
        done_in_words(unknown)  # type: ignore[arg-type]
    assert OpenTicket in get_args(Effect)
