"""A match ahead in figures, so that two of them can be held against each other. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from jiaoying.dispatch.forecast import ASSUMED
from jiaoying.dispatch.outlook.ahead import Ahead
from jiaoying.dispatch.outlook.listing import channels_of, trouble_of
from jiaoying.dispatch.store.roster import Callee
from jiaoying.gateways.base import Channel
from jiaoying.settings import GatewayLimits


@dataclass(frozen=True, slots=True)
class Figures:
    """People are counted once. `minutes` is for the first pass with today's lines; None without a limit."""

    people: int  # called by the match itself
    later: int  # more, whom later rungs ask
    posts: int
    desks: int
    texts: int
    parts: int
    calls: int
    minutes: float | None
    last_rung_s: int  # when the last rung that asks somebody begins, if nobody answers
    unreachable: int


def figures_of(
    ahead: Ahead, callees: Mapping[UUID, Callee], limits: GatewayLimits | None, parts_each: float = 1.0
) -> Figures:
    """The figures of a match, a text being taken as `parts_each` parts long."""
    first = [person for person in ahead.people if person.begins_s == 0]
    ways = [channels_of(person, callees[person.contact_id]) for person in first]
    texts = sum(Channel.SMS in channels for channels in ways)
    calls = sum(Channel.VOICE in channels for channels in ways)
    parts = round(texts * parts_each)
    return Figures(
        people=len(first),
        later=len(ahead.people) - len(first),
        posts=sum(1 for duty in ahead.duties if duty.duty.post_id),
        desks=sum(1 for duty in ahead.duties if duty.duty.desk_id),
        texts=texts,
        parts=parts,
        calls=calls,
        minutes=_minutes(calls, parts, limits),
        last_rung_s=max(
            (rung.begins_s for duty in ahead.duties for rung in duty.rungs if rung.people), default=0
        ),
        unreachable=sum(trouble_of(person, callees[person.contact_id]) is not None for person in first),
    )


def _minutes(calls: int, parts: int, limits: GatewayLimits | None) -> float | None:
    if limits is None or not (limits.lines or limits.segments_per_s):
        return None
    by_voice = calls * ASSUMED.call_s / 60 / limits.lines if limits.lines else 0.0
    by_text = parts / 60 / limits.segments_per_s if limits.segments_per_s else 0.0
    return round(max(by_voice, by_text), 1)
