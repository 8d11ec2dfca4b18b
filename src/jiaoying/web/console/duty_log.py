"""The duty log of a desk: a day as it was, something written down, put right, or looked for."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID

from aiohttp import web

from jiaoying.duty.actions import MAX_REASON, Doer
from jiaoying.duty.consultations import warnings_to_consult_on
from jiaoying.duty.log import MAX_SHORT, LogEntry, LogKind
from jiaoying.duty.log_days import load_days, rows_of
from jiaoying.duty.log_file_store import files_of
from jiaoying.duty.log_store import correct_entry, search, versions_of, write_entry
from jiaoying.duty.shift_times import moment_of
from jiaoying.duty.store import desk_by_id
from jiaoying.kernel.errors import Refusal
from jiaoying.storage.database import Tx
from jiaoying.web.console.log_forms import (
    CHOOSABLE,
    MOST,
    UPLOADS,
    consultation_fields,
    day_in,
    entry_fields,
    files_in,
    moment_of_writing,
    moment_on,
    posted_texts,
)
from jiaoying.web.console.rota import desk_in, mistakes_of
from jiaoying.web.context import actor_of, may, parts_of, read_id
from jiaoying.web.pages import now_of, render, see_other, text_field, today_of
from jiaoying.web.roles import May

_DAY = timedelta(days=1)
SEARCHED_DAYS = 366
# What a form chooses among; a consultation has a form of its own.
KINDS = [kind for kind in LogKind if kind is not LogKind.CONSULTATION]


async def show_log(request: web.Request) -> web.StreamResponse:
    """A day of the log, or what was found by words within a year."""
    return await _page(request)


async def write(request: web.Request) -> web.StreamResponse:
    """Write something into the log."""
    try:
        fields = await entry_fields(request, await moment_of_writing(request))
        async with request.config_dict[UPLOADS]:
            files = await files_in(request)
            async with parts_of(request).database.transaction() as tx:
                desk = await desk_in(tx, request)
                await write_entry(tx, desk.id, fields, await doer_in(request), files)
    except Refusal as refusal:
        return await _page(request, refusal=refusal, kept=await posted_texts(request))
    return see_other(log_address(request, desk.id, fields.at))


async def show_entry(request: web.Request) -> web.StreamResponse:
    """One entry with everything that it ever said, and the form that puts it right."""
    return await _entry_page(request)


async def correct(request: web.Request) -> web.StreamResponse:
    """Put an entry right; its time stays unless another one of that day is given."""
    first_id, zone = read_id(request.match_info["id"]), parts_of(request).settings.timezone
    try:
        async with request.config_dict[UPLOADS]:
            files = await files_in(request)
            async with parts_of(request).database.transaction() as tx:
                before = (await _versions(tx, first_id))[-1]
                at = await moment_on(request, before.at.astimezone(zone).date()) or before.at
                is_consultation = before.kind is LogKind.CONSULTATION
                fields = await (consultation_fields if is_consultation else entry_fields)(request, at)
                if not may(request, May.SHOW_NUMBERS) and not fields.phone:
                    fields = replace(fields, phone=before.phone)
                entry = await correct_entry(
                    tx, first_id, fields, await doer_in(request), files, await _struck(request)
                )
    except Refusal as refusal:
        return await _entry_page(request, refusal=refusal, kept=await posted_texts(request))
    return see_other(log_address(request, entry.desk_id, entry.at))


async def doer_in(request: web.Request) -> Doer:
    """Whoever writes, with the reason that the form gives."""
    reason = await text_field(request, "reason", most=MAX_REASON)
    return Doer(actor_of(request), reason, now_of(request), parts_of(request).settings.timezone)


def log_address(request: web.Request, desk_id: UUID, at: datetime) -> str:
    """The day of a desk's log on which something stands."""
    return f"/duty/{desk_id}/log?day={at.astimezone(parts_of(request).settings.timezone).date()}"


async def _page(
    request: web.Request, *, refusal: Refusal | None = None, kept: dict[str, str] | None = None
) -> web.StreamResponse:
    zone, today = parts_of(request).settings.timezone, today_of(request)
    day = day_in((kept or {}).get("day") or request.query.get("day", ""), today)
    words = request.query.get("q", "").strip()[:MAX_SHORT]
    async with parts_of(request).database.transaction() as tx:
        desk = await desk_in(tx, request)
        (found,) = await load_days(tx, desk, day, day, now_of(request), zone, whole_numbers=False)
        rows = found.rows
        if words:
            end = moment_of(day + _DAY, time(0), zone)
            entries = await search(tx, words, end - timedelta(days=SEARCHED_DAYS), end, desk.id)
            rows = await rows_of(tx, entries, zone, whole_numbers=False)
    return render(
        request,
        "duty_log.html",
        status=422 if refusal else 200,
        desk_id=desk.id,
        desk=desk.name,
        day=day,
        today=today,
        before=day - _DAY,
        after=day + _DAY if day < today else None,
        shifts=found.shifts,
        weather=found.weather,
        rows=rows,
        words_asked=words,
        kinds=KINDS,
        kept=kept or {},
        me=actor_of(request),
        hides_phone=False,
        **form_values(refusal),
    )


async def _entry_page(
    request: web.Request, *, refusal: Refusal | None = None, kept: dict[str, str] | None = None
) -> web.StreamResponse:
    first_id = read_id(request.match_info["id"])
    async with parts_of(request).database.transaction() as tx:
        versions = await _versions(tx, first_id)
        newest = versions[-1]
        desk = await desk_by_id(tx, newest.desk_id)
        files = (await files_of(tx, [first_id])).get(first_id, [])
        warnings = await warnings_to_consult_on(tx, now_of(request), also=newest.warning_id)
    as_it_stands = {name: str(getattr(newest, name) or "") for name in (*MOST, "kind", "warning_id")}
    # A form shows no number that the page masks; left empty it stays as it is.
    hides_phone = bool(newest.phone) and not may(request, May.SHOW_NUMBERS)
    if hides_phone:
        as_it_stands["phone"] = ""
    return render(
        request,
        "duty_log_entry.html",
        status=422 if refusal else 200,
        versions=versions,
        newest=newest,
        is_consultation=newest.kind is LogKind.CONSULTATION,
        desk=desk.name if desk else "",
        files=files,
        warnings=warnings,
        kinds=KINDS,
        kept=kept or as_it_stands,
        me=actor_of(request),
        longest_reason=MAX_REASON,
        hides_phone=hides_phone,
        **form_values(refusal),
    )


def form_values(refusal: Refusal | None) -> dict[str, object]:
    """What every page with a form of the log shows around it."""
    return {
        "refusal": str(refusal) if refusal else None,
        "mistakes": mistakes_of(refusal, "") if refusal else {},
        "most": MOST,
        "choosable": CHOOSABLE,
    }


async def _struck(request: web.Request) -> set[UUID]:
    """The files that are ticked to be struck."""
    return {read_id(str(one)) for one in (await request.post()).getall("strike", ())}


async def _versions(tx: Tx, first_id: UUID) -> list[LogEntry]:
    versions = await versions_of(tx, first_id)
    if not versions:
        raise web.HTTPNotFound
    return versions
