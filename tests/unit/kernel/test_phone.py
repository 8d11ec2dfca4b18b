"""Numbers as county lists really hold them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.phone import (
    Number,
    NumberKind,
    is_demonstration_number,
    masked,
    read_number,
    split_numbers,
)


@pytest.mark.parametrize(
    ("written", "e164", "kind"),
    [
        ("13834561234", "+8613834561234", "mobile"),
        (13834561234, "+8613834561234", "mobile"),
        (13834561234.0, "+8613834561234", "mobile"),
        (1.38e10, "+8613800000000", "mobile"),
        ("13834561234.0", "+8613834561234", "mobile"),
        ("1.3834561234E+10", "+8613834561234", "mobile"),
        ("１３８３４５６１２３４", "+8613834561234", "mobile"),
        ("138 3456 1234", "+8613834561234", "mobile"),
        ("138-3456-1234", "+8613834561234", "mobile"),
        ("138－3456－1234", "+8613834561234", "mobile"),
        ("+86 138 3456 1234", "+8613834561234", "mobile"),
        ("8613834561234", "+8613834561234", "mobile"),
        ("008613834561234", "+8613834561234", "mobile"),
        ("7022234", "+863567022234", "landline"),
        ("0356-7022234", "+863567022234", "landline"),
        ("（0356）7022234", "+863567022234", "landline"),
        ("0356 702 2234", "+863567022234", "landline"),
        ("0356-7022234转801", "+863567022234;ext=801", "landline"),
        ("7022234-801", "+863567022234;ext=801", "landline"),
        ("+863567022234;ext=801", "+863567022234;ext=801", "landline"),
        ("010-62345678", "+861062345678", "landline"),
        ("13491234567", "+8613491234567", "satellite"),
        ("17412345678", "+8617412345678", "satellite"),
        ("+852 9123 4567", "+85291234567", "mobile"),
        ("10012345678", "+8610012345678", "mobile"),
        ("0356-0001234", "+863560001234", "landline"),
        ("0001234", "+863560001234", "landline"),
        ("+8610012345678", "+8610012345678", "mobile"),
    ],
)
def test_a_number_is_understood_however_it_is_written(written: object, e164: str, kind: str) -> None:
    assert read_number(written, "0356") == Number(e164, NumberKind(kind))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "number_missing"),
        (None, "number_missing"),
        ("1.38E+10", "digits_lost"),
        ("1383456123", "number_invalid"),
        ("138345612345", "number_invalid"),
        ("110", "number_invalid"),
        ("12379", "number_invalid"),
        ("无", "number_unreadable"),
        ("1" * 400, "number_unreadable"),
        ("13834561234abc", "number_unreadable"),
    ],
)
def test_what_cannot_be_called_is_a_complaint(written: object, code: str) -> None:
    found = read_number(written, "0356")
    assert isinstance(found, Complaint)
    assert found.code == code


def test_a_landline_gets_the_dialling_code_of_the_installation() -> None:
    assert read_number("62345678", "010") == Number("+861062345678", NumberKind.LANDLINE)


def test_several_numbers_in_one_cell() -> None:
    assert split_numbers("13834561234/0356-7022234") == ["13834561234", "0356-7022234"]
    assert split_numbers("13834561234 13934561234") == ["13834561234", "13934561234"]
    assert split_numbers("138 3456 1234") == ["138 3456 1234"]
    assert split_numbers("13834561234、\n13934561234") == ["13834561234", "13934561234"]
    assert split_numbers("+863567022234;ext=801;13834561234") == ["+863567022234;ext=801", "13834561234"]


def test_demonstration_numbers_are_recognised_and_real_ones_are_not() -> None:
    assert is_demonstration_number("+8610012345678")
    assert is_demonstration_number("+863560001234;ext=8")
    assert not is_demonstration_number("+8613834561234")
    assert not is_demonstration_number("+863567001234")
    assert not is_demonstration_number("+86100123456789")


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+8613834560000", "138****0000"),
        ("+8610012340000", "100****0000"),
        ("+863567022234", "0356-***2234"),
        ("+863567022234;ext=801", "0356-***2234"),
        ("+861062345678", "010-***5678"),
        ("+85291234567", "+852****4567"),
        ("+1234", "****"),
    ],
)
def test_masked_numbers_keep_only_their_ends(e164: str, shown: str) -> None:
    assert masked(e164) == shown


@settings(deadline=None)
@given(st.text(max_size=80) | st.floats() | st.integers())
def test_anything_at_all_is_a_number_or_a_complaint(written: object) -> None:
    found = read_number(written, "0356")
    if isinstance(found, Number):
        assert read_number(found.e164, "010") == found, "reading it again changes nothing"
