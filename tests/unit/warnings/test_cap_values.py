"""Moments, polygons, circles and references, one at a time."""

from datetime import UTC, datetime, timedelta, timezone
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.warnings.formats.cap_values import (
    REMARKS,
    read_circle,
    read_moment,
    read_number,
    read_polygon,
    read_references,
    read_words,
)
from jiaoying.warnings.model import Circle, Reference

HALF_PAST_EIGHT = datetime(2026, 7, 15, 8, 30, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8))
SQUARE = "35.1,112.1 35.1,112.2 35.2,112.2 35.2,112.1"


@pytest.mark.parametrize(
    ("text", "remarks"),
    [
        ("2026-07-15T16:30:00+08:00", ()),
        ("2026-07-15T08:30:00-00:00", ()),
        ("2026-07-15T08:30:00+00:00", ()),
        ("2026-07-15T08:30:00Z", ("zone-z",)),
        ("2026-07-15T16:30+08:00", ("no-seconds",)),
        ("2026-07-15T08:30Z", ("no-seconds", "zone-z")),
        ("2026-07-15T16:30:00.123+08:00", ("fraction",)),
        ("2026-07-15T16:30:00+0800", ("zone-form",)),
        ("2026-07-15T16:30:00+08", ("zone-form",)),
        ("2026-07-15 16:30:00+08:00", ("time-form",)),
        ("2026-07-15t16:30:00 +08:00", ("time-form",)),
    ],
)
def test_a_moment_is_read_in_every_form_seen(text: str, remarks: tuple[str, ...]) -> None:
    reading = read_moment(text)
    assert (reading.moment, reading.remarks) == (HALF_PAST_EIGHT, remarks)


def test_the_end_of_a_day_is_the_beginning_of_the_next() -> None:
    assert read_moment("2026-07-15T24:00:00-00:00").moment == datetime(2026, 7, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-07-15",
        "2026-02-30T00:00:00Z",
        "2026-07-15T25:00:00Z",
        "0001-01-01T00:00:00+08:00",
        "2026-07-15T16:30:61+08:00",
        "2026-07-15T16:30:00+99:00",
        "２０２６-07-15T16:30:00+08:00",
    ],
)
def test_what_is_no_moment_is_absent(text: str) -> None:
    assert read_moment(text).moment is None


def test_a_moment_without_zone_borrows_one_or_is_none() -> None:
    assert read_moment("2026-07-15T16:30:00").remarks == ("no-zone",)
    assert read_moment("2026-07-15T16:30:00").moment is None
    lent = read_moment("2026-07-15T16:30:00", BEIJING)
    assert (lent.moment, lent.remarks) == (HALF_PAST_EIGHT, ("no-zone",))


def test_a_closed_polygon_is_taken_as_sent() -> None:
    reading = read_polygon(f"{SQUARE} 35.1,112.1")
    assert reading.remarks == ()
    assert reading.points is not None
    assert reading.points[0] == reading.points[-1] == (35.1, 112.1)


def test_an_open_polygon_is_closed() -> None:
    reading = read_polygon(SQUARE)
    assert reading.remarks == ("unclosed-polygon",)
    assert reading.points is not None
    assert len(reading.points) == 5
    assert reading.points[0] == reading.points[-1]


@pytest.mark.parametrize("separator", ["\n", "\t", "  ", " \n\t "])
def test_points_may_be_separated_by_any_blanks(separator: str) -> None:
    reading = read_polygon(f"{SQUARE} 35.1,112.1".replace(" ", separator))
    assert reading.remarks == ("polygon-separators",)
    assert reading.points == read_polygon(f"{SQUARE} 35.1,112.1").points


def test_a_blank_after_the_comma_is_no_new_point() -> None:
    reading = read_polygon(f"{SQUARE} 35.1,112.1".replace(",", ", "))
    assert reading.points == read_polygon(f"{SQUARE} 35.1,112.1").points


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("", "empty-polygon"),
        ("35.1 112.1 35.2 112.2", "unreadable-polygon"),
        ("35.1,112.1,35.1,112.2,35.2,112.2", "unreadable-polygon"),
        ("35.1,112.1 35.1,nan 35.2,112.2", "unreadable-polygon"),
        ("35.1,112.1 35.1),112.2 35.2,112.2", "unreadable-polygon"),
        ("35.1,112.1 35.1,112.1", "too-few-points"),
        ("35.1,112.1 35.2,112.2 35.1,112.1", "too-few-points"),
        ("95.1,112.1 35.1,112.2 35.2,112.2", "out-of-range"),
        ("35.1,361 35.1,112.2 35.2,112.2", "out-of-range"),
    ],
)
def test_a_useless_polygon_is_left_out(text: str, remark: str) -> None:
    reading = read_polygon(text)
    assert (reading.points, reading.remarks) == (None, (remark,))


