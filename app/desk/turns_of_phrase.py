"""Turns of phrase around an answer: what is said and isn't meant, what is meant and isn't said. Pure, of one clause.

The words that carry an answer are data (`speech/phrases/wordings.toml`); these are the patterns that they stand in.
"""

import re
from collections.abc import Collection

from speech.numbers import NUMBER_CHARS, to_arabic

_BEFORE_ASKED = ("说不上", "谈不上", "讲不上", "论不上", "算不上", "没什么", "没啥", "无所谓", "不存在")
_WHETHER = re.compile(
    r"(?<![不没未唔冇勿弗爱还该])([^不没未唔冇勿弗，]{1,4})(?:不|没有?|未|唔|冇|勿|弗)\1(?!了)"
    r"|[能可会].{2,}[^不没][不没]$|(?<![不没未唔冇勿弗还])([^不没未唔冇勿弗，]{1,3})[了过](?:没有?|不|冇)\2[啊呀呢了]?$"
)
"""是不是, 要钱不要钱, 好了没好: a question, never a yes. But 不对不对, 好得不得了 and 说来不来 are none."""

_CANNOT = re.compile(
    r"(?:我|俺|咱|人家|老了|也|又|都|真|可)*(?:我|俺|咱)(?:也|又|都|真|可|是)*不会[呀啊哦呢嘛哎诶]*"
)
"""I don't know how: no answer to what was asked."""

_ISNT_IT = re.compile(r".{0,3}不是.{1,6}[了过](?:嘛|吗|么)|[你您]们?(?:该|可)?不是.+吧")
"""不是修好了嘛: isn't it? or, it isn't?"""
_NEVERTHELESS = re.compile(
    r"(?:不是|不能说|不敢说|没有?说|不会)(?:我)?[不没](?!是)|不([^不]{1,3})不(?!\1)(?:行|成|可|中)$"
)
"""不是不满意, 不能说不对: not exactly no; or "no, dissatisfied" in one breath. 不去不行: she must."""
_UNREAL = {
    "fact": re.compile(r"要是|如果|假如|若是|本该|早就?该|(?<!应)该[好修弄]|^说是"),
    "rating": re.compile(
        r"要是|如果|假如|若是|[早快下].{0,4}就[好满行成]|才(?:能|会|算)?[满好行]|就(?:满意|放心|知足)"
    ),
}
"""要是好了就好了, 早来就满意了: how it isn't"""
_BEFORE = re.compile(
    r"[^比跟和同像没不]{0,2}(?:以前|原来|原先|从前|之前|本来|早先|起先|先前|起初|一?开始|刚开始|头先|(?:昨天|前天|上次|上回|那天|前几天|前两天)还)(?!那样|一样)"
)
"""原来不亮，现在亮了"""
_CLOSING = re.compile(
    r"(?:我|先|那)*(?:挂了?|再见|拜拜|不说了|不跟你说|没空|忙着)(?:电话)?(?:了|吧|啊|呢|哈)*"
)
_NODS = re.compile("行|行了|好|好了|好的|好吧|行吧|成|成了|得|得了|可以|嗯")
_WHY_NOT = re.compile(
    r"[那这我你它又]?(?:们|咱)?(?:怎么|咋个?|怎|谁[说讲]|哪个[说讲])(?:就|还|个)?(?=[不没唔勿冇弗未])"
)
_WHO_CAME = re.compile(r"(?:又?有)?(?:谁|哪个|啥人|边个)(?:人|还|又|肯|来)*(?:[来管修理睬弄问]|搭理)")
_SOFT_END = ("呢", "呀", "啊", "嘛", "哩", "咧", "哦", "哟")

