"""One warning takes over from others: what `following` decides, written down in one transaction.

Responsibilities and call-outs that go on are handed over as they stand: the same rows, so that rung,
wait, deadline, calls in flight and answers need no copying, and a person's story stays one story.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from itertools import groupby
from uuid import UUID

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.following import (
    Coming,
    Course,
    Decision,
    Place,
    StandingDuty,
    courses_of,
    deadline_on,
    follow,
    rank_of,
    rung_of_role,
    rung_on,
    who_is_told,
)
from jiaoying.dispatch.ladders.model import Ladder, Tier
from jiaoying.dispatch.ladders.reading import ladder_from_data
from jiaoying.dispatch.matching import Match, MatchedPost, NewResponsibility, priority_of
from jiaoying.dispatch.states import CallOutEvent, CallOutState, ResponsibilityState, WarningState
from jiaoying.dispatch.stopping import stop_call_outs, supersede_older, take_back_due
from jiaoying.dispatch.store import attempts, call_outs, handing_over, responsibilities, warnings
from jiaoying.dispatch.store.call_outs import Asking, stronger
from jiaoying.dispatch.store.handing_over import Tie, TiedCallOut
from jiaoying.dispatch.store.responsibilities import NewFooting, StandingRow
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.dispatch.texting import text_people
from jiaoying.dispatch.walking import call_off
from jiaoying.dispatch.withdrawing import replace_warning
from jiaoying.kernel.hazards import Hazard
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.warnings.store import find_replaced

ACTOR = "match"
_OVER = (WarningState.WITHDRAWN, WarningState.IGNORED)
# Closed is also what nobody has to be called for any more: its people have their duty all the same.
_BEGUN = (WarningState.MATCHED, WarningState.CLOSED)
_WAITING = (WarningState.RECEIVED, WarningState.HELD)
_STANDING_KINDS = ("alert", "update")


@dataclass(frozen=True, slots=True)
class Before:
    """What stood until now, locked.

    `replaced` are the warnings that give way; `warnings` are those and the running ones that came in the
    same message; `others_wait` tells that a part of the message has not been matched yet.
    """

    replaced: tuple[WarningRow, ...]
    warnings: Mapping[UUID, WarningRow]
    duties: tuple[StandingRow, ...]
    people: tuple[TiedCallOut, ...]
    ties: tuple[Tie, ...]
    others_wait: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """What is still to be opened, and how many places went which way."""

    opened: tuple[NewResponsibility, ...]
    figures: Mapping[str, int]


async def look_before(tx: Tx, warning: WarningRow) -> Before:
    """Everything that this warning takes the place of: its chain, and what its message names."""
    beside = await warnings.of_same_message(tx, warning.id)
    earlier = await earlier_warnings(tx, warning.id)
    locked = [await warnings.lock_warning(tx, warning_id) for warning_id in earlier]
    replaced = tuple(row for row in locked if row and row.state not in _OVER)
    if not replaced:
        return Before((), {}, (), (), (), others_wait=False)
    running = [row for row in beside if row.state in _BEGUN]
    known = {row.id: row for row in (*replaced, *running)}
    duties = await responsibilities.lock_standing(tx, known)
    people, ties = await handing_over.lock_tied(tx, [duty.id for duty in duties])
    waiting = any(row.state in _WAITING and row.kind in _STANDING_KINDS for row in beside)
    return Before(replaced, known, tuple(duties), tuple(people), tuple(ties), waiting)


def posts_standing(before: Before, hazard: Hazard) -> frozenset[UUID]:
    """The posts that were asked for the same until now."""
    return frozenset(
        duty.post_id
        for duty in before.duties
        if duty.post_id and before.warnings[duty.warning_id].hazard == hazard
    )


async def earlier_warnings(tx: Tx, warning_id: UUID) -> tuple[UUID, ...]:
    """What came before a warning in its chain or is named by it, without the rest of its own message.

    What came after it takes its own place when its turn comes: ids tell the order of arrival.
    """
    related = {*await warnings.chain_of(tx, [warning_id]), *await find_replaced(tx, warning_id)}
    beside = {row.id for row in await warnings.of_same_message(tx, warning_id)}
    return tuple(sorted(row_id for row_id in related - beside if row_id < warning_id))


async def take_over(
    tx: Tx, engine: Engine, warning: WarningRow, before: Before, match: Match, now: datetime
) -> Followed:
    """Hand over what goes on, end what does not, tell who must know; returns what is to be opened."""
    decisions = follow(_standing(before), _coming(warning, before, match))
    rows = {duty.id: duty for duty in before.duties}
    carried = [rows[item.duty_id] for item in decisions if item.duty_id and item.course in _GOES_ON]
    await responsibilities.hand_over(tx, [duty.id for duty in carried], warning.id)
    moved = await _hand_over_people(tx, warning, before, carried)
    lowered = [rows[item.duty_id] for item in decisions if item.duty_id and item.course is Course.LOWER]
    await _lower(tx, warning, lowered, match, before.ties, moved, now)
    await _end(tx, decisions, now)
    await supersede_older(tx, [item.id for item in moved], actor=ACTOR, now=now)
    await append_entries(tx, _carried_entries(warning, before, decisions, moved, now))
    await _give_way(tx, warning, before, now)
    await _tell(tx, engine, warning, before, decisions, now)
    new = {place_of(item): item for item in match.responsibilities}
    version = _next_version(before, moved)
    opened = [replace(new[item.place], version=version) for item in decisions if item.course is Course.CALL]
    return Followed(tuple(opened), _figures(decisions))


_GOES_ON = (Course.CARRY, Course.LOWER)


def place_of(duty: StandingRow | NewResponsibility) -> Place:
    """What a responsibility is for."""
    return Place(duty.post_id, duty.desk_id, duty.area_code, duty.task_id)


def _standing(before: Before) -> list[StandingDuty]:
    giving_way = {row.id for row in before.replaced}
    return [
        StandingDuty(
            id=duty.id,
            place=place_of(duty),
            hazard=(of := before.warnings[duty.warning_id]).hazard,
            rank=rank_of(of.colour),
            state=duty.state,
            reason=duty.reason,
            rung=duty.rung,
            gives_way=duty.warning_id in giving_way,
        )
        for duty in before.duties
    ]


def _coming(warning: WarningRow, before: Before, match: Match) -> Coming:
    return Coming(
        hazard=warning.hazard,
        rank=rank_of(warning.colour),
        wanted=tuple(place_of(item) for item in match.responsibilities),
        passed_over=frozenset(_place_of_post(post) for post in match.passed_over),
        others_wait=before.others_wait,
    )


def _place_of_post(post: MatchedPost) -> Place:
    return Place(post.id, None, post.area_code)


# --- what goes on ---


async def _hand_over_people(
    tx: Tx, warning: WarningRow, before: Before, carried: Sequence[StandingRow]
) -> list[TiedCallOut]:
    """Whoever is tied to what goes on goes with it, in whatever state; as they stand there afterwards."""
    giving_way = {row.id for row in before.replaced}
    going_on = {duty.id for duty in carried}
    tied = {tie.call_out_id for tie in before.ties if tie.responsibility_id in going_on}
    moving = [item for item in before.people if item.id in tied and item.warning_id in giving_way]
    versions = _versions(moving)
    await handing_over.hand_over(tx, versions, warning.id)
    await attempts.prolong_due(tx, versions, warning.valid_to)
    return [replace(item, version=versions[item.id]) for item in moving]


def _versions(moving: Sequence[TiedCallOut]) -> dict[UUID, int]:
    """The version of each where it goes. Two chains that become one may bring two of one person."""
    versions: dict[UUID, int] = {}
    for _, of_person in groupby(moving, key=lambda item: item.contact_id):
        last = 0
        # What is still open last: it is the one that further rungs find.
        for item in sorted(of_person, key=_still_open_last):
            last = versions[item.id] = max(item.version, last + 1)
    return versions


def _still_open_last(item: TiedCallOut) -> tuple[int, bool, UUID]:
    return item.version, item.state is CallOutState.OPEN, item.id


def _next_version(before: Before, moved: Sequence[TiedCallOut]) -> int:
    """Above all that goes on: whatever is opened now was not asked of anybody in what goes on."""
    known = [item.version for item in (*before.duties, *before.people, *moved)]
    return max(known, default=0) + 1


async def _lower(
    tx: Tx,
    warning: WarningRow,
    lowered: Sequence[StandingRow],
    match: Match,
    ties: Sequence[Tie],
    moved: Sequence[TiedCallOut],
    now: datetime,
) -> None:
    """Put what goes on at a milder colour on that colour's ladder, at the place that it had reached."""
    if not lowered:
        return
    bodies = await responsibilities.ladders_by_id(tx, {duty.ladder_id for duty in lowered})
    old = {row_id: ladder_from_data(body) for row_id, body in bodies.items()}
    new = {
        place_of(item): (item.ladder_id, _ladder_of(match, item.ladder_id)) for item in match.responsibilities
    }
    footings: dict[UUID, tuple[NewFooting, Ladder, int]] = {}
    for duty in lowered:
        ladder_id, ladder = new[place_of(duty)]
        before = old[duty.ladder_id]
        deadline = deadline_on(ladder, before, duty.deadline_at)
        footing = NewFooting(duty.id, ladder_id, rung_on(ladder, before, duty.rung), deadline)
        footings[duty.id] = (footing, ladder, _priority_of(duty, warning))
    await responsibilities.set_footing(tx, [footing for footing, _, _ in footings.values()], now)
    of_lowered = [tie for tie in ties if tie.responsibility_id in footings]
    stepped = [_tie_on(tie, *footings[tie.responsibility_id][:2]) for tie in of_lowered]
    await handing_over.set_roles(tx, stepped)
    await _ask_less(tx, warning, moved, stepped, footings, now)


