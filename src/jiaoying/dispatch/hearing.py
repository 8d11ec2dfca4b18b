"""What a person said to us, taken to the call-outs that they meant, and answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, Text, bindparam, case, exists, func, select, update

from jiaoying.dispatch.answering import Given, Ticked, take_answer
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.replies import (
    AskWhich,
    Candidate,
    Chosen,
    Meaning,
    Understood,
    choose_call_outs,
    is_about_drill,
    understand,
    understand_key,
)
from jiaoying.dispatch.states import AttemptEvent, CallOutState
from jiaoying.dispatch.store import attempts, roster
from jiaoying.dispatch.store.attempts import AttemptFacts
from jiaoying.dispatch.store.roster import Callee
from jiaoying.dispatch.texting import reply_to
from jiaoying.gateways.base import Channel, IncomingCall, KeyPress, Reply
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import attempts as attempts_table
from jiaoying.storage.schema import call_outs, contact_numbers, inbox_items, issued_warnings
from jiaoying.templates.names import warning_title

# A reference names its warning for so long; it is not given to another one before.
REFERENCE_LIFE = timedelta(days=30)
# What cannot be understood is explained once in this time, so that two machines never talk to each other.
EXPLAIN_AGAIN_AFTER = timedelta(minutes=10)
_SAYS_NOTHING = {
    Meaning.NOT_UNDERSTOOD: "not_understood",
    Meaning.DANGER: "danger",
    Meaning.ASK_MOVE: "ask_move",
    Meaning.OPT_OUT: "opt_out",
}
_REPLIES = {
    Meaning.ANSWERED: "understood",
    Meaning.ON_POST: "understood_feedback",
    Meaning.DECLINED: "declined",
    Meaning.RING_BACK: "ring_back",
    Meaning.MOVED: "understood_feedback",
    Meaning.MOVING: "ask_figures",
}


async def hear_key(
    tx: Tx, gateway: str, item_id: UUID, press: KeyPress, received_at: datetime, now: datetime
) -> str:
    """A key pressed during one of our calls: it is certain which call-out is meant."""
    named = await attempts.attempts_named(
        tx, gateway, {press.attempt_id} if press.attempt_id else set(), {press.ref}
    )
    meant = next((item for item in named if item.id == press.attempt_id), named[0] if named else None)
    if meant is None or meant.call_out_id is None:
        return "unknown_attempt"
    understood = understand_key(press.digits)
    if understood.meaning is Meaning.NOT_UNDERSTOOD:
        return "no_key"
    given = Given("key", understood, press.digits, received_at, item_id)
    await take_answer(tx, [meant.call_out_id], given, now)
    await _mark_answered(tx, [meant], f"key_{press.digits[-1:]}", now)
    return understood.meaning


async def hear_text(
    tx: Tx, engine: Engine, item_id: UUID, reply: Reply, received_at: datetime, now: datetime
) -> str:
    """A text: understood, tied to the call-outs meant, and answered to its sender."""
    senders = await _senders(tx, reply.from_number)
    if not senders:
        await _note_stranger(tx, item_id, now)
        return "unknown_number"
    await _tie_to_sender(tx, item_id, senders[0].id)
    understood = understand(reply.text)
    candidates = await _candidates(tx, reply.from_number, now)
    drill = is_about_drill(candidates)
    if understood.meaning in _SAYS_NOTHING:
        return await _show_officer(tx, engine, item_id, reply, senders[0], understood, now, drill=drill)
    choice = choose_call_outs(candidates, understood.reference, received_at)
    if isinstance(choice, Chosen):
        given = Given("text", understood, reply.text, received_at, item_id, shared_number=len(senders) > 1)
        ticked = await take_answer(tx, choice.call_out_ids, given, now)
        await _mark_attempts(tx, choice.call_out_ids, reply.from_number, now)
        await _confirm(tx, engine, senders[0], reply.from_number, understood, ticked, choice.others, now)
        return understood.meaning
    if isinstance(choice, AskWhich):
        await _explain(
            tx, engine, senders[0], reply.from_number, "ask_which", now, *choice.references, drill=drill
        )
        return "asked_which"
    await _explain(tx, engine, senders[0], reply.from_number, "nothing_asked", now, drill=drill)
    return "nothing_asked"


async def hear_ring(tx: Tx, item_id: UUID, ring: IncomingCall, now: datetime) -> str:
    """Somebody rang us: a person of the roster is tied to the item, a stranger is shown."""
    callers = await _senders(tx, ring.from_number)
    if callers:
        await _tie_to_sender(tx, item_id, callers[0].id)
        return "rang"
    await _note_stranger(tx, item_id, now)
    return "unknown_number"


async def _senders(tx: Tx, number: str) -> list[Callee]:
    """Everybody on the roster with this number; several people may share one."""
    rows = await tx.execute(
        select(contact_numbers.c.contact_id)
        .where(contact_numbers.c.number == number)
        .order_by(contact_numbers.c.contact_id)
    )
    ids = [row.contact_id for row in rows]
    people = await roster.callees(tx, ids)
    return [people[contact_id] for contact_id in ids]


async def _tie_to_sender(tx: Tx, item_id: UUID, contact_id: UUID) -> None:
    await tx.execute(update(inbox_items).where(inbox_items.c.id == item_id).values(contact_id=contact_id))


async def _note_stranger(tx: Tx, item_id: UUID, now: datetime) -> None:
    """A word from a number that is on no roster: kept and shown."""
    await append_entries(
        tx, [Entry(now, "reply.from_unknown", "settle", facts={"inbox_item_id": str(item_id)})]
    )
    await raise_alarm(
        tx,
        "unknown_number",
        say("Somebody whose number is not on the roster sent a message or rang: read it"),
        now,
        inbox_item_id=item_id,
    )


def _candidates_of_number() -> Select[*tuple[Any, ...]]:
    """Every call-out matched after `since` that somebody with `number` may mean."""
    number = bindparam("number", type_=Text())
    reached = (
        select(func.max(attempts_table.c.accepted_at))
        .where(
            attempts_table.c.number == number,
            # Its own calls, whichever version of the warning they spoke of, and what was told to all.
            (attempts_table.c.call_out_id == call_outs.c.id)
            | (
                (attempts_table.c.warning_id == call_outs.c.warning_id)
                & attempts_table.c.purpose.in_(["lowered", "stand_down"])
            ),
        )
        .scalar_subquery()
    )
    return (
        select(
            call_outs.c.id,
            call_outs.c.warning_id,
            issued_warnings.c.reference,
            issued_warnings.c.exercise,
            call_outs.c.state == CallOutState.OPEN,
            reached,
            _was_told_milder(number),
            _references_told(),
        )
        .join(issued_warnings, issued_warnings.c.id == call_outs.c.warning_id)
        .join(contact_numbers, contact_numbers.c.contact_id == call_outs.c.contact_id)
        .where(
            contact_numbers.c.number == number,
            call_outs.c.matched_at > bindparam("since"),
            # Replaced: the reference and the question live on in the version that took its place.
            func.coalesce(issued_warnings.c.reason, "") != "replaced",
        )
    )


def _references_told() -> ColumnElement[list[str]]:
    """The references that the messages of a call-out gave: later versions of the warning keep them good."""
    told = issued_warnings.alias("told")
    return (
        select(func.array_agg(told.c.reference.distinct()))
        .select_from(attempts_table.join(told, told.c.id == attempts_table.c.warning_id))
        .where(attempts_table.c.call_out_id == call_outs.c.id)
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
        attempts_table.c.warning_id == before.c.id,
        attempts_table.c.number == number,
        attempts_table.c.accepted_at.is_not(None),
    )


# Made once: every text that comes in asks it, and to build it takes longer than to answer it.
_CANDIDATES = _candidates_of_number()


async def _candidates(tx: Tx, number: str, now: datetime) -> list[Candidate]:
    """Every call-out of the last 30 days that somebody with this number may mean."""
    rows = await tx.execute(_CANDIDATES, {"number": number, "since": now - REFERENCE_LIFE})
    return [Candidate(*row[:-1], references_told=frozenset(row[-1] or ())) for row in rows]


async def _mark_attempts(tx: Tx, call_out_ids: Sequence[UUID], number: str, now: datetime) -> None:
    """The texts that brought the answer count as answered."""
    found = await attempts.attempts_of(tx, call_out_ids)
    texts = [
        attempt
        for of_call_out in found.values()
        for attempt in of_call_out
        if attempt.number == number and attempt.channel is Channel.SMS and attempt.accepted_at
    ]
    await _mark_answered(tx, texts, "replied", now)


async def _mark_answered(tx: Tx, meant: Sequence[AttemptFacts], code: str, now: datetime) -> None:
    moved = await attempts.move_attempts(
        tx, [attempt.id for attempt in meant], AttemptEvent.ANSWER, now, code=code
    )
    await append_entries(
        tx,
        [
            Entry(
                now,
                "attempt.answered",
                "settle",
                attempt.warning_id,
                call_out_id=attempt.call_out_id,
                attempt_id=attempt.id,
                contact_id=attempt.contact_id,
                facts={"code": code, "before": attempt.state},
            )
            for attempt in meant
            if attempt.id in moved
        ],
    )


async def _confirm(
    tx: Tx,
    engine: Engine,
    sender: Callee,
    number: str,
    understood: Understood,
    ticked: Sequence[Ticked],
    others: Sequence[str],
    now: datetime,
) -> None:
    """Tell the sender what was understood, for which warning, and what is still open."""
    first = ticked[0]
    if not any(item.tells_new for item in ticked):
        # A phone that answers every text by itself would talk with us for ever.
        return
    values = {
        "warning": warning_title(first.event, first.hazard, first.colour, sender.language),
        "reference": first.reference,
        "stage": understood.meaning,
        "households": understood.households,
        "people": understood.people,
        "references": others,
        "exercise": first.exercise,
    }
    kind = _REPLIES[understood.meaning]
    if kind == "understood" and (first.late or others):
        kind = "late" if first.late else "others_open"
    await reply_to(
        tx,
        engine,
        sender,
        number,
        kind,
        values,
        now,
        exercise=first.exercise,
        warning_id=first.warning_id,
    )


async def _show_officer(
    tx: Tx,
    engine: Engine,
    item_id: UUID,
    reply: Reply,
    sender: Callee,
    understood: Understood,
    now: datetime,
    *,
    drill: bool,
) -> str:
    """What ticks nothing goes to the top of the officer's list, and the sender hears what to send."""
    kind = _SAYS_NOTHING[understood.meaning]
    if understood.meaning is Meaning.OPT_OUT:
        await tx.execute(
            update(contact_numbers)
            .where(contact_numbers.c.number == reply.from_number)
            .values(opted_out_at=now)
        )
    if understood.meaning is not Meaning.ASK_MOVE:
        await raise_alarm(
            tx,
            kind,
            say("{name} wrote: “{text}”", name=sender.name, text=reply.text[:200]),
            now,
            contact_id=sender.id,
            inbox_item_id=item_id,
        )
    if understood.meaning is not Meaning.OPT_OUT:
        await _explain(tx, engine, sender, reply.from_number, kind, now, drill=drill)
    return kind


async def _explain(
    tx: Tx,
    engine: Engine,
    sender: Callee,
    number: str,
    kind: str,
    now: datetime,
    *references: str,
    drill: bool,
) -> None:
    explained = await tx.scalar(
        select(
            exists().where(
                attempts_table.c.number == number,
                attempts_table.c.purpose == "reply",
                attempts_table.c.warning_id.is_(None),
                attempts_table.c.due_at > now - EXPLAIN_AGAIN_AFTER,
            )
        )
    )
    if not explained:
        values = {"references": references, "exercise": drill}
        await reply_to(tx, engine, sender, number, kind, values, now, exercise=drill)
