"""Which labelled files are measured together: a split of ours, or all tables of a community's directory."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import BadInput
from bench.labelled import ANSWER_COLUMNS, Answer, Utterance, read_answers, read_utterances
from bench.tsv import sha256_of
from speech.starter.voices import Split

DATA = Path(__file__).resolve().parent / "data"
WRITTEN = DATA.parents[1] / "speech" / "starter" / "utterances.tsv"


@dataclass(frozen=True)
class Labelled:
    """What is measured: files with their hashes, requests, utterances about danger, answers."""

    files: dict[str, str] = field(default_factory=dict)
    requests: list[Utterance] = field(default_factory=list)
    dangers: list[Utterance] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    @property
    def utterances(self) -> list[Utterance]:
        return [*self.requests, *self.dangers]

    def every(self, step: int) -> "Labelled":
        """Each `step`-th line of each list, for a quick look."""
        return Labelled(self.files, self.requests[::step], self.dangers[::step], self.answers[::step])

    def with_sound(self) -> "Labelled":
        """Only what there is a recording of."""
        return Labelled(
            self.files,
            [said for said in self.requests if said.wav],
            [said for said in self.dangers if said.wav],
            [said for said in self.answers if said.wav],
        )


def read_split(split: Split, directory: Path = DATA) -> Labelled:
    """Raises BadInput naming file and line. `dev` holds what the model's sentences were written from as well."""
    names = [f"{name}_{split}.tsv" for name in ("requests", "danger", "answers")]
    requests, dangers, answers = (directory / name for name in names)
    labelled = Labelled(
        {path.name: sha256_of(path) for path in (requests, dangers, answers) if path.is_file()},
        read_utterances(requests),
        read_utterances(dangers),
        read_answers(answers),
    )
    if split == "dev" and directory == DATA and WRITTEN.is_file():
        _add_written(labelled)
    return labelled


def _add_written(labelled: Labelled) -> None:
    """More of residents' words, labelled with category and danger alone."""
    labelled.files[WRITTEN.name] = sha256_of(WRITTEN)
    with WRITTEN.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
            category = None if row["category"] == "none" else row["category"]
            one = Utterance(f"W{number:04d}", "", row["text"], category, danger=row["danger"] or None)
            labelled.dangers.append(one)
            if category:
                labelled.requests.append(one)


def read_own(directory: Path) -> Labelled:
    """All tables of a directory, as `jiachang learn export` writes them; one with `kind` holds answers.

    Raises BadInput naming file and line, or if there is no table.
    """
    tables = sorted(directory.glob("*.tsv"))
    if not tables:
        raise BadInput(f"{directory}: no table (*.tsv); `jiachang learn export DIR` makes one")
    labelled = Labelled({path.name: sha256_of(path) for path in tables})
    for path in tables:
        if _is_answers(path):
            labelled.answers.extend(read_answers(path))
        else:
            labelled.requests.extend(read_utterances(path))
    return labelled


def _is_answers(path: Path) -> bool:
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    head = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return set(ANSWER_COLUMNS) <= set(head.split("\t"))
