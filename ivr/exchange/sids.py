"""Identifiers as the carrier makes them: two letters and 32 hex digits, or plain UUIDs at a compatible one."""

import uuid

CALL, MESSAGE, RECORDING, STREAM = "CA", "SM", "RE", "MZ"


def new_sid(prefix: str, *, compatible: bool = False) -> str:
    return str(uuid.uuid4()) if compatible else prefix + uuid.uuid4().hex
