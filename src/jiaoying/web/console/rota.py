"""The duty desks: who stands there now, what is wrong in the coming days, swaps that wait for the leader."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import time, timedelta
from uuid import UUID

from aiohttp import web

from jiaoying.contacts.store import contacts_by_id
from jiaoying.duty import actions
from jiaoying.duty.actions import Doer
from jiaoying.duty.board import DeskNow, Manned, desks_now, manned_by_id
from jiaoying.duty.change_store import SwapRequest, lock_request, open_requests
from jiaoying.duty.changes import who_has
from jiaoying.duty.checking import Fault
from jiaoying.duty.constraints import Objection
from jiaoying.duty.model import Desk, NobodyOnDuty, Role, Standing
from jiaoying.duty.months import look_at
from jiaoying.duty.shift_times import moment_of
from jiaoying.duty.store import desk_by_id, lock_rota
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.context import actor_of, may, parts_of, read_id
from jiaoying.web.pages import now_of, render, see_other, text_field, today_of
from jiaoying.web.roles import May

DAYS_AHEAD = 14
MOST_FAULTS = 60
_ANY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class SharedFault:
    """The same fault at some desks: rotas that run out on one day are told of in one line."""

    fault: Fault
    desk_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class WaitingSwap:
    """A swap that waits, with who stands on both sides as things are."""

    request: SwapRequest
    one: Manned
    other: Manned
    one_person: UUID | None
    other_person: UUID | None
    against: tuple[Objection, ...]
    refusal: str  # why it cannot be any more

    @property
    def stamp(self) -> str:
        """The two whom an agreement is about."""
        return f"{self.one_person} {self.other_person}"


async def show_desks(request: web.Request) -> web.StreamResponse:
    """Every desk as it stands."""
    return await _page(request)


async def agree(request: web.Request) -> web.StreamResponse:
    """The leader agrees to a swap of the two who were shown."""
    request_id, shown = read_id(request.match_info["id"]), await text_field(request, "shown", most=80)
    try:
        async with parts_of(request).database.transaction() as tx:
            await lock_rota(tx)
            waiting = [one for one in await _waiting_swaps(tx, request) if one.request.id == request_id]
            if waiting and waiting[0].stamp != shown:
                raise Refusal(say("Somebody else stands in one of the two shifts now: look at it anew"))
            await actions.agree_to_swap(tx, request_id, doer_of(request))
    except Refusal as refusal:
        return await _page(request, refusal=str(refusal))
    return see_other("/duty#swaps")


async def end_request(request: web.Request) -> web.StreamResponse:
    """The leader refuses a swap, or whoever asked for it withdraws it."""
    request_id = read_id(request.match_info["id"])
    try:
        async with parts_of(request).database.transaction() as tx:
            waiting = await lock_request(tx, request_id)
            is_own = waiting is not None and waiting.asked_by == actor_of(request)
            if not is_own and not may(request, May.AGREE_TO_SWAPS):
                raise web.HTTPForbidden
            await actions.end_swap_request(tx, request_id, doer_of(request))
    except Refusal as refusal:
        return await _page(request, refusal=str(refusal))
    return see_other("/duty#swaps")


async def _page(request: web.Request, *, refusal: str | None = None) -> web.StreamResponse:
    now, zone, first = now_of(request), parts_of(request).settings.timezone, today_of(request)
    async with parts_of(request).database.transaction() as tx:
        desks = await desks_now(tx, now)
        ids = [one.desk.id for one in desks]
        looked = await look_at(tx, ids, first, first + timedelta(days=DAYS_AHEAD), zone)
        faults = _shared(
            fault
            for found in looked.values()
            for fault in found.faults
            if now < fault.ends_at and fault.starts_at < now + timedelta(days=DAYS_AHEAD)
        )
        swaps = await _waiting_swaps(tx, request)
        names = await names_of(tx, _people_on(desks, faults, swaps))
    return render(
        request,
        "rota.html",
        status=422 if refusal else 200,
        refusal=refusal,
        desks=desks,
        unmanned=sum(isinstance(one.standing, NobodyOnDuty) for one in desks),
        faults=faults[:MOST_FAULTS],
        all_faults=len(faults),
        days_ahead=DAYS_AHEAD,
        end=moment_of(first + timedelta(days=DAYS_AHEAD + 1), time(0), zone),
        swaps=swaps,
        names=names,
        desk_names={one.desk.id: one.desk.name for one in desks},
        me=actor_of(request),
        local=zone,
    )


async def _waiting_swaps(tx: Tx, request: web.Request) -> list[WaitingSwap]:
    waiting = await open_requests(tx)
    wanted = {shift_id for one in waiting for shift_id in (one.one_shift_id, one.other_shift_id)}
    shifts = await manned_by_id(tx, wanted)
    now = now_of(request)

    def person(one: Manned, role: Role) -> UUID | None:
        return who_has((one.shift, role), one.changes, now)

    found: list[WaitingSwap] = []
    for each in waiting:
        one, other = shifts.get(each.one_shift_id), shifts.get(each.other_shift_id)
        if one and other:
            people = person(one, each.one_role), person(other, each.other_role)
            found.append(WaitingSwap(each, one, other, *people, *await _judged(tx, each, request)))
    return found


async def _judged(tx: Tx, swap: SwapRequest, request: web.Request) -> tuple[tuple[Objection, ...], str]:
    """What speaks against a swap, or why it cannot be any more."""
    try:
        return await actions.objections_to_swap(tx, swap, doer_of(request)), ""
    except Refusal as refusal:
        return (), str(refusal)


def _shared(faults: Iterable[Fault]) -> list[SharedFault]:
    """Faults in order of time, those of one kind at one time together."""
    desks: dict[Fault, list[UUID]] = {}
    for fault in faults:
        desks.setdefault(replace(fault, desk_id=_ANY), []).append(fault.desk_id)
    found = [SharedFault(replace(fault, desk_id=ids[0]), tuple(ids)) for fault, ids in desks.items()]
    return sorted(found, key=lambda one: (one.fault.starts_at, one.fault.ends_at))


def _people_on(
    desks: Iterable[DeskNow], faults: Iterable[SharedFault], swaps: Iterable[WaitingSwap]
) -> set[UUID | None]:
    found: set[UUID | None] = {one.fault.person_id for one in faults}
    for one in desks:
        for standing in (one.standing, one.following):
            if isinstance(standing, Standing):
                found |= {standing.officer_id, standing.second_id, standing.leader_id}
    return found.union(*((swap.one_person, swap.other_person) for swap in swaps))


# --- what the pages of the rota share ---


def doer_of(request: web.Request, reason: str = "") -> Doer:
    """Whoever is signed in, as the changes of the rota want them."""
    zone = parts_of(request).settings.timezone
    return Doer(actor_of(request), reason, now_of(request), zone)


async def names_of(tx: Tx, people: Iterable[UUID | None]) -> dict[UUID, str]:
    """What these people are called."""
    known = await contacts_by_id(tx, {person_id for person_id in people if person_id})
    return {person_id: contact.name for person_id, contact in known.items()}


async def desk_in(tx: Tx, request: web.Request) -> Desk:
    """The desk that the address names."""
    desk = await desk_by_id(tx, read_id(request.match_info["id"]))
    if desk is None:
        raise web.HTTPNotFound
    return desk


def mistakes_of(refusal: Refusal, field: str) -> dict[str, str]:
    """A refusal as sentences beside the fields that it names; else beside `field`."""
    found: dict[str, str] = {}
    for complaint in refusal.complaints:
        found.setdefault(complaint.field, complaint.text)
    return found or {field: str(refusal)}
