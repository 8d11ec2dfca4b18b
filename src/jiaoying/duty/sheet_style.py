"""How sheets of the duty desk look: the fonts, lines and page numbers that offices expect.

Fonts follow GB/T 9704-2012 as far as it speaks of them: 小标宋 for titles, 黑体 for heads, 仿宋 for the body.
"""

import re
from math import ceil
from typing import Any

from openpyxl.styles import Alignment, Border, Font, Side

TITLE_TYPE, HEAD_TYPE, BODY_TYPE = "方正小标宋简体", "黑体", "仿宋"
TITLE_SIZE, BODY_SIZE, NOTE_SIZE, SMALL_SIZE = 22.0, 12.0, 10.5, 9.0  # 二号, 小四, 五号, 小五
TITLE_FONT = Font(name=TITLE_TYPE, size=TITLE_SIZE)
HEAD_FONT = Font(name=HEAD_TYPE, size=BODY_SIZE)
BODY_FONT = Font(name=BODY_TYPE, size=BODY_SIZE)
NOTE_FONT = Font(name=BODY_TYPE, size=NOTE_SIZE)
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
# In points, a line of each size.
LINE_HEIGHT, SMALL_LINE_HEIGHT = 16.0, 14.0
PADDING = 1.0
_THIN = Side(style="thin", color="000000")
_MEDIUM = Side(style="medium", color="000000")
_LAST_NARROW = 0x2E7F
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def put(page: Any, row: int, column: int, value: str | int | None, font: Font, alignment: Alignment) -> Any:
    """Write a number, or a text as text whatever it begins with, into a cell."""
    cell = page.cell(row, column)
    cell.value = (printable(value) or None) if isinstance(value, str) else value
    if isinstance(cell.value, str):
        cell.data_type = "s"  # a name that begins with = is a name, not a formula
    cell.font, cell.alignment = font, alignment
    return cell


def printable(text: str) -> str:
    """A text without the signs that no office file can hold."""
    return _CONTROL.sub("", text)


def lines_in(text: str, width: float) -> int:
    """Into how many lines a text is broken in a column."""
    return max(1, ceil(round(signs_of(text) / (width - PADDING), 3)))


def signs_of(text: str) -> float:
    """How wide a text of 12 points is, in the signs of 11 by which columns are measured."""
    return sum(sign_width(sign) for sign in text)


def sign_width(sign: str) -> float:
    """How wide one sign of 12 points is."""
    return 2.3 if ord(sign) > _LAST_NARROW else 1.15


def frame(page: Any, first_row: int, last_row: int, columns: int) -> None:
    """Thin lines inside, heavier ones around the whole."""
    for number in range(first_row, last_row + 1):
        for place in range(1, columns + 1):
            page.cell(number, place).border = Border(
                left=_MEDIUM if place == 1 else _THIN,
                right=_MEDIUM if place == columns else _THIN,
                top=_MEDIUM if number == first_row else _THIN,
                bottom=_MEDIUM if number == last_row else _THIN,
            )


def number_pages(page: Any) -> None:
    """第 1 页 共 3 页 below each page, in whatever language the sheet is: so archives bind them."""
    page.oddFooter.center.text = "第 &P 页 共 &N 页"
