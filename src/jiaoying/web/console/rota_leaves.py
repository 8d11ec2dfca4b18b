"""Leave, days with two officers, and times in which nobody is meant to stand at a desk."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from aiohttp import web

from jiaoying.contacts.keeping.naming import read_people
from jiaoying.duty import actions
from jiaoying.duty.actions import Doer
from jiaoying.duty.board import Manned, with_people
from jiaoying.duty.change_store import (
    KeptLeave,
    leaves_between,
    meant_gaps_between,
    sensitive_between,
)
from jiaoying.duty.model import Role
from jiaoying.duty.shift_times import moment_of
from jiaoying.duty.store import all_desks, all_shifts_between, desk_by_id
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.console.keeping import Mistakes, Values, values_in
from jiaoying.web.console.rota import doer_of, mistakes_of, names_of
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import now_of, render, see_other, today_of

AHEAD = timedelta(days=731)
End = Callable[[Tx, UUID, Doer], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Touched:
    """A shift that somebody on leave was planned for; `is_theirs` where they still stand in it."""

    manned: Manned
    role: Role
    is_theirs: bool


# --- leave ---


async def show_leaves(request: web.Request) -> web.StreamResponse:
    """Who is away from now on, and what they stand in then."""
    return await _leaves_page(request)


async def note_leave(request: web.Request) -> web.StreamResponse:
    """Note that somebody is away."""
    values = await values_in(request)
    try:
        begin, end = _leave_in(values, parts_of(request).settings.timezone)
        async with parts_of(request).database.transaction() as tx:
            found, complaints = await read_people(tx, values.get("name", ""))
            if len(found) != 1 or complaints:
                raise _wrong("name", complaints[0] if complaints else say("Write one name"))
            await actions.take_leave(tx, found[0], begin, end, doer_of(request, values.get("reason", "")))
    except Refusal as refusal:
        return await _leaves_page(request, values, mistakes_of(refusal, "last"))
    return see_other("/duty/leaves")


async def end_leave(request: web.Request) -> web.StreamResponse:
    """Take leave back."""
    return await _ended(request, actions.end_leave, "/duty/leaves", _leaves_page)


async def _leaves_page(
    request: web.Request,
    values: Values | None = None,
    mistakes: Mistakes | None = None,
    *,
    refusal: str | None = None,
) -> web.StreamResponse:
    now = now_of(request)
    async with parts_of(request).database.transaction() as tx:
        kept = await leaves_between(tx, now, now + AHEAD)
        touched = await _touched(tx, kept, now)
        standing = {
            stay.person_id
            for shifts in touched.values()
            for one in shifts
            for stay in one.manned.stays[one.role]
        }
        desk_names = {desk.id: desk.name for desk in await all_desks(tx)}
        names = await names_of(tx, standing | {one.person_id for one in kept})
    return render(
        request,
        "rota_leaves.html",
        status=422 if mistakes or refusal else 200,
        leaves=kept,
        touched=touched,
        desk_names=desk_names,
        names=names,
        values=values or {},
        mistakes=mistakes or {},
        refusal=refusal,
        local=parts_of(request).settings.timezone,
        longest_reason=actions.MAX_REASON,
    )


async def _touched(tx: Tx, kept: list[KeptLeave], now: datetime) -> dict[UUID, list[Touched]]:
    """For each leave the shifts ahead that its person stands in, or was planned for."""
    if not kept:
        return {}
    begin, end = max(now, min(one.starts_at for one in kept)), max(one.ends_at for one in kept)
    shifts = await with_people(tx, await all_shifts_between(tx, begin, end))
    return {
        leave.id: [
            Touched(one, role, any(stay.person_id == leave.person_id for stay in one.stays[role]))
            for one in shifts
            if one.shift.starts_at < leave.ends_at and leave.starts_at < one.shift.ends_at
            for role in Role
            if leave.person_id in {one.planned(role), *(stay.person_id for stay in one.stays[role])}
        ]
        for leave in kept
    }


def _leave_in(values: Values, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last, or to the times of these days."""
    first, last = _day(values, "first"), _day(values, "last")
    begins, ends = _time(values, "begins"), _time(values, "ends")
    begin = moment_of(first, begins or time(0), zone)
    end = moment_of(last, ends, zone) if ends else moment_of(last + timedelta(days=1), time(0), zone)
    return begin, end


