"""The rota decided: who stands at a desk at a moment, and where a rota contradicts itself."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.duty.model import Absence, Change, Desk, NobodyOnDuty, Role, Shift, Standing

# A shift of more than two days is a slip of the pen in the sheet, not a shift.
LONGEST_SHIFT = timedelta(hours=48)


def resolve(
    desk: Desk, shifts: Iterable[Shift], now: datetime, changes: Iterable[Change] = ()
) -> Standing | NobodyOnDuty:
    """Who stands at `desk` at `now`. Shifts of other desks are passed over, and changes of other shifts.

    A shift begins at its first moment and has ended at its last. Should two overlap, the one that
    began later stands: that is the relief who came.
    """
    own = [shift for shift in shifts if shift.desk_id == desk.id]
    current = [shift for shift in own if shift.starts_at <= now < shift.ends_at]
    if current:
        shift = max(current, key=lambda each: (each.starts_at, each.id))
        return standing_in(shift, changes, now)
    return NobodyOnDuty(_absence(own, now), desk.fallback_contact_id)


def standing_in(shift: Shift, changes: Iterable[Change], now: datetime) -> Standing:
    """Who stands in a shift at a moment of it: of the changes that cover it, the last made counts."""
    stands = {Role.OFFICER: shift.officer_id, Role.SECOND: shift.second_id, Role.LEADER: shift.leader_id}
    for change in sorted(changes, key=lambda each: (each.made_at, each.id)):
        covers = change.starts_at <= now < change.ends_at and change.undone_at is None
        if covers and change.shift_id == shift.id:
            stands[change.role] = change.person_id
    officer_id = stands[Role.OFFICER] or shift.officer_id
    return Standing(officer_id, stands[Role.LEADER], shift, stands[Role.SECOND])


@dataclass(frozen=True, slots=True)
class Overlap:
    """A shift that cannot be, because somebody else stands at that desk then."""

    refused: Shift
    standing: Shift


def without_overlaps(wanted: Iterable[Shift], stored: Iterable[Shift]) -> tuple[list[Shift], list[Overlap]]:
    """The wanted shifts that fit, in order, and those that do not.

    One that begins with a stored shift of its desk replaces that. Of two that overlap the first
    stays, and what is stored stays before what is wanted.
    """
    rotas: defaultdict[UUID, dict[datetime, Shift]] = defaultdict(dict)
    starts: defaultdict[UUID, list[datetime]] = defaultdict(list)
    for shift in stored:
        rotas[shift.desk_id][shift.starts_at] = shift
        insort(starts[shift.desk_id], shift.starts_at)
    kept: dict[tuple[UUID, datetime], Shift] = {}
    refused: list[Overlap] = []
    for shift in wanted:
        rota, begins = rotas[shift.desk_id], starts[shift.desk_id]
        earlier = kept.get((shift.desk_id, shift.starts_at))
        conflict = _neighbour(shift, rota, begins) if earlier is None else earlier
        if conflict is None:
            if shift.starts_at not in rota:
                insort(begins, shift.starts_at)
            rota[shift.starts_at] = kept[shift.desk_id, shift.starts_at] = shift
        elif earlier is None or not _same(shift, earlier):
            refused.append(Overlap(shift, conflict))
    return list(kept.values()), refused


def _neighbour(shift: Shift, rota: Mapping[datetime, Shift], begins: Sequence[datetime]) -> Shift | None:
    """The shift before or after that overlaps; a rota without overlaps needs no further look."""
    place = bisect_left(begins, shift.starts_at)
    after = [begin for begin in begins[place : place + 2] if begin != shift.starts_at]
    for begin in (*begins[max(place - 1, 0) : place], *after):
        other = rota[begin]
        if other.starts_at < shift.ends_at and shift.starts_at < other.ends_at:
            return other
    return None


def _same(one: Shift, other: Shift) -> bool:
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("ends_at", "officer_id", "leader_id", "second_id", "name")
    )


def _absence(own: Sequence[Shift], now: datetime) -> Absence:
    if not own:
        return Absence.NO_SHIFT
    was_somebody = any(shift.ends_at <= now for shift in own)
    will_be_somebody = any(shift.starts_at > now for shift in own)
    if was_somebody and will_be_somebody:
        return Absence.GAP
    return Absence.ENDED if was_somebody else Absence.NOT_BEGUN
