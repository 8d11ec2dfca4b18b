"""A score as a workbook: the figures, the townships, and who was not woken and why."""

import io
import re
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from jiaoying.dispatch.scoring.model import Score, Tally
from jiaoying.kernel.language import say

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
Cell = str | int | float | None
Word = Callable[[str], str]


def score_sheet(title: str, score: Score, zone: ZoneInfo, *, level_word: Word, reason_word: Word) -> bytes:
    """The workbook; slow for thousands, so call it through `asyncio.to_thread`."""
    book = Workbook(write_only=True)
    heading = (
        *(say("Who"), say("People"), say("Woken"), say("Within 3 minutes, %")),
        *(say("Within 5 minutes, %"), say("Within 15 minutes, %")),
        *(say("Reported back"), say("Reported back in time")),
    )
    figures = [_figures(say("Everybody"), score.total)]
    figures += [_figures(level_word(level), tally) for level, tally in score.levels.items()]
    figures += [_figures(name or code, tally) for code, (name, tally) in score.townships.items()]
    _add(book, say("Score"), title, heading, figures)
    silent: list[Sequence[Cell]] = [
        (
            one.township_name,
            one.name,
            say(", ").join(one.labels),
            f"{one.called_at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if one.called_at else say("not called"),
            reason_word(one.reason or ""),
        )
        for one in score.not_woken
    ]
    columns = (say("Township"), say("Name"), say("Posts"), say("First call"), say("Why not woken"))
    _add(book, say("Not woken"), title, columns, silent)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _figures(name: str, tally: Tally) -> Sequence[Cell]:
    return (name, tally.people, tally.woken, *tally.percents, tally.reported, tally.reported_in_time)


def _add(
    book: Workbook, name: str, title: str, heading: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A3"
    for letter in "ABCDEFGH"[: len(heading)]:
        sheet.column_dimensions[letter].width = 20

    def cells(values: Sequence[Cell], *, bold: bool = False) -> list[object]:
        row: list[object] = []
        for value in values:
            shown = _CONTROL.sub("", value) if isinstance(value, str) else value
            cell = WriteOnlyCell(sheet, value=shown)
            if isinstance(shown, str) and shown:
                cell.data_type = "s"  # a name that begins with = is a name, not a formula
            cell.font = Font(bold=bold)
            row.append(cell)
        return row

    sheet.append(cells([title], bold=True))
    sheet.append(cells(heading, bold=True))
    for row in rows:
        sheet.append(cells(row))
