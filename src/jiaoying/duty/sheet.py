"""Rota sheets (`jiaoying duty import`): read, checked against each other, and written."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import UUID

from sqlalchemy import func, literal, select

from jiaoying.duty.change_store import changes_of
from jiaoying.duty.model import Desk, Role, Shift
from jiaoying.duty.month_loading import usual_hours
from jiaoying.duty.month_reading import DUTY_ROOM, NO_HOURS, UsualHours, read_month_grid
from jiaoying.duty.rota import LONGEST_SHIFT, Overlap, without_overlaps
from jiaoying.duty.rota_rows import Named, RotaRow, joined_with, plain_name
from jiaoying.duty.store import all_desks, lock_rota, save_desk, save_shifts, shifts_between
from jiaoying.kernel.areas import complete_code, prefix_of
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.phone import Number, read_number
from jiaoying.kernel.sheets import (
    Cell,
    Grid,
    SheetComplaint,
    SheetFile,
    find_table,
    plain_text,
    read_file,
    read_grids,
)
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import areas

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "desk": ("值班室", "值班单位", "单位", "desk"),
    "from": ("起", "开始", "开始时间", "起始时间", "from"),
    "to": ("止", "结束", "结束时间", "截止时间", "to"),
    "officer": ("值班员", "值班人员", "officer"),
    "officer_mobile": ("值班员手机", "值班员电话", "值班人员手机", "officer_mobile"),
    "second": ("第二值班员", "副值班员", "second"),
    "second_mobile": ("第二值班员手机", "第二值班员电话", "副值班员手机", "second_mobile"),
    "leader": ("带班领导", "leader"),
    "leader_mobile": ("带班领导手机", "带班领导电话", "leader_mobile"),
    "area_code": ("区划代码", "area_code"),
    "desk_phone": ("值班电话", "值班室电话", "desk_phone"),
}
_SYNONYMS = {heading: column for column, headings in COLUMNS.items() for heading in headings}
_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T ]*(\d{1,2})[:时点](\d{1,2})?分?(?::\d{1,2}(?:\.\d+)?)?"
)


class PeopleFinder(Protocol):
    """Finds or adds the people of a rota on the roster (`contacts.store.find_or_add_people`)."""

    async def __call__(
        self,
        tx: Tx,
        people: Sequence[tuple[str, Number | None]],
        *,
        now: datetime,
        note: str,
        actor: str,
        kind: str = "person",
    ) -> list[UUID | None]: ...


@dataclass(frozen=True, slots=True)
class RotaImport:
    """What an import did. Counts are shifts."""

    added: int
    changed: int
    unchanged: int
    complaints: tuple[SheetComplaint, ...]

    def as_data(self) -> dict[str, object]:
        """As `duty import --json` prints it."""
        return asdict(self)


async def import_rota(
    database: Database,
    path: Path,
    *,
    locality: Locality,
    now: datetime,
    people: PeopleFinder,
    actor: str = "keeper",
) -> RotaImport:
    """Import a rota sheet (xlsx, csv). Raises Refusal where the file as a whole cannot be used."""
    file = await asyncio.to_thread(read_file, path)
    return await import_rota_file(database, file, locality=locality, now=now, people=people, actor=actor)


async def import_rota_file(
    database: Database,
    file: SheetFile,
    *,
    locality: Locality,
    now: datetime,
    people: PeopleFinder,
    actor: str = "keeper",
) -> RotaImport:
    """As `import_rota`, from bytes. What contradicts itself or the stored rota is told and left out."""
    grids = await asyncio.to_thread(read_grids, file)
    async with database.transaction() as tx:
        usual = await usual_hours(tx)
    rows, complaints = read_rota(grids, locality, usual)
    async with database.transaction() as tx:
        await lock_rota(tx)
        writer = _Writer(tx, locality, now, actor, people, complaints)
        wanted = await writer.shifts_of(rows)
        saved = await save_shifts(tx, await writer.that_fit(wanted), now=now, actor=actor)
    return RotaImport(saved.added, saved.changed, saved.unchanged, tuple(complaints))


def read_rota(
    grids: Sequence[Grid], locality: Locality, usual: UsualHours = NO_HOURS
) -> tuple[list[RotaRow], list[SheetComplaint]]:
    """The rows of all sheets, lists and month grids, with wall times in the settings' zone made absolute."""
    rows: list[RotaRow] = []
    complaints: list[SheetComplaint] = []
    for grid in grids:
        month = read_month_grid(grid, locality, usual)
        if month is not None:
            rows += month[0]
            complaints += month[1]
            continue
        table = find_table(grid, _SYNONYMS)
        if table is None:
            if grid.rows:
                text = say("No row with the headings 值班室, 起, 止, 值班员 was found; the sheet is left out")
                complaints.append(SheetComplaint(grid.name, 0, "", "no_headings", text))
            continue
        for number, record in table.records:
            row = _RowReader(table.sheet, number, record, locality, complaints).read()
            if row is not None:
                rows.append(replace(row, keeps_second="second" not in table.headings))
    return rows, complaints


