"""Ladders as people write them."""

from datetime import time

import pytest

from jiaoying.dispatch.ladders.choosing import choose_ladder
from jiaoying.dispatch.ladders.model import Ladder, LadderBook, NoLadder, Tier
from jiaoying.dispatch.ladders.reading import default_book, ladder_from_data, parse_book
from jiaoying.dispatch.ladders.writing import ladder_to_data
from jiaoying.gateways.base import Channel
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.hazards import Hazard

NOON, NIGHT = time(12), time(2, 30)


def chosen(book: LadderBook, colour: Colour | None, tier: Tier, at: time = NOON) -> Ladder:
    ladder = choose_ladder(book, Hazard.RAIN, colour, tier, at)
    assert isinstance(ladder, Ladder)
    return ladder


def test_every_colour_and_hazard_has_a_desk_ladder() -> None:
    book = default_book()
    for hazard in Hazard:
        for colour in (*Colour, None):
            assert isinstance(choose_ladder(book, hazard, colour, Tier.DESK, NOON), Ladder)


def test_a_village_is_texted_at_blue_by_day_and_called_by_night() -> None:
    book = default_book()
    assert chosen(book, Colour.BLUE, Tier.VILLAGE).rungs[0].channels == (Channel.SMS,)
    assert chosen(book, Colour.BLUE, Tier.VILLAGE, NIGHT).rungs[0].channels == (Channel.SMS, Channel.VOICE)


@pytest.mark.parametrize(
    ("moment", "is_night"), [("21:59", False), ("22:00", True), ("05:59", True), ("06:00", False)]
)
def test_the_night(moment: str, is_night: bool) -> None:
    rung = chosen(default_book(), Colour.BLUE, Tier.VILLAGE, time.fromisoformat(moment)).rungs[0]
    assert (Channel.VOICE in rung.channels) == is_night


def test_no_colour_counts_as_the_book_says() -> None:
    book = default_book()
    assert chosen(book, None, Tier.VILLAGE) == chosen(book, Colour.YELLOW, Tier.VILLAGE)


def test_a_tier_that_is_not_asked_is_said_so() -> None:
    reason = choose_ladder(default_book(), Hazard.RAIN, Colour.BLUE, Tier.COUNTY_CHIEF, NOON)
    assert reason == NoLadder("tier_not_asked")


def test_frozen_and_thawed_it_is_the_same() -> None:
    for rule in default_book().rules:
        for ladder in rule.tiers.values():
            assert ladder_from_data(ladder_to_data(ladder)) == ladder


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("rules: [", ""),
        ("rules: 3", "rules"),
        ("rules: [{colours: [purple], tiers: {}}]", "rules[1].colours"),
        (
            "rules: [{colours: [red], tiers: {village: {deadline_s: 300, rungs: []}}}]",
            "rules[1].tiers.village.rungs",
        ),
        ("rules: [{colours: [red], tiers: {}}]", "rules[1].tiers"),
        ("night: {from: nine}\nrules: []", "night.from"),
    ],
)
def test_what_is_wrong_is_named(text: str, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_book(text)
    assert not field or field in {complaint.field for complaint in refused.value.complaints}
