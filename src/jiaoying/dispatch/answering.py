"""Answers taken: by text, by key, by hand. Once answered, always answered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiaoying.dispatch.grades import grade_of
from jiaoying.dispatch.raising import Alarm, raise_alarms_once
from jiaoying.dispatch.replies import Meaning, Understood
from jiaoying.dispatch.reporting import Told, take_reports
from jiaoying.dispatch.response.hearing import Said, TaskNote, note_answers
from jiaoying.dispatch.states import ATTEMPT, CALL_OUT, AttemptEvent, CallOutEvent, CallOutState
from jiaoying.dispatch.store import answered, bundles, responsibilities
from jiaoying.dispatch.store.answered import AskedCallOut, EndedAttempt, HeardCallOut, LastFeedback
from jiaoying.dispatch.store.attempts import AttemptFacts
from jiaoying.dispatch.store.bundles import Beside, told_of_all
from jiaoying.dispatch.walking import WordOfWalk, hear_of_walks
from jiaoying.gateways.base import Channel
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

# Who says so wants an answer, also when they had answered before.
_ASK_SOMETHING = (Meaning.RING_BACK, Meaning.DECLINED)


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as it was given, and the call-outs that it ticks."""

    call_out_ids: tuple[UUID, ...]
    how: str  # dispatch.grades.How
    understood: Understood
    said: str | None
    at: datetime
    inbox_item_id: UUID | None = None
    by_user: str | None = None
    shared_number: bool = False
    # What brought the answer: the call that was heard, or the texts to this number.
    attempt_id: UUID | None = None
    number: str | None = None
    # Walks to doors that the words are about, and who woke whom they tick.
    walk_ids: tuple[UUID, ...] = ()
    woken_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Ticked:
    """A call-out that an answer was taken for."""

    call_out_id: UUID
    warning_id: UUID
    contact_id: UUID
    name: str
    event: str
    hazard: str
    colour: str | None
    reference: str
    exercise: bool
    late: bool
    kind: str  # call, or door: they were sent to somebody's door
    was_answered: bool
    is_news: bool  # False where the same had been answered before
    tells_new: bool  # is news, or feedback that differs from what was reported last
    note: TaskNote | None = None  # what it comes to for tasks that the person was told of


class _Ended(NamedTuple):
    """An attempt that an answer ends."""

    attempt: AttemptFacts
    event: AttemptEvent
    after: EndedAttempt


async def take_answers(
    tx: Tx, given: Sequence[Given], now: datetime, *, seen: Sequence[Told] = ()
) -> list[list[Ticked]]:
    """Tick the call-outs of each answer, no two of which are for the same one; note what else was `seen`.

    Returns for each all of its call-outs, also those that were answered before. All rows are locked,
    in the order of the locks, before anything is decided about them.
    """
    ids = [row_id for one in given for row_id in one.call_out_ids]
    if not ids:
        await take_reports(tx, seen, now)
        return [[] for _ in given]
    await responsibilities.wake_responsibilities(tx, ids, now)
    asked = await answered.lock_asked(tx, ids)
    called = await answered.lock_attempts_of(tx, ids)
    beside = await bundles.named_beside(tx, [attempt.id for attempt in called])
    reported = await _reported_last(tx, given)
    moved = [_moves_of(one, asked) for one in given]
    ended = [_ends_of(one, called, beside) for one in given]
    ticked = [_ticked(one, asked, changed, reported) for one, changed in zip(given, moved, strict=True)]
    await answered.record_heard(tx, [after for of_one in moved for after in of_one.values()], now)
    await answered.end_attempts(tx, [end.after for of_one in ended for end in of_one], now)
    taken = list(zip(given, ticked, strict=True))
    await _write_answers(tx, taken, now)
    told = [_told(one, of_one) for one, of_one in taken]
    places = (await take_reports(tx, [*told, *seen], now))[: len(told)]
    notes = await note_answers(tx, [_on_tasks(one, of_one) for one, of_one in taken], now)
    lines = [
        entry
        for one, of_one, ends, place in zip(given, ticked, ended, places, strict=True)
        for entry in _entries(one, of_one, ends, beside, place, now)
    ]
    await append_entries(tx, lines)
    await bundles.wake_the_rest(tx, _taken_back(ended), now)
    await raise_alarms_once(tx, [alarm for one, of_one in taken for alarm in _alarms(one, of_one)], now)
    # Who was woken by somebody who went there needs no word of their own: the walk has one.
    await hear_of_walks(tx, [_word_of_walk(one) for one in given if one.woken_by is None], now)
    return [[replace(item, note=notes.get(item.call_out_id)) for item in of_one] for of_one in ticked]


