"""A clause said differently, put as the words of `speech/phrases/wordings.toml` expect it. Pure.

Dialect negations, two negations in a rhetorical question, 好什么好, 一天好一天坏: whatever has a fixed pattern and open words.
"""

import re

_PRONE_TO_NOT = r"(^|[还都也就我俺人它又嘞]|一直|根本|压根儿?|从来|至今)"
_ME_AS_NOT = re.compile(
    _PRONE_TO_NOT + r"[么冒毛](?=得(?!事)|有|错|问题|意见|[来动变见通亮热灵]|影|满意|人[来管修理问]"
    r"|(?:弄|修|整|搞|办|处理|解决|收拾)(?:[好完成妥通过到利归齐]|了?$)|修|好(?!得))"
)
"""么弄好, 冒修好, 毛得: as 没 is said in Henan, Hubei and Hunan; 么 elsewhere is a particle or 什么, 冒 water coming out."""
_WU_AS_NOT = re.compile(r"毋(?=[着是对要好行使用来修弄])")
"""In a rating it may be a 五 that was misheard."""
_ZHE = re.compile(r"(?:[毋唔勿弗不]着|着[哦咧喽嘞哩啊呀吧格额的呢嘛噻])+")
"""着哦着哦, 毋着: as 对 is said in the south; 听着, 睡不着 and a stammered 着，着火了 are none."""
_WHAT_ELSE = re.compile(r"不是.{0,4}?还(?:能|会)?(?:是|有)(?:啥|什么|谁|哪|咩|乜).*")
"""不是它还能是啥: what else?"""
_CANT_BE_WRONG = re.compile(r"还[能会](?:有|说|记|听|弄|搞)?(?:错|假|差|岔)[吗么嘛啊了]*")
_NOT_NOT = re.compile(
    r"(?:[那我咱]|[哪怎咋岂谁](?:么|里|儿|个)?|还)*"
    r"(?:(?:哪|岂|怎么?|咋个?|谁)(?:里|儿)?(?:能|会|敢|可能)|哪有(?:[人个]|什么|啥)?|还能)(?:说|觉得)?[不唔勿弗](?![能会要])"
)
"""哪有不满意的, 还能不满意: two negations"""
_NOTHING_WRONG = re.compile(
    r"(?<!没)(?<!冇)(?<!无)有(?:什么|啥子?|么子)(?:好|可)?[不唔勿](?=.+的[呢啊呀嘛哦]?$|(?:可以|行|成|中)[的啊呀]?$)"
)
"""有什么不满意的, 有啥不行"""
_WONDERED = re.compile(r"(?:怎么|咋个?|怎)(?:就|还)?(?:会|能|可能)?(?:就|还)?(?:不|没|冇)")
_WHAT_X = re.compile(r"(满意|[^问说讲催看])(?:什么|啥子?|么子|个啥)\1")
"""好什么好"""
_SOME = "[一两三四五六七八九几]"
_BY_TURNS = re.compile(
    r"(一[^，]{1,2})(?:好|行|有|亮|热|通|灵)\1(?:坏|没|不|歹|冷|凉|堵|灭|断).?"
    rf"|{_SOME}([个头盏处扇间])修?[好亮通热]了?[还有]*{_SOME}\2还?[没不].+"
)
"""一天好一天坏, 两头好一头没好"""
_WAITED_LONG = re.compile(
    r"(?:让|叫|害)?[我俺]?等了?[我俺]?(?:整整|足足|快|都|有)*[一二两三四五六七八九十几半俩仨好多]+个?多?(?:月|礼拜|星期|周|年)[多了啊呀]*"
)
_NEVER_SEEN = re.compile(r"(?:从来?)?没(?:有)?[见碰遇]到?过(?:比.+?)?(?:这么|那么|这样|恁|更|咁)")
"""没见过这么差的"""
_BELOW_ZERO = re.compile(r"负.{1,3}分")
_LIKE_IT_OR_NOT = re.compile(r"爱(.)不\1")
_SOME_AND_SOME = re.compile(r"有(?:的)?.{1,3}的(?:也)?有(?:的)?不.{1,3}的")


def as_meant(text: str, kind: str) -> str:
    if text.startswith("伐"):
        text = text.replace("伐", "勿")  # 伐是伐是, in Shanghai; at the end of a clause it asks
    text = _WHAT_X.sub(r"不\1", _ME_AS_NOT.sub(r"\1没", text))
    if kind != "rating":
        text = _WU_AS_NOT.sub("勿", text)
    match kind:
        case "yes_no":
            text = text.replace("着", "对") if _ZHE.fullmatch(text.replace("勿着", "不着")) else text
            text = _CANT_BE_WRONG.sub("没错", _WHAT_ELSE.sub("是", text))
        case "fact":
            text = _BY_TURNS.sub("时好时坏", text)
        case "rating":
            text = _mark(text)
    if kind != "fact" or not wonders(text):
        text = _NOT_NOT.sub("没不", text)
    return _NOTHING_WRONG.sub("没不", text)


def _mark(text: str) -> str:
    if _WAITED_LONG.fullmatch(text):
        return "等太久"
    text = _LIKE_IT_OR_NOT.sub("爱理不理", _BELOW_ZERO.sub("负分", text))
    return _SOME_AND_SOME.sub("有好有坏", _NEVER_SEEN.sub("最", text))


def wonders(text: str) -> bool:
    """怎么会没好呢, of a lamp: a question, or a complaint, or surely the opposite."""
    return _WONDERED.search(text) is not None
