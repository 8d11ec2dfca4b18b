"""`duty month`: the rota of a month as the sheet that hangs at the desk."""

import os
import re
from datetime import date
from pathlib import Path

import click

from jiaoying.commands.running import Base, command, system_user, with_base
from jiaoying.contacts.privacy.reasons import note_export
from jiaoying.duty.model import Desk
from jiaoying.duty.month_loading import load_month
from jiaoying.duty.month_sheet import Filing, MonthSheet
from jiaoying.duty.month_workbook import month_workbook
from jiaoying.duty.store import all_desks
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx

_MONTH = re.compile(r"(\d{4})-(\d{1,2})")


@click.command(name="month")
@click.argument("desk")
@click.argument("month", metavar="YYYY-MM")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--unit", default="", help="who hands it in (填报单位); else the desk")
@click.option("--by", "filled_by", default="", help="who fills it in (填表人)")
@click.option("--masked", is_flag=True, help="hide the numbers; such a sheet cannot be imported again")
@command
async def duty_month(desk: str, month: str, file: Path, unit: str, filled_by: str, masked: bool) -> None:
    """The rota of a desk in a month as a sheet (xlsx) to post, that can be imported again."""
    first = first_day(month)

    async def work(base: Base) -> MonthSheet:
        today = base.clock.now().astimezone(base.settings.timezone).date()
        async with base.database.transaction() as tx:
            found = await desk_called(tx, desk)
            sheet = await load_month(
                tx,
                found,
                first,
                base.settings.timezone,
                filing=Filing(unit or found.name, filled_by, today),
                whole_numbers=not masked,
            )
            if not sheet.columns:
                raise Refusal(say("{desk} has no shifts in {month}", desk=desk, month=month))
            await note_export(
                tx,
                reason=say("the rota of {desk} in {month}, to post", desk=desk, month=month),
                actor=system_user(),
                now=base.clock.now(),
                numbers=not masked,
                counts={"shifts": sum(entry is not None for row in sheet.days for entry in row.entries)},
                area_code=found.area_code,
            )
        return sheet

    sheet = await with_base(work)
    # Names and numbers: for whoever gave the command, and nobody else of this machine.
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
        target.write(month_workbook(sheet))
    click.echo(say("{title} written to {path}", title=sheet.title, path=file), err=True)


async def desk_called(tx: Tx, name: str) -> Desk:
    """The desk of this name. Raises Refusal."""
    for desk in await all_desks(tx):
        if desk.name == name:
            return desk
    raise Refusal(say("There is no desk called {name}", name=name))


def first_day(month: str) -> date:
    """The first day of a month that is written as `2026-08`. Raises Refusal."""
    found = _MONTH.fullmatch(month)
    try:
        if found is not None:
            return date(int(found[1]), int(found[2]), 1)
    except ValueError:
        pass
    raise Refusal(say("“{text}” is no month: write it as 2026-08", text=month))
