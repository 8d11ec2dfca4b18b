"""Why somebody should not stand in a shift: the same reasons for filling, swapping and checking. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from jiaoying.duty.days import Calendar
from jiaoying.duty.model import Leave, Role


class Objection(StrEnum):
    """Why a person should not take a shift."""

    ELSEWHERE = "elsewhere"  # stands at another desk, or here in another role, at that time
    ON_LEAVE = "on_leave"
    TOO_LITTLE_REST = "too_little_rest"
    TWICE_ON_HOLIDAY = "twice_on_holiday"  # had a shift on the same run of holidays
    TWO_ROLES = "two_roles"  # officer and leader of one shift


# What an officer may overrule with a reason; one person in two places stays impossible.
OVERRULABLE = frozenset({Objection.TOO_LITTLE_REST, Objection.TWICE_ON_HOLIDAY, Objection.ON_LEAVE})


@dataclass(frozen=True, slots=True)
class Rules:
    """What a county asks of its rota."""

    rest: timedelta = timedelta(hours=16)
    once_a_holiday: bool = True


USUAL = Rules()


@dataclass(frozen=True, slots=True)
class Stint:
    """A person's time in a shift, of the day as which it counts."""

    person_id: UUID
    role: Role
    desk_id: UUID
    day: date
    starts_at: datetime
    ends_at: datetime
    is_night: bool = False


def objections(
    wanted: Stint,
    others: Iterable[Stint],
    leaves: Iterable[Leave],
    rules: Rules,
    calendar: Calendar,
) -> tuple[Objection, ...]:
    """Everything that speaks against a stint, given the other stints and the leaves; of other people they
    are passed over."""
    own = [stint for stint in others if stint.person_id == wanted.person_id]
    found: list[Objection] = []
    at_once = [stint for stint in own if _touches(stint, wanted)]
    if any(_is_same_shift(stint, wanted) for stint in at_once):
        found.append(Objection.TWO_ROLES)
    if any(not _is_same_shift(stint, wanted) for stint in at_once):
        found.append(Objection.ELSEWHERE)
    if any(leave.person_id == wanted.person_id and _touches(leave, wanted) for leave in leaves):
        found.append(Objection.ON_LEAVE)
    if any(_is_too_close(stint, wanted, rules.rest) for stint in own):
        found.append(Objection.TOO_LITTLE_REST)
    run = calendar.run(wanted.day) if rules.once_a_holiday else None
    if run and any(run.first <= stint.day <= run.last and stint not in at_once for stint in own):
        found.append(Objection.TWICE_ON_HOLIDAY)
    return tuple(found)


def _touches(one: Stint | Leave, other: Stint) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _is_same_shift(one: Stint, other: Stint) -> bool:
    return (one.desk_id, one.starts_at) == (other.desk_id, other.starts_at)


def _is_too_close(one: Stint, other: Stint, rest: timedelta) -> bool:
    """A leader is on call and sleeps at home or on post: rest is owed to who sits at the desk."""
    if Role.LEADER in (one.role, other.role) or _touches(one, other):
        return False
    return one.ends_at + rest > other.starts_at and other.ends_at + rest > one.starts_at
