"""The rating call: who is it, is it really done, three marks, anything else.

The fact comes first: older people give good marks to things that failed. Whatever was answered before a hang-up
counts; marks that are missing stay missing.
"""

from functools import partial

from ivr.deeds import (
    ApplyRating,
    Decline,
    FinishAttempt,
    HandToPerson,
    RecordFact,
    RecordMark,
    RecordRemark,
    RequestReturnCall,
)
from ivr.flow import Ask, Branch, Choice, Do, End, Facts, Heading, Tell, make_flow
from ivr.flows.common import (
    CATEGORY,
    DANGER,
    FACT,
    IDENTITY,
    PERSON,
    RATING,
    REMARK,
    danger_ticket,
    has_callback_time,
    is_machine,
    person_nodes,
    yes_or_no,
)
from ivr.verbs import Text

# ---- tests -----------------------------------------------------------------------------------------------


def has_name(facts: Facts) -> bool:
    return bool(facts.get("name"))


def fact_given(facts: Facts) -> bool:
    return facts.get("fact") is not None


def is_done(facts: Facts) -> bool:
    return facts.get("fact") == 1


def danger_opened(facts: Facts) -> bool:
    return bool(facts.get("number"))


# ---- effects ---------------------------------------------------------------------------------------------


def record_fact(facts: Facts) -> RecordFact:
    return RecordFact(int(facts["fact"]), str(facts.get("raw", "")))


def record_mark(facts: Facts, *, which: str) -> RecordMark:
    return RecordMark(which, int(facts[which]), str(facts.get("raw", "")))  # type: ignore[arg-type]


def record_remark(facts: Facts) -> RecordRemark:
    return RecordRemark("；".join(facts.get("words", ())))


def apply_rating(facts: Facts) -> ApplyRating:
    return ApplyRating()


def decline(facts: Facts) -> Decline:
    return Decline()


def finish(facts: Facts, *, outcome: str) -> FinishAttempt:
    return FinishAttempt(outcome)  # type: ignore[arg-type]


def hand_to_person(facts: Facts) -> HandToPerson:
    return HandToPerson()


def asked_person(facts: Facts) -> RequestReturnCall:
    return RequestReturnCall("asked_person")


# ---- the dialogue ----------------------------------------------------------------------------------------

_IN_DANGER = {"danger": "danger"}
"""Whatever is asked: who cries fire is told the number."""
_FACTS = tuple(
    Choice(key=key, means=key, to="record_fact", facts={"fact": int(key)}) for key in ("1", "2", "3")
)


def _mark(which: str, question: Text, then: str) -> tuple[Ask | Do, ...]:
    choices = tuple(
        Choice(key=key, means=key, to=f"record_{which}", facts={which: int(key)}) for key in ("1", "2", "3")
    )
    return (
        Ask(
            name=f"ask_{which}",
            prompt=(question,),
            hearing=RATING,
            choices=(*choices, Choice(key="9", means="decline", to="apply"), PERSON),
            free=_IN_DANGER,
            silent=then,
            unclear=then,
        ),
        Do(name=f"record_{which}", effect=partial(record_mark, which=which), then=then),
    )


