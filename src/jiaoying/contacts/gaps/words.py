"""Gaps in words: what is missing, and what mends it."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from jiaoying.contacts.gaps.model import Gap, GapKind, Severity
from jiaoying.kernel.hazards import HAZARD_NAMES, Hazard
from jiaoying.kernel.language import say

_MOST_HOURS = 4  # stretches of time in one line; of more the number is told


def gap_word(kind: GapKind) -> str:
    """The heading of one kind of gap."""
    return {
        GapKind.NOBODY: say("nobody to call"),
        GapKind.VACANT: say("post vacant"),
        GapKind.NO_NUMBER: say("no number that works"),
        GapKind.POINT_NOBODY: say("danger point without anybody"),
        GapKind.DESK_EMPTY: say("desk without anybody"),
        GapKind.MISSING_POST: say("post missing"),
        GapKind.ENDED: say("left office, nobody followed"),
        GapKind.ENDING: say("leaves office, nobody follows"),
        GapKind.RETIRED_AREA: say("post in an area that is no more"),
        GapKind.POINT_NO_WATCHER: say("danger point nobody watches"),
        GapKind.POINT_NO_LEADER: say("danger point nobody answers for"),
        GapKind.NO_DESK: say("no duty desk"),
        GapKind.DESK_UNNAMED: say("shifts without a name"),
        GapKind.UNREACHED: say("not reached for 90 days"),
        GapKind.NO_DEPUTY: say("no deputy"),
        GapKind.DEPUTY_IS_HOLDER: say("deputy of oneself"),
        GapKind.DEPUTY_NO_NUMBER: say("deputy without a number"),
        GapKind.TOO_MANY: say("too much on one person"),
        GapKind.SHARED_NUMBER: say("number shared by several"),
        GapKind.SUPERIOR_LOOP: say("superiors in a circle"),
    }[kind]


def severity_word(severity: Severity) -> str:
    """How bad it is, as the colours of the map say it."""
    return {
        Severity.NONE: say("covered"),
        Severity.WEAK: say("weak"),
        Severity.SERIOUS: say("incomplete"),
        Severity.GRAVE: say("a post or a hazard reaches nobody"),
    }[severity]


def gap_text(gap: Gap, timezone: ZoneInfo) -> str:
    """What is missing, in one line; the area and the person stand beside it."""
    hours = hours_words(gap.hours, timezone)
    posts = "、".join(gap.post_kinds)
    match gap.kind:
        case GapKind.NOBODY:
            text = say("a warning of {hazards} would reach nobody", hazards=hazards_words(gap.hazards))
            return f"{text} ({hours})" if gap.hours else text
        case GapKind.DESK_EMPTY:
            return say(
                "{desk}: nobody stands there, and it has no number: {hours}", desk=gap.place_name, hours=hours
            )
        case GapKind.DESK_UNNAMED:
            return say(
                "{desk}: no name on the rota, only its own number: {hours}", desk=gap.place_name, hours=hours
            )
        case GapKind.NO_DESK:
            return say("no duty desk that is called under a warning")
        case GapKind.POINT_NOBODY | GapKind.POINT_NO_WATCHER | GapKind.POINT_NO_LEADER:
            return gap.place_name
        case GapKind.ENDED | GapKind.ENDING:
            return say("{posts}: last day {day}", posts=posts, day=gap.day)
        case GapKind.RETIRED_AREA:
            return say("{count} posts: {posts}", count=gap.count, posts=posts)
        case GapKind.TOO_MANY:
            return say("{count} posts or villages at once: {posts}", count=gap.count, posts=posts)
        case GapKind.SHARED_NUMBER | GapKind.SUPERIOR_LOOP:
            return say("{count} people", count=gap.count)
        case _:
            return posts


def remedy(gap: Gap) -> str:
    """What the keeper does about it."""
    match gap.kind:
        case GapKind.NOBODY if gap.post_kinds:
            return say("Name somebody, as other places have: {posts}", posts="、".join(gap.post_kinds))
        case GapKind.MISSING_POST:
            return say("Most other places have this post: name somebody, or ask why not")
        case GapKind.NOBODY | GapKind.VACANT | GapKind.POINT_NOBODY:
            return say("Name somebody who can be called")
        case GapKind.NO_NUMBER:
            return say("Ask for a number that works")
        case GapKind.DESK_EMPTY | GapKind.DESK_UNNAMED:
            return say("Fill in the rota")
        case GapKind.ENDED | GapKind.ENDING:
            return say("Name the successor, or extend the term")
        case GapKind.RETIRED_AREA:
            return say("Move the posts to the area that took its place")
        case GapKind.POINT_NO_WATCHER:
            return say("Name who watches it")
        case GapKind.POINT_NO_LEADER:
            return say("Name who answers for it")
        case GapKind.NO_DESK:
            return say("Import a rota with its desk")
        case GapKind.UNREACHED:
            return say("Call the number once, or let the monthly check do it")
        case GapKind.NO_DEPUTY | GapKind.DEPUTY_IS_HOLDER:
            return say("Name another person as deputy")
        case GapKind.DEPUTY_NO_NUMBER:
            return say("Ask for a number of the deputy that works")
        case GapKind.TOO_MANY:
            return say("Share the posts among several people")
        case GapKind.SHARED_NUMBER:
            return say("Ask each for a number of their own, or merge what is one person")
        case GapKind.SUPERIOR_LOOP:
            return say("Correct whom they answer to")


def hazards_words(hazards: Sequence[Hazard]) -> str:
    """The hazards by name; none is all."""
    return "、".join(say(HAZARD_NAMES[hazard]) for hazard in hazards) or say("any hazard")


def hours_words(hours: Sequence[tuple[datetime, datetime]], timezone: ZoneInfo) -> str:
    """Stretches of the week: `周六 20:00–周日 08:00`; none is all of it."""
    if not hours:
        return say("all week")
    shown = "、".join(
        f"{_moment_words(begin, timezone)}–{_moment_words(end, timezone)}"
        for begin, end in hours[:_MOST_HOURS]
    )
    if len(hours) <= _MOST_HOURS:
        return shown
    return say("{hours} and more, {count} times", hours=shown, count=len(hours))


def _moment_words(moment: datetime, timezone: ZoneInfo) -> str:
    local = moment.astimezone(timezone)
    days = (say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun"))
    return f"{days[local.weekday()]} {local:%H:%M}"
