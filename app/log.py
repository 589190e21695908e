"""Structured logs, one JSON line an event. Telephone numbers and secrets never reach them."""

import logging
import re
import sys
import threading
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any

import structlog

# A date with its time, and an id (UUID): digits that nobody can be rung by
_DATE = r"(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)"
_TIME = r"[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?"
_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
# What a number's first digit may not follow: a letter, digit or fraction. An escape's letters are none: %2B, \n, \u8bdd
_BEFORE = r"(?:(?<![A-Za-z0-9_])(?<!\d[.-])|(?<=%[0-9a-fA-F]{2})|(?<=\\[nrt])|(?<=\\u[0-9a-fA-F]{4}))"
_CLOCK_BEFORE = r"(?!(?<=\d:)\d\d(?!\d))"
_CLOCK_AFTER = r"(?!(?<=\D\d\d):\d\d)"
# E.164, or seven and more digits in a row with the usual separators, also as a form has them. Letters are the ASCII
# ones: a Chinese character is a \w too, and nobody puts a space between it and a number.
_PHONE = (
    rf"{_BEFORE}{_CLOCK_BEFORE}\+?\d(?:(?:[ +-]|%20)?(?!{_DATE})\d){{6,14}}"
    rf"{_CLOCK_AFTER}(?![A-Za-z0-9_])(?![.-]\d)"
)
_DIGITS = re.compile(rf"(?P<kept>(?<!\d){_DATE}(?:{_TIME})?|(?<![A-Za-z0-9]){_UUID})|(?P<phone>{_PHONE})")
_SECRET_KEYS = re.compile(r"token|secret|password|authorization|signature|key$", re.IGNORECASE)
_PERSONAL_KEYS = frozenset({"phone", "from_", "to", "caller", "name", "room", "body", "text", "words"})


def redact(text: str) -> str:
    """Keep two digits of every number that may be a telephone's."""
    return _DIGITS.sub(lambda found: found["kept"] or _shortened(found["phone"]), text)


def _shortened(phone: str) -> str:
    return "***" + phone[-2:]


def _one_line(text: str) -> str:
    return text.replace("\n", "⏎").replace("\r", "")


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _one_line(redact(value))
    if isinstance(value, Mapping):
        return {key: _clean_field(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value


def _clean_field(key: str, value: Any) -> Any:
    if _SECRET_KEYS.search(key):
        return "***"
    if key in _PERSONAL_KEYS and value is not None:
        found = _DIGITS.fullmatch(str(value))
        return _shortened(found["phone"]) if found and found["phone"] else "***"
    return _clean(value)


def redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: secrets out, personal fields masked, numbers shortened."""
    for key, value in event.items():
        if key != "timestamp":
            event[key] = _clean_field(key, value)
    return event


class _Redacting(logging.Formatter):
    """Libraries log through the standard module: their lines pass the same sieve, and so do their tracebacks."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        return _one_line(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The interpreter would print the traceback of what ends a process as it is."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger(__name__).critical("uncaught", exc_info=(kind, error, trace))


def _uncaught_in_thread(given: threading.ExceptHookArgs) -> None:
    if given.exc_value is not None and not isinstance(given.exc_value, SystemExit):
        _uncaught(given.exc_type, given.exc_value, given.exc_traceback)


def configure(level: str = "INFO") -> None:
    """Set up both structlog and the standard logging of libraries; called once a process."""
    number = logging.getLevelName(level.upper())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacting("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=number, handlers=[handler], force=True)
    sys.excepthook, threading.excepthook = _uncaught, _uncaught_in_thread
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
