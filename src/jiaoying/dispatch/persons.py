"""People to be rung, each with everything that is open of theirs. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from jiaoying.dispatch.budget import Need, Usage
from jiaoying.dispatch.call_endings import CallEnding
from jiaoying.dispatch.doors import Errand
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.merging import ON_PHONE_LOOK_S, Member
from jiaoying.dispatch.planning import Number, OpenCallOut, PastAttempt
from jiaoying.dispatch.response.words import ToldTask
from jiaoying.dispatch.states import AttemptState
from jiaoying.dispatch.store.attempts import AttemptFacts
from jiaoying.dispatch.store.call_outs import DueCallOut
from jiaoying.dispatch.store.roster import Callee
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.dispatch.texting import gateways_among
from jiaoying.gateways.base import Channel, Scope
from jiaoying.kernel.colours import Colour
from jiaoying.warnings.purpose import SHOWN


@dataclass(frozen=True)
class Situation:
    """Everything that the planning of one batch may need, read at once.

    `due` are the call-outs whose moment has come, `beside` what else is open of their people; `waiting`
    the attempts that have not left and can be taken back.
    """

    due: Sequence[DueCallOut]
    beside: Sequence[DueCallOut]
    people: Mapping[UUID, Callee]
    warnings: Mapping[UUID, WarningRow]
    labels: Mapping[UUID, tuple[str, ...]]
    tasks: Mapping[UUID, tuple[ToldTask, ...]]  # what the person is ordered to do beside
    errands: Mapping[UUID, Sequence[Errand]]  # of call-outs that send somebody to a door
    attempts: Mapping[UUID, Sequence[AttemptFacts]]
    waiting: Collection[UUID]
    usage: Usage
    on_phone: Collection[UUID]
    rung_for: dict[str, dict[UUID, int]]  # for whom a number rings or is about to, how urgently

    @classmethod
    def empty(cls) -> "Situation":
        """Nothing is due."""
        return cls((), (), {}, {}, {}, {}, {}, {}, frozenset(), Usage({}), frozenset(), {})

    @cached_property
    def due_ids(self) -> frozenset[UUID]:
        """The call-outs whose moment has come."""
        return frozenset(call_out.id for call_out in self.due)

    def need_of(self, call_out: DueCallOut) -> Need:
        """A red warning may overdraw; a drill never does."""
        warning = self.warnings[call_out.warning_id]
        return Need.GRAVE if warning.colour is Colour.RED and not warning.exercise else Need.CALL


@dataclass(frozen=True, slots=True)
class Person:
    """One person with their open call-outs, and the gateways that may carry each."""

    callee: Callee
    call_outs: Sequence[DueCallOut]
    gateways: Mapping[UUID, Sequence[str]]


def persons_of(engine: Engine, situation: Situation) -> Iterator[Person]:
    """Everybody of whom something is due, in the order in which it came."""
    by_person: dict[UUID, list[DueCallOut]] = {}
    for call_out in (*situation.due, *situation.beside):
        by_person.setdefault(call_out.contact_id, []).append(call_out)
    may = {simulated: gateways_among(engine.gateways, simulated=simulated) for simulated in (False, True)}
    for contact_id, call_outs in by_person.items():
        callee = situation.people[contact_id]
        real = {item.id: situation.warnings[item.warning_id].rings_real_phones for item in call_outs}
        gateways = {row_id: may[callee.demonstration or not rings] for row_id, rings in real.items()}
        yield Person(callee, call_outs, gateways)


def members_of(situation: Situation, person: Person, now: datetime) -> list[Member]:
    """A person's open call-outs as the decision needs them."""
    if len(person.call_outs) == 1:
        return [_alone(situation, person, person.call_outs[0], now)]
    kinds = {call_out.id: _kind(situation, call_out) for call_out in person.call_outs}
    waiting = {
        call_out.id: frozenset(
            attempt.id
            for attempt in situation.attempts.get(call_out.id, ())
            if attempt.id in situation.waiting and attempt.state is AttemptState.DUE
        )
        for call_out in person.call_outs
    }
    members: list[Member] = []
    for call_out in person.call_outs:
        kind = kinds[call_out.id]
        apart = {row_id for other in kinds if kinds[other] == kind for row_id in waiting[other]}
        need = situation.need_of(call_out)
        members.append(
            Member(
                _as_open(situation, person, call_out, _rooms(situation, person, call_out, need, apart, now)),
                call_out.priority,
                kind,
                waiting[call_out.id],
                grave=need is Need.GRAVE,
                grave_room_at=_rooms(situation, person, call_out, Need.GRAVE, apart, now),
            )
        )
    return members


