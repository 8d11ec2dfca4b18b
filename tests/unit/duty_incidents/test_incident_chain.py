"""A chain of reports merged: each says only what is new, and the merged view knows since which report."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from jiaoying.duty.incidents.chain import known_in, merged, next_nth, only_new, values_of
from jiaoying.duty.incidents.model import (
    COUNTS,
    Fact,
    Facts,
    Grade,
    IncidentKind,
    Number,
    Report,
    ReportKind,
    SignedHow,
)
from jiaoying.duty.incidents.numbers import chinese_number, incident_number, prefixes, report_number

AT = datetime(2026, 8, 6, 19, 0, tzinfo=UTC)
facts = st.dictionaries(st.sampled_from(COUNTS), st.integers(0, 3), max_size=4)


def report(place: int, facts: Facts, kind: ReportKind = ReportKind.CONTINUED) -> Report:
    return Report(
        UUID(int=place), UUID(int=99), place, ReportKind.FIRST if place == 1 else kind, None, None,
        AT + place * timedelta(minutes=10), facts, "", "", "", AT, "user:值班员", None, None, None, None,
        None, None, None,
    )  # fmt: skip


def signed(one: Report, nth: int | None = None) -> Report:
    return replace(
        one, nth=nth, signed_at=AT, signed_by="user:领导", signer="领导", signed_how=SignedHow.HERE
    )


def returned(one: Report) -> Report:
    return replace(one, returned_at=AT, returned_by="user:领导", returned_why="数字不对")


def test_what_holds_since_which_report_and_what_it_was_before() -> None:
    chain = [
        report(1, {Fact.DEAD: 0, Fact.INJURED: 2, Fact.PLACE: "梁庄村"}),
        report(2, {Fact.INJURED: 5}),
        report(3, {Fact.INJURED: 4}, ReportKind.CORRECTION),
    ]
    held = merged(chain)
    assert (held[Fact.INJURED].now.value, held[Fact.INJURED].now.report.place) == (4, 3)
    assert [(said.value, said.report.place) for said in held[Fact.INJURED].before] == [(5, 2), (2, 1)]
    assert (held[Fact.DEAD].now.report.place, held[Fact.DEAD].before) == (1, ())


@given(st.lists(facts, min_size=1, max_size=6))
def test_a_chain_that_leaves_out_what_was_said_says_the_same_as_one_that_repeats(typed: list[Facts]) -> None:
    lean: list[Report] = []
    for place, each in enumerate(typed, start=1):
        lean.append(report(place, only_new(each, merged(lean))))
    whole = [report(place, each) for place, each in enumerate(typed, start=1)]
    assert values_of(merged(lean)) == values_of(merged(whole))
    for held in merged(lean).values():
        assert all(one.value != other.value for one, other in pairwise((held.now, *held.before)))


@given(st.lists(facts, min_size=1, max_size=6), st.randoms())
def test_the_order_in_which_rows_are_read_does_not_matter(typed: list[Facts], chance: Random) -> None:
    chain = [report(place, each) for place, each in enumerate(typed, start=1)]
    mixed = list(chain)
    chance.shuffle(mixed)
    assert merged(mixed) == merged(chain)


def test_one_that_was_sent_back_says_nothing_and_leaves_no_gap_in_the_count() -> None:
    chain = [
        signed(report(1, {Fact.DEAD: 0})),
        returned(report(2, {Fact.DEAD: 7})),
        signed(report(3, {Fact.DEAD: 1}), nth=1),
    ]
    assert values_of(merged(chain)) == {Fact.DEAD: 1}
    assert [said.value for said in merged(chain)[Fact.DEAD].before] == [0]
    assert next_nth(ReportKind.CONTINUED, chain) == 2
    assert next_nth(ReportKind.CORRECTION, chain) == 1
    assert next_nth(ReportKind.FINAL, chain) is None


def test_each_kind_and_grade_is_known_since_it_was_heard() -> None:
    chain = [
        report(1, {Fact.KIND: "fire"}),
        report(2, {Fact.INJURED: 3}),
        report(3, {Fact.GRADE: "major"}),
    ]
    known = known_in(chain)
    assert [(one.kind, one.grade) for one in known] == [
        (IncidentKind.FIRE, Grade.UNDETERMINED),
        (IncidentKind.FIRE, Grade.MAJOR),
    ]
    assert [one.received_at for one in known] == [chain[0].received_at, chain[2].received_at]


def test_numbers_as_they_stand_on_paper() -> None:
    called = Number("沁水值班", 2026, 12)
    assert incident_number(called) == "沁水值班〔2026〕12号"
    assert incident_number(called, exercise=True) == "沁水值班演练〔2026〕12号"
    assert report_number(called, report(1, {})) == "沁水值班〔2026〕12号-首报"
    assert report_number(called, signed(report(3, {}), nth=12)) == "沁水值班〔2026〕12号-续报十二"
    assert [chinese_number(number) for number in (1, 10, 11, 20, 99, 100)] == [
        "一", "十", "十一", "二十", "九十九", "100",
    ]  # fmt: skip
    free = prefixes("沁水县应急值班室", "沁水值班")
    assert [next(free) for _ in range(4)] == [
        "沁水值班",
        "沁水县应急值班",
        "沁水县应急值班室",
        "沁水县应急值班室2",
    ]
