"""Figures of moved people: what was said last of a place counts, and nothing counts twice."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.dispatch.figures import Count, Figure, Statement, figures_by_place

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
COUNTY, TOWN, OTHER_TOWN = "140521000000", "140521100000", "140521101000"
VILLAGE, NEXT_VILLAGE, FAR_VILLAGE = "140521100201", "140521100202", "140521101201"
PLACES = (VILLAGE, NEXT_VILLAGE, FAR_VILLAGE, TOWN, COUNTY)
ZHAO, QIAN = UUID(int=1), UUID(int=2)


def said(
    minute: int,
    area: str,
    people: int | None,
    households: int | None = None,
    by: UUID | None = ZHAO,
    figure: Figure = Figure.MOVED,
) -> Statement:
    return Statement(
        UUID(int=100 + minute), area, figure, households, people, by, NOW + timedelta(minutes=minute)
    )


def moved(*statements: Statement, of: str = COUNTY) -> Count:
    return figures_by_place(statements)[of].of(Figure.MOVED).count


STATEMENTS = st.lists(
    st.builds(
        said,
        st.integers(0, 10_000),
        st.sampled_from(PLACES),
        st.one_of(st.none(), st.integers(0, 500)),
        st.one_of(st.none(), st.integers(0, 200)),
        st.sampled_from([ZHAO, QIAN, None]),
        st.sampled_from(Figure),
    ),
    max_size=14,
    unique_by=lambda item: item.id,
)


@given(STATEMENTS, st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_in_whatever_order_they_come_the_figures_are_the_same(
    statements: list[Statement], shuffled: random.Random
) -> None:
    other = list(statements)
    shuffled.shuffle(other)
    assert figures_by_place(other) == figures_by_place(statements)


@given(STATEMENTS)
@settings(max_examples=200)
def test_what_was_said_last_of_a_village_counts(statements: list[Statement]) -> None:
    found = figures_by_place(statements)
    for area in (VILLAGE, NEXT_VILLAGE, FAR_VILLAGE):
        told = [
            item
            for item in statements
            if item.area_code == area and item.figure is Figure.MOVED and item.people is not None
        ]
        last = max(told, key=lambda item: item.when).people if told else None
        count = found[area].of(Figure.MOVED).count if area in found else Count()
        assert count.people == last


@given(STATEMENTS)
@settings(max_examples=200)
def test_said_twice_counts_once(statements: list[Statement]) -> None:
    assert figures_by_place([*statements, *statements]) == figures_by_place(statements)


@given(STATEMENTS)
@settings(max_examples=200)
def test_what_stands_above_is_never_more_than_what_was_said_below_or_of_itself(
    statements: list[Statement],
) -> None:
    found = figures_by_place(statements)
    for figure in Figure:
        villages = sum(found[area].of(figure).count.people or 0 for area in PLACES[:3] if area in found)
        own = max(
            [
                item.people or 0
                for item in statements
                if item.figure is figure and item.area_code[9:] == "000"
            ],
            default=0,
        )
        for area in (TOWN, COUNTY):
            if area in found:
                assert (found[area].of(figure).count.people or 0) <= villages + 2 * own


def test_villages_add_up_by_township_and_county() -> None:
    told = (said(1, VILLAGE, 35, 12), said(2, NEXT_VILLAGE, 20, 8), said(3, FAR_VILLAGE, 5, 2))
    assert moved(*told, of=TOWN) == Count(20, 55)
    assert moved(*told) == Count(22, 60)


def test_a_later_report_replaces_and_is_never_added() -> None:
    assert moved(said(1, VILLAGE, 35, 12), said(2, VILLAGE, 38, 13)) == Count(13, 38)


def test_people_alone_correct_the_people_alone() -> None:
    assert moved(said(1, VILLAGE, 35, 12), said(2, VILLAGE, 38)) == Count(12, 38)


def test_of_two_who_report_for_one_village_the_newest_counts_and_the_other_is_shown() -> None:
    figures = figures_by_place([said(1, VILLAGE, 35, 12), said(2, VILLAGE, 30, 10, by=QIAN)])
    of_village = figures[VILLAGE].of(Figure.MOVED)
    assert of_village.count == Count(10, 30)
    assert of_village.differs == (Count(12, 35),)
    assert figures[TOWN].of(Figure.MOVED).count == Count(10, 30)


def test_two_who_say_the_same_do_not_differ() -> None:
    figures = figures_by_place([said(1, VILLAGE, 35, 12), said(2, VILLAGE, 35, by=QIAN)])
    assert figures[VILLAGE].of(Figure.MOVED).differs == ()


def test_the_officers_correction_replaces_and_settles_the_difference() -> None:
    told = [said(1, VILLAGE, 35, 12), said(2, VILLAGE, 30, 10, by=QIAN), said(3, VILLAGE, 33, 11, by=None)]
    of_village = figures_by_place(told)[VILLAGE].of(Figure.MOVED)
    assert (of_village.count, of_village.differs, of_village.by_hand) == (Count(11, 33), (), True)
    later = figures_by_place([*told, said(4, VILLAGE, 40, 14)])[VILLAGE].of(Figure.MOVED)
    assert (later.count, later.by_hand) == (Count(14, 40), False)


def test_a_townships_own_figure_and_its_villages_are_not_added() -> None:
    told = (said(1, VILLAGE, 35, 12), said(2, TOWN, 50, 18))
    figures = figures_by_place(told)
    assert figures[TOWN].of(Figure.MOVED).count == Count(18, 50)
    assert figures[TOWN].of(Figure.MOVED).differs == (Count(12, 35),)
    assert moved(*told) == Count(18, 50)


def test_the_officers_word_on_a_township_replaces_the_sum_until_a_village_reports_anew() -> None:
    told = [said(1, VILLAGE, 35, 12), said(2, NEXT_VILLAGE, 35, 12), said(3, TOWN, 40, 14, by=None)]
    assert moved(*told, of=TOWN) == Count(14, 40)
    assert moved(*told) == Count(14, 40)
    assert moved(*told, said(4, VILLAGE, 36, 12), of=TOWN) == Count(24, 71)


def test_planned_moved_and_settled_are_counted_apart() -> None:
    told = [
        said(1, VILLAGE, 35, figure=Figure.PLANNED),
        said(2, VILLAGE, 30),
        said(3, VILLAGE, 20, figure=Figure.SETTLED),
    ]
    of_county = figures_by_place(told)[COUNTY]
    assert [of_county.of(figure).count.people for figure in Figure] == [35, 30, 20]
