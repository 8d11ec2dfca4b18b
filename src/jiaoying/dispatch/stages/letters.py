"""Letters: units are called about a risk reminder letter; receipts are written down, the silent told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from uuid import UUID

from jiaoying.dispatch.duty_calls import BELLS, DeskAsked, DeskOutcome, end_call, outcomes_of
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.letter_calls import ACTOR, ask_desk, ask_post, call_units, tell_withdrawn
from jiaoying.dispatch.raising import clear_alarms_of_kind, raise_alarm
from jiaoying.dispatch.stages.isolation import run_isolated
from jiaoying.dispatch.stages.row_by_row import row_by_row
from jiaoying.dispatch.states import ResponsibilityState
from jiaoying.dispatch.store.holds import home_desk
from jiaoying.dispatch.store.letters import people_of_posts
from jiaoying.duty.actions import Doer
from jiaoying.duty.letters import store
from jiaoying.duty.letters.actions import letter_entry
from jiaoying.duty.letters.model import KEPT_OPEN_DAYS, MOST_UNITS, Letter, LetterState, Unit, UnitState
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import letter_units
from jiaoying.templates.store import wordings_in_force
from jiaoying.warnings.store import lock_intake

# Confirmations are looked for as often as this; a page that shows them asks no oftener.
LOOK_EVERY = timedelta(seconds=5)


@dataclass(slots=True)
class LetterStage:
    """Calls the units of sent letters, and writes down what comes of it."""

    name: str = "letters"
    rings: tuple[str, ...] = BELLS
    _next_look: datetime | None = None

    async def run_once(self, engine: Engine, now: datetime) -> int:
        """Returns with how many units something changed."""
        moved = await run_isolated(engine, now, letter_units, MOST_UNITS, _take_steps)
        if self._next_look is None or now >= self._next_look:
            self._next_look = now + LOOK_EVERY
            moved += await _look_at_receipts(engine, now)
        return moved


async def _take_steps(engine: Engine, now: datetime, limit: int, only: UUID | None) -> int:
    """Units that are to be called, or hear that a letter counts no more; others are looked at again later."""
    async with engine.database.transaction() as tx:
        if not await store.is_anything_due(tx, now):
            return 0
        # A call takes a short reference as every warning does: that lock comes before all rows.
        await lock_intake(tx)
        due = await store.claim_due(tx, now, limit, only)
        for letter, units in await _by_letter(tx, due):
            if letter.state is LetterState.WITHDRAWN:
                await _withdraw(tx, engine, letter, units, now)
                continue
            await _call(tx, engine, letter, [unit for unit in units if unit.call_id is None], now)
            await store.store_units(tx, [_later(unit, now) for unit in units if unit.call_id is not None])
        return len(due)


async def _look_at_receipts(engine: Engine, now: datetime) -> int:
    async with engine.database.transaction() as tx:
        letters = dict.fromkeys(unit.letter_id for unit in await store.called_units(tx))
    return await row_by_row(engine, now, letters, partial(_look_at_letter, engine, now))


async def _look_at_letter(engine: Engine, now: datetime, letter_id: UUID) -> bool:
    async with engine.database.transaction() as tx:
        found = await _by_letter(tx, await store.called_units(tx, letter_id))
        sent = [one for one in found if one[0].state is LetterState.SENT]
        return any([await _look(tx, engine, letter, units, now) for letter, units in sent])


async def _by_letter(tx: Tx, units: Sequence[Unit]) -> list[tuple[Letter, list[Unit]]]:
    grouped = {row_id: list(own) for row_id, own in groupby(units, key=lambda unit: unit.letter_id)}
    letters = [await store.letter_by_id(tx, row_id) for row_id in grouped]
    return [(letter, grouped[letter.id]) for letter in letters if letter is not None]


async def _call(tx: Tx, engine: Engine, letter: Letter, units: Sequence[Unit], now: datetime) -> None:
    """All desks by one duty call; each post by one of its own, since a desk answers once in each."""
    minutes = letter.draft.confirm_minutes
    desks = [unit for unit in units if unit.desk_id is not None]
    if desks:
        asked = [ask_desk(unit, unit.desk_id, minutes) for unit in desks if unit.desk_id is not None]
        call_id = await call_units(tx, engine, letter, asked, now)
        await store.store_units(tx, [_called(unit, call_id, letter, now) for unit in desks])
    posts = [unit for unit in units if unit.post_id is not None]
    if not posts:
        return
    home = await home_desk(tx, engine.home_area)
    people = await people_of_posts(tx, [unit.post_id for unit in posts if unit.post_id is not None])
    for unit in posts:
        named = people.get(unit.post_id, ()) if unit.post_id else ()
        if home is None or not named:
            await _tell_silent(tx, engine, letter, [replace(unit, next_at=None)], now)
            continue
        asked_post: DeskAsked = ask_post(unit, home.id, named, minutes)
        call_id = await call_units(tx, engine, letter, [asked_post], now)
        await store.store_units(tx, [_called(unit, call_id, letter, now)])


def _called(unit: Unit, call_id: UUID, letter: Letter, now: datetime) -> Unit:
    return replace(unit, call_id=call_id, next_at=now + timedelta(minutes=letter.draft.confirm_minutes))


async def _look(tx: Tx, engine: Engine, letter: Letter, units: Sequence[Unit], now: datetime) -> int:
    outcomes = await outcomes_of(tx, {unit.call_id for unit in units if unit.call_id})
    by_unit = {unit.id: _outcome_of(unit, outcomes) for unit in units}
    confirmed = [
        _confirmed(unit, outcome)
        for unit in units
        if (outcome := by_unit[unit.id]) and outcome.answered_at and not outcome.declined
    ]
    taken = {unit.id for unit in confirmed}
    silent = [
        unit
        for unit in units
        if unit.id not in taken
        and unit.state is UnitState.ASKED
        and (outcome := by_unit[unit.id])
        and outcome.state is ResponsibilityState.UNCOVERED
    ]
    if confirmed:
        await store.store_units(tx, confirmed)
        await append_entries(
            tx, [_unit_entry("letter.confirmed", letter, unit, engine, now) for unit in confirmed]
        )
    if silent:
        until = (letter.sent_at or now) + timedelta(days=KEPT_OPEN_DAYS)
        await _tell_silent(tx, engine, letter, [replace(unit, next_at=until) for unit in silent], now)
    if confirmed:
        await _tell_anew(tx, letter, now)
    return len(confirmed) + len(silent)


def _later(unit: Unit, now: datetime) -> Unit:
    """One that still rings is looked at again soon; one that was silent for days is waited for no more."""
    return replace(unit, next_at=None if unit.state is UnitState.SILENT else now + timedelta(minutes=5))


def _outcome_of(unit: Unit, outcomes: Sequence[DeskOutcome]) -> DeskOutcome | None:
    return next(
        (
            one
            for one in outcomes
            if one.call_id == unit.call_id and (unit.desk_id is None or one.desk_id == unit.desk_id)
        ),
        None,
    )


def _confirmed(unit: Unit, outcome: DeskOutcome) -> Unit:
    return replace(
        unit,
        state=UnitState.CONFIRMED,
        next_at=None,
        confirmed_at=outcome.answered_at,
        confirmed_by=outcome.answered_by,
        confirmed_how=outcome.answered_how,
    )


async def _tell_silent(tx: Tx, engine: Engine, letter: Letter, units: Sequence[Unit], now: datetime) -> None:
    """Units where nobody confirmed, by name before the officer."""
    silent = [replace(unit, state=UnitState.SILENT) for unit in units]
    await store.store_units(tx, silent)
    await append_entries(tx, [_unit_entry("letter.silent", letter, unit, engine, now) for unit in silent])
    await _tell_anew(tx, letter, now)


async def _tell_anew(tx: Tx, letter: Letter, now: datetime) -> None:
    """One alarm a letter, with the names of those who are silent now."""
    kind = f"letter_silent:{letter.id}"
    await clear_alarms_of_kind(tx, kind, by=ACTOR, now=now)
    units = (await store.units_of(tx, [letter.id]))[letter.id]
    names = [unit.label for unit in units if unit.state is UnitState.SILENT]
    if names:
        sentence = say(
            "{reference} “{title}” is not confirmed by: {names}. Ring them and have it confirmed",
            reference=letter.reference,
            title=letter.draft.title,
            names=say(", ").join(names),
        )
        await raise_alarm(tx, f"letter_silent:{letter.id}", sentence, now, warning_id=letter.warning_id)


async def _withdraw(tx: Tx, engine: Engine, letter: Letter, units: Sequence[Unit], now: datetime) -> None:
    """Nobody is called about it any more; whoever was reached is told that it counts no more."""
    calls: Mapping[UUID, None] = dict.fromkeys(unit.call_id for unit in units if unit.call_id)
    async with wordings_in_force(tx):
        for call_id in calls:
            await end_call(tx, call_id, actor=ACTOR, reason="letter_withdrawn", now=now)
            await tell_withdrawn(tx, engine, letter, call_id, now)
    is_open = (UnitState.ASKED, UnitState.SILENT)
    await store.store_units(
        tx,
        [
            replace(unit, next_at=None, state=UnitState.WITHDRAWN if unit.state in is_open else unit.state)
            for unit in units
        ],
    )
    await clear_alarms_of_kind(tx, f"letter_silent:{letter.id}", by=ACTOR, now=now)


def _unit_entry(event: str, letter: Letter, unit: Unit, engine: Engine, now: datetime) -> Entry:
    entry = letter_entry(event, letter, Doer(ACTOR, "", now, engine.timezone))
    facts = {"unit": str(unit.id), "how": unit.confirmed_how}
    told = {**(entry.particulars or {}), "unit": unit.label}
    return replace(entry, contact_id=unit.confirmed_by, facts={**entry.facts, **facts}, particulars=told)
