"""Responses and warnings: what a warning opens, what its versions raise and lower, and how it all ends.

A county has one response of a plan at a time. Its first warning opens it, a further one raises it, and when
the warning that it goes by is over it goes by another that still runs, or ends.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from jiaoying.dispatch.covering import CoveredArea, OutsideHome
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.finding import area_of
from jiaoying.dispatch.raising import clear_alarms_of_kind, raise_alarm
from jiaoying.dispatch.response import store
from jiaoying.dispatch.response.addressing import wanted_tasks
from jiaoying.dispatch.response.book import plans_in_force
from jiaoying.dispatch.response.deciding import LOOK_S, Ask, Begin, Keep, level_asked, tasks_changed
from jiaoying.dispatch.response.ground import territory
from jiaoying.dispatch.response.model import Plan, ResponseLevel, ResponseState
from jiaoying.dispatch.response.ordering import NewTask, lift_tasks, order_tasks
from jiaoying.dispatch.response.store import ResponseRow
from jiaoying.dispatch.response.words import level_name
from jiaoying.dispatch.states import WarningState
from jiaoying.dispatch.store import warnings
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import alarms

ACTOR = "respond"
ALARM = "response_asked"
GOES_ON = "response_goes_on"
BY_WARNING = "by_warning"


async def respond_to(
    tx: Tx,
    engine: Engine,
    warning: WarningRow,
    area: CoveredArea,
    *,
    replaced: Collection[UUID],
    beside: bool,
    now: datetime,
) -> None:
    """Open, raise or lower the response that a warning asks for, in the transaction that matches it.

    `replaced` are the warnings whose place it takes; `beside`: its message holds others, for other places, so
    that nothing is lowered or lifted for what it does not name.
    """
    book, version = await plans_in_force(tx)
    plan = book.plan_for(warning.hazard)
    if plan is None:
        return
    standing = await store.lock_going_on(tx, plan.name, exercise=warning.exercise)
    follows = standing is not None and standing.warning_id in replaced
    if standing is not None and follows:
        await store.change_response(tx, standing.id, now, warning_id=warning.id)
        standing = replace(standing, warning_id=warning.id)
    lowers = follows and not beside
    level = standing.level if standing else None
    change = level_asked(plan, warning.colour, level, lowers=lowers, now=now)
    response = standing
    if response is None and not isinstance(change, Keep):
        response = await _propose(tx, plan, version, warning, change, now)
    if response is None:
        return
    if isinstance(change, Ask):
        await _ask(tx, response, warning, change, now)
        # What is in force goes on meanwhile, also where the warning has grown.
        change = Keep()
    in_force = change.level if isinstance(change, Begin) else level
    if in_force is None:
        return
    if isinstance(change, Begin):
        response = await set_level(tx, response, warning, in_force, by=ACTOR, reason=BY_WARNING, now=now)
    together = not replaced
    await bring_tasks(
        tx, engine, response, plan, warning, area, by=ACTOR, lowers=lowers, together=together, now=now
    )


async def _propose(
    tx: Tx, plan: Plan, version: int | None, warning: WarningRow, change: Begin | Ask, now: datetime
) -> ResponseRow:
    response = ResponseRow(
        id=new_id(now),
        warning_id=warning.id,
        by_hand=False,
        plan=plan.name,
        area_names=warning.area_names,
        exercise=warning.exercise,
        state=ResponseState.PROPOSED,
        level=None,
        asked_level=change.level,
        next_at=change.until if isinstance(change, Ask) else now,
    )
    await insert_proposed(tx, response, version, BY_WARNING, now)
    return response


async def insert_proposed(
    tx: Tx, response: ResponseRow, version: int | None, reason: str, now: datetime
) -> None:
    """Write a response that nothing was ordered under yet."""
    await store.insert_response(
        tx,
        {
            "id": response.id,
            "warning_id": response.warning_id,
            "by_hand": response.by_hand,
            "plan": response.plan,
            "plan_version": version,
            "area_names": response.area_names,
            "exercise": response.exercise,
            "state": response.state,
            "level": response.level,
            "asked_level": response.asked_level,
            "reason": reason,
            "proposed_at": now,
            "changed_at": now,
            "next_at": response.next_at,
        },
    )


async def _ask(tx: Tx, response: ResponseRow, warning: WarningRow, ask: Ask, now: datetime) -> None:
    """Put a level before the officer, once: a later version that asks the same does not begin anew."""
    if response.state is ResponseState.RUNNING and response.asked_level is ask.level:
        return
    await store.change_response(tx, response.id, now, asked_level=ask.level, next_at=ask.until)
    facts = {"response": str(response.id), "level": ask.level, "until": ask.until.isoformat()}
    await append_entries(tx, [Entry(now, "response.asked", ACTOR, warning.id, facts=facts)])
    await raise_alarm(
        tx,
        _asking(response),
        say(
            "“{headline}” asks for {plan}, {level}: start it or refuse it; it starts by itself in {minutes}"
            " minutes",
            headline=warning.headline,
            plan=response.plan,
            level=level_name(ask.level),
            minutes=round((ask.until - now).total_seconds() / 60),
        ),
        now,
        warning_id=warning.id,
    )


def _asking(response: ResponseRow) -> str:
    """The kind of the alarm that asks about this response; it goes when that is decided."""
    return f"{ALARM}:{response.id}"


async def set_level(
    tx: Tx,
    response: ResponseRow,
    warning: WarningRow,
    level: ResponseLevel,
    *,
    by: str,
    reason: str,
    now: datetime,
) -> ResponseRow:
    """Put a level in force; the tasks are brought into line by `bring_tasks`."""
    event = "response.opened" if response.level is None else "response.raised"
    if response.level is not None and level.rank < response.level.rank:
        event = "response.lowered"
    opened = {"opened_at": now, "opened_by": by} if response.level is None else {}
    next_at = now + timedelta(seconds=LOOK_S)
    await store.change_response(
        tx,
        response.id,
        now,
        state=ResponseState.RUNNING,
        level=level,
        asked_level=None,
        reason=reason,
        next_at=next_at,
        **opened,
    )
    await clear_alarms_of_kind(tx, _asking(response), by=by, now=now)
    facts = {"response": str(response.id), "level": level, "before": response.level}
    await append_entries(
        tx,
        [
            Entry(
                now, event, by, warning.id, facts=facts, particulars={"plan": response.plan, "reason": reason}
            )
        ],
    )
    return replace(response, state=ResponseState.RUNNING, level=level, asked_level=None, next_at=next_at)


async def bring_tasks(
    tx: Tx,
    engine: Engine,
    response: ResponseRow,
    plan: Plan,
    warning: WarningRow,
    area: CoveredArea,
    *,
    by: str,
    lowers: bool,
    now: datetime,
    together: bool = False,
) -> None:
    """Order what the level asks for and was not ordered; with `lowers`, lift what it does not ask for.

    What is ordered already goes on as it stands, and calls nobody.
    """
    if response.level is None:
        return
    orders = plan.tasks_at(response.level)
    there = await territory(tx, area, orders, now.astimezone(engine.timezone).date())
    standing = await store.standing_tasks(tx, response.id)
    changes = tasks_changed(standing, wanted_tasks(orders, there), lowers=lowers)
    # Lifted first: who has an order less and another more hears of both.
    await lift_tasks(tx, engine, warning, changes.lifted, by=by, reason="not_asked", now=now)
    new = [NewTask(wanted) for wanted in changes.ordered]
    await order_tasks(tx, response, warning, new, by=by, now=now, together=together)


async def warned_area(tx: Tx, engine: Engine, warning: WarningRow) -> CoveredArea | None:
    """Where a warning holds, with the townships that the officer let go; None outside the home area."""
    area = await area_of(tx, engine.home_map, warning.area_codes, warning.polygons, warning.circles)
    return None if isinstance(area, OutsideHome) else area.released(warning.released_areas)


# --- the end -------------------------------------------------------------------------------------


async def follow_withdrawn(tx: Tx, engine: Engine, warning: WarningRow, now: datetime) -> None:
    """A warning was withdrawn: its responses go by another one that runs, or end as their plans say.

    Called before the stand-down is told, so that whose orders are lifted hears of both in one text.
    """
    for response in await store.lock_under(tx, warning.id):
        await _lose_warning(tx, engine, response, warning, now)


async def follow_over(
    tx: Tx, engine: Engine, response: ResponseRow, warning: WarningRow, now: datetime
) -> bool:
    """Whether its warning is over: then it goes by another, ends, or the officer is asked to end it.

    A warning that was withdrawn otherwise than by a cancel, or whose time ran out, is noticed here.
    """
    if warning.state is WarningState.WITHDRAWN:
        await _lose_warning(tx, engine, response, warning, now)
        return True
    if warning.valid_to > now:
        return False
    await _ask_to_end(tx, response, warning, now)
    return True


async def _lose_warning(
    tx: Tx, engine: Engine, response: ResponseRow, warning: WarningRow, now: datetime
) -> None:
    book, _ = await plans_in_force(tx)
    plan = book.plan_named(response.plan)
    hazards = plan.hazards if plan else frozenset({warning.hazard})
    other_id = await store.another_running(tx, warning.id, hazards, exercise=response.exercise, now=now)
    if other_id and plan:
        other = (await warnings.warnings_by_id(tx, [other_id]))[other_id]
        await _go_by(tx, engine, response, plan, other, now)
    elif response.level is None or plan is None or plan.ends_with_warning:
        await end_response(tx, engine, response, warning, by=ACTOR, reason="warning_over", now=now)
    else:
        await _ask_to_end(tx, response, warning, now)


async def _go_by(
    tx: Tx, engine: Engine, response: ResponseRow, plan: Plan, other: WarningRow, now: datetime
) -> None:
    """The level and the tasks are those of the other warning from now on."""
    await store.change_response(tx, response.id, now, warning_id=other.id, area_names=other.area_names)
    response = replace(response, warning_id=other.id)
    rule = plan.colours.get(other.colour) if other.colour else None
    area = await warned_area(tx, engine, other)
    if response.level is None or rule is None or area is None:
        return
    if rule.level is not response.level:
        response = await set_level(tx, response, other, rule.level, by=ACTOR, reason=BY_WARNING, now=now)
    await bring_tasks(tx, engine, response, plan, other, area, by=ACTOR, lowers=True, now=now)


async def _ask_to_end(tx: Tx, response: ResponseRow, warning: WarningRow, now: datetime) -> None:
    kind = f"{GOES_ON}:{response.id}"
    if await tx.scalar(select(alarms.c.id).where(alarms.c.kind == kind).limit(1)):
        return
    await raise_alarm(
        tx,
        kind,
        say(
            "“{headline}” is over, and {plan} goes on: end it, or lift what may be lifted",
            headline=warning.headline,
            plan=response.plan,
        ),
        now,
        warning_id=warning.id,
    )


async def end_response(
    tx: Tx,
    engine: Engine,
    response: ResponseRow,
    warning: WarningRow,
    *,
    by: str,
    reason: str,
    now: datetime,
) -> int:
    """End a response: every order is lifted, and those who were told of one are told that too.

    Returns how many tasks were lifted.
    """
    standing = await store.standing_tasks(tx, response.id)
    over = warning.state is WarningState.WITHDRAWN
    lifted = await lift_tasks(
        tx,
        engine,
        warning,
        [task.id for task in standing],
        by=by,
        reason=reason,
        now=now,
        warning_over=over,
    )
    await store.change_response(
        tx,
        response.id,
        now,
        state=ResponseState.ENDED,
        asked_level=None,
        reason=reason,
        ended_at=now,
        ended_by=by,
        next_at=None,
    )
    for kind in (_asking(response), f"{GOES_ON}:{response.id}"):
        await clear_alarms_of_kind(tx, kind, by=by, now=now)
    facts = {"response": str(response.id), "level": response.level, "lifted": lifted}
    await append_entries(
        tx, [Entry(now, "response.ended", by, warning.id, facts=facts, particulars={"reason": reason})]
    )
    return lifted
