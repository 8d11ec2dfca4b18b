"""What one person is rung for now: all their call-outs looked at together, so that several warnings
are one call and one text. Pure.

Named together is what is due at about the same time: at once, in the queue still, or within the minute.
A drill and a real warning are never named together, nor a request that a leader decides on, nor a walk to a
door.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID

from jiaoying.dispatch.planning import LookAgain, OpenCallOut, Plan, PlannedAttempt, Ring, next_round
from jiaoying.dispatch.states import AttemptState
from jiaoying.gateways.base import Channel

# What would be due within this is named with what is due now.
TOGETHER_S = 60
# Of warnings named in one call or text: more than these nobody can keep in mind.
MOST_TOGETHER = 4
# Somebody who is on the phone with us is looked at again after this, should the call's end not be heard.
ON_PHONE_LOOK_S = 20


@dataclass(frozen=True, slots=True)
class Member:
    """One open call-out of a person. Only what has the same `kind` is named together; real before drill.

    `waiting` is what was planned for it, has not left, and can be taken back.
    """

    call_out: OpenCallOut
    priority: int
    kind: tuple[bool, str]  # exercise; the request or the walk, where it is one
    waiting: frozenset[UUID] = frozenset()
    grave: bool = False
    # When its numbers have room while a grave one rings as well (dispatch.budget).
    grave_room_at: Mapping[tuple[Channel, str], datetime] = field(
        default_factory=dict[tuple[Channel, str], datetime]
    )


@dataclass(frozen=True, slots=True)
class Together:
    """One call or text to one number, that names these call-outs, the gravest first."""

    attempt: PlannedAttempt
    members: tuple[tuple[Member, Ring], ...]


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """What becomes of each call-out of a person, what they are sent, and what is taken back for it."""

    plans: Mapping[UUID, Plan]
    sent: tuple[Together, ...] = ()
    taken_back: frozenset[UUID] = frozenset()


_Rings = Sequence[tuple[Member, Ring]]


def plan_person(members: Sequence[Member], now: datetime, *, on_phone: bool) -> PersonPlan:
    """Decide on all open call-outs of one person at `now`; `on_phone`: a call of ours rings there.

    One call at a time: what is not named in it waits for its end, but for its texts.
    """
    if len(members) == 1 and not on_phone:
        return _plan_one(members[0], now)
    ordered = sorted(members, key=lambda member: (member.kind, member.priority, member.call_out.id))
    plans = {member.call_out.id: next_round(member.call_out, now) for member in ordered}
    ringing = _rings(ordered, plans)
    if not ringing:
        return PersonPlan(plans)
    kind, taken_back = ringing[0][0].kind, frozenset[UUID]()
    if not on_phone:
        joining = _join([member for member in ordered if member.kind == kind], ringing, plans, now)
        taken_back = frozenset(row_id for member, _ in joining for row_id in member.waiting)
        ringing = _rings(ordered, plans | {member.call_out.id: ring for member, ring in joining})
    called = [] if on_phone else [one for one in ringing if one[0].kind == kind][:MOST_TOGETHER]
    called_ids = {member.call_out.id for member, _ in called}
    plans |= {member.call_out.id: ring for member, ring in called}
    plans |= {
        member.call_out.id: _text_first(ring, now)
        for member, ring in ringing
        if member.call_out.id not in called_ids
    }
    return PersonPlan(plans, _sent(_rings(ordered, plans)), taken_back)


def _plan_one(member: Member, now: datetime) -> PersonPlan:
    """As most people most of the time: nothing to be named together with."""
    plan = next_round(member.call_out, now)
    attempts = plan.attempts if isinstance(plan, Ring) else ()
    sent = tuple(Together(attempt, ((member, plan),)) for attempt in attempts if isinstance(plan, Ring))
    return PersonPlan({member.call_out.id: plan}, sent)


def _rings(ordered: Sequence[Member], plans: Mapping[UUID, Plan]) -> list[tuple[Member, Ring]]:
    return [(member, plan) for member in ordered if isinstance(plan := plans[member.call_out.id], Ring)]


def _text_first(ring: Ring, now: datetime) -> Plan:
    """While the phone is taken: texts go, the call of the same round follows."""
    texts = tuple(attempt for attempt in ring.attempts if attempt.channel is Channel.SMS)
    if texts == ring.attempts:
        return ring
    after = now + timedelta(seconds=ON_PHONE_LOOK_S)
    return Ring(ring.round, texts, after) if texts else LookAgain(after)


def _join(
    of_kind: Sequence[Member], ringing: _Rings, plans: Mapping[UUID, Plan], now: datetime
) -> list[tuple[Member, Ring]]:
    graver = any(member.grave for member, _ in ringing)
    return [
        (member, ring)
        for member in of_kind
        if (ring := _joining(member, plans[member.call_out.id], graver=graver, now=now))
    ]


def _joining(member: Member, plan: Plan, *, graver: bool, now: datetime) -> Ring | None:
    """The round of a call-out that is not due yet and is named all the same, as its person is rung now.

    Only what still owes a try joins; what rings or is being handed over does not.
    """
    if not isinstance(plan, LookAgain) or _is_leaving(member):
        return None
    recalled = replace(
        member.call_out,
        attempts=tuple(
            replace(attempt, state=AttemptState.WITHDRAWN) if attempt.state is AttemptState.DUE else attempt
            for attempt in member.call_out.attempts
        ),
        room_at=member.grave_room_at if graver else member.call_out.room_at,
    )
    soon = next_round(recalled, now)
    if isinstance(soon, LookAgain) and soon.at <= now + timedelta(seconds=TOGETHER_S):
        soon = next_round(recalled, soon.at)
    return soon if isinstance(soon, Ring) else None


def _is_leaving(member: Member) -> bool:
    """Whether something planned for it is being handed over at this moment, or cannot be taken back."""
    due = sum(attempt.state is AttemptState.DUE for attempt in member.call_out.attempts)
    sending = any(attempt.state is AttemptState.SENDING for attempt in member.call_out.attempts)
    return sending or due > len(member.waiting)


def _sent(rings: _Rings) -> tuple[Together, ...]:
    """For each channel one attempt that names all of a kind who want it, on the number that the gravest of
    them takes; of texts as many as it takes."""
    sent: list[Together] = []
    for kind, channel in product(dict.fromkeys(member.kind for member, _ in rings), Channel):
        wanting = [
            (attempt, (member, ring))
            for member, ring in rings
            for attempt in ring.attempts
            if member.kind == kind and attempt.channel is channel
        ]
        for start in range(0, len(wanting), MOST_TOGETHER):
            some = wanting[start : start + MOST_TOGETHER]
            sent.append(Together(some[0][0], tuple(one for _, one in some)))
    return tuple(sent)
