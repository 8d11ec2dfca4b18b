"""What a dry run foretells is what happens: the same people, by the same channels, at the same minute."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from jiaoying.dispatch.covering import OutsideHome
from jiaoying.dispatch.forecast import ASSUMED
from jiaoying.dispatch.home_map import map_of
from jiaoying.dispatch.outlook.dry_run import DryRun, dry_run
from jiaoying.dispatch.outlook.subjects import past_warning, would_be_of
from jiaoying.settings import GatewayLimits
from jiaoying.storage.database import Database
from town import COUNTY, OTHER_VILLAGE, START, TOWNSHIP, VILLAGE, Town, open_town

HOME, ZONE = map_of(COUNTY), ZoneInfo("Asia/Shanghai")
ONE_LINE = GatewayLimits(lines=1, calls_per_s=1, segments_per_s=1)
FIRST_CALLS = """
    SELECT contact_id, min(accepted_at) AS at, array_agg(DISTINCT channel) AS channels
    FROM attempts WHERE warning_id = :warning AND purpose = 'call' AND round = 1
    GROUP BY contact_id
"""


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def foretold(
    town: Town, warning_id: UUID, now: datetime, limits: GatewayLimits | None = None
) -> DryRun:
    async with town.database.transaction() as tx:
        past = await past_warning(tx, warning_id)
        assert past
        would_be = would_be_of(past.warning, desk_name="沁水县应急值班室", reference="A7", timezone=ZONE)
        found = await dry_run(tx, would_be, home=HOME, timezone=ZONE, limits=limits, by="test", now=now)
    assert not isinstance(found, OutsideHome)
    return found


async def test_what_is_foretold_is_what_happens_when_nobody_answers(town: Town) -> None:
    holder, deputy, superior, other, officer, leader = [
        await town.person(name) for name in ("赵演示", "钱演示", "孙演示", "李演示", "周演示", "吴演示")
    ]
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy, superior=superior)
    await town.post(OTHER_VILLAGE, "防汛责任人", other, superior=superior)  # without a deputy
    await town.post(TOWNSHIP, "镇长", superior, tier="township")
    await town.desk(TOWNSHIP, "龙港镇值班室", officer, leader)
    warning = await town.warn("orange", areas=[TOWNSHIP], hours=3)
    told = await foretold(town, warning, START)
    await town.jump(minutes=20)

    async with town.database.transaction() as tx:
        rows = (await tx.execute(text(FIRST_CALLS), {"warning": warning})).all()
    happened = {row.contact_id: (row.at, set(row.channels)) for row in rows}
    assert {person.contact_id for person in told.people} == set(happened)
    for person in told.people:
        at, channels = happened[person.contact_id]
        assert set(person.channels) == channels, person.name
        # A wait runs from the hand-over, and the queue is looked at every twenty seconds.
        assert abs((at - START).total_seconds() - person.begins_s) <= 60, person.name
    # The villages before the desk, the desk before the township's head.
    at_once = [person.name for person in told.people if person.begins_s == 0]
    assert (set(at_once[:2]), at_once[2:]) == ({"赵演示", "李演示"}, ["周演示", "孙演示"])
    assert (told.figures.people, told.figures.later, told.figures.unreachable) == (4, 2, 0)
    assert told.people[0].text.startswith("【沁水县应急值班室】A7 暴雨橙色预警")


async def test_the_queue_is_counted_and_what_is_different_since_is_told(town: Town) -> None:
    people = [await town.person(f"{name}演示") for name in "赵钱孙李"]
    posts = [await town.post(VILLAGE, f"岗位{number}", person) for number, person in enumerate(people)]
    warning = await town.warn("orange", areas=[VILLAGE], hours=3)
    first = await foretold(town, warning, START, ONE_LINE)
    # One line, forty-five seconds a call.
    assert [person.turn_s for person in first.people] == [place * ASSUMED.call_s for place in range(4)]
    assert (first.figures.minutes, first.since) == (round(4 * ASSUMED.call_s / 60, 1), None)
    async with town.database.transaction() as tx:
        await tx.execute(text("UPDATE posts SET holder_id = NULL WHERE id = :id"), {"id": posts[0]})
        await tx.execute(
            text("DELETE FROM contact_numbers WHERE contact_id = :id"), {"id": people[1].contact_id}
        )
    second = await foretold(town, warning, START, ONE_LINE)
    assert second.since
    assert second.since.before == first.figures
    assert (dict(second.since.removed), dict(second.since.added)) == ({people[0].contact_id: "赵演示"}, {})
    assert [(person.name, person.trouble) for person in second.people if person.trouble] == [
        ("钱演示", "no_number")
    ]
    assert second.preview.unfilled == ("梁庄村 岗位0",)
    # Another colour is another story.
    calm = await town.warn("blue", areas=[VILLAGE], hours=3, reference="B2")
    assert (await foretold(town, calm, START, ONE_LINE)).since is None
