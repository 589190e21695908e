"""Groups of words near in meaning, for the learned weights: 栽倒 and 厥过去 are both `faint`. Pure.

Few labelled utterances hold the very words that a caller will use, but most hold words of the same groups; what the
weights learn of a group, and of two groups in one text (`faint` beside `person`, `faint` beside `past`), holds for
every word of it. A word of two and more syllables is found by its sound as well.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from speech.phrase_files import data_file


@dataclass(frozen=True, eq=False)
class Lexicon:
    """`groups`: a word, as its characters or its syllables → its group. `longest`: of its words, in characters."""

    groups: Mapping[tuple[str, ...], str]
    longest: int


def sense_features(text: str, said: Sequence[str], sound: Callable[[str], str]) -> dict[str, str]:
    """Feature → the word that it was found in: `<faint>`, by sound `<~faint>`, and pairs `<faint person>`.

    `said`: the sounds of the characters of `text`, as `sound` gives them.
    """
    written, heard = _found(tuple(text), words()), _found(tuple(said), _by_sound(sound))
    pieces = {name: text[start:end] for name, (start, end) in (heard | written).items()}
    features = {f"<{name}>": pieces[name] for name in written}
    features |= {f"<~{name}>": pieces[name] for name in heard}
    features |= {f"<{one} {other}>": pieces[one] for one, other in combinations(sorted(pieces), 2)}
    return features


def _found(tokens: tuple[str, ...], lexicon: Lexicon) -> dict[str, tuple[int, int]]:
    """Group → where its first word stands; from the left, the longest word first."""
    found: dict[str, tuple[int, int]] = {}
    at = 0
    while at < len(tokens):
        for end in range(min(len(tokens), at + lexicon.longest), at, -1):
            if (name := lexicon.groups.get(tokens[at:end])) is not None:
                found.setdefault(name, (at, end))
                at = end
                break
        else:
            at += 1
    return found


@functools.cache
def words() -> Lexicon:
    """The product's own: learned weights rest on them. Raises SettingsError naming file and line."""
    file = data_file("senses.toml")
    file.only(file.root, "senses")
    table = file.table("senses")
    found: dict[tuple[str, ...], str] = {}
    for name in table:
        for word in (word for texts in file.words(table, name) for word in texts.split()):
            if found.setdefault(tuple(word), name) != name:
                raise file.fail(f"{word!r} stands in {found[tuple(word)]} and in {name}", f"{name} =", word)
    return Lexicon(found, max(map(len, found)))


@functools.lru_cache(maxsize=4)
def _by_sound(sound: Callable[[str], str]) -> Lexicon:
    found: dict[tuple[str, ...], str] = {}
    for word, name in words().groups.items():
        if len(word) > 1:
            found.setdefault(tuple(map(sound, word)), name)
    return Lexicon(found, words().longest)
