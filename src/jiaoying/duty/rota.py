"""The rota decided: who stands at a desk at a moment, and where a rota contradicts itself."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from jiaoying.duty.model import Absence, Desk, NobodyOnDuty, Shift, Standing

# A shift of more than two days is a slip of the pen in the sheet, not a shift.
LONGEST_SHIFT = timedelta(hours=48)


def resolve(desk: Desk, shifts: Iterable[Shift], now: datetime) -> Standing | NobodyOnDuty:
    """Who stands at `desk` at `now`. Shifts of other desks are passed over.

    A shift begins at its first moment and has ended at its last. Should two overlap, the one that
    began later stands: that is the relief who came.
    """
    own = [shift for shift in shifts if shift.desk_id == desk.id]
    current = [shift for shift in own if shift.starts_at <= now < shift.ends_at]
    if current:
        shift = max(current, key=lambda each: (each.starts_at, each.id))
        return Standing(shift.officer_id, shift.leader_id, shift)
    return NobodyOnDuty(_absence(own, now), desk.fallback_contact_id)


def overlaps(shifts: Sequence[Shift]) -> Iterator[tuple[Shift, Shift]]:
    """Pairs of shifts of one desk that stand at the same time, the later one second."""
    standing: dict[object, Shift] = {}
    for shift in sorted(shifts, key=lambda each: (each.starts_at, each.ends_at, each.id)):
        before = standing.get(shift.desk_id)
        if before is not None and shift.starts_at < before.ends_at:
            yield before, shift
        if before is None or shift.ends_at > before.ends_at:
            standing[shift.desk_id] = shift


def _absence(own: Sequence[Shift], now: datetime) -> Absence:
    if not own:
        return Absence.NO_SHIFT
    was_somebody = any(shift.ends_at <= now for shift in own)
    will_be_somebody = any(shift.starts_at > now for shift in own)
    if was_somebody and will_be_somebody:
        return Absence.GAP
    return Absence.ENDED if was_somebody else Absence.NOT_BEGUN
