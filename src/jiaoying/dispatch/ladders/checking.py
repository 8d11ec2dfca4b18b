"""Ladders that can be read, looked over before they are in force: what would call nobody, never or too late.

Pure. Errors are what would lose somebody whatever the roster says; all that depends on the roster or on
judgement is a warning.
"""

from collections.abc import Iterator
from datetime import time

from jiaoying.dispatch.ladders.choosing import choose_rule
from jiaoying.dispatch.ladders.describing import (
    seconds_words,
    stage_words,
    target_words,
    tier_word,
)
from jiaoying.dispatch.ladders.findings import Finding, RosterFacts, Severity
from jiaoying.dispatch.ladders.model import (
    Ladder,
    LadderBook,
    NamedPerson,
    NamedPost,
    Rule,
    Rung,
    Tier,
    Who,
)
from jiaoying.dispatch.ladders.placing import rule_at, rung_at, tier_at
from jiaoying.dispatch.ladders.timing import last_rung_begins_s
from jiaoying.gateways.base import Channel
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.ledger.words import colour_words
from jiaoying.templates.names import hazard_name

# How long warnings of a colour usually live: the spans of the rainstorm signals (CMA order no. 16: blue 12 h,
# yellow 6 h, orange and red 3 h).
USUAL_LIFE_S = {
    Colour.BLUE: 12 * 3600,
    Colour.YELLOW: 6 * 3600,
    Colour.ORANGE: 3 * 3600,
    Colour.RED: 3 * 3600,
}
# Carriers let one call a minute through to one number.
SHORTEST_GAP_S = 60
_NO_DESK_ROLES = frozenset({Who.HOLDER, Who.SUPERIOR, Who.DOOR})
_MOST_CIRCLES = 5


def look_over(book: LadderBook, roster: RosterFacts) -> tuple[Finding, ...]:
    """Everything that is or may be wrong with the ladders, the rules in their order."""
    found = [*_uncalled(book), *_never_reached(book)]
    for number, rule in enumerate(book.rules, start=1):
        for tier, ladder in rule.tiers.items():
            found += _of_ladder(rule, number, tier, ladder)
            for index, rung in enumerate(ladder.rungs, start=1):
                at = rung_at(number, tier, index)
                found += [*_of_rung(tier, rung, at), *_of_names(rule, rung, roster, at)]
            found += _repeats(ladder, number, tier)
        found += _steps_in_a_circle(rule, number)
    found += _superior_circles(roster)
    return tuple(found)


def _error(field: str, text: str) -> Finding:
    return Finding(Severity.ERROR, field, text)


def _warning(field: str, text: str) -> Finding:
    return Finding(Severity.WARNING, field, text)


def _moments(book: LadderBook) -> tuple[time, ...]:
    """A moment in each part of the day in which the choice of rules may differ."""
    hours = [rule.hours for rule in book.rules if rule.hours]
    return tuple(sorted({time(0), *(one.begin for one in hours), *(one.end for one in hours)}))


def _uncalled(book: LadderBook) -> Iterator[Finding]:
    """A hazard and colour that no rule fits, at some hour: nobody at all would be called."""
    moments = _moments(book)
    for colour in Colour:
        lost = [
            hazard
            for hazard in Hazard
            if any(choose_rule(book, hazard, colour, at) is None for at in moments)
        ]
        if lost:
            names = say("every hazard") if len(lost) == len(Hazard) else _hazards(lost)
            text = say(
                "No rule fits {hazards} at {colour} at every hour: nobody would be called. Add a rule without"
                " hazards and hours for this colour at the end",
                hazards=names,
                colour=colour_words(colour),
            )
            yield _error("rules", text)


def _hazards(some: list[Hazard]) -> str:
    return say(", ").join(hazard_name(one) for one in some)


def _never_reached(book: LadderBook) -> Iterator[Finding]:
    """A rule whose every case an earlier one takes."""
    moments = _moments(book)
    for number, rule in enumerate(book.rules, start=1):
        cases = ((h, c, at) for h in rule.hazards or Hazard for c in rule.colours for at in moments)
        if not any(choose_rule(book, h, c, at) is rule for h, c, at in cases):
            text = say("This rule can never run: earlier rules take all its cases. Move it up or remove it")
            yield _error(rule_at(number), text)


def _of_ladder(rule: Rule, number: int, tier: Tier, ladder: Ladder) -> Iterator[Finding]:
    at = tier_at(number, tier)
    if ladder.stop.needed and ladder.stop.needed > 1 and _can_answer(ladder) < ladder.stop.needed:
        text = say(
            "{needed} people must answer, but the rungs ask {count} at most: it could never be covered",
            needed=ladder.stop.needed,
            count=_can_answer(ladder),
        )
        yield _error(f"{at}.stop", text)
    first = ladder.rungs[0]
    if first.wait_s > ladder.deadline_s:
        text = say(
            "The first rung waits {wait}, longer than the deadline of {deadline}: the post is on the"
            " officer's list before anybody else is asked",
            wait=seconds_words(first.wait_s),
            deadline=seconds_words(ladder.deadline_s),
        )
        yield _warning(f"{rung_at(number, tier, 1)}.wait_s", text)
    begins = last_rung_begins_s(ladder)
    for colour in sorted(rule.colours, key=lambda one: one.rank):
        if begins >= USUAL_LIFE_S[colour]:
            text = say(
                "The last rung begins after {begins}; {colour} warnings live {life}: it can hardly ever run",
                begins=seconds_words(begins),
                colour=colour_words(colour),
                life=seconds_words(USUAL_LIFE_S[colour]),
            )
            yield _warning(rung_at(number, tier, len(ladder.rungs)), text)
    if ladder.after and ladder.after.tier not in rule.tiers:
        text = say(
            "This rule does not ask the tier “{tier}”, so nobody there can answer: it always waits {wait}",
            tier=tier_word(ladder.after.tier),
            wait=seconds_words(ladder.after.wait_s),
        )
        yield _warning(f"{at}.after.tier", text)
    stages = [clock.stage for clock in ladder.feedback]
    for stage in dict.fromkeys(one for one in stages if stages.count(one) > 1):
        text = say("The feedback “{stage}” has two clocks: keep one", stage=stage_words(stage))
        yield _error(f"{at}.feedback", text)


