"""`/kiosk/api/person`: the press that rings somebody, and what the page is told of it."""

from uuid import uuid4

from app.desk.kiosk_help import PATIENCE
from app.jobs.kiosk_help import ring_help
from tests.support.kiosk_door import Device
from tests.support.line import Line, voice_app
from tests.support.office import NUMBERS

PATH = "/kiosk/api/person"


def test_the_page_learns_that_somebody_comes(either: Device) -> None:
    device, office, uuid = either, either.office, str(uuid4())
    for _ in range(2):
        assert device.ask("POST", PATH, {"uuid": uuid.upper()}).json == {"state": "ringing"}
    for _, id_ in office.hands.pushed:
        ring_help(office.runtime, id_)
    (call,) = office.carrier.calls
    assert call.to == NUMBERS.desk
    duty = Line(office, voice_app(office.runtime).test_client(), sid=call.sid)
    duty.deliver(call.url.removeprefix("https://hotline.example"))
    assert device.ask("GET", f"{PATH}/{uuid}").json == {"state": "ringing"}
    duty.deliver(f"/voice/help/{uuid}/key", Digits="1")
    assert device.ask("GET", f"{PATH}/{uuid}").json == {"state": "coming"}


def test_when_nobody_comes_she_leaves_a_number_for_a_return_call(device: Device) -> None:
    uuid = str(uuid4())
    device.ask("POST", PATH, {"uuid": uuid})
    device.office.pass_time(seconds=PATIENCE.total_seconds())
    assert device.ask("GET", f"{PATH}/{uuid}").json == {"state": "nobody"}
    (result,) = device.told(device.submission("return_call", phone=NUMBERS.wang, number=None))
    assert result["status"] == "taken" and result["at"]


def test_what_is_no_press_is_refused(device: Device) -> None:
    bodies: list[object] = [{}, {"uuid": 7}, {"uuid": "1"}, [], "no json"]
    for body in bodies:
        assert device.ask("POST", PATH, body).status_code == 400
    assert device.ask("GET", f"{PATH}/{uuid4()}").status_code == 404
    assert device.ask("POST", PATH, {"uuid": str(uuid4())}, token="stranger").status_code == 401
    assert device.office.hands.pushed == []
