import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.desk.understanding import Place, choose, prepare, understand
from speech.phrasebook import CATEGORIES, INTENTS, KINDS, phrasebook


def test_sentence_of_the_story_is_understood_with_its_reasons() -> None:
    found = understand("三栋二单元路灯不亮了")
    assert (found.category, found.tier, found.urgent, found.danger) == ("repairs", "simple", False, None)
    assert found.place == Place(building="3", unit="2")
    assert found.place.spoken() == "三栋二单元"
    assert found.matter == "路灯不亮"
    assert found.intent == "report"
    assert found.confidence > 0.7
    reasons = {(reason.what, reason.value, reason.words) for reason in found.reasons}
    assert {("building", "3", "三栋"), ("unit", "2", "二单元"), ("matter", "路灯不亮", "路灯不亮")} <= reasons
    assert any(what == "category" and value == "repairs" and words for what, value, words in reasons)


@pytest.mark.parametrize(
    "text",
    [
        "三 栋 二 单元 路灯 不亮 了",
        "３栋２单元路灯不亮",
        "三棟二單元路燈不亮了",
        "三栋，二单元，路灯不亮了！！！",
        "喂你好那个三栋二单元的路灯它不亮了",
        "3栋2单元路灯不亮😀",
        "三动二单员路灯不亮",
        "三栋二单元路等不亮了",
    ],
)
def test_spelling_fillers_and_homophones_change_nothing(text: str) -> None:
    found = understand(text)
    assert (found.category, found.place.building, found.place.unit, found.matter) == (
        "repairs",
        "3",
        "2",
        "路灯不亮",
    )


SAID = [
    ("路灯不亮了", "repairs"),
    ("电梯又坏了，八十岁的人爬十楼", "repairs"),
    ("我家马桶堵了好几天了", "repairs"),
    ("厨房水管漏水漏到楼下去了", "repairs"),
    ("暖气一点都不热", "repairs"),
    ("楼道里黑漆漆的灯坏了", "repairs"),
    ("单元门锁坏了关不上", "repairs"),
    ("我想问一下养老认证怎么弄", "livelihood"),
    ("医保卡丢了怎么办", "livelihood"),
    ("水费在哪里交", "livelihood"),
    ("低保怎么申请", "livelihood"),
    ("煤气费交了没有显示", "livelihood"),
    ("垃圾堆了一个星期没人收", "environment"),
    ("楼下有人乱停车把消防通道堵了", "environment"),
    ("花坛里杂草比人都高", "environment"),
    ("楼道里有一股臭味", "environment"),
    ("蚊子太多了能不能打打药", "environment"),
    ("楼上天天半夜吵得我睡不着觉", "mediation"),
    ("邻居把我的车位占了", "mediation"),
    ("隔壁装修太吵了", "mediation"),
    ("我跟对门吵架了", "mediation"),
    ("广场舞太吵了", "mediation"),
    ("我一个人住，腿脚不方便，想要人送饭", "care"),
    ("隔壁独居老人好几天没出门了，去看看吧", "care"),
    ("我爸瘫痪在床没人照顾", "care"),
    ("能不能陪我去医院看病", "care"),
    ("社区什么时候有合唱活动", "culture"),
    ("我想报名书法班", "culture"),
    ("这个周末放电影吗", "culture"),
    ("智能手机课还有吗", "culture"),
]


@pytest.mark.parametrize(("text", "category"), SAID)
def test_what_residents_say_finds_its_category(text: str, category: str) -> None:
    found = understand(text)
    assert found.category == category
    assert found.matter
    assert len(found.matter) <= 14


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("我们那个楼道里的灯啊它好几天都不亮了", "灯不亮"),
        ("坏了的路灯什么时候修", "路灯坏了"),
        ("三栋电梯用不了了", "电梯坏了"),
        ("下水道堵住了", "下水道堵了"),
        ("垃圾没有人清理", "垃圾没人清理"),
        ("又停水了", "停水"),
        ("煤气灶打不着火", "煤气灶打不着火"),
        ("想办养老认证", "养老认证"),
    ],
)
def test_matter_is_short_enough_to_be_read_back(text: str, matter: str) -> None:
    assert understand(text).matter == matter


def test_quarrels_and_repeated_complaints_are_complex() -> None:
    assert understand("楼上邻居天天吵架").tier == "complex"
    assert understand("路灯坏了反映多次一直没人管").tier == "complex"
    assert understand("路灯坏了").tier == "simple"


