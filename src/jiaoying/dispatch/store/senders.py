"""What is known of the numbers that words came from: whose they are, and what was asked of them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    bindparam,
    case,
    exists,
    func,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, distinct_on

from jiaoying.dispatch.check_answers import ANSWERED_WITHIN, CheckAsked
from jiaoying.dispatch.replies import Candidate
from jiaoying.dispatch.states import AttemptState, CallOutState, WarningState
from jiaoying.dispatch.store import roster
from jiaoying.dispatch.store.roster import Callee
from jiaoying.dispatch.store.sets import is_one_of, is_one_of_given
from jiaoying.gateways.base import Channel, PickedUp
from jiaoying.kernel.colours import Colour
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import (
    Moment,
    attempt_call_outs,
    attempts,
    call_outs,
    contact_numbers,
    issued_warnings,
)
from jiaoying.warnings.purpose import Purpose, is_shown

# A reference names its warning for so long; it is not given to another one before.
REFERENCE_LIFE = timedelta(days=30)

_OWNERS = (
    select(contact_numbers.c.number, contact_numbers.c.contact_id)
    .where(is_one_of_given(contact_numbers.c.number, "numbers"))
    .order_by(contact_numbers.c.contact_id)
)


async def senders_of(tx: Tx, numbers: Collection[str]) -> dict[str, list[Callee]]:
    """Everybody on the roster with each of these numbers; several people may share one."""
    if not numbers:
        return {}
    owners = (await tx.execute(_OWNERS, {"numbers": list(numbers)})).all()
    people = await roster.callees(tx, {row.contact_id for row in owners})
    found: dict[str, list[Callee]] = {}
    for row in owners:
        found.setdefault(row.number, []).append(people[row.contact_id])
    return found


def _candidates_of_numbers() -> Select[*tuple[Any, ...]]:
    """Every call-out matched after `since` that somebody with one of `numbers` may mean."""
    number = contact_numbers.c.number
    latest_first = aggregate_order_by(attempts.c.accepted_at, attempts.c.accepted_at.desc())
    messages = (
        select(func.array_agg(latest_first, type_=ARRAY(Moment)).label("moments"))
        .where(
            attempts.c.number == number,
            attempts.c.accepted_at.is_not(None),
            _may_have_said_something(),
            # What named it, whichever version of the warning that spoke of, and what was told to all.
            (attempts.c.call_out_id == call_outs.c.id)
            | _is_named_by(attempts.c.id)
            | (
                (attempts.c.warning_id == call_outs.c.warning_id)
                & attempts.c.purpose.in_(["lowered", "stand_down", "correction"])
            ),
        )
        .correlate(contact_numbers, call_outs)
        .lateral("latest")
    )
    return (
        select(
            number,
            call_outs.c.id,
            call_outs.c.warning_id,
            issued_warnings.c.reference,
            issued_warnings.c.exercise,
            call_outs.c.state == CallOutState.OPEN,
            messages.c.moments,
            _was_told_milder(number),
            issued_warnings.c.state == WarningState.WITHDRAWN,
            _references_told(),
            ~is_shown(),
            issued_warnings.c.purpose == Purpose.ROUTINE,
        )
        .join(call_outs, call_outs.c.contact_id == contact_numbers.c.contact_id)
        .join(issued_warnings, issued_warnings.c.id == call_outs.c.warning_id)
        .outerjoin(messages, true())
        .where(
            is_one_of_given(number, "numbers"),
            call_outs.c.matched_at > bindparam("since", type_=Moment),
            # Replaced: the reference and the question live on in the version that took its place.
            func.coalesce(issued_warnings.c.reason, "") != "replaced",
        )
        .order_by(call_outs.c.id)
    )


def _may_have_said_something() -> ColumnElement[bool]:
    """A text, unless it failed, or a call that somebody picked up.

    Who let it ring, or has not got the text, does not answer it.
    """
    picked_up = (
        (attempts.c.state == AttemptState.ANSWERED)
        | attempts.c.heard_s.is_not(None)
        | attempts.c.heard_whole_at.is_not(None)
    )
    by_machine = func.coalesce(attempts.c.picked_up_by, PickedUp.HUMAN) != PickedUp.HUMAN
    return case(
        (attempts.c.channel == Channel.VOICE, picked_up & ~by_machine),
        else_=attempts.c.state != AttemptState.FAILED,
    )


def _is_named_by(attempt_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether an attempt names a call-out beside its own."""
    beside = attempt_call_outs.c
    named = select(beside.call_out_id).where(
        beside.attempt_id == attempt_id, beside.call_out_id == call_outs.c.id
    )
    return named.correlate(attempts, call_outs).exists()


