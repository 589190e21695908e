"""What was found in one clause of an answer."""

from dataclasses import dataclass, field

from speech.phrase_records import Head

POSITIVE = frozenset({"yes", "1"})


@dataclass(frozen=True)
class Token:
    """`role`: head, other (no word of ours), or one of the roles of `[words]`."""

    text: str
    role: str
    head: Head | None = None


@dataclass(frozen=True)
class Finding:
    """What one head means where it stands. `mild`: only that much of it is denied (不算特别好)."""

    value: str
    weak: bool = False
    open: bool = False
    negated: bool = False
    anywhere: bool = False
    mild: bool = False
    word: str = ""


@dataclass
class Clause:
    """What was found in one clause. `before`, `after`: characters of unknown words around the first finding;
    `about`: those before it, perhaps the thing that she speaks of.

    `doubt`: a negation whose end isn't clear. `unsure`: "I don't know". `asked`: it is a question; `implied`: what it comes
    to if she doesn't want to know (怎么没好). `faint`: heads that mean something only against another clause (白天行).
    """

    findings: list[Finding] = field(default_factory=list)
    before: int = 0
    after: int = 0
    about: str = ""
    doubt: bool = False
    unsure: bool = False
    asked: bool = False
    again: bool = False
    text: str = ""
    implied: str = ""
    faint: list[Finding] = field(default_factory=list)

    @property
    def positive(self) -> bool:
        return bool(self.findings) and self.findings[-1].value in POSITIVE

    @property
    def fault(self) -> bool:
        """The last thing found is one that is wrong, not one that is missing."""
        return bool(self.findings) and self.findings[-1].value == "3" and not self.findings[-1].negated

    @property
    def empty(self) -> bool:
        """None of our words in it that means anything."""
        return not (self.findings or self.unsure or self.asked or self.doubt)
