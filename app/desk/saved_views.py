"""Views of the queue that somebody keeps under a name of their own. Each person's are nobody else's affair."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.errors import BadInput, NotFound
from app.hygiene import clean
from models.saved_view import SavedView

MOST = 20
_NAME, _QUERY = 20, 500  # characters


def views_of(session: Session, staff_id: int) -> Sequence[SavedView]:
    return session.scalars(
        select(SavedView).where(SavedView.staff_id == staff_id).order_by(SavedView.id)
    ).all()


def save_view(
    session: Session, staff_id: int, name: str, query: str, *, opens: bool = False, now: datetime
) -> SavedView:
    """A new one, or other filters under a name that there is. `opens`: the queue begins with it. Raises BadInput."""
    name = _named(name)
    if len(query) > _QUERY:
        raise BadInput("筛选条件太多了，请去掉几个再存")
    found = session.scalar(select(SavedView).where(SavedView.staff_id == staff_id, SavedView.name == name))
    if found is None:
        count = select(func.count()).select_from(SavedView).where(SavedView.staff_id == staff_id)
        if session.scalars(count).one() >= MOST:
            raise BadInput("最多存 {most} 个，请先删掉不用的", most=MOST)
        found = SavedView(staff_id=staff_id, name=name, created_at=now, opens=False)
        session.add(found)
    found.query = query
    if opens:
        open_with(session, staff_id, None)
        found.opens = True
    session.flush()
    return found


def rename_view(session: Session, staff_id: int, view_id: int, name: str) -> str:
    """Returns the name before. Raises BadInput, NotFound."""
    view, name = view_of(session, staff_id, view_id), _named(name)
    taken = select(SavedView.id).where(SavedView.staff_id == staff_id, SavedView.name == name)
    if session.scalar(taken.where(SavedView.id != view_id)) is not None:
        raise BadInput("已经有一个叫“{name}”的，请换个名字", name=name)
    before, view.name = view.name, name
    return before


def open_with(session: Session, staff_id: int, view_id: int | None) -> None:
    """Let the queue begin with this one; None: with everything open."""
    session.execute(update(SavedView).where(SavedView.staff_id == staff_id).values(opens=False))
    if view_id is not None:
        view_of(session, staff_id, view_id).opens = True


def delete_view(session: Session, staff_id: int, view_id: int) -> SavedView:
    """Returns what was deleted: saved again, it is back."""
    view = view_of(session, staff_id, view_id)
    session.delete(view)
    return view


def view_of(session: Session, staff_id: int, view_id: int) -> SavedView:
    """NotFound for somebody else's too."""
    view = session.get(SavedView, view_id)
    if view is None or view.staff_id != staff_id:
        raise NotFound("没有这个视图")
    return view


def _named(name: str) -> str:
    name = clean(name, limit=_NAME)
    if not name:
        raise BadInput("请给它起个名字")
    return name
