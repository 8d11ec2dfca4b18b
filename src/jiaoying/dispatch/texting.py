"""Texts and calls put into words, and attempts made of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.budget import Need, Usage
from jiaoying.dispatch.doors import Errand
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.matching import EXERCISE_PRIORITY
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.response.words import ToldTask
from jiaoying.dispatch.store import attempts, roster
from jiaoying.dispatch.store.attempts import NewAttempt
from jiaoying.dispatch.store.roster import Callee
from jiaoying.dispatch.store.usage import borne_by
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
    tells_all,
    word_call,
    word_door,
    word_for,
    word_lowered,
    word_reply,
    word_stand_down,
    word_task,
)
from jiaoying.templates.store import wordings_in_force
from jiaoying.warnings.purpose import SHOWN

# Answers to people and stand-downs go before the next warning's calls, but after those of a red one.
REPLY_PRIORITY = 1
# In turn with those who are told for the first time, neither before nor behind them.
FIRST_ROUND = 1
# A reply that is older than this helps nobody.
REPLY_LIFE_S = 900
STAND_DOWN_LIFE_S = 6 * 3600
# Of people named in one alarm.
MOST_NAMED = 50


def gateway_for(engine: Engine, warning: WarningRow, *, demonstration: bool) -> str | None:
    """The gateway to be used for somebody under a warning, or None where there is none that may.

    Made-up people never reach a live carrier, and a drill only where two persons agreed to real telephones;
    a real person under a real warning is never left to the simulator while a live one is set up, in whatever
    order they are named.
    """
    return gateway_among(engine.gateways, simulated=demonstration or not warning.rings_real_phones)


def gateway_among(gateways: Mapping[str, Gateway], *, simulated: bool) -> str | None:
    """Of these gateways the one to be used; `simulated`: no real telephone may ring."""
    may = gateways_among(gateways, simulated=simulated)
    return may[0] if may else None


def gateways_among(gateways: Mapping[str, Gateway], *, simulated: bool) -> list[str]:
    """As `gateway_among`: all that may be used, in the order in which they are preferred."""
    live = [name for name, gateway in gateways.items() if gateway.live]
    not_live = [name for name, gateway in gateways.items() if not gateway.live]
    return not_live if simulated else live or not_live


def call_facts(
    engine: Engine,
    warning: WarningRow,
    labels: Sequence[str],
    *,
    tasks: Sequence[str] = (),
    link: str | None = None,
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
        link=link,
        tasks=tuple(tasks),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """One warning as one person is told of it, with what they answer for under it."""

    warning: WarningRow
    labels: tuple[str, ...]
    tasks: tuple[ToldTask, ...] = ()  # what they are ordered to do beside
    errands: tuple[Errand, ...] = ()  # whose doors to go to


def word_attempt(
    engine: Engine, told: Sequence[Told], channel: Channel, language: str, link: str | None = None
) -> tuple[Wording, int]:
    """The words of one call or text, and how many of these warnings it names: the first, and as many of
    the next as find room in it.

    `link` is where its reader may answer for the first; a text that names several has none, lest somebody
    thinks that it answers for all.
    """
    first = told[0]
    if first.errands:
        return _word_walk(engine, first, channel, language), 1
    word = _worder_of(told)
    for count in range(len(told), 1, -1):
        facts = _facts_of(engine, told[:count], channel, language)
        wording = word(facts, channel, language)
        if tells_all(wording, facts, channel, language):
            return wording, count
    return word(_facts_of(engine, told[:1], channel, language, link), channel, language), 1


def _worder_of(told: Sequence[Told]) -> Callable[[CallFacts, Channel, str], Wording]:
    """Somebody who answers for a place is called; who is ordered to do something and no more is told that."""
    if told[0].warning.purpose not in SHOWN:
        return word_for(told[0].warning.purpose)
    answers = any(one.labels for one in told) or not any(one.tasks for one in told)
    return word_call if answers else word_task


def _facts_of(
    engine: Engine, told: Sequence[Told], channel: Channel, language: str, link: str | None = None
) -> CallFacts:
    """The gravest with all that the person answers for and is ordered to do, the others beside it."""
    tasks = distinct_tasks(told)
    labels = distinct([label for one in told for label in one.labels]) or tuple(task.label for task in tasks)
    with speaking(language):
        ordered = [task.words(engine.timezone, spoken=channel is Channel.VOICE) for task in tasks]
    others = tuple(call_facts(engine, one.warning, ()) for one in told[1:])
    return replace(call_facts(engine, told[0].warning, labels, tasks=ordered, link=link), others=others)


def distinct_tasks(told: Sequence[Told]) -> tuple[ToldTask, ...]:
    """What somebody is ordered to do under these warnings, once each."""
    return tuple(dict.fromkeys(task for one in told for task in one.tasks))


def _word_walk(engine: Engine, told: Told, channel: Channel, language: str) -> Wording:
    errands = dict.fromkeys(_errand_words(errand) for errand in told.errands)
    facts = replace(call_facts(engine, told.warning, told.labels), errands=tuple(errands))
    return word_door(facts, channel, language)


def _errand_words(errand: Errand) -> tuple[str, str]:
    """Whom to wake, 梁庄村 防汛责任人 赵演示, and the number to try as it is dialled; empty without one."""
    return f"{errand.label} {errand.name}", _dialled(errand.number or "")


def _dialled(number: str) -> str:
    national = number.removeprefix("+86")
    own = national if national == number or national.startswith("1") else f"0{national}"
    return own.replace(";ext=", "-")


def first_mobile(callee: Callee) -> str | None:
    """The number that takes a person's texts."""
    return next((number for number, kind in callee.numbers if kind == "mobile"), None)


