"""Where syllables begin and end, from espeak-ng's events. The library itself only ever runs in the worker."""

import pytest

from speech.starter.espeak_library import syllable_spans


def test_events_become_start_vowel_and_end() -> None:
    events = [
        (0, None),
        (0, "n"),
        (1856, "'i"),
        (4316, "_|"),
        (4316, None),
        (4580, "X"),
        (6947, "'Au"),
        (9000, "_:"),
    ]
    assert syllable_spans(events, 9500) == [(0, 1856, 4316), (4316, 6947, 9000)]


def test_a_syllable_of_one_sound_has_no_vowel_of_its_own() -> None:
    assert syllable_spans([(10, None), (10, "'A"), (500, "_|")], 600) == [(10, -1, 500)]


def test_without_a_pause_a_syllable_ends_where_the_next_begins() -> None:
    events = [(0, None), (0, "m"), (90, "A"), (200, None), (200, "m"), (300, "A")]
    assert syllable_spans(events, 450) == [(0, 90, 200), (200, 300, 450)]


def test_sounds_before_the_first_syllable_are_no_syllable() -> None:
    assert syllable_spans([(0, "_"), (50, None), (50, "A"), (90, "_|")], 100) == [(50, -1, 90)]


def test_pinyin_taken_for_english_is_refused() -> None:
    with pytest.raises(ValueError, match=r"language \(en\)"):
        syllable_spans([(0, None), (0, "(en)"), (100, "k")], 500)


@pytest.mark.parametrize("events", [[(0, None), (50, "_|")], [(70, None), (70, "A"), (70, "_|")]])
def test_a_syllable_without_sound_is_refused(events: list[tuple[int, str | None]]) -> None:
    with pytest.raises(ValueError, match="left out"):
        syllable_spans(events, 100)