_SAID_BEFORE = re.compile(
    r"(?:[我俺咱](?:们|都)?)*(?:不是|早|刚|刚才|都|已经|就|也|方才|才)*(?:[跟同给和对向][你您](?:们)?)?(?:早|都|也|就)*"
    r"(?:说|讲|告诉|交代|回答|答)(?:[你您]们?|清楚|明白|得清清楚楚)*(?:[了过啦咯]|[\d一二两三四五六七八九十几好多]+[遍回次])+"
    r"(?:[了啦嘛吗么啊呀哦的吧呢]|[\d一二两三四五六七八九十几好多少]+[遍回次])*"
)
"""我不是说了嘛, 跟你说了三遍了: an answer comes before or after it."""
_DONT = re.compile(
    r"(?:[就也都那你您]|你们|行了|好了)*(?:别|甭|莫|休|不劳|不用|不要|勿要|覅|唔好|不必)(?:你们?|您们?|再|老|总|光|太|跟我|给我)*"
    r"(?:问|提|说|讲|念|催|烦|啰嗦|罗嗦|废话|费话|多问|多说|操心|惦记|挂念|客气|担心|多心|较真|计较|见怪|笑话|往心里去|放心上)"
    r"(?:我|了|啦|咯|啊|呀|哦|哈|吧|嘛|它|他们|这个|电话|那么多|这些)*"
)
_WHY_ASK = re.compile(
    r".{0,3}(?:还|老|总|尽|净)问(?!题).{0,4}|问(?:什么|啥)问.?|.{0,3}问[这它那个]*(?:干啥|干嘛|干什么|做啥|做什么|做么子|搞么子)"
)
_NO_NEED = re.compile(
    r"(?:[就也都那你您人]|你们|他们|师傅|以后|可以)*(?:不用|不必|不消|不需要|甭|别(?!人)|莫|不要|勿要|覅|唔使|唔好)(?:得|再|又|麻烦|劳烦|请|派|叫)*"
    r"(?:你们|人|师傅|他们|上门|过来|跑|来|派|修|管|弄|看|换|打|联系|安排|处理|折腾|忙|费心|操心|电话|一?趟|了|啦|咯|啊|哦|的)+"
)
_NO_EFFORT = re.compile(r"[也都]?[没不冇](?:有)?费(?:什么|啥|多大|半点|一点)?(?:事|劲|力|工夫|功夫)就?")
_NO_MONEY = re.compile(
    r"(?:[也还都]|师傅|人家|他们|你们)*[没不冇](?:有|再)?[收要花用](?:我|我们|咱)?(?:的|过)?一?[分块]?(?:钱|费|烟)(?:都|也)?[没不]?.{0,2}"
)
_WAITED = re.compile(
    r"(?:就是|可是|但是|但|不过|只是|可)?(?:.{0,2}等|来得|来的|修得|弄得|拖|态度|收费|要价|价钱|花了?|说话).{0,8}"
)
_LONGEST_IDLE = 20
"""What is longer says something, and would take the patterns long."""
_TAIL = re.compile(r"(?<![可你您就都也万请人])[别甭]|还问|不用|不必|[没不](?=.?[收要花费])")
_SEND = re.compile(
    r"(?=.*(?:人|派|赶|抓紧|过来|看看|瞧瞧|快[点些来]))(?:快[点些]?|赶紧|赶快|抓紧|马上|麻烦|劳驾|请|叫|派|让|喊|找|你们?|您|给我|帮我|帮忙|帮|那|就|再"
    r"|个|人|师傅|来|过来|上门|看看|瞧瞧|看一?下|修修|修|弄弄|弄|处理|吧|啊|呗|一?下|啦|了|哈|嘛|呀|点|些|啵|哦)+"
)
"""来人看看吧, 快点派人: what she wants after her yes"""

_DENIAL = re.compile(
    r"个?[屁鬼](?:啊|呀|哦)?|个?锤子|(?:没有的|没得的|冇)事|没[这那]回?事|不可能的?|做梦|想得倒?美|美得你|(?:连)?门儿?都?没有?|才怪.?|鬼才?信.{0,2}|谁说的|哪有|[瞎胡]说"
    r"|扯淡|扯吧|得了吧|算了吧|拉倒吧?|骗[人鬼].?|(?:我)?说?反话|开玩笑|笑话|才不.{0,2}"
)

_CONCEDED = re.compile(
    r"(?:要?说)?([^不没未，].{0,2}?)(?:倒?是|也|归|倒)(?:很|挺|蛮|真|都)?\1(?:[好完到过])?(?:了|啦)?"
)
_BUT = re.compile(
    r"可是|但是|就是(?![说来想问跟给为谢]|告诉)|不过|只是|然而|偏偏|可惜|美中不足|但(?!凡)|可(?=[还没又老总就有]|门|里|外)|却"
)
_SLIGHT = re.compile(r"点|些|丝|两滴|几滴|偶尔|有时|稍|略|微|慢慢|轻")
_UNIT = "[个盏扇处户间条台根把块层套样项桶]"
_COUNTED = re.compile(rf"([{NUMBER_CHARS}俩仨]+){_UNIT}?.*[了好]([{NUMBER_CHARS}俩仨]+){_UNIT}?$")
_GOOD_ENOUGH = re.compile(r".{2,}就(?:行|成|中|得|可以|好|是)[了啦吧]*")
"""修好就行: what would do, not how it was."""


