"""Who is called, held against a slow and obvious reading: every post, every area, plain Python, no index.

A larger run: `JIAOYING_TRUTH_ROSTERS=1000 pytest tests/storage/test_matching_truth.py`.
"""

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from shapely import Point
from sqlalchemy import insert, text

from jiaoying.contacts.areas.index import AreaIndex, Ground, Precision, contains_points
from jiaoying.contacts.areas.shapes import warned_region
from jiaoying.dispatch.covering import (
    CoveredArea,
    PointUnder,
    covered_by_codes,
    covered_by_ground,
)
from jiaoying.dispatch.ladders.model import ANY, After, Ladder, Rung, Target, Tier, Who, role_of
from jiaoying.dispatch.ladders.writing import ladder_to_data
from jiaoying.dispatch.matching import FrozenLadders, match_people, priority_of
from jiaoying.dispatch.store import roster
from jiaoying.dispatch.store.opening import open_posts
from jiaoying.gateways.base import Channel
from jiaoying.kernel.areas import ancestors_of, covers, level_of
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard, families_concerned
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.polygon_rule import TOUCH
from jiaoying.storage import schema
from jiaoying.storage.database import Database, Tx
from unit.contacts.test_area_index import COUNTY, Slow, layout, warning

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
TODAY = date(2026, 7, 15)
ROSTERS = int(os.environ.get("JIAOYING_TRUTH_ROSTERS", "40"))
WARNINGS = 50  # for each roster
KINDS = ("防汛责任人", "监测人", "镇长", "包保县领导")
HAZARDS = (Hazard.RAIN, Hazard.FLOOD, Hazard.GEOHAZARD, Hazard.WIND, Hazard.WILDFIRE)


class Spot(NamedTuple):
    """A danger point."""

    id: UUID
    name: str
    area_code: str
    lat: float | None
    lon: float | None


class Duty(NamedTuple):
    """A post."""

    id: UUID
    area_code: str
    kind: str
    tier: Tier
    hazards: tuple[Hazard, ...]
    holder: UUID | None
    deputy: UUID | None
    superior: UUID | None
    spot: Spot | None
    valid_from: date | None
    valid_to: date | None


class Asked(NamedTuple):
    """A warning: by codes, or by polygons and circles."""

    id: UUID
    codes: tuple[str, ...]
    polygons: Sequence[Any]
    circles: Sequence[Any]
    hazard: Hazard
    colour: Colour | None
    exercise: bool
    ladders: FrozenLadders


class Place(NamedTuple):
    """Where something lies under a warning."""

    unit: str
    direction: str
    precision: str
    waits: bool


@dataclass(frozen=True)
class Expected:
    """What must have been opened: by post, by person, and who answers for what."""

    duties: dict[UUID, tuple[Any, ...]]
    people: dict[UUID, tuple[Any, ...]]
    ties: set[tuple[UUID, UUID, str]]
    waiting: set[UUID]
    passed_over: set[UUID]


# --- the slow reading ---


def places_under(asked: Asked, grounds: Sequence[Ground], spots: Sequence[Spot]) -> dict[str, Place]:
    """Every area under the warning, looked at one by one."""
    if any(covers(code, COUNTY) or covers(COUNTY, code) for code in asked.codes):
        return {one.code: place for one in grounds if (place := by_codes(one.code, asked.codes)) is not None}
    land, points = warned_region(asked.polygons, asked.circles)
    found: dict[str, Place] = {}
    for touched in Slow(grounds, land, points, TOUCH).answer():
        waits = touched.precision is Precision.COARSE and round(touched.share, 6) < 0.5
        found[touched.code] = Place(touched.code, "inside", touched.precision, waits)
    for spot in spots:
        known = found.get(spot.area_code)
        if is_under(spot, asked) and (known is None or known.waits):
            found[spot.area_code] = Place(spot.area_code, "inside", "point", waits=False)
    for code in list(found):
        for above in ancestors_of(code):
            if covers(COUNTY, above):
                known = found.get(above, Place(above, "above", found[code].precision, waits=False))
                found[above] = known._replace(direction="above")
    return found


