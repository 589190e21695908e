"""A small fictional community for demo and tests. Names and numbers belong to nobody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.desk.catalogue import seed_categories
from app.desk.passwords import Fresh
from app.desk.units import add_unit
from models.activity import Activity
from models.resident import Resident, ResidentPhone
from models.routing_rule import RoutingRule
from models.service_item import ServiceItem
from models.staff import AssigneeKind, Role, Staff
from models.station import Station
from models.unit import Unit


@dataclass(frozen=True)
class Numbers:
    """Who has which telephone in the fictional community, E.164."""

    wang: str = "+8613800001111"  # 王阿姨, 74, lives alone in 3栋
    li: str = "+8613800001112"  # 老李, 68, 5栋
    landline: str = "+861065520001"  # 陈奶奶, landline only, prefers a person
    stranger: str = "+8613800001999"  # nobody we know
    zhao: str = "+8613800002001"  # keeper of the first grid
    qian: str = "+8613800002002"  # keeper of the second grid
    property: str = "+8613800003001"  # 惠民物业
    sun: str = "+8613800004001"  # dispatcher at the service desk
    volunteer: str = "+8613800005001"  # 何晓春, volunteer of the first grid
    duty: str = "+8613800009001"  # duty telephone of the first grid
    desk: str = "+8613800009000"  # duty telephone of the community: rings when somebody presses 0


NUMBERS = Numbers()
PEOPLE: tuple[tuple[str, str, str, Literal["resident", "staff"]], ...] = (
    (NUMBERS.wang, "王阿姨", "3栋", "resident"),
    (NUMBERS.li, "李叔叔", "5栋", "resident"),
    (NUMBERS.landline, "陈奶奶", "1栋，座机", "resident"),
    (NUMBERS.stranger, "陌生人", "没有登记", "resident"),
    (NUMBERS.zhao, "赵国强", "第一网格的网格员", "staff"),
    (NUMBERS.qian, "钱小梅", "第二网格的网格员", "staff"),
    (NUMBERS.volunteer, "何晓春", "第一网格的志愿者", "staff"),
    (NUMBERS.property, "惠民物业", "大修归他们", "staff"),
    (NUMBERS.sun, "孙丽", "服务台派单员", "staff"),
    (NUMBERS.duty, "网格值班", "第一网格的值班电话", "staff"),
    (NUMBERS.desk, "服务台", "按 0 找人时响", "staff"),
)
"""Whose telephone the pages of the local exchange offer: number, name, a few words, role."""
LOGINS = (
    ("sun", "派单员孙丽，服务台"),
    ("zhao", "网格员赵国强，第一网格"),
    ("zhou", "回访员周明"),
    ("wu", "负责人吴书记"),
    ("zheng", "管理员郑工"),
    ("feng", "冯老师，只看"),
)
"""Whom visitors of the demo can be at the console."""
BUILDINGS = {"第一网格": ("1", "2", "3"), "第二网格": ("4", "5", "6")}

ITEMS: dict[str, tuple[tuple[str, str], ...]] = {
    "repairs": (
        ("楼道灯不亮", "lightbulb-off"), ("水管漏水", "droplets"), ("马桶堵了", "toilet"),
        ("电梯坏了", "move-vertical"), ("单元门坏了", "door-closed"), ("暖气不热", "heater"),
    ),
    "livelihood": (
        ("办老年卡", "id-card"), ("社保认证", "badge-check"), ("医保报销", "hospital"),
        ("养老金的事", "credit-card"), ("办居住证", "house"),
    ),
    "environment": (
        ("垃圾没人清", "trash-2"), ("楼道堆杂物", "boxes"), ("墙上小广告", "sticky-note"),
        ("树枝挡路", "tree-deciduous"), ("污水横流", "waves"), ("有老鼠", "rat"),
    ),
    "mediation": (
        ("楼上太吵", "volume-2"), ("邻居吵架", "users"), ("车位被占", "square-parking"),
        ("广场舞太吵", "music"), ("油烟太大", "flame"), ("装修太吵", "hammer"),
    ),
    "care": (
        ("想有人来看看我", "heart-handshake"), ("陪我去医院", "stethoscope"), ("帮忙取药", "pill"),
        ("上门理发", "scissors"), ("想请人买菜", "shopping-basket"), ("借轮椅", "accessibility"),
    ),
    "culture": (
        ("想参加活动", "calendar-days"), ("合唱队", "mic-vocal"), ("书法班", "brush"),
        ("想学手机", "smartphone"), ("想看书", "book-open"), ("下棋", "swords"),
    ),
}  # fmt: skip
"""What residents ask for most, with pictures (icons of the sprites): tiles of the kiosk, by category."""


def seed_community(session: Session, *, hotline_number: str, now: datetime) -> None:
    """Fill an empty database; does nothing where there are units already."""
    if session.scalars(select(Unit.id).limit(1)).first() is not None:
        return
    seed_categories(session)
    community = add_unit(
        session,
        parent=None,
        kind="community",
        name="幸福里社区",
        label="幸福里",
        duty_phone=NUMBERS.desk,
        hotline_number=hotline_number,
    )
    for grid_name, labels in BUILDINGS.items():
        first = grid_name == "第一网格"
        grid = add_unit(
            session, parent=community, kind="grid", name=grid_name, duty_phone=NUMBERS.duty if first else None
        )
        estate = add_unit(
            session,
            parent=grid,
            kind="estate",
            name="幸福小区" if first else "阳光花园",
            label="幸福" if first else "阳光",
        )
        for label in labels:
            add_unit(session, parent=estate, kind="building", name=f"{label}栋")
    grid_1 = session.scalars(select(Unit).where(Unit.name == "第一网格")).one()
    grid_2 = session.scalars(select(Unit).where(Unit.name == "第二网格")).one()
    _staff(session, "zhao", "赵国强", NUMBERS.zhao, Role.KEEPER, AssigneeKind.KEEPER, grid_1)
    _staff(session, "qian", "钱小梅", NUMBERS.qian, Role.KEEPER, AssigneeKind.KEEPER, grid_2)
    _staff(session, "wuye", "惠民物业", NUMBERS.property, Role.KEEPER, AssigneeKind.PROPERTY, community)
    _staff(session, "sun", "孙丽", NUMBERS.sun, Role.DISPATCHER, AssigneeKind.KEEPER, community)
    _staff(session, "zhou", "周明", None, Role.CALLBACK_WORKER, AssigneeKind.KEEPER, community)
    _staff(session, "wu", "吴书记", None, Role.SUPERVISOR, AssigneeKind.KEEPER, community)
    _staff(session, "zheng", "郑工", None, Role.ADMINISTRATOR, AssigneeKind.KEEPER, community)
    _staff(session, "feng", "冯老师", None, Role.VIEWER, AssigneeKind.KEEPER, community)
    _staff(session, "he", "何晓春", NUMBERS.volunteer, Role.KEEPER, AssigneeKind.VOLUNTEER, grid_1)
    _rules(session)
    building = {u.label: u for u in session.scalars(select(Unit).where(Unit.kind == "building"))}
    _resident(session, "王阿姨", NUMBERS.wang, building["3"], now, lives_alone=True)
    _resident(session, "李叔叔", NUMBERS.li, building["5"], now)
    _resident(
        session,
        "陈奶奶",
        NUMBERS.landline,
        building["1"],
        now,
        can_text=False,
        prefers_person=True,
        lives_alone=True,
    )
    wednesday = now + timedelta(days=(2 - now.weekday()) % 7 or 7)
    session.add(
        Activity(
            unit_id=community.id,
            theme="周三话家常",
            place="3栋楼前小花园",
            starts_at=wednesday.replace(hour=7, minute=0, second=0, microsecond=0),  # 15:00 in Shanghai
            weekly=True,
            created_at=now,
        )
    )
    session.flush()


def furnish_station(session: Session, *, now: datetime) -> Station:
    """The community's station, ready for a kiosk: 21.5 inches, a printer of 80 mm; and what its tiles offer."""
    for category, offered in ITEMS.items():
        for position, (name, picture) in enumerate(offered, start=1):
            session.add(ServiceItem(category=category, name=name, picture=picture, position=position))
    station = Station(
        unit_id=session.scalars(select(Unit.id).where(Unit.kind == "community")).one(),
        name="幸福里驿站",
        letter="A",
        address="3栋楼下，菜市场对面",
        hours="08:00-21:00",
        printer_mm=80,
        created_at=now,
    )
    session.add(station)
    session.flush()
    return station


