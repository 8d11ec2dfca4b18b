"""A county of the shape of 勉县: 38 people of the county, 72 of its towns, 396 of its villages.

The size is that of its water bureau's calls (506 people, a message of 20 s that must be heard, up to three
calls). How its people treat their telephones nobody has published; the shares here are our own choice:
two of three answer the first call with a key, the others let it ring, cut it off, listen and press
nothing, are busy or off; some of them answer by text.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from jiaoying.gateways.simulator.habits import Habit, habit_from_json
from jiaoying.kernel.ids import new_id
from jiaoying.storage import schema
from jiaoying.storage.database import Database, Tx

COUNTY = "140521000000"
BORN = datetime.fromisoformat("2026-07-01T00:00:00+00:00")
# Out of a hundred people. Ten seconds of ringing, a message of 20 s, three until the key is found.
HABITS: tuple[tuple[int, dict[str, Any]], ...] = (
    (66, {"call": {"does": "answer", "after_s": 10.0, "key_after_s": 23.0}}),
    (6, {"call": {"does": "ignore"}, "text": {"does": "reply", "after_s": 240.0}}),
    (12, {"call": {"does": "ignore"}}),
    (5, {"call": {"does": "hang_up", "after_s": 10.0, "hang_up_after_s": 5.0}}),
    (3, {"call": {"does": "listen", "after_s": 10.0}}),
    (3, {"call": {"does": "busy"}, "text": {"does": "reply", "after_s": 120.0}}),
    (5, {"call": {"does": "switched_off"}, "text": {"does": "switched_off"}}),
)
# Coprime to a hundred: neighbours differ, and any hundred in a row have the shares above.
STRIDE = 37


@dataclass(frozen=True, slots=True)
class Shape:
    """How many people stand where. Of the villages, `danger` have somebody at a danger point."""

    county: int = 38
    towns: int = 18
    each_town: int = 4
    villages: int = 22  # of each town, with one person each
    danger: int = 20

    @property
    def people(self) -> int:
        return self.county + self.towns * (self.each_town + self.villages)


@dataclass(frozen=True, slots=True)
class Settled:
    """Everybody's number with their habit, and the numbers of those at danger points."""

    habits: dict[str, Habit]
    danger: frozenset[str]


def habit_of(number: int) -> Habit:
    """What the n-th person does with calls and texts."""
    draw = number * STRIDE % 100
    for share, habit in HABITS:
        if draw < share:
            return habit_from_json(habit)
        draw -= share
    raise AssertionError("the shares come to a hundred")


async def settle_in(database: Database, shape: Shape) -> Settled:
    """Write the county down; whoever stands in its towns is the superior of the villages there."""
    people: list[str] = []

    async def person(tx: Tx, name: str) -> UUID:
        contact_id, number = new_id(BORN), f"+86100{20_000_000 + len(people)}"
        await tx.execute(
            insert(schema.contacts).values(id=contact_id, name=name, demonstration=True, created_at=BORN)
        )
        await tx.execute(
            insert(schema.contact_numbers).values(
                id=new_id(BORN), contact_id=contact_id, number=number, kind="mobile"
            )
        )
        people.append(number)
        return contact_id

    async def post(tx: Tx, area: str, tier: str, holder: UUID, **more: Any) -> None:
        level = tier if tier in ("village", "township") else "county"
        values: dict[str, Any] = {
            "id": new_id(BORN),
            "area_code": area,
            "kind": "防汛责任人",
            "level": level,
            "tier": tier,
            "holder_id": holder,
            "valid_from": date(2026, 1, 1),
            "demonstration": True,
        }
        await tx.execute(insert(schema.posts).values(**values | more))

    danger: set[str] = set()
    async with database.transaction() as tx:
        for place in range(shape.county):
            tier = "county_lead" if place % 2 else "county_chief"
            await post(tx, COUNTY, tier, await person(tx, f"县演示{place}"))
        for town in range(shape.towns):
            town_code = f"140521{200 + town}000"
            await _area(tx, town_code, f"演示{town}镇", "township", COUNTY)
            seats = [await person(tx, f"镇演示{town}-{seat}") for seat in range(shape.each_town)]
            for seat in seats:
                await post(tx, town_code, "township", seat)
            for village in range(shape.villages):
                code = f"{town_code[:9]}{201 + village}"
                await _area(tx, code, f"演示{town}-{village}村", "village", town_code)
                holder = await person(tx, f"村演示{town}-{village}")
                more: dict[str, Any] = {"superior_id": seats[village % len(seats)]} if seats else {}
                if len(danger) < shape.danger and village % 5 == 0:
                    more["danger_point_id"] = await _point(tx, code)
                    danger.add(people[-1])
                await post(tx, code, "village", holder, **more)
    # Those at danger points answer like the others: the order must come from the queue.
    habits = {number: habit_of(place) for place, number in enumerate(people)}
    return Settled(habits, frozenset(danger))


async def warn(database: Database, now: datetime, *, reference: str = "A7", colour: str = "red") -> UUID:
    """A warning for the whole county, which waits to be matched."""
    warning_id = new_id(now)
    async with database.transaction() as tx:
        await tx.execute(
            insert(schema.issued_warnings).values(
                id=warning_id,
                source="test",
                sender="test",
                identifier=str(warning_id),
                version=1,
                content_sha256=warning_id.bytes,
                kind="alert",
                hazard="rain",
                event="暴雨",
                colour=colour,
                headline="演示县气象台发布暴雨红色预警",
                text="预计未来3小时将出现暴雨。",
                area_names="演示县",
                area_codes=[COUNTY],
                polygons=[],
                exercise=False,
                sent_at=now,
                valid_from=now,
                valid_to=now + timedelta(hours=12),
                received_at=now,
                state="received",
                reference=reference,
            )
        )
    return warning_id


async def first_rings(database: Database, warning_id: UUID) -> dict[str, float]:
    """When each number rang first, in seconds from the warning's match."""
    async with database.transaction() as tx:
        rows = await tx.execute(
            text(
                """
                SELECT a.number, extract(epoch FROM min(a.claimed_at) - min(w.matched_at)) AS after_s
                FROM attempts a JOIN issued_warnings w ON w.id = a.warning_id
                WHERE a.warning_id = :warning AND a.channel = 'voice' AND a.claimed_at IS NOT NULL
                GROUP BY a.number
                """
            ),
            {"warning": warning_id},
        )
        return {row.number: float(row.after_s) for row in rows}


async def _area(tx: Tx, code: str, name: str, level: str, parent: str) -> None:
    await tx.execute(insert(schema.areas).values(code=code, name=name, level=level, parent_code=parent))


async def _point(tx: Tx, code: str) -> UUID:
    point_id = new_id(BORN)
    await tx.execute(
        insert(schema.danger_points).values(
            id=point_id,
            name=f"演示隐患点{code[-6:]}",
            kind="geohazard",
            area_code=code,
            demonstration=True,
            created_at=BORN,
        )
    )
    return point_id
