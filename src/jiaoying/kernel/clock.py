"""The only place that asks the system for the time.

Everything else is handed `now` or a `Clock`. Business time may run faster than the wall
(`JIAOYING_CLOCK_RATE`, demonstrations only); durations in the product are business seconds.
"""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Business time."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...

    @property
    def ahead(self) -> timedelta:
        """By how much it runs ahead of the machine's clock, which was set back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of business time."""
        ...


def wall_now() -> datetime:
    """The system's own time in UTC, for what must not be sped up (sessions, sign-in)."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Ties business time to the wall: at wall moment `wall`, business time was `business`.

    All processes of one installation share an anchor (it lies in the database), so that a
    sped-up demonstration shows the same time everywhere.
    """

    wall: datetime
    business: datetime
    rate: float = 1.0


# A clock that is disciplined is moved by less; by more, somebody or something has set it back.
SET_BACK = timedelta(minutes=1)


@dataclass(slots=True, unsafe_hash=True)
class SystemClock:
    """Business time derived from the system clock; at rate 1 without an anchor, the wall itself.

    It never goes back. Where the machine's clock is set back (a dead battery, a hand that slipped) it runs on
    from the latest moment, `ahead` of the machine's, until that has caught up: whatever waits for its moment
    would wait as much longer otherwise, and nobody be called.
    """

    anchor: Anchor | None = None
    ahead: timedelta = field(default=timedelta(), compare=False)
    _latest: datetime | None = field(default=None, compare=False, repr=False)

    @property
    def rate(self) -> float:
        return self.anchor.rate if self.anchor else 1.0

    def now(self) -> datetime:
        by_wall = self._by_wall()
        latest = self._latest or by_wall
        if by_wall >= latest:
            self.ahead = timedelta()
        elif by_wall + self.ahead < latest - SET_BACK * self.rate:
            self.ahead = latest - by_wall
        self._latest = max(latest, by_wall + self.ahead)
        return self._latest

    def go_on_from(self, moment: datetime) -> None:
        """Time stood at this moment when another process last told it."""
        self._latest = max(self._latest or moment, moment)

    def _by_wall(self) -> datetime:
        if self.anchor is None:
            return wall_now()
        return self.anchor.business + (wall_now() - self.anchor.wall) * self.anchor.rate

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.rate)


async def real_sleep(seconds: float) -> None:
    """Wait by the wall: polling and back-off towards machines, which business time does not hurry."""
    await asyncio.sleep(seconds)


def real_pause(seconds: float) -> None:
    """The same for code that blocks a thread of its own, such as starting a server."""
    time.sleep(seconds)


def monotonic() -> float:
    """Seconds that never jump, for measuring how long the machine itself took."""
    return time.monotonic()


@dataclass(slots=True)
class ManualClock:
    """A clock that stands still until it is moved: for tests and the deterministic simulation."""

    moment: datetime
    _sleepers: list[tuple[datetime, asyncio.Future[None]]] = field(
        default_factory=list[tuple[datetime, "asyncio.Future[None]"]]
    )

    def now(self) -> datetime:
        return self.moment

    @property
    def ahead(self) -> timedelta:
        return timedelta()

    async def sleep(self, seconds: float) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.moment + timedelta(seconds=seconds), waiter))
        await waiter

    def next_wake(self) -> datetime | None:
        """When the earliest sleeper is due, or None when nobody sleeps."""
        pending = [due for due, waiter in self._sleepers if not waiter.done()]
        return min(pending, default=None)

    def advance_to(self, moment: datetime) -> None:
        """Move to `moment` and wake everybody who is due by then, earliest first."""
        self.moment = max(self.moment, moment)
        self._sleepers.sort(key=lambda sleeper: sleeper[0])
        while self._sleepers and self._sleepers[0][0] <= self.moment:
            _, waiter = self._sleepers.pop(0)
            if not waiter.done():
                waiter.set_result(None)
