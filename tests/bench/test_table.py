"""Tables line up, in a terminal and in Markdown."""

import pytest

from bench.table import cell, render, width


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "pass"),
        (False, "FAIL"),
        (0.6712, "0.67"),
        (12.345, "12.3"),
        (1234.5, "1234"),
        (-0.5, "-0.50"),
        (7, "7"),
        (None, "–"),
        ("语音", "语音"),
    ],
)
def test_cells_are_readable(value: object, shown: str) -> None:
    assert cell(value) == shown


def test_lines_are_equally_wide_although_chinese_takes_two_columns() -> None:
    lines = render(["case", "p99 ms"], [["一次来电", 12.0], ["text", 7.5]]).splitlines()
    assert len({width(line) for line in lines}) == 1
    assert lines[0] == "| case     | p99 ms |"
    assert lines[1] == "| -------- | -----: |"
    assert lines[3] == "| text     |   7.50 |"


def test_a_row_with_a_missing_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="more or fewer cells"):
        render(["a", "b"], [["only one"]])


def test_a_table_without_rows_is_a_head() -> None:
    assert render(["a"], []) == "| a   |\n| --- |"
