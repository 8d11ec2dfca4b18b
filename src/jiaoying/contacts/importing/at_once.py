"""Import of the roster in one step, from a file or its bytes."""

import asyncio
from datetime import datetime
from pathlib import Path

from jiaoying.contacts.importing.imports import Handed, Told, import_file
from jiaoying.contacts.importing.model import RosterImport
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import SheetFile, read_file
from jiaoying.storage.database import Database


async def import_roster(
    database: Database,
    path: Path,
    *,
    locality: Locality,
    now: datetime,
    dry_run: bool = False,
    replace_scope: str | None = None,
    confirm_ended: int | None = None,
    actor: str = "keeper",
    on_step: Told = lambda: None,
) -> RosterImport:
    """Import a roster sheet. Raises Refusal where the file as a whole cannot be used.

    `replace_scope` is an area whose posts end unless the sheet names them; where more than a tenth would
    end, `confirm_ended` must be their number. The same sheet a second time changes nothing.
    """
    handed = Handed(await asyncio.to_thread(read_file, path), locality, replace_scope)
    return await import_file(
        database,
        handed,
        now=now,
        dry_run=dry_run,
        confirm_ended=confirm_ended,
        actor=actor,
        on_step=on_step,
    )


async def import_roster_file(
    database: Database,
    file: SheetFile,
    *,
    locality: Locality,
    now: datetime,
    dry_run: bool = False,
    replace_scope: str | None = None,
    confirm_ended: int | None = None,
    demonstration: bool = False,
    actor: str = "keeper",
) -> RosterImport:
    """As `import_roster`, from bytes; `demonstration` marks everybody in it as made up."""
    handed = Handed(file, locality, replace_scope, demonstration)
    return await import_file(
        database, handed, now=now, dry_run=dry_run, confirm_ended=confirm_ended, actor=actor
    )
