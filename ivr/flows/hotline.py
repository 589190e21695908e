"""The hotline: she says it in her own words; a ticket with a number, a person, or a promised call comes out.

Rules: docs of the lifecycle ("what happens on a call") and of what residents hear. Confirmed words make a ticket
that is dispatched; whatever was said without being confirmed makes one that a person listens to first, and a
return call.
"""

from functools import partial

from ivr.deeds import FindProgress, OpenTicket, RequestReturnCall, TellPlace
from ivr.flow import Ask, Branch, Choice, Do, End, Facts, Heading, Note, Tell, make_flow
from ivr.flows.common import (
    CATEGORY,
    DANGER,
    DETAILS,
    LAST_FOUR,
    MENU,
    NUMBER,
    OF_KIND,
    OPENING,
    PERSON,
    PLACE,
    has_callback_time,
    person_nodes,
    yes_or_no,
)
from ivr.verbs import Text

NEEDS_PLACE = frozenset({"repairs", "environment", "mediation"})
"""Categories in which nobody can start without knowing where; a question about a pension needs no building."""
CODES = ("repairs", "livelihood", "environment", "mediation", "care", "culture")
STATES = {
    "new": Text("已经记下，正在安排"),
    "needs_listening": Text("工作人员正在听您的录音"),
    "dispatched": Text("已经安排人去办"),
    "in_progress": Text("正在办理"),
    "returned": Text("正在重新安排"),
    "on_hold": Text("暂时等一等，还会接着办"),
    "planned": Text("已经列入计划"),
    "referred": Text("已经转给有关部门"),
    "resolved": Text("已经办好，等您评价"),
    "closed": Text("已经办好"),
    "reopened": Text("正在重新办理"),
    "duplicate": Text("和别的邻居说的同一件事一起办"),
    "cancelled": Text("已经撤销"),
}

_FORGET: Facts = {
    "denied": True,
    "category": None,
    "matter": None,
    "outage": None,
    "what": None,
    "kind": None,
    "place": None,
    "place_spoken": None,
}
_ON: dict[str, str] = {"matter": "heard", "danger": "danger", "progress": "find_mine"}


# ---- tests -----------------------------------------------------------------------------------------------


def said_something(facts: Facts) -> bool:
    return bool(facts.get("said"))


def has_ticket(facts: Facts) -> bool:
    return bool(facts.get("number"))


def has_place(facts: Facts) -> bool:
    return bool(facts.get("place"))


def has_home(facts: Facts) -> bool:
    """Her number is known with an address. It is never read out: caller id is only a claim."""
    return bool(facts.get("home")) and not facts.get("not_home")


def place_needed(facts: Facts) -> bool:
    category = facts.get("chosen") or facts.get("category")
    return bool(category in NEEDS_PLACE or facts.get("urgent")) and not has_place(facts)


def place_lacking(facts: Facts) -> bool:
    return place_needed(facts) and not has_home(facts)


def near_home_perhaps(facts: Facts) -> bool:
    return place_needed(facts) and has_home(facts)


def denied_before(facts: Facts) -> bool:
    return bool(facts.get("denied"))


def is_urgent(facts: Facts) -> bool:
    return bool(facts.get("urgent"))


def is_uncertain(facts: Facts) -> bool:
    return bool(facts.get("uncertain"))


def in_danger_somewhere(facts: Facts) -> bool:
    return bool(facts.get("danger")) and has_ticket(facts) and place_lacking(facts)


def found_matters(facts: Facts) -> bool:
    return bool(facts.get("pending") or facts.get("finished"))


def is_locked(facts: Facts) -> bool:
    return bool(facts.get("locked"))


def mismatched_before(facts: Facts) -> bool:
    return bool(facts.get("mismatched"))


def only_asked(facts: Facts) -> bool:
    return bool(facts.get("told")) and not said_something(facts)


def said_without_ticket(facts: Facts) -> bool:
    return said_something(facts) and not has_ticket(facts)


# ---- effects ---------------------------------------------------------------------------------------------


