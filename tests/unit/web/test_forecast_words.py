"""Forecasts as people read them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.store.forecasts import ForecastRow
from jiaoying.web import forecast_words

NOW = datetime(2026, 7, 15, 19, 0, tzinfo=UTC)
BEFORE = ForecastRow(
    warning_id=UUID(int=1),
    kind="before",
    made_at=NOW,
    lines=8,
    people=506,
    unrung=506,
    calls=728,
    parts=1012,
    measured=0,
    first_pass_end=NOW + timedelta(minutes=12, seconds=42),
    all_rounds_end=NOW + timedelta(minutes=20),
    binding="lines",
    lines_needed=78,
    curve=((0.0, 506), (762.0, 0)),
    last_label="沁水县 防汛责任人",
    ended_at=None,
    outcome=None,
    last_name="赵演示",
    headline="暴雨红色预警",
    exercise=False,
)
RUNNING = replace(
    BEFORE,
    kind="running",
    made_at=NOW + timedelta(minutes=6),
    unrung=260,
    first_pass_end=NOW + timedelta(minutes=14),
    curve=((0.0, 260), (480.0, 0)),
)
REACHED = replace(BEFORE, ended_at=NOW + timedelta(minutes=13, seconds=6), outcome="reached")


def test_the_sentence_for_red() -> None:
    assert forecast_words.pass_words(8, 47.04) == "8 条线路：首轮 47.0 分钟"
    assert forecast_words.lines_words(78) == "5 分钟内需要 78 条线路"


def test_what_was_expected_stands_beside_what_came() -> None:
    assert forecast_words.outcome_words(REACHED) == "预计 12.7 分钟，实际 13.1 分钟"
    assert forecast_words.error_words(REACHED) == "-3%"


def test_what_was_over_at_once_is_told_as_such() -> None:
    """Texts without a call: nothing was cut short."""
    at_once = replace(REACHED, first_pass_end=NOW, ended_at=NOW)
    assert forecast_words.outcome_words(at_once) == "预计 <0.1 分钟，实际 <0.1 分钟"
    assert forecast_words.error_words(at_once) == "–"


def test_who_is_asked_after_the_first_pass_is_not_drawn_into_it() -> None:
    later = replace(RUNNING, made_at=NOW + timedelta(minutes=30), unrung=40)
    first, with_later = (
        forecast_words.shown([REACHED, RUNNING]),
        forecast_words.shown([REACHED, RUNNING, later]),
    )
    assert first
    assert with_later
    assert first.plot
    assert with_later.plot
    assert with_later.plot.real == first.plot.real


def test_what_was_cut_short_has_no_error() -> None:
    cut = replace(REACHED, outcome="cut_short")
    assert forecast_words.outcome_words(cut) == "预计 12.7 分钟，中途终止"
    assert forecast_words.error_words(cut) == "–"


def test_the_plot_falls_from_all_to_none_inside_its_frame() -> None:
    shown = forecast_words.shown([BEFORE, RUNNING])
    assert shown
    assert shown.plot
    assert shown.plot.expected.startswith("M36.0 5.0L")
    # The end has moved on since.
    assert shown.plot.expected.endswith("362.6 130.0")
    assert shown.plot.ahead.endswith("396.0 130.0")
    assert shown.plot.ends_at == RUNNING.first_pass_end


def test_once_over_only_what_was_expected_and_what_came_are_drawn() -> None:
    shown = forecast_words.shown([REACHED, replace(RUNNING, ended_at=REACHED.ended_at, outcome="reached")])
    assert shown
    assert shown.plot
    assert shown.plot.ahead == ""
    assert shown.plot.real.endswith("396.0 130.0")


def test_without_a_forecast_nothing_is_shown() -> None:
    assert forecast_words.shown([]) is None
