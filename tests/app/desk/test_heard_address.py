"""Buildings as a recogniser writes them. What was said stands behind each; written by somebody the same words are left alone."""

from pathlib import Path

import pytest

from app.desk.heard_address import as_meant
from app.desk.understanding import understand
from app.errors import SettingsError
from speech.datafile import DataFile
from speech.phrase_loading import load_places

HEARD = [
    ("精神残疾人要不要没人顶起床三零一", "7", "301"),  # 七幢三零一
    ("有旧柜子两个就闯三零二", "9", "302"),  # 九幢三零二
    ("残疾人坐公交免费八五装", "5", None),  # 吗，五幢
    ("有人私搭雨棚起床顶楼", "7", None),  # 七幢顶楼
    ("时候楼前车停得乱七八糟", "10", None),  # 十号楼前
    ("给我全清出去是以后楼", "11", None),  # 十一号楼
    ("又把破三轮堵在以后楼门口", "1", None),  # 一号楼门口
    ("阿拉屋里就后漏", "9", None),  # 九号楼
    ("前开个班六左三零幺", "6", "301"),  # 六座301
    ("堆到冇路行是座", "10", None),  # 十座
    ("你们整点药来八八七栋三零三", "7", "303"),  # 撒哈，七栋
    ("九点以后断电二二号楼四单元", "2", None),
    ("俺都不敢坐了二六号楼", "6", None),
    ("我家在幺零四九栋", "9", None),
    ("够得着吗八十一号楼二单元", "11", None),  # 吗，十一号楼
    ("老太太家没暖气七十一栋三单元", "11", None),
    ("押金纠纷三十二栋三单元", "12", None),  # 没有三十以上的楼
    ("我八十四一栋一零二", "1", "102"),  # 我八十四，一栋
    ("一三九栋的老人电话我住学府小区二栋", "2", None),
    ("冒水四号楼的二四号楼二单元一零二", "4", "102"),
    ("我住一零一栋", "101", None),
    ("三十五栋", "35", None),  # nothing stands before it that could have become a digit
    ("我住二十三栋", "23", None),
    ("六栋二单元四栋二二", "6", None),
]


@pytest.mark.parametrize(("text", "building", "room"), HEARD)
def test_misheard_buildings_are_read_as_they_were_meant(text: str, building: str, room: str | None) -> None:
    place = understand(text, heard=True).place
    assert (place.building, place.room) == (building, room)


@pytest.mark.parametrize(
    "text",
    [
        "老人起床困难",
        "下雨的时候楼道漏水",
        "以后楼上再吵我就报警",
        "三张床坏了",
        "后楼梯堆满杂物",
        "帮着找个事做",
        "小孩坐公交车要钱吗",
        "十装修队",
    ],
)
def test_ordinary_words_are_no_building(text: str) -> None:
    assert understand(text, heard=True).place.building is None


@pytest.mark.parametrize(
    "text", [text for text, _, _ in HEARD] + ["", "栋", "，，栋", "十栋十栋十一栋", "𨋢栋"]
)
def test_the_length_stays_so_that_spans_do(text: str) -> None:
    assert len(as_meant(text)) == len(text)


def test_what_is_written_is_believed() -> None:
    assert understand("八四号楼").place.building == "84"
    assert understand("三十二栋漏水").place.building == "32"
    assert understand("起床三零一").place.building is None


def test_several_buildings_counted_off_stay_several() -> None:
    assert understand("我们三四五栋没电", heard=True).place.building is None


def test_the_highest_building_may_be_left_out_and_must_be_a_number(tmp_path: Path) -> None:
    lines = [f'{name} = ["幸福"]' for name in ("estates", "suffixes", "not_estate", "landmarks", "own")]
    path = tmp_path / "places.toml"
    path.write_text("\n".join([*lines, 'stops = "的"']), encoding="utf-8")
    assert load_places(DataFile(path)).highest_building == 0
    path.write_text("\n".join([*lines, 'stops = "的"', 'highest_building = "三十"']), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"places\.toml, line 7"):
        load_places(DataFile(path))
