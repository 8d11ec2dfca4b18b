"""Rows of stations and readings: statements in the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import Moment, areas, readings, stations
from jiaoying.warnings.stations.model import (
    Exceeded,
    Level,
    Reading,
    Standing,
    StationKind,
    StationSetup,
    Threshold,
)


@dataclass(frozen=True, slots=True)
class Station:
    """A station with how it stands there."""

    id: UUID
    setup: StationSetup
    standing: Standing
    level_at: datetime | None
    announced_level: Level
    announced_identifier: str | None
    announced_at: datetime | None
    announced_until: datetime | None
    last_reading_at: datetime | None
    last_value: float | None
    heard_at: datetime
    silent_since: datetime | None


async def save_stations(
    tx: Tx, setups: Sequence[StationSetup], *, actor: str, now: datetime
) -> tuple[int, int]:
    """Add or change stations by their code, with a ledger line for each; returns (added, changed)."""
    known = {one.setup.code: one for one in await all_stations(tx)}
    new = [one for one in setups if one.code not in known]
    changed = [one for one in setups if one.code in known and known[one.code].setup != one]
    for setup in (*new, *changed):
        values = {**_setup_row(setup), "heard_at": now}
        statement = insert(stations).values(
            id=new_id(now), created_at=now, standing=_standing_row(Standing()), **values
        )
        # A changed station is not taken to have spoken.
        del values["heard_at"]
        await tx.execute(statement.on_conflict_do_update(index_elements=[stations.c.code], set_=values))
    await append_entries(
        tx,
        [
            Entry(
                now,
                "station.saved",
                actor,
                facts={"code": one.code, **_setup_facts(one)},
                particulars={"name": one.name},
            )
            for one in (*new, *changed)
        ],
    )
    return len(new), len(changed)


async def all_stations(tx: Tx) -> list[Station]:
    """Every station, by its code."""
    rows = await tx.execute(select(stations).order_by(stations.c.code))
    return [_station(row) for row in rows]


async def lock_stations(tx: Tx, codes: Collection[str]) -> dict[str, Station]:
    """These stations, each locked; in one order, so that two batches never wait in a ring."""
    rows = await tx.execute(
        select(stations).where(stations.c.code.in_(codes)).order_by(stations.c.id).with_for_update()
    )
    return {row.code: _station(row) for row in rows}


async def claim_unannounced(tx: Tx, now: datetime, continued_before: timedelta) -> Station | None:
    """A station whose level has not gone out yet, or whose warning is about to run out."""
    runs_out = stations.c.announced_until < now + continued_before
    due = or_(
        stations.c.level != stations.c.announced_level,
        (stations.c.level != Level.NONE) & runs_out,
    )
    rows = await tx.execute(
        select(stations).where(due).order_by(stations.c.level_at).limit(1).with_for_update(skip_locked=True)
    )
    row = rows.one_or_none()
    return None if row is None else _station(row)


async def note_announced(
    tx: Tx,
    station_id: UUID,
    level: Level,
    *,
    identifier: str | None,
    at: datetime | None,
    until: datetime | None,
) -> None:
    """Write down what has gone through the door."""
    await tx.execute(
        update(stations)
        .where(stations.c.id == station_id)
        .values(
            announced_level=str(level),
            announced_identifier=identifier,
            announced_at=at,
            announced_until=until,
        )
    )


async def store_readings(
    tx: Tx, station_id: UUID, new: Sequence[tuple[Reading, bool]], now: datetime
) -> set[datetime]:
    """Keep readings with whether each is plausible; returns the moments that were not there before.

    A moment that comes again with another value is a correction: the later value counts.
    """
    statement = insert(readings).values(
        [
            {
                "station_id": station_id,
                "at": reading.at,
                "value": reading.value,
                "received_at": now,
                "plausible": plausible,
            }
            for reading, plausible in new
        ]
    )
    taken = await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[readings.c.station_id, readings.c.at],
            set_={"value": statement.excluded.value, "plausible": statement.excluded.plausible},
            where=readings.c.value != statement.excluded.value,
        ).returning(readings.c.at)
    )
    return set(taken.scalars())


async def readings_since(tx: Tx, station_id: UUID, since: datetime) -> list[Reading]:
    """The plausible readings after `since`, oldest first."""
    rows = await tx.execute(
        select(readings.c.at, readings.c.value)
        .where(readings.c.station_id == station_id, readings.c.at > since, readings.c.plausible)
        .order_by(readings.c.at)
    )
    return [Reading(row.at, row.value) for row in rows]


async def note_standing(
    tx: Tx,
    station: Station,
    standing: Standing,
    *,
    level_at: datetime | None,
    last: Reading | None,
    now: datetime,
) -> None:
    """Write down how it stands at a station, and that it was heard."""
    newest = {"last_reading_at": last.at, "last_value": last.value} if last else {}
    await tx.execute(
        update(stations)
        .where(stations.c.id == station.id)
        .values(
            standing=_standing_row(standing),
            level=str(standing.level),
            level_at=level_at,
            heard_at=now,
            silent_since=None,
            **newest,
        )
    )


async def note_silent(tx: Tx, now: datetime) -> list[Station]:
    """Mark the stations that have fallen silent by `now`; returns those that were not marked before."""
    late = stations.c.heard_at <= literal(now, Moment) - stations.c.silent_after_s * timedelta(seconds=1)
    rows = await tx.execute(
        update(stations)
        .where(late, stations.c.silent_since.is_(None))
        .values(silent_since=now)
        .returning(stations)
    )
    return [_station(row) for row in rows]


async def forget_readings(tx: Tx, before: datetime) -> None:
    """Readings are kept for as long as a window may look back, and some weeks to look at."""
    await tx.execute(delete(readings).where(readings.c.at < before))


async def names_of(tx: Tx, codes: Collection[str]) -> tuple[str, ...]:
    """The names of areas, with their township's before a village's; unknown codes are left out."""
    parents = areas.alias()
    village = areas.c.level == "village"
    rows = await tx.execute(
        select(areas.c.name, func.coalesce(parents.c.name, "").label("parent"), village.label("village"))
        .outerjoin(parents, parents.c.code == areas.c.parent_code)
        .where(areas.c.code.in_(codes))
        .order_by(areas.c.code)
    )
    return tuple(f"{row.parent}{row.name}" if row.village else row.name for row in rows)


async def unknown_areas(tx: Tx, codes: Collection[str]) -> set[str]:
    """Those of `codes` that are no area here."""
    known = await tx.execute(select(areas.c.code).where(areas.c.code.in_(codes)))
    return set(codes) - set(known.scalars())


def _setup_row(setup: StationSetup) -> dict[str, Any]:
    return {
        "code": setup.code,
        "name": setup.name,
        "kind": str(setup.kind),
        "area_codes": list(setup.area_codes),
        "lat": setup.lat,
        "lon": setup.lon,
        "thresholds": [asdict(one) for one in setup.thresholds],
        "silent_after_s": setup.silent_after_s,
    }


def _setup_facts(setup: StationSetup) -> dict[str, object]:
    row = _setup_row(setup)
    return {name: row[name] for name in ("kind", "area_codes", "thresholds", "silent_after_s")}


def _standing_row(standing: Standing) -> dict[str, Any]:
    return asdict(standing)


def _standing_from(kept: Mapping[str, Any]) -> Standing:
    calm = kept["calm_since"]
    return Standing(
        level=Level(kept["level"]),
        reason=_reason_from(kept["reason"]),
        over_prepare=kept["over_prepare"],
        over_evacuate=kept["over_evacuate"],
        calm_since=datetime.fromisoformat(calm) if calm else None,
    )


def _reason_from(kept: Mapping[str, Any] | None) -> Exceeded | None:
    if kept is None:
        return None
    return Exceeded(Level(kept["level"]), kept["window_s"], kept["measured"], kept["limit"])


def _station(row: Row[Any]) -> Station:
    return Station(
        id=row.id,
        setup=StationSetup(
            code=row.code,
            name=row.name,
            kind=StationKind(row.kind),
            area_codes=tuple(row.area_codes),
            thresholds=tuple(Threshold(**one) for one in row.thresholds),
            silent_after_s=row.silent_after_s,
            lat=row.lat,
            lon=row.lon,
        ),
        standing=_standing_from(row.standing),
        level_at=row.level_at,
        announced_level=Level(row.announced_level),
        announced_identifier=row.announced_identifier,
        announced_at=row.announced_at,
        announced_until=row.announced_until,
        last_reading_at=row.last_reading_at,
        last_value=row.last_value,
        heard_at=row.heard_at,
        silent_since=row.silent_since,
    )
