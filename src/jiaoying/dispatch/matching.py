"""Who answers under a warning, by which ladder, and why. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from jiaoying.dispatch.ladders import Ladder, LadderBook, NoLadder, Tier, choose_ladder
from jiaoying.kernel.areas import ancestors_of, covers, level_of, prefix_of
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard, families_concerned
from jiaoying.kernel.ids import new_id

# A drill stands below everything real in every queue.
EXERCISE_PRIORITY = 100
_TIER_ORDER = {Tier.VILLAGE: 0, Tier.DESK: 1, Tier.TOWNSHIP: 2, Tier.COUNTY_LEAD: 4, Tier.COUNTY_CHIEF: 5}


@dataclass(frozen=True, slots=True)
class CoveredArea:
    """Where a warning holds, inside the home area.

    `inside` are the widest codes that it covers; `above` the units over them, up to the home area;
    `precision` says how the area was found: by code, or by a polygon against the shapes of one level.
    """

    inside: tuple[str, ...]
    above: tuple[str, ...]
    precision: str

    @property
    def prefixes(self) -> tuple[str, ...]:
        return tuple(prefix_of(code) for code in self.inside)


@dataclass(frozen=True, slots=True)
class OutsideHome:
    """No part of the warning lies in the home area."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchedPost:
    """A post in force that the area and the hazard picked."""

    id: UUID
    area_code: str
    area_name: str
    kind: str
    tier: Tier
    hazards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchedDesk:
    """A duty desk of a covered unit or of one above it."""

    id: UUID
    area_code: str
    name: str


@dataclass(frozen=True, slots=True)
class NewResponsibility:
    """A responsibility to be opened; exactly one of `post_id` and `desk_id` is set."""

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


@dataclass(frozen=True, slots=True)
class Match:
    """What a warning asks for: responsibilities, and the ladders frozen for them by tier."""

    responsibilities: tuple[NewResponsibility, ...]
    ladders: tuple[tuple[UUID, Tier, Ladder], ...]
    not_asked: dict[str, int]  # posts found but not asked, by reason
    passed_over: tuple[MatchedPost, ...] = ()  # the same posts


NOBODY = Match((), (), {})


def covered_area(codes: Sequence[str], home: str, *, precision: str = "code") -> CoveredArea | OutsideHome:
    """Clip a warning's codes to the home area; a wider code (province, city) covers all of home."""
    inside = {
        home if covers(code, home) else code for code in codes if covers(code, home) or covers(home, code)
    }
    if not inside:
        return OutsideHome(tuple(codes))
    widest = tuple(
        sorted(code for code in inside if not any(covers(other, code) for other in inside - {code}))
    )
    above = {over for code in widest for over in ancestors_of(code) if covers(home, over)}
    return CoveredArea(widest, tuple(sorted(above - inside)), precision)


def match_people(
    posts: Sequence[MatchedPost],
    desks: Sequence[MatchedDesk],
    *,
    warning_id: UUID,
    hazard: Hazard,
    colour: Colour | None,
    area: CoveredArea,
    book: LadderBook,
    local: time,
    now: datetime,
) -> Match:
    """Open a responsibility for each post whose tier is asked, and for each desk."""
    ladders: dict[Tier, tuple[UUID, Ladder]] = {}
    opened: list[NewResponsibility] = []
    not_asked: dict[str, int] = {}
    passed_over: list[MatchedPost] = []
    for tier in Tier:
        ladder = choose_ladder(book, hazard, colour, tier, local)
        if isinstance(ladder, Ladder):
            ladders[tier] = (new_id(now), ladder)
    for post in posts:
        if post.tier not in ladders:
            reason = choose_ladder(book, hazard, colour, post.tier, local)
            key = f"{post.tier}:{reason.reason if isinstance(reason, NoLadder) else ''}"
            not_asked[key] = not_asked.get(key, 0) + 1
            passed_over.append(post)
            continue
        opened.append(
            _open(
                warning_id,
                ladders[post.tier],
                now,
                post=post,
                label=f"{post.area_name} {post.kind}",
                why=_why(post, hazard, area),
            )
        )
    if Tier.DESK in ladders:
        opened += [
            _open(
                warning_id,
                ladders[Tier.DESK],
                now,
                desk=desk,
                label=desk.name,
                why={"by": "desk", "area": desk.area_code, "precision": area.precision},
            )
            for desk in desks
        ]
    frozen = tuple((row_id, tier, ladder) for tier, (row_id, ladder) in ladders.items())
    return Match(tuple(opened), frozen, not_asked, tuple(passed_over))


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
    return NewResponsibility(
        id=new_id(now),
        warning_id=warning_id,
        post_id=post.id if post else None,
        desk_id=desk.id if desk else None,
        area_code=place.area_code,
        label=label,
        ladder_id=ladder[0],
        why=why,
        deadline_at=now + timedelta(seconds=ladder[1].deadline_s),
    )


def _why(post: MatchedPost, hazard: Hazard, area: CoveredArea) -> dict[str, object]:
    """The reason of a match, as it is stored and shown."""
    inside = next((code for code in area.inside if covers(code, post.area_code)), None)
    families = sorted(families_concerned(hazard) & set(post.hazards))
    return {
        "by": "inside" if inside else "above",
        "area": inside or post.area_code,
        "level": level_of(post.area_code).value,
        "hazard": families or "all",
        "precision": area.precision,
    }


def priority_of(tier: Tier, colour: Colour | None, *, exercise: bool) -> int:
    """Danger first: graver colours, then villages, then desks and seats, then offices. Smaller is sooner."""
    rank = colour.rank if colour else Colour.YELLOW.rank
    return (EXERCISE_PRIORITY if exercise else 0) + (4 - rank) * 10 + _TIER_ORDER[tier]
