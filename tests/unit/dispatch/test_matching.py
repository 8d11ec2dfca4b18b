"""Where a warning holds, who answers there, and why."""

from datetime import UTC, datetime, time
from uuid import UUID

import pytest

from jiaoying.dispatch.covering import Direction
from jiaoying.dispatch.ladders.model import Tier
from jiaoying.dispatch.ladders.reading import default_book
from jiaoying.dispatch.matching import (
    EXERCISE_PRIORITY,
    Match,
    MatchedDesk,
    MatchedPost,
    label_of,
    ladders_for,
    match_people,
    priority_of,
)
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
HOME = "140521000000"
TOWNSHIP, VILLAGE = "140521100000", "140521100201"


def matched(
    colour: Colour,
    *posts: MatchedPost,
    desks: tuple[MatchedDesk, ...] = (),
    standing: frozenset[UUID] = frozenset(),
) -> Match:
    return match_people(
        posts,
        desks,
        warning_id=UUID(int=1),
        hazard=Hazard.RAIN,
        precision="code",
        ladders=ladders_for(default_book(), Hazard.RAIN, colour, time(12), NOW),
        now=NOW,
        standing=standing,
    )


def post(
    tier: Tier,
    code: str = VILLAGE,
    hazards: tuple[str, ...] = (),
    *,
    point: str | None = None,
    waits: bool = False,
) -> MatchedPost:
    return MatchedPost(
        UUID(int=len(tier) + int(code[6:9])),
        code,
        "上河村",
        "监测人",
        tier,
        hazards,
        HOME,
        Direction.INSIDE,
        "coarse" if waits else "code",
        point,
        waits,
    )


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


def test_a_post_at_a_danger_point_is_named_with_it() -> None:
    assert label_of(post(Tier.VILLAGE)) == "上河村 监测人"
    assert label_of(post(Tier.VILLAGE, point="后沟滑坡")) == "上河村 后沟滑坡 监测人"
    assert label_of(post(Tier.VILLAGE, point="上河村后沟滑坡")) == "上河村后沟滑坡 监测人"


def test_only_villages_wait() -> None:
    match = matched(Colour.RED, *(post(tier, waits=True) for tier in Tier if tier is not Tier.DESK))
    assert [item.tier for item in match.waiting] == [Tier.VILLAGE]
    assert len(match.responsibilities) == 3


def test_who_was_called_before_does_not_wait() -> None:
    waits = post(Tier.VILLAGE, waits=True)
    match = matched(Colour.RED, waits, standing=frozenset({waits.id}))
    assert (len(match.responsibilities), match.waiting) == (1, ())


def test_danger_points_come_first_and_their_offices_do_not() -> None:
    at_point = priority_of(Tier.VILLAGE, Colour.RED, exercise=False, at_point=True)
    assert at_point < priority_of(Tier.VILLAGE, Colour.RED, exercise=False)
    in_office = priority_of(Tier.COUNTY_LEAD, Colour.RED, exercise=False, at_point=True)
    assert in_office == priority_of(Tier.COUNTY_LEAD, Colour.RED, exercise=False)


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
