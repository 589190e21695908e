"""The story of one matter, played on a running stage with nothing mocked, and checked at every step."""

import base64
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import func, select

from app.community import NUMBERS
from app.demo_clients import ConsoleClient, KioskClient, at_kiosk
from app.desk import kiosks
from app.desk.people import OPERATOR
from app.desk.tickets import by_number
from app.errors import JiachangError
from app.stage import Stage
from ivr.exchange.scriptfile import Steps, speech_step
from models.call import Call
from models.callback import Attempt, Callback
from models.rating import Rating
from models.station import Station
from models.ticket import Ticket, TicketEvent
from speech.voice import synthesise

T = TypeVar("T")
Say = Callable[[str], None]
_PATIENCE = 120.0  # seconds until something that should happen counts as not happening
_SPOKEN = str.maketrans("0123456789", "零幺二三四五六七八九")


class StoryBroken(JiachangError):
    """Something that the story waits for did not happen."""


@dataclass
class Story:
    """Plays acts and counts what held; `tell` prints a line."""

    stage: Stage
    tell: Say
    pace: float = 1.0
    passed: int = 0
    failed: int = 0
    broken: list[str] = field(default_factory=list)

    # -- checking -------------------------------------------------------------------------------

    def check(self, holds: bool, what: str) -> None:
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            self.broken.append(what)
        self.tell(f"    {'✓' if holds else '✗'} {what}")

    def wait_for(self, what: str, look: Callable[[], T | None], patience: float = _PATIENCE) -> T:
        """Look until it is there; raises StoryBroken."""
        deadline = time.monotonic() + patience
        while (found := look()) is None:
            if time.monotonic() > deadline:
                raise StoryBroken(f"等不到：{what}")
            self.stage.supervisor.check()
            time.sleep(0.1)
        return found

    def ticket(self, number: int) -> Ticket:
        with self.stage.runtime.db.transaction(read_only=True) as session:
            return by_number(session, number)

    def status_is(self, number: int, *wanted: str) -> Callable[[], str | None]:
        def look() -> str | None:
            status = self.ticket(number).status.value
            return status if status in wanted else None

        return look

    # -- acting ---------------------------------------------------------------------------------

    def ring(self, caller: str, steps: Steps) -> dict[str, Any]:
        """A resident dials the hotline; returns the finished call, dialogue told as it is spoken."""
        return self._follow(self.stage.exchange.call(caller, steps, pace=self.pace))

    def _follow(self, call_id: str) -> dict[str, Any]:
        told = 0

        def look() -> dict[str, Any] | None:
            nonlocal told
            call = self.stage.exchange.get_call(call_id)
            # What is being said now comes with its end, and may be sorted before a word of hers: wait for it
            lines = call["dialogue"] if call["done"] else call["dialogue"][:-1]
            for line in lines[told:]:
                who = "热线" if line["who"] == "hotline" else "居民"
                self.tell(f"  {max(0.0, line['at']):6.1f}s  {who}：{line['text']}")
            told = max(told, len(lines))
            return call if call["done"] else None

        return self.wait_for("通话结束", look, patience=600.0)

    def number_of(self, call: dict[str, Any]) -> int:
        with self.stage.runtime.db.transaction(read_only=True) as session:
            query = select(Ticket.number).join(Call, Call.ticket_id == Ticket.id)
            number = session.scalar(query.where(Call.carrier_sid == call["sid"]))
        if number is None:
            raise StoryBroken("这通电话没有立单")
        return number

    def text_to(self, phone: str, containing: str) -> str:
        def look() -> str | None:
            bodies = [m["body"] for m in self.stage.exchange.messages(phone)]
            return next((body for body in bodies if containing in body), None)

        body = self.wait_for(f"发给 {phone[-4:]} 的短信（{containing}）", look)
        self.tell(f"  短信 → 网格员：{body}")
        return body

    def reply(self, phone: str, body: str) -> str:
        self.tell(f"  短信 ← 网格员：{body}")
        answer = self.stage.exchange.text(phone, body) or ""
        self.tell(f"  短信 → 网格员：{answer}")
        return answer

    def wait_rating_call(self, phone: str, already: int) -> dict[str, Any]:
        """The call back to the resident after `already` earlier ones, once it is over."""

        def look() -> dict[str, Any] | None:
            calls = self.stage.exchange.calls_to(phone)
            return calls[already] if len(calls) > already else None

        self.tell("  （电话铃响：热线给居民回电话）")
        return self._follow(self.wait_for("回访电话", look)["id"])


