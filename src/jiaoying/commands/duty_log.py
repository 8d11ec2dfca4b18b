"""`duty log`: the duty log of a day or a month as a sheet."""

import os
from datetime import date
from pathlib import Path

import click

from jiaoying.commands.duty_month import desk_called, first_day
from jiaoying.commands.running import Base, command, system_user, with_base
from jiaoying.duty.actions import Doer
from jiaoying.duty.log_loading import WRITERS, load_day_paper, load_month_paper, written_as
from jiaoying.duty.log_paper import LogPaper
from jiaoying.duty.month_sheet import Filing
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say


@click.command(name="log")
@click.option("--desk", required=True, help="the desk by its name")
@click.option("--day", help="one day, as 2026-08-07")
@click.option("--month", help="one month, as 2026-08")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help=".xlsx or .docx"
)
@click.option("--unit", default="", help="who hands it in (填报单位); else the desk")
@click.option("--by", "filled_by", default="", help="who fills it in (填表人)")
@click.option("--masked", is_flag=True, help="hide the telephone numbers")
@command
async def duty_log(
    desk: str, day: str | None, month: str | None, output: Path, unit: str, filled_by: str, masked: bool
) -> None:
    """The duty log of a day, or of a month day by day, as a sheet to sign (Excel or Word)."""
    ending = output.suffix.lower().removeprefix(".")
    if ending not in WRITERS:
        raise Refusal(say("“{name}” must end with .xlsx or .docx", name=output.name))
    if (day is None) == (month is None):
        raise Refusal(say("Name either a day or a month: --day 2026-08-07, or --month 2026-08"))

    async def work(base: Base) -> LogPaper:
        doer = Doer(system_user(), "", base.clock.now(), base.settings.timezone)
        today = doer.now.astimezone(doer.zone).date()
        async with base.database.transaction() as tx:
            found = await desk_called(tx, desk)
            filing = Filing(unit or found.name, filled_by, today)
            if day is not None:
                wanted = _past(_day(day), today)
                return await load_day_paper(tx, found, wanted, filing, doer, whole_numbers=not masked)
            return await load_month_paper(tx, found, _past(first_day(month or ""), today), filing, doer)

    paper = await with_base(work)
    # Names, numbers and what was said: for whoever gave the command, and nobody else of this machine.
    with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
        target.write(await written_as(paper, ending))
    click.echo(say("{title} written to {path}", title=paper.title, path=output), err=True)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(say("“{text}” is no day: write it as 2026-08-07", text=text)) from None


def _past(day: date, today: date) -> date:
    if day > today:
        raise Refusal(say("{day} lies ahead: there is no log of it yet", day=day))
    return day