def read_moment(cell: Cell, locality: Locality) -> datetime | None:
    """A moment from a date cell, `2026-08-07 08:30`, `2026年8月7日8时30分` or RFC 3339; wall times are local.

    `24:00` is the end of that day. None for anything else.
    """
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=locality.timezone)
    text = plain_text(cell)
    found = _MOMENT.fullmatch(text)
    try:
        if found is None:
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo and len(text) > 10 else None
        year, month, day, hour, minute = (int(part or 0) for part in found.groups())
        midnight = datetime(year, month, day, tzinfo=locality.timezone)
        if hour > 24 or minute > 59 or (hour == 24 and minute):
            return None
        return midnight + timedelta(hours=hour, minutes=minute)
    except ValueError:
        return None


@dataclass(slots=True)
class _RowReader:
    sheet: str
    number: int
    record: Mapping[str, Cell]
    locality: Locality
    complaints: list[SheetComplaint]

    def read(self) -> RotaRow | None:
        desk = self._text("desk")
        officer = self._person("officer")
        starts_at, ends_at = self._moment("from"), self._moment("to")
        if not desk:
            self._complain("desk", "desk_missing", say("There is no desk; the row is left out"))
        if officer is None:
            self._complain("officer", "officer_missing", say("There is no officer; the row is left out"))
        if not desk or officer is None or starts_at is None or ends_at is None:
            return None
        if not timedelta() < ends_at - starts_at <= LONGEST_SHIFT:
            text = say("A shift lasts from a minute to {hours} hours; the row is left out", hours=48)
            self._complain("to", "shift_length", text)
            return None
        code = plain_text(self.record.get("area_code"))
        return RotaRow(
            self.sheet,
            self.number,
            desk,
            starts_at,
            ends_at,
            officer,
            self._person("leader"),
            complete_code(code) if code else None,
            self._number("desk_phone"),
            self._second(officer),
        )

    def _second(self, officer: Named) -> Named | None:
        second = self._person("second")
        if second != officer:
            return second
        text = say("The second officer is the first one: the shift has no second")
        self._complain("second", "officer_twice", text)
        return None

    def _moment(self, column: str) -> datetime | None:
        moment = read_moment(self.record.get(column), self.locality)
        if moment is None:
            text = say("“{text}” is no time; write it as 2026-08-07 08:30", text=self._text(column))
            self._complain(column, "time_unreadable", text)
        return moment

    def _person(self, column: str) -> Named | None:
        name = plain_name(self._text(column))
        return (name, self._number(f"{column}_mobile")) if name else None

    def _number(self, column: str) -> Number | None:
        cell = self.record.get(column)
        if not plain_text(cell):
            return None
        number = read_number(cell, self.locality.dialling_code)
        if isinstance(number, Complaint):
            self._complain(column, number.code, number.text)
            return None
        return number

    def _text(self, column: str) -> str:
        return plain_text(self.record.get(column))[:60]

    def _complain(self, column: str, code: str, text: str) -> None:
        self.complaints.append(SheetComplaint(self.sheet, self.number, column, code, text))


