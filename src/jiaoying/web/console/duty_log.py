"""The duty log of a desk: a day as it was, something written down, put right, or looked for."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from aiohttp import web

from jiaoying.duty.actions import MAX_REASON, Doer
from jiaoying.duty.log import MAX_LONG, MAX_SHORT, LogEntry, LogFields, LogKind
from jiaoying.duty.log_store import correct_entry, log_between, search, versions_of, write_entry
from jiaoying.duty.shift_times import moment_of
from jiaoying.duty.store import all_desks
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.context import actor_of, parts_of, read_id
from jiaoying.web.pages import moment_field, now_of, render, see_other, text_field, today_of

_DAY = timedelta(days=1)
SEARCHED_DAYS = 366
_SHORT = ("unit", "caller", "phone")
_LONG = ("content", "handling", "instruction", "feedback")


async def show_log(request: web.Request) -> web.StreamResponse:
    """A day of the log, or what was found by words within a year."""
    return await _page(request)


async def write(request: web.Request) -> web.StreamResponse:
    """Write something into the log."""
    desk_id, now = read_id(request.match_info["id"]), now_of(request)
    try:
        fields = await _fields(request, await moment_field(request, "at") or now)
        async with parts_of(request).database.transaction() as tx:
            await _desk_name(tx, desk_id)
            await write_entry(tx, desk_id, fields, await _doer(request))
    except Refusal as refusal:
        return await _page(request, refusal=str(refusal), kept=await _posted(request))
    return see_other(f"/duty/{desk_id}/log?day={_local_day(request, fields.at)}")


async def show_entry(request: web.Request) -> web.StreamResponse:
    """One entry with everything that it ever said, and the form that puts it right."""
    return await _entry_page(request)


async def correct(request: web.Request) -> web.StreamResponse:
    """Put an entry right; its time stays unless another one is given."""
    first_id = read_id(request.match_info["id"])
    try:
        async with parts_of(request).database.transaction() as tx:
            before = (await _versions(tx, first_id))[-1]
            at = await moment_field(request, "at") or before.at
            entry = await correct_entry(tx, first_id, await _fields(request, at), await _doer(request))
    except Refusal as refusal:
        return await _entry_page(request, refusal=str(refusal), kept=await _posted(request))
    return see_other(f"/duty/{entry.desk_id}/log?day={_local_day(request, entry.at)}")


async def _page(
    request: web.Request, *, refusal: str | None = None, kept: dict[str, str] | None = None
) -> web.StreamResponse:
    desk_id, zone = read_id(request.match_info["id"]), parts_of(request).settings.timezone
    day, words = _day_asked(request), request.query.get("q", "").strip()[:MAX_SHORT]
    begin, end = moment_of(day, time(0), zone), moment_of(day + _DAY, time(0), zone)
    async with parts_of(request).database.transaction() as tx:
        desk = await _desk_name(tx, desk_id)
        if words:
            lines = await search(tx, words, end - timedelta(days=SEARCHED_DAYS), end, desk_id)
        else:
            lines = await log_between(tx, desk_id, begin, end)
    return render(
        request,
        "duty_log.html",
        status=422 if refusal else 200,
        desk_id=desk_id,
        desk=desk,
        day=day,
        before=day - _DAY,
        after=day + _DAY if day < today_of(request) else None,
        lines=lines,
        words_asked=words,
        kinds=list(LogKind),
        kept=kept or {},
        refusal=refusal,
        most={**dict.fromkeys(_SHORT, MAX_SHORT), **dict.fromkeys(_LONG, MAX_LONG)},
    )


async def _entry_page(
    request: web.Request, *, refusal: str | None = None, kept: dict[str, str] | None = None
) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        versions = await _versions(tx, read_id(request.match_info["id"]))
        desk = await _desk_name(tx, versions[-1].desk_id)
    newest = versions[-1]
    as_it_stands = {name: str(getattr(newest, name)) for name in (*_SHORT, *_LONG, "kind")}
    return render(
        request,
        "duty_log_entry.html",
        status=422 if refusal else 200,
        versions=versions,
        newest=newest,
        desk=desk,
        kinds=list(LogKind),
        kept=kept or as_it_stands,
        refusal=refusal,
        most={**dict.fromkeys(_SHORT, MAX_SHORT), **dict.fromkeys(_LONG, MAX_LONG), "reason": MAX_REASON},
    )


async def _fields(request: web.Request, at: datetime) -> LogFields:
    try:
        kind = LogKind(await text_field(request, "kind", most=20))
    except ValueError:
        raise Refusal(say("Choose what the entry is about")) from None
    texts = {name: await text_field(request, name, most=MAX_SHORT) for name in _SHORT}
    texts |= {name: await text_field(request, name, most=MAX_LONG) for name in _LONG}
    return LogFields(at, kind, **texts)


async def _posted(request: web.Request) -> dict[str, str]:
    """What was typed, to be shown again."""
    posted = await request.post()
    return {name: str(posted.get(name, "")) for name in (*_SHORT, *_LONG, "kind", "at", "reason")}


async def _doer(request: web.Request) -> Doer:
    reason = await text_field(request, "reason", most=MAX_REASON)
    return Doer(actor_of(request), reason, now_of(request), parts_of(request).settings.timezone)


async def _versions(tx: Tx, first_id: UUID) -> list[LogEntry]:
    versions = await versions_of(tx, first_id)
    if not versions:
        raise web.HTTPNotFound
    return versions


async def _desk_name(tx: Tx, desk_id: UUID) -> str:
    found = next((desk.name for desk in await all_desks(tx) if desk.id == desk_id), None)
    if found is None:
        raise web.HTTPNotFound
    return found


def _day_asked(request: web.Request) -> date:
    try:
        return min(date.fromisoformat(request.query.get("day", "")), today_of(request))
    except ValueError:
        return today_of(request)


def _local_day(request: web.Request, at: datetime) -> date:
    return at.astimezone(parts_of(request).settings.timezone).date()