def ticket(facts: Facts) -> OpenTicket:
    return OpenTicket(
        text="；".join(facts.get("words", ())),
        category=facts.get("chosen") or facts.get("category"),
        tier=facts.get("tier") or "simple",
        urgent=is_urgent(facts),
        danger=facts.get("danger"),
        matter=facts.get("matter"),
        outage=facts.get("outage"),
        place=dict(facts.get("place") or {}),
        # danger goes out at once, heard well or badly
        needs_listening=not facts.get("danger") and (is_uncertain(facts) or place_lacking(facts)),
    )


def place_told(facts: Facts) -> TellPlace:
    words = facts.get("words", ())
    return TellPlace(place=dict(facts.get("place") or {}), text=words[-1] if words else "")


def return_call(facts: Facts, *, reason: str) -> RequestReturnCall:
    return RequestReturnCall(reason)  # type: ignore[arg-type]


def my_matters(facts: Facts) -> FindProgress:
    return FindProgress()


def proven_matters(facts: Facts) -> FindProgress:
    return FindProgress(facts.get("asked_number"), facts.get("last_four"))


# ---- the dialogue ----------------------------------------------------------------------------------------

_CATEGORIES = tuple(
    Choice(key=str(position), means=str(position), to="details", facts={"chosen": code})
    for position, code in enumerate(CODES, start=1)
)

