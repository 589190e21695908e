"""`jiachang model check` on models that are really made and really loaded."""

import json
from pathlib import Path

import pytest

from app.errors import SpeechModelError
from speech.model_check import check, survey
from speech.model_facts import ListSurvey, Survey
from speech.model_survey import spoken_texts
from speech.phrase_records import Danger
from speech.phrasebook import KINDS, phrasebook, phrases
from speech.starter.features import WIDE
from tests.support.machine import missing
from tests.support.made_model import ENGLISH, make_model


@pytest.fixture(scope="module")
def narrow(model_dir: Path) -> Survey:
    return survey(model_dir)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    return survey(make_model(tmp_path_factory.mktemp("wide"), bank=WIDE, static=True))


def of(found: Survey, name: str) -> ListSurvey:
    return next(phrases for phrases in found.lists if phrases.name == name)


def test_look_ahead_model_at_8_khz_takes_phrase_lists(narrow: Survey) -> None:
    assert (narrow.sample_rate, narrow.phrase_lists) == (8000, True)
    assert narrow.held_rtf is not None and narrow.held_rtf > 0


def test_static_model_at_16_khz_takes_none(wide: Survey) -> None:
    assert (wide.sample_rate, wide.phrase_lists, wide.held_rtf) == (16000, False, None)


def test_both_have_their_memory_and_speed_measured(narrow: Survey, wide: Survey) -> None:
    for found in (narrow, wide):
        assert found.audio in ("speech", "noise")
        assert found.open_rtf > 0 and found.load_seconds > 0
        if Path("/proc/self/statm").exists():
            assert found.idle_mb and found.model_mb and found.recogniser_mb is not None
            assert 5 < found.model_mb < 500 and found.recogniser_mb < 30


def test_every_phrase_of_the_phrase_files_is_looked_at(narrow: Survey) -> None:
    names = [found.name for found in narrow.lists]
    assert names[: len(KINDS) + 2] == [*KINDS, "digits", "place"]
    assert {"dangers", "urgency", "intents", "places", "matters"} <= set(names)
    for name in (*KINDS, "digits", "place"):
        assert of(narrow, name).phrases == len(set(phrases(name) or ())) and of(narrow, name).held
    assert of(narrow, "dangers").phrases > 100 and not of(narrow, "dangers").held


def test_phrases_are_shown_in_the_words_of_the_model(wide: Survey) -> None:
    yes_no = of(wide, "yes_no")
    assert "取消" in yes_no.unsayable
    assert ("是的", ("是", "的")) in [(p.phrase, p.words) for p in yes_no.split]
    assert ("没事", ("没", "是")) in [(p.phrase, p.words) for p in yes_no.respelled]
    assert "没有" not in [p.phrase for p in (*yes_no.split, *yes_no.respelled)]


def test_what_the_model_heard_of_the_demo_voice_is_shown(narrow: Survey) -> None:
    if narrow.audio == "noise":
        missing("no demo voice on this machine")
    assert {h.said: h.heard for h in narrow.heard}["不满意"] == "不满意"


def test_facts_survive_the_way_through_json(narrow: Survey) -> None:
    assert Survey.from_json(json.loads(json.dumps(narrow.to_json()))) == narrow


def test_texts_are_found_in_records_of_any_shape() -> None:
    danger = Danger("119", "repairs", ("着火", "冒烟"), ("着火", "浓烟"))
    assert spoken_texts((danger, {"水": {"停水"}}, frozenset("乙甲"))) == (
        "着火", "冒烟", "浓烟", "水", "停水", "乙", "甲",
    )  # fmt: skip
    assert "着火了" in spoken_texts(phrasebook().dangers)


def test_model_of_another_language_is_refused(tmp_path: Path) -> None:
    english = make_model(tmp_path, said=ENGLISH)
    with pytest.raises(SpeechModelError, match="knows no Chinese words"):
        survey(english)
    assert "knows no Chinese words" in check(english).summary()


def test_broken_model_is_refused_in_the_same_words_as_by_doctor(tmp_path: Path) -> None:
    broken = make_model(tmp_path, bank=WIDE, static=True)
    graph = broken / "graph" / "HCLG.fst"
    graph.write_bytes(graph.read_bytes()[:5000])
    with pytest.raises(SpeechModelError) as caught:
        survey(broken)
    assert str(caught.value) == check(broken).summary()
