"""The officer's list (未叫应清单): what the duty officer must take in hand now. A view, not a state."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.elements import ColumnElement

from jiaoying.dispatch.board.heard import CallMade, call_made
from jiaoying.dispatch.board.people import Number, numbers_of
from jiaoying.dispatch.board.warnings import among
from jiaoying.dispatch.states import CallOutState, ResponsibilityState, WarningState
from jiaoying.dispatch.store.bundles import NAMED
from jiaoying.gateways.base import Channel
from jiaoying.kernel.areas import Level, level_of
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import (
    areas,
    attempts,
    call_out_roles,
    call_outs,
    contacts,
    issued_warnings,
    responsibilities,
)
from jiaoying.warnings.purpose import is_shown

# A warning that ended leaves the desk's common list after this; its own list keeps it for good.
ENDED_STAYS_H = 24
_MOST_LISTED = 2000


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried by one channel, and how the last try ended."""

    channel: Channel
    attempts: int
    state: str
    outcome_code: str | None
    outcome_text: str | None
    at: datetime
    call: CallMade | None  # how the last call was heard


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """Somebody who could answer for it."""

    call_out_id: UUID
    contact_id: UUID
    name: str
    title: str | None
    role: str
    state: CallOutState
    reason: str | None
    next_at: datetime | None
    # Till then their numbers are called as often as the carriers allow.
    calls_again_at: datetime | None
    numbers: tuple[Number, ...]
    tried: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class ListedResponsibility:
    """One line of the list: nobody answers for this, or the deadline passed."""

    id: UUID
    warning_id: UUID
    headline: str
    event: str
    hazard: Hazard
    colour: Colour | None
    exercise: bool
    label: str
    area_code: str
    area_name: str
    level: Level
    state: ResponsibilityState
    reason: str | None
    deadline_at: datetime
    next_at: datetime | None
    listed_at: datetime | None
    people: tuple[ListedPerson, ...]


def on_the_list(now: datetime) -> ColumnElement[bool]:
    """Exhausted, or open past its deadline, or listed before because the program cannot go on with it."""
    state = responsibilities.c.state
    return or_(
        state == ResponsibilityState.UNCOVERED,
        and_(
            state == ResponsibilityState.OPEN,
            or_(responsibilities.c.deadline_at <= now, responsibilities.c.listed_at.is_not(None)),
        ),
    )


async def officers_list(
    tx: Tx, warning_id: UUID | None, now: datetime, *, limit: int = _MOST_LISTED
) -> list[ListedResponsibility]:
    """What nobody answers for, danger first: real before drill, colour, priority of its people, deadline.

    With None, of every warning that is running or ended in the last 24 hours; what is asked of leaders
    about held warnings stands on the cards of those, not here.
    """
    rows = (await tx.execute(_listed(warning_id, now).limit(limit))).all()
    people = await _people_of(tx, [row.id for row in rows])
    return [
        ListedResponsibility(
            id=row.id,
            warning_id=row.warning_id,
            headline=row.headline,
            event=row.event,
            hazard=Hazard(row.hazard),
            colour=Colour(row.colour) if row.colour else None,
            exercise=row.exercise,
            label=row.label,
            area_code=row.area_code,
            area_name=row.area_name or row.area_code,
            level=level_of(row.area_code),
            state=ResponsibilityState(row.state),
            reason=row.reason,
            deadline_at=row.deadline_at,
            next_at=row.next_at,
            listed_at=row.listed_at,
            people=tuple(people[row.id]),
        )
        for row in rows
    ]


async def officers_total(tx: Tx, warning_id: UUID | None, now: datetime, *, real_only: bool = False) -> int:
    """How many lines the list has, however many are asked for; `real_only`: without those of drills."""
    query = _listed(warning_id, now).order_by(None)
    listed = (query.where(~issued_warnings.c.exercise) if real_only else query).subquery()
    return await tx.scalar(select(func.count()).select_from(listed)) or 0


