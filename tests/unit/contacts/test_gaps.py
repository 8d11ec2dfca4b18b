"""What a gap is: the hazards that a roster tells apart, gravity, figures, circles, words, map and sheet."""

import io
from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from jiaoying.contacts.gaps.circles import circles_in
from jiaoying.contacts.gaps.map import WIDTH, draw
from jiaoying.contacts.gaps.model import (
    HYGIENE,
    Gap,
    GapKind,
    GapReport,
    Severity,
    Tally,
    Unit,
    Wanted,
    group_hazards,
    severity_of,
    week_from,
)
from jiaoying.contacts.gaps.sheet import gap_sheet
from jiaoying.contacts.gaps.words import gap_text, gap_word, hours_words, remedy
from jiaoying.kernel.hazards import Hazard, families_concerned
from jiaoying.kernel.language import CHINESE, speaking

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
VILLAGE = "140521100201"
hazard_lists = st.lists(st.lists(st.sampled_from(list(Hazard)), max_size=4), max_size=6)


def gap(kind: GapKind, area: str = VILLAGE, **more: object) -> Gap:
    return Gap(kind, area, "杏园村", "龙港镇", **more)  # type: ignore[arg-type]


@given(hazard_lists)
def test_groups_hold_every_hazard_once_and_masks_tell_who_is_reached(written: list[list[Hazard]]) -> None:
    groups = group_hazards(written)
    assert sorted(hazard for group in groups.groups for hazard in group) == sorted(Hazard)
    for families in written:
        reached = groups.hazards_in(groups.mask_of(families)) or tuple(Hazard)
        expected = {h for h in Hazard if not families or families_concerned(h) & set(families)}
        assert set(reached) == expected or (not expected and reached == tuple(Hazard))


def test_a_week_covers_the_local_days_it_touches() -> None:
    week = week_from(datetime(2026, 7, 14, 17, 0, tzinfo=UTC), ZONE)  # one in the morning of the 15th
    assert (str(week.first_day), str(week.last_day)) == ("2026-07-15", "2026-07-22")
    assert week.end - week.begin == timedelta(days=7)


def test_the_gravest_kinds_stand_first() -> None:
    severities = [severity_of(kind) for kind in GapKind]
    assert severities == sorted(severities, reverse=True)


def test_figures_count_each_village_once_by_its_worst() -> None:
    town = Unit("140521100000", "龙港镇", 3)
    tally = Tally({town.code: town}, 9)
    for kind, area in (
        (GapKind.NO_DEPUTY, VILLAGE),
        (GapKind.NOBODY, VILLAGE),
        (GapKind.VACANT, VILLAGE),
        (GapKind.UNREACHED, "140521100202"),
        (GapKind.TOO_MANY, "140521100203"),
        (GapKind.NO_DESK, "140521100000"),
    ):
        tally.add(gap(kind, area))
    assert (town.fully_covered, town.without_anybody, town.worst) == (1, 1, Severity.GRAVE)
    assert tally.worst[VILLAGE] == Severity.GRAVE
    assert "140521100203" not in tally.worst
    assert sum(tally.counts.values()) == 6


@pytest.mark.parametrize("order", [*permutations((GapKind.NO_DEPUTY, GapKind.NOBODY, GapKind.ENDING))])
def test_figures_do_not_depend_on_the_order(order: tuple[GapKind, ...]) -> None:
    town = Unit("140521100000", "龙港镇", 1)
    tally = Tally({town.code: town}, 9)
    for kind in order:
        tally.add(gap(kind))
    assert (town.fully_covered, town.without_anybody) == (0, 1)


def test_filters_keep_what_concerns_all_hazards() -> None:
    fire = gap(GapKind.NO_DEPUTY, hazards=(Hazard.WILDFIRE,))
    everything = gap(GapKind.NO_DEPUTY)
    assert [Wanted(hazard=Hazard.RAIN).wants(one) for one in (fire, everything)] == [False, True]
    assert not Wanted(area="140521101000").wants(fire)
    assert Wanted(area="140521100000", kind=GapKind.NO_DEPUTY).wants(fire)


