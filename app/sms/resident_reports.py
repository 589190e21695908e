"""Matters that residents report by text: taken in at once, with at most one question back (where? or: what?)."""

from dataclasses import replace

from app.desk import wording
from app.desk.callbacks import request_return_call, spoken_time
from app.desk.config import DeskConfig
from app.desk.dispatch import dispatch_again
from app.desk.draft import Draft
from app.desk.feedback import finished, own_matter
from app.desk.rights import Actor
from app.desk.tickets import amend, open_ticket
from app.desk.understanding import Understanding, understand
from app.errors import BadNumber
from app.hygiene import mask_links
from app.sms import resident_asks
from app.sms.guard import said_before
from app.sms.reading import read_resident
from app.sms.remarks import added, remark
from app.sms.reply import Reply
from app.sms.sentences import has_matter, only_nods
from app.sms.talk import Talk
from models.resident import Resident
from models.ticket import Ticket

NEEDS_PLACE = frozenset({"repairs", "environment", "mediation"})
"""Categories in which nobody can start without knowing where; a question about a pension needs no building."""
_UNCLEAR = 5
"""Characters: what is shorter and says nothing to us is asked about; what is longer is somebody's to read."""


def report(talk: Talk) -> Reply:
    reading, question, heard = talk.reading, talk.question, talk.heard
    if question is not None and question.kind == "matter":
        return matter_told(talk)
    if (
        question is not None
        and question.kind == "place"
        and question.ticket_id
        and _is_of(talk, question.ticket_id)
    ):
        return place_told(talk)
    own = own_matter(talk.session, talk.resident_id, reading.number) if reading.number is not None else None
    if own is not None and not _is_another(heard, own.told):
        return added(talk, own)
    if not reading.matter and heard.danger is None:
        return _ask_what(talk)
    return _take(talk, heard, talk.text, reading.argument, may_ask=True)


def other(talk: Talk) -> Reply:
    """Nothing that we understand. About a matter that was just done it is a remark; else a person reads it."""
    reading = talk.reading
    if talk.question is not None and talk.question.kind == "matter":
        return matter_told(talk)
    if reading.number is not None and (own := own_matter(talk.session, talk.resident_id, reading.number)):
        return added(talk, own)
    if mask_links(talk.text) != talk.text and not has_matter(talk.heard):
        talk.ask("matter", data={"text": talk.text, "words": talk.text, "hotline": talk.incoming.hotline})
        said = talk.cfg.texts("网址我们不打开。请用几句话写在哪里、什么事，例如：3栋路灯不亮。")
        return Reply(said, "other")
    if not reading.matter:
        return resident_asks.nodded(talk) if only_nods(talk.incoming.text) else _ask_again(talk)
    done = finished(talk.session, talk.resident_id, now=talk.now)
    if len(done) == 1:
        return remark(talk, done[0])
    if len(talk.incoming.text) < _UNCLEAR:
        return _ask_again(talk)
    return _take(talk, talk.heard, talk.text, "", may_ask=False)


def _ask_again(talk: Talk) -> Reply:
    talk.ask("matter", data={"text": talk.text, "words": talk.text, "hotline": talk.incoming.hotline})
    said = talk.cfg.texts(
        "我没看懂。您有什么事，请写在哪里、什么事，例如：3栋路灯不亮。想跟人说，请回“人工”。"
    )
    return Reply(said, "other")


def human(talk: Talk) -> Reply:
    """A person rings back, at a time that is told; numbers that we don't ring get a ticket for the dispatcher."""
    when = _will_ring(talk, None)
    if when is None:
        return taken(talk)
    return Reply(talk.cfg.texts("好的，{time}请工作人员给您打电话。").format(time=when), "human")


def taken(talk: Talk, *, may_ask: bool = True) -> Reply:
    """As a new matter, whatever its words seemed to be about."""
    return replace(_take(talk, talk.heard, talk.text, "", may_ask=may_ask), intent=talk.reading.intent)


def matter_told(talk: Talk) -> Reply:
    """What she had begun to report, together with what she writes now."""
    if talk.question is None:
        return report(talk)
    begun = talk.question.data
    named = talk.reading.argument if talk.reading.intent == "report" else ""
    category = named or str(begun.get("category") or "")
    words = "，".join(filter(None, (str(begun.get("words") or ""), talk.text)))
    talk.answered()
    if talk.reading.intent == "report" and not talk.reading.matter and not read_resident(words).matter:
        return _ask_what(replace(talk, reading=replace(talk.reading, argument=category)), words)
    return _take(talk, understand(words), words, category, may_ask=False)


def place_told(talk: Talk) -> Reply:
    """Where it is: written down, and whoever is to go there is told."""
    question, reading = talk.question, talk.reading
    if question is None:
        return report(talk)
    talk.answered()
    if question.ticket_id is None:
        return replace(resident_asks.keeper_of(talk, reading.place), intent="answer")
    ticket = talk.session.get_one(Ticket, question.ticket_id, with_for_update=True, populate_existing=True)
    event = amend(
        talk.session,
        talk.cfg,
        ticket,
        Actor.resident(talk.resident_id),
        now=talk.now,
        text=f"{ticket.text}；{talk.text}",
        place=reading.place or None,
    )
    dispatch_again(talk.session, talk.cfg, ticket, event, now=talk.now)
    _ = talk.cfg.texts
    said = _("好的，地方记到{number}号了，{date}前给您办好，办好打电话告诉您。")
    if talk.opted_out:
        said = _("好的，地方记到{number}号了，{date}前给您办好。")
    date = wording.short_date(talk.cfg, ticket.promised_on)
    return Reply(said.format(number=ticket.number, date=date), reading.intent, ticket.number, ticket.id)


