"""Lists out and in: CSV for spreadsheets, TOML for files; first a rehearsal, then all rows or none."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.console.access import ADMINISTRATORS, page, who
from app.console.rendering import render, texts, why
from app.desk.audit import record
from app.desk.tables.files import read, to_csv, to_toml
from app.desk.tables.offers import ACTIVITIES, ITEMS, RULES
from app.desk.tables.people import RESIDENTS
from app.desk.tables.places import ROSTERS, STATIONS, UNITS
from app.desk.tables.table import Context, Outcome, Rehearsed, Table, take_all
from app.errors import BadInput, NotFound
from app.runtime import Runtime

TABLES = {table.code: table for table in (UNITS, RESIDENTS, ROSTERS, ITEMS, RULES, STATIONS, ACTIVITIES)}
_LARGEST = 4 * 1024 * 1024  # bytes of a file


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    def _page(
        table: Table | None = None,
        outcome: Outcome | None = None,
        *,
        rehearsal: bool = True,
        wrong: str | None = None,
    ) -> ResponseReturnValue:
        answer = render(
            "data.html",
            tables=TABLES.values(),
            table=table,
            outcome=outcome,
            rehearsal=rehearsal,
            wrong=wrong,
        )
        failed = wrong is not None or (outcome is not None and bool(outcome.wrong))
        return (answer, 400) if failed else answer

    @page(blueprint, "/data", allow=ADMINISTRATORS)
    def data() -> ResponseReturnValue:
        return _page()

    @page(blueprint, "/data/<code>.<any(csv,toml):kind>", allow=ADMINISTRATORS)
    def data_export(code: str, kind: str) -> ResponseReturnValue:
        table = _table(code)
        with runtime.db.transaction() as session:
            context = Context(session, runtime.desk, who().actor, runtime.now())
            rows = list(table.rows(context))
            record(
                session, who().staff_id, "export", now=context.now, data={"table": code, "rows": len(rows)}
            )
        whole = to_csv(table.columns, rows) if kind == "csv" else to_toml(code, table.columns, rows)
        return Response(
            whole,
            mimetype="text/csv" if kind == "csv" else "application/toml",
            headers={"Content-Disposition": f"attachment; filename={code}.{kind}"},
        )

    @page(blueprint, "/data/<code>", allow=ADMINISTRATORS, methods=("POST",))
    def data_import(code: str) -> ResponseReturnValue:
        request.max_content_length = _LARGEST
        table, file = _table(code), request.files.get("file")
        rehearsal = request.form.get("do") != "import"
        if file is None or not file.filename:
            return _page(table, wrong=texts(runtime)("请先选一个文件"))
        try:
            rows = read(file.read(), code, table.columns)
            with runtime.db.transaction() as session:
                context = Context(session, runtime.desk, who().actor, runtime.now())
                outcome = take_all(context, table, rows, rehearsal=rehearsal)
                data = {"table": code} | {did.value: count for did, count in outcome.done.items()}
                record(session, who().staff_id, "import", now=context.now, data=data)
        except BadInput as error:
            return _page(table, wrong=why(runtime, error))
        except Rehearsed as rehearsed:
            return _page(table, rehearsed.outcome)
        return _page(table, outcome, rehearsal=False)


def _table(code: str) -> Table:
    if code not in TABLES:
        raise NotFound("没有这张表")
    return TABLES[code]
