"""Call-outs (叫应): opened, claimed, moved."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, exists, func, literal, select, text, true, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.dispatch.following import Place, Reached
from jiaoying.dispatch.ladders import Who
from jiaoying.dispatch.states import CALL_OUT, CallOutEvent, CallOutState
from jiaoying.dispatch.store.locking import lock_rows
from jiaoying.dispatch.store.sets import as_rows, given_rows, is_one_of, parameters_of
from jiaoying.gateways.base import Channel
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import call_out_roles, call_outs, responsibilities


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


def stronger(one: Asking, other: Asking) -> Asking:
    """What two rungs want together of one person under one warning."""
    return Asking(
        one.warning_id,
        one.contact_id,
        min(one.priority, other.priority),
        tuple(channel for channel in Channel if channel in one.channels + other.channels),
        max(one.tries, other.tries),
        min(one.gap_s, other.gap_s),
        max(one.version, other.version),
    )


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
class TiedCallOut:
    """A call-out that another warning may take over."""

    id: UUID
    warning_id: UUID
    contact_id: UUID
    version: int
    state: CallOutState


@dataclass(frozen=True, slots=True)
class Tie:
    """What a call-out answers for, as what, and on which rung it was asked."""

    call_out_id: UUID
    responsibility_id: UUID
    role: Who
    rung: int


@dataclass(frozen=True, slots=True)
class Superseded:
    """An open call-out in whose place a newer one of the same person came."""

    old_id: UUID
    new_id: UUID


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


async def ask_people(tx: Tx, askings: Mapping[UUID, Asking], now: datetime) -> list[OpenedCallOut]:
    """Open a call-out for each person, or strengthen the one that is there: several posts, one ring.

    `askings` maps the id for a new call-out to what is asked; each (warning, contact) once. One that an
    earlier version of the chain opened stays as it is: what this version asks was not asked in it. A call-out
    whose tries are spent is opened again only when more is asked than was tried; one that ended because
    somebody else covered is opened again when its person is needed after all.
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
    again = ((call_outs.c.state == CallOutState.EXHAUSTED) & stronger) | (
        (call_outs.c.state == CallOutState.WITHDRAWN) & (call_outs.c.reason == "covered")
    )
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
        "round": 0,
        "next_at": now,
        "matched_at": now,
    }


async def tie_roles(tx: Tx, roles: Sequence[NewRole], now: datetime) -> None:
    """Tie call-outs to the responsibilities that they answer for; a tie that is there stays."""
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
        await tx.execute(statement.on_conflict_do_nothing(), parameters_of(call_out_roles, rows))