def _priority_of(duty: StandingRow, warning: WarningRow) -> int:
    tier = Tier.DESK if duty.desk_id else Tier(duty.tier or Tier.VILLAGE)
    return priority_of(tier, warning.colour, exercise=warning.exercise, at_point=duty.at_point)


def _ladder_of(match: Match, ladder_id: UUID) -> Ladder:
    return next(ladder for row_id, _, ladder in match.ladders if row_id == ladder_id)


def _tie_on(tie: Tie, footing: NewFooting, ladder: Ladder) -> Tie:
    return replace(tie, rung=rung_of_role(ladder, tie.role, footing.rung))


async def _ask_less(
    tx: Tx,
    warning: WarningRow,
    moved: Sequence[TiedCallOut],
    ties: Sequence[Tie],
    footings: Mapping[UUID, tuple[NewFooting, Ladder, int]],
    now: datetime,
) -> None:
    """Calls still under way go on as the milder ladder asks; what has not left is put into its words."""
    under_way = {item.id: item for item in moved if item.state is CallOutState.OPEN}
    await take_back_due(tx, under_way, actor=ACTOR, now=now)
    asked: dict[UUID, list[Asking]] = {}
    for tie in ties:
        if tie.call_out_id in under_way and tie.rung >= 0:
            _, ladder, priority = footings[tie.responsibility_id]
            rung = ladder.rungs[tie.rung]
            contact_id = under_way[tie.call_out_id].contact_id
            asking = Asking(warning.id, contact_id, priority, tuple(rung.channels), rung.tries, rung.gap_s)
            asked.setdefault(tie.call_out_id, []).append(asking)
    merged = {row_id: reduce(stronger, askings) for row_id, askings in asked.items()}
    await handing_over.ask_less(tx, merged, now)


