"""Tasks ordered and lifted: the rows, the responsibilities that call people for them, and their words.

A task that is called for is a responsibility of its post or desk, beside their duty under the warning: so it
climbs and merges like every other, and one ring names the duty and the tasks.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.ladders.model import ANY, Ladder, Rung, Tier, Who
from jiaoying.dispatch.ladders.writing import ladder_to_data
from jiaoying.dispatch.matching import NewResponsibility, priority_of
from jiaoying.dispatch.opening import open_singly
from jiaoying.dispatch.response import called, store
from jiaoying.dispatch.response.deciding import WantedTask
from jiaoying.dispatch.response.states import TaskEvent, TaskState
from jiaoying.dispatch.response.store import ResponseRow
from jiaoying.dispatch.response.telling import tell_lifted
from jiaoying.dispatch.states import CallOutEvent, ResponsibilityState
from jiaoying.dispatch.stopping import stop_call_outs
from jiaoying.dispatch.store import call_outs, responsibilities, roster
from jiaoying.dispatch.store.call_outs import Asking, NewRole
from jiaoying.dispatch.store.responsibilities import BegunRung
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.gateways.base import Channel
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import frozen_ladders, posts

_BY_TEXT_AND_CALL = (Channel.SMS, Channel.VOICE)
# As the ready-made ladders under an orange warning: an order is to be heard within five minutes.
POST_LADDER = Ladder(
    ANY,
    300,
    (
        Rung((Who.HOLDER,), _BY_TEXT_AND_CALL, tries=3, gap_s=60, wait_s=180),
        Rung((Who.DEPUTY, Who.DESK), _BY_TEXT_AND_CALL, tries=2, gap_s=60, wait_s=180),
        Rung((Who.SUPERIOR,), _BY_TEXT_AND_CALL, tries=2, gap_s=60, wait_s=180),
    ),
)
DESK_LADDER = Ladder(
    ANY,
    300,
    (
        Rung((Who.DESK,), _BY_TEXT_AND_CALL, tries=3, gap_s=60, wait_s=180),
        Rung((Who.LEADER,), _BY_TEXT_AND_CALL, tries=2, gap_s=60, wait_s=180),
    ),
)
# Under which the two are frozen beside the ladders of a warning.
_FROZEN_AS = {"task_post": POST_LADDER, "task_desk": DESK_LADDER}


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be ordered, with its team where one is sent."""

    wanted: WantedTask
    team: Mapping[str, str] | None = None


async def order_tasks(
    tx: Tx,
    response: ResponseRow,
    warning: WarningRow,
    new: Sequence[NewTask],
    *,
    by: str,
    now: datetime,
    together: bool = False,
) -> list[UUID]:
    """Order these tasks, called under `warning`; returns their ids.

    `together`: whoever was opened under the warning in this very transaction is not told of it yet, and hears
    of both in one ring. Otherwise whoever answered already is asked again, for the tasks alone.
    """
    ids = [new_id(now) for _ in new]
    await store.insert_tasks(
        tx, [_row(task_id, response, item, by, now) for task_id, item in zip(ids, new, strict=True)]
    )
    version = max(await called.newest_version(tx, warning.id), 1)
    ladders = await _frozen(tx, warning.id, now)
    duties = [
        _duty(task_id, item.wanted, warning.id, ladders, version if together else version + 1, now)
        for task_id, item in zip(ids, new, strict=True)
        if item.wanted.place.post_id or item.wanted.place.desk_id
    ]
    opened = await open_singly(tx, duties, now)
    ordered = [
        _ordered(task_id, response, warning, item, by, now) for task_id, item in zip(ids, new, strict=True)
    ]
    await append_entries(tx, [*ordered, *opened])
    if together:
        await _begin(tx, warning, duties, now)
    return ids


def _row(task_id: UUID, response: ResponseRow, new: NewTask, by: str, now: datetime) -> dict[str, object]:
    wanted = new.wanted
    deadline = now + timedelta(seconds=wanted.within_s)
    has_addressee = wanted.place.post_id is not None or wanted.place.desk_id is not None
    return {
        "id": task_id,
        "response_id": response.id,
        "key": wanted.place.key,
        "kind": wanted.kind,
        "order_text": wanted.order,
        "unit": wanted.unit,
        "label": wanted.label,
        "area_code": wanted.place.area_code,
        "post_id": wanted.place.post_id,
        "desk_id": wanted.place.desk_id,
        "evidence": wanted.evidence,
        "team": new.team,
        "ordered_by": by,
        "ordered_at": now,
        "deadline_at": deadline,
        "state": TaskState.ORDERED,
        # Nobody is there to be ordered: the officer must know at once.
        "next_at": deadline if has_addressee else now,
    }


def _duty(
    task_id: UUID,
    wanted: WantedTask,
    warning_id: UUID,
    ladders: Mapping[str, UUID],
    version: int,
    now: datetime,
) -> NewResponsibility:
    is_desk = wanted.place.desk_id is not None
    ladder = DESK_LADDER if is_desk else POST_LADDER
    return NewResponsibility(
        id=new_id(now),
        warning_id=warning_id,
        post_id=wanted.place.post_id,
        desk_id=wanted.place.desk_id,
        area_code=wanted.place.area_code,
        label=f"{wanted.label} · {wanted.order}",
        ladder_id=ladders["task_desk" if is_desk else "task_post"],
        why={"by": "task", "task": str(task_id), "area": wanted.place.area_code},
        deadline_at=now + timedelta(seconds=ladder.deadline_s),
        version=version,
        task_id=task_id,
    )