# --- days with two officers, gaps that are meant ---


async def show_days(request: web.Request) -> web.StreamResponse:
    """What is noted from today on."""
    return await _days_page(request)


async def name_days(request: web.Request) -> web.StreamResponse:
    """Days on which two officers stand at every desk."""
    values = await values_in(request)
    try:
        first, last = _day(values, "first"), _day(values, "last")
        async with parts_of(request).database.transaction() as tx:
            await actions.name_sensitive_days(tx, first, last, doer_of(request, values.get("reason", "")))
    except Refusal as refusal:
        return await _days_page(request, "sensitive", values, mistakes_of(refusal, "last"))
    return see_other("/duty/days")


async def end_days(request: web.Request) -> web.StreamResponse:
    """They are days like others again."""
    return await _ended(request, actions.end_sensitive_days, "/duty/days", _days_page)


async def mean_gap(request: web.Request) -> web.StreamResponse:
    """A time in which nobody is to stand at a desk."""
    values, zone = await values_in(request), parts_of(request).settings.timezone
    try:
        begin, end = _moment(values, "begin", zone), _moment(values, "end", zone)
        async with parts_of(request).database.transaction() as tx:
            desk = await desk_by_id(tx, read_id(values["desk"])) if values.get("desk") else None
            if desk is None:
                raise _wrong("desk", say("Choose the desk"))
            await actions.mean_gap(tx, desk.id, begin, end, doer_of(request, values.get("reason", "")))
    except Refusal as refusal:
        return await _days_page(request, "gap", values, mistakes_of(refusal, "end"))
    return see_other("/duty/days#gaps")


async def end_gap(request: web.Request) -> web.StreamResponse:
    """Somebody is to stand there after all."""
    return await _ended(request, actions.end_meant_gap, "/duty/days#gaps", _days_page)


async def _days_page(
    request: web.Request,
    form: str = "",
    values: Values | None = None,
    mistakes: Mistakes | None = None,
    *,
    refusal: str | None = None,
) -> web.StreamResponse:
    now, today = now_of(request), today_of(request)
    async with parts_of(request).database.transaction() as tx:
        desks = await all_desks(tx)
        sensitive = await sensitive_between(tx, today, today + AHEAD)
        gaps = await meant_gaps_between(tx, [desk.id for desk in desks], now, now + AHEAD)
    return render(
        request,
        "rota_days.html",
        status=422 if mistakes or refusal else 200,
        desks=desks,
        desk_names={desk.id: desk.name for desk in desks},
        sensitive=sensitive,
        gaps=gaps,
        form=form,
        values=values or {},
        mistakes=mistakes or {},
        refusal=refusal,
        local=parts_of(request).settings.timezone,
        longest_reason=actions.MAX_REASON,
    )


# --- both ---


async def _ended(
    request: web.Request, end: End, path: str, page: Callable[..., Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        async with parts_of(request).database.transaction() as tx:
            await end(tx, read_id(request.match_info["id"]), doer_of(request))
    except Refusal as refusal:
        return await page(request, refusal=str(refusal))
    return see_other(path)


def _day(values: Values, field: str) -> date:
    try:
        return date.fromisoformat(values.get(field, "").strip())
    except ValueError:
        raise _wrong(field, say("Write the day as 2026-08-01")) from None


def _time(values: Values, field: str) -> time | None:
    text = values.get(field, "").strip()
    try:
        return time.fromisoformat(text).replace(tzinfo=None) if text else None
    except ValueError:
        raise _wrong(field, say("Write the time as 08:30")) from None


def _moment(values: Values, field: str, zone: ZoneInfo) -> datetime:
    try:
        wall = datetime.fromisoformat(values.get(field, "").strip())
    except ValueError:
        raise _wrong(field, say("Write the time as 2026-08-12 20:00")) from None
    return moment_of(wall.date(), wall.time(), zone)


def _wrong(field: str, text: str) -> Refusal:
    return Refusal(text, (Complaint("rota", field, text),))
