"""Recordings and photos of tickets: handed out to whoever may have them, and to nobody who merely knows an address."""

from flask import Blueprint, Request, flash, redirect, request, send_file
from flask import session as cookie
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from app.console.access import EVERYBODY, WORKING, page, who
from app.console.rendering import is_fragment, render, texts, why
from app.console.ticket_view import Trouble, check_pass, make_pass, show
from app.desk import photos, revealing
from app.desk.seeing import find_ticket
from app.errors import BadInput, NotFound
from app.runtime import Runtime

_MOST_AT_ONCE = 6
_MOST_BYTES = _MOST_AT_ONCE * photos.MOST_BYTES + 256 * 1024
UPLOADS = frozenset({"staff.ticket_photos_add", "staff.intake_take"})
"""Endpoints that take more than a webhook's few kilobytes."""


def make_room(request: Request) -> None:
    """Before the body is read: whoever is not signed in may not send a large one."""
    if request.endpoint in UPLOADS and "token" in cookie:
        request.max_content_length = _MOST_BYTES


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    data_dir = runtime.settings.data_dir

    @blueprint.url_value_preprocessor
    def _room(_endpoint: str | None, _values: object) -> None:
        make_room(
            request
        )  # the check of the form's token reads the body, before any `before_request` of ours

    @blueprint.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        message = texts(runtime)("传的东西太大了。请少选几张照片，再传一次。")
        return render("error.html", message=message, code=413), 413

    @page(blueprint, "/recordings/<int:recording>/open", allow=WORKING, methods=("POST",))
    def recording_open(recording: int) -> ResponseReturnValue:
        """Somebody wants to listen: written down, then the way to the audio, for this person and this session."""
        with runtime.db.transaction() as session:
            revealing.listen_to(session, who().actor, recording, now=runtime.now())
        way = f"/staff/recordings/{recording}?pass={make_pass(recording)}"
        return (way, {"Content-Type": "text/plain"}) if is_fragment() else redirect(way, 303)

    @page(blueprint, "/recordings/<int:recording>", allow=WORKING)
    def recording_audio(recording: int) -> ResponseReturnValue:
        check_pass(recording, request.args.get("pass", ""))
        with runtime.db.transaction(read_only=True) as session:
            found = revealing.find_recording(session, who().actor, recording)
        path = revealing.inside(data_dir, str(found.path))
        return send_file(path, "audio/wav", conditional=True, etag=False, max_age=None)

    @page(blueprint, "/tickets/<int:number>/photos", allow=WORKING, methods=("POST",))
    def ticket_photos_add(number: int) -> ResponseReturnValue:
        try:
            files = [file for file in request.files.getlist("photos") if file.filename]
            if not files:
                raise BadInput("请先选照片")
            if len(files) > _MOST_AT_ONCE:
                raise BadInput("一次最多传 {most} 张照片", most=_MOST_AT_ONCE)
            for file in files:
                pictures = photos.reencode(
                    file.read(photos.MOST_BYTES + 1)
                )  # nobody waits for it at the database
                with runtime.db.transaction() as session:
                    ticket, _ = find_ticket(session, who().actor, number)
                    photos.add_photo(session, data_dir, ticket, who().actor, pictures, runtime.now())
        except BadInput as error:
            return show(runtime, number, trouble=Trouble("photos", why(runtime, error))), 422
        flash(texts(runtime)("照片存好了。"), "good")
        return redirect(f"/staff/tickets/{number}#photos", 303)

    @page(blueprint, "/photos/<int:photo>", allow=EVERYBODY)
    def photo_whole(photo: int) -> ResponseReturnValue:
        return _picture(photo, small=False)

    @page(blueprint, "/photos/<int:photo>/small", allow=EVERYBODY)
    def photo_small(photo: int) -> ResponseReturnValue:
        return _picture(photo, small=True)

    @page(blueprint, "/photos/<int:photo>/<deed>", allow=WORKING, methods=("POST",))
    def photo_change(photo: int, deed: str) -> ResponseReturnValue:
        change = {"delete": photos.delete_photo, "restore": photos.restore_photo}.get(deed)
        if change is None:
            raise BadInput("请重新打开这一页再办")
        with runtime.db.transaction() as session:
            ticket = change(session, who().actor, photo, now=runtime.now())
        said = (
            texts(runtime)("照片删了，一天之内可以找回。")
            if deed == "delete"
            else texts(runtime)("照片找回来了。")
        )
        flash(said, "good")
        return redirect(f"/staff/tickets/{ticket.number}#photos", 303)

    def _picture(photo: int, *, small: bool) -> ResponseReturnValue:
        with runtime.db.transaction(read_only=True) as session:
            found, _ = photos.find_photo(session, who().actor, photo)
        if found.deleted_at is not None:
            raise NotFound("这张照片已经删了")
        path = revealing.inside(data_dir, found.thumb_path if small else found.path)
        return send_file(path, "image/jpeg", conditional=True, etag=False, max_age=None)
