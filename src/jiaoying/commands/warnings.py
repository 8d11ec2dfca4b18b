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
from jiaoying.warnings.formats.registry import format_names
from jiaoying.warnings.intake import take_in
from jiaoying.warnings.model import ParsedMessage, Verdict
from jiaoying.warnings.published import published_warning
from jiaoying.warnings.publishing import as_message
from jiaoying.warnings.read import media_type_of, must_be, read_messages, to_json

AUTO = "auto"
MANY_FILES = 20  # from here on a person at a terminal wants to see that something happens

_FILES = click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


@click.group()
def warnings() -> None:
    """Issued warnings (预警)."""


@warnings.command()
@_FILES
@click.option(
    "--format",
    "format_",
    default=AUTO,
    type=click.Choice([AUTO, *format_names()]),
    help="found by content; a name refuses every other format",
)
@command
async def parse(files: tuple[Path, ...], format_: str) -> None:
    """Read warning files and print a JSON line for each message. No database is needed."""
    rejected = 0
    with click.progressbar(files, file=sys.stderr, hidden=not _shows_progress(files)) as shown:
        for file in shown:
            for parsed in _read(file, format_):
                print_json(to_json(parsed, str(file)))
                rejected += parsed.verdict is Verdict.REJECT
    if rejected:
        click.echo(say("{count} messages were rejected", count=rejected), err=True)
        sys.exit(1)


def _read(file: Path, format_: str) -> list[ParsedMessage]:
    messages = read_messages(file.read_bytes(), wall_now())
    return messages if format_ == AUTO else [must_be(one, format_) for one in messages]


def _shows_progress(files: tuple[Path, ...]) -> bool:
    """Not among the lines themselves, nor where nobody looks."""
    return len(files) >= MANY_FILES and sys.stderr.isatty() and not sys.stdout.isatty()


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
            body = file.read_bytes()
            receipts = await take_in(
                base.database,
                body,
                media_type=media_type_of(body),
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
