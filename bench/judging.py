"""Trials → scores. Pure. What counts as right is defined here and nowhere else; what as wrong but acted on, in
`bench.wrongly`.

A refusal ("请再说一次") is wrong in every accuracy: whoever has to say it again was not understood.
"""

from collections.abc import Callable, Iterable, Sequence

from app.desk.understanding import Understanding
from bench.labelled import PLACE, STYLES, Kind
from bench.score import Score, counted
from bench.trials import AnswerTrial, OpenTrial
from ivr.flow import Heard
from speech.phrasebook import phrases
from speech.starter.scoring import errors

CATEGORY_TEXT, CATEGORY_SPEECH = 0.92, 0.85
BUILDING_TEXT, BUILDING_SPEECH = 0.95, 0.88
DANGER_TEXT, DANGER_SPEECH = 0.99, 0.93
FALSE_ALARMS = 0.01
YES_NO_CLEAN, YES_NO_NOISE = 0.98, 0.93

_HELD = ("yes_no", "fact", "rating")
"""Asked with a phrase list: what isn't on it, the recogniser can hear in pieces only."""

ANSWERS: dict[Kind, str] = {
    "yes_no": "yes or no",
    "fact": "好了 / 好了一部分 / 没好",
    "rating": "满意 / 一般 / 不满意",
    "number": "number, whole",
    "place": "place, whole",
    "category": "one of six kinds",
    "person": "a person is wanted",
}


def foundbuilding_of(trial: OpenTrial) -> str | None:
    return trial.understood.place.building if trial.understood else None


def is_alarm(trial: OpenTrial) -> bool:
    """119, 120 or 110 is told to her at once."""
    return isinstance(trial.outcome, Heard) and trial.outcome.means == "danger"


# ---- her own words ---------------------------------------------------------------------------------------


def open_scores(trials: Sequence[OpenTrial], *, category: float, building: float) -> list[Score]:
    """Category, building, tier, urgency, intent, over the utterances in which each is labelled."""
    urgent = [t for t in trials if t.said.urgent]
    calm = [t for t in trials if t.said.urgent is False]
    return [
        counted("category", (_category_right(t) for t in trials if t.said.category), least=category),
        counted("no category: none found", (_category(t) is None for t in trials if not t.said.category)),
        counted(
            "building",
            (_part(t, "building") == t.said.building for t in trials if t.said.building),
            least=building,
        ),
        counted(
            "no building: none found", (foundbuilding_of(t) is None for t in trials if not t.said.building)
        ),
        counted("tier", (_of(t, lambda u: u.tier) == t.said.tier for t in trials if t.said.tier)),
        counted("urgent: found", (bool(_of(t, lambda u: u.urgent)) for t in urgent)),
        counted("not urgent: left alone", (not _of(t, lambda u: u.urgent) for t in calm)),
        counted("intent", (_of(t, lambda u: u.intent) == t.said.intent for t in trials if t.said.intent)),
    ]


def part_scores(trials: Sequence[OpenTrial]) -> list[Score]:
    """Each part of the place, the time and the telephone number: where said, and where not said.

    Estate, landmark and time count as found if one of the two holds the other (幸福里 is 幸福里小区); numbers must be
    the same. A part that no utterance has is left out: nobody may have looked for it.
    """
    scores = []
    for name in (*PLACE, "time", "phone"):
        same = alike if name in ("estate", "landmark", "time") else _equal
        said = [t for t in trials if getattr(t.said, name)]
        if not said:
            continue
        unsaid = [t for t in trials if not getattr(t.said, name)]
        scores.append(counted(f"{name}: said", (same(_part(t, name), getattr(t.said, name)) for t in said)))
        scores.append(counted(f"{name}: not said, none found", (_part(t, name) is None for t in unsaid)))
    return scores


