"""Collect: sources that are due are asked, folders are looked into, and what came is taken in.

Each source is collected from in a task of its own, so that a feed that hangs holds up no other. A lease in
its row keeps other processes away. A task that ends in the middle loses nothing: whoever is next asks again,
and what was stored already is recognised.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from jiaoying.dispatch.engine import Engine
from jiaoying.kernel.clock import wall_now
from jiaoying.warnings.feeds import folder, polling, store
from jiaoying.warnings.feeds.folder import FolderLooks
from jiaoying.warnings.feeds.model import SourceKind
from jiaoying.warnings.feeds.polling import Collected, Collector
from jiaoying.warnings.feeds.store import Claim

# Sources that one process collects from at once.
HANDS = 8

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class CollectStage:
    """Keeps asking what is due. Its tasks run in `group`, which the cycle owns."""

    group: asyncio.TaskGroup
    name: str = "collect"
    rings: tuple[str, ...] = ()
    _tasks: dict[asyncio.Task[None], Claim] = field(default_factory=dict["asyncio.Task[None]", Claim])
    _looks: dict[UUID, FolderLooks] = field(default_factory=dict[UUID, FolderLooks])

    async def run_once(self, engine: Engine, now: datetime) -> int:  # noqa: ARG002 - feeds live by the wall
        """Begin with every source that is due, as far as hands are free; returns how many."""
        free = HANDS - len(self._tasks)
        if free <= 0:
            return 0
        async with engine.database.transaction() as tx:
            claims = await store.claim_due(tx, wall=wall_now(), limit=free)
        for claim in claims:
            task = self.group.create_task(self._collect(engine, claim))
            self._tasks[task] = claim
            task.add_done_callback(self._forget)
        return len(claims)

    async def wait_until_quiet(self) -> None:
        """Return when nothing is being collected."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def stop(self, engine: Engine) -> None:
        """Break off what is being collected, and give it back for others to begin anew."""
        begun = dict(self._tasks)
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        try:
            async with engine.database.transaction() as tx:
                for claim in begun.values():
                    await store.release(tx, claim)
        except (SQLAlchemyError, OSError) as error:
            log.warning("leases_run_out_by_themselves", error=str(error)[:300])

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)

    async def _collect(self, engine: Engine, claim: Claim) -> None:
        collector = Collector(engine.database, engine.clock, engine.home_area, engine.source_key)
        try:
            collected = await self._collect_from(collector, claim)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            # The lease runs out, and somebody begins anew.
            log.warning("collecting_postponed", source=claim.config.name, error=type(error).__name__)
        except Exception:
            log.exception("collecting_broke", source=claim.config.name)
            await self._note_broken(engine, claim)
        else:
            if collected.news:
                engine.wake.ring("match", "changes")

    async def _collect_from(self, collector: Collector, claim: Claim) -> Collected:
        if claim.config.kind is SourceKind.FOLDER:
            return await folder.collect(
                collector, claim, self._looks.setdefault(claim.source_id, FolderLooks())
            )
        return await polling.poll(collector, claim)

    async def _note_broken(self, engine: Engine, claim: Claim) -> None:
        """An error of the program counts as a failure of the source, so that the desk hears of it."""
        try:
            await polling.note_broken(
                Collector(engine.database, engine.clock, engine.home_area, engine.source_key), claim
            )
        except (SQLAlchemyError, OSError) as error:
            log.warning("collecting_postponed", source=claim.config.name, error=type(error).__name__)
