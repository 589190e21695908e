"""Any text whatever, from any kind of sender: at most one reply, never an error, and what was written is stored."""

from collections.abc import Iterator
from itertools import count
from urllib.parse import quote_plus
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from app.factory import create_app
from app.hygiene import clean
from models.message import Message
from tests.support.office import NUMBERS, TOKEN, Office, open_office

PATH = "/sms/incoming"
LONGEST = 1600  # characters that are kept of one text
ECHO = object()  # our own last words to this sender, sent back
SENDERS = {
    "resident": NUMBERS.wang,
    "keeper": NUMBERS.zhao,
    "property": NUMBERS.property,
    "dispatcher": NUMBERS.sun,
    "landline": NUMBERS.landline,
    "foreign": "+14155550100",
    "premium": "+8616812345678",
    "short code": "10086",
    "withheld": "anonymous",
    "no number": "",
    "no telephone": "𝟙𝟚𝟛 '; DROP TABLE messages; --",
}
HOSTILE = (
    *("", " ", "。", "？", "?!", "……", "【】", "【家常热线】", "🌹", "👨‍👩‍👧‍👦" * 40, "0", "00000", "9" * 400, "1" * 10_000),
    *("啊" * 10_000, "报修" * 5_000, "1024 " * 300, "\u202e栋3修报\u202c", "مرحبا المصباح لا يعمل", "报\u200b修\u200d3\ufeff栋"),
    *("\x00", "报修\x00\x07\x1b[31m3栋", "a\ud800b", "\udfff", "\r\n\r\n", "\u2028查\u2029", "Z̸̡͘a̵͝l̷̛g̶o" * 60, "\U000e0001\U0010ffff"),
    *("'; DROP TABLE tickets; --", "1 OR 1=1", "</Message></Response><Response><Message>hi", "<Say>你好</Say>", "<![CDATA[x]]>"),
    *("&amp;&#0;", "%s%n%d", "{number}", "{0.__class__}", "\\", "../../etc/passwd", "javascript:alert(1)", "http://t.cn/A6 " * 50),
    *("评", "评1024", "评 1024 9 9 9", "1 1 1 1 1", "-1", "1.5", "１０２４", "查" + "9" * 30, "查一千零二十四万亿", "办结", "办结 99999"),
    *("延 1024 等 -3天", "延 1024 等 99999999天", "延 1024 13月45号", "接 接 接", "领 0", "报", "单单单", "退", "到", "T", "TD", "恢复"),
)  # fmt: skip
COMMANDS = ("报修", "bx", "查", "评", "满意", "没修好", "重办", "人工", "活动", "管家", "帮助", "退订", "接", "退", "到", "办结", "延", "单", "报", "领")  # fmt: skip

anything = st.text(st.characters(exclude_categories=()), max_size=80)
command = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(COMMANDS),
    st.sampled_from(("", " ", "　", "：", "\n")),
    st.integers(0, 12_000),
    st.sampled_from(("", " ", "，"))
    | anything
    | st.sampled_from(("满意", "3栋2单元", "等配件 3天", "换了灯泡")),
)
texts = st.sampled_from(HOSTILE) | anything | command | st.just(ECHO)
steps = st.tuples(st.sampled_from((*SENDERS, "stranger")), texts, st.integers(0, 4 * 86_400))


class Door:
    """The real web application, and what it has stored."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._client: FlaskClient = create_app(office.runtime).test_client()
        self._sids = count(1)
        self._last: dict[str, str] = {}

    def send(self, phone: str, text: object) -> None:
        """Fails if anything but what must happen does."""
        body = self._last.get(phone, "") if text is ECHO else str(text)
        sent = body.encode("utf-8", "surrogatepass")
        read = sent.decode("utf-8", "werkzeug.url_quote")  # what is no UTF-8 reaches us as %ED%A0%80
        sid = f"SM{next(self._sids):032d}"
        form = {"MessageSid": sid, "From": phone, "To": "+864001234567", "Body": read, "NumMedia": "0"}
        url = self.office.runtime.settings.public_url + PATH
        answer = self._client.post(
            PATH,
            data="&".join(f"{k}={quote_plus(sent if k == 'Body' else v)}" for k, v in form.items()),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form)},
        )
        assert answer.status_code == 200, answer.text
        replies = ElementTree.fromstring(answer.text)
        assert replies.tag == "Response"
        assert [reply.tag for reply in replies] in ([], ["Message"])
        if len(replies):
            self._last[phone] = replies[0].text or ""
            assert self._last[phone].startswith("【家常热线】")
        with self.office.db.transaction(read_only=True) as session:
            stored = session.scalars(select(Message.body).where(Message.carrier_sid == sid)).all()
        assert stored == [clean(read, limit=LONGEST)]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    directory = tmp_path_factory.mktemp("any-text")
    with open_office(f"sqlite:///{directory / 'texts.db'}", directory / "data") as office:
        yield Door(office)


_strangers = count(13_700_000_000)


@pytest.mark.parametrize("sender", ["resident", "stranger", "keeper", "landline", "foreign", "withheld"])
def test_hostile_texts_are_stored_and_answered_once_at_most(door: Door, sender: str) -> None:
    phone = SENDERS.get(sender, f"+86{next(_strangers)}")
    for text in (*HOSTILE, ECHO):
        door.office.pass_time(minutes=2)
        door.send(phone, text)


@settings(max_examples=50, deadline=None)
@given(st.lists(steps, min_size=1, max_size=4))
@example([("stranger", "报修", 0), ("stranger", "\ud800", 5), ("stranger", ECHO, 5)])
@example([("keeper", "办结 1001", 0), ("keeper", "延 1001 \x00|3天", 0), ("resident", "1", 0)])
def test_any_conversation_is_stored_and_answered_once_at_most(
    door: Door, said: list[tuple[str, object, int]]
) -> None:
    newcomer = f"+86{next(_strangers)}"
    for sender, text, seconds in said:
        door.office.pass_time(seconds=seconds)
        door.send(SENDERS.get(sender, newcomer), text)
