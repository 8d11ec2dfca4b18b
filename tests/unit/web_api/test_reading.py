"""Whatever is wrong with a request names the field and the remedy."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from unittest.mock import Mock
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.dispatch.states import CallOutState
from jiaoying.web.api.events import Cursor, read_cursor
from jiaoying.web.api.problems import Problem
from jiaoying.web.api.reading import (
    area_in_query,
    id_in_path,
    id_in_query,
    limit_in_query,
    required_text_in,
    text_in,
    word_in_query,
)

SOME_ID = UUID("019f6726-6f80-7af3-ae04-ed416fb8323b")


def asked(**query: str) -> Any:
    return Mock(query=query)


@pytest.mark.parametrize("limit", ["0", "501", "-1", "1e3", "", "٣", "999999999999999999999"])
def test_limit_out_of_bounds(limit: str) -> None:
    with pytest.raises(Problem) as refused:
        limit_in_query(asked(limit=limit), 50)
    assert refused.value.status == 400
    assert refused.value.complaints[0].field == "limit"


def test_what_is_absent_has_its_default() -> None:
    assert limit_in_query(asked(), 50) == 50
    assert word_in_query(asked(), "state", CallOutState) is None
    assert area_in_query(asked()) is None
    assert id_in_query(asked(), "after") is None


def test_what_is_well_written_is_read() -> None:
    assert limit_in_query(asked(limit="500"), 50) == 500
    assert word_in_query(asked(state="open"), "state", CallOutState) is CallOutState.OPEN
    assert area_in_query(asked(area="140521000000")) == "140521000000"
    assert id_in_query(asked(after=str(SOME_ID)), "after") == SOME_ID


@pytest.mark.parametrize(
    ("read", "field"),
    [
        (lambda: word_in_query(asked(state="asleep"), "state", CallOutState), "state"),
        (lambda: area_in_query(asked(area="140521")), "area"),
        (lambda: id_in_query(asked(after="next"), "after"), "after"),
        (lambda: text_in({"note": 7}, "note", most=10), "note"),
        (lambda: text_in({"note": "x" * 11}, "note", most=10), "note"),
        (lambda: required_text_in({"reason": " "}, "reason", most=10), "reason"),
        (lambda: read_cursor("7"), "Last-Event-ID"),
    ],
)
def test_what_is_badly_written_is_named(read: Callable[[], object], field: str) -> None:
    with pytest.raises(Problem) as refused:
        read()
    assert (refused.value.status, refused.value.complaints[0].field) == (400, field)


def test_no_id_in_the_address_is_not_there() -> None:
    with pytest.raises(Problem) as refused:
        id_in_path(Mock(match_info={"id": "1"}))
    assert refused.value.status == 404


@given(st.integers(min_value=0, max_value=2**59), st.uuids())
def test_a_cursor_reads_as_it_was_written(tx: int, line: UUID) -> None:
    assert read_cursor(str(Cursor(tx, line))) == Cursor(tx, line)


@given(st.text())
def test_no_text_breaks_the_reading_of_cursors(written: str) -> None:
    with suppress(Problem):
        assert str(read_cursor(written).tx).isdigit()
