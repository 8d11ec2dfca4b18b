"""Who reports on a warning is heard under it, though the last text they got asked them to sign on."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import select

from jiaoying.storage.database import Database
from jiaoying.storage.schema import feedback
from journeys.test_presence import shift_in, state_of
from town import VILLAGE, Phone, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def reported(town: Town) -> list[tuple[UUID, str, int | None]]:
    async with town.database.transaction() as tx:
        rows = await tx.execute(select(feedback.c.warning_id, feedback.c.stage, feedback.c.people))
        return [(row.warning_id, row.stage, row.people) for row in rows]


async def answered_and_on_duty(town: Town) -> tuple[Phone, UUID, UUID]:
    """Who answered a warning and was then asked to sign on for their shift, the warning, and the shift."""
    officer = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", officer, hazards=["rain"])
    warning_id = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=30)
    await officer.says("1")
    await town.settle()
    shift_id = await shift_in(town, 1, officer)
    await town.jump(minutes=2)
    assert "值班签到" in (await officer.texts())[-1]
    return officer, warning_id, shift_id


async def test_figures_of_people_moved_are_never_lost_on_a_sign_on(town: Town) -> None:
    officer, warning_id, shift_id = await answered_and_on_duty(town)
    await officer.says("已转移12户35人")
    await town.settle()
    assert await reported(town) == [(warning_id, "moved", 35)]
    assert await state_of(town, shift_id) == "asked"
    await officer.says("1")
    await town.settle()
    assert await state_of(town, shift_id) == "manned"


async def test_danger_is_told_under_the_warning(town: Town) -> None:
    officer, warning_id, _ = await answered_and_on_duty(town)
    await officer.says("村口滑坡，有人被困")
    await town.settle()
    assert await reported(town) == [(warning_id, "danger", None)]


async def test_on_post_answers_the_text_that_asks_for_it(town: Town) -> None:
    officer, _, shift_id = await answered_and_on_duty(town)
    await officer.says("到岗")
    await town.settle()
    assert await state_of(town, shift_id) == "manned"
