"""The own account: password, name and language, authenticator, sessions, sign-ins."""

import segno
from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.console.access import ADMINISTRATORS, EVERYBODY, page, who
from app.console.rendering import render, texts, why
from app.console.sign_in import START
from app.desk import own_account
from app.errors import BadInput
from app.runtime import Runtime
from app.texts.catalogue import mark

ISSUER = mark("家常热线")
LANGUAGES = (("zh_Hans", "简体中文"), ("zh_Hant", "繁體中文"), ("en", "English"))


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    _password(blueprint, runtime)
    _totp(blueprint, runtime)

    @page(blueprint, "/account", allow=EVERYBODY)
    def account() -> ResponseReturnValue:
        return _account()

    @page(blueprint, "/account", allow=EVERYBODY, methods=("POST",))
    def describe_oneself() -> ResponseReturnValue:
        name, language = request.form.get("name", ""), request.form.get("language") or None
        try:
            with runtime.db.transaction() as session:
                own_account.describe_oneself(session, who().staff_id, name=name, language=language)
        except BadInput as error:
            return _account({"name": why(runtime, error)}, name), 422
        flash(texts(runtime)("已保存"), "good")
        return redirect("/staff/account", 303)

    @page(blueprint, "/account/sessions/end", allow=EVERYBODY, methods=("POST",))
    def end_other_sessions() -> ResponseReturnValue:
        me = who()
        with runtime.db.transaction() as session:
            own_account.end_other_sessions(session, me.staff_id, now=runtime.now(), keep=me.session_id)
        flash(texts(runtime)("别处的登录都已退出"), "good")
        return redirect("/staff/account", 303)

    def _account(errors: dict[str, str] | None = None, name: str | None = None) -> str:
        with runtime.db.transaction(read_only=True) as session:
            found = own_account.account(session, who().staff_id, now=runtime.now())
        languages = [(None, texts(runtime)("和社区一样")), *LANGUAGES]
        return render("account.html", account=found, languages=languages, name=name, errors=errors or {})


def _password(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/password", allow=EVERYBODY)
    def password() -> ResponseReturnValue:
        return render("password.html", errors={})

    @page(blueprint, "/password", allow=EVERYBODY, methods=("POST",))
    def change_password() -> ResponseReturnValue:
        me, say = who(), texts(runtime)
        old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
        errors = {}
        if new != again:
            errors["again"] = say("两次输入的不一样。")
        else:
            try:
                own_account.change_password(
                    runtime.db, me.staff_id, old, new, now=runtime.now(), keep=me.session_id
                )
            except own_account.WrongPassword as error:
                errors["old"] = why(runtime, error)
            except BadInput as error:
                errors["new"] = why(runtime, error)
        if errors:
            return render("password.html", errors=errors), 422
        flash(say("密码已经换好。别处的登录都已退出。"), "good")
        return redirect(START if me.must_change_password else "/staff/account", 303)


def _totp(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/account/totp", allow=ADMINISTRATORS, methods=("POST",))
    def prepare_totp() -> ResponseReturnValue:
        return _ask_for_code()

    @page(blueprint, "/account/totp/confirm", allow=ADMINISTRATORS, methods=("POST",))
    def confirm_totp() -> ResponseReturnValue:
        try:
            with runtime.db.transaction() as session:
                codes = own_account.confirm_totp(
                    session, who().staff_id, request.form.get("code", ""), now=runtime.now()
                )
        except BadInput as error:
            return _ask_for_code({"code": why(runtime, error)}), 422
        return render("recovery_codes.html", codes=codes)

    @page(blueprint, "/account/totp/off", allow=ADMINISTRATORS, methods=("POST",))
    def switch_totp_off() -> ResponseReturnValue:
        password = request.form.get("password", "")
        try:
            own_account.switch_totp_off(runtime.db, who().staff_id, password, now=runtime.now())
        except own_account.WrongPassword as error:
            flash(why(runtime, error), "bad")
        else:
            flash(texts(runtime)("动态码已关闭。登录只要密码，请尽快再设一次。"), "warn")
        return redirect("/staff/account", 303)

    def _ask_for_code(errors: dict[str, str] | None = None) -> str:
        """A wrong first code keeps the secret that the telephone has scanned already."""
        issuer = texts(runtime)(ISSUER)
        with runtime.db.transaction() as session:
            secret, address = own_account.prepare_totp(session, who().staff_id, issuer, again=errors is None)
        return render("totp.html", secret=secret, picture=qr_code(address), errors=errors or {})


def qr_code(text: str) -> Markup:
    """As inline SVG without style attributes: nothing else gets past the content policy."""
    drawn = segno.make(text, error="m").svg_inline(omitsize=True, border=2, dark="#000", light="#fff")
    return Markup(drawn)  # noqa: S704 - drawn by segno: modules, no text of anybody
