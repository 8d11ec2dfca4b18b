"""Who must be told by when: whatever is added makes it stricter, and clocks start when the desk was told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.duty.incidents.model import Grade, IncidentKind, Means
from jiaoying.duty.incidents.reading import parse_rules, ready_made_book, ready_made_text
from jiaoying.duty.incidents.rules import (
    Known,
    Obligation,
    Reported,
    ReportingRule,
    RuleBook,
    Telling,
    obligations,
)
from jiaoying.kernel.areas import Level
from jiaoying.kernel.errors import Refusal

TOLD_AT = datetime(2026, 8, 6, 18, 30, 7, tzinfo=UTC)  # 02:30:07 in Shanxi
Keyed = dict[tuple[str, Means], Obligation]

tellings = st.builds(
    Telling,
    to=st.sampled_from(["市政府总值班室", "省政府总值班室", "市应急管理局"]),
    by=st.sampled_from(Means),
    within=st.integers(1, 300).map(lambda minutes: timedelta(minutes=minutes)),
)
rules = st.builds(
    ReportingRule,
    name=st.sampled_from(["甲", "乙", "丙"]),
    source=st.just("某规定"),
    tell=st.lists(tellings, min_size=1, max_size=4).map(tuple),
    kinds=st.frozensets(st.sampled_from(IncidentKind), max_size=3),
    at_least=st.sampled_from(Grade),
    desks=st.sampled_from([None, Level.COUNTY, Level.TOWNSHIP]),
    in_force=st.booleans(),
)
books = st.builds(
    RuleBook,
    undetermined_as=st.sampled_from([grade for grade in Grade if grade is not Grade.UNDETERMINED]),
    rules=st.lists(rules, max_size=6).map(tuple),
)
knowns = st.builds(
    Known,
    kind=st.sampled_from(IncidentKind),
    grade=st.sampled_from(Grade),
    received_at=st.integers(0, 600).map(lambda minutes: TOLD_AT + timedelta(minutes=minutes)),
)
reporteds = st.builds(
    Reported,
    level=st.sampled_from([Level.COUNTY, Level.TOWNSHIP]),
    known=st.lists(knowns, min_size=1, max_size=4).map(tuple),
)


def by_key(found: tuple[Obligation, ...]) -> Keyed:
    return {(one.recipient, one.means): one for one in found}


def no_looser(before: Keyed, after: Keyed) -> bool:
    """Everybody who was owed is owed still, and no later."""
    return all(key in after and after[key].due_at <= one.due_at for key, one in before.items())


@given(reporteds, books, rules)
def test_a_further_rule_never_loosens(reported: Reported, book: RuleBook, rule: ReportingRule) -> None:
    further = replace(book, rules=(*book.rules, rule))
    assert no_looser(by_key(obligations(reported, book)), by_key(obligations(reported, further)))


@given(reporteds, books, st.randoms())
def test_the_order_of_the_rules_does_not_matter(reported: Reported, book: RuleBook, chance: Random) -> None:
    mixed = list(book.rules)
    chance.shuffle(mixed)
    assert obligations(reported, book) == obligations(reported, replace(book, rules=tuple(mixed)))


def test_of_two_that_are_equally_strict_the_same_is_named_in_whatever_order_they_stand() -> None:
    telling = Telling("市政府总值班室", Means.PHONE, timedelta(minutes=30))
    one, other = (ReportingRule(name, "某规定", (telling,)) for name in ("甲", "乙"))
    reported = Reported(Level.COUNTY, (Known(IncidentKind.FIRE, Grade.ORDINARY, TOLD_AT),))
    found = [obligations(reported, RuleBook(Grade.ORDINARY, rules)) for rules in ((one, other), (other, one))]
    assert found[0] == found[1]


@given(reporteds, books)
def test_one_for_each_recipient_and_means_and_its_clock_starts_when_it_was_heard(
    reported: Reported, book: RuleBook
) -> None:
    found = obligations(reported, book)
    assert len(by_key(found)) == len(found)
    heard = {known.received_at for known in reported.known}
    assert all(one.starts_at in heard and one.due_at > one.starts_at for one in found)


@given(knowns, books, st.sampled_from(Level))
def test_raising_the_grade_only_tightens(known: Known, book: RuleBook, level: Level) -> None:
    grade = book.undetermined_as if known.grade is Grade.UNDETERMINED else known.grade
    before = by_key(obligations(Reported(level, (known,)), book))
    for graver in list(Grade)[grade.rank :]:
        raised = replace(known, grade=graver)
        assert no_looser(before, by_key(obligations(Reported(level, (raised,)), book)))


@given(reporteds, knowns, books)
def test_what_is_heard_later_takes_nothing_away(reported: Reported, later: Known, book: RuleBook) -> None:
    more = replace(reported, known=(*reported.known, later))
    assert no_looser(by_key(obligations(reported, book)), by_key(obligations(more, book)))


def test_a_major_fire_of_a_county_goes_to_city_and_province_by_the_rules_that_come_along() -> None:
    known = Known(IncidentKind.FIRE, Grade.MAJOR, TOLD_AT)
    found = by_key(obligations(Reported(Level.COUNTY, (known,)), ready_made_book()))
    minutes = {key: (one.due_at - TOLD_AT) / timedelta(minutes=1) for key, one in found.items()}
    assert minutes == {
        ("市政府总值班室", Means.PHONE): 120,
        ("市政府总值班室", Means.WRITTEN): 120,
        ("省政府总值班室", Means.PHONE): 60,
        ("省政府总值班室", Means.WRITTEN): 60,
    }
    assert all("山西省" in one.source for one in found.values())


def test_a_township_tells_the_county_in_twenty_and_forty_minutes() -> None:
    known = Known(IncidentKind.GEOHAZARD, Grade.UNDETERMINED, TOLD_AT)
    found = obligations(Reported(Level.TOWNSHIP, (known,)), ready_made_book())
    assert [(one.recipient, one.means, one.due_at - TOLD_AT) for one in found] == [
        ("县政府值班室", Means.PHONE, timedelta(minutes=20)),
        ("县政府值班室", Means.WRITTEN, timedelta(minutes=40)),
    ]


def test_what_is_only_there_to_be_looked_at_starts_no_clock() -> None:
    known = Known(IncidentKind.COAL_MINE, Grade.ORDINARY, TOLD_AT)
    found = obligations(Reported(Level.COUNTY, (known,)), ready_made_book())
    assert {one.due_at - TOLD_AT for one in found} == {timedelta(minutes=120)}
    assert any(not rule.in_force for rule in ready_made_book().rules)


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ("within_min: 120", "within_min: soon", "rules[1].tell[1].within_min"),
        ("by: phone", "by: pigeon", "rules[1].tell[1].by"),
        ("at_least: major", "at_least: huge", "rules[2].at_least"),
        ("undetermined_as: considerable", "undetermined_as: undetermined", "undetermined_as"),
        ("desks: county", "desk: county", "rules[1]"),
        ("kinds: [coal_mine, mine, chemicals, work_safety]", "kinds: [ufo]", "rules[3].kinds"),
        ("numbers: {}", "numbers: {甲值班室: 沁水值班, 乙值班室: 沁水值班}", "numbers"),
        ("by: written, within_min: 120", "by: phone, within_min: 120", "rules[1].tell"),
    ],
)
def test_each_mistake_in_a_file_is_named_by_its_place(before: str, after: str, field: str) -> None:
    text = ready_made_text()
    place = text.index("\nrules:") if before.startswith(("within", "by", "desks")) else 0
    assert before in text[place:]
    broken = text[:place] + text[place:].replace(before, after, 1)
    with pytest.raises(Refusal) as refused:
        parse_rules(broken)
    assert field in [complaint.field for complaint in refused.value.complaints]


def test_what_is_no_file_of_rules_is_refused_with_a_sentence() -> None:
    for text in ("", "[]", "rules: 7", "rules: []", "a: [", "rules: [1, 2]"):
        with pytest.raises(Refusal):
            parse_rules(text)
