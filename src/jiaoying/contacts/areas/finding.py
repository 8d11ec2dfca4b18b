"""An area looked up by code or name, with its chain of parents and what its place is known by."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from jiaoying.contacts.areas.changes import ends_of
from jiaoying.contacts.areas.names import find_area
from jiaoying.contacts.areas.store import areas_by_code, successors_of_all
from jiaoying.kernel.area_names import Area, Doubt
from jiaoying.kernel.areas import ancestors_of, is_area_code
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import area_shapes


@dataclass(frozen=True, slots=True)
class Described:
    """An area with those above it, the highest first; `outlined` is the nearest of them with a boundary."""

    asked_code: str  # another one where the area that was asked for has been merged
    chain: tuple[Area, ...]
    outlined: Area | None

    def as_data(self) -> dict[str, object]:
        """The shape of `areas find --json`."""
        area = self.chain[-1]
        return {
            "code": area.code,
            "name": area.name,
            "level": area.level,
            "chain": [{"code": one.code, "name": one.name, "level": one.level} for one in self.chain],
            "former_names": area.former_names,
            "retired": area.retired_at is not None,
            "asked_code": self.asked_code,
            "lat": area.lat,
            "lon": area.lon,
            "seat_made_up": area.seat_made_up,
            "outline": self.outlined.code if self.outlined else None,
        }


async def describe(database: Database, text: str, *, within: str) -> tuple[Described, ...]:
    """Every area that `text` may mean, places inside `within` before all others; none where nothing fits."""
    async with database.transaction() as tx:
        asked = await _asked(tx, text.strip(), within)
        wanted = {one for code in asked.values() for one in (code, *ancestors_of(code))}
        known = await areas_by_code(tx, wanted)
        outlined = await _outlined(tx, wanted)
    return tuple(
        _described(asked_code, code, known, outlined) for asked_code, code in asked.items() if code in known
    )


async def _asked(tx: Tx, text: str, within: str) -> dict[str, str]:
    """The codes that are meant, each with the one that goes on for it today."""
    if is_area_code(text):
        ends, _ = ends_of(await successors_of_all(tx))
        return {text: ends.get(text, text)}
    found = await find_area(tx, text, within=within)
    candidates = found.candidates if isinstance(found, Doubt) else (found,) if found else ()
    return {area.code: area.code for area in candidates}


async def _outlined(tx: Tx, codes: Iterable[str]) -> set[str]:
    rows = await tx.execute(select(area_shapes.c.area_code).where(area_shapes.c.area_code.in_(list(codes))))
    return set(rows.scalars())


def _described(asked_code: str, code: str, known: dict[str, Area], outlined: set[str]) -> Described:
    nearest_first = [known[one] for one in (code, *ancestors_of(code)) if one in known]
    nearest = next((area for area in nearest_first if area.code in outlined), None)
    return Described(asked_code, tuple(reversed(nearest_first)), nearest)