def by_codes(code: str, warned: Sequence[str]) -> Place | None:
    over = [one for one in warned if covers(one, code)]
    if over:
        widest = min(
            (COUNTY if covers(one, COUNTY) else one for one in over), key=lambda one: one.rstrip("0")
        )
        return Place(widest, "inside", "code", waits=False)
    if any(covers(code, one) for one in warned):
        return Place(code, "above", "code", waits=False)
    return None


def is_under(spot: Spot, asked: Asked) -> bool:
    if spot.lat is None or spot.lon is None:
        return False
    land, points = warned_region(asked.polygons, asked.circles)
    return bool(land.intersects(at := Point(spot.lon, spot.lat)) or points.intersects(at))


def place_of(duty: Duty, asked: Asked, places: dict[str, Place], *, by_polygon: bool) -> Place | None:
    if by_polygon and duty.spot and duty.spot.lat is not None and duty.spot.lon is not None:
        return Place(duty.area_code, "inside", "point", waits=False) if is_under(duty.spot, asked) else None
    return places.get(duty.area_code)


def expected(
    asked: Asked, grounds: Sequence[Ground], duties: Sequence[Duty], spots: Sequence[Spot]
) -> Expected:
    places = places_under(asked, grounds, spots)
    by_polygon = not any(covers(code, COUNTY) or covers(COUNTY, code) for code in asked.codes)
    truth = Expected({}, {}, set(), set(), set())
    for duty in duties:
        place = place_of(duty, asked, places, by_polygon=by_polygon)
        answers = {*duty.hazards} & {*families_concerned(asked.hazard)}
        in_force = (duty.valid_from or TODAY) <= TODAY <= (duty.valid_to or TODAY)
        if place is None or not in_force or (duty.hazards and not answers):
            continue
        if duty.tier not in asked.ladders:
            truth.passed_over.add(duty.id)
        elif place.waits and duty.tier is Tier.VILLAGE:
            truth.waiting.add(duty.id)
        else:
            open_duty(truth, asked, duty, place, sorted(answers))
    return truth


def open_duty(truth: Expected, asked: Asked, duty: Duty, place: Place, answers: list[Hazard]) -> None:
    ladder_id, ladder = asked.ladders[duty.tier]
    rung = ladder.rungs[0]
    named: dict[Target, UUID | None] = {
        Who.HOLDER: duty.holder,
        Who.DEPUTY: duty.deputy,
        Who.SUPERIOR: duty.superior,
    }
    waits = ladder.after is not None
    asks_rota = waits or bool({Who.DESK, Who.LEADER, Who.DOOR, Who.POST, Who.PERSON} & set(rung.roles))
    people = (
        [] if asks_rota else [(role_of(who), one) for who in rung.who if (one := named.get(who)) is not None]
    )
    wait_s = ladder.after.wait_s if ladder.after else 0
    turn_at = NOW + timedelta(seconds=wait_s) if ladder.after else None
    deadline = NOW + timedelta(seconds=ladder.deadline_s + wait_s)
    village = f"村{duty.area_code}"
    words = [village, duty.kind] if duty.spot is None else [village, duty.spot.name, duty.kind]
    label = " ".join(words[1:] if duty.spot and duty.spot.name.startswith(village) else words)
    why = {
        "by": place.direction,
        "area": place.unit,
        "precision": place.precision,
        "level": level_of(duty.area_code),
        "hazard": answers or "all",
    }
    began = (0, NOW, min(NOW + timedelta(seconds=rung.wait_s), deadline)) if people else (-1, None, NOW)
    truth.duties[duty.id] = (duty.area_code, label, why, ladder_id, deadline, turn_at, *began)
    priority = priority_of(duty.tier, asked.colour, exercise=asked.exercise, at_point=duty.spot is not None)
    for who, person in people:
        truth.ties.add((person, duty.id, str(who)))
        own = (priority, rung.channels, rung.tries, rung.gap_s, rung.in_turn)
        first, channels, tries, gap, in_turn = truth.people.get(person, own)
        truth.people[person] = (
            min(first, priority),
            channels if channels == rung.channels else (Channel.SMS, Channel.VOICE),
            max(tries, rung.tries),
            min(gap, rung.gap_s),
            in_turn and rung.in_turn,
        )


