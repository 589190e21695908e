"""A mark for what was done, and another matter, in one text: both are kept, and neither is taken for the other."""

import re
from dataclasses import replace

from app.desk.feedback import Own, give_marks
from app.sms import resident_reports
from app.sms.commands import leading, spaced, unwrapped
from app.sms.marks import Marks, find_marks
from app.sms.reply import Reply
from app.sms.sentences import has_matter
from app.sms.talk import Talk
from models.lifecycle import OPEN
from models.ticket import Ticket
from speech.normal import BREAK


def tells_of_another(talk: Talk, rated: Ticket) -> bool:
    """垃圾没人管, where the lamp was repaired."""
    heard = talk.heard
    if not has_matter(heard) or heard.category is None or rated.category is None:
        return False
    return heard.category != rated.category and str(heard.matter) not in rated.text


def both(talk: Talk, own: Own) -> Reply:
    """The mark is `own`'s, the matter becomes a ticket. A digit that may be the matter's category rates nothing: we ask."""
    _ = talk.cfg.texts
    led = leading(unwrapped(talk.incoming.text))
    if led is not None and led[0].category == talk.heard.category:
        reply = resident_reports.taken(talk)
        said = _("{number}号好了没有，请另回1、2或3。").format(number=own.number)
        return replace(reply, text=(reply.text or "") + said) if "？" not in (reply.text or "") else reply
    marks = _marks_before_or_after(talk)
    if not marks:
        return resident_reports.taken(talk)
    give_marks(
        talk.session,
        talk.cfg,
        own,
        talk.resident_id,
        marks.values,
        channel="sms",
        words=talk.text,
        now=talk.now,
    )
    if talk.question is not None and talk.question.kind == "rate":
        talk.answered()
    reply = resident_reports.taken(talk, may_ask=False)
    ticket = talk.session.get_one(Ticket, reply.ticket_id)
    if ticket.danger:
        return reply
    pattern = _("谢谢您，{rated}号记下了。另一件{what}也受理了，编号{number}，{date}前办好。")
    if own.ticket.status in OPEN:
        pattern = _("对不起，{rated}号马上重新去办。另一件{what}也受理了，编号{number}，{date}前办好。")
    return replace(reply, text=pattern.format(rated=own.number, **resident_reports.fields(talk.cfg, ticket)))


def _marks_before_or_after(talk: Talk) -> Marks | None:
    """没人管 is said of the garbage: only what she wrote before it is a mark, else what she wrote after it."""
    about = next((reason.words for reason in talk.heard.reasons if reason.what == "matter"), "").split()
    clauses = [clause for clause in re.split(f"[ {BREAK}]", spaced(unwrapped(talk.incoming.text))) if clause]
    at = [n for n, clause in enumerate(clauses) if any(words in clause for words in about)]
    if not at:
        return None
    beside = clauses[: at[0]] or clauses[at[-1] + 1 :]
    return find_marks(BREAK.join(beside), asked=True) if beside else None
