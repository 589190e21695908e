"""What the benches count as right, and what as wrong but acted on."""

import pytest

from bench.judging import (
    alike,
    answer_scores,
    danger_scores,
    digit_score,
    false_alarms,
    missed_dangers,
    open_scores,
    part_scores,
    style_scores,
)
from bench.labelled import Answer, Kind, Utterance
from bench.score import Score
from bench.trials import AnswerTrial, OpenTrial, Words, answer_trial, open_trial
from bench.wrongly import acted_wrongly, answered_wrongly, wrong_before_read_back, wrong_scores
from ivr.flow import Heard, NotUnderstood

LIGHT = Utterance(
    "T1", "short", "三栋二单元路灯不亮了", "repairs", "simple", False, building="3", unit="2", intent="report"
)
FIRE = Utterance("T2", "short", "着火了", urgent=True, danger="119")


def acted(said: Utterance, means: str, **facts: object) -> OpenTrial:
    return OpenTrial(said, Words(said.text), Heard(means, facts), None)


def answer(kind: Kind, text: str, value: str | None, words: Words | None = None) -> AnswerTrial:
    return answer_trial(Answer("A", kind, text, value), words or Words(text))


def by_name(scores: list[Score]) -> dict[str, tuple[int, int]]:
    return {score.what: (score.hits, score.count) for score in scores}


# ---- her own words ---------------------------------------------------------------------------------------


def test_what_is_understood_is_right_and_what_is_refused_is_wrong() -> None:
    clear, doubtful = open_trial(LIGHT, Words(LIGHT.text)), open_trial(LIGHT, Words(LIGHT.text, 0.1))
    scores = by_name(open_scores([clear, doubtful], category=0.9, building=0.9))
    assert scores["category"] == scores["building"] == (1, 2)
    assert doubtful.understood is None
    assert isinstance(doubtful.outcome, NotUnderstood)


@pytest.mark.parametrize("words", [Words(""), Words("", silent=True), Words("三栋路灯不亮", rejected=True)])
def test_nothing_heard_is_nothing_understood(words: Words) -> None:
    trial = open_trial(LIGHT, words)
    assert trial.understood is None
    assert not isinstance(trial.outcome, Heard)


def test_a_wrong_building_is_wrong_and_one_that_nobody_said_is_invented() -> None:
    unsaid = Utterance("T3", "short", "三栋路灯不亮", "repairs")
    heard = open_trial(LIGHT, Words("五栋二单元路灯不亮了"))
    scores = by_name(open_scores([heard, open_trial(unsaid, Words(unsaid.text))], category=0, building=0))
    assert scores["building"] == (0, 1)
    assert scores["no building: none found"] == (0, 1)


def test_parts_that_no_utterance_has_are_not_scored() -> None:
    scores = by_name(part_scores([open_trial(LIGHT, Words(LIGHT.text))]))
    assert scores["building: said"] == scores["unit: said"] == (1, 1)
    assert not [name for name in scores if name.startswith(("room", "estate", "time", "phone"))]


def test_styles_are_counted_apart() -> None:
    scores = by_name(style_scores([open_trial(LIGHT, Words(LIGHT.text))]))
    assert scores["short: category"] == (1, 1)
    assert scores["angry: category"] == (0, 0)


def test_names_may_be_said_shorter_or_longer() -> None:
    assert alike("幸福里", "幸福里小区") and alike("楼下的花园", "花园")
    assert not alike(None, "花园") and not alike("花园", None) and not alike("车棚", "花园")


# ---- danger ----------------------------------------------------------------------------------------------


def test_dangers_found_missed_and_invented() -> None:
    found, missed = acted(FIRE, "danger", danger="119"), acted(FIRE, "matter")
    false, quiet = acted(LIGHT, "danger", danger="119"), acted(LIGHT, "matter")
    trials = [found, missed, false, quiet]
    scores = by_name(danger_scores(trials, recall=0.99))
    assert scores["danger found"] == (1, 2)
    assert scores["false alarms"] == (1, 2)
    assert missed_dangers(trials) == [missed]
    assert false_alarms(trials) == [false]