def _on_tasks(given: Given, ticked: Sequence[Ticked]) -> Said:
    return Said(
        tuple((item.call_out_id, item.contact_id, item.warning_id) for item in ticked),
        given.understood,
        given.how,
        given.said,
        given.at,
        given.inbox_item_id,
        given.by_user,
    )


def _word_of_walk(given: Given) -> WordOfWalk:
    return WordOfWalk(
        given.call_out_ids,
        given.understood.meaning,
        at_door=given.how == "door",
        task_ids=given.walk_ids,
        by=given.by_user or "settle",
        said=given.said,
    )


def _moves_of(given: Given, asked: Mapping[UUID, AskedCallOut]) -> dict[UUID, HeardCallOut]:
    """What the answer makes of its call-outs, those left out that it does not change."""
    declined = given.understood.meaning is Meaning.DECLINED
    event = CallOutEvent.DECLINE if declined else CallOutEvent.ANSWER
    how = None if declined else given.how
    moved: dict[UUID, HeardCallOut] = {}
    for row_id in given.call_out_ids:
        before = asked[row_id].state
        after = CALL_OUT.after(before, event)
        if after is not before:
            moved[row_id] = HeardCallOut(row_id, after, before is CallOutState.EXHAUSTED, how)
    return moved


def _ends_of(
    given: Given, called: Sequence[AttemptFacts], beside: Mapping[UUID, Sequence[Beside]]
) -> list[_Ended]:
    """Attempts that brought the answer are answered; what has not left yet is taken back."""
    ended: list[_Ended] = []
    for attempt in called:
        named = {attempt.call_out_id, *(one.call_out_id for one in beside.get(attempt.id, ()))}
        if named.isdisjoint(given.call_out_ids):
            continue
        brought = _brought(given, attempt)
        event = AttemptEvent.ANSWER if brought else AttemptEvent.WITHDRAW
        after = ATTEMPT.after(attempt.state, event)
        if after is not attempt.state:
            ended.append(
                _Ended(attempt, event, EndedAttempt(attempt.id, after, _code(given) if brought else None))
            )
    return ended


def _taken_back(ended: Sequence[Sequence[_Ended]]) -> set[UUID]:
    return {end.attempt.id for ends in ended for end in ends if end.event is AttemptEvent.WITHDRAW}


def _brought(given: Given, attempt: AttemptFacts) -> bool:
    texted = attempt.channel is Channel.SMS and attempt.number == given.number and attempt.accepted_at
    return attempt.id == given.attempt_id or bool(texted)


def _code(given: Given) -> str:
    return f"key_{(given.said or '')[-1:]}" if given.how == "key" else "replied"


async def _reported_last(tx: Tx, given: Sequence[Given]) -> dict[UUID, LastFeedback]:
    """The last feedback on the call-outs of answers that bring feedback."""
    ids = [row_id for one in given if one.understood.reports for row_id in one.call_out_ids]
    return await answered.last_feedback(tx, ids)


def _ticked(
    given: Given,
    asked: Mapping[UUID, AskedCallOut],
    moved: Mapping[UUID, HeardCallOut],
    reported: Mapping[UUID, LastFeedback],
) -> list[Ticked]:
    reports = given.understood.reports
    said = (reports[-1].stage.value, reports[-1].households, reports[-1].people) if reports else None
    return [
        Ticked(
            item.id,
            item.warning_id,
            item.contact_id,
            item.name,
            item.event,
            item.hazard,
            item.colour,
            item.reference,
            item.exercise,
            late=moved[item.id].late if item.id in moved else item.late,
            kind=item.kind,
            was_answered=item.state is CallOutState.ANSWERED,
            is_news=item.id in moved,
            tells_new=item.id in moved
            or (said is not None and reported.get(item.id) != said)
            or given.understood.meaning in _ASK_SOMETHING,
        )
        for item in (asked[row_id] for row_id in sorted(given.call_out_ids))
    ]


_Taken = Sequence[tuple[Given, Sequence[Ticked]]]


