"""`ladders import`, `export`, `check`, `versions`, and with them the dry run and the replay."""

import sys
from datetime import date
from pathlib import Path

import click

from jiaoying.commands.ladder_runs import dry_run_file, replay_warning
from jiaoying.commands.running import Base, command, print_json, system_user, with_base
from jiaoying.commands.table import aligned
from jiaoying.dispatch.ladders.book import (
    READY_MADE,
    Checked,
    Version,
    check_text,
    newest_version,
    save_book,
    text_of,
    versions,
)
from jiaoying.dispatch.ladders.findings import Severity, errors_of
from jiaoying.kernel.language import say

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def ladders() -> None:
    """Ladders (叫应预案)."""


ladders.add_command(dry_run_file)
ladders.add_command(replay_warning)


@ladders.command(name="import")
@_FILE
@click.option("--note", default="", metavar="TEXT", help="what changed and why, kept with the version")
@command
async def import_ladders(file: Path, note: str) -> None:
    """Put the ladders of a YAML file in force; running call-outs keep those they were frozen with."""
    text = file.read_text(encoding="utf-8")

    async def work(base: Base) -> tuple[int, Checked]:
        async with base.database.transaction() as tx:
            checked = await check_text(tx, text, _today(base))
            now = base.clock.now()
            version = await save_book(tx, text, by=system_user(), now=now, on=_today(base), note=note)
            return version, checked

    version, checked = await with_base(work)
    _print_findings(checked)
    click.echo(say("Ladders, version {version}, are in force", version=version))


@ladders.command(name="check")
@_FILE
@click.option("--json", "as_json", is_flag=True)
@command
async def check_ladders(file: Path, as_json: bool) -> None:
    """Look a ladder file over on the roster of today, and change nothing. Errors leave with 1."""
    text = file.read_text(encoding="utf-8")

    async def work(base: Base) -> Checked:
        async with base.database.transaction() as tx:
            return await check_text(tx, text, _today(base))

    checked = await with_base(work)
    if as_json:
        print_json(
            [
                {"severity": one.severity, "field": one.field, "text": checked.told(one)}
                for one in checked.findings
            ]
        )
    else:
        _print_findings(checked)
        if not checked.findings:
            click.echo(say("Nothing was found against these ladders"))
    if errors_of(checked.findings):
        sys.exit(1)


def _today(base: Base) -> date:
    return base.clock.now().astimezone(base.settings.timezone).date()


def _print_findings(checked: Checked) -> None:
    for one in checked.findings:
        kind = say("error") if one.severity is Severity.ERROR else say("warning")
        click.echo(f"{kind}: {one.field}: {checked.told(one)}", err=True)


@ladders.command(name="export")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--version", type=click.IntRange(min=READY_MADE), help="an earlier one; 0 is the ready-made")
@command
async def export_ladders(file: Path | None, version: int | None) -> None:
    """The ladders in force, as YAML."""

    async def work(base: Base) -> str:
        async with base.database.transaction() as tx:
            return await text_of(tx, await newest_version(tx) if version is None else version)

    text = await with_base(work)
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8")


@ladders.command(name="versions")
@click.option("--json", "as_json", is_flag=True)
@command
async def list_versions(as_json: bool) -> None:
    """The versions that were saved: when, by whom, with what note."""

    async def work(base: Base) -> tuple[list[Version], list[str]]:
        async with base.database.transaction() as tx:
            found = list(await versions(tx))
        zone = base.settings.timezone
        return found, [f"{one.created_at.astimezone(zone):%Y-%m-%d %H:%M:%S}" for one in found]

    found, times = await with_base(work)
    if as_json:
        for one in found:
            print_json(one)
        return
    if not found:
        click.echo(say("No version was saved: the ready-made ladders are in force"))
    rows = [
        (str(one.version), at, one.created_by, one.note or "") for one, at in zip(found, times, strict=True)
    ]
    for line in aligned(rows) if rows else ():
        click.echo(line)