def people(count: int) -> list[UUID]:
    return [UUID(int=number) for number in range(1, count + 1)]


def test_circles_of_any_length_are_found_and_chains_are_none() -> None:
    a, b, c, d, e = people(5)
    assert circles_in([(a, b), (b, c), (c, d)]) == []
    assert circles_in([(a, a), (b, a)]) == [(a,)]
    assert sorted(circles_in([(a, b), (b, a), (c, d), (d, e), (e, c), (a, c)])) == [(a, b), (c, d, e)]


def test_a_long_circle_needs_no_deep_stack() -> None:
    everybody = people(5_000)
    assert circles_in(zip(everybody, [*everybody[1:], everybody[0]], strict=True)) == [tuple(everybody)]


@given(st.sets(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=14))
def test_who_reaches_themself_is_in_a_circle(edges: set[tuple[int, int]]) -> None:
    reach = set(edges)
    for _ in range(6):
        reach |= {(a, d) for (a, b), (c, d) in product(reach, edges) if b == c}
    found = circles_in((UUID(int=a), UUID(int=b)) for a, b in sorted(edges))
    assert sorted(person.int for circle in found for person in circle) == sorted(
        a for a, b in reach if a == b
    )
    for circle in found:
        assert all((a.int, b.int) in reach for a, b in product(circle, circle))


def test_hours_are_told_by_the_days_of_the_week() -> None:
    with speaking(CHINESE):
        begin = datetime(2026, 7, 18, 12, 0, tzinfo=UTC)
        hours = [(begin, begin + timedelta(hours=12))]
        assert hours_words(hours, ZONE) == "周六 20:00–周日 08:00"
        assert hours_words((), ZONE) == "整周"
        assert hours_words(hours * 6, ZONE).endswith("等 6 段")


@pytest.mark.parametrize("kind", list(GapKind))
def test_every_kind_has_words_and_a_remedy(kind: GapKind) -> None:
    with speaking(CHINESE):
        one = gap(kind, post_kinds=("防汛责任人",), place_name="一号点", day=NOW.date(), count=2, name="赵某")
        assert gap_word(kind)
        assert gap_text(one, ZONE)
        assert remedy(one)
    assert (kind in HYGIENE) <= (severity_of(kind) == Severity.WEAK)


def test_the_sheet_is_by_place_and_names_no_formula() -> None:
    week = week_from(NOW, ZONE)
    gaps = (
        gap(GapKind.NO_DEPUTY, "140521100202", name="=1+1"),
        gap(GapKind.NOBODY, VILLAGE, hazards=(Hazard.RAIN,)),
        gap(GapKind.VACANT, "140521100202", post_kinds=("防汛责任人",)),
    )
    with speaking(CHINESE):
        body = gap_sheet(GapReport(week, (), {}, {}, gaps, 3), "责任空白清单：沁水县")
    sheet = load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    assert [row[2] for row in rows] == ["无人可叫应", "岗位空缺", "无B角"]
    assert rows[0][3] == "发布暴雨预警时无人可叫应"
    assert sheet["E6"].data_type == "s"
    assert sheet["A1"].value == "责任空白清单：沁水县"


def test_the_map_keeps_proportions_and_lies_inside_its_sheet() -> None:
    county = shapely.box(112.0, 35.0, 113.0, 36.0)
    town = shapely.box(112.2, 35.2, 112.4, 35.4)
    drawn = draw(
        "140521000000",
        [("140521000000", "沁水县", county.wkb), ("140521100000", "龙港镇", town.wkb)],
        [(VILLAGE, "杏园村", 112.3, 35.9)],
    )
    assert drawn is not None
    (seat,) = drawn.seats
    assert 0 < seat.x < WIDTH
    assert 0 < seat.y < drawn.height / 4  # in the north
    assert [shape.name for shape in drawn.shapes] == ["龙港镇"]
    assert drawn.outline.startswith("M")
    assert drawn.outline.endswith("Z")


def test_where_no_place_inside_is_known_there_is_no_map() -> None:
    assert draw("140521000000", [], []) is None
    assert draw("140521000000", [("140521000000", "沁水县", shapely.box(112, 35, 113, 36).wkb)], []) is None
