"""`warnings parse` and `warnings ingest`."""

import sys
from pathlib import Path
from uuid import UUID

import click

from jiaoying.commands.running import Base, command, print_json, with_base
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.wake import Wake
from jiaoying.warnings.formats.cap_writer import write_cap
from jiaoying.warnings.intake import take_in
from jiaoying.warnings.model import Verdict
from jiaoying.warnings.published import published_warning
from jiaoying.warnings.publishing import as_message
from jiaoying.warnings.read import read_messages, to_json

_FILES = click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


@click.group()
def warnings() -> None:
    """Issued warnings (预警)."""


@warnings.command()
@_FILES
@click.option("--format", "format_", default="auto", type=click.Choice(["auto"]), help="found by content")
@command
async def parse(files: tuple[Path, ...], format_: str) -> None:  # noqa: ARG001 - one value so far
    """Read warning files and print a JSON line for each message. No database is needed."""
    rejected = 0
    for file in files:
        for parsed in read_messages(file.read_bytes(), wall_now()):
            print_json(to_json(parsed, str(file)))
            rejected += parsed.verdict is Verdict.REJECT
    if rejected:
        click.echo(say("{count} messages were rejected", count=rejected), err=True)
        sys.exit(1)


@warnings.command()
@_FILES
@click.option("--json", "as_json", is_flag=True)
@command
async def ingest(files: tuple[Path, ...], as_json: bool) -> None:
    """Take warning files in, through the same door as the API."""
    taken = await with_base(lambda base: _ingest(base, files, as_json))
    if not taken:
        sys.exit(1)


async def _ingest(base: Base, files: tuple[Path, ...], as_json: bool) -> bool:
    any_taken = False
    async with Wake(base.redis_url) as wake:
        for file in files:
            receipts = await take_in(
                base.database,
                file.read_bytes(),
                media_type="application/xml",
                source="command-line",
                now=base.clock.now(),
                wall=wall_now(),
                home_area=base.settings.home_area,
            )
            for receipt in receipts:
                any_taken = any_taken or receipt.disposition != "rejected"
                if as_json:
                    print_json({"file": str(file), "receipt": receipt})
                else:
                    click.echo(
                        f"{file}: {receipt.identifier or '–'} {receipt.disposition} {receipt.reason or ''}"
                    )
                    for complaint in receipt.complaints:
                        click.echo(f"  {complaint.field}: {complaint.text}", err=True)
        wake.ring("match", "changes")
    return any_taken


@warnings.command()
@click.option("--warning", "warning_id", required=True, type=click.UUID, help="its id, as in the list")
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="a file; else printed")
@command
async def export(warning_id: UUID, target: Path | None) -> None:
    """Write one warning as a CAP 1.2 message."""
    body = await with_base(lambda base: _cap_of(base, warning_id))
    if body is None:
        raise Refusal(say("There is no warning with the id {id}", id=warning_id))
    if target:
        target.write_bytes(body)
    else:
        click.echo(body)


async def _cap_of(base: Base, warning_id: UUID) -> bytes | None:
    async with base.database.transaction() as tx:
        published = await published_warning(tx, warning_id)
    return None if published is None else write_cap(as_message(published), base.settings.timezone)
