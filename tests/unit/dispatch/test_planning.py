"""What a call-out does next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.ladders.reading import default_book
from jiaoying.dispatch.planning import (
    HEARD_REST_S,
    TEXT_GRACE_S,
    LookAgain,
    Number,
    OpenCallOut,
    PastAttempt,
    Plan,
    PlannedAttempt,
    Ring,
    Spent,
    next_round,
)
from jiaoying.dispatch.states import AttemptState
from jiaoying.gateways.base import Channel

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
MOBILE, SECOND, LANDLINE = (
    Number("+8610000000001", takes_texts=True),
    Number("+8610000000002", takes_texts=True),
    Number("+863560000001", takes_texts=False),
)
BOTH = (Channel.SMS, Channel.VOICE)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def past(
    channel: Channel,
    state: AttemptState,
    *,
    round_: int = 1,
    at_s: float = 0,
    number: Number = MOBILE,
    refused: bool = False,
) -> PastAttempt:
    return PastAttempt(channel, number.number, state, round_, at(at_s), refused)


def plan_at(
    seconds: float,
    *attempts: PastAttempt,
    numbers: tuple[Number, ...] = (MOBILE,),
    channels: tuple[Channel, ...] = BOTH,
    tries: int = 3,
) -> Plan:
    done = max((attempt.round for attempt in attempts), default=0)
    return next_round(OpenCallOut(UUID(int=1), channels, tries, 60, done, numbers, attempts), at(seconds))


def _rung_in_turn(numbers: tuple[Number, ...], tries: int) -> list[str]:
    """The numbers that are rung, try by try, where nobody ever answers."""
    rung: list[str] = []
    attempts: list[PastAttempt] = []
    for number in range(tries):
        seconds = 200.0 * number
        plan = plan_at(seconds, *attempts, numbers=numbers, channels=(Channel.VOICE,), tries=tries)
        assert isinstance(plan, Ring)
        [planned] = plan.attempts
        rung.append(planned.number)
        attempts.append(
            PastAttempt(Channel.VOICE, planned.number, AttemptState.FAILED, plan.round, at(seconds), False)
        )
    return rung


def test_a_doubtful_number_is_rung_last_and_costs_no_other_its_turn() -> None:
    dead = replace(SECOND, doubtful=True)
    assert _rung_in_turn((MOBILE, dead), 3) == [MOBILE.number, MOBILE.number, dead.number]
    assert _rung_in_turn((dead, MOBILE, LANDLINE), 3) == [MOBILE.number, LANDLINE.number, dead.number]
    assert _rung_in_turn((MOBILE, LANDLINE, dead), 2) == [MOBILE.number, LANDLINE.number]
    assert _rung_in_turn((MOBILE, dead), 1) == [MOBILE.number]


def test_who_has_doubtful_numbers_only_is_called_on_them() -> None:
    dead, gone = replace(MOBILE, doubtful=True), replace(SECOND, doubtful=True)
    assert _rung_in_turn((dead, gone), 3) == [dead.number, gone.number, dead.number]


def test_text_and_call_go_out_together() -> None:
    assert plan_at(0) == Ring(
        1, (PlannedAttempt(Channel.SMS, MOBILE.number), PlannedAttempt(Channel.VOICE, MOBILE.number))
    )


def test_nothing_new_while_one_waits_in_the_queue_or_rings() -> None:
    for state in (AttemptState.DUE, AttemptState.SENDING, AttemptState.ACCEPTED):
        assert isinstance(plan_at(500, past(Channel.VOICE, state)), LookAgain)


def test_a_text_under_way_does_not_hold_up_the_next_call() -> None:
    text, call = past(Channel.SMS, AttemptState.ACCEPTED), past(Channel.VOICE, AttemptState.FAILED, at_s=40)
    assert plan_at(99, text, call) == LookAgain(at(100))
    assert plan_at(100, text, call) == Ring(2, (PlannedAttempt(Channel.VOICE, MOBILE.number),))


def test_a_text_that_failed_is_sent_again() -> None:
    text = past(Channel.SMS, AttemptState.FAILED)
    call = past(Channel.VOICE, AttemptState.FAILED)
    plan = plan_at(100, text, call)
    assert isinstance(plan, Ring)
    assert {attempt.channel for attempt in plan.attempts} == {Channel.SMS, Channel.VOICE}


def test_numbers_take_turns() -> None:
    call = past(Channel.VOICE, AttemptState.FAILED)
    text = past(Channel.SMS, AttemptState.DELIVERED)
    assert plan_at(100, text, call, numbers=(MOBILE, SECOND)) == Ring(
        2, (PlannedAttempt(Channel.VOICE, SECOND.number),)
    )


def test_a_landline_takes_no_text() -> None:
    assert plan_at(0, numbers=(LANDLINE,)) == Ring(1, (PlannedAttempt(Channel.VOICE, LANDLINE.number),))
    assert plan_at(0, numbers=(LANDLINE,), channels=(Channel.SMS,)) == Spent("no_number_for_channel")


def test_a_number_that_is_refused_for_good_is_left_out() -> None:
    calls = (
        past(Channel.VOICE, AttemptState.FAILED, refused=True),
        past(Channel.SMS, AttemptState.DELIVERED),
    )
    assert plan_at(100, *calls, numbers=(MOBILE, SECOND)) == Ring(
        2, (PlannedAttempt(Channel.VOICE, SECOND.number),)
    )


def test_nobody_is_called_without_a_number() -> None:
    assert plan_at(0, numbers=()) == Spent("no_number")


def test_three_rounds_and_a_pause_are_enough() -> None:
    rounds = [past(Channel.VOICE, AttemptState.FAILED, round_=n, at_s=n * 100) for n in (1, 2, 3)]
    text = past(Channel.SMS, AttemptState.DELIVERED)
    assert plan_at(359, text, *rounds) == LookAgain(at(360))
    assert plan_at(360, text, *rounds) == Spent("no_answer")


def test_texts_alone_wait_as_long_as_any_rung_of_the_default_ladders() -> None:
    rules = default_book().rules
    waits = [
        rung.wait_s
        for rule in rules
        for ladder in rule.tiers.values()
        for rung in ladder.rungs
        if rung.channels == (Channel.SMS,)
    ]
    assert max(waits) <= TEXT_GRACE_S


def test_a_text_that_did_not_arrive_is_not_waited_for() -> None:
    text = past(Channel.SMS, AttemptState.FAILED)
    assert plan_at(60, text, channels=(Channel.SMS,), tries=1) == Spent("no_answer")


def test_a_text_alone_is_given_time_to_be_read() -> None:
    text = past(Channel.SMS, AttemptState.DELIVERED)
    assert plan_at(100, text, channels=(Channel.SMS,), tries=1) == LookAgain(at(TEXT_GRACE_S))
    assert plan_at(TEXT_GRACE_S, text, channels=(Channel.SMS,), tries=1) == Spent("no_answer")


def test_a_number_that_heard_the_whole_message_rests_two_minutes_longer_than_the_gap() -> None:
    heard = replace(past(Channel.VOICE, AttemptState.DELIVERED, at_s=50), heard_at=at(20))
    text = past(Channel.SMS, AttemptState.DELIVERED)
    assert plan_at(115, heard, text) == LookAgain(at(20 + HEARD_REST_S))
    assert plan_at(20 + HEARD_REST_S, heard, text) == Ring(2, (PlannedAttempt(Channel.VOICE, MOBILE.number),))


def test_meanwhile_another_number_of_the_person_is_rung() -> None:
    heard = replace(past(Channel.VOICE, AttemptState.DELIVERED, at_s=50), heard_at=at(20))
    plan = plan_at(115, heard, past(Channel.SMS, AttemptState.DELIVERED), numbers=(MOBILE, LANDLINE))
    assert plan == Ring(2, (PlannedAttempt(Channel.VOICE, LANDLINE.number),))


def test_who_heard_the_last_try_is_given_up_at_the_gap_and_not_lost() -> None:
    heard = replace(past(Channel.VOICE, AttemptState.DELIVERED, round_=3, at_s=50), heard_at=at(20))
    assert plan_at(111, heard) == Spent("no_answer")


def test_a_text_that_went_while_the_phone_was_taken_and_failed_is_not_sent_twice_in_its_round() -> None:
    """Its call is still to come: the round is not counted yet."""
    text = past(Channel.SMS, AttemptState.FAILED, at_s=0)
    call_out = OpenCallOut(UUID(int=1), BOTH, 3, 60, 0, (MOBILE,), (text,))
    assert next_round(call_out, at(20)) == Ring(1, (PlannedAttempt(Channel.VOICE, MOBILE.number),))
    refused = past(Channel.VOICE, AttemptState.FAILED, round_=0, refused=True)
    texted = replace(call_out, attempts=(text, refused))
    assert next_round(texted, at(20)) == LookAgain(at(60))
    assert next_round(texted, at(60)) == Ring(2, (PlannedAttempt(Channel.SMS, MOBILE.number),))
