"""Watch: a station whose level changed raises a warning; one that fell silent, or calm again, is told.

A level that falls stands nobody down: whether people may go home is the officer's decision.
"""

from datetime import datetime, tzinfo

import structlog
from sqlalchemy import select

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.raising import clear_alarms_of_kind, raise_alarm, raise_alarm_once
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import alarms, stations
from jiaoying.warnings.formats.cap_writer import write_cap
from jiaoying.warnings.intake import Disposition, Receipt, take_in
from jiaoying.warnings.model import Reference
from jiaoying.warnings.stations import store
from jiaoying.warnings.stations.announcing import (
    CONTINUED_BEFORE,
    HOLDS_FOR,
    Announcement,
    announcement,
    level_word,
)
from jiaoying.warnings.stations.model import Level
from jiaoying.warnings.stations.store import Station

ACTOR = "watch"
SOURCE = "stations"
_NOT_TAKEN = (Disposition.REJECTED, Disposition.IGNORED)

log = structlog.get_logger(__name__)


class WatchStage:
    """Announces one station after the other, and looks for silent ones."""

    name = "watch"
    rings = ("match", "changes")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        announced = await _announce_one(engine, now)
        async with engine.database.transaction() as tx:
            silent = await store.note_silent(tx, now)
            for station in silent:
                await _tell_silence(tx, station, engine.timezone, now)
            await _tell_return(tx, now)
        return announced + len(silent)


async def _announce_one(engine: Engine, now: datetime) -> int:
    """The station stays locked while its warning goes through the door, so that two workers send one.

    A kill between the two commits sends the warning again, as a version that wakes nobody twice.
    """
    async with engine.database.transaction() as tx:
        station = await store.claim_unannounced(tx, now, CONTINUED_BEFORE)
        if station is None:
            return 0
        if station.standing.level.rank < station.announced_level.rank:
            await _tell_calm(tx, station, now)
        else:
            await _announce(tx, engine, station, now)
    return 1


async def _announce(tx: Tx, engine: Engine, station: Station, now: datetime) -> None:
    told = await _announcement(tx, station, engine.home_area)
    message = announcement(told, sender=_sender(engine.home_area), now=now)
    receipts = await take_in(
        engine.database,
        write_cap(message),
        media_type="application/cap+xml",
        source=SOURCE,
        now=now,
        wall=wall_now(),
        home_area=engine.home_area,
    )
    await store.note_announced(
        tx,
        station.id,
        station.standing.level,
        identifier=message.identifier,
        at=now,
        until=now + HOLDS_FOR,
    )
    if all(receipt.disposition in _NOT_TAKEN for receipt in receipts):
        await _tell_not_taken(tx, station, receipts[0], now)


async def _announcement(tx: Tx, station: Station, home_area: str) -> Announcement:
    reason, level_at = station.standing.reason, station.level_at
    assert reason is not None
    assert level_at is not None
    continues = None
    if station.announced_identifier and station.announced_level is not Level.NONE:
        continues = Reference(_sender(home_area), station.announced_identifier, station.announced_at)
    return Announcement(
        code=station.setup.code,
        name=station.setup.name,
        kind=station.setup.kind,
        level=station.standing.level,
        level_at=level_at,
        reason=reason,
        area_codes=station.setup.area_codes,
        area_names=await store.names_of(tx, station.setup.area_codes),
        continues=continues,
    )


def _sender(home_area: str) -> str:
    return f"jiaoying:{home_area}"


async def _tell_calm(tx: Tx, station: Station, now: datetime) -> None:
    """A new rise begins a new warning that calls everybody again."""
    await store.note_announced(tx, station.id, station.standing.level, identifier=None, at=None, until=None)
    await raise_alarm(
        tx,
        "station_calm",
        say(
            "{station} has fallen below “{level}”: decide whether people may return, and stand the warning"
            " down by hand",
            station=station.setup.name,
            level=level_word(station.announced_level),
        ),
        now,
    )


async def _tell_not_taken(tx: Tx, station: Station, receipt: Receipt, now: datetime) -> None:
    await raise_alarm(
        tx,
        "station_not_announced",
        say(
            "{station} has reached “{level}”, and no warning could be made of it ({reason}): call its places"
            " by hand",
            station=station.setup.name,
            level=level_word(station.standing.level),
            reason=receipt.reason or "",
        ),
        now,
    )


async def _tell_silence(tx: Tx, station: Station, zone: tzinfo, now: datetime) -> None:
    await raise_alarm_once(
        tx,
        f"station_silent:{station.setup.code}",
        say(
            "{station} has been silent since {heard}: ask its places how it looks, and have the station"
            " checked",
            station=station.setup.name,
            heard=f"{station.heard_at.astimezone(zone):%m-%d %H:%M}",
        ),
        now,
    )


async def _tell_return(tx: Tx, now: datetime) -> None:
    """An alarm about silence is over when the station speaks again."""
    kinds = await tx.execute(
        select(alarms.c.kind)
        .distinct()
        .join(stations, alarms.c.kind == "station_silent:" + stations.c.code)
        .where(alarms.c.cleared_at.is_(None), stations.c.silent_since.is_(None))
    )
    for kind in kinds.scalars().all():
        await clear_alarms_of_kind(tx, kind, by=ACTOR, now=now)