def let_everybody_in(session: Session, password: Fresh) -> None:
    """Into the console, all with the same password: for the demo."""
    everybody = update(Staff).values(password_hash=password.kept, must_change_password=False)
    session.execute(everybody)


def _staff(
    session: Session, login: str, name: str, phone: str | None, role: Role, kind: AssigneeKind, unit: Unit
) -> None:
    session.add(
        Staff(login=login, name=name, phone=phone, phone_index=phone, role=role, kind=kind, unit_id=unit.id)
    )


def _resident(
    session: Session,
    name: str,
    phone: str,
    unit: Unit,
    now: datetime,
    *,
    can_text: bool = True,
    prefers_person: bool = False,
    lives_alone: bool = False,
) -> None:
    resident = Resident(
        name=name, unit_id=unit.id, prefers_person=prefers_person, lives_alone=lives_alone, created_at=now
    )
    session.add(resident)
    session.flush()
    session.add(ResidentPhone(resident_id=resident.id, phone=phone, phone_index=phone, can_text=can_text))


def _rules(session: Session) -> None:
    """Urgent things to whoever is nearest, simple ones to the keeper; what is left waits for the dispatcher."""
    keeper, company = AssigneeKind.KEEPER, AssigneeKind.PROPERTY
    table: tuple[tuple[str, dict[str, object], AssigneeKind], ...] = (
        ("紧急的事找最近的网格员", {"urgent": True}, keeper),
        ("大修交给物业", {"category": "repairs", "tier": "complex"}, company),
        ("小修找楼栋网格员", {"category": "repairs"}, keeper),
        ("环境整治找网格员", {"category": "environment"}, keeper),
        ("民生服务找网格员", {"category": "livelihood"}, keeper),
        ("关怀老人找网格员", {"category": "care"}, keeper),
    )
    for position, (name, conditions, kind) in enumerate(table, start=1):
        session.add(RoutingRule(position=position, name=name, assignee_kind=kind, **conditions))
