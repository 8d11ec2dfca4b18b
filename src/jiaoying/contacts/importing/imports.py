"""A list that is handed in: looked at first, taken over as a whole, or thrown away."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from jiaoying.contacts.areas.names import load_area_names
from jiaoying.contacts.importing.complaint_sheet import complaints_sheet
from jiaoying.contacts.importing.differences import Difference, turn_words
from jiaoying.contacts.importing.model import (
    ImportCounts,
    ImportState,
    RosterImport,
    counts_of,
    state_words,
)
from jiaoying.contacts.importing.plan import plan_import
from jiaoying.contacts.importing.planned import Plan, Scope
from jiaoying.contacts.importing.store import (
    add_import,
    discard_forgotten,
    file_of,
    import_by_id,
    imports_page,
    lock_import,
    save_import,
)
from jiaoying.contacts.importing.stored import stored_roster
from jiaoying.contacts.importing.undo import undo_import
from jiaoying.contacts.importing.writing import write_plan
from jiaoying.contacts.reading.sheets import RosterSheet, read_roster
from jiaoying.contacts.store import lock_roster
from jiaoying.kernel.areas import complete_code, is_area_code
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import SheetFile, read_grids
from jiaoying.storage.database import Database, Tx

__all__ = [
    "IMPORT_STEPS",
    "ImportCounts",
    "ImportState",
    "RosterImport",
    "apply_import",
    "complaints_sheet",
    "discard_import",
    "import_by_id",
    "import_file",
    "imports_page",
    "preview_import",
    "state_words",
    "undo_import",
]

IMPORT_STEPS = 3  # of `import_file`: read, compared, written
MOST_TOLD = 20  # differences that a refusal names

Told = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Handed:
    """A file and how it is to be taken. `marked`: everybody in it is made up."""

    file: SheetFile
    locality: Locality
    replace_scope: str | None = None
    marked: bool = False


async def preview_import(
    database: Database,
    file: SheetFile,
    *,
    locality: Locality,
    now: datetime,
    actor: str,
    replace_scope: str | None = None,
) -> RosterImport:
    """Compare a list with the roster and keep what would change; the roster stays as it is.

    Raises Refusal where the file as a whole cannot be used.
    """
    handed = Handed(file, locality, replace_scope)
    sheet = await _read(database, handed)
    async with database.transaction(patient=True) as tx:
        plan = await _plan(tx, sheet, handed, now)
        made = _made(sheet, plan, handed, now, actor)
        await add_import(tx, made, file)
        await discard_forgotten(tx, now)
    return made


async def apply_import(
    database: Database,
    import_id: UUID,
    *,
    locality: Locality,
    now: datetime,
    actor: str,
    confirm_ended: int | None = None,
) -> RosterImport:
    """Take over a list that was looked at, all of it or nothing.

    Raises Refusal where more than a tenth of the scope's posts would end and `confirm_ended` is not their
    number, where the roster has changed since (the stored preview is then the new one), and where the
    import is not waiting any more.
    """
    async with database.transaction() as tx:
        seen = await _waiting(tx, import_id)
        handed = Handed(await file_of(tx, import_id), locality, seen.replace_scope)
    sheet = await _read(database, handed)
    async with database.transaction(patient=True) as tx:
        await lock_roster(tx)
        await _waiting(tx, import_id)
        plan = await _plan(tx, sheet, handed, now)
        news = _news(seen.differences, plan.differences)
        made = replace(
            seen,
            counts=counts_of(plan),
            differences=plan.differences,
            complaints=(*sheet.complaints, *plan.complaints),
        )
        if not news:
            _refuse_unconfirmed(made, confirm_ended)
            made = replace(made, state=ImportState.APPLIED, ended_at=now, ended_by=actor)
            await write_plan(tx, import_id, plan, now=now, actor=actor)
        await save_import(tx, made)
    if news:
        raise Refusal(
            say("The roster has changed since this list was looked at; look at what it changes now"), news
        )
    return made


async def discard_import(database: Database, import_id: UUID, *, now: datetime, actor: str) -> RosterImport:
    """Throw a preview away. Raises Refusal where it is not waiting any more."""
    async with database.transaction() as tx:
        seen = await _waiting(tx, import_id)
        made = replace(seen, state=ImportState.DISCARDED, ended_at=now, ended_by=actor)
        await save_import(tx, made)
    return made


async def import_file(
    database: Database,
    handed: Handed,
    *,
    now: datetime,
    actor: str,
    dry_run: bool = False,
    confirm_ended: int | None = None,
    on_step: Told = lambda: None,
) -> RosterImport:
    """Preview and apply in one step; a dry run keeps nothing at all.

    `on_step` is called when the file is read, when it is compared, and when it is written. Raises Refusal
    as `apply_import` does.
    """
    sheet = await _read(database, handed)
    on_step()
    return await import_sheet(
        database,
        sheet,
        handed,
        now=now,
        actor=actor,
        dry_run=dry_run,
        confirm_ended=confirm_ended,
        on_step=on_step,
    )


async def import_sheet(
    database: Database,
    sheet: RosterSheet,
    handed: Handed,
    *,
    now: datetime,
    actor: str,
    dry_run: bool = False,
    confirm_ended: int | None = None,
    on_step: Told = lambda: None,
) -> RosterImport:
    """As `import_file`, of a sheet that was read already."""
    async with database.transaction(patient=True) as tx:
        await lock_roster(tx)
        plan = await _plan(tx, sheet, handed, now)
        on_step()
        made = _made(sheet, plan, handed, now, actor)
        if not dry_run:
            _refuse_unconfirmed(made, confirm_ended)
            made = replace(made, state=ImportState.APPLIED, ended_at=now, ended_by=actor)
            await add_import(tx, made, handed.file)
            if not plan.changes_nothing:
                await write_plan(tx, made.id, plan, now=now, actor=actor)
        on_step()
    return made


async def _waiting(tx: Tx, import_id: UUID) -> RosterImport:
    found = await lock_import(tx, import_id)
    if found.state != ImportState.PREVIEWED:
        raise Refusal(
            {
                ImportState.APPLIED: say("This list was taken over already, by {who}", who=found.ended_by),
                ImportState.UNDONE: say("This list was taken over and taken back; hand it in again"),
            }.get(found.state, say("This preview was thrown away; hand the list in again"))
        )
    return found


async def _read(database: Database, handed: Handed) -> RosterSheet:
    scope, locality = handed.replace_scope, handed.locality
    if scope is not None and not is_area_code(scope):
        raise Refusal(say("“{code}” is not a 12-digit area code", code=scope))
    grids = await asyncio.to_thread(read_grids, handed.file)
    async with database.transaction() as tx:
        # People answer for places at home; a neighbour's place is still found by its code or path.
        names = await load_area_names(tx, complete_code(locality.home_area[:2]) or locality.home_area)
    return await asyncio.to_thread(read_roster, grids, names, locality)


async def _plan(tx: Tx, sheet: RosterSheet, handed: Handed, now: datetime) -> Plan:
    scope = Scope(
        today=now.astimezone(handed.locality.timezone).date(),
        # A sheet that names nobody is the wrong file, not a county without people.
        replaces=handed.replace_scope if sheet.rows else None,
        spared=sheet.left_out,
        marked=handed.marked,
    )
    stored = await stored_roster(tx, sheet, scope)
    return await asyncio.to_thread(plan_import, sheet, stored, scope, lambda: new_id(now))


def _made(sheet: RosterSheet, plan: Plan, handed: Handed, now: datetime, actor: str) -> RosterImport:
    return RosterImport(
        id=new_id(now),
        file_name=handed.file.name,
        state=ImportState.PREVIEWED,
        replace_scope=handed.replace_scope,
        created_at=now,
        created_by=actor,
        ended_at=None,
        ended_by=None,
        undone_at=None,
        undone_by=None,
        counts=counts_of(plan),
        differences=plan.differences,
        complaints=(*sheet.complaints, *plan.complaints),
    )


def _refuse_unconfirmed(made: RosterImport, confirmed: int | None) -> None:
    ends = made.counts.posts_ended
    if made.asks_twice and confirmed != ends:
        raise Refusal(
            say(
                "{count} of the {total} posts in this area would end, more than a tenth: confirm the number"
                " {count} if that is right",
                count=ends,
                total=made.ends_of,
            )
        )


def _news(seen: tuple[Difference, ...], now: tuple[Difference, ...]) -> tuple[Complaint, ...]:
    """What a list changes now that it did not when it was looked at, and the other way round."""
    before, after = Counter(seen), Counter(now)
    new = [say("now also: {difference}", difference=_in_short(one)) for one in (after - before)]
    gone = [say("no longer: {difference}", difference=_in_short(one)) for one in (before - after)]
    return tuple(Complaint("roster_changed", "differences", text) for text in [*new, *gone][:MOST_TOLD])


def _in_short(difference: Difference) -> str:
    words = (turn_words(difference.turn), difference.area_code, difference.what, difference.name)
    return " ".join(filter(None, words))
