"""The list as a file."""

from flask import Blueprint, Response, request, stream_with_context
from flask.typing import ResponseReturnValue

from app.console.access import WORKING, page, who
from app.console.rendering import CHANNELS, STATUSES, texts
from app.desk import audit
from app.desk.queue_export import Words, exported
from app.desk.queue_filter import QueueFilter
from app.runtime import Runtime


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/tickets/export", allow=WORKING, methods=("POST",))
    def export_tickets() -> ResponseReturnValue:
        """A form, not a link: nobody else's page can make somebody export, and it is written down."""
        signed, now = who(), runtime.now()
        wanted, say = QueueFilter.parse(request.args.items(multi=True)), texts(runtime)
        states = sorted(wanted.shown)
        with runtime.db.transaction() as session:
            data = {
                "states": states,
                "unit": wanted.unit,
                "searched": bool(wanted.q),
            }  # not what: it may be a number
            audit.record(session, signed.staff_id, "export_tickets", now=now, data=data)
        words = Words(
            status=lambda row: say(STATUSES[row.status]),
            channel=lambda row: say(CHANNELS.get(row.channel, row.channel)),
            say=say,
        )
        lines = exported(runtime.db, runtime.desk, signed.actor, wanted, words, now=now)
        name = f"tickets-{now.astimezone(runtime.settings.zone):%Y%m%d-%H%M}.csv"
        return Response(
            stream_with_context(line.encode() for line in lines),
            mimetype="text/csv",
            headers={"Content-Disposition": f"attachment; filename={name}"},
        )
