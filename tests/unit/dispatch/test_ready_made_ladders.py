"""The ready-made ladders against the matrix of common practice: every family, colour, tier and hour."""

from datetime import time

import pytest

from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.ladders.choosing import choose_ladder
from jiaoying.dispatch.ladders.model import Ladder, Tier, Who
from jiaoying.dispatch.ladders.reading import default_book
from jiaoying.gateways.base import Channel
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard

HOURS = [time(hour) for hour in range(24)]
TEXT, BOTH = (Channel.SMS,), (Channel.SMS, Channel.VOICE)
# Families with rules of their own at every colour.
AT_EVERY_COLOUR = {Hazard.EARTHQUAKE, Hazard.CLOSURE_ORDER}
MOVE_NOW = {Hazard.FLASH_FLOOD, Hazard.GEOHAZARD, Hazard.DAM}
# Colour → tier → (the deadline in seconds, by day by what first); what is not there is not asked.
MATRIX = {
    Colour.BLUE: {
        Tier.DESK: (900, BOTH),
        Tier.VILLAGE: (3600, TEXT),
        Tier.TOWNSHIP: (3600, TEXT),
    },
    Colour.YELLOW: {
        Tier.DESK: (600, BOTH),
        Tier.VILLAGE: (600, BOTH),
        Tier.TOWNSHIP: (600, BOTH),
        Tier.COUNTY_LEAD: (1800, TEXT),
    },
    Colour.ORANGE: {
        Tier.DESK: (300, BOTH),
        Tier.VILLAGE: (300, BOTH),
        Tier.TOWNSHIP: (300, BOTH),
        Tier.COUNTY_LEAD: (300, BOTH),
        Tier.COUNTY_CHIEF: (1800, TEXT),
    },
    Colour.RED: dict.fromkeys(Tier, (300, BOTH)),
}


def ladder(hazard: Hazard, colour: Colour, tier: Tier, at: time) -> Ladder | None:
    chosen = choose_ladder(default_book(), hazard, colour, tier, at)
    return chosen if isinstance(chosen, Ladder) else None


def is_night(at: time) -> bool:
    return at >= time(22) or at < time(6)


@pytest.mark.parametrize("hazard", Hazard)
def test_who_is_asked_by_what_and_until_when_is_as_in_the_matrix(hazard: Hazard) -> None:
    for colour in Colour:
        for tier in Tier:
            wanted = MATRIX[colour].get(tier)
            if hazard in AT_EVERY_COLOUR or (colour is Colour.RED and hazard in MOVE_NOW | {Hazard.MINE}):
                continue
            if colour is Colour.RED and hazard is Hazard.WILDFIRE:
                continue
            for at in HOURS:
                found = ladder(hazard, colour, tier, at)
                assert (found is None) == (wanted is None), (colour, tier)
                if found and wanted:
                    first = BOTH if is_night(at) else wanted[1]
                    assert (found.deadline_s, found.rungs[0].channels) == (wanted[0], first), (colour, tier)


@pytest.mark.parametrize("hazard", Hazard)
def test_whatever_it_is_the_desks_are_called_and_at_orange_and_red_the_villages_within_five_minutes(
    hazard: Hazard,
) -> None:
    for colour in Colour:
        for at in HOURS:
            desk = ladder(hazard, colour, Tier.DESK, at)
            assert desk is not None
            assert desk.rungs[0].who == (Who.DESK,)
            assert Channel.VOICE in desk.rungs[0].channels
            assert desk.deadline_s <= 900
            village = ladder(hazard, colour, Tier.VILLAGE, at)
            assert village is not None
            assert village.rungs[0].who == (Who.HOLDER,)
            if colour.rank >= Colour.ORANGE.rank:
                assert (village.deadline_s, village.rungs[0].channels) == (300, BOTH)


@pytest.mark.parametrize("hazard", [*sorted(MOVE_NOW), Hazard.RAIN, Hazard.EARTHQUAKE])
def test_under_red_somebody_goes_to_the_door_beside_the_deputys_call(hazard: Hazard) -> None:
    village = ladder(hazard, Colour.RED, Tier.VILLAGE, time(3))
    assert village is not None
    assert village.rungs[1].who == (Who.DEPUTY, Who.DOOR)
    assert village.rungs[0].wait_s <= village.deadline_s / 2


@pytest.mark.parametrize("hazard", Hazard)
def test_whoever_answered_reports_from_orange_on(hazard: Hazard) -> None:
    for colour in (Colour.ORANGE, Colour.RED):
        village = ladder(hazard, colour, Tier.VILLAGE, time(3))
        assert village is not None
        clocks = {clock.stage: clock.within_s for clock in village.feedback}
        if hazard is Hazard.CLOSURE_ORDER:
            continue
        assert (clocks[FeedbackStage.ON_POST], clocks[FeedbackStage.PATROL]) == (900, 1800)
        moves = hazard in MOVE_NOW | {Hazard.MINE}
        assert clocks.get(FeedbackStage.MOVED) == (3600 if moves else None)
