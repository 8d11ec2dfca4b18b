"""The desk at the change of shifts: who has come, what is open, and the handover with both signatures."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch import shift_change
from jiaoying.dispatch.duty_calls import BELLS
from jiaoying.dispatch.open_items import Record, open_items
from jiaoying.duty.actions import MAX_REASON, Doer
from jiaoying.duty.board import Manned, desks_now, manned_by_id
from jiaoying.duty.desk_plans import plans_of
from jiaoying.duty.handovers import actions, store
from jiaoying.duty.handovers.model import (
    BY_HAND,
    MAX_ITEM,
    MAX_NOTE,
    OVER,
    Handover,
    HandoverItem,
    HandoverState,
    ItemKind,
    merged,
    unowned,
)
from jiaoying.duty.model import Role, Standing
from jiaoying.duty.sign_ons import OFFICERS, ShiftWatch, SignOn, sign_on, sign_ons_of, watches_of
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.console.rota import desk_in, doer_of, mistakes_of, names_of
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import now_of, render, see_other, text_field

MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class ShiftNow:
    """The shift that runs: who stands in it, and who of them has signed on."""

    manned: Manned
    standing: Standing
    watch: ShiftWatch | None
    signed: Sequence[SignOn]

    def sign_on_of(self, person_id: UUID) -> SignOn | None:
        return next((one for one in self.signed if one.person_id == person_id), None)


@dataclass(frozen=True, slots=True)
class HandoverShown:
    """A handover with its shift and its items as they stand now."""

    handover: Handover
    manned: Manned
    items: Sequence[HandoverItem]

    @property
    def left(self) -> int:
        return len(unowned(self.items))

    @property
    def officers(self) -> list[UUID]:
        """Who may sign for this shift."""
        stays = [stay for role in OFFICERS for stay in self.manned.stays[role]]
        return list(dict.fromkeys(stay.person_id for stay in stays if stay.person_id))

    def takers(self, running: ShiftNow | None, following: object) -> list[UUID]:
        """Who may sign for what comes: whoever stands there now, or comes next; not who handed it over."""
        around = [running.standing] if running else []
        if isinstance(following, Standing):
            around.append(following)
        people = [standing.person_in(role) for standing in around for role in OFFICERS]
        return [one for one in dict.fromkeys(people) if one and one != self.handover.handed_person_id]


async def show(request: web.Request) -> web.StreamResponse:
    """Who has come, what is open, and what is to be signed."""
    return await _page(request)


async def note_sign_on(request: web.Request) -> web.StreamResponse:
    """Somebody has come to the shift that runs."""

    async def done(tx: Tx, doer: Doer) -> None:
        person_id = read_id(await text_field(request, "person", most=60))
        await sign_on(tx, read_id(request.match_info["shift"]), person_id, doer)

    return await _do(request, done)


async def write_note(request: web.Request) -> web.StreamResponse:
    """What whoever comes should know."""

    async def done(tx: Tx, doer: Doer) -> None:
        await _keep_note(request, tx, doer)

    return await _do(request, done)


async def add_item(request: web.Request) -> web.StreamResponse:
    """Something that the program cannot know."""

    async def done(tx: Tx, doer: Doer) -> None:
        try:
            kind = ItemKind(await text_field(request, "kind", most=20))
        except ValueError:
            raise Refusal(say("Choose what the item is about")) from None
        text = await text_field(request, "text", most=MAX_ITEM)
        await _keep_note(request, tx, doer)
        await actions.add_item(tx, _handover_id(request), kind, text, doer)

    return await _do(request, done)


async def hand_over(request: web.Request) -> web.StreamResponse:
    """Whoever goes signs."""

    async def done(tx: Tx, doer: Doer) -> None:
        record = _record(request)
        await _keep_note(request, tx, doer)
        await shift_change.sign_over(tx, _handover_id(request), await _signer(request), record, doer)

    return await _do(request, done)


async def decide(request: web.Request) -> web.StreamResponse:
    """Items are taken over as they were ticked; with a signature, the whole shift."""

    async def done(tx: Tx, doer: Doer) -> None:
        record, handover_id = _record(request), _handover_id(request)
        ticked = [str(key) for key in (await request.post()).getall("key", [])]
        await shift_change.decide(tx, handover_id, ticked, record, doer, accepted=True)
        if await text_field(request, "sign", most=5):
            await shift_change.take(tx, handover_id, await _signer(request), record, doer)

    return await _do(request, done)


async def refuse_item(request: web.Request) -> web.StreamResponse:
    """One item is not taken over, with a reason."""

    async def done(tx: Tx, doer: Doer) -> None:
        record, key = _record(request), await text_field(request, "key", most=100)
        await shift_change.decide(tx, _handover_id(request), [key], record, doer, accepted=False)

    return await _do(request, done)


async def send_back(request: web.Request) -> web.StreamResponse:
    """The whole handover goes back to whoever signed it."""

    async def done(tx: Tx, doer: Doer) -> None:
        await actions.send_back(tx, _handover_id(request), doer)

    return await _do(request, done)


async def _do(request: web.Request, action: Callable[[Tx, Doer], Awaitable[None]]) -> web.StreamResponse:
    """Do it in one transaction; a refusal shows the page again with what was typed."""
    try:
        doer = doer_of(request, await text_field(request, "reason", most=MAX_REASON))
        async with parts_of(request).database.transaction() as tx:
            await action(tx, doer)
    except Refusal as refusal:
        return await _page(request, refusal=refusal)
    parts_of(request).wake.ring("presence", *BELLS)
    return see_other(f"/duty/{request.match_info['id']}/handover")


async def _page(request: web.Request, *, refusal: Refusal | None = None) -> web.StreamResponse:
    now, parts = now_of(request), parts_of(request)
    values = {key: str(value) for key, value in (await request.post()).items()} if refusal else {}
    async with parts.database.transaction() as tx:
        desk = await desk_in(tx, request)
        open_now = await open_items(tx, desk, _record(request), now)
        around = next(one for one in await desks_now(tx, now) if one.desk.id == desk.id)
        running = await _running(tx, around.standing)
        kept = await store.handovers_of(tx, desk.id, MOST_SHOWN)
        items = await store.items_of(tx, [one.id for one in kept])
        shifts = await manned_by_id(tx, [one.shift_id for one in kept])
        plan = (await plans_of(tx, [desk.id])).get(desk.id)
        shown = [
            HandoverShown(
                one,
                shifts[one.shift_id],
                _gravest_first(
                    items.get(one.id, [])
                    if one.state in OVER
                    else merged(one.id, items.get(one.id, []), open_now, now)
                ),
            )
            for one in kept
        ]
        names = await names_of(tx, _people(running, shown, around.following))
    going_on = [one for one in shown if one.handover.state not in OVER]
    return render(
        request,
        "handover.html",
        status=422 if refusal else 200,
        desk=desk,
        running=running,
        standing=around.standing,
        until=around.until,
        following=around.following,
        open_now=open_now,
        hands_over=plan is not None and plan.hands_over,
        to_sign=[one for one in going_on if one.handover.state is not HandoverState.HANDED],
        to_take=[one for one in going_on if one.handover.state is HandoverState.HANDED],
        over=[one for one in shown if one.handover.state in OVER],
        names=names,
        by_hand=BY_HAND,
        refusal=str(refusal) if refusal else None,
        mistakes=mistakes_of(refusal, "page") if refusal else {},
        values=values,
        most={"note": MAX_NOTE, "item": MAX_ITEM, "reason": MAX_REASON},
        roles=list(Role),
        local=parts.settings.timezone,
    )


async def _running(tx: Tx, standing: object) -> ShiftNow | None:
    if not isinstance(standing, Standing):
        return None
    shift_id = standing.shift.id
    manned = (await manned_by_id(tx, [shift_id]))[shift_id]
    watch = (await watches_of(tx, [shift_id])).get(shift_id)
    return ShiftNow(manned, standing, watch, (await sign_ons_of(tx, [shift_id])).get(shift_id, ()))


def _gravest_first(items: Sequence[HandoverItem]) -> list[HandoverItem]:
    """In the order of the kinds, as what is open is gathered."""
    order = list(ItemKind)
    return sorted(items, key=lambda item: order.index(item.kind))


def _people(
    running: ShiftNow | None, shown: Collection[HandoverShown], following: object
) -> set[UUID | None]:
    found: set[UUID | None] = set()
    for manned in [*([running.manned] if running else []), *(one.manned for one in shown)]:
        found |= manned.people
    for one in shown:
        found |= {one.handover.handed_person_id, one.handover.taken_person_id}
    if isinstance(following, Standing):
        found |= {following.officer_id, following.second_id, following.leader_id}
    return found


async def _keep_note(request: web.Request, tx: Tx, doer: Doer) -> None:
    """A note typed on the form of another act is kept with it."""
    if "note" in await request.post():
        note = await text_field(request, "note", most=MAX_NOTE)
        await actions.write_note(tx, _handover_id(request), note, doer)


async def _signer(request: web.Request) -> UUID:
    person = await text_field(request, "person", most=60)
    if not person:
        raise Refusal(say("Choose who signs"))
    return read_id(person)


def _record(request: web.Request) -> Record:
    parts = parts_of(request)
    return Record(parts.home_map.home_area, parts.settings.language)


def _handover_id(request: web.Request) -> UUID:
    return read_id(request.match_info["handover"])
