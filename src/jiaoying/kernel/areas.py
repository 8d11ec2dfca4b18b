"""Division codes (GB/T 2260, GB/T 10114): 2 digits province, 4 city, 6 county, 9 township, 12 village."""

import re
from collections.abc import Sequence
from enum import StrEnum

_CODE = re.compile(r"\d{12}")


class Level(StrEnum):
    """Levels of the administrative tree, highest first."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


_PREFIX_LENGTH = {Level.PROVINCE: 2, Level.CITY: 4, Level.COUNTY: 6, Level.TOWNSHIP: 9, Level.VILLAGE: 12}


def is_area_code(text: str) -> bool:
    """Whether `text` is 12 digits, as every area code in this system is."""
    return _CODE.fullmatch(text) is not None


def level_of(code: str) -> Level:
    """The level that a 12-digit code names, by its trailing zeros."""
    for level in (Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWNSHIP):
        if code[_PREFIX_LENGTH[level] :].strip("0") == "":
            return level
    return Level.VILLAGE


def prefix_of(code: str) -> str:
    """The digits that every area inside `code` shares: `140521000000` → `140521`."""
    return code[: _PREFIX_LENGTH[level_of(code)]]


def covers(outer: str, inner: str) -> bool:
    """Whether `inner` is `outer` itself or lies inside it."""
    return inner.startswith(prefix_of(outer))


def share_a_place(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether a place lies in both lists of codes; where one of them is empty nothing speaks against it."""
    if not some or not others:
        return True
    return any(covers(one, other) or covers(other, one) for one in some for other in others)


def ancestors_of(code: str) -> tuple[str, ...]:
    """The codes above `code`, nearest first: a village's township, county, city, province."""
    own = _PREFIX_LENGTH[level_of(code)]
    lengths = sorted((length for length in _PREFIX_LENGTH.values() if length < own), reverse=True)
    return tuple(code[:length].ljust(12, "0") for length in lengths)


def complete_code(digits: str) -> str | None:
    """A 12-digit code from 2, 4, 6, 9 or 12 digits as feeds write them, or None."""
    if not digits.isascii() or not digits.isdigit() or len(digits) not in (2, 4, 6, 9, 12):
        return None
    return digits.ljust(12, "0")
