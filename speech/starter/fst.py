"""Weighted finite-state transducers in OpenFst's files, as the engine reads them; no OpenFst needed.

Little-endian throughout; weights are costs (−ln probability), a non-final state has the final cost infinity.
    header    int32 2125659606, type (int32 length + text), arc type "standard" likewise, int32 version,
              uint32 flags 0, uint64 properties, int64 start, int64 states, int64 arcs
    const     (version 2, not aligned) header; per state float32 final cost, uint32 position of its first arc,
              number of arcs, of arcs with input 0, of arcs with output 0; then per arc int32 input, int32 output,
              float32 cost, int32 next state
    olabel_lookahead (version 1: matcher-fst.h, add-on.h, label-reachable.h) header; int32 446681434; a complete
              const file; bytes 1, 0, 1: there is an add-on, none for input labels, one for output labels; bytes 0, 0:
              labels are of the output side, no relabelling kept; int32 label that stands for "a final state";
              int64 states; per state int64 n, n × (int32 begin, int32 end) of reachable labels, int32 their number
"""

import math
import struct
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

_MAGIC = 2125659606
_ADD_ON_MAGIC = 446681434
_EXPANDED = 0x1
ACCEPTOR = 0x10000
INPUT_SORTED = 0x10000000
OUTPUT_SORTED = 0x40000000
"""Properties that a file claims; the engine trusts them, so claim only what is so."""

Interval = tuple[int, int]


class Arc(NamedTuple):
    """Label 0 is epsilon: nothing read or nothing written."""

    input: int
    output: int
    cost: float
    target: int


@dataclass
class Fst:
    """States are numbers from 0; `finals[state]` is the cost of ending there."""

    arcs: list[list[Arc]] = field(default_factory=list)
    finals: list[float] = field(default_factory=list)
    start: int = 0

    def add_state(self, final: float = math.inf) -> int:
        self.arcs.append([])
        self.finals.append(final)
        return len(self.arcs) - 1

    def add_arc(self, state: int, reads: int, writes: int, cost: float, target: int) -> None:
        self.arcs[state].append(Arc(reads, writes, cost, target))

    def sort_by_input(self) -> None:
        for arcs in self.arcs:
            arcs.sort(key=lambda arc: arc.input)

    def sort_by_output(self) -> None:
        for arcs in self.arcs:
            arcs.sort(key=lambda arc: arc.output)

    @property
    def arc_count(self) -> int:
        return sum(map(len, self.arcs))


def const_file(fst: Fst, properties: int = 0) -> bytes:
    """`properties`: any of ACCEPTOR, INPUT_SORTED, OUTPUT_SORTED that hold."""
    out = bytearray(_header("const", 2, fst, properties))
    position = 0
    for final, arcs in zip(fst.finals, fst.arcs, strict=True):
        silent, mute = sum(arc.input == 0 for arc in arcs), sum(arc.output == 0 for arc in arcs)
        out += struct.pack("<fIIII", final, position, len(arcs), silent, mute)
        position += len(arcs)
    for arcs in fst.arcs:
        for arc in arcs:
            out += struct.pack("<iifi", *arc)
    return bytes(out)


def look_ahead_file(fst: Fst, labels: int) -> bytes:
    """For composition on the fly with a grammar: says which words can still come from each state.

    `labels`: the highest output label. The arcs are sorted by output on the way. Labels aren't renumbered here, so
    the sets are small only if the labels that are reachable together are neighbours (`graph.py` sees to it).
    """
    fst.sort_by_output()
    sets = reachable(fst, labels)
    out = bytearray(_header("olabel_lookahead", 1, fst, OUTPUT_SORTED))
    out += struct.pack("<i", _ADD_ON_MAGIC) + const_file(fst, OUTPUT_SORTED)
    out += struct.pack("<???", True, False, True) + struct.pack("<??", False, False)
    out += struct.pack("<iq", labels + 1, len(sets))
    for intervals in sets:
        out += struct.pack("<q", len(intervals))
        for interval in intervals:
            out += struct.pack("<ii", *interval)
        out += struct.pack("<i", sum(end - begin for begin, end in intervals))
    return bytes(out)


def reachable(fst: Fst, labels: int) -> list[list[Interval]]:
    """For each state: the output labels that can come first from there, as sorted half-open intervals.

    A way to a final state without any output counts as the label `labels + 1`.
    """
    # Sets are whole numbers with one bit a label: thousands of labels meet in thousands of states.
    sets: list[int] = []
    sources: list[list[int]] = [[] for _ in fst.arcs]
    for state, (arcs, final) in enumerate(zip(fst.arcs, fst.finals, strict=True)):
        found = 1 << (labels + 1) if final < math.inf else 0
        for arc in arcs:
            if arc.output:
                found |= 1 << arc.output
            else:
                sources[arc.target].append(state)
        sets.append(found)
    waiting = deque(state for state, found in enumerate(sets) if found)
    queued = set(waiting)
    while waiting:
        state = waiting.popleft()
        queued.discard(state)
        for source in sources[state]:
            together = sets[source] | sets[state]
            if together != sets[source]:
                sets[source] = together
                if source not in queued:
                    queued.add(source)
                    waiting.append(source)
    known = {found: _intervals(found) for found in set(sets)}
    return [known[found] for found in sets]


def _intervals(labels: int) -> list[Interval]:
    """The runs of ones in `labels`."""
    out: list[Interval] = []
    place = 0
    while labels >> place:
        rest = labels >> place
        begin = place + (rest & -rest).bit_length() - 1
        run = labels >> begin
        end = begin + (~run & (run + 1)).bit_length() - 1
        out.append((begin, end))
        place = end
    return out


def _header(kind: str, version: int, fst: Fst, properties: int) -> bytes:
    out = struct.pack("<i", _MAGIC)
    for text in (kind, "standard"):
        out += struct.pack("<i", len(text)) + text.encode()
    counts = (fst.start, len(fst.arcs), fst.arc_count)
    return out + struct.pack("<iIQqqq", version, 0, properties | _EXPANDED, *counts)
