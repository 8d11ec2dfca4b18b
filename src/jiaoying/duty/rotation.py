"""A rotation: people who take turns of equal length, handed on at one wall time. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.duty.shift_times import moment_of


class Every(StrEnum):
    """What a turn is counted in."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Rotation:
    """`members` take turns of `length` times `every`; the first began on `first_day`, at a wall time.

    Days, weeks and months are handed on at the same wall time, whatever the clocks did meanwhile; in a month
    that is too short, on its last day. Hours are hours that pass.
    """

    members: tuple[UUID, ...]
    first_day: date
    hands_over: time
    zone: ZoneInfo
    every: Every
    length: int = 1


@dataclass(frozen=True, slots=True)
class Turn:
    """One member's turn, up to and not including `ends_at`."""

    member: UUID
    starts_at: datetime
    ends_at: datetime


def hand_over_at(rotation: Rotation, number: int) -> datetime:
    """The moment at which turn `number` begins; turn 0 is the first, those before it are negative."""
    first, count = rotation.first_day, number * rotation.length
    match rotation.every:
        case Every.HOUR:
            return moment_of(first, rotation.hands_over, rotation.zone) + timedelta(hours=count)
        case Every.DAY:
            day = first + timedelta(days=count)
        case Every.WEEK:
            day = first + timedelta(weeks=count)
        case Every.MONTH:
            day = _months_on(first, count)
    return moment_of(day, rotation.hands_over, rotation.zone)


def turn_number(rotation: Rotation, at: datetime) -> int:
    """Which turn a moment belongs to."""
    first, today = rotation.first_day, at.astimezone(rotation.zone).date()
    match rotation.every:
        case Every.HOUR:
            passed = at - hand_over_at(rotation, 0)
            guess = passed // timedelta(hours=rotation.length)
        case Every.DAY:
            guess = (today - first).days // rotation.length
        case Every.WEEK:
            guess = (today - first).days // (7 * rotation.length)
        case Every.MONTH:
            guess = ((today.year - first.year) * 12 + today.month - first.month) // rotation.length
    # The wall time within the day, and clocks that were changed, move it by one at most.
    while hand_over_at(rotation, guess) > at:
        guess -= 1
    while hand_over_at(rotation, guess + 1) <= at:
        guess += 1
    return guess


def turns(rotation: Rotation, begin: datetime, end: datetime) -> Iterator[Turn]:
    """The turns that touch the time from `begin` up to `end`, whole, in order; none without members."""
    if not rotation.members or begin >= end:
        return
    number = turn_number(rotation, begin)
    while (starts_at := hand_over_at(rotation, number)) < end:
        member = rotation.members[number % len(rotation.members)]
        yield Turn(member, starts_at, hand_over_at(rotation, number + 1))
        number += 1


def member_at(rotation: Rotation, at: datetime) -> UUID | None:
    """Whose turn it is; None where there are no members."""
    if not rotation.members:
        return None
    return rotation.members[turn_number(rotation, at) % len(rotation.members)]


def _months_on(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