async def officers_totals(tx: Tx, warning_ids: Sequence[UUID], now: datetime) -> Mapping[UUID, int]:
    """How many lines each of these warnings has on the list; those without any are left out."""
    warning_id = responsibilities.c.warning_id
    query = (
        select(warning_id, func.count())
        .where(among(warning_id, warning_ids), on_the_list(now))
        .group_by(warning_id)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


def _listed(warning_id: UUID | None, now: datetime) -> Select[Any]:
    warning = issued_warnings.c
    most_urgent = (
        select(func.min(call_outs.c.priority))
        .join_from(call_out_roles, call_outs)
        .where(call_out_roles.c.responsibility_id == responsibilities.c.id)
        .scalar_subquery()
    )
    colour_rank = case({str(colour): colour.rank for colour in Colour}, value=warning.colour, else_=0)
    query = (
        select(
            responsibilities,
            warning.headline,
            warning.event,
            warning.hazard,
            warning.colour,
            warning.exercise,
            areas.c.name.label("area_name"),
        )
        .join_from(responsibilities, issued_warnings, warning.id == responsibilities.c.warning_id)
        .join(areas, areas.c.code == responsibilities.c.area_code, isouter=True)
        .where(on_the_list(now))
        .order_by(
            warning.exercise,
            colour_rank.desc(),
            most_urgent.asc().nulls_first(),
            responsibilities.c.deadline_at,
            responsibilities.c.id,
        )
    )
    if warning_id is not None:
        return query.where(responsibilities.c.warning_id == warning_id)
    recent = warning.closed_at > now - timedelta(hours=ENDED_STAYS_H)
    return query.where(
        is_shown(),
        or_(
            warning.state == WarningState.MATCHED,
            and_(warning.state == WarningState.CLOSED, recent),
        ),
    )


# Whom a duty is for first, then who stands in for them.
_ROLE_ORDER = case(
    {role: order for order, role in enumerate(("holder", "deputy", "desk", "leader", "superior"))},
    value=call_out_roles.c.role,
)


async def _people_of(tx: Tx, responsibility_ids: Sequence[UUID]) -> Mapping[UUID, list[ListedPerson]]:
    query = (
        select(
            call_out_roles.c.responsibility_id,
            call_out_roles.c.role,
            call_outs.c.id,
            call_outs.c.contact_id,
            call_outs.c.kind,
            call_outs.c.version,
            call_outs.c.state,
            call_outs.c.reason,
            call_outs.c.next_at,
            call_outs.c.calls_again_at,
            contacts.c.name,
            contacts.c.title,
        )
        .join_from(call_out_roles, call_outs)
        .join(contacts, contacts.c.id == call_outs.c.contact_id)
        .where(among(call_out_roles.c.responsibility_id, responsibility_ids))
        .order_by(call_out_roles.c.rung, _ROLE_ORDER, call_outs.c.id)
    )
    rows = (await tx.execute(query)).all()
    numbers = await numbers_of(tx, {row.contact_id for row in rows})
    tried = await _tried_for(tx, list({row.id for row in rows}))
    # Superior and leader on duty are often one person, and orders that come later ask a person anew: one
    # line, as what they were asked first, with how they were asked last. A walk to a door is another thing.
    asked: defaultdict[tuple[UUID, UUID, str], list[Any]] = defaultdict(list)
    for row in rows:
        asked[row.responsibility_id, row.contact_id, row.kind].append(row)
    found: defaultdict[UUID, list[ListedPerson]] = defaultdict(list)
    for (responsibility_id, contact_id, _), times in asked.items():
        last = max(times, key=lambda row: row.version)
        found[responsibility_id].append(
            ListedPerson(
                call_out_id=last.id,
                contact_id=contact_id,
                name=last.name,
                title=last.title,
                role=times[0].role,
                state=CallOutState(last.state),
                reason=last.reason,
                next_at=last.next_at,
                calls_again_at=last.calls_again_at,
                numbers=tuple(numbers.get(contact_id, ())),
                tried=_all_tried(tried[row_id] for row_id in {row.id for row in times}),
            )
        )
    return found


def _all_tried(each: Iterable[Iterable[Tried]]) -> tuple[Tried, ...]:
    """What was tried under several call-outs of one person, in one line for each channel."""
    found: dict[Channel, Tried] = {}
    for tried in sorted(chain.from_iterable(each), key=lambda tried: tried.at):
        before = found.get(tried.channel)
        found[tried.channel] = replace(tried, attempts=tried.attempts + (before.attempts if before else 0))
    return tuple(found[channel] for channel in sorted(found))


async def _tried_for(tx: Tx, call_out_ids: Sequence[UUID]) -> Mapping[UUID, list[Tried]]:
    """The last attempt of each channel, with how many there were."""
    group = (NAMED.c.call_out_id, attempts.c.channel)
    query = (
        select(
            attempts,
            NAMED.c.call_out_id.label("named_id"),
            func.count().over(partition_by=group).label("times"),
        )
        .join(NAMED, NAMED.c.attempt_id == attempts.c.id)
        .ext(distinct_on(*group))
        .where(
            among(NAMED.c.call_out_id, call_out_ids),
            attempts.c.purpose == "call",
            attempts.c.state.not_in(["due", "withdrawn"]),
        )
        .order_by(*group, attempts.c.id.desc())
    )
    found: defaultdict[UUID, list[Tried]] = defaultdict(list)
    for row in await tx.execute(query):
        found[row.named_id].append(
            Tried(
                channel=Channel(row.channel),
                attempts=row.times,
                state=row.state,
                outcome_code=row.outcome_code,
                outcome_text=row.outcome_text,
                at=row.ended_at or row.accepted_at or row.claimed_at or row.due_at,
                call=call_made(row),
            )
        )
    return found
