"""Texts and calls put into words, and attempts made of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.matching import EXERCISE_PRIORITY
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.response.words import ToldTask
from jiaoying.dispatch.store import attempts, roster
from jiaoying.dispatch.store.attempts import NewAttempt
from jiaoying.dispatch.store.roster import Callee
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.gateways.base import Channel, Gateway
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say, speaking
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.templates.facts import CallFacts
from jiaoying.templates.parts import count_parts
from jiaoying.templates.render import (
    Wording,
    word_call,
    word_lowered,
    word_reply,
    word_request,
    word_stand_down,
    word_task,
)

# Answers to people and stand-downs go before the next warning's calls, but after those of a red one.
REPLY_PRIORITY = 1
# A reply that is older than this helps nobody.
REPLY_LIFE_S = 900
STAND_DOWN_LIFE_S = 6 * 3600
# Of people named in one alarm.
MOST_NAMED = 50


def gateway_for(engine: Engine, *, demonstration: bool, exercise: bool) -> str | None:
    """The gateway to be used, or None where there is none that may.

    Made-up people and drills never reach a live carrier; a real person under a real warning is never
    left to the simulator while a live one is set up, in whatever order they are named.
    """
    return gateway_among(engine.gateways, demonstration=demonstration, exercise=exercise)


def gateway_among(gateways: Mapping[str, Gateway], *, demonstration: bool, exercise: bool) -> str | None:
    """As `gateway_for`, of these gateways."""
    live = [name for name, gateway in gateways.items() if gateway.live]
    simulated = [name for name, gateway in gateways.items() if not gateway.live]
    may = simulated if demonstration or exercise else live or simulated
    return may[0] if may else None


def call_facts(
    engine: Engine, warning: WarningRow, labels: Sequence[str], tasks: Sequence[str] = ()
) -> CallFacts:
    """What a wording may speak of, with times in local time."""
    return CallFacts(
        desk_name=engine.home_name,
        reference=warning.reference,
        colour=warning.colour,
        hazard=warning.hazard,
        event=warning.event,
        headline=warning.headline,
        area_name=warning.area_names,
        roles=tuple(labels),
        text=warning.text,
        instruction=warning.instruction,
        sender_name=warning.sender_name,
        valid_to=warning.valid_to.astimezone(engine.timezone),
        issued_at=warning.sent_at.astimezone(engine.timezone),
        exercise=warning.exercise,
        tasks=tuple(tasks),
    )


def word_attempt(
    engine: Engine,
    warning: WarningRow,
    labels: Sequence[str],
    channel: Channel,
    language: str,
    tasks: Sequence[ToldTask] = (),
) -> Wording:
    """The text of one call or text to somebody who answers for `labels` and is ordered to do `tasks`."""
    if warning.request_for_id is not None:
        return word_request(call_facts(engine, warning, labels), channel, language)
    with speaking(language):
        told = [task.words(engine.timezone, spoken=channel is Channel.VOICE) for task in tasks]
    if labels or not tasks:
        return word_call(call_facts(engine, warning, labels, told), channel, language)
    return word_task(call_facts(engine, warning, [task.label for task in tasks], told), channel, language)


def first_mobile(callee: Callee) -> str | None:
    """The number that takes a person's texts."""
    return next((number for number, kind in callee.numbers if kind == "mobile"), None)


async def text_people(
    tx: Tx, engine: Engine, warning: WarningRow, contact_ids: Sequence[UUID], *, purpose: str, now: datetime
) -> None:
    """Plan one text to each of these people, in the order given, that needs no answer.

    `purpose` is `stand_down`, or `lowered` for those whose warning is of a milder colour now.
    """
    people = await roster.callees(tx, contact_ids)
    word = word_lowered if purpose == "lowered" else word_stand_down
    planned: list[NewAttempt] = []
    unreached: list[UUID] = []
    for left, contact_id in enumerate(contact_ids, start=-len(contact_ids)):
        callee = people[contact_id]
        number = first_mobile(callee)
        gateway = gateway_for(engine, demonstration=callee.demonstration, exercise=warning.exercise)
        if number is None or gateway is None:
            unreached.append(contact_id)
            continue
        wording = word(call_facts(engine, warning, ()), Channel.SMS, callee.language)
        text = _text(callee, number, gateway, wording, warning, purpose, now)
        # Lanes go by the moment: one microsecond apart, the texts keep the order given.
        planned.append(replace(text, due_at=now + timedelta(microseconds=left)))
    await attempts.plan_attempts(tx, planned)
    facts = {"texts": len(planned), "without_number": [str(contact_id) for contact_id in unreached]}
    await append_entries(tx, [Entry(now, f"{purpose}.planned", "texting", warning.id, facts=facts)])
    if unreached and purpose == "stand_down":
        await _ask_to_tell_by_hand(tx, warning, [people[contact_id].name for contact_id in unreached], now)


async def _ask_to_tell_by_hand(tx: Tx, warning: WarningRow, names: Sequence[str], now: datetime) -> None:
    """Who takes no texts (a landline alone) was rung and must hear of the end from a person."""
    await raise_alarm(
        tx,
        "tell_by_hand",
        say(
            "“{headline}” is stood down, and these people take no texts: tell them by telephone: {names}",
            headline=warning.headline,
            names=say(", ").join(names[:MOST_NAMED]),
        ),
        now,
        warning_id=warning.id,
    )


def _text(
    callee: Callee,
    number: str,
    gateway: str,
    wording: Wording,
    warning: WarningRow,
    purpose: str,
    now: datetime,
) -> NewAttempt:
    return NewAttempt(
        id=new_id(now),
        warning_id=warning.id,
        call_out_id=None,
        contact_id=callee.id,
        purpose=purpose,
        channel=Channel.SMS,
        gateway=gateway,
        number=number,
        text=wording.text,
        language=callee.language,
        parts=wording.parts,
        demonstration=callee.demonstration,
        exercise=warning.exercise,
        priority=REPLY_PRIORITY + (EXERCISE_PRIORITY if warning.exercise else 0),
        round=0,
        due_at=now,
        expires_at=now + timedelta(seconds=STAND_DOWN_LIFE_S),
    )


def word_reply_to(
    engine: Engine,
    callee: Callee,
    number: str,
    kind: str,
    values: Mapping[str, object],
    now: datetime,
    *,
    exercise: bool = False,
    warning_id: UUID | None = None,
) -> NewAttempt | None:
    """One text that tells the sender of an answer what was understood; None where no gateway may send it."""
    gateway = gateway_for(engine, demonstration=callee.demonstration, exercise=exercise)
    if gateway is None:
        return None
    text = word_reply(kind, callee.language, desk_name=engine.home_name, **values)
    return NewAttempt(
        id=new_id(now),
        warning_id=warning_id,
        call_out_id=None,
        contact_id=callee.id,
        purpose="reply",
        channel=Channel.SMS,
        gateway=gateway,
        number=number,
        text=text,
        language=callee.language,
        parts=count_parts(text),
        demonstration=callee.demonstration,
        exercise=exercise,
        priority=REPLY_PRIORITY + (EXERCISE_PRIORITY if exercise else 0),
        round=0,
        due_at=now,
        expires_at=now + timedelta(seconds=REPLY_LIFE_S),
    )


def distinct(labels: Collection[str]) -> tuple[str, ...]:
    """Labels once each, in their order."""
    return tuple(dict.fromkeys(labels))
