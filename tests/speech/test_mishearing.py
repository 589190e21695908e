"""Made errors of a recogniser: seeded, of the wanted rate, mostly to near sounds."""

import random

from speech.confusions import confusions
from speech.mishearing import misheard
from speech.pinyin import readings

TEXT = "三栋二单元楼道里的路灯坏了好几天没有人来修，老人晚上上楼看不见" * 20


def wrong(text: str) -> float:
    return sum(not readings(one) & readings(other) for one, other in zip(TEXT, text, strict=False)) / len(
        TEXT
    )


def test_the_same_seed_gives_the_same_errors() -> None:
    assert misheard(TEXT, 0.1, random.Random(3)) == misheard(TEXT, 0.1, random.Random(3))
    assert misheard(TEXT, 0.1, random.Random(3)) != misheard(TEXT, 0.1, random.Random(4))


def test_without_errors_only_characters_of_the_same_sound_and_clause_ends_change() -> None:
    plain = TEXT.replace("，", "")
    heard = misheard(plain, 0.0, random.Random(1))
    assert len(heard) == len(plain)
    assert heard != plain
    assert all(readings(one) & readings(other) for one, other in zip(plain, heard, strict=True))


def test_about_the_wanted_share_of_the_syllables_is_lost_or_changed() -> None:
    plain = TEXT.replace("，", "")
    heard = misheard(plain, 0.2, random.Random(1))
    lost = len(plain) - len(heard)
    assert 0.01 < lost / len(plain) < 0.06


def test_what_has_no_sound_stays() -> None:
    assert misheard("abc 3-2", 1.0, random.Random(1), confusions()) == "abc 3-2"
    assert misheard("", 0.5, random.Random(1)) == ""