def acknowledgement(talk: Talk, ticket: Ticket) -> str:
    """Number, category, promised date: one segment with the sign. Danger: the emergency number before anything else."""
    _ = talk.cfg.texts
    if ticket.danger:
        return _("请马上打{danger}！我们也通知了值班人员赶过去。编号{number}。").format(
            danger=ticket.danger, number=ticket.number
        )
    pattern = _("收到，{what}已受理，编号{number}，{date}前给您办好，办好打电话告诉您。")
    if talk.opted_out:
        pattern = _("收到，{what}已受理，编号{number}，{date}前给您办好。")
    return pattern.format(**fields(talk.cfg, ticket))


def _ask_what(talk: Talk, words: str = "") -> Reply:
    """A category or an address alone: what is it about?"""
    _ = talk.cfg.texts
    category = talk.reading.argument
    words = words or talk.text
    only_a_word = category and not talk.reading.place  # 报修, 1: it adds nothing to what she will say
    data = {
        "text": words,
        "words": "" if only_a_word else words,
        "category": category or None,
        "hotline": talk.incoming.hotline,
    }
    talk.ask("matter", data=data)
    if category:
        what = wording.category_name(talk.cfg, category)
        said = _("好的，{what}。请写一下在哪里、什么事，例如：3栋路灯不亮。").format(what=what)
    else:
        said = _("好的，地方知道了。请问那里是什么事？例如：路灯不亮。")
    return Reply(said, talk.reading.intent)


def _take(talk: Talk, heard: Understanding, words: str, category: str, *, may_ask: bool) -> Reply:
    """A ticket at once. Where the place is missing we ask; having asked before, a person does."""
    _ = talk.cfg.texts
    if again := said_before(talk.session, talk.resident_id, words, now=talk.now):
        return Reply(acknowledgement(talk, again), talk.reading.intent, again.number, again.id)
    ticket = _open(talk, heard, words, category)
    said = acknowledgement(talk, ticket)
    unknown = ticket.danger is None and _place_is_missing(talk, heard, category or heard.category or "")
    if unknown and may_ask:
        talk.ask("place", ticket_id=ticket.id)
        pattern = _("收到，{what}已受理，编号{number}，{date}前办好。请问在几栋几单元？直接回复就行。")
        said = pattern.format(**fields(talk.cfg, ticket))
    elif (unknown or talk.reading.call) and ticket.danger is None and (when := _will_ring(talk, ticket)):
        pattern = _("收到，{what}已受理，编号{number}，{date}前办好。{time}请工作人员给您打电话。")
        said = pattern.format(time=when, **fields(talk.cfg, ticket))
    return Reply(said, talk.reading.intent, ticket.number, ticket.id)


def _open(talk: Talk, heard: Understanding, words: str, category: str) -> Ticket:
    """What she named herself is what it is; but whoever is in danger has no time to choose well."""
    draft = Draft.from_understanding(
        heard,
        channel="sms",
        occurred_at=talk.now,
        reporter_id=talk.resident_id,
        hotline=talk.incoming.hotline,
        text=words,
        needs_listening=not talk.incoming.text,
    )
    if category and heard.danger is None:
        draft = replace(draft, category=category)
    return open_ticket(talk.session, talk.cfg, draft, now=talk.now)


def _place_is_missing(talk: Talk, heard: Understanding, category: str) -> bool:
    """Her registered address answers it."""
    place = heard.place
    if category not in NEEDS_PLACE or place.building or place.estate or place.landmark:
        return False
    return talk.session.get_one(Resident, talk.resident_id).unit_id is None


def _will_ring(talk: Talk, ticket: Ticket | None) -> str | None:
    try:
        callback = request_return_call(
            talk.session,
            talk.cfg,
            phone=talk.phone,
            reason="place_unknown" if ticket and not talk.reading.call else "asked_person",
            now=talk.now,
            resident_id=talk.resident_id,
            ticket_id=ticket.id if ticket else None,
        )
    except BadNumber:
        return None
    return spoken_time(talk.cfg, callback.due_at, talk.now)


def _is_of(talk: Talk, ticket_id: int) -> bool:
    """She says the matter again with its place: 3栋的路灯."""
    ticket = talk.session.get_one(Ticket, ticket_id)
    heard = talk.heard
    if not heard.place or heard.danger is not None or heard.matter is None:
        return False
    return ticket.category == heard.category and (
        heard.matter == ticket.matter or heard.matter in ticket.text
    )


def _is_another(heard: Understanding, ticket: Ticket) -> bool:
    """The number stands there, but she speaks of something else: perhaps under our own words, quoted."""
    return heard.danger is not None or (has_matter(heard) and str(heard.matter) not in ticket.text)


def fields(cfg: DeskConfig, ticket: Ticket) -> dict[str, object]:
    what = wording.category_name(cfg, ticket.category) if ticket.category else cfg.texts("您反映的事")
    date = wording.short_date(cfg, ticket.promised_on)
    return {"what": what, "number": ticket.number, "date": date}
