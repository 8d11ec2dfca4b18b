"""What people said to us, taken to the call-outs that they meant, and answered."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.contacts.model import Proof
from jiaoying.dispatch.answering import Ticked, take_answers
from jiaoying.dispatch.daily_filing import answers_words, file_text, labels_of
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.hygiene import note_heard, word_of_person, word_of_stranger
from jiaoying.dispatch.inbox import read_event
from jiaoying.dispatch.listening import Heard, Known, Word, hear_apart
from jiaoying.dispatch.named import attempts_named_by
from jiaoying.dispatch.raising import Alarm, raise_alarms
from jiaoying.dispatch.replies import Meaning
from jiaoying.dispatch.reporting import Told
from jiaoying.dispatch.reports import Reported
from jiaoying.dispatch.response.telling import note_words
from jiaoying.dispatch.states import AttemptEvent
from jiaoying.dispatch.store import attempts, bundles, daily, doors, senders
from jiaoying.dispatch.store.attempts import NewAttempt
from jiaoying.dispatch.store.numbers import HeardOf
from jiaoying.dispatch.store.roster import Callee
from jiaoying.dispatch.store.unread import Item, Settled, tick_off
from jiaoying.dispatch.texting import plan_notices, word_reply_to
from jiaoying.gateways.base import KeyPress, Reply, Report
from jiaoying.kernel.language import say, speaking
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.templates.names import warning_title
from jiaoying.templates.store import wordings_in_force

# What cannot be understood is explained once in this time, so that two machines never talk to each other.
EXPLAIN_AGAIN_AFTER = timedelta(minutes=10)
# Texts that one number may draw from us in an hour, whatever it sends: a flood must not cost a text each.
# All that it says is taken down all the same.
MOST_TEXTS_AN_HOUR = 10
MOST_QUOTED = 200  # signs of a text within an alarm
_REPLIES = {
    Meaning.ANSWERED: "understood",
    Meaning.ON_POST: "understood_feedback",
    Meaning.DECLINED: "declined",
    Meaning.RING_BACK: "ring_back",
    Meaning.PATROL: "understood_feedback",
    Meaning.PLANNED: "understood_feedback",
    Meaning.MOVED: "understood_feedback",
    Meaning.MOVING: "ask_figures",
    Meaning.KNOCKED: "door_done",
    Meaning.NOBODY_HOME: "door_failed",
    Meaning.SETTLED: "understood_feedback",
    Meaning.ENDED: "understood_feedback",
    Meaning.REPORTED: "understood",
}


async def hear_words(tx: Tx, engine: Engine, items: Sequence[Item], now: datetime) -> int:
    """Texts, keys and rings, at most one of each number, in the order in which they came.

    Returns how many were heard: at least the first. What may depend on another of them stays unread.
    """
    words = [(item, _read_word(item)) for item in items]
    known = await _known_around(tx, words, now)
    heard = hear_apart(words, known)
    answered = [one for one in heard if one.given]
    given = [one.given for one in answered if one.given]
    woken = [one.woke for one in answered if one.woke]
    seen = [_danger(one) for one in heard if one.seen]
    ticked = (await take_answers(tx, [*given, *woken], now, seen=seen))[: len(given)]
    await _end_checks(tx, heard, now)
    await _file_rounds(tx, heard, now)
    await note_heard(tx, _words_about_numbers(heard, answered, ticked, known), now)
    await _show_officer(tx, heard, now)
    async with wordings_in_force(tx):
        told = [_confirmation(engine, one, of_one, now) for one, of_one in zip(answered, ticked, strict=True)]
        told += [_thanks(engine, one, now) for one in heard] + await _explanations(tx, engine, heard, now)
    await plan_notices(tx, engine, await _within_limit(tx, [text for text in told if text], now), now)
    settled = [Settled(one.item.id, one.outcome, one.sender and one.sender.id) for one in heard]
    await tick_off(tx, settled, now)
    return len(heard)


async def _file_rounds(tx: Tx, heard: Sequence[Heard], now: datetime) -> None:
    """What texts report on rounds of the daily dispatch."""
    for one in heard:
        if one.daily and one.sender and isinstance(one.word, Reply):
            await file_text(
                tx,
                one.daily,
                one.word.text,
                contact_id=one.sender.id,
                item_id=one.item.id,
                at=one.item.received_at,
                now=now,
            )


def _danger(heard: Heard) -> Told:
    """What is reported by a text with a danger word. Nobody counts as woken by it."""
    said = heard.word.text if isinstance(heard.word, Reply) else None
    report = Reported(FeedbackStage.DANGER)
    return Told(heard.seen, (), (report,), said, heard.item.received_at, heard.item.id)


def _read_word(item: Item) -> Word:
    event = read_event(item.content)
    if isinstance(event, Report):
        raise TypeError("a report among the words of people")
    return event


async def _known_around(tx: Tx, words: Collection[tuple[Item, Word]], now: datetime) -> Known:
    numbers = {word.from_number for _, word in words}
    presses = [(item, word) for item, word in words if isinstance(word, KeyPress)]
    named = await attempts_named_by(tx, presses)
    called = {item.id: attempt for item, press in presses if (attempt := named.of(item, press))}
    return Known(
        await senders.senders_of(tx, numbers),
        await senders.candidates_of(tx, numbers, now),
        called,
        await bundles.named_beside(tx, [attempt.id for attempt in called.values()]),
        await senders.checks_of(tx, numbers, now),
        await doors.errands_of_numbers(tx, numbers, now - senders.REFERENCE_LIFE),
        await daily.rounds_asked(tx, numbers, now),
    )


async def _end_checks(tx: Tx, heard: Sequence[Heard], now: datetime) -> None:
    """What answers the check of a number, whatever the answer is, ends it."""
    for outcome in ("checked", "wrong_person"):
        checks = {one.check.attempt_id: one for one in heard if one.check and one.outcome == outcome}
        ended = await attempts.move_attempts(tx, checks, AttemptEvent.ANSWER, now, code=outcome)
        await append_entries(tx, [_checked_entry(checks[row_id], row_id, now) for row_id in ended])


def _checked_entry(heard: Heard, attempt_id: UUID, now: datetime) -> Entry:
    return Entry(
        now,
        "number.checked",
        "settle",
        attempt_id=attempt_id,
        contact_id=heard.sender and heard.sender.id,
        facts={"outcome": heard.outcome},
    )


def _words_about_numbers(
    heard: Sequence[Heard], answered: Sequence[Heard], ticked: Sequence[Sequence[Ticked]], known: Known
) -> list[tuple[str, HeardOf]]:
    """What each word says of the number that it came from: whose it is, or only that it works."""
    answerers = {
        one.item.id: frozenset(item.contact_id for item in of_one)
        for one, of_one in zip(answered, ticked, strict=True)
    }
    return [
        (one.item.gateway, _word_about(one, answerers.get(one.item.id, frozenset()), known))
        for one in heard
        if not one.stranger and (one.sender or one.given)
    ]


def _word_about(heard: Heard, answerers: frozenset[UUID], known: Known) -> HeardOf:
    called, at = known.called.get(heard.item.id), heard.item.received_at
    number = called.number if called else heard.word.from_number
    if heard.outcome == "wrong_person":
        return HeardOf(number, word_of_stranger(at))
    if heard.check:
        owners = frozenset(owner.id for owner in known.senders.get(number, ()))
        return HeardOf(number, word_of_person(at, Proof.CHECK), owners)
    return HeardOf(number, word_of_person(at, Proof.ANSWER), answerers)


def _thanks(engine: Engine, heard: Heard, now: datetime) -> NewAttempt | None:
    """To whoever answered a check; once, or two machines would thank each other for ever."""
    if heard.sender is None or heard.outcome != "checked" or heard.check is None or heard.check.answered:
        return None
    return word_reply_to(engine, heard.sender, heard.word.from_number, "checked", {}, now)


def _confirmation(engine: Engine, heard: Heard, ticked: Sequence[Ticked], now: datetime) -> NewAttempt | None:
    """Tells the sender of a text what was understood, for which warning, and what is still open."""
    # A phone that answers every text by itself would talk with us for ever.
    if heard.sender is None or heard.given is None:
        return None
    if heard.daily or heard.owed:
        return _word_of_round(engine, heard, heard.sender, now)
    note = next((item.note for item in ticked if item.note), None)
    if note is None and not any(item.tells_new for item in ticked) and not heard.given.walk_ids:
        return None
    first, understood = ticked[0], heard.given.understood
    references = sorted({item.reference for item in ticked})
    title = warning_title(first.event, first.hazard, first.colour, heard.sender.language)
    values: dict[str, object] = {
        # Of several the references alone: their titles stand in the message that was answered.
        "warning": title if len(references) == 1 else "",
        "reference": "、".join(references),
        "reports": [(report.stage, report.households, report.people) for report in understood.reports],
        "references": heard.others,
        "exercise": first.exercise,
        "names": heard.names,
    }
    kind = _REPLIES[understood.meaning]
    if kind == "understood" and heard.names and any(item.kind == "door" and item.is_news for item in ticked):
        kind = "door_taken"
    if kind == "understood" and (first.late or heard.others):
        kind = "late" if first.late else "others_open"
    if kind == "declined" and first.was_answered:
        kind = "cannot_after_all"
    if note is not None:
        kind, of_tasks = note_words(note, heard.sender.language)
        values |= of_tasks
    return word_reply_to(
        engine,
        heard.sender,
        heard.word.from_number,
        kind,
        values,
        now,
        exercise=first.exercise,
        real_phones=_came_by_real_phone(engine, heard),
        warning_id=first.warning_id,
    )


def _word_of_round(engine: Engine, heard: Heard, sender: Callee, now: datetime) -> NewAttempt | None:
    """What was noted of a report on the daily dispatch, or that it is still owed and how it is sent."""
    found = heard.daily.round if heard.daily else heard.owed
    if found is None:
        return None
    kind, reading = "daily_received", heard.daily.reading if heard.daily else None
    if reading is not None:
        kind = "daily_filed" if reading.whole else "daily_words"
    with speaking(sender.language):
        values: dict[str, object] = {
            "names": found.name,
            "tasks": answers_words(found.form, reading.answers) if reading else "",
            "how": say(", ").join(labels_of(found.form)),
        }
        if reading and reading.is_zero:
            values["tasks"] = say("zero report")
    return word_reply_to(engine, sender, heard.word.from_number, kind, values, now)


def _came_by_real_phone(engine: Engine, heard: Heard) -> bool:
    """Whoever writes from a real telephone takes part in a drill on it, and is answered there."""
    gateway = engine.gateways.get(heard.item.gateway)
    return gateway is not None and gateway.live


async def _explanations(
    tx: Tx, engine: Engine, heard: Sequence[Heard], now: datetime
) -> list[NewAttempt | None]:
    """Tells each sender whose word ticks nothing what to send, unless that was told just now."""
    numbers = {one.word.from_number for one in heard if one.explanation}
    explained = await senders.explained_since(tx, numbers, now - EXPLAIN_AGAIN_AFTER)
    return [
        word_reply_to(
            engine,
            one.sender,
            one.word.from_number,
            one.explanation.kind,
            {
                "references": one.explanation.references,
                "exercise": one.explanation.drill,
                "names": one.explanation.names,
            },
            now,
            exercise=one.explanation.drill,
            real_phones=_came_by_real_phone(engine, one),
        )
        for one in heard
        if one.sender and one.explanation and one.word.from_number not in explained
    ]


async def _within_limit(tx: Tx, texts: Sequence[NewAttempt], now: datetime) -> list[NewAttempt]:
    numbers = {text.number for text in texts}
    drawn = await senders.replies_since(tx, numbers, now - timedelta(hours=1))
    return [text for text in texts if drawn.get(text.number, 0) < MOST_TEXTS_AN_HOUR]


async def _show_officer(tx: Tx, heard: Sequence[Heard], now: datetime) -> None:
    """Words that tick nothing, and words of strangers."""
    strangers = [one.item for one in heard if one.stranger]
    await append_entries(
        tx,
        [
            Entry(now, "reply.from_unknown", "settle", facts={"inbox_item_id": str(item.id)})
            for item in strangers
        ],
    )
    await raise_alarms(tx, [alarm for one in heard if (alarm := _alarm_about(one))], now)
    await senders.note_opt_outs(tx, {one.word.from_number for one in heard if one.alarm == "opt_out"}, now)


def _alarm_about(heard: Heard) -> Alarm | None:
    if heard.stranger:
        sentence = say("Somebody whose number is not on the roster sent a message or rang: read it")
        return Alarm("unknown_number", sentence, inbox_item_id=heard.item.id)
    if heard.alarm == "wrong_person" and heard.sender and isinstance(heard.word, Reply):
        sentence = say(
            "The number of {name} is somebody else's (“{text}”): reach them another way if they are being"
            " called, and have the roster corrected",
            name=heard.sender.name,
            text=heard.word.text[:MOST_QUOTED],
        )
        return Alarm(heard.alarm, sentence, contact_id=heard.sender.id, inbox_item_id=heard.item.id)
    if heard.alarm and heard.sender and isinstance(heard.word, Reply):
        sentence = say("{name} wrote: “{text}”", name=heard.sender.name, text=heard.word.text[:MOST_QUOTED])
        warning_id = next(iter(heard.seen.values()), None)
        return Alarm(heard.alarm, sentence, warning_id, heard.sender.id, heard.item.id)
    return None
