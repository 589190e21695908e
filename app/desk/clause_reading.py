"""One clause of an answer from left to right: negation, degree, particles and the word on which it turns. Pure.

The words are data (`speech/phrases/wordings.toml`); here is only how they act on each other.
"""

import re
from collections.abc import Mapping, Sequence

from app.desk import turns_of_phrase as turns
from app.desk.clause import POSITIVE, Clause, Finding, Token
from app.desk.reworded import wonders
from speech.phrase_records import Head

NOT_ALL = {"fact": "2"}
"""没全好: what "not all of it" means where that is an answer of its own; elsewhere it negates like any other."""
DOES = re.compile(
    "修|修理|弄|整|搞|办|做|干|处理|收拾|拾掇|换|装|补|清|清理|扫|打扫|通|治|解决|安排|落实|拖|搬|收"
)
"""没整巴适: the negation passes on to the result."""
_HARDLY = ("不怎么", "不太", "不大", "不咋", "没怎么", "没那么", "没有那么", "不那么")
_TAKEN_BACK, _WHERE_OR_HOW = "没无毫冇说谈算称讲", "哪怎咋岂"
_MOCKED = re.compile(r"(?:个?(?:鬼|屁|锤子|铲铲|毛线|大头鬼|脑壳)|个[头卵球毛]|才怪)[了呢啊呀哦]?$")
"""满意个鬼, 好才怪"""
_MILD = re.compile(
    "不算|勿算|唔算|没多|没有多|没多么|没那么|没有那么|不那么|谈不上|说不上|算不上|称不上|不十分|不特别"
)
_SOFTENED = re.compile("特别|十分|非常|多|多么|那么|最|顶")
"""不算特别好: not very good is not bad."""
_OF_ANSWERS = re.compile(
    "是|是的|对|系|啱|要|行|好|可以|中|成|得行|要得|愿意|同意|需要|满意|好了|修好|弄好|搞好|整好|办好|处理好|解决|恢复|通|亮|热|灵|修|弄|办|来|来修"
)
"""怎么不对呢; but 咋没人管呢 asks."""
_LITTLE = re.compile("一点|一点儿|一点点|点儿|丁点|一丁点|一丢丢|一丢")
_OPPOSITE = {"3": "1", "1": "3", "no": "yes"}


def read(text: str, kind: str, tokens: Sequence[Token], bare: Mapping[str, str]) -> Clause:
    """`bare`: what a negation means by itself."""
    reading = _Reading(text, kind)
    for token in tokens:
        if reading.is_complement(token):
            break  # 差到冇得救
        reading.take(token)
    return reading.result(bare)


