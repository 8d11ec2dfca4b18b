"""Periodic duties: what is late, what comes, what became of each, the table of a year."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.board import warning_facts
from jiaoying.dispatch.duty_calls import BELLS, DeskOutcome, outcomes_of
from jiaoying.dispatch.routine_calls import see_to
from jiaoying.dispatch.store.naming import on_roster
from jiaoying.duty.actions import Doer
from jiaoying.duty.days import Calendar
from jiaoying.duty.routines import actions, store
from jiaoying.duty.routines.actions import MAX_REMARK
from jiaoying.duty.routines.model import Occurrence, Outcome, Routine, outcome_of
from jiaoying.duty.routines.planning import AHEAD
from jiaoying.duty.routines.rules import Due, next_due
from jiaoying.duty.routines.store import Reminder
from jiaoying.duty.routines.suggestions import suggestions
from jiaoying.duty.routines.year import COUNTED, YearRow, year_rows
from jiaoying.duty.routines.year_workbook import year_workbook
from jiaoying.duty.shift_times import moment_of
from jiaoying.duty.store import all_desks
from jiaoying.kernel.errors import Refusal
from jiaoying.storage.database import Tx
from jiaoying.web.console.rota import doer_of, names_of
from jiaoying.web.context import actor_of, parts_of, read_id
from jiaoying.web.pages import NO_STORE, now_of, render, see_other, text_field, today_of

_FIRST_YEAR, _LAST_YEAR = 2000, 2200
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Act = Callable[[Tx, UUID, Doer], Awaitable[Occurrence]]


@dataclass(frozen=True, slots=True)
class InForce:
    """A duty in force, with when it is due next."""

    routine: Routine
    next: Due


@dataclass(frozen=True, slots=True)
class Reminded:
    """A reminder, and what came of it."""

    reminder: Reminder
    outcome: DeskOutcome | None
    reference: str


async def show_routines(request: web.Request) -> web.StreamResponse:
    """What is late first, then what comes; the duties in force; those that may be adopted."""
    now, zone = now_of(request), parts_of(request).settings.timezone
    async with parts_of(request).database.transaction() as tx:
        coming = await store.occurrences_until(tx, now + AHEAD)
        known = await store.all_routines(tx)
        owners = {one.owner_id for one in coming} | {one.charge.owner_id for one in known}
        names = await names_of(tx, owners)
        there = await on_roster(tx, {owner for owner in owners if owner})
        desks = {desk.id: desk.name for desk in await all_desks(tx)}
    in_force = [
        InForce(one, next_due(one.rule, max(now, _begin_of(request, one.counts_from)), Calendar(), zone))
        for one in known
        if one.ended_at is None
    ]
    adopted = {one.routine.suggestion for one in in_force}
    return render(
        request,
        "routines.html",
        late=[one for one in coming if outcome_of(one, now) is Outcome.MISSED],
        coming=[one for one in coming if outcome_of(one, now) is Outcome.TO_COME],
        days_ahead=AHEAD.days,
        in_force=sorted(in_force, key=lambda one: one.next.due_at),
        ended=[one for one in known if one.ended_at is not None],
        suggested={key: one for key, one in suggestions().items() if key not in adopted},
        names=names,
        there=there,
        desk_names=desks,
        arranged=Calendar().is_arranged((now + AHEAD).astimezone(zone).year),
        local=zone,
        this_year=today_of(request).year,
    )


async def show_occurrence(request: web.Request) -> web.StreamResponse:
    """One time of a duty: what was done about it, and what to note."""
    return await _occurrence_page(request)


async def note_done(request: web.Request) -> web.StreamResponse:
    """Somebody notes that it is done."""
    return await _act(request, actions.note_done)


async def skip(request: web.Request) -> web.StreamResponse:
    """It is not to be done this time."""
    return await _act(request, actions.skip)


async def take_back(request: web.Request) -> web.StreamResponse:
    """It was noted by mistake."""
    return await _act(request, actions.take_back)


async def show_year(request: web.Request) -> web.StreamResponse:
    """Each duty through a year: in time, late, not done, skipped."""
    year = _year_asked(request)
    return render(
        request,
        "routines_year.html",
        year=year,
        rows=await _year_rows(request, year),
        counted=COUNTED,
        months=range(1, 13),
        before=year - 1 if year > _FIRST_YEAR else None,
        after=year + 1 if year <= today_of(request).year else None,
    )


async def download_year(request: web.Request) -> web.StreamResponse:
    """The same as a sheet to print."""
    year = _year_asked(request)
    rows = await _year_rows(request, year)
    body = year_workbook(year, rows, parts_of(request).home_name, today_of(request))
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="routines-{year}.xlsx"'}
    return web.Response(body=body, content_type=_XLSX, headers=headers)


async def _act(request: web.Request, act: Act) -> web.StreamResponse:
    occurrence_id = read_id(request.match_info["id"])
    try:
        reason = await text_field(request, "reason", most=MAX_REMARK)
        async with parts_of(request).database.transaction() as tx:
            occurrence = await act(tx, occurrence_id, doer_of(request, reason))
            if not occurrence.is_open:
                await see_to(tx, occurrence, by=actor_of(request), now=now_of(request))
    except Refusal as refusal:
        return await _occurrence_page(request, refusal=str(refusal))
    parts_of(request).wake.ring("routines", *BELLS)
    return see_other(f"/routines/occurrences/{occurrence_id}")


async def _occurrence_page(request: web.Request, *, refusal: str | None = None) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        occurrence = await store.occurrence_by_id(tx, read_id(request.match_info["id"]))
        if occurrence is None:
            raise web.HTTPNotFound
        routine = await store.routine_by_id(tx, occurrence.routine_id)
        reminded = await _reminded(tx, await store.reminders_of(tx, [occurrence.id]))
        people = {occurrence.owner_id, occurrence.received_by, occurrence.reported_by}
        names = await names_of(tx, people | {one.outcome.answered_by for one in reminded if one.outcome})
        desks = {desk.id: desk.name for desk in await all_desks(tx)}
    return render(
        request,
        "routine_occurrence.html",
        status=422 if refusal else 200,
        refusal=refusal,
        kept=str((await request.post()).get("reason", ""))[:MAX_REMARK] if refusal else "",
        one=occurrence,
        routine=routine,
        outcome=outcome_of(occurrence, now_of(request)),
        reminded=reminded,
        names=names,
        desk_names=desks,
        local=parts_of(request).settings.timezone,
        most=MAX_REMARK,
    )


async def _reminded(tx: Tx, reminders: Iterable[Reminder]) -> list[Reminded]:
    found = list(reminders)
    outcomes = {one.call_id: one for one in await outcomes_of(tx, [each.call_id for each in found])}
    reminded: list[Reminded] = []
    for each in found:
        facts = await warning_facts(tx, each.call_id)
        reminded.append(Reminded(each, outcomes.get(each.call_id), facts.reference if facts else ""))
    return reminded


async def _year_rows(request: web.Request, year: int) -> list[YearRow]:
    zone = parts_of(request).settings.timezone
    begin, end = (_begin_of(request, date(which, 1, 1)) for which in (year, year + 1))
    async with parts_of(request).database.transaction() as tx:
        found = await store.occurrences_between(tx, begin, end)
        names = await names_of(tx, {one.owner_id for one in found})
        names |= {desk.id: desk.name for desk in await all_desks(tx)}
    return year_rows(found, names, zone, now_of(request))


def _begin_of(request: web.Request, day: date) -> datetime:
    return moment_of(day, time(0), parts_of(request).settings.timezone)


def _year_asked(request: web.Request) -> int:
    asked = request.query.get("year", "")
    this_year = today_of(request).year
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else this_year
    return min(max(year, _FIRST_YEAR), _LAST_YEAR)
