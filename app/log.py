"""Structured logs, one JSON line an event. Telephone numbers and secrets never reach them."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

# E.164, or seven and more digits in a row with the usual separators. Ticket numbers and dates stay readable.
_PHONE = re.compile(r"(?<![\w.:-])(?!\d{4}-\d\d-\d\d)\+?\d(?:[ -]?\d){6,14}(?![\w.:-])")
_SECRET_KEYS = re.compile(r"token|secret|password|authorization|signature|key$", re.IGNORECASE)
_PERSONAL_KEYS = frozenset({"phone", "from_", "to", "caller", "name", "room", "body", "text", "words"})


def redact(text: str) -> str:
    """Keep two digits of every number that may be a telephone's."""
    return _PHONE.sub(lambda found: "***" + found.group()[-2:], text)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value).replace("\n", "⏎").replace("\r", "")
    if isinstance(value, Mapping):
        return {key: _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value


def redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: secrets out, personal fields masked, numbers shortened."""
    for key, value in event.items():
        if _SECRET_KEYS.search(key):
            event[key] = "***"
        elif key in _PERSONAL_KEYS and value is not None:
            event[key] = redact(str(value)) if _PHONE.search(str(value)) else "***"
        elif key != "timestamp":
            event[key] = _clean(value)
    return event


class _Redacting(logging.Filter):
    """Libraries log through the standard module: their lines pass the same sieve."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


def configure(level: str = "INFO") -> None:
    """Set up both structlog and the standard logging of libraries; called once a process."""
    number = logging.getLevelName(level.upper())
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Redacting())
    logging.basicConfig(
        level=number, handlers=[handler], format="%(levelname)s %(name)s %(message)s", force=True
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("twilio").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact_event,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
