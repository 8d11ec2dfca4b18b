"""What waits in the lanes, as the forecast takes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.forecast import ASSUMED, Waiting
from jiaoying.dispatch.forecasting import Queue, look_ahead, make_forecasts, queues_of
from jiaoying.dispatch.store.forecasts import BetweenRounds, DueForecast, InLane
from jiaoying.gateways.base import Channel, Limits
from jiaoying.gateways.registry import build_gateways
from jiaoying.kernel.colours import Colour
from town import SECRET, settings_for_tests

NOW = datetime(2026, 7, 15, 19, 0, tzinfo=UTC)
RED = UUID(int=1)
LIMITS = Limits(lines=8, calls_per_s=10.0, segments_per_s=100.0)
GATEWAYS = build_gateways(
    settings_for_tests(),
    public_url="http://127.0.0.1:1",
    secrets_simulator=SECRET,
    simulator_base="http://127.0.0.1:1",
)


def _in_lane(channel: Channel, people: int, *, gateway: str = "simulator") -> InLane:
    return InLane(gateway, channel, RED, 1, 1, False, 2, 60, people, 3.0, 0.0)


def _between(round_: int, channels: tuple[Channel, ...]) -> BetweenRounds:
    return BetweenRounds(False, False, RED, 1, channels, round_, 3, 60, 10, 30.0)


def test_calls_and_texts_wait_in_lanes_of_their_own() -> None:
    (queue,) = queues_of([_in_lane(Channel.VOICE, 7), _in_lane(Channel.SMS, 9)], [], GATEWAYS).values()
    assert [(group.people, group.size) for group in queue.calls] == [(7, 1.0)]
    assert [(group.people, group.size) for group in queue.texts] == [(9, 3.0)]
    assert queue.people_of(RED) == 9


def test_what_a_gateway_holds_that_is_no_longer_set_up_does_not_count() -> None:
    (queue,) = queues_of([_in_lane(Channel.VOICE, 7, gateway="gone")], [], GATEWAYS).values()
    assert queue == Queue()


def test_who_is_rung_again_gets_no_further_text_beside_the_call() -> None:
    both = (Channel.SMS, Channel.VOICE)
    (queue,) = queues_of([], [_between(1, both)], GATEWAYS).values()
    assert [(group.round, group.more, group.ready_s) for group in queue.calls] == [(2, 1, 30.0)]
    assert queue.texts == []
    # Before the first round both are still to come; texts alone are repeated.
    (queue,) = queues_of([], [_between(0, both)], GATEWAYS).values()
    assert ([group.more for group in queue.calls], [group.more for group in queue.texts]) == ([2], [0])
    (queue,) = queues_of([], [_between(1, (Channel.SMS,))], GATEWAYS).values()
    assert [(group.round, group.more) for group in queue.texts] == [(2, 1)]


def test_the_lines_for_five_minutes_are_told_of_red_before_its_start_only() -> None:
    queues = queues_of([_in_lane(Channel.VOICE, 506), _in_lane(Channel.SMS, 506)], [], GATEWAYS)

    def needed(kind: str, colour: Colour) -> int | None:
        due = [DueForecast(RED, kind, colour, 506)]
        (made,) = make_forecasts(due, queues, {"simulator": LIMITS}, {"simulator": ASSUMED}, {RED: None}, NOW)
        assert made.unrung == 506
        assert made.first_pass_end > NOW + timedelta(minutes=35)
        return made.lines_needed

    assert needed("before", Colour.RED) == 76
    assert needed("before", Colour.ORANGE) is None
    assert needed("running", Colour.RED) is None


def test_of_whom_nobody_waits_any_more_nothing_is_forecast() -> None:
    due = [DueForecast(RED, "running", Colour.RED, 506)]
    queues = {"simulator": Queue()}
    assert make_forecasts(due, queues, {"simulator": LIMITS}, {"simulator": ASSUMED}, {RED: None}, NOW) == []


def test_a_draft_is_played_beside_what_runs() -> None:
    (queue,) = queues_of([_in_lane(Channel.VOICE, 80)], [], GATEWAYS).values()
    alone = look_ahead(RED, queue, Queue(), LIMITS, ASSUMED, Colour.RED)
    running = Queue(calls=[*queue.calls])
    beside = look_ahead(UUID(int=2), Queue(calls=[_other(80)]), running, LIMITS, ASSUMED, Colour.RED)
    assert beside.minutes > 1.5 * alone.minutes


def _other(people: int) -> Waiting:
    (queue,) = queues_of([_in_lane(Channel.VOICE, people)], [], GATEWAYS).values()
    return replace(queue.calls[0], warning=UUID(int=2))
