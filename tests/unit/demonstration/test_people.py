"""The made-up county is made up, complete, and lies in the package as its generator writes it."""

from collections import Counter

from jiaoying.contacts.areas.files import read_areas
from jiaoying.contacts.model import PostLevel, Tier, tier_of
from jiaoying.contacts.reading.sheets import read_roster
from jiaoying.demonstration.data_files import (
    BOUNDARY,
    DESKS,
    ROSTER,
    demonstration_areas,
    demonstration_desks,
    demonstration_file,
)
from jiaoying.demonstration.make_roster import files_of
from jiaoying.demonstration.people import COUNTY, County, made_up_county
from jiaoying.demonstration.town import demonstration_names, demonstration_town
from jiaoying.gateways.simulator.habits import CallManner, TextManner, habit_from_json
from jiaoying.kernel.area_names import AreaNames
from jiaoying.kernel.areas import Level
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.phone import is_demonstration_number
from jiaoying.kernel.sheets import read_grids
from jiaoying.settings import read_settings


def county() -> County:
    return made_up_county(demonstration_areas())


def posts_called(kind: str) -> list[dict[str, object]]:
    return [post for post in county().posts if post["post"] == kind]


def test_the_files_in_the_package_are_current() -> None:
    for name, data in files_of(county()).items():
        assert demonstration_file(name).data == data, (
            f"run python -m jiaoying.demonstration.make_roster: {name}"
        )


def test_the_areas_are_those_of_the_county() -> None:
    levels = Counter(area.level for area in demonstration_areas())
    assert levels == {
        Level.PROVINCE: 1,
        Level.CITY: 1,
        Level.COUNTY: 1,
        Level.TOWNSHIP: 12,
        Level.VILLAGE: 193,
    }
    boundary = read_areas(demonstration_file(BOUNDARY))
    assert (list(boundary.shapes), boundary.complaints) == ([COUNTY], ())


def test_every_person_and_every_number_is_plainly_made_up() -> None:
    names = demonstration_names()
    assert 580 <= len(names) <= 680
    people = {number: name for number, name in names.items() if not name.endswith("值班室")}
    assert all(name.endswith("（演示）") for name in people.values())
    assert all(is_demonstration_number(number) for number in names)
    assert len(set(people.values())) == len(people), "nobody is mistaken for a namesake"


def test_every_village_has_a_flood_post_with_deputy_and_superior() -> None:
    flood = posts_called("防汛责任人")
    villages = {area.code for area in demonstration_areas() if area.level == Level.VILLAGE}
    assert {post["area_code"] for post in flood} == villages
    assert all(post["deputy"] and post["superior"] for post in flood)
    for kind in ("群测群防员", "森林防火责任人"):
        assert 70 <= len(posts_called(kind)) <= 125
    assert len(posts_called("水库巡查责任人")) == 6
    assert len(posts_called("煤矿调度室")) == 2


def test_some_people_hold_several_posts() -> None:
    held = Counter(str(post["name"]) for post in county().posts)
    assert sum(number > 1 for number in held.values()) >= 40


def test_every_tier_of_the_ladders_is_filled() -> None:
    tiers = Counter(
        tier_of(PostLevel(str(post["level"])), str(post["post"]), str(post["title"]))
        for post in county().posts
    )
    assert set(tiers) == set(Tier)
    assert (tiers[Tier.TOWNSHIP], tiers[Tier.COUNTY_CHIEF]) == (60, 13)


def test_the_sheet_reads_without_a_complaint() -> None:
    settings = read_settings({})
    home = Locality(COUNTY, settings.landline_area_code, settings.timezone)
    sheet = read_roster(read_grids(demonstration_file(ROSTER)), AreaNames(demonstration_areas()), home)
    assert sheet.complaints == ()
    assert len(sheet.rows) == len(county().posts)


def test_desks_stand_at_the_county_and_at_every_township() -> None:
    desks = demonstration_desks()
    assert demonstration_file(DESKS).data
    townships = {area.code for area in demonstration_areas() if area.level == Level.TOWNSHIP}
    assert {desk.area_code for desk in desks} == {COUNTY, *townships}
    assert all(len(desk.officers) == 3 and desk.leaders for desk in desks)


def test_the_town_is_the_same_for_the_same_seed_and_known_to_the_simulator() -> None:
    town = demonstration_town(7)
    assert town == demonstration_town(7) != demonstration_town(8)
    assert set(town) == set(demonstration_names())
    habits = [habit_from_json(habit) for habit in town.values()]
    calls = Counter(habit.call.does for habit in habits)
    share = {does: number / len(habits) for does, number in calls.items()}
    assert 0.65 < share[CallManner.ANSWER] < 0.82
    assert all(
        calls[does]
        for does in (CallManner.IGNORE, CallManner.BUSY, CallManner.SWITCHED_OFF, CallManner.HANG_UP)
    )
    assert any(habit.call.keys == "2" for habit in habits)
    assert any(habit.call.keys == "3" for habit in habits)
    assert sum(habit.text.does is TextManner.REPLY for habit in habits) > 50


def test_whoever_is_on_duty_answers_within_ten_seconds() -> None:
    town = demonstration_town(7)
    for desk in demonstration_desks():
        for number in (desk.number, *(number for _, number in desk.officers)):
            call = habit_from_json(town[number.e164]).call
            assert (call.does, call.keys) == (CallManner.ANSWER, "1")
            assert call.after_s <= 10
