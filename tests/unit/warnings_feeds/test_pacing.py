"""When a feed is asked next."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as some

from jiaoying.warnings.feeds.pacing import (
    LONGEST_BACK_OFF_S,
    LONGEST_RETRY_AFTER_S,
    next_poll,
    read_retry_after,
)

WALL = datetime(2026, 7, 15, 8, 30, tzinfo=UTC)


def wait_s(
    interval_s: int, failures: int = 0, retry_after_s: float | None = None, chance: float = 0.5
) -> float:
    return (next_poll(WALL, interval_s, failures, retry_after_s, chance) - WALL).total_seconds()


def test_it_keeps_its_interval_with_a_little_jitter() -> None:
    assert wait_s(300) == 300
    assert wait_s(300, chance=0.0) == 270
    assert wait_s(300, chance=1.0) == 330


def test_failures_make_it_slower_up_to_a_bound() -> None:
    assert [wait_s(60, failures) for failures in range(1, 6)] == [120, 240, 480, 900, 900]
    assert wait_s(3600, 9) == 3600


def test_what_the_server_asks_for_is_never_undercut() -> None:
    assert wait_s(60, 1, 1800) == 1800
    assert wait_s(60, 4, 10) == 900
    assert wait_s(60, 1, 10**9) == LONGEST_RETRY_AFTER_S


@given(some.integers(1, 86400), some.integers(0, 10**6), some.floats(0, 1), some.none() | some.floats(0, 1e9))
def test_a_next_moment_is_always_ahead_and_never_far(
    interval_s: int, failures: int, chance: float, retry_after_s: float | None
) -> None:
    waited = wait_s(interval_s, failures, retry_after_s, chance)
    assert 0 < waited <= max(1.1 * max(interval_s, LONGEST_BACK_OFF_S), LONGEST_RETRY_AFTER_S)


def test_seconds_and_dates_are_read() -> None:
    assert read_retry_after("120", WALL) == 120
    assert read_retry_after("Wed, 15 Jul 2026 08:40:00 GMT", WALL) == 600
    assert read_retry_after("Wed, 15 Jul 2026 08:00:00 GMT", WALL) == 0
    assert read_retry_after("9" * 400, WALL) == LONGEST_RETRY_AFTER_S
    for nonsense in (None, "", "soon", "-5", "１２０", "Wed, 99 Jul 2026"):
        assert read_retry_after(nonsense, WALL) is None, nonsense
