"""One heap for everything that is to happen in the town, by business time."""

import asyncio
import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from jiaoying.kernel.clock import Clock, ManualClock, real_sleep

Action = Callable[[datetime], None]

BATCH = 256


class Outside(Protocol):
    """What events set off outside: web hooks that take the machine's own time."""

    def is_quiet(self) -> bool:
        """Whether nothing is under way."""
        ...

    async def wait_quiet(self) -> None:
        """Until nothing is under way."""
        ...

    async def wait_room(self) -> None:
        """Until more may be set off without piling up."""
        ...


class Timer:
    """A planned event; `cancel` takes it off the plan."""

    __slots__ = ("action",)

    def __init__(self, action: Action) -> None:
        self.action: Action | None = action

    def cancel(self) -> None:
        self.action = None


class Scheduler:
    """A heap of (moment, order, action), and the runner that works it off.

    An action is told the moment for which it was planned, not the moment at which it runs, and plans
    what follows from there: a test may jump over many moments at once and everything falls where it
    would have fallen. On a ManualClock each moment is finished, web hooks included, before the next.
    """

    def __init__(self, clock: Clock, outside: Outside) -> None:
        self._clock = clock
        self._outside = outside
        self._heap: list[tuple[datetime, int, Timer]] = []
        self._order = 0
        self._turn = asyncio.Lock()
        self._added = asyncio.Event()
        self._resting: asyncio.Task[None] | None = None

    def at(self, moment: datetime, action: Action) -> Timer:
        """Have `action` called at `moment`; at once, in order, if that has passed."""
        self._order += 1
        timer = Timer(action)
        heapq.heappush(self._heap, (moment, self._order, timer))
        if self._heap[0][1] == self._order:
            self._wake()
        return timer

    def after(self, moment: datetime, seconds: float, action: Action) -> Timer:
        """Have `action` called `seconds` of business time after `moment`."""
        return self.at(moment + timedelta(seconds=seconds), action)

    def next_at(self) -> datetime | None:
        """The moment of the earliest event, or None."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def is_due(self) -> bool:
        """Whether an event's moment has come."""
        next_at = self.next_at()
        return next_at is not None and next_at <= self._clock.now()

    def is_idle(self) -> bool:
        """Whether nothing is due and no web hook is under way."""
        return not self.is_due() and self._outside.is_quiet()

    async def run_due(self) -> None:
        """Do everything that is due by now, and what follows from it by now."""
        async with self._turn:
            await self._outside.wait_quiet()
            while self.is_due():
                self._run_moment()
                await self._outside.wait_quiet()

    async def run(self) -> None:
        """Work for ever. On a running clock web hooks of many moments travel side by side."""
        step = self.run_due if isinstance(self._clock, ManualClock) else self._run_batches
        while True:
            await step()
            await self._rest()

    def _run_moment(self) -> None:
        moment = self._heap[0][0]
        while self._heap and self._heap[0][0] == moment:
            self._run_first()

    def _run_first(self) -> None:
        moment, _, timer = heapq.heappop(self._heap)
        if timer.action is not None:
            timer.action(moment)

    async def _run_batches(self) -> None:
        while self.is_due():
            now = self._clock.now()
            for _ in range(BATCH):
                if not self._heap or self._heap[0][0] > now:
                    break
                self._run_first()
            await self._outside.wait_room()
            await real_sleep(0)

    async def _rest(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._resting = group.create_task(self._until_next())
        self._resting = None

    async def _until_next(self) -> None:
        self._added.clear()
        next_at = self.next_at()
        if next_at is None:
            await self._added.wait()
        elif (wait := (next_at - self._clock.now()).total_seconds()) > 0:
            await self._clock.sleep(wait)

    def _wake(self) -> None:
        self._added.set()
        if self._resting is not None:
            self._resting.cancel()
