"""Two sides of one thing, two things, two aspects of one service: what clauses of an answer may set against each other. Pure."""

import re

from speech.phrasebook import phrasebook

_SIDES = tuple(
    map(
        re.compile,
        (
            r"(?P<a>前)[门面头边院楼屋窗]|(?P<b>后)[门面头边院楼屋窗]",
            r"(?P<a>左)[边面手扇侧头]|(?P<b>右)[边面手扇侧头]",
            r"(?P<a>楼上|上[面头边水层])|(?P<b>楼下|下[面头边水层])",
            r"(?P<a>屋?里[面头边屋间])|(?P<b>屋?外[面头边屋间])",
            r"(?P<a>东)[边头面屋门侧]|(?P<b>西)[边头面屋门侧]",
            r"(?P<a>南)[边头面屋门侧]|(?P<b>北)[边头面屋门侧]",
            r"(?P<a>大)[毛问灯门屋头洞]|(?P<b>小)[毛问灯门屋头洞]",
            r"(?P<a>这)[个边头盏扇间处屋块]|(?P<b>那)[个边头盏扇间处屋块]",
            r"(?P<a>白天|日里)|(?P<b>(?<![一两几半])晚上|夜里|黑夜|半夜|夜间|晚间|夜晚)",
            r"(?P<a>第一|头一)[个盏扇间处]|(?P<b>第二|另一|另外一)[个盏扇间处]",
            r"(?P<a>主卧|大屋)|(?P<b>次卧|小屋)",
        ),
    )
)
_ASPECTS = re.compile(
    r"(?P<speed>来得|来的快|来的慢|速度|快慢|动作|上门|时间)"
    r"|(?P<effect>[修弄干做搞整][得的]|活儿?|手艺|技术|质量|效果|东西|没弄)"
    r"|(?P<attitude>态度|脾气|服务|说话|嘴|脸|师傅|小伙|^人|(?<=是)人)"
    r"|(?P<price>价|收费|钱)|(?P<rest>别的|其他|其它|其余|旁的)"
)
"""What a mark may be of"""
_SECOND = {
    "fact": re.compile(
        "|".join(["现在|如今|后来|这会儿|这下|今天", *(re.sub(r"\?P<.>", "?:", s.pattern) for s in _SIDES)])
    ),
    "rating": re.compile(
        r"前头|后头|前面|后面|别的|其他|态度|速度|技术|手艺|活儿|质量|服务|来得|修得|弄得|做得|干得|人(?=不错|很|挺|蛮|还[行好可]|也)"
    ),
}
_DID = re.compile(r"^(?:就|只|光|倒是?)?(?:修|换|弄|装|补|清|通|给)[好完]?了[个把]?")
_PARTS = ("管子", "瓷砖", "玻璃", "门把", "把手", "开关", "插座", "灯泡", "龙头", "水箱", "地砖", "墙面", "顶棚", "纱窗", "门", "窗")  # fmt: skip


def second_sides(text: str, kind: str) -> list[int]:
    """Where the second one may begin in a sentence without commas: 活儿好态度一般, 左边亮了右边不亮."""
    starts = [found.start() for found in _SECOND[kind].finditer(text)] if kind in _SECOND else []
    things = [thing for thing in phrasebook().matters.things if len(thing) > 1] if kind == "fact" else []
    return starts + [text.find(thing) for thing in things if thing in text]


def opposed(one: str, other: str) -> bool:
    """前门修了，后门没动"""
    for pair in _SIDES:
        here, there = pair.search(one), pair.search(other)
        if here and there and here.lastgroup != there.lastgroup:
            return True
    return False


def two_things(one: str, other: str) -> bool:
    """管子换了，瓷砖没贴"""
    first, second = _thing_at(one), _thing_at(other)
    return bool(first and second) and first != second


def _thing_at(text: str) -> str:
    text = _DID.sub("", text)
    things = phrasebook().matters.things
    known = (*_PARTS, *(thing for thing, category in things.items() if category == "repairs"))
    return max((thing for thing in known if text.startswith(thing)), key=len, default="")


def aspect(text: str) -> str:
    """speed, effect, attitude, price, or none."""
    found = _ASPECTS.search(text)
    return (found.lastgroup or "") if found else ""
