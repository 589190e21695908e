"""TwiML as text → a list of verbs. The limits are Twilio's."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from ivr.exchange.errors import CallFailed

MAX_BYTES = 64 * 1024
XML_TYPES = ("text/xml", "application/xml")


@dataclass(frozen=True)
class Verb:
    """One element: name as written (verbs are case-sensitive), attributes, stripped text, nested nouns."""

    name: str
    attributes: dict[str, str]
    text: str
    children: tuple["Verb", ...]

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def seconds(self, name: str, default: float) -> float:
        """A numeric attribute; raises CallFailed (13xxx) where the carrier would refuse the document."""
        raw = self.attributes.get(name)
        if raw is None:
            return default
        try:
            value = float(raw)
        except ValueError:
            value = -1.0
        if value < 0:
            raise CallFailed(13310, f"<{self.name}> {name}={raw!r} is not a number of seconds")
        return value


def check_answer(status: int, content_type: str, body: bytes) -> None:
    """Raises CallFailed for an HTTP answer that is no TwiML document."""
    if not 200 <= status < 300:
        raise CallFailed(11200, f"HTTP retrieval failure: status {status}")
    if len(body) > MAX_BYTES:
        raise CallFailed(11750, f"TwiML response body too large: {len(body)} bytes, at most {MAX_BYTES}")
    if body.strip() and content_type.lower() not in XML_TYPES:
        raise CallFailed(12300, f"Invalid Content-Type: {content_type or '(none)'}")


def parse(body: bytes) -> tuple[Verb, ...]:
    """The verbs inside <Response>; an empty body is an empty document. Raises CallFailed 12100/12200."""
    if not body.strip():
        return ()
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise CallFailed(12100, "Document parse failure: document type declarations are not allowed")
    try:
        # our own product's answer, declarations refused above, size capped by check_answer
        root = ET.fromstring(body)  # noqa: S314
    except ET.ParseError as error:
        raise CallFailed(12100, f"Document parse failure: {error}") from error
    if root.tag != "Response":
        raise CallFailed(12200, f"Schema validation: the root must be <Response>, not <{root.tag}>")
    return tuple(_verb(child) for child in root)


def _verb(element: ET.Element) -> Verb:
    children = tuple(_verb(child) for child in element)
    return Verb(element.tag, dict(element.attrib), (element.text or "").strip(), children)
