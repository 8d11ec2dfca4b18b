"""The chain of an incident's reports, merged: what holds now, since which report, and what it was before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jiaoying.duty.incidents.model import Fact, Facts, FactValue, Grade, IncidentKind, Report, ReportKind
from jiaoying.duty.incidents.rules import Known


@dataclass(frozen=True, slots=True)
class Said:
    """A value and the report that said it."""

    value: FactValue
    report: Report


@dataclass(frozen=True, slots=True)
class Held:
    """What holds of a fact now, and everything that held before it, the newest first."""

    now: Said
    before: tuple[Said, ...] = ()


Merged = dict[Fact, Held]


def merged(reports: Iterable[Report]) -> Merged:
    """Of each fact what holds after all these reports; those that were sent back say nothing."""
    found: Merged = {}
    for report in in_order(reports):
        for fact, value in report.facts.items():
            held = found.get(fact)
            before = (held.now, *held.before) if held else ()
            found[fact] = Held(Said(value, report), before)
    return {fact: found[fact] for fact in Fact if fact in found}


def in_order(reports: Iterable[Report]) -> list[Report]:
    """The reports that say something, as they follow each other."""
    return sorted((report for report in reports if report.counts), key=lambda report: report.place)


def values_of(held: Merged) -> Facts:
    """What holds now, without its history."""
    return {fact: one.now.value for fact, one in held.items()}


def only_new(facts: Facts, held: Merged) -> Facts:
    """What of these facts is not said already: a continued report never repeats the first part."""
    return {fact: value for fact, value in facts.items() if fact not in held or held[fact].now.value != value}


def known_in(reports: Iterable[Report]) -> tuple[Known, ...]:
    """Every kind and grade that these reports tell of, in their order, each since when it was heard."""
    kind, grade = IncidentKind.OTHER, Grade.UNDETERMINED
    found: list[Known] = []
    for report in reports:
        said = Fact.KIND in report.facts or Fact.GRADE in report.facts or not found
        kind = IncidentKind(report.facts.get(Fact.KIND, kind))
        grade = Grade(report.facts.get(Fact.GRADE, grade))
        if said:
            found.append(Known(kind, grade, report.received_at))
    return tuple(found)


def next_place(reports: Sequence[Report]) -> int:
    """The place of the next report; those that were sent back keep theirs."""
    return max((report.place for report in reports), default=0) + 1


def next_nth(kind: ReportKind, reports: Iterable[Report]) -> int | None:
    """How many-th of its kind a report is that is signed now: 续报一, 续报二 …, without gaps."""
    if kind not in (ReportKind.CONTINUED, ReportKind.CORRECTION):
        return None
    return 1 + sum(report.kind is kind and report.signed_at is not None for report in reports)
