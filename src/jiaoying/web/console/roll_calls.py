"""Roll calls: begun by hand or planned, looked at while they run, and the month counted."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.board.roll_calls import Ring, rings_of
from jiaoying.dispatch.response.board import places_to_choose
from jiaoying.dispatch.store.number_checks import grave_warning_runs
from jiaoying.duty.roll_calls import actions, store
from jiaoying.duty.roll_calls.model import (
    LIMIT_MINUTES,
    MARKED,
    MAX_NAME,
    MAX_REASON,
    MAX_TRIES,
    CallState,
    Manner,
    Outcome,
    Result,
    RollCall,
    Terms,
)
from jiaoying.duty.roll_calls.month import Held, MonthOfCalls, month_of
from jiaoying.duty.roll_calls.sheet import month_sheet
from jiaoying.duty.shift_times import moment_of
from jiaoying.duty.store import all_desks
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.console.keeping import Mistakes, Values, values_in
from jiaoying.web.console.rota import doer_of, mistakes_of, names_of
from jiaoying.web.console.rota_month import month_after, month_in
from jiaoying.web.context import actor_of, is_fragment, parts_of, read_id
from jiaoying.web.pages import NO_STORE, now_of, render, see_other, today_of

SHOWN = 40
BELLS = ("roll_call", "changes")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DAYS = tuple("0123456")
_USUAL: Mapping[str, str] = {"manner": Manner.CALL, "tries": "2", "limit": "5", "drawn": ""}


@dataclass(frozen=True, slots=True)
class ShownCall:
    """A roll call in the list, with how many desks came to what."""

    call: RollCall
    counts: Mapping[Outcome | None, int]

    @property
    def asked(self) -> int:
        return sum(self.counts.values())


async def show_roll_calls(request: web.Request) -> web.StreamResponse:
    """What was held, what is planned, and the form that begins one."""
    return await _list_page(request)


async def show_roll_calls_part(request: web.Request) -> web.StreamResponse:
    """The part of the list that lives."""
    async with parts_of(request).database.transaction() as tx:
        return render(request, "roll_calls_live.html", **await _listed(tx, request))


async def begin(request: web.Request) -> web.StreamResponse:
    """Call these desks at once."""
    values, chosen = await values_in(request), await desks_in(request)
    try:
        terms = _terms_in(values, chosen)
        async with parts_of(request).database.transaction() as tx:
            call_id = await actions.begin_now(tx, terms, doer_of(request))
    except Refusal as refusal:
        return await _list_page(request, "now", values, chosen, mistakes_of(refusal, "area"))
    parts_of(request).wake.ring(*BELLS)
    return see_other(f"/roll-calls/{call_id}")


async def plan(request: web.Request) -> web.StreamResponse:
    """Hold roll calls by themselves from now on."""
    values, chosen = await values_in(request), await desks_in(request)
    days = tuple(int(str(day)) for day in (await request.post()).getall("day", ()) if str(day) in _DAYS)
    try:
        terms = _terms_in(values, chosen)
        async with parts_of(request).database.transaction() as tx:
            await actions.make_plan(
                tx,
                values.get("name", ""),
                days,
                values.get("begins", ""),
                values.get("ends") or None,
                terms,
                doer_of(request),
            )
    except Refusal as refusal:
        mistakes = mistakes_of(refusal, "name")
        return await _list_page(request, "plan", values, chosen, mistakes, days=days)
    return see_other("/roll-calls#plans")


async def end_plan(request: web.Request) -> web.StreamResponse:
    """No more roll calls by a plan."""
    try:
        async with parts_of(request).database.transaction() as tx:
            await actions.end_plan(tx, read_id(request.match_info["id"]), doer_of(request))
    except Refusal as refusal:
        return await _list_page(request, refusal=str(refusal))
    return see_other("/roll-calls#plans")


async def show_roll_call(request: web.Request) -> web.StreamResponse:
    """One roll call, desk by desk."""
    return await _call_page(request, "roll_call.html")


async def show_roll_call_part(request: web.Request) -> web.StreamResponse:
    """The part of it that lives; once it is over the page is fetched anew, with what can be done then."""
    return await _call_page(request, "roll_call_live.html")


async def stop(request: web.Request) -> web.StreamResponse:
    """End it before its time."""
    values, call_id = await values_in(request), read_id(request.match_info["id"])
    try:
        async with parts_of(request).database.transaction() as tx:
            await actions.end_early(tx, call_id, doer_of(request, values.get("reason", "")))
    except Refusal as refusal:
        return await _call_page(request, "roll_call.html", refusal=str(refusal))
    parts_of(request).wake.ring(*BELLS)
    return see_other(f"/roll-calls/{call_id}")


async def mark(request: web.Request) -> web.StreamResponse:
    """Say of a desk how it was."""
    values, call_id = await values_in(request), read_id(request.match_info["id"])
    try:
        outcome = Outcome(values.get("outcome", ""))
    except ValueError:
        return await _call_page(request, "roll_call.html", refusal=say("Choose an outcome"), values=values)
    try:
        async with parts_of(request).database.transaction() as tx:
            doer = doer_of(request, values.get("reason", ""))
            await actions.mark(tx, call_id, read_id(values.get("desk", "")), outcome, doer)
    except Refusal as refusal:
        return await _call_page(request, "roll_call.html", refusal=str(refusal), values=values)
    return see_other(f"/roll-calls/{call_id}#desks")


async def show_month(request: web.Request) -> web.StreamResponse:
    """The month counted, with every answer as a dot."""
    first = month_in(request.query.get("month"), today_of(request))
    async with parts_of(request).database.transaction() as tx:
        found = await _month(tx, request, first)
    largest = max((second for row in found.rows for second in row.tally.seconds), default=0)
    return render(
        request,
        "roll_call_month.html",
        found=found,
        first=first,
        before=(first - timedelta(days=1)).replace(day=1),
        after=month_after(first),
        counted=[outcome for outcome in Outcome if outcome is not Outcome.BROKEN_OFF],
        scale=max(60, -(-largest // 30) * 30),
    )


async def download_month(request: web.Request) -> web.StreamResponse:
    """The month as the table that is filed, written in a thread."""
    parts, first = parts_of(request), month_in(request.query.get("month"), today_of(request))
    async with parts.database.transaction() as tx:
        found = await _month(tx, request, first)
    by = actor_of(request).removeprefix("user:")
    zone = parts.settings.timezone
    body = await asyncio.to_thread(month_sheet, found, parts.home_name, by, today_of(request), zone)
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="roll-calls-{first:%Y-%m}.xlsx"'}
    return web.Response(body=body, content_type=_XLSX, headers=headers)


# --- read for the pages ---


async def _month(tx: Tx, request: web.Request, first: date) -> MonthOfCalls:
    zone = parts_of(request).settings.timezone
    begin, end = moment_of(first, time(0), zone), moment_of(month_after(first), time(0), zone)
    calls = await store.ended_between(tx, begin, end)
    results = await store.results_of(tx, [call.id for call in calls])
    held = [Held(call, {one.desk_id: one for one in results[call.id]}) for call in calls]
    return month_of(first, held, [desk.id for desk in await all_desks(tx)])


async def _listed(tx: Tx, request: web.Request) -> dict[str, Any]:
    calls = await store.last_roll_calls(tx, SHOWN)
    results = await store.results_of(tx, [call.id for call in calls])
    plans = await store.plans_by_id(tx, {call.plan_id for call in calls if call.plan_id})
    shown = [ShownCall(call, _counts(results[call.id])) for call in calls]
    return {
        "calls": shown,
        "plan_names": {plan_id: one.name for plan_id, one in plans.items()},
        "places": dict(await places_to_choose(tx, parts_of(request).settings.home_area)),
    }


def _counts(results: list[Result]) -> dict[Outcome | None, int]:
    found: dict[Outcome | None, int] = {}
    for one in results:
        found[one.outcome] = found.get(one.outcome, 0) + 1
    return found


async def _list_page(
    request: web.Request,
    form: str = "",
    values: Values | None = None,
    chosen: tuple[UUID, ...] = (),
    mistakes: Mistakes | None = None,
    *,
    days: tuple[int, ...] = (),
    refusal: str | None = None,
) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        listed = await _listed(tx, request)
        going_on = await store.plans_going_on(tx)
        desks = await all_desks(tx)
        grave = await grave_warning_runs(tx, now_of(request))
    return render(
        request,
        "roll_calls.html",
        status=422 if mistakes or refusal else 200,
        **listed,
        plans=going_on,
        desks=desks,
        grave=grave,
        form=form,
        typed={**_USUAL, **(values or {})},
        usual=_USUAL,
        chosen=set(chosen),
        days=days,
        mistakes=mistakes or {},
        refusal=refusal,
        manners=list(Manner),
        most_tries=MAX_TRIES,
        most_minutes=LIMIT_MINUTES[-1],
        longest_name=MAX_NAME,
    )


async def _call_page(
    request: web.Request, template: str, *, refusal: str | None = None, values: Values | None = None
) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        call = await store.roll_call_by_id(tx, read_id(request.match_info["id"]))
        if call is None:
            raise web.HTTPNotFound
        results = (await store.results_of(tx, [call.id]))[call.id]
        rings: dict[UUID, list[Ring]] = await rings_of(tx, call.call_id) if call.call_id else {}
        plans = await store.plans_by_id(tx, [call.plan_id] if call.plan_id else [])
        names = await names_of(tx, {one.seen.answered_by for one in results})
        desk_names = {desk.id: desk.name for desk in await all_desks(tx)}
        places = dict(await places_to_choose(tx, parts_of(request).settings.home_area))
    seconds = [one.seen.seconds for one in results if one.seen.seconds is not None]
    over = call.state in (CallState.ENDED, CallState.CALLED_OFF)
    page = render(
        request,
        template,
        status=422 if refusal else 200,
        call=call,
        over=over,
        # While it runs nothing moves; afterwards those stand first who were not there.
        results=sorted(results, key=lambda one: one.outcome is Outcome.PRESENT) if over else results,
        counts=_counts(results),
        rings=rings,
        plan=plans.get(call.plan_id) if call.plan_id else None,
        names=names,
        desk_names=desk_names,
        places=places,
        slowest=max(seconds, default=0),
        marked=MARKED,
        outcomes=Outcome,
        refusal=refusal,
        values=values or {},
        longest_reason=MAX_REASON,
    )
    if over and is_fragment(request):
        page.headers["HX-Refresh"] = "true"
    return page


# --- read from the forms ---


async def desks_in(request: web.Request) -> tuple[UUID, ...]:
    """The desks that are ticked; what is no id is passed over."""
    found: list[UUID] = []
    for text in (await request.post()).getall("desk", ()):
        try:
            found.append(UUID(str(text)))
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))


def _terms_in(values: Values, chosen: tuple[UUID, ...]) -> Terms:
    drawn = values.get("drawn", "").strip()
    try:
        manner = Manner(values.get("manner", ""))
    except ValueError:
        raise _wrong("manner", say("Choose by what they are asked")) from None
    return Terms(
        values.get("area", ""),
        chosen,
        number_in(drawn, "drawn") if drawn else None,
        manner,
        number_in(values.get("tries", ""), "tries"),
        timedelta(minutes=number_in(values.get("limit", ""), "limit")),
    )


def number_in(text: str, field: str) -> int:
    """A whole number from a form. Raises Refusal naming the field."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdecimal() and len(plain) <= 4):
        raise _wrong(field, say("Write a whole number"))
    return int(plain)


def _wrong(field: str, text: str) -> Refusal:
    return Refusal(text, (Complaint("roll_call", field, text),))