def _can_answer(ladder: Ladder) -> float:
    """How many people the rungs can ask at most; a named post may be held by any number."""
    targets = {target for rung in ladder.rungs for target in rung.who}
    if any(isinstance(target, NamedPost) for target in targets):
        return float("inf")
    return len(targets - {Who.DOOR} if Who.SUPERIOR in targets else targets)


def _of_rung(tier: Tier, rung: Rung, at: str) -> Iterator[Finding]:
    if tier is Tier.DESK and all(target in _NO_DESK_ROLES for target in rung.who):
        text = say("A duty desk has no {who}: this rung would always be empty", who=_who(rung))
        yield _error(f"{at}.who", text)
    if rung.tries > 1 and Channel.VOICE in rung.channels and rung.gap_s < SHORTEST_GAP_S:
        text = say(
            "Carriers let one call a minute through to a number: {gap} between two tries is too short, and"
            " the second is refused",
            gap=seconds_words(rung.gap_s),
        )
        yield _warning(f"{at}.gap_s", text)
    if (rung.tries - 1) * rung.gap_s >= rung.wait_s:
        text = say(
            "{tries} tries {gap} apart take {needed}, but the rung waits only {wait}: the last tries fall"
            " into the next rung",
            tries=rung.tries,
            gap=seconds_words(rung.gap_s),
            needed=seconds_words((rung.tries - 1) * rung.gap_s),
            wait=seconds_words(rung.wait_s),
        )
        yield _warning(f"{at}.wait_s", text)
    if rung.in_turn and rung.tries < len(rung.channels):
        text = say(
            "Channels in turn take one try each: with {tries} tries the last of {count} channels is never"
            " used",
            tries=rung.tries,
            count=len(rung.channels),
        )
        yield _error(f"{at}.tries", text)


def _who(rung: Rung) -> str:
    return say(", ").join(target_words(target) for target in rung.who)


def _of_names(rule: Rule, rung: Rung, roster: RosterFacts, at: str) -> Iterator[Finding]:
    looked_at = not rule.hazards or bool(rule.hazards & roster.families)
    for target in rung.who:
        if isinstance(target, NamedPerson):
            yield from _of_person(target, roster, at)
        elif isinstance(target, NamedPost) and looked_at and (target.kind, target.of) not in roster.held:
            text = say("Nobody on the roster holds {post}: nobody is asked there", post=target_words(target))
            yield _warning(f"{at}.who", text)


def _of_person(target: NamedPerson, roster: RosterFacts, at: str) -> Iterator[Finding]:
    person = roster.people.get(target.contact_id)
    if person is None:
        text = say(
            "{name} is not on the roster: name a person by the id that the address of their page ends with",
            name=target_words(target),
        )
        yield _error(f"{at}.who", text)
    elif person.retired:
        yield _error(f"{at}.who", say("{name} has left the roster: name somebody else", name=person.name))
    elif not person.has_number:
        text = say("{name} has no number in the roster and cannot be called", name=person.name)
        yield _warning(f"{at}.who", text)


def _repeats(ladder: Ladder, number: int, tier: Tier) -> Iterator[Finding]:
    """A rung whose people were all asked before, by the same channels: it begins nothing."""
    for index in range(1, len(ladder.rungs)):
        rung, before = ladder.rungs[index], ladder.rungs[:index]
        asked = {(who, channel) for one in before for who in one.who for channel in one.channels}
        if all((who, channel) in asked for who in rung.who for channel in rung.channels):
            text = say(
                "Everybody of this rung was asked by the same channels before: it can never ask anybody."
                " Give the earlier rung more tries instead"
            )
            yield _error(rung_at(number, tier, index + 1), text)


def _steps_in_a_circle(rule: Rule, number: int) -> Iterator[Finding]:
    """Tiers that wait for each other: each would begin by its longest wait only."""
    told: set[Tier] = set()
    for tier in rule.tiers:
        way: list[Tier] = []
        step: Tier | None = tier
        while step is not None and step not in way:
            way.append(step)
            ladder = rule.tiers.get(step)
            step = ladder.after.tier if ladder and ladder.after else None
        if step is not None and step not in told:
            circle = way[way.index(step) :]
            told.update(circle)
            names = " → ".join(tier_word(one) for one in (*circle, step))
            text = say(
                "These tiers wait for each other in a circle: {tiers}. Let one begin at once", tiers=names
            )
            yield _error(f"{tier_at(number, step)}.after", text)


def _superior_circles(roster: RosterFacts) -> Iterator[Finding]:
    for names in roster.superior_circles[:_MOST_CIRCLES]:
        text = say(
            "On the roster these people are each other's superiors: {names}. A rung that asks the superior"
            " climbs in a circle there; correct the roster",
            names=" → ".join((*names, names[0])),
        )
        yield _warning("roster", text)
