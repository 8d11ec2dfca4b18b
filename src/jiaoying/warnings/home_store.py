"""Rows of the territory that this installation serves: statements in the caller's transaction."""

from shapely import from_wkb
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import Level, level_of, prefix_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import area_shapes, areas


async def home_shape(tx: Tx, home_area: str) -> BaseGeometry | None:
    """The shape of the home area (lon, lat), or None when none is stored."""
    rows = await tx.execute(select(area_shapes.c.shape_wkb).where(area_shapes.c.area_code == home_area))
    wkb: bytes | None = rows.scalar_one_or_none()
    return None if wkb is None else from_wkb(wkb)


async def home_areas(tx: Tx, home_area: str) -> list[Area]:
    """What is known inside the home area, for names in texts; of a whole province not its villages."""
    wanted = select(*columns_of(Area, areas)).where(areas.c.code.like(prefix_of(home_area) + "%"))
    if level_of(home_area) is Level.PROVINCE:
        wanted = wanted.where(areas.c.level != Level.VILLAGE)
    found = await tx.execute(wanted)
    return list(read_as(Area, found))
