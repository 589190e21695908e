"""What the carrier posts: typed, cleaned or refused; nothing hostile gets further."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from ivr.webhook import (
    AnsweredCall,
    InboundCall,
    RecordingPost,
    StatusPost,
    TurnPost,
    answered_call,
    call_uid,
    inbound_call,
    recording_post,
    status_post,
    turn_post,
    whisper_key,
)

SID = "CA" + "0" * 32
REC = {"RecordingSid": "RE1", "RecordingUrl": "https://c.example/RE1", "RecordingDuration": "4"}

READ: list[tuple[Callable[..., Any], dict[str, str], Any]] = [
    (
        inbound_call,
        {"CallSid": SID, "From": "+8613800001111", "To": "+86400"},
        InboundCall(SID, "+8613800001111", "+86400"),
    ),
    (
        inbound_call,
        {"CallSid": "6f1c2d9e-5a0b-4a53-9d6d-0c8f3b2a7e11"},
        InboundCall("6f1c2d9e-5a0b-4a53-9d6d-0c8f3b2a7e11", None, ""),
    ),
    (inbound_call, {"CallSid": SID, "From": "anonymous"}, InboundCall(SID, None, "")),
    (inbound_call, {"CallSid": SID, "From": "+266696687"}, InboundCall(SID, None, "")),
    (inbound_call, {"CallSid": SID, "From": "+86\x00138\u202e1"}, InboundCall(SID, "+861381", "")),
    (inbound_call, {"CallSid": SID, "CallStatus": "completed"}, InboundCall(SID, None, "", over=True)),
    (answered_call, {"CallSid": SID, "AnsweredBy": "human"}, AnsweredCall(SID, "human")),
    (answered_call, {"CallSid": SID, "AnsweredBy": ""}, AnsweredCall(SID, None)),
    (turn_post, {"CallSid": SID}, TurnPost(SID)),
    (turn_post, {"CallSid": SID, "Digits": "1024#"}, TurnPost(SID, "1024")),
    (turn_post, {"CallSid": SID, "Digits": "#"}, TurnPost(SID)),
    (turn_post, {"CallSid": SID, "Digits": "hangup"}, TurnPost(SID, over=True)),
    (turn_post, {"CallSid": SID, "CallStatus": "completed"}, TurnPost(SID, over=True)),
    (
        turn_post,
        {"CallSid": SID, "Digits": "hangup", **REC},
        TurnPost(SID, recording=RecordingPost("RE1", "https://c.example/RE1", 4.0), over=True),
    ),
    (turn_post, {"CallSid": SID, "DialCallStatus": "completed"}, TurnPost(SID, bridged=True)),
    (
        turn_post,
        {"CallSid": SID, "DialCallStatus": "completed", "DialBridged": "false"},
        TurnPost(SID, bridged=False),
    ),
    (turn_post, {"CallSid": SID, "DialCallStatus": "no-answer"}, TurnPost(SID, bridged=False)),
    (
        recording_post,
        REC | {"RecordingStatus": "in-progress"},
        RecordingPost("RE1", "https://c.example/RE1", 4.0, False),
    ),
    (status_post, {"CallSid": SID, "CallStatus": "ringing"}, StatusPost(SID, "ringing")),
    (
        status_post,
        {"CallSid": SID, "CallStatus": "completed", "SequenceNumber": "3", "AnsweredBy": "unknown"},
        StatusPost(SID, "completed", "unknown"),
    ),
]


@pytest.mark.parametrize(("read", "form", "post"), READ)
def test_what_carriers_post(read: Callable[..., Any], form: dict[str, str], post: Any) -> None:
    assert read(form) == post


@pytest.mark.parametrize(
    ("read", "form"),
    [
        (inbound_call, {}),
        (inbound_call, {"CallSid": ""}),
        (inbound_call, {"CallSid": "x" * 65}),
        (inbound_call, {"CallSid": "CA 1"}),
        (inbound_call, {"CallSid": "CA\x00"}),
        (inbound_call, {"CallSid": "呼叫"}),
        (turn_post, {"CallSid": SID, "Digits": "1;DROP"}),
        (turn_post, {"CallSid": SID, "Digits": "1" * 33}),
        (turn_post, {"CallSid": SID, "Digits": "٣"}),
        (turn_post, {"CallSid": SID, "RecordingSid": "RE1"}),
        (turn_post, {"CallSid": SID, "RecordingSid": "RE1", "RecordingUrl": "file:///etc/passwd"}),
        (turn_post, {"CallSid": SID, "RecordingSid": "RE1", "RecordingUrl": "http://["}),
        (turn_post, {"CallSid": SID, "RecordingSid": "RE1", "RecordingUrl": "https://x/" + "a" * 400}),
        (status_post, {"CallSid": SID}),
        (status_post, {"CallSid": SID, "CallStatus": "Completed!"}),
    ],
)
def test_what_is_refused(read: Callable[..., Any], form: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        read(form)


def test_only_1_accepts() -> None:
    assert whisper_key({"Digits": "1"}) == "accept"
    assert {whisper_key({"Digits": d}) for d in ("", "2", "11", "hangup")} == {"refuse"}


def test_ids_of_ours_are_plain() -> None:
    assert call_uid("6f1c2d9e-5a0b-4a53-9d6d-0c8f3b2a7e11")
    for bad in ("", "../etc", "a" * 37, "甲", "a\n"):
        with pytest.raises(BadInput):
            call_uid(bad)


_NAMES = st.sampled_from(
    [
        "CallSid",
        "From",
        "To",
        "CallStatus",
        "Digits",
        "RecordingSid",
        "RecordingUrl",
        "RecordingDuration",
        "RecordingStatus",
        "DialCallStatus",
        "DialBridged",
        "AnsweredBy",
        "SequenceNumber",
    ]
)
_VALUES = st.text(max_size=80) | st.text("0123456789*#+-hangupcmletd", max_size=80) | st.just("http://[::")


@given(form=st.dictionaries(_NAMES, _VALUES), sid=st.booleans())
def test_any_form_is_read_or_refused(form: dict[str, str], sid: bool) -> None:
    if sid:
        form["CallSid"] = SID
    for read in (inbound_call, answered_call, turn_post, recording_post, status_post, whisper_key):
        with contextlib.suppress(BadInput):
            post = read(form)
            assert "\x00" not in repr(post)
            repr(post).encode()  # no lone surrogates
