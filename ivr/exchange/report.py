"""A call, a text, a handset as JSON for the control API."""

from typing import Any

from ivr.exchange.leg import Leg
from ivr.exchange.state import Message


def leg_json(leg: Leg) -> dict[str, Any]:
    """Times are ISO 8601 UTC; `at` is call seconds since the answer. Dialogue in the order it was heard."""
    return {
        "id": leg.sid,
        "sid": leg.sid,
        "from": leg.from_,
        "to": leg.to,
        "direction": leg.direction,
        "status": leg.status,
        "ended_by": leg.ended_by,
        "done": leg.done.is_set(),
        "created": leg.created.isoformat(),
        "rang": leg.rang.isoformat() if leg.rang else None,
        "answered": leg.answered.isoformat() if leg.answered else None,
        "ended": leg.ended.isoformat() if leg.ended else None,
        "seconds": round(leg.talk_seconds if leg.hung.is_set() else leg.seconds(), 2),
        "answered_by": leg.answered_by or None,
        "dialogue": [entry_view(leg, entry) for entry in sorted(leg.dialogue, key=lambda entry: entry["at"])],
        "verbs": leg.verbs,
        "steps_done": leg.steps_done,
        "webhooks": leg.webhooks,
        "violations": leg.violations,
        "errors": leg.errors,
        "warnings": leg.warnings,
        "mismatches": leg.mismatches,
        "parent": leg.parent.sid if leg.parent else None,
        "children": [child.sid for child in leg.children],
        "audio": [audio_path(leg, number) for number in range(len(leg.audio))],
    }


def audio_path(leg: Leg, number: int) -> str:
    return f"/exchange/calls/{leg.sid}/audio/{number}.wav"


def entry_view(leg: Leg, entry: dict[str, Any]) -> dict[str, Any]:
    if "audio" not in entry:
        return entry
    return {**entry, "audio": audio_path(leg, entry["audio"])}


def message_view(message: Message) -> dict[str, Any]:
    return {
        "sid": message.sid,
        "direction": message.direction,
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "segments": message.segments,
        "status": message.status,
        "error_code": message.error_code,
        "created": message.created.isoformat(),
        "sent": message.sent.isoformat() if message.sent else None,
        "updated": message.updated.isoformat() if message.updated else None,
    }
