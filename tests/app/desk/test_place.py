import pytest

from app.desk.understanding import Place, understand


def place(text: str) -> tuple[str | None, str | None, str | None, str | None]:
    found = understand(text).place
    return found.estate, found.building, found.unit, found.room


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("三栋二单元五零一", (None, "3", "2", "501")),
        ("3栋2单元501漏水", (None, "3", "2", "501")),
        ("三栋二单元五零一一直漏水", (None, "3", "2", "501")),
        ("三栋二单元五百零一室", (None, "3", "2", "501")),
        ("3-2-501马桶堵了", (None, "3", "2", "501")),
        ("3号楼电梯坏了", (None, "3", None, None)),
        ("三号楼一单元没水", (None, "3", "1", None)),
        ("十二栋", (None, "12", None, None)),
        ("二十三栋四单元一零零二室", (None, "23", "4", "1002")),
        ("第五栋", (None, "5", None, None)),
        ("A栋3单元灯坏了", (None, "A", "3", None)),
        ("五幢漏水", (None, "5", None, None)),
        ("3号楼2门501", (None, "3", "2", "501")),
        ("幸福小区路灯坏了", ("幸福小区", None, None, None)),
        ("幸福里小区三号楼垃圾没人清理", ("幸福里小区", "3", None, None)),
        ("幸福里3栋", ("幸福里", "3", None, None)),
        ("我住在金色家园五栋", ("金色家园", "5", None, None)),
        ("幸福小区3号暖气不热", ("幸福小区", "3", None, None)),
        ("不是三栋，是五栋", (None, "5", None, None)),
        ("三栋，不对，五栋", (None, "5", None, None)),
        ("三栋二单元五零一，不对，五零二", (None, "3", "2", "502")),
        ("我说的是二栋不是一栋", (None, "2", None, None)),
        ("三杠二杠五零一", (None, "3", "2", "501")),
        ("四栋二单元十一楼一一零二", (None, "4", "2", "1102")),
        ("六栋二单元四洞二", (None, "6", "2", "402")),
        ("山栋二单元路灯坏了", (None, "3", "2", None)),
        ("午号楼漏水", (None, "5", None, None)),
        ("三號樓冇電", (None, "3", None, None)),
        ("三栋一百多户没水", (None, "3", None, None)),
        ("八十四号楼没电", (None, "84", None, None)),
        ("帮手分药十坐二零三", (None, "10", None, "203")),
        ("水龙头滴水十二一三零二", (None, "12", "1", "302")),
        ("楼道里堆着旧冰箱八二四零幺", (None, "8", "2", "401")),
    ],
)
def test_places_are_found_as_digits(text: str, expected: tuple[str | None, ...]) -> None:
    assert place(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "我们小区路灯坏了",
        "三楼漏水",
        "楼下的花园有垃圾",
        "三单元格",
        "漏水三天了",
        "我打了三次电话",
        "8月5号停水",
        "一动不动",
        "找三个人",
        "我们一栋楼都没水",
        "两栋楼之间的路灯",
        "这是栋老楼",
        "凳子一坐就塌了",
        "编号是一二三零四",
    ],
)
def test_no_building_or_estate_is_invented(text: str) -> None:
    assert place(text)[:2] == (None, None)


@pytest.mark.parametrize(
    ("text", "landmark"),
    [
        ("楼下的花园里有垃圾", "楼下的花园"),
        ("我们小区门口路灯不亮", "小区门口"),
        ("人民路12号漏水", "人民路12号"),
        ("地下车库灯坏了", "地下车库"),
    ],
)
def test_landmarks_are_found(text: str, landmark: str) -> None:
    found = understand(text).place
    assert found.landmark == landmark
    assert found.spoken() == landmark


def test_place_is_spoken_as_people_say_it() -> None:
    assert (
        Place(estate="幸福小区", building="12", unit="2", room="501").spoken() == "幸福小区十二栋二单元五零幺"
    )
    assert Place(building="3", landmark="楼下").spoken() == "三栋"
    assert Place().spoken() == ""
    assert not Place()
    assert Place(landmark="楼下")


@pytest.mark.parametrize("text", ["我家没水了", "我们楼电梯坏了", "屋企冇電", "我们单元门锁坏了"])
def test_her_own_address_is_marked(text: str) -> None:
    assert understand(text).place.own


def test_her_own_address_is_not_marked_where_she_names_one() -> None:
    assert not understand("我家三栋没水了").place.own
    assert not understand("路灯坏了").place.own


def test_parts_that_were_misspelt_corrected_or_doubtful_are_less_sure() -> None:
    def sure(text: str) -> float:
        return next(reason.confidence for reason in understand(text).reasons if reason.what == "building")

    assert sure("三栋") > sure("三栋，不对，五栋") > sure("山栋") > sure("三栋还是五栋") > 0


@pytest.mark.parametrize("text", ["一二三四五栋都停水", "三四五栋没电"])
def test_buildings_counted_off_are_no_building(text: str) -> None:
    assert understand(text).place.building is None


def test_a_building_said_digit_by_digit_is_one() -> None:
    assert understand("一零一栋停水").place.building == "101"
