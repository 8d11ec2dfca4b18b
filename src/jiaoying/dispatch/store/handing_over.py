"""Call-outs that go on under another warning, and who was reached under a chain of warnings."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.dispatch.following import Place, Reached
from jiaoying.dispatch.ladders.model import Who
from jiaoying.dispatch.states import CallOutState
from jiaoying.dispatch.store.call_outs import Asking
from jiaoying.dispatch.store.locking import lock_rows
from jiaoying.dispatch.store.sets import as_rows, given_rows, is_one_of, parameters_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import call_out_roles, call_outs, responsibilities


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


async def ask_less(tx: Tx, askings: Mapping[UUID, Asking], now: datetime) -> None:
    """Have locked open call-outs ask only this from now on, and look at them at once.

    A round that was taken back before it left comes again by itself (planning.tries_used).
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
                tries=func.greatest(new.c.tries, call_outs.c.round),
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
            & (newer.c.version > call_outs.c.version)
            # A walk is asked apart: neither takes the place of the other.
            & (newer.c.kind == call_outs.c.kind),
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
        still = still.where(call_out_roles.c.ended_at.is_(None))
        names = ("call_out_id", "responsibility_id", "role", "rung", "since")
        await tx.execute(upsert(call_out_roles).from_select(names, still).on_conflict_do_nothing())


async def places_reached(tx: Tx, warning_ids: Collection[UUID]) -> list[Reached]:
    """Everybody under a chain of warnings to whom a call or text was handed over or may have been, in that
    order, with every place they were asked for; without those who were stood down since."""
    rows = await tx.execute(_REACHED, {"warnings": list(warning_ids)})
    people: dict[UUID, set[Place]] = {}
    for row in rows:
        people.setdefault(row.contact_id, set()).add(
            Place(row.post_id, row.desk_id, row.area_code, row.task_id)
        )
    return [Reached(contact_id, frozenset(places)) for contact_id, places in people.items()]


# A text is stamped a moment before it is written, so that many keep their order: hence the second.
_REACHED = text(
    """
    WITH asked AS (
        SELECT id, contact_id FROM call_outs WHERE warning_id = ANY(CAST(:warnings AS uuid[]))
    ), reached AS (
        SELECT asked.contact_id, min(claimed_at) AS first_at, max(claimed_at) AS last_at
        FROM asked
        JOIN LATERAL (
            SELECT id AS attempt_id FROM attempts WHERE call_out_id = asked.id
            UNION ALL SELECT attempt_id FROM attempt_call_outs WHERE call_out_id = asked.id
        ) AS named ON true
        JOIN attempts ON attempts.id = named.attempt_id
        WHERE purpose = 'call' AND attempts.state NOT IN ('due', 'withdrawn')
        GROUP BY asked.contact_id
    ), told AS (
        SELECT contact_id, max(due_at) AS at FROM attempts
        WHERE warning_id = ANY(CAST(:warnings AS uuid[])) AND purpose = 'stand_down' AND state <> 'withdrawn'
        GROUP BY contact_id
    )
    SELECT reached.contact_id, duty.post_id, duty.desk_id, duty.area_code, duty.task_id
    FROM reached
    LEFT JOIN told USING (contact_id)
    JOIN asked USING (contact_id)
    JOIN call_out_roles AS role ON role.call_out_id = asked.id
    JOIN responsibilities AS duty ON duty.id = role.responsibility_id
    WHERE told.at IS NULL OR told.at + interval '1 second' < reached.last_at
    ORDER BY reached.first_at, reached.contact_id
    """
)
