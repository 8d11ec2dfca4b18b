"""Gaps of the roster on a real PostgreSQL: each found where it is, and nothing where nothing is missing."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from jiaoying.contacts.gaps.model import Gap, GapKind, GapReport, Severity, Wanted
from jiaoying.contacts.gaps.store import read_gaps, villages_without_anybody
from jiaoying.kernel.hazards import Hazard, families_concerned
from jiaoying.storage.database import Database, Tx
from storage.gap_roster import (
    COUNTY,
    NOW,
    WATER,
    WEEK,
    ZONE,
    Duty,
    Person,
    Roster,
    slow_gaps,
    told,
    whole_county,
)

TOWN = "140522100000"
VILLAGE = "140522100201"
OTHER = "140522100202"


@pytest.fixture
async def tx(database: Database) -> AsyncIterator[Tx]:
    async with database.transaction() as opened:
        yield opened


async def gaps_of(tx: Tx, roster: Roster, area: str = COUNTY, wanted: Wanted | None = None) -> GapReport:
    await roster.save(tx)
    return await read_gaps(tx, area, WEEK, wanted or Wanted())


def one(report: GapReport, kind: GapKind) -> Gap:
    """The only gap that was found, and it is of this kind."""
    assert [gap.kind for gap in report.gaps] == [kind], report.gaps
    return report.gaps[0]


def holder_at(roster: Roster, area: str) -> Person:
    holder = duty_at(roster, area).holder
    assert holder is not None
    return holder


def kinds(report: GapReport) -> Counter[GapKind]:
    return Counter(gap.kind for gap in report.gaps)


def duty_at(roster: Roster, area: str) -> Duty:
    return next(duty for duty in roster.duties if duty.area == area)


def local(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 7, day, hour, tzinfo=ZONE)


async def test_where_nothing_is_missing_nothing_is_told(tx: Tx) -> None:
    report = await gaps_of(tx, whole_county())
    assert report.gaps == ()
    assert (report.villages, report.fully_covered, report.without_anybody) == (6, 6, 0)
    assert [(unit.name, unit.villages, unit.worst) for unit in report.units] == [
        ("龙港镇", 3, Severity.NONE),
        ("中村镇", 3, Severity.NONE),
    ]


async def test_a_village_without_anybody_is_told_with_the_post_that_others_have(tx: Tx) -> None:
    roster = whole_county()
    roster.duties.remove(duty_at(roster, VILLAGE))
    report = await gaps_of(tx, roster)
    gap = one(report, GapKind.NOBODY)
    assert (gap.area_code, gap.township_name, gap.post_kinds, gap.hours) == (
        VILLAGE,
        "龙港镇",
        ("防汛责任人",),
        (),
    )
    assert Hazard.FLASH_FLOOD in gap.hazards
    assert Hazard.WILDFIRE not in gap.hazards
    assert report.units[0].without_anybody == 1
    assert report.fully_covered == 5


async def test_what_most_places_lack_is_not_asked_of_any(tx: Tx) -> None:
    roster = whole_county()
    person, deputy = roster.person("护林员"), roster.person("副")
    roster.duty(VILLAGE, "森林防火责任人", person, deputy, hazards=("wildfire",))
    assert (await gaps_of(tx, roster)).gaps == ()


async def test_days_between_two_posts_are_told_as_hours(tx: Tx) -> None:
    roster = whole_county()
    duty = duty_at(roster, VILLAGE)
    roster.swap(duty, ends=date(2026, 7, 16))
    roster.duty(VILLAGE, "防汛责任人", duty.holder, duty.deputy, hazards=WATER, begins=date(2026, 7, 19))
    gap = one(await gaps_of(tx, roster), GapKind.NOBODY)
    assert gap.hours == ((local(17), local(19)),)


async def test_the_deputy_stands_in_for_a_holder_without_a_number(tx: Tx) -> None:
    roster = whole_county()
    holder = holder_at(roster, VILLAGE)
    roster.change(holder, standings=("dead", "wrong_person"))
    report = await gaps_of(tx, roster)
    gap = one(report, GapKind.NO_NUMBER)
    assert (gap.name, gap.contact_id, gap.post_kinds) == (f"{VILLAGE}支书", holder.id, ("防汛责任人",))


async def test_nobody_can_be_called_where_neither_has_a_number(tx: Tx) -> None:
    roster = whole_county()
    roster.change(holder_at(roster, VILLAGE), standings=("dead",))
    duty = duty_at(roster, VILLAGE)
    assert duty.deputy
    roster.change(duty.deputy, standings=())
    assert kinds(await gaps_of(tx, roster)) == {
        GapKind.NOBODY: 1,
        GapKind.NO_NUMBER: 1,
        GapKind.DEPUTY_NO_NUMBER: 1,
    }


async def test_a_post_nobody_holds_is_told_also_when_its_holder_left(tx: Tx) -> None:
    roster = whole_county()
    roster.swap(duty_at(roster, VILLAGE), holder=None)
    roster.change(holder_at(roster, OTHER), retired=True)
    report = await gaps_of(tx, roster)
    assert {(gap.kind, gap.area_code) for gap in report.gaps} == {
        (GapKind.VACANT, VILLAGE),
        (GapKind.VACANT, OTHER),
    }
    assert {gap.post_id for gap in report.gaps} == {duty_at(roster, code).id for code in (VILLAGE, OTHER)}


async def test_a_number_that_nobody_was_reached_on_for_long_is_told(tx: Tx) -> None:
    roster = whole_county()
    roster.change(holder_at(roster, VILLAGE), reached=False)
    report = await gaps_of(tx, roster)
    assert one(report, GapKind.UNREACHED).severity == Severity.WEAK
    assert (report.fully_covered, report.without_anybody) == (5, 0)


async def test_a_deputy_who_is_missing_or_the_holder_is_told(tx: Tx) -> None:
    roster = whole_county()
    roster.swap(duty_at(roster, VILLAGE), deputy=None)
    duty = duty_at(roster, OTHER)
    roster.swap(duty, deputy=duty.holder)
    report = await gaps_of(tx, roster)
    assert {(gap.kind, gap.area_code) for gap in report.gaps} == {
        (GapKind.NO_DEPUTY, VILLAGE),
        (GapKind.DEPUTY_IS_HOLDER, OTHER),
    }


async def test_posts_of_one_person_are_one_line(tx: Tx) -> None:
    roster = whole_county()
    duty = duty_at(roster, VILLAGE)
    roster.duty(VILLAGE, "网格员", duty.holder, duty.deputy)
    roster.change(holder_at(roster, VILLAGE), reached=False)
    gap = one(await gaps_of(tx, roster), GapKind.UNREACHED)
    assert set(gap.post_kinds) == {"网格员", "防汛责任人"}


async def test_a_post_is_the_same_under_the_name_of_another_kind_of_place(tx: Tx) -> None:
    roster = whole_county()
    duty = duty_at(roster, VILLAGE)
    roster.swap(duty, kind="村防汛责任人")
    assert (await gaps_of(tx, roster)).gaps == ()


async def test_a_post_that_others_have_is_missed_where_somebody_answers_anyway(tx: Tx) -> None:
    roster = whole_county()
    roster.swap(duty_at(roster, VILLAGE), kind="网格员", hazards=())
    gap = one(await gaps_of(tx, roster), GapKind.MISSING_POST)
    assert (gap.area_code, gap.post_kinds) == (VILLAGE, ("防汛责任人",))


async def test_who_leaves_office_and_is_not_followed_is_told(tx: Tx) -> None:
    roster = whole_county()
    duty = duty_at(roster, VILLAGE)
    for kind, last in (
        ("护林员", date(2026, 7, 10)),
        ("巡河员", date(2026, 7, 18)),
        ("旧岗", date(2026, 1, 1)),
    ):
        roster.duty(VILLAGE, kind, duty.holder, duty.deputy, ends=last)
    roster.duty(VILLAGE, "安全员", duty.holder, duty.deputy, ends=date(2026, 7, 18))
    roster.duty(VILLAGE, "村安全员", duty.deputy, duty.holder, begins=date(2026, 7, 19))
    report = await gaps_of(tx, roster)
    assert {(gap.kind, gap.post_kinds, gap.day) for gap in report.gaps} == {
        (GapKind.ENDED, ("护林员",), date(2026, 7, 10)),
        (GapKind.ENDING, ("巡河员",), date(2026, 7, 18)),
    }


async def test_posts_of_an_area_that_is_no_more_are_told(tx: Tx) -> None:
    roster = whole_county()
    roster.areas[VILLAGE] = ("龙港镇201村", "village", True)
    gap = one(await gaps_of(tx, roster), GapKind.RETIRED_AREA)
    assert (gap.area_code, gap.count) == (VILLAGE, 1)


async def test_danger_points_want_somebody_who_watches_and_somebody_who_answers(tx: Tx) -> None:
    roster = whole_county()
    duty = duty_at(roster, VILLAGE)
    alone, watched, led, good = (roster.point(VILLAGE, name) for name in ("甲", "乙", "丙", "丁"))
    for point, kind in (
        (watched, "监测人"),
        (led, "监测责任人"),
        (good, "群测群防员"),
        (good, "防灾责任人"),
    ):
        roster.duty(VILLAGE, kind, duty.holder, duty.deputy, hazards=("geohazard",), point=point)
    report = await gaps_of(tx, roster)
    assert {(gap.kind, gap.place_name, gap.point_id) for gap in report.gaps} == {
        (GapKind.POINT_NOBODY, "甲", alone),
        (GapKind.POINT_NO_LEADER, "乙", watched),
        (GapKind.POINT_NO_WATCHER, "丙", led),
    }


async def test_hours_at_a_desk_without_a_name_are_told_as_stretches(tx: Tx) -> None:
    roster = whole_county()
    (county_desk, *_) = roster.desks
    roster.shifts = [shift for shift in roster.shifts if shift[0] != county_desk]
    roster.shifts += [
        (county_desk, NOW - timedelta(hours=1), local(18, 20)),
        (county_desk, local(19, 8), local(20, 8)),
        (county_desk, local(20, 8), NOW + timedelta(days=8)),
    ]
    gap = one(await gaps_of(tx, roster), GapKind.DESK_UNNAMED)
    assert (gap.place_name, gap.hours) == ("县值班室", ((local(18, 20), local(19, 8)),))


async def test_a_desk_without_a_number_of_its_own_is_graver(tx: Tx) -> None:
    roster = whole_county()
    (county_desk, *_) = roster.desks
    roster.desks[county_desk] = (COUNTY, "县值班室", None)
    roster.shifts = [shift for shift in roster.shifts if shift[0] != county_desk]
    gap = one(await gaps_of(tx, roster), GapKind.DESK_EMPTY)
    assert (gap.severity, gap.hours) == (Severity.GRAVE, ())


async def test_a_township_without_a_desk_is_told(tx: Tx) -> None:
    roster = whole_county()
    roster.desks = {desk: facts for desk, facts in roster.desks.items() if facts[0] != TOWN}
    roster.shifts = [shift for shift in roster.shifts if shift[0] in roster.desks]
    assert one(await gaps_of(tx, roster), GapKind.NO_DESK).area_code == TOWN


async def test_too_many_villages_on_one_person_are_told_with_their_number(tx: Tx) -> None:
    roster = whole_county()
    busy, deputy = roster.person("一肩挑"), roster.person("副")
    for area in sorted(code for code, (_, level, _) in roster.areas.items() if level == "village")[:4]:
        roster.duty(area, "网格员", busy, deputy)
    gap = next(gap for gap in (await gaps_of(tx, roster)).gaps if gap.kind == GapKind.TOO_MANY)
    assert (gap.name, gap.count, gap.area_code) == ("一肩挑", 4, VILLAGE)


async def test_a_number_of_several_people_is_told_with_them_all(tx: Tx) -> None:
    roster = whole_county()
    for area in (VILLAGE, OTHER):
        roster.change(holder_at(roster, area), number="+8610099999999")
    report = await gaps_of(tx, roster)
    gap = one(report, GapKind.SHARED_NUMBER)
    assert (set(gap.name.split("、")), gap.count) == ({f"{VILLAGE}支书", f"{OTHER}支书"}, 2)
    assert report.fully_covered == 6


@pytest.mark.parametrize("length", [1, 2, 5])
async def test_superiors_in_a_circle_are_told(tx: Tx, length: int) -> None:
    roster = whole_county()
    duties = [duty for duty in roster.duties if not duty.area.endswith("000")][:length]
    for duty, above in zip(duties, [*duties[1:], duties[0]], strict=True):
        roster.swap(duty, superior=above.holder)
    assert one(await gaps_of(tx, roster), GapKind.SUPERIOR_LOOP).count == length


async def test_a_village_is_compared_with_its_county_when_only_it_is_asked_about(tx: Tx) -> None:
    roster = whole_county()
    roster.duties.remove(duty_at(roster, VILLAGE))
    roster.swap(duty_at(roster, OTHER), deputy=None)
    assert one(await gaps_of(tx, roster, area=VILLAGE), GapKind.NOBODY).area_code == VILLAGE


async def test_filters_choose_what_is_listed_and_the_figures_stay(tx: Tx) -> None:
    roster = whole_county()
    roster.duties.remove(duty_at(roster, VILLAGE))
    roster.swap(duty_at(roster, "140522101201"), deputy=None)
    await roster.save(tx)
    for wanted, expected in (
        (Wanted(area=TOWN), [GapKind.NOBODY]),
        (Wanted(kind=GapKind.NO_DEPUTY), [GapKind.NO_DEPUTY]),
        (Wanted(hazard=Hazard.RAIN), [GapKind.NOBODY, GapKind.NO_DEPUTY]),
        (Wanted(hazard=Hazard.EARTHQUAKE), []),
    ):
        report = await read_gaps(tx, COUNTY, WEEK, wanted)
        assert [gap.kind for gap in report.gaps] == expected
        assert report.counts == {GapKind.NOBODY: 1, GapKind.NO_DEPUTY: 1}
    assert (await read_gaps(tx, COUNTY, WEEK, most=1)).wanted == 2


async def test_under_a_warning_every_village_with_nobody_is_named(tx: Tx) -> None:
    roster = whole_county()
    roster.duties.remove(duty_at(roster, VILLAGE))
    gone = duty_at(roster, OTHER)
    roster.swap(gone, ends=date(2026, 7, 14))
    await roster.save(tx)
    today = WEEK.first_day
    for prefixes, hazard, expected in (
        (["140522"], Hazard.RAIN, [VILLAGE, OTHER]),
        (["140522100202"], Hazard.RAIN, [OTHER]),
        (["140522101"], Hazard.RAIN, []),
        (["140522101"], Hazard.WILDFIRE, ["140522101201", "140522101202", "140522101203"]),
    ):
        found = await villages_without_anybody(tx, prefixes, families_concerned(hazard), today)
        assert found == expected


async def test_a_slow_reading_of_random_rosters_finds_the_same(tx: Tx) -> None:
    seen: set[GapKind] = set()
    for seed in range(60):
        roster = random_roster(random.Random(seed))
        trial = await tx.begin_nested()
        await roster.save(tx)
        gaps = [gap for gap in (await read_gaps(tx, COUNTY, WEEK)).gaps if gap.kind not in _NOT_READ]
        assert Counter(map(told, gaps)) == Counter(slow_gaps(roster, WEEK)), f"seed {seed}"
        seen.update(gap.kind for gap in gaps)
        await trial.rollback()
    assert seen == set(GapKind) - _NOT_READ


# What the slow reading leaves to the tests above.
_NOT_READ = {
    *(GapKind.NO_DESK, GapKind.DESK_EMPTY, GapKind.DESK_UNNAMED),
    *(GapKind.SHARED_NUMBER, GapKind.SUPERIOR_LOOP),
}


def random_roster(chance: random.Random) -> Roster:
    roster = Roster()
    roster.area(COUNTY, "沁水县", "county")
    for town in ("140522100", "140522101", "140522102")[: chance.randint(1, 3)]:
        roster.area(f"{town}000", town, "township", retired=chance.random() < 0.05)
        for number in range(201, 201 + chance.randint(0, 4)):
            roster.area(f"{town}{number}", f"{number}村", "village", retired=chance.random() < 0.08)
    for place in range(10):
        standings = chance.choice(
            (("works",), ("dead",), ("silent", "dead"), (), ("off",), ("works", "works"))
        )
        roster.person(
            f"人{place}", standings=standings, reached=chance.random() < 0.7, retired=chance.random() < 0.1
        )
    codes = list(roster.areas)
    points = [roster.point(chance.choice(codes), "点") for _ in range(2)]
    for _ in range(chance.randint(3, 30)):
        roster.duty(
            chance.choice(codes),
            chance.choice(("防汛责任人", "村防汛责任人", "乡长", "镇长", "护林员", "监测人")),
            chance.choice((None, *roster.people)),
            chance.choice((None, *roster.people)),
            hazards=chance.choice((WATER, ("geohazard",), ("wildfire", "geohazard"), ())),
            begins=chance.choice((None, None, random_day(chance))),
            ends=chance.choice((None, None, random_day(chance))),
            point=chance.choice((None, None, None, *points)),
        )
    return roster


def random_day(chance: random.Random) -> date:
    return WEEK.first_day + timedelta(days=chance.choice((-200, -91, -90, -30, -1, 0, 1, 3, 6, 7, 8)))


async def test_each_report_is_planned_for_its_own_territory(tx: Tx) -> None:
    """A plan for any territory reads a million posts for one county; PostgreSQL turns to it by itself."""
    await whole_county().save(tx)
    for _ in range(8):
        await read_gaps(tx, COUNTY, WEEK)
    plans = text("SELECT sum(generic_plans) FROM pg_prepared_statements WHERE statement LIKE :such")
    assert await tx.scalar(plans, {"such": "%hazard_masks%"}) == 0
