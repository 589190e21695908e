"""A resident's record as such: two made one, and one emptied at her wish."""

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from app.console.access import CHARGE, DESK, page, who
from app.console.rendering import texts
from app.desk import erasure, merging, resident_card
from app.errors import BadInput
from app.runtime import Runtime


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/residents/<int:resident_id>/merge", allow=DESK, methods=("POST",))
    def resident_merge(resident_id: int) -> ResponseReturnValue:
        """The other record is found by its number."""
        with runtime.db.transaction() as session:
            found = resident_card.search(
                session, runtime.desk, who().actor, request.form.get("merge-other", "")
            )
            if len(found) != 1:
                raise BadInput("按这个号码找不到一位居民，请核对。")
            merging.merge(session, who().actor, resident_id, found[0].id, now=runtime.now())
        flash(texts(runtime)("合并好了。七天内可以撤销。"), "good")
        return redirect(f"/staff/residents/{resident_id}", 303)

    @page(blueprint, "/residents/merges/<int:merge_id>/undo", allow=DESK, methods=("POST",))
    def resident_merge_undo(merge_id: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            back = merging.undo(session, who().actor, merge_id, now=runtime.now())
            path = f"/staff/residents/{back.id}"
        flash(texts(runtime)("合并已撤销，这是分开后的那条记录。"), "good")
        return redirect(path, 303)

    @page(blueprint, "/residents/<int:resident_id>/erase", allow=CHARGE, methods=("POST",))
    def resident_erase(resident_id: int) -> ResponseReturnValue:
        now, data_dir = runtime.now(), runtime.settings.data_dir
        if request.form.get("sure") != "yes":
            raise BadInput("请先勾选“本人要求删除”。")
        with runtime.db.transaction() as session:
            done = erasure.erase(session, who().actor, resident_id, request.form.get("reason", ""), now=now)
        erasure.remember_outside(data_dir, resident_id, now)
        with runtime.db.transaction() as session:
            erasure.drop_files(session, data_dir)
        said = texts(runtime)(
            "已删除：{tickets} 件诉求里的内容、{calls} 通电话、{messages} 条短信、{recordings} 段录音。"
        )
        flash(
            said.format(
                tickets=done.tickets, calls=done.calls, messages=done.messages, recordings=done.recordings
            ),
            "good",
        )
        return redirect("/staff/residents", 303)
