"""Who is ordered to do what: the orders of a plan held against the roster. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from jiaoying.contacts.model import PointKind, PostLevel
from jiaoying.dispatch.response.deciding import TaskPlace, WantedTask
from jiaoying.dispatch.response.model import Desks, Holders, TaskOrder
from jiaoying.kernel.areas import Level
from jiaoying.kernel.language import say


@dataclass(frozen=True, slots=True)
class PostThere:
    """A post in force under the area of a response or above it, of a kind that the plan names."""

    id: UUID
    area_code: str
    area_name: str
    kind: str
    level: PostLevel
    unit: str | None  # of whoever holds it
    point_name: str | None
    point_kind: PointKind | None

    @property
    def label(self) -> str:
        """上河村 后沟滑坡 监测人."""
        return " ".join(filter(None, (self.area_name, self.point_name, self.kind)))


@dataclass(frozen=True, slots=True)
class DeskThere:
    id: UUID
    area_code: str
    name: str


@dataclass(frozen=True, slots=True)
class PlaceThere:
    """The county, or a township under the response."""

    code: str
    name: str
    level: Level


@dataclass(frozen=True, slots=True)
class Territory:
    """What the roster has where a response holds."""

    posts: Sequence[PostThere]
    desks: Sequence[DeskThere]
    places: Sequence[PlaceThere]


def wanted_tasks(orders: Sequence[TaskOrder], there: Territory) -> tuple[WantedTask, ...]:
    """A task for each post and desk that an order is for.

    Where the county or a township has nobody to be ordered, the task is there all the same, addressed to
    nobody: it stands on the officer's list at once.
    """
    return tuple(task for order in orders for task in _of_order(order, there))


def _of_order(order: TaskOrder, there: Territory) -> Iterator[WantedTask]:
    match order.who:
        case Holders() as holders:
            yield from _of_posts(order, holders, there)
        case Desks() as desks:
            yield from _of_desks(order, desks, there)


def _of_posts(order: TaskOrder, who: Holders, there: Territory) -> Iterator[WantedTask]:
    found = [post for post in there.posts if _is_meant(post, who)]
    for post in found:
        place = TaskPlace(order.key, post.area_code, post.id, None)
        yield _wanted(order, place, post.unit or post.area_name, post.label)
    level = {PostLevel.COUNTY: Level.COUNTY, PostLevel.TOWNSHIP: Level.TOWNSHIP}.get(
        who.level or PostLevel.VILLAGE
    )
    have = {post.area_code for post in found}
    for place in there.places:
        if place.level is level and place.code not in have:
            unit = who.unit or place.name
            yield _wanted(
                order, TaskPlace(order.key, place.code, None, None), unit, _nobody(place, who.kinds[0])
            )


def _of_desks(order: TaskOrder, who: Desks, there: Territory) -> Iterator[WantedTask]:
    for place in there.places:
        if place.level is not who.level:
            continue
        desk = next((desk for desk in there.desks if desk.area_code == place.code), None)
        if desk:
            yield _wanted(order, TaskPlace(order.key, place.code, None, desk.id), place.name, desk.name)
        else:
            nobody = TaskPlace(order.key, place.code, None, None)
            yield _wanted(order, nobody, place.name, _nobody(place, say("duty desk")))


def _is_meant(post: PostThere, who: Holders) -> bool:
    return (
        post.kind in who.kinds
        and (who.unit is None or who.unit in (post.unit or ""))
        and (who.level is None or post.level is who.level)
        and (who.point is None or post.point_kind is who.point)
    )


def _nobody(place: PlaceThere, kind: str) -> str:
    return f"{place.name} {kind}"


def _wanted(order: TaskOrder, place: TaskPlace, unit: str, label: str) -> WantedTask:
    return WantedTask(place, order.kind, order.order, unit, label, order.within_s, order.evidence)
