"""`areas import`."""

from pathlib import Path

import click

from jiaoying.commands.running import command, print_complaints, print_json, with_base
from jiaoying.contacts.areas import import_areas
from jiaoying.kernel.language import say

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True)


@click.group()
def areas() -> None:
    """Areas (行政区划)."""


@areas.command(name="import")
@_FILE
@_JSON
@command
async def import_areas_command(file: Path, as_json: bool) -> None:
    """Division codes (csv) or boundaries (geojson), also gzipped."""
    result = await with_base(lambda base: import_areas(base.database, file, now=base.clock.now()))
    if as_json:
        print_json(result)
        return
    print_complaints(result.complaints)
    click.echo(
        say(
            "Areas: {added} added, {changed} changed, {unchanged} unchanged; {shapes} boundaries",
            added=result.added,
            changed=result.changed,
            unchanged=result.unchanged,
            shapes=result.shapes,
        )
    )
