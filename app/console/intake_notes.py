"""Several tickets from one page of council notes: pasted, looked over in a table, opened in one go, each once."""

from datetime import date
from uuid import uuid4

import structlog
from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from app.console.access import WORKING, page, who
from app.console.rendering import render, texts, why
from app.desk import council_intake, desk_intake, staff_drafts
from app.desk.catalogue import NAMES
from app.desk.council import MOST
from app.desk.council_intake import Decided
from app.errors import BadInput, JiachangError
from app.runtime import Runtime
from models.staff import Role

log = structlog.get_logger(__name__)
FORM = "notes"
_FIELDS = ("text", "category", "unit", "person", "staff", "deadline", "planned", "take", "line")
_MAY_GIVE = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/intake/notes", allow=WORKING)
    def intake_notes() -> ResponseReturnValue:
        with runtime.db.transaction(read_only=True) as session:
            kept = staff_drafts.load(session, who().staff_id, FORM)
        if kept.get("rows"):
            return _table(kept["key"], kept["rows"], {}, kept.get("left_out", []))
        return render("intake/notes.html", notes=kept.get("notes", ""), wrong=None)

    @page(blueprint, "/intake/notes", allow=WORKING, methods=("POST",))
    def intake_notes_read() -> ResponseReturnValue:
        """From the page of notes to the table, which is kept until it is handed in."""
        text, signed = request.form.get("notes", ""), who()
        with runtime.db.transaction() as session:
            rows, left_out = council_intake.review(
                session, runtime.desk, signed.actor, text, now=runtime.now()
            )
            if rows:
                key = uuid4().hex
                kept = [
                    {
                        "text": row.text,
                        "category": row.category,
                        "unit": str(row.unit_id or ""),
                        "person": row.person,
                        "staff": str(row.staff_id or ""),
                        "deadline": row.deadline.isoformat() if row.deadline else "",
                        "planned": "on" if row.planned and signed.role in _MAY_GIVE else "",
                        "take": "on",
                        "line": str(row.line),
                    }
                    for row in rows
                ]
                fields = {
                    "key": key,
                    "rows": kept,
                    "left_out": [list(pair) for pair in left_out],
                    "notes": text,
                }
                staff_drafts.save(session, signed.staff_id, FORM, fields, now=runtime.now())
        if not rows:
            wrong = texts(runtime)("没有看到问题。请一行写一件，前面可以有 1、2、3。")
            return render("intake/notes.html", notes=text, wrong=wrong), 422
        return redirect("/staff/intake/notes", 303)

    @page(blueprint, "/intake/notes/open", allow=WORKING, methods=("POST",))
    def intake_notes_open() -> ResponseReturnValue:
        """Each row in a transaction of its own; what failed stays in the table and says why."""
        signed, form = who(), request.form
        key, rows = form.get("key", ""), _rows()
        opened, again, wrong = list[int](), 0, dict[int, str]()
        for n, row in enumerate(rows):
            if not row["take"]:
                continue
            try:
                decided = _decided(row)
                with runtime.db.transaction() as session:
                    ticket, known = council_intake.open_item(
                        session,
                        runtime.desk,
                        signed.actor,
                        decided,
                        key=f"{key}:{row['line']}:{n}",
                        now=runtime.now(),
                        data_dir=runtime.settings.data_dir,
                    )
                    opened.append(ticket.number)
                    again += known
            except JiachangError as error:
                wrong[n] = why(runtime, error)
            except DBAPIError as error:
                log.error("council_item_not_opened", error=type(error).__name__)
                wrong[n] = texts(runtime)("没有存上，请再按一次“登记”")
        left = {n: row for n, row in enumerate(rows) if n in wrong}
        with runtime.db.transaction() as session:
            if left:
                # the whole table stays: its keys make sure that nothing is opened twice
                fields = {"key": key, "rows": rows, "left_out": []}
                staff_drafts.save(session, signed.staff_id, FORM, fields, now=runtime.now())
            else:
                staff_drafts.drop(session, signed.staff_id, FORM)
        if left:
            message = texts(runtime)("登记了 {n} 件，还有 {m} 件没登记上，请改好再按一次。")
            flash(message.format(n=len(opened), m=len(left)), "warn")
            return _table(key, rows, wrong, []), 422
        if again:
            flash(texts(runtime)("其中 {n} 件以前登记过，没有重复登记。").format(n=again), "warn")
        numbers = ",".join(map(str, opened))
        return redirect(f"/staff/intake/notes/done?numbers={numbers}", 303)

    @page(blueprint, "/intake/notes/draft", allow=WORKING, methods=("POST",))
    def intake_notes_draft() -> ResponseReturnValue:
        fields = (
            {"key": request.form["key"], "rows": _rows(), "left_out": []}
            if "key" in request.form
            else {"notes": request.form.get("notes", "")}
        )
        with runtime.db.transaction() as session:
            kept = staff_drafts.load(session, who().staff_id, FORM)
            if "key" in fields or not kept.get("rows"):  # else it was on its way when the table was made
                staff_drafts.save(session, who().staff_id, FORM, fields, now=runtime.now())
        return "", 204

    @page(blueprint, "/intake/notes/clear", allow=WORKING, methods=("POST",))
    def intake_notes_clear() -> ResponseReturnValue:
        """Back to the page of notes, which is kept as it was pasted."""
        with runtime.db.transaction() as session:
            staff_id = who().staff_id
            kept = staff_drafts.load(session, staff_id, FORM)
            staff_drafts.save(session, staff_id, FORM, {"notes": kept.get("notes", "")}, now=runtime.now())
        return redirect("/staff/intake/notes", 303)

    @page(blueprint, "/intake/notes/done", allow=WORKING)
    def intake_notes_done() -> ResponseReturnValue:
        numbers = [int(n) for n in request.args.get("numbers", "").split(",") if n.isascii() and n.isdigit()]
        return render("intake/notes_done.html", numbers=numbers[:MOST])

    def _table(
        key: str, rows: list[dict[str, str]], wrong: dict[int, str], left_out: list[list[object]]
    ) -> str:
        signed, say = who(), texts(runtime)
        with runtime.db.transaction(read_only=True) as session:
            return render(
                "intake/review.html",
                key=key,
                rows=rows,
                wrong=wrong,
                left_out=left_out,
                may_give=signed.role in _MAY_GIVE,
                people=[("", say("按规则派"))]
                + [(str(one.id), one.name) for one in council_intake.staff(session, signed.actor)],
                places=[("", say("不清楚"))]
                + [(str(id_), name) for id_, name in desk_intake.places(session, signed.actor)],
                categories=[("", say("请派单员分"))] + [(code, say(name)) for code, name in NAMES.items()],
            )


def _rows() -> list[dict[str, str]]:
    form = request.form
    count = min(form.get("rows", 0, type=int), MOST)
    return [{name: form.get(f"{name}-{n}", "") for name in _FIELDS} for n in range(count)]


def _decided(row: dict[str, str]) -> Decided:
    """Raises BadInput."""
    try:
        deadline = date.fromisoformat(row["deadline"]) if row["deadline"] else None
        unit_id = int(row["unit"]) if row["unit"] else None
        staff_id = int(row["staff"]) if row["staff"] else None
    except ValueError as error:
        raise BadInput("日期写成 2026-06-30 这样") from error
    return Decided(
        text=row["text"],
        category=row["category"] or None,
        unit_id=unit_id,
        person=row["person"] or None,
        staff_id=staff_id,
        deadline=deadline,
        planned=bool(row["planned"]),
    )
