"""Only the county's outline is known, and less than half of it is warned: villages wait, and are not lost."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
import shapely
from sqlalchemy import insert, update

from jiaoying.dispatch.actions import release_townships
from jiaoying.kernel.errors import Refusal
from jiaoying.storage import schema
from jiaoying.storage.database import Database
from town import COUNTY, TOWNSHIP, VILLAGE, Phone, Town, open_town
from web_town import add_users, browser_on, parts_for_tests

OTHER_TOWNSHIP, FAR_VILLAGE = "140521101000", "140521101201"
# The county is one degree square; a fifth of it, and all of it.
A_FIFTH = [(35.0, 112.0), (35.0, 112.2), (36.0, 112.2), (36.0, 112.0), (35.0, 112.0)]
MOST = [(35.0, 112.0), (35.0, 112.6), (36.0, 112.6), (36.0, 112.0), (35.0, 112.0)]


class County:
    """A head of a township, a village in it, a village in another township, the desk of the county."""

    def __init__(self, town: Town, officer: Phone, head: Phone, near: Phone, far: Phone) -> None:
        self.town = town
        self.officer = officer
        self.head = head
        self.near = near
        self.far = far

    async def tick(self, warning: UUID, *townships: str) -> None:
        """The officer ticks townships on the warning's page."""
        async with self.town.database.transaction() as tx:
            await release_townships(tx, warning, townships, by="user:officer", now=self.town.clock.now())
        await self.town.settle()

    async def alarms(self) -> int:
        return await self.town.value(
            "SELECT count(*) FROM alarms WHERE kind = 'villages_wait' AND cleared_at IS NULL"
        )


@pytest.fixture
async def county(database: Database, redis_url: str) -> AsyncIterator[County]:
    async with open_town(database, redis_url) as town:
        async with database.transaction() as tx:
            await tx.execute(
                insert(schema.areas),
                [
                    {"code": code, "name": name, "level": level, "parent_code": parent}
                    for code, name, level, parent in (
                        (OTHER_TOWNSHIP, "中村镇", "township", COUNTY),
                        (FAR_VILLAGE, "下川村", "village", OTHER_TOWNSHIP),
                    )
                ],
            )
            outline = shapely.to_wkb(shapely.box(112, 35, 113, 36))
            await tx.execute(insert(schema.area_shapes).values(area_code=COUNTY, shape_wkb=outline))
        officer, head = await town.person("周演示", "answers"), await town.person("吴演示", "answers")
        near, far = await town.person("郑演示", "answers"), await town.person("王演示", "answers")
        await town.desk(COUNTY, "县应急值班室", officer)
        await town.post(TOWNSHIP, "镇长", head, tier="township")
        await town.post(VILLAGE, "防汛责任人", near)
        await town.post(FAR_VILLAGE, "防汛责任人", far)
        yield County(town, officer, head, near, far)


async def test_under_red_desks_and_heads_are_called_at_once_and_villages_by_the_clock(county: County) -> None:
    town = county.town
    warning = await town.warn("red", polygons=[A_FIFTH])
    await town.jump(seconds=60)
    assert [await phone.calls() for phone in (county.officer, county.head)] == [1, 1]
    assert [await phone.calls() for phone in (county.near, county.far)] == [0, 0]
    assert await county.alarms() == 1
    await town.jump(seconds=90)
    assert [await phone.calls() for phone in (county.near, county.far)] == [1, 1]
    assert await county.alarms() == 0
    events = await town.events(warning)
    assert events.index("warning.villages_wait") < events.index("warning.villages_called")
    assert await town.states("responsibilities", warning) == {"covered": 4}


async def test_under_orange_the_officer_ticks_and_nobody_else_is_called(county: County) -> None:
    town = county.town
    warning = await town.warn("orange", polygons=[A_FIFTH])
    # Desk and head have answered long ago: the warning stays open for those who wait.
    await town.jump(minutes=5)
    assert await town.value("SELECT state FROM issued_warnings") == "matched"
    assert [await phone.calls() for phone in (county.near, county.far)] == [0, 0]
    await county.tick(warning, TOWNSHIP)
    await town.jump(minutes=2)
    assert [await phone.calls() for phone in (county.near, county.far)] == [1, 0]
    assert await county.alarms() == 1
    with pytest.raises(Refusal):
        await county.tick(warning, TOWNSHIP)
    await county.tick(warning, OTHER_TOWNSHIP)
    await town.jump(minutes=2)
    assert [await phone.calls() for phone in (county.near, county.far)] == [1, 1]
    assert await county.alarms() == 0
    assert await town.value("SELECT state FROM issued_warnings") == "closed"


async def test_what_was_ticked_stays_called_under_the_update_and_the_rest_waits_on(county: County) -> None:
    town = county.town
    first = await town.warn("orange", polygons=[A_FIFTH])
    await county.tick(first, TOWNSHIP)
    await town.jump(minutes=2)
    again = await town.warn("orange", polygons=[A_FIFTH], kind="update", replaces=first)
    await town.jump(minutes=4)
    # One call and one text, as before: neither called again nor stood down.
    assert (await county.near.calls(), len(await county.near.texts())) == (1, 1)
    assert await town.state_of(county.near, again) == "answered"
    assert await county.far.calls() == 0
    assert await county.alarms() == 1
    await county.tick(again, OTHER_TOWNSHIP)
    await town.jump(minutes=2)
    assert await county.far.calls() == 1


