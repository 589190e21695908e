"""The intake form and the council notes, as a browser without JavaScript sends them."""

import io
import re
from collections.abc import Callable

from PIL import Image
from sqlalchemy import select

from models.audit import AuditEntry
from models.lifecycle import Status
from models.photo import Photo
from models.ticket import Ticket
from tests.support.console import Desk
from tests.support.office import NUMBERS, Office

WORDS = "3栋路灯不亮，晚上看不见路"


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def tickets(office: Office) -> list[Ticket]:
    with office.db.transaction(read_only=True) as session:
        return list(session.scalars(select(Ticket).order_by(Ticket.id)))


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), "tan").save(out, "JPEG")
    out.seek(0)
    return out


def test_one_form_one_ticket_and_the_number_to_tell_her(office: Office, desk: Callable[[str], Desk]) -> None:
    sun = desk("sun")
    form = {
        "key": key_of(sun.get("/staff/intake").text),
        "words": WORDS,
        "channel": "desk",
        "phone": "13800001111",
    }
    places = [sun.post("/staff/intake", dict(form)).headers["Location"] for _ in range(2)]
    [ticket] = tickets(office)
    assert places == [f"/staff/intake/done/{ticket.number}"] * 2
    page = sun.get(places[0]).text
    assert f">{ticket.number}</p>" in page and "前给您答复" in page
    assert (ticket.channel, ticket.category, ticket.verified) == ("desk", "repairs", True)


def test_what_was_typed_stays_when_something_is_wrong(office: Office, desk: Callable[[str], Desk]) -> None:
    sun = desk("sun")
    answer = sun.post("/staff/intake", {"key": "a" * 32, "words": WORDS, "channel": "desk", "phone": "12"})
    assert answer.status_code == 422 and WORDS in answer.text and "电话号码" in answer.text
    assert sun.post("/staff/intake", {"words": "x", "unit_id": "dachang"}).status_code == 422
    assert tickets(office) == []


def test_suggestions_follow_the_words_until_somebody_sets_them(desk: Callable[[str], Desk]) -> None:
    zhao, htmx = desk("zhao"), {"HX-Request": "true"}
    part = _post(zhao, "/staff/intake/suggest", {"words": WORDS}, htmx)
    assert '<option value="repairs" selected>' in part and "因为" in part
    own = _post(zhao, "/staff/intake/suggest", {"words": WORDS, "category": "care", "own": "category"}, htmx)
    assert '<option value="care" selected>' in own
    danger = _post(zhao, "/staff/intake/suggest", {"words": "5栋着火了"}, htmx)
    assert "请先打 119" in danger


def _post(desk: Desk, path: str, form: dict[str, object], headers: dict[str, str]) -> str:
    token = re.search(r'name="csrf-token" content="([^"]+)"', desk.get("/staff/intake").text)
    assert token is not None
    answer = desk.client.post(
        path,
        data=form,
        base_url="https://hotline.example",
        headers={"Referer": "https://hotline.example/staff/", "X-CSRF-Token": token[1]} | headers,
    )
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_known_number_is_masked_until_asked_for(office: Office, desk: Callable[[str], Desk]) -> None:
    sun, htmx = desk("sun"), {"HX-Request": "true"}
    part = _post(sun, "/staff/intake/resident", {"phone": "13800001111"}, htmx)
    assert "王**" in part and "王阿姨" not in part and NUMBERS.wang not in part
    resident = re.search(r"/staff/intake/resident/(\d+)", part)
    assert resident is not None
    assert "王阿姨" in _post(sun, resident[0], {}, htmx)
    with office.db.transaction(read_only=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.deed == "see_resident")).one()
        assert entry.subject_id == int(resident[1])


def test_a_keeper_answers_on_the_spot_with_a_picture(office: Office, desk: Callable[[str], Desk]) -> None:
    zhao = desk("zhao")
    form: dict[str, object] = {
        "key": key_of(zhao.get("/staff/intake").text), "words": WORDS, "channel": "visit",
        "answer": "当场换了灯泡", "photos": [(picture(), "a.jpg"), (io.BytesIO(b"no picture"), "b.jpg")],
    }  # fmt: skip
    answer = zhao.post("/staff/intake", form, content_type="multipart/form-data")
    assert answer.status_code == 303
    [ticket] = tickets(office)
    assert (ticket.status, ticket.resolution) == (Status.RESOLVED, "当场换了灯泡")
    with office.db.transaction(read_only=True) as session:
        assert [photo.ticket_id for photo in session.scalars(select(Photo))] == [ticket.id]
    page = zhao.get(answer.headers["Location"]).text
    assert "照片没存下" in page and "已经当场答复" in page


def test_what_was_begun_is_there_after_the_tab_was_closed(desk: Callable[[str], Desk]) -> None:
    sun = desk("sun")
    assert sun.post("/staff/intake/draft", {"words": WORDS, "channel": "visit"}).status_code == 204
    assert WORDS in sun.get("/staff/intake").text
    assert WORDS not in desk("zhou").get("/staff/intake").text
    form: dict[str, object] = {"key": "b" * 32, "words": WORDS, "channel": "desk"}
    sun.post("/staff/intake", dict(form))
    sun.post("/staff/intake/draft", dict(form))  # was on its way when the form was handed in
    assert WORDS not in sun.get("/staff/intake").text


def test_whoever_only_looks_takes_nothing_in(office: Office, desk: Callable[[str], Desk]) -> None:
    feng = desk("feng")
    assert feng.get("/staff/intake").status_code == 403
    assert feng.post("/staff/intake", {"key": "c" * 32, "words": WORDS}).status_code == 403
    assert tickets(office) == []


NOTES = "问题清单\n1. 3栋路灯不亮（赵国强）\n2. 5栋垃圾没人清，责任人：张三，6月前\n3. 活动室太吵"


def _fields(page: str) -> dict[str, object]:
    """What a browser would send of the table."""
    fields: dict[str, object] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or "checked" in tag):
            fields[name[1]] = value[1] if value else ""
    for name, words in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', page):
        fields[name] = words
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


def test_notes_become_tickets_each_once_and_a_bad_line_names_itself(
    office: Office, desk: Callable[[str], Desk]
) -> None:
    sun = desk("sun")
    assert sun.post("/staff/intake/notes", {"notes": NOTES}).status_code == 303
    table = sun.get("/staff/intake/notes").text
    assert "写的是：张三" in table
    fields = _fields(table)
    broken = fields | {"text-2": "  "}
    half = sun.post("/staff/intake/notes/open", dict(broken))
    assert half.status_code == 422 and "第 4 行：请写下居民说的事" in half.text
    assert len(tickets(office)) == 2
    assert "第 4 行" not in sun.get("/staff/intake/notes").text  # kept, to be put right
    done = sun.post("/staff/intake/notes/open", dict(fields))
    assert done.status_code == 303
    lamp, bins, noise = tickets(office)
    assert lamp.status is Status.DISPATCHED
    assert (bins.status, noise.text) == (Status.PLANNED, "活动室太吵")
    page = sun.get(done.headers["Location"]).text
    assert all(str(ticket.number) in page for ticket in (lamp, bins, noise))
    assert "其中 2 件以前登记过" in page
    assert 'name="notes"' in sun.get("/staff/intake/notes").text


def test_a_page_without_a_matter_says_what_is_wanted(desk: Callable[[str], Desk]) -> None:
    answer = desk("sun").post("/staff/intake/notes", {"notes": "问题清单\n时间：今天"})
    assert answer.status_code == 422 and "一行写一件" in answer.text
