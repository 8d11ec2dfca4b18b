"""The town without a network: mixes, plans, TwiML and what may be called."""

from collections import Counter
from dataclasses import replace

import pytest

from jiaoying.gateways.simulator.habits import (
    NAMED_HABITS,
    CallHabit,
    CallManner,
    Habit,
    TextHabit,
    TextManner,
    habit_as_json,
    habit_from_json,
    habit_name,
)
from jiaoying.gateways.simulator.town import Shares, Town, plan_call, plan_text, random_town
from jiaoying.gateways.simulator.twiml import (
    Gather,
    Hangup,
    Say,
    Strange,
    TwimlError,
    parse_twiml,
    speech_seconds,
)
from jiaoying.gateways.simulator.webhooks import connection_retries, is_loopback

COUNTY = [f"+86100{place:08d}" for place in range(600)]


def test_a_county_is_a_realistic_mix() -> None:
    habits = random_town(COUNTY, seed=1).values()
    calls = Counter(habit.call.does for habit in habits if habit.exists)
    assert 0.6 < calls[CallManner.ANSWER] / 600 < 0.76
    assert 0.07 < calls[CallManner.IGNORE] / 600 < 0.18
    assert all(calls[manner] > 0 for manner in CallManner)
    words = {habit.text.words for habit in habits if habit.text.does is TextManner.REPLY}
    assert len(words) > 8


def test_a_habit_depends_on_seed_and_number_alone() -> None:
    assert random_town(COUNTY, 1) == random_town(reversed(COUNTY), 1)
    assert random_town(COUNTY, 1) != random_town(COUNTY, 2)
    nobody = random_town(
        COUNTY, 1, replace(Shares(), ignores=1.0, invalid=0.0, switched_off=0.0, voicemail=0.0, busy=0.0)
    )
    assert {habit.call.does for habit in nobody.values()} == {CallManner.IGNORE}


def test_a_described_habit_goes_before_the_mix_and_the_mix_before_the_default() -> None:
    described, default = NAMED_HABITS["busy"], NAMED_HABITS["ignores"]
    assert Town(mixed=True).habit_of(COUNTY[0], described) == described
    assert Town(default=default).habit_of(COUNTY[0], None) == default
    assert Town(default=default, mixed=True).habit_of(COUNTY[0], None) == random_town(COUNTY, 0)[COUNTY[0]]


@pytest.mark.parametrize("name", NAMED_HABITS)
def test_habits_survive_json(name: str) -> None:
    habit = NAMED_HABITS[name]
    assert habit_from_json(habit_as_json(habit)) == habit
    assert habit_from_json(name) == habit
    assert habit_name(habit) == name
    assert habit_name(Habit(CallHabit(after_s=1.5))) is None


@pytest.mark.parametrize("manner", TextManner)
@pytest.mark.parametrize("draw", [0.0, 0.999])
def test_every_text_ends_after_it_was_sent(manner: TextManner, draw: float) -> None:
    plan = plan_text(TextHabit(manner), draw, 36_000)
    assert 0 < plan.sent_s < plan.end_s
    assert (plan.reply_s is not None) == (manner is TextManner.REPLY)
    assert (plan.error_code is None) == (plan.end_status == "delivered")


@pytest.mark.parametrize("manner", CallManner)
def test_a_taken_line_is_busy_whatever_the_habit(manner: CallManner) -> None:
    assert plan_call(CallHabit(manner), line_taken=True).fails_as == "busy"


def test_chinese_is_spoken_slower_than_letters() -> None:
    assert speech_seconds("暴雨红色预警确认") == 2.0
    assert speech_seconds("a" * 30) == 2.0
    assert speech_seconds("") == 0.5


def test_twiml_is_read_in_order() -> None:
    verbs = parse_twiml(
        b"<Response><!-- x --><Gather numDigits='1' timeout='3' finishOnKey=''><Say loop='0'>a</Say>"
        b"<Pause length='2'/><Dial/></Gather><Dial>1</Dial><Hangup/></Response>"
    )
    gather, dial, hang_up = verbs
    assert isinstance(gather, Gather)
    assert (gather.num_digits, gather.timeout_s, gather.finish_on_key, len(gather.prompt)) == (1, 3.0, "", 2)
    assert isinstance(gather.prompt[0], Say)
    assert gather.prompt[0].loop == 1000
    assert dial == Strange("Dial")
    assert hang_up == Hangup()


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"plain",
        b"<Response>",
        b"<response/>",
        b"<!DOCTYPE x><Response/>",
        b"<Response>" + b"<Pause/>" * 201 + b"</Response>",
        b"\xff\xfe",
    ],
)
def test_what_is_not_twiml_is_told(document: bytes) -> None:
    with pytest.raises(TwimlError):
        parse_twiml(document)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:8080/x", True),
        ("https://localhost/x", True),
        ("http://[::1]:8080/x", True),
        ("http://127.9.9.9/", True),
        ("http://192.0.2.1/", False),
        ("http://localhost.example.com/", False),
        ("http://127.0.0.1@example.com/", False),
        ("http://0.0.0.0/", False),
        ("ftp://127.0.0.1/", False),
        ("http://127.0.0.1:99999/", False),
        ("127.0.0.1", False),
        ("", False),
    ],
)
def test_only_this_machine_is_called(url: str, allowed: bool) -> None:
    assert is_loopback(url) is allowed


@pytest.mark.parametrize(
    ("fragment", "times"), [("", 1), ("#rc=0", 0), ("#ct=100&rc=3", 3), ("#rc=9", 5), ("#rc=x", 1)]
)
def test_failed_connections_are_tried_as_often_as_the_fragment_says(fragment: str, times: int) -> None:
    assert connection_retries(f"http://127.0.0.1/x{fragment}") == times
