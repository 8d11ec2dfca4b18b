"""The rota of one month as the grid that hangs at the desk (值班表), built from shifts. Pure.

A row for each day, for each shift of the day who stands there, the leader (带班领导), and what was changed.
The words of the form are Chinese whatever the reader's language, as the offices print it. `month_workbook`
writes it, `month_reading` reads it back.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.duty.days import Calendar, DayKind
from jiaoying.duty.model import Change, ChangeKind, Role, Shift
from jiaoying.duty.rota import standing_in
from jiaoying.duty.shift_hours import Hours, clock_text, hours_between, hours_text
from jiaoying.kernel.phone import masked

NO_NUMBER, NOBODY = "—", "无"
_LONGEST_CODE = 10  # digits of a Chinese landline without its 0; a mobile has 11
WEEKDAYS = "一二三四五六日"
ROLE_WORDS: Mapping[Role, str] = {
    Role.OFFICER: "值班员",
    Role.SECOND: "第二值班员",
    Role.LEADER: "带班领导",
}
_KIND_WORDS: Mapping[ChangeKind, str] = {
    ChangeKind.OVERRIDE: "换人",
    ChangeKind.SWAP: "调班",
    ChangeKind.LEAVE: "请假",
    ChangeKind.TAKEOVER: "顶班",
}


# --- what stands on it ---


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the sheet names them; the number as it is dialled here, empty where there is none."""

    name: str
    number: str = ""


@dataclass(frozen=True, slots=True, order=True)
class ShiftColumn:
    """The shifts of one name and the hours that most of them have."""

    hours: Hours
    name: str = ""

    def label(self, columns: Collection["ShiftColumn"]) -> str:
        """By what it is told from the other columns: its name, or its hours where that is not enough."""
        alike = [each for each in columns if each.name == self.name]
        return self.name if self.name and len(alike) == 1 else self.name + hours_text(self.hours)


@dataclass(frozen=True, slots=True)
class Entry:
    """Who stands in one shift as it begins; `hours` only where they are not those of the column."""

    officers: tuple[Person, ...]
    leader: Person | None = None
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day: an entry for each column, None where there is no such shift."""

    day: date
    kind: DayKind
    label: str
    entries: tuple[Entry | None, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filing:
    """Who hands the sheet in (填报单位, 填表人, 填表日期); what is empty is filled in by hand."""

    unit: str = ""
    by: str = ""
    on: date | None = None


BY_HAND = Filing()


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """A month of one desk."""

    desk: str
    month: date
    columns: tuple[ShiftColumn, ...]
    days: tuple[DayRow, ...]
    filing: Filing = BY_HAND

    @property
    def title(self) -> str:
        return f"{self.desk}{self.month.year}年{self.month.month}月值班表"


def dialled(e164: str) -> str:
    """A number as it is dialled in China: `13800000000`, `0356-7000000转801`; others as they are."""
    line, _, extension = e164.partition(";ext=")
    digits = line.removeprefix("+86")
    if line.startswith("+86") and len(digits) <= _LONGEST_CODE:
        code = 2 if digits[:1] in "12" else 3
        line = f"0{digits[:code]}-{digits[code:]}"
    elif line.startswith("+86"):
        line = digits
    return f"{line}转{extension}" if extension else line


def people_on_sheet(
    names: Mapping[UUID, str], numbers: Mapping[UUID, str], *, whole_numbers: bool = True
) -> dict[UUID, Person]:
    """The people of a sheet by id; the numbers are E.164, and masked where they are not to be whole."""
    written = dialled if whole_numbers else masked
    return {
        person_id: Person(name, written(numbers[person_id]) if numbers.get(person_id) else "")
        for person_id, name in names.items()
    }


# --- built ---


def month_sheet(
    desk: str,
    month: date,
    shifts: Iterable[Shift],
    changes: Iterable[Change],
    people: Mapping[UUID, Person],
    calendar: Calendar,
    zone: ZoneInfo,
    filing: Filing = BY_HAND,
) -> MonthSheet:
    """The sheet of a desk's shifts that begin in the month of a date, as they were changed."""
    begun = {shift: shift.starts_at.astimezone(zone).date() for shift in shifts}
    own = [shift for shift, day in begun.items() if (day.year, day.month) == (month.year, month.month)]
    own.sort(key=lambda shift: shift.starts_at)
    by_shift: dict[UUID, list[Change]] = {}
    for change in changes:
        by_shift.setdefault(change.shift_id, []).append(change)
    columns, column_of = _columns(own, begun, zone)
    entries: dict[tuple[date, ShiftColumn], Entry] = {}
    notes: dict[date, list[str]] = {}
    for shift in own:
        day, column = begun[shift], column_of[shift]
        entries[day, column] = _entry(shift, by_shift.get(shift.id, ()), people, column, zone)
        before = f"{column.label(columns)}：" if len(columns) > 1 else ""
        told = _notes(shift, by_shift.get(shift.id, ()), people, zone)
        notes.setdefault(day, []).extend(before + note for note in told)
    days = [
        date(month.year, month.month, number + 1) for number in range(monthrange(month.year, month.month)[1])
    ]
    rows = tuple(
        DayRow(
            day,
            calendar.kind(day),
            _label(day, calendar),
            tuple(entries.get((day, column)) for column in columns),
            tuple(notes.get(day, ())),
        )
        for day in days
    )
    return MonthSheet(desk, days[0], columns, rows, filing)


