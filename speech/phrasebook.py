"""Everything that residents may say, read from `phrases/*.toml` into typed values. Data, no decisions."""

import functools
from dataclasses import dataclass
from pathlib import Path

from speech.datafile import DataFile
from speech.engine import Engine
from speech.phrase_records import (
    Category,
    Choices,
    Danger,
    DangerPair,
    Dangers,
    Fault,
    Intent,
    Matters,
    Places,
    Tiers,
    Urgency,
    Urgent,
)

DIRECTORY = Path(__file__).with_name("phrases")
KINDS = ("yes_no", "fact", "rating", "category", "person")
CATEGORIES = ("repairs", "livelihood", "environment", "mediation", "care", "culture")
"""In the order of keys, codes and tiles 1–6 (`surface.md`)."""
INTENTS = ("report", "progress", "rate", "reopen", "human", "activities", "keeper", "help", "optout", "optin", "thanks", "greeting", "other")  # fmt: skip
EMERGENCY_NUMBERS = ("119", "120", "110")
OPENING = "opening"
_VALUES = {
    "yes_no": ("yes", "no"),
    "fact": ("1", "2", "3"),
    "rating": ("1", "2", "3"),
    "category": ("1", "2", "3", "4", "5", "6"),
    "person": ("person",),
}


@dataclass(frozen=True)
class Phrasebook:
    choices: Choices
    categories: tuple[Category, ...]
    matters: Matters
    dangers: Dangers
    urgency: Urgency
    tiers: Tiers
    intents: tuple[Intent, ...]
    places: Places

    def phrases(self, name: str) -> tuple[str, ...] | None:
        """What the recogniser is held to while `name` is asked; None for the opening: anything may be said."""
        if name == OPENING:
            return None
        if name == "digits":
            return self.choices.digits
        if name == "place":
            return tuple(dict.fromkeys(self.choices.place + self.choices.always))
        if name not in self.choices.said:
            raise KeyError(
                f"no phrase list {name!r}; known: {', '.join((*KINDS, 'digits', 'place', OPENING))}"
            )
        spoken = [phrase for value in self.choices.said[name].values() for phrase in value]
        numbers = self.choices.digits[1:8] if name in ("fact", "rating", "category") else ()
        return tuple(dict.fromkeys((*spoken, *numbers, *self.choices.always)))


@functools.cache
def phrasebook(directory: Path = DIRECTORY) -> Phrasebook:
    """Read once a directory. Raises SettingsError naming file and line of a mistake."""
    return load(directory)


def phrases(name: str) -> tuple[str, ...] | None:
    """See `Phrasebook.phrases`, for the phrases of the product."""
    return phrasebook().phrases(name)


def unsayable(engine: Engine, book: Phrasebook) -> dict[str, tuple[str, ...]]:
    """Per phrase list, what this engine can never hear; lists without such phrases are left out."""
    missing = {name: engine.unsayable(book.phrases(name) or ()) for name in (*KINDS, "digits", "place")}
    return {name: phrases for name, phrases in missing.items() if phrases}


def load(directory: Path) -> Phrasebook:
    return Phrasebook(
        choices=_choices(DataFile(directory / "choices.toml")),
        categories=_categories(DataFile(directory / "categories.toml")),
        matters=_matters(DataFile(directory / "matters.toml")),
        dangers=_dangers(DataFile(directory / "dangers.toml")),
        urgency=_urgency(DataFile(directory / "urgency.toml")),
        tiers=_tiers(DataFile(directory / "tiers.toml")),
        intents=_intents(DataFile(directory / "intents.toml")),
        places=_places(DataFile(directory / "places.toml")),
    )


def _choices(file: DataFile) -> Choices:
    file.only(file.root, *KINDS, "always", "digits", "place", "negation", "fillers")
    said = {}
    for kind in KINDS:
        table = file.table(kind)
        file.only(table, *_VALUES[kind])
        said[kind] = {value: file.words(table, value) for value in _VALUES[kind]}
        owner: dict[str, str] = {}
        for value, spoken in said[kind].items():
            for phrase in spoken:
                if owner.setdefault(phrase, value) != value:
                    both = f"[{kind}] {phrase!r} stands for both {owner[phrase]} and {value}"
                    raise file.fail(both, f"[{kind}]", f"{value} =", f'"{phrase}"')
    negation = file.table("negation")
    file.only(negation, "words", "sounds", "between")
    return Choices(
        said=said,
        always=file.words(file.table("always"), "phrases"),
        digits=file.words(file.table("digits"), "phrases"),
        place=file.words(file.table("place"), "phrases"),
        negators=file.words(negation, "words"),
        negator_sounds=file.words(negation, "sounds"),
        negator_between=frozenset(file.text(negation, "between")),
        fillers=file.words(file.table("fillers"), "words"),
    )


