"""Warnings, and how it stands with their people and responsibilities."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, any_, distinct, exists, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.elements import ColumnElement

from jiaoying.dispatch.states import CallOutState, ResponsibilityState, WarningState
from jiaoying.kernel.area_names import bare_name
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import (
    areas,
    call_outs,
    issued_warnings,
    responsibilities,
    warning_deliveries,
)
from jiaoying.warnings.model import Kind
from jiaoying.warnings.purpose import Purpose, is_shown

_STEERED = ("paused_at", "paused_by", "pause_reason", "real_phones_by", "real_phones_second")
# Of codes whose names are compared with the words.
_MOST_AREAS = 100


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """People by state, each once (`BY_PERSON`). Who is sent to a door is not one more."""

    total: int
    open: int
    answered: int
    declined: int
    exhausted: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class ResponsibilityCounts:
    """Posts and desks by state; what they are ordered to do under a response is counted there."""

    total: int
    open: int
    covered: int
    uncovered: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class Counts:
    """One warning in figures."""

    people: PeopleCounts
    responsibilities: ResponsibilityCounts


@dataclass(frozen=True, slots=True)
class WarningRow:
    """One line of the list of warnings."""

    id: UUID
    identifier: str
    sender: str
    version: int
    kind: Kind
    exercise: bool
    hazard: Hazard
    event: str
    colour: Colour | None
    sender_name: str | None
    headline: str
    area_names: str
    sent_at: datetime
    valid_from: datetime
    valid_to: datetime
    received_at: datetime
    state: WarningState
    reason: str | None
    reference: str
    replaces_id: UUID | None
    matched_at: datetime | None
    closed_at: datetime | None
    hold_reason: str | None
    hold_until: datetime | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class WarningFacts:
    """Everything about one warning that was sent or decided."""

    id: UUID
    source: str
    sources: tuple[str, ...]  # every road by which it came, the first one first
    identifier: str
    sender: str
    version: int
    kind: Kind
    exercise: bool
    hazard: Hazard
    event: str
    event_code: str | None
    colour: Colour | None
    sender_name: str | None
    headline: str
    text: str
    instruction: str | None
    area_names: str
    area_codes: tuple[str, ...]
    unnamed_areas: tuple[str, ...]  # names of codes that its words about the area do not name
    polygons: tuple[tuple[tuple[float, float], ...], ...]  # (lat, lon), closed
    sent_at: datetime
    valid_from: datetime
    valid_to: datetime
    received_at: datetime
    state: WarningState
    reason: str | None
    reference: str
    replaces_id: UUID | None
    replaced_by_id: UUID | None
    matched_at: datetime | None
    closed_at: datetime | None
    # Why and until when it is or was held, and by hand: who confirmed it first and second.
    hold_reason: str | None
    hold_until: datetime | None
    written_by: str | None
    second_by: str | None
    questions: tuple[Mapping[str, Any], ...]  # {field, words, text, choices}
    purpose: Purpose
    request_for_id: UUID | None  # the held warning that this one asks the leader on duty about
    waiting_areas: tuple[str, ...]  # townships whose village people wait for a tick
    release_at: datetime | None  # when they are called by themselves
    paused_at: datetime | None
    paused_by: str | None
    pause_reason: str | None
    real_phones_by: str | None  # a drill that is to ring real telephones, and who agreed to it as the second
    real_phones_second: str | None


async def list_warnings(tx: Tx, *, after: UUID | None = None, limit: int = 50) -> list[WarningRow]:
    """The newest warnings first; `after` is the last one already seen. Requests and duty calls are none."""
    query = select(issued_warnings).where(is_shown()).order_by(issued_warnings.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(issued_warnings.c.id < after)
    rows = (await tx.execute(query)).all()
    figures = await _counts_of(tx, [row.id for row in rows])
    return [
        WarningRow(
            id=row.id,
            identifier=row.identifier,
            sender=row.sender,
            version=row.version,
            kind=Kind(row.kind),
            exercise=row.exercise,
            hazard=Hazard(row.hazard),
            event=row.event,
            colour=Colour(row.colour) if row.colour else None,
            sender_name=row.sender_name,
            headline=row.headline,
            area_names=row.area_names,
            sent_at=row.sent_at,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            received_at=row.received_at,
            state=WarningState(row.state),
            reason=row.reason,
            reference=row.reference,
            replaces_id=row.replaces_id,
            matched_at=row.matched_at,
            closed_at=row.closed_at,
            hold_reason=row.hold_reason,
            hold_until=row.hold_until,
            counts=figures[row.id],
        )
        for row in rows
    ]


async def warning_facts(tx: Tx, warning_id: UUID) -> WarningFacts | None:
    """One warning, or None when there is none of that id."""
    row = (await tx.execute(select(issued_warnings).where(issued_warnings.c.id == warning_id))).one_or_none()
    if row is None:
        return None
    replaced_by = await tx.scalar(
        select(issued_warnings.c.id)
        .where(
            issued_warnings.c.replaces_id == warning_id,
            # While an update is held, and after it was vetoed, this one runs on.
            issued_warnings.c.state.not_in((WarningState.HELD, WarningState.IGNORED)),
            (issued_warnings.c.state != WarningState.WITHDRAWN) | issued_warnings.c.matched_at.is_not(None),
        )
        .order_by(issued_warnings.c.id.desc())
        .limit(1)
    )
    return WarningFacts(
        id=row.id,
        source=row.source,
        sources=(row.source, *await _further_sources(tx, row.id, row.source)),
        identifier=row.identifier,
        sender=row.sender,
        version=row.version,
        kind=Kind(row.kind),
        exercise=row.exercise,
        hazard=Hazard(row.hazard),
        event=row.event,
        event_code=row.event_code,
        colour=Colour(row.colour) if row.colour else None,
        sender_name=row.sender_name,
        headline=row.headline,
        text=row.text,
        instruction=row.instruction,
        area_names=row.area_names,
        area_codes=tuple(row.area_codes),
        unnamed_areas=await _unnamed_areas(tx, row.area_codes, f"{row.area_names} {row.headline}"),
        polygons=tuple(tuple((lat, lon) for lat, lon in ring) for ring in row.polygons),
        sent_at=row.sent_at,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        received_at=row.received_at,
        state=WarningState(row.state),
        reason=row.reason,
        reference=row.reference,
        replaces_id=row.replaces_id,
        replaced_by_id=row.replaced_by_id or replaced_by,
        matched_at=row.matched_at,
        closed_at=row.closed_at,
        hold_reason=row.hold_reason,
        hold_until=row.hold_until,
        written_by=row.written_by,
        second_by=row.second_by,
        questions=tuple(row.questions),
        purpose=Purpose(row.purpose),
        request_for_id=row.request_for_id,
        waiting_areas=tuple(row.waiting_areas),
        release_at=row.release_at,
        **{name: getattr(row, name) for name in _STEERED},
    )


async def _further_sources(tx: Tx, warning_id: UUID, first: str) -> list[str]:
    """By which other sources it came too."""
    rows = await tx.execute(
        select(warning_deliveries.c.source)
        .where(warning_deliveries.c.warning_id == warning_id, warning_deliveries.c.source != first)
        .group_by(warning_deliveries.c.source)
        .order_by(func.min(warning_deliveries.c.received_at))
    )
    return [row.source for row in rows]


async def _unnamed_areas(tx: Tx, codes: Sequence[str], words: str) -> tuple[str, ...]:
    """What is called is decided by codes, what is read are words: where they differ, both are shown."""
    rows = await tx.execute(
        select(areas.c.code, areas.c.name).where(areas.c.code.in_(codes[:_MOST_AREAS])).order_by(areas.c.code)
    )
    names = {row.code: row.name for row in rows}
    told = [names.get(code, code) for code in codes[:_MOST_AREAS]]
    return tuple(name for name in told if bare_name(name) not in words)


async def counts(tx: Tx, warning_id: UUID) -> Counts:
    """One warning in figures; all nought before it is matched."""
    return (await _counts_of(tx, [warning_id]))[warning_id]


def among(column: ColumnElement[UUID], ids: Sequence[UUID]) -> ColumnElement[bool]:
    """`column` is one of `ids`: one parameter, however many they are."""
    return column == any_(literal(list(ids), ARRAY(Uuid)))


# How it stands with a person, who is one however often they are asked under a warning (orders that come later
# and what a newer version adds are asked in call-outs of their own): who answered is awake, whatever they are
# asked after it; else by what they were asked last, unless that was withdrawn.
BY_PERSON = (
    call_outs.c.state != CallOutState.ANSWERED,
    call_outs.c.state == CallOutState.WITHDRAWN,
    call_outs.c.version.desc(),
)


async def asked_again(tx: Tx, warning_id: UUID) -> int:
    """How many of those who answered are being called once more, for what came later."""
    before = call_outs.alias("before")
    answered = exists().where(
        before.c.warning_id == call_outs.c.warning_id,
        before.c.contact_id == call_outs.c.contact_id,
        before.c.kind == call_outs.c.kind,
        before.c.state == CallOutState.ANSWERED,
    )
    people = select(func.count(distinct(call_outs.c.contact_id))).where(
        call_outs.c.warning_id == warning_id,
        call_outs.c.kind == "call",
        call_outs.c.state == CallOutState.OPEN,
        answered,
    )
    return await tx.scalar(people) or 0


async def _counts_of(tx: Tx, warning_ids: Sequence[UUID]) -> Mapping[UUID, Counts]:
    each = (call_outs.c.warning_id, call_outs.c.contact_id)
    people = (
        select(call_outs.c.warning_id, call_outs.c.state)
        .ext(distinct_on(*each))
        .where(among(call_outs.c.warning_id, warning_ids), call_outs.c.kind == "call")
        .order_by(*each, *BY_PERSON)
    )
    posts = select(responsibilities.c.warning_id, responsibilities.c.state).where(
        among(responsibilities.c.warning_id, warning_ids), responsibilities.c.task_id.is_(None)
    )
    by_person, by_post = await _count_states(tx, people), await _count_states(tx, posts)
    return {
        warning_id: Counts(_people_counts(by_person[warning_id]), _responsibility_counts(by_post[warning_id]))
        for warning_id in warning_ids
    }


async def _count_states(tx: Tx, rows: Select[Any, Any]) -> Mapping[UUID, Mapping[str, int]]:
    found: defaultdict[UUID, dict[str, int]] = defaultdict(dict)
    each = rows.subquery()
    query = select(each.c.warning_id, each.c.state, func.count()).group_by(each.c.warning_id, each.c.state)
    for warning_id, name, number in await tx.execute(query):
        found[warning_id][name] = number
    return found


def _people_counts(states: Mapping[str, int]) -> PeopleCounts:
    return PeopleCounts(
        total=sum(states.values()),
        open=states.get(CallOutState.OPEN, 0),
        answered=states.get(CallOutState.ANSWERED, 0),
        declined=states.get(CallOutState.DECLINED, 0),
        exhausted=states.get(CallOutState.EXHAUSTED, 0),
        withdrawn=states.get(CallOutState.WITHDRAWN, 0),
    )


def _responsibility_counts(states: Mapping[str, int]) -> ResponsibilityCounts:
    return ResponsibilityCounts(
        total=sum(states.values()),
        open=states.get(ResponsibilityState.OPEN, 0),
        covered=states.get(ResponsibilityState.COVERED, 0),
        uncovered=states.get(ResponsibilityState.UNCOVERED, 0),
        withdrawn=states.get(ResponsibilityState.WITHDRAWN, 0),
    )
