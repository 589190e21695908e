"""Which syllables are taken for one another, and at what cost: accents, old telephone lines, recognisers.

Data: `phrases/confusions.toml`. Costs are per syllable, 0 (the same sound) to `most`.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from speech.datafile import DataFile
from speech.phrase_files import data_file
from speech.pinyin import all_syllables

INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")
"""As pinyin is spelled, so y and w count; longer ones first."""


@dataclass(frozen=True, eq=False)
class Confusions:
    """`never_slip`: characters that change what a phrase says, so they count only when they were heard.

    `least`: the lowest score of a hit of two, three, … syllables, the last for all longer ones. `real_words` are
    not taken for a misheard phrase.

    `near[heard][meant]` = cost of hearing one toneless syllable for another; each is near itself at 0."""

    near: Mapping[str, Mapping[str, float]]
    tone: float
    neutral: float
    slip: float
    slip_from: int
    never_slip: frozenset[str]
    least: tuple[float, ...]
    real_words: frozenset[str]
    names: tuple[str, ...] = field(default=())

    def least_score(self, length: int) -> float:
        return self.least[min(max(length - 2, 0), len(self.least) - 1)]

    def tone_cost(self, heard: str, meant: str) -> float:
        """`5` is the neutral tone; an empty tone is unknown."""
        if heard == meant or not heard or not meant:
            return 0.0
        return self.neutral if "5" in (heard, meant) else self.tone


@functools.cache
def confusions() -> Confusions:
    """The product's own table. Raises SettingsError naming file and line of a mistake."""
    return load_confusions(data_file("confusions.toml"))


def split(syllable: str) -> tuple[str, str]:
    """`zhang` → ("zh", "ang"); a syllable without an initial has an empty one."""
    initial = next((i for i in INITIALS if syllable.startswith(i)), "")
    return initial, syllable[len(initial) :]


def load_confusions(file: DataFile) -> Confusions:
    file.only(
        file.root,
        "tone",
        "neutral",
        "most",
        "slip",
        "slip_from",
        "never_slip",
        "least",
        "real_words",
        "confusion",
    )
    most = file.share(file.root, "most")
    initials: dict[str, dict[str, float]] = {}
    finals: dict[str, dict[str, float]] = {}
    whole: dict[str, dict[str, float]] = {}
    known = all_syllables()
    names = []
    for table in file.tables("confusion"):
        file.only(table, "name", "regions", "cost", "initials", "finals", "syllables")
        file.words(table, "regions")
        names.append(file.text(table, "name"))
        cost = file.share(table, "cost")
        for key, costs, allowed in (
            ("initials", initials, frozenset(INITIALS)),
            ("finals", finals, frozenset(split(syllable)[1] for syllable in known)),
            ("syllables", whole, None),
        ):
            for one, other in _pairs(file, table, key):
                for part in (one, other):
                    if allowed is not None and part not in allowed:
                        raise file.fail(f"{key} holds {part!r}, which pinyin does not have", f'"{part}"')
                _lower(costs, one, other, cost)
    near = {syllable: _near(syllable, known, initials, finals, whole, most) for syllable in known}
    return Confusions(
        near=near,
        tone=file.share(file.root, "tone"),
        neutral=file.share(file.root, "neutral"),
        slip=file.share(file.root, "slip"),
        slip_from=file.number(file.root, "slip_from"),
        never_slip=frozenset(file.text(file.root, "never_slip")),
        least=_least(file),
        real_words=frozenset(file.words(file.root, "real_words")),
        names=tuple(names),
    )


def _least(file: DataFile) -> tuple[float, ...]:
    found = file.root.get("least")
    if not isinstance(found, list) or not found:
        raise file.fail("'least' must be a list of numbers from 0 to 1", "least =")
    return tuple(file.share({"least": score}, "least") for score in found)


def _pairs(file: DataFile, table: Mapping[str, object], key: str) -> Iterator[tuple[str, str]]:
    found = table.get(key, [])
    for pair in found if isinstance(found, list) else [found]:
        two = file.word_list(pair, key)
        if len(two) != 2:
            raise file.fail(f'{key!r} must be pairs such as ["n", "l"]', f"{key} =")
        yield two[0], two[1]


def _lower(costs: dict[str, dict[str, float]], one: str, other: str, cost: float) -> None:
    for a, b in ((one, other), (other, one)):
        mine = costs.setdefault(a, {})
        mine[b] = min(cost, mine.get(b, 1.0))


def _near(
    syllable: str,
    known: Iterable[str],
    initials: Mapping[str, Mapping[str, float]],
    finals: Mapping[str, Mapping[str, float]],
    whole: Mapping[str, Mapping[str, float]],
    most: float,
) -> dict[str, float]:
    initial, final = split(syllable)
    found = {syllable: 0.0}
    for other_initial, first in {initial: 0.0, **initials.get(initial, {})}.items():
        for other_final, second in {final: 0.0, **finals.get(final, {})}.items():
            other = other_initial + other_final
            if other in known and first + second <= most:
                found[other] = min(first + second, found.get(other, 1.0))
    for other, cost in whole.get(syllable, {}).items():
        if cost <= most:
            found[other] = min(cost, found.get(other, 1.0))
    return found
