"""The touch screens of stations: a new one with its code, taking one out of use, and those that have fallen silent."""

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.console.access import CHARGE, DESK, page, who
from app.console.rendering import render, texts
from app.desk import kiosks as service
from app.desk import stations
from app.desk.rights import Actor
from app.runtime import Runtime
from models.kiosk import Kiosk
from models.station import Station


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/stations/<int:station_id>/kiosks", allow=CHARGE, methods=("POST",))
    def kiosk_add(station_id: int) -> ResponseReturnValue:
        """The code is shown on this page, once; it is kept nowhere."""
        with runtime.db.transaction() as session:
            added = service.add(session, who().actor, station_id, now=runtime.now())
        return render("stations/code.html", added=added, address=_address(runtime))

    @page(blueprint, "/kiosks/<int:kiosk_id>/revoke", allow=CHARGE, methods=("POST",))
    def kiosk_revoke(kiosk_id: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            kiosk = service.revoke(session, who().actor, kiosk_id, now=runtime.now())
        said = texts(runtime)("自助屏 {prefix} 停用了，它现在什么也送不进来。")
        flash(said.format(prefix=kiosk.slip_prefix), "good")
        return redirect("/staff/stations", 303)

    @page(blueprint, "/kiosks/silent", allow=DESK)
    def kiosks_silent() -> ResponseReturnValue:
        with runtime.db.transaction(read_only=True) as session:
            silent = silent_kiosks(session, runtime, who().actor)
        return render("stations/silent.html", silent=silent)


def silent_kiosks(session: Session, runtime: Runtime, actor: Actor) -> list[tuple[Kiosk, Station]]:
    """Those of the actor's stations that ought to be on: at night a station may switch everything off."""
    now = runtime.now()
    quiet = service.unheard(session, actor.unit_path or "-", now=now)
    return [one for one in quiet if one[1].active and stations.is_open(runtime.desk, one[1], now)]


def _address(runtime: Runtime) -> str:
    return f"{runtime.settings.public_url.rstrip('/')}/kiosk/"
