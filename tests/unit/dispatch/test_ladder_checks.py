"""Ladders looked over before they are in force."""

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.dispatch.ladders.checking import look_over
from jiaoying.dispatch.ladders.findings import (
    NO_ROSTER,
    Finding,
    NamedContact,
    RosterFacts,
    Severity,
)
from jiaoying.dispatch.ladders.placing import place_words
from jiaoying.dispatch.ladders.reading import default_book, parse_book
from jiaoying.dispatch.ladders.superiors import circles_in
from jiaoying.kernel.areas import Level
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import speaking

ZHAO = UUID("01980000-0000-7000-8000-000000000001")
DESK = "desk: {deadline_s: 300, rungs: [{who: desk, channels: [sms, voice], wait_s: 150}]}"
EVERYTHING = "colours: [blue, yellow, orange, red]"


def book_text(village: str, *, before: str = "", tiers: str = "") -> str:
    """A file with one rule for everything, and in it one ladder for villages."""
    return (
        f"rules:\n{before}"
        f"  - name: 全部\n    {EVERYTHING}\n    tiers:\n      {DESK}\n      village: {village}\n{tiers}"
    )


def ladder(*rungs: str, more: str = "deadline_s: 600") -> str:
    return f"{{{more}, rungs: [{', '.join(rungs)}]}}"


HOLDER = "{who: holder, channels: [sms, voice], tries: 2, gap_s: 60, wait_s: 150}"
DEPUTY = "{who: deputy, channels: [sms, voice], tries: 2, gap_s: 60, wait_s: 150}"


def found(text: str, roster: RosterFacts = NO_ROSTER) -> list[Finding]:
    with speaking("en"):
        return list(look_over(parse_book(text), roster))


def test_an_ordinary_ladder_has_nothing_against_it() -> None:
    assert found(book_text(ladder(HOLDER, DEPUTY))) == []


def test_the_ready_made_ladders_have_nothing_against_them() -> None:
    kinds = {("煤矿调度室", Level.VILLAGE), ("包保领导", Level.VILLAGE)}
    kinds |= {("护林员", Level.VILLAGE), ("林长", Level.TOWNSHIP)}
    full = RosterFacts(held=frozenset(kinds), families=frozenset(Hazard))
    assert look_over(default_book(), full) == ()
    # Where a county has neither mines nor forests, nobody is troubled by the posts for them.
    assert look_over(default_book(), NO_ROSTER) == ()


@pytest.mark.parametrize(
    ("village", "field", "severity", "said"),
    [
        (
            ladder(HOLDER, "{who: holder, channels: [voice], tries: 1, gap_s: 60, wait_s: 150}"),
            "rules[1].tiers.village.rungs[2]",
            Severity.ERROR,
            "never ask anybody",
        ),
        (
            ladder(HOLDER, DEPUTY, more="deadline_s: 600, stop: 3"),
            "rules[1].tiers.village.stop",
            Severity.ERROR,
            "3 people must answer, but the rungs ask 2 at most",
        ),
        (
            ladder(HOLDER, more="deadline_s: 600, after: {tier: village, wait_s: 60}"),
            "rules[1].tiers.village.after",
            Severity.ERROR,
            "in a circle: villages and sites → villages and sites",
        ),
        (
            ladder(HOLDER, more="deadline_s: 600, after: {tier: township, wait_s: 60}"),
            "rules[1].tiers.village.after.tier",
            Severity.WARNING,
            "always waits 1 min",
        ),
        (
            ladder(HOLDER, more="deadline_s: 120"),
            "rules[1].tiers.village.rungs[1].wait_s",
            Severity.WARNING,
            "longer than the deadline of 2 min",
        ),
        (
            ladder("{who: holder, channels: [sms, voice], tries: 3, gap_s: 60, wait_s: 120}"),
            "rules[1].tiers.village.rungs[1].wait_s",
            Severity.WARNING,
            "3 tries 1 min apart take 2 min",
        ),
        (
            ladder("{who: holder, channels: [voice], tries: 2, gap_s: 30, wait_s: 150}"),
            "rules[1].tiers.village.rungs[1].gap_s",
            Severity.WARNING,
            "one call a minute",
        ),
        (
            ladder("{who: holder, channels: [sms, voice], in_turn: true, wait_s: 150}"),
            "rules[1].tiers.village.rungs[1].tries",
            Severity.ERROR,
            "the last of 2 channels is never used",
        ),
        (
            ladder(
                "{who: holder, channels: [sms], wait_s: 10000}",
                DEPUTY,
                more="deadline_s: 20000",
            ),
            None,
            None,
            "",
        ),
        (
            ladder(
                HOLDER,
                more="deadline_s: 600, feedback: [{stage: on_post, within_s: 900},"
                " {stage: on_post, within_s: 600}]",
            ),
            "rules[1].tiers.village.feedback",
            Severity.ERROR,
            "has two clocks",
        ),
    ],
)
def test_what_can_never_run_or_comes_too_late_is_found(
    village: str, field: str | None, severity: Severity | None, said: str
) -> None:
    told = found(book_text(village))
    if field is None:
        assert told == []
        return
    assert [(one.field, one.severity) for one in told] == [(field, severity)]
    assert said in told[0].text


