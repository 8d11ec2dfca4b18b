"""Rota sheets as they are kept."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from jiaoying.duty.sheet import RotaRow, read_moment, read_rota
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import Cell, Grid, Row, SheetComplaint

HOME = Locality("140521000000", "0356", ZoneInfo("Asia/Shanghai"))
HEAD = ("值班室", "起", "止", "值班员", "值班员手机", "带班领导", "带班领导手机")
GOOD: tuple[Cell, ...] = (
    "龙港镇值班室",
    "2026-08-07 08:30",
    "2026-08-08 08:30",
    "王 强",
    "13834561234",
    "李四",
    None,
)


def read(*rows: tuple[Cell, ...], head: tuple[str, ...] = HEAD) -> tuple[list[RotaRow], list[SheetComplaint]]:
    numbered = [Row(number, cells) for number, cells in enumerate([head, *rows], start=1)]
    return read_rota([Grid("八月", tuple(numbered))], HOME)


def test_a_row_is_read_in_local_wall_time() -> None:
    rows, complaints = read(GOOD)
    assert complaints == []
    (row,) = rows
    assert (row.starts_at, row.ends_at) == (
        datetime(2026, 8, 7, 0, 30, tzinfo=UTC),
        datetime(2026, 8, 8, 0, 30, tzinfo=UTC),
    )
    assert row.officer[0] == "王强"
    assert row.officer[1] is not None
    assert row.officer[1].e164 == "+8613834561234"
    assert row.leader == ("李四", None)


def test_english_headings() -> None:
    rows, complaints = read(
        GOOD, head=("desk", "from", "to", "officer", "officer_mobile", "leader", "leader_mobile")
    )
    assert (len(rows), complaints) == (1, [])


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        (0, "", "desk_missing"),
        (1, "下周一", "time_unreadable"),
        (2, None, "time_unreadable"),
        (2, "2026-08-07 08:30", "shift_length"),
        (2, "2026-08-06 08:30", "shift_length"),
        (2, "2027-08-07 08:30", "shift_length"),
        (3, "", "officer_missing"),
    ],
)
def test_a_row_that_cannot_be_used_is_told(column: int, value: Cell, code: str) -> None:
    cells = list(GOOD)
    cells[column] = value
    rows, complaints = read(tuple(cells))
    assert rows == []
    assert [(complaint.row, complaint.code) for complaint in complaints] == [(2, code)]


def test_a_sheet_without_headings_is_told() -> None:
    rows, complaints = read(("a", "b"), head=("c", "d", "e", "f", "g", "h", "i"))
    assert rows == []
    assert [complaint.code for complaint in complaints] == ["no_headings"]


@pytest.mark.parametrize(
    ("written", "utc_hour", "day"),
    [
        ("2026-08-07 08:30", 0, 7),
        ("2026/8/7 8:30", 0, 7),
        ("2026年8月7日8时30分", 0, 7),
        ("2026年8月7日 8点30", 0, 7),
        ("2026-08-07T08:30:00+08:00", 0, 7),
        ("2026-08-07T00:30:00Z", 0, 7),
        ("2026-08-07 08:30:00", 0, 7),
        (datetime(2026, 8, 7, 8, 30), 0, 7),  # noqa: DTZ001 - a cell of a workbook knows no zone
    ],
)
def test_moments_in_every_hand(written: Cell, utc_hour: int, day: int) -> None:
    assert read_moment(written, HOME) == datetime(2026, 8, day, utc_hour, 30, tzinfo=UTC)


def test_twenty_four_is_the_end_of_the_day() -> None:
    assert read_moment("2026-08-07 24:00", HOME) == datetime(2026, 8, 7, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["", "08:30", "2026-08-07", "2026-02-30 08:30", "2026-08-07 25:00", 46000]
)
def test_what_is_no_moment_is_none(written: Cell) -> None:
    assert read_moment(written, HOME) is None