def _references_told() -> ColumnElement[list[str]]:
    """The references that the messages of a call-out gave: later versions of the warning keep them good."""
    told = issued_warnings.alias("told")
    return (
        select(func.array_agg(told.c.reference.distinct()))
        .where(
            told.c.id.in_(
                union_all(
                    select(attempts.c.warning_id)
                    .where(attempts.c.call_out_id == call_outs.c.id)
                    .correlate(call_outs),
                    select(attempt_call_outs.c.warning_id)
                    .where(attempt_call_outs.c.call_out_id == call_outs.c.id)
                    .correlate(call_outs),
                )
            )
        )
        .correlate(call_outs)
        .scalar_subquery()
    )


def _was_told_milder(number: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a version before this warning was milder, and something of it reached the number."""
    before = issued_warnings.alias()
    rank = {colour.value: colour.rank for colour in Colour}

    def rank_of(warning: FromClause) -> ColumnElement[int]:
        return case(rank, value=warning.c.colour, else_=Colour.YELLOW.rank)

    return exists().where(
        (before.c.id == issued_warnings.c.replaces_id)
        | ((before.c.reason == "replaced") & (before.c.hazard == issued_warnings.c.hazard)),
        before.c.exercise == issued_warnings.c.exercise,
        rank_of(before) < rank_of(issued_warnings),
        attempts.c.warning_id == before.c.id,
        attempts.c.number == number,
        attempts.c.accepted_at.is_not(None),
    )


_CANDIDATES = _candidates_of_numbers()


async def candidates_of(tx: Tx, numbers: Collection[str], now: datetime) -> dict[str, list[Candidate]]:
    """Every call-out of the last 30 days that somebody with each of these numbers may mean."""
    if not numbers:
        return {}
    rows = await tx.execute(_CANDIDATES, {"numbers": list(numbers), "since": now - REFERENCE_LIFE})
    found: dict[str, list[Candidate]] = {}
    for row in rows:
        number, row_id, warning_id, reference, exercise, is_open, moments, raised, over, told, *ours = row
        found.setdefault(number, []).append(
            Candidate(
                row_id,
                warning_id,
                reference,
                exercise,
                is_open,
                tuple(moments or ()),
                raised,
                over,
                frozenset(told or ()),
                *ours,
            )
        )
    return found


_CHECKS: Select[*tuple[Any, ...]] = (
    select(
        attempts.c.number,
        attempts.c.id,
        attempts.c.accepted_at,
        (attempts.c.state == AttemptState.ANSWERED).label("answered"),
    )
    .ext(distinct_on(attempts.c.number))
    .where(
        is_one_of_given(attempts.c.number, "numbers"),
        attempts.c.accepted_at > bindparam("since", type_=Moment),
        attempts.c.purpose == "check",
    )
    .order_by(attempts.c.number, attempts.c.accepted_at.desc())
)


async def checks_of(tx: Tx, numbers: Collection[str], now: datetime) -> dict[str, CheckAsked]:
    """The last check of each of these numbers that may still be answered."""
    if not numbers:
        return {}
    rows = await tx.execute(_CHECKS, {"numbers": list(numbers), "since": now - ANSWERED_WITHIN})
    return {row.number: CheckAsked(row.id, row.accepted_at, row.answered) for row in rows}


async def explained_since(tx: Tx, numbers: Collection[str], moment: datetime) -> set[str]:
    """Those of these numbers that were told after a moment what to send."""
    if not numbers:
        return set()
    rows = await tx.execute(
        select(attempts.c.number)
        .distinct()
        .where(
            is_one_of(attempts.c.number, numbers),
            attempts.c.purpose == "reply",
            attempts.c.warning_id.is_(None),
            attempts.c.due_at > moment,
        )
    )
    return {row.number for row in rows}


async def replies_since(tx: Tx, numbers: Collection[str], moment: datetime) -> dict[str, int]:
    """How many texts each of these numbers drew from us after a moment by what it sent."""
    if not numbers:
        return {}
    rows = await tx.execute(
        select(attempts.c.number, func.count())
        .where(
            is_one_of(attempts.c.number, numbers), attempts.c.purpose == "reply", attempts.c.due_at > moment
        )
        .group_by(attempts.c.number)
    )
    return {row[0]: row[1] for row in rows}


async def note_opt_outs(tx: Tx, numbers: Collection[str], now: datetime) -> None:
    """Note who wants no more texts: shown to the desk, never a reason to drop somebody."""
    if numbers:
        await tx.execute(
            update(contact_numbers)
            .where(is_one_of(contact_numbers.c.number, sorted(numbers)))
            .values(opted_out_at=now)
        )