# --- made-up rosters and warnings ---


def some_spots(chance: random.Random, codes: Sequence[str]) -> list[Spot]:
    def degree(low: float) -> float | None:
        return low + chance.uniform(-0.05, 0.45) if chance.random() < 0.6 else None

    return [
        Spot(new_id(NOW), f"{number}号滑坡", chance.choice(codes), degree(35), degree(110))
        for number in range(8)
    ]


def some_duties(
    chance: random.Random, codes: Sequence[str], spots: Sequence[Spot], people: Sequence[UUID]
) -> list[Duty]:
    def person(share: float) -> UUID | None:
        return chance.choice(people) if chance.random() < share else None

    def one() -> Duty:
        spot = chance.choice(spots) if chance.random() < 0.25 else None
        return Duty(
            new_id(NOW),
            spot.area_code if spot else chance.choice(codes),
            chance.choice(KINDS),
            chance.choice([Tier.VILLAGE, Tier.VILLAGE, Tier.TOWNSHIP, Tier.COUNTY_LEAD, Tier.COUNTY_CHIEF]),
            tuple(chance.sample(HAZARDS, chance.randint(0, 3))),
            person(0.8),
            person(0.4),
            person(0.4),
            spot,
            chance.choice([None, None, TODAY, TODAY + timedelta(days=1)]),
            chance.choice([None, None, TODAY, TODAY - timedelta(days=1)]),
        )

    return [one() for _ in range(60)]


def some_ladder(chance: random.Random) -> Ladder:
    rung = Rung(
        tuple(chance.sample(list(Who), chance.choice([1, 1, 2, 3]))),
        chance.choice(
            [(Channel.SMS,), (Channel.VOICE,), (Channel.SMS, Channel.VOICE), (Channel.VOICE, Channel.SMS)]
        ),
        chance.randint(1, 3),
        chance.choice([60, 120]),
        chance.choice([120, 600]),
        in_turn=chance.random() < 0.3,
    )
    after = After(Tier.TOWNSHIP, chance.choice([60, 400])) if chance.random() < 0.2 else None
    return Ladder(ANY, chance.choice([300, 900]), (rung,), after)


def some_warning(chance: random.Random, codes: Sequence[str]) -> Asked:
    polygons, circles = warning(chance)
    elsewhere = ("140522000000", "140000000000", "140500000000")
    warned = chance.sample([*codes, *elsewhere], chance.randint(1, 4)) if chance.random() < 0.35 else []
    tiers = [tier for tier in Tier if chance.random() < 0.8]
    return Asked(
        new_id(NOW),
        tuple(warned),
        polygons,
        circles,
        chance.choice(HAZARDS),
        chance.choice([*Colour, None]),
        chance.random() < 0.2,
        {tier: (new_id(NOW), some_ladder(chance)) for tier in tiers},
    )


# --- as rows ---


