"""The kiosk's door: every page and question of it."""

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Blueprint

from app.runtime import Runtime
from app.web_headers import secure
from kiosk import (
    access,
    api_bootstrap,
    api_enrol,
    api_person,
    api_progress,
    api_submissions,
    assets,
    pages,
    say,
    worker_file,
)

Page = Callable[[Blueprint, Runtime], None]
PAGES: tuple[Page, ...] = (
    assets.add,
    worker_file.add,
    pages.add,
    api_enrol.add,
    api_bootstrap.add,
    api_submissions.add,
    api_progress.add,
    api_person.add,
    say.add,
)


def make_kiosk(runtime: Runtime) -> Blueprint:
    """Everything below /kiosk."""
    blueprint = Blueprint("kiosk", __name__, url_prefix="/kiosk", template_folder="templates")
    access.guard(blueprint, runtime)
    for add in PAGES:
        add(blueprint, runtime)
    media = urlsplit(runtime.settings.media_url)
    more = {
        "connect-src": f"{media.scheme}://{media.netloc}",
        "worker-src": "'self'",
        "manifest-src": "'self'",
    }
    blueprint.after_request(secure(kept=access.KEPT, more=more))
    return blueprint
