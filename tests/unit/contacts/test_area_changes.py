"""What became of areas from one list to the next."""

from jiaoying.contacts.areas.changes import ends_of, recoded
from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import Level

COUNTY, OLD_TOWN, NEW_TOWN = "140521000000", "140521200000", "140521110000"


def village(code: str, name: str, parent: str = NEW_TOWN, *former: str) -> Area:
    return Area(code, name, Level.VILLAGE, parent, former_names=former)


def test_steps_are_followed_to_their_end_and_circles_are_found() -> None:
    ends, circling = ends_of({"a": "b", "b": "c", "x": "y", "y": "x", "into": "x", "self": "self"})
    assert ends == {"a": "c", "b": "c"}
    assert circling == {"x", "y", "into", "self"}


def test_the_only_one_of_its_name_under_the_same_parent_was_given_another_code() -> None:
    gone = [village("140521110201", "上河村委会"), village("140521110202", "下河村委会")]
    new = [village("140521110301", "上河村委会"), village("140521200302", "下河村委会", OLD_TOWN)]
    assert recoded(gone, new, {}) == {"140521110201": "140521110301"}


def test_an_own_name_goes_before_a_former_one_and_that_before_a_name_without_its_ending() -> None:
    gone = [
        village("140521110201", "上河村委会"),
        village("140521110202", "东河村委会", NEW_TOWN, "中河村委会"),
    ]
    new = [
        village("140521110301", "上河社区居委会"),
        village("140521110302", "上河村委会"),
        village("140521110303", "中河村委会"),
    ]
    assert recoded(gone, new, {}) == {"140521110201": "140521110302", "140521110202": "140521110303"}
    assert recoded(gone[:1], new[:1], {}) == {"140521110201": "140521110301"}, "a village became a community"


def test_of_two_that_fit_none_is_taken() -> None:
    twins = [village("140521110301", "上河村委会"), village("140521110302", "上河村委会")]
    assert recoded([village("140521110201", "上河村委会")], twins, {}) == {}
    assert recoded(twins, [village("140521110201", "上河村委会")], {}) == {}


def test_villages_follow_their_township() -> None:
    gone = [
        Area(OLD_TOWN, "龙港乡", Level.TOWNSHIP, COUNTY),
        village("140521200201", "上河村委会", OLD_TOWN),
    ]
    new = [Area(NEW_TOWN, "龙港镇", Level.TOWNSHIP, COUNTY), village("140521110201", "上河村委会")]
    assert recoded(gone, new, {}) == {OLD_TOWN: NEW_TOWN, "140521200201": "140521110201"}
    assert recoded(gone[1:], new[1:], {OLD_TOWN: NEW_TOWN}) == {"140521200201": "140521110201"}
    assert recoded(gone[1:], new[1:], {}) == {}
