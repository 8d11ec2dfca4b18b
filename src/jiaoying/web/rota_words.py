"""The rota's words for roles, reasons and days, in the reader's language."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from jiaoying.duty.checking import Fault, FaultKind
from jiaoying.duty.constraints import Objection
from jiaoying.duty.filling import Burden
from jiaoying.duty.model import Absence, ChangeKind, Role
from jiaoying.kernel.language import CHINESE, current_language, say


class Spanning(Protocol):
    """A shift, or what may become one."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


def role_word(role: Role) -> str:
    """As what somebody stands at a desk."""
    return {
        Role.OFFICER: say("duty officer"),
        Role.SECOND: say("second officer"),
        Role.LEADER: say("leader on duty"),
    }[role]


def change_word(kind: ChangeKind) -> str:
    """Why somebody else stands than was planned."""
    return {
        ChangeKind.OVERRIDE: say("put in instead"),
        ChangeKind.SWAP: say("swap"),
        ChangeKind.LEAVE: say("leave"),
        ChangeKind.TAKEOVER: say("took over"),
    }[kind]


def fault_word(kind: FaultKind) -> str:
    """What is wrong with a rota."""
    return {
        FaultKind.NOBODY: say("nobody stands there"),
        FaultKind.NO_LEADER: say("no leader on duty"),
        FaultKind.NO_SECOND: say("the second officer of a sensitive day is missing"),
        FaultKind.IN_TWO_PLACES: say("on duty in two places at once"),
        FaultKind.ON_LEAVE: say("on leave, and nobody stands in"),
        FaultKind.TOO_LITTLE_REST: say("too little rest between two shifts"),
        FaultKind.TWICE_ON_HOLIDAY: say("a second time on the same holidays"),
    }[kind]


def is_grave(kind: FaultKind) -> bool:
    """Whether a warning at that time would call nobody, or somebody who is not there."""
    return kind in (FaultKind.NOBODY, FaultKind.IN_TWO_PLACES, FaultKind.ON_LEAVE)


def absence_words(reason: Absence) -> str:
    """Why nobody stands at a desk."""
    return {
        Absence.NO_SHIFT: say("the desk has no rota"),
        Absence.NOT_BEGUN: say("its rota has not begun yet"),
        Absence.GAP: say("a gap between two shifts"),
        Absence.ENDED: say("its rota ran out"),
    }[reason]


def objection_word(objection: Objection) -> str:
    """Why a person should not take a shift."""
    return {
        Objection.ELSEWHERE: say("has another shift at that time"),
        Objection.ON_LEAVE: say("on leave then"),
        Objection.TOO_LITTLE_REST: say("too little rest before or after"),
        Objection.TWICE_ON_HOLIDAY: say("is on duty on these holidays already"),
        Objection.TWO_ROLES: say("stands in this shift already"),
    }[objection]


def objection_words(objections: Iterable[Objection]) -> str:
    """Everything that speaks against somebody; empty where nothing does."""
    return say(", ").join(objection_word(one) for one in objections)


def burden_word(burden: Burden) -> str:
    """What is shared out fairly."""
    return {
        Burden.HOLIDAY: say("holidays"),
        Burden.WEEKEND: say("weekends"),
        Burden.NIGHT: say("nights"),
        Burden.DAY: say("workdays"),
    }[burden]


def weekday_word(day: date) -> str:
    """周一 to 周日."""
    return (
        say("Mon"),
        say("Tue"),
        say("Wed"),
        say("Thu"),
        say("Fri"),
        say("Sat"),
        say("Sun"),
    )[day.weekday()]


def day_word(day: date) -> str:
    """`8月12日` or `12 Aug`."""
    return f"{day.month}月{day.day}日" if current_language() == CHINESE else f"{day.day} {day:%b}"


def month_word(day: date) -> str:
    """`2026年8月` or `August 2026`."""
    return f"{day.year}年{day.month}月" if current_language() == CHINESE else f"{day:%B %Y}"


def hours_words(shift: Spanning, zone: ZoneInfo) -> str:
    """`08:30–08:30`, with a word where it ends on another day."""
    begin, end = shift.starts_at.astimezone(zone), shift.ends_at.astimezone(zone)
    if end.date() == begin.date() or (end - begin).total_seconds() <= 0:
        return f"{begin:%H:%M}–{end:%H:%M}"
    return say("{begin}–{end} the next day", begin=f"{begin:%H:%M}", end=f"{end:%H:%M}")


def moment_word(moment: datetime, zone: ZoneInfo) -> str:
    """`8月12日 08:00`."""
    local = moment.astimezone(zone)
    return f"{day_word(local.date())} {local:%H:%M}"


def span_words(begin: datetime, end: datetime, zone: ZoneInfo) -> str:
    """`8月12日 08:00 至 20:00`; the second day only where it is another one."""
    first, last = begin.astimezone(zone), end.astimezone(zone)
    ends = f"{last:%H:%M}" if last.date() == first.date() else moment_word(end, zone)
    return say("{begin} to {end}", begin=moment_word(begin, zone), end=ends)


def days_words(first: date, last: date) -> str:
    """`8月12日 至 8月14日`, or the one day."""
    return (
        day_word(first)
        if first == last
        else say("{begin} to {end}", begin=day_word(first), end=day_word(last))
    )


def leave_words(begin: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Whole days as days, a part of one with its times."""
    first, last = begin.astimezone(zone), end.astimezone(zone)
    if first.time() == last.time() == time(0):
        return days_words(first.date(), last.date() - timedelta(days=1))
    return span_words(begin, end, zone)


def fault_when(fault: Fault, now: datetime, end: datetime, zone: ZoneInfo) -> str:
    """When something is wrong; of what lasts beyond the `end` of what was looked at, its beginning alone."""
    if fault.ends_at >= end:
        begins = moment_word(fault.starts_at, zone)
        return say("from now on") if fault.starts_at <= now else say("from {begin} on", begin=begins)
    return span_words(fault.starts_at, fault.ends_at, zone)


def clock_span(begin: datetime, end: datetime, zone: ZoneInfo) -> str:
    """`08:30–12:00`: a part of a shift whose day is told beside it."""
    return f"{begin.astimezone(zone):%H:%M}–{end.astimezone(zone):%H:%M}"


def percent(share: float) -> str:
    """A share of one, rounded down: 100% is only what is whole."""
    return f"{int(share * 100 + 1e-9)}%"