def asks_whether(text: str) -> bool:
    # 说来不来: they say so and don't
    whether = (found.start() for found in _WHETHER.finditer(text) if text[: found.start()] != "说")
    return any(not text[:start].endswith(_BEFORE_ASKED) for start in whether) or bool(
        _ISNT_IT.fullmatch(text)
    )


def cannot(text: str) -> bool:
    return _CANNOT.fullmatch(text) is not None


def nevertheless(text: str) -> bool:
    return "不是不是" not in text and _NEVERTHELESS.search(text) is not None


def is_unreal(text: str, kind: str) -> bool:
    return kind in _UNREAL and _UNREAL[kind].search(text) is not None


def was_before(text: str) -> bool:
    return _BEFORE.match(text) is not None


def only_nods(text: str, words: Collection[str]) -> bool:
    """行了，挂了吧: wants to end, not to answer. `words`: what was said besides."""
    return (_CLOSING.fullmatch(text) or _DONT.fullmatch(text)) is not None and all(
        map(_NODS.fullmatch, words)
    )


def why_not(text: str) -> bool:
    """怎么不对呢, 咋没好, 谁说没好: the opposite is meant, if it isn't a question."""
    return _WHY_NOT.match(text) is not None


def who_came(text: str) -> bool:
    """谁来过呀: nobody, if it isn't a question."""
    return _WHO_CAME.match(text) is not None


def ends_softly(text: str) -> bool:
    return text.endswith(_SOFT_END)


def is_idle(text: str, kind: str) -> bool:
    """Says nothing about what was asked, whatever stands beside it: 别问了, 好了，不用再来了."""
    if len(text) > _LONGEST_IDLE:
        return False
    if any(pattern.fullmatch(text) for pattern in (_SAID_BEFORE, _DONT, _WHY_ASK)):
        return True
    if kind == "yes_no":
        return _SEND.fullmatch(text) is not None
    return kind == "fact" and any(pattern.fullmatch(text) for pattern in (_NO_NEED, _NO_MONEY, _NO_EFFORT))


def idle_from(text: str, kind: str) -> list[int]:
    """Where a piece begins or ends that says nothing: 是是是别问了, 跟你说过了对."""
    before = _SAID_BEFORE.match(text) or (_NO_EFFORT.match(text) if kind == "fact" else None)
    ends = [found.start() for found in _TAIL.finditer(text) if is_idle(text[found.start() :], kind)]
    return ends + ([before.end()] if before else [])


def only_waited(text: str) -> bool:
    """就是等得久了点: about how it went, not about whether it is done."""
    return _WAITED.fullmatch(text) is not None


def denies(text: str) -> bool:
    """满意？没有的事: what was said before it was only repeated."""
    return _DENIAL.fullmatch(text) is not None


def conceded(text: str) -> str:
    """修是修了, 说好也好: the word that is granted, before something else is held against it."""
    found = _CONCEDED.fullmatch(text)
    return found.group(1) if found else ""


def concession_end(text: str) -> int:
    """Where 快是快 ends in 快是快没弄干净; 0 if it isn't there, or in 好也好不到哪去."""
    found = _CONCEDED.match(text)
    return found.end() if found and text[found.end() : found.end() + 1] not in ("", "不") else 0


def buts(text: str) -> list[int]:
    return [found.start() for found in _BUT.finditer(text)]


def holds_against(text: str) -> bool:
    """就是老闪, 可还滴"""
    return _BUT.match(text) is not None


def would_do(text: str) -> bool:
    return _GOOD_ENOUGH.fullmatch(text) is not None


def is_slight(text: str) -> bool:
    return _SLIGHT.search(text) is not None


def counted(text: str) -> tuple[int, int] | None:
    """三个坏的修了俩: of how many how many."""
    if not (found := _COUNTED.search(text)):
        return None
    there, done = (to_arabic(number.replace("俩", "两").replace("仨", "三")) for number in found.groups())
    return (int(there), int(done)) if there and done else None
