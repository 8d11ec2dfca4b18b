"""One report of an incident: what it says, who signs it, and the report as a document."""

import asyncio
from urllib.parse import quote
from uuid import UUID

from aiohttp import web

from jiaoying.duty.incidents import actions, store
from jiaoying.duty.incidents.actions import MAX_REASON, entry_of
from jiaoying.duty.incidents.board import IncidentNow
from jiaoying.duty.incidents.chain import merged
from jiaoying.duty.incidents.facts import MAX_SHORT
from jiaoying.duty.incidents.model import Report
from jiaoying.duty.incidents.numbers import incident_number, report_number
from jiaoying.duty.incidents.sheet import ReportSheet, chain_document, report_document
from jiaoying.duty.model import Standing
from jiaoying.duty.store import who_stands
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import CHINESE, speaking
from jiaoying.ledger.append import append_entries
from jiaoying.storage.database import Tx
from jiaoying.web.console.incidents import (
    doer_of,
    fact_values,
    incident_in,
    mistakes_of,
    moment_in,
    places_of,
    report_in,
    ring,
    typed_in,
)
from jiaoying.web.console.keeping import Mistakes, Values
from jiaoying.web.console.rota import names_of
from jiaoying.web.context import actor_of, may, parts_of, read_id, who_asks
from jiaoying.web.pages import NO_STORE, now_of, render, see_other
from jiaoying.web.roles import May

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def show_report(request: web.Request) -> web.StreamResponse:
    """One report as it was written, and what is to be done about it."""
    return await _page(request, {}, {})


async def sign(request: web.Request) -> web.StreamResponse:
    """The leader who is signed in signs it."""
    asking = who_asks(request)
    signer = asking.account.name if asking else ""
    try:
        async with parts_of(request).database.transaction() as tx:
            await actions.sign(tx, read_id(request.match_info["id"]), signer, doer_of(request))
    except Refusal as refusal:
        return await _page(request, {}, {"here": str(refusal)})
    ring(request)
    return see_other(f"/incidents/reports/{request.match_info['id']}")


async def note_signed(request: web.Request) -> web.StreamResponse:
    """A leader said yes to it by telephone."""
    values = await typed_in(request)
    try:
        agreed_at = moment_in(request, values, "agreed_at")
        async with parts_of(request).database.transaction() as tx:
            await actions.note_signed_by_phone(
                tx, read_id(request.match_info["id"]), values.get("signer", ""), agreed_at, doer_of(request)
            )
    except Refusal as refusal:
        return await _page(request, values, mistakes_of(refusal))
    ring(request)
    return see_other(f"/incidents/reports/{request.match_info['id']}")


async def send_back(request: web.Request) -> web.StreamResponse:
    """It is not signed, with the reason; it is written anew."""
    values = await typed_in(request)
    try:
        async with parts_of(request).database.transaction() as tx:
            doer = doer_of(request, values.get("reason", ""))
            await actions.send_back(tx, read_id(request.match_info["id"]), doer)
    except Refusal as refusal:
        return await _page(request, values, mistakes_of(refusal))
    ring(request)
    return see_other(f"/incidents/reports/{request.match_info['id']}")


async def download_report(request: web.Request) -> web.StreamResponse:
    """One report as a document (突发事件信息专报)."""
    async with parts_of(request).database.transaction() as tx:
        one, report = await _report(tx, request)
        sheet = await _sheet(tx, request, one)
        name = report_number(one.incident.called, report, exercise=one.incident.exercise)
        await _note_taken(tx, request, one, str(report.id))
    return await _document(sheet, report, f"{name}.docx")


async def download_chain(request: web.Request) -> web.StreamResponse:
    """All of an incident as one document: what holds now, since when, and what went out."""
    async with parts_of(request).database.transaction() as tx:
        one = await incident_in(tx, read_id(request.match_info["id"]))
        sheet = await _sheet(tx, request, one)
        await _note_taken(tx, request, one, "chain")
    name = incident_number(one.incident.called, exercise=one.incident.exercise)
    return await _document(sheet, None, f"{name}.docx")


async def _document(sheet: ReportSheet, report: Report | None, name: str) -> web.StreamResponse:
    # What goes to other offices is in Chinese, whatever language the page is read in.
    with speaking(CHINESE):
        if report is None:
            body = await asyncio.to_thread(chain_document, sheet)
        else:
            body = await asyncio.to_thread(report_document, sheet, report)
    headers = {**NO_STORE, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return web.Response(body=body, content_type=_DOCX, headers=headers)


async def _note_taken(tx: Tx, request: web.Request, one: IncidentNow, what: str) -> None:
    facts = {"what": what, "numbers": may(request, May.SHOW_NUMBERS)}
    entry = entry_of("incident.taken_away", one.incident, now_of(request), actor_of(request), facts)
    await append_entries(tx, [entry])


async def _sheet(tx: Tx, request: web.Request, one: IncidentNow) -> ReportSheet:
    return ReportSheet(
        one=one,
        sendings=await store.sendings_of(tx, one.id),
        places=await places_of(tx, one.reports, request),
        zone=parts_of(request).settings.timezone,
        whole_numbers=may(request, May.SHOW_NUMBERS),
        now=now_of(request),
    )


async def _page(request: web.Request, values: Values, mistakes: Mistakes) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        one, report = await _report(tx, request)
        names = await places_of(tx, one.reports, request)
        sent = [each for each in await store.sendings_of(tx, one.id) if each.report_id == report.id]
        leader = await _leader_of(tx, one.incident.desk_id, request)
    earlier = merged(each for each in one.reports if each.place < report.place)
    return render(
        request,
        "incident_report.html",
        status=422 if mistakes else 200,
        one=one,
        report=report,
        before={fact: earlier[fact].now.value for fact in report.facts if fact in earlier},
        corrected=report_in(one, report.corrects_id) if report.corrects_id else None,
        sent=sent,
        division_names=names,
        is_own=report.written_by == actor_of(request),
        values={"signer": leader, **values},
        mistakes=mistakes,
        most={"short": MAX_SHORT, "reason": MAX_REASON},
        **fact_values(request),
    )


async def _leader_of(tx: Tx, desk_id: UUID, request: web.Request) -> str:
    """Who leads at the desk now, to be named without typing at night."""
    standing = (await who_stands(tx, [desk_id], now_of(request))).get(desk_id)
    if not isinstance(standing, Standing) or standing.leader_id is None:
        return ""
    return (await names_of(tx, [standing.leader_id])).get(standing.leader_id, "")


async def _report(tx: Tx, request: web.Request) -> tuple[IncidentNow, Report]:
    found = await store.report_by_id(tx, read_id(request.match_info["id"]))
    if found is None:
        raise web.HTTPNotFound
    return await incident_in(tx, found.incident_id), found
