"""Recordings and photos: heard and seen by those who may, written down, and nothing else of the disk."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.desk.photos import MOST_BYTES, expire, reencode
from app.errors import BadInput
from models.audit import AuditEntry
from models.photo import Photo
from models.recording import Recording
from tests.support.console import Desk
from tests.support.heard_call import unclear_call
from tests.support.office import Office

Open = Callable[[str], Desk]


@pytest.fixture
def office(both_offices: Office) -> Office:
    """What the ticket's page does, it does on both databases."""
    return both_offices


_ORIENTATION, _GPS = 0x0112, 0x8825


def picture(size: tuple[int, int] = (400, 200), form: str = "JPEG", *, turned: int | None = None) -> bytes:
    """A picture, red on the left; `turned`: EXIF orientation. Telephones add where it was taken."""
    image = Image.new("RGB", size, "white")
    image.paste((200, 0, 0), (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(_GPS)[1] = "N"
    if turned:
        exif[_ORIENTATION] = turned
    out = io.BytesIO()
    image.save(out, form, exif=exif)
    return out.getvalue()


def fetch(who: Desk, path: str, **options: object) -> TestResponse:
    """Read to its end and closed, as a server does it with files."""
    return who.get(path, buffered=True, **options)


def upload(who: Desk, number: int, *files: bytes) -> int:
    sent = [(io.BytesIO(data), f"{n}.jpg") for n, data in enumerate(files)]
    return who.post(f"/staff/tickets/{number}/photos", {"photos": sent}).status_code


def test_a_recording_is_heard_after_asking_and_each_asking_is_written_down(
    office: Office, desk: Open
) -> None:
    unclear_call(office)
    sun = desk("sun")
    assert sun.get("/staff/recordings/1").status_code == 404  # an address is not enough
    way = sun.post("/staff/recordings/1/open").headers["Location"]
    whole = fetch(sun, way)
    assert (whole.status_code, whole.mimetype, whole.data[:4]) == (200, "audio/wav", b"RIFF")
    part = fetch(sun, way, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, whole.data[100:200])
    with office.db.transaction(read_only=True) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.deed == "hear_recording")).all()
    assert [(entry.subject, entry.subject_id) for entry in entries] == [("recording", 1)]


def test_nobody_else_hears_it_with_the_same_address(office: Office, desk: Open) -> None:
    unclear_call(office)
    way = desk("sun").post("/staff/recordings/1/open").headers["Location"]
    assert fetch(desk("wu"), way).status_code == 404
    assert desk("qian").post("/staff/recordings/1/open").status_code == 404
    assert fetch(desk("sun"), way.replace("recordings/1", "recordings/2")).status_code == 404


def test_a_path_out_of_the_data_directory_leads_nowhere(office: Office, desk: Open, tmp_path: Path) -> None:
    unclear_call(office)
    (tmp_path / "secret.wav").write_bytes(b"RIFF secret")
    with office.db.transaction() as session:
        session.execute(update(Recording).values(path="../secret.wav"))
    sun = desk("sun")
    way = sun.post("/staff/recordings/1/open").headers["Location"]
    assert fetch(sun, way).status_code == 404
    assert sun.get("/staff/tickets/1001").status_code == 200


def test_photos_lose_what_the_telephone_wrote_and_stand_upright(office: Office, desk: Open) -> None:
    office.open_one()
    sun = desk("sun")
    assert upload(sun, 1001, picture(turned=6), picture(form="PNG")) == 303
    answer = fetch(sun, "/staff/photos/1")
    image = Image.open(io.BytesIO(answer.data))
    assert image.format == "JPEG"
    assert image.size == (200, 400)  # turned upright: what was left is above
    assert not image.getexif()
    assert b"PhoneMaker" not in answer.data
    top, bottom = image.getpixel((100, 20)), image.getpixel((100, 380))
    assert isinstance(top, tuple) and isinstance(bottom, tuple)
    assert top[1] < 60 < 200 < bottom[1]
    small = Image.open(io.BytesIO(fetch(sun, "/staff/photos/2/small").data))
    assert max(small.size) == 360
    assert "/staff/photos/2/small" in sun.get("/staff/tickets/1001").text
    assert fetch(desk("qian"), "/staff/photos/1").status_code == 404
    assert upload(desk("qian"), 1001, picture()) == 404
    assert upload(desk("feng"), 1001, picture()) == 403


def test_what_is_no_photo_is_refused_in_words(office: Office, desk: Open) -> None:
    office.open_one()
    sun = desk("sun")
    for data in (b"", b"not a picture", picture()[:200], b"GIF89a" + bytes(50)):
        assert upload(sun, 1001, data) == 422
    assert upload(sun, 1001) == 422
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Photo)).all() == []


def test_bombs_are_not_unpacked() -> None:
    out = io.BytesIO()
    Image.new("1", (7000, 7000)).save(out, "PNG")
    assert len(out.getvalue()) < 20_000
    with pytest.raises(BadInput, match="像素"):
        reencode(out.getvalue())
    with pytest.raises(BadInput, match="太大"):
        reencode(bytes(MOST_BYTES + 1))


def test_a_large_picture_from_a_telephone_is_taken_but_not_from_outside(office: Office, desk: Open) -> None:
    office.open_one()
    out = io.BytesIO()
    Image.effect_noise((750, 550), 90).convert("RGB").save(out, "JPEG", quality=95)
    assert len(out.getvalue()) > 256 * 1024  # what other pages take
    assert upload(desk("sun"), 1001, out.getvalue()) == 303
    stranger = Desk(office)
    sent = {"photos": (io.BytesIO(out.getvalue()), "a.jpg")}
    answer = stranger.client.post("/staff/tickets/1001/photos", data=sent, base_url="https://hotline.example")
    assert answer.status_code == 413


def test_a_deleted_photo_is_brought_back_within_a_day_and_gone_after(office: Office, desk: Open) -> None:
    office.open_one()
    sun, wu = desk("sun"), desk("wu")
    upload(sun, 1001, picture())
    assert desk("zhou").post("/staff/photos/1/delete").status_code == 403
    assert wu.post("/staff/photos/1/delete").status_code == 303
    assert fetch(sun, "/staff/photos/1").status_code == 404
    assert sun.post("/staff/photos/1/restore").status_code == 303
    assert fetch(sun, "/staff/photos/1").status_code == 200
    sun.post("/staff/photos/1/delete")
    data_dir = office.runtime.settings.data_dir
    assert len(list(data_dir.glob("photos/*/*.jpg"))) == 2
    later = office.pass_time(hours=25)
    with office.db.transaction() as session:
        assert expire(session, data_dir, now=later) == 1
    assert list(data_dir.glob("photos/*/*.jpg")) == []
