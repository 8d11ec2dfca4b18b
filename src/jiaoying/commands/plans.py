"""`plans import`, `plans export`, `plans check`."""

from pathlib import Path

import click

from jiaoying.commands.running import Base, command, with_base
from jiaoying.dispatch.response.book import plans_text, save_plans
from jiaoying.dispatch.response.reading import parse_plans
from jiaoying.kernel.language import say

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def plans() -> None:
    """Plans of emergency responses (应急响应预案)."""


@plans.command(name="import")
@_FILE
@command
async def import_plans(file: Path) -> None:
    """Put the plans of a YAML file in force; from then on warnings open responses by them."""

    async def work(base: Base) -> int:
        async with base.database.transaction() as tx:
            return await save_plans(tx, file.read_text(encoding="utf-8"), by="operator", now=base.clock.now())

    version = await with_base(work)
    click.echo(say("Plans, version {version}, are in force", version=version))


@plans.command(name="check")
@_FILE
@command
async def check_plans(file: Path) -> None:
    """Read a YAML file of plans and say what is wrong in it; changes nothing, needs no database."""
    book = parse_plans(file.read_text(encoding="utf-8"))
    tasks = sum(len(plan.tasks) for plan in book.plans)
    click.echo(say("{count} plans with {tasks} tasks can be used", count=len(book.plans), tasks=tasks))


@plans.command(name="export")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@command
async def export_plans(file: Path | None) -> None:
    """The plans in force, as YAML; the ready-made example while there are none."""

    async def work(base: Base) -> str:
        async with base.database.transaction() as tx:
            return await plans_text(tx)

    text = await with_base(work)
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8")