RATING_CALL = make_flow(
    "rating",
    Heading("Who is it? Nothing about the matter is said before that"),
    Branch(
        name="start",
        tests=((is_machine, "finish_machine"), (has_name, "ask_name")),
        otherwise="ask_day",
    ),
    Do(name="finish_machine", effect=partial(finish, outcome="machine"), then="bye"),
    yes_or_no(
        "ask_name",
        Text("您好，这里是家常热线，通话会录音。请问是{name}吗？是请按1，不是请按2，找人工按0。"),
        yes="recap",
        no="wrong_number",
        silent="finish_silence",
        unclear="finish_unclear",
        hearing=IDENTITY,
        free=_IN_DANGER,
    ),
    yes_or_no(
        "ask_day",
        Text(
            "您好，这里是家常热线，通话会录音。请问您在{day}打过我们的电话吗？是请按1，不是请按2，找人工按0。"
        ),
        yes="recap",
        no="wrong_number",
        silent="finish_silence",
        unclear="finish_unclear",
        hearing=IDENTITY,
        free=_IN_DANGER,
    ),
    Do(name="wrong_number", effect=partial(finish, outcome="wrong_number"), then="sorry_wrong_number"),
    End(name="sorry_wrong_number", lines=(Text("对不起，打扰您了，再见。"),)),
    Do(name="finish_silence", effect=partial(finish, outcome="no_answer"), then="call_again"),
    Do(name="finish_unclear", effect=partial(finish, outcome="machine"), then="call_again"),
    End(name="call_again", lines=(Text("对不起，打扰您了，我们以后再打。再见。"),)),
    Heading("The matter read back, then the fact: is it really done?"),
    Tell(
        name="recap",
        lines=(Text("您{day}说的{what}，我们这边说办好了。"), Text("以后不想接这件事的电话，按9。")),
        then="ask_fact",
    ),
    Ask(
        name="ask_fact",
        prompt=(Text("现在真的好了吗？好了按1，好了一部分按2，没好按3，找人工按0。"),),
        hearing=FACT,
        choices=(*_FACTS, Choice(key="9", means="decline", to="decline"), PERSON),
        free=_IN_DANGER,
        silent="hand_over",
        unclear="hand_over",
    ),
    Do(name="record_fact", effect=record_fact, then="ask_speed"),
    Do(name="hand_over", effect=hand_to_person, then="will_we_call"),
    Branch(name="will_we_call", tests=((has_callback_time, "person_will_call"),), otherwise="bye"),
    End(name="person_will_call", lines=(Text("{callback_time}请工作人员给您打电话。谢谢您，再见。"),)),
    Do(name="decline", effect=decline, then="finish_declined"),
    Do(name="finish_declined", effect=partial(finish, outcome="refused"), then="bye_declined"),
    End(name="bye_declined", lines=(Text("好的，这件事不再给您打电话。再见。"),)),
    Heading("Three marks"),
    *_mark("speed", Text("办得快不快？满意按1，一般按2，不满意按3，人工按0。"), "ask_effect"),
    *_mark("effect", Text("办得好不好？满意按1，一般按2，不满意按3，人工按0。"), "ask_attitude"),
    *_mark("attitude", Text("态度好不好？满意按1，一般按2，不满意按3，人工按0。"), "ask_remark"),
    Heading("Anything else?"),
    Ask(
        name="ask_remark",
        prompt=(Text("您还有什么想说的？请直接说，没有就挂机，找人工按0。"),),
        hearing=REMARK,
        choices=(Choice(key="9", means="decline", to="apply"), PERSON),
        free={"remark": "record_remark", "danger": "danger"},
        tries=1,
        silent="apply",
        unclear="record_remark",
    ),
    Do(name="record_remark", effect=record_remark, then="apply"),
    Tell(name="danger", lines=(Text("有危险请马上打{danger}！"),), then="open_danger"),
    Do(name="open_danger", effect=danger_ticket, then="rated_before_danger"),
    Branch(name="rated_before_danger", tests=((fact_given, "apply"),), otherwise="hand_over_danger"),
    Do(name="hand_over_danger", effect=hand_to_person, then="bye_danger"),
    Heading("What follows from the answers"),
    Do(name="apply", effect=apply_rating, then="finish_answered"),
    Do(name="finish_answered", effect=partial(finish, outcome="answered"), then="how_was_it"),
    Branch(
        name="how_was_it",
        tests=((danger_opened, "bye_danger"), (is_done, "bye_done")),
        otherwise="bye_reopened",
    ),
    End(name="bye_danger", lines=(Text("值班人员马上处理。请您注意安全，再见。"),)),
    End(name="bye_done", lines=(Text("谢谢您，再见。"),)),
    End(name="bye_reopened", lines=(Text("对不起，我们马上重新去办，办好了再给您打电话。再见。"),)),
    End(name="bye", lines=(Text("再见。"),)),
    Heading("0: a person"),
    *person_nodes(accepted="person_talked", missed="person_missed"),
    Branch(
        name="person_talked",
        tests=((fact_given, "apply_after_person"),),
        otherwise="finish_person",
    ),
    Do(name="apply_after_person", effect=apply_rating, then="finish_after_person"),
    Do(name="finish_after_person", effect=partial(finish, outcome="answered"), then="bye_done"),
    Do(name="finish_person", effect=hand_to_person, then="bye_done"),
    Branch(name="person_missed", tests=((fact_given, "apply_missed"),), otherwise="hand_over_missed"),
    Do(name="apply_missed", effect=apply_rating, then="finish_missed"),
    Do(name="finish_missed", effect=partial(finish, outcome="answered"), then="call_by_person"),
    Do(name="hand_over_missed", effect=hand_to_person, then="sorry_person"),
    Do(name="call_by_person", effect=asked_person, then="sorry_person"),
    Tell(name="sorry_person", lines=(Text("对不起，人工现在没有接上。"),), then="will_we_call"),
    Heading("She hangs up: what was answered counts (nobody hears this part)"),
    Branch(name="hung_up", tests=((fact_given, "apply_after_hangup"),), otherwise="finish_unanswered"),
    Do(name="apply_after_hangup", effect=apply_rating, then="finish_after_hangup"),
    Do(name="finish_after_hangup", effect=partial(finish, outcome="answered"), then="over"),
    Do(name="finish_unanswered", effect=partial(finish, outcome="no_answer"), then="over"),
    End(name="over"),
    start="start",
    hung_up="hung_up",
    words={"danger": DANGER, "what": CATEGORY},
    about="A matter is reported as done: the service rings the resident and asks her.",
)
