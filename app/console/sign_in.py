"""Signing in and out."""

from flask import Blueprint, redirect, session
from flask.typing import ResponseReturnValue

from app.console.access import EVERYBODY, NOBODY_YET, page, who
from app.console.rendering import render
from app.desk import signing
from app.runtime import Runtime


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/login", allow=NOBODY_YET)
    def login() -> ResponseReturnValue:
        return render("login.html")

    @page(blueprint, "/logout", allow=EVERYBODY, methods=("POST",))
    def sign_out() -> ResponseReturnValue:
        with runtime.db.transaction() as database:
            signing.end(database, who().session_id, now=runtime.now())
        session.clear()
        return redirect("/staff/login")
