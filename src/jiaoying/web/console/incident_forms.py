"""The forms of incidents: one is taken in, and reported on; what was typed is kept when it is refused."""

from datetime import datetime
from uuid import UUID

from aiohttp import web

from jiaoying.duty.incidents import actions
from jiaoying.duty.incidents.actions import MAX_ADDRESSEES, WrittenReport
from jiaoying.duty.incidents.board import IncidentNow
from jiaoying.duty.incidents.facts import MAX_LONG, MAX_SHORT
from jiaoying.duty.incidents.model import (
    FIGURES,
    LONG_TEXTS,
    Fact,
    Grade,
    IncidentKind,
    Report,
    ReportKind,
)
from jiaoying.duty.store import all_desks
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.storage.database import Tx
from jiaoying.web.console.incidents import (
    doer_of,
    fact_values,
    incident_in,
    mistakes_of,
    places_of,
    ring,
    typed_in,
)
from jiaoying.web.console.keeping import Mistakes, Values, address_of_place, read_place
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import render, see_other

_FURTHER = (ReportKind.CONTINUED, ReportKind.FINAL, ReportKind.CORRECTION)
_AS_FORMS_HAVE_IT = "%Y-%m-%dT%H:%M:%S"
# What a report that was sent back had beside its facts.
_BESIDE = ("addressees", "reporter", "phone")


async def ask_new(request: web.Request) -> web.StreamResponse:
    """The empty form; it was told just now."""
    return await _new_page(request, {"grade": Grade.UNDETERMINED}, {})


async def take_in(request: web.Request) -> web.StreamResponse:
    """Take an incident in: number, first report and clocks."""
    values = await typed_in(request)
    try:
        async with parts_of(request).database.transaction() as tx:
            written = await _written(tx, request, values)
            incident = await actions.take_in(
                tx,
                _id_in(values.get("desk", "")),
                written,
                doer_of(request),
                exercise=values.get("exercise") == "yes",
            )
    except Refusal as refusal:
        return await _new_page(request, values, mistakes_of(refusal))
    ring(request)
    return see_other(f"/incidents/{incident.id}")


async def ask_report(request: web.Request) -> web.StreamResponse:
    """The form of a further report: empty, with what holds beside each field; or what was sent back."""
    async with parts_of(request).database.transaction() as tx:
        one = await incident_in(tx, read_id(request.match_info["id"]))
        values = await _to_begin_with(tx, request, one)
    return await _report_page(request, one, values, {})


async def report_on(request: web.Request) -> web.StreamResponse:
    """Write a further report."""
    values, incident_id = await typed_in(request), read_id(request.match_info["id"])
    try:
        async with parts_of(request).database.transaction() as tx:
            report = await actions.report_on(
                tx,
                incident_id,
                _kind_in(values.get("report_kind", "")),
                await _written(tx, request, values),
                doer_of(request),
                corrects_id=_id_in(values.get("corrects", "")),
            )
    except Refusal as refusal:
        async with parts_of(request).database.transaction() as tx:
            one = await incident_in(tx, incident_id)
        return await _report_page(request, one, values, mistakes_of(refusal))
    ring(request)
    return see_other(f"/incidents/reports/{report.id}")


async def _new_page(request: web.Request, values: Values, mistakes: Mistakes) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        desks = await all_desks(tx)
    home = parts_of(request).settings.home_area
    values = {"desk": next((str(desk.id) for desk in desks if desk.area_code == home), ""), **values}
    return render(
        request,
        "incident_new.html",
        status=422 if mistakes else 200,
        desks=desks,
        **_form_values(request, values, mistakes),
    )


async def _report_page(
    request: web.Request, one: IncidentNow, values: Values, mistakes: Mistakes
) -> web.StreamResponse:
    kind = _kind_in(values.get("report_kind", ""))
    async with parts_of(request).database.transaction() as tx:
        names = await places_of(tx, one.reports, request)
    return render(
        request,
        "incident_report_form.html",
        status=422 if mistakes else 200,
        one=one,
        kind=ReportKind.FIRST if one.newest is None else kind,
        signed=[report for report in one.reports if report.signed_at is not None],
        division_names=names,
        **_form_values(request, values, mistakes),
    )


def _form_values(request: web.Request, values: Values, mistakes: Mistakes) -> dict[str, object]:
    return {
        "values": values,
        "mistakes": mistakes,
        "kinds": list(IncidentKind),
        "grades": list(Grade),
        "figures": FIGURES,
        "long_texts": LONG_TEXTS,
        "most": {"short": MAX_SHORT, "long": MAX_LONG, "addressees": MAX_ADDRESSEES},
        **fact_values(request),
    }


async def _to_begin_with(tx: Tx, request: web.Request, one: IncidentNow) -> Values:
    """Beside the kind that the address asks for: the last report, where it was sent back, to be mended."""
    values: Values = {"report_kind": _kind_in(request.query.get("kind", ""))}
    if request.query.get("corrects"):
        values["corrects"] = request.query["corrects"][:36]
    newest = one.newest
    if newest is not None:
        values |= {name: getattr(newest, name) for name in _BESIDE}
    last = one.reports[-1]
    return values | await _again(tx, request, last) if last.returned_at is not None else values


async def _again(tx: Tx, request: web.Request, report: Report) -> Values:
    zone, home = parts_of(request).settings.timezone, parts_of(request).settings.home_area
    values: Values = {name: getattr(report, name) for name in _BESIDE}
    values["report_kind"] = report.kind
    values["received_at"] = report.received_at.astimezone(zone).strftime(_AS_FORMS_HAVE_IT)
    for fact, value in report.facts.items():
        values[fact] = str(value)
    if Fact.HAPPENED_AT in report.facts:
        moment = datetime.fromisoformat(str(report.facts[Fact.HAPPENED_AT]))
        values[Fact.HAPPENED_AT] = moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    if Fact.AREA in report.facts:
        values[Fact.AREA] = await address_of_place(tx, str(report.facts[Fact.AREA]), home)
    return values


async def _written(tx: Tx, request: web.Request, values: Values) -> WrittenReport:
    """The form, with its place as a code; one that is not known is complained of with all the rest."""
    typed, complaints = dict(values), list[Complaint]()
    place = typed.pop(Fact.AREA, "").strip()
    if place:
        found = await read_place(tx, place, parts_of(request).settings.home_area)
        if isinstance(found, Complaint):
            complaints.append(Complaint("incident", Fact.AREA, found.text))
        else:
            typed[Fact.AREA] = found.code
    return WrittenReport(
        typed=typed,
        complaints=tuple(complaints),
        received_at=values.get("received_at", ""),
        addressees=values.get("addressees", ""),
        reporter=values.get("reporter", ""),
        phone=values.get("phone", ""),
    )


def _kind_in(text: str) -> ReportKind:
    return ReportKind(text) if text in _FURTHER else ReportKind.CONTINUED


def _id_in(text: str) -> UUID:
    """An id that a form chose; of nothing where it chose none."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
