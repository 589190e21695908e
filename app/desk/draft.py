"""One shape for a matter on its way in, whatever door it comes through."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.desk.place import Place
from app.desk.understanding import Understanding
from models.base import Json


@dataclass(frozen=True)
class Draft:
    """`occurred_at` is when the resident spoke: every clock starts there, not when we came to know of it.

    `hotline` is the number that was rung; it says which community this is. `verified`: staff wrote or checked
    the text. `needs_listening`: a person must hear the recording before anybody is sent. `outage`: heating or water.
    `slip`: a kiosk's own number for it. `origin`: what else the log keeps of how it came in, nothing personal.
    """

    channel: str
    occurred_at: datetime
    text: str
    category: str | None
    tier: str
    urgent: bool
    danger: str | None
    matter: str | None
    place: Place
    reporter_id: int | None = None
    beneficiary_id: int | None = None
    first_responder_id: int | None = None
    verified: bool = False
    needs_listening: bool = False
    unit_id: int | None = None
    hotline: str | None = None
    outage: str | None = None
    slip: str | None = None
    origin: Json = field(default_factory=dict)

    @classmethod
    def from_understanding(
        cls, u: Understanding, *, channel: str, occurred_at: datetime, **more: Any
    ) -> "Draft":
        """`more`: any other field of the draft; it wins over what was understood.

        A category that we aren't sure of is left to whoever sorts: nobody is sent because of a guess.
        """
        draft = cls(
            channel=channel,
            occurred_at=occurred_at,
            text=u.text,
            category=u.category if u.sure else None,
            tier=u.tier,
            urgent=u.urgent or u.danger is not None,
            danger=u.danger,
            matter=u.matter,
            place=u.place,
            outage=u.outage,
        )
        return replace(draft, **more)
