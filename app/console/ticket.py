"""The page of one ticket, its short form beside the queue, its print, and what is masked until asked for."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from app.console.access import EVERYBODY, WORKING, page, who
from app.console.rendering import is_fragment, render
from app.console.ticket_view import place_shown, show
from app.desk.case import case_of
from app.desk.revealing import reveal
from app.runtime import Runtime


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/tickets/<int:number>", allow=EVERYBODY)
    def ticket(number: int) -> ResponseReturnValue:
        return show(runtime, number)

    @page(blueprint, "/tickets/<int:number>/panel", allow=EVERYBODY)
    def ticket_panel(number: int) -> ResponseReturnValue:
        if not is_fragment():
            return redirect(f"/staff/tickets/{number}")
        return show(runtime, number, template="ticket/panel.html")

    @page(blueprint, "/tickets/<int:number>/print", allow=EVERYBODY)
    def ticket_print(number: int) -> ResponseReturnValue:
        return _printed(number, full=False)

    @page(blueprint, "/tickets/<int:number>/print", allow=WORKING, methods=("POST",))
    def ticket_print_full(number: int) -> ResponseReturnValue:
        """With numbers and room, for whoever goes there: asked for, and in the audit."""
        return _printed(number, full=True)

    @page(blueprint, "/tickets/<int:number>/reveal", allow=WORKING, methods=("POST",))
    def ticket_reveal(number: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            shown = reveal(session, runtime.desk, who().actor, number, now=runtime.now())
        template = "ticket/revealed.html" if is_fragment() else "ticket/revealed_page.html"
        return render(template, shown=shown, number=number)

    def _printed(number: int, *, full: bool) -> str:
        actor, now = who().actor, runtime.now()
        with runtime.db.transaction(read_only=not full) as session:
            case = case_of(session, runtime.desk, actor, number, now=now)
            shown = reveal(session, runtime.desk, actor, number, now=now) if full else None
        return render(
            "ticket/print.html",
            case=case,
            t=case.ticket,
            shown=shown,
            place=shown.place if shown else place_shown(runtime, case),
            hotline=runtime.settings.hotline_number.removeprefix("+86"),
            address=request.path,
        )