HOTLINE = make_flow(
    "hotline",
    Heading("She says what it is about"),
    Ask(
        name="open",
        prompt=(Text("您好，家常热线，有录音。请直接说您的事，人工按0。"),),
        hearing=OPENING,
        choices=(*_CATEGORIES, PERSON),
        free=_ON,
        tries=1,
        silent="menu",
        unclear="menu",
        by_keys="menu_first",
    ),
    Ask(
        name="menu",
        prompt=(
            Text("对不起，我没听清。请再说一次，或者按键。"),
            Text("维修按1，民生按2，环境按3，调解按4，关怀按5，活动按6，找人工按0。"),
        ),
        hearing=MENU,
        choices=(*_CATEGORIES, PERSON),
        free=_ON,
        tries=1,
        silent="was_anything_said",
        unclear="was_anything_said",
    ),
    Ask(
        name="menu_first",
        prompt=(
            Text("家常热线，通话会录音。请按键。"),
            Text("维修按1，民生按2，环境按3，调解按4，关怀按5，活动按6，找人工按0。"),
        ),
        hearing=MENU,
        choices=(*_CATEGORIES, PERSON),
        free=_ON,
        tries=2,
        silent="was_anything_said",
        unclear="was_anything_said",
    ),
    Ask(
        name="details",
        prompt=(Text("请说是什么事，在哪里，说完等一等。找人工按0。"),),
        hearing=DETAILS,
        choices=(PERSON,),
        free={"matter": "open_ticket", "place": "open_ticket", "danger": "danger"},
        tries=1,
        silent="was_anything_said",
        unclear="was_anything_said",
    ),
    Heading("What and where, read back in one short sentence"),
    Branch(
        name="heard",
        tests=((near_home_perhaps, "confirm_home"), (place_lacking, "ask_place")),
        otherwise="confirm",
    ),
    Ask(
        name="ask_place",
        prompt=(Text("请问在哪栋楼、几单元？找人工按0。"),),
        hearing=PLACE,
        choices=(PERSON,),
        free={"place": "confirm", "matter": "confirm", "danger": "danger"},
        tries=1,
        silent="confirm",
        unclear="confirm",
    ),
    yes_or_no(
        "confirm",
        Text("{place_spoken}{what}{kind}，是吗？对按1，不对按2，人工按0。"),
        yes="open_ticket",
        no="was_denied_before",
        silent="unconfirmed",
        unclear="unconfirmed",
        free={"danger": "danger"},
    ),
    yes_or_no(
        "confirm_home",
        Text("{what}{kind}，是您家附近吗？是按1，不是按2，人工按0。"),
        yes="open_ticket",
        no="not_home",
        silent="unconfirmed",
        unclear="unconfirmed",
        free={"danger": "danger"},
    ),
    Note(name="not_home", facts={"not_home": True}, then="ask_place"),
    Branch(name="was_denied_before", tests=((denied_before, "unconfirmed"),), otherwise="forget"),
    Note(name="forget", facts=_FORGET, then="retell"),
    Ask(
        name="retell",
        prompt=(Text("对不起，是我没听对。请再说一次是什么事，在哪里。找人工按0。"),),
        hearing=OPENING,
        choices=(*_CATEGORIES, PERSON),
        free=_ON,
        tries=1,
        silent="unconfirmed",
        unclear="unconfirmed",
    ),
    Heading("The ticket and its number"),
    Branch(name="was_anything_said", tests=((said_something, "unconfirmed"),), otherwise="nothing_said"),
    Note(name="unconfirmed", facts={"uncertain": True}, then="open_ticket"),
    Do(name="open_ticket", effect=ticket, then="is_it_certain"),
    Branch(
        name="is_it_certain",
        tests=((is_uncertain, "promise_call"), (place_lacking, "promise_call")),
        otherwise="tell_number",
    ),
    Tell(
        name="tell_number",
        lines=(Text("记下了，您的编号是{spoken_number}。"), Text("再说一遍，{spoken_number}。")),
        then="promised",
    ),
    End(name="promised", lines=(Text("{promised}前给您办好或者答复您。谢谢您，再见。"),)),
    Do(
        name="promise_call",
        effect=partial(return_call, reason="not_understood"),
        then="tell_number_uncertain",
    ),
    Tell(
        name="tell_number_uncertain",
        lines=(
            Text("已经录音，请工作人员来听。您的编号是{spoken_number}。"),
            Text("再说一遍，{spoken_number}。"),
        ),
        then="can_we_call",
    ),
    Branch(name="can_we_call", tests=((has_callback_time, "will_call"),), otherwise="cannot_call"),
    End(name="will_call", lines=(Text("{callback_time}给您回电话。谢谢您，再见。"),)),
    End(name="cannot_call", lines=(Text("我们看不到您的号码，不能给您回电话，请您有空再打来。再见。"),)),
    Do(name="nothing_said", effect=partial(return_call, reason="silence"), then="sorry_silence"),
    Tell(name="sorry_silence", lines=(Text("对不起，没有听到您的声音。"),), then="can_we_call"),
    Heading("Danger: the emergency number first, then everything else"),
    Tell(name="danger", lines=(Text("有危险请马上打{danger}！"),), then="open_danger"),
    Do(name="open_danger", effect=ticket, then="where_is_danger"),
    Branch(
        name="where_is_danger",
        tests=((has_place, "tell_number_danger"), (has_home, "danger_home")),
        otherwise="danger_place",
    ),
    yes_or_no(
        "danger_home",
        Text("已经通知值班人员。是在您家附近吗？是按1，不是按2，人工按0。"),
        yes="tell_number_danger",
        no="danger_not_home",
        silent="tell_number_danger",
        unclear="tell_number_danger",
    ),
    Note(name="danger_not_home", facts={"not_home": True}, then="danger_place"),
    Ask(
        name="danger_place",
        prompt=(Text("已经通知值班人员。请问在哪栋楼、几单元？人工按0。"),),
        again=(Text("请再说一次在哪栋楼。人工按0。"),),
        hearing=PLACE,
        choices=(PERSON,),
        free={"place": "tell_place", "matter": "danger_somewhere", "danger": "danger_somewhere"},
        silent="promise_call_danger",
        unclear="promise_call_danger",
    ),
    Branch(name="danger_somewhere", tests=((has_place, "tell_place"),), otherwise="promise_call_danger"),
    Do(name="tell_place", effect=place_told, then="tell_number_danger"),
    Do(
        name="promise_call_danger",
        effect=partial(return_call, reason="not_understood"),
        then="tell_number_danger",
    ),
    Tell(
        name="tell_number_danger",
        lines=(Text("您的编号是{spoken_number}。"), Text("再说一遍，{spoken_number}。")),
        then="duty_comes",
    ),
    End(name="duty_comes", lines=(Text("值班人员马上处理。请您注意安全，再见。"),)),
    Heading("How is my earlier matter?"),
    Do(name="find_mine", effect=my_matters, then="have_i_any"),
    Branch(name="have_i_any", tests=((found_matters, "note_told"),), otherwise="ask_number"),
    Note(name="note_told", facts={"told": True}, then="tell_pending"),
    Tell(
        name="tell_pending",
        each="pending",
        lines=(Text("您{day}说的{category}，{state}，{promised}前答复您。"),),
        then="tell_finished",
    ),
    Tell(
        name="tell_finished",
        each="finished",
        lines=(Text("您{day}说的{category}，{state}。"),),
        then="asked_and_told",
    ),
    End(name="asked_and_told", lines=(Text("谢谢您，再见。"),)),
    Ask(
        name="ask_number",
        prompt=(Text("请按您的编号，再按井号，也可以直接说。找人工按0。"),),
        hearing=NUMBER,
        choices=(PERSON,),
        free={"number": "ask_last_four"},
        entry="asked_number",
        silent="call_about_it",
        unclear="call_about_it",
    ),
    Ask(
        name="ask_last_four",
        prompt=(Text("请按您留的电话的最后四位，也可以直接说。找人工按0。"),),
        hearing=LAST_FOUR,
        choices=(PERSON,),
        free={"number": "find_proven"},
        entry="last_four",
        silent="call_about_it",
        unclear="call_about_it",
    ),
    Do(name="find_proven", effect=proven_matters, then="is_it_proven"),
    Branch(
        name="is_it_proven",
        tests=((is_locked, "call_about_it"), (found_matters, "note_told")),
        otherwise="did_it_mismatch_before",
    ),
    Branch(
        name="did_it_mismatch_before",
        tests=((mismatched_before, "call_about_it"),),
        otherwise="note_mismatch",
    ),
    Note(name="note_mismatch", facts={"mismatched": True}, then="tell_mismatch"),
    Tell(name="tell_mismatch", lines=(Text("对不起，编号和电话没有对上。"),), then="ask_number"),
    Do(
        name="call_about_it",
        effect=partial(return_call, reason="not_understood"),
        then="sorry_not_found",
    ),
    Tell(name="sorry_not_found", lines=(Text("对不起，暂时没有查到。"),), then="can_we_call"),
    Heading("0: a person"),
    *person_nodes(accepted="person_talked", missed="person_missed"),
    Branch(name="person_talked", tests=((said_without_ticket, "keep_words"),), otherwise="after_person"),
    Note(name="keep_words", facts={"uncertain": True}, then="open_for_person"),
    Do(name="open_for_person", effect=ticket, then="after_person"),
    End(name="after_person", lines=(Text("谢谢您，再见。"),)),
    Branch(
        name="person_missed",
        tests=((has_ticket, "tell_number_person"), (said_something, "keep_for_call")),
        otherwise="call_by_person",
    ),
    Note(name="keep_for_call", facts={"uncertain": True}, then="open_for_call"),
    Do(name="open_for_call", effect=ticket, then="tell_number_person"),
    Tell(
        name="tell_number_person",
        lines=(Text("您说的已经记下，编号是{spoken_number}。"), Text("再说一遍，{spoken_number}。")),
        then="call_by_person",
    ),
    Do(name="call_by_person", effect=partial(return_call, reason="asked_person"), then="sorry_person"),
    Tell(name="sorry_person", lines=(Text("对不起，人工现在没有接上。"),), then="can_we_call"),
    Heading("She hangs up: what was said is kept (nobody hears this part)"),
    Branch(
        name="hung_up",
        tests=(
            (in_danger_somewhere, "call_after_hangup"),
            (has_ticket, "over"),
            (said_something, "keep_after_hangup"),
            (only_asked, "over"),
        ),
        otherwise="call_after_hangup",
    ),
    Note(name="keep_after_hangup", facts={"uncertain": True}, then="open_after_hangup"),
    Do(name="open_after_hangup", effect=ticket, then="call_after_hangup"),
    Do(name="call_after_hangup", effect=partial(return_call, reason="hung_up"), then="over"),
    End(name="over"),
    start="open",
    hung_up="hung_up",
    words={"danger": DANGER, "what": CATEGORY, "kind": OF_KIND, "category": CATEGORY, "state": STATES},
    about="Somebody rings the hotline and says in her own words what is wrong.",
)