async def _write_answers(tx: Tx, taken: _Taken, now: datetime) -> None:
    rows: list[dict[str, object]] = [
        {
            "id": new_id(now),
            "warning_id": item.warning_id,
            "call_out_id": item.call_out_id,
            "contact_id": item.contact_id,
            "how": given.how,
            "meaning": given.understood.meaning,
            "said": given.said,
            "at": given.at,
            "inbox_item_id": given.inbox_item_id,
            "by_user": given.by_user,
            "late": item.late,
            "shared_number": given.shared_number,
        }
        for given, ticked in taken
        for item in ticked
    ]
    await answered.write_answers(tx, rows)


def _told(given: Given, ticked: Sequence[Ticked]) -> Told:
    """What an answer reports, and who answered by it just now."""
    declined = given.understood.meaning is Meaning.DECLINED
    return Told(
        {item.call_out_id: item.warning_id for item in ticked},
        () if declined else [item.call_out_id for item in ticked if item.is_news],
        given.understood.reports,
        given.said,
        given.at,
        given.inbox_item_id,
    )


def _entries(
    given: Given,
    ticked: Sequence[Ticked],
    ended: Sequence[_Ended],
    beside: Mapping[UUID, Sequence[Beside]],
    place: str | None,
    now: datetime,
) -> list[Entry]:
    """The lines of one answer: what is not sent any more, who answered, what brought the answer."""
    taken_back = [end for end in ended if end.event is AttemptEvent.WITHDRAW]
    brought = [end for end in ended if end.event is AttemptEvent.ANSWER]
    return [
        *told_of_all((_withdrawn_entry(end.attempt, now) for end in taken_back), beside),
        *(_entry(item, given, place, now) for item in ticked),
        *told_of_all((_answered_entry(end, now) for end in brought), beside),
    ]


def _withdrawn_entry(attempt: AttemptFacts, now: datetime) -> Entry:
    return Entry(
        now,
        "attempt.withdrawn",
        "settle",
        attempt.warning_id,
        call_out_id=attempt.call_out_id,
        attempt_id=attempt.id,
    )


def _answered_entry(end: _Ended, now: datetime) -> Entry:
    return Entry(
        now,
        "attempt.answered",
        "settle",
        end.attempt.warning_id,
        call_out_id=end.attempt.call_out_id,
        attempt_id=end.attempt.id,
        contact_id=end.attempt.contact_id,
        facts={"code": end.after.code, "before": end.attempt.state},
    )


def _entry(item: Ticked, given: Given, place: str | None, now: datetime) -> Entry:
    declined = given.understood.meaning is Meaning.DECLINED
    word = "call_out.declined" if declined else "call_out.answered"
    return Entry(
        now,
        word if item.is_news else "call_out.answered_again",
        given.by_user or "settle",
        item.warning_id,
        call_out_id=item.call_out_id,
        contact_id=item.contact_id,
        facts={
            "how": given.how,
            "grade": grade_of(given.how),
            "meaning": given.understood.meaning,
            "households": given.understood.households,
            "people": given.understood.people,
            **({"area": place} if place else {}),
            "late": item.late,
            "shared_number": given.shared_number,
            **({"woken_by": str(given.woken_by)} if given.woken_by else {}),
        },
        particulars={"said": given.said, "name": item.name},
    )


def _alarms(given: Given, ticked: Collection[Ticked]) -> list[Alarm]:
    """What only the officer can do: ring back; and find somebody where who had answered cannot after all."""
    meaning = given.understood.meaning
    if meaning is Meaning.RING_BACK:
        return [
            _alarm(
                "ring_back",
                say("{name} asks to be rung back ({reference})", name=item.name, reference=item.reference),
                item,
                given,
            )
            for item in ticked
        ]
    if meaning is Meaning.DECLINED:
        return [
            _alarm(
                "cannot_after_all",
                say(
                    "{name} had answered and now cannot ({reference}): nobody else is called by itself, find"
                    " somebody",
                    name=item.name,
                    reference=item.reference,
                ),
                item,
                given,
            )
            for item in ticked
            if item.was_answered
        ]
    return []


def _alarm(kind: str, text: str, item: Ticked, given: Given) -> Alarm:
    return Alarm(kind, text, item.warning_id, item.contact_id, given.inbox_item_id)
