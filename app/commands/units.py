"""`jiachang unit`: the tree of units, until the console has an editor for it."""

import click
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.commands.administration import open_runtime
from app.commands.naming import unit_named
from app.desk.residents import mask_phone, normalise_phone
from app.desk.units import add_unit
from app.errors import BadInput
from models.unit import Unit

KINDS = ("community", "area", "grid", "estate", "building")


@click.group()
def unit() -> None:
    """Community, areas, grids, estates and buildings."""


@unit.command("add")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="community", show_default=True)
@click.option("--parent", help="Name or id of the unit above; none for the top of the tree.")
@click.option("--label", help="How residents call it, digits in Arabic (3栋 → 3).  [default: from the name]")
@click.option("--duty", help="Duty telephone: rings when somebody presses 0, texted in danger.")
@click.option("--hotline", help="Number that residents dial; needed only where there are several.")
def unit_add(
    name: str, kind: str, parent: str | None, label: str | None, duty: str | None, hotline: str | None
) -> None:
    """Add a unit below another one."""
    runtime = open_runtime()
    region = runtime.settings.default_region
    try:
        with runtime.db.transaction() as session:
            added = add_unit(
                session,
                parent=unit_named(session, parent) if parent else None,
                kind=kind,
                name=name,
                label=label,
                duty_phone=normalise_phone(duty, region) if duty else None,
                hotline_number=normalise_phone(hotline, region) if hotline else None,
            )
            number = added.id
    except IntegrityError as error:
        raise BadInput("这个热线号码已经属于别的单位") from error
    runtime.close()
    click.echo(f"已添加 {name}（编号 {number}）")


@unit.command("list")
def unit_list() -> None:
    """The whole tree."""
    runtime = open_runtime()
    with runtime.db.transaction(read_only=True) as session:
        units = session.scalars(select(Unit).order_by(Unit.path)).all()
        for found in units:
            duty = f"  值班 {mask_phone(found.duty_phone)}" if found.duty_phone else ""
            click.echo(f"{'  ' * (found.path.count('/') - 2)}{found.id}  {found.name}{duty}")
        if not units:
            click.echo("还没有任何单位。用 jiachang unit add 添加。")
    runtime.close()
