"""How a resident's matters stand, how good they were, that they are not done: always hers, by number or by question.

Without a number it is the one that we asked about, else the only one that can be meant; never simply the oldest.
"""

from dataclasses import replace
from typing import cast

from app.desk import wording
from app.desk.feedback import Own, finished, give_marks, is_done, own_matter, rating_of
from app.desk.progress import Matter, ProofLocked, own_matters, proven_matter
from app.desk.questions import open_question
from app.sms import resident_reports
from app.sms.besides import both, tells_of_another
from app.sms.lines import joined
from app.sms.marks import Marks
from app.sms.meant import Intent
from app.sms.reading import ResidentReading
from app.sms.remarks import added
from app.sms.reply import Reply
from app.sms.sentences import has_matter
from app.sms.talk import Talk
from app.texts.catalogue import mark
from models.lifecycle import OPEN
from models.ticket import Ticket

_BRIEFLY = {
    "new": mark("已记下"),
    "needs_listening": mark("在听录音"),
    "dispatched": mark("已派人"),
    "in_progress": mark("正在办"),
    "returned": mark("在安排"),
    "on_hold": mark("暂缓", "to residents"),
    "planned": mark("列入计划"),
    "referred": mark("已转办"),
    "resolved": mark("等您评价"),
    "closed": mark("已办好"),
    "reopened": mark("重新办"),
    "duplicate": mark("一起办"),
    "cancelled": mark("已撤销"),
}
"""Several in one segment."""
_WHICH = 5  # of her matters that are listed to choose from


# ---- how does it stand? ----------------------------------------------------------------------------------


def progress(talk: Talk) -> Reply:
    """Her own without further proof; any other number needs the reporter's last four digits."""
    _ = talk.cfg.texts
    number = talk.reading.number
    if number is None:
        return _own_progress(talk)
    if own := own_matter(talk.session, talk.resident_id, number):
        matters = own_matters(talk.session, talk.cfg, talk.resident_id, now=talk.now, number=number)
        return Reply(_stands(talk, matters[0]), "progress", number, own.told.id)
    talk.ask("proof", data={"number": number})
    said = _("{number}号不是这个手机报的。要查，请回复报这件事的电话最后四位。")
    return Reply(said.format(number=_shown(talk.reading)), "progress", number)


def _own_progress(talk: Talk) -> Reply:
    _ = talk.cfg.texts
    matters = own_matters(talk.session, talk.cfg, talk.resident_id, now=talk.now, limit=_WHICH)
    heard = talk.heard
    if has_matter(heard) and heard.category not in {matter.category for matter in matters}:
        return resident_reports.taken(talk)  # 举报三个月了没动静, but not to us
    if not matters:
        said = _("这个手机没有报过事。有事请直接写在哪里、什么事；查别的事请写“查”加编号。")
        return Reply(said, "progress")
    if len(matters) == 1:
        return Reply(_stands(talk, matters[0]), "progress", matters[0].number)
    begin = _("共{count}件：").format(count=len(matters))
    items = [_briefly(talk, matter) for matter in matters]
    return Reply(joined(talk.cfg, begin, items, _("；"), _("。")), "progress")


def _stands(talk: Talk, matter: Matter) -> str:
    """Category, state and date only: never a name, an address or the words."""
    _ = talk.cfg.texts
    fields = {
        "number": matter.number,
        "what": wording.category_name(talk.cfg, matter.category),
        "state": wording.state_words(talk.cfg, matter.status),
    }
    if matter.promised_on is None:
        return _("{number}号{what}，{state}。").format(**fields)
    date = wording.short_date(talk.cfg, matter.promised_on)
    return _("{number}号{what}，{state}，{date}前办好。").format(date=date, **fields)


def _briefly(talk: Talk, matter: Matter) -> str:
    what = wording.category_name(talk.cfg, matter.category)
    due = f"，{wording.short_date(talk.cfg, matter.promised_on)}" if matter.promised_on else ""
    return f"{matter.number}{what}{talk.cfg.texts(_BRIEFLY[matter.status])}{due}"


def proof_told(talk: Talk) -> Reply:
    """Four digits belong to the number that was asked about."""
    _ = talk.cfg.texts
    if talk.question is None:
        return resident_reports.report(talk)
    number = str(talk.question.data.get("number", ""))
    try:
        matter = proven_matter(
            talk.session, talk.cfg, number, talk.reading.argument, asker=talk.phone, now=talk.now
        )
    except ProofLocked:
        said = _("试的次数太多了，请过一个小时再查。着急请回“人工”。")
        return Reply(said, "answer")
    if matter is None:
        return Reply(_("这四位和编号对不上。请再看看，重新回复四位数字。"), "answer")
    talk.answered()
    return Reply(_stands(talk, matter), "answer", matter.number)


