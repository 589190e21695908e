"""Wrong but acted on: something happens that is not what she said or meant, no member of staff has listened first, and
the hotline has not said it back to her before it happens. So these count, of all utterances:

- danger that isn't there (119 is told and the duty officer alerted at once), and danger that is taken for an ordinary
  matter or an earlier one;
- a ticket of a wrong category whose read-back names only the matter ("路灯不亮，是吗？"): she says yes, and it goes the
  wrong way. Where the category itself is read back she can say no;
- her earlier matters told to somebody who reports a new one;
- an answer taken for another one, or from words that are none (yes/no, 好了没有, marks, numbers, the six kinds).

A wrong building is read back to her; it counts in `building`, and in the stricter row "before the read-back", which
supposes that nobody ever says no to a read-back.
"""

from collections.abc import Sequence

from bench.judging import building_of
from bench.score import Score, counted
from bench.trials import AnswerTrial, OpenTrial
from ivr.flow import Heard
from ivr.flows.hotline import CODES

WRONG = 0.02


def wrong_scores(opens: Sequence[OpenTrial], answers: Sequence[AnswerTrial]) -> list[Score]:
    """See the head of this module. Utterances whose category nobody labelled count by their danger alone."""
    return [
        counted("wrong but acted on: own words", (acted_wrongly(t) for t in opens)),
        counted("wrong but acted on: answers", (answered_wrongly(t) for t in answers)),
        counted(
            "wrong but acted on: all",
            [*(acted_wrongly(t) for t in opens), *(answered_wrongly(t) for t in answers)],
            most=WRONG,
        ),
        counted(
            "wrong before the read-back: all",
            [*(wrong_before_read_back(t) for t in opens), *(taken_wrongly(t) for t in answers)],
        ),
    ]


def acted_wrongly(trial: OpenTrial) -> bool:
    outcome, said = trial.outcome, trial.said
    if not isinstance(outcome, Heard) or outcome.means == "person":
        return False
    if outcome.means == "danger" or said.danger:
        return outcome.means != "danger" or said.danger is None
    if outcome.means == "progress":
        return said.intent is not None and said.intent != "progress"
    category, read_back = _filed_under(outcome), (outcome.facts.get("what"), outcome.facts.get("kind"))
    return None not in (said.category, category) and category != said.category and category not in read_back


def _filed_under(outcome: Heard) -> str | None:
    """Whoever names one of the six kinds has chosen it, whatever else was understood."""
    if outcome.means.isdigit():
        return CODES[int(outcome.means) - 1]
    category: str | None = outcome.facts.get("category")
    return category


def wrong_before_read_back(trial: OpenTrial) -> bool:
    outcome, said = trial.outcome, trial.said
    if acted_wrongly(trial):
        return True
    if not isinstance(outcome, Heard) or outcome.means == "person":
        return False
    category, place = _filed_under(outcome), outcome.facts.get("place") or {}
    building = place.get("building")
    return bool(
        (said.category and category and category != said.category)
        or (building and said.building and building != said.building)
    )


def answered_wrongly(trial: AnswerTrial) -> bool:
    """A place is read back, and somebody who gets a person by mistake isn't left alone with the mistake."""
    return trial.said.kind not in ("place", "person") and taken_wrongly(trial)


def taken_wrongly(trial: AnswerTrial) -> bool:
    if trial.said.kind == "place":
        return trial.taken is not None and building_of(trial.taken) != building_of(trial.said.value)
    return trial.taken is not None and trial.taken != trial.said.value
