"""Call-outs (叫应): opened, claimed, moved."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, exists, func, literal, select, text, true, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.dispatch.states import CALL_OUT, CallOutEvent, CallOutState
from jiaoying.dispatch.store.locking import lock_rows
from jiaoying.dispatch.store.sets import as_rows, given_rows, is_one_of, parameters_of
from jiaoying.dispatch.store.warnings import PAUSED
from jiaoying.gateways.base import Channel
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import call_out_roles, call_outs, responsibilities

# The reason of what an officer stopped (dispatch.steering.halting).
STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Asking:
    """One person to be asked under one warning, with what the strongest of their rungs wants."""

    warning_id: UUID
    contact_id: UUID
    priority: int
    channels: tuple[str, ...]
    tries: int
    gap_s: int
    version: int = 1  # of the chain of warnings, that asks
    in_turn: bool = False  # one channel a try


def stronger(one: Asking, other: Asking) -> Asking:
    """What two rungs want together of one person under one warning."""
    return Asking(
        one.warning_id,
        one.contact_id,
        min(one.priority, other.priority),
        one.channels if one.channels == other.channels else _together(one.channels, other.channels),
        max(one.tries, other.tries),
        min(one.gap_s, other.gap_s),
        max(one.version, other.version),
        one.in_turn and other.in_turn,
    )


def _together(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(channel for channel in Channel if channel in one + other)


@dataclass(frozen=True, slots=True)
class OpenedCallOut:
    """What asking came to: a call-out that is new or opened again, or one that was there."""

    id: UUID
    warning_id: UUID
    contact_id: UUID
    state: CallOutState
    begins: bool


@dataclass(frozen=True, slots=True)
class NewRole:
    call_out_id: UUID
    responsibility_id: UUID
    role: str
    rung: int


@dataclass(frozen=True, slots=True)
class MovedCallOut:
    """A call-out that an event changed, for the ledger."""

    id: UUID
    warning_id: UUID
    contact_id: UUID


@dataclass(frozen=True, slots=True)
class DueCallOut:
    id: UUID
    warning_id: UUID
    contact_id: UUID
    priority: int
    channels: tuple[Channel, ...]
    tries: int
    gap_s: int
    round: int
    in_turn: bool
    kind: str  # call, or door: a walk to somebody's door
    calls_again_at: datetime | None


@dataclass(frozen=True, slots=True)
class NextLook:
    """The rounds planned so far, when to look again, and until when nothing of the person's can be called."""

    id: UUID
    round: int
    at: datetime
    calls_again_at: datetime | None = None


async def lock_of_people(tx: Tx, contact_ids: Collection[UUID], warning_ids: Collection[UUID]) -> None:
    """Lock what these people are asked under these warnings, and whatever else is open of them.

    Comes before anything that asks them anew, which finds their rows by person and not by id.
    """
    if contact_ids:
        await tx.execute(
            select(call_outs.c.id)
            .where(
                is_one_of(call_outs.c.contact_id, contact_ids),
                is_one_of(call_outs.c.warning_id, warning_ids) | (call_outs.c.state == CallOutState.OPEN),
            )
            .order_by(call_outs.c.id)
            .with_for_update(key_share=True)
        )


