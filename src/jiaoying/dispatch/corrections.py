"""Figures corrected by the officer, and what was said of a place before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.figures import FIGURE_OF, Figure
from jiaoying.dispatch.reporting import Told, take_reports
from jiaoying.dispatch.reports import MAX_FIGURE, Reported
from jiaoying.dispatch.store.feedback import who_reports_for
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as

STAGE_OF: Mapping[Figure, FeedbackStage] = {figure: stage for stage, figure in FIGURE_OF.items()}
MOST_REPORTS = 200


@dataclass(frozen=True, slots=True)
class ReportOfPlace:
    """One report or correction; `name` is of who gave it, `by_user` of who corrected."""

    at: datetime
    stage: FeedbackStage
    households: int | None
    people: int | None
    said: str | None
    name: str
    by_user: str | None


def read_count(words: str, field: str) -> int | None:
    """A figure as it was typed; None where nothing was. Raises Refusal, naming the field."""
    if not words.strip():
        return None
    if not words.strip().isdecimal() or int(words) > MAX_FIGURE:
        raise Refusal(say("{field}: write a whole number up to {most}", field=field, most=MAX_FIGURE))
    return int(words)


async def correct_figures(
    tx: Tx,
    warning_id: UUID,
    area_code: str,
    report: Reported,
    *,
    by: str,
    note: str,
    now: datetime,
) -> None:
    """Put these figures in the place of what was reported; that stays as history. Raises Refusal."""
    if report.stage not in FIGURE_OF or not report.has_figures:
        raise Refusal(say("Write how many households or people it is"))
    call_out_id = await who_reports_for(tx, warning_id, area_code)
    if call_out_id is None:
        raise Refusal(say("Nobody is called for this place under this warning: there is nothing to correct"))
    told = Told(
        {call_out_id: warning_id}, (), (report,), note.strip() or None, now, by_user=by, place=area_code
    )
    await take_reports(tx, [told], now)
    facts = {
        "area": area_code,
        "stage": report.stage,
        "households": report.households,
        "people": report.people,
    }
    entry = Entry(now, "feedback.corrected", by, warning_id, facts=facts, particulars={"note": note.strip()})
    await append_entries(tx, [entry])


async def reports_of_place(tx: Tx, warning_id: UUID, area_code: str) -> list[ReportOfPlace]:
    """Everything that was reported of one place, and corrected, the newest first; at most MOST_REPORTS."""
    given = {"warning_id": warning_id, "area_code": area_code, "limit": MOST_REPORTS}
    return read_as(ReportOfPlace, await tx.execute(_REPORTS, given))


_REPORTS = text(
    """
    SELECT said.at, said.stage, said.households, said.people, said.said, person.name, said.by_user
    FROM feedback AS said
    JOIN call_outs AS call_out ON call_out.id = said.call_out_id
    JOIN contacts AS person ON person.id = call_out.contact_id
    WHERE said.area_code = :area_code AND said.call_out_id IN (
        SELECT role.call_out_id FROM call_out_roles AS role
        JOIN responsibilities AS duty ON duty.id = role.responsibility_id
        WHERE duty.warning_id = :warning_id)
    ORDER BY said.at DESC, said.id DESC
    LIMIT :limit
    """
)
