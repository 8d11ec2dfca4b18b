"""The newest index of areas, built again when an import has changed the map. One for each process."""

import asyncio

from sqlalchemy import select

from jiaoying.contacts.areas.index import AreaIndex, Ground
from jiaoying.kernel.areas import prefix_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import area_shapes, areas, geometry_version


class AreaHolder:
    """Keeps the index of one home area for as long as it is true."""

    def __init__(self, home_area: str) -> None:
        self._home_area = home_area
        self._version: int | None = None
        self._index = AreaIndex((), home_area)
        # Several who ask at once wait for one building.
        self._lock = asyncio.Lock()

    async def newest(self, tx: Tx) -> AreaIndex:
        """The index of the map as it is now. The first question after a change waits for the building."""
        async with self._lock:
            # Asked before the rows are read: what is committed in between is only read again.
            version = await tx.scalar(select(geometry_version.c.version))
            if version != self._version:
                grounds = await _grounds(tx, self._home_area)
                self._index = await asyncio.to_thread(AreaIndex, grounds, self._home_area)
                self._version = version
            return self._index


async def _grounds(tx: Tx, home_area: str) -> list[Ground]:
    """What is known of every area at home. Those that are gone count while people are left in them."""
    rows = await tx.execute(
        select(areas.c.code, areas.c.level, area_shapes.c.shape_wkb, areas.c.lat, areas.c.lon)
        .outerjoin(area_shapes, area_shapes.c.area_code == areas.c.code)
        .where(areas.c.code.like(prefix_of(home_area) + "%"), areas.c.successor_code.is_(None))
    )
    return read_as(Ground, rows)
