"""The duty log in rows: written, corrected, read with the program's own lines, searched."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, insert, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, distinct_on
from sqlalchemy.types import Text

from jiaoying.duty.actions import Doer
from jiaoying.duty.change_store import is_one_of
from jiaoying.duty.log import (
    CALLED_FOR,
    TOLD,
    LogEntry,
    LogFields,
    LogKind,
    LogLine,
    OwnLine,
    checked,
    in_order,
)
from jiaoying.duty.log_file_store import add_files, files_of, strike_files
from jiaoying.duty.log_files import CheckedFile, LogFile, taken_files
from jiaoying.duty.log_words import kind_word
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import earliest_id, new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import (
    contacts,
    issued_warnings,
    ledger_lines,
    ledger_particulars,
    log_entries,
    log_files,
)

MOST_FOUND = 200
# Of the alarms that are one line, so many are told in their own words.
MOST_SENTENCES = 3
_ALARM = "alarm.raised"
_LETTERS = ("letter.signed", "letter.sent", "letter.withdrawn")
_SIGNED = ("shift.signed_on", "handover.signed", "handover.taken")
_TEXTS = ("unit", "caller", "phone", "content", "handling", "instruction", "feedback")
_SEARCHED = (*_TEXTS, "place", "host", "units", "decision")


async def write_entry(
    tx: Tx, desk_id: UUID, fields: LogFields, doer: Doer, files: Iterable[CheckedFile] = ()
) -> LogEntry:
    """Write something down, with the files that came with it. Raises Refusal naming what is wrong."""
    kept, row_id, taken = checked(fields, doer.now), new_id(doer.now), taken_files(files, ())
    await _refuse_unknown_warning(tx, kept)
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
    await _store(tx, entry, "log.written", doer, taken)
    return entry


async def correct_entry(
    tx: Tx,
    first_id: UUID,
    fields: LogFields,
    doer: Doer,
    files: Iterable[CheckedFile] = (),
    struck: Collection[UUID] = (),
) -> LogEntry:
    """Put an entry right, with a reason; what stood there before stays readable. Raises Refusal.

    Files are added, and those named in `struck` (by id) are struck.
    """
    reason = doer.reason.strip()
    if not reason:
        text = say("Say why it is corrected")
        raise Refusal(text, (Complaint("log", "reason", text),))
    kept = checked(fields, doer.now)
    await _refuse_unknown_warning(tx, kept)
    # Whoever corrects waits for who corrects it just now, on the row that all versions share.
    await tx.execute(select(log_entries.c.id).where(log_entries.c.id == first_id).with_for_update())
    versions = await versions_of(tx, first_id)
    if not versions:
        raise Refusal(say("There is no such entry in the log"))
    if (kept.kind is LogKind.CONSULTATION) != (versions[-1].kind is LogKind.CONSULTATION):
        raise Refusal(say("A consultation stays one, and nothing else becomes one: write it anew"))
    there = [one for one in (await files_of(tx, [first_id])).get(first_id, ()) if not one.struck_with]
    if not {one.id for one in there}.issuperset(struck):
        raise Refusal(say("This file was struck already: look at the entry anew"))
    taken = taken_files(files, [one for one in there if one.id not in struck])
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
    await _store(tx, entry, "log.corrected", doer, taken, struck)
    return entry


async def versions_of(tx: Tx, first_id: UUID) -> list[LogEntry]:
    """Everything that an entry ever said, the first version first."""
    rows = await tx.execute(
        select(*columns_of(LogEntry, log_entries))
        .where(log_entries.c.first_id == first_id)
        .order_by(log_entries.c.version)
    )
    return read_as(LogEntry, rows)


async def first_versions(tx: Tx, first_ids: Collection[UUID]) -> dict[UUID, LogEntry]:
    """What these entries said at first."""
    rows = await tx.execute(
        select(*columns_of(LogEntry, log_entries)).where(is_one_of(log_entries.c.id, first_ids))
    )
    return {entry.id: entry for entry in read_as(LogEntry, rows)}


async def log_between(tx: Tx, desk_id: UUID, begin: datetime, end: datetime) -> Sequence[LogLine]:
    """The log of a desk from `begin` up to `end`: what was written as it stands now, and our own lines."""
    return in_order(await written_between(tx, desk_id, begin, end), await own_lines(tx, desk_id, begin, end))


async def written_between(tx: Tx, desk_id: UUID, begin: datetime, end: datetime) -> list[LogEntry]:
    """What was written at a desk of the time from `begin` up to `end`, as it stands now, in order of time."""
    # Only entries of which some version is of that time: a log of years is not read for one day.
    then = select(log_entries.c.first_id).where(
        log_entries.c.desk_id == desk_id, log_entries.c.at >= begin, log_entries.c.at < end
    )
    newest = newest_versions(log_entries.c.first_id.in_(then)).subquery()
    rows = await tx.execute(
        select(newest).where(newest.c.at >= begin, newest.c.at < end).order_by(newest.c.at, newest.c.id)
    )
    return read_as(LogEntry, rows)


def newest_versions(*wanted: ColumnElement[bool]) -> Select[Any]:
    """Of each entry that has a version as `wanted`, the newest such version."""
    return (
        select(*columns_of(LogEntry, log_entries))
        .ext(distinct_on(log_entries.c.first_id))
        .where(*wanted)
        .order_by(log_entries.c.first_id, log_entries.c.version.desc())
    )


async def own_lines(tx: Tx, desk_id: UUID, begin: datetime, end: datetime) -> list[OwnLine]:
    """What the program wrote down by itself, at this desk or at none in particular; what is alike within a
    minute is one line with its count."""
    line, body = ledger_lines.c, ledger_particulars.c.body
    minute = func.date_trunc("minute", line.at)
    # An alarm in its words, a letter by its number, a signature by its name.
    sentence = func.coalesce(body["text"].astext, body["reference"].astext, contacts.c.name)
    warning = issued_warnings.c
    is_alarm, is_signed = line.event == _ALARM, line.event.in_(_SIGNED)
    is_told = is_alarm | line.event.in_(_LETTERS)
    incident, number = line.facts["incident"].astext, line.facts["number"].astext
    # Alarms of one kind are alike.
    kind = case((is_alarm, line.facts["kind"].astext), else_="")
    sentences = func.array_agg(aggregate_order_by(sentence, line.id), type_=ARRAY(Text)).filter(
        is_told | is_signed, sentence.is_not(None)
    )
    gone = func.count().filter(is_told, line.particulars_digest.is_not(None), body.is_(None))
    rows = await tx.execute(
        select(
            func.min(line.at).label("at"),
            line.event,
            func.min(line.actor).label("actor"),
            line.warning_id,
            func.count().label("count"),
            func.coalesce(sentences[1:MOST_SENTENCES], literal([], ARRAY(Text))).label("told"),
            gone.label("erased"),
            func.min(warning.event).label("hazard"),
            func.min(warning.headline).label("headline"),
            func.min(warning.reference).label("reference"),
            func.min(warning.colour).label("colour"),
            func.bool_or(warning.exercise).label("exercise"),
            incident.label("incident"),
            func.min(number).filter(incident.is_not(None)).label("incident_number"),
        )
        .outerjoin(ledger_particulars, (ledger_particulars.c.line_id == line.id) & is_told)
        .outerjoin(contacts, (contacts.c.id == line.contact_id) & is_signed)
        .outerjoin(issued_warnings, warning.id == line.warning_id)
        .where(
            line.id >= earliest_id(begin),
            line.id < earliest_id(end),
            line.event.in_(TOLD),
            func.coalesce(line.facts["desk_id"].astext, str(desk_id)) == str(desk_id),
            warning.id.is_(None) | warning.purpose.in_(CALLED_FOR),
        )
        .group_by(minute, line.event, line.warning_id, kind, incident)
        .order_by(func.min(line.at))
    )
    return read_as(OwnLine, rows)


async def search(
    tx: Tx, words: str, begin: datetime, end: datetime, desk_id: UUID | None = None
) -> list[LogEntry]:
    """Entries in which all of these words stand as they are now, the newest first; at most MOST_FOUND.

    A word may also stand in the name of a file, or be that of a kind (会商).
    """
    newest = newest_versions().subquery()
    wanted = [newest.c.at >= begin, newest.c.at < end]
    if desk_id is not None:
        wanted.append(newest.c.desk_id == desk_id)
    wanted += [_stands_in(newest.c, word) for word in words.split()]
    rows = await tx.execute(
        select(newest).where(*wanted).order_by(newest.c.at.desc(), newest.c.id.desc()).limit(MOST_FOUND)
    )
    return read_as(LogEntry, rows)


async def _refuse_unknown_warning(tx: Tx, fields: LogFields) -> None:
    about = select(issued_warnings.c.id).where(issued_warnings.c.id == fields.warning_id)
    if fields.warning_id and await tx.scalar(about) is None:
        text = say("There is no such warning: choose another one, or none")
        raise Refusal(text, (Complaint("log", "warning_id", text),))


def _stands_in(columns: Any, word: str) -> ColumnElement[bool]:
    of_files = select(log_files.c.id).where(
        log_files.c.first_id == columns.first_id,
        log_files.c.struck_with.is_(None),
        log_files.c.name.icontains(word, autoescape=True),
    )
    kinds = [kind for kind in LogKind if word in kind_word(kind).split("、")]
    return or_(
        *(columns[name].icontains(word, autoescape=True) for name in _SEARCHED),
        columns.kind.in_(kinds),
        of_files.exists(),
    )


async def _store(
    tx: Tx,
    entry: LogEntry,
    event: str,
    doer: Doer,
    files: Sequence[CheckedFile],
    struck: Collection[UUID] = (),
) -> None:
    await tx.execute(insert(log_entries).values(asdict(entry)))
    await strike_files(tx, entry, struck)
    added = await add_files(tx, entry, files)
    facts: dict[str, object] = {
        "entry": str(entry.first_id),
        "version": entry.version,
        "desk_id": str(entry.desk_id),
        "kind": entry.kind,
        "at": entry.at.isoformat(),
        **({"files": [_file_facts(file) for file in added]} if added else {}),
        **({"struck": sorted(map(str, struck))} if struck else {}),
    }
    told: dict[str, object] = {
        name: text for name in (*_SEARCHED, "reason") if (text := getattr(entry, name))
    }
    if added:
        told["files"] = [file.name for file in added]
    line = Entry(doer.now, event, doer.actor, entry.warning_id, facts=facts, particulars=told)
    await append_entries(tx, [line])


def _file_facts(file: LogFile) -> dict[str, object]:
    """What tells later whether the file is still the one that was taken."""
    return {
        "id": str(file.id),
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256.hex(),
    }
