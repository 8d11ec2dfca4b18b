"""What an import would change: who is recognised, and what becomes of posts."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.contacts.differences import About, Change, Turn
from jiaoying.contacts.model import Contact, ContactNumber, Post, PostLevel, RosterRow
from jiaoying.contacts.plan import plan_import
from jiaoying.contacts.planned import Plan, Scope, StoredRoster
from jiaoying.contacts.sheets import RosterSheet
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
) -> RosterRow:
    return RosterRow(
        "表", 2, name, numbers, area, post, PostLevel.VILLAGE, hazards, unit, title,
        deputy, deputy_numbers, superior,
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
        self._ids = ids()

    def take(
        self, *rows: RosterRow, replaces: str | None = None, spared: frozenset[str] = frozenset()
    ) -> Plan:
        people = sorted(self.contacts.values(), key=lambda contact: contact.id)
        stored = StoredRoster(people, self.numbers, list(self.posts.values()))
        sheet = RosterSheet(rows, ())
        plan = plan_import(sheet, stored, Scope(TODAY, replaces, spared), self._ids)
        self.contacts |= {contact.id: contact for contact in (*plan.new_contacts, *plan.changed_contacts)}
        for contact_id, own in plan.numbers.items():
            self.numbers[contact_id] = [
                ContactNumber(contact_id, number.e164, number.kind, place)
                for place, number in enumerate(own, 1)
            ]
        self.posts |= {post.id: post for post in (*plan.new_posts, *plan.changed_posts, *plan.ended_posts)}
        return plan

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


names = st.sampled_from(["王强", "李四", "赵六"])
some_numbers = st.lists(
    st.builds(mobile, st.integers(1, 4)) | st.builds(landline, st.integers(1, 2)), max_size=2, unique=True
)


@st.composite
def dirty_rows(draw: st.DrawFn) -> list[RosterRow]:
    """Rows in which names, numbers, units and places meet in every way."""
    return [
        row(
            draw(names),
            *draw(some_numbers),
            area=draw(st.sampled_from([VILLAGE, OTHER, TOWN])),
            post=draw(st.sampled_from(["防汛责任人", "群测群防员"])),
            unit=draw(st.sampled_from([None, "镇政府", "村委会"])),
            title=draw(st.sampled_from([None, "主任"])),
            deputy=draw(st.none() | names),
            deputy_numbers=tuple(draw(some_numbers)),
            superior=draw(st.none() | names),
        )
        for _ in range(draw(st.integers(0, 8)))
    ]


@settings(deadline=None)
@given(rows=dirty_rows())
def test_no_row_is_lost_and_the_same_sheet_again_changes_nothing(rows: list[RosterRow]) -> None:
    roster = Roster()
    roster.take(*rows)
    held = {
        (roster.contacts[post.holder_id].name, post.area_code, post.kind)
        for post in roster.posts.values()
        if post.holder_id
    }
    assert held == {(each.name, each.area_code, each.post) for each in rows}
    again = roster.take(*rows)
    assert (again.new_contacts, again.changed_contacts, again.numbers) == ((), (), {})
    assert (again.new_posts, again.changed_posts) == ((), ())
    assert again.unchanged == len(roster.posts)
