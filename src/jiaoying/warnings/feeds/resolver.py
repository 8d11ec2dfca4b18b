"""Names become addresses here, and only addresses that this source may have are connected to.

The connector connects to exactly what this gave it, so that a name which leads elsewhere a moment later
(DNS rebinding) gains nothing.
"""

import socket
from ipaddress import ip_address

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from jiaoying.warnings.feeds.targets import is_inner, is_public


class InnerAddressError(OSError):
    """A name leads to an address that this source may not have."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(f"{host} leads to {address}")
        self.host = host
        self.address = address


class GuardedResolver(AbstractResolver):
    """`inside`: the source lies in a network of our own, and private addresses are what is meant."""

    def __init__(self, *, inside: bool) -> None:
        self._inside = inside
        self._asks = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Every address of `host`. Raises InnerAddressError where one of them is not allowed."""
        found = await self._asks.resolve(host, port, family)
        for one in found:
            address = ip_address(one["host"].partition("%")[0])
            if not (is_public(address) or (self._inside and is_inner(address))):
                raise InnerAddressError(host, str(address))
        return found

    async def close(self) -> None:
        await self._asks.close()
