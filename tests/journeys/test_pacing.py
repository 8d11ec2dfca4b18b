"""With four lines for fifty people: who is rung first, how long it takes, and how true the forecast was."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from jiaoying.dispatch.store.forecasts import forecasts_of
from jiaoying.gateways.simulator.habits import TextManner
from jiaoying.storage.database import Database
from mianxian import Settled, Shape, first_rings, settle_in, warn
from town import Town, open_town

SHAPE = Shape(county=4, towns=2, each_town=3, villages=20, danger=5)
LIMITS = {"JIAOYING_SIMULATOR_LINES": "4", "JIAOYING_SIMULATOR_CALLS_PER_S": "10"} | {
    "JIAOYING_SIMULATOR_SEGMENTS_PER_S": "100"
}


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url, **LIMITS) as opened:
        yield opened


async def _settled(town: Town) -> Settled:
    county = await settle_in(town.database, SHAPE)
    for number, habit in county.habits.items():
        town.simulator.folk.set_phone(number, habit)
    return county


async def _first_pass(town: Town) -> None:
    """Let it run in steps of three seconds: with fifty phones something happens in every one of them."""
    for _ in range(400):
        if await town.value("SELECT count(*) FROM forecasts WHERE kind = 'before' AND outcome = 'reached'"):
            return
        town.clock.advance_to(town.clock.now() + timedelta(seconds=3))
        await town.settle()
    raise AssertionError("the first pass never ended")


async def test_danger_is_rung_first_and_the_forecast_is_held_against_what_came(town: Town) -> None:
    county = await _settled(town)
    warning = await warn(town.database, town.clock.now())
    await town.settle()
    await _first_pass(town)

    rings = await first_rings(town.database, warning)
    # Whoever was not rung had answered by text before their turn came.
    unrung = county.habits.keys() - rings.keys()
    assert all(county.habits[number].text.does is TextManner.REPLY for number in unrung)
    last = max(rings.values())
    assert all(rings[number] <= last / 10 for number in county.danger)

    async with town.database.transaction() as tx:
        before, *running = await forecasts_of(tx, warning)
    assert before.kind == "before"
    assert before.people == before.unrung == SHAPE.people
    assert before.lines == 4
    assert before.error is not None
    assert abs(before.error) < 0.2
    assert all(forecast.outcome == "reached" for forecast in running)
