"""Signing in and out. The cookie holds the session's token and the form token, both new after each sign-in."""

import re
from datetime import datetime, timedelta

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from app.console.access import EVERYBODY, NOBODY_YET, page, who
from app.console.rendering import render, texts, why
from app.desk import entering, signing
from app.desk.entering import Entered
from app.errors import Busy, NotAllowed, TooManyTries
from app.runtime import Runtime
from app.texts.catalogue import mark
from app.web_client import client_address

START = "/staff/tickets"
_CODE_WITHIN = timedelta(minutes=5)
_OWN = re.compile(r"/staff/(?!log(?:in|out)\b)[^\\\x00-\x20]*")
_WAIT = mark("登录没成功的次数太多。为了安全，请在 {time} 以后再试；忘了密码请找管理员重设。")


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/login", allow=NOBODY_YET)
    def login() -> ResponseReturnValue:
        return render("login.html", onward=onward(), login="", wrong=None)

    @page(blueprint, "/login", allow=NOBODY_YET, methods=("POST",))
    def sign_in() -> ResponseReturnValue:
        name, now = request.form.get("login", ""), runtime.now()
        try:
            entered = entering.enter(
                runtime.db,
                name,
                request.form.get("password", ""),
                client_address(),
                now=now,
                leaving=session.get("token"),
            )
        except (NotAllowed, Busy) as error:
            said, code = _refusal(error)
            return render("login.html", onward=onward(), login=name, wrong=said), code
        return _let_in(entered, now)

    @page(blueprint, "/login/code", allow=NOBODY_YET)
    def code() -> ResponseReturnValue:
        if _half_way(runtime.now()) is None:
            return redirect("/staff/login")
        return render("login_code.html", onward=onward(), wrong=None)

    @page(blueprint, "/login/code", allow=NOBODY_YET, methods=("POST",))
    def sign_in_code() -> ResponseReturnValue:
        now = runtime.now()
        staff_id = _half_way(now)
        if staff_id is None:
            return redirect("/staff/login", 303)
        typed = request.form.get("code", "")
        try:
            entered = entering.enter_code(
                runtime.db, staff_id, typed, client_address(), now=now, leaving=session.get("token")
            )
        except (NotAllowed, Busy) as error:
            said, status = _refusal(error)
            return render("login_code.html", onward=onward(), wrong=said), status
        return _let_in(entered, now)

    @page(blueprint, "/logout", allow=EVERYBODY, methods=("POST",))
    def sign_out() -> ResponseReturnValue:
        with runtime.db.transaction() as database:
            signing.end(database, who().session_id, now=runtime.now())
        session.clear()
        return redirect("/staff/login", 303)

    def _refusal(error: NotAllowed | Busy) -> tuple[str, int]:
        say = texts(runtime)
        if isinstance(error, TooManyTries):
            until = (error.until + timedelta(minutes=1)).astimezone(runtime.settings.zone)
            return say(_WAIT).format(time=f"{until:%H:%M}"), 429
        return why(runtime, error), 503 if isinstance(error, Busy) else 401


def onward() -> str:
    """Where to after signing in: a page of ours, never elsewhere."""
    wanted = request.values.get("next", "")
    return wanted if _OWN.fullmatch(wanted) else START


def _half_way(now: datetime) -> int | None:
    """Whose password was right, if that was just now."""
    half = session.get("half")
    if not isinstance(half, list) or not 0 <= now.timestamp() - half[1] <= _CODE_WITHIN.total_seconds():
        return None
    return int(half[0])


def _let_in(entered: Entered, now: datetime) -> ResponseReturnValue:
    there = onward()
    if entered.token is None:
        session["half"] = [entered.staff_id, now.timestamp()]
        return redirect(url_for("staff.code", next=there), 303)
    session.clear()
    session["token"] = entered.token
    return redirect(there, 303)
