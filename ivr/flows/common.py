"""What the dialogues share: how answers are taken, spoken names, and the way to a person."""

from collections.abc import Mapping

from ivr.deeds import FindPerson, OpenTicket
from ivr.flow import PERSON_KEY, Ask, Branch, Choice, Do, Facts, Node, Person
from ivr.verbs import Hearing, Text

PERSON = Choice(key=PERSON_KEY, means="person", to="find_person")

OPENING = Hearing("open", closing_silence=2.0, no_input=9.0, max_length=60.0)
"""Her own words. Listening goes on through a pause to think: 2 s."""
MENU = Hearing("category", closing_silence=2.0, no_input=9.0, max_length=60.0)
"""Words again or a key; open recognition, because she may simply say it once more."""
DETAILS = Hearing("details", closing_silence=4.0, no_input=9.0, max_length=120.0)
PLACE = Hearing("place", closing_silence=2.0, no_input=9.0, max_length=30.0)
YES_NO = Hearing("yes_no", "yes_no", closing_silence=1.0, no_input=8.0, max_length=10.0)
IDENTITY = Hearing("identity", "yes_no", closing_silence=1.0, no_input=8.0, max_length=10.0)
FACT = Hearing("fact", "fact", closing_silence=1.0, no_input=8.0, max_length=10.0)
RATING = Hearing("rating", "rating", closing_silence=1.0, no_input=8.0, max_length=10.0)
REMARK = Hearing("remark", closing_silence=4.0, no_input=8.0, max_length=120.0)
NUMBER = Hearing("number", "digits", closing_silence=1.0, no_input=9.0, max_length=15.0, num_digits=6)
LAST_FOUR = Hearing("number", "digits", closing_silence=1.0, no_input=9.0, max_length=15.0, num_digits=4)

DANGER = {"119": Text("幺幺九"), "120": Text("幺二零"), "110": Text("幺幺零")}
CATEGORY = {
    "repairs": Text("维修的事"),
    "livelihood": Text("民生的事"),
    "environment": Text("环境的事"),
    "mediation": Text("邻里的事"),
    "care": Text("照顾的事"),
    "culture": Text("活动的事"),
    "unsorted": Text("那件事"),
}
"""How a category is read back where there is no short phrase for the matter."""
OF_KIND = {
    "repairs": Text("，算维修的事"),
    "livelihood": Text("，算民生的事"),
    "environment": Text("，算环境的事"),
    "mediation": Text("，算邻里的事"),
    "care": Text("，算照顾的事"),
    "culture": Text("，算活动的事"),
}
"""Behind the matter, where we aren't certain of its category."""


def person_nodes(*, accepted: str, missed: str) -> tuple[Node, ...]:
    """0: ring a person where there is one; `missed` also where there is none."""
    return (
        Do(name="find_person", effect=find_person, then="is_there_a_person"),
        Branch(name="is_there_a_person", tests=((has_person, "person"),), otherwise=missed),
        Person(
            name="person",
            lines=(Text("正在给您接人工，请稍等。"),),
            accepted=accepted,
            missed=missed,
        ),
    )


def yes_or_no(
    name: str,
    prompt: Text,
    *,
    yes: str,
    no: str,
    silent: str,
    unclear: str,
    hearing: Hearing = YES_NO,
    free: Mapping[str, str] | None = None,
) -> Ask:
    return Ask(
        name=name,
        prompt=(prompt,),
        hearing=hearing,
        choices=(
            Choice(key="1", means="yes", to=yes),
            Choice(key="2", means="no", to=no),
            PERSON,
        ),
        free=free or {},
        silent=silent,
        unclear=unclear,
    )


def find_person(facts: Facts) -> FindPerson:
    return FindPerson()


def is_machine(facts: Facts) -> bool:
    return bool(facts.get("machine"))


def danger_ticket(facts: Facts) -> OpenTicket:
    """In a call of ours it is a new matter: what we ring about is something else."""
    return OpenTicket(
        text="；".join(facts.get("words", ())),
        category=facts.get("category"),
        tier=facts.get("tier") or "simple",
        urgent=True,
        danger=facts.get("danger"),
        matter=facts.get("matter"),
        place=dict(facts.get("place") or {}),
    )


def has_person(facts: Facts) -> bool:
    return bool(facts.get("person"))


def has_callback_time(facts: Facts) -> bool:
    """There is a number to ring back; a withheld one leaves none."""
    return bool(facts.get("callback_time"))
