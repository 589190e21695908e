"""REST: Recordings, as JSON and as a WAV file."""

from email.utils import format_datetime
from typing import Any

from aiohttp import web

from ivr.exchange.rest import BASE, EXCHANGE, in_time, not_found, page
from ivr.exchange.state import Exchange, Recording
from speech.audio import encode_wav

routes = web.RouteTableDef()


@routes.get(f"{BASE}/Recordings.json")
async def listing(request: web.Request) -> web.Response:
    return _page(request, request.query.get("CallSid"))


@routes.get(BASE + "/Calls/{call}/Recordings.json")
async def of_call(request: web.Request) -> web.Response:
    return _page(request, request.match_info["call"])


@routes.get(BASE + "/Recordings/{sid:[^.]+}.json")
async def fetch(request: web.Request) -> web.Response:
    return web.json_response(recording_json(request.app[EXCHANGE], _recording(request)))


@routes.get(BASE + "/Recordings/{sid:[^.]+}.wav")
@routes.get(BASE + "/Recordings/{sid:[^.]+}")
async def media(request: web.Request) -> web.Response:
    return web.Response(body=encode_wav(_recording(request).pcm), content_type="audio/x-wav")


@routes.delete(BASE + "/Recordings/{sid:[^.]+}.json")
@routes.delete(BASE + "/Recordings/{sid:[^.]+}")
async def delete(request: web.Request) -> web.Response:
    del request.app[EXCHANGE].recordings[_recording(request).sid]
    return web.Response(status=204)


def recording_json(exchange: Exchange, recording: Recording) -> dict[str, Any]:
    path = f"/2010-04-01/Accounts/{exchange.account}/Recordings/{recording.sid}"
    return {
        "account_sid": exchange.account,
        "api_version": "2010-04-01",
        "call_sid": recording.call_sid,
        "channels": 1,
        "conference_sid": None,
        "date_created": format_datetime(recording.started),
        "date_updated": format_datetime(recording.started),
        "duration": str(recording.duration),
        "encryption_details": None,
        "error_code": None,
        "media_url": exchange.base_url + path,
        "price": None,
        "price_unit": "USD",
        "sid": recording.sid,
        "source": recording.source,
        "start_time": format_datetime(recording.started),
        "status": "completed",
        "subresource_uris": {},
        "uri": f"{path}.json",
    }


def _page(request: web.Request, call_sid: str | None) -> web.Response:
    exchange = request.app[EXCHANGE]
    found = [
        item
        for item in exchange.recordings.values()
        if call_sid in (None, item.call_sid) and in_time(request.query, "DateCreated", item.started)
    ]
    return page(request, "recordings", [recording_json(exchange, item) for item in reversed(found)])


def _recording(request: web.Request) -> Recording:
    recording = request.app[EXCHANGE].recordings.get(request.match_info["sid"])
    if recording is None:
        raise not_found(request)
    return recording
