from pathlib import Path

import pytest

from app.errors import ProcessError
from speech.starter.training_environment import REQUIREMENTS, python, train


def stand_in(folder: Path, script: str) -> None:
    """A training environment whose Python is a shell script."""
    interpreter = python(folder)
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text(f"#!/bin/sh\n{script}\n")
    interpreter.chmod(0o755)


def test_messages_come_as_they_are_told(tmp_path: Path) -> None:
    stand_in(tmp_path, """echo '{"done": 10}'; echo '{"done": 20, "loss": 1.5}'""")
    assert list(train(tmp_path, [])) == [{"done": 10}, {"done": 20, "loss": 1.5}]


def test_arguments_reach_the_training(tmp_path: Path) -> None:
    stand_in(tmp_path, """echo "[\\"$1\\", \\"$2\\", \\"$3\\"]" """)
    assert list(train(tmp_path, ["--steps=7"])) == [["-m", "speech.starter.training", "--steps=7"]]


def test_a_training_that_fails_says_how_to_go_on(tmp_path: Path) -> None:
    stand_in(tmp_path, """echo '{"done": 10}'; exit 3""")
    messages = train(tmp_path, [])
    assert next(messages) == {"done": 10}
    with pytest.raises(ProcessError, match=r"exit code 3.*checkpoint"):
        next(messages)


def test_who_stops_listening_stops_the_training(tmp_path: Path) -> None:
    stand_in(tmp_path, f"""echo '{{"done": 10}}'; sleep 60 & wait; touch {tmp_path}/ran-to-the-end""")
    messages = train(tmp_path, [])
    next(messages)
    messages.close()
    assert not (tmp_path / "ran-to-the-end").exists()


def test_pytorch_is_in_no_requirements_but_its_own() -> None:
    for path in REQUIREMENTS.parent.glob("*.txt"):
        has = any(line.lower().startswith("torch") for line in path.read_text().splitlines())
        assert has == (path == REQUIREMENTS), path.name
