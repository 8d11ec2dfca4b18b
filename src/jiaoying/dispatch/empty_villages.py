"""The villages under a warning where nobody can be called: the gap of the roster that matters tonight."""

from datetime import date

from sqlalchemy import select

from jiaoying.contacts.gaps.store import villages_without_anybody
from jiaoying.dispatch.covering import CoveredArea, Direction
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.kernel.areas import prefix_of
from jiaoying.kernel.hazards import Hazard, families_concerned
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import areas


async def empty_villages(tx: Tx, hazard: Hazard, area: CoveredArea, on: date) -> tuple[str, ...]:
    """Their names, each with its township, in the order of their codes; not those whose people wait."""
    prefixes = tuple(
        prefix_of(unit.code) if unit.whole else unit.code
        for unit in area.units
        if unit.direction is Direction.INSIDE and not unit.waits
    )
    codes = await villages_without_anybody(tx, prefixes, families_concerned(hazard), on)
    township = areas.alias("township")
    rows = await tx.execute(
        select(areas.c.name, township.c.name)
        .outerjoin(township, township.c.code == areas.c.parent_code)
        .where(is_one_of(areas.c.code, codes))
        .order_by(areas.c.code)
    )
    return tuple(f"{township_name or ''}{name}" for name, township_name in rows)
