"""What residents say and write in the benchmarks of the intake: short sentences, hardly two of them alike.

A server keeps what it has worked out of a text for those that follow; one text for all would measure that.
"""

from itertools import count, islice, product
from random import Random

_GREETINGS = ("", "你好，", "喂，您好，", "师傅，", "麻烦问一下，", "我跟您说，", "同志你好，", "哎，")
_PLACES = (
    *(f"{building}栋{unit}单元" for building in "一二三四五六" for unit in "一二三"),
    *(f"{building}号楼" for building in range(1, 7)),
    *(f"幸福小区{building}栋" for building in "一二三"),
    *(f"阳光花园{building}栋" for building in "四五六"),
    *(
        f"{building}栋{unit}单元{floor}0{door}"
        for building, unit, floor, door in ((1, 2, 3, 1), (5, 1, 4, 2))
    ),
)
_MATTERS = (
    *("路灯不亮了", "楼道灯坏了", "声控灯不亮", "水管漏水了", "马桶堵了", "门禁坏了", "单元门关不上", "楼道窗户坏了"),
    *("垃圾没人收", "垃圾桶满了", "楼道里堆了好多杂物", "楼上天天半夜吵", "树枝挡住路了", "井盖松了", "地砖坏了"),
    *("有人乱停车", "墙皮往下掉", "健身器材坏了", "窗户玻璃裂了", "水龙头关不紧"),
)  # fmt: skip
_ENDINGS = (
    *("", "，好几天了", "，麻烦来看看", "，一直没人管", "，能不能派人来修", "，大家都不方便", "，谢谢啊"),
    *("，昨天就这样了", "，邻居都在说"),
)


def sayings(number: int) -> list[str]:
    """The same ones at every call; after some thousands they begin again, in another order."""
    every = ["".join(parts) for parts in product(_GREETINGS, _PLACES, _MATTERS, _ENDINGS)]
    rounds = (Random(seed).sample(every, len(every)) for seed in count())
    return list(islice((text for texts in rounds for text in texts), number))
