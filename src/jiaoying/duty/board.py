"""What the pages of the rota read: who stands now and next, and who stands in each shift of some weeks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.duty.change_store import changes_of, reasons_of
from jiaoying.duty.model import Change, Desk, NobodyOnDuty, Role, Shift, Standing
from jiaoying.duty.rota import resolve
from jiaoying.duty.shift_times import moment_of
from jiaoying.duty.store import all_desks, all_shifts_between, shifts_between, shifts_by_id, who_stands
from jiaoying.storage.database import Tx

_AHEAD = timedelta(days=3)  # two shifts of the longest kind, and a part of a third


@dataclass(frozen=True, slots=True)
class Stay:
    """Who stands in one role of a shift, from one moment up to another: by a change, or as it was planned."""

    person_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    change: Change | None


@dataclass(frozen=True, slots=True)
class Manned:
    """A shift with whoever stands in it, by role and in order of time."""

    shift: Shift
    stays: Mapping[Role, Sequence[Stay]]

    @property
    def people(self) -> set[UUID]:
        """Whoever stands in it or was planned to."""
        planned = (self.shift.officer_id, self.shift.second_id, self.shift.leader_id)
        standing = (stay.person_id for stays in self.stays.values() for stay in stays)
        return {person_id for person_id in (*planned, *standing) if person_id}

    @property
    def changes(self) -> list[Change]:
        """The changes by which somebody stands in it, each once."""
        return list(
            {
                stay.change.id: stay.change for stays in self.stays.values() for stay in stays if stay.change
            }.values()
        )

    def planned(self, role: Role) -> UUID | None:
        """Who was planned for a role."""
        match role:
            case Role.OFFICER:
                return self.shift.officer_id
            case Role.SECOND:
                return self.shift.second_id
            case Role.LEADER:
                return self.shift.leader_id


@dataclass(frozen=True, slots=True)
class DeskNow:
    """A desk at this moment: who stands there and until when, and who stands there then."""

    desk: Desk
    standing: Standing | NobodyOnDuty
    until: datetime | None = None
    following: Standing | NobodyOnDuty | None = None


def stays_in(shift: Shift, role: Role, changes: Iterable[Change]) -> list[Stay]:
    """Who stands in a role of a shift: of the changes that cover a moment, the last made counts."""
    own = [each for each in changes if (each.shift_id, each.role, each.undone_at) == (shift.id, role, None)]
    planned = Manned(shift, {}).planned(role)
    edges = {shift.starts_at, shift.ends_at, *(at for one in own for at in (one.starts_at, one.ends_at))}
    found: list[Stay] = []
    for begin, end in pairwise(sorted(at for at in edges if shift.starts_at <= at <= shift.ends_at)):
        covering = [each for each in own if each.starts_at <= begin < each.ends_at]
        change = max(covering, key=lambda each: (each.made_at, each.id), default=None)
        if found and found[-1].change == change:
            found[-1] = replace(found[-1], ends_at=end)
        else:
            found.append(Stay(change.person_id if change else planned, begin, end, change))
    return found


def manned(shift: Shift, changes: Iterable[Change]) -> Manned:
    """A shift with whoever stands in it."""
    own = list(changes)
    return Manned(shift, {role: stays_in(shift, role, own) for role in Role})


async def desks_now(tx: Tx, now: datetime) -> list[DeskNow]:
    """Every desk as it stands, and what comes next there within the coming days."""
    desks = await all_desks(tx)
    standing = await who_stands(tx, [desk.id for desk in desks], now)
    ahead = await all_shifts_between(tx, now, now + _AHEAD)
    changes = await changes_of(tx, [shift.id for shift in ahead])
    return [
        DeskNow(desk, standing[desk.id], *_following(desk, standing[desk.id], ahead, changes, now))
        for desk in desks
    ]


async def shifts_of_days(tx: Tx, desk_id: UUID, first: date, last: date, zone: ZoneInfo) -> list[Manned]:
    """The shifts of a desk that begin on the days from `first` to `last`, in order."""
    begin, end = moment_of(first, time(0), zone), moment_of(last + timedelta(days=1), time(0), zone)
    found = [each for each in await shifts_between(tx, [desk_id], begin, end) if each.starts_at >= begin]
    return await with_people(tx, found)


async def manned_by_id(tx: Tx, shift_ids: Iterable[UUID]) -> dict[UUID, Manned]:
    """These shifts with their people; unknown ones are left out."""
    return {one.shift.id: one for one in await with_people(tx, await shifts_by_id(tx, shift_ids))}


async def with_people(tx: Tx, shifts: Sequence[Shift]) -> list[Manned]:
    """Shifts with whoever stands in them."""
    changes = await changes_of(tx, [shift.id for shift in shifts])
    by_shift: dict[UUID, list[Change]] = {}
    for change in changes:
        by_shift.setdefault(change.shift_id, []).append(change)
    return [manned(shift, by_shift.get(shift.id, ())) for shift in shifts]


async def why_changed(tx: Tx, shifts: Iterable[Manned]) -> dict[UUID, str]:
    """The reason of each change by which somebody stands in these shifts."""
    ids = [change.id for one in shifts for change in one.changes]
    return {change_id: told.reason for change_id, told in (await reasons_of(tx, ids)).items()}


def _following(
    desk: Desk,
    standing: Standing | NobodyOnDuty,
    ahead: Sequence[Shift],
    changes: Sequence[Change],
    now: datetime,
) -> tuple[datetime | None, Standing | NobodyOnDuty | None]:
    """When somebody else stands there, and who: nobody is somebody else too."""
    own = [shift for shift in ahead if shift.desk_id == desk.id]
    edges = {at for shift in own for at in (shift.starts_at, shift.ends_at)}
    ids = {shift.id for shift in own}
    edges |= {at for each in changes if each.shift_id in ids for at in (each.starts_at, each.ends_at)}
    for at in sorted(edge for edge in edges if edge > now):
        then = resolve(desk, own, at, changes)
        if _people_of(then) != _people_of(standing):
            return at, then
    return None, None


def _people_of(standing: Standing | NobodyOnDuty) -> tuple[UUID | None, ...]:
    if isinstance(standing, NobodyOnDuty):
        return ()
    return standing.officer_id, standing.second_id, standing.leader_id
