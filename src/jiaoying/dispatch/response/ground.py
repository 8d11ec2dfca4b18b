"""What the roster has where a response holds: the posts that orders name, desks, and places."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import text

from jiaoying.dispatch.covering import CoveredArea
from jiaoying.dispatch.response.addressing import DeskThere, PlaceThere, PostThere, Territory
from jiaoying.dispatch.response.model import Holders, TaskOrder
from jiaoying.dispatch.store.matched import MATCHED, parameters_for, plan_each_time
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as

_POSTS = text(
    f"""
    WITH {MATCHED}
    SELECT matched.id, matched.area_code, matched.area_name, matched.kind, post.level, holder.unit,
           matched.point_name, point.kind AS point_kind
    FROM matched
    JOIN posts AS post ON post.id = matched.id
    LEFT JOIN contacts AS holder ON holder.id = matched.holder_id
    LEFT JOIN danger_points AS point ON point.id = matched.danger_point_id
    WHERE matched.kind = ANY (CAST(:kinds AS text[])) AND NOT (matched.waits AND matched.tier = 'village')
    ORDER BY matched.area_code, matched.id
    """  # noqa: S608 - put together from our own words
)
_PLACES = text(
    """
    SELECT DISTINCT area.code, area.name, area.level
    FROM unnest(CAST(:firsts AS text[]), CAST(:lasts AS text[])) AS unit (first, last)
    JOIN areas AS area ON area.code ~>=~ unit.first AND area.code ~<=~ unit.last
    WHERE area.level IN ('county', 'township') AND area.retired_at IS NULL
    ORDER BY area.code
    """
)
_DESKS = text(
    """
    SELECT DISTINCT ON (area_code) id, area_code, name FROM desks
    WHERE area_code = ANY (CAST(:codes AS text[])) ORDER BY area_code, name
    """
)


async def territory(tx: Tx, area: CoveredArea, orders: Collection[TaskOrder], day: date) -> Territory:
    """The posts that these orders name, and the desks and places, under an area and above it."""
    kinds = {kind for order in orders if isinstance(order.who, Holders) for kind in order.who.kinds}
    await plan_each_time(tx)
    given = {**parameters_for(area, frozenset(Hazard), day), "kinds": sorted(kinds)}
    posts = read_as(PostThere, await tx.execute(_POSTS, given))
    bounds = [unit.bounds for unit in area.units]
    reach = {"firsts": [first for first, _ in bounds], "lasts": [last for _, last in bounds]}
    places = read_as(PlaceThere, await tx.execute(_PLACES, reach))
    desks = await tx.execute(_DESKS, {"codes": [place.code for place in places]})
    return Territory(posts, read_as(DeskThere, desks), places)
