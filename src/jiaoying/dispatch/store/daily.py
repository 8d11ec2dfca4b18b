"""Rounds of the daily dispatch as the people who are asked in them know them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, select, text

from jiaoying.dispatch.daily_answers import ACCEPTED_FOR, DeskOfRound, RoundAsked
from jiaoying.duty.daily.model import form_from_data
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import (
    Moment,
    call_out_roles,
    call_outs,
    daily_rounds,
    issued_warnings,
    responsibilities,
)

# Of each number the rounds in which it was asked, a row for each desk and call-out. A call counts as read
# where somebody picked it up.
_ASKED = text(
    """
    SELECT n.number, d.id, p.name, d.form, d.asked_at, w.reference, c.id AS call_out_id, r.desk_id,
           k.name AS desk_name, area.name AS area_name, latest.moment,
           EXISTS (SELECT FROM daily_reports AS said
                   WHERE said.round_id = d.id AND said.desk_id = r.desk_id) AS reported
    FROM daily_rounds d
    JOIN daily_plans p ON p.id = d.plan_id
    JOIN call_outs c ON c.warning_id IN (d.call_id, d.chase_id)
    JOIN contact_numbers n ON n.contact_id = c.contact_id
    JOIN issued_warnings w ON w.id = c.warning_id
    JOIN call_out_roles o ON o.call_out_id = c.id
    JOIN responsibilities r ON r.id = o.responsibility_id
    JOIN desks k ON k.id = r.desk_id
    JOIN areas area ON area.code = k.area_code
    LEFT JOIN LATERAL (
        SELECT max(a.accepted_at) AS moment FROM attempts a
        WHERE a.call_out_id = c.id AND a.number = n.number AND a.state <> 'failed'
          AND (a.channel = 'sms' OR a.state = 'answered' OR a.heard_s IS NOT NULL)
    ) latest ON true
    WHERE d.asked_at > :since AND n.number = ANY (CAST(:numbers AS text[]))
    ORDER BY n.number, d.id, k.area_code, k.name, c.id
    """
).bindparams(bindparam("since", type_=Moment))


async def rounds_asked(tx: Tx, numbers: Collection[str], now: datetime) -> dict[str, list[RoundAsked]]:
    """Of each number the rounds that its owners may still report on."""
    since = now - ACCEPTED_FOR
    # In a night of warnings nobody is asked, and every text would pay for the question.
    if not numbers or not await tx.scalar(select(exists().where(daily_rounds.c.asked_at > since))):
        return {}
    rows = (await tx.execute(_ASKED, {"since": since, "numbers": list(numbers)})).all()
    together: dict[tuple[str, UUID], list[Any]] = {}
    for row in rows:
        together.setdefault((row.number, row.id), []).append(row)
    found: dict[str, list[RoundAsked]] = {}
    for (number, _), own in together.items():
        found.setdefault(number, []).append(_round_asked(own))
    return found


def _round_asked(rows: list[Any]) -> RoundAsked:
    desks = {row.desk_id: DeskOfRound(row.desk_id, (row.desk_name, row.area_name)) for row in rows}
    return RoundAsked(
        rows[0].id,
        rows[0].name,
        form_from_data(rows[0].form),
        frozenset(row.reference for row in rows),
        tuple(desks.values()),
        frozenset(row.call_out_id for row in rows),
        max((row.moment for row in rows if row.moment), default=None),
        all(row.reported for row in rows),
    )


def _of_rounds() -> Select[*tuple[Any, ...]]:
    return (
        select(daily_rounds.c.id, call_out_roles.c.call_out_id, responsibilities.c.desk_id)
        .join(
            issued_warnings,
            (issued_warnings.c.id == daily_rounds.c.call_id)
            | (issued_warnings.c.id == daily_rounds.c.chase_id),
        )
        .join(responsibilities, responsibilities.c.warning_id == issued_warnings.c.id)
        .join(call_out_roles, call_out_roles.c.responsibility_id == responsibilities.c.id)
    )


async def desks_of_call_out(tx: Tx, call_out_id: UUID) -> tuple[UUID, list[UUID]] | None:
    """The round under which somebody is asked, and for which desks; None for calls of another kind."""
    rows = (
        await tx.execute(
            _of_rounds()
            .where(call_out_roles.c.call_out_id == call_out_id)
            .order_by(responsibilities.c.area_code)
        )
    ).all()
    return (rows[0].id, [row.desk_id for row in rows]) if rows else None


async def open_call_outs(tx: Tx, round_id: UUID, desk_id: UUID) -> list[UUID]:
    """Whoever is still being asked for this desk in this round."""
    rows = await tx.execute(
        _of_rounds()
        .join(call_outs, call_outs.c.id == call_out_roles.c.call_out_id)
        .where(
            daily_rounds.c.id == round_id,
            responsibilities.c.desk_id == desk_id,
            call_outs.c.state == "open",
        )
    )
    return sorted({row.call_out_id for row in rows})
