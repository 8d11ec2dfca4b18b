"""What one number can still bear, and when it can bear more. Pure.

A carrier lets one number be called so often within any minute, hour and day, failed calls counted; past that
it refuses, and marks who goes on. Used up is counted by the moments at which the carrier took something
over; what still waits to be handed over counts as now, whenever it leaves. Nothing is planned ahead of its
room, so no delay in a queue can bring more together than is allowed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from jiaoying.gateways.base import Channel
from jiaoying.kernel.budgets import Allowance, NumberBudget

# Our clock and the carrier's may differ.
MARGIN = timedelta(seconds=1)
# For a grave warning a number bears so many times as much, in stretches of an hour and more: a shorter
# one is the carrier's own, and it would only refuse.
OVERDRAFT = 2
OVERDRAWN_FROM_S = 3600


class Need(StrEnum):
    """For what a number is asked."""

    GRAVE = "grave"  # red, which 立即转移 is called as: may overdraw
    CALL = "call"
    NOTICE = "notice"  # replies, stand-downs: leave a third to the calls


@dataclass(frozen=True, slots=True)
class Room:
    """When a number can bear one more, by which gateway; `overdrawn` says how much past the budget it is."""

    at: datetime
    gateway: str
    overdrawn: str | None = None


def room_at(allowances: Sequence[Allowance], used: Sequence[datetime], need: Need, now: datetime) -> datetime:
    """The first moment from `now` on at which one more fits into every allowance."""
    return max((_free_at(item, used, need, now) for item in allowances), default=now)


def _free_at(allowance: Allowance, used: Sequence[datetime], need: Need, now: datetime) -> datetime:
    times = _times(allowance, need)
    stretch = timedelta(seconds=allowance.seconds) + MARGIN
    if len(used) < times:
        return now
    # When that one is out of sight, fewer than `times` are left.
    return max(now, sorted(used)[-times] + stretch)


def _times(allowance: Allowance, need: Need) -> int:
    if need is Need.GRAVE and allowance.seconds >= OVERDRAWN_FROM_S:
        return allowance.times * OVERDRAFT
    return max(1, allowance.times - allowance.times // 3) if need is Need.NOTICE else allowance.times


def overdrawn(allowances: Sequence[Allowance], used: Sequence[datetime], now: datetime) -> str | None:
    """What one more now is past, as `6 of 5/h`; None where it is within the budget."""
    for item in allowances:
        since = now - timedelta(seconds=item.seconds) - MARGIN
        count = sum(moment > since for moment in used) + 1
        if count > item.times:
            return f"{count} of {item}"
    return None


_Key = tuple[str, Channel, str]


@dataclass(frozen=True, slots=True)
class Usage:
    """What the numbers in hand have borne, by gateway, channel and number: attempts, and when.

    `budgets` are those of the gateways.
    """

    budgets: Mapping[str, NumberBudget]
    used: dict[_Key, dict[UUID, datetime]] = field(default_factory=dict[_Key, dict[UUID, datetime]])

    def room(
        self,
        gateways: Sequence[str],
        channel: Channel,
        number: str,
        need: Need,
        now: datetime,
        apart: Collection[UUID] = (),
    ) -> Room:
        """Where and when one more fits: the first gateway that has room now, else whichever has it first.

        `apart` are attempts that do not count: what is planned takes their place.
        """
        first = gateways[0]
        if (first, channel, number) not in self.used:
            return Room(now, first)
        rooms = [self._room(name, channel, number, need, now, apart) for name in gateways]
        return next((room for room in rooms if room.at <= now), min(rooms, key=lambda room: room.at))

    def take(self, gateway: str, channel: Channel, number: str, attempt_id: UUID, at: datetime) -> None:
        """Note one more."""
        self.used.setdefault((gateway, channel, number), {})[attempt_id] = at

    def _room(
        self,
        gateway: str,
        channel: Channel,
        number: str,
        need: Need,
        now: datetime,
        apart: Collection[UUID],
    ) -> Room:
        allowances = self.budgets[gateway].of(channel)
        borne = self.used.get((gateway, channel, number), {})
        used = [at for attempt_id, at in borne.items() if attempt_id not in apart]
        at = room_at(allowances, used, need, now)
        past = overdrawn(allowances, used, now) if need is Need.GRAVE and at <= now else None
        return Room(at, gateway, past)
