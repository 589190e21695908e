"""How an answer is put together: negation, degree, particles and the word on which it turns. Pure.

The words are data (`speech/phrases/wordings.toml`); here is only how they act on each other.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from speech.normal import BREAK
from speech.numbers import NUMBER_CHARS
from speech.phrase_records import Head
from speech.phrasebook import Phrasebook
from speech.pinyin import readings

NOT_ALL = {"fact": "2"}
"""没全好: what "not all of it" means where that is an answer of its own; elsewhere it negates like any other."""
_POSITIVE = frozenset({"yes", "1"})
_HARDLY = ("不怎么", "不太", "不大", "不咋", "没怎么", "没那么", "没有那么", "不那么")
_TAKEN_BACK = "没无毫冇说谈算称讲"
_A_NOT_A = re.compile(r"(?<![不没未唔冇勿爱还])([^不没未唔冇勿，])[不没唔冇勿]\1(?!了)")
"""是不是, 对不对: a question, never a yes. But 不对不对 and 好得不得了 are none."""
_NO_SOUND = frozenset({"wu"})
"""Cantonese 唔 as a recogniser of Mandarin writes it: 五满意, 屋满意."""
_CANNOT = re.compile(
    r"(?:我|俺|咱|人家|老了|也|又|都|真|可)*(?:我|俺|咱)(?:也|又|都|真|可|是)*不会[呀啊哦呢嘛哎诶]*"
)
"""I don't know how: no answer to what was asked."""
_MOCKED = re.compile(r"(?:个?(?:鬼|屁|锤子|铲铲|毛线|大头鬼)|才怪)[了呢啊呀哦]?$")
"""满意个鬼, 好才怪"""
_MAYBE = re.compile(r"(?:不是|不能说|不会|也没有?说)不")
"""不是不满意: "not exactly dissatisfied", or "no, dissatisfied" said in one breath."""
_EASY = ("degree", "between", "some", "wholly", "light", "pointing")
"""Words that let a negation pass on to the next head."""


@dataclass(frozen=True)
class Token:
    """`role`: head, other (no word of ours), or one of the roles of `[words]`."""

    text: str
    role: str
    head: Head | None = None


@dataclass(frozen=True)
class Finding:
    """What one head means where it stands."""

    value: str
    weak: bool = False
    open: bool = False
    negated: bool = False
    anywhere: bool = False


@dataclass
class Clause:
    """What was found in one clause. `before`, `after`: characters of unknown words around the first finding;
    `about`: those before it, perhaps the thing that she speaks of.

    `doubt`: a negation whose end isn't clear. `unsure`: "I don't know". `asked`: it is a question.
    """

    findings: list[Finding] = field(default_factory=list)
    before: int = 0
    after: int = 0
    about: str = ""
    doubt: bool = False
    unsure: bool = False
    asked: bool = False
    again: bool = False

    @property
    def positive(self) -> bool:
        return bool(self.findings) and self.findings[-1].value in _POSITIVE

    @property
    def empty(self) -> bool:
        """None of our words in it that means anything."""
        return not (self.findings or self.unsure or self.asked or self.doubt)


def clauses(text: str, kind: str, book: Phrasebook) -> list[Clause]:
    """The clauses of a normalised text."""
    lexicon = _lexicon(book, kind)
    return [lexicon.read(part) for part in text.split(BREAK) if part]


@functools.lru_cache(maxsize=16)
def _lexicon(book: Phrasebook, kind: str) -> "_Lexicon":
    return _Lexicon(book, kind)


@dataclass(slots=True)
class _State:
    """`negated`: 0 no, 1 yes, 2 taken back; `unknown`: characters since then; `settled`: the next head is spoken for;
    `close`: only particles since the last head.
    """

    negated: int = 0
    negator: str = ""
    unknown: int = 0
    settled: bool = False
    close: bool = False
    last: Head | None = None


