"""The catalogues: whole, true to the source, and in words that residents know."""

import ast
import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from app.desk.catalogue import NAMES
from app.hygiene import utf16_units
from app.texts import extract
from app.texts.catalogue import LOCALES, SOURCE, catalogue, mark, path_of, read, translator, unmark
from ivr.check import sentences
from ivr.flows.hotline import HOTLINE
from ivr.flows.notice import NOTICE_CALL
from ivr.flows.rating import RATING_CALL

FOUND = extract.sentences()
TRANSLATED = tuple(locale for locale in LOCALES if locale != SOURCE)
FOR_RESIDENTS = (
    "ivr/",
    "app/sms/resident",
    "app/sms/remarks.py",
    "app/sms/guard.py",
    "app/desk/spoken.py",
    "app/desk/notices.py",
    "app/desk/course.py",
)
SIGN = "【家常热线】"
SEGMENT, LONGEST_ENGLISH = 70, 150
_FILLED: dict[str, Any] = {
    "number": "1024",
    "other": "1023",
    "n": "1024",
    "hotline": "4001234567",
    "danger": "119",
    "word": "办结",
    "count": 3,
    "share": 80,
    "minute": 5,
    "category": "基础设施维修",
    "what": "",
}


class Sample(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "10月8日" if key in ("date", "due") else "12"


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def filled(sentence: str) -> str:
    return sentence.format_map(Sample(_FILLED))


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_sentence_of_the_source_is_translated(locale: str) -> None:
    assert [msgid for msgid in FOUND if not catalogue(locale).get(msgid)] == [], "run: make texts"


@pytest.mark.parametrize("locale", TRANSLATED)
def test_catalogues_hold_nothing_that_the_source_no_longer_says(locale: str) -> None:
    assert [msgid for msgid in catalogue(locale) if msgid not in FOUND] == [], "run: make texts"


@pytest.mark.parametrize("locale", TRANSLATED)
def test_translations_have_the_gaps_of_their_sentence(locale: str) -> None:
    wrong = {msgid: said for msgid, said in catalogue(locale).items() if gaps(msgid) != gaps(said)}
    assert wrong == {}


@pytest.mark.parametrize("locale", TRANSLATED)
def test_everything_that_the_calls_can_say_is_translated(locale: str) -> None:
    """By way of the flows themselves, and the names of categories by way of their table: nothing escapes the search."""
    said = {text.msgid for flow in (HOTLINE, RATING_CALL, NOTICE_CALL) for text in sentences(flow)} | set(
        NAMES.values()
    )
    assert said - set(catalogue(locale)) == set()


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        (SOURCE, "工单|诉求|提交|确认"),
        ("zh_Hant", "工單|訴求|提交|確認"),
        ("en", "ticket|work order|submit|confirm"),
    ],
)
def test_residents_hear_no_office_words(locale: str, words: str) -> None:
    theirs = [msgid for msgid, files in FOUND.items() if any(f.startswith(FOR_RESIDENTS) for f in files)]
    assert len(theirs) > 60
    said = translator(locale)
    assert [said(msgid) for msgid in theirs if re.search(words, said(msgid), re.IGNORECASE)] == []


def test_traditional_chinese_has_no_simplified_characters() -> None:
    """Big5 has no simplified characters, but for some that are also traditional ones of another meaning."""
    looks_alike = re.compile(r"[后里干]")

    def simplified(sentence: str) -> list[str]:
        theirs = sentence.replace("鄰里", "")  # the neighbourhood has always been written so
        return [c for c in theirs if looks_alike.match(c) or not c.encode("big5", errors="ignore")]

    wrong = {said: found for said in catalogue("zh_Hant").values() if (found := simplified(said))}
    assert wrong == {}


def test_english_keeps_chinese_for_commands_only() -> None:
    commands = re.compile("周一|接|到|延|办结|退|列表|单|报|3天|没好|人工|查(?:1024)?|评1024|满意|一般|恢复")
    wrong = [
        said for said in catalogue("en").values() if re.search(r"[㐀-鿿，。：！]", commands.sub("", said))
    ]
    assert wrong == []


