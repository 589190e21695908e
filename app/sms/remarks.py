"""What a resident adds to a matter of hers: to the ticket, and to a person."""

from app.desk.callbacks import spoken_time
from app.desk.dispatchers import tell_dispatcher
from app.desk.feedback import Own, is_done
from app.desk.feedback import remark as keep_remark
from app.desk.notices import tell_assignee
from app.desk.rights import Actor
from app.desk.tickets import note
from app.desk.wording import SEGMENT
from app.errors import BadNumber
from app.hygiene import fit
from app.sms.reply import Reply
from app.sms.talk import Talk

_QUOTED = SEGMENT - 30  # units of her words in a text to staff


def remark(talk: Talk, own: Own) -> Reply:
    """A reply about what is done: she is rung about it."""
    try:
        callback = keep_remark(
            talk.session,
            talk.cfg,
            own,
            talk.resident_id,
            words=talk.text,
            phone=talk.phone,
            now=talk.now,
        )
    except BadNumber:
        return _passed_on(talk, own)
    said = talk.cfg.texts("收到，您说的记到{number}号了，{time}请工作人员给您打电话。")
    when = spoken_time(talk.cfg, callback.due_at, talk.now)
    return Reply(said.format(number=own.number, time=when), talk.reading.intent, own.number, own.told.id)


def added(talk: Talk, own: Own) -> Reply:
    """Words with the number of one of her matters."""
    return remark(talk, own) if is_done(own.ticket, now=talk.now) else _passed_on(talk, own)


def _passed_on(talk: Talk, own: Own) -> Reply:
    """Whoever has it in hand is told, else the dispatcher."""
    event = note(
        talk.session, own.ticket, "remark", Actor.resident(talk.resident_id), now=talk.now, reason=talk.text
    )
    body = talk.cfg.house.texts("{number}号，居民又说：{words}").format(
        number=own.ticket.number, words=fit(talk.text, _QUOTED)
    )
    told = tell_assignee(talk.session, talk.cfg, own.ticket, body, "remark", event, now=talk.now)
    if told is None:
        tell_dispatcher(
            talk.session,
            talk.cfg,
            body,
            "remark",
            now=talk.now,
            dedup_key=f"event:{event.id}",
            unit_id=own.ticket.unit_id,
            ticket_id=own.ticket.id,
        )
    said = talk.cfg.texts("收到，您说的记到{number}号了，会告诉办事的人。").format(number=own.number)
    return Reply(said, talk.reading.intent, own.number, own.told.id)
