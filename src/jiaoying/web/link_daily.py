"""The page of a link under a round of the daily dispatch: its questions, answered without signing in.

Looking at it is no report; only its form is. It stands under the same token, limits and headers as the page
of a warning (`link_page`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.by_link import take_daily_by_link
from jiaoying.dispatch.daily_answers import ACCEPTED_FOR
from jiaoying.dispatch.store.daily import desks_of_call_out
from jiaoying.dispatch.store.links import LinkedCallOut
from jiaoying.duty.daily.filling import answers_in, is_quiet, typed_from
from jiaoying.duty.daily.model import DeskReports, How, NewReport, Round
from jiaoying.duty.daily.store import reports_of, round_by_id
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.pages import render

LONGEST_FIELD = 1000


@dataclass(frozen=True, slots=True)
class DailyLink:
    """A round as the bearer of a link sees it, with the desks that they are asked for."""

    call_out: LinkedCallOut
    round: Round
    desks: Sequence[DeskReports]
    is_open: bool


async def daily_link(tx: Tx, found: Sequence[LinkedCallOut], now: datetime) -> DailyLink | None:
    """The round that a link is for; None for links of warnings."""
    if not found or (asked := await desks_of_call_out(tx, found[0].call_out_id)) is None:
        return None
    round_id, desk_ids = asked
    shown = await round_by_id(tx, round_id)
    if shown is None:
        return None
    desks = [one for one in (await reports_of(tx, [round_id]))[round_id] if one.desk_id in desk_ids]
    return DailyLink(found[0], shown, desks, now < shown.asked_at + ACCEPTED_FOR)


async def file_by_link(
    tx: Tx, digest: bytes, link: DailyLink, posted: Mapping[str, str], now: datetime
) -> None:
    """File what the form says. Raises Refusal naming each field that is wrong."""
    desk = next((one for one in link.desks if str(one.desk_id) == posted.get("desk")), None)
    if desk is None:
        raise Refusal(say("Choose the desk"))
    form = link.round.form
    answers = form.zero() if posted.get("zero") else answers_in(form, posted)
    new = NewReport(
        link.round.id,
        desk.desk_id,
        How.LINK,
        answers,
        is_quiet(form, answers),
        form.is_whole(answers),
        now,
        contact_id=link.call_out.contact_id,
    )
    await take_daily_by_link(tx, digest, link.call_out, new, desk.desk_name, now)


async def posted_in(request: web.Request) -> dict[str, str]:
    """The fields of the form, cut where nobody would write on."""
    posted = await request.post()
    return {
        name: value.replace("\0", "").strip()[:LONGEST_FIELD]
        for name, value in posted.items()
        if isinstance(value, str)
    }


def daily_page(
    request: web.Request,
    link: DailyLink,
    *,
    posted: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> web.StreamResponse:
    """The page; after a refusal with what was typed."""
    form = link.round.form
    typed: dict[UUID, Mapping[str, str]] = {
        one.desk_id: typed_from(form, one.report.answers) if one.report else {} for one in link.desks
    }
    mistakes: dict[str, str] = {}
    if posted is not None:
        typed |= {one.desk_id: posted for one in link.desks if str(one.desk_id) == posted.get("desk")}
    for complaint in refusal.complaints if refusal else ():
        mistakes.setdefault(complaint.field, complaint.text)
    return render(
        request,
        "link_daily.html",
        status=status,
        link=link,
        typed=typed,
        mistakes=mistakes,
        wrong_desk=(posted or {}).get("desk"),
        mistake=str(refusal) if refusal else None,
        action=request.path,
        sent="sent" in request.query,
        longest=LONGEST_FIELD,
    )
