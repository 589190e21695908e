"""Sentences read aloud, as the server sends them: who may ask, which voice speaks, and what is kept."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from kiosk.say import LONGEST, Pace
from speech.audio import decode_wav, encode_wav, rms_dbfs, seconds_of, silence, to_pcm, to_samples
from tests.support.kiosk_door import Device
from tests.support.office import MONDAY, open_office

HOME, NAME = "请按大按钮，说您的事", "王秀英"


@pytest.fixture
def speaker(sqlite_url: str, tmp_path: Path) -> Iterator[Device]:
    with open_office(sqlite_url, tmp_path / "data", demo_voice=True) as office:
        yield Device(office)


def said(device: Device, text: str, lang: str = "zh", *, token: str | None = None) -> TestResponse:
    """A sentence of the page's own."""
    return device.ask("GET", "/kiosk/say?" + urlencode({"lang": lang, "text": text}), token=token)


def said_once(device: Device, text: str) -> TestResponse:
    """Her own words, or a name."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return device.ask("POST", "/kiosk/say", urlencode({"lang": "zh", "text": text}), headers=form)


def kept(device: Device) -> int:
    """Made sentences in the server's cache, beside the one that voices are tried with at the start."""
    return -1 + sum(
        file.is_file() for file in (device.office.runtime.settings.data_dir / "clips").rglob("*.ulaw")
    )


def test_a_sentence_is_spoken_and_kept(speaker: Device) -> None:
    answer = said(speaker, HOME)
    assert (answer.status_code, answer.mimetype) == (200, "audio/wav")
    assert seconds_of(decode_wav(answer.data)) > 1 and rms_dbfs(decode_wav(answer.data)) > -30
    assert kept(speaker) == 1 and said(speaker, HOME).data == answer.data


def test_english_is_spoken_by_a_voice_of_its_own(speaker: Device) -> None:
    assert said(speaker, "Touch here and speak", "en").status_code == 200
    assert said(speaker, "Touch here and speak", "zh").status_code == 204, (
        "the Chinese voice has nothing to say"
    )


def test_letters_of_a_slips_number_are_spoken_in_chinese_too(speaker: Device) -> None:
    assert said(speaker, "A").status_code == 200


def test_her_own_words_are_spoken_and_kept_nowhere(speaker: Device) -> None:
    answer = said_once(speaker, NAME)
    assert answer.status_code == 200 and kept(speaker) == 0
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_recorded_voice_wins_in_both_languages(speaker: Device) -> None:
    human = to_pcm(to_samples(silence(0.5)) + 3000)
    for text, lang in ((HOME, "zh"), ("Touch here and speak", "en")):
        speaker.office.runtime.clips.record(text, encode_wav(human))
        assert len(decode_wav(said(speaker, text, lang).data)) == len(human)


def test_without_a_voice_there_is_no_content(device: Device) -> None:
    assert said(device, HOME).status_code == 204


def test_strangers_hear_nothing(speaker: Device) -> None:
    answer = said(speaker, HOME, token="guessed")
    assert answer.status_code == 401 and answer.json["error"] == "unknown_kiosk" and kept(speaker) == 0


@pytest.mark.parametrize("text", ["", " ", "\u200b", "好" * (LONGEST + 1)])
def test_nothing_and_too_much_are_not_spoken(speaker: Device, text: str) -> None:
    assert said(speaker, text).status_code == 400


def test_unknown_languages_and_large_forms_are_refused(speaker: Device) -> None:
    assert said(speaker, HOME, "fr").status_code == 400
    assert said_once(speaker, "好" * 5000).status_code in (400, 413)


def test_a_kiosk_that_asks_without_end_is_slowed_down() -> None:
    pace = Pace()
    assert all(pace.allows(1, MONDAY) for _ in range(1000)) and not pace.allows(1, MONDAY)
    assert pace.allows(2, MONDAY), "another kiosk has its own"
    assert pace.allows(1, MONDAY + timedelta(seconds=6)) and not pace.allows(1, MONDAY + timedelta(seconds=7))