def speak(text: str, **voice: Any) -> dict[str, Any]:
    """A script step: say this with a made voice."""
    return speech_step(synthesise(text, **voice), text)


def spoken_number(number: int) -> str:
    """Digit by digit, as the hotline says it."""
    return str(number).translate(_SPOKEN)


def all_said(call: dict[str, Any], who: str = "hotline") -> str:
    return "".join(line["text"] for line in call["dialogue"] if line["who"] == who)


def first_act(story: Story) -> None:
    """The light is out, it is mended, she says that it is good: closed."""
    story.tell("\n第一幕　三栋二单元的路灯不亮了")
    rings = len(story.stage.exchange.calls_to(NUMBERS.wang))
    call = story.ring(NUMBERS.wang, [speak("三栋二单元路灯不亮了"), speak("对")])
    number = story.number_of(call)
    ticket = story.ticket(number)
    said = all_said(call)
    story.check("是吗" in said and "二单元" in said, "热线复述了地点和事情，请她确认")
    story.check(said.count(spoken_number(number)) == 2, f"编号 {number} 报了两遍")
    story.check(
        (ticket.building, ticket.unit_no, ticket.category) == ("3", "2", "repairs"), "地点和类别记对了"
    )
    body = story.text_to(NUMBERS.zhao, str(number))
    story.check(f"{number}" in body, "三栋的网格员收到了派单短信")
    _answer_handset(
        story,
        [speak("是的"), speak("好了"), speak("满意"), {"press": "1"}, speak("满意"), speak("没有了，谢谢")],
    )
    accept_and_resolve(story, number, "换了灯泡")
    rating_call = story.wait_rating_call(NUMBERS.wang, rings)
    story.wait_for("办结归档", story.status_is(number, "closed"))
    story.check("真的好了吗" in all_said(rating_call), "回访先问好了没有，再问满不满意")
    rating = _rating(story, number)
    story.check(rating == (1, 1, 1, 1), "三项评价都存下来了：满意、满意、满意")
    story.check(story.ticket(number).status == "closed", f"{number} 号已经办结")


def second_act(story: Story) -> None:
    """It is said to be done and is not: reopened, back with the dispatcher, nobody is rung again about it."""
    story.tell("\n第二幕　说办好了，其实没好")
    rings = len(story.stage.exchange.calls_to(NUMBERS.wang))
    call = story.ring(NUMBERS.wang, [speak("三栋二单元电梯坏了"), {"press": "1"}])
    number = story.number_of(call)
    story.text_to(NUMBERS.zhao, str(number))
    _answer_handset(
        story, [speak("是的"), speak("没好"), {"press": "3"}, {"press": "3"}, {"press": "2"}, speak("没有了")]
    )
    accept_and_resolve(story, number, "修好了电梯")
    rating_call = story.wait_rating_call(NUMBERS.wang, rings)
    story.wait_for("重办", story.status_is(number, "reopened"))
    story.check("重新去办" in all_said(rating_call), "热线说会重新去办")
    ticket = story.ticket(number)
    story.check(ticket.cycle == 2 and ticket.assignee_id is None, "第二轮开始，回到派单员手里")
    cycles, attempts = _cycles_and_attempts(story, number)
    story.check(cycles == 1 and attempts == 1, "回访只打了一次")
    time.sleep(3)  # several rounds of the clock
    story.check(len(story.stage.exchange.calls_to(NUMBERS.wang)) == rings + 1, "重新办好之前不再打电话")


