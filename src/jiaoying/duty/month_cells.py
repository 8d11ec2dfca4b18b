"""Single cells of a month grid: days, weekdays, names and numbers, as people write them. Pure."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from jiaoying.duty.month_sheet import NO_NUMBER, NOBODY, WEEKDAYS
from jiaoying.duty.rota_rows import plain_name
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.kernel.phone import Number, read_number, split_numbers
from jiaoying.kernel.sheets import Cell, plain_text

MAX_TEXT = 60
_DAY = re.compile(r"(?:(\d{4})[-/.年])?(?:(\d{1,2})[-/.月])?(\d{1,2})[日号]?(?P<rest>[^\d]*)")
_WEEKDAY = re.compile(rf"(?:星期|周|礼拜)?\s*([{WEEKDAYS}天])")
_WEEKDAY_WITHIN = re.compile(rf"(?:星期|周|礼拜)\s*[{WEEKDAYS}天]")
_NUMBER = re.compile(r"[(]?\s*(\+?\d[\d\s\-‐‑–*]{5,}\d(?:\s*转\s*\d+)?)\s*[)]?")
_BROKEN_NUMBER = re.compile(r"\d{5}")
_SEPARATOR = re.compile(r"[\n、，,;；/]")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_NONE_WORDS = frozenset({"", "-", "–", "空", NO_NUMBER})


class Unreadable(Exception):
    """A cell that cannot be used, with why and the remedy."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class WrittenPerson:
    """Somebody in a cell; `mark` is the shift in brackets behind the name."""

    name: str
    number: Number | None = None
    mark: str = ""


def folded(cell: Cell) -> str:
    """A cell in plain signs, its lines kept apart."""
    if not isinstance(cell, str):
        return plain_text(cell)
    lines = unicodedata.normalize("NFKC", cell.replace("\r", "\n")).split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def says_nobody(text: str) -> bool:
    """Whether a cell is empty, or says so (无, —, /)."""
    return all(piece in _NONE_WORDS or piece == NOBODY for piece in _pieces(text))


def written_people(text: str, dialling_code: str, is_mark: Callable[[str], bool]) -> list[WrittenPerson]:
    """Whoever stands in a cell, in order. Raises Unreadable."""
    if says_nobody(text):
        return []
    found: list[WrittenPerson] = []
    for piece in _pieces(text):
        if piece in _NONE_WORDS:
            continue
        rest, mark = _without_mark(piece, is_mark)
        written = _NUMBER.search(rest)
        number = None
        if written is not None:
            number = number_in(written[1], dialling_code)
            rest = f"{rest[: written.start()]} {rest[written.end() :]}"
        rest = rest.strip(" :")
        if not rest and found and found[-1].number is None:
            found[-1] = WrittenPerson(found[-1].name, number, found[-1].mark)
            continue
        if not rest or _BROKEN_NUMBER.search(rest):
            text = say("“{text}” is no name: write names one to a line", text=piece[:MAX_TEXT])
            raise Unreadable("name_unreadable", text)
        found += [WrittenPerson(name, number, mark) for name in _names(rest)]
    return found


def written_numbers(text: str, dialling_code: str) -> list[Number | None]:
    """The numbers of a cell in order; None where somebody has none. Raises Unreadable."""
    found: list[Number | None] = []
    for piece in _pieces(text):
        is_none = piece in _NONE_WORDS or piece == NOBODY
        found += [None] if is_none else [number_in(one, dialling_code) for one in split_numbers(piece)]
    return found


def number_in(written: str, dialling_code: str) -> Number:
    """Raises Unreadable."""
    number = read_number(written, dialling_code)
    if isinstance(number, Complaint):
        raise Unreadable(number.code, number.text)
    return number


def day_in(cell: Cell, year: int, month: int) -> date:
    """The day of this month that a cell means. Raises Unreadable."""
    text = plain_text(cell)
    try:
        found = cell.date() if isinstance(cell, datetime) else _written_day(text, year, month)
    except ValueError:
        found = None
    # A figure with a point has lost its zeros: 8.1 may be the first or the tenth.
    if found is None or (isinstance(cell, float) and not cell.is_integer()):
        raise Unreadable(
            "date_unreadable", say("“{text}” is no day: write it as 8月1日", text=text[:MAX_TEXT])
        )
    if (found.year, found.month) != (year, month):
        text = say("{day} is not in the month of the title: mend the one or the other", day=found.isoformat())
        raise Unreadable("date_outside", text)
    if (weekday := _WEEKDAY_WITHIN.search(text)) is not None:
        check_weekday(found, weekday[0])
    return found


def check_weekday(day: date, text: str) -> None:
    """Raises Unreadable where a sheet says another weekday: mostly it is the sheet of another month."""
    found = _WEEKDAY.match(text)
    if found is not None and WEEKDAYS[day.weekday()] != found[1].replace("天", "日"):
        raise Unreadable(
            "weekday_wrong",
            say(
                "{day} is no {weekday}: mend the day or the month",
                day=day.isoformat(),
                weekday=f"星期{found[1]}",
            ),
        )


def _written_day(text: str, year: int, month: int) -> date | None:
    """Raises ValueError for a day that there is not."""
    found = _DAY.fullmatch(text)
    return None if found is None else date(int(found[1] or year), int(found[2] or month), int(found[3]))


def _pieces(text: str) -> list[str]:
    return [piece.strip() for piece in _SEPARATOR.split(text) if piece.strip()]


def _without_mark(piece: str, is_mark: Callable[[str], bool]) -> tuple[str, str]:
    """The text before the brackets at its end, and what is in them, where that means a shift."""
    if piece.endswith(")"):
        for place, sign in enumerate(piece):
            if sign == "(" and is_mark(piece[place + 1 : -1]):
                return piece[:place], piece[place + 1 : -1]
    return piece, ""


def _names(text: str) -> list[str]:
    """The names in a text without other separators than blanks.

    王强 李明 are two, 王 强 is one stretched to three signs, and 王 强 李小明 are two: no name is a single
    sign. Raises Unreadable where it is not so plain.
    """
    pieces = text.split()
    if len(pieces) < 2 or not all(_CHINESE.fullmatch(piece) for piece in pieces):
        return [plain_name(text)]
    if len(pieces) == 2 and 1 in map(len, pieces):
        return ["".join(pieces)]
    names: list[str] = []
    for is_single, group in groupby(pieces, key=lambda piece: len(piece) == 1):
        own = list(group)
        if is_single and len(own) % 2:
            text = say("“{text}” may be several names: write names one to a line", text=text[:MAX_TEXT])
            raise Unreadable("names_unclear", text)
        pairs = zip(own[::2], own[1::2], strict=False)
        names += [one + other for one, other in pairs] if is_single else own
    return names