# ---- how was it? is it done? -----------------------------------------------------------------------------


def rate(talk: Talk) -> Reply:
    own = _meant(talk)
    if isinstance(own, Reply):
        return own
    if tells_of_another(talk, own.ticket):
        return both(talk, own)
    marks = _as_marks(talk)
    if not marks:
        return _ask_how_it_was(talk, own)
    rating = give_marks(
        talk.session,
        talk.cfg,
        own,
        talk.resident_id,
        marks.values,
        channel="sms",
        words=talk.text,
        now=talk.now,
    )
    given = Marks(rating.fact, rating.speed, rating.effect, rating.attitude)
    _close_question(talk, own)
    if own.ticket.status in OPEN:
        return _again(talk, own)
    return _thanks(talk, own, given, rating.id)


def reopen(talk: Talk) -> Reply:
    own = _meant(talk)
    if isinstance(own, Reply):
        return own
    if tells_of_another(talk, own.ticket):
        return both(talk, own)
    fact = 2 if talk.reading.argument == "2" else 3
    give_marks(
        talk.session,
        talk.cfg,
        own,
        talk.resident_id,
        (fact, None, None, None),
        channel="sms",
        words=talk.text,
        now=talk.now,
    )
    _close_question(talk, own)
    return _again(talk, own)


def beside_the_mark(talk: Talk) -> Reply:
    """She reports something while we ask how another matter was: perhaps she says that, too."""
    ticket_id = talk.question.ticket_id if talk.question is not None else None
    ticket = talk.session.get(Ticket, ticket_id) if ticket_id else None
    own = own_matter(talk.session, talk.resident_id, ticket.number) if ticket else None
    if own is not None and is_done(own.ticket, now=talk.now) and tells_of_another(talk, own.ticket):
        return both(talk, own)
    return resident_reports.report(talk)


def which_told(talk: Talk) -> Reply:
    """The number belongs to what she wrote before."""
    question, reading = talk.question, talk.reading
    if question is None:
        return resident_reports.report(talk)
    numbers = [int(number) for number in question.data.get("numbers", ())]
    said = reading.number if reading.number is not None else int(reading.argument or 0)
    number = numbers[said - 1] if 1 <= said <= len(numbers) else said
    if number not in numbers:
        return _choose(talk, numbers)
    before = question.data
    talk.answered()
    wanted = ResidentReading(
        cast(Intent, before["intent"]), number, str(before.get("argument", "")), heard=reading.heard
    )
    words = replace(talk.incoming, text=str(before.get("text", "")))
    again = replace(talk, question=None, reading=wanted, incoming=words)
    return replace(reopen(again) if wanted.intent == "reopen" else rate(again), intent="answer")


def _meant(talk: Talk) -> Own | Reply:
    """The matter that she speaks of; or what to answer instead."""
    _ = talk.cfg.texts
    reading, question = talk.reading, talk.question
    number = reading.number
    if number is None and question is not None and question.kind == "rate" and question.ticket_id:
        number = talk.session.get_one(Ticket, question.ticket_id).number
    if number is not None:
        own = own_matter(talk.session, talk.resident_id, number)
        if own is None:
            said = _("这个手机没有报过{number}号，请看看编号对不对。")
            return Reply(said.format(number=_shown(reading)), reading.intent, number)
        return own if is_done(own.ticket, now=talk.now) else _not_now(talk, own)
    done = finished(talk.session, talk.resident_id, now=talk.now)
    if reading.intent == "rate":
        awaited = [own for own in done if not _fully_rated(talk, own)]
        done = awaited or done
    if len(done) == 1:
        return done[0]
    return _which(talk, done) if done else _nothing_done(talk)


def _which(talk: Talk, done: list[Own]) -> Reply:
    numbers = [own.number for own in done[:_WHICH]]
    reading = talk.reading
    data = {"intent": reading.intent, "argument": reading.argument, "text": talk.text, "numbers": numbers}
    talk.ask("which", data=data)
    return _choose(talk, numbers)


def _choose(talk: Talk, numbers: list[int]) -> Reply:
    _ = talk.cfg.texts
    items = []
    for number in numbers:
        own = own_matter(talk.session, talk.resident_id, number)
        what = wording.category_name(talk.cfg, own.told.category) if own else ""
        items.append(f"{number}{what}")
    listed = joined(talk.cfg, _("您说的是哪一件？请回复编号："), items, _("、"), _("。"))
    return Reply(listed, talk.reading.intent)


