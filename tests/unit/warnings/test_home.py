"""Whether a warning concerns the home area."""

from dataclasses import replace

import pytest
from shapely.geometry import box

from jiaoying.warnings.home import lies_outside, shapes_of
from jiaoying.warnings.model import Circle, IssuedWarning
from unit.warnings.samples import alert, read

HOME = "140521000000"
HOME_SHAPE = box(112.0, 35.4, 112.8, 36.0)  # lon, lat
INSIDE = ((35.5, 112.1), (35.5, 112.2), (35.6, 112.2), (35.5, 112.1))
ELSEWHERE = ((39.5, 116.1), (39.5, 116.2), (39.6, 116.2), (39.5, 116.1))
[SAMPLE] = read(alert()).issued_warnings


def warned(
    *codes: str,
    polygons: tuple[tuple[tuple[float, float], ...], ...] = (),
    circles: tuple[Circle, ...] = (),
) -> IssuedWarning:
    return replace(SAMPLE, area_codes=codes, polygons=polygons, circles=circles)


@pytest.mark.parametrize("code", [HOME, "140521100000", "140521100200", "140500000000", "140000000000"])
def test_a_code_in_home_or_around_it_concerns_us(code: str) -> None:
    assert not lies_outside(warned("130602000000", code), HOME, None)


@pytest.mark.parametrize("code", ["140522000000", "140522100000", "140400000000", "130000000000"])
def test_other_codes_do_not(code: str) -> None:
    assert lies_outside(warned(code), HOME, None)


def test_lines_are_laid_on_the_shape_of_home() -> None:
    assert not lies_outside(warned(polygons=(ELSEWHERE, INSIDE)), HOME, HOME_SHAPE)
    assert lies_outside(warned(polygons=(ELSEWHERE,)), HOME, HOME_SHAPE)


def test_a_line_into_home_counts_beside_a_code_elsewhere() -> None:
    """An area is the union of its parts."""
    assert not lies_outside(warned("140522000000", polygons=(INSIDE,)), HOME, HOME_SHAPE)
    assert lies_outside(warned("140522000000", polygons=(ELSEWHERE,)), HOME, HOME_SHAPE)


def test_without_a_shape_lines_are_kept_and_codes_decide() -> None:
    assert not lies_outside(warned(polygons=(ELSEWHERE,)), HOME, None)
    assert lies_outside(warned("140522000000", polygons=(ELSEWHERE,)), HOME, None)


def test_a_warning_without_any_area_is_kept() -> None:
    assert not lies_outside(warned(), HOME, HOME_SHAPE)


def test_circles_reach_as_far_as_they_say() -> None:
    """One degree of longitude is some 90 km there; 112.9 lies about 9 km east of the border."""
    assert not lies_outside(warned(circles=(Circle(35.7, 112.9, 10),)), HOME, HOME_SHAPE)
    assert lies_outside(warned(circles=(Circle(35.7, 112.9, 8),)), HOME, HOME_SHAPE)


def test_a_circle_of_radius_zero_is_a_point() -> None:
    assert not lies_outside(warned(circles=(Circle(35.7, 112.5, 0),)), HOME, HOME_SHAPE)
    assert lies_outside(warned(circles=(Circle(35.7, 113.5, 0),)), HOME, HOME_SHAPE)


def test_a_polygon_that_crosses_itself_is_mended() -> None:
    bow = ((35.5, 112.1), (35.6, 112.2), (35.5, 112.2), (35.6, 112.1), (35.5, 112.1))
    assert all(shape.is_valid for shape in shapes_of(warned(polygons=(bow,))))
    assert not lies_outside(warned(polygons=(bow,)), HOME, HOME_SHAPE)