def test_axes_are_exchanged_only_where_nothing_else_is_possible() -> None:
    swapped = read_polygon("112.1,35.1 112.2,35.1 112.2,35.2 112.1,35.1")
    assert swapped.remarks == ("swapped-axes",)
    assert swapped.points is not None
    assert swapped.points[0] == (35.1, 112.1)
    # 89.9 could be a latitude: then one point lies at the pole and the others nowhere.
    assert read_polygon("112.1,35.1 89.9,35.1 112.2,35.2 112.1,35.1").points is None


def test_longitudes_past_the_antimeridian_are_kept() -> None:
    reading = read_polygon("60,179 60,183 61,183 60,179")
    assert reading.remarks == ("past-antimeridian",)
    assert reading.points is not None
    assert reading.points[1] == (60, 183)


@pytest.mark.parametrize(
    ("text", "circle"),
    [
        ("35.6,112.1 15", Circle(35.6, 112.1, 15)),
        ("35.6, 112.1\n0", Circle(35.6, 112.1, 0)),
        ("112.1,35.6 15", Circle(35.6, 112.1, 15)),
        ("35.6,112.1", None),
        ("35.6 112.1,15", None),
        ("35.6,112.1 -1", None),
        ("35.6,112.1 15,16", None),
        ("95,95 1", None),
        ("", None),
    ],
)
def test_circles(text: str, circle: Circle | None) -> None:
    reading = read_circle(text)
    assert reading.circle == circle
    assert reading.circle is not None or reading.remarks


def test_references_are_triples() -> None:
    references, remarks = read_references(
        "a,1,2026-07-15T16:30:00+08:00\n b,2,2026-07-15T16:30:00+08:00", None
    )
    assert references == (Reference("a", "1", HALF_PAST_EIGHT), Reference("b", "2", HALF_PAST_EIGHT))
    assert remarks == ()


def test_references_with_blanks_beside_commas_are_read() -> None:
    references, remarks = read_references("a, 1 ,\n2026-07-15T16:30:00+08:00", None)
    assert (references, remarks) == ((Reference("a", "1", HALF_PAST_EIGHT),), ("reference-blanks",))


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("14052141600000_20260715163000", Reference("", "14052141600000_20260715163000", None)),
        ("a,1", Reference("a", "1", None)),
        ("a,1,soon", Reference("a", "1", None)),
    ],
)
def test_a_broken_reference_keeps_what_can_be_read(text: str, reference: Reference) -> None:
    assert read_references(text, None) == ((reference,), ("unreadable-reference",))


def test_words_with_blanks_stand_in_quotes() -> None:
    assert read_words('one "two three"\n four ""') == ("one", "two three", "four")


@pytest.mark.parametrize("text", ["nan", "inf", "1_000", "1e999", "0x1", "", "１"])
def test_what_python_reads_and_nobody_means_is_no_number(text: str) -> None:
    assert read_number(text) is None


@given(st.text())
def test_no_text_raises(text: str) -> None:
    remarks = {
        *read_moment(text, BEIJING).remarks,
        *read_polygon(text).remarks,
        *read_circle(text).remarks,
        *read_references(text, BEIJING)[1],
    }
    assert remarks <= REMARKS.keys()


@pytest.mark.parametrize(
    "text", ["1" + " " * 300_000 + "2", ", " * 30_000, "( " * 30_000, "1,1 " * 30_000, '"' * 300_001]
)
def test_no_text_holds_us_up(text: str) -> None:
    begun = process_time()
    read_moment(text, BEIJING)
    read_polygon(text)
    read_circle(text)
    read_references(text, BEIJING)
    read_words(text)
    assert process_time() - begun < 5
