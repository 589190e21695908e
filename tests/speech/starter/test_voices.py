"""The voices of training, development and testing are apart."""

from speech.starter.voices import BASE, BY_SPLIT, DEV, FORMANTS_TRAIN, HASTY, RARE, TEST, TRAIN


def test_no_variant_is_in_two_splits() -> None:
    variants = [{voice.variant for voice in voices} for voices in (TRAIN, DEV, TEST)]
    assert not variants[0] & variants[1]
    assert not variants[0] & variants[2]
    assert not variants[1] & variants[2]


def test_relatives_of_test_voices_are_not_trained_on() -> None:
    trained = {voice.variant for voice in TRAIN}
    assert not trained & {"steph", "steph2", "steph3", "klatt", "klatt2", "klatt3", "Andrea", "Mike", "mike2"}


def test_shifted_test_voices_lie_beyond_training() -> None:
    shifted = [voice.formants for voice in TEST if voice.formants != 1]
    assert len(shifted) >= 2
    assert all(not FORMANTS_TRAIN[0] <= formants <= FORMANTS_TRAIN[1] for formants in shifted)


def test_names_are_unique_and_espeak_is_told_the_variant() -> None:
    names = [voice.name for voices in BY_SPLIT.values() for voice in voices]
    assert len(names) == len(set(names))
    assert all(voice.espeak.startswith(BASE) and voice.variant in voice.espeak for voice in TEST)
    assert {voice.variant for voice in TRAIN} >= RARE
    assert {voice.variant for voice in (*TRAIN, *TEST)} >= HASTY
