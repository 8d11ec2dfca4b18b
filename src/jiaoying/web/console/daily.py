"""Daily dispatch: plans with their forms, rounds as they stand, what a desk said, the one-page summary."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.board.roll_calls import Ring, rings_of
from jiaoying.dispatch.daily_filing import file_by_hand
from jiaoying.dispatch.response.board import places_to_choose
from jiaoying.duty.daily import actions, store
from jiaoying.duty.daily.filling import answers_in, is_quiet, typed_from
from jiaoying.duty.daily.model import (
    MAX_LABEL,
    MAX_NAME,
    MAX_QUESTIONS,
    MAX_REASON,
    MAX_SAID_BY,
    MAX_UNIT,
    READY_MADE,
    Answer,
    DeskReports,
    Form,
    How,
    Kind,
    NewReport,
    PlanFields,
    Question,
    Round,
    read_hours,
)
from jiaoying.duty.daily.sheet import summary_sheet
from jiaoying.duty.daily.summary import Summary, summary_of
from jiaoying.duty.store import all_desks
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.console.keeping import Mistakes, Values, values_in
from jiaoying.web.console.roll_calls import desks_in, number_in
from jiaoying.web.console.rota import doer_of, mistakes_of, names_of
from jiaoying.web.context import actor_of, parts_of, read_id
from jiaoying.web.pages import NO_STORE, moment_field, now_of, render, see_other, today_of

SHOWN = 40
BELLS = ("daily", "plan", "escalate", "changes")
USUAL_FORM = "flood"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def show_daily(request: web.Request) -> web.StreamResponse:
    """The rounds, the plans, and the form that makes one."""
    return await _list_page(request)


async def show_daily_part(request: web.Request) -> web.StreamResponse:
    """The part of the list that lives."""
    async with parts_of(request).database.transaction() as tx:
        return render(request, "daily_live.html", rounds=await _rounds(tx))


async def plan(request: web.Request) -> web.StreamResponse:
    """Ask by a new plan from now on."""
    values, chosen = await values_in(request), await desks_in(request)
    try:
        fields = _plan_in(values, chosen)
        async with parts_of(request).database.transaction() as tx:
            await actions.make_plan(tx, fields, doer_of(request))
    except Refusal as refusal:
        return await _list_page(request, values, chosen, mistakes_of(refusal, "name"))
    return see_other("/daily#plans")


async def end_plan(request: web.Request) -> web.StreamResponse:
    """A plan asks no more."""
    try:
        async with parts_of(request).database.transaction() as tx:
            await actions.end_plan(tx, read_id(request.match_info["id"]), doer_of(request))
    except Refusal as refusal:
        return await _list_page(request, refusal=str(refusal))
    return see_other("/daily#plans")


async def show_round(request: web.Request) -> web.StreamResponse:
    """The summary of one round."""
    return await _round_page(request, "daily_round.html")


async def show_round_part(request: web.Request) -> web.StreamResponse:
    """The part of it that lives."""
    return await _round_page(request, "daily_round_live.html")


async def download_round(request: web.Request) -> web.StreamResponse:
    """The summary as the table that is handed in, written in a thread."""
    parts = parts_of(request)
    async with parts.database.transaction() as tx:
        found = await _summary(tx, request)
    by, now = actor_of(request).removeprefix("user:"), now_of(request)
    zone = parts.settings.timezone
    body = await asyncio.to_thread(summary_sheet, found, parts.home_name, by, now, zone)
    at = found.round.planned_at.astimezone(zone)
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="daily-{at:%Y-%m-%d-%H%M}.xlsx"'}
    return web.Response(body=body, content_type=_XLSX, headers=headers)


async def show_desk(request: web.Request) -> web.StreamResponse:
    """One desk in a round: all that it said, and the form that files or corrects it by hand."""
    return await _desk_page(request)


async def file(request: web.Request) -> web.StreamResponse:
    """File what the officer was told of a desk, or put it right."""
    values = await values_in(request)
    async with parts_of(request).database.transaction() as tx:
        found, desk = await _desk(tx, request)
    try:
        at = await moment_field(request, "at") or now_of(request)
        new = _report_in(found, desk, values, max(at, found.asked_at))
        async with parts_of(request).database.transaction() as tx:
            await file_by_hand(tx, new, desk.desk_name, by=actor_of(request), now=now_of(request))
    except Refusal as refusal:
        return await _desk_page(request, values, mistakes_of(refusal, "at"))
    parts_of(request).wake.ring(*BELLS)
    return see_other(f"/daily/{found.id}")


# --- read for the pages ---


async def _rounds(tx: Tx) -> list[Summary]:
    rounds = await store.last_rounds(tx, SHOWN)
    reports = await store.reports_of(tx, [one.id for one in rounds])
    return [summary_of(one, reports[one.id]) for one in rounds]


async def _summary(tx: Tx, request: web.Request) -> Summary:
    found = await store.round_by_id(tx, read_id(request.match_info["id"]))
    if found is None:
        raise web.HTTPNotFound
    return summary_of(found, (await store.reports_of(tx, [found.id]))[found.id])


async def _desk(tx: Tx, request: web.Request) -> tuple[Round, DeskReports]:
    found, desk_id = await _summary(tx, request), read_id(request.match_info["desk"])
    desk = next((one for one in found.desks if one.desk_id == desk_id), None)
    if desk is None:
        raise web.HTTPNotFound
    return found.round, desk


async def _list_page(
    request: web.Request,
    values: Values | None = None,
    chosen: tuple[UUID, ...] = (),
    mistakes: Mistakes | None = None,
    *,
    refusal: str | None = None,
) -> web.StreamResponse:
    ready_made = request.query.get("form", USUAL_FORM)
    async with parts_of(request).database.transaction() as tx:
        rounds = await _rounds(tx)
        plans = await store.plans_going_on(tx)
        desks = await all_desks(tx)
        places = dict(await places_to_choose(tx, parts_of(request).settings.home_area))
    return render(
        request,
        "daily.html",
        status=422 if mistakes or refusal else 200,
        rounds=rounds,
        plans=plans,
        desks=desks,
        places=places,
        typed=values or _usual(today_of(request), READY_MADE.get(ready_made, READY_MADE[USUAL_FORM])),
        planning=values is not None or "form" in request.query,
        ready_made=ready_made,
        chosen=set(chosen),
        mistakes=mistakes or {},
        refusal=refusal,
        kinds=list(Kind),
        most_questions=MAX_QUESTIONS,
        longest_name=MAX_NAME,
        longest_label=MAX_LABEL,
        longest_unit=MAX_UNIT,
    )


async def _round_page(request: web.Request, template: str) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        found = await _summary(tx, request)
        reporters = {one.report.contact_id for one in found.desks if one.report}
        names = await names_of(tx, reporters)
        rings = await _rings(tx, found.round)
    return render(request, template, found=found, names=names, rings=rings)


async def _rings(tx: Tx, found: Round) -> dict[UUID, list[Ring]]:
    """What was tried to reach each desk, the text and the calls of the chase."""
    together: dict[UUID, list[Ring]] = {}
    for call_id in filter(None, (found.call_id, found.chase_id)):
        for desk_id, own in (await rings_of(tx, call_id)).items():
            together.setdefault(desk_id, []).extend(own)
    return together


async def _desk_page(
    request: web.Request, values: Values | None = None, mistakes: Mistakes | None = None
) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        found, desk = await _desk(tx, request)
        names = await names_of(tx, {one.contact_id for one in desk.versions})
        rings = (await _rings(tx, found)).get(desk.desk_id, [])
    stands = typed_from(found.form, desk.report.answers) if desk.report else {}
    return render(
        request,
        "daily_desk.html",
        status=422 if mistakes else 200,
        round=found,
        desk=desk,
        names=names,
        rings=rings,
        typed=values or stands,
        mistakes=mistakes or {},
        longest_reason=MAX_REASON,
        longest_said_by=MAX_SAID_BY,
    )


# --- read from the forms ---


def _usual(today: date, form: Form) -> dict[str, str]:
    """What the form of a plan first shows."""
    found = {
        "first": today.isoformat(),
        "last": today.isoformat(),
        "hours": "09:00 17:00",
        "limit": "30",
        "closes": "60",
    }
    for place, question in enumerate(form.questions, start=1):
        found |= {
            f"label{place}": question.label,
            f"kind{place}": question.kind,
            f"unit{place}": question.unit,
        }
    return found


def _plan_in(values: Mapping[str, str], chosen: tuple[UUID, ...]) -> PlanFields:
    return PlanFields(
        values.get("name", ""),
        _day_in(values, "first"),
        _day_in(values, "last"),
        read_hours(values.get("hours", "")),
        _form_in(values),
        values.get("area", ""),
        chosen,
        timedelta(minutes=number_in(values.get("limit", ""), "limit")),
        timedelta(minutes=number_in(values.get("closes", ""), "closes")),
    )


def _form_in(values: Mapping[str, str]) -> Form:
    """The questions that have a label, each with the number of its row as its key."""
    found: list[Question] = []
    for place in range(1, MAX_QUESTIONS + 1):
        label = values.get(f"label{place}", "").strip()
        if not label:
            continue
        try:
            kind = Kind(values.get(f"kind{place}", ""))
        except ValueError:
            raise _wrong(f"kind{place}", say("Choose by what it is answered")) from None
        found.append(Question(f"q{place}", label, kind, values.get(f"unit{place}", "")))
    return Form(tuple(found))


def _report_in(found: Round, desk: DeskReports, values: Mapping[str, str], at: datetime) -> NewReport:
    """What the officer files. Raises Refusal naming each field that is wrong."""
    form = found.form
    complaints: list[Complaint] = []
    answers: dict[str, Answer] = form.zero() if values.get("zero") else {}
    if not answers:
        try:
            answers = answers_in(form, values)
        except Refusal as refusal:
            complaints += refusal.complaints
    said_by, reason = values.get("said_by", "").strip(), values.get("reason", "").strip()
    if not 1 <= len(said_by) <= MAX_SAID_BY:
        text = say("Write who said it, in at most {count} signs", count=MAX_SAID_BY)
        complaints.append(Complaint("daily", "said_by", text))
    if len(reason) > MAX_REASON or (desk.report and not reason):
        text = say("Say why it is filed anew, in at most {count} signs", count=MAX_REASON)
        complaints.append(Complaint("daily", "reason", text))
    if complaints:
        raise Refusal("; ".join(complaint.text for complaint in complaints), tuple(complaints))
    return NewReport(
        found.id,
        desk.desk_id,
        How.HAND,
        answers,
        is_quiet(form, answers),
        form.is_whole(answers),
        at,
        words=desk.report.words if desk.report else "",
        said_by=said_by,
        reason=reason,
    )


def _day_in(values: Mapping[str, str], field: str) -> date:
    try:
        return date.fromisoformat(values.get(field, "").strip())
    except ValueError:
        raise _wrong(field, say("Write the day as 2026-08-01")) from None


def _wrong(field: str, text: str) -> Refusal:
    return Refusal(text, (Complaint("daily", field, text),))
