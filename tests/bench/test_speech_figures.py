"""`bench speech`: one recording judged with the real model, and the counts added up."""

from app.settings import load_settings
from bench.hearing import DIGITS, FOREIGN, NO_SPEECH, SENTENCES, Judged, Order, judge
from bench.speech import Texts, cells, orders, tally
from bench.spoken import Line
from speech.starter.voices import BY_SPLIT

DEV = BY_SPLIT["dev"]
MODEL = load_settings({}).speech_model.resolve()


def judged(kind: str, text: str, value: str = "") -> Judged:
    return judge(MODEL, Order(kind, text, value, Line(DEV[0]), 3))


def test_answers_digits_and_sentences_are_judged_by_what_was_said() -> None:
    assert judged("yes_no", "不是", "no").counts == {"yes_no": (1, 1)}
    assert judged("yes_no", "不是", "yes").counts == {"yes_no": (0, 1)}
    assert judged(DIGITS, "三五七二", "3572").counts == {"per digit": (4, 4), "whole string": (1, 1)}
    wrong, of = judged(DIGITS, "三五七二", "3579").counts["per digit"]
    assert (wrong, of) == (3, 4)
    sentence = judged(SENTENCES, "楼道里的灯坏了").counts
    assert sentence["syllables"][1] == 7 and sentence["syllables"][0] <= 1


def test_a_sentence_is_no_answer_and_silence_no_word() -> None:
    assert judged(FOREIGN, "我家厨房的水管子漏了一个星期了").counts == {FOREIGN: (1, 1)}
    found = judged(NO_SPEECH, "silence").counts
    assert {right for right, _ in found.values()} == {0}


def test_every_voice_counts_for_the_clean_line_as_well() -> None:
    one = Judged(Order("yes_no", "对", "yes", Line(DEV[0]), 1), {"yes_no": (1, 1)})
    other = Judged(Order("yes_no", "对", "yes", Line(DEV[1]), 2), {"yes_no": (0, 1)})
    table = tally((("voice", "a", one), ("voice", "b", other), ("noise", "10 dB", other)))
    assert table["noise", "clean", "yes_no"] == (1, 2)
    assert table["voice", "a", "yes_no"] == (1, 1)
    assert table["noise", "10 dB", "yes_no"] == (0, 1)


def test_a_cell_has_the_recordings_it_promises_and_takes_voices_in_turn() -> None:
    texts, noise = Texts("dev"), next(cell for cell in cells(DEV) if cell.dimension == "noise")
    made = list(orders(noise, texts, 25, iter(range(1000)), 0))
    assert [sum(order.kind == kind for order in made) for kind in ("yes_no", DIGITS, FOREIGN)] == [25] * 3
    assert {order.line.voice for order in made} == set(DEV)
    assert len({order.seed for order in made}) == len(made)
