"""The whole loop, on both databases: the demo's story, and what can go wrong with the call back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.demo import Story, play
from app.stage import Stage
from tests.support.town import free_ports

pytestmark = pytest.mark.scenario


@pytest.fixture
def stage(tmp_path: Path, database_url: str) -> Iterator[Stage]:
    with Stage(tmp_path, free_ports(), environment={"JIACHANG_DATABASE_URL": database_url}) as stage:
        yield stage


def test_the_demo_s_story_holds(stage: Stage) -> None:
    lines: list[str] = []
    story = Story(stage, lines.append, pace=6.0)
    play(story)
    assert story.broken == [], "\n".join(lines)
    assert story.passed > 20
