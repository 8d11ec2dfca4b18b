"""Reports of the daily dispatch filed, however they come: what is missing or to be filled in is an alarm."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from jiaoying.dispatch.answering import Given, take_answers
from jiaoying.dispatch.daily_answers import DailyAnswer
from jiaoying.dispatch.grades import How as AnsweredHow
from jiaoying.dispatch.raising import Alarm, clear_alarms_of_kind, raise_alarms_once
from jiaoying.dispatch.replies import Meaning, Understood
from jiaoying.dispatch.store.daily import open_call_outs
from jiaoying.duty.daily import actions, store
from jiaoying.duty.daily.model import Answer, Form, How, Kind, NewReport
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx

TO_FILL, MISSING = "daily_to_fill", "daily_missing"


async def file_report(tx: Tx, new: NewReport, desk_name: str, *, by: str, now: datetime) -> int:
    """Keep what a desk said, and put before the officer what is left to be filled in; returns the version."""
    version = await actions.report(tx, new, by=by, now=now)
    to_fill = f"{TO_FILL}:{new.round_id}:{new.desk_id}"
    if new.whole:
        await clear_alarms_of_kind(tx, to_fill, by="daily", now=now)
    else:
        text = say("{desk} reported in words: read them and fill the figures in", desk=desk_name)
        alarm = Alarm(to_fill, text, None, new.contact_id, new.inbox_item_id)
        await raise_alarms_once(tx, [alarm], now)
    if not await store.missing_in(tx, new.round_id):
        await clear_alarms_of_kind(tx, f"{MISSING}:{new.round_id}", by="daily", now=now)
    return version


async def file_text(
    tx: Tx, answer: DailyAnswer, words: str, *, contact_id: UUID, item_id: UUID, at: datetime, now: datetime
) -> None:
    """What a text said of the desks that it is about."""
    names = {desk.id: desk.names[0] for desk in answer.round.desks}
    for desk_id in answer.desk_ids:
        reading = answer.reading
        new = NewReport(
            answer.round.id,
            desk_id,
            How.TEXT,
            reading.answers,
            reading.is_zero,
            reading.whole,
            at,
            words=words,
            contact_id=contact_id,
            inbox_item_id=item_id,
        )
        await file_report(tx, new, names[desk_id], by="settle", now=now)


async def file_by_hand(tx: Tx, new: NewReport, desk_name: str, *, by: str, now: datetime) -> None:
    """What the officer was told of a desk; whoever is still being asked for it is asked no more."""
    # Call-outs are locked before the desks of a round, as where a text is heard.
    asked = await open_call_outs(tx, new.round_id, new.desk_id)
    if asked:
        understood = Understood(Meaning.ANSWERED)
        given = Given(tuple(asked), AnsweredHow.HAND, understood, new.said_by, new.at, by_user=by)
        await take_answers(tx, [given], now)
    await file_report(tx, new, desk_name, by=by, now=now)


def answers_words(form: Form, answers: Mapping[str, Answer]) -> str:
    """What was reported, to be said back: 转移户数12户、险情0处."""
    told: list[str] = []
    for question in form.questions:
        answer = answers.get(question.key)
        match question.kind, answer:
            case _, None:
                continue
            case Kind.YES_NO, _:
                told.append(f"{question.label}{say('there is some') if answer else say('there is none')}")
            case _:
                told.append(f"{question.label}{answer}{question.unit}")
    return say(", ").join(told)


def labels_of(form: Form) -> Sequence[str]:
    """What is to be answered, in order."""
    return [question.label for question in form.needed]
