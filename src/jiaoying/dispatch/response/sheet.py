"""The tasks of one response as a workbook: ordered to whom, taken and done when, with which figures."""

import io
import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from jiaoying.dispatch.response.board import ResponseFacts, TaskFacts
from jiaoying.dispatch.response.words import figures_words, kind_name, level_name, task_state_name
from jiaoying.kernel.language import say

_WIDTHS = (14, 16, 22, 22, 14, 10, 17, 17, 17, 17, 17, 17, 22, 30)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def task_sheet(response: ResponseFacts, tasks: Sequence[TaskFacts], zone: ZoneInfo) -> bytes:
    """The workbook; moments in local time with seconds. Slow for thousands: call it in a thread."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(say("Tasks"))
    sheet.page_setup.orientation = "landscape"
    sheet.freeze_panes = "A3"
    for place, width in enumerate(_WIDTHS):
        sheet.column_dimensions[chr(ord("A") + place)].width = width

    def cells(texts: Sequence[str], *, bold: bool = False) -> list[object]:
        row: list[object] = []
        for text in texts:
            cell = WriteOnlyCell(sheet, value=_CONTROL.sub("", text) or None)
            if cell.value is not None:
                cell.data_type = "s"  # an order that begins with = is no formula
            cell.font = Font(bold=bold)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            row.append(cell)
        return row

    sheet.append(cells([_title(response)], bold=True))
    sheet.append(cells(_headings(), bold=True))
    for task in tasks:
        sheet.append(cells(_row(task, zone)))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _title(response: ResponseFacts) -> str:
    level = f" {level_name(response.level)}" if response.level else ""
    drill = say("[DRILL] ") if response.exercise else ""
    return f"{drill}{response.plan}{level} {response.area_names}"


def _headings() -> tuple[str, ...]:
    return (
        say("Place"),
        say("Unit"),
        say("Whom"),
        say("Task"),
        say("Kind"),
        say("State"),
        say("Ordered at"),
        say("deadline"),
        say("taken on"),
        say("has set out"),
        say("has arrived"),
        say("carried out"),
        say("Figures reported"),
        say("Reported"),
    )


def _row(task: TaskFacts, zone: ZoneInfo) -> tuple[str, ...]:
    moments = (
        task.ordered_at,
        task.deadline_at,
        task.taken_at,
        task.set_out_at,
        task.arrived_at,
        task.done_at,
    )
    return (
        task.area_name,
        task.unit,
        " ".join(filter(None, (task.label, task.by_name))),
        task.order_text,
        kind_name(task.kind),
        task_state_name(task.state),
        *(_local(moment, zone) for moment in moments),
        figures_words(task.figures),
        task.note or "",
    )


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else ""
