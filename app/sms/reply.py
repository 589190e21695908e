"""What goes back to whoever sent a text."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass


@dataclass(frozen=True)
class Reply:
    """`text` without the sign; None sends nothing back. `number` and `ticket_id` name the ticket that was touched,
    `phone` (E.164 where it is one) and `staff_id` the sender."""

    text: str | None
    intent: str
    number: int | None = None
    ticket_id: int | None = None
    phone: str = ""
    staff_id: int | None = None


def to_twiml(text: str | None) -> str:
    """`text` as it is sent, sign included."""
    response = ET.Element("Response")
    if text:
        ET.SubElement(response, "Message").text = text
    return ET.tostring(response, encoding="unicode", xml_declaration=False)