def third_act(story: Story) -> None:
    """Somebody says it at the station's touch screen, and asks for a person there."""
    story.tell("\n第三幕　驿站的自助屏：按一下，说出来")
    stage = story.stage
    kiosk_id, code = new_kiosk(stage)
    kiosk = KioskClient(f"http://127.0.0.1:{stage.ports.web}", code)
    facts = kiosk.facts
    story.check(facts["station"]["name"] == "幸福里驿站", "自助屏凭一次性编码登记上了")
    sound, wav = at_kiosk(synthesise("五栋楼下垃圾没人收"))
    heard = kiosk.hear(sound)
    story.tell(f"  自助屏听到：{heard['words']}")
    story.check(heard["sure"] and heard["place"]["building"] == "5", "当场听懂了，请她看一遍：对，就是这样")
    matter = kiosk.submission(
        "matter",
        f"{facts['kiosk']['slip_prefix']}{facts['kiosk']['last_slip'] + 1:03}",
        words=heard["words"],
        phone=NUMBERS.li,
        audio=base64.b64encode(wav).decode(),
    )
    (result,) = kiosk.send(matter)
    if result["status"] != "taken":
        raise StoryBroken(f"自助屏送来的没有收下：{result['says']}")
    number = int(result["ticket"])
    story.tell(f"  小票：编号 {number}，{result['promised_on']} 前办好")
    story.check(kiosk.send(matter) == [result], "网络不好，又送了一遍：还是同一个编号")
    ticket = story.ticket(number)
    story.check(
        (ticket.channel, ticket.building, ticket.category) == ("kiosk", "5", "environment"),
        "来自自助屏，地点和类别记对了",
    )
    story.text_to(NUMBERS.qian, str(number))
    console = ConsoleClient(f"http://127.0.0.1:{stage.ports.web}", "sun", stage.password.text)
    at = f"/staff/tickets/{number}"
    page = console.get(at)
    story.check(f"自助屏 {matter['slip']}" in page and "已派单" in page, "工作台上看得到它，已经派单")
    recording = re.search(r"/staff/recordings/\d+/open", page)
    voice = console.post(recording.group(), page=at) if recording else b""
    story.check(voice[:4] == b"RIFF", "她的录音，在工作台上听得到")
    _ask_for_a_person(story, kiosk)
    with stage.runtime.db.transaction() as session:  # visitors get one of their own
        kiosks.revoke(session, OPERATOR, kiosk_id, now=stage.runtime.now())


def _ask_for_a_person(story: Story, kiosk: KioskClient) -> None:
    picked_up = {"outcome": "answer", "delay": 1.0, "steps": [{"press": "1"}, {"silence": 5.0}]}
    story.stage.exchange.handset(NUMBERS.desk, calls=[picked_up | {"pace": story.pace}])
    story.tell("  自助屏：按“找真人帮忙”　（服务台的电话响）")
    uuid = str(uuid4())
    kiosk.post("person", {"uuid": uuid})
    told = story.wait_for(
        "有人来，或者没人",
        lambda: state if (state := kiosk.get(f"person/{uuid}")["state"]) != "ringing" else None,
    )
    story.check(told == "coming", "值班的人按了 1，屏上说：工作人员马上来")


def new_kiosk(stage: Stage) -> tuple[int, str]:
    """One more at the station, as the console or `jiachang kiosk add` would: its id, and its code for half an hour."""
    with stage.runtime.db.transaction() as session:
        station_id = session.scalars(select(Station.id)).one()
        added = kiosks.add(session, OPERATOR, station_id, now=stage.runtime.now())
        return added.kiosk.id, added.code


def accept_and_resolve(story: Story, number: int, how: str) -> None:
    story.check("接" in story.reply(NUMBERS.zhao, f"接 {number}"), "网格员接单")
    story.check(story.ticket(number).status == "in_progress", f"{number} 号办理中")
    story.check("办结" in story.reply(NUMBERS.zhao, f"办结 {number} {how}"), "网格员办结")
    story.wait_for("待回访", story.status_is(number, "resolved", "closed", "reopened"))
    story.check(story.ticket(number).resolution == how, "怎么办好的，记下来了")


def _answer_handset(story: Story, steps: Steps) -> None:
    story.stage.exchange.handset(
        NUMBERS.wang, calls=[{"outcome": "answer", "delay": 1.0, "steps": list(steps), "pace": story.pace}]
    )


def _rating(story: Story, number: int) -> tuple[int | None, ...]:
    with story.stage.runtime.db.transaction(read_only=True) as session:
        query = select(Rating).join(Ticket, Ticket.id == Rating.ticket_id).where(Ticket.number == number)
        rating = session.scalars(query).one()
        return rating.fact, rating.speed, rating.effect, rating.attitude


def _cycles_and_attempts(story: Story, number: int) -> tuple[int, int]:
    """(reopenings on record, attempts made)."""
    with story.stage.runtime.db.transaction(read_only=True) as session:
        ticket = by_number(session, number)
        reopened = select(func.count()).where(
            TicketEvent.ticket_id == ticket.id, TicketEvent.action == "reopen"
        )
        attempts = select(func.count(Attempt.id)).join(Callback).where(Callback.ticket_id == ticket.id)
        return session.scalar(reopened) or 0, session.scalar(attempts) or 0


def play(story: Story) -> None:
    """All acts; what breaks off counts as failed."""
    for act in (first_act, second_act, third_act):
        try:
            act(story)
        except (JiachangError, TimeoutError) as error:
            story.check(False, f"故事中断：{error}")
