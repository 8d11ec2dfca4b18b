"""Duty calls (值班呼叫): what a duty desk is called for beside warnings, by the same engine.

To sign on for a shift, a roll call, the daily report, a report whose time runs out, a periodic duty, a risk
reminder letter. Each is a row of warnings of its own (`warnings.purpose`) with one responsibility for each
desk: so it is rung, answered, escalated and told like every call-out, and an answer to it never passes for
one to a warning. What a duty call is for keeps the id of its row, and asks `outcomes_of` what came of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.ladders.model import Ladder, Tier
from jiaoying.dispatch.ladders.writing import ladder_to_data
from jiaoying.dispatch.matching import NewResponsibility, longest_until_listed
from jiaoying.dispatch.opening import open_singly
from jiaoying.dispatch.states import ResponsibilityState, WarningState
from jiaoying.dispatch.store import roster
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.dispatch.withdrawing import end_quietly
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import desks, issued_warnings
from jiaoying.warnings.arrival import choose_reference
from jiaoying.warnings.purpose import Purpose
from jiaoying.warnings.store import lock_intake, next_warning_id, reference_uses

SENDER = "jiaoying"
# What has work to do after a duty call was made or ended; the caller rings these after the commit.
BELLS = ("escalate", "plan", "send", "changes")


@dataclass(frozen=True, slots=True)
class DutyCall:
    """What desks are called for.

    `headline` names it on pages; `text` goes into the text messages after the wording of the purpose
    (templates/wordings/*/<purpose>.sms.txt). Whoever has not answered by `ends_at` is asked no more.
    """

    purpose: Purpose
    headline: str
    text: str
    ends_at: datetime
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class DeskAsked:
    """One desk that must answer, by which ladder; `label` names it to its people, the place first."""

    desk_id: UUID
    ladder: Ladder
    label: str


@dataclass(frozen=True, slots=True)
class DeskOutcome:
    """How it stands with one desk of a duty call.

    `first_asked_at` is when a carrier first took a text or a call on; `first_rung_at` the same of calls.
    `answered_by` is who answered first, or declined where nobody did: see `declined`.
    """

    call_id: UUID
    desk_id: UUID
    state: ResponsibilityState
    reason: str | None
    asked_ids: tuple[UUID, ...]
    answered_by: UUID | None
    answerer: str | None
    answered_how: str | None
    answered_at: datetime | None
    declined: bool
    first_asked_at: datetime | None
    first_rung_at: datetime | None
    ended_at: datetime | None


async def call_desks(
    tx: Tx, engine: Engine, call: DutyCall, asked: Sequence[DeskAsked], now: datetime, *, actor: str
) -> UUID:
    """Call these desks, each once, and return the id of the row under which that is done.

    Takes the lock of intake: to be called before rows are locked that an incoming warning needs.
    """
    if not call.purpose.is_duty_call:
        raise ValueError(f"{call.purpose} is no duty call")
    await lock_intake(tx)
    call_id = await next_warning_id(tx, now)
    places = await _areas_of(tx, {one.desk_id for one in asked})
    await _insert(tx, engine, call_id, call, sorted(set(places.values())), now)
    ladder_ids = {one.ladder: new_id(now) for one in asked}
    await roster.freeze_ladders(
        tx,
        call_id,
        # Frozen under the tier of the desk, and one name more for each further ladder.
        [
            (row_id, f"{Tier.DESK}:{place}" if place else str(Tier.DESK), ladder_to_data(ladder))
            for place, (ladder, row_id) in enumerate(ladder_ids.items())
        ],
    )
    facts = {"purpose": call.purpose, "desks": [str(one.desk_id) for one in asked]}
    told = {"headline": call.headline, "text": call.text}
    opened = await open_singly(
        tx,
        [_duty(call_id, call, one, ladder_ids[one.ladder], places[one.desk_id], now) for one in asked],
        now,
    )
    await append_entries(
        tx, [Entry(now, "duty_call.made", actor, call_id, facts=facts, particulars=told), *opened]
    )
    return call_id


async def end_call(tx: Tx, call_id: UUID, *, actor: str, reason: str, now: datetime) -> bool:
    """Call nobody any more for it; False when it was over already."""
    return await end_quietly(tx, call_id, actor=actor, reason=reason, now=now)


def _duty(
    call_id: UUID, call: DutyCall, one: DeskAsked, ladder_id: UUID, area_code: str, now: datetime
) -> NewResponsibility:
    return NewResponsibility(
        id=new_id(now),
        warning_id=call_id,
        post_id=None,
        desk_id=one.desk_id,
        area_code=area_code,
        label=one.label,
        ladder_id=ladder_id,
        why={"by": "duty_call", "purpose": str(call.purpose)},
        deadline_at=min(call.ends_at, now + longest_until_listed(one.ladder)),
    )


async def _areas_of(tx: Tx, desk_ids: Collection[UUID]) -> dict[UUID, str]:
    rows = await tx.execute(select(desks.c.id, desks.c.area_code).where(is_one_of(desks.c.id, desk_ids)))
    return {row.id: row.area_code for row in rows}


async def _insert(
    tx: Tx, engine: Engine, call_id: UUID, call: DutyCall, area_codes: list[str], now: datetime
) -> None:
    values: dict[str, Any] = {
        "id": call_id,
        "purpose": call.purpose,
        "source": call.purpose,
        "sender": SENDER,
        "identifier": f"{call.purpose}-{call_id}",
        "version": 1,
        "content_sha256": sha256(call_id.bytes).digest(),
        "kind": "alert",
        "exercise": call.exercise,
        "hazard": str(Hazard.OTHER),
        "event": call.purpose,
        "colour": None,
        "sender_name": engine.home_name,
        "headline": call.headline,
        "text": call.text,
        "area_names": engine.home_name,
        "area_codes": area_codes,
        "sent_at": now,
        "valid_from": now,
        "valid_to": call.ends_at,
        "received_at": now,
        "state": WarningState.MATCHED,
        "matched_at": now,
        "reference": choose_reference(await reference_uses(tx, now)),
    }
    await tx.execute(insert(issued_warnings).values(values))


# Of each desk the person who answered first counts, and before them nobody who declined.
_OUTCOMES = text(
    """
    SELECT r.warning_id AS call_id, r.desk_id, r.state, r.reason, r.ended_at,
           coalesce(asked.ids, '{}') AS asked_ids, heard.contact_id AS answered_by, heard.name AS answerer,
           heard.answered_how, heard.at AS answered_at, coalesce(heard.state = 'declined', false) AS declined,
           asked.first_asked_at, asked.first_rung_at
    FROM responsibilities r
    LEFT JOIN LATERAL (
        SELECT array_agg(DISTINCT c.contact_id) AS ids, min(a.accepted_at) AS first_asked_at,
               min(a.accepted_at) FILTER (WHERE a.channel = 'voice') AS first_rung_at
        FROM call_out_roles o
        JOIN call_outs c ON c.id = o.call_out_id
        LEFT JOIN attempts a ON a.call_out_id = c.id
        WHERE o.responsibility_id = r.id
    ) asked ON true
    LEFT JOIN LATERAL (
        SELECT c.contact_id, p.name, c.answered_how, coalesce(c.answered_at, c.ended_at) AS at, c.state
        FROM call_out_roles o
        JOIN call_outs c ON c.id = o.call_out_id AND c.state IN ('answered', 'declined')
        JOIN contacts p ON p.id = c.contact_id
        WHERE o.responsibility_id = r.id
        ORDER BY c.state = 'declined', coalesce(c.answered_at, c.ended_at), c.id
        LIMIT 1
    ) heard ON true
    WHERE r.warning_id = ANY(:call_ids)
    ORDER BY r.warning_id, r.area_code, r.desk_id
    """
).bindparams(bindparam("call_ids", type_=ARRAY(Uuid())))


async def outcomes_of(tx: Tx, call_ids: Collection[UUID]) -> list[DeskOutcome]:
    """What has come of these duty calls until now, by call and area."""
    if not call_ids:
        return []
    return read_as(DeskOutcome, await tx.execute(_OUTCOMES, {"call_ids": list(call_ids)}))
