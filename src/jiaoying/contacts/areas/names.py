"""Areas (行政区划) by their names in the database, and what became of those that are gone."""

import asyncio
from collections.abc import Iterable

from sqlalchemy import or_, select, text

from jiaoying.kernel.area_names import Area, AreaNames, Doubt
from jiaoying.kernel.areas import Level, ancestors_of, complete_code, prefix_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import areas


async def load_area_names(tx: Tx, within: str) -> AreaNames:
    """The index of names of `within`, everything inside it and what is above it."""
    found = await tx.execute(
        select(*columns_of(Area, areas)).where(
            or_(areas.c.code.like(prefix_of(within) + "%"), areas.c.code.in_(ancestors_of(within)))
        )
    )
    # A province has tens of thousands of places with several names each.
    return await asyncio.to_thread(AreaNames, read_as(Area, found))


async def find_area(tx: Tx, text: str, *, within: str, level: Level | None = None) -> Area | Doubt | None:
    """The area that `text` names, at home before elsewhere in the province; several where several fit."""
    # A province has a hundred times the names of a county, and nearly all that are asked for lie at home.
    for territory in dict.fromkeys((within, complete_code(within[:2]) or within)):
        found = (await load_area_names(tx, territory)).find(text, within=within, level=level)
        if found is not None:
            return found
    return None


_NOW_UNDER = text(
    """
    WITH RECURSIVE gone AS (
        SELECT named.code AS named, inner_area.successor_code AS current
        FROM unnest(CAST(:codes AS text[]), CAST(:prefixes AS text[])) AS named (code, prefix)
        JOIN areas AS own ON own.code = named.code AND own.retired_at IS NOT NULL
        -- A range of the index of prefixes; the sign after 9 ends it.
        JOIN areas AS inner_area
            ON inner_area.code ~>=~ named.prefix AND inner_area.code ~<~ (named.prefix || ':')
        WHERE inner_area.successor_code IS NOT NULL
        UNION
        SELECT gone.named, areas.successor_code
        FROM gone JOIN areas ON areas.code = gone.current
        WHERE areas.successor_code IS NOT NULL
    )
    SELECT gone.named, gone.current
    FROM gone JOIN areas ON areas.code = gone.current
    WHERE areas.successor_code IS NULL
    ORDER BY gone.named, gone.current
    """
)


async def current_codes(tx: Tx, codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Of these codes, those that are retired: where the people went who answered for them and all inside.

    A warning that still names an old township means its villages, wherever each has gone since. Codes of
    today are not in the answer, nor those whose people went nowhere: they are found where they are.
    """
    wanted = list(dict.fromkeys(codes))
    prefixes = [prefix_of(code) for code in wanted]
    found: dict[str, tuple[str, ...]] = {}
    for row in await tx.execute(_NOW_UNDER, {"codes": wanted, "prefixes": prefixes}):
        found[row.named] = (*found.get(row.named, ()), row.current)
    return found