@dataclass(slots=True)
class _Writer:
    """Turns rows into shifts of known desks and people; what cannot be turned is told."""

    tx: Tx
    locality: Locality
    now: datetime
    actor: str
    people: PeopleFinder
    complaints: list[SheetComplaint]
    rows_by_shift: dict[UUID, RotaRow] = field(default_factory=dict[UUID, RotaRow])

    async def shifts_of(self, rows: Sequence[RotaRow]) -> list[Shift]:
        desks = await self._desks(rows)
        rows = [row for row in rows if row.desk in desks]
        named = [person for row in rows for person in row.people]
        note = say("Added from a rota")
        ids = await self.people(self.tx, named, now=self.now, note=note, actor=self.actor)
        known = dict(zip(named, ids, strict=True))
        found: list[Shift] = []
        for row in rows:
            officer, leader, second = (
                known[person] if person else None for person in (row.officer, row.leader, row.second)
            )
            if row.leader and leader is None:
                self._complain_of_person(row, "leader", row.leader[0], say("the shift has no leader"))
            if row.second and second is None:
                result = say("the shift has no second officer")
                self._complain_of_person(row, "second", row.second[0], result)
            if officer is None:
                self._complain_of_person(row, "officer", row.officer[0], say("the row is left out"))
                continue
            shift = Shift(
                new_id(self.now),
                desks[row.desk].id,
                row.starts_at,
                row.ends_at,
                officer,
                leader,
                None if second == officer else second,
                row.name,
            )
            self.rows_by_shift[shift.id] = row
            found.append(shift)
        return found

    async def that_fit(self, wanted: Sequence[Shift]) -> list[Shift]:
        """The shifts that contradict neither each other nor the stored rota."""
        if not wanted:
            return []
        stored = await shifts_between(
            self.tx,
            {shift.desk_id for shift in wanted},
            min(shift.starts_at for shift in wanted),
            max(shift.ends_at for shift in wanted),
        )
        joined = await self._joined(wanted, stored)
        kept, refused = without_overlaps(joined, stored)
        for overlap in refused:
            self._complain_of_overlap(overlap)
        return kept

    async def _joined(self, wanted: Sequence[Shift], stored: Sequence[Shift]) -> list[Shift]:
        """The shifts with what their sheet says nothing of; what was changed by hand since is told."""
        changes = await changes_of(self.tx, [shift.id for shift in stored])
        same_start = {(shift.desk_id, shift.starts_at): shift for shift in stored}
        found: list[Shift] = []
        for shift in wanted:
            row, before = self.rows_by_shift[shift.id], same_start.get((shift.desk_id, shift.starts_at))
            joined = shift if before is None else joined_with(before, shift, changes, row)
            if isinstance(joined, Role):
                text = say("This shift was changed by hand since; change it in the rota. The row is left out")
                self._complain(row, joined, "changed_by_hand", text)
            else:
                found.append(joined)
        return found

    async def _desks(self, rows: Sequence[RotaRow]) -> dict[str, Desk]:
        """The desks by name. One that nobody knows is made, at the area that the row or its name says."""
        desks = {desk.name: desk for desk in await all_desks(self.tx)}
        # A title that names the office (沁水县应急管理局2026年8月值班表) means its duty room.
        for name in {row.desk for row in rows if row.as_stands} - desks.keys():
            if name + DUTY_ROOM in desks:
                desks[name] = desks[name + DUTY_ROOM]
        settled: set[tuple[str, Number | None]] = set()
        for row in rows:
            if (row.desk, row.desk_phone) in settled or (row.desk in desks and row.desk_phone is None):
                continue
            settled.add((row.desk, row.desk_phone))
            area = desks[row.desk].area_code if row.desk in desks else await self._area_of(row)
            if area is None:
                text = say(
                    "The desk {desk} is not known and its name tells no area: add the column 区划代码",
                    desk=row.desk,
                )
                self._complain(row, "desk", "desk_unknown", text)
                continue
            fallback = await self._fallback(row)
            desks[row.desk] = await save_desk(
                self.tx, area, row.desk, fallback, now=self.now, actor=self.actor
            )
        return desks

    async def _fallback(self, row: RotaRow) -> UUID | None:
        if row.desk_phone is None:
            return None
        (found,) = await self.people(
            self.tx,
            [(row.desk, row.desk_phone)],
            now=self.now,
            note=say("The fixed number of a desk"),
            actor=self.actor,
            kind="desk",
        )
        return found

    async def _area_of(self, row: RotaRow) -> str | None:
        """The area of the code, or the finest unit at home whose name is part of the desk's."""
        query = select(areas.c.code).where(areas.c.code.like(prefix_of(self.locality.home_area) + "%"))
        if row.area_code is not None:
            query = query.where(areas.c.code == row.area_code)
        else:
            query = query.where(
                func.strpos(literal(row.desk), areas.c.name) > 0, areas.c.level.in_(("county", "township"))
            )
        codes = list((await self.tx.execute(query.order_by(areas.c.code.desc()))).scalars())
        return codes[0] if codes else None

    def _complain_of_overlap(self, overlap: Overlap) -> None:
        begin, end = (
            f"{moment.astimezone(self.locality.timezone):%m-%d %H:%M}"
            for moment in (overlap.standing.starts_at, overlap.standing.ends_at)
        )
        text = say(
            "At this desk somebody else stands from {begin} to {end}; the row is left out",
            begin=begin,
            end=end,
        )
        self._complain(self.rows_by_shift[overlap.refused.id], "from", "shift_overlaps", text)

    def _complain_of_person(self, row: RotaRow, column: str, name: str, result: str) -> None:
        text = say(
            "{name} is not on the roster, or there are several; write the number: {result}",
            name=name,
            result=result,
        )
        self._complain(row, column, f"{column}_unknown", text)

    def _complain(self, row: RotaRow, column: str, code: str, text: str) -> None:
        self.complaints.append(SheetComplaint(row.sheet, row.row, column, code, text))
