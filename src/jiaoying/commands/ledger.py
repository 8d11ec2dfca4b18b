"""`ledger export`, `ledger verify`."""

from pathlib import Path
from uuid import UUID

import click

from jiaoying.commands.running import Base, command, print_json, system_user, with_base
from jiaoying.dispatch.board.feedback_paper import feedback_tables
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.documents import Paper, story_document, story_json, story_workbook
from jiaoying.ledger.entries import Entry
from jiaoying.ledger.export import story, story_heading
from jiaoying.ledger.verify import verify as verify_ledger


@click.group()
def ledger() -> None:
    """The ledger (台账)."""


@ledger.command()
@click.option("--warning", required=True, type=click.UUID)
@click.option("--format", "format_", type=click.Choice(["xlsx", "docx", "json"]), default="xlsx")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path))
@command
async def export(warning: UUID, format_: str, to: Path | None) -> None:
    """One warning's whole story; that it was taken away becomes a line of the ledger too."""

    async def work(base: Base) -> bytes:
        async with base.database.transaction() as tx:
            heading = await story_heading(tx, warning)
            lines = await story(tx, warning)
            if heading is None:
                raise Refusal(say("There is no such warning: copy its id from the console"))
            further = await feedback_tables(tx, warning, base.clock.now())
            facts = {"format": format_, "numbers": True}
            taken = Entry(base.clock.now(), "ledger.exported", system_user(), warning, facts=facts)
            await append_entries(tx, [taken])
        paper = Paper(base.settings.timezone, full_numbers=True)
        if format_ == "json":
            return story_json(heading, lines, paper, further).encode()
        write = story_workbook if format_ == "xlsx" else story_document
        return write(heading, lines, paper, further)

    content = await with_base(work)
    if to is None and format_ == "json":
        click.echo(content)
    else:
        path = to or Path(f"ledger-{warning}.{format_}")
        path.write_bytes(content)
        click.echo(path)


@ledger.command()
@click.option("--json", "as_json", is_flag=True)
@command
async def verify(as_json: bool) -> None:
    """Check every line and seal; says which line was altered, removed or moved."""
    verdict = await with_base(lambda base: verify_ledger(base.database))
    if as_json:
        print_json(verdict)
    else:
        for finding in verdict.findings:
            click.echo(finding.text, err=True)
        click.echo(say("{lines} lines and {seals} seals checked", lines=verdict.lines, seals=verdict.seals))
        if verdict.erased:
            click.echo(
                say("Of {count} lines the particulars are erased; they still verify", count=verdict.erased)
            )
    if not verdict.unbroken:
        raise Refusal(say("The ledger was changed: {count} findings", count=verdict.found))
