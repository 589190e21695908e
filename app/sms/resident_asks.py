"""What residents ask of us besides their matters: activities, the keeper, help, no more texts."""

from app.desk import wording
from app.desk.activities import Occurrence, upcoming
from app.desk.course import leave_in_peace, shown_hotline
from app.desk.place import Place
from app.desk.rosters import duty_number
from app.desk.units import unit_id_for
from app.sms.lines import joined
from app.sms.reply import Reply
from app.sms.talk import Talk
from models.resident import Resident


def activities(talk: Talk) -> Reply:
    _ = talk.cfg.texts
    unit_id = unit_id_for(talk.session, Place(), talk.resident_id, talk.incoming.hotline)
    found = upcoming(talk.session, talk.cfg, unit_id, now=talk.now)
    if not found:
        said = _("最近没有登记的活动。想问什么请直接写，或者打{hotline}。")
        return Reply(said.format(hotline=shown_hotline(talk.cfg)), "activities")
    listed = joined(talk.cfg, _("活动："), [_activity(talk, one) for one in found], _("；"), _("。"))
    return Reply(listed, "activities")


def _activity(talk: Talk, one: Occurrence) -> str:
    when = wording.short_moment(talk.cfg, one.starts_at)
    return talk.cfg.texts("{when}{theme}，{place}").format(when=when, theme=one.theme, place=one.place)


def keeper(talk: Talk) -> Reply:
    """The number on duty for the building that she names, else for where she lives; never anybody's own number."""
    building = talk.reading.argument
    resident = talk.session.get_one(Resident, talk.resident_id)
    if not building and resident.unit_id is None:
        talk.ask("place", data={"want": "keeper"})
        return Reply(talk.cfg.texts("请问您住几栋？直接回复就行，例如：3栋。"), "keeper")
    return keeper_of(talk, Place(building=building or None, estate=talk.reading.place.estate))


def keeper_of(talk: Talk, place: Place) -> Reply:
    _ = talk.cfg.texts
    unit_id = unit_id_for(talk.session, place, talk.resident_id, talk.incoming.hotline)
    phone = duty_number(talk.session, talk.cfg, unit_id, now=talk.now, public=True) or shown_hotline(talk.cfg)
    said = _("管您那里的值班电话是{phone}。也可以直接发短信写什么事，我们转告。")
    return Reply(said.format(phone=phone.removeprefix("+86")), "keeper")


def how(talk: Talk) -> Reply:
    said = talk.cfg.texts(
        "有事写：3栋路灯不亮。问办到哪了写：查1024。评价写：评1024满意。还可写：人工、活动、管家、退订。"
    )
    return Reply(said, "help")


def opt_out(talk: Talk) -> Reply:
    talk.session.get_one(Resident, talk.resident_id).opted_out = True
    leave_in_peace(talk.session, talk.cfg, talk.resident_id, now=talk.now)
    said = talk.cfg.texts("好的，以后不主动给您发短信、打电话了。您有事照样找我们。想恢复请回“恢复”。")
    return Reply(said, "optout")


def opt_in(talk: Talk) -> Reply:
    talk.session.get_one(Resident, talk.resident_id).opted_out = False
    said = talk.cfg.texts("好的，以后有通知再发给您，事情办好打电话告诉您。")
    return Reply(said, "optin")


def thanks(talk: Talk) -> Reply:
    return Reply(talk.cfg.texts("不客气，有事随时发短信或打电话。"), "thanks")


def nodded(talk: Talk) -> Reply:
    """She has read what we wrote, or her thumb slipped."""
    said = talk.cfg.texts("好的。有事请直接写在哪里、什么事，例如：3栋路灯不亮。想跟人说，请回“人工”。")
    return Reply(said, "other")


def greeting(talk: Talk) -> Reply:
    said = talk.cfg.texts("您好！有事请直接写在哪里、什么事，例如：3栋路灯不亮。想跟人说，请回“人工”。")
    return Reply(said, "greeting")
