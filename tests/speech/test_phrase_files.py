"""A community's own phrases beside the product's."""

from pathlib import Path

import pytest

from app.errors import SettingsError
from speech.phrase_files import DIRECTORY
from speech.phrasebook import load, phrasebook, use


@pytest.fixture(autouse=True)
def product_phrases_afterwards() -> object:
    yield
    use(None)


def test_added_file_makes_lists_longer_and_own_file_replaces(tmp_path: Path) -> None:
    (tmp_path / "places.add.toml").write_text('estates = ["锦官驿"]\n', encoding="utf-8")
    (tmp_path / "tiers.toml").write_text('complex = ["联席会"]\ncategories = []\n', encoding="utf-8")
    book = load(DIRECTORY, tmp_path)
    assert {"锦官驿", "幸福小区"} <= set(book.places.estates)
    assert book.tiers.complex_phrases == ("联席会",)


def test_new_topic_of_a_category_is_understood(tmp_path: Path) -> None:
    (tmp_path / "repairs.add.toml").write_text(
        '[[topic]]\nname = "我们这里"\nphrases = ["龙门吊"]\n', encoding="utf-8"
    )
    assert "龙门吊" in load(DIRECTORY, tmp_path).categories[0].phrases


def test_using_another_directory_reads_anew(tmp_path: Path) -> None:
    before = phrasebook()
    use(None)
    assert phrasebook() is before
    use(tmp_path)
    assert phrasebook() is not before


def test_mistake_in_an_added_file_is_named_there(tmp_path: Path) -> None:
    (tmp_path / "care.add.toml").write_text(
        '# 话题\n[[topic]]\nname = "要人陪"\nphrases = ["路灯"]\n', encoding="utf-8"
    )
    with pytest.raises(
        SettingsError, match=r"care\.add\.toml, line 4: '路灯' stands for both repairs and care"
    ):
        load(DIRECTORY, tmp_path)


def test_file_that_nobody_reads_and_missing_directory_are_errors(tmp_path: Path) -> None:
    (tmp_path / "place.toml").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"place\.toml: 没有叫这个名字的说法文件"):
        use(tmp_path)
    with pytest.raises(SettingsError, match="没有目录"):
        use(tmp_path / "nowhere")
