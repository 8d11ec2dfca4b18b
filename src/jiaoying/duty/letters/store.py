"""Risk reminder letters in rows."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select, update

from jiaoying.duty.letters.model import Draft, Letter, LetterState, Unit, UnitState, WarningTold
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import letter_units, letters

# Numbers are drawn one at a time: so they have no gaps and no twins.
_NUMBER_LOCK = 7_201_424
_DRAFTED = ("title", "series", "language", "risk", "requests", "confirm_minutes")
_WHOLE = (
    *("id", "warning_id", "exercise", "year", "number", "version", "written_at", "written_by"),
    *("signed_at", "signed_by", "sent_at", "sent_by", "ended_at", "ended_by", "reason"),
)
MOST_LISTED = 200


async def list_letters(tx: Tx, limit: int = MOST_LISTED) -> list[Letter]:
    """The newest letters first; drafts that were thrown away are left out."""
    query = select(letters).where(letters.c.state != LetterState.DISCARDED).order_by(letters.c.id.desc())
    return [_letter(row) for row in await tx.execute(query.limit(limit))]


async def letters_about(tx: Tx, warning_id: UUID) -> list[Letter]:
    """The letters about one warning, the newest first."""
    query = select(letters).where(
        letters.c.warning_id == warning_id, letters.c.state != LetterState.DISCARDED
    )
    return [_letter(row) for row in await tx.execute(query.order_by(letters.c.id.desc()))]


async def letter_by_id(tx: Tx, letter_id: UUID, *, lock: bool = False) -> Letter | None:
    query = select(letters).where(letters.c.id == letter_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _letter(row)


async def letters_by_call(tx: Tx, call_ids: Iterable[UUID]) -> dict[UUID, Letter]:
    """The letter that each of these duty calls tells of."""
    rows = await tx.execute(
        select(letter_units.c.call_id, letters)
        .join(letter_units, letter_units.c.letter_id == letters.c.id)
        .where(letter_units.c.call_id.in_(list(call_ids)))
    )
    return {row.call_id: _letter(row) for row in rows}


async def units_of(tx: Tx, letter_ids: Iterable[UUID], *, lock: bool = False) -> dict[UUID, list[Unit]]:
    """To whom these letters go, in order; locked for whoever writes them."""
    query = _units().where(letter_units.c.letter_id.in_(list(letter_ids))).order_by(letter_units.c.position)
    found: dict[UUID, list[Unit]] = {}
    for unit in read_as(Unit, await tx.execute(query.with_for_update() if lock else query)):
        found.setdefault(unit.letter_id, []).append(unit)
    return found


async def unconfirmed_letters(tx: Tx) -> list[tuple[Letter, list[Unit]]]:
    """What a desk hands over: sent letters that some unit has not confirmed, with those units."""
    waiting = (UnitState.ASKED, UnitState.SILENT)
    rows = await tx.execute(
        select(letters)
        .where(
            letters.c.state == LetterState.SENT,
            select(letter_units.c.id)
            .where(letter_units.c.letter_id == letters.c.id, letter_units.c.state.in_(waiting))
            .exists(),
        )
        .order_by(letters.c.id)
    )
    found = [_letter(row) for row in rows]
    units = await units_of(tx, [letter.id for letter in found])
    return [(letter, [unit for unit in units[letter.id] if unit.state in waiting]) for letter in found]


async def write_letter(tx: Tx, letter: Letter, units: Sequence[Unit]) -> None:
    """Insert a draft with its units."""
    await tx.execute(insert(letters).values(_values(letter)))
    await _write_units(tx, units)


async def change_letter(tx: Tx, letter: Letter, units: Sequence[Unit] | None = None) -> None:
    """Write how a letter stands that is locked; its units anew only where they are given."""
    values = {name: value for name, value in _values(letter).items() if name != "id"}
    await tx.execute(update(letters).where(letters.c.id == letter.id).values(values))
    if units is not None:
        await tx.execute(delete(letter_units).where(letter_units.c.letter_id == letter.id))
        await _write_units(tx, units)


async def next_number(tx: Tx, series: str, year: int) -> int:
    """The next number of a series in a year; nobody else draws one before this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_NUMBER_LOCK)))
    last = await tx.scalar(
        select(func.max(letters.c.number)).where(letters.c.series == series, letters.c.year == year)
    )
    return int(last or 0) + 1


async def last_series(tx: Tx) -> str | None:
    """The series of the letter signed last."""
    return await tx.scalar(
        select(letters.c.series)
        .where(letters.c.signed_at.is_not(None))
        .order_by(letters.c.signed_at.desc(), letters.c.id.desc())
        .limit(1)
    )


# --- what comes of it ---


async def is_anything_due(tx: Tx, now: datetime) -> bool:
    """Whether a unit is to be called, or looked at."""
    due = select(letter_units.c.id).where(letter_units.c.next_at <= now)
    return bool(await tx.scalar(select(due.exists())))


async def claim_due(tx: Tx, now: datetime, limit: int, only: UUID | None = None) -> list[Unit]:
    """Units whose next moment has come, locked, letter by letter; what another worker has is left to it."""
    query = _units().where(letter_units.c.next_at <= now)
    if only is not None:
        query = query.where(letter_units.c.id == only)
    query = query.order_by(letter_units.c.letter_id, letter_units.c.position).limit(limit)
    return read_as(Unit, await tx.execute(query.with_for_update(skip_locked=True)))


async def called_units(tx: Tx, letter_id: UUID | None = None) -> list[Unit]:
    """Units, of all letters or of one, that were asked and may still confirm, locked, letter by letter."""
    query = _units().where(letter_units.c.next_at.is_not(None), letter_units.c.call_id.is_not(None))
    if letter_id is not None:
        query = query.where(letter_units.c.letter_id == letter_id)
    query = query.order_by(letter_units.c.letter_id, letter_units.c.position)
    return read_as(Unit, await tx.execute(query.with_for_update(skip_locked=True)))


async def store_units(tx: Tx, units: Iterable[Unit]) -> None:
    """Write how locked units stand."""
    for unit in units:
        values = {name: value for name, value in asdict(unit).items() if name != "id"}
        await tx.execute(update(letter_units).where(letter_units.c.id == unit.id).values(values))


async def _write_units(tx: Tx, units: Sequence[Unit]) -> None:
    if units:
        await tx.execute(insert(letter_units), [asdict(unit) for unit in units])


def _units() -> Any:
    return select(*columns_of(Unit, letter_units))


def _values(letter: Letter) -> dict[str, Any]:
    draft = {name: getattr(letter.draft, name) for name in _DRAFTED}
    whole = {name: getattr(letter, name) for name in _WHOLE}
    body = None if letter.body is None else list(letter.body)
    return {**draft, **whole, "facts": asdict(letter.draft.told), "body": body, "state": letter.state}


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        draft=Draft(**{name: getattr(row, name) for name in _DRAFTED}, told=WarningTold(**row.facts)),
        body=None if row.body is None else tuple(row.body),
        state=LetterState(row.state),
        **{name: getattr(row, name) for name in _WHOLE},
    )
