"""Sheets of the duty log, read from the rows; that one was taken away is a line of the ledger."""

import asyncio
from datetime import date, timedelta

from jiaoying.duty.actions import Doer
from jiaoying.duty.log_days import load_days
from jiaoying.duty.log_document import log_document
from jiaoying.duty.log_paper import LogPaper, day_paper, month_paper
from jiaoying.duty.log_workbook import log_workbook
from jiaoying.duty.model import Desk
from jiaoying.duty.month_sheet import Filing
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

# By the ending of the file: what writes it, and its media type.
WRITERS = {
    "xlsx": (log_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": (log_document, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


async def load_day_paper(
    tx: Tx, desk: Desk, day: date, filing: Filing, doer: Doer, *, whole_numbers: bool
) -> LogPaper:
    """The sheet of a day of a desk."""
    (found,) = await load_days(tx, desk, day, day, doer.now, doer.zone, whole_numbers=whole_numbers)
    await _note_taken(tx, desk, day, day, doer, whole_numbers=whole_numbers)
    return day_paper(found, filing, doer.zone)


async def load_month_paper(tx: Tx, desk: Desk, month: date, filing: Filing, doer: Doer) -> LogPaper:
    """The sheet of the month of a date, up to today; it holds no telephone numbers."""
    first = month.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    last = max(first, min(last, doer.now.astimezone(doer.zone).date()))
    days = await load_days(tx, desk, first, last, doer.now, doer.zone, whole_numbers=False)
    await _note_taken(tx, desk, first, last, doer, whole_numbers=False)
    return month_paper(desk, days, filing, doer.zone)


async def written_as(paper: LogPaper, ending: str) -> bytes:
    """The sheet as a file of this kind (`xlsx` or `docx`)."""
    return await asyncio.to_thread(WRITERS[ending][0], paper)


async def _note_taken(
    tx: Tx, desk: Desk, first: date, last: date, doer: Doer, *, whole_numbers: bool
) -> None:
    facts = {
        "desk_id": str(desk.id),
        "first": first.isoformat(),
        "last": last.isoformat(),
        "numbers": whole_numbers,
    }
    await append_entries(tx, [Entry(doer.now, "log.exported", doer.actor, facts=facts)])
