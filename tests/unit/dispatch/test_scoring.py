"""The score of a drill: shares by their clocks, who was not woken, and the curve."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.dispatch.scoring.model import ScoredPerson, score_of, tally
from jiaoying.dispatch.states import CallOutState
from jiaoying.kernel.areas import Level

BEGAN = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)


def person(
    name: str,
    woken_s: int | None = None,
    *,
    reported_s: int | None = None,
    level: Level = Level.VILLAGE,
    township: str = "140521100000",
    asked_s: int = 0,
) -> ScoredPerson:
    asked = BEGAN + timedelta(seconds=asked_s)
    woken = None if woken_s is None else asked + timedelta(seconds=woken_s)
    return ScoredPerson(
        name=name,
        labels=(f"{name} 防汛责任人",),
        level=level,
        township=township,
        township_name="龙港镇",
        asked_at=asked,
        called_at=asked + timedelta(seconds=5),
        woken_at=woken,
        reported_at=woken + timedelta(seconds=reported_s) if woken and reported_s is not None else None,
        feedback_within=timedelta(minutes=15),
        state=CallOutState.ANSWERED if woken else CallOutState.EXHAUSTED,
        reason=None if woken else "no_answer",
    )


def test_the_shares_count_from_when_each_was_to_be_called() -> None:
    people = [
        person("甲", 180),
        person("乙", 181),
        person("丙", 300, asked_s=600),  # a deputy, called ten minutes later
        person("丁", 901),
        person("戊"),
    ]
    score = score_of(people, BEGAN - timedelta(seconds=10))
    assert score.total.within == (1, 3, 3)
    assert score.total.percents == (20.0, 60.0, 60.0)
    assert (score.total.people, score.total.woken) == (5, 4)
    assert [one.name for one in score.not_woken] == ["戊"]
    assert score.first_call_after == timedelta(seconds=15)
    assert score.slowest_call_after == timedelta(seconds=5)


def test_levels_and_townships_each_have_their_figures() -> None:
    people = [
        person("甲", 60),
        person("乙", level=Level.TOWNSHIP),
        person("丙", 60, township="140521101000"),
    ]
    score = score_of(people, BEGAN)
    assert {level: tally.woken for level, tally in score.levels.items()} == {
        Level.VILLAGE: 2,
        Level.TOWNSHIP: 0,
    }
    assert {code: tally.people for code, (_, tally) in score.townships.items()} == {
        "140521100000": 2,
        "140521101000": 1,
    }


def test_feedback_counts_by_its_clock() -> None:
    people = [person("甲", 60, reported_s=899), person("乙", 60, reported_s=901), person("丙", 60)]
    counted = tally(people)
    assert (counted.reported, counted.reported_in_time) == (2, 1)


def test_of_nobody_there_is_no_share() -> None:
    score = score_of([], BEGAN)
    assert score.total.percents == (None, None, None)
    assert score.curve == ()
    assert score.first_call_after is None


@settings(max_examples=100)
@given(st.lists(st.one_of(st.none(), st.integers(0, 3600)), max_size=30))
def test_the_curve_rises_and_agrees_with_the_shares(waits: list[int | None]) -> None:
    score = score_of([person(str(place), wait) for place, wait in enumerate(waits)], BEGAN)
    assert list(score.curve) == sorted(score.curve)
    if waits:
        assert (score.curve[6], score.curve[10], score.curve[30]) == score.total.percents
    assert len(score.not_woken) + score.total.woken == len(waits)
