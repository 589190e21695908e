"""A database that somebody else holds: the carrier is told to come again, and then nothing is missing."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app import group_commit
from app.db import Database, make_engine
from models.call import Call
from models.crypto import Keyring
from tests.support.line import Line, voice_app
from tests.support.office import open_office


def test_a_locked_database_answers_503_in_time_and_the_next_try_goes_on(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "PATIENCE", 0.2)
    impatient = database_url
    if database_url.startswith("postgresql"):
        impatient += "&options=-c%20lock_timeout%3D200ms"
    with open_office(impatient, tmp_path) as office:
        line = Line(office, voice_app(office.runtime).test_client()).dial()
        line.gateway("speech", text="三栋二单元路灯不亮了", confidence=0.98, speech_seconds=1.5)
        another_process = Database(make_engine(database_url, Keyring("k" * 40)))
        with another_process.transaction() as session:
            session.execute(select(Call).with_for_update()).all()
            refused = line.post(line.redirect)
        another_process.dispose()
        assert (refused.status_code, refused.text) == (503, "temporarily unavailable")
        assert refused.headers["Retry-After"] == "1"
        assert "是吗" in line.go_on().said


def test_the_url_decides_how_long_to_wait(postgres_url: str) -> None:
    given = make_engine(f"{postgres_url}&connect_timeout=2", Keyring("k" * 40)).url.query
    assert given["connect_timeout"] == "2"
    assert given["options"] == "-c lock_timeout=10s"
