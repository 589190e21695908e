"""What a text means: plain data, for residents and staff alike."""

from dataclasses import dataclass
from typing import Literal

Intent = Literal[
    "report",
    "progress",
    "rate",
    "reopen",
    "human",
    "activities",
    "keeper",
    "help",
    "optout",
    "optin",
    "thanks",
    "greeting",
    "answer",
    "other",
    "accept",
    "return",
    "arrive",
    "resolve",
    "extend",
    "list",
    "field_report",
    "claim",
]
Asked = Literal["place", "matter", "rate", "which", "proof"]


@dataclass(frozen=True)
class Reading:
    """`argument` by intent, see app.sms.reading and app.sms.keywords; `more_numbers`: several tickets in one text."""

    intent: Intent
    number: int | None = None
    argument: str = ""
    more_numbers: bool = False