async def plan_notices(tx: Tx, engine: Engine, texts: Sequence[NewAttempt], now: datetime) -> None:
    """Plan texts that need no answer: each when its number can bear it beside the calls, which go first."""
    budgets = {name: gateway.limits.number_budget for name, gateway in engine.gateways.items()}
    numbers = {text.number for text in texts}
    borne = (await borne_by(tx, numbers, budgets, now)).usage if numbers else Usage(budgets)
    planned: list[NewAttempt] = []
    for text in texts:
        room = borne.room([text.gateway], text.channel, text.number, Need.NOTICE, now)
        planned.append(replace(text, due_at=max(text.due_at, room.at) if room.at > now else text.due_at))
        borne.take(text.gateway, text.channel, text.number, text.id, room.at)
    await attempts.plan_attempts(tx, planned)


async def text_people(
    tx: Tx, engine: Engine, warning: WarningRow, contact_ids: Sequence[UUID], *, purpose: str, now: datetime
) -> None:
    """Plan one text to each of these people, in the order given, that needs no answer.

    `purpose` is `stand_down`, or `lowered` for those whose warning is of a milder colour now.
    """
    async with wordings_in_force(tx):
        await _text_people(tx, engine, warning, contact_ids, purpose, now)


async def _text_people(
    tx: Tx, engine: Engine, warning: WarningRow, contact_ids: Sequence[UUID], purpose: str, now: datetime
) -> None:
    people = await roster.callees(tx, contact_ids)
    word = word_lowered if purpose == "lowered" else word_stand_down
    planned: list[NewAttempt] = []
    unreached: list[UUID] = []
    for contact_id in contact_ids:
        callee = people[contact_id]
        number = first_mobile(callee)
        gateway = gateway_for(engine, warning, demonstration=callee.demonstration)
        if number is None or gateway is None:
            unreached.append(contact_id)
            continue
        wording = word(call_facts(engine, warning, ()), Channel.SMS, callee.language)
        planned.append(
            notice(callee, Channel.SMS, number, gateway, wording, warning, purpose=purpose, now=now)
        )
    await plan_notices(tx, engine, planned, now)
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


def notice(
    callee: Callee,
    channel: Channel,
    number: str,
    gateway: str,
    wording: Wording,
    warning: WarningRow,
    *,
    purpose: str,
    now: datetime,
) -> NewAttempt:
    """A text or call that tells somebody something of a warning and is tried once."""
    return NewAttempt(
        id=new_id(now),
        warning_id=warning.id,
        call_out_id=None,
        contact_id=callee.id,
        purpose=purpose,
        channel=channel,
        gateway=gateway,
        number=number,
        text=wording.text,
        language=callee.language,
        parts=wording.parts,
        demonstration=callee.demonstration,
        exercise=warning.exercise,
        real_phones=warning.exercise and warning.rings_real_phones,
        priority=REPLY_PRIORITY + (EXERCISE_PRIORITY if warning.exercise else 0),
        round=FIRST_ROUND,
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
    real_phones: bool = False,
    warning_id: UUID | None = None,
) -> NewAttempt | None:
    """One text that tells the sender of an answer what was understood; None where no gateway may send it.

    `real_phones`: they wrote from one, so that even the words of a drill may go there.
    """
    simulated = callee.demonstration or (exercise and not real_phones)
    gateway = gateway_among(engine.gateways, simulated=simulated)
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
        real_phones=exercise and real_phones,
        priority=REPLY_PRIORITY + (EXERCISE_PRIORITY if exercise else 0),
        round=FIRST_ROUND,
        due_at=now,
        expires_at=now + timedelta(seconds=REPLY_LIFE_S),
    )


def distinct(labels: Collection[str]) -> tuple[str, ...]:
    """Labels once each, in their order."""
    return tuple(dict.fromkeys(labels))
