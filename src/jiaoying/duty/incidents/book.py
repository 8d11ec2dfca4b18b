"""The reporting rules in force and those before: read, and replaced by a newer version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import func, insert, select, text

from jiaoying.duty.incidents.reading import (
    parse_rules,
    ready_made_book,
    ready_made_text,
    rules_from_data,
)
from jiaoying.duty.incidents.rules import RuleBook
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.kernel.plain_data import load_yaml
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import incident_rules

READY_MADE = 0  # the number of the version that nobody saved
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class RulesVersion:
    """A version that was saved: when, by whom, and why."""

    version: int
    created_at: datetime
    created_by: str
    note: str


async def save_rules(tx: Tx, written: str, *, note: str, shown: int, by: str, now: datetime) -> RulesVersion:
    """Put a file of rules in force. Raises Refusal, naming what is wrong in it.

    `shown` is the version that was changed: where somebody saved another in between, nothing is overwritten.
    Earlier versions stay; clocks that run keep what they were begun by.
    """
    book = parse_rules(written)
    if not note.strip():
        raise Refusal(say("Write what is changed and why: the versions show it"))
    await tx.execute(text("LOCK TABLE incident_rules IN SHARE ROW EXCLUSIVE MODE"))
    newest = await newest_version(tx)
    if shown != newest:
        raise Refusal(
            say(
                "Version {version} was saved meanwhile: look at it, and make your change there",
                version=newest,
            )
        )
    made = RulesVersion(newest + 1, now, by, note.strip()[:LONGEST_NOTE])
    await tx.execute(
        insert(incident_rules).values(
            id=new_id(now),
            version=made.version,
            text=written,
            note=made.note,
            created_at=now,
            created_by=by,
        )
    )
    facts = {"version": made.version, "rules": len(book.rules)}
    entry = Entry(now, "incident.rules_replaced", by, facts=facts, particulars={"reason": made.note})
    await append_entries(tx, [entry])
    return made


async def newest_version(tx: Tx) -> int:
    """The number of the version in force; READY_MADE while the rules that come along serve."""
    return (
        await tx.scalar(select(func.coalesce(func.max(incident_rules.c.version), READY_MADE))) or READY_MADE
    )


async def rules_in_force(tx: Tx) -> tuple[RuleBook, int]:
    """The rules in force and their version."""
    newest = select(incident_rules.c.text, incident_rules.c.version)
    row = (await tx.execute(newest.order_by(incident_rules.c.version.desc()).limit(1))).one_or_none()
    return (ready_made_book(), READY_MADE) if row is None else (_kept(row.text), row.version)


async def rules_of(tx: Tx, version: int) -> tuple[RuleBook, str]:
    """A version, read and as it was written. Raises Refusal where there is none such."""
    if version == READY_MADE:
        return ready_made_book(), ready_made_text()
    found = await tx.scalar(select(incident_rules.c.text).where(incident_rules.c.version == version))
    if found is None:
        raise Refusal(say("There is no version {version} of the reporting rules", version=version))
    return _kept(found), found


async def versions(tx: Tx, most: int = 50) -> Sequence[RulesVersion]:
    """The versions that were saved, the newest first."""
    query = select(*columns_of(RulesVersion, incident_rules)).order_by(incident_rules.c.version.desc())
    return read_as(RulesVersion, await tx.execute(query.limit(most)))


@lru_cache(maxsize=8)
def _kept(written: str) -> RuleBook:
    # Without complaint of fields that nobody knows: a newer release may have kept it.
    return rules_from_data(load_yaml(written))