async def claim_due(tx: Tx, now: datetime, limit: int, only: UUID | None = None) -> list[DueCallOut]:
    """Open call-outs whose next moment has come, or that one of them, locked, danger first."""
    rows = await tx.execute(
        select(*columns_of(DueCallOut, call_outs))
        .where(
            call_outs.c.state == CallOutState.OPEN,
            call_outs.c.next_at <= now,
            true() if only is None else call_outs.c.id == only,
        )
        .order_by(call_outs.c.priority, call_outs.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return read_as(DueCallOut, rows)


async def look_again(tx: Tx, moments: Sequence[tuple[UUID, int, datetime]]) -> None:
    """Write the rounds planned so far and the next moment of locked call-outs: (id, round, next)."""
    if moments:
        ids, rounds, next_at = zip(*moments, strict=True)
        new = as_rows(call_outs, {"id": ids, "round": rounds, "next_at": next_at})
        await tx.execute(
            update(call_outs)
            .where(call_outs.c.id == new.c.id, call_outs.c.state == CallOutState.OPEN)
            .values(round=new.c.round, next_at=new.c.next_at)
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
    """What each of these call-outs answers for, in words, without repetition."""
    rows = await tx.execute(
        select(call_out_roles.c.call_out_id, responsibilities.c.label)
        .join(responsibilities, responsibilities.c.id == call_out_roles.c.responsibility_id)
        .where(is_one_of(call_out_roles.c.call_out_id, ids), responsibilities.c.state != "withdrawn")
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
    tx: Tx,
    ids: Collection[UUID],
    event: CallOutEvent,
    now: datetime,
    *,
    reason: str | None = None,
    how: str | None = None,
) -> list[MovedCallOut]:
    """Apply `event` to each; returns the ones that changed."""
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
    answered = {"answered_at": now, "answered_how": how} if event is CallOutEvent.ANSWER else {}
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
                **answered,
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


async def lock_tied(tx: Tx, responsibility_ids: Collection[UUID]) -> tuple[list[TiedCallOut], list[Tie]]:
    """The call-outs tied to these responsibilities, locked, and every tie between the two."""
    rows = await tx.execute(
        select(*columns_of(Tie, call_out_roles))
        .where(is_one_of(call_out_roles.c.responsibility_id, responsibility_ids))
        .order_by(call_out_roles.c.call_out_id, call_out_roles.c.responsibility_id)
    )
    ties = read_as(Tie, rows)
    ids = {tie.call_out_id for tie in ties}
    await lock_rows(tx, call_outs, ids)
    found = await tx.execute(
        select(*columns_of(TiedCallOut, call_outs))
        .where(is_one_of(call_outs.c.id, ids))
        .order_by(call_outs.c.contact_id, call_outs.c.version, call_outs.c.id)
    )
    return read_as(TiedCallOut, found), ties


async def hand_over(tx: Tx, versions: Mapping[UUID, int], warning_id: UUID) -> None:
    """Have locked call-outs go on under another warning, just as they stand: id → version there."""
    if versions:
        new = as_rows(call_outs, {"id": list(versions), "version": list(versions.values())})
        await tx.execute(
            update(call_outs)
            .where(call_outs.c.id == new.c.id)
            .values(warning_id=warning_id, version=new.c.version)
        )


async def set_roles(tx: Tx, ties: Sequence[Tie]) -> None:
    """Write on which rung each of these ties stands now."""
    if ties:
        columns = {name: [getattr(tie, name) for tie in ties] for name in Tie.__dataclass_fields__}
        new = as_rows(call_out_roles, columns)
        await tx.execute(
            update(call_out_roles)
            .where(
                call_out_roles.c.call_out_id == new.c.call_out_id,
                call_out_roles.c.responsibility_id == new.c.responsibility_id,
                call_out_roles.c.role == new.c.role,
            )
            .values(rung=new.c.rung)
        )


async def ask_less(
    tx: Tx, askings: Mapping[UUID, Asking], taken_back: Collection[UUID | None], now: datetime
) -> None:
    """Have locked open call-outs ask only this from now on, and look at them at once.

    Those of which something was taken back before it left have that round to come again.
    """
    if askings:
        rows = [
            {
                "id": row_id,
                "channels": asking.channels,
                "tries": asking.tries,
                "gap_s": asking.gap_s,
                "priority": asking.priority,
            }
            for row_id, asking in askings.items()
        ]
        names = tuple(rows[0])
        new = given_rows(call_outs, names).subquery("new")
        statement = (
            update(call_outs)
            .where(call_outs.c.id == new.c.id, call_outs.c.state == CallOutState.OPEN)
            .values(
                channels=new.c.channels,
                tries=func.greatest(new.c.tries, call_outs.c.round)
                + case((is_one_of(call_outs.c.id, [item for item in taken_back if item]), 1), else_=0),
                gap_s=new.c.gap_s,
                priority=new.c.priority,
                next_at=now,
            )
        )
        await tx.execute(statement, parameters_of(call_outs, rows))


async def older_open(tx: Tx, ids: Collection[UUID]) -> list[Superseded]:
    """Open call-outs of earlier versions whose people these newer ones ask, locked."""
    newer = call_outs.alias("newer")
    rows = await tx.execute(
        select(call_outs.c.id.label("old_id"), newer.c.id.label("new_id"))
        .join(
            newer,
            (newer.c.warning_id == call_outs.c.warning_id)
            & (newer.c.contact_id == call_outs.c.contact_id)
            & (newer.c.version > call_outs.c.version),
        )
        .where(is_one_of(newer.c.id, ids), call_outs.c.state == CallOutState.OPEN)
    )
    found = read_as(Superseded, rows)
    await lock_rows(tx, call_outs, {item.old_id for item in found})
    return found


async def take_over_roles(tx: Tx, superseded: Sequence[Superseded], now: datetime) -> None:
    """Tie the newer call-outs to all that the older ones still had to answer for."""
    if superseded:
        pairs = as_rows(
            call_outs,
            {"id": [item.old_id for item in superseded], "contact_id": [item.new_id for item in superseded]},
        )
        still = select(
            pairs.c.contact_id,
            call_out_roles.c.responsibility_id,
            call_out_roles.c.role,
            call_out_roles.c.rung,
            literal(now),
        ).select_from(
            call_out_roles.join(pairs, call_out_roles.c.call_out_id == pairs.c.id).join(
                responsibilities,
                (responsibilities.c.id == call_out_roles.c.responsibility_id)
                & responsibilities.c.state.in_(["open", "uncovered"]),
            )
        )
        names = ("call_out_id", "responsibility_id", "role", "rung", "since")
        await tx.execute(upsert(call_out_roles).from_select(names, still).on_conflict_do_nothing())


async def places_reached(tx: Tx, warning_ids: Collection[UUID]) -> list[Reached]:
    """Everybody under a chain of warnings to whom a call or text was handed over or may have been, in that
    order, with every place they were asked for; without those who were stood down since."""
    rows = await tx.execute(_REACHED, {"warnings": list(warning_ids)})
    people: dict[UUID, set[Place]] = {}
    for row in rows:
        people.setdefault(row.contact_id, set()).add(Place(row.post_id, row.desk_id, row.area_code))
    return [Reached(contact_id, frozenset(places)) for contact_id, places in people.items()]


# A text is stamped a moment before it is written, so that many keep their order: hence the second.
_REACHED = text(
    """
    WITH asked AS (
        SELECT id, contact_id FROM call_outs WHERE warning_id = ANY(CAST(:warnings AS uuid[]))
    ), reached AS (
        SELECT asked.contact_id, min(claimed_at) AS first_at, max(claimed_at) AS last_at
        FROM attempts JOIN asked ON asked.id = attempts.call_out_id
        WHERE purpose = 'call' AND state NOT IN ('due', 'withdrawn')
        GROUP BY asked.contact_id
    ), told AS (
        SELECT contact_id, max(due_at) AS at FROM attempts
        WHERE warning_id = ANY(CAST(:warnings AS uuid[])) AND purpose = 'stand_down' AND state <> 'withdrawn'
        GROUP BY contact_id
    )
    SELECT reached.contact_id, duty.post_id, duty.desk_id, duty.area_code
    FROM reached
    LEFT JOIN told USING (contact_id)
    JOIN asked USING (contact_id)
    JOIN call_out_roles AS role ON role.call_out_id = asked.id
    JOIN responsibilities AS duty ON duty.id = role.responsibility_id
    WHERE told.at IS NULL OR told.at + interval '1 second' < reached.last_at
    ORDER BY reached.first_at, reached.contact_id
    """
)
