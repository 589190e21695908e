"""The kiosk's pages as they are sent: one structure in three languages, light, named and read aloud throughout."""

import gzip
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from app.community import ITEMS
from app.console.services import PICTURES
from app.desk.wording import STATES
from app.texts.catalogue import LOCALES, SOURCE, catalogue
from app.texts.extract import sentences as found_sentences
from ivr.flows.hotline import HOTLINE
from kiosk.assets import assets
from kiosk.icons import icon, picture, shapes
from kiosk.languages import LANGUAGES
from kiosk.pages import CATEGORIES, sentences
from models.category import Category
from models.lifecycle import Status
from tests.support.kiosk_door import Device

MOST_BYTES = 40 * 1024  # HTML and style sheet together, as they are before packing
VOID = frozenset({"meta", "link", "path", "circle", "rect", "use", "ellipse", "line", "polyline"})
OFFICE_WORDS = re.compile("提交|确认|確認|工单|工單|诉求|訴求")
LONGEST = 14  # Chinese characters in one breath of a sentence


class Element:
    def __init__(self, tag: str, attributes: dict[str, str], parent: "Element | None") -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Element] = []
        self.own_text = ""

    def walk(self) -> Iterator["Element"]:
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def text(self) -> str:
        return self.own_text + "".join(child.text for child in self.children)


