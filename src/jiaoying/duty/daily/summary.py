"""A round on one page (每日调度情况汇总): what each desk said, its totals, who is missing or late. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jiaoying.duty.daily.model import Answer, DeskReports, Kind, Round, RoundState


@dataclass(frozen=True, slots=True)
class Summary:
    """A round as it stands. `totals` are sums of figures and counts of 有, by the key of their question."""

    round: Round
    desks: Sequence[DeskReports]
    totals: Mapping[str, int]

    @property
    def reported(self) -> list[DeskReports]:
        return [one for one in self.desks if one.report]

    @property
    def missing(self) -> list[DeskReports]:
        """Those of whom nothing has come until now."""
        return [one for one in self.desks if not one.report]

    @property
    def late(self) -> list[DeskReports]:
        """Those whose first report came after the limit."""
        return [one for one in self.desks if one.versions and one.versions[0].late]

    @property
    def to_fill(self) -> list[DeskReports]:
        """Those whose words leave something for the officer to fill in."""
        return [one for one in self.desks if one.report and not one.report.whole]

    @property
    def zero(self) -> list[DeskReports]:
        return [one for one in self.desks if one.report and one.report.zero]

    @property
    def is_over(self) -> bool:
        return self.round.state is RoundState.CLOSED


def summary_of(found: Round, desks: Sequence[DeskReports]) -> Summary:
    """The round counted: of each desk its newest report."""
    reports = [one.report for one in desks if one.report]
    totals = {
        question.key: sum(_counted(report.answers.get(question.key)) for report in reports)
        for question in found.form.questions
        if question.kind is not Kind.TEXT
    }
    return Summary(found, desks, totals)


def _counted(answer: Answer | None) -> int:
    return int(answer) if isinstance(answer, int) else 0
