"""What the weights are learned from: labels as they stand in the files, the matter without the address."""

from pathlib import Path

import pytest

from app.desk.teaching import bare, files, from_corrections, from_phrases, from_tables
from app.errors import BadInput
from speech.phrasebook import phrasebook


def table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_address_and_telephone_number_are_no_part_of_the_matter() -> None:
    left = bare("三栋二单元501的路灯不亮了，电话13800001111")
    assert "路灯不亮" in left
    assert not any(part in left for part in ("三栋", "501", "138"))


def test_an_empty_cell_means_none_and_an_empty_column_not_labelled(tmp_path: Path) -> None:
    both = table(tmp_path / "a.tsv", "# note", "category\tdanger\ttext", "repairs\t\t灯坏了", "\t119\t着火了")
    one = table(tmp_path / "b.tsv", "danger\tcategory\ttext", "120\t\t昏迷了", "\t\t吃饭了")
    found = [(example.category, example.danger) for example in from_tables([both, one])]
    assert found == [("repairs", "none"), ("none", "119"), (None, "120"), (None, "none")]


def test_what_a_recogniser_made_of_a_text_is_learned_beside_it_without_its_address(tmp_path: Path) -> None:
    path = table(tmp_path / "a.tsv", "category\tdanger\ttext", "repairs\t\t灯坏了，三栋", "\t119\t着火了")
    heard = table(tmp_path / "heard.tsv", "text\theard\tconfidence", "灯坏了，三栋\t等坏了三栋\t0.80")
    first, second = from_tables([path], heard)
    assert first.heard is not None
    assert first.heard.startswith("等坏了")
    assert "栋" not in first.heard
    assert second.heard is None
    assert [e.heard for e in from_tables([path], tmp_path / "missing.tsv")] == [None, None]


def test_answers_that_name_no_matter_teach_that_there_is_none(tmp_path: Path) -> None:
    path = table(tmp_path / "a.tsv", "id\tkind\ttext\tvalue", "1\tyes_no\t对的\tyes", "2\tfact\t还漏水\t3")
    assert [(e.text, e.category, e.counted) for e in from_tables([path])] == [("对的", "none", False)]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("category\tdanger\ttext", "repair\t\t灯坏了"), "a.tsv:2: unknown category"),
        (("# x", "category\tdanger\ttext", "care\t112\t灯坏了"), "a.tsv:3: unknown category"),
        (("category\tdanger", "care\t120"), "needs a first line"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, lines: tuple[str, ...], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        list(from_tables([table(tmp_path / "a.tsv", *lines)]))


def test_nothing_is_learned_from_a_test_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="test file"):
        list(from_tables([table(tmp_path / "requests_test.tsv", "category\tdanger\ttext", "care\t\t药")]))
    assert not [path for path in files() if "test" in path.name]


def test_dangerous_words_teach_danger_and_harmless_ones_none() -> None:
    taught = list(from_phrases(phrasebook()))
    danger = {example.text: example.danger for example in taught if example.danger}
    assert danger["着火了"] == "119"
    assert {example.category for example in taught if example.category} == {
        category.code for category in phrasebook().categories
    }
    assert not any(example.counted for example in taught)


def test_what_staff_put_right_counts_as_added() -> None:
    said = from_corrections([("3栋路灯坏了", "repairs", None, 7), ("昏倒了", None, "120", None)])
    assert [(e.category, e.danger, e.added) for e in said] == [("repairs", "none", True), (None, "120", True)]
    assert [e.speaker for e in said] == [7, None]
