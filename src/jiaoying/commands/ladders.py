"""`ladders import`, `ladders export`."""

from pathlib import Path

import click

from jiaoying.commands.running import Base, command, with_base
from jiaoying.dispatch.ladders.book import save_book, text_in_force
from jiaoying.kernel.language import say


@click.group()
def ladders() -> None:
    """Ladders (叫应预案)."""


@ladders.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@command
async def import_ladders(file: Path) -> None:
    """Put the ladders of a YAML file in force; running call-outs keep those they were frozen with."""

    async def work(base: Base) -> int:
        async with base.database.transaction() as tx:
            return await save_book(tx, file.read_text(encoding="utf-8"), by="operator", now=base.clock.now())

    version = await with_base(work)
    click.echo(say("Ladders, version {version}, are in force", version=version))


@ladders.command(name="export")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@command
async def export_ladders(file: Path | None) -> None:
    """The ladders in force, as YAML."""

    async def work(base: Base) -> str:
        async with base.database.transaction() as tx:
            return await text_in_force(tx)

    text = await with_base(work)
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8")
