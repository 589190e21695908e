"""The kiosk's page: every screen of it in one document per language, so that it works without a network.

The three documents have the same structure: the browser swaps one for another and goes on where it was.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from app.desk.wording import STATES
from app.runtime import Runtime
from app.texts.catalogue import SOURCE, mark, translator
from kiosk.assets import Asset, delivered, packed
from kiosk.icons import icon, picture
from kiosk.languages import LANGUAGES


class Category(NamedTuple):
    """A tile. The name holds the word of the telephone's list."""

    code: str
    name: str
    hint: str
    icon: str


CATEGORIES = (
    Category("repairs", mark("各种维修"), mark("水 电 门锁 路灯"), "wrench"),
    Category("livelihood", mark("民生办事"), mark("医保 养老 证明"), "id-card"),
    Category("environment", mark("环境卫生"), mark("垃圾 虫鼠 积水"), "leaf"),
    Category("mediation", mark("邻里调解"), mark("吵闹 漏水 占道"), "handshake"),
    Category("care", mark("关怀照顾"), mark("老人 残疾 困难"), "hand-heart"),
    Category("culture", mark("文化活动"), mark("唱歌 跳舞 讲座"), "music"),
)


class Sentence(str):
    """A sentence as it is shown; `say` is how it is read aloud: in Mandarin on both Chinese pages."""

    __slots__ = ("say",)
    say: str


def sentences(locale: str) -> Callable[[str], Sentence]:
    """A translator from marked msgid to what is shown and said in `locale`."""
    shown = translator(locale)
    said = translator(SOURCE if locale.startswith("zh") else locale)

    def sentence(msgid: str) -> Sentence:
        made = Sentence(shown(msgid))
        made.say = said(msgid)
        return made

    return sentence


def render(language: str) -> str:
    """The whole page in one of `LANGUAGES`."""
    return render_template(
        "kiosk/page.html",
        _=sentences(LANGUAGES[language]),
        language=language,
        categories=CATEGORIES,
        states=STATES,
        icon=icon,
        picture=picture,
        mark=mark,
    )


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    """Pages are kept by browsers and asked for again: they hold nothing about anybody."""
    own = next((code for code, locale in LANGUAGES.items() if locale == runtime.settings.locale), "zh-Hans")

    @cache
    def made(language: str) -> Asset:
        return packed(render(language).encode(), "text/html")

    @blueprint.get("/")
    def home() -> ResponseReturnValue:
        return delivered(made(own))

    @blueprint.get("/page/<language>")
    def page(language: str) -> ResponseReturnValue:
        return delivered(made(language)) if language in LANGUAGES else abort(404)