def _columns(
    shifts: Sequence[Shift], begun: Mapping[Shift, date], zone: ZoneInfo
) -> tuple[tuple[ShiftColumn, ...], dict[Shift, ShiftColumn]]:
    """The columns, and in which each shift stands: the usual hours first; unusual ones of the same name go
    into their column where it is free on those days."""
    alike: dict[ShiftColumn, list[Shift]] = {}
    for shift in shifts:
        hours = hours_between(shift.starts_at, shift.ends_at, zone)
        alike.setdefault(ShiftColumn(hours, shift.name), []).append(shift)
    taken: dict[ShiftColumn, set[date]] = {}
    column_of: dict[Shift, ShiftColumn] = {}
    for wanted, own in sorted(alike.items(), key=lambda item: (-len(item[1]), item[0])):
        days = {begun[shift] for shift in own}
        column = next(
            (each for each in taken if each.name == wanted.name and taken[each].isdisjoint(days)), wanted
        )
        taken.setdefault(column, set()).update(days)
        column_of |= dict.fromkeys(own, column)
    return tuple(sorted(taken)), column_of


def _entry(
    shift: Shift,
    changes: Sequence[Change],
    people: Mapping[UUID, Person],
    column: ShiftColumn,
    zone: ZoneInfo,
) -> Entry:
    standing = standing_in(shift, changes, shift.starts_at)
    officers = [standing.officer_id, *([standing.second_id] if standing.second_id else [])]
    hours = hours_between(shift.starts_at, shift.ends_at, zone)
    return Entry(
        tuple(people[person_id] for person_id in officers),
        people[standing.leader_id] if standing.leader_id else None,
        None if hours == column.hours else hours,
    )


def _notes(
    shift: Shift, changes: Sequence[Change], people: Mapping[UUID, Person], zone: ZoneInfo
) -> Iterator[str]:
    """Who was planned and does not stand as the shift begins, and who takes over while it runs."""
    standing = [change for change in changes if change.undone_at is None]
    planned = {Role.OFFICER: shift.officer_id, Role.SECOND: shift.second_id, Role.LEADER: shift.leader_id}
    for role in Role:
        own = sorted((each for each in standing if each.role is role), key=lambda each: each.made_at)
        stood = standing_in(shift, own, shift.starts_at).person_in(role)
        was = planned[role]
        whose = "" if role is Role.OFFICER else ROLE_WORDS[role]
        if stood != was:
            why = _KIND_WORDS[[each for each in own if each.starts_at <= shift.starts_at][-1].kind]
            yield f"{whose}原{people[was].name}，{why}" if was else f"{whose}增加，{why}"
        edges = {at for each in own for at in (each.starts_at, each.ends_at)}
        for at in sorted(edge for edge in edges if shift.starts_at < edge < shift.ends_at):
            after = standing_in(shift, own, at).person_in(role)
            if after not in (stood, None):
                yield f"{clock_text(at.astimezone(zone).time())}起{whose}{people[after].name}"
            stood = after


def _label(day: date, calendar: Calendar) -> str:
    """What the day is called; a day of rest among holidays has the name of the holiday."""
    run = calendar.run(day)
    if run is not None:
        own = (calendar.name(day) or "").partition("（")[0]
        return own if own and own != "休息日" else run.name.partition("（")[0]
    return "调休上班" if day.isoweekday() > 5 and calendar.kind(day) is DayKind.WORKDAY else ""
