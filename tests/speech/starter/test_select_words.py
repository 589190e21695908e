from pathlib import Path

from speech.starter.select_words import Listed, read, select, surely_read

LISTED = {
    "电梯": Listed(500, "n"),
    "手套": Listed(300, "n"),
    "手机": Listed(200, "n"),
    "皇帝": Listed(9000, "n"),
    "张手": Listed(900, "nr"),
    "二十": Listed(900, "m"),
    "坏": Listed(400, "a"),
    "了": Listed(80000, "ul"),
    "手": Listed(800, "n"),
    "套": Listed(100, "n"),
}
TEXTS = ["电梯坏了，手机没信号", "手脏了，外套也脏了"]


def test_words_of_our_texts_come_first_then_those_of_their_characters() -> None:
    chosen = select(LISTED, TEXTS, words=3, characters=3)
    assert {word for word in chosen if len(word) > 1} == {"电梯", "手机", "手套"}
    assert {word for word in chosen if len(word) == 1} == {"了", "手", "坏"}
    assert list(chosen.values()) == sorted(chosen.values(), reverse=True)


def test_names_and_numbers_are_no_words() -> None:
    chosen = select(LISTED, [*TEXTS, "皇帝张手二十"], words=99, characters=99)
    assert "皇帝" in chosen and "二十" not in chosen
    assert "张手" not in select(LISTED, [*TEXTS, "张"], words=99, characters=99)


def test_a_rare_word_that_residents_use_weighs_as_much_as_a_common_one() -> None:
    listed = LISTED | {"声控": Listed(2, "n"), "手控": Listed(2, "n")}
    chosen = select(listed, [*TEXTS, "声控"], words=99, characters=99)
    assert chosen["声控"] > chosen["手控"]


def test_only_words_whose_reading_is_known() -> None:
    assert surely_read("手套") and surely_read("银行")
    assert not surely_read("重重长")


def test_the_list_is_read_as_it_is_published(tmp_path: Path) -> None:
    path = tmp_path / "dict.txt"
    path.write_text("AT&T 3 nz\nB超 3 n\n手套 394 n\n", encoding="utf-8")
    assert read(path) == {"手套": Listed(394, "n")}
