"""What `jiachang model check` shows to people."""

import unicodedata
from collections.abc import Iterable, Iterator

from speech.model_facts import ListSurvey, Respelling, Survey

_NAMES = {
    "yes_no": "是与不是",
    "fact": "好了没有",
    "rating": "满意不满意",
    "category": "六类服务",
    "person": "转人工",
    "digits": "数字",
    "place": "地点",
    "categories": "类别的说法",
    "matters": "什么事",
    "dangers": "危险的话",
    "urgency": "紧急的话",
    "tiers": "难办的事",
    "intents": "来意",
    "places": "地标和小区",
}
_LINE = 96
_SHOWN = 40
"""Phrases of a list; a small vocabulary lacks hundreds."""


def report(name: str, found: Survey) -> Iterator[str]:
    missing = sum(len(phrases.unsayable) for phrases in found.lists if phrases.held)
    yield f"语音模型 {name}：可以用" + (f"，但回答里有 {missing} 条短语听不到" if missing else "")
    rate = "和电话一样" if found.sample_rate == 8000 else "电话是 8000，会先转换"
    yield f"  采样率    {found.sample_rate} Hz（{rate}）"
    if found.phrase_lists:
        yield "  短语表    支持：问什么就只听什么"
    else:
        yield "  短语表    不支持（静态图）：短语表不起作用，回答按自由说话来听，更容易听错"
    yield f"  加载      {found.load_seconds:.1f} 秒"
    if found.model_mb is not None and found.recogniser_mb is not None and found.idle_mb is not None:
        yield (
            f"  内存      程序 {found.idle_mb:.0f} MB，模型再加 {found.model_mb:.0f} MB，"
            f"每路通话再加 {found.recogniser_mb:.1f} MB"
        )
    yield f"  速度      {_speed(found)}"
    yield ""
    yield from _table(found.lists)
    yield ""
    yield from _phrases("听不到的短语（模型没有这些字）", ((p.name, p.unsayable) for p in found.lists))
    yield from _phrases(
        "用同音字代替的短语", ((p.name, tuple(map(_words, p.respelled))) for p in found.lists if p.held)
    )
    if any(phrases.split for phrases in found.lists):
        yield "其余拆成几个词来听，逐条见 --json"
    if found.heard:
        yield ""
        yield "试听（合成的声音，自由说话；真人如何，这里看不出来）"
        yield from (f"  {_padded(h.said, 26)} → {h.heard or '（什么也没听到）'}" for h in found.heard)


def _speed(found: Survey) -> str:
    sound = "合成的说话声" if found.audio == "speech" else "噪声"
    streams = f"一个核约 {1 / found.open_rtf:.0f} 路" if found.open_rtf else "快到测不出"
    held = f"，按短语表听 {found.held_rtf:.3f} 秒" if found.held_rtf is not None else ""
    return f"每秒声音用 {found.open_rtf:.3f} 秒（{streams}）{held}；以{sound}测得"


def _table(lists: Iterable[ListSurvey]) -> Iterator[str]:
    yield f"  {_padded('短语', 14)}{'共':>5}{'听不到':>5}{'同音字':>5}{'拆成几个词':>7}"
    for phrases in lists:
        counts = (len(phrases.unsayable), len(phrases.respelled), len(phrases.split))
        name = _padded(_NAMES.get(phrases.name, phrases.name), 14)
        yield f"  {name}{phrases.phrases:>6}{counts[0]:>8}{counts[1]:>8}{counts[2]:>12}"


def _phrases(title: str, lists: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    filled = [(name, phrases) for name, phrases in lists if phrases]
    if filled:
        yield title
    for name, phrases in filled:
        more = len(phrases) - _SHOWN
        shown = (*phrases[:_SHOWN], f"……还有 {more} 条，见 --json") if more > 0 else phrases
        yield from _wrapped(f"  {_NAMES.get(name, name)}：", shown)


def _words(respelling: Respelling) -> str:
    return f"{respelling.phrase}＝{' '.join(respelling.words)}"


def _wrapped(start: str, items: Iterable[str]) -> Iterator[str]:
    line, empty = start, True
    for item in items:
        if not empty and _width(line) + _width(item) + 2 > _LINE:
            yield line
            line, empty = "    ", True
        line += item if empty else f"、{item}"
        empty = False
    yield line


def _padded(text: str, width: int) -> str:
    return text + " " * max(0, width - _width(text))


def _width(text: str) -> int:
    """Columns in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
