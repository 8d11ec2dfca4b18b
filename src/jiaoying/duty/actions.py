"""What people do to a rota: put somebody else in, swap, take leave, mean a gap; each with its ledger line.

Every action takes the lock of the rotas first: two at once would each see what the other is about to change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.duty import change_store as store
from jiaoying.duty.change_store import (
    KeptLeave,
    MeantGap,
    SensitiveDays,
    SwapRequest,
    SwapState,
    Told,
)
from jiaoying.duty.changes import Part, belonging_to, instead, swap, who_has
from jiaoying.duty.constraints import Objection, Stint, objections
from jiaoying.duty.days import Calendar
from jiaoying.duty.desk_plans import plans_of
from jiaoying.duty.model import Change, ChangeKind, Role, Shift
from jiaoying.duty.planning import stints_in
from jiaoying.duty.store import all_shifts_between, lock_rota, shifts_by_id
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

MAX_REASON = 200
# Nobody is in two places; everything else may be overruled by whoever gives a reason.
_IMPOSSIBLE = (Objection.ELSEWHERE, Objection.TWO_ROLES)
_NEARBY = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Doer:
    """Who changes the rota, why, and when; the zone tells which day a shift is of."""

    actor: str
    reason: str
    now: datetime
    zone: ZoneInfo


async def put_in(
    tx: Tx,
    shift_id: UUID,
    role: Role,
    person_id: UUID,
    doer: Doer,
    *,
    kind: ChangeKind | None = None,
    begin: datetime | None = None,
    end: datetime | None = None,
) -> Change:
    """This person stands in a shift instead of who was planned; of a shift that runs, from now on.

    Raises Refusal where the shift is over or unknown, no reason is given, the person stands there already, or
    stands somewhere else at that time.
    """
    reason = _reason(doer)
    await lock_rota(tx)
    part = await _part(tx, shift_id, role)
    running = part[0].starts_at <= doer.now
    change = instead(
        part,
        person_id,
        kind or (ChangeKind.TAKEOVER if running else ChangeKind.OVERRIDE),
        doer.now,
        begin=begin,
        end=end,
    )
    changes = await store.changes_of(tx, [shift_id])
    if who_has(part, changes, change.starts_at) == person_id:
        raise Refusal(say("They stand there already"))
    await _refuse_impossible(tx, [(part, change)], doer)
    await store.write_changes(tx, [change], Told(reason, doer.actor))
    await append_entries(tx, [_entry("shift.changed_hands", change, part[0], doer)])
    return change


async def undo(tx: Tx, change_id: UUID, doer: Doer) -> list[Change]:
    """Take a change back, of a swap both halves; what has been stood stays so. Raises Refusal."""
    _reason(doer)
    await lock_rota(tx)
    change = await store.change_by_id(tx, change_id)
    if change is None or change.undone_at is not None:
        raise Refusal(say("This change was taken back already, or never made"))
    paired = await store.changes_of_pair(tx, change.pair_id) if change.pair_id else [change]
    undone = belonging_to(change, paired)
    shifts = {shift.id: shift for shift in await shifts_by_id(tx, [each.shift_id for each in undone])}
    if any(shifts[each.shift_id].starts_at <= doer.now for each in undone):
        raise Refusal(say("A shift of it has begun: put somebody in instead"))
    await store.undo_changes(tx, undone, by=doer.actor, now=doer.now)
    entries = [_entry("shift.change_undone", each, shifts[each.shift_id], doer) for each in undone]
    await append_entries(tx, entries)
    return undone


# --- swaps ---


async def ask_swap(tx: Tx, one: tuple[UUID, Role], other: tuple[UUID, Role], doer: Doer) -> SwapRequest:
    """Ask the leader for a swap. What could not be done anyway is refused at once."""
    reason = _reason(doer)
    await lock_rota(tx)
    await _swapped(tx, one, other, doer)
    for waiting in await store.open_requests(tx):
        parts = (
            (waiting.one_shift_id, waiting.one_role),
            (waiting.other_shift_id, waiting.other_role),
        )
        # Agreed to twice, the second would undo the first.
        if one in parts or other in parts:
            raise Refusal(say("A swap of one of these shifts waits for the leader already"))
    request = SwapRequest(new_id(doer.now), *one, *other, reason, doer.now, doer.actor)
    await store.write_request(tx, request)
    await append_entries(tx, [_request_entry("shift.swap_asked", request, doer)])
    return request


async def agree_to_swap(tx: Tx, request_id: UUID, doer: Doer) -> Sequence[Change]:
    """The leader agrees: from now on each stands where the other would have. Raises Refusal where it was
    decided, where it was asked by the same person, or where the rota has changed so that it cannot be."""
    await lock_rota(tx)
    request = await _waiting(tx, request_id)
    if request.asked_by == doer.actor:
        raise Refusal(say("Somebody else must agree than who asked"))
    parts = await _swapped(
        tx, (request.one_shift_id, request.one_role), (request.other_shift_id, request.other_role), doer
    )
    changes = [change for _, change in parts]
    await store.write_changes(tx, changes, Told(request.reason, request.asked_by))
    await store.decide_request(
        tx, request.id, SwapState.AGREED, by=doer.actor, now=doer.now, pair_id=changes[0].pair_id
    )
    lines = [_entry("shift.changed_hands", change, part[0], doer) for part, change in parts]
    await append_entries(tx, [_request_entry("shift.swap_agreed", request, doer), *lines])
    return changes


async def end_swap_request(tx: Tx, request_id: UUID, doer: Doer) -> SwapState:
    """Refuse a swap that waits; who asked for it withdraws it instead."""
    await lock_rota(tx)
    request = await _waiting(tx, request_id)
    state = SwapState.WITHDRAWN if request.asked_by == doer.actor else SwapState.REFUSED
    await store.decide_request(tx, request.id, state, by=doer.actor, now=doer.now)
    await append_entries(tx, [_request_entry(f"shift.swap_{state}", request, doer)])
    return state


async def _waiting(tx: Tx, request_id: UUID) -> SwapRequest:
    request = await store.lock_request(tx, request_id)
    if request is None or request.state is not SwapState.ASKED:
        raise Refusal(say("This swap was decided already, or never asked for"))
    return request


async def _swapped(
    tx: Tx, one: tuple[UUID, Role], other: tuple[UUID, Role], doer: Doer
) -> list[tuple[Part, Change]]:
    parts = await _part(tx, *one), await _part(tx, *other)
    changes = await store.changes_of(tx, [part[0].id for part in parts])
    made = swap(*parts, changes, doer.now)
    both = list(zip(parts, made, strict=True))
    await _refuse_impossible(tx, both, doer)
    return both


# --- leave, gaps that are meant, sensitive days ---


async def take_leave(tx: Tx, person_id: UUID, begin: datetime, end: datetime, doer: Doer) -> list[Stint]:
    """Note that somebody is away; returns what they stand in then, for which somebody else is needed."""
    reason = _reason(doer)
    if begin >= end:
        raise Refusal(say("The leave ends before it begins"))
    await lock_rota(tx)
    leave = KeptLeave(new_id(doer.now), person_id, begin, end, reason, doer.now, doer.actor)
    await store.write_leave(tx, leave)
    facts = {"starts_at": begin.isoformat(), "ends_at": end.isoformat()}
    entry = Entry(
        doer.now,
        "leave.noted",
        doer.actor,
        contact_id=person_id,
        facts=facts,
        particulars={"reason": reason},
    )
    await append_entries(tx, [entry])
    stints = await _stints_around(tx, begin, end, doer.zone)
    return [each for each in stints if each.person_id == person_id and _touches(each, begin, end)]


async def end_leave(tx: Tx, leave_id: UUID, doer: Doer) -> None:
    """Take leave back."""
    await lock_rota(tx)
    if not await store.end_leave(tx, leave_id, doer.now):
        raise Refusal(say("This leave was taken back already, or never noted"))
    await append_entries(
        tx, [Entry(doer.now, "leave.taken_back", doer.actor, facts={"leave_id": str(leave_id)})]
    )


async def mean_gap(tx: Tx, desk_id: UUID, begin: datetime, end: datetime, doer: Doer) -> MeantGap:
    """Nobody is to stand at a desk in this time: it is told of as a gap no more."""
    reason = _reason(doer)
    if begin >= end:
        raise Refusal(say("The time ends before it begins"))
    gap = MeantGap(new_id(doer.now), desk_id, begin, end, reason, doer.now, doer.actor)
    await store.write_meant_gap(tx, gap)
    facts = {"desk_id": str(desk_id), "starts_at": begin.isoformat(), "ends_at": end.isoformat()}
    entry = Entry(doer.now, "desk.gap_meant", doer.actor, facts=facts, particulars={"reason": reason})
    await append_entries(tx, [entry])
    return gap


async def end_meant_gap(tx: Tx, gap_id: UUID, doer: Doer) -> None:
    """Somebody is to stand there after all: it is told of as a gap again."""
    if not await store.end_meant_gap(tx, gap_id, doer.now):
        raise Refusal(say("This was taken back already, or never noted"))
    facts = {"gap_id": str(gap_id)}
    await append_entries(tx, [Entry(doer.now, "desk.gap_no_longer_meant", doer.actor, facts=facts)])


async def name_sensitive_days(tx: Tx, first: date, last: date, doer: Doer) -> SensitiveDays:
    """On these days two officers stand at every desk that is filled from now on."""
    reason = _reason(doer)
    if first > last:
        raise Refusal(say("The last day lies before the first"))
    days = SensitiveDays(new_id(doer.now), first, last, reason, doer.now, doer.actor)
    await store.write_sensitive_days(tx, days)
    facts = {"first": first.isoformat(), "last": last.isoformat()}
    entry = Entry(doer.now, "rota.sensitive_days", doer.actor, facts=facts, particulars={"reason": reason})
    await append_entries(tx, [entry])
    return days


async def end_sensitive_days(tx: Tx, days_id: UUID, doer: Doer) -> None:
    """They are days like others again; who stands there as the second officer already stays."""
    if not await store.end_sensitive_days(tx, days_id, doer.now):
        raise Refusal(say("This was taken back already, or never noted"))
    facts = {"days_id": str(days_id)}
    await append_entries(tx, [Entry(doer.now, "rota.sensitive_days_ended", doer.actor, facts=facts)])


# --- what speaks against it ---


async def objections_to(tx: Tx, part: Part, change: Change, zone: ZoneInfo) -> tuple[Objection, ...]:
    """What speaks against a change, impossible or not, to be shown before it is made."""
    return await _against(tx, [(part, change)], zone)


async def objections_to_swap(tx: Tx, request: SwapRequest, doer: Doer) -> tuple[Objection, ...]:
    """What speaks against a swap that waits, for whoever decides on it. Raises Refusal where it cannot be."""
    one, other = (request.one_shift_id, request.one_role), (request.other_shift_id, request.other_role)
    return await _against(tx, await _swapped(tx, one, other, doer), doer.zone)


async def _refuse_impossible(tx: Tx, made: Sequence[tuple[Part, Change]], doer: Doer) -> None:
    against = await _against(tx, made, doer.zone)
    if any(one in against for one in _IMPOSSIBLE):
        raise Refusal(say("They stand somewhere else at that time: put somebody else in there first"))


async def _against(tx: Tx, made: Sequence[tuple[Part, Change]], zone: ZoneInfo) -> tuple[Objection, ...]:
    """Of everybody who stands as it would be afterwards, what speaks against the new stints."""
    begin, end = min(change.starts_at for _, change in made), max(change.ends_at for _, change in made)
    shifts, changes = await _rota_around(tx, begin, end)
    stints = stints_in(shifts, [*changes, *(change for _, change in made)], zone)
    leaves = [kept.leave for kept in await store.leaves_between(tx, begin, end)]
    plans = await plans_of(tx, {shift.desk_id for (shift, _), _ in made})
    found: dict[Objection, None] = {}
    for (shift, role), change in made:
        rules = plans[shift.desk_id].rules
        own = [
            each
            for each in stints
            if (each.person_id, each.role, each.desk_id) == (change.person_id, role, shift.desk_id)
            and each.starts_at <= change.starts_at < each.ends_at
        ]
        for wanted in own:
            others = [each for each in stints if each is not wanted]
            found |= dict.fromkeys(objections(wanted, others, leaves, rules, Calendar()))
    return tuple(found)


async def _stints_around(tx: Tx, begin: datetime, end: datetime, zone: ZoneInfo) -> list[Stint]:
    shifts, changes = await _rota_around(tx, begin, end)
    return stints_in(shifts, changes, zone)


async def _rota_around(tx: Tx, begin: datetime, end: datetime) -> tuple[list[Shift], list[Change]]:
    shifts = await all_shifts_between(tx, begin - _NEARBY, end + _NEARBY)
    return shifts, await store.changes_of(tx, [shift.id for shift in shifts])


async def _part(tx: Tx, shift_id: UUID, role: Role) -> Part:
    found = await shifts_by_id(tx, [shift_id])
    if not found:
        raise Refusal(say("This shift is not in the rota any more: look at it anew"))
    return found[0], role


def _touches(stint: Stint, begin: datetime, end: datetime) -> bool:
    return stint.starts_at < end and begin < stint.ends_at


def _reason(doer: Doer) -> str:
    reason = doer.reason.strip()
    if not 1 <= len(reason) <= MAX_REASON:
        text = say("Give a reason of at most {count} signs", count=MAX_REASON)
        raise Refusal(text, (Complaint("rota", "reason", text),))
    return reason


def _entry(event: str, change: Change, shift: Shift, doer: Doer) -> Entry:
    facts = {
        "change_id": str(change.id),
        "shift_id": str(shift.id),
        "desk_id": str(shift.desk_id),
        "role": change.role,
        "kind": change.kind,
        "starts_at": change.starts_at.isoformat(),
        "ends_at": change.ends_at.isoformat(),
    }
    return Entry(
        doer.now,
        event,
        doer.actor,
        contact_id=change.person_id,
        facts=facts,
        particulars={"reason": doer.reason.strip()},
    )


def _request_entry(event: str, request: SwapRequest, doer: Doer) -> Entry:
    facts = {
        "request_id": str(request.id),
        "shifts": [str(request.one_shift_id), str(request.other_shift_id)],
        "roles": [request.one_role, request.other_role],
    }
    return Entry(doer.now, event, doer.actor, facts=facts, particulars={"reason": request.reason})
