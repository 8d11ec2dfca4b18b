"""Some weeks of a desk filled by its rule: first shown, then put in force as they were shown."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from aiohttp import web

from jiaoying.duty.constraints import Objection
from jiaoying.duty.days import Calendar, DayKind
from jiaoying.duty.filling import Burden, Gap, Taken, burden_of
from jiaoying.duty.model import Desk, Role
from jiaoying.duty.months import LONGEST_FILLING, Draft, draft, put_in_force, rule_of
from jiaoying.duty.store import lock_rota
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import CHINESE, current_language, say
from jiaoying.storage.database import Tx
from jiaoying.web.console.keeping import Mistakes, values_in
from jiaoying.web.console.rota import desk_in, doer_of, mistakes_of, names_of
from jiaoying.web.console.rota_month import largest_of, month_after, shares_of
from jiaoying.web.context import parts_of
from jiaoying.web.pages import now_of, render, see_other, today_of


@dataclass(frozen=True, slots=True)
class DraftShift:
    """One shift of a draft: who takes which role, and which roles nobody takes."""

    day: date
    name: str
    starts_at: datetime
    ends_at: datetime
    taken: Mapping[Role, Taken]
    kind: DayKind
    holiday: str | None


async def show_draft(request: web.Request) -> web.StreamResponse:
    """The form; with days in the address also what filling them comes to. Nothing is stored."""
    return await _page(request)


async def fill(request: web.Request) -> web.StreamResponse:
    """Put in force what was shown; where the rota, the rule or leave changed since, it is shown anew."""
    values = await values_in(request)
    try:
        first, last = _days_in(values.get("first", ""), values.get("last", ""), today_of(request))
    except Refusal as refusal:
        return await _page(request, values, mistakes_of(refusal, "first"))
    async with parts_of(request).database.transaction() as tx:
        await lock_rota(tx)
        desk = await desk_in(tx, request)
        made = await _draft(tx, request, desk, first, last)
        is_as_shown = values.get("shown") == stamp_of(desk, made)
        if is_as_shown:
            await put_in_force(tx, made.shifts, doer_of(request))
    if is_as_shown:
        return see_other(f"/duty/{desk.id}?month={first:%Y-%m}")
    text = say(
        "The rota, its rule or somebody's leave changed in between; nothing was put in force: look at it anew"
    )
    return await _page(request, values, refusal=text)


async def _page(
    request: web.Request,
    given: Mapping[str, str] | None = None,
    mistakes: Mistakes | None = None,
    *,
    refusal: str | None = None,
) -> web.StreamResponse:
    typed = request.query if given is None else given
    wrong, today = dict(mistakes or {}), today_of(request)
    days: tuple[date, date] | None = None
    if ("first" in typed or "last" in typed) and not wrong:
        try:
            days = _days_in(typed.get("first", ""), typed.get("last", ""), today)
        except Refusal as error:
            wrong = mistakes_of(error, "first")
    next_month = month_after(today)
    usual = {
        "first": next_month.isoformat(),
        "last": (month_after(next_month) - timedelta(days=1)).isoformat(),
    }
    async with parts_of(request).database.transaction() as tx:
        desk = await desk_in(tx, request)
        _, members = await rule_of(tx, desk.id)
        made = await _draft(tx, request, desk, *days) if days else None
        people = {person for able in members.by_role.values() for person in able}
        names = await names_of(tx, people)
    calendar = Calendar(in_english=current_language() != CHINESE)
    shares = shares_of(_counts_of(made, calendar)) if made else []
    status = 409 if refusal else 422 if wrong else 200
    return render(
        request,
        "rota_fill.html",
        status=status,
        desk=desk,
        made=made,
        stamp=stamp_of(desk, made) if made else "",
        shifts=_shifts_of(made, calendar) if made else [],
        shares=shares,
        largest=largest_of(shares),
        gaps=made.filled.gaps if made else [],
        days=days,
        values={**usual, **{name: typed[name][:10] for name in ("first", "last") if name in typed}},
        mistakes=wrong,
        refusal=refusal,
        has_members=bool(members.by_role[Role.OFFICER]),
        roles=list(Role),
        names=names,
        reasons=_reasons_of,
        local=parts_of(request).settings.timezone,
        longest=LONGEST_FILLING.days,
    )


async def _draft(tx: Tx, request: web.Request, desk: Desk, first: date, last: date) -> Draft:
    return await draft(tx, desk.id, first, last, now_of(request), parts_of(request).settings.timezone)


def stamp_of(desk: Desk, made: Draft) -> str:
    """What a draft showed: everybody in their place, and every gap."""
    digest = hashlib.sha256(str(desk.id).encode())
    for one in made.filled.taken:
        digest.update(f"|{_place_of(one.place.slot.starts_at, one.place.role)}:{one.person_id}".encode())
    for gap in made.filled.gaps:
        for place in gap.block:
            digest.update(f"|{_place_of(place.slot.starts_at, place.role)}:-".encode())
    return digest.hexdigest()[:24]


def _place_of(starts_at: datetime, role: Role) -> str:
    return f"{starts_at.isoformat()} {role}"


def _counts_of(made: Draft, calendar: Calendar) -> Counter[tuple[Role, UUID, Burden]]:
    """How often each person bears what in a draft; both officers bear the same."""
    return Counter(
        (
            Role.LEADER if one.place.role is Role.LEADER else Role.OFFICER,
            one.person_id,
            burden_of(one.place.slot.day, calendar, is_night=one.place.slot.time.is_night),
        )
        for one in made.filled.taken
    )


def _shifts_of(made: Draft, calendar: Calendar) -> list[DraftShift]:
    """The shifts of a draft in order, those without an officer too: they are not put in force."""
    found: dict[datetime, dict[Role, Taken]] = {}
    slots = {one.place.slot.starts_at: one.place.slot for one in made.filled.taken}
    slots |= {place.slot.starts_at: place.slot for gap in made.filled.gaps for place in gap.block}
    for one in made.filled.taken:
        found.setdefault(one.place.slot.starts_at, {})[one.place.role] = one
    return [
        DraftShift(
            slot.day,
            slot.time.name,
            slot.starts_at,
            slot.ends_at,
            found.get(starts_at, {}),
            calendar.kind(slot.day),
            calendar.name(slot.day),
        )
        for starts_at, slot in sorted(slots.items())
    ]


def _reasons_of(gap: Gap) -> list[tuple[tuple[Objection, ...], list[UUID]]]:
    """What speaks against whom, those with the same reason together."""
    found: dict[tuple[Objection, ...], list[UUID]] = {}
    for person_id, why in gap.why.items():
        found.setdefault(why, []).append(person_id)
    return list(found.items())


def _days_in(first: str, last: str, today: date) -> tuple[date, date]:
    """The days of a form. Raises Refusal naming the field."""
    read: dict[str, date] = {}
    for field, text in (("first", first), ("last", last)):
        try:
            read[field] = date.fromisoformat(text.strip())
        except ValueError:
            raise _wrong(field, say("Write the day as 2026-08-01")) from None
    if read["first"] < today:
        raise _wrong("first", say("What is over is not filled: begin today or later"))
    if read["first"] > read["last"]:
        raise _wrong("last", say("The last day lies before the first"))
    if read["last"] - read["first"] >= LONGEST_FILLING:
        raise _wrong("last", say("Fill at most {days} days at once", days=LONGEST_FILLING.days))
    if read["first"] - today > timedelta(days=731):
        raise _wrong("first", say("Fill at most two years ahead"))
    return read["first"], read["last"]


def _wrong(field: str, text: str) -> Refusal:
    return Refusal(text, (Complaint("rota", field, text),))
