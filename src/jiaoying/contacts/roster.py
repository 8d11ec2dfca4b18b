"""Import of the roster: read, compare, show, apply in one transaction."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from jiaoying.contacts.areas import load_area_names
from jiaoying.contacts.plan import Difference, Plan, Scope, plan_import
from jiaoying.contacts.sheets import RosterSheet, read_roster
from jiaoying.contacts.store import (
    lock_roster,
    save_contacts,
    save_numbers,
    save_posts,
    stored_roster,
)
from jiaoying.kernel.areas import complete_code, is_area_code
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import SheetComplaint, SheetFile, read_file, read_grids
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database, Tx


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or on a dry run would do. Counts are posts."""

    added: int
    changed: int
    ended: int
    unchanged: int
    complaints: tuple[SheetComplaint, ...]
    differences: tuple[Difference, ...]

    def as_data(self) -> dict[str, object]:
        """The shape of `contacts import --json`."""
        return {
            "added": self.added,
            "changed": self.changed,
            "ended": self.ended,
            "unchanged": self.unchanged,
            "complaints": [asdict(complaint) for complaint in self.complaints],
        }


async def import_roster(
    database: Database,
    path: Path,
    *,
    locality: Locality,
    now: datetime,
    dry_run: bool = False,
    replace_scope: str | None = None,
    demonstration: bool = False,
    actor: str = "keeper",
) -> ImportResult:
    """Import a roster sheet (xlsx, csv). Raises Refusal where the file as a whole cannot be used.

    `replace_scope` is an area whose posts end unless the sheet names them. The same sheet a second
    time changes nothing.
    """
    file = await asyncio.to_thread(read_file, path)
    return await import_roster_file(
        database,
        file,
        locality=locality,
        now=now,
        dry_run=dry_run,
        replace_scope=replace_scope,
        demonstration=demonstration,
        actor=actor,
    )


async def import_roster_file(
    database: Database,
    file: SheetFile,
    *,
    locality: Locality,
    now: datetime,
    dry_run: bool = False,
    replace_scope: str | None = None,
    demonstration: bool = False,
    actor: str = "keeper",
) -> ImportResult:
    """As `import_roster`, from bytes."""
    if replace_scope is not None and not is_area_code(replace_scope):
        raise Refusal(say("“{code}” is not a 12-digit area code", code=replace_scope))
    grids = await asyncio.to_thread(read_grids, file)
    async with database.transaction() as tx:
        # People answer for places at home; a neighbour's place is still found by its code or path.
        names = await load_area_names(tx, complete_code(locality.home_area[:2]) or locality.home_area)
        sheet = await asyncio.to_thread(read_roster, grids, names, locality)
        await lock_roster(tx)
        stored = await stored_roster(tx)
        scope = _scope(sheet, locality, now, replace_scope, demonstration)
        plan = await asyncio.to_thread(plan_import, sheet.rows, stored, scope, lambda: new_id(now))
        if not dry_run:
            await apply_plan(tx, plan, now=now, actor=actor)
    return _result(sheet, plan)


async def apply_plan(tx: Tx, plan: Plan, *, now: datetime, actor: str) -> None:
    """Write what the plan says, with a ledger line for every person and post that changes."""
    await save_contacts(tx, plan.new_contacts, plan.changed_contacts, now=now)
    await save_numbers(tx, plan.numbers, now=now)
    await save_posts(tx, plan.new_posts, (*plan.changed_posts, *plan.ended_posts))
    await append_entries(tx, [*_contact_entries(plan, now, actor), *_post_entries(plan, now, actor)])


def _scope(
    sheet: RosterSheet, locality: Locality, now: datetime, replace_scope: str | None, demonstration: bool
) -> Scope:
    return Scope(
        today=now.astimezone(locality.timezone).date(),
        # A sheet that names nobody is the wrong file, not a county without people.
        replaces=replace_scope if sheet.rows else None,
        spared=sheet.left_out,
        marked=demonstration,
    )


def _result(sheet: RosterSheet, plan: Plan) -> ImportResult:
    kinds = [difference.kind for difference in plan.differences]
    return ImportResult(
        added=kinds.count("added"),
        changed=kinds.count("changed"),
        ended=kinds.count("ended"),
        unchanged=plan.unchanged,
        complaints=(*sheet.complaints, *plan.complaints),
        differences=plan.differences,
    )


def _contact_entries(plan: Plan, now: datetime, actor: str) -> Iterable[Entry]:
    kinds = {contact.id: ("contact.added", contact) for contact in plan.new_contacts}
    kinds |= {contact.id: ("contact.changed", contact) for contact in plan.changed_contacts}
    for contact_id in kinds.keys() | plan.numbers.keys():
        event, contact = kinds.get(contact_id, ("contact.changed", None))
        numbers = plan.numbers.get(contact_id)
        particulars: dict[str, object] = {}
        if contact is not None:
            particulars |= {"name": contact.name, "unit": contact.unit, "title": contact.title}
        if numbers is not None:
            particulars["numbers"] = [number.e164 for number in numbers]
        facts = {} if numbers is None else {"numbers": len(numbers)}
        yield Entry(now, event, actor, contact_id=contact_id, facts=facts, particulars=particulars)


def _post_entries(plan: Plan, now: datetime, actor: str) -> Iterable[Entry]:
    changes = (
        ("post.added", plan.new_posts),
        ("post.changed", plan.changed_posts),
        ("post.ended", plan.ended_posts),
    )
    for event, rows in changes:
        for post in rows:
            facts = {
                "post_id": str(post.id),
                "area_code": post.area_code,
                "kind": post.kind,
                "level": str(post.level),
                "hazards": [str(hazard) for hazard in post.hazards],
                "deputy_id": str(post.deputy_id) if post.deputy_id else None,
                "superior_id": str(post.superior_id) if post.superior_id else None,
                "valid_to": post.valid_to.isoformat() if post.valid_to else None,
            }
            yield Entry(now, event, actor, contact_id=post.holder_id, facts=facts)
