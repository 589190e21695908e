"""Text from outside, made fit to be stored: what databases refuse and what fools the eye is taken out."""

import re
import unicodedata

# C0 and C1 controls but tab and newline; bidirectional overrides and isolates; zero-width marks that hide text;
# lone surrogates (no database takes them); the byte-order mark; non-characters.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)

_ENDS = "com|cn|net|org|cc|top|xyz|vip|info|co|io|me|link|click|site|app|tv|biz|shop|club|online|ru|tk|hk|tw|gov|edu"
_LINK = re.compile(
    rf"https?[:：]//[!-~]*|(?<![a-z0-9@.\-])(?:www\.[!-~]+|(?:[a-z0-9\-]+\.)+(?:{_ENDS})(?![a-z0-9])(?:[/:?][!-~]*)?)",
    re.IGNORECASE,
)


def clean(text: str, *, limit: int) -> str:
    """At most `limit` characters, without what is unwanted; newlines are kept, the ends are trimmed."""
    # cut first: normalising a megabyte of combining marks is work that an outsider could order
    text = text[: 4 * limit].replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text)).strip()[:limit].rstrip()


def mask_links(text: str, mask: str = "[网址]") -> str:
    """Without web addresses: nobody here opens what a stranger sends, and nothing of ours may carry it on."""
    return _LINK.sub(mask, text)


def utf16_units(text: str) -> int:
    """How long a text message is for a carrier: an emoji counts twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fit(text: str, units: int) -> str:
    """Cut to so many UTF-16 units, marked with an ellipsis, never inside a character."""
    if utf16_units(text) <= units:
        return text
    kept, used = [], 1  # the ellipsis
    for character in text:
        used += utf16_units(character)
        if used > units:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"