def style_scores(trials: Sequence[OpenTrial]) -> list[Score]:
    scores = []
    for style in STYLES:
        mine = [t for t in trials if t.said.style == style]
        scores.append(counted(f"{style}: category", (_category_right(t) for t in mine if t.said.category)))
        scores.append(
            counted(
                f"{style}: building",
                (_part(t, "building") == t.said.building for t in mine if t.said.building),
            )
        )
    return scores


def danger_scores(trials: Sequence[OpenTrial], *, recall: float | None) -> list[Score]:
    """`recall` None: no bars, for utterances that weren't written to come near danger and hold little of it."""
    real = [t for t in trials if t.said.danger]
    return [
        counted("danger found", (is_alarm(t) for t in real), least=recall),
        counted(
            "danger found, the right number told",
            (is_alarm(t) and _of(t, lambda u: u.danger) == t.said.danger for t in real),
        ),
        counted(
            "false alarms",
            (is_alarm(t) for t in trials if not t.said.danger),
            most=None if recall is None else FALSE_ALARMS,
        ),
    ]


def missed_dangers(trials: Iterable[OpenTrial]) -> list[OpenTrial]:
    return [t for t in trials if t.said.danger and not is_alarm(t)]


def false_alarms(trials: Iterable[OpenTrial]) -> list[OpenTrial]:
    return [t for t in trials if not t.said.danger and is_alarm(t)]


# ---- answers ---------------------------------------------------------------------------------------------


def answer_scores(
    trials: Sequence[AnswerTrial], *, yes_no: float | None, digits: float | None
) -> list[Score]:
    """By kind: answers taken rightly, and words that are no answer from which none was taken."""
    scores = []
    for kind, name in ANSWERS.items():
        mine = [t for t in trials if t.said.kind == kind]
        real = [t for t in mine if t.said.value is not None]
        least = yes_no if kind == "yes_no" else None
        scores.append(counted(name, (t.taken == t.said.value for t in real), least=least))
        if kind in _HELD:
            on_list = phrases(kind) or ()
            listed = [t for t in real if t.said.text in on_list]
            scores.append(
                counted(f"{name}: of these, on our list", (t.taken == t.said.value for t in listed))
            )
        if kind == "number":
            scores.append(digit_score(real, digits))
        if kind == "place":
            with_building = [t for t in real if building_of(t.said.value)]
            right = (building_of(t.taken) == building_of(t.said.value) for t in with_building)
            scores.append(counted("place, its building", right))
        none = [t for t in mine if t.said.value is None]
        if none:
            scores.append(counted(f"{name}: neither, none taken", (t.taken is None for t in none)))
    return scores


def digit_score(trials: Sequence[AnswerTrial], least: float | None) -> Score:
    """Digits said less the edit distance to those taken, of the digits said; a refusal loses all of them."""
    said = [(t.said.value or "", t.taken or "") for t in trials]
    total = sum(len(value) for value, _ in said)
    right = sum(max(0, len(value) - errors(taken, value)) for value, taken in said)
    return Score("number, per digit", right, total, least)


# ---- parts -----------------------------------------------------------------------------------------------


def alike(found: str | None, label: str | None) -> bool:
    return bool(found and label and (found in label or label in found))


def _equal(found: str | None, label: str | None) -> bool:
    return found == label


def _of(trial: OpenTrial, get: Callable[[Understanding], object]) -> object:
    return get(trial.understood) if trial.understood else None


def _category(trial: OpenTrial) -> str | None:
    return trial.understood.category if trial.understood else None


def _category_right(trial: OpenTrial) -> bool:
    return _category(trial) == trial.said.category


def _part(trial: OpenTrial, name: str) -> str | None:
    understood = trial.understood
    if understood is None:
        return None
    if name == "time":
        return understood.time.words if understood.time else None
    if name == "phone":
        return understood.phone
    value: str | None = getattr(understood.place, name)
    return value


def building_of(value: str | None) -> str:
    return (value or "").split("/")[0]
