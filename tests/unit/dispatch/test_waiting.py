"""When village people who wait are called by themselves."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from jiaoying.dispatch.states import WarningState
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.dispatch.waiting import release_moment, released_before
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.warnings.holding import DECISION_WAIT_S

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=6)


def earlier(colour: Colour, clock_s: int | None, *released: str) -> WarningRow:
    """A version before, whose clock runs out in so many seconds."""
    return WarningRow(
        id=UUID(int=1),
        kind="alert",
        exercise=False,
        hazard=Hazard.RAIN,
        event="暴雨",
        colour=colour,
        sender_name=None,
        headline="暴雨预警",
        text="暴雨。",
        instruction=None,
        area_names="沁水县",
        area_codes=(),
        polygons=(),
        circles=(),
        sent_at=NOW,
        valid_from=NOW,
        valid_to=LATER,
        reference="A7",
        replaces_id=None,
        state=WarningState.MATCHED,
        reason=None,
        released_areas=released,
        release_at=None if clock_s is None else NOW + timedelta(seconds=clock_s),
    )


@pytest.mark.parametrize("colour", [Colour.BLUE, Colour.YELLOW, Colour.ORANGE, None])
def test_below_red_only_the_officer_decides(colour: Colour | None) -> None:
    assert release_moment(colour, LATER, (), hold_s=30, now=NOW) is None


def test_red_goes_after_the_hold_of_its_source_or_two_minutes() -> None:
    for hold_s, wait_s in ((30, 30), (None, DECISION_WAIT_S), (0, DECISION_WAIT_S)):
        moment = release_moment(Colour.RED, LATER, (), hold_s=hold_s, now=NOW)
        assert moment == NOW + timedelta(seconds=wait_s)


def test_never_later_than_halfway_to_the_end() -> None:
    end = NOW + timedelta(seconds=60)
    assert release_moment(Colour.RED, end, (), hold_s=600, now=NOW) == NOW + timedelta(seconds=30)
    assert release_moment(Colour.RED, NOW - timedelta(hours=1), (), hold_s=None, now=NOW) == NOW


def test_a_clock_that_runs_is_not_pushed_back() -> None:
    before = [earlier(Colour.RED, 20), earlier(Colour.ORANGE, None)]
    assert release_moment(Colour.RED, LATER, before, hold_s=None, now=NOW) == NOW + timedelta(seconds=20)


def test_what_was_let_go_under_any_version_before_stays_so() -> None:
    before = [earlier(Colour.RED, None, "140521100000"), earlier(Colour.RED, None, "140521101000")]
    assert released_before(before) == {"140521100000", "140521101000"}