async def ask_people(tx: Tx, askings: Mapping[UUID, Asking], now: datetime) -> list[OpenedCallOut]:
    """Open a call-out for each person, or strengthen the one that is there: several posts, one ring.

    `askings` maps the id for a new call-out to what is asked; each (warning, contact) once. One that an
    earlier version of the chain opened stays as it is: what this version asks was not asked in it. A call-out
    whose tries are spent is opened again only when more is asked than was tried; one that was withdrawn, for
    whatever reason nobody needed its person then, is opened again when they are needed after all.
    """
    if not askings:
        return []
    ordered = sorted(askings.items(), key=lambda item: (item[1].warning_id, item[1].contact_id))
    known = await _newest_versions(tx, askings.values())
    rows = [_as_row(row_id, asking, known, now) for row_id, asking in ordered]
    names = tuple(rows[0])
    new = upsert(call_outs).from_select(names, given_rows(call_outs, names))
    asked = new.excluded
    stronger = ~call_outs.c.channels.contains(asked.channels)
    # Whom an officer stopped is called again by an officer only.
    spent = (call_outs.c.state == CallOutState.EXHAUSTED) & (func.coalesce(call_outs.c.reason, "") != STOPPED)
    again = (spent & stronger) | (call_outs.c.state == CallOutState.WITHDRAWN)
    statement = new.on_conflict_do_update(
        index_elements=[call_outs.c.warning_id, call_outs.c.contact_id, call_outs.c.version],
        set_={
            "channels": case(
                (call_outs.c.channels.contains(asked.channels), call_outs.c.channels),
                else_=text("ARRAY['sms', 'voice']"),
            ),
            # Rounds of the weaker channel are no tries of the stronger one.
            "tries": case(
                (again | stronger, func.greatest(call_outs.c.tries, call_outs.c.round + asked.tries)),
                else_=func.greatest(call_outs.c.tries, asked.tries),
            ),
            "gap_s": func.least(call_outs.c.gap_s, asked.gap_s),
            "in_turn": call_outs.c.in_turn & asked.in_turn,
            "priority": func.least(call_outs.c.priority, asked.priority),
            "state": case((again, literal(CallOutState.OPEN.value)), else_=call_outs.c.state),
            "reason": case((again, None), else_=call_outs.c.reason),
            "ended_at": case((again, None), else_=call_outs.c.ended_at),
            # A stronger channel is tried now, not after the pause of the weaker one.
            "next_at": case(
                (again | ((call_outs.c.state == CallOutState.OPEN) & stronger), asked.next_at),
                else_=call_outs.c.next_at,
            ),
        },
    ).returning(
        call_outs.c.id,
        call_outs.c.warning_id,
        call_outs.c.contact_id,
        call_outs.c.state,
        text("(xmax = 0) AS begins"),
    )
    ended = await _ended_of(tx, askings.values())
    opened = read_as(OpenedCallOut, await tx.execute(statement, parameters_of(call_outs, rows)))
    return [
        replace(item, begins=item.begins or (item.id in ended and item.state is CallOutState.OPEN))
        for item in opened
    ]


async def _newest_versions(tx: Tx, askings: Collection[Asking]) -> dict[tuple[UUID, UUID], int]:
    """The newest version of the call-outs that these people have under these warnings."""
    rows = await tx.execute(
        select(call_outs.c.warning_id, call_outs.c.contact_id, func.max(call_outs.c.version).label("newest"))
        .where(
            is_one_of(call_outs.c.warning_id, {asking.warning_id for asking in askings}),
            is_one_of(call_outs.c.contact_id, {asking.contact_id for asking in askings}),
            call_outs.c.kind == "call",
        )
        .group_by(call_outs.c.warning_id, call_outs.c.contact_id)
    )
    return {(row.warning_id, row.contact_id): row.newest for row in rows}


async def _ended_of(tx: Tx, askings: Collection[Asking]) -> set[UUID]:
    """The call-outs of these people that have ended."""
    rows = await tx.execute(
        select(call_outs.c.id).where(
            is_one_of(call_outs.c.warning_id, {asking.warning_id for asking in askings}),
            is_one_of(call_outs.c.contact_id, {asking.contact_id for asking in askings}),
            call_outs.c.state.in_([CallOutState.EXHAUSTED, CallOutState.WITHDRAWN]),
        )
    )
    return {row.id for row in rows}


def _as_row(
    row_id: UUID, asking: Asking, newest: Mapping[tuple[UUID, UUID], int], now: datetime
) -> dict[str, object]:
    known = newest.get((asking.warning_id, asking.contact_id), 1)
    return {
        "id": row_id,
        "warning_id": asking.warning_id,
        "contact_id": asking.contact_id,
        "version": max(asking.version, known),
        "state": CallOutState.OPEN,
        "priority": asking.priority,
        "channels": asking.channels,
        "tries": asking.tries,
        "gap_s": asking.gap_s,
        "in_turn": asking.in_turn,
        "round": 0,
        "next_at": now,
        "matched_at": now,
    }


