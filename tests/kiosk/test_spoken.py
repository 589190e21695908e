"""The list of what the kiosk says, for those who record it with a human voice."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.spoken import sentences
from speech.audio import encode_wav
from speech.clips import text_key
from tests.support.console import Desk
from tests.support.office import Office, open_office


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(sqlite_url, tmp_path / "data") as office:
        yield office


def test_it_has_what_is_read_aloud_and_nothing_with_gaps(office: Office) -> None:
    with Desk(office).client.application.app_context():
        said, english = sentences("zh-Hans"), sentences("en")
        assert sentences("zh-Hant") == said  # Mandarin on both
    assert {"您好，今天要办什么事？", "按一下，说给我听", "请说吧，我在听", "对，就是这样"} <= set(said)
    assert not [text for text in said + english if "{" in text or "<" in text or text != text.strip()]
    assert len(said) > 60 and len(english) > 60


def test_a_recording_made_at_the_console_speaks_at_the_kiosk(office: Office) -> None:
    wu, words = Desk(office, "wu"), "请说吧，我在听"
    page = wu.get("/staff/prompts").text
    assert page.index("<h2>电话</h2>") < page.index("<h2>自助屏</h2>") < page.index(words)
    sound = io.BytesIO(encode_wav(b"\x10\x20" * 8000))
    assert wu.post(f"/staff/prompts/{text_key(words)}", {"file": (sound, "x.wav")}).status_code == 303
    assert office.runtime.clips.is_recorded(words)
    assert len(office.runtime.clips.audio_for(words, "zh") or b"") == 8000
