"""What goes out of an incident: noted as sent, its receipt, taken back, or not needed."""

from uuid import UUID

from aiohttp import web

from jiaoying.duty.incidents import sending, store
from jiaoying.duty.incidents.actions import MAX_REASON
from jiaoying.duty.incidents.board import IncidentNow
from jiaoying.duty.incidents.facts import MAX_SHORT
from jiaoying.duty.incidents.model import KeptObligation, Means, Sending
from jiaoying.duty.incidents.sending import Sent
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.console.incidents import (
    doer_of,
    incident_in,
    mistakes_of,
    moment_in,
    report_in,
    ring,
    typed_in,
)
from jiaoying.web.console.keeping import Mistakes, Values
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import render, see_other


async def show_obligation(request: web.Request) -> web.StreamResponse:
    """Somebody who must be told: note that it was done, or why it need not be."""
    async with parts_of(request).database.transaction() as tx:
        owed, one = await _obligation(tx, request)
    return _card(request, one, owed, {}, {})


async def ask_sending(request: web.Request) -> web.StreamResponse:
    """Somebody was told of whom no rule speaks, or of a further report."""
    async with parts_of(request).database.transaction() as tx:
        one = await incident_in(tx, read_id(request.match_info["id"]))
    return _card(request, one, None, {}, {})


async def note_sent(request: web.Request) -> web.StreamResponse:
    """Note that somebody was told."""
    values, incident_id = await typed_in(request), read_id(request.match_info["id"])
    try:
        async with parts_of(request).database.transaction() as tx:
            await incident_in(tx, incident_id)
            await sending.note_sent(tx, incident_id, _sent_in(request, values), doer_of(request))
    except Refusal as refusal:
        async with parts_of(request).database.transaction() as tx:
            one = await incident_in(tx, incident_id)
        return _card(request, one, _owed_in(one, values), values, mistakes_of(refusal))
    ring(request)
    return see_other(f"/incidents/{incident_id}")


async def lift(request: web.Request) -> web.StreamResponse:
    """This recipient need not be told by this means."""
    values = await typed_in(request)
    async with parts_of(request).database.transaction() as tx:
        owed, one = await _obligation(tx, request)
    try:
        async with parts_of(request).database.transaction() as tx:
            await sending.lift(tx, owed.id, doer_of(request, values.get("reason", "")))
    except Refusal as refusal:
        return _card(request, one, owed, values, mistakes_of(refusal), form="lift")
    ring(request)
    return see_other(f"/incidents/{one.id}")


async def show_sending(request: web.Request) -> web.StreamResponse:
    """Something that went out: its receipt, or that it was noted by mistake."""
    return await _sending_page(request, {}, {}, "receipt")


async def note_receipt(request: web.Request) -> web.StreamResponse:
    """Note that it arrived."""
    values = await typed_in(request)
    try:
        at = moment_in(request, values, "receipt_at")
        async with parts_of(request).database.transaction() as tx:
            found, _ = await _sending(tx, request)
            await sending.note_receipt(tx, found.id, values.get("received_by", ""), at, doer_of(request))
    except Refusal as refusal:
        return await _sending_page(request, values, mistakes_of(refusal), "receipt")
    ring(request)
    return see_other(f"/incidents/{found.incident_id}")


async def take_back(request: web.Request) -> web.StreamResponse:
    """It was noted by mistake."""
    values = await typed_in(request)
    try:
        async with parts_of(request).database.transaction() as tx:
            found, _ = await _sending(tx, request)
            await sending.take_back(tx, found.id, doer_of(request, values.get("reason", "")))
    except Refusal as refusal:
        return await _sending_page(request, values, mistakes_of(refusal), "take-back")
    ring(request)
    return see_other(f"/incidents/{found.incident_id}")


def _card(
    request: web.Request,
    one: IncidentNow,
    owed: KeptObligation | None,
    values: Values,
    mistakes: Mistakes,
    *,
    form: str = "sent",
) -> web.StreamResponse:
    signed = [report for report in one.reports if report.signed_at is not None]
    return render(
        request,
        "incident_obligation.html",
        status=422 if mistakes else 200,
        one=one,
        owed=owed,
        signed=list(reversed(signed)),
        recipients=sorted({each.recipient for each in one.owed}),
        all_means=list(Means),
        form=form,
        values={"report": str(signed[-1].id) if signed else "", **values},
        mistakes=mistakes,
        most={"short": MAX_SHORT, "reason": MAX_REASON},
    )


async def _sending_page(
    request: web.Request, values: Values, mistakes: Mistakes, form: str
) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        found, one = await _sending(tx, request)
    return render(
        request,
        "incident_sending.html",
        status=422 if mistakes else 200,
        one=one,
        sending=found,
        report=report_in(one, found.report_id) if found.report_id else None,
        form=form,
        values=values,
        mistakes=mistakes,
        most={"short": MAX_SHORT, "reason": MAX_REASON},
    )


def _sent_in(request: web.Request, values: Values) -> Sent:
    means, report = values.get("means", ""), values.get("report", "")
    if means not in set(Means):
        text = say("Choose by which means")
        raise Refusal(text, (Complaint("incident", "means", text),))
    return Sent(
        recipient=values.get("recipient", ""),
        means=Means(means),
        at=moment_in(request, values, "at"),
        to=values.get("to", ""),
        how=values.get("how", ""),
        report_id=_id_of(report) if report else None,
    )


def _id_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _owed_in(one: IncidentNow, values: Values) -> KeptObligation | None:
    """What the form was opened for: its card is shown again."""
    return next((each for each in one.running if str(each.id) == values.get("owed")), None)


async def _obligation(tx: Tx, request: web.Request) -> tuple[KeptObligation, IncidentNow]:
    found = await store.obligation_by_id(tx, read_id(request.match_info["id"]))
    if found is None:
        raise web.HTTPNotFound
    return found, await incident_in(tx, found.incident_id)


async def _sending(tx: Tx, request: web.Request) -> tuple[Sending, IncidentNow]:
    found = await store.sending_by_id(tx, read_id(request.match_info["id"]))
    if found is None:
        raise web.HTTPNotFound
    return found, await incident_in(tx, found.incident_id)