async def _frozen(tx: Tx, warning_id: UUID, now: datetime) -> dict[str, UUID]:
    """The ladders of tasks as they are frozen under a warning; the first task freezes them."""
    kept = frozen_ladders.c
    rows = await tx.execute(
        select(kept.tier, kept.id).where(kept.warning_id == warning_id, kept.tier.in_(_FROZEN_AS))
    )
    found: dict[str, UUID] = {row.tier: row.id for row in rows}
    missing = {tier: new_id(now) for tier in _FROZEN_AS if tier not in found}
    await roster.freeze_ladders(
        tx, warning_id, [(row_id, tier, ladder_to_data(_FROZEN_AS[tier])) for tier, row_id in missing.items()]
    )
    return found | missing


def _ordered(
    task_id: UUID, response: ResponseRow, warning: WarningRow, new: NewTask, by: str, now: datetime
) -> Entry:
    wanted = new.wanted
    return Entry(
        now,
        "task.ordered",
        by,
        warning.id,
        facts={
            "task": str(task_id),
            "response": str(response.id),
            "kind": wanted.kind,
            "area": wanted.place.area_code,
            "within_s": wanted.within_s,
            "addressee": bool(wanted.place.post_id or wanted.place.desk_id),
        },
        particulars={
            "order": wanted.order,
            "to": wanted.label,
            **({"team": dict(new.team)} if new.team else {}),
        },
    )


# --- the first rung, in the transaction that opens the warning ------------------------------------


async def _begin(tx: Tx, warning: WarningRow, duties: Sequence[NewResponsibility], now: datetime) -> None:
    """Tie whoever holds the posts to the tasks before anybody can be rung: the escalation would come to it
    only after the transaction, and a first text that lacks the task may have left by then.

    Desks and posts that nobody holds are left to the escalation.
    """
    people = await _holders(tx, {duty.post_id for duty in duties if duty.post_id})
    begun = [(duty, *people[duty.post_id]) for duty in duties if duty.post_id in people]
    rung = POST_LADDER.rungs[0]
    askings = {
        contact_id: Asking(
            warning.id,
            contact_id,
            priority_of(tier, warning.colour, exercise=warning.exercise),
            rung.channels,
            rung.tries,
            rung.gap_s,
            duty.version,
        )
        for duty, contact_id, tier in begun
    }
    await call_outs.lock_of_people(tx, askings, [warning.id])
    opened = await call_outs.ask_people(tx, {new_id(now): asking for asking in askings.values()}, now)
    asked = {item.contact_id: item for item in opened}
    roles = [NewRole(asked[contact_id].id, duty.id, Who.HOLDER, 0) for duty, contact_id, _ in begun]
    await call_outs.tie_roles(tx, roles, now)
    until = now + timedelta(seconds=rung.wait_s)
    await responsibilities.begin_rungs(
        tx, [BegunRung(duty.id, 0, until, duty.deadline_at) for duty, _, _ in begun], now
    )
    await append_entries(
        tx,
        [
            *(
                Entry(
                    now,
                    "call_out.opened",
                    "match",
                    warning.id,
                    call_out_id=item.id,
                    contact_id=item.contact_id,
                )
                for item in opened
                if item.begins
            ),
            *(
                Entry(
                    now,
                    "responsibility.rung_began",
                    "match",
                    warning.id,
                    responsibility_id=duty.id,
                    facts={
                        "rung": 1,
                        "reason": "first_rung",
                        "asked": [{"role": Who.HOLDER, "call_out": str(asked[contact_id].id)}],
                    },
                )
                for duty, contact_id, _ in begun
            ),
        ],
    )


async def _holders(tx: Tx, post_ids: Collection[UUID]) -> dict[UUID | None, tuple[UUID, Tier]]:
    rows = await tx.execute(
        select(posts.c.id, posts.c.holder_id, posts.c.tier).where(
            is_one_of(posts.c.id, post_ids), posts.c.holder_id.is_not(None)
        )
    )
    return {row.id: (row.holder_id, Tier(row.tier)) for row in rows}


# --- lifting -------------------------------------------------------------------------------------


async def lift_tasks(
    tx: Tx,
    engine: Engine,
    warning: WarningRow,
    task_ids: Collection[UUID],
    *,
    by: str,
    reason: str,
    now: datetime,
    warning_over: bool = False,
) -> int:
    """Lift these tasks; exactly those who were told of them are told that too, each in one text.

    `warning_over`: the text says so as well, and takes the place of the stand-down. Returns how many were
    lifted.
    """
    if not task_ids:
        return 0
    duties = await called.lock_duties(tx, task_ids)
    told = await called.people_told(tx, task_ids)
    await responsibilities.end_responsibilities(tx, duties, ResponsibilityState.WITHDRAWN, "lifted", now)
    free = await call_outs.no_longer_needed(tx, duties)
    await stop_call_outs(tx, free, CallOutEvent.WITHDRAW, actor=by, reason="lifted", now=now)
    rows = {row.id: row for row in await store.lock_tasks(tx, task_ids)}
    lifted = set(await store.move_tasks(tx, list(rows), TaskEvent.LIFT, now, reason=reason))
    await append_entries(
        tx,
        [
            Entry(
                now,
                "task.lifted",
                by,
                warning.id,
                facts={"task": str(task_id), "before": rows[task_id].state},
                particulars={"reason": reason},
            )
            for task_id in sorted(lifted)
        ],
    )
    of_person = {
        contact_id: [rows[task_id] for task_id in ids if task_id in lifted]
        for contact_id, ids in told.items()
    }
    await tell_lifted(tx, engine, warning, of_person, warning_over=warning_over, now=now)
    return len(lifted)
