import math
import struct

import pytest

from speech.starter.fst import INPUT_SORTED, OUTPUT_SORTED, Arc, Fst, const_file, look_ahead_file, reachable


def read_const(data: bytes) -> tuple[Fst, int, int]:
    """An independent reader of const files: the transducer, its properties, bytes used."""
    place = 0

    def take(form: str) -> tuple[int, ...]:
        nonlocal place
        values = struct.unpack_from("<" + form, data, place)
        place += struct.calcsize("<" + form)
        return values

    def text() -> str:
        nonlocal place
        (length,) = take("i")
        place += length
        return data[place - length : place].decode()

    assert take("i") == (2125659606,)
    assert (text(), text()) == ("const", "standard")
    version, flags, properties, start, states, arcs = take("iIQqqq")
    assert (version, flags) == (2, 0)
    fst, rows = Fst(start=start), []
    for _ in range(states):
        final, position, count, silent, mute = take("fIIII")
        fst.add_state(final)
        rows.append((position, count, silent, mute))
    flat = [Arc(*take("iifi")) for _ in range(arcs)]
    for state, (position, count, silent, mute) in enumerate(rows):
        fst.arcs[state] = flat[position : position + count]
        assert sum(arc.input == 0 for arc in fst.arcs[state]) == silent
        assert sum(arc.output == 0 for arc in fst.arcs[state]) == mute
    return fst, properties, place


@pytest.fixture
def forked() -> Fst:
    """0 −(1:0)→ 1 −(2:7)→ 3 and 0 −(5:8)→ 2 −(0:0)→ 3 (final), 1 −(3:6)→ 3."""
    fst = Fst()
    for final in (math.inf, math.inf, math.inf, 0.5):
        fst.add_state(final)
    fst.add_arc(0, 5, 8, 0.25, 2)
    fst.add_arc(0, 1, 0, 0.0, 1)
    fst.add_arc(1, 2, 7, 1.5, 3)
    fst.add_arc(1, 3, 6, 0.0, 3)
    fst.add_arc(2, 0, 0, 0.0, 3)
    return fst


def test_const_file_holds_what_was_written(forked: Fst) -> None:
    forked.sort_by_input()
    data = const_file(forked, INPUT_SORTED)
    read, properties, used = read_const(data)
    assert read == forked
    assert properties == INPUT_SORTED | 1
    assert used == len(data)


def test_look_ahead_file_holds_the_const_file_and_the_reachable_labels(forked: Fst) -> None:
    data = look_ahead_file(forked, 8)
    head = 4 + 4 + len("olabel_lookahead") + 4 + len("standard") + struct.calcsize("<iIQqqq")
    assert struct.unpack_from("<i", data, head) == (446681434,)
    read, properties, used = read_const(data[head + 4 :])
    assert read == forked
    assert properties == OUTPUT_SORTED | 1
    rest = data[head + 4 + used :]
    assert rest[:5] == bytes([1, 0, 1, 0, 0])
    final_label, states = struct.unpack_from("<iq", rest, 5)
    assert (final_label, states) == (9, 4)
    place, sets = 5 + 12, []
    for _ in range(states):
        (count,) = struct.unpack_from("<q", rest, place)
        numbers = struct.unpack_from(f"<{2 * count}i", rest, place + 8)
        (labels,) = struct.unpack_from("<i", rest, place + 8 + 8 * count)
        place += 12 + 8 * count
        sets.append((numbers, labels))
    assert sets == [((6, 9), 3), ((6, 8), 2), ((9, 10), 1), ((9, 10), 1)]
    assert place == len(rest)


def test_arcs_of_a_look_ahead_graph_are_sorted_by_what_they_write(forked: Fst) -> None:
    look_ahead_file(forked, 8)
    assert [arc.output for arc in forked.arcs[1]] == [6, 7]


def test_labels_behind_silent_arcs_are_reachable_and_those_behind_written_ones_are_not() -> None:
    fst = Fst()
    for _ in range(4):
        fst.add_state()
    fst.add_arc(0, 1, 0, 0.0, 1)
    fst.add_arc(1, 1, 0, 0.0, 0)  # a circle without output must not keep the search from ending
    fst.add_arc(1, 2, 4, 0.0, 2)
    fst.add_arc(2, 3, 9, 0.0, 3)
    assert reachable(fst, 9) == [[(4, 5)], [(4, 5)], [(9, 10)], []]
