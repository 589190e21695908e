"""The audit page: who looked at whose number, recording or address, and who changed rights."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.console.access import CHARGE, page, who
from app.console.audit_words import DEEDS, SUBJECTS, details
from app.console.csv_file import csv_answer
from app.console.rendering import render, texts
from app.desk import audit, audit_log, people
from app.desk.audit_log import PAGE, Wanted
from app.desk.rights import Actor
from app.desk.tickets import by_number
from app.errors import NotFound
from app.runtime import Runtime
from app.texts.catalogue import Translate, mark

_KEYS = ("staff", "deed", "subject", "number", "day")
_HEAD = (
    mark("编号"),
    mark("时间"),
    mark("谁"),
    mark("做了什么"),
    mark("对象"),
    mark("对象编号"),
    mark("说明"),
)
_BIGGEST = 2**31 - 1


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/audit", allow=CHARGE)
    def audit_entries() -> ResponseReturnValue:
        say, args = texts(runtime), request.args
        before = args.get("before", type=int)
        with runtime.db.transaction(read_only=True) as session:
            wanted = _wanted(args)
            found = audit_log.read(session, who().actor, wanted, before=before)
            staff = [(one.staff.id, one.staff.name) for one in people.people(session, who().actor)]
            occurring = audit_log.deeds(session)
        shown = found[:PAGE]
        asked = {key: args[key] for key in _KEYS if args.get(key)}
        older = urlencode({**asked, "before": shown[-1].entry.id}) if len(found) > PAGE else None
        return render(
            "audit.html",
            entries=[(one, details(one.entry.data, say)) for one in shown],
            asked=asked,
            older=older,
            newest=urlencode(asked),
            is_first=before is None,
            staff=[("", say("所有人")), *((str(id_), name) for id_, name in staff)],
            deeds=[("", say("所有事")), *((deed, say(DEEDS.get(deed, deed))) for deed in occurring)],
            subjects=[("", say("所有对象")), *((code, say(name)) for code, name in SUBJECTS.items())],
            deed_names=DEEDS,
            subject_names=SUBJECTS,
        )

    @page(blueprint, "/audit/export", allow=CHARGE, methods=("POST",))
    def audit_export() -> ResponseReturnValue:
        signed, say, asked = who(), texts(runtime), request.form
        with runtime.db.transaction() as session:
            wanted = _wanted(asked)
            given = {key: asked[key] for key in _KEYS if asked.get(key)}
            audit.record(session, signed.staff_id, "export", now=runtime.now(), subject="audit", data=given)
        day = f"{runtime.now().astimezone(runtime.settings.zone):%Y%m%d}"
        return csv_answer(f"audit-{day}", _rows(signed.actor, wanted, say))

    def _rows(actor: Actor, wanted: Wanted, say: Translate) -> Iterator[tuple[object, ...]]:
        zone = runtime.settings.zone
        yield tuple(map(say, _HEAD))
        with runtime.db.transaction(read_only=True) as session:
            for one in audit_log.read_all(session, actor, wanted):
                entry = one.entry
                yield (
                    entry.id,
                    f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                    one.who,
                    say(DEEDS.get(entry.deed, entry.deed)),
                    say(SUBJECTS.get(entry.subject or "", entry.subject or "")),
                    one.called or entry.subject_id,
                    details(entry.data, say),
                )

    def _wanted(args: MultiDict[str, str]) -> Wanted:
        """A ticket is asked for by its number, everything else by its id; what makes no sense finds nothing."""
        subject, number = args.get("subject") or None, _number(args.get("number", ""))
        if subject == "ticket" and number is not None:
            number = _ticket_id(number)
        since = _midnight(args.get("day", ""))
        return Wanted(
            staff_id=_number(args.get("staff", "")),
            deed=args.get("deed") or None,
            subject=subject,
            subject_id=number,
            since=since,
            until=since + timedelta(days=1) if since else None,
        )

    def _ticket_id(number: int) -> int:
        with runtime.db.transaction(read_only=True) as session:
            try:
                return by_number(session, number).id
            except NotFound:
                return 0

    def _midnight(day: str) -> datetime | None:
        try:
            return datetime.combine(date.fromisoformat(day), time(), runtime.settings.zone)
        except ValueError:
            return None


def _number(typed: str) -> int | None:
    """None if nothing was typed; 0, which is nobody's, for what is no number."""
    typed = typed.strip()
    if not typed:
        return None
    return int(typed) if typed.isdecimal() and len(typed) < 11 and int(typed) <= _BIGGEST else 0
