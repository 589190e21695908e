"""Both dialogues as conversations: inputs in; what is said and what is asked to be done out. Nothing else runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from ivr.check import FlowError, check, problems, sentences
from ivr.deeds import (
    ApplyRating,
    Decline,
    Effect,
    FindPerson,
    FindProgress,
    FinishAttempt,
    HandToPerson,
    OpenTicket,
    RecordFact,
    RecordMark,
    RecordRemark,
    RequestReturnCall,
    TellPlace,
)
from ivr.flow import (
    Dialled,
    Digits,
    Done,
    End,
    Flow,
    Heard,
    HungUp,
    Input,
    Lost,
    NotUnderstood,
    Silence,
    Started,
    State,
    advance,
    make_flow,
)
from ivr.flows.hotline import HOTLINE
from ivr.flows.notice import NOTICE_CALL
from ivr.flows.rating import RATING_CALL
from ivr.hearing import meaning
from ivr.leftover import leftovers
from ivr.verbs import Dial, Hangup, Listen, Say, Text

PERSON_HERE = {FindPerson: {"person": True}}
NOBODY_HERE = {FindPerson: {"person": False}}
_ANSWERS: dict[type, dict[str, Any]] = {
    OpenTicket: {"number": 1001, "spoken_number": "幺零零幺", "promised": "11月26日"},
    RequestReturnCall: {"callback_time": "今天下午三点前"},
    HandToPerson: {"callback_time": "今天下午三点前"},
    FindProgress: {"pending": [], "finished": [], "locked": False},
    **NOBODY_HERE,
}
OPEN, FIND = "OpenTicket", "FindPerson"


@dataclass
class Talk:
    """A conversation with a flow. `done` are the effects in order, `said` the sentences."""

    flow: Flow
    facts: dict[str, Any] = field(default_factory=dict)
    answers: dict[type, dict[str, Any]] = field(default_factory=dict)
    state: State = field(default_factory=State)
    said: list[str] = field(default_factory=list)
    done: list[Effect] = field(default_factory=list)
    verbs: list[Any] = field(default_factory=list)

    def run(self, inputs: Sequence[Input]) -> "Talk":
        for given in (Started(self.facts), *inputs):
            self._turn(given)
        return self

    def _turn(self, given: Input) -> None:
        while True:
            turn = advance(self.flow, State.from_json(self.state.to_json()), given)
            self.state = turn.state
            self.verbs += turn.verbs
            self.said += [v.text.render(lambda msgid: msgid) for v in turn.verbs if isinstance(v, Say)]
            if not turn.effects:
                return
            (effect,) = turn.effects
            self.done.append(effect)
            given = Done({**_ANSWERS.get(type(effect), {}), **self.answers.get(type(effect), {})})

    @property
    def names(self) -> list[str]:
        return [type(effect).__name__ for effect in self.done if not isinstance(effect, FindPerson)]

    @property
    def text(self) -> str:
        return "".join(self.said)

    @property
    def ticket(self) -> OpenTicket:
        (found,) = [effect for effect in self.done if isinstance(effect, OpenTicket)]
        return found


def heard(text: str, expect: str = "open") -> Input:
    return meaning(expect, text, 0.98)


LAMP, LAMP_NOWHERE, FIRE, FIRE_NOWHERE = (
    heard("三栋二单元路灯不亮了"),
    heard("路灯不亮了"),
    heard("三栋着火了"),
    heard("着火了快来人"),
)
YES, NO, ZERO = Heard("yes"), Heard("no"), Digits("0")
PLACE = heard("三栋二单元", "place")
PENSION = heard("养老金怎么认证")
NOISE, SILENCE = NotUnderstood(), Silence()
BACK = "RequestReturnCall"

# (what it shows, facts at the start, inputs, effects, the last sentence begins with …, the ticket needs listening)
HOTLINE_TALKS: list[tuple[str, dict[str, Any], list[Input], list[str], str, bool | None]] = [
    ("confirmed", {}, [LAMP, YES], [OPEN], "11月26日前", False),
    ("confirmed by key", {}, [LAMP, Digits("1")], [OPEN], "11月26日前", False),
    ("place asked once", {}, [LAMP_NOWHERE, PLACE, YES], [OPEN], "11月26日前", False),
    ("no place needed", {}, [PENSION, YES], [OPEN], "11月26日前", False),
    ("place not understood", {}, [LAMP_NOWHERE, NOISE, YES], [OPEN, BACK], "今天下午三点前", True),
    ("place not told", {}, [LAMP_NOWHERE, SILENCE, YES], [OPEN, BACK], "今天下午三点前", True),
    ("near home", {"home": True}, [LAMP_NOWHERE, YES], [OPEN], "11月26日前", False),
    ("not near home", {"home": True}, [LAMP_NOWHERE, NO, PLACE, YES], [OPEN], "11月26日前", False),
    ("denied, then right", {}, [LAMP, NO, LAMP, YES], [OPEN], "11月26日前", False),
    ("denied twice", {}, [LAMP, NO, LAMP, NO], [OPEN, BACK], "今天下午三点前", True),
    ("denied, then noise", {}, [LAMP, NO, NOISE], [OPEN, BACK], "今天下午三点前", True),
    ("never confirmed", {}, [LAMP, SILENCE, SILENCE], [OPEN, BACK], "今天下午三点前", True),
    ("noise twice", {}, [NOISE, NOISE], [OPEN, BACK], "今天下午三点前", True),
    ("noise, then silence", {}, [NOISE, SILENCE], [OPEN, BACK], "今天下午三点前", True),
    ("noise, then words", {}, [NOISE, LAMP, YES], [OPEN], "11月26日前", False),
    ("a senseless key", {}, [Digits("7"), LAMP, YES], [OPEN], "11月26日前", False),
    ("silence twice", {}, [SILENCE, SILENCE], [BACK], "今天下午三点前", None),
    ("by keys", {}, [SILENCE, Digits("1"), heard("三栋漏水", "details")], [OPEN], "11月26日前", False),
    ("key, then noise", {}, [Digits("4"), NOISE], [OPEN, BACK], "今天下午三点前", True),
    ("words, a key, silence", {}, [Digits("1", said=True), SILENCE], [OPEN, BACK], "今天下午三点前", True),
    ("key, then silence", {}, [Digits("4"), SILENCE], [BACK], "今天下午三点前", None),
    ("named category", {}, [heard("维修"), heard("三栋漏水", "details")], [OPEN], "11月26日前", False),
    ("zero, nobody", {}, [ZERO], [BACK], "今天下午三点前", None),
    ("zero by voice", {}, [heard("转人工")], [BACK], "今天下午三点前", None),
    ("zero after words", {}, [LAMP, ZERO], [OPEN, BACK], "今天下午三点前", True),
    ("danger", {}, [FIRE], [OPEN], "值班人员", False),
    ("danger, then place", {}, [FIRE_NOWHERE, PLACE], [OPEN, "TellPlace"], "值班人员", False),
    ("danger at home", {"home": True}, [FIRE_NOWHERE, YES], [OPEN], "值班人员", False),
    (
        "danger elsewhere",
        {"home": True},
        [FIRE_NOWHERE, NO, PLACE],
        [OPEN, "TellPlace"],
        "值班人员",
        False,
    ),
    ("danger, nobody knows where", {}, [FIRE_NOWHERE, NOISE, NOISE], [OPEN, BACK], "值班人员", False),
    ("danger in a later answer", {}, [LAMP_NOWHERE, FIRE], [OPEN], "值班人员", False),
    ("danger after a key", {}, [Digits("1"), FIRE], [OPEN], "值班人员", False),
    ("danger, then a person", {}, [FIRE_NOWHERE, ZERO], [OPEN, BACK], "今天下午三点前", False),
]


@pytest.mark.parametrize(
    ("facts", "inputs", "effects", "last", "listening"),
    [talk[1:] for talk in HOTLINE_TALKS],
    ids=[talk[0] for talk in HOTLINE_TALKS],
)
def test_hotline_conversation(
    facts: dict[str, Any], inputs: list[Input], effects: list[str], last: str, listening: bool | None
) -> None:
    talk = Talk(HOTLINE, facts).run(inputs)
    assert talk.names == effects
    assert talk.said[-1].startswith(last) and "再见" in talk.said[-1]
    assert talk.state.ended and isinstance(talk.verbs[-1], Hangup)
    if listening is not None:
        assert talk.ticket.needs_listening is listening
        assert talk.text.count("幺零零幺") == 2


# (what it shows, facts, inputs before the hang-up, effects in all)
HANG_UPS: list[tuple[str, dict[str, Any], list[Input], list[Effect | str]]] = [
    ("before a sound", {}, [], [RequestReturnCall("hung_up")]),
    ("after silence", {}, [SILENCE], [RequestReturnCall("hung_up")]),
    ("after noise", {}, [NOISE], [OPEN, RequestReturnCall("hung_up")]),
    ("before confirming", {}, [LAMP], [OPEN, RequestReturnCall("hung_up")]),
    ("after the number", {}, [LAMP, YES], [OPEN]),
    ("in danger, place known", {}, [FIRE], [OPEN]),
    ("in danger, place unknown", {}, [FIRE_NOWHERE], [OPEN, RequestReturnCall("hung_up")]),
    ("in danger at home", {"home": True}, [FIRE_NOWHERE], [OPEN]),
    ("while a person is rung", {}, [ZERO], ["FindPerson", RequestReturnCall("asked_person")]),
    ("while a person is rung, words", {}, [LAMP, ZERO], [FIND, OPEN, RequestReturnCall("asked_person")]),
]


@pytest.mark.parametrize(
    ("facts", "inputs", "effects"), [talk[1:] for talk in HANG_UPS], ids=[talk[0] for talk in HANG_UPS]
)
def test_hang_up_keeps_what_was_said(
    facts: dict[str, Any], inputs: list[Input], effects: list[Effect | str]
) -> None:
    talk = Talk(HOTLINE, facts, PERSON_HERE).run([*inputs, HungUp()])
    found = [
        type(done).__name__ if isinstance(wanted, str) else done
        for done, wanted in zip(talk.done, effects, strict=True)
    ]
    assert found == effects
    assert talk.state.ended
    again = advance(HOTLINE, talk.state, HungUp())
    assert again.effects == () and again.verbs == (), "a second hang-up does nothing"


def test_what_a_hang_up_leaves_is_known_at_every_turn() -> None:
    talk = Talk(HOTLINE).run([LAMP])
    left = leftovers(HOTLINE, talk.state)
    assert [item["do"] for item in left["silent"]] == ["open_ticket", "request_return_call"]
    assert left["silent"][0]["with"]["place"] == {"building": "3", "unit": "2"}
    fresh = leftovers(HOTLINE, Talk(HOTLINE).run([]).state)
    assert [item["do"] for item in fresh["silent"]] == ["request_return_call"]
    assert [item["do"] for item in fresh["said"]] == ["open_ticket", "request_return_call"]
    ringing = leftovers(HOTLINE, Talk(HOTLINE, {}, PERSON_HERE).run([LAMP, ZERO]).state)
    assert [item["do"] for item in ringing["accepted"]] == ["open_ticket"]
    assert [item["do"] for item in ringing["silent"]] == ["open_ticket", "request_return_call"]
    assert leftovers(HOTLINE, Talk(HOTLINE).run([LAMP, YES]).state) == {"silent": [], "said": []}


def test_a_person_who_accepts_needs_no_return_call() -> None:
    talk = Talk(HOTLINE, {}, PERSON_HERE).run([ZERO])
    assert talk.verbs[-1] == Dial(25)
    talk._turn(Dialled(True))
    assert talk.names == [] and talk.said[-1].endswith("再见。")
    with_words = Talk(HOTLINE, {}, PERSON_HERE).run([LAMP, ZERO, Dialled(True)])
    assert with_words.names == [OPEN] and with_words.ticket.needs_listening
    missed = Talk(HOTLINE, {}, PERSON_HERE).run([ZERO, Dialled(False)])
    assert missed.done[-1] == RequestReturnCall("asked_person") and "今天下午三点前" in missed.text


def test_the_greeting_says_everything_within_eight_seconds() -> None:
    (greeting,) = Talk(HOTLINE).run([]).said
    syllables = sum("一" <= c <= "鿿" or c.isdigit() for c in greeting)
    assert syllables <= 8 * 165 / 60  # a slow speaker's syllables a minute
    assert all(part in greeting for part in ("家常热线", "录音", "请直接说您的事", "人工按0"))


def test_the_keypad_list_is_short_enough_and_names_are_short() -> None:
    talk = Talk(HOTLINE).run([NOISE])
    instruction = "".join(talk.said[1:])
    assert sum("一" <= c <= "鿿" or c.isdigit() for c in instruction) <= 57  # 20 s at 170 a minute
    listed = talk.said[-1].rstrip("。").split("，")
    assert len(listed) == 7 and listed[-1] == "找人工按0"
    assert all(2 <= len(item.split("按")[0]) <= 4 for item in listed)


def test_danger_is_the_first_thing_said_and_the_ticket_the_first_thing_done() -> None:
    talk = Talk(HOTLINE).run([])
    before = len(talk.said)
    talk._turn(FIRE_NOWHERE)
    assert talk.said[before] == "有危险请马上打幺幺九！"
    assert isinstance(talk.done[0], OpenTicket) and talk.done[0].urgent
    assert isinstance(talk.verbs[-1], Listen) and talk.verbs[-1].hearing.expect == "place"


def test_place_told_after_danger_travels_with_its_words() -> None:
    talk = Talk(HOTLINE).run([FIRE_NOWHERE, PLACE])
    assert talk.done[-1] == TellPlace({"building": "3", "unit": "2"}, "三栋二单元")


def test_progress_names_category_state_and_date_only() -> None:
    mine = {
        "pending": [
            {"day": "11月20日", "category": "repairs", "state": "in_progress", "promised": "11月26日"}
        ],
        "finished": [{"day": "11月2日", "category": "unsorted", "state": "closed"}],
    }
    talk = Talk(HOTLINE, {}, {FindProgress: mine}).run([heard("查询进度")])
    assert talk.said[1:] == [
        "您11月20日说的维修的事，正在办理，11月26日前答复您。",
        "您11月2日说的那件事，已经办好。",
        "谢谢您，再见。",
    ]
    assert talk.done == [FindProgress()]


def test_progress_with_number_and_digits_by_key_or_voice() -> None:
    talk = Talk(HOTLINE).run([heard("查询进度"), Digits("1024"), Heard("number", {"number": "1111"})])
    assert talk.done[-1] == FindProgress("1024", "1111")
    assert "没有对上" in talk.said[-2] and isinstance(talk.verbs[-1], Listen)
    talk.run([])
    wrong_twice = Talk(HOTLINE).run(
        [heard("查询进度"), Digits("1024"), Digits("1111"), Digits("1024"), Digits("1112")]
    )
    assert wrong_twice.done[-1] == RequestReturnCall("not_understood") and wrong_twice.state.ended
    locked = Talk(HOTLINE, {}, {FindProgress: {"locked": True, "pending": [], "finished": []}})
    assert locked.run([heard("查询进度"), Digits("1024"), Digits("1111")]).state.ended
    person = Talk(HOTLINE).run([heard("查询进度"), ZERO])
    assert person.done[-1] == RequestReturnCall("asked_person"), "0 alone is a person, not a number"


def test_hang_up_after_progress_was_told_owes_nothing() -> None:
    talk = Talk(HOTLINE, {}, {FindProgress: {"finished": [{"day": "1", "category": "care", "state": "new"}]}})
    talk.run([heard("查询进度"), HungUp()])
    assert talk.done == [FindProgress()]


def test_a_lost_stream_is_no_failed_try_and_the_rest_goes_by_keys() -> None:
    talk = Talk(HOTLINE).run([Lost()])
    assert isinstance(talk.verbs[-1], Listen) and talk.verbs[-1].by_keys
    assert "维修按1" in talk.said[-1] and talk.state.tries == 0
    later = Talk(HOTLINE).run([LAMP, Lost()])
    assert later.said[-1] == later.said[-2], "the same question again"
    assert later.verbs[-1].by_keys and later.state.tries == 0


def test_what_was_said_on_a_lost_stream_is_kept() -> None:
    talk = Talk(HOTLINE).run([Lost(said=True), SILENCE, SILENCE])
    assert talk.names == [OPEN, BACK] and talk.ticket.needs_listening


def test_without_streams_the_call_begins_with_keys() -> None:
    talk = Talk(HOTLINE, {"no_streams": True}).run([])
    assert talk.verbs[-1].by_keys and "维修按1" in talk.text


# ---- rating ----------------------------------------------------------------------------------------------

_START = {"name": "王阿姨", "day": "11月23日", "what": "repairs"}


def key(value: str) -> Input:
    return Digits(value)


RATED = [
    RecordFact(1, "1"),
    RecordMark("speed", 1, "1"),
    RecordMark("effect", 2, "2"),
    RecordMark("attitude", 3, "3"),
]
CLOSED = [ApplyRating(), FinishAttempt("answered")]
RATING_TALKS: list[tuple[str, list[Input], list[Effect], str]] = [
    ("all by key", [YES, key("1"), key("1"), key("2"), key("3"), SILENCE], [*RATED, *CLOSED], "谢谢您"),
    (
        "a remark",
        [YES, key("1"), key("1"), key("2"), key("3"), Heard("remark", {"words": ["多谢"]})],
        [*RATED, RecordRemark("多谢"), *CLOSED],
        "谢谢您",
    ),
    (
        "a remark nobody understands",
        [YES, key("1"), key("1"), key("2"), key("3"), NOISE],
        [*RATED, RecordRemark(""), *CLOSED],
        "谢谢您",
    ),
    (
        "by voice",
        [YES, Heard("1", {"raw": "好了"}), *[NOISE] * 6, SILENCE],
        [RecordFact(1, "好了"), *CLOSED],
        "谢谢您",
    ),
    ("not done", [YES, key("3"), *[SILENCE] * 7], [RecordFact(3, "3"), *CLOSED], "对不起，我们马上重新去办"),
    (
        "partly done",
        [YES, key("2"), *[SILENCE] * 7],
        [RecordFact(2, "2"), *CLOSED],
        "对不起，我们马上重新去办",
    ),
    ("wrong person", [NO], [FinishAttempt("wrong_number")], "对不起，打扰您了"),
    ("silence twice", [SILENCE, SILENCE], [FinishAttempt("no_answer")], "对不起，打扰您了"),
    ("babble twice", [NOISE, NOISE], [FinishAttempt("machine")], "对不起，打扰您了"),
    ("nine", [YES, key("9")], [Decline(), FinishAttempt("refused")], "好的，这件事不再给您打电话"),
    ("nine after the fact", [YES, key("1"), key("9")], [RecordFact(1, "1"), *CLOSED], "谢谢您"),
    ("fact not understood", [YES, NOISE, NOISE], [HandToPerson()], "今天下午三点前请工作人员"),
    ("fact met by silence", [YES, SILENCE, SILENCE], [HandToPerson()], "今天下午三点前请工作人员"),
    (
        "zero, nobody there",
        [YES, ZERO],
        [FindPerson(), HandToPerson()],
        "今天下午三点前请工作人员",
    ),
    (
        "zero after the fact",
        [YES, key("3"), ZERO],
        [RecordFact(3, "3"), FindPerson(), *CLOSED, RequestReturnCall("asked_person")],
        "今天下午三点前请工作人员",
    ),
    ("hang-up before who", [HungUp()], [FinishAttempt("no_answer")], ""),
    ("hang-up before the fact", [YES, HungUp()], [FinishAttempt("no_answer")], ""),
    ("hang-up after the fact", [YES, key("1"), HungUp()], [RecordFact(1, "1"), *CLOSED], ""),
]


@pytest.mark.parametrize(
    ("inputs", "effects", "last"), [t[1:] for t in RATING_TALKS], ids=[t[0] for t in RATING_TALKS]
)
def test_rating_conversation(inputs: list[Input], effects: list[Effect], last: str) -> None:
    talk = Talk(RATING_CALL, _START).run(inputs)
    assert talk.done == effects
    assert talk.state.ended
    if last:
        assert talk.said[-1].startswith(last) and "再见" in talk.said[-1]


def test_nothing_of_the_matter_is_said_before_she_is_known() -> None:
    talk = Talk(RATING_CALL, _START).run([SILENCE])
    assert "维修" not in talk.text and "11月23日" not in talk.text
    talk._turn(YES)
    assert "您11月23日说的维修的事，我们这边说办好了。" in talk.said
    assert talk.text.count("按9") == 1


def test_the_fact_is_asked_before_the_marks() -> None:
    talk = Talk(RATING_CALL, _START).run([YES])
    assert isinstance(talk.verbs[-1], Listen) and talk.verbs[-1].hearing.expect == "fact"


def test_a_machine_hears_goodbye_and_a_nameless_one_is_asked_about_the_day() -> None:
    machine = Talk(RATING_CALL, {**_START, "machine": True}).run([])
    assert machine.done == [FinishAttempt("machine")] and machine.said == ["再见。"]
    nameless = Talk(RATING_CALL, {**_START, "name": ""}).run([])
    assert "请问您在11月23日打过我们的电话吗？" in nameless.text


def test_danger_in_a_remark_opens_a_matter_of_its_own() -> None:
    talk = Talk(RATING_CALL, _START).run(
        [YES, key("1"), key("1"), key("1"), key("1"), heard("家里煤气漏了", "remark")]
    )
    assert talk.names[-3:] == [OPEN, "ApplyRating", "FinishAttempt"]
    assert talk.ticket.urgent and talk.said[-2].startswith("有危险请马上打")


# ---- the checks made at start ----------------------------------------------------------------------------


@pytest.mark.parametrize("flow", [HOTLINE, RATING_CALL, NOTICE_CALL], ids=lambda flow: flow.name)
def test_the_dialogues_have_no_dead_ends(flow: Flow) -> None:
    assert list(problems(flow)) == []


def _broken(**changes: Any) -> Flow:
    """The hotline with some nodes changed: name → new fields."""
    nodes = dict(HOTLINE.nodes)
    for name, fields in changes.items():
        nodes[name] = type(nodes[name])(**{**vars(nodes[name]), **fields})
    return make_flow("broken", *nodes.values(), start="open", hung_up="hung_up")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"confirm": {"choices": HOTLINE.nodes["confirm"].choices[:2]}}, "0 must lead to a person"),
        ({"confirm": {"prompt": (Text("是吗？"),)}}, "the prompt must say 人工按0"),
        ({"confirm": {"silent": "nowhere"}}, "does not exist"),
        ({"confirm": {"silent": "confirm"}}, "goes in a circle in silence"),
        (
            {"forget": {"then": "not_home"}, "not_home": {"then": "forget"}},
            "goes in a circle within one turn",
        ),
        ({"promised": {"lines": (Text("好。"),)}}, "must end with 再见"),
        ({"open": {"free": {"matter": "heard"}}}, "no way for danger"),
        (
            {"open": {"choices": (*HOTLINE.nodes["open"].choices, HOTLINE.nodes["open"].choices[0])}},
            "one key",
        ),
        ({"menu": {"silent": "over", "unclear": "over"}}, "must end with 再见"),
        ({"tell_mismatch": {"then": "promised"}, "find_mine": {"then": "promised"}}, "can't be reached"),
        ({"ask_number": {"entry": None}}, "belong together"),
        ({"ask_number": {"tries": 0}}, "above zero"),
    ],
)
def test_the_check_finds(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(FlowError, match=complaint):
        check(_broken(**changes))


def test_two_nodes_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two nodes"):
        make_flow("twins", End(name="a"), End(name="a"), start="a", hung_up="a")


def test_a_flow_that_never_waits_is_stopped() -> None:
    flow = _broken(forget={"then": "not_home"}, not_home={"then": "forget"})
    state = State(node="confirm", facts={})
    with pytest.raises(ValueError, match="never comes to an end"):
        advance(flow, state, NO)


def test_every_sentence_speaks_politely_and_blames_nobody() -> None:
    for flow in (HOTLINE, RATING_CALL, NOTICE_CALL):
        for text in sentences(flow):
            assert not any(
                word in text.msgid for word in ("提交", "确认", "工单", "诉求", "你", "错误", "无效")
            )
