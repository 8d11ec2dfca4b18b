"""The stages in order: the first file to read.

    watch      a station's level becomes a warning that is received
    hold       a held warning starts by its clock, or the leader on duty is called
    match      a received warning becomes responsibilities, or an explained line
    respond    responses that wait begin by themselves; tasks past their time are told
    settle     what came back is read: reports move attempts, replies become answers
    escalate   responsibilities begin their next rung, are covered, are listed, run out
    plan       call-outs get their next round of attempts, in words
    forecast   how long running warnings take is said beforehand, and held against what came
    send       attempts are claimed, committed, handed over, written down
    reconcile  hand-overs in doubt are looked for; what waits for a gateway that is gone goes by another
    feedback   who answered and does not report is asked once, then shown to the officer
    close      what is over is ended; the withdrawn are told
    pause      what waits of paused warnings is taken back; the desk is told of long pauses
    roll_call  desks are called to say whether somebody is there; the silent ones are told
    daily      townships are asked how things are at fixed hours; who is missing is rung, then told
    incidents  before the clock of a report runs out its desk is called
    presence   whoever comes on duty is asked to sign on; handovers that nobody takes are told
    rota       the desk hears of times in which nobody will stand somewhere
    routines   periodic duties are reminded of, and told as late
    letters    units that have not confirmed a risk reminder letter are told
    check      the numbers of the roster are checked by friendly texts, behind everything else
    collect    sources that are due are asked, and their folders looked into
    silence    sources that fail, fall silent or send rubbish are told to the desk, once
    seal       committed ledger lines are chained

A stage reads rows in one state and leaves them in another. Nothing is handed over in memory: a stage
may crash, run twice, or run in two processes. None waits for another's slowness: each has a loop of
its own, woken by a bell when there is work and looked at anyway on every tick of the metronome.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.stages.check import CheckStage
from jiaoying.dispatch.stages.close import CloseStage
from jiaoying.dispatch.stages.collect import CollectStage
from jiaoying.dispatch.stages.daily import DailyStage
from jiaoying.dispatch.stages.escalate import EscalateStage
from jiaoying.dispatch.stages.feedback import ReportStage
from jiaoying.dispatch.stages.forecast import ForecastStage
from jiaoying.dispatch.stages.hold import HoldStage
from jiaoying.dispatch.stages.incidents import IncidentStage
from jiaoying.dispatch.stages.letters import LetterStage
from jiaoying.dispatch.stages.match import MatchStage
from jiaoying.dispatch.stages.pause import PauseStage
from jiaoying.dispatch.stages.plan import PlanStage
from jiaoying.dispatch.stages.presence import PresenceStage
from jiaoying.dispatch.stages.reconcile import ReconcileStage
from jiaoying.dispatch.stages.respond import RespondStage
from jiaoying.dispatch.stages.roll_call import RollCallStage
from jiaoying.dispatch.stages.rota import RotaStage
from jiaoying.dispatch.stages.routines import RoutineStage
from jiaoying.dispatch.stages.seal import SealStage
from jiaoying.dispatch.stages.send import SendStage
from jiaoying.dispatch.stages.settle import SettleStage
from jiaoying.dispatch.stages.silence import SilenceStage
from jiaoying.dispatch.stages.watch import WatchStage
from jiaoying.kernel.clock import monotonic, real_sleep

# By the wall. The metronome rings every second; this is for when even that is lost.
TICK_S = 5.0
PAUSE_AFTER_TROUBLE_S = 0.5
LONGEST_PAUSE_S = 10.0

log = structlog.get_logger(__name__)


class Stage(Protocol):
    """One step of the path of a warning."""

    @property
    def name(self) -> str: ...

    @property
    def rings(self) -> tuple[str, ...]:
        """Bells of those who have work after this."""
        ...

    async def run_once(self, engine: Engine, now: datetime) -> int:
        """Do what can be done now; returns how many rows were moved. Zero means: nothing is due."""
        ...


class Cycle:
    """Runs every stage in a loop of its own until it is stopped."""

    def __init__(self, engine: Engine, group: asyncio.TaskGroup) -> None:
        self._engine = engine
        self._group = group
        self.collect = CollectStage(group)
        self.send = SendStage(group)
        self.stages: Sequence[Stage] = (
            WatchStage(),
            HoldStage(),
            MatchStage(),
            RespondStage(),
            SettleStage(),
            EscalateStage(),
            PlanStage(),
            ForecastStage(),
            self.send,
            ReconcileStage(),
            ReportStage(),
            CloseStage(),
            PauseStage(),
            RollCallStage(),
            DailyStage(),
            IncidentStage(),
            PresenceStage(),
            RotaStage(),
            RoutineStage(),
            LetterStage(),
            CheckStage(),
            self.collect,
            SilenceStage(),
            SealStage(),
        )
        # When each stage last came through without trouble (monotonic), for /readyz and the watchdog.
        self.last_success: dict[str, float] = {}
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin all loops, in the task group that was given."""
        self._loops = [self._group.create_task(self._loop(stage), name=stage.name) for stage in self.stages]

    async def stop(self) -> None:
        """Claim nothing more, and see through what is with the carriers."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self.collect.stop(self._engine)
        await self.send.wait_until_quiet()

    async def run_through(self, now: datetime) -> int:
        """Every stage once, in order, hand-overs seen through: what tests and the simulation step by."""
        moved = 0
        for stage in self.stages:
            moved += await stage.run_once(self._engine, now)
            await self.collect.wait_until_quiet()
            await self.send.wait_until_quiet()
        return moved

    async def _loop(self, stage: Stage) -> None:
        listener = self._engine.wake.listen(stage.name)
        pause = PAUSE_AFTER_TROUBLE_S
        try:
            while True:
                try:
                    moved = await stage.run_once(self._engine, self._engine.clock.now())
                except (SQLAlchemyError, OSError, TimeoutError) as error:
                    log.warning("stage_postponed", stage=stage.name, error=str(error)[:300])
                except Exception:
                    log.exception("stage_broke", stage=stage.name)
                else:
                    pause = PAUSE_AFTER_TROUBLE_S
                    self.last_success[stage.name] = monotonic()
                    if moved:
                        self._engine.wake.ring(*stage.rings)
                    else:
                        await listener.wait(TICK_S)
                    continue
                await real_sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
        finally:
            listener.close()
