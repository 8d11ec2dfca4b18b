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


@dataclass(frozen=True, slots=True)
class SystemClock:
    """Business time derived from the system clock; at rate 1 without an anchor, the wall itself."""

    anchor: Anchor | None = None

    @property
    def rate(self) -> float:
        return self.anchor.rate if self.anchor else 1.0

    def now(self) -> datetime:
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