def test_the_wrong_number_is_an_alarm_but_not_the_right_number() -> None:
    trial = open_trial(Utterance("T4", "short", "着火了", danger="110"), Words("着火了"))
    scores = by_name(danger_scores([trial], recall=0.99))
    assert scores["danger found"] == (1, 1)
    assert scores["danger found, the right number told"] == (0, 1)


# ---- answers ---------------------------------------------------------------------------------------------


def test_answers_are_right_wrong_or_rightly_not_taken() -> None:
    trials = [
        answer("yes_no", "是的", "yes"),
        answer("yes_no", "是的", "no"),
        answer("yes_no", "是的", "yes", Words("是的", rejected=True)),
        answer("yes_no", "你说什么", None),
    ]
    scores = by_name(answer_scores(trials, yes_no=0.98, digits=0.98))
    assert scores["yes or no"] == (1, 3)
    assert scores["yes or no: neither, none taken"] == (1, 1)
    assert [answered_wrongly(trial) for trial in trials] == [False, True, False, False]


def test_each_kind_is_taken_in_the_form_of_its_label() -> None:
    for kind, text, value in (
        ("rating", "不满意", "3"),
        ("fact", "没好", "3"),
        ("category", "选二", "2"),
        ("number", "一零二四", "1024"),
        ("place", "三栋二单元五零一", "3/2/501"),
        ("place", "三栋", "3//"),
        ("person", "找人工", "person"),
    ):
        assert answer(kind, text, value).taken == value  # type: ignore[arg-type]


def test_at_the_menu_a_matter_counts_by_its_category() -> None:
    assert answer("category", "三栋二单元路灯不亮了", "1").taken == "1"


def test_digits_are_counted_one_by_one() -> None:
    trials = [answer("number", "", "1024", Words(said)) for said in ("一零二四", "一零二", "一零三四")]
    trials.append(answer("number", "", "1024", Words("一零二四", rejected=True)))
    score = digit_score(trials, 0.9)
    assert (score.hits, score.count) == (4 + 3 + 3, 16)
    assert score.met is False


# ---- wrong, and acted on ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trial", "wrong"),
    [
        (acted(LIGHT, "danger", danger="119"), True),
        (acted(FIRE, "danger", danger="120"), False),
        (acted(FIRE, "matter", what="路灯不亮", category="repairs"), True),
        (acted(FIRE, "progress"), True),
        (acted(LIGHT, "matter", what="路灯不亮", category="repairs"), False),
        (acted(LIGHT, "matter", what="路灯不亮", category="culture"), True),
        (acted(LIGHT, "matter", what="culture", category="culture"), False),  # 活动的事，是吗？ 不是。
        (acted(LIGHT, "matter", what="路灯不亮", kind="culture", category="culture"), False),
        (acted(LIGHT, "6", category="repairs"), True),
        (acted(LIGHT, "1", category="culture"), False),
        (acted(LIGHT, "progress"), True),
        (acted(LIGHT, "person"), False),
        (OpenTrial(LIGHT, Words("喂"), NotUnderstood(), None), False),
    ],
)
def test_wrong_and_acted_on_before_anybody_could_say_no(trial: OpenTrial, wrong: bool) -> None:
    assert acted_wrongly(trial) is wrong


def test_what_is_read_back_counts_in_the_stricter_row_only() -> None:
    building = acted(LIGHT, "matter", what="路灯不亮", category="repairs", place={"building": "5"})
    place = answer("place", "三栋", "3//", Words("五栋"))
    assert not acted_wrongly(building) and not answered_wrongly(place)
    assert wrong_before_read_back(building)
    scores = by_name(wrong_scores([building], [place]))
    assert scores["wrong but acted on: all"] == (0, 2)
    assert scores["wrong before the read-back: all"] == (2, 2)
