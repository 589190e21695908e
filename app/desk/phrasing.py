"""How an answer is put together: its clauses, and the words of ours in each. Pure.

The words are data (`speech/phrases/wordings.toml`); `clause_reading` is how they act on each other.
"""

import functools
import re
from collections.abc import Iterator

from app.desk import turns_of_phrase as turns
from app.desk.clause import Clause, Finding, Token
from app.desk.clause_reading import DOES, read
from app.desk.reworded import as_meant
from app.desk.two_sides import second_sides
from speech.normal import BREAK
from speech.numbers import NUMBER_CHARS
from speech.phrase_records import Head
from speech.phrasebook import Phrasebook
from speech.pinyin import readings

__all__ = ["Clause", "Finding", "clauses"]

_NO_SOUND = frozenset({"wu"})
"""Cantonese 唔 as a recogniser of Mandarin writes it: 五满意, 屋满意."""
_ANYBODY = re.compile("谁|哪个|哪位|什么|啥|啥子|啥人|么子|么事|哪样|边个|咩|乜")
"""After a negation: nobody, nothing (没得哪个来修)."""
_OPEN_END = "不没无冇未勿唔"
_EASY = ("degree", "between", "some", "wholly", "light", "pointing")
"""Words that let a negation pass on to the next head."""


def clauses(text: str, kind: str, book: Phrasebook) -> list[Clause]:
    """The clauses of a normalised text."""
    lexicon = _lexicon(book, kind)
    parts = [as_meant(part, kind) for part in text.split(BREAK) if part]
    return [lexicon.read(piece) for part in parts for piece in lexicon.pieces(part)]


@functools.lru_cache(maxsize=16)
def _lexicon(book: Phrasebook, kind: str) -> "_Lexicon":
    return _Lexicon(book, kind)


class _Lexicon:
    """The words of one kind of answer."""

    def __init__(self, book: Phrasebook, kind: str) -> None:
        self._kind = kind
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

    def read(self, text: str) -> Clause:
        clause = read(text, self._kind, self._prepared(list(self.tokens(text))), self._bare)
        clause.again = any(word in text for word in self._again)
        return clause

    def pieces(self, text: str) -> list[str]:
        """A recogniser writes no commas: 快是快没弄干净, 人不错就是活儿糙, 活儿好态度一般."""
        starts = set(turns.idle_from(text, self._kind))
        if self._kind in ("fact", "rating"):
            starts |= {turns.concession_end(text), *turns.buts(text), *second_sides(text, self._kind)}
        pieces, begin = [], 0
        for start in sorted(starts):
            whole = start > begin and text[start - 1] not in _OPEN_END
            before = self.read(text[begin:start]) if whole else None
            if before and (self._says(before) or turns.is_idle(before.text, self._kind)):
                pieces.append(text[begin:start])
                begin = start
        return [piece for piece in (*pieces, text[begin:]) if piece]

    @staticmethod
    def _says(clause: Clause) -> bool:
        return bool(clause.findings or clause.faint or turns.conceded(clause.text)) and not clause.asked

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

    def _prepared(self, tokens: list[Token]) -> list[Token]:
        """全好 after a negation is 全 and 好, 哪个 after one is nobody. Before another head 好 is only a degree (好慢), 整 only
        says what was done (整巴适). A 部 before a head may be a 不 that was misheard.
        """
        split = self._split_after_not(tokens)
        for n in range(len(split) - 2, -1, -1):
            token, following = split[n], split[n + 1]
            result = following.head is not None and following.head.plain == "1"
            if self._kind == "fact" and DOES.fullmatch(token.text) and result:
                split[n] = Token(token.text, "between")
            elif token.role == "head" and token.text == "好" and following.role == "head":
                split[n] = Token(token.text, "degree")
            elif token.role == "other" and self._sounds_like_not(token, split[n + 1 :]):
                split[n] = Token(token.text, "not")
            elif token.role == "other" and self._sounds_like_cantonese_not(split, n):
                split[n] = Token(token.text, "doubtful")
        return split

    def _split_after_not(self, tokens: list[Token]) -> list[Token]:
        split: list[Token] = []
        negated = False
        for token in tokens:
            part = self._wholly.match(token.text) if negated and token.role == "head" else None
            rest = token.text[part.end() :] if part else ""
            if part and rest in self._words:
                split += [Token(part.group(), "wholly"), Token(rest, *self._words[rest])]
            elif negated and _ANYBODY.fullmatch(token.text):
                split.append(Token(token.text, "between"))
            else:
                split.append(token)
            negated = token.role == "not" or (negated and split[-1].role in _EASY)
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
