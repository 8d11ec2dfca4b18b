"""Reporting rules (报送规则): who must be told within how long by which means, and the strictest of them.

Rules only ever add: each names the mildest grade from which on it holds, so that raising a grade, or adding
a rule, makes nothing later. Clocks start at 接报时间, the moment at which what asks for it was heard.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jiaoying.duty.incidents.model import Grade, IncidentKind, Means
from jiaoying.kernel.areas import Level


@dataclass(frozen=True, slots=True)
class Telling:
    """One recipient, told by one means within so long."""

    to: str
    by: Means
    within: timedelta


@dataclass(frozen=True, slots=True)
class ReportingRule:
    """For these kinds (none named: all), from this grade on, at desks of this level (None: all)."""

    name: str
    source: str  # which public rule says so, in the words of whoever wrote it down
    tell: tuple[Telling, ...]
    kinds: frozenset[IncidentKind] = frozenset()
    at_least: Grade = Grade.UNDETERMINED
    desks: Level | None = None
    in_force: bool = True  # False: kept to be looked at, of another place for example

    def asks(self, level: Level, kind: IncidentKind, grade: Grade) -> bool:
        """Whether it holds for an incident of this kind and grade at a desk of this level."""
        return (
            self.in_force
            and (not self.kinds or kind in self.kinds)
            and grade.rank >= self.at_least.rank
            and self.desks in (None, level)
        )


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be known beside the clocks, with its source."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules, what an undetermined grade counts as, and with what the numbers of a desk begin."""

    undetermined_as: Grade
    rules: tuple[ReportingRule, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict[str, str])  # by the desk's name
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What was known of an incident from a moment on."""

    kind: IncidentKind
    grade: Grade
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Reported:
    """An incident as the rules see it: the level of its desk, and all that was known of it."""

    level: Level
    known: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Obligation:
    """Who must be told by which means by when, and which rule says so."""

    recipient: str
    means: Means
    starts_at: datetime
    due_at: datetime
    rule: str
    source: str


def obligations(reported: Reported, book: RuleBook) -> tuple[Obligation, ...]:
    """One for each recipient and means, the strictest; in order of time.

    What was known once counts also after the grade was lowered: an obligation that is there is lifted by
    somebody who says why, never by itself.
    """
    strictest: dict[tuple[str, Means], Obligation] = {}
    for known in reported.known:
        for one in _asked(reported.level, known, book):
            key = (one.recipient, one.means)
            strictest[key] = min(strictest.get(key, one), one, key=_order)
    return tuple(sorted(strictest.values(), key=_order))


def _asked(level: Level, known: Known, book: RuleBook) -> Iterable[Obligation]:
    grade = book.undetermined_as if known.grade is Grade.UNDETERMINED else known.grade
    for rule in book.rules:
        if rule.asks(level, known.kind, grade):
            for each in rule.tell:
                due_at = known.received_at + each.within
                yield Obligation(each.to, each.by, known.received_at, due_at, rule.name, rule.source)


def _order(one: Obligation) -> tuple[object, ...]:
    """By time; of equals always the same, in whatever order the rules stand."""
    return (one.due_at, one.starts_at, one.recipient, one.means, one.rule, one.source)
