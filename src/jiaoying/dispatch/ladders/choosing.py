"""Which ladder is for whom, at what hour. Pure."""

from dataclasses import replace
from datetime import time

from jiaoying.dispatch.ladders.model import Ladder, LadderBook, NoLadder, Rule, Tier
from jiaoying.gateways.base import Channel
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard


def choose_ladder(
    book: LadderBook, hazard: Hazard, colour: Colour | None, tier: Tier, at: time
) -> Ladder | NoLadder:
    """The ladder for one tier under one warning at local time `at`.

    At night every channel is raised by one step, a text becoming text and call: sleep is the reason
    that 叫应 exists.
    """
    rule = choose_rule(book, hazard, colour, at)
    if rule is None:
        return NoLadder("no_rule")
    ladder = rule.tiers.get(tier)
    if ladder is None:
        return NoLadder("tier_not_asked")
    return _raised(ladder) if book.night.hold(at) else ladder


def choose_rule(book: LadderBook, hazard: Hazard, colour: Colour | None, at: time) -> Rule | None:
    """The first rule that fits; None where none does."""
    shade = colour or book.uncoloured_as
    return next((rule for rule in book.rules if _fits(rule, hazard, shade, at)), None)


def _fits(rule: Rule, hazard: Hazard, colour: Colour, at: time) -> bool:
    return (
        colour in rule.colours
        and (not rule.hazards or hazard in rule.hazards)
        and (rule.hours is None or rule.hours.hold(at))
    )


def _raised(ladder: Ladder) -> Ladder:
    rungs = tuple(
        replace(rung, channels=(Channel.SMS, Channel.VOICE)) if rung.channels == (Channel.SMS,) else rung
        for rung in ladder.rungs
    )
    return replace(ladder, rungs=rungs)
