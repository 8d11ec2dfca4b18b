"""Incidents in words: on pages in the reader's language, on paper in Chinese."""

from datetime import datetime, timedelta, tzinfo

from jiaoying.duty.incidents.model import (
    COUNTS,
    Fact,
    FactValue,
    Grade,
    IncidentKind,
    Means,
    ObligationState,
    Report,
    Step,
)
from jiaoying.kernel.language import say


def kind_word(kind: str) -> str:
    """`geohazard` → 地质灾害."""
    return {
        IncidentKind.FLOOD: say("flooding"),
        IncidentKind.GEOHAZARD: say("geological hazard"),
        IncidentKind.WEATHER: say("weather disaster"),
        IncidentKind.EARTHQUAKE: say("earthquake"),
        IncidentKind.FOREST_FIRE: say("forest or grassland fire"),
        IncidentKind.COAL_MINE: say("accident in a coal mine"),
        IncidentKind.MINE: say("accident in another mine"),
        IncidentKind.CHEMICALS: say("accident with dangerous chemicals"),
        IncidentKind.WORK_SAFETY: say("other accident at work"),
        IncidentKind.TRAFFIC: say("road traffic accident"),
        IncidentKind.FIRE: say("fire"),
        IncidentKind.ENVIRONMENT: say("pollution of the environment"),
        IncidentKind.PUBLIC_HEALTH: say("public health event"),
        IncidentKind.SOCIAL_SECURITY: say("public security event"),
        IncidentKind.OTHER: say("other incident"),
    }[IncidentKind(kind)]


def grade_word(grade: str) -> str:
    """`major` → 重大."""
    return {
        Grade.UNDETERMINED: say("grade undetermined"),
        Grade.ORDINARY: say("ordinary"),
        Grade.CONSIDERABLE: say("considerable"),
        Grade.MAJOR: say("major"),
        Grade.EXTREME: say("extremely grave"),
    }[Grade(grade)]


def means_word(means: str) -> str:
    """`written` → 书面."""
    return {Means.PHONE: say("by telephone"), Means.WRITTEN: say("in writing")}[Means(means)]


def fact_word(fact: Fact) -> str:
    """What a field of a report is called."""
    return {
        Fact.TITLE: say("Name of the incident"),
        Fact.SOURCE: say("Who told of it"),
        Fact.HAPPENED_AT: say("When it happened"),
        Fact.AREA: say("Division"),
        Fact.PLACE: say("Where it happened"),
        Fact.KIND: say("Sort of incident"),
        Fact.GRADE: say("How grave it is"),
        Fact.SCOPE: say("Extent"),
        Fact.DEAD: say("Dead"),
        Fact.MISSING: say("Missing or trapped"),
        Fact.INJURED: say("Injured"),
        Fact.MOVED_HOUSEHOLDS: say("Households moved"),
        Fact.MOVED_PEOPLE: say("People moved"),
        Fact.ROOMS: say("Rooms damaged"),
        Fact.LOSS: say("Direct loss"),
        Fact.LOSSES: say("Casualties and losses in words"),
        Fact.TREND: say("Where it is going"),
        Fact.LEADERS: say("Leaders on the spot"),
        Fact.MEASURES: say("Measures taken"),
        Fact.ADVICE: say("Advice or request"),
    }[fact]


def unit_word(fact: Fact) -> str:
    """In what a figure is counted."""
    return {
        Fact.DEAD: say("people"),
        Fact.MISSING: say("people"),
        Fact.INJURED: say("people"),
        Fact.MOVED_HOUSEHOLDS: say("households"),
        Fact.MOVED_PEOPLE: say("people"),
        Fact.ROOMS: say("rooms"),
        Fact.LOSS: say("ten thousand yuan"),
    }.get(fact, "")


def value_words(fact: Fact, value: FactValue, zone: tzinfo) -> str:
    """A value as people read it: `injured`, 5 → 5人."""
    match fact:
        case Fact.HAPPENED_AT:
            return f"{datetime.fromisoformat(str(value)).astimezone(zone):%Y-%m-%d %H:%M}"
        case Fact.KIND:
            return kind_word(str(value))
        case Fact.GRADE:
            return grade_word(str(value))
        case _ if fact in COUNTS or fact is Fact.LOSS:
            return say("{count} {unit}", count=value, unit=unit_word(fact))
        case _:
            return str(value)


def within_words(span: timedelta) -> str:
    """How long there is: `20分钟内`, `2小时内`."""
    hours, rest = divmod(span, timedelta(hours=1))
    if hours and not rest:
        return say("within {count} hours", count=hours)
    return say("within {count} minutes", count=span // timedelta(minutes=1))


def step_word(step: Step) -> str:
    """How strongly the desk was called."""
    return {
        Step.REMINDED: say("a text to the officer on duty"),
        Step.PRESSED: say("the officer on duty is rung"),
        Step.OVERDUE: say("past its time: officer and leader are rung"),
    }[step]


def obligation_state_word(state: ObligationState) -> str:
    """Where an obligation stands."""
    return {
        ObligationState.OPEN: say("to be sent"),
        ObligationState.DONE: say("has been sent"),
        ObligationState.LIFTED: say("need not be sent"),
    }[state]


def report_state_word(report: Report) -> str:
    """Where a report stands."""
    if report.returned_at is not None:
        return say("sent back")
    return say("signed") if report.signed_at is not None else say("waits to be signed")
