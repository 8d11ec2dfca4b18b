"""Periodic duties in words: by which rule, how one stands, how it came out."""

from calendar import month_name
from datetime import date, timedelta

from jiaoying.duty.routines.model import OccurrenceState, Outcome
from jiaoying.duty.routines.planning import Step
from jiaoying.duty.routines.rules import WHOLE_YEAR, Every, Moved, Rule
from jiaoying.kernel.language import CHINESE, current_language, say
from jiaoying.web.rota_words import weekday_word

_MONDAY = date(2026, 6, 1)
QUARTERS = (3, 6, 9, 12)


def rule_words(rule: Rule) -> str:
    """`每月25日17:00前，逢休息日提前`."""
    days = _days_words(rule)
    text = say("{days}, by {time}", days=days, time=f"{rule.at:%H:%M}")
    moved = {
        Moved.STAYS: "",
        Moved.EARLIER: say("on a day of rest the workday before"),
        Moved.LATER: say("on a day of rest the workday after"),
    }[rule.moved]
    if not moved or rule.every is Every.LAST_WORKDAY:
        return text
    return say("{rule}, {moved}", rule=text, moved=moved)


def _days_words(rule: Rule) -> str:
    if rule.every is Every.WEEK:
        return say("every {weekday}", weekday=weekday_of(rule.day))
    is_last = rule.every is Every.LAST_WORKDAY
    day = say("last workday") if is_last else say("day {day}", day=rule.day)
    if rule.months == WHOLE_YEAR:
        return say("{day} of every month", day=day)
    if rule.months == QUARTERS:
        return say("{day} of the last month of each quarter", day=day)
    months = say(", ").join(month_word(month) for month in rule.months)
    return say("{day} of {months} every year", months=months, day=day)


def weekday_of(number: int) -> str:
    """1 is Monday."""
    return weekday_word(_MONDAY + timedelta(days=number - 1))


def month_word(month: int) -> str:
    """`4月` or `April`."""
    return f"{month}月" if current_language() == CHINESE else month_name[month]


def every_word(every: Every) -> str:
    return {
        Every.WEEK: say("every week, on a weekday"),
        Every.MONTH: say("on a day of the month"),
        Every.LAST_WORKDAY: say("on the last workday of the month"),
    }[every]


def moved_word(moved: Moved) -> str:
    return {
        Moved.STAYS: say("stays on that day"),
        Moved.EARLIER: say("the last workday before it"),
        Moved.LATER: say("the first workday after it"),
    }[moved]


def state_word(state: OccurrenceState) -> str:
    return {
        OccurrenceState.AHEAD: say("to come"),
        OccurrenceState.REMINDED: say("reminded of"),
        OccurrenceState.LATE: say("past its time"),
        OccurrenceState.DONE: say("done"),
        OccurrenceState.SKIPPED: say("not to be done this time"),
    }[state]


def outcome_word(outcome: Outcome) -> str:
    return {
        Outcome.IN_TIME: say("done in time"),
        Outcome.LATE: say("done late"),
        Outcome.MISSED: say("not done"),
        Outcome.SKIPPED: say("skipped"),
        Outcome.TO_COME: say("to come"),
    }[outcome]


def outcome_badge(outcome: Outcome) -> str:
    """The class of its badge."""
    return {
        Outcome.IN_TIME: "state-answered",
        Outcome.LATE: "state-open",
        Outcome.MISSED: "state-failed",
    }.get(outcome, "state-withdrawn")


def step_word(step: Step) -> str:
    """What was done about one at a moment."""
    return {
        Step.REMIND: say("reminded by text"),
        Step.TELL_LATE: say("late: called, then the leader"),
        Step.ALARM_ALONE: say("late: the call waits for the morning"),
        Step.CALL_LATE: say("late: called, then the leader"),
        Step.REMIND_LATE: say("late: reminded by text"),
    }[step]
