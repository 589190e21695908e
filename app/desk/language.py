"""In which language somebody writes, as far as a few characters tell. Pure."""

import re
import unicodedata

from app.hygiene import mask_links
from speech.normal import only_simplified, only_traditional

_HAN = re.compile(r"[㐀-鿿]")
_WORD = re.compile(r"[A-Za-z]*[AEIOUaeiou][A-Za-z]*")  # initials are no words
_PINYIN = re.compile(
    "(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|ia|ie|in|iu"
    "|ou|ua|ue|ui|un|uo|[aeiouv])|er)+"
)
_LONGEST = 200  # characters that are looked at


def language_of(text: str) -> str | None:
    """`zh_Hant`, `zh_Hans` or `en`; None where nothing tells: digits, `查1024`, initials and words of pinyin."""
    text = unicodedata.normalize("NFKC", mask_links(text[:_LONGEST], " "))
    more = sum((char in only_traditional()) - (char in only_simplified()) for char in text)
    if more:
        return "zh_Hant" if more > 0 else "zh_Hans"
    words = _WORD.findall(text)
    if _HAN.search(text) or len(words) < 2:
        return None
    foreign = [word for word in words if not _PINYIN.fullmatch(word.lower()[:20])]
    return "en" if 2 * len(foreign) >= len(words) else None
