"""Correction (更正): what was told wrongly is put right with exactly those who were told, in the same order.

By text, and for grave warnings by one call as well. It asks for no answer: whoever has not answered the
warning is asked on, in its own words. Whoever takes no texts is named to the officer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.steering.scope import Scope, lock_begun
from jiaoying.dispatch.store import attempts, corrections, handing_over, roster, warnings
from jiaoying.dispatch.store.attempts import NewAttempt
from jiaoying.dispatch.store.corrections import Correction
from jiaoying.dispatch.store.roster import Callee
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.dispatch.texting import MOST_NAMED, call_facts, first_mobile, gateway_for, notice
from jiaoying.gateways.base import Channel
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.templates.render import word_correction

ACTOR = "correction"
# What a text of three parts says whole, beside who writes and which warning it is about.
LONGEST_TEXT = 80
_GRAVE = (Colour.ORANGE, Colour.RED)


class WrongFact(StrEnum):
    """What was wrong."""

    PLACE = "place"
    TIME = "time"
    COLOUR = "colour"
    ACTION = "action"
    OTHER = "other"


async def correct(
    tx: Tx, correction_id: UUID, warning_id: UUID, *, fact: str, text: str, by: str, now: datetime
) -> bool:
    """Write a correction down; the stage `close` plans it. False where this very one was written before."""
    told = " ".join(text.split()).rstrip("。.；;")
    if fact not in set(WrongFact):
        raise Refusal(say("Choose what was wrong"))
    if not told:
        raise Refusal(say("Write what is right, as people are to read and hear it"))
    if len(told) > LONGEST_TEXT:
        raise Refusal(say("The correction is too long: at most {count} characters", count=LONGEST_TEXT))
    warning = await lock_begun(tx, Scope(warning_id))
    if not await reached_people(tx, warning_id):
        raise Refusal(say("Nobody was reached yet: there is nobody to be corrected"))
    new = Correction(correction_id, warning_id, fact, told, is_by_call(warning.colour), now, by)
    if not await corrections.add(tx, new):
        return False
    facts = {"correction": str(correction_id), "fact": fact, "by_call": new.by_call}
    await append_entries(
        tx, [Entry(now, "warning.corrected", by, warning_id, facts=facts, particulars={"text": told})]
    )
    return True


def is_by_call(colour: Colour | None) -> bool:
    """Whether a warning of this colour is corrected by call as well as by text."""
    return colour in _GRAVE


async def reached_people(tx: Tx, warning_id: UUID) -> tuple[UUID, ...]:
    """Exactly who was reached under any version of the warning, in the order in which they were reached."""
    chain = await warnings.chain_of(tx, [warning_id])
    return tuple(person.contact_id for person in await handing_over.places_reached(tx, chain))


async def plan_correction(tx: Tx, engine: Engine, now: datetime) -> int:
    """Plan the texts and calls of one correction that waits; returns of how many."""
    correction = await corrections.claim_due(tx, now)
    if correction is None:
        return 0
    warning = (await warnings.warnings_by_id(tx, [correction.warning_id]))[correction.warning_id]
    reached = await reached_people(tx, warning.id)
    people = await roster.callees(tx, reached)
    asked = await corrections.newest_call_outs(tx, await warnings.chain_of(tx, [warning.id]))
    planned = _attempts(engine, correction, warning, [people[row_id] for row_id in reached], asked, now)
    await attempts.plan_attempts(tx, planned)
    texted = {attempt.contact_id for attempt in planned if attempt.channel is Channel.SMS}
    without = [row_id for row_id in reached if row_id not in texted]
    facts = {
        "correction": str(correction.id),
        "texts": len(texted),
        "calls": len(planned) - len(texted),
        "without_number": [str(row_id) for row_id in without],
    }
    await append_entries(tx, [Entry(now, "correction.planned", ACTOR, warning.id, facts=facts)])
    if without:
        await _ask_to_tell_by_hand(tx, warning, correction, [people[row_id].name for row_id in without], now)
    return 1


def _attempts(
    engine: Engine,
    correction: Correction,
    warning: WarningRow,
    people: Sequence[Callee],
    asked: Mapping[UUID, UUID],
    now: datetime,
) -> list[NewAttempt]:
    planned: list[NewAttempt] = []
    for left, callee in enumerate(people, start=-len(people)):
        gateway = gateway_for(engine, warning, demonstration=callee.demonstration)
        for channel, number in _numbers(callee, correction).items():
            if gateway is None:
                continue
            facts = replace(call_facts(engine, warning, ()), correction=correction.text)
            wording = word_correction(facts, channel, callee.language, fact=correction.fact)
            attempt = notice(
                callee, channel, number, gateway, wording, warning, purpose="correction", now=now
            )
            # Lanes go by the moment: one microsecond apart, they keep the order given.
            due_at = now + timedelta(microseconds=left)
            planned.append(replace(attempt, due_at=due_at, call_out_id=asked.get(callee.id)))
    return planned


def _numbers(callee: Callee, correction: Correction) -> dict[Channel, str]:
    """On which number of theirs somebody is told by which channel."""
    mobile = first_mobile(callee)
    found = {Channel.SMS: mobile} if mobile else {}
    if correction.by_call and callee.numbers:
        found[Channel.VOICE] = callee.numbers[0][0]
    return found


async def _ask_to_tell_by_hand(
    tx: Tx, warning: WarningRow, correction: Correction, names: Collection[str], now: datetime
) -> None:
    await raise_alarm(
        tx,
        "tell_by_hand",
        say(
            "“{headline}” was corrected (“{text}”), and these people take no texts: tell them by telephone:"
            " {names}",
            headline=warning.headline,
            text=correction.text,
            names=say(", ").join(list(names)[:MOST_NAMED]),
        ),
        now,
        warning_id=warning.id,
    )
