"""Incidents: the clocks that run, the list, and one incident with its chain of reports."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.duty_calls import outcomes_of
from jiaoying.duty.actions import Doer
from jiaoying.duty.incidents.board import (
    IncidentNow,
    incident_now,
    newest_incidents,
    running_clocks,
    story_of,
)
from jiaoying.duty.incidents.facts import read_moment
from jiaoying.duty.incidents.model import Fact, Report
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.storage.database import Tx
from jiaoying.web.console.keeping import Mistakes, Values, address_of_place
from jiaoying.web.context import actor_of, parts_of, read_id
from jiaoying.web.pages import now_of, render

PAGE = 30
# Whom an action may have given work: calls that are not needed any more end at once.
BELLS = ("incidents", "changes")
_LONGEST_TYPED = 4_000


async def show_incidents(request: web.Request) -> web.StreamResponse:
    """The clocks that run, and every incident, the newest first."""
    return await _list(request, "incidents.html")


async def show_incidents_part(request: web.Request) -> web.StreamResponse:
    """The part of the list that lives."""
    return await _list(request, "incidents_live.html")


async def _list(request: web.Request, template: str) -> web.Response:
    after = read_id(request.query["after"]) if request.query.get("after") else None
    async with parts_of(request).database.transaction() as tx:
        found = await newest_incidents(tx, after=after, limit=PAGE)
        clocks = await running_clocks(tx)
    return render(
        request,
        template,
        incidents=found,
        clocks=clocks,
        after=str(after or ""),
        more=len(found) == PAGE,
    )


async def show_incident(request: web.Request) -> web.StreamResponse:
    """One incident: what holds, who must be told, its reports, what went out."""
    return await _one(request, "incident.html")


async def show_incident_part(request: web.Request) -> web.StreamResponse:
    """The part of one incident that lives."""
    return await _one(request, "incident_live.html")


async def _one(request: web.Request, template: str) -> web.Response:
    async with parts_of(request).database.transaction() as tx:
        one = await incident_in(tx, read_id(request.match_info["id"]))
        story = await story_of(tx, one.id)
        calls = {reminder.call_id for reminder in story.reminders if reminder.call_id}
        outcomes = {outcome.call_id: outcome for outcome in await outcomes_of(tx, calls)}
        names = await places_of(tx, one.reports, request)
    return render(
        request,
        template,
        one=one,
        sendings=story.sendings,
        reminders=story.reminders,
        outcomes=outcomes,
        reports={report.id: report for report in one.reports},
        division_names=names,
        **fact_values(request),
    )


# --- what the pages of incidents share ---


def fact_values(request: web.Request) -> dict[str, Any]:
    """What the pieces that show facts need."""
    return {"facts": list(Fact), "local": parts_of(request).settings.timezone}


async def places_of(tx: Tx, reports: Sequence[Report], request: web.Request) -> dict[str, str]:
    """What the divisions that reports name are called, by their codes."""
    home = parts_of(request).settings.home_area
    codes = {str(report.facts[Fact.AREA]) for report in reports if Fact.AREA in report.facts}
    return {code: await address_of_place(tx, code, home) or code for code in codes}


async def incident_in(tx: Tx, incident_id: UUID) -> IncidentNow:
    """The incident of an address."""
    found = await incident_now(tx, incident_id)
    if found is None:
        raise web.HTTPNotFound
    return found


def report_in(one: IncidentNow, report_id: UUID) -> Report:
    """A report of an incident."""
    found = next((report for report in one.reports if report.id == report_id), None)
    if found is None:
        raise web.HTTPNotFound
    return found


def doer_of(request: web.Request, reason: str = "") -> Doer:
    """Whoever is signed in, as the actions want them."""
    return Doer(actor_of(request), reason, now_of(request), parts_of(request).settings.timezone)


async def typed_in(request: web.Request) -> Values:
    """What was typed, to be read and to be shown again."""
    posted = await request.post()
    return {
        name: value[:_LONGEST_TYPED].replace("\0", "").replace("\r\n", "\n")
        for name, value in posted.items()
        if isinstance(value, str)
    }


def moment_in(request: web.Request, values: Mapping[str, str], field: str) -> datetime:
    """A local time of a form to the second; empty is now. Raises Refusal for what is none."""
    text, now = values.get(field, "").strip(), now_of(request)
    if not text:
        return now
    moment = read_moment(text, field, now, parts_of(request).settings.timezone)
    if isinstance(moment, Complaint):
        raise Refusal(moment.text, (moment,))
    return moment


def mistakes_of(refusal: Refusal) -> Mistakes:
    """A refusal as sentences beside the fields that it names; else above the form."""
    found: Mistakes = {}
    for complaint in refusal.complaints:
        found.setdefault(complaint.field, complaint.text)
    return found or {"form": str(refusal)}


def ring(request: web.Request) -> None:
    """After the commit: whoever has work by it looks now."""
    parts_of(request).wake.ring(*BELLS)