async def tie_roles(tx: Tx, roles: Sequence[NewRole], now: datetime) -> None:
    """Tie call-outs to the responsibilities that they answer for; a tie that is there stays.

    One that had ended begins anew: its person fills the role again.
    """
    if roles:
        rows = [
            {
                "call_out_id": role.call_out_id,
                "responsibility_id": role.responsibility_id,
                "role": role.role,
                "rung": role.rung,
                "since": now,
            }
            for role in roles
        ]
        names = tuple(rows[0])
        statement = upsert(call_out_roles).from_select(names, given_rows(call_out_roles, names))
        again = statement.on_conflict_do_update(
            index_elements=["call_out_id", "responsibility_id", "role"],
            set_={"ended_at": None, "rung": statement.excluded.rung, "since": now},
            where=call_out_roles.c.ended_at.is_not(None),
        )
        await tx.execute(again, parameters_of(call_out_roles, rows))


async def untie(tx: Tx, ties: Sequence[tuple[UUID, UUID, str]], now: datetime) -> None:
    """Somebody else fills the role now: (call-out, responsibility, role) binds its person no more."""
    if ties:
        call_out_ids, duty_ids, roles = zip(*ties, strict=True)
        columns = {"call_out_id": call_out_ids, "responsibility_id": duty_ids, "role": roles}
        gone = as_rows(call_out_roles, columns)
        await tx.execute(
            update(call_out_roles)
            .where(
                call_out_roles.c.call_out_id == gone.c.call_out_id,
                call_out_roles.c.responsibility_id == gone.c.responsibility_id,
                call_out_roles.c.role == gone.c.role,
            )
            .values(ended_at=now)
        )


