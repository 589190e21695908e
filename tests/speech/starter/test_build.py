"""`jiachang model build`: it deletes nothing but a model that was built before."""

from pathlib import Path

import pytest

from app.errors import BadInput
from speech.starter.build import build, refuse_what_is_no_model
from tests.support.made_model import make_model


def test_a_directory_with_anything_but_a_model_is_refused_before_the_long_work(tmp_path: Path) -> None:
    home, told = tmp_path / "home", []
    home.mkdir()
    (home / "letters.txt").write_text("dear")
    with pytest.raises(BadInput, match="--out"):
        build(tmp_path / "work", home, lambda *news: told.append(news))
    assert (home / "letters.txt").read_text() == "dear"
    assert not told and not (tmp_path / "work").exists()


def test_a_file_and_a_model_with_somebodys_files_beside_it_are_refused(tmp_path: Path) -> None:
    model = make_model(tmp_path / "model")
    (model / "notes.txt").write_text("mine")
    for out in (model, model / "notes.txt"):
        with pytest.raises(BadInput, match="--out"):
            refuse_what_is_no_model(out)


def test_a_new_place_an_empty_one_and_a_built_model_may_be_written_over(tmp_path: Path) -> None:
    model = make_model(tmp_path / "model")
    (model / "README.md").write_text("card")
    (tmp_path / "empty").mkdir()
    for out in (tmp_path / "new", tmp_path / "empty", model):
        refuse_what_is_no_model(out)