def _nothing_done(talk: Talk) -> Reply:
    """Nothing of hers is done. What is wrong is somebody's to look at all the same; praise needs no ticket."""
    _ = talk.cfg.texts
    matters = own_matters(talk.session, talk.cfg, talk.resident_id, now=talk.now, limit=2)
    waiting = [matter for matter in matters if matter.promised_on is not None]
    if len(waiting) == 1 and (own := own_matter(talk.session, talk.resident_id, waiting[0].number)):
        return _not_now(talk, own)
    marks = Marks.of(talk.reading.argument) if talk.reading.intent == "rate" else Marks(fact=3)
    if 3 in marks.values or marks.fact == 2:
        return resident_reports.taken(talk)
    said = _("谢谢您。没查到这个手机有等您评价的事，请写上编号，例如：评1024满意。")
    return Reply(said, talk.reading.intent)


def _not_now(talk: Talk, own: Own) -> Reply:
    """It is still being done: her words go to whoever does it. Too long ago: it is a new matter."""
    _ = talk.cfg.texts
    if own.ticket.closed_at is not None:
        return resident_reports.taken(talk)
    told = added(talk, own)
    said = _("{number}号还在办，{date}前办好。您说的记下了，会告诉办事的人。").format(
        number=own.number, date=wording.short_date(talk.cfg, own.ticket.promised_on)
    )
    return replace(told, text=said)


def _as_marks(talk: Talk) -> Marks:
    """A bare digit answers what was asked last: is it done, or, after that, how was it."""
    marks = Marks.of(talk.reading.argument)
    asked_marks = (
        talk.question is not None and talk.question.kind == "rate" and talk.question.data.get("rating")
    )
    if (
        asked_marks
        and marks.fact
        and marks == Marks(fact=marks.fact)
        and talk.incoming.text.strip().isdigit()
    ):
        return Marks(effect=3) if marks.fact == 3 else Marks(None, marks.fact, marks.fact, marks.fact)
    return marks


def _close_question(talk: Talk, own: Own) -> None:
    """The question was about this matter."""
    question = talk.question
    if (
        question is not None
        and question.kind == "rate"
        and question.ticket_id in (own.told.id, own.ticket.id)
    ):
        talk.answered()


def _fully_rated(talk: Talk, own: Own) -> bool:
    rating = rating_of(talk.session, own, talk.resident_id)
    return rating is not None and None not in (rating.speed, rating.effect, rating.attitude)


def _ask_how_it_was(talk: Talk, own: Own) -> Reply:
    talk.ask("rate", ticket_id=own.told.id)
    said = talk.cfg.texts("{number}号办好了吗？请回：1好了 2好了一部分 3没好。也可以写满意、一般、不满意。")
    return Reply(said.format(number=own.number), "rate", own.number, own.told.id)


def _again(talk: Talk, own: Own) -> Reply:
    _ = talk.cfg.texts
    said = _("对不起，让您费心了。{number}号马上重新去办，{date}前办好，办好打电话告诉您。")
    if talk.opted_out:
        said = _("对不起，让您费心了。{number}号马上重新去办，{date}前办好。")
    date = wording.short_date(talk.cfg, own.ticket.promised_on)
    return Reply(said.format(number=own.number, date=date), talk.reading.intent, own.number, own.told.id)


def _thanks(talk: Talk, own: Own, marks: Marks, rating_id: int) -> Reply:
    """Only the fact is known: asked once for the three marks, without which no figure counts her as satisfied."""
    _ = talk.cfg.texts
    if marks == Marks(fact=1) and not _was_asked(talk):
        talk.ask("rate", ticket_id=own.told.id, data={"rating": rating_id})
        said = _("谢谢您，{number}号记下了。速度、效果、态度，您满意吗？方便请回，例如：满意 一般 满意。")
    elif 3 in marks.values:
        said = _("谢谢您说实话，{number}号记下了，我们会改。")
    else:
        said = _("谢谢您的评价，{number}号记下了。")
    return Reply(said.format(number=own.number), "rate", own.number, own.told.id)


def _was_asked(talk: Talk) -> bool:
    """Or is in the middle of something else, which must not be pushed aside."""
    if talk.question is not None and talk.question.data.get("rating"):
        return True
    return open_question(talk.session, talk.resident_id, now=talk.now) is not None


def _shown(reading: ResidentReading) -> str:
    """As she named it; a number that somebody mistyped must fit into one segment."""
    return reading.slip or str(reading.number)[:10]
