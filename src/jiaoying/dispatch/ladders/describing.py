"""Ladders in sentences, for pages, commands and the difference between two versions. Pure."""

from collections.abc import Iterator

from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.ladders.model import (
    ALL,
    ANY,
    After,
    FeedbackClock,
    Hours,
    Ladder,
    LadderBook,
    NamedPerson,
    NamedPost,
    Rule,
    Rung,
    Stop,
    Target,
    Tier,
    Who,
)
from jiaoying.gateways.base import Channel
from jiaoying.kernel.areas import Level
from jiaoying.kernel.language import say
from jiaoying.ledger.words import colour_words
from jiaoying.templates.names import hazard_name

_TIERS = {
    Tier.VILLAGE: "villages and sites",
    Tier.TOWNSHIP: "townships",
    Tier.COUNTY_LEAD: "county leaders in charge",
    Tier.COUNTY_CHIEF: "heads of the county",
    Tier.DESK: "duty desks",
}
_ROLES = {
    Who.HOLDER: "holder",
    Who.DEPUTY: "deputy",
    Who.DESK: "duty desk",
    Who.LEADER: "leader on duty",
    Who.SUPERIOR: "superior",
    Who.DOOR: "superior goes to the door",
    Who.POST: "named post",
    Who.PERSON: "named person",
}
_PLACES = {
    Level.VILLAGE: "in the same village",
    Level.TOWNSHIP: "in the same township",
    Level.COUNTY: "in the county",
}
_CHANNELS = {Channel.SMS: "text", Channel.VOICE: "call"}
_STAGES = {
    FeedbackStage.ON_POST: "on post",
    FeedbackStage.PATROL: "patrolled",
    FeedbackStage.MOVING: "moving people",
    FeedbackStage.MOVED: "people moved",
    FeedbackStage.SETTLED: "people settled",
    FeedbackStage.DANGER: "danger reported",
    FeedbackStage.ENDED: "work ended",
}


def tier_word(tier: str) -> str:
    """`village` → 村级; an unknown word is shown as it is."""
    return say(_TIERS[Tier(tier)]) if tier in _TIERS else tier


def who_word(role: str) -> str:
    """`door` → 上级上门."""
    return say(_ROLES[Who(role)]) if role in _ROLES else role


def stage_words(stage: FeedbackStage) -> str:
    """What is to be reported."""
    return say(_STAGES[stage])


def place_word(level: Level) -> str:
    """Where a named post is looked for, seen from the responsibility."""
    return say(_PLACES[level])


def channel_word(channel: Channel) -> str:
    """A channel in one word."""
    return say(_CHANNELS[channel])


def target_words(target: Target) -> str:
    """Who is asked: B角, 林长（本镇）, 赵某."""
    match target:
        case NamedPost():
            return say("{post} ({place})", post=target.kind, place=place_word(target.of))
        case NamedPerson():
            return target.name or str(target.contact_id)
        case Who():
            return who_word(target)


def seconds_words(seconds: float) -> str:
    """150 → 2分30秒, 3600 → 1小时."""
    whole = round(seconds)
    if whole < 60:
        return say("{count} s", count=whole)
    minutes, rest = divmod(whole, 60)
    if rest:
        return say("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    hours, left = divmod(minutes, 60)
    return say("{count} h", count=hours) if hours and not left else say("{count} min", count=minutes)


def rung_words(rung: Rung) -> str:
    """One rung as a sentence: B角、上级上门：短信+电话，3次，间隔1分钟；等2分30秒."""
    joint = say(", then ") if rung.in_turn else "+"
    return say(
        "{who}: {channels}, {tries} tries {gap} apart; waits {wait}"
        if rung.tries > 1
        else "{who}: {channels}, one try; waits {wait}",
        who=say(", ").join(target_words(target) for target in rung.who),
        channels=joint.join(channel_word(channel) for channel in rung.channels),
        tries=rung.tries,
        gap=seconds_words(rung.gap_s),
        wait=seconds_words(rung.wait_s),
    )


def stop_words(stop: Stop) -> str:
    """When a responsibility is covered."""
    if stop == ANY:
        return say("one answer is enough")
    if stop == ALL:
        return say("everybody of the rung must answer")
    return say("{count} people must answer", count=stop.needed)


def after_words(after: After | None) -> str:
    """When the first rung begins."""
    if after is None:
        return say("called at once")
    return say(
        "called when {tier} answered, after {wait} at the latest",
        tier=tier_word(after.tier),
        wait=seconds_words(after.wait_s),
    )


def clock_words(clock: FeedbackClock) -> str:
    """到岗（15分钟内）."""
    return say("{stage} within {wait}", stage=stage_words(clock.stage), wait=seconds_words(clock.within_s))


def hours_words(hours: Hours | None) -> str:
    """The part of the day."""
    if hours is None:
        return say("all day")
    return say("{begin} to {end}", begin=f"{hours.begin:%H:%M}", end=f"{hours.end:%H:%M}")


def hazard_words(rule: Rule) -> str:
    """The families that a rule is for."""
    if not rule.hazards:
        return say("every hazard")
    return say(", ").join(hazard_name(hazard) for hazard in sorted(rule.hazards))


def ladder_facts(ladder: Ladder) -> str:
    """All of a ladder but its rungs, in one sentence."""
    facts = [
        say("deadline {wait}", wait=seconds_words(ladder.deadline_s)),
        stop_words(ladder.stop),
        after_words(ladder.after),
    ]
    if ladder.feedback:
        facts.append(
            say("feedback: {clocks}", clocks=say(", ").join(clock_words(one) for one in ladder.feedback))
        )
    if ladder.heard_covers:
        facts.append(say("a call heard to its end counts"))
    return say("; ").join(facts)


def lines_of(book: LadderBook) -> list[str]:
    """The whole book, a line for each thing that may change: what two versions are compared by."""
    return [
        say("no colour counts as {colour}", colour=colour_words(book.uncoloured_as)),
        say("night: {hours}", hours=hours_words(book.night)),
        *(line for rule in book.rules for line in _rule_lines(rule)),
    ]


def _rule_lines(rule: Rule) -> Iterator[str]:
    colours = say(", ").join(
        colour_words(colour) for colour in sorted(rule.colours, key=lambda one: one.rank)
    )
    yield say(
        "rule “{name}”: {hazards}; {colours}; {hours}",
        name=rule.name,
        hazards=hazard_words(rule),
        colours=colours,
        hours=hours_words(rule.hours),
    )
    # Not in the order of the file: a tier that moved says the same.
    for tier, ladder in sorted(rule.tiers.items(), key=lambda one: list(Tier).index(one[0])):
        place = f"{rule.name} · {tier_word(tier)}"
        yield f"{place} · {ladder_facts(ladder)}"
        for number, rung in enumerate(ladder.rungs, start=1):
            yield f"{place} · {say('rung {number}', number=number)} · {rung_words(rung)}"
