"""What forms of the roster say, and what is wrong with them. All people are made up."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from jiaoying.contacts.keeping.editing import (
    PersonForm,
    person_stamp,
    read_numbers,
    read_person,
)
from jiaoying.contacts.keeping.point_editing import HouseholdForm, PointForm, read_household, read_point
from jiaoying.contacts.keeping.post_editing import PostForm, read_post
from jiaoying.contacts.model import (
    Contact,
    ContactKind,
    ContactNumber,
    NumberStanding,
    PointKind,
    PostLevel,
)
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.phone import NumberKind

HOME = Locality("140521000000", "0356", ZoneInfo("Asia/Shanghai"))
SOMEBODY = UUID(int=1)
NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
POST = {"kind": "防汛责任人", "level": "village"}
POINT = {"name": "后沟滑坡", "kind": "geohazard"}


def fields_of(read: object) -> set[str]:
    """The fields that are complained of."""
    assert isinstance(read, list), read
    return {complaint.field for complaint in read}  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]


def test_a_person_is_read_as_a_keeper_writes() -> None:
    read = read_person(
        {
            "name": " 王 强（主任） ",
            "unit": "杏园村委会 ",
            "other_languages": "晋语、英语，晋语",
            "language": "en",
        }
    )
    assert read == PersonForm("王强", "杏园村委会", "主任", "en", ("晋语", "英语"), None)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "name"),
        ({"name": "王" * 41}, "name"),
        ({"name": "王强", "note": "x" * 501}, "note"),
        ({"name": "王强", "language": "xx"}, "language"),
        ({"name": "王强", "other_languages": "一、二、三、四、五、六"}, "other_languages"),
    ],
)
def test_what_is_wrong_with_a_person_names_the_field(values: dict[str, str], field: str) -> None:
    assert fields_of(read_person(values)) == {field}


def test_numbers_of_one_field_keep_their_order_and_are_told_once() -> None:
    read = read_numbers("10000000001、0356-0001234、100 0000 0001", HOME)
    assert not isinstance(read, Complaint)
    assert [number.e164 for number in read] == ["+8610000000001", "+863560001234"]
    assert isinstance(read_numbers("10000000001、12", HOME), Complaint)
    assert isinstance(read_numbers("、".join(f"1000000000{n}" for n in range(7)), HOME), Complaint)
    assert read_numbers(" ", HOME) == ()


def test_a_post_is_read_with_its_hazards_in_their_order() -> None:
    read = read_post({**POST, "valid_from": "2026-06-01", "valid_to": ""}, ("flash_flood", "flood"))
    hazards = (Hazard.FLOOD, Hazard.FLASH_FLOOD)
    assert read == PostForm("防汛责任人", PostLevel.VILLAGE, hazards, date(2026, 6, 1), None, None)


@pytest.mark.parametrize(
    ("changes", "hazards", "field"),
    [
        ({"kind": " "}, (), "kind"),
        ({"level": "province"}, (), "level"),
        ({}, ("dragons",), "hazards"),
        ({"valid_from": "soon"}, (), "valid_from"),
        ({"valid_from": "2026-06-02", "valid_to": "2026-06-01"}, (), "valid_to"),
    ],
)
def test_what_is_wrong_with_a_post_names_the_field(
    changes: dict[str, str], hazards: tuple[str, ...], field: str
) -> None:
    assert fields_of(read_post(POST | changes, hazards)) == {field}


def test_a_danger_point_is_read() -> None:
    read = read_point(POINT | {"lat": "35.69°", "lon": "112.18", "households": "5", "people": "０"})
    assert isinstance(read, PointForm)
    assert (read.kind, read.lat, read.lon) == (PointKind.GEOHAZARD, 35.69, 112.18)
    assert (read.households, read.people, read.route) == (5, 0, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"kind": "volcano"}, "kind"),
        ({"households": "000000001000001"}, "households"),
        ({"lat": "91", "lon": "1"}, "lat"),
        ({"lat": "nan", "lon": "1"}, "lat"),
        ({"lon": "112.1"}, "lat"),
        ({"people": "-1"}, "people"),
        ({"people": "1" * 30}, "people"),
        ({"households": "many"}, "households"),
        ({"route": "x" * 501}, "route"),
    ],
)
def test_what_is_wrong_with_a_danger_point_names_the_field(changes: dict[str, str], field: str) -> None:
    assert fields_of(read_point(POINT | changes)) == {field}


def test_a_household_is_read() -> None:
    values = {"head": "赵大", "household_number": "10000000001", "household_people": "4"}
    assert read_household(values, HOME) == HouseholdForm("赵大", "+8610000000001", 4, None)
    wrong = {"household_number": "12", "household_people": "x"}
    assert fields_of(read_household(wrong, HOME)) == {"head", "household_number", "household_people"}


def test_the_stamp_is_of_what_a_keeper_may_change_only() -> None:
    person = Contact(SOMEBODY, "王强", ContactKind.PERSON, None, None, "zh-CN", None, demonstration=True)
    number = ContactNumber(SOMEBODY, "+8610000000001", NumberKind.MOBILE, 1)
    shown = person_stamp(person, [number])
    called = replace(number, standing=NumberStanding.WORKS, standing_at=NOW, failures=2, reached_at=NOW)
    assert person_stamp(person, [called]) == shown
    changes: tuple[tuple[Contact, list[ContactNumber]], ...] = (
        (replace(person, unit="新单位"), [number]),
        (replace(person, retired_at=NOW), [number]),
        (person, [replace(number, number="+8610000000002")]),
        (person, [replace(number, preference=2)]),
        (person, [replace(number, verified_at=NOW)]),
        (person, []),
    )
    assert shown not in {person_stamp(changed, numbers) for changed, numbers in changes}
