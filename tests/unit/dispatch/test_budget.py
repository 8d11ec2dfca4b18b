"""How much one number bears, whatever is planned for it and however late it leaves."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.dispatch.budget import MARGIN, OVERDRAFT, Need, Usage, overdrawn, room_at
from jiaoying.gateways.base import Channel
from jiaoying.kernel.budgets import UNLIMITED, USUAL_BUDGET, Allowance, NumberBudget, read_budget

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
VOICE = USUAL_BUDGET.of("voice")
NUMBER = "+8610000000001"


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def test_a_budget_is_written_as_it_is_read() -> None:
    assert str(USUAL_BUDGET) == "voice 1/min 5/h 20/d; sms 10/h 50/d"
    assert read_budget(str(USUAL_BUDGET)) == USUAL_BUDGET
    assert read_budget("SMS 1/30s") == NumberBudget({"sms": (Allowance(30, 1),)})
    assert read_budget("none") == UNLIMITED


@pytest.mark.parametrize(
    "value", ["", "voice", "voice 5", "fax 1/h", "voice 0/h", "voice 1/h; voice 2/h", "1/h"]
)
def test_anything_else_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        read_budget(value)


def test_the_fullest_stretch_decides() -> None:
    assert room_at(VOICE, [], Need.CALL, NOW) == NOW
    assert room_at(VOICE, [ago(seconds=20)], Need.CALL, NOW) == NOW + timedelta(seconds=40) + MARGIN
    hour = [ago(minutes=10 * step) for step in range(1, 6)]
    assert room_at(VOICE, hour, Need.CALL, NOW) == NOW + timedelta(minutes=10) + MARGIN
    day = [ago(hours=step) for step in range(2, 22)]
    assert room_at(VOICE, day, Need.CALL, NOW) == NOW + timedelta(hours=3) + MARGIN


def test_a_grave_warning_overdraws_the_long_stretches_and_says_so() -> None:
    hour = [ago(minutes=10 * step) for step in range(1, 6)]
    assert room_at(VOICE, hour, Need.GRAVE, NOW) == NOW
    assert overdrawn(VOICE, hour, NOW) == "6 of 5/h"
    # The minute is the carrier's own.
    assert room_at(VOICE, [ago(seconds=20)], Need.GRAVE, NOW) > NOW
    twice = [ago(minutes=5 * step) for step in range(1, 5 * OVERDRAFT + 1)]
    assert room_at(VOICE, twice, Need.GRAVE, NOW) > NOW


def test_replies_leave_a_third_to_the_calls() -> None:
    texts = [ago(minutes=step) for step in range(1, 8)]
    assert room_at(USUAL_BUDGET.of("sms"), texts, Need.NOTICE, NOW) > NOW
    assert room_at(USUAL_BUDGET.of("sms"), texts, Need.CALL, NOW) == NOW


def test_another_gateway_that_has_room_carries_it() -> None:
    usage = Usage({"first": USUAL_BUDGET, "second": USUAL_BUDGET})
    usage.take("first", Channel.VOICE, NUMBER, UUID(int=1), ago(seconds=5))
    room = usage.room(["first", "second"], Channel.VOICE, NUMBER, Need.CALL, NOW)
    assert (room.at, room.gateway) == (NOW, "second")
    assert usage.room(["first"], Channel.VOICE, NUMBER, Need.CALL, NOW).at > NOW
    taken_back = usage.room(["first"], Channel.VOICE, NUMBER, Need.CALL, NOW, apart={UUID(int=1)})
    assert taken_back.at == NOW


@settings(max_examples=200, deadline=None)
@given(
    allowances=st.lists(
        st.builds(Allowance, st.integers(1, 4000), st.integers(1, 6)), min_size=1, max_size=3
    ),
    wishes=st.lists(st.tuples(st.integers(0, 600), st.integers(0, 900)), max_size=60),
    need=st.sampled_from(Need),
)
def test_no_stretch_ever_holds_more_than_it_may(
    allowances: list[Allowance], wishes: list[tuple[int, int]], need: Need
) -> None:
    """Each wish comes so long after the last; what is planned leaves so much later than it was planned."""
    budget = NumberBudget({"voice": tuple(sorted(allowances))})
    usage, now, waiting, left = Usage({"g": budget}), NOW, dict[UUID, datetime](), list[datetime]()

    def leave(until: datetime) -> None:
        for row_id, at in sorted(waiting.items(), key=lambda item: item[1]):
            if at <= until:
                usage.take("g", Channel.VOICE, NUMBER, row_id, at)
                left.append(at)
                del waiting[row_id]

    for count, (pause_s, delay_s) in enumerate(wishes):
        now += timedelta(seconds=pause_s)
        leave(now)
        for row_id in waiting:
            usage.take("g", Channel.VOICE, NUMBER, row_id, now)
        room = usage.room(["g"], Channel.VOICE, NUMBER, need, now)
        assert room.at >= now
        if room.at == now:
            waiting[UUID(int=count)] = now + timedelta(seconds=delay_s)
    leave(now + timedelta(days=1))
    for item in allowances:
        most = item.times * (OVERDRAFT if need is Need.GRAVE and item.seconds >= 3600 else 1)
        stretch = timedelta(seconds=item.seconds)
        assert all(sum(at - stretch < other <= at for other in left) <= most for at in left)