async def claim_due(tx: Tx, now: datetime, limit: int, only: UUID | None = None) -> list[DueCallOut]:
    """Open call-outs whose next moment has come, or that one of them, locked, danger first; what is paused
    waits until it goes on."""
    rows = await tx.execute(
        select(*columns_of(DueCallOut, call_outs))
        .where(
            call_outs.c.state == CallOutState.OPEN,
            call_outs.c.next_at <= now,
            call_outs.c.warning_id.not_in(PAUSED),
            true() if only is None else call_outs.c.id == only,
        )
        .order_by(call_outs.c.priority, call_outs.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return read_as(DueCallOut, rows)


async def claim_beside(tx: Tx, contact_ids: Collection[UUID], ids: Collection[UUID]) -> list[DueCallOut]:
    """What else is open of these people, beside these call-outs, locked; what others hold and what is
    paused is left out."""
    rows = await tx.execute(
        select(*columns_of(DueCallOut, call_outs))
        .where(
            is_one_of(call_outs.c.contact_id, contact_ids),
            call_outs.c.state == CallOutState.OPEN,
            call_outs.c.warning_id.not_in(PAUSED),
            ~is_one_of(call_outs.c.id, ids),
        )
        .with_for_update(skip_locked=True, key_share=True)
    )
    return read_as(DueCallOut, rows)


async def look_again(tx: Tx, looks: Sequence[NextLook]) -> None:
    """Write the rounds planned so far and the next moment of locked call-outs."""
    if looks:
        new = as_rows(
            call_outs,
            {
                "id": [look.id for look in looks],
                "round": [look.round for look in looks],
                "next_at": [look.at for look in looks],
                "calls_again_at": [look.calls_again_at for look in looks],
            },
        )
        await tx.execute(
            update(call_outs)
            .where(call_outs.c.id == new.c.id, call_outs.c.state == CallOutState.OPEN)
            .values(round=new.c.round, next_at=new.c.next_at, calls_again_at=new.c.calls_again_at)
        )


async def still_due(tx: Tx, ids: Collection[UUID], now: datetime) -> tuple[UUID, ...]:
    """Which of these are open and due, locked."""
    rows = await tx.execute(
        select(call_outs.c.id)
        .where(
            is_one_of(call_outs.c.id, ids), call_outs.c.state == CallOutState.OPEN, call_outs.c.next_at <= now
        )
        .order_by(call_outs.c.id)
        .with_for_update(key_share=True)
    )
    return tuple(row.id for row in rows)


async def lock_ended(tx: Tx, ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Lock these call-outs; returns those that are not open any more."""
    if not ids:
        return ()
    await lock_rows(tx, call_outs, ids)
    rows = await tx.execute(
        select(call_outs.c.id).where(is_one_of(call_outs.c.id, ids), call_outs.c.state != CallOutState.OPEN)
    )
    return tuple(row.id for row in rows)


async def labels_of(tx: Tx, ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """What each of these call-outs answers for, in words, without repetition; tasks aside."""
    rows = await tx.execute(
        select(call_out_roles.c.call_out_id, responsibilities.c.label)
        .join(responsibilities, responsibilities.c.id == call_out_roles.c.responsibility_id)
        .where(
            is_one_of(call_out_roles.c.call_out_id, ids),
            call_out_roles.c.ended_at.is_(None),
            responsibilities.c.state != "withdrawn",
            responsibilities.c.task_id.is_(None),
        )
        .order_by(call_out_roles.c.call_out_id, call_out_roles.c.since, responsibilities.c.label)
    )
    found: dict[UUID, dict[str, None]] = {}
    for row in rows:
        found.setdefault(row.call_out_id, {})[row.label] = None
    return {row_id: tuple(labels) for row_id, labels in found.items()}


async def wake_call_outs(tx: Tx, ids: Collection[UUID], now: datetime) -> None:
    """Have the planning look at once at call-outs of which something was heard."""
    await lock_rows(tx, call_outs, ids)
    if ids:
        await tx.execute(
            update(call_outs)
            .where(is_one_of(call_outs.c.id, ids), call_outs.c.state == CallOutState.OPEN)
            .values(next_at=now)
        )


async def move_call_outs(
    tx: Tx, ids: Collection[UUID], event: CallOutEvent, now: datetime, *, reason: str
) -> list[MovedCallOut]:
    """Apply an event that ends the asking to each; returns the ones that changed."""
    if not ids:
        return []
    moves = {state: after for (state, heard), after in CALL_OUT.moves.items() if heard == event}
    rows = await tx.execute(
        select(*columns_of(MovedCallOut, call_outs))
        .where(is_one_of(call_outs.c.id, ids), call_outs.c.state.in_(moves))
        .order_by(call_outs.c.id)
        .with_for_update(key_share=True)
    )
    moved = read_as(MovedCallOut, rows)
    if moved:
        await tx.execute(
            update(call_outs)
            .where(is_one_of(call_outs.c.id, [item.id for item in moved]))
            .values(
                state=case(
                    {state.value: after.value for state, after in moves.items()}, value=call_outs.c.state
                ),
                late=call_outs.c.state == CallOutState.EXHAUSTED,
                reason=reason,
                next_at=None,
                ended_at=now,
            )
        )
    return moved


async def no_longer_needed(tx: Tx, responsibility_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Open call-outs tied to these responsibilities that now answer for nothing open, locked.

    Locked first and judged then: another worker may be tying one of them to a rung that begins.
    """
    rows = await tx.execute(
        select(call_outs.c.id)
        .distinct()
        .join(call_out_roles, call_out_roles.c.call_out_id == call_outs.c.id)
        .where(
            is_one_of(call_out_roles.c.responsibility_id, responsibility_ids),
            call_outs.c.state == CallOutState.OPEN,
        )
    )
    ids = [row.id for row in rows]
    await lock_rows(tx, call_outs, ids)
    other = call_out_roles.alias()
    still_open = exists().where(
        other.c.call_out_id == call_outs.c.id,
        responsibilities.c.id == other.c.responsibility_id,
        responsibilities.c.state.in_(["open", "uncovered"]),
        other.c.ended_at.is_(None),
    )
    rows = await tx.execute(
        select(call_outs.c.id).where(
            is_one_of(call_outs.c.id, ids), call_outs.c.state == CallOutState.OPEN, ~still_open
        )
    )
    return tuple(row.id for row in rows)


async def of_warning(tx: Tx, warning_id: UUID, states: Collection[CallOutState]) -> tuple[UUID, ...]:
    """The warning's call-outs in these states."""
    rows = await tx.execute(
        select(call_outs.c.id).where(call_outs.c.warning_id == warning_id, call_outs.c.state.in_(states))
    )
    return tuple(row.id for row in rows)
