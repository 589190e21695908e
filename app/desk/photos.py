"""Photos of a matter: checked, re-encoded and stored before a row says that they are there.

What a telephone takes holds where and when and with what it was taken; of that nothing is kept but the picture.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.desk.durable import write_durably
from app.desk.rights import Actor, capacities
from app.desk.seeing import check_part, find_ticket
from app.desk.tickets import note, view_of
from app.errors import BadInput, NotAllowed, NotFound
from models.lifecycle import Who
from models.photo import Photo
from models.ticket import Ticket

MOST_BYTES = 15 * 1024 * 1024
"""Of one picture, as it comes from a telephone."""
MOST_A_TICKET = 30
UNDO = timedelta(hours=24)
"""As long as a deleted one can be brought back."""
_FORMATS = ("JPEG", "PNG", "WEBP")
_MOST_PIXELS = {"JPEG": 89_000_000}  # decoded small; beyond it Pillow itself warns of bombs
_PIXELS = 25_000_000  # of formats that are decoded whole: 75 MB in memory
_SIDE, _THUMB = 2048, 360  # pixels of the longer side


@dataclass(frozen=True, slots=True)
class Pictures:
    """JPEG files of the whole picture and of its small one; size in pixels."""

    whole: bytes
    small: bytes
    width: int
    height: int


def reencode(data: bytes) -> Pictures:
    """The right way up, at most 2048 pixels long, without EXIF. Raises BadInput in words for whoever sent it."""
    if len(data) > MOST_BYTES:
        raise BadInput("照片太大了，最多 {most} MB，请拍小一点再传", most=MOST_BYTES // 1024 // 1024)
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            pixels = image.width * image.height
            if pixels > _MOST_PIXELS.get(image.format or "", _PIXELS):
                raise BadInput("照片的像素太多了，请把手机的照片尺寸调小一点再拍")
            image.draft("RGB", (_SIDE, _SIDE))  # JPEG: decoded small, whatever its size
            whole = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadInput("这不是照片，或者没有传完整。请传 JPG、PNG 或 WebP 的照片") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadInput("照片的像素太多了，请把手机的照片尺寸调小一点再拍") from error
    whole.thumbnail((_SIDE, _SIDE))
    small = whole.copy()
    small.thumbnail((_THUMB, _THUMB))
    return Pictures(_jpeg(whole, 85), _jpeg(small, 80), whole.width, whole.height)


def add_photo(
    session: Session, data_dir: Path, ticket: Ticket, actor: Actor, data: bytes | Pictures, now: datetime
) -> Photo:
    """One more picture of this matter, as it came or re-encoded already. Raises NotAllowed, BadInput, OSError if the disk is full."""
    check_part(session, actor, ticket, view_of(session, ticket))
    if actor.id is None:
        raise NotAllowed("请先登录")
    query = select(func.count(Photo.id)).where(Photo.ticket_id == ticket.id, Photo.deleted_at.is_(None))
    if session.scalars(query).one() >= MOST_A_TICKET:
        raise BadInput(
            "{number} 号已经有 {most} 张照片，请先删掉用不着的", number=ticket.number, most=MOST_A_TICKET
        )
    pictures = reencode(data) if isinstance(data, bytes) else data
    name = f"photos/{now:%Y-%m}/{uuid4().hex}"
    for path, content in ((f"{name}.jpg", pictures.whole), (f"{name}-small.jpg", pictures.small)):
        write_durably(data_dir / path, content)
    photo = Photo(
        ticket_id=ticket.id,
        path=f"{name}.jpg",
        thumb_path=f"{name}-small.jpg",
        width=pictures.width,
        height=pictures.height,
        added_by=actor.id,
        created_at=now,
    )
    session.add(photo)
    session.flush()
    note(session, ticket, "photo", actor, now=now, data={"photo": photo.id})
    return photo


def find_photo(session: Session, actor: Actor, id_: int) -> tuple[Photo, Ticket]:
    """NotFound for a photo of a ticket that is none of theirs."""
    photo = session.get(Photo, id_)
    ticket = session.get_one(Ticket, photo.ticket_id) if photo else None
    if photo is None or ticket is None:
        raise NotFound("没有这张照片")
    find_ticket(session, actor, ticket.number)
    return photo, ticket


def delete_photo(session: Session, actor: Actor, id_: int, *, now: datetime) -> Ticket:
    """By whoever added it, or the desk; it can be brought back for a day. Raises NotFound, NotAllowed."""
    photo, ticket = find_photo(session, actor, id_)
    _check_own(session, actor, photo, ticket)
    if photo.deleted_at is None:
        photo.deleted_at = now
        note(session, ticket, "photo_gone", actor, now=now, data={"photo": photo.id})
    return ticket


def restore_photo(session: Session, actor: Actor, id_: int, *, now: datetime) -> Ticket:
    """Raises NotFound (also once a day is over), NotAllowed."""
    photo, ticket = find_photo(session, actor, id_)
    _check_own(session, actor, photo, ticket)
    if photo.deleted_at is not None and photo.deleted_at < now - UNDO:
        raise NotFound("照片删了一天多，找不回来了")
    if photo.deleted_at is not None:
        photo.deleted_at = None
        note(session, ticket, "photo_back", actor, now=now, data={"photo": photo.id})
    return ticket


def expire(session: Session, data_dir: Path, *, now: datetime) -> int:
    """Deletes the files and rows of what was deleted a day ago; how many."""
    gone = session.scalars(select(Photo).where(Photo.deleted_at < now - UNDO).limit(200)).all()
    for photo in gone:
        for path in (photo.path, photo.thumb_path):
            (data_dir / path).unlink(missing_ok=True)
        session.delete(photo)
    return len(gone)


def _check_own(session: Session, actor: Actor, photo: Photo, ticket: Ticket) -> None:
    desk = Who.DISPATCHER in capacities(actor, view_of(session, ticket))
    if actor.role is None or (actor.id != photo.added_by and not desk):
        raise NotAllowed("只有传照片的人和派单员能删照片")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, exif=b"")
    return out.getvalue()
