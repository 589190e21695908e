"""Made speech is where its labels say, in every tone, also the syllables that espeak-ng misreads."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from speech.starter import units, waves
from speech.starter.espeak_client import EspeakClient
from speech.starter.synthesis import Manner, Place, Spoken, frame_labels, speak, surround
from speech.starter.voices import DEV, TEST, TRAIN, Voice

_HELD = 2048


@pytest.fixture(scope="module")
def client() -> Iterator[EspeakClient]:
    with EspeakClient() as client:
        yield client


def test_labels_lie_where_the_voice_is(client: EspeakClient) -> None:
    said = ["ma1", "la4", "wo3", "nan2"]
    spoken = surround(speak(client, [said[:2], said[2:]], Voice("plain", ""), Manner(rate=110)), 0.4, 0.4)
    labels = frame_labels(spoken.wave.size, said, spoken.places)
    centres = np.arange(labels.size) * 80 + 100
    power = np.array([np.square(spoken.wave[c - 40 : c + 40]).mean() for c in centres])
    assert power[labels > 0].mean() > 100 * power[labels == 0].mean()
    assert np.median(power[labels > 0]) > 100 * np.median(power[labels == 0])


def test_labels_follow_initial_and_two_halves_of_the_final() -> None:
    labels = frame_labels(200 + 80 * 19, ["ma1"], [Place(400, 640, 1280)])
    initial, (first, second) = units.unit_pdfs("m")[0], units.unit_pdfs("a1")
    assert labels.size == 20
    expected = [0] * 4 + [initial] * 3 + [first] * 4 + [second] * 4 + [0] * 5
    assert labels.tolist() == expected


def test_a_state_lasts_as_long_as_the_decoder_will_ask_of_it() -> None:
    # 二 in 50 ms between others, as the hasty voices say it
    said = ["yi1", "er4", "wu3"]
    places = [Place(2400, 3000, 3250), Place(3250, 3250, 3650), Place(3650, 4080, 4450)]
    labels = frame_labels(7000, said, places)
    runs = [(pdf, len(list(run))) for pdf, run in itertools.groupby(labels.tolist())]
    states = [
        pdf for syllable in said for unit in units.split(syllable) if unit for pdf in units.unit_pdfs(unit)
    ]
    assert [pdf for pdf, _ in runs] == [0, *states, 0]
    assert all(count >= 3 for _, count in runs)
    assert abs(runs[0][1] * 80 + 100 - 2400) < 400


@pytest.mark.parametrize("gap", [0, 3000])
def test_what_lasts_long_enough_stays_where_it_is(gap: int) -> None:
    places = [Place(1000, 1300, 2300), Place(2300 + gap, 2700 + gap, 3700 + gap)]
    labels = frame_labels(5000 + gap, ["ma1", "la4"], places)
    centres = np.arange(labels.size) * 80 + 100
    voiced = (centres >= 1000) & (centres < 2300) | (centres >= 2300 + gap) & (centres < 3700 + gap)
    assert (labels > 0).tolist() == voiced.tolist()


def test_a_syllable_without_initial_is_all_final() -> None:
    labels = frame_labels(2000, ["er4"], [Place(0, 900, 2000)])
    assert set(labels.tolist()) == set(units.unit_pdfs("er4"))


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (199, 0), (200, 1), (279, 1), (280, 2), (8000, 98)])
def test_there_are_as_many_labels_as_features(samples: int, frames: int) -> None:
    assert frame_labels(samples, [], []).size == frames


def test_syllables_that_espeak_misreads_are_spelled_for_it(client: EspeakClient) -> None:
    syllables = [base + tone for base in ("xiong", "qiong", "jiong") for tone in "12345"]
    spoken = speak(client, [syllables], Voice("plain", ""), Manner())
    assert len(spoken.places) == len(syllables)
    assert all(place.start < place.vowel < place.end for place in spoken.places)


def test_formants_move_the_voice_and_its_places(client: EspeakClient) -> None:
    plain = speak(client, [["ma1", "ma1"]], Voice("plain", ""), Manner())
    short = speak(client, [["ma1", "ma1"]], Voice("plain", ""), Manner(formants=1.25))
    assert short.wave.size == pytest.approx(plain.wave.size / 1.25, rel=0.02)
    assert short.places[-1].end == pytest.approx(plain.places[-1].end / 1.25, rel=0.02)


@pytest.mark.parametrize("voice", [*DEV, *TEST, *TRAIN[::12]], ids=lambda voice: voice.name)
def test_every_voice_speaks(client: EspeakClient, voice: Voice) -> None:
    spoken = speak(client, [["zhe4", "li3"]], voice, Manner(voice.rate, voice.pitch, formants=voice.formants))
    assert len(spoken.places) == 2
    assert waves.dbfs(spoken.wave) > -45
    assert spoken.wave.size > _HELD


def test_surroundings_move_the_places() -> None:
    spoken = surround(Spoken(np.ones(800, np.float32), (Place(0, 100, 800),)), 0.1, 0.2)
    assert spoken.places == (Place(800, 900, 1600),)
    assert spoken.wave.size == 3200
    assert not spoken.wave[:800].any()
