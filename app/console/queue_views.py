"""Views of the queue that somebody keeps: saved, renamed, deleted, and each of it undone."""

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.console.access import EVERYBODY, page, who
from app.console.queue import LIST
from app.console.rendering import render, texts
from app.desk import saved_views
from app.desk.queue_filter import QueueFilter
from app.runtime import Runtime

_PAGE = "/staff/views"


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/views", allow=EVERYBODY)
    def views() -> ResponseReturnValue:
        with runtime.db.transaction(read_only=True) as session:
            found = saved_views.views_of(session, who().staff_id)
        return render("queue/views.html", saved=found, list=LIST)

    @page(blueprint, "/views", allow=EVERYBODY, methods=("POST",))
    def save_view() -> ResponseReturnValue:
        wanted = QueueFilter.read(request.form.get("query", ""))
        name = request.form.get("name", "")
        opens = request.form.get("opens") == "1"
        with runtime.db.transaction() as session:
            view = saved_views.save_view(
                session, who().staff_id, name, wanted.query(), opens=opens, now=runtime.now()
            )
        flash(texts(runtime)("存好了：{name}").format(name=view.name), "good")
        return redirect(f"{LIST}?{view.query}", 303)

    @page(blueprint, "/views/<int:view_id>/name", allow=EVERYBODY, methods=("POST",))
    def rename_view(view_id: int) -> ResponseReturnValue:
        name = request.form.get("name", "")
        with runtime.db.transaction() as session:
            before = saved_views.rename_view(session, who().staff_id, view_id, name)
        if before != name:
            said = texts(runtime)("改好了：{before} → {name}").format(before=before, name=name)
            flash(_undoable(said, f"{_PAGE}/{view_id}/name", name=before), "good")
        return redirect(_PAGE, 303)

    @page(blueprint, "/views/<int:view_id>/open", allow=EVERYBODY, methods=("POST",))
    def open_with_view(view_id: int) -> ResponseReturnValue:
        """0: with everything open."""
        with runtime.db.transaction() as session:
            saved_views.open_with(session, who().staff_id, view_id or None)
        flash(texts(runtime)("下次打开诉求，就先看这个"), "good")
        return redirect(_PAGE, 303)

    @page(blueprint, "/views/<int:view_id>/delete", allow=EVERYBODY, methods=("POST",))
    def delete_view(view_id: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            gone = saved_views.delete_view(session, who().staff_id, view_id)
            name, query, opens = gone.name, gone.query, gone.opens
        said = texts(runtime)("删掉了：{name}").format(name=name)
        flash(_undoable(said, _PAGE, name=name, query=query, opens="1" if opens else ""), "good")
        return redirect(_PAGE, 303)


def _undoable(said: str, path: str, **fields: str) -> Markup:
    """A message with a button that takes it back."""
    return Markup(render("queue/undo.html", said=said, path=path, fields=fields))  # noqa: S704 – escaped by the template
