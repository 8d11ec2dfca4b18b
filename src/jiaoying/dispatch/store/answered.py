"""What answers lock, read and change, many at once: call-outs, attempts, answers, feedback."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Text, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.dispatch.states import AttemptState, CallOutState
from jiaoying.dispatch.store.attempts import AttemptFacts
from jiaoying.dispatch.store.bundles import names_one_of
from jiaoying.dispatch.store.locking import lock_rows
from jiaoying.dispatch.store.sets import given_rows, is_one_of_given, parameters_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import (
    Moment,
    answers,
    attempts,
    call_outs,
    contacts,
    feedback,
    issued_warnings,
)


@dataclass(frozen=True, slots=True)
class AskedCallOut:
    """A call-out with its person and its warning, for who takes an answer."""

    id: UUID
    warning_id: UUID
    contact_id: UUID
    state: CallOutState
    late: bool
    name: str
    event: str
    hazard: str
    colour: str | None
    reference: str
    exercise: bool
    kind: str


@dataclass(frozen=True, slots=True)
class HeardCallOut:
    """What an answer makes of a call-out. `how` is None where the person declined."""

    id: UUID
    state: CallOutState
    late: bool
    how: str | None


@dataclass(frozen=True, slots=True)
class EndedAttempt:
    """How an answer ends an attempt."""

    id: UUID
    state: AttemptState
    code: str | None


# What a call-out's last feedback said: stage, households, people.
LastFeedback = tuple[str, int | None, int | None]

_ASKED = (
    select(
        *(call_outs.c[name] for name in ("id", "warning_id", "contact_id", "state", "late", "kind")),
        contacts.c.name,
        *(issued_warnings.c[name] for name in ("event", "hazard", "colour", "reference", "exercise")),
    )
    .join(contacts, contacts.c.id == call_outs.c.contact_id)
    .join(issued_warnings, issued_warnings.c.id == call_outs.c.warning_id)
    .where(is_one_of_given(call_outs.c.id, "ids"))
)


async def lock_asked(tx: Tx, ids: Collection[UUID]) -> dict[UUID, AskedCallOut]:
    """These call-outs, locked: what is decided about them stays true until the transaction ends.

    Read after they are locked: one that was waited for may have gone on under another warning meanwhile.
    """
    await lock_rows(tx, call_outs, ids)
    rows = await tx.execute(_ASKED, {"ids": list(ids)})
    return {item.id: item for item in read_as(AskedCallOut, rows)}


_HEARD = text(
    """
    UPDATE call_outs SET
        state = heard.state, late = heard.late, reason = NULL, next_at = NULL, ended_at = :now,
        answered_at = CASE WHEN heard.how IS NULL THEN answered_at ELSE :now END,
        answered_how = coalesce(heard.how, answered_how)
    FROM unnest(:ids, :states, :lates, :hows) AS heard (id, state, late, how)
    WHERE call_outs.id = heard.id
    """
).bindparams(
    bindparam("now", type_=Moment),
    bindparam("ids", type_=ARRAY(Uuid())),
    bindparam("states", type_=ARRAY(Text())),
    bindparam("lates", type_=ARRAY(Boolean())),
    bindparam("hows", type_=ARRAY(Text())),
)


async def record_heard(tx: Tx, heard: Sequence[HeardCallOut], now: datetime) -> None:
    """Write what answers made of locked call-outs."""
    if heard:
        await tx.execute(
            _HEARD,
            {
                "now": now,
                "ids": [item.id for item in heard],
                "states": [item.state.value for item in heard],
                "lates": [item.late for item in heard],
                "hows": [item.how for item in heard],
            },
        )


_CALLS_OF = (
    select(*columns_of(AttemptFacts, attempts))
    .where(names_one_of("call_out_ids"), attempts.c.purpose == "call")
    .order_by(attempts.c.id)
    .with_for_update(key_share=True)
)


async def lock_attempts_of(tx: Tx, call_out_ids: Collection[UUID]) -> list[AttemptFacts]:
    """Every call attempt that names one of these call-outs, locked; the call-outs are locked already."""
    return read_as(AttemptFacts, await tx.execute(_CALLS_OF, {"call_out_ids": list(call_out_ids)}))


_END = text(
    """
    UPDATE attempts SET state = ended.state, lease_until = NULL, ended_at = :now,
                        outcome_code = coalesce(ended.code, outcome_code)
    FROM unnest(:ids, :states, :codes) AS ended (id, state, code)
    WHERE attempts.id = ended.id
    """
).bindparams(
    bindparam("now", type_=Moment),
    bindparam("ids", type_=ARRAY(Uuid())),
    bindparam("states", type_=ARRAY(Text())),
    bindparam("codes", type_=ARRAY(Text())),
)


async def end_attempts(tx: Tx, ended: Sequence[EndedAttempt], now: datetime) -> None:
    """Write how locked attempts ended."""
    if ended:
        await tx.execute(
            _END,
            {
                "now": now,
                "ids": [item.id for item in ended],
                "states": [item.state.value for item in ended],
                "codes": [item.code for item in ended],
            },
        )


_LAST_FEEDBACK = (
    select(feedback.c.call_out_id, feedback.c.stage, feedback.c.households, feedback.c.people)
    .ext(distinct_on(feedback.c.call_out_id))
    .where(is_one_of_given(feedback.c.call_out_id, "call_out_ids"))
    .order_by(feedback.c.call_out_id, feedback.c.at.desc(), feedback.c.id.desc())
)


async def last_feedback(tx: Tx, call_out_ids: Collection[UUID]) -> dict[UUID, LastFeedback]:
    """What was reported last on each of these call-outs, where anything was."""
    if not call_out_ids:
        return {}
    rows = await tx.execute(_LAST_FEEDBACK, {"call_out_ids": list(call_out_ids)})
    return {row.call_out_id: (row.stage, row.households, row.people) for row in rows}


_ANSWER_NAMES = (
    *("id", "warning_id", "call_out_id", "contact_id", "how", "meaning", "said", "at", "inbox_item_id"),
    *("by_user", "late", "shared_number"),
)
_WRITE_ANSWERS = (
    upsert(answers).from_select(_ANSWER_NAMES, given_rows(answers, _ANSWER_NAMES)).on_conflict_do_nothing()
)


async def write_answers(tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert answers; one of the same item for the same call-out stays as it is."""
    if rows:
        await tx.execute(_WRITE_ANSWERS, parameters_of(answers, rows))
