import shutil
from pathlib import Path

import pytest

from app.errors import SettingsError
from speech.phrasebook import DIRECTORY, KINDS, load, phrasebook, phrases, unsayable
from speech.vosk_engine import VoskEngine


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DIRECTORY, tmp_path / "phrases"))


def edit(file: Path, old: str, new: str) -> int:
    """Replaces once; the line number of the change."""
    source = file.read_text()
    assert source.count(old) >= 1
    file.write_text(source.replace(old, new, 1))
    return source[: source.index(old)].count("\n") + 1


def test_every_choice_can_be_said_to_the_starter_model(vosk_engine: VoskEngine) -> None:
    for kind in KINDS:
        for value, said in phrasebook().choices.said[kind].items():
            assert set(said) - set(vosk_engine.unsayable(said)), (kind, value)


def test_digits_and_places_can_be_said_completely(vosk_engine: VoskEngine) -> None:
    missing = unsayable(vosk_engine, phrasebook())
    assert "digits" not in missing
    assert "place" not in missing


def test_after_a_digit_any_digit_may_follow() -> None:
    listed = set(phrases("digits") or ())
    assert {a + b for a in "零幺一二两三四五六七八九" for b in "零幺一二两三四五六七八九"} <= listed
    assert {"十", "百", "千"} <= listed
    assert not any("百" in phrase for phrase in listed if len(phrase) > 1)


def test_opening_is_open_and_an_unknown_list_is_an_error() -> None:
    assert phrases("opening") is None
    with pytest.raises(KeyError, match="known: yes_no"):
        phrases("colours")


@pytest.mark.parametrize("kind", [*KINDS, "place"])
def test_a_person_can_be_asked_for_in_every_list(kind: str) -> None:
    assert "转人工" in (phrases(kind) or ())


def test_categories_come_in_the_order_of_the_keys() -> None:
    codes = [category.code for category in phrasebook().categories]
    assert codes == ["repairs", "livelihood", "environment", "mediation", "care", "culture"]


def test_a_phrase_belongs_to_one_category_only() -> None:
    owners: dict[str, str] = {}
    for category in phrasebook().categories:
        for phrase in category.phrases:
            assert owners.setdefault(phrase, category.code) == category.code, phrase


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("choices.toml", 'no = ["不是",', 'no = ["不是" "不",', "Unclosed array"),
        ("choices.toml", 'no = ["不是",', 'no = ["不是", 3,', "every entry must be a text"),
        ("choices.toml", 'no = ["不是",', 'no = ["不是", "是的",', "stands for both yes and no"),
        ("choices.toml", "[fillers]", "[filers]", "unknown key 'filers'"),
        ("categories.toml", 'code = "care"', 'code = "caer"', "'caer' is not one of"),
        ("categories.toml", "hints = [", "hint = [", "unknown key 'hint'"),
        ("dangers.toml", 'number = "119"', 'number = "911"', "'911' is not one of 119, 120, 110"),
        ("dangers.toml", "at_most = 5", 'at_most = "5"', "must be a whole number"),
        ("urgency.toml", "outage = true", 'outage = "yes"', "must be true or false"),
        ("texts.toml", 'intent = "keeper"', 'intent = "keper"', "'keper' is not one of"),
        ("texts.toml", 'keys = ["hd", ', 'keys = ["rg", ', "'rg' is a word of two commands"),
        ("texts.toml", "value = 3", "value = 4", "'value' must be 1"),
        ("intents.toml", 'code = "human"', 'code = "humans"', "'humans' is not one of"),
        (
            "tiers.toml",
            'categories = ["mediation"]',
            'categories = ["meditation"]',
            "'meditation' is not one of",
        ),
        ("places.toml", '"阳光花园"', '"幸福小区"', "'幸福小区' twice"),
        ("matters.toml", 'say = "堵了"', 'say = ""', "must be a text in quotes"),
    ],
)
def test_mistake_in_a_file_is_named_with_file_and_line(
    copy: Path, name: str, old: str, new: str, reason: str
) -> None:
    line = edit(copy / name, old, new)
    with pytest.raises(SettingsError) as caught:
        load(copy)
    message = str(caught.value)
    assert name in message
    assert reason in message
    assert f"line {line}" in message


def test_file_that_ends_too_early_is_named_with_its_last_line(copy: Path) -> None:
    source = (copy / "tiers.toml").read_text()
    (copy / "tiers.toml").write_text(source[: source.index("]")])
    with pytest.raises(SettingsError, match=r"tiers\.toml, line \d+"):
        load(copy)


def test_missing_file_and_wrong_encoding_are_named(copy: Path) -> None:
    (copy / "tiers.toml").write_bytes('\ncomplex = ["纠纷"]'.encode("gb18030"))
    with pytest.raises(SettingsError, match=r"tiers\.toml, line 2: not UTF-8"):
        load(copy)
    (copy / "tiers.toml").unlink()
    with pytest.raises(SettingsError, match=r"tiers\.toml: cannot be read"):
        load(copy)


def test_missing_category_is_named(copy: Path) -> None:
    source = (copy / "categories.toml").read_text()
    (copy / "categories.toml").write_text(source[: source.rindex("[[category]]")])
    with pytest.raises(SettingsError, match=r"no \[\[category\]\] for culture"):
        load(copy)