async def test_who_ticks_nothing_is_told_beside_the_townships(county: County) -> None:
    await add_users(county.town.database)
    warning = await county.town.warn("orange", polygons=[A_FIFTH])
    async with browser_on(parts_for_tests(county.town.database)) as officer:
        await officer.sign_in("officer")
        answer = await officer.post(f"/warnings/{warning}/release")
        page = await answer.text()
    assert (answer.status, f'value="{OTHER_TOWNSHIP}"' in page) == (422, True)
    assert "请至少勾选" in page


async def test_ticked_in_the_moment_before_the_update_is_called_by_it(county: County) -> None:
    town = county.town
    first = await town.warn("orange", polygons=[A_FIFTH])
    async with town.database.transaction() as tx:
        await release_townships(tx, first, [TOWNSHIP], by="user:officer", now=town.clock.now())
    await town.warn("orange", polygons=[A_FIFTH], kind="update", replaces=first)
    await town.jump(minutes=2)
    assert [await phone.calls() for phone in (county.near, county.far)] == [1, 0]


async def test_an_update_does_not_push_the_clock_of_red_before_it(county: County) -> None:
    town = county.town
    first = await town.warn("red", polygons=[A_FIFTH])
    await town.jump(seconds=100)
    await town.warn("red", polygons=[A_FIFTH], kind="update", replaces=first)
    await town.jump(seconds=50)
    assert [await phone.calls() for phone in (county.near, county.far)] == [1, 1]


@pytest.mark.parametrize("colour", ["red", "orange"])
async def test_a_village_that_went_to_another_township_meanwhile_is_called_with_the_last(
    county: County, colour: str
) -> None:
    """The divisions were imported anew while it waited: nobody ticks a township that did not wait."""
    town = county.town
    warning = await town.warn(colour, polygons=[A_FIFTH])
    new_township, new_village = "140521102000", "140521102201"
    async with town.database.transaction() as tx:
        await tx.execute(
            insert(schema.areas),
            [
                {"code": new_township, "name": "郑庄镇", "level": "township", "parent_code": COUNTY},
                {"code": new_village, "name": "下川村", "level": "village", "parent_code": new_township},
            ],
        )
        moved = update(schema.posts).where(schema.posts.c.area_code == FAR_VILLAGE)
        await tx.execute(moved.values(area_code=new_village))
        await tx.execute(
            update(schema.areas)
            .where(schema.areas.c.code == OTHER_TOWNSHIP)
            .values(retired_at=town.clock.now())
        )
        await tx.execute(
            update(schema.geometry_version).values(version=schema.geometry_version.c.version + 1)
        )
    if colour == "orange":
        await county.tick(warning, TOWNSHIP, OTHER_TOWNSHIP)
    await town.jump(seconds=150)
    assert [await phone.calls() for phone in (county.near, county.far)] == [1, 1]


async def test_cancelled_before_anybody_was_let_go_calls_no_village(county: County) -> None:
    town = county.town
    warning = await town.warn("red", polygons=[A_FIFTH])
    await town.jump(seconds=30)
    await town.warn("red", areas=[COUNTY], kind="cancel", replaces=warning)
    await town.jump(minutes=4)
    assert [await phone.calls() for phone in (county.near, county.far)] == [0, 0]
    assert await town.states("call_outs", warning) == {"answered": 2}
    assert await county.alarms() == 0
    with pytest.raises(Refusal):
        await county.tick(warning, TOWNSHIP)


async def test_from_half_of_the_outline_on_everybody_is_called_at_once(county: County) -> None:
    warning = await county.town.warn("orange", polygons=[MOST])
    await county.town.jump(minutes=2)
    assert [await phone.calls() for phone in (county.near, county.far)] == [1, 1]
    why = "SELECT why ->> 'precision' FROM responsibilities WHERE area_code = :code"
    assert await county.town.value(why, code=VILLAGE) == "coarse"
    assert await county.town.states("responsibilities", warning) == {"covered": 4}


async def test_over_before_anybody_ticked_is_told(county: County) -> None:
    await county.town.warn("orange", polygons=[A_FIFTH], hours=1)
    await county.town.jump(minutes=61)
    told = "SELECT count(*) FROM alarms WHERE kind = 'villages_never_called' AND cleared_at IS NULL"
    assert await county.town.value(told) == 1
    assert await county.near.calls() == 0


@pytest.mark.parametrize("colour", ["red", "orange"])
async def test_over_while_the_program_stood_still_is_told_and_calls_nobody(
    county: County, colour: str
) -> None:
    """After a power cut the clock and the tick are both late: the warning is over."""
    town = county.town
    warning = await town.warn(colour, polygons=[A_FIFTH], hours=1)
    if colour == "orange":
        async with town.database.transaction() as tx:
            await release_townships(tx, warning, [TOWNSHIP], by="user:officer", now=town.clock.now())
    town.clock.advance_to(town.clock.now() + timedelta(minutes=61))
    await town.settle()
    told = "SELECT count(*) FROM alarms WHERE kind = 'villages_never_called' AND cleared_at IS NULL"
    assert await town.value(told) == 1
    assert [await phone.calls() for phone in (county.near, county.far)] == [0, 0]


async def test_who_answered_for_the_township_is_asked_anew_for_the_village(county: County) -> None:
    town = county.town
    await town.post(VILLAGE, "巡查员", county.head)
    warning = await town.warn("orange", polygons=[A_FIFTH])
    await town.jump(minutes=2)
    assert await county.head.calls() == 1
    await county.tick(warning, TOWNSHIP)
    await town.jump(minutes=2)
    assert await county.head.calls() == 2
    assert await town.states("responsibilities", warning) == {"covered": 4}
