"""The street of every test here."""

from collections.abc import AsyncGenerator

import pytest

from gateways.simulator.street import Street, standing


@pytest.fixture
async def street() -> AsyncGenerator[Street]:
    async with standing() as street:
        yield street
