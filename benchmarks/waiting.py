"""Waiting for what other processes do."""

import asyncio
from collections.abc import Awaitable, Callable


async def wait_until(is_so: Callable[[], Awaitable[bool]], *, poll_s: float, timeout_s: float = 120) -> None:
    """Ask every `poll_s` until it is so. Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while not await is_so():  # noqa: ASYNC110 - another process cannot set an event of ours
            await asyncio.sleep(poll_s)
