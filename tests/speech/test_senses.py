from speech.confusions import confusions
from speech.senses import words
from speech.weighing import features


def senses(text: str) -> set[str]:
    return {feature for feature in features(text, confusions()) if feature.startswith("<")}


def test_words_near_in_meaning_have_the_same_features() -> None:
    assert {"<faint>", "<faint person>"} <= senses("老伴栽倒了") & senses("爷爷厥过去了")


def test_of_a_word_within_a_longer_one_only_the_longer_counts() -> None:
    assert "<suicide>" in senses("他要跳楼")
    assert "<violence>" not in senses("打扫卫生")


def test_a_misheard_word_is_found_by_its_sound() -> None:
    assert "<~faint>" in senses("他运到了")
    assert "<faint>" not in senses("他运到了")


def test_a_feature_names_the_word_it_was_found_in() -> None:
    found = features("老伴栽倒了", confusions())
    assert (found["<faint>"], found["<faint person>"]) == ("栽倒", "栽倒")


def test_every_group_has_words() -> None:
    groups = set(words().groups.values())
    assert {"person", "faint", "fire", "gas", "violence", "missing", "past", "office"} <= groups
    assert len(words().groups) > 1000