# --- what does not ---


async def _end(tx: Tx, decisions: Sequence[Decision], now: datetime) -> None:
    """Withdraw what is over, and leave in peace whoever was only asked for that."""
    reasons: dict[str, list[UUID]] = {}
    for item in decisions:
        if item.course is Course.END and item.duty_id:
            reasons.setdefault(item.reason, []).append(item.duty_id)
    for reason, ids in reasons.items():
        await responsibilities.end_responsibilities(tx, ids, ResponsibilityState.WITHDRAWN, reason, now)
        await call_off(tx, ids, actor=ACTOR, reason=reason, now=now)
        free = await call_outs.no_longer_needed(tx, ids)
        await stop_call_outs(tx, free, CallOutEvent.WITHDRAW, actor=ACTOR, reason=reason, now=now)


async def _give_way(tx: Tx, warning: WarningRow, before: Before, now: datetime) -> None:
    """The warnings before are over, unless a part of this message that waits may still go on with them."""
    if not before.others_wait:
        for row in before.replaced:
            await replace_warning(tx, row.id, by=warning.id, actor=ACTOR, now=now)


async def _tell(
    tx: Tx,
    engine: Engine,
    warning: WarningRow,
    before: Before,
    decisions: Sequence[Decision],
    now: datetime,
) -> None:
    """A text to those reached: whose colour is milder now, and who has no duty left."""
    if not before.replaced:
        return
    chain = await warnings.chain_of(tx, [warning.id, *before.warnings])
    told = who_is_told(await handing_over.places_reached(tx, chain), courses_of(decisions))
    if told.lowered:
        await text_people(tx, engine, warning, told.lowered, purpose="lowered", now=now)
    if told.stood_down:
        await text_people(tx, engine, before.replaced[-1], told.stood_down, purpose="stand_down", now=now)


