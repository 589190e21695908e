"""Chinese numbers: spoken to Arabic and back."""

import re

_DIGIT = dict(
    zip(
        "零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖",
        (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9),
        strict=True,
    )
)
_SCALE = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_SPOKEN = "零一二三四五六七八九"

DIGIT_CHARS = "".join(_DIGIT)
NUMBER_CHARS = DIGIT_CHARS + "".join(_SCALE) + "万" + "0123456789"
"""Characters that a spoken or written number is made of."""
_MAX_LENGTH = 40


def to_arabic(text: str) -> str | None:
    """`三`→"3", `十五`→"15", `一千零二十四`→"1024", `幺零二四`→"1024", `1024`→"1024"; None if not a number.

    A row of digits keeps its zeros ("零零七" → "007"). Mixed forms that people say ("一千零24") are refused.
    """
    if not text or len(text) > _MAX_LENGTH:
        return None
    if re.fullmatch(r"[0-9]+", text):
        return text
    translated = "".join(_SPOKEN[int(c)] if c in "0123456789" else c for c in text)
    if all(c in _DIGIT for c in translated):
        return "".join(str(_DIGIT[c]) for c in translated)
    value = _scaled(translated)
    return None if value is None else str(value)


def _scaled(text: str) -> int | None:
    """Numbers with 十 百 千 万; a last digit right after 百/千/万 counts in the next lower place (一千二 = 1200)."""
    if "万" in text:
        high, _, low = text.partition("万")
        top = _below_ten_thousand(high)
        bottom = (
            0
            if not low
            else _DIGIT[low] * 1000
            if low in _DIGIT and low not in "零〇"
            else _below_ten_thousand(low)
        )
        return None if top is None or bottom is None else top * 10000 + bottom
    return _below_ten_thousand(text)


def _below_ten_thousand(text: str) -> int | None:
    total, digit, scale, zero = 0, None, 10000, False
    for i, char in enumerate(text):
        if char in "零〇":
            digit, zero = None, True
        elif char in _DIGIT:
            if digit is not None:
                return None
            digit = _DIGIT[char]
        elif char in _SCALE:
            if _SCALE[char] >= scale or (digit is None and not (char in "十拾" and (i == 0 or zero))):
                return None
            scale = _SCALE[char]
            total += (1 if digit is None else digit) * scale
            digit, zero = None, False
        else:
            return None
    if digit is not None:
        total += digit * (scale // 10 if 10 < scale < 10000 and not zero else 1)
    return total if text else None


def spoken_number(value: int) -> str:
    """0–9999 in characters: 15 → 十五, 105 → 一百零五."""
    if not 0 <= value <= 9999:
        return spoken_digits(str(value))
    if value < 10:
        return _SPOKEN[value]
    parts: list[str] = []
    zero = False
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // scale % 10
        if digit:
            if zero and parts:
                parts.append("零")
            parts.append(_SPOKEN[digit] + name)
            zero = False
        else:
            zero = True
    text = "".join(parts)
    return text.removeprefix("一") if 10 <= value < 20 else text


def spoken_digits(digits: str) -> str:
    """Digit by digit, 1 as 幺: 1024 → 幺零二四. Other characters are left out."""
    return "".join("幺" if d == "1" else _SPOKEN[int(d)] for d in digits if d in "0123456789")