@pytest.mark.parametrize("text", ["", "   ", "嗯", "三栋", "今天天气不错", "哈哈", "asdf"])
def test_what_says_nothing_has_no_category(text: str) -> None:
    found = understand(text)
    assert (found.category, found.matter, found.confidence) == (None, None, 0.0)


def test_homophones_count_for_less_than_words() -> None:
    written, similar = understand("垃圾太多"), understand("辣鸡太多")
    assert written.category == similar.category == "environment"
    assert similar.confidence < written.confidence


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("报修3栋路灯不亮", "report"),
        ("转人工", "human"),
        ("我要找人工，我家漏水", "human"),
        ("查1024", "progress"),
        ("查询", "progress"),
        ("我上次说的路灯什么时候能修", "progress"),
        ("灯修了又坏了", "reopen"),
        ("满意", "rate"),
        ("谢谢你们", "thanks"),
        ("谢谢，路灯又不亮了", "reopen"),
        ("你好", "greeting"),
        ("你好，路灯坏了", "report"),
        ("退订", "optout"),
        ("TD", "optout"),
        ("社区有什么活动", "activities"),
        ("我们楼的管家是谁", "keeper"),
        ("帮助", "help"),
        ("今天天气不错", "other"),
    ],
)
def test_intents_are_found(text: str, intent: str) -> None:
    assert understand(text).intent == intent


ODD = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
HOTLINE = st.text(alphabet="三栋二单元五零一号楼室路灯不亮没好满意着火煤气救命，是对的了12 -/", max_size=40)


@settings(max_examples=300, deadline=None)
@given(st.one_of(ODD, HOTLINE))
def test_any_string_is_understood_somehow(text: str) -> None:
    found = understand(text)
    assert found.text == text
    assert found.category is None or found.category in CATEGORIES
    assert found.tier in ("simple", "complex")
    assert found.intent in INTENTS
    assert found.danger in (None, "119", "120", "110")
    assert 0.0 <= found.confidence <= 1.0
    assert found.place.unit is None or found.place.unit.isalnum()
    assert found.place.room is None or found.place.room.isdigit()
    assert understand(text) == found
    for kind in (*KINDS, "number"):
        choice = choose(text, kind)
        assert choice is None or 0.0 < choice.confidence <= 1.0


@pytest.mark.parametrize(
    "text",
    [
        "路灯不亮" * 2500,
        "\x00" * 10_000,
        "\ud800" * 10_000,
        "😀" * 10_000,
        "一" * 10_000,
        "，" * 10_000,
        "3栋" * 5000,
    ],
)
def test_ten_thousand_characters_of_anything_are_taken(text: str) -> None:
    assert understand(text).text == text
    for kind in (*KINDS, "number"):
        choose(text, kind)


def test_understanding_goes_into_json() -> None:
    found = understand("幸福小区三栋二单元路灯不亮了")
    assert json.dumps(
        [replace(found).category, found.place.building, [reason.words for reason in found.reasons]]
    )


def test_preparing_reads_all_rules() -> None:
    phrasebook.cache_clear()
    prepare()
    assert phrasebook.cache_info().currsize == 1


@pytest.mark.parametrize(
    "text",
    [
        "电梯卡住了，我孙子在里面",
        "电梯里关了个老太",
        "电梯里有人喊",
        "电梯不走了我在里面",
        "小孩在电梯里哭",
        "我阿妈困咗喺𨋢入面啊，出唔到",
        "老伴走了，就我一个人，屋里冰凉",
        "俺一个人，暖气片冰的",
        "我妈一个人，家里断了水",
    ],
)
def test_somebody_shut_in_or_alone_in_the_cold_is_urgent(text: str) -> None:
    assert understand(text).urgent


@pytest.mark.parametrize("text", ["电梯里有人抽烟", "电梯坏了，邻居在修", "我一个月没水了", "我住三栋，坏的是五栋的灯", "我上火了牙疼"])  # fmt: skip
def test_what_only_sounds_like_it_is_not_urgent(text: str) -> None:
    assert not understand(text).urgent


def test_what_only_sounds_like_an_outage_is_none() -> None:
    assert understand("我住三栋，坏的是五栋的灯").outage is None
    assert understand("没有煤气味").outage is None


@pytest.mark.parametrize("text", ["老公打我", "我被老公打了", "邻居打我"])
def test_blows_at_home_are_danger(text: str) -> None:
    assert understand(text).danger == "110"


def test_no_said_three_times_takes_the_building_back() -> None:
    assert understand("三栋，不不不，四栋").place.building == "4"
