"""Erasing a person on request: what was done stays in the ledger, and nobody can read any more to whom.

The contact's row stays, because call-outs and lines of the ledger point at it; it has no name, no unit, no
title, no note and no number afterwards. Whatever the tables hold of the person's name, numbers and words
goes, and so do the particulars of the ledger's lines about them; the facts of those lines stay, and the
seals hold. A number that somebody else has too stays theirs.

What stands in free text (notes, texts of warnings) and might mean a namesake is counted, not touched.
Backups lie outside: docs/en/privacy.md.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from jiaoying.contacts.model import ContactKind
from jiaoying.contacts.privacy.erased_rows import (
    BLANK_CHANGES,
    BLANK_DUTIES,
    BLANK_FILE_NAMES,
    BLANK_HANDOVERS,
    BLANK_INCIDENTS,
    BLANK_LOG,
    BLANK_ROLL_CALLS,
    BLANK_TEXTS,
    CHANGES,
    DISCARD_PREVIEWS,
    ERASE_PARTICULARS,
    LINES_ABOUT,
    OBSTACLES,
    OWN_NUMBERS,
    RECORDS,
    TRACES,
    VACATE_POSTS,
    rows_naming,
)
from jiaoying.contacts.privacy.reasons import stated_reason
from jiaoying.contacts.store import lock_roster
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database, Tx

ERASED_NAME = "已删除人员"
# How many things that stand in the way are named one by one.
_MOST_NAMED = 5
_VACATED = ("posts", "households")


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was taken away: rows by table, particulars of ledger lines, and posts that are vacant now.

    `discarded` lists were only looked at, and may have named the person: they must be handed in again.
    `still_named` counts rows by `table.column` in which the name still stands, of whomever.
    """

    contact_id: UUID
    rows: Mapping[str, int]
    particulars: int
    vacated: int
    discarded: int
    still_named: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody with every record that was found to be theirs; the first is the one that counts."""

    records: Mapping[UUID, str]  # id and name
    numbers: tuple[str, ...]  # that nobody else has
    traces: Mapping[str, Sequence[UUID]]  # ids of call-outs, attempts and inbox items

    @property
    def id(self) -> UUID:
        return next(iter(self.records))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.records.values()))

    @property
    def digits(self) -> tuple[str, ...]:
        return tuple(number.removeprefix("+86") for number in self.numbers)

    def values(self, now: datetime) -> dict[str, Any]:
        """What the statements ask for."""
        return {
            "people": list(self.records),
            "names": list(self.names),
            "numbers": list(self.numbers),
            "digits": list(self.digits),
            **self.traces,
            "erased": ERASED_NAME,
            "now": now,
        }


async def erase_person(
    database: Database,
    contact_id: UUID,
    *,
    reason: str,
    actor: str,
    now: datetime,
    vacate: bool = False,
) -> Erasure:
    """Erase somebody, in one transaction. With `vacate`, what they hold becomes vacant with it.

    Raises Refusal, naming what to do first: while they hold posts in force, stand in for or above them, or
    fetch households (unless `vacate`); while they are called, stand on the rota, or an alarm about them is
    open; where the reason is missing, or names them, since it is kept; and where there is no such person.
    """
    stated = stated_reason(reason)
    async with database.transaction() as tx:
        await lock_roster(tx)
        person = await _person(tx, contact_id)
        _refuse_to_keep(stated, person)
        await _refuse_obstacles(tx, person, now, vacate=vacate)
        # Before the rows lose what connects them with their lines.
        lines = list((await tx.execute(LINES_ABOUT, person.values(now))).scalars())
        vacated = await _vacate(tx, person, now, actor)
        discarded = (await tx.execute(DISCARD_PREVIEWS, {"now": now, "actor": actor})).rowcount
        rows = await _blank_rows(tx, person, now)
        told = Entry(
            now,
            "contact.erased",
            actor,
            contact_id=person.id,
            facts={"particulars": len(lines), "posts_vacated": vacated, "rows": sum(rows.values())},
            particulars={"reason": stated},
        )
        await append_entries(tx, [told])
        await tx.execute(ERASE_PARTICULARS, {"person": person.id, "lines": lines})
        still_named = await rows_naming(tx, person.names[0])
    return Erasure(person.id, rows, len(lines), vacated, discarded, still_named)


async def _person(tx: Tx, contact_id: UUID) -> _Person:
    records = (await tx.execute(RECORDS, {"person": contact_id})).all()
    if not records:
        raise Refusal(say("There is no such person: copy the id from the roster"))
    if records[0].erased_at is not None:
        raise Refusal(say("This person is erased already"))
    if records[0].kind == ContactKind.DESK:
        raise Refusal(say("{name} is the telephone of a desk, not a person", name=records[0].name))
    people = {record.id: record.name for record in records}
    numbers = list((await tx.execute(OWN_NUMBERS, {"people": list(people)})).scalars())
    traces = (await tx.execute(TRACES, {"people": list(people), "numbers": numbers})).mappings().one()
    return _Person(people, tuple(numbers), {str(kind): ids for kind, ids in traces.items()})


def _refuse_to_keep(reason: str, person: _Person) -> None:
    if any(word in reason for word in (*person.names, *person.digits)):
        raise Refusal(say("The reason is kept: write it without the person's name and number"))


async def _refuse_obstacles(tx: Tx, person: _Person, now: datetime, *, vacate: bool) -> None:
    """What stands in the way, each with the remedy."""
    values = person.values(now) | {"most": _MOST_NAMED}
    found = (await tx.execute(OBSTACLES, values)).mappings().one()
    standing = [what for what in found if found[what] and not (vacate and what in _VACATED)]
    if standing:
        complaints = tuple(Complaint(f"erase_{what}", what, _remedy(what, found[what])) for what in standing)
        raise Refusal(say("This person cannot be erased yet"), complaints)


def _remedy(what: str, names: object) -> str:
    listed = ", ".join(cast("list[str]", names)) if isinstance(names, list) else ""
    match what:
        case "posts":
            return say(
                "They hold, stand in for or stand above {names}: give that to somebody else, or vacate it",
                names=listed,
            )
        case "households":
            return say(
                "They fetch households at {names}: name somebody else there, or vacate it", names=listed
            )
        case "rota":
            return say("They stand on the rota of {names}: put somebody else there", names=listed)
        case "duties":
            return say("They see to {names}: name somebody else, or end that duty", names=listed)
        case "call_outs":
            return say("They are being called: wait until that ends, or log how they were reached")
        case "messages":
            return say("A message to or from them is under way: try again in a minute")
        case _:
            return say("An alarm about them is open: deal with it and clear it")


async def _vacate(tx: Tx, person: _Person, now: datetime, actor: str) -> int:
    """Posts stay, also without a holder: that somebody is missing must show."""
    posts = (await tx.execute(VACATE_POSTS, {"people": list(person.records), "now": now})).all()
    entries = [
        Entry(
            now,
            "post.vacated",
            actor,
            contact_id=person.id,
            facts={"post_id": str(post.id), "area_code": post.area_code, "kind": post.kind},
        )
        for post in posts
    ]
    await append_entries(tx, entries)
    return len(entries)


async def _blank_rows(tx: Tx, person: _Person, now: datetime) -> dict[str, int]:
    """How many rows of each table lost something."""
    values = person.values(now)
    rows = {table: (await tx.execute(change, values)).rowcount for table, change in CHANGES.items()}
    for word in (*person.names, *person.digits):
        spelled = json.dumps(word, ensure_ascii=False)[1:-1]
        changed = await tx.execute(BLANK_TEXTS, {"word": spelled, "erased": ERASED_NAME})
        rows["roster_imports"] = rows.get("roster_imports", 0) + changed.rowcount
        logged = await tx.execute(BLANK_LOG, {"word": word, "erased": ERASED_NAME})
        for statement in (*BLANK_HANDOVERS, *BLANK_DUTIES):
            await tx.execute(statement, {"word": word, "erased": ERASED_NAME})
        for statement in BLANK_ROLL_CALLS:
            await tx.execute(statement, {"word": word, "spelled": spelled, "erased": ERASED_NAME})
        rows["log_entries"] = rows.get("log_entries", 0) + logged.rowcount
        renamed = await tx.execute(BLANK_FILE_NAMES, {"word": word, "erased": ERASED_NAME})
        rows["log_files"] = rows.get("log_files", 0) + renamed.rowcount
        for table, blank in BLANK_INCIDENTS.items():
            changed = await tx.execute(blank, {"word": word, "erased": ERASED_NAME})
            rows[table] = rows.get(table, 0) + changed.rowcount
    await tx.execute(BLANK_CHANGES, {"erased": ERASED_NAME})
    return {table: count for table, count in rows.items() if count}