def test_a_last_rung_that_begins_after_red_warnings_are_over_is_told() -> None:
    slow = ladder("{who: holder, channels: [sms], wait_s: 11000}", DEPUTY, more="deadline_s: 20000")
    told = found(book_text(slow))
    assert [one.field for one in told] == ["rules[1].tiers.village.rungs[2]"] * 2
    assert ["begins after 183 min 20 s" in one.text for one in told] == [True, True]
    assert "Red warnings live 3 h" in told[1].text


def test_a_desk_has_no_holder_and_no_superior() -> None:
    text = book_text(ladder(HOLDER)).replace("who: desk", "who: [holder, superior]")
    (told,) = found(text)
    assert (told.field, told.severity) == ("rules[1].tiers.desk.rungs[1].who", Severity.ERROR)


def test_a_rule_behind_one_that_takes_everything_can_never_run() -> None:
    before = f"  - {{name: 先, {EVERYTHING}, tiers: {{{DESK}}}}}\n"
    (told,) = found(book_text(ladder(HOLDER), before=before))
    assert (told.field, told.severity) == ("rules[2]", Severity.ERROR)


def test_a_rule_for_the_night_does_not_hide_the_one_for_the_day() -> None:
    night = f'  - {{name: 夜, {EVERYTHING}, hours: {{from: "22:00", to: "06:00"}}, tiers: {{{DESK}}}}}\n'
    assert found(book_text(ladder(HOLDER), before=night)) == []


def test_a_case_that_no_rule_fits_is_an_error_and_named() -> None:
    text = book_text(ladder(HOLDER)).replace(EVERYTHING, "colours: [red]\n    hazards: [rain]")
    told = found(text)
    assert {(one.field, one.severity) for one in told} == {("rules", Severity.ERROR)}
    assert "No rule fits every hazard at Blue" in told[0].text
    # Of red everything but rain is missing.
    assert "rainstorm" not in told[3].text
    assert "flood" in told[3].text
    by_day = book_text(ladder(HOLDER)).replace(
        EVERYTHING, EVERYTHING + '\n    hours: {from: "08:00", to: "18:00"}'
    )
    assert len(found(by_day)) == 4


