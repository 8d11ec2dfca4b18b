"""Where a warning holds, who answers there, and why."""

from datetime import UTC, datetime, time
from uuid import UUID

import pytest

from jiaoying.dispatch.ladders import Tier, default_book
from jiaoying.dispatch.matching import (
    EXERCISE_PRIORITY,
    CoveredArea,
    Match,
    MatchedDesk,
    MatchedPost,
    OutsideHome,
    covered_area,
    match_people,
    priority_of,
)
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
HOME = "140521000000"
TOWNSHIP, VILLAGE, NEIGHBOUR = "140521100000", "140521100201", "140522000000"


def area_of(*codes: str) -> CoveredArea:
    area = covered_area(codes, HOME)
    assert isinstance(area, CoveredArea)
    return area


def test_a_county_covers_its_villages() -> None:
    assert area_of(HOME) == CoveredArea((HOME,), (), "code")


def test_a_village_reaches_its_township_and_county() -> None:
    assert area_of(VILLAGE) == CoveredArea((VILLAGE,), (HOME, TOWNSHIP), "code")


def test_a_province_covers_all_of_home_and_nothing_beyond() -> None:
    assert area_of("140000000000", VILLAGE) == CoveredArea((HOME,), (), "code")


def test_a_village_inside_a_covered_township_is_not_counted_twice() -> None:
    assert area_of(VILLAGE, TOWNSHIP).inside == (TOWNSHIP,)


def test_a_neighbour_is_outside() -> None:
    assert covered_area([NEIGHBOUR], HOME) == OutsideHome((NEIGHBOUR,))


def matched(colour: Colour, *posts: MatchedPost, desks: tuple[MatchedDesk, ...] = ()) -> Match:
    return match_people(
        posts,
        desks,
        warning_id=UUID(int=1),
        hazard=Hazard.RAIN,
        colour=colour,
        area=area_of(HOME),
        book=default_book(),
        local=time(12),
        now=NOW,
    )


def post(tier: Tier, code: str = VILLAGE, hazards: tuple[str, ...] = ()) -> MatchedPost:
    return MatchedPost(UUID(int=len(tier) + int(code[6:9])), code, "某村", "防汛责任人", tier, hazards)


@pytest.mark.parametrize("colour", Colour)
def test_duty_desks_are_called_at_every_colour(colour: Colour) -> None:
    match = matched(colour, desks=(MatchedDesk(UUID(int=9), TOWNSHIP, "龙港镇值班室"),))
    assert [item.label for item in match.responsibilities] == ["龙港镇值班室"]


@pytest.mark.parametrize(
    ("colour", "tiers"),
    [
        (Colour.BLUE, {Tier.VILLAGE, Tier.TOWNSHIP}),
        (Colour.YELLOW, {Tier.VILLAGE, Tier.TOWNSHIP, Tier.COUNTY_LEAD}),
        (Colour.ORANGE, {Tier.VILLAGE, Tier.TOWNSHIP, Tier.COUNTY_LEAD, Tier.COUNTY_CHIEF}),
        (Colour.RED, {Tier.VILLAGE, Tier.TOWNSHIP, Tier.COUNTY_LEAD, Tier.COUNTY_CHIEF}),
    ],
)
def test_how_far_up_a_colour_reaches(colour: Colour, tiers: set[Tier]) -> None:
    posts = [post(tier) for tier in Tier if tier is not Tier.DESK]
    match = matched(colour, *posts)
    asked = {
        posts_by_id[item.post_id]
        for posts_by_id in [{p.id: p.tier for p in posts}]
        for item in match.responsibilities
        if item.post_id
    }
    assert asked == tiers
    assert sum(match.not_asked.values()) == len(posts) - len(tiers)


def test_the_reason_of_a_match_is_kept() -> None:
    match = matched(Colour.RED, post(Tier.VILLAGE, hazards=("flood", "wildfire")))
    assert match.responsibilities[0].why == {
        "by": "inside",
        "area": HOME,
        "level": "village",
        "hazard": ["flood"],
        "precision": "code",
    }


def test_danger_first() -> None:
    order = sorted(
        [(colour, tier) for colour in Colour for tier in Tier],
        key=lambda item: priority_of(item[1], item[0], exercise=False),
    )
    assert order[0] == (Colour.RED, Tier.VILLAGE)
    assert order[-1] == (Colour.BLUE, Tier.COUNTY_CHIEF)


def test_a_red_drill_stands_below_a_blue_warning() -> None:
    drill = priority_of(Tier.VILLAGE, Colour.RED, exercise=True)
    assert drill >= EXERCISE_PRIORITY > priority_of(Tier.COUNTY_CHIEF, Colour.BLUE, exercise=False)
