"""The preview says what waits, how villages were found, and who is threatened as planned."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import shapely
from sqlalchemy import insert

from jiaoying.dispatch.home_map import map_of
from jiaoying.dispatch.preview import Preview, WouldBe, preview_match
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.ids import new_id
from jiaoying.storage import schema
from jiaoying.storage.database import Database, Tx
from jiaoying.templates.facts import CallFacts
from jiaoying.warnings.model import Circle

NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
COUNTY, TOWNSHIP, VILLAGE = "140521000000", "140521100000", "140521100201"


async def lay_out(tx: Tx) -> None:
    """A county a degree square, with a village of which nothing is known and a slope in it that is placed."""
    areas = [
        ("140000000000", "山西省", "province", None),
        ("140500000000", "晋城市", "city", "140000000000"),
        (COUNTY, "沁水县", "county", "140500000000"),
        (TOWNSHIP, "龙港镇", "township", COUNTY),
        (VILLAGE, "上河村", "village", TOWNSHIP),
    ]
    names = ("code", "name", "level", "parent_code")
    await tx.execute(insert(schema.areas), [dict(zip(names, row, strict=True)) for row in areas])
    outline = shapely.to_wkb(shapely.box(112, 35, 113, 36))
    await tx.execute(insert(schema.area_shapes).values(area_code=COUNTY, shape_wkb=outline))
    people = [new_id(NOW) for _ in range(2)]
    await tx.execute(
        insert(schema.contacts), [{"id": one, "name": "赵演示", "created_at": NOW} for one in people]
    )
    point = new_id(NOW)
    await tx.execute(
        insert(schema.danger_points).values(
            id=point,
            name="后沟滑坡",
            kind="geohazard",
            area_code=VILLAGE,
            lat=35.5,
            lon=112.9,
            households=12,
            people=35,
            created_at=NOW,
        )
    )
    for holder, at in zip(people, (None, point), strict=True):
        await tx.execute(
            insert(schema.posts).values(
                id=new_id(NOW),
                area_code=VILLAGE,
                kind="监测人",
                level="village",
                tier="village",
                holder_id=holder,
                danger_point_id=at,
            )
        )


async def preview(tx: Tx, facts: CallFacts, circle: Circle | dict[str, float]) -> Preview:
    would_be = WouldBe(Hazard.RAIN, Colour.RED, (), (), (circle,), facts)
    found = await preview_match(
        tx, would_be, home=map_of(COUNTY), timezone=ZoneInfo("Asia/Shanghai"), now=NOW
    )
    assert isinstance(found, Preview)
    return found


async def test_what_waits_what_is_planned_and_how_it_was_found(database: Database) -> None:
    words = ("县应急值班室", "A7", "red", "rain", "暴雨", "暴雨红色预警", "沁水县", (), "暴雨。")
    facts = CallFacts(*words, None, None, NOW, NOW, exercise=False)
    async with database.transaction() as tx:
        await lay_out(tx)
        away = await preview(tx, facts, Circle(35.3, 112.3, 10))
        # As the column of a warning keeps it.
        near = await preview(tx, facts, {"lat": 35.5, "lon": 112.9, "radius_km": 1})
    # Nothing is known of the village, and the slope is not under it.
    assert (away.people, away.posts, away.planned.points, away.waits_s) == (0, 0, 0, 120)
    assert [(one.area_code, one.posts, one.people) for one in away.waiting] == [(TOWNSHIP, 1, 1)]
    assert (away.found_by, away.empty_villages) == ({"coarse": 1}, ())
    # The slope is: whoever watches it is called, and with them the village, whose ground it is.
    assert (near.people, near.posts, near.waiting, near.found_by) == (2, 2, (), {"point": 1})
    assert (near.planned.points, near.planned.households, near.planned.people) == (1, 12, 35)
