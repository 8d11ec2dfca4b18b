"""Silence: the desk hears of sources that cannot be reached, send rubbish, or have fallen silent.

It hears of each trouble once. What it was told stands in the row of the source, so that an alarm which
somebody has seen to does not come again while the trouble lasts. When the source is back, the alarm goes by
itself and the ledger says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.raising import clear_alarm, raise_alarm_once
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import alarms
from jiaoying.warnings.feeds.judging import TROUBLE, Judgement, SourceState, judge
from jiaoying.warnings.feeds.model import Source, SourceLife
from jiaoying.warnings.sources import list_sources, lives_of, note_trouble

ACTOR = "silence"
LOOK_EVERY_S = 10


@dataclass(slots=True)
class SilenceStage:
    """Looks at every source, a few times a minute."""

    name: str = "silence"
    rings: tuple[str, ...] = ("changes",)
    _next_look: datetime | None = None

    async def run_once(self, engine: Engine, now: datetime) -> int:
        """Tell what is new; returns how many sources changed."""
        if self._next_look is not None and now < self._next_look:
            return 0
        wall, changed = wall_now(), 0
        async with engine.database.transaction() as tx:
            sources = await list_sources(tx)
            lives = await lives_of(tx, now, wall) if sources else {}
        for source in sources:
            life = lives.get(source.config.name, SourceLife())
            changed += await _look(engine, source, life, now, wall)
        self._next_look = now + timedelta(seconds=LOOK_EVERY_S)
        return changed


async def _look(engine: Engine, source: Source, life: SourceLife, now: datetime, wall: datetime) -> bool:
    judged = judge(source, life, now, wall)
    trouble = str(judged.state) if judged.state in TROUBLE else None
    if trouble == source.troubled_as:
        return False
    async with engine.database.transaction() as tx:
        if not await note_trouble(tx, source, trouble, now):
            return False
        if source.troubled_as not in (None, SourceState.LOST):
            # Lost warnings are not found again because the source is well: somebody must look.
            await _clear(tx, _kind(source, source.troubled_as), now)
        if trouble is not None:
            # Once: what was lost before may still be on the desk.
            await raise_alarm_once(tx, _kind(source, trouble), _sentence(engine, source, life, judged), now)
        else:
            await _tell_recovery(tx, source, judged, now)
    return True


def _kind(source: Source, trouble: str | None) -> str:
    return f"source_{trouble}:{source.config.name}"


async def _clear(tx: Tx, kind: str, now: datetime) -> None:
    still_open = await tx.scalars(
        select(alarms.c.id).where(alarms.c.kind == kind, alarms.c.cleared_at.is_(None))
    )
    for alarm_id in still_open.all():
        await clear_alarm(tx, alarm_id, by=ACTOR, now=now)


async def _tell_recovery(tx: Tx, source: Source, judged: Judgement, now: datetime) -> None:
    event = "source.recovered" if judged.state is not SourceState.OFF else "source.watch_ended"
    lasted = (now - source.troubled_since).total_seconds() if source.troubled_since else 0
    facts = {"source": str(source.id), "trouble": source.troubled_as, "lasted_s": round(lasted)}
    entry = Entry(now, event, ACTOR, facts=facts, particulars={"name": source.config.name})
    await append_entries(tx, [entry])


def _sentence(engine: Engine, source: Source, life: SourceLife, judged: Judgement) -> str:
    """What is wrong and what to do, for somebody who was asleep a minute ago."""
    name = source.config.name
    since = judged.since.astimezone(engine.timezone).strftime("%m-%d %H:%M") if judged.since else "–"
    if judged.state is SourceState.FAILING:
        return say(
            "Warnings from {name} cannot be collected since {since}: {trouble}. Telephone the office that"
            " sends them and enter new warnings by hand; tell the operator",
            name=name,
            since=since,
            trouble=source.trouble or "–",
        )
    if judged.state is SourceState.REFUSED:
        return say(
            "The last {count} messages from {name} could not be read, and nobody was called for them. Read"
            " them on the page of sources, and enter by hand what is a warning; tell the operator",
            count=life.refused_in_row,
            name=name,
        )
    if judged.state is SourceState.SILENT:
        return say(
            "Nothing has come from {name} since {since}, which is longer than usual. Telephone the office"
            " that sends them and ask whether a warning is in force; tell the operator",
            name=name,
            since=since,
        )
    return say(
        "{name} names {count} warnings that could not be fetched. Look at its own page whether one of them"
        " concerns us, and enter it by hand; tell the operator",
        name=name,
        count=life.lost_entries,
    )