async def without_duty(tx: Tx, warning_id: UUID, now: datetime) -> tuple[UUID, ...]:
    """Who was reached under the chain of a withdrawn warning and has no duty left under a running one."""
    chain = await warnings.chain_of(tx, [warning_id])
    known = await warnings.warnings_by_id(tx, chain)
    running = [row_id for row_id, row in known.items() if row.state in _BEGUN and row.valid_to > now]
    going_on = frozenset({Course.LEAVE})
    left = {place_of(duty): going_on for duty in await responsibilities.lock_standing(tx, running)}
    return who_is_told(await handing_over.places_reached(tx, chain), left).stood_down


# --- the story ---


def _figures(decisions: Sequence[Decision]) -> dict[str, int]:
    """Places by what was decided on them and why: `call:raised` → 12."""
    found: dict[str, int] = {}
    for item in decisions:
        key = f"{item.course}:{item.reason}"
        found[key] = found.get(key, 0) + 1
    return found


def _carried_entries(
    warning: WarningRow,
    before: Before,
    decisions: Sequence[Decision],
    moved: Collection[TiedCallOut],
    now: datetime,
) -> list[Entry]:
    rows = {duty.id: duty for duty in before.duties}
    words = {Course.CARRY: "responsibility.carried", Course.LOWER: "responsibility.lowered"}
    words |= {Course.END: "responsibility.withdrawn"}
    duties = [
        Entry(
            now,
            words[item.course],
            ACTOR,
            warning.id if item.course in _GOES_ON else rows[item.duty_id].warning_id,
            responsibility_id=item.duty_id,
            facts={"reason": item.reason, "from": str(rows[item.duty_id].warning_id), "by": str(warning.id)},
        )
        for item in decisions
        if item.duty_id and item.course in words
    ]
    people = [
        Entry(
            now,
            "call_out.carried",
            ACTOR,
            warning.id,
            call_out_id=item.id,
            contact_id=item.contact_id,
            facts={"from": str(item.warning_id), "state": item.state},
        )
        for item in moved
    ]
    return [*duties, *people]
