"""`contacts gaps`."""

import asyncio
from pathlib import Path

import click

from jiaoying.commands.running import Base, command, print_json, with_base
from jiaoying.commands.table import aligned
from jiaoying.contacts.areas.store import areas_by_code
from jiaoying.contacts.gaps.model import Gap, GapKind, GapReport, Wanted, Week, week_from
from jiaoying.contacts.gaps.sheet import MOST_ROWS, gap_sheet
from jiaoying.contacts.gaps.store import each_gap, read_gaps
from jiaoying.contacts.gaps.words import gap_text, gap_word, remedy, severity_word
from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say

# More scroll away unread; --json and --to give all.
_MOST_LINES = 500


@click.command(name="gaps")
@click.option("--area", metavar="CODE", help="only inside this area, instead of the whole territory")
@click.option("--hazard", type=click.Choice([str(hazard) for hazard in Hazard]), metavar="HAZARD")
@click.option("--kind", type=click.Choice([str(kind) for kind in GapKind]), metavar="KIND")
@click.option("--json", "as_json", is_flag=True)
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="an xlsx file, to print")
@command
async def show_gaps(
    area: str | None, hazard: str | None, kind: str | None, as_json: bool, to: Path | None
) -> None:
    """Where nobody answers in the coming week, or may fail to (责任空白)."""
    if area is not None and not is_area_code(area):
        raise Refusal(say("--area: write the 12 digits of an area, such as 140521100000"))
    wanted = Wanted(None, Hazard(hazard) if hazard else None, GapKind(kind) if kind else None)

    async def work(base: Base) -> None:
        inside = area or base.settings.home_area
        week = week_from(base.clock.now(), base.settings.timezone)
        if as_json:
            await _print_lines(base, inside, week, wanted)
        if as_json and to is None:
            return
        most = _MOST_LINES if to is None else MOST_ROWS
        async with base.database.transaction(patient=True) as tx:
            known = await areas_by_code(tx, [inside])
            if inside not in known:
                raise Refusal(say("{code} is not a known area; import its code first", code=inside))
            report = await read_gaps(tx, inside, week, wanted, most=most)
        if to is None:
            _print_table(report)
        else:
            title = say("Gaps of the roster: {area}", area=known[inside].name)
            await asyncio.to_thread(to.write_bytes, await asyncio.to_thread(gap_sheet, report, title))

    await with_base(work)


async def _print_lines(base: Base, area: str, week: Week, wanted: Wanted) -> None:
    async with base.database.transaction(patient=True) as tx:
        async for gap in each_gap(tx, area, week):
            if wanted.wants(gap):
                print_json(_as_data(gap, week))


def _as_data(gap: Gap, week: Week) -> dict[str, object]:
    return {
        "kind": gap.kind,
        "severity": gap.severity.name.lower(),
        "area_code": gap.area_code,
        "area": gap.area_name,
        "township": gap.township_name or None,
        "posts": list(gap.post_kinds),
        "hazards": list(gap.hazards),
        "hours": [{"from": begin.isoformat(), "to": end.isoformat()} for begin, end in gap.hours],
        "name": gap.name or None,
        "place": gap.place_name or None,
        "last_day": gap.day.isoformat() if gap.day else None,
        "count": gap.count or None,
        "post_id": gap.post_id,
        "contact_id": gap.contact_id,
        "danger_point_id": gap.point_id,
        "desk_id": gap.desk_id,
        "text": gap_text(gap, week.timezone),
        "remedy": remedy(gap),
    }


def _print_table(report: GapReport) -> None:
    click.echo(
        say(
            "Villages: {all}; fully covered: {full}; where nobody can be called for something: {empty}",
            all=report.villages,
            full=report.fully_covered,
            empty=report.without_anybody,
        )
    )
    if not report.gaps:
        click.echo(say("No gap was found."))
        return
    headings = (say("Township"), say("Place"), say("Gap"), say("What is missing"), say("Person"))
    rows = [
        (
            gap.township_name or gap.area_name,
            gap.area_name,
            f"{severity_word(gap.severity)}: {gap_word(gap.kind)}",
            gap_text(gap, report.week.timezone),
            gap.name,
        )
        for gap in report.gaps
    ]
    for line in aligned([headings, *rows]):
        click.echo(line)
    if report.wanted > len(report.gaps):
        click.echo(
            say("and {count} more: --json or --to FILE.xlsx give all", count=report.wanted - len(report.gaps))
        )
