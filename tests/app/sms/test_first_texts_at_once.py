"""Somebody unknown writes for the first time, and the network brings it twice at the same moment: one matter."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from app.factory import create_app
from models.message import Message
from models.resident import ResidentPhone
from tests.support.office import NUMBERS, TOKEN, Office
from tests.support.texting import tickets

PATH = "/sms/incoming"


@pytest.mark.parametrize("same_sid", [True, False])
@pytest.mark.parametrize("text", ["楼道灯坏了", "麻将馆那边你们去看哈子嘛"])
def test_the_first_text_twice_at_once_is_one_ticket(office: Office, text: str, *, same_sid: bool) -> None:
    client = create_app(office.runtime).test_client
    copies = 3
    start = threading.Barrier(copies)

    def bring(n: int) -> tuple[int, str]:
        sid = "SM" + f"{0 if same_sid else n:032x}"
        form = {"MessageSid": sid, "From": NUMBERS.stranger, "To": office.runtime.settings.hotline_number}
        form |= {"Body": text, "NumMedia": "0"}
        signature = RequestValidator(TOKEN).compute_signature(office.runtime.settings.public_url + PATH, form)
        start.wait(timeout=30)
        answer = client().post(PATH, data=form, headers={"X-Twilio-Signature": signature})
        return answer.status_code, answer.text

    with ThreadPoolExecutor(copies) as pool:
        answers = list(pool.map(bring, range(copies)))
    assert {code for code, _ in answers} == {200}
    (ticket,) = tickets(office)
    assert all(str(ticket.number) in said for _, said in answers)
    with office.db.transaction(read_only=True) as session:
        assert session.scalar(select(func.count(Message.id)).where(Message.direction == "inbound")) == (
            1 if same_sid else copies
        )
        known = select(func.count(ResidentPhone.id)).where(ResidentPhone.phone_index == NUMBERS.stranger)
        assert session.scalar(known) == 1
