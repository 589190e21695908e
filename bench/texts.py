"""Text messages: what each labelled one is read as, and whether any is lost on its way through the real door.

A message is right if intent, ticket number and argument are all as labelled (see `is_right`). Lost: no HTTP 200, her
words not stored, or a request that does not end as exactly one ticket (`bench.text_door`).
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from app.desk.understanding import prepare
from app.sms.keywords import read_staff
from app.sms.reading import read_resident
from bench import machine, results, text_door
from bench.progress import Progress
from bench.score import HEAD, Score, counted
from bench.table import render
from bench.text_corpus import ANY, MEANINGS, STYLES, Texted, path_of, read_texts
from bench.tsv import sha256_of
from speech.starter.voices import Split

RIGHT = 0.97
_EDGE = ' \t\n　，。,.：:；;！!？?、“”"'


class Reading(Protocol):
    """Of residents' and of staff's texts."""

    @property
    def intent(self) -> str: ...
    @property
    def number(self) -> int | None: ...
    @property
    def argument(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Trial:
    said: Texted
    reading: Reading

    @property
    def right(self) -> bool:
        return is_right(self.said, self.reading)


def run(split: Split = "test", *, table: Path | None = None, door: bool = True) -> bool:
    """Print the tables, keep the result; False if a bar was missed. `table`: another file, nothing of it is kept.

    Raises BadInput.
    """
    prepare()
    path = table or path_of(split)
    texts, digest = read_texts(path), sha256_of(path)
    described = machine.describe(Path.cwd(), split=split)
    print(f"\n{machine.sentence(described)}\n\n{path.name}  sha256 {digest}")
    trials = read_all(texts)
    tables = scores(trials)
    missed = [trial for trial in trials if not trial.right]
    lost = text_door.lost(texts) if door else []
    tables["through the door"] = [Score("lost", len(lost), len(texts), most=0.0)] if door else []
    for name, rows in tables.items():
        if rows:
            print(f"\n{name}\n\n{render(HEAD, [score.row() for score in rows])}")
    _list("read wrongly", [line(trial) for trial in missed])
    _list("lost", [f"{each.said.id}  {each.said.text!r}  {each.why}" for each in lost])
    if table is None and door:
        cases = [{"table": name} | score.to_json() for name, rows in tables.items() for score in rows]
        cases.append({"missed": [line(trial) for trial in missed], "lost": [asdict(each) for each in lost]})
        name = "texts" if split == "test" else f"texts-{split}"
        kept = results.write(
            name, described, {"right": RIGHT, "lost": 0, "files": {path.name: digest}}, cases
        )
        print(f"\n{kept.relative_to(machine.ROOT)}")
    return all(score.met is not False for rows in tables.values() for score in rows)


# ---- reading ---------------------------------------------------------------------------------------------


def read_all(texts: Sequence[Texted]) -> list[Trial]:
    with Progress("texts", len(texts)) as progress:

        def read(said: Texted) -> Trial:
            progress.step()
            staff = said.sender == "staff"
            return Trial(said, read_staff(said.text) if staff else read_resident(said.text, said.asked))

        return [read(said) for said in texts]


def is_right(said: Texted, reading: Reading) -> bool:
    """Spaces and the punctuation around an argument are nobody's meaning. An answer is its argument; whether a
    number in it counts as a ticket's says the question."""
    return (
        reading.intent == said.intent
        and (said.intent == "answer" or reading.number == said.number)
        and (said.argument == ANY or _bare(reading.argument) == _bare(said.argument))
    )


def _bare(argument: str) -> str:
    """`reason|days` keeps its bar: only its parts are stripped."""
    return "|".join("".join(part.split()).strip(_EDGE) for part in argument.split("|"))


# ---- the tables ------------------------------------------------------------------------------------------


def scores(trials: Sequence[Trial]) -> dict[str, list[Score]]:
    """By name of the table."""
    residents = [trial for trial in trials if trial.said.sender == "resident"]
    staff = [trial for trial in trials if trial.said.sender == "staff"]
    return {
        "texts": [
            counted("right", (trial.right for trial in trials), least=RIGHT),
            counted("intent", (trial.reading.intent == trial.said.intent for trial in trials)),
            counted("residents: right", (trial.right for trial in residents)),
            counted("staff: right", (trial.right for trial in staff)),
            counted("a request read as something else", _taken_away(trials)),
        ],
        "by intent": [
            *_by(residents, MEANINGS["resident"], _intent),
            *_by(staff, MEANINGS["staff"], _intent),
        ],
        "by open question": _by(residents, ("place", "matter", "rate", "which", "proof"), _asked),
        "by style": _by(trials, STYLES, _style),
    }


def _taken_away(trials: Sequence[Trial]) -> list[bool]:
    """The worst mistake: what she asked for is not taken on."""
    taken = ("report", "other", "field_report")
    return [trial.reading.intent not in taken for trial in trials if trial.said.is_request]


def _by(trials: Sequence[Trial], names: Sequence[str], key: Callable[[Texted], str | None]) -> list[Score]:
    found = [counted(name, (trial.right for trial in trials if key(trial.said) == name)) for name in names]
    return [score for score in found if score.count]


def _intent(said: Texted) -> str:
    return said.intent


def _asked(said: Texted) -> str | None:
    return said.asked


def _style(said: Texted) -> str:
    return said.style


def line(trial: Trial) -> str:
    said, found = trial.said, trial.reading
    question = f" [{said.asked}?]" if said.asked else ""
    wanted = f"{said.intent} {said.number or ''} {said.argument}".strip()
    read = f"{found.intent} {found.number or ''} {found.argument}".strip()
    return f"{said.id}{question}  {said.text!r}: {wanted} ← {read}"


def _list(what: str, lines: Sequence[str]) -> None:
    if lines:
        print(f"\n{what}: {len(lines)}", *(f"  {each}" for each in lines), sep="\n")
