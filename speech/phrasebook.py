"""Everything that residents may say, read from `phrases/*.toml` into typed values. Data, no decisions."""

import functools
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from speech import phrase_loading as loading
from speech.confusions import Confusions, confusions, load_confusions
from speech.engine import Engine
from speech.phrase_files import DIRECTORY, check_community, data_file
from speech.phrase_index import PhraseIndex
from speech.phrase_loading import CATEGORIES, EMERGENCY_NUMBERS, INTENTS, KINDS
from speech.phrase_records import (
    Category,
    Choices,
    Dangers,
    Dialect,
    Intent,
    Matters,
    Places,
    Texts,
    Tiers,
    Times,
    Urgency,
    Wordings,
)
from speech.weighing import Weights
from speech.weights_file import NAME, read_weights

__all__ = [
    "CATEGORIES",
    "DIRECTORY",
    "EMERGENCY_NUMBERS",
    "INTENTS",
    "KINDS",
    "Phrasebook",
    "phrasebook",
    "use",
]

OPENING = "opening"
_UNITS = frozenset("十百千万")
FILES = (
    *(
        "choices.toml",
        "answers.toml",
        "wordings.toml",
        "categories.toml",
        "matters.toml",
        "dangers.toml",
        "urgency.toml",
        "tiers.toml",
    ),
    *("intents.toml", "places.toml", "confusions.toml", "dialect.toml", "times.toml"),
    "texts.toml",
    "examples.toml",
    *(f"{code}.toml" for code in CATEGORIES),
)


@dataclass(frozen=True, eq=False)
class Phrasebook:
    """Compared by identity: what is built from it is kept beside it."""

    choices: Choices
    wordings: Wordings
    categories: tuple[Category, ...]
    matters: Matters
    dangers: Dangers
    urgency: Urgency
    tiers: Tiers
    intents: tuple[Intent, ...]
    places: Places
    dialect: Dialect
    times: Times
    texts: Texts
    confusions: Confusions
    examples: Mapping[str, tuple[str, ...]]
    weights: Weights | None

    @functools.cached_property
    def index(self) -> PhraseIndex:
        """Of all phrases that are looked for in what residents say."""
        return PhraseIndex(self.confusions)

    def phrases(self, name: str) -> tuple[str, ...] | None:
        """What the recogniser is held to while `name` is asked; None for the opening: anything may be said."""
        if name == OPENING:
            return None
        if name == "digits":
            digits = [digit for digit in self.choices.digits if digit not in _UNITS]
            # Of the list the engine makes a bigram model, in which a digit after a digit was the rarest thing.
            return (*self.choices.digits, *map("".join, itertools.product(digits, repeat=2)))
        if name == "place":
            return tuple(dict.fromkeys(self.choices.place + self.choices.always))
        if name not in self.choices.said:
            raise KeyError(
                f"no phrase list {name!r}; known: {', '.join((*KINDS, 'digits', 'place', OPENING))}"
            )
        spoken = [phrase for value in self.choices.said[name].values() for phrase in value]
        numbers = self.choices.digits[1:8] if name in ("fact", "rating", "category") else ()
        around = self.choices.around if name in ("yes_no", "fact", "rating") else ()
        return tuple(dict.fromkeys((*spoken, *numbers, *around, *self.choices.always)))


_community: Path | None = None


def use(community: Path | None) -> None:
    """From now on the phrases of this directory count too (JIACHANG_PHRASES_DIR); None: the product's alone.

    Raises SettingsError for a directory that is none or holds a file that nobody would read.
    """
    global _community
    if community is not None:
        check_community(community, FILES)
    if community != _community:
        _community = community
        phrasebook.cache_clear()


@functools.cache
def phrasebook() -> Phrasebook:
    """Read once. Raises SettingsError naming file and line of a mistake."""
    return load(DIRECTORY, _community)


def load(directory: Path, community: Path | None = None) -> Phrasebook:
    files = {name.removesuffix(".toml"): data_file(name, directory, community) for name in FILES}
    own = directory == DIRECTORY and community is None
    return Phrasebook(
        choices=loading.load_choices(files["choices"], files["answers"]),
        wordings=loading.load_wordings(files["wordings"]),
        categories=loading.load_categories(files["categories"], files),
        matters=loading.load_matters(files["matters"]),
        dangers=loading.load_dangers(files["dangers"]),
        urgency=loading.load_urgency(files["urgency"]),
        tiers=loading.load_tiers(files["tiers"]),
        intents=loading.load_intents(files["intents"]),
        places=loading.load_places(files["places"]),
        dialect=loading.load_dialect(files["dialect"]),
        times=loading.load_times(files["times"]),
        texts=loading.load_texts(files["texts"]),
        examples=loading.load_examples(files["examples"]),
        weights=_weights(directory, community),
        confusions=confusions() if own else load_confusions(files["confusions"]),
    )


def phrases(name: str) -> tuple[str, ...] | None:
    """See `Phrasebook.phrases`, for the phrases of the product."""
    return phrasebook().phrases(name)


def unsayable(engine: Engine, book: Phrasebook) -> dict[str, tuple[str, ...]]:
    """Per phrase list, what this engine can never hear; lists without such phrases are left out."""
    missing = {name: engine.unsayable(book.phrases(name) or ()) for name in (*KINDS, "digits", "place")}
    return {name: phrases for name, phrases in missing.items() if phrases}


def _weights(directory: Path, community: Path | None) -> Weights | None:
    """Those that a community learned anew, else the product's; None where there are none, as in a bare copy."""
    for path in (community and community / NAME, directory / NAME):
        if path and path.is_file():
            return read_weights(path)
    return None