async def write_roster(
    tx: Tx, grounds: Sequence[Ground], spots: Sequence[Spot], duties: Sequence[Duty], people: Sequence[UUID]
) -> None:
    above = [("140000000000", "province", None), ("140500000000", "city", "140000000000")]
    rows = [(code, level, parent) for code, level, parent in above] + [
        (one.code, str(one.level), "140500000000") for one in grounds
    ]
    await tx.execute(
        insert(schema.areas),
        [
            {"code": code, "name": f"村{code}", "level": level, "parent_code": parent}
            for code, level, parent in rows
        ],
    )
    await tx.execute(
        insert(schema.contacts), [{"id": one, "name": "甲", "created_at": NOW} for one in people]
    )
    await tx.execute(
        insert(schema.danger_points),
        [{**one._asdict(), "kind": "geohazard", "created_at": NOW} for one in spots],
    )
    await tx.execute(
        insert(schema.posts),
        [
            {
                "id": one.id,
                "area_code": one.area_code,
                "kind": one.kind,
                "level": "village",
                "tier": one.tier,
                "hazards": [str(hazard) for hazard in one.hazards],
                "holder_id": one.holder,
                "deputy_id": one.deputy,
                "superior_id": one.superior,
                "danger_point_id": one.spot and one.spot.id,
                "valid_from": one.valid_from,
                "valid_to": one.valid_to,
            }
            for one in duties
        ],
    )


async def write_warnings(tx: Tx, warnings: Sequence[Asked]) -> None:
    plain = {
        "source": "test",
        "sender": "test",
        "version": 1,
        "kind": "alert",
        "event": "暴雨",
        "headline": "暴雨",
        "text": "暴雨",
        "area_names": "沁水县",
        "sent_at": NOW,
        "valid_from": NOW,
        "valid_to": NOW,
        "received_at": NOW,
        "state": "received",
        "reference": "A7",
    }
    await tx.execute(
        insert(schema.issued_warnings),
        [
            {
                **plain,
                "id": one.id,
                "identifier": str(one.id),
                "content_sha256": one.id.bytes,
                "exercise": one.exercise,
                "hazard": str(one.hazard),
                "colour": one.colour and str(one.colour),
                "area_codes": list(one.codes),
            }
            for one in warnings
        ],
    )
    frozen = [
        {"id": row_id, "warning_id": one.id, "tier": tier, "body": ladder_to_data(ladder)}
        for one in warnings
        for tier, (row_id, ladder) in one.ladders.items()
    ]
    if frozen:
        await tx.execute(insert(schema.frozen_ladders), frozen)


def area_found(asked: Asked, index: AreaIndex, spots: Sequence[Spot]) -> CoveredArea | None:
    """As `dispatch.finding.area_of`, with the index at hand."""
    by_code = covered_by_codes(asked.codes, COUNTY)
    if isinstance(by_code, CoveredArea):
        return by_code
    placed = [spot for spot in spots if spot.lat is not None and spot.lon is not None]
    lats, lons = (np.array([spot[at] for spot in placed], dtype=np.float64) for at in (3, 4))
    under = contains_points(asked.polygons, asked.circles, lats, lons)
    points = [PointUnder(spot.id, spot.area_code) for spot, is_in in zip(placed, under, strict=True) if is_in]
    area = covered_by_ground(index.touched(asked.polygons, asked.circles), points, COUNTY)
    return area if isinstance(area, CoveredArea) else None


async def what_was_opened(tx: Tx) -> dict[UUID, Expected]:
    found: dict[UUID, Expected] = {}

    def of(warning_id: UUID) -> Expected:
        return found.setdefault(warning_id, Expected({}, {}, set(), set(), set()))

    for row in await tx.execute(text("SELECT * FROM responsibilities")):
        of(row.warning_id).duties[row.post_id] = (
            row.area_code,
            row.label,
            row.why,
            row.ladder_id,
            row.deadline_at,
            row.turn_at,
            row.rung,
            row.rung_began_at,
            row.next_at,
        )
    for row in await tx.execute(text("SELECT * FROM call_outs")):
        of(row.warning_id).people[row.contact_id] = (
            row.priority,
            tuple(row.channels),
            row.tries,
            row.gap_s,
            row.in_turn,
        )
        assert (row.state, row.round, row.next_at, row.version, row.kind) == ("open", 0, NOW, 1, "call")
    ties = """
        SELECT duty.warning_id, person.contact_id, duty.post_id, role.role, role.rung
        FROM call_out_roles AS role JOIN call_outs AS person ON person.id = role.call_out_id
        JOIN responsibilities AS duty ON duty.id = role.responsibility_id
    """
    for row in await tx.execute(text(ties)):
        assert row.rung == 0
        of(row.warning_id).ties.add((row.contact_id, row.post_id, row.role))
    return found


