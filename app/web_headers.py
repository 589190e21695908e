"""Headers of every page that people look at: nothing is loaded from elsewhere, framed, sniffed or kept by caches."""

from collections.abc import Callable, Sequence

from flask import Response, request

Secure = Callable[[Response], Response]
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def secure(
    *, kept: Sequence[str], more: dict[str, str] | None = None, allow: str = "microphone=(self)"
) -> Secure:
    """An `after_request` function. `kept`: endpoints whose answers caches may keep, as they say themselves; pages with
    people in them never. `more` of the content security policy, by directive; `allow`: devices that pages may use."""
    policy = dict(_POLICY)
    for directive, sources in (more or {}).items():
        policy[directive] = f"{policy.get(directive, '')} {sources}".strip()
    said = "; ".join(f"{directive} {sources}" for directive, sources in policy.items())

    def add(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = said
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = f"{allow}, geolocation=()"
        if request.endpoint not in kept or response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    return add
