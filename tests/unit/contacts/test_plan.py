"""What an import would change: who is recognised, and what becomes of posts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.contacts.importing.differences import About, Change, Turn
from jiaoying.contacts.importing.plan import plan_import
from jiaoying.contacts.importing.planned import Plan, Scope, StoredRoster
from jiaoying.contacts.model import (
    Contact,
    ContactNumber,
    DangerPoint,
    Household,
    HouseholdRow,
    PointKind,
    PointRef,
    PointRow,
    Post,
    PostLevel,
    RosterRow,
)
from jiaoying.contacts.reading.sheets import RosterSheet
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.phone import Number, NumberKind

TODAY = date(2026, 7, 15)
TOWN, VILLAGE, OTHER = "140521100000", "140521100001", "140521102231"


def mobile(serial: int) -> Number:
    return Number(f"+8613{serial:09d}", NumberKind.MOBILE)


def landline(serial: int) -> Number:
    return Number(f"+86356{serial:07d}", NumberKind.LANDLINE)


def row(
    name: str,
    *numbers: Number,
    area: str = VILLAGE,
    post: str = "防汛责任人",
    unit: str | None = None,
    title: str | None = None,
    deputy: str | None = None,
    deputy_numbers: tuple[Number, ...] = (),
    superior: str | None = None,
    hazards: tuple[Hazard, ...] = (),
    point: PointRef | None = None,
) -> RosterRow:
    return RosterRow(
        "表", 2, name, numbers, area, post, PostLevel.VILLAGE, hazards, unit, title,
        deputy, deputy_numbers, superior, point=point,
    )  # fmt: skip


def ids() -> Callable[[], UUID]:
    numbers: Iterator[int] = count(1)
    # Not in the order of writing: the database gives everybody back by id.
    return lambda: UUID(int=next(numbers) * 7919 % 100_003)


class Roster:
    """A roster in memory that takes plans as the database does."""

    def __init__(self) -> None:
        self.contacts: dict[UUID, Contact] = {}
        self.numbers: dict[UUID, list[ContactNumber]] = {}
        self.posts: dict[UUID, Post] = {}
        self.points: dict[UUID, DangerPoint] = {}
        self.households: dict[UUID, Household] = {}
        self.doubted: set[frozenset[UUID]] = set()
        self._ids = ids()

    def take(
        self,
        *rows: RosterRow,
        replaces: str | None = None,
        spared: frozenset[str] = frozenset(),
        points: Sequence[PointRow] = (),
        households: Sequence[HouseholdRow] = (),
    ) -> Plan:
        sheet = RosterSheet(rows, (), points=tuple(points), households=tuple(households))
        plan = plan_import(sheet, self._stored(), Scope(TODAY, replaces, spared), self._ids)
        self.contacts |= {contact.id: contact for contact in (*plan.new_contacts, *plan.changed_contacts)}
        for contact_id, own in plan.numbers.items():
            self.numbers[contact_id] = [
                ContactNumber(contact_id, number.e164, number.kind, place)
                for place, number in enumerate(own, 1)
            ]
        self.posts |= {post.id: post for post in (*plan.new_posts, *plan.changed_posts, *plan.ended_posts)}
        self.points |= {one.id: one for one in (*plan.new_points, *plan.changed_points)}
        self.households |= {one.id: one for one in (*plan.households.new, *plan.households.changed)}
        for one in plan.households.gone:
            del self.households[one.id]
        self.doubted |= {frozenset((doubt.one_id, doubt.other_id)) for doubt in plan.doubts}
        return plan

    def _stored(self) -> StoredRoster:
        helped: dict[UUID, list[str]] = {}
        for one in self.households.values():
            if one.helper_id:
                helped.setdefault(one.helper_id, []).append(self.points[one.danger_point_id].area_code)
        return StoredRoster(
            contacts=sorted(self.contacts.values(), key=lambda contact: contact.id),
            numbers={
                contact_id: [replace(number, preference=place) for place, number in enumerate(own, 1)]
                for contact_id, own in self.numbers.items()
            },
            posts=list(self.posts.values()),
            points=list(self.points.values()),
            households=list(self.households.values()),
            helped=helped,
            doubted=frozenset(self.doubted),
        )

    def people(self) -> list[tuple[str, list[str]]]:
        return sorted(
            (contact.name, [number.number for number in self.numbers.get(contact.id, [])])
            for contact in self.contacts.values()
        )


def summary(plan: Plan) -> tuple[list[str], int]:
    return [str(difference.turn) for difference in plan.differences], plan.unchanged


def test_one_person_in_several_rows_is_one_contact() -> None:
    roster = Roster()
    roster.take(row("王强", mobile(1)), row("王强", mobile(1), post="群测群防员"))
    assert roster.people() == [("王强", [mobile(1).e164])]
    assert len(roster.posts) == 2


def test_two_lists_that_share_a_number_through_a_third_are_one_person() -> None:
    roster = Roster()
    rows = (
        row("王强", mobile(1)),
        row("王强", landline(2), post="群测群防员"),
        row("王强", mobile(1), landline(2), post="护林员"),
    )
    roster.take(*rows)
    assert roster.people() == [("王强", [mobile(1).e164, landline(2).e164])]
    assert summary(roster.take(*rows)) == ([], 3)


def test_namesakes_with_their_own_numbers_stay_two_people() -> None:
    roster = Roster()
    rows = row("王强", mobile(1), unit="镇政府"), row("王强", mobile(2), unit="镇政府", post="群测群防员")
    roster.take(*rows)
    assert len(roster.contacts) == 2
    assert summary(roster.take(*rows)) == ([], 2)


def test_a_new_number_of_the_same_name_and_unit_is_the_same_person() -> None:
    roster = Roster()
    roster.take(row("王强", mobile(1), landline(5), unit="镇政府"))
    plan = roster.take(row("王强", mobile(2), unit="镇政府"))
    assert roster.people() == [("王强", [mobile(2).e164, landline(5).e164])]
    (difference,) = plan.differences
    before, after = f"{mobile(1).e164}, {landline(5).e164}", f"{mobile(2).e164}, {landline(5).e164}"
    assert (difference.about, difference.turn) == (About.PERSON, Turn.CHANGED)
    assert difference.changes == (Change("numbers", before, after),)
    assert plan.touched == 1


def test_another_unit_or_place_with_another_number_is_another_person() -> None:
    roster = Roster()
    roster.take(row("王强", mobile(1), unit="镇政府"))
    roster.take(row("王强", mobile(2), unit="县政府", area=OTHER))
    assert len(roster.contacts) == 2


def test_a_successor_with_the_old_number_is_a_new_person_and_is_told() -> None:
    roster = Roster()
    roster.take(row("王强", mobile(1)))
    plan = roster.take(row("李四", mobile(1)))
    assert [name for name, _ in roster.people()] == ["李四", "王强"]
    assert [complaint.code for complaint in plan.complaints] == ["number_shared"]


def test_a_row_without_a_number_means_the_one_of_that_name_and_unit() -> None:
    roster = Roster()
    roster.take(row("王强", unit="镇政府", post="群测群防员"), row("王强", mobile(1), unit="镇政府"))
    assert roster.people() == [("王强", [mobile(1).e164])]


def test_a_further_number_is_added_and_mobiles_are_tried_first() -> None:
    roster = Roster()
    roster.take(row("王强", landline(1)))
    roster.take(row("王强", landline(1), mobile(1)))
    assert roster.people() == [("王强", [mobile(1).e164, landline(1).e164])]


def test_deputies_and_superiors_are_found_in_the_sheet_and_on_the_roster() -> None:
    roster = Roster()
    roster.take(row("赵六", mobile(9), area=TOWN, post="镇长"))
    roster.take(row("王强", mobile(1), deputy="李四", deputy_numbers=(mobile(2),), superior="赵六"))
    flood = next(post for post in roster.posts.values() if post.kind == "防汛责任人")
    assert flood.deputy_id is not None
    assert flood.superior_id is not None
    assert roster.contacts[flood.deputy_id].name == "李四"
    assert roster.contacts[flood.superior_id].name == "赵六"


def test_of_two_superiors_of_one_name_the_one_above_this_place_is_meant() -> None:
    roster = Roster()
    roster.take(
        row("赵六", mobile(8), area="140521102000", post="镇长"),
        row("赵六", mobile(9), area=TOWN, post="镇长"),
        row("王强", mobile(1), superior="赵六"),
    )
    flood = next(post for post in roster.posts.values() if post.kind == "防汛责任人")
    assert flood.superior_id is not None
    assert roster.numbers[flood.superior_id][0].number == mobile(9).e164


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (row("王强", mobile(1), deputy="无此人"), "deputy_unknown"),
        (row("王强", mobile(1), superior="无此人"), "superior_unknown"),
        (row("王强", mobile(1), deputy="王强", deputy_numbers=(mobile(1),)), "deputy_is_holder"),
    ],
)
def test_what_cannot_be_linked_is_told_and_the_post_stays(bad: RosterRow, code: str) -> None:
    plan = Roster().take(bad)
    assert [complaint.code for complaint in plan.complaints] == [code]
    assert len(plan.new_posts) == 1


def test_two_deputies_of_one_name_are_never_guessed() -> None:
    plan = Roster().take(
        row("赵六", mobile(8), area=OTHER),
        row("赵六", mobile(9), area=OTHER),
        row("王强", mobile(1), deputy="赵六"),
    )
    assert [complaint.code for complaint in plan.complaints] == ["deputy_doubtful"]


def test_one_post_in_two_rows_is_one_post_for_the_hazards_of_both() -> None:
    plan = Roster().take(
        row("王强", mobile(1), hazards=(Hazard.GEOHAZARD,)), row("王强", mobile(1), hazards=(Hazard.FLOOD,))
    )
    assert [post.hazards for post in plan.new_posts] == [(Hazard.FLOOD, Hazard.GEOHAZARD)]
    repeated = Roster().take(row("王强", mobile(1)), row("王强", mobile(1)))
    assert [complaint.code for complaint in repeated.complaints] == ["row_repeated"]


def test_replacing_ends_only_what_lies_inside_and_is_not_named_or_spared() -> None:
    roster = Roster()
    roster.take(
        row("王强", mobile(1)), row("李四", mobile(2), post="群测群防员"),
        row("周五", mobile(3), post="护林员"), row("孙七", mobile(4), area=OTHER),
    )  # fmt: skip
    plan = roster.take(row("王强", mobile(1)), replaces=TOWN, spared=frozenset({"周五"}))
    assert [(post.kind, post.valid_to) for post in plan.ended_posts] == [("群测群防员", date(2026, 7, 14))]
    assert summary(plan) == (["ended"], 1)


def test_only_people_with_nothing_but_made_up_numbers_are_made_up() -> None:
    fake = Number("+8610000000001", NumberKind.MOBILE)
    plan = Roster().take(row("甲", fake), row("乙", fake, mobile(1)), row("丙"))
    assert {contact.name: contact.demonstration for contact in plan.new_contacts} == {
        "甲": True, "乙": False, "丙": False,
    }  # fmt: skip


# --- posts that nobody holds --------------------------------------------------------------------------


def test_what_a_list_says_of_somebody_new_is_seen_before_it_is_taken_over() -> None:
    roster = Roster()
    first = roster.take(
        row(
            "王强",
            mobile(1),
            title="支书",
            deputy="赵敏",
            deputy_numbers=(mobile(2),),
            hazards=(Hazard.RAIN,),
        )
    )
    assert first.differences[0].changes == (
        Change("numbers", None, "+8613000000001"),
        Change("title", None, "支书"),
        Change("hazards", None, "rain"),
        Change("deputy", None, "赵敏"),
    )
    second = roster.take(row("王强", mobile(1), post="网格员"))
    assert second.differences[0].changes == ()


def test_a_vacant_post_is_a_row_and_is_filled_by_a_later_list() -> None:
    roster = Roster()
    roster.take(row(""))
    (vacant,) = roster.posts.values()
    assert vacant.holder_id is None
    assert summary(roster.take(row(""))) == ([], 1)
    plan = roster.take(row("王强", mobile(1)))
    (filled,) = roster.posts.values()
    assert (filled.id, roster.contacts[filled.holder_id or vacant.id].name) == (vacant.id, "王强")
    assert plan.differences[0].changes == (Change("holder", None, "王强"),)


def test_a_list_that_says_vacant_of_a_post_that_is_held_is_told() -> None:
    roster = Roster()
    roster.take(row("王强", mobile(1)))
    plan = roster.take(row(""))
    assert [complaint.code for complaint in plan.complaints] == ["vacant_but_held"]
    assert len(roster.posts) == 1


def test_a_replaced_place_may_become_vacant() -> None:
    roster = Roster()
    roster.take(row("王强", mobile(1)))
    plan = roster.take(row(""), replaces=TOWN)
    assert (len(plan.ended_posts), len(plan.new_posts), plan.complaints) == (1, 1, ())
    assert summary(roster.take(row(""), replaces=TOWN)) == ([], 1)


def test_one_place_filled_and_another_vacant_stay_two_posts() -> None:
    roster = Roster()
    rows = row("王强", mobile(1)), row("")
    roster.take(*rows)
    assert len(roster.posts) == 2
    assert summary(roster.take(*rows)) == ([], 2)


# --- danger points and their households -----------------------------------------------------------------

REF = PointRef("QS-01", "后山滑坡", VILLAGE)
UNKNOWN = PointRef(None, "无此点", VILLAGE)


def point(ref: PointRef = REF, kind: PointKind = PointKind.GEOHAZARD, **more: Any) -> PointRow:
    return PointRow("表", 2, ref, kind, **more)


def household(head: str, ref: PointRef = REF, **more: Any) -> HouseholdRow:
    return HouseholdRow("表", 3, ref, head, **more)


def test_a_point_is_known_by_its_number_or_by_name_kind_and_place() -> None:
    roster = Roster()
    roster.take(points=[point(), point(households=3), point(PointRef(None, "后山滑坡", VILLAGE), people=9)])
    (one,) = roster.points.values()
    assert (one.code, one.households, one.people) == ("QS-01", 3, 9)
    moved = roster.take(points=[point(PointRef("QS-01", "后山崩塌", OTHER))])
    (after,) = roster.points.values()
    assert (after.id, after.name, after.people) == (one.id, "后山崩塌", 9)
    assert {change.field for change in moved.differences[0].changes} == {"name", "area_code"}


def test_points_of_one_name_with_other_numbers_or_kinds_stay_apart() -> None:
    roster = Roster()
    other = PointRef("QS-02", "后山滑坡", VILLAGE)
    roster.take(
        points=[point(), point(other), point(PointRef(None, "后山滑坡", VILLAGE), PointKind.FLASH_FLOOD)]
    )
    assert len(roster.points) == 3


def test_a_post_at_a_point_and_one_in_the_village_are_two() -> None:
    roster = Roster()
    rows = row("王强", mobile(1)), row("王强", mobile(1), point=REF)
    roster.take(*rows, points=[point()])
    assert {post.danger_point_id is None for post in roster.posts.values()} == {True, False}
    assert summary(roster.take(*rows, points=[point()])) == ([], 2)


def test_a_post_from_before_its_point_was_known_moves_to_the_point() -> None:
    roster = Roster()
    roster.take(row("王强", mobile(1)))
    plan = roster.take(row("王强", mobile(1), point=REF), points=[point()])
    assert len(roster.posts) == 1
    assert Change("danger_point", None, "后山滑坡") in plan.differences[0].changes


def test_a_post_at_an_unknown_point_is_kept_and_told() -> None:
    plan = Roster().take(row("王强", mobile(1), point=REF))
    assert [complaint.code for complaint in plan.complaints] == ["point_unknown"]
    assert [post.danger_point_id for post in plan.new_posts] == [None]


def test_a_list_of_households_takes_the_place_of_the_one_before() -> None:
    roster = Roster()
    roster.take(points=[point()], households=[household("周一", people=3), household("周二")])
    listed = [household("周三"), household("周一", people=4)]
    plan = roster.take(points=[point()], households=listed)
    assert [(one.turn, one.name) for one in plan.differences] == [
        (Turn.ADDED, "周三"),
        (Turn.CHANGED, "周一"),
        (Turn.ENDED, "周二"),
    ]
    assert plan.differences[1].changes == (Change("position", "1", "2"), Change("people", "3", "4"))
    assert roster.take(points=[point()], households=listed).differences == ()


def test_what_a_list_says_of_a_new_point_and_household_is_seen() -> None:
    listed = [household("窦一", people=3, number=mobile(9), helper="王强")]
    plan = Roster().take(points=[point(households=5, route="村西")], households=listed)
    assert [change.after for change in plan.differences[0].changes] == ["QS-01", "5", "村西"]
    assert plan.differences[1].changes == (
        Change("people", None, "3"),
        Change("numbers", None, "+8613000000009"),
        Change("helper", None, "王强"),
    )


def test_a_list_without_households_leaves_them() -> None:
    roster = Roster()
    roster.take(points=[point()], households=[household("周一")])
    roster.take(points=[point()])
    assert [one.head for one in roster.households.values()] == ["周一"]


def test_a_helper_is_somebody_of_the_township_or_somebody_new() -> None:
    roster = Roster()
    roster.take(row("孙山", mobile(1), area=OTHER), row("钱海", mobile(2)), points=[point()])
    listed = [household("周一", helper="钱海"), household("周二", helper="孙山")]
    roster.take(points=[point()], households=listed)
    helped = {one.head: roster.contacts[one.helper_id] for one in roster.households.values() if one.helper_id}
    assert roster.numbers[helped["周一"].id][0].number == mobile(2).e164
    assert roster.numbers.get(helped["周二"].id, []) == []
    again = roster.take(points=[point()], households=listed)
    assert (again.new_contacts, again.differences) == ((), ())


def test_replacing_ends_points_that_the_list_of_their_kind_lacks_and_where_nobody_stands() -> None:
    roster = Roster()
    empty, staffed = PointRef("QS-02", "西沟", VILLAGE), PointRef("QS-03", "东沟", OTHER)
    flood = PointRef("SH-01", "河滩", VILLAGE)
    roster.take(
        row("王强", mobile(1), point=REF), row("李四", mobile(2), area=OTHER, point=staffed),
        points=[point(), point(empty), point(staffed), point(flood, PointKind.FLASH_FLOOD)],
    )  # fmt: skip
    plan = roster.take(row("王强", mobile(1), point=REF), points=[point()], replaces=TOWN)
    assert [one.name for one in plan.ended_points] == ["西沟"]


# --- one person in several spellings, and doubts --------------------------------------------------------


@pytest.mark.parametrize("spelling", ["王 强", "王　强", " 王强 "])
def test_one_name_in_several_spellings_is_one_person(spelling: str) -> None:
    roster = Roster()
    roster.take(row("王强", mobile(1)))
    assert summary(roster.take(row(spelling, mobile(1)))) == ([], 1)
    minority = Roster()
    minority.take(row("艾力·买买提", mobile(1)))
    assert summary(minority.take(row("艾力•买买提", mobile(1)))) == ([], 1)


def test_namesakes_of_one_township_and_sharers_of_a_mobile_are_doubted_once() -> None:
    roster = Roster()
    rows = row("王强", mobile(1), unit="甲"), row("王强", mobile(2), unit="乙"), row("王强强", mobile(1))
    plan = roster.take(*rows)
    assert sorted(doubt.kind for doubt in plan.doubts) == ["same_name", "same_number"]
    assert roster.take(*rows).doubts == ()


def test_the_order_that_the_keeper_gave_stays() -> None:
    roster = Roster()
    roster.take(row("王强", mobile(1), landline(2)))
    (person,) = roster.contacts
    roster.numbers[person].reverse()
    assert roster.take(row("王强", mobile(1), landline(2))).numbers == {}


names = st.sampled_from(["王强", "李四", "赵六"])
some_numbers = st.lists(
    st.builds(mobile, st.integers(1, 4)) | st.builds(landline, st.integers(1, 2)), max_size=2, unique=True
)


@st.composite
def dirty_rows(draw: st.DrawFn) -> list[RosterRow]:
    """Rows in which names, numbers, units and places meet in every way."""
    return [
        row(
            name := draw(names | st.just("")),
            *(draw(some_numbers) if name else ()),
            area=draw(st.sampled_from([VILLAGE, OTHER, TOWN])),
            post=draw(st.sampled_from(["防汛责任人", "群测群防员"])),
            unit=draw(st.sampled_from([None, "镇政府", "村委会"])),
            title=draw(st.sampled_from([None, "主任"])),
            deputy=draw(st.none() | names),
            deputy_numbers=tuple(draw(some_numbers)),
            superior=draw(st.none() | names),
            point=draw(st.sampled_from([None, REF, UNKNOWN])),
        )
        for _ in range(draw(st.integers(0, 8)))
    ]


heads = st.lists(st.sampled_from(["周一", "周二"]), max_size=3)


@settings(deadline=None)
@given(rows=dirty_rows(), listed=heads, helper=st.none() | names)
def test_no_row_is_lost_and_the_same_sheet_again_changes_nothing(
    rows: list[RosterRow], listed: list[str], helper: str | None
) -> None:
    roster = Roster()
    rest: Any = {"points": [point()], "households": [household(head, helper=helper) for head in listed]}
    roster.take(*rows, **rest)
    held = {
        (roster.contacts[post.holder_id].name if post.holder_id else "", post.area_code, post.kind)
        for post in roster.posts.values()
    }
    assert held == {(each.name, each.area_code, each.post) for each in rows}
    assert [one.head for one in roster.households.values()] == listed
    again = roster.take(*rows, **rest)
    assert (again.new_contacts, again.changed_contacts, again.numbers) == ((), (), {})
    assert (again.new_posts, again.changed_posts, again.new_points, again.changed_points) == ((), (), (), ())
    assert (again.differences, again.doubts) == ((), ())
    assert again.unchanged == len(roster.posts)
