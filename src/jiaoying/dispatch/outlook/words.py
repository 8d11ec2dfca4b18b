"""What a look ahead says to people, on pages and in commands."""

from collections.abc import Iterator

from jiaoying.dispatch.covering import Direction
from jiaoying.dispatch.ladders.describing import channel_word, seconds_words, who_word
from jiaoying.dispatch.outlook.figures import Figures
from jiaoying.dispatch.outlook.listing import ListedPerson, Trouble
from jiaoying.dispatch.outlook.model import Asking
from jiaoying.kernel.language import say

_DIRECTIONS = {
    Direction.INSIDE: "under the warning",
    Direction.ABOVE: "in charge of a place under the warning",
    "desk": "duty desk of a place under the warning",
}
_TROUBLES = {
    Trouble.NO_NUMBER: "no number in the roster",
    Trouble.ONLY_DOUBTFUL: "only dead, suspended or wrong numbers",
    Trouble.NO_MOBILE: "no mobile number for a text",
}


def why_words(asking: Asking) -> str:
    """Why somebody would be called: 梁庄村 防汛责任人（B角，第2梯级）：在预警范围内."""
    by = str(asking.duty.why.get("by", ""))
    return say(
        "{label} ({role}, rung {rung}): {why}",
        label=asking.duty.label,
        role=who_word(asking.role),
        rung=asking.rung + 1,
        why=say(_DIRECTIONS[by]) if by in _DIRECTIONS else by,
    )


def when_words(person: ListedPerson) -> str:
    """When their turn comes."""
    if person.begins_s > 0:
        return say("after {wait}, if nobody answers", wait=seconds_words(person.begins_s))
    return say("at once") if person.turn_s < 1 else say("after {wait}", wait=seconds_words(person.turn_s))


def how_words(person: ListedPerson) -> str:
    """By what: 短信+电话，最多3次."""
    channels = "+".join(channel_word(channel) for channel in person.channels)
    if not channels:
        return say("not at all")
    if person.tries == 1:
        return channels
    return say("{channels}, up to {tries} tries", channels=channels, tries=person.tries)


def trouble_words(trouble: Trouble | None) -> str:
    """Why they may not be reached; empty where nothing is known against it."""
    return "" if trouble is None else say(_TROUBLES[trouble])


def minutes_words(minutes: float | None) -> str:
    """How long one pass takes."""
    if minutes is None:
        return say("no limit is set for this channel")
    return say("less than a minute") if minutes < 1 else say("{count} min", count=f"{minutes:g}")


def changes_words(before: Figures, after: Figures) -> Iterator[str]:
    """What is different between two figures of the same warning; nothing where all are the same."""
    compared = (
        (say("people at once"), before.people, after.people),
        (say("more if they are silent"), before.later, after.later),
        (say("texts"), before.texts, after.texts),
        (say("text parts"), before.parts, after.parts),
        (say("calls"), before.calls, after.calls),
        (say("not reachable"), before.unreachable, after.unreachable),
    )
    for name, was, now in compared:
        if was != now:
            yield say("{name}: {before} → {after}", name=name, before=was, after=now)
    if before.minutes != after.minutes:
        yield say(
            "{name}: {before} → {after}",
            name=say("one pass takes"),
            before=minutes_words(before.minutes),
            after=minutes_words(after.minutes),
        )
    if before.last_rung_s != after.last_rung_s:
        yield say(
            "{name}: {before} → {after}",
            name=say("the last rung begins after"),
            before=seconds_words(before.last_rung_s),
            after=seconds_words(after.last_rung_s),
        )