def test_translated_texts_are_as_short_as_the_chinese_ones() -> None:
    texts = [m for m, files in FOUND.items() if any(f.startswith(("app/sms/", "app/desk/")) for f in files)]
    assert len(texts) > 30
    single = [msgid for msgid in texts if utf16_units(SIGN + filled(msgid)) <= SEGMENT]
    traditional, english = translator("zh_Hant"), translator("en")
    assert [m for m in single if utf16_units(SIGN + filled(traditional(m))) > SEGMENT] == []
    assert [m for m in texts if len(filled(english(m))) > LONGEST_ENGLISH] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_what_residents_get_as_answers_and_news_is_one_segment_in_every_language(locale: str) -> None:
    doors = ("app/sms/resident", "app/sms/remarks.py", "app/sms/guard.py", "app/desk/notices.py")
    texts = [msgid for msgid, files in FOUND.items() if any(f.startswith(doors) for f in files)]
    assert len(texts) > 40
    said = translator(locale)
    too_long = [said(m) for m in texts if utf16_units(SIGN + filled(said(m))) > SEGMENT]
    assert too_long == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_sentence_without_a_translation_is_said_in_chinese(locale: str) -> None:
    assert translator(locale)("这句话谁也没有翻译过") == "这句话谁也没有翻译过"


def test_the_source_language_says_sentences_as_they_are_written() -> None:
    said = translator(SOURCE)
    assert [said(msgid) for msgid in FOUND] == [unmark(msgid)[0] for msgid in FOUND]


def test_update_keeps_translations_adds_new_sentences_and_drops_old_ones(tmp_path: Path) -> None:
    path = tmp_path / "en.po"
    assert extract.update(path, "en", {"您好": ["a.py"], "再见": ["a.py", "b.py"]}) == ["您好", "再见"]
    assert read(path) == {}
    said = path.read_text().replace('msgid "您好"\nmsgstr ""', 'msgid "您好"\nmsgstr "Hello"')
    path.write_text(said)
    assert extract.update(path, "en", {"您好": ["c.py"], "谢谢": ["c.py"]}) == ["谢谢"]
    assert read(path) == {"您好": "Hello"}
    text = path.read_text()
    assert "再见" not in text and "谢谢" in text and "#: c.py\n" in text


@pytest.mark.parametrize("locale", TRANSLATED)
def test_updating_a_catalogue_twice_changes_nothing(locale: str, tmp_path: Path) -> None:
    path = tmp_path / "again.po"
    path.write_bytes(path_of(locale).read_bytes())
    assert extract.update(path, locale, FOUND) == []
    once = path.read_bytes()
    extract.update(path, locale, FOUND)
    assert path.read_bytes() == once


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('Text("一")', ["一"]),
        ('cfg.texts("一{n}").format(n=1)', ["一{n}"]),
        ('_ = cfg.texts\n_("一" "二")', ["一二"]),
        ('runtime.translate("一" if x else "二")', ["一", "二"]),
        ('mark("一", "state")', [mark("一", "state")]),
        ('NAMES = {"a": mark("一")}\n_(NAMES["a"])', ["一"]),
        ('say("一") if x else texts(runtime)("二{n}").format(n=1)', ["一", "二{n}"]),
        ('raise BadInput("一{n}", n=1)', ["一{n}"]),
        ('raise NotFound("一" if x else "二")', ["一", "二"]),
        ('raise BadInput("not for staff")', []),
        ('super().__init__("一")', ["一"]),
        ('text.translate(TABLE)\nhear("一")\n_("")', []),
        ('_("乙") + _("甲")\nText("丙")', ["乙", "甲", "丙"]),
    ],
)
def test_sentences_are_found_where_they_are_written(code: str, found: list[str]) -> None:
    assert list(extract.in_code(code)) == found


def test_errors_of_the_command_line_are_no_sentences() -> None:
    assert list(extract.in_code('raise BadInput("一")\nmark("二")', errors=False)) == ["二"]


@pytest.mark.parametrize("package", ["app/desk", "app/console"])
def test_no_error_that_staff_can_meet_is_put_together_where_nobody_can_translate_it(package: str) -> None:
    put_together = [
        f"{path.relative_to(extract.ROOT)}:{call.lineno}"
        for path in (extract.ROOT / package).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in extract.ERRORS
        if call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp | ast.Call)
        if re.search("[\u4e00-\u9fff]", ast.unparse(call.args[0]))
    ]
    assert put_together == []
