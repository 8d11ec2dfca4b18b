"""The duty log in rows: written, corrected, read with the program's own lines, searched."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, or_, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on

from jiaoying.duty.actions import Doer
from jiaoying.duty.log import (
    TOLD,
    LogEntry,
    LogFields,
    LogLine,
    OwnLine,
    checked,
    in_order,
)
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import earliest_id, new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import issued_warnings, ledger_lines, log_entries

MOST_FOUND = 200
_LOGGED_PURPOSES = ("warning", "request", "response")
_SEARCHED = ("unit", "caller", "phone", "content", "handling", "instruction", "feedback")


async def write_entry(tx: Tx, desk_id: UUID, fields: LogFields, doer: Doer) -> LogEntry:
    """Write something down. Raises Refusal naming what is wrong."""
    kept, row_id = checked(fields, doer.now), new_id(doer.now)
    entry = LogEntry(
        id=row_id,
        first_id=row_id,
        version=1,
        desk_id=desk_id,
        reason="",
        written_at=doer.now,
        written_by=doer.actor,
        **asdict(kept),
    )
    await _store(tx, entry, "log.written", doer)
    return entry


async def correct_entry(tx: Tx, first_id: UUID, fields: LogFields, doer: Doer) -> LogEntry:
    """Put an entry right, with a reason; what stood there before stays readable. Raises Refusal."""
    reason = doer.reason.strip()
    if not reason:
        text = say("Say why it is corrected")
        raise Refusal(text, (Complaint("log", "reason", text),))
    kept = checked(fields, doer.now)
    # Whoever corrects waits for who corrects it just now, on the row that all versions share.
    await tx.execute(select(log_entries.c.id).where(log_entries.c.id == first_id).with_for_update())
    versions = await versions_of(tx, first_id)
    if not versions:
        raise Refusal(say("There is no such entry in the log"))
    entry = LogEntry(
        id=new_id(doer.now),
        first_id=first_id,
        version=versions[-1].version + 1,
        desk_id=versions[-1].desk_id,
        reason=reason,
        written_at=doer.now,
        written_by=doer.actor,
        **asdict(kept),
    )
    await _store(tx, entry, "log.corrected", doer)
    return entry


async def versions_of(tx: Tx, first_id: UUID) -> list[LogEntry]:
    """Everything that an entry ever said, the first version first."""
    rows = await tx.execute(
        select(*columns_of(LogEntry, log_entries))
        .where(log_entries.c.first_id == first_id)
        .order_by(log_entries.c.version)
    )
    return read_as(LogEntry, rows)


async def log_between(tx: Tx, desk_id: UUID, begin: datetime, end: datetime) -> Sequence[LogLine]:
    """The log of a desk from `begin` up to `end`: what was written as it stands now, and our own lines."""
    newest = (
        select(*columns_of(LogEntry, log_entries))
        .ext(distinct_on(log_entries.c.first_id))
        .where(log_entries.c.desk_id == desk_id)
        .order_by(log_entries.c.first_id, log_entries.c.version.desc())
    ).subquery()
    rows = await tx.execute(select(newest).where(newest.c.at >= begin, newest.c.at < end))
    return in_order(read_as(LogEntry, rows), await own_lines(tx, begin, end))


async def own_lines(tx: Tx, begin: datetime, end: datetime) -> list[OwnLine]:
    """What the program wrote down by itself; what is alike within a minute is one line with its count."""
    line = ledger_lines.c
    minute = func.date_trunc("minute", line.at)
    # What desks are called for beside warnings is told by what it is called for.
    of_duty_call = (
        select(issued_warnings.c.id)
        .where(issued_warnings.c.id == line.warning_id, issued_warnings.c.purpose.not_in(_LOGGED_PURPOSES))
        .exists()
    )
    rows = await tx.execute(
        select(
            func.min(line.at).label("at"),
            line.event,
            func.min(line.actor).label("actor"),
            line.warning_id,
            func.count().label("count"),
            func.jsonb_agg(line.facts, type_=JSONB)[0].label("facts"),
        )
        .where(line.id >= earliest_id(begin), line.id < earliest_id(end), line.event.in_(TOLD), ~of_duty_call)
        .group_by(minute, line.event, line.warning_id, line.facts["incident"].astext)
        .order_by(func.min(line.at))
    )
    return read_as(OwnLine, rows)


async def search(
    tx: Tx, words: str, begin: datetime, end: datetime, desk_id: UUID | None = None
) -> list[LogEntry]:
    """Entries in which all of these words stand, as they are now, the newest first; at most MOST_FOUND."""
    newest = (
        select(*columns_of(LogEntry, log_entries))
        .ext(distinct_on(log_entries.c.first_id))
        .order_by(log_entries.c.first_id, log_entries.c.version.desc())
    ).subquery()
    wanted = [newest.c.at >= begin, newest.c.at < end]
    if desk_id is not None:
        wanted.append(newest.c.desk_id == desk_id)
    wanted += [
        or_(*(newest.c[name].icontains(word, autoescape=True) for name in _SEARCHED))
        for word in words.split()
    ]
    rows = await tx.execute(
        select(newest).where(*wanted).order_by(newest.c.at.desc(), newest.c.id.desc()).limit(MOST_FOUND)
    )
    return read_as(LogEntry, rows)


async def _store(tx: Tx, entry: LogEntry, event: str, doer: Doer) -> None:
    await tx.execute(insert(log_entries).values(asdict(entry)))
    facts = {
        "entry": str(entry.first_id),
        "version": entry.version,
        "desk_id": str(entry.desk_id),
        "kind": entry.kind,
        "at": entry.at.isoformat(),
    }
    told = {name: text for name in (*_SEARCHED, "reason") if (text := getattr(entry, name))}
    await append_entries(tx, [Entry(doer.now, event, doer.actor, facts=facts, particulars=told)])