def _alone(situation: Situation, person: Person, call_out: DueCallOut, now: datetime) -> Member:
    """The one call-out of a person, which nothing can be named together with."""
    need = situation.need_of(call_out)
    room_at = _rooms(situation, person, call_out, need, (), now)
    return Member(
        _as_open(situation, person, call_out, room_at),
        call_out.priority,
        _kind(situation, call_out),
        grave=need is Need.GRAVE,
    )


def _kind(situation: Situation, call_out: DueCallOut) -> tuple[bool, str]:
    warning = situation.warnings[call_out.warning_id]
    alone = call_out.kind == "door" or warning.purpose not in SHOWN
    by_phone = "real" if warning.exercise and warning.rings_real_phones else ""
    return warning.exercise, str(call_out.id) if alone else by_phone


def _rooms(
    situation: Situation,
    person: Person,
    call_out: DueCallOut,
    need: Need,
    apart: Collection[UUID],
    now: datetime,
) -> dict[tuple[Channel, str], datetime]:
    """Numbers that must rest, with the moment from which they may be tried; whatever else lets one rest
    belongs here."""
    gateways = person.gateways[call_out.id]
    if not gateways or not situation.usage.used:
        return {}
    rooms = {
        (channel, number): situation.usage.room(gateways, channel, number, need, now, apart).at
        for channel in call_out.channels
        for number, _ in person.callee.numbers
    }
    after = now + timedelta(seconds=ON_PHONE_LOOK_S)
    for channel, number in rooms:
        if channel is Channel.VOICE and _rings_for_another(situation, person, call_out, number):
            rooms[channel, number] = max(rooms[channel, number], after)
    return {key: at for key, at in rooms.items() if at > now}


def _rings_for_another(situation: Situation, person: Person, call_out: DueCallOut, number: str) -> bool:
    """Whether a second call would find the number busy with somebody who shares it; what is less urgent and
    still waits is not waited for."""
    rung_for = situation.rung_for.get(number, {})
    return any(
        contact_id != person.callee.id and priority <= call_out.priority
        for contact_id, priority in rung_for.items()
    )


def _as_open(
    situation: Situation,
    person: Person,
    call_out: DueCallOut,
    room_at: Mapping[tuple[Channel, str], datetime],
) -> OpenCallOut:
    return OpenCallOut(
        id=call_out.id,
        channels=call_out.channels,
        tries=call_out.tries,
        gap_s=call_out.gap_s,
        round=call_out.round,
        numbers=tuple(
            Number(number, takes_texts=kind == "mobile", doubtful=number in person.callee.doubtful)
            for number, kind in person.callee.numbers
        ),
        attempts=tuple(_as_past(attempt) for attempt in situation.attempts.get(call_out.id, ())),
        in_turn=call_out.in_turn,
        room_at=room_at,
    )


def _as_past(attempt: AttemptFacts) -> PastAttempt:
    return PastAttempt(
        channel=attempt.channel,
        number=attempt.number,
        state=attempt.state,
        round=attempt.round,
        last_at=attempt.ended_at or attempt.accepted_at or attempt.due_at,
        refused_for_good=attempt.refused_scope is Scope.RECIPIENT,
        heard_at=attempt.heard.whole_at if attempt.heard.ending is CallEnding.HEARD else None,
    )