class _Reading:
    """`negated`: 0 no, 1 yes, 2 taken back; `unknown`: characters since then, `softened`: 特别 since then; `settled`: the next
    head is spoken for; `close`: only particles since the last head; `of_what`: that was one of the thing (坏的); `even`: 都 or
    也 since then.
    """

    def __init__(self, text: str, kind: str) -> None:
        self._kind = kind
        self._not_all = NOT_ALL.get(kind, "")
        self._clause = Clause(text=text, asked=turns.asks_whether(text))
        self._negated, self._negator, self._unknown, self._softened = 0, "", 0, False
        self._settled = self._close = self._of_what = self._even = False
        self._last: Head | None = None

    def is_complement(self, token: Token) -> bool:
        """How bad it is, in whatever words."""
        if self._kind == "fact" or token.text[0] not in "到得" or token.role == "degree" or not self._close:
            return False
        said = self._clause.findings[-1:]
        return bool(said) and said[0].value in ("no", "3") and not said[0].negated

    def take(self, token: Token) -> None:
        """What a word does."""
        clause = self._clause
        close, self._close = self._close, self._close and token.role == "light"
        self._of_what = self._of_what or (close and token.text == "的" and clause.fault)
        self._even = self._even or token.text in ("都", "也")
        self._softened = self._softened or (self._negated > 0 and _SOFTENED.fullmatch(token.text) is not None)
        match token.role:
            case "head" if token.head is not None:
                self._turn(token.head, token.text)
            case "not":
                self._negate(token.text)
            case "doubtful":
                clause.doubt = True
            case "unsure":
                clause.unsure = True
            case "asking":
                clause.asked = True
            case "wholly" if self._negated and not self._unknown and self._not_all:
                clause.findings.append(Finding(self._not_all, negated=True))
                self._negated, self._settled = 0, True
            case "some" if close and self._not_all and clause.positive:
                clause.findings.append(Finding(self._not_all))
            case "some" if close and self._not_all and clause.fault and _LITTLE.fullmatch(token.text):
                clause.findings[-1] = Finding(self._not_all)  # 还漏一点
            case "other" | "innocent":
                self._unknown += len(token.text) if self._negated else 0
                if clause.findings:
                    clause.after += len(token.text)
                else:
                    clause.before += len(token.text)
                    clause.about += token.text

    def _negate(self, word: str) -> None:
        # 没有不满意 takes itself back; 不不对 is only said twice
        back = self._negated and self._negator[0] in _TAKEN_BACK and word[0] in "不唔勿"
        if self._negated and not self._unknown and self._negator[0] in _WHERE_OR_HOW:
            self._clause.asked = True  # 哪里不对, 哪能没好
        self._negated, self._negator, self._unknown = 2 if back else 1, word, 0

    def _turn(self, head: Head, word: str) -> None:
        clause = self._clause
        self._last, self._close, self._even = head, True, False
        if self._settled:
            self._settled = False
            return
        if self._of_what and self._kind == "fact" and (head.plain == "1" or DOES.fullmatch(word)):
            clause.findings.pop()  # 坏的换了: which ones, not how they are
        odd = self._negated == 1
        value = head.negated if odd else head.plain
        if self._negated and self._unknown:
            clause.doubt = True  # 没…好, and something unknown between: whatever it is, no plain "good"
        elif value:
            clause.findings.append(self._found(head, word, value, odd=odd))
        elif odd:
            clause.doubt = True
        elif not self._negated and head.negated in _OPPOSITE:
            clause.faint.append(Finding(_OPPOSITE[head.negated], word=word))
        self._of_what = self._softened = False
        self._negated = self._unknown = 0

    def _found(self, head: Head, word: str, value: str, *, odd: bool) -> Finding:
        if odd and value in POSITIVE and self._not_all and self._negator in _HARDLY:
            value = self._not_all  # 不怎么漏了
        mild = odd and bool(self._softened or _MILD.fullmatch(self._negator)) and "满意" not in word
        if mild and self._kind == "rating" and value == "1" and "么" in self._negator:
            self._clause.doubt = True  # 没那么差
        weak = head.weak and not self._negated
        return Finding(value, weak, head.open, self._negated > 0, head.anywhere, mild, word)

    def result(self, bare: Mapping[str, str]) -> Clause:
        clause, text = self._clause, self._clause.text
        if self._negated:
            self._hanging(bare)
        if clause.positive and self._last is not None and _MOCKED.search(text):
            said = clause.findings[-1].value
            meant = self._last.plain if said == self._last.negated else self._last.negated
            clause.findings[-1] = Finding(meant, negated=True)
            clause.doubt = clause.doubt or not meant
        if turns.nevertheless(text) or (clause.positive and turns.is_unreal(text, self._kind)):
            clause.doubt = True
            clause.asked = clause.asked or self._kind == "yes_no"
        if turns.cannot(text):
            clause.unsure, clause.findings = True, []
        self._imply()
        return clause

    def _hanging(self, bare: Mapping[str, str]) -> None:
        """A negation with nothing after it: "动静没有", "没有", or the end of a question ("好了没有")."""
        clause = self._clause
        if self._unknown:
            clause.doubt = True
        elif self._last is None:
            # 一个人都没 as 没
            ends = (self._negator[at:] for at in range(len(self._negator)))
            if value := next((bare[end] for end in ends if end in bare), ""):
                clause.findings.append(Finding(value, negated=True))
        elif self._even and self._last.plain in ("no", "3"):
            pass  # 人影都没见着 has said it already
        elif self._last.plain:
            clause.asked = True
        elif self._last.negated:
            clause.findings.append(Finding(self._last.negated, negated=True))

    def _imply(self) -> None:
        """怎么没好, 谁来过: questions that are often meant as the opposite."""
        clause = self._clause
        values = {finding.value for finding in clause.findings}
        if self._kind == "fact" and clause.unsure and not values and turns.who_came(clause.text):
            clause.implied = "3"
        elif turns.why_not(clause.text) and all(
            f.negated and _OF_ANSWERS.fullmatch(f.word) for f in clause.findings
        ):
            clause.asked = True
            clause.implied = _OPPOSITE.get(values.pop(), "") if len(values) == 1 else ""
        elif self._kind == "fact" and wonders(clause.text):
            clause.asked = True
