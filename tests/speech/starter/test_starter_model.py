"""The model in the repository, by its scores on made voices that it was never trained on. A small set: bench/speech.py
measures, this only notices when it has become much worse, or when engine and model no longer fit."""

from pathlib import Path

import pytest

from speech.starter.lexicon import lexicon
from speech.starter.scoring import CHOICES, DIGITS, NO_SPEECH, SENTENCES, Score, made_samples, score, sounds
from speech.vosk_engine import VoskEngine

SENTENCES_SAID = [
    "三栋二单元的路灯坏了",
    "我家厨房漏水",
    "小区门口的垃圾没人清理",
    "我想咨询一下医保怎么办理",
    "楼上晚上很吵睡不着",
    "电梯里有人被困",
    "老人摔倒了快来人",
    "我要报名参加合唱队",
]
EACH = 8


@pytest.fixture(scope="module")
def scores(vosk_engine: VoskEngine) -> dict[tuple[str, float | None], Score]:
    samples = made_samples(lexicon(), SENTENCES_SAID, EACH, split="test", seed=11)
    results, _ = score(vosk_engine, samples, sounds(lexicon()))
    return {(result.kind, result.noise): result for result in results}


def together(*scores: Score) -> float:
    return sum(score.right for score in scores) / sum(score.total for score in scores)


@pytest.mark.parametrize(("noise", "least"), [(None, 0.9), (10.0, 0.75)])
def test_answers_are_heard(
    scores: dict[tuple[str, float | None], Score], noise: float | None, least: float
) -> None:
    assert together(*(scores[kind, noise] for kind in CHOICES)) >= least


@pytest.mark.parametrize(("noise", "least"), [(None, 0.92), (10.0, 0.8)])
def test_digits_are_heard(
    scores: dict[tuple[str, float | None], Score], noise: float | None, least: float
) -> None:
    assert scores[DIGITS, noise].share >= least


@pytest.mark.parametrize(("noise", "least"), [(None, 0.9), (10.0, 0.75)])
def test_sentences_are_heard_by_their_sound(
    scores: dict[tuple[str, float | None], Score], noise: float | None, least: float
) -> None:
    assert scores[SENTENCES, noise].share >= least


def test_hardly_a_word_is_heard_where_nobody_speaks(
    scores: dict[tuple[str, float | None], Score],
) -> None:
    assert scores[NO_SPEECH, None].right >= EACH - 1


def test_the_model_says_what_it_is(model_dir: Path) -> None:
    text = (model_dir / "README.md").read_text()
    for fact in (
        "synthetic voices",
        "nothing is known about how it does with human voices",
        "espeak-ng",
        "10 dB",
    ):
        assert " ".join(fact.split()) in " ".join(text.split())


def test_it_is_small(model_dir: Path) -> None:
    assert sum(path.stat().st_size for path in model_dir.rglob("*") if path.is_file()) < 5_000_000
