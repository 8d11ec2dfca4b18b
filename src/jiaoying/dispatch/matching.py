"""Who answers under a warning, by which ladder, and why. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from uuid import UUID

from jiaoying.dispatch.covering import Direction
from jiaoying.dispatch.ladders.choosing import choose_ladder
from jiaoying.dispatch.ladders.model import Ladder, LadderBook, Tier
from jiaoying.kernel.areas import level_of
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard, families_concerned
from jiaoying.kernel.ids import new_id

# A drill stands below everything real in every queue.
EXERCISE_PRIORITY = 100
# Of calls that may wait behind every warning and every drill (warnings.purpose).
GIVES_WAY_PRIORITY = 500
_TIER_ORDER = {Tier.VILLAGE: 1, Tier.DESK: 2, Tier.TOWNSHIP: 3, Tier.COUNTY_LEAD: 5, Tier.COUNTY_CHIEF: 6}


@dataclass(frozen=True, slots=True)
class MatchedPost:
    """A post in force that the area and the hazard picked, and by which unit under the warning it lies.

    `point_name` is set for a post at a danger point. One that `waits` is not called before its township
    is released.
    """

    id: UUID
    area_code: str
    area_name: str
    kind: str
    tier: Tier
    hazards: tuple[str, ...]
    unit_code: str
    direction: Direction
    precision: str
    point_name: str | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class MatchedDesk:
    """A duty desk of a covered unit or of one above it."""

    id: UUID
    area_code: str
    name: str


@dataclass(frozen=True, slots=True)
class NewResponsibility:
    """A responsibility to be opened; exactly one of `post_id` and `desk_id` is set.

    `deadline_at` is counted from when it may begin: now, or at the latest with its turn.
    With a `task_id` it is for that task of a response, beside the duty of the post or desk itself.
    """

    id: UUID
    warning_id: UUID
    post_id: UUID | None
    desk_id: UUID | None
    area_code: str
    label: str
    ladder_id: UUID
    why: dict[str, object]
    deadline_at: datetime
    version: int = 1
    turn_at: datetime | None = None  # asked step by step: its turn comes by then at the latest
    task_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What a warning asks for: responsibilities, and the ladders frozen for them by tier."""

    responsibilities: tuple[NewResponsibility, ...]
    ladders: tuple[tuple[UUID, Tier, Ladder], ...]
    not_asked: dict[str, int]  # posts found but not asked, by reason
    passed_over: tuple[MatchedPost, ...] = ()  # the same posts
    waiting: tuple[MatchedPost, ...] = ()  # until their townships are released


NOBODY = Match((), (), {})
FrozenLadders = Mapping[Tier, tuple[UUID, Ladder]]


def ladders_for(
    book: LadderBook, hazard: Hazard, colour: Colour | None, local: time, now: datetime
) -> FrozenLadders:
    """The ladder of each tier that is asked, with the id under which it is frozen."""
    chosen = ((tier, choose_ladder(book, hazard, colour, tier, local)) for tier in Tier)
    return {tier: (new_id(now), ladder) for tier, ladder in chosen if isinstance(ladder, Ladder)}


def match_people(
    posts: Sequence[MatchedPost],
    desks: Sequence[MatchedDesk],
    *,
    warning_id: UUID,
    hazard: Hazard,
    precision: str,
    ladders: FrozenLadders,
    now: datetime,
    standing: Collection[UUID] = (),
) -> Match:
    """Open a responsibility for each post whose tier is asked, and for each desk.

    A village post whose unit waits, waits; not so those that were called before (`standing`): they go on.
    """
    opened: list[NewResponsibility] = []
    passed_over: list[MatchedPost] = []
    waiting: list[MatchedPost] = []
    for post in posts:
        if post.tier not in ladders:
            passed_over.append(post)
        elif post.waits and post.tier is Tier.VILLAGE and post.id not in standing:
            waiting.append(post)
        else:
            why = why_of(post, hazard)
            opened.append(
                _open(warning_id, ladders[post.tier], now, post=post, label=label_of(post), why=why)
            )
    if Tier.DESK in ladders:
        opened += [
            _open(
                warning_id,
                ladders[Tier.DESK],
                now,
                desk=desk,
                label=desk.name,
                why={"by": "desk", "area": desk.area_code, "precision": precision},
            )
            for desk in desks
        ]
    frozen = tuple((row_id, tier, ladder) for tier, (row_id, ladder) in ladders.items())
    not_asked = Counter(str(post.tier) for post in passed_over)
    return Match(tuple(opened), frozen, dict(not_asked), tuple(passed_over), tuple(waiting))


def _open(
    warning_id: UUID,
    ladder: tuple[UUID, Ladder],
    now: datetime,
    *,
    label: str,
    why: dict[str, object],
    post: MatchedPost | None = None,
    desk: MatchedDesk | None = None,
) -> NewResponsibility:
    place = post or desk
    if place is None:
        raise ValueError("a responsibility is for a post or for a desk")
    # Desks never wait for others: they are where an emergency is known first.
    steps = ladder[1] if post else replace(ladder[1], after=None)
    return NewResponsibility(
        id=new_id(now),
        warning_id=warning_id,
        post_id=post.id if post else None,
        desk_id=desk.id if desk else None,
        area_code=place.area_code,
        label=label,
        ladder_id=ladder[0],
        why=why,
        deadline_at=now + longest_until_listed(steps),
        turn_at=turn_of(steps, now),
    )


def turn_of(ladder: Ladder, now: datetime) -> datetime | None:
    """When the turn of one matched now comes at the latest; None where it is asked directly."""
    return now + timedelta(seconds=ladder.after.wait_s) if ladder.after else None


def longest_until_listed(ladder: Ladder) -> timedelta:
    """From the match to the officer's list: the deadline, and where it waits for its turn, that wait."""
    return timedelta(seconds=ladder.deadline_s + (ladder.after.wait_s if ladder.after else 0))


def label_of(post: MatchedPost) -> str:
    """上河村 防汛责任人, and at a danger point 上河村 后沟滑坡 监测人."""
    if post.point_name is None:
        return f"{post.area_name} {post.kind}"
    area = () if post.point_name.startswith(post.area_name) else (post.area_name,)
    return " ".join((*area, post.point_name, post.kind))


def why_of(post: MatchedPost, hazard: Hazard) -> dict[str, object]:
    """The reason of a match, as it is stored and shown."""
    return {
        "by": str(post.direction),
        "area": post.unit_code,
        "level": level_of(post.area_code).value,
        "hazard": sorted(families_concerned(hazard) & set(post.hazards)) or "all",
        "precision": post.precision,
    }


def priority_of(
    tier: Tier, colour: Colour | None, *, exercise: bool, at_point: bool = False, gives_way: bool = False
) -> int:
    """Danger first: graver colours, then danger points, villages, desks and seats, then offices.

    Smaller is sooner. `at_point` counts for those on the spot only, not for the leader who is in charge
    of the point from an office. What `gives_way` waits behind all else.
    """
    rank = colour.rank if colour else Colour.YELLOW.rank
    order = 0 if at_point and tier is Tier.VILLAGE else _TIER_ORDER[tier]
    behind = GIVES_WAY_PRIORITY if gives_way else EXERCISE_PRIORITY if exercise else 0
    return behind + (4 - rank) * 10 + order
