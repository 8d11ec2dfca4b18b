"""Reports taken, and the clocks that they stop; in the transaction of the answer that brought them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiaoying.dispatch.feedback_clocks import (
    OF_THE_PLACE,
    ClockEvent,
    ClockState,
    Duty,
    booked_on,
    clocks_after_answer,
    meets,
)
from jiaoying.dispatch.reports import Reported
from jiaoying.dispatch.states import AttemptEvent
from jiaoying.dispatch.store import attempts
from jiaoying.dispatch.store import feedback as store
from jiaoying.dispatch.store.feedback import Clock
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Told:
    """What one answer reports, for which call-outs (with their warnings), and who answered by it just now."""

    call_outs: Mapping[UUID, UUID]  # call-out → warning
    answered: Collection[UUID]
    reports: tuple[Reported, ...]
    said: str | None
    at: datetime
    inbox_item_id: UUID | None = None
    by_user: str | None = None  # the officer who corrects
    place: str | None = None  # whose figures are corrected; None: the place of who reports


async def take_reports(tx: Tx, told: Sequence[Told], now: datetime) -> list[str | None]:
    """Write down what was reported, start the clocks of who answered, stop those that the reports meet.

    The call-outs are locked, and their attempts. Returns for each the place whose figures they are.
    """
    ids = {row_id for one in told if one.reports or one.answered for row_id in one.call_outs}
    if not ids:
        return [None for _ in told]
    duties = await store.duties_of(tx, ids)
    places = [_place_of(one, duties) if one.reports else None for one in told]
    rows = [row for one, place in zip(told, places, strict=True) for row in _feedback_rows(one, place, now)]
    await store.write_feedback(tx, rows)
    await store.start_clocks(tx, [row for one in told for row in _clock_rows(one, duties, now)])
    await _stop_clocks(tx, [one for one in told if one.reports], now)
    return places


def _place_of(told: Told, duties: Mapping[UUID, Sequence[Duty]]) -> str | None:
    """One place for all call-outs of an answer: on each by itself the figures would count several times."""
    if told.place is not None:
        return told.place
    return booked_on([duty for row_id in told.call_outs for duty in duties.get(row_id, ())])


def _feedback_rows(told: Told, place: str | None, now: datetime) -> Iterable[dict[str, object]]:
    for report in told.reports:
        for row_id, warning_id in told.call_outs.items():
            yield {
                "id": new_id(now),
                "warning_id": warning_id,
                "call_out_id": row_id,
                "stage": report.stage,
                "households": report.households,
                "people": report.people,
                "area_code": place,
                "said": told.said,
                "at": told.at,
                "inbox_item_id": told.inbox_item_id,
                "by_user": told.by_user,
            }


def _clock_rows(
    told: Told, duties: Mapping[UUID, Sequence[Duty]], now: datetime
) -> Iterable[dict[str, object]]:
    for row_id in told.answered:
        for stage, due_at in clocks_after_answer(duties.get(row_id, ()), told.at).items():
            yield {
                "id": new_id(now),
                "call_out_id": row_id,
                "stage": stage,
                "state": ClockState.RUNNING,
                "due_at": due_at,
                "next_at": due_at,
            }


async def _stop_clocks(tx: Tx, told: Sequence[Told], now: datetime) -> None:
    ids = {row_id for one in told for row_id in one.call_outs}
    if not ids:
        return
    # Listen before asking: what has not left yet is not sent any more.
    asks = await store.lock_asks(tx, ids)
    await attempts.move_attempts(tx, asks, AttemptEvent.WITHDRAW, now)
    beside = await store.beside(tx, ids)
    clocks = await store.lock_open_clocks(tx, {row_id for near in beside.values() for row_id in near})
    met = [clock for clock in clocks if any(_is_met(clock, one, beside) for one in told)]
    await store.move_clocks(tx, met, ClockEvent.REPORT, now)
    missed = [clock for clock in met if clock.state is ClockState.MISSED]
    warnings = {row_id: warning_id for one in told for row_id, warning_id in one.call_outs.items()}
    await append_entries(
        tx,
        [
            Entry(
                now,
                "feedback.came_late",
                "settle",
                warnings.get(clock.call_out_id),
                call_out_id=clock.call_out_id,
                facts={"stage": clock.stage},
            )
            for clock in missed
        ],
    )


def _is_met(clock: Clock, told: Told, beside: Mapping[UUID, Collection[UUID]]) -> bool:
    """A report meets the clocks of who gives it; of the place, those of all who answer for it."""
    return any(
        meets(report, clock.stage)
        and (
            (clock.call_out_id in told.call_outs and told.place is None)
            or (
                clock.stage in OF_THE_PLACE
                and report.stage in OF_THE_PLACE
                and any(clock.call_out_id in beside[row_id] for row_id in told.call_outs)
            )
        )
        for report in told.reports
    )


async def end_clocks(tx: Tx, warning_id: UUID, now: datetime) -> None:
    """Nobody need report under a warning that was withdrawn; what has not left yet is not asked."""
    asks = await store.lock_asks_under(tx, warning_id)
    await attempts.move_attempts(tx, asks, AttemptEvent.WITHDRAW, now)
    clocks = await store.clocks_under(tx, warning_id)
    await store.move_clocks(tx, clocks, ClockEvent.END, now)
