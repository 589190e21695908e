"""The texts: only words of the lexicon, every kind, repeatable, never from a test file."""

import random
from collections import Counter
from pathlib import Path

import pytest

from speech.starter.lexicon import lexicon
from speech.starter.sentences import LANGUAGE_MIX, MIX, Writer, dev_texts


@pytest.fixture(scope="module")
def writer() -> Writer:
    return Writer(lexicon(), ["我家灯坏了，快来修"])


def test_lines_hold_only_words_of_the_lexicon(writer: Writer) -> None:
    generator = random.Random(1)
    lines = [writer.next_line(generator) for _ in range(800)]
    assert {word for line in lines for word in line.words} <= set(lexicon().words)
    assert all(line.words and all(line.clauses) for line in lines)


def test_every_kind_is_drawn_about_as_often_as_it_should_be(writer: Writer) -> None:
    generator = random.Random(2)
    counts = Counter(writer.next_line(generator).kind for _ in range(2000))
    assert set(counts) == set(MIX)
    for kind, share in MIX.items():
        assert abs(counts[kind] / 2000 - share) < 0.04


def test_the_same_generator_gives_the_same_lines(writer: Writer) -> None:
    first, second = random.Random(3), random.Random(3)
    assert [writer.next_line(first) for _ in range(50)] == [writer.next_line(second) for _ in range(50)]


def test_the_language_model_gets_nothing_random(writer: Writer) -> None:
    generator = random.Random(4)
    kinds = {writer.next_line(generator, LANGUAGE_MIX).kind for _ in range(300)}
    assert kinds <= set(LANGUAGE_MIX)
    assert not kinds & {"words", "syllables"}


def test_shares_add_up() -> None:
    assert sum(MIX.values()) == pytest.approx(1)
    assert sum(LANGUAGE_MIX.values()) == pytest.approx(1)


def test_all_slots_are_filled(writer: Writer) -> None:
    generator = random.Random(5)
    for template in ("{address}{danger}", "{phrase}{word}", "{place}{thing}{bad}", "{phone}{room}{no}{n}"):
        assert "{" not in writer.fill(template, generator)


def test_spoken_numbers_come_with_both_forms_of_one(writer: Writer) -> None:
    generator = random.Random(6)
    words = Counter(word for _ in range(300) for word in writer.next_line(generator, {"digits": 1.0}).words)
    assert words["幺"] > 20
    assert words["一"] > 20
    assert words["零"] > 20
    assert {"栋", "号楼", "单元"} <= set(words)


def test_minimal_pairs_are_practised(writer: Writer) -> None:
    generator = random.Random(7)
    words = Counter(
        word for _ in range(2000) for word in writer.next_line(generator, {"contrast": 1.0}).words
    )
    assert all(words[word] > 5 for word in ("是", "十", "四", "不是", "不", "没", "没有", "有", "一", "七"))


def test_only_dev_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a_dev.tsv").write_text(
        '# note\nid\ttext\tvalue\n1\t灯坏了\t\n2\t\t\n3\t他说"好"\t\n', "utf-8"
    )
    (tmp_path / "a_test.tsv").write_text("id\ttext\n1\t秘密\n", "utf-8")
    assert dev_texts(tmp_path) == ["灯坏了", '他说"好"']


def test_without_dev_files_requests_take_their_place(tmp_path: Path) -> None:
    writer = Writer(lexicon(), dev_texts(tmp_path))
    assert writer.next_line(random.Random(8), {"dev": 1.0}).kind == "request"
