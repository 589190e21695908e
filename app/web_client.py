"""Who asks, of the pages that people look at."""

from flask import request


def client_address() -> str:
    """Our own proxy sits on this machine and appends what it saw; nobody else's word counts."""
    peer = request.remote_addr or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded if forwarded and peer in ("127.0.0.1", "::1", "") else peer
