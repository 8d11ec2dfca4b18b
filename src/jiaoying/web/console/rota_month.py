"""The rota of one desk, month by month: who stands in each shift, what is wrong, and how fair it is."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from aiohttp import web

from jiaoying.contacts.privacy.reasons import note_export
from jiaoying.duty.board import Manned, shifts_of_days, why_changed
from jiaoying.duty.checking import Fault, FaultKind
from jiaoying.duty.days import Calendar, DayKind
from jiaoying.duty.filling import Burden
from jiaoying.duty.model import Role
from jiaoying.duty.month_loading import load_month
from jiaoying.duty.month_sheet import Filing
from jiaoying.duty.month_workbook import month_workbook
from jiaoying.duty.months import look_at
from jiaoying.kernel.language import CHINESE, current_language, say
from jiaoying.web.calendar_feed import address_of
from jiaoying.web.console.rota import desk_in, names_of
from jiaoying.web.context import actor_of, may, parts_of
from jiaoying.web.pages import NO_STORE, now_of, render, today_of
from jiaoying.web.roles import May

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_MOMENT = timedelta(microseconds=1)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLOTTED = (Burden.NIGHT, Burden.WEEKEND, Burden.HOLIDAY)


@dataclass(frozen=True, slots=True)
class DayOfRota:
    """A day with the shifts that begin on it and the faults that begin on it."""

    day: date
    kind: DayKind
    name: str | None
    shifts: Sequence[Manned]
    faults: Sequence[Fault]
    is_open: bool  # for a part of it nobody stands there


@dataclass(frozen=True, slots=True)
class Share:
    """What one person bears in one role."""

    person_id: UUID
    role: Role
    counts: Mapping[Burden, int]


async def show_month(request: web.Request) -> web.StreamResponse:
    """One month of a desk."""
    zone, first = parts_of(request).settings.timezone, month_in(request.query.get("month"), today_of(request))
    after = month_after(first)
    last = after - timedelta(days=1)
    async with parts_of(request).database.transaction() as tx:
        desk = await desk_in(tx, request)
        shifts = await shifts_of_days(tx, desk.id, first, last, zone)
        looked = (await look_at(tx, [desk.id], first, last, zone))[desk.id]
        reasons = await why_changed(tx, shifts)
        people = {fault.person_id for fault in looked.faults}
        people = people.union(*(one.people for one in shifts), (key[1] for key in looked.quality.shares))
        names = await names_of(tx, people)
    shares = shares_of(looked.quality.shares)
    calendar = Calendar(in_english=current_language() != CHINESE)
    return render(
        request,
        "rota_month.html",
        desk=desk,
        first=first,
        before=(first - timedelta(days=1)).replace(day=1),
        after=after,
        today=today_of(request),
        days=days_of(first, last, shifts, looked.faults, calendar, zone),
        faults=looked.faults,
        quality=looked.quality,
        shares=shares,
        largest=largest_of(shares),
        reasons=reasons,
        names=names,
        calendar_address=address_of(parts_of(request), "desks", desk.id),
        is_arranged=calendar.is_arranged(last.year),
        local=zone,
        roles=list(Role),
    )


async def download(request: web.Request) -> web.StreamResponse:
    """The month as the sheet that is posted; whole numbers for who may see them, noted in the ledger."""
    parts, first = parts_of(request), month_in(request.query.get("month"), today_of(request))
    whole = may(request, May.SHOW_NUMBERS)
    async with parts.database.transaction() as tx:
        desk = await desk_in(tx, request)
        filing = Filing(desk.name, actor_of(request), today_of(request))
        sheet = await load_month(tx, desk, first, parts.settings.timezone, filing=filing, whole_numbers=whole)
        await note_export(
            tx,
            reason=say("the rota of {desk} in {month}, to post", desk=desk.name, month=f"{first:%Y-%m}"),
            actor=actor_of(request),
            now=now_of(request),
            numbers=whole,
            counts={"shifts": sum(entry is not None for row in sheet.days for entry in row.entries)},
            area_code=desk.area_code,
        )
    body = await asyncio.to_thread(month_workbook, sheet)
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="rota-{first:%Y-%m}.xlsx"'}
    return web.Response(body=body, content_type=_XLSX, headers=headers)


def month_in(text: str | None, today: date) -> date:
    """The first day of the month that an address names; of this month for what names none."""
    found = _MONTH.fullmatch(text or "")
    return date(int(found[1]), int(found[2]), 1) if found else today.replace(day=1)


def month_after(first: date) -> date:
    """The first day of the next month."""
    return (first + timedelta(days=31)).replace(day=1)


def days_of(
    first: date,
    last: date,
    shifts: Sequence[Manned],
    faults: Sequence[Fault],
    calendar: Calendar,
    zone: ZoneInfo,
) -> list[DayOfRota]:
    """Every day of a span, those without a shift too."""
    of_day = {
        day: list(found)
        for day, found in groupby(shifts, key=lambda one: one.shift.starts_at.astimezone(zone).date())
    }
    wrong: dict[date, list[Fault]] = {}
    for fault in faults:
        wrong.setdefault(max(first, fault.starts_at.astimezone(zone).date()), []).append(fault)
    open_spans = [
        (fault.starts_at.astimezone(zone).date(), (fault.ends_at - _MOMENT).astimezone(zone).date())
        for fault in faults
        if fault.kind is FaultKind.NOBODY
    ]
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [
        DayOfRota(
            day,
            calendar.kind(day),
            calendar.name(day),
            of_day.get(day, ()),
            wrong.get(day, ()),
            any(begins <= day <= ends for begins, ends in open_spans),
        )
        for day in days
    ]


def shares_of(counted: Mapping[tuple[Role, UUID, Burden], int]) -> list[Share]:
    """What each person bears in each role, officers before leaders, the most burdened first."""
    counts: dict[tuple[Role, UUID], dict[Burden, int]] = {}
    for (role, person_id, burden), count in counted.items():
        counts.setdefault((role, person_id), dict.fromkeys(Burden, 0))[burden] = count
    found = [Share(person_id, role, borne) for (role, person_id), borne in counts.items()]
    return sorted(
        found, key=lambda one: (list(Role).index(one.role), -sum(one.counts.values()), one.person_id)
    )


def largest_of(shares: Sequence[Share]) -> dict[Burden, int]:
    """Of each burden that is plotted the largest share: the length of a whole bar."""
    return {burden: max((one.counts[burden] for one in shares), default=0) for burden in PLOTTED}
