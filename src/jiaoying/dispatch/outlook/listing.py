"""Everybody who would be called, one by one: why, when, by what, in what words, and who cannot be reached."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from uuid import UUID

from jiaoying.dispatch.forecast import ASSUMED
from jiaoying.dispatch.outlook.model import Asking, PersonAhead
from jiaoying.dispatch.store import roster
from jiaoying.dispatch.store.roster import Callee
from jiaoying.gateways.base import Channel
from jiaoying.settings import GatewayLimits
from jiaoying.storage.database import Tx
from jiaoying.templates.facts import CallFacts
from jiaoying.templates.render import word_call


class Trouble(StrEnum):
    """Why somebody may not be reached, for all that is known before the first call."""

    NO_NUMBER = "no_number"
    ONLY_DOUBTFUL = "only_doubtful"  # every number dead, suspended or somebody else's
    NO_MOBILE = "no_mobile"  # asked by text only, and there is no number for texts


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One line of a dry run. `turn_s` is when their call (else their text) comes, the queue counted in."""

    contact_id: UUID
    name: str
    numbers: tuple[str, ...]
    begins_s: int
    turn_s: float
    channels: tuple[Channel, ...]  # those that there is a number for
    tries: int
    askings: tuple[Asking, ...]
    text: str  # empty where they get none, or beyond the most that were worded
    parts: int
    trouble: Trouble | None


async def list_people(
    tx: Tx,
    people: Sequence[PersonAhead],
    facts: CallFacts,
    limits: GatewayLimits | None,
    *,
    begin: int = 0,
    most: int | None = None,
) -> list[ListedPerson]:
    """People `begin` to `begin + most` of a match, in the order of their calls, each with their words."""
    callees = await roster.callees(tx, [person.contact_id for person in people])
    return await asyncio.to_thread(_listed, people, callees, facts, limits, begin, most)


def _listed(
    people: Sequence[PersonAhead],
    callees: Mapping[UUID, Callee],
    facts: CallFacts,
    limits: GatewayLimits | None,
    begin: int,
    most: int | None,
) -> list[ListedPerson]:
    shown = islice(turns(people, callees, limits), begin, None if most is None else begin + most)
    return [_line(person, callees[person.contact_id], turn_s, facts) for person, turn_s in shown]


def turns(
    people: Sequence[PersonAhead], callees: Mapping[UUID, Callee], limits: GatewayLimits | None
) -> Iterator[tuple[PersonAhead, float]]:
    """Each with the second of their turn. Whoever the match calls waits in the queue; for the later rungs
    nobody can say before how long it is, so theirs is when the rung begins."""
    lines = limits.lines if limits else 0
    texts_per_s = limits.segments_per_s if limits else 0.0
    called = texted = 0
    for person in people:
        turn_s = float(person.begins_s)
        if person.begins_s == 0:
            channels = channels_of(person, callees[person.contact_id])
            if Channel.VOICE in channels:
                turn_s, called = (called // lines * ASSUMED.call_s if lines else 0.0), called + 1
            elif Channel.SMS in channels:
                turn_s = texted / texts_per_s if texts_per_s else 0.0
            texted += Channel.SMS in channels
        yield person, turn_s


def channels_of(person: PersonAhead, callee: Callee) -> tuple[Channel, ...]:
    """By what they can be asked: a text needs a mobile number."""
    mobile = any(kind == "mobile" for _, kind in callee.numbers)
    return tuple(
        channel for channel in person.channels if (mobile if channel is Channel.SMS else bool(callee.numbers))
    )


def trouble_of(person: PersonAhead, callee: Callee) -> Trouble | None:
    """Why this one may not be reached."""
    if not callee.numbers:
        return Trouble.NO_NUMBER
    if not channels_of(person, callee):
        return Trouble.NO_MOBILE
    return Trouble.ONLY_DOUBTFUL if len(callee.doubtful) == len(callee.numbers) else None


def _line(person: PersonAhead, callee: Callee, turn_s: float, facts: CallFacts) -> ListedPerson:
    channels = channels_of(person, callee)
    labels = tuple(dict.fromkeys(one.duty.label for one in person.askings if one.begins_s == person.begins_s))
    channel = Channel.SMS if Channel.SMS in channels else Channel.VOICE
    worded = word_call(replace(facts, roles=labels), channel, callee.language)
    return ListedPerson(
        person.contact_id,
        callee.name,
        tuple(number for number, _ in callee.numbers),
        person.begins_s,
        turn_s,
        channels,
        person.tries,
        person.askings,
        worded.text if channels else "",
        worded.parts if Channel.SMS in channels else 0,
        trouble_of(person, callee),
    )
