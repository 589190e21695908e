"""Understanding, measured on labelled utterances: from their text, and after a made voice and a telephone line.

From text: the words as somebody wrote them. From speech: the same words said by a made voice that the model was never
trained on, mu-law, on a clean line and under noise at 10 dB, heard by the gateway's own endpointing and
recogniser (open recognition for her own words, the phrase list for answers), and only then understood. What counts as
right, and what as "wrong but acted on": `bench.judging`, `bench.wrongly`. The labelled files are in bench/data, their hashes above the tables.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.desk.understanding import prepare
from app.settings import load_settings
from bench import judging, machine, results, wrongly
from bench.labelled import Answer, Utterance
from bench.labelled_sets import Labelled, read_own, read_split
from bench.progress import Progress
from bench.score import HEAD, Score
from bench.table import render
from bench.telephone import Spoken, hear_all
from bench.trials import ASKED, OPEN, AnswerTrial, OpenTrial, Words, answer_trial, open_trial
from speech.starter.voices import BY_SPLIT, Split

NOISE = 10.0  # dB
MADE = "synthetic voices only"
_SHOWN = 40  # misses printed of each list; all are in the JSON


@dataclass(frozen=True)
class Heading:
    """One way of getting at the words: its title, and the bars that it is held to."""

    title: str
    category: float = judging.CATEGORY_SPEECH
    building: float = judging.BUILDING_SPEECH
    danger: float = judging.DANGER_SPEECH
    yes_no: float | None = None
    noise: float | None = None


FROM_TEXT = Heading("text", judging.CATEGORY_TEXT, judging.BUILDING_TEXT, judging.DANGER_TEXT)
FROM_SPEECH = (
    Heading("speech, clean line", yes_no=judging.YES_NO_CLEAN),
    Heading(f"speech, noise at {NOISE:g} dB", yes_no=judging.YES_NO_NOISE, noise=NOISE),
)
FROM_RECORDINGS = Heading("own recordings", yes_no=judging.YES_NO_CLEAN)


@dataclass(frozen=True)
class Found:
    """The trials of one heading. `skipped`: texts that no voice could say."""

    heading: Heading
    requests: list[OpenTrial]
    dangers: list[OpenTrial]
    answers: list[AnswerTrial]
    skipped: int = 0

    @property
    def opens(self) -> list[OpenTrial]:
        return [*self.requests, *self.dangers]

    def tables(self) -> dict[str, list[Score]]:
        """By name; lists that nothing was measured for are left out."""
        heading = self.heading
        asked = judging.open_scores(self.requests, category=heading.category, building=heading.building)
        tables = {
            "her own words": asked if self.requests else [],
            "parts of the place, time, telephone": judging.part_scores(self.requests)
            if self.requests
            else [],
            "by style": judging.style_scores(self.requests) if self.requests else [],
            "danger": judging.danger_scores(self.dangers or self.requests, recall=heading.danger),
            "danger in the other requests": self._danger_elsewhere(),
            "answers": judging.answer_scores(self.answers, yes_no=heading.yes_no, digits=heading.yes_no)
            if self.answers
            else [],
            "wrong but acted on": wrongly.wrong_scores(self.opens, self.answers),
        }
        measured = {name: [score for score in scores if score.count] for name, scores in tables.items()}
        return {name: scores for name, scores in measured.items() if scores}

    def _danger_elsewhere(self) -> list[Score]:
        return judging.danger_scores(self.requests, recall=None) if self.dangers else []


def run(
    split: Split = "test",
    *,
    data: Path | None = None,
    speech: bool = True,
    every: int = 1,
    model: Path | None = None,
) -> bool:
    """Print the tables, keep the result; False if a bar was missed.

    `data`: a community's own table with recordings instead of ours; `every`: only each n-th line. Neither is kept in
    bench/results, and nor is a run without speech. Raises BadInput, SpeechModelError, VoiceUnavailable, AudioError.
    """
    prepare()
    labelled = (read_split(split) if data is None else read_own(data)).every(every)
    model = model or load_settings().speech_model
    described = machine.describe(Path.cwd(), speech_model=model.name, split=split)
    print(f"\n{machine.sentence(described)}\n")
    for name, digest in labelled.files.items():
        print(f"{name}  sha256 {digest}")
    passed, cases = True, []
    headings = (*(FROM_SPEECH if data is None else (FROM_RECORDINGS,)),) if speech else ()
    for found in [
        _from_text(labelled),
        *(_from_speech(labelled, heading, split, model) for heading in headings),
    ]:
        passed = _show(found, data) and passed
        cases += _cases(found)
    if data is None and speech and every == 1:
        kept = described | {"voices": [voice.name for voice in BY_SPLIT[split]], "voices_are": MADE}
        path = results.write(_name(split), kept, {"files": labelled.files} | _bars(), cases)
        print(f"\n{path.relative_to(machine.ROOT)}")
    return passed


def _name(split: Split) -> str:
    return "understanding" if split == "test" else f"understanding-{split}"


def _bars() -> dict[str, Any]:
    """Each heading's own; what it is held to stands in each case, too."""
    bars = {heading.title: asdict(heading) for heading in (FROM_TEXT, *FROM_SPEECH)}
    return bars | {"false_alarms": judging.FALSE_ALARMS, "wrong_but_acted_on": wrongly.WRONG}