class _Lexicon:
    """The words of one kind of answer."""

    def __init__(self, book: Phrasebook, kind: str) -> None:
        self._kind = kind
        self._not_all = NOT_ALL.get(kind, "")
        self._again = book.wordings.roles["again"]
        self._negator_sounds = frozenset(book.choices.negator_sounds)
        wholly = sorted(book.wordings.roles["wholly"], key=len, reverse=True)
        self._wholly = re.compile("|".join(map(re.escape, wholly)))
        self._words: dict[str, tuple[str, Head | None]] = {}
        # The later the stronger: 好 is a head, and only else a degree; 不 is never anything but a negation
        for role in (
            "light",
            "pointing",
            "between",
            "degree",
            "some",
            "wholly",
            "asking",
            "unsure",
            "innocent",
        ):
            self._words |= dict.fromkeys(book.wordings.roles[role], (role, None))
        for head in book.wordings.heads:
            if head.kind == kind:
                self._words |= dict.fromkeys(head.words, ("head", head))
        self._words |= dict.fromkeys(book.wordings.roles["not"], ("not", None))
        # 没有, and nothing after it, is an answer where the lists say so
        listed = (*book.choices.said[kind].items(), *book.choices.also[kind].items())
        negators = set(book.wordings.roles["not"])
        self._bare = {phrase: value for value, said in listed for phrase in said if phrase in negators}
        self._longest = max(map(len, self._words))
        self._add_whole_phrases(book)

    def _add_whole_phrases(self, book: Phrasebook) -> None:
        """Idioms: of the listed phrases those that mean something else than their parts, or more."""
        more = {}
        for listed in (book.choices.said[self._kind], book.choices.also[self._kind]):
            for value, phrases in listed.items():
                head = Head(self._kind, value, "", False, False, False, phrases)
                for phrase in phrases:
                    role = self._words.get(phrase, ("", None))[0]
                    if role not in ("not", "head") and not self._means(phrase, value):
                        more[phrase] = ("head", head)
        self._words |= more
        self._longest = max(map(len, self._words))

    def _means(self, phrase: str, value: str) -> bool:
        found = self.read(phrase)
        return {f.value for f in found.findings} == {value} and not (
            found.doubt or found.unsure or found.asked or found.before or found.after
        )

    def tokens(self, text: str) -> Iterator[Token]:
        """From the left, the longest word first; what is none of our words character by character."""
        at = 0
        while at < len(text):
            for end in range(min(len(text), at + self._longest), at, -1):
                known = self._words.get(text[at:end])
                if known is not None:
                    yield Token(text[at:end], *known)
                    break
            else:
                end = at + 1
                yield Token(text[at], "other")
            at = end

    def read(self, text: str) -> Clause:
        clause = Clause(again=any(word in text for word in self._again))
        clause.asked = _A_NOT_A.search(text) is not None
        state = _State()
        for token in self._prepared(list(self.tokens(text))):
            self._take(token, clause, state)
        if state.negated:
            self._hanging(clause, state)
        if clause.positive and state.last is not None and _MOCKED.search(text):
            clause.findings[-1] = Finding(state.last.negated, negated=True)
            clause.doubt = clause.doubt or not state.last.negated
        if self._kind == "rating" and _MAYBE.search(text):
            clause.doubt = True
        if _CANNOT.fullmatch(text):
            clause.unsure, clause.findings = True, []
        return clause

    def _prepared(self, tokens: list[Token]) -> list[Token]:
        """全好 after a negation is 全 and 好. 好 before another head is only a degree (好慢). A 部 before a head may be a
        不 that was misheard.
        """
        split: list[Token] = []
        negated = False
        for token in tokens:
            part = self._wholly.match(token.text) if negated and token.role == "head" else None
            rest = token.text[part.end() :] if part else ""
            if part and rest in self._words:
                split += [Token(part.group(), "wholly"), Token(rest, *self._words[rest])]
            else:
                split.append(token)
            negated = token.role == "not" or (negated and token.role in _EASY)
        for n in range(len(split) - 2, -1, -1):
            token, following = split[n], split[n + 1]
            if token.role == "head" and token.text == "好" and following.role == "head":
                split[n] = Token(token.text, "degree")
            elif token.role == "other" and self._sounds_like_not(token, split[n + 1 :]):
                split[n] = Token(token.text, "not")
            elif token.role == "other" and self._sounds_like_cantonese_not(split, n):
                split[n] = Token(token.text, "doubtful")
        return split

    @staticmethod
    def _sounds_like_cantonese_not(tokens: list[Token], n: int) -> bool:
        """Not the end of a number (十五), and right before a head (屋里 is none)."""
        numbered = n > 0 and tokens[n - 1].text[-1] in NUMBER_CHARS
        following = tokens[n + 1].role in ("head", "degree") and any(
            t.role == "head" for t in tokens[n + 1 :]
        )
        return following and not numbered and not readings(tokens[n].text).isdisjoint(_NO_SOUND)

    def _sounds_like_not(self, token: Token, following: list[Token]) -> bool:
        return (
            following[0].role in ("head", *_EASY)
            and not readings(token.text).isdisjoint(self._negator_sounds)
            and any(other.role == "head" for other in following)
        )

    def _take(self, token: Token, clause: Clause, state: "_State") -> None:
        """What a word does, from left to right."""
        close, state.close = state.close, state.close and token.role == "light"
        match token.role:
            case "head" if token.head is not None:
                self._turn(token.head, clause, state)
            case "not":
                # 没有不满意 takes itself back; 不不对 is only said twice
                back = state.negated and state.negator[0] in _TAKEN_BACK and token.text[0] in "不唔勿"
                state.negated, state.negator, state.unknown = 2 if back else 1, token.text, 0
            case "doubtful":
                clause.doubt = True
            case "unsure":
                clause.unsure = True
            case "asking":
                clause.asked = True
            case "wholly" if state.negated and not state.unknown and self._not_all:
                clause.findings.append(Finding(self._not_all, negated=True))
                state.negated, state.settled = 0, True
            case "some" if close and self._not_all and clause.positive:
                clause.findings.append(Finding(self._not_all))
            case "other" | "innocent":
                if clause.findings:
                    clause.after += len(token.text)
                else:
                    clause.before += len(token.text)
                    clause.about += token.text
                state.unknown += len(token.text) if state.negated else 0

    def _turn(self, head: Head, clause: Clause, state: "_State") -> None:
        state.last, state.close = head, True
        if state.settled:
            state.settled = False
            return
        odd = state.negated == 1
        value = head.negated if odd else head.plain
        if state.negated and state.unknown:
            clause.doubt = True  # 没…好, and something unknown between: whatever it is, no plain "good"
        elif value:
            if odd and value in _POSITIVE and self._not_all and state.negator in _HARDLY:
                value = self._not_all  # 不怎么漏了
            weak = head.weak and not state.negated
            clause.findings.append(Finding(value, weak, head.open, state.negated > 0, head.anywhere))
        elif odd:
            clause.doubt = True
        state.negated = state.unknown = 0

    def _hanging(self, clause: Clause, state: "_State") -> None:
        """A negation with nothing after it: "动静没有", "没有", or the end of a question ("好了没有")."""
        if state.unknown:
            clause.doubt = True
        elif state.last is None:
            # 一个人都没 as 没
            ends = (state.negator[at:] for at in range(len(state.negator)))
            if value := next((self._bare[end] for end in ends if end in self._bare), ""):
                clause.findings.append(Finding(value, negated=True))
        elif state.last.plain:
            clause.asked = True
        elif state.last.negated:
            clause.findings.append(Finding(state.last.negated, negated=True))
