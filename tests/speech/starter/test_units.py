"""The acoustic units: every syllable is spelled, and phones of all positions share their pdfs."""

import pytest

from speech.starter import units


@pytest.mark.parametrize(
    ("syllable", "initial", "final"),
    [
        ("zhuang1", "zh", "uang1"),
        ("an4", None, "an4"),
        ("er2", None, "er2"),
        ("yuan2", "y", "van2"),
        ("yan2", "y", "ian2"),
        ("ye5", "y", "ie5"),
        ("you3", "y", "ou3"),
        ("xue2", "x", "ve2"),
        ("jun1", "j", "vn1"),
        ("lü4", "l", "v4"),
        ("lve4", "l", "ve4"),
        ("si4", "s", "ii4"),
        ("shi2", "sh", "iii2"),
        ("ri4", "r", "iii4"),
        ("xiong1", "x", "iong1"),
        ("wu3", "w", "u3"),
    ],
)
def test_a_syllable_is_an_initial_and_a_toned_final(syllable: str, initial: str | None, final: str) -> None:
    assert units.split(syllable) == (initial, final)


@pytest.mark.parametrize("nonsense", ["", "ma", "ma6", "ng2", "hello1", "1", "m2", "三"])
def test_what_is_no_toned_syllable_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError, match="no Mandarin syllable"):
        units.split(nonsense)


def test_phone_ids_are_their_places_in_the_list_and_silence_is_one() -> None:
    assert units.PHONES[0] == "<eps>"
    assert units.PHONES[units.SIL] == "SIL"
    assert [units.PHONE_IDS[name] for name in units.PHONES] == list(range(len(units.PHONES)))


def test_phones_of_one_unit_share_their_pdfs_and_no_others_do() -> None:
    seen: dict[int, str] = {}
    for phone in range(units.SIL, len(units.PHONES)):
        for state in range(units.states(phone)):
            pdf = units.pdf_of(phone, state)
            assert units.unit_pdfs(units.unit_of(phone))[state] == pdf
            assert (
                seen.setdefault(pdf, f"{units.unit_of(phone)} {state}") == f"{units.unit_of(phone)} {state}"
            )
    assert sorted(seen) == list(range(units.PDFS))


def test_a_state_that_a_phone_does_not_have_is_refused() -> None:
    with pytest.raises(IndexError, match="no state 1"):
        units.pdf_of(units.SIL, 1)


def test_a_words_phones_know_their_place_in_it() -> None:
    named = [units.PHONES[phone] for phone in units.phones_of(("ni2", "hao3", "an1"))]
    assert named == ["n_B", "i2_I", "h_I", "ao3_I", "an1_E"]
    assert [units.PHONES[phone] for phone in units.phones_of(("er4",))] == ["er4_S"]
    with pytest.raises(ValueError, match="at least one"):
        units.phones_of(())


def test_word_boundary_lists_every_phone_with_its_kind() -> None:
    lines = dict(line.split() for line in units.word_boundary_lines())
    assert len(lines) == len(units.PHONES) - 1
    assert lines["1"] == "nonword"
    assert lines[str(units.PHONE_IDS["zh_B"])] == "begin"
    assert lines[str(units.PHONE_IDS["ang4_I"])] == "internal"
    assert lines[str(units.PHONE_IDS["ang4_E"])] == "end"
    assert lines[str(units.PHONE_IDS["ang4_S"])] == "singleton"