# ---- trials ----------------------------------------------------------------------------------------------


def _from_text(labelled: Labelled) -> Found:
    lines = len(labelled.utterances) + len(labelled.answers)
    with Progress("understanding of text", lines) as progress:

        def opened(said: Utterance) -> OpenTrial:
            progress.step()
            return open_trial(said, Words(said.text))

        def answered(said: Answer) -> AnswerTrial:
            progress.step()
            return answer_trial(said, Words(said.text))

        return Found(
            FROM_TEXT,
            [opened(said) for said in labelled.requests],
            [opened(said) for said in labelled.dangers],
            [answered(said) for said in labelled.answers],
        )


def _from_speech(labelled: Labelled, heading: Heading, split: Split, model: Path) -> Found:
    if heading is FROM_RECORDINGS:
        labelled = labelled.with_sound()
    requests, dangers, answers = labelled.requests, labelled.dangers, labelled.answers
    wanted = [
        *(Spoken(said.id, said.text, OPEN, split, heading.noise, said.wav) for said in labelled.utterances),
        *(Spoken(said.id, said.text, ASKED[said.kind], split, heading.noise, said.wav) for said in answers),
    ]
    heard: list[Words | None] = []
    with Progress(heading.title, len(wanted)) as progress:
        for words in hear_all(wanted, model):
            heard.append(words)
            progress.step()
    first, second = len(requests), len(requests) + len(dangers)

    def opened(said: Sequence[Utterance], start: int) -> list[OpenTrial]:
        found = zip(said, heard[start:], strict=False)
        return [open_trial(one, words) for one, words in found if words is not None]

    taken = zip(answers, heard[second:], strict=True)
    return Found(
        heading,
        opened(requests, 0),
        opened(dangers, first),
        [answer_trial(one, words) for one, words in taken if words is not None],
        skipped=heard.count(None),
    )


# ---- the tables ------------------------------------------------------------------------------------------


def _show(found: Found, data: Path | None) -> bool:
    """Print the tables of one heading; False if a bar was missed."""
    voices = MADE if data is None else f"{data}: nothing is known about its voices"
    tables = found.tables()
    for name, scores in tables.items():
        print(f"\nFrom {found.heading.title} ({voices}): {name}\n")
        print(render(HEAD, [score.row() for score in scores]))
    if found.skipped:
        print(f"\n{found.skipped} texts hold nothing that a voice could say; left out here.")
    _list("danger missed", judging.missed_dangers(found.opens))
    _list("false alarms", judging.false_alarms(found.opens))
    return all(score.met is not False for scores in tables.values() for score in scores)


def _list(what: str, trials: Sequence[OpenTrial]) -> None:
    if trials:
        print(f"\n{what}: {len(trials)}")
    for trial in trials[:_SHOWN]:
        print(f"  {_line(trial)}")
    if len(trials) > _SHOWN:
        print(f"  … and {len(trials) - _SHOWN} more, in the JSON")


def _line(trial: OpenTrial) -> str:
    said, words = trial.said, trial.words
    heard = "" if words.text == said.text else f"  ← {words.text or '(nothing)'}"
    return f"{said.id}  {said.danger or '–'}  {said.text}{heard}"


def _cases(found: Found) -> list[dict[str, Any]]:
    title = found.heading.title
    rows = [
        {"from": title, "table": name} | score.to_json()
        for name, scores in found.tables().items()
        for score in scores
    ]
    missed = [_line(trial) for trial in judging.missed_dangers(found.opens)]
    alarms = [_line(trial) for trial in judging.false_alarms(found.opens)]
    return [
        *rows,
        {"from": title, "danger_missed": missed, "false_alarms": alarms, "left_out": found.skipped},
    ]
