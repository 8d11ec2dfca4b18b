"""When the desk must hear of a source, and when not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from jiaoying.warnings.feeds.judging import SourceState, judge
from jiaoying.warnings.feeds.model import Source, SourceConfig, SourceKind, SourceLife

NOW = datetime(2026, 7, 15, 8, 30, tzinfo=UTC)
POLL = SourceConfig("省台", SourceKind.POLL, address="https://cap.example.gov.cn/", interval_s=300)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def source(config: SourceConfig = POLL, **changes: object) -> Source:
    plain = Source(UUID(int=1), config, ago(days=9), NOW, None, None, 0, None, None, None, None)
    return replace(plain, **changes)  # pyright: ignore[reportArgumentType]


def state_of(one: Source, life: SourceLife | None = None) -> SourceState:
    return judge(one, life or SourceLife(), NOW, NOW).state


def test_one_that_was_never_heard_is_no_trouble_yet() -> None:
    assert state_of(source()) is SourceState.UNHEARD
    assert state_of(source(last_success_at=ago(minutes=1))) is SourceState.WELL


def test_a_hiccup_is_no_alarm_and_a_long_failure_is() -> None:
    assert state_of(source(failures=2, failing_since=ago(hours=2))) is SourceState.UNHEARD
    assert state_of(source(failures=9, failing_since=ago(minutes=14))) is SourceState.UNHEARD
    assert state_of(source(failures=3, failing_since=ago(minutes=15))) is SourceState.FAILING
    quick = replace(POLL, interval_s=30)
    assert state_of(source(quick, failures=3, failing_since=ago(minutes=9))) is SourceState.UNHEARD
    assert state_of(source(quick, failures=3, failing_since=ago(minutes=10))) is SourceState.FAILING


@pytest.mark.parametrize("kind", [SourceKind.PUSH, SourceKind.POLL, SourceKind.FOLDER])
def test_silence_counts_from_the_last_good_message_and_never_before_it_was_switched_on(
    kind: SourceKind,
) -> None:
    config = replace(POLL, kind=kind, silence_s=3600)
    assert state_of(source(config), SourceLife(ago(minutes=59))) is SourceState.WELL
    assert state_of(source(config), SourceLife(ago(minutes=61))) is SourceState.SILENT
    assert state_of(source(config)) is SourceState.SILENT
    assert state_of(source(config, watched_from=ago(minutes=5)), SourceLife(ago(days=3))) is SourceState.WELL


def test_without_a_rhythm_silence_is_no_news() -> None:
    assert state_of(source(), SourceLife(ago(days=300))) is SourceState.WELL


def test_rubbish_counts_in_a_row() -> None:
    assert state_of(source(), SourceLife(ago(hours=1), refused_in_row=2)) is SourceState.WELL
    assert state_of(source(), SourceLife(ago(hours=1), refused_in_row=3)) is SourceState.REFUSED


def test_warnings_that_could_not_be_fetched_are_told() -> None:
    assert state_of(source(), SourceLife(ago(minutes=1), lost_entries=1)) is SourceState.LOST


def test_switched_off_is_off_whatever_else_is_true() -> None:
    off = replace(POLL, enabled=False, silence_s=60)
    gone = SourceLife(refused_in_row=9, lost_entries=9)
    assert state_of(source(off, failures=99, failing_since=ago(days=2)), gone) is SourceState.OFF


def test_hands_are_never_silent() -> None:
    assert state_of(source(SourceConfig("手工", SourceKind.HAND, silence_s=60))) is SourceState.UNHEARD
