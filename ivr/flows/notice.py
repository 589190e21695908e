"""A call that only tells something: a notice to a unit, or news of a matter where no text arrives.

Nothing has to be pressed: who listens to the end and hangs up has been told. Whatever else is said ("什么？") or not
said gets it read out once more.
"""

from functools import partial

from ivr.deeds import Decline, FinishAttempt, FinishTold, HandToPerson
from ivr.flow import Ask, Branch, Choice, Do, End, Facts, Heading, Tell, make_flow
from ivr.flows.common import (
    DANGER,
    IDENTITY,
    PERSON,
    danger_ticket,
    has_callback_time,
    is_machine,
    person_nodes,
)
from ivr.verbs import Text


def finish(facts: Facts, *, outcome: str) -> FinishAttempt:
    return FinishAttempt(outcome)  # type: ignore[arg-type]


def finish_told(facts: Facts) -> FinishTold:
    return FinishTold()


def decline(facts: Facts) -> Decline:
    return Decline()


def hand_to_person(facts: Facts) -> HandToPerson:
    return HandToPerson()


NOTICE_CALL = make_flow(
    "notice",
    Heading("The news, once more if she likes"),
    Branch(name="start", tests=((is_machine, "finish_machine"),), otherwise="tell"),
    Do(name="finish_machine", effect=partial(finish, outcome="machine"), then="bye"),
    Ask(
        name="tell",
        prompt=(
            Text("您好，这里是家常热线，通话会录音。有件事告诉您：{news}"),
            Text("听清楚了请按1，再听一遍按2，找人工按0，这件事不想再接电话按9。"),
        ),
        hearing=IDENTITY,
        choices=(
            Choice(key="1", means="yes", to="finish_answered"),
            Choice(key="2", means="no", to="tell"),
            Choice(key="9", means="decline", to="decline"),
            PERSON,
        ),
        free={"danger": "danger"},
        silent="finish_answered",
        unclear="hand_over",
    ),
    Do(name="finish_answered", effect=partial(finish, outcome="answered"), then="thanks"),
    End(name="thanks", lines=(Text("好的，打扰您了，再见。"),)),
    Do(name="decline", effect=decline, then="finish_declined"),
    Do(name="finish_declined", effect=partial(finish, outcome="refused"), then="bye_declined"),
    End(name="bye_declined", lines=(Text("好的，这件事不再给您打电话。再见。"),)),
    End(name="bye", lines=(Text("再见。"),)),
    Heading("Danger is heard here, too"),
    Tell(name="danger", lines=(Text("有危险请马上打{danger}！"),), then="open_danger"),
    Do(name="open_danger", effect=danger_ticket, then="finish_in_danger"),
    Do(name="finish_in_danger", effect=partial(finish, outcome="answered"), then="bye_danger"),
    End(name="bye_danger", lines=(Text("值班人员马上处理。请您注意安全，再见。"),)),
    Heading("0: a person; also where nothing was understood"),
    *person_nodes(accepted="finish_person", missed="hand_over_missed"),
    Do(name="finish_person", effect=partial(finish, outcome="answered"), then="thanks"),
    Do(name="hand_over_missed", effect=hand_to_person, then="sorry_person"),
    Tell(name="sorry_person", lines=(Text("对不起，人工现在没有接上。"),), then="will_we_call"),
    Do(name="hand_over", effect=hand_to_person, then="will_we_call"),
    Branch(name="will_we_call", tests=((has_callback_time, "person_will_call"),), otherwise="bye"),
    End(name="person_will_call", lines=(Text("{callback_time}请工作人员给您打电话。谢谢您，再见。"),)),
    Heading("She hangs up: told, if she stayed long enough to hear it (nobody hears this part)"),
    Do(name="hung_up", effect=finish_told, then="over"),
    End(name="over"),
    start="start",
    hung_up="hung_up",
    words={"danger": DANGER},
    about="Something is to be told to somebody who gets no texts: the service rings and reads it out.",
)
