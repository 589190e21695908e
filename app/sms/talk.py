"""One text of a resident, with everything that answering it needs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.desk.asking import ask
from app.desk.config import DeskConfig
from app.desk.questions import Kind, answered
from app.desk.understanding import Understanding, understand
from app.sms.incoming import Incoming
from app.sms.reading import ResidentReading
from models.base import Json
from models.question import Question


@dataclass(frozen=True)
class Talk:
    """`question`: what we had asked her and she may be answering. `opted_out`: she is not rung when it is done."""

    session: Session
    cfg: DeskConfig
    phone: str
    resident_id: int
    incoming: Incoming
    reading: ResidentReading
    question: Question | None
    now: datetime
    opted_out: bool = False

    @property
    def text(self) -> str:
        """Her words as written; pictures, which nobody has seen yet, are mentioned."""
        if not self.incoming.media:
            return self.incoming.text
        pictures = self.cfg.house.texts("（附图{count}张，请回电问清）")
        return self.incoming.text + pictures.format(count=self.incoming.media)

    @property
    def heard(self) -> Understanding:
        """Her words as a request."""
        return self.reading.heard or understand(self.incoming.text)

    def ask(self, kind: Kind, *, ticket_id: int | None = None, data: Json | None = None) -> None:
        ask(self.session, self.cfg, self.resident_id, kind, ticket_id=ticket_id, data=data, now=self.now)

    def answered(self) -> None:
        """The open question has its answer."""
        if self.question is not None:
            answered(self.session, self.question)
