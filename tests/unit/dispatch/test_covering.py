"""Where a warning holds, how closely that is known, and whose village people wait."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from jiaoying.contacts.areas.index import Precision, Touched
from jiaoying.dispatch.covering import (
    BY_POINT,
    CoveredArea,
    CoveredUnit,
    Direction,
    OutsideHome,
    PointUnder,
    covered_by_codes,
    covered_by_ground,
)
from jiaoying.kernel.areas import covers, level_of

HOME = "140521000000"
TOWNSHIP, VILLAGE, OTHER, NEIGHBOUR = "140521100000", "140521100201", "140521101203", "140522000000"


def by_codes(*codes: str) -> CoveredArea:
    area = covered_by_codes(codes, HOME)
    assert isinstance(area, CoveredArea)
    return area


def by_ground(*touched: Touched, points: tuple[PointUnder, ...] = ()) -> dict[str, CoveredUnit]:
    area = covered_by_ground(touched, points, HOME)
    assert isinstance(area, CoveredArea)
    return {unit.code: unit for unit in area.units}


def touched(code: str, precision: Precision, share: float = 1.0) -> Touched:
    return Touched(code, level_of(code), precision, share, code)


def test_a_county_covers_its_villages() -> None:
    assert by_codes(HOME).units == (CoveredUnit(HOME, Direction.INSIDE, "code", whole=True),)


def test_a_village_reaches_its_township_and_county() -> None:
    area = by_codes(VILLAGE)
    assert (area.inside, area.above, area.precision) == ((VILLAGE,), (HOME, TOWNSHIP), "code")


def test_a_province_covers_all_of_home_and_nothing_beyond() -> None:
    area = by_codes("140000000000", VILLAGE)
    assert (area.inside, area.above) == ((HOME,), ())


def test_a_village_inside_a_covered_township_is_not_counted_twice() -> None:
    assert by_codes(VILLAGE, TOWNSHIP).inside == (TOWNSHIP,)


def test_a_neighbour_is_outside() -> None:
    assert covered_by_codes([NEIGHBOUR], HOME) == OutsideHome((NEIGHBOUR,))


CODES = st.lists(
    st.sampled_from([HOME, TOWNSHIP, VILLAGE, OTHER, NEIGHBOUR, "140521101000", "140500000000"]), max_size=5
)


@given(CODES)
def test_no_place_lies_in_two_units_and_none_is_left_out(codes: list[str]) -> None:
    area = covered_by_codes(codes, HOME)
    if isinstance(area, OutsideHome):
        assert not any(covers(HOME, code) or covers(code, HOME) for code in codes)
        return
    for place in (HOME, TOWNSHIP, VILLAGE, OTHER, "140521101000"):
        lies_in = [unit for unit in area.units if unit.bounds[0] <= place <= unit.bounds[1]]
        under = any(covers(code, place) for code in codes)
        above = any(covers(place, code) for code in codes if covers(HOME, code))
        assert [unit.direction for unit in lies_in] == (
            [Direction.INSIDE] if under else [Direction.ABOVE] if above else []
        )


def test_a_polygon_names_each_area_by_itself() -> None:
    units = by_ground(
        touched(VILLAGE, Precision.SEAT), touched(TOWNSHIP, Precision.SEAT), touched(HOME, Precision.SHAPE)
    )
    assert {code: unit.direction for code, unit in units.items()} == {
        VILLAGE: Direction.INSIDE,
        TOWNSHIP: Direction.ABOVE,
        HOME: Direction.ABOVE,
    }
    assert not any(unit.whole or unit.waits for unit in units.values())


def test_under_half_of_a_coarse_outline_waits_and_from_half_on_not() -> None:
    assert by_ground(touched(VILLAGE, Precision.COARSE, 0.49))[VILLAGE].waits
    assert not by_ground(touched(VILLAGE, Precision.COARSE, 0.5))[VILLAGE].waits
    assert not by_ground(touched(VILLAGE, Precision.SHAPE, 0.1))[VILLAGE].waits


def test_a_danger_point_names_its_area_and_those_above() -> None:
    units = by_ground(points=(PointUnder(UUID(int=1), VILLAGE),))
    assert (units[VILLAGE].precision, units[VILLAGE].direction) == (BY_POINT, Direction.INSIDE)
    assert units[TOWNSHIP].direction == units[HOME].direction == Direction.ABOVE


def test_a_danger_point_under_it_ends_the_waiting_of_its_village() -> None:
    units = by_ground(
        touched(VILLAGE, Precision.COARSE, 0.1),
        touched(OTHER, Precision.COARSE, 0.1),
        points=(PointUnder(UUID(int=1), VILLAGE),),
    )
    assert (units[VILLAGE].waits, units[OTHER].waits) == (False, True)


def test_released_townships_do_not_wait() -> None:
    area = covered_by_ground(
        [touched(VILLAGE, Precision.COARSE, 0.1), touched(OTHER, Precision.COARSE, 0.1)], (), HOME
    )
    assert isinstance(area, CoveredArea)
    waits = {unit.code for unit in area.released([TOWNSHIP]).units if unit.waits}
    assert waits == {OTHER}


def test_nothing_touched_is_outside() -> None:
    assert covered_by_ground((), (), HOME) == OutsideHome(())
