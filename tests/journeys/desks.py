"""The console of a town, signed in."""

from collections.abc import AsyncIterator
from dataclasses import replace

from town import Town
from web_town import Browser, browser_on, parts_for_tests, settings_for_tests


async def desk_of(town: Town, name: str, **settings: str) -> AsyncIterator[Browser]:
    """A console on the town's clock, signed in as `name`."""
    parts = parts_for_tests(town.database, settings_for_tests(JIAOYING_SIMULATOR_LINES="30", **settings))
    engine = town.engine
    parts = replace(
        parts, clock=town.clock, wake=engine.wake, gateways=engine.gateways, home_name=engine.home_name
    )
    async with browser_on(parts) as browser:
        assert (await browser.sign_in(name)).status == 303
        yield browser
