"""Roll calls in words."""

from collections.abc import Sequence
from datetime import timedelta

from jiaoying.duty.roll_calls.model import CallState, Manner, Outcome, Plan, RollCall, Terms
from jiaoying.duty.roll_calls.steps import GRAVE, MISSED
from jiaoying.kernel.language import say


def outcome_word(outcome: Outcome | None) -> str:
    """What a desk came to: 在岗."""
    return {
        None: say("being called"),
        Outcome.PRESENT: say("at the desk"),
        Outcome.SILENT: say("no answer"),
        Outcome.DECLINED: say("refused or not at the desk"),
        Outcome.NOBODY: say("nobody on the rota"),
        Outcome.BROKEN_OFF: say("broken off"),
        Outcome.ABSENT: say("absent without leave"),
    }[outcome]


def badge_state(outcome: Outcome | None) -> str:
    """Its colour, by the states of call-outs."""
    return {
        None: "open",
        Outcome.PRESENT: "answered",
        Outcome.BROKEN_OFF: "withdrawn",
    }.get(outcome, "failed")


def state_word(call: RollCall) -> str:
    """How it stands with a roll call."""
    if call.state is CallState.WAITING and call.postponed_at:
        return say("postponed: a grave warning goes before it")
    return {
        CallState.WAITING: say("begins at once"),
        CallState.RUNNING: say("the roll call is running"),
        CallState.ENDED: say("over"),
        CallState.CALLED_OFF: say("called off"),
    }[call.state]


def reason_word(reason: str | None) -> str:
    """Why it ended otherwise than by itself."""
    return {
        None: "",
        GRAVE: say("a grave warning goes before it"),
        MISSED: say("the service did not run then"),
        "by_hand": say("ended by an officer"),
    }.get(reason, reason or "")


def manner_word(manner: Manner) -> str:
    return {Manner.CALL: say("by call"), Manner.TEXT_AND_CALL: say("by text and call")}[manner]


def terms_words(terms: Terms, area: str) -> str:
    """Whom it asks and how, in a line."""
    minutes = terms.limit // timedelta(minutes=1)
    how = say(
        "{manner}, {tries} times at most, {minutes} minutes",
        manner=manner_word(terms.manner),
        tries=terms.tries,
        minutes=minutes,
    )
    if terms.drawn is not None:
        whom = say("{count} drawn at random", count=terms.drawn)
    elif terms.desk_ids:
        whom = say("{count} chosen desks", count=len(terms.desk_ids))
    else:
        whom = say("all desks")
    return say(", ").join([area, whom, how])


def days_words(days: Sequence[int]) -> str:
    """每天, or the days of the week."""
    if len(days) == 7:
        return say("every day")
    names = (say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun"))
    return say(", ").join(names[day] for day in days)


def when_words(plan: Plan) -> str:
    """When a plan holds its roll calls."""
    if plan.ends is None:
        return say("{days} {time}", days=days_words(plan.days), time=plan.begins)
    return say(
        "{days}, at a random minute from {begin} to {end}",
        days=days_words(plan.days),
        begin=plan.begins,
        end=plan.ends,
    )