class Undone(Exception):
    """Takes a roster away again."""


async def check_roster(database: Database, seed: int) -> int:
    """One map, one roster, many warnings; returns how many of them called somebody."""
    chance = random.Random(seed)
    grounds = layout(chance)
    index = AreaIndex(grounds, COUNTY)
    codes, people = [one.code for one in grounds], [new_id(NOW) for _ in range(25)]
    spots = some_spots(chance, codes)
    duties = some_duties(chance, codes, spots, people)
    warnings = [some_warning(chance, codes) for _ in range(WARNINGS)]
    truths = {one.id: expected(one, grounds, duties, spots) for one in warnings}
    opened: dict[UUID, Expected] = {}
    try:
        async with database.transaction() as tx:
            await write_roster(tx, grounds, spots, duties, people)
            await write_warnings(tx, warnings)
            for one in warnings:
                await open_one(tx, one, area_found(one, index, spots), truths[one.id])
            opened = await what_was_opened(tx)
            raise Undone
    except Undone:
        pass
    for one in warnings:
        truth = truths[one.id]
        found = opened.get(one.id, Expected({}, {}, set(), set(), set()))
        where = (seed, one)
        assert found.duties == truth.duties, where
        assert found.people == truth.people, where
        assert found.ties == truth.ties, where
    return sum(1 for truth in truths.values() if truth.people)


async def open_one(tx: Tx, asked: Asked, area: CoveredArea | None, truth: Expected) -> None:
    """Both roads: opened where the rows lie, and decided post by post."""
    if area is None:
        assert [truth.duties, truth.waiting, truth.passed_over] == [{}, set(), set()]
        return
    families = families_concerned(asked.hazard)
    posts = await roster.posts_under(tx, area, families, TODAY)
    match = match_people(
        posts,
        (),
        warning_id=asked.id,
        hazard=asked.hazard,
        precision=area.precision,
        ladders=asked.ladders,
        now=NOW,
    )
    one_by_one = {
        item.post_id: (item.area_code, item.label, item.why, item.ladder_id, item.deadline_at, item.turn_at)
        for item in match.responsibilities
    }
    assert one_by_one == {post_id: duty[:6] for post_id, duty in truth.duties.items()}, asked
    assert {post.id for post in match.waiting} == truth.waiting
    assert {post.id for post in match.passed_over} == truth.passed_over
    opened = await open_posts(
        tx,
        asked.id,
        area,
        families,
        asked.ladders,
        colour=asked.colour,
        exercise=asked.exercise,
        day=TODAY,
        now=NOW,
    )
    assert opened.count == len(truth.duties)
    assert sum(opened.waiting.values()) == len(truth.waiting)
    assert opened.passed_over == match.not_asked
    assert {*told(opened.duties, "ids")} == {
        str(item) for item in await ids_of(tx, "responsibilities", asked.id)
    }
    assert {*told(opened.people, "call_outs")} == {
        str(item) for item in await ids_of(tx, "call_outs", asked.id)
    }
    assert len(list(told(opened.ties, "roles"))) == len(truth.ties)


def told(parts: Sequence[dict[str, Any]], column: str) -> Iterator[str]:
    for part in parts:
        yield from part[column]


async def ids_of(tx: Tx, table: str, warning_id: UUID) -> set[str]:
    rows = await tx.execute(text(f"SELECT id FROM {table} WHERE warning_id = :id"), {"id": warning_id})
    return {str(found) for found in rows.scalars()}


async def test_whoever_the_slow_reading_names_is_called_and_nobody_else(database: Database) -> None:
    called = 0
    for seed in range(ROSTERS):
        called += await check_roster(database, seed)
    assert called > ROSTERS * WARNINGS / 4