def _categories(file: DataFile) -> tuple[Category, ...]:
    file.only(file.root, "category")
    found = {}
    for table in file.tables("category"):
        file.only(table, "code", "name", "phrases", "hints")
        code = file.text(table, "code", CATEGORIES)
        found[code] = Category(
            code, file.text(table, "name"), file.words(table, "phrases"), file.words(table, "hints")
        )
    missing = [code for code in CATEGORIES if code not in found]
    if missing:
        raise file.fail(f"no [[category]] for {', '.join(missing)}")
    return tuple(found[code] for code in CATEGORIES)


def _matters(file: DataFile) -> Matters:
    file.only(file.root, "thing", "fault", "whole")
    things: dict[str, str] = {}
    for table in file.tables("thing"):
        file.only(table, "category", "say")
        category = file.text(table, "category", CATEGORIES)
        things |= dict.fromkeys(file.words(table, "say"), category)
    faults = []
    for table in file.tables("fault"):
        file.only(table, "say", "heard")
        faults.append(Fault(file.text(table, "say"), file.words(table, "heard")))
    return Matters(things, tuple(faults), file.words(file.table("whole"), "say"))


def _dangers(file: DataFile) -> Dangers:
    file.only(file.root, "danger", "pairs", "not_before", "not_after", "sound")
    dangers, pairs = [], []
    for table in file.tables("danger"):
        file.only(table, "number", "category", "words", "exact")
        number = file.text(table, "number", EMERGENCY_NUMBERS)
        category = file.text(table, "category", CATEGORIES)
        dangers.append(
            Danger(number, category, file.words(table, "words"), file.words(table, "exact", required=False))
        )
    for table in file.tables("pairs"):
        file.only(table, "number", "first", "second", "at_most", "not_after_first")
        pairs.append(
            DangerPair(
                file.text(table, "number", EMERGENCY_NUMBERS),
                file.words(table, "first"),
                file.words(table, "second"),
                file.number(table, "at_most"),
                file.words(table, "not_after_first", required=False),
            )
        )
    before, after, sound = file.table("not_before"), file.table("not_after"), file.table("sound")
    file.only(before, "far", "near", "close", "unless")
    file.only(after, "near", "close")
    file.only(sound, "not_before", "may_follow", "not_words")
    return Dangers(
        dangers=tuple(dangers),
        pairs=tuple(pairs),
        before_far=file.words(before, "far"),
        before_near=file.words(before, "near"),
        before_close=file.words(before, "close"),
        unless=file.words(before, "unless"),
        after_near=file.words(after, "near"),
        after_close=file.words(after, "close"),
        sound_not_before=frozenset(file.text(sound, "not_before")),
        sound_may_follow=frozenset(file.text(sound, "may_follow")),
        sound_not_words=frozenset(file.words(sound, "not_words")),
    )


def _urgency(file: DataFile) -> Urgency:
    file.only(file.root, "urgent", "outage")
    rules = []
    for table in file.tables("urgent"):
        file.only(table, "name", "outage", "all")
        groups = table.get("all")
        if not isinstance(groups, list) or not groups:
            raise file.fail("'all' must be a list of lists of texts", "all")
        rules.append(
            Urgent(
                file.text(table, "name"),
                file.flag(table, "outage"),
                tuple(file.word_list(g, "all") for g in groups),
            )
        )
    outage = file.table("outage")
    return Urgency(tuple(rules), {kind: file.words(outage, kind) for kind in outage})


def _tiers(file: DataFile) -> Tiers:
    file.only(file.root, "complex", "categories")
    categories = file.words(file.root, "categories")
    for code in categories:
        if code not in CATEGORIES:
            raise file.fail(f"{code!r} is not one of {', '.join(CATEGORIES)}", f'"{code}"')
    return Tiers(file.words(file.root, "complex"), frozenset(categories))


def _intents(file: DataFile) -> tuple[Intent, ...]:
    file.only(file.root, "intent")
    found = []
    for table in file.tables("intent"):
        file.only(table, "code", "phrases", "starts", "whole")
        found.append(
            Intent(
                file.text(table, "code", INTENTS),
                file.words(table, "phrases"),
                file.words(table, "starts", required=False),
                file.flag(table, "whole"),
            )
        )
    return tuple(found)


def _places(file: DataFile) -> Places:
    file.only(file.root, "estates", "suffixes", "not_estate", "stops", "landmarks")
    return Places(
        file.words(file.root, "estates"),
        file.words(file.root, "suffixes"),
        file.words(file.root, "not_estate"),
        frozenset(file.text(file.root, "stops")),
        file.words(file.root, "landmarks"),
    )