@pytest.mark.parametrize(
    ("person", "severity", "said"),
    [
        (None, Severity.ERROR, "is not on the roster"),
        (NamedContact("赵演示", retired=True, has_number=True), Severity.ERROR, "has left the roster"),
        (NamedContact("赵演示", retired=False, has_number=False), Severity.WARNING, "has no number"),
        (NamedContact("赵演示", retired=False, has_number=True), None, ""),
    ],
)
def test_a_named_person_must_be_there_and_have_a_number(
    person: NamedContact | None, severity: Severity | None, said: str
) -> None:
    rung = f"{{who: {{person: {ZHAO}, name: 赵演示}}, channels: [voice], wait_s: 150}}"
    roster = RosterFacts(people={ZHAO: person} if person else {})
    told = found(book_text(ladder(rung)), roster)
    assert [(one.field, one.severity) for one in told] == (
        [("rules[1].tiers.village.rungs[1].who", severity)] if severity else []
    )
    assert all(said in one.text for one in told)


def test_a_named_post_that_nobody_holds_is_told() -> None:
    rung = "{who: {post: 林长, of: township}, channels: [voice], wait_s: 150}"
    (told,) = found(book_text(ladder(rung)))
    assert (told.severity, "林长 (in the same township)" in told.text) == (Severity.WARNING, True)
    assert found(book_text(ladder(rung)), RosterFacts(held=frozenset({("林长", Level.TOWNSHIP)}))) == []


def test_superiors_in_a_circle_are_told() -> None:
    (told,) = found(book_text(ladder(HOLDER)), RosterFacts(superior_circles=(("赵演示", "钱演示"),)))
    assert "赵演示 → 钱演示 → 赵演示" in told.text


def test_a_place_is_told_in_words() -> None:
    with speaking("zh-CN"):
        assert place_words("rules[2].tiers.village.rungs[1].who", ["甲", "红色预警"]) == (
            "规则“红色预警” 村级 第1梯级"
        )
        assert place_words("night.from", []) == "night.from"


def test_what_cannot_be_read_is_told_with_its_place_in_words() -> None:
    with speaking("zh-CN"), pytest.raises(Refusal) as refused:
        parse_book(book_text(ladder("{who: nobody, channels: [voice], wait_s: 150}")))
    complaint = refused.value.complaints[0]
    assert complaint.field == "rules[1].tiers.village.rungs[1].who"
    assert complaint.text.startswith("规则“全部” 村级 第1梯级：")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (book_text(ladder(HOLDER)) + "notes: 3\n", "notes"),
        (book_text(ladder(HOLDER.replace("tries", "trys"))), "trys"),
        (book_text(ladder(HOLDER, more="deadline_s: 600, afetr: 3")), "afetr"),
    ],
)
def test_a_misspelt_field_is_not_silently_left_out(text: str, said: str) -> None:
    with speaking("en"), pytest.raises(Refusal) as refused:
        parse_book(text)
    assert f"“{said}” is not one of" in refused.value.complaints[0].text


def test_a_file_that_repeats_itself_without_end_is_refused_at_once() -> None:
    lines = ["x-0: &a0 [1, 2]", *(f"x-{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    for more in ("rules: *a39", "x-a: &me [*me]\nrules: []"):
        with pytest.raises(Refusal):
            parse_book("\n".join([*lines, more]))


PEOPLE = [UUID(int=number) for number in range(6)]


@given(st.dictionaries(st.sampled_from(PEOPLE), st.sets(st.sampled_from(PEOPLE)), max_size=6))
@settings(max_examples=200, deadline=None)
def test_every_circle_told_is_one_and_none_is_told_where_there_is_none(above: dict[UUID, set[UUID]]) -> None:
    circles = circles_in(above)
    for circle in circles:
        assert all(step in above[person] for person, step in pairwise((*circle, circle[0])))
    assert bool(circles) == any(_comes_back(person, above) for person in above)


def _comes_back(person: UUID, above: dict[UUID, set[UUID]]) -> bool:
    seen: set[UUID] = set()
    waiting = list(above.get(person, ()))
    while waiting:
        step = waiting.pop()
        if step == person:
            return True
        if step not in seen:
            seen.add(step)
            waiting += above.get(step, ())
    return False