class Page(HTMLParser):
    """A tree of elements; templates are elements like others."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = self._here = Element("document", {}, None)
        self.feed(html)
        assert self._here is self.root, f"<{self._here.tag}> is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self._here)
        self._here.children.append(made)
        if tag not in VOID:
            self._here = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._here.children.append(Element(tag, {name: value or "" for name, value in attrs}, self._here))

    def handle_endtag(self, tag: str) -> None:
        assert self._here.tag == tag, f"</{tag}> closes <{self._here.tag}>"
        assert self._here.parent is not None
        self._here = self._here.parent

    def handle_data(self, data: str) -> None:
        self._here.own_text += data

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.root.walk() if not tags or element.tag in tags]

    def screens(self) -> dict[str, Element]:
        named = {e.attributes.get("id", ""): e for e in self.all("template")}
        return {name[2:]: element for name, element in named.items() if name.startswith("s-")}


@pytest.fixture
def pages(device: Device) -> dict[str, Page]:
    client = device.app.test_client()
    return {language: Page(client.get(f"/kiosk/page/{language}").text) for language in LANGUAGES}


def shape(element: Element) -> tuple[object, ...]:
    """What a language may not change: elements, hooks, holes, conditions."""
    hooks = {
        name: value
        for name, value in element.attributes.items()
        if name.startswith("data-") and name != "data-say"
    }
    said = "data-say" in element.attributes
    kept = (element.tag, element.attributes.get("class"), element.attributes.get("id"), hooks, said)
    return (*kept, sorted(set(re.findall(r"{\w+}", element.own_text))), *(shape(c) for c in element.children))


def test_the_three_languages_have_the_same_structure(pages: dict[str, Page]) -> None:
    first, *others = (shape(page.root) for page in pages.values())
    assert all(other == first for other in others)
    for language, page in pages.items():
        (html,) = page.all("html")
        assert html.attributes["lang"] == language
        (chosen,) = [e for e in page.all("button") if e.attributes.get("aria-pressed") == "true"]
        assert chosen.attributes["data-value"] == language


def test_every_screen_of_the_contract_is_there(pages: dict[str, Page]) -> None:
    wanted = (
        "speak hear unheard items place contact saving done full ask progress progress-result activities keeper rate thanks "
        "person person-phone enrol closed idle danger"
    )
    assert set(pages["zh-Hans"].screens()) == set(wanted.split())
    for page in pages.values():
        for name, screen in page.screens().items():
            assert [e for e in screen.walk() if e.tag == "h1"], f"{name} has no heading"


def test_pages_and_style_sheet_are_light(device: Device) -> None:
    style = assets()["kiosk.css"].body
    for language in LANGUAGES:
        answer = device.app.test_client().get(f"/kiosk/page/{language}")
        assert len(answer.data) + len(style) <= MOST_BYTES, language


def test_pages_are_sent_packed_and_asked_for_again(device: Device) -> None:
    client = device.app.test_client()
    plain = client.get("/kiosk/")
    packed = client.get("/kiosk/", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data and len(packed.data) < len(plain.data) / 2
    assert packed.headers["Vary"] == "Accept-Encoding" and packed.headers["Cache-Control"] == "no-cache"
    for first, asked in ((plain, {}), (packed, {"Accept-Encoding": "gzip"})):
        again = client.get("/kiosk/", headers={"If-None-Match": first.headers["ETag"], **asked})
        assert (again.status_code, again.data) == (304, b"")


def test_the_first_page_is_in_the_language_of_the_community_and_others_are_not_found(device: Device) -> None:
    client = device.app.test_client()
    assert client.get("/kiosk/").data == client.get("/kiosk/page/zh-Hans").data
    assert client.get("/kiosk/page/fr").status_code == 404


def test_there_is_no_script_and_no_style_in_the_page(pages: dict[str, Page]) -> None:
    for page in pages.values():
        for element in page.all():
            assert element.tag != "style"
            assert element.tag != "script" or (element.attributes["src"] and not element.text.strip())
            wrong = [name for name in element.attributes if name == "style" or name.startswith("on")]
            assert wrong == [], element.attributes


def test_every_button_has_a_name_and_something_to_do(pages: dict[str, Page]) -> None:
    for page in pages.values():
        buttons = page.all("button")
        assert len(buttons) > 60
        for button in buttons:
            assert button.attributes["data-do"]
            assert button.attributes.get("aria-label") or button.text.strip(), button.attributes
            shown = re.sub(r"\s", "", button.text)
            named = button.attributes.get("aria-label")
            assert named is None or named.lower().startswith(shown.lower()), (
                "the name begins with what is shown"
            )
        assert page.all("a", "input", "select", "textarea", "form") == [], "nothing to type into, no way out"


def test_headings_and_what_can_be_pressed_are_read_aloud(pages: dict[str, Page]) -> None:
    for page in pages.values():
        for name, screen in page.screens().items():
            pad = {e for e in screen.walk() if e.attributes.get("data-do") in ("key", "letters", "delete")}
            for element in screen.walk():
                if element.tag == "h1" or (element.tag == "button" and element not in pad):
                    assert any("data-say" in e.attributes for e in element.walk()), (name, element.text)


def test_traditional_pages_are_read_from_simplified_sentences(pages: dict[str, Page]) -> None:
    def said(language: str) -> list[str]:
        return [
            e.attributes["data-say"] or e.text for e in pages[language].all() if "data-say" in e.attributes
        ]

    assert said("zh-Hant") == said("zh-Hans")
    assert len(said("en")) == len(said("zh-Hans")) and not re.search("[㐀-鿿]", "".join(said("en")))


def test_lines_are_short_and_without_office_words(pages: dict[str, Page]) -> None:
    long = [
        breath
        for element in pages["zh-Hans"].all()
        for breath in re.split(r"[，。？！：、·\s]", element.own_text)
        if len(re.findall(r"[\u4e00-\u9fff]", breath)) > LONGEST
    ]
    assert long == []
    for page in pages.values():
        words = " ".join([page.root.text, *(v for e in page.all() for v in e.attributes.values())])
        assert OFFICE_WORDS.findall(words) == [] and not re.search("你(?!们)", words)


def test_everything_on_the_pages_is_translated() -> None:
    ours = {
        msgid
        for msgid, files in found_sentences().items()
        if any(file.startswith("kiosk/") for file in files)
    }
    assert len(ours) > 120
    for locale in LOCALES:
        if locale != SOURCE:
            assert ours - set(catalogue(locale)) == set(), locale


def test_tiles_are_the_telephones_list(device: Device, pages: dict[str, Page]) -> None:
    with device.office.db.transaction(read_only=True) as session:
        rows = session.query(Category.code, Category.position).all()
    in_order = [code for code, position in sorted(rows, key=lambda row: row[1]) if 1 <= position <= 6]
    assert [category.code for category in CATEGORIES] == in_order
    tiles = [e for e in pages["zh-Hans"].all("button") if e.attributes.get("data-do") == "category"]
    assert [(e.attributes["data-key"], e.attributes["data-value"]) for e in tiles] == [
        (str(n), code) for n, code in enumerate(in_order, 1)
    ]
    spoken = dict(zip(in_order, ("维修", "民生", "环境", "调解", "关怀", "活动"), strict=True))
    assert "维修按1，民生按2，环境按3，调解按4，关怀按5，活动按6" in str(HOTLINE)
    assert {c.code: spoken[c.code] in sentences(SOURCE)(c.name) for c in CATEGORIES} == dict.fromkeys(
        in_order, True
    )


def test_every_state_has_words() -> None:
    assert set(STATES) == {status.value for status in Status}


def test_every_picture_is_in_the_sprite() -> None:
    asked = {*PICTURES, *(name for items in ITEMS.values() for _, name in items)}
    assert asked - set(shapes()) == set()
    assert "<path" in icon("mic") and "mic" in picture("mic")
    for broken in (icon, picture):
        with pytest.raises(KeyError):
            broken("no-such-picture")
