import pytest

from app.desk.understanding import understand
from speech.phrasebook import CATEGORIES

IN_DANGER = [
    ("着火了", "119"),
    ("三栋楼道着火了快来人", "119"),
    ("怕是着火了吧", "119"),
    ("是不是着火了呀好大的烟", "119"),
    ("煤气漏了", "119"),
    ("家里有一股煤气味", "119"),
    ("天然气好像在漏", "119"),
    ("煤气灶漏气了，味道好大", "119"),
    ("电线冒火花", "119"),
    ("厨房爪活了", "119"),
    ("我老伴晕倒了", "120"),
    ("谢谢你们，我老伴晕了", "120"),
    ("老人摔倒了起不来", "120"),
    ("我不小心摔倒了", "120"),
    ("她没有呼吸了", "120"),
    ("胸口疼得厉害喘不上气", "120"),
    ("救命", "120"),
    ("救命啊", "120"),
    ("九名", "120"),
    ("运道了", "120"),
    ("煤气中毒了快叫救护车", "120"),
    ("有人要跳楼", "110"),
    ("家里进小偷了", "110"),
    ("楼下打起来了", "110"),
    ("我不想活了", "110"),
    ("我妈老年痴呆走丢了", "110"),
    ("不是演习，是真着火了", "119"),
    ("小孙子掉进水井里了", "119"),
    ("雨棚塌了，压住三个人", "119"),
    ("吃元宵卡了，拍背拍不出来", "120"),
    ("摔在浴室里，动不了了", "120"),
    ("天台边上坐着个小伙子在哭", "110"),
    ("他被几个人围住了在打", "110"),
]


@pytest.mark.parametrize(("text", "number"), IN_DANGER)
def test_danger_names_its_number_and_is_urgent(text: str, number: str) -> None:
    found = understand(text)
    assert found.danger == number
    assert found.urgent
    assert found.category in CATEGORIES
    assert found.matter
    assert any(reason.what == "danger" and reason.words for reason in found.reasons)


NO_DANGER = [
    "没有着火",
    "煤气灶打不着火",
    "煤气费怎么交",
    "燃气公司什么时候上班",
    "消防演习什么时候",
    "防火讲座还有位子吗",
    "路太滑容易摔倒",
    "路灯不亮怕老人摔倒",
    "万一着火了怎么办",
    "要是哪天着火了消防车都进不来",
    "去年三栋着火过一次",
    "差点摔倒",
    "烟雾报警器坏了",
    "煤气没气了",
    "我想找活干",
    "一共三十九名老人",
    "东西什么时候运到",
    "请大家轻声一点",
    "大人小孩都来",
    "外面有人敲门",
    "他打我电话了",
    "棚子都搭起来了",
    "在大家的帮助下",
    "楼道没被打扫",
    "快递迟到了",
    "物业费上调了",
    "水管爆了",
    "头发剪坏了",
    "路灯不亮",
    "我爸中风后瘫痪在床",
    "他还活在世上",
    "手机掉下水道了",
    "这个月是消防演习，不是真的",
    "枯枝掉下来，翠湖苑正门",
    "爬六楼喘不上气，什么时候装电梯",
]


@pytest.mark.parametrize("text", NO_DANGER)
def test_harmless_words_raise_no_alarm(text: str) -> None:
    found = understand(text)
    assert found.danger is None
    assert not found.urgent


@pytest.mark.parametrize(
    "text",
    [
        "电梯里有人被困住了",
        "我被关在电梯里出不来",
        "三栋电梯坏了里面有人",
        "我家暖气不热，我一个人住，八十了",
        "独居老人家停水两天了",
        "隔壁孤寡老人家里没有暖气",
        "电梯停了，我跟小孙子在里面等了半天了",
        "人在电梯里，门不开",
        "我爸独住，暖气坏了",
        "我妈一个人住，打电话一天没人接",
        "楼下独居的老奶奶两天没拿牛奶了，敲门没人应",
    ],
)
def test_trapped_people_and_old_people_without_heat_or_water_are_urgent(text: str) -> None:
    found = understand(text)
    assert found.urgent
    assert found.danger is None
    assert any(reason.what == "urgent" for reason in found.reasons)


@pytest.mark.parametrize(
    "text",
    [
        "电梯坏了半天了，没人在里面，来修",
        "昨天电梯困人的事处理了没有",
        "我一个人住，物业电话打不通，老人怎么办居住证",
    ],
)
def test_what_takes_back_an_urgent_matter_is_heard(text: str) -> None:
    assert not understand(text).urgent


@pytest.mark.parametrize(
    ("text", "outage"), [("三栋暖气不热", "heating"), ("我家停水了", "water"), ("路灯坏了", None)]
)
def test_outage_is_told_apart_because_the_desk_may_know_who_lives_alone(
    text: str, outage: str | None
) -> None:
    found = understand(text)
    assert (found.outage, found.urgent) == (outage, False)


@pytest.mark.parametrize("text", ["爆炸米花的摊子占道", "公园里抢劫舞队几点跳"])
def test_a_dangerous_word_that_a_recogniser_wrote_needs_more_beside_it(text: str) -> None:
    assert understand(text, heard=True).danger is None


@pytest.mark.parametrize("text", ["三栋楼道着火了快来人", "老伴晕倒了叫不醒"])
def test_danger_is_danger_however_it_came(text: str) -> None:
    assert understand(text, heard=True).danger == understand(text).danger is not None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("煤气大量泄漏了", "119"),
        ("着火了烧死人你们负责快来人", "119"),
        ("我老伴昏倒了出了事谁负责", "120"),
        ("我等着呢老头子晕倒了没反应", "120"),
        ("非得等人死了你们才管吗我爸没呼吸了", "120"),
        ("安装空调的工人从楼上摔下来了", "120"),
        ("他道个歉都不肯现在拿刀追我", "110"),
        ("孩子头卡卡住了", "119"),  # as the rules have it for limbs that are stuck
    ],
)
@pytest.mark.parametrize("heard", [False, True])
def test_what_the_angry_and_the_hasty_say_beside_it_takes_no_danger_back(
    text: str, number: str, heard: bool
) -> None:
    assert understand(text, heard=heard).danger == number


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize(
    "text", ["幺二零四", "我查幺二零四", "你记好，幺二零四", "我的号是一一九零", "单号1104"]
)
def test_a_number_that_begins_like_an_emergency_number_is_none(text: str, heard: bool) -> None:
    assert understand(text, heard=heard).danger is None


@pytest.mark.parametrize("text", ["快打幺二零", "快打幺二零幺二零", "快帮我打120120"])
def test_an_emergency_number_said_twice_still_is_one(text: str) -> None:
    assert understand(text).danger == "120"
