"""The console's door: every page of it, and what holds for all of them: signed in, allowed, no forged forms."""

from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Blueprint, Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect

from app.console import (
    account,
    activities,
    audit,
    callbacks,
    calling,
    data,
    intake,
    intake_notes,
    kiosks,
    notices,
    people,
    prompts,
    queue,
    queue_dispatch,
    queue_export,
    queue_views,
    rendering,
    resident_records,
    residents,
    services,
    sign_in,
    stations,
    ticket,
    ticket_listen,
    ticket_media,
    ticket_steps,
    units,
)
from app.console.access import EVERYBODY, NOBODY_YET, Signed, allowed_for, page
from app.console.prompts import Prompt
from app.console.rendering import is_fragment, render, texts, why
from app.desk import signing
from app.errors import (
    BadInput,
    Busy,
    JiachangError,
    NotAllowed,
    NotFound,
    StaleTicket,
    TooManyTries,
    TransitionError,
)
from app.runtime import Runtime
from app.web_headers import secure

Page = Callable[[Blueprint, Runtime], None]
PAGES: tuple[Page, ...] = (
    sign_in.add,
    services.add,
    stations.add,
    kiosks.add,
    prompts.add,
    data.add,
    queue.add,
    queue_views.add,
    queue_dispatch.add,
    queue_export.add,
    audit.add,
    people.add,
    account.add,
    residents.add,
    resident_records.add,
    activities.add,
    notices.add,
    units.add,
    callbacks.add,
    calling.add,
    ticket.add,
    ticket_listen.add,
    ticket_media.add,
    ticket_steps.add,
    intake.add,
    intake_notes.add,
)
_BEFORE_THAT = ("staff.password", "staff.change_password", "staff.sign_out")
"""All that is open to whoever still has her first password."""
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


def add_console(app: Flask, runtime: Runtime, *, prompts: Callable[[], Sequence[Prompt]]) -> None:
    """Put the console below /staff of the web application. `prompts`: sentences that can be recorded."""
    app.config["PROMPTS"] = prompts
    _configure(app, runtime)
    csrf = CSRFProtect(app)
    for name, blueprint in app.blueprints.items():
        if (
            name != "staff"
        ):  # webhooks are signed by the carrier instead, kiosks send a token that is no cookie
            csrf.exempt(blueprint)
    app.register_blueprint(make_console(runtime))


def make_console(runtime: Runtime) -> Blueprint:
    """The blueprint with every page; raises ValueError for one that does not say whom it is for."""
    blueprint = Blueprint(
        "staff",
        __name__,
        url_prefix="/staff",
        template_folder="templates",
        static_folder="static",
    )
    rendering.prepare(blueprint, runtime)

    @page(blueprint, "/", allow=EVERYBODY)
    def home() -> ResponseReturnValue:
        return redirect("/staff/tickets")

    for add in PAGES:
        add(blueprint, runtime)

    @blueprint.before_request
    def let_in() -> ResponseReturnValue | None:
        if request.endpoint == "staff.static":
            return None
        allowed = allowed_for(current_app.view_functions.get(request.endpoint or ""))
        _load(runtime)
        if allowed == NOBODY_YET:
            return None
        signed = g.get("signed")
        if signed is None:
            return _to_sign_in()
        if signed.must_change_password and request.endpoint not in _BEFORE_THAT:
            return redirect("/staff/password")
        if allowed is None or signed.role not in allowed:
            raise NotAllowed("这一页不归您管。需要的话，请找管理员。")
        return None

    allow = "camera=(self), microphone=(self)"
    blueprint.after_request(secure(kept=("staff.static",), allow=allow))
    _say_errors(blueprint, runtime)
    return blueprint


def _configure(app: Flask, runtime: Runtime) -> None:
    settings = runtime.settings
    # `__Host-` and Secure: browsers take them from loopback without TLS too
    secure = settings.public_url.startswith(("https://", *_LOOPBACK))
    app.config.update(
        SECRET_KEY=_secret(runtime),
        SESSION_COOKIE_NAME="__Host-staff" if secure else "staff",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_HEADERS=["X-CSRF-Token"],
        WTF_CSRF_SSL_STRICT=True,
    )


def _secret(runtime: Runtime) -> bytes:
    own = runtime.settings.secret_key.get_secret_value()
    if own:
        return own.encode()
    master = runtime.settings.encryption_key.get_secret_value().split(",")[0].strip()
    return HKDF(hashes.SHA256(), 32, None, b"jiachang:session").derive(master.encode())


def _load(runtime: Runtime) -> None:
    """Who is it? Into `g.signed`; nothing if nobody is signed in."""
    token, now = session.get("token"), runtime.now()
    if not isinstance(token, str):
        return
    with runtime.db.transaction(read_only=True) as database:
        found = signing.find(database, token, now=now)
    if found is None:
        session.pop("token", None)
        return
    row, staff, unit = found
    if (
        signing.is_stale(row, now) and "X-Poll" not in request.headers
    ):  # a page that refreshes itself is nobody
        with runtime.db.transaction() as database:
            signing.seen(database, row.id, now=now)
    g.signed = Signed(
        staff_id=staff.id,
        login=staff.login,
        name=staff.name,
        role=staff.role,
        unit_id=unit.id,
        unit_name=unit.name,
        unit_path=unit.path,
        session_id=row.id,
        language=staff.language or runtime.settings.locale,
        must_change_password=staff.must_change_password,
    )


def _to_sign_in() -> ResponseReturnValue:
    if is_fragment():  # htmx follows redirects silently: the whole page must go there
        return "", 401, {"HX-Redirect": "/staff/login"}
    onward = request.full_path.rstrip("?") if request.method == "GET" else "/staff/tickets"
    return redirect(url_for("staff.login", next=onward))


def _say_errors(blueprint: Blueprint, runtime: Runtime) -> None:
    codes: dict[type[JiachangError], int] = {
        NotFound: 404,
        TooManyTries: 429,
        NotAllowed: 403,
        Busy: 503,
        StaleTicket: 409,
        TransitionError: 409,
        BadInput: 400,
    }

    @blueprint.errorhandler(JiachangError)
    def trouble(error: JiachangError) -> ResponseReturnValue:
        code = next((code for kind, code in codes.items() if isinstance(error, kind)), 500)
        return _said(why(runtime, error), code)

    @blueprint.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> ResponseReturnValue:
        return _said(texts(runtime)("这一页放得太久了，请重新打开再办。您填的内容没有保存。"), 400)


def _said(message: str, code: int) -> ResponseReturnValue:
    if is_fragment():
        return (
            render("error_fragment.html", message=message),
            code,
            {"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"},
        )
    return render("error.html", message=message, code=code), code
