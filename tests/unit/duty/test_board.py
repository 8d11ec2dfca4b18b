"""Who stands in each part of a shift, as the pages tell of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from jiaoying.duty.board import manned, stays_in
from jiaoying.duty.model import Change, ChangeKind, Role, Shift
from jiaoying.duty.rota import standing_in

BEGIN = datetime(2026, 8, 7, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLANNED, LEADER = UUID(int=10), UUID(int=20)
SHIFT = Shift(UUID(int=1), UUID(int=2), BEGIN, BEGIN + 24 * HOUR, PLANNED, LEADER)


def change(number: int, begin: int, end: int, role: Role = Role.OFFICER) -> Change:
    """Somebody stands from one hour of the shift to another; a later number was made later."""
    return Change(
        UUID(int=100 + number),
        SHIFT.id,
        role,
        UUID(int=30 + number),
        ChangeKind.OVERRIDE,
        BEGIN + begin * HOUR,
        BEGIN + end * HOUR,
        BEGIN - timedelta(days=1) + number * HOUR,
    )


def test_a_part_that_somebody_else_takes_leaves_the_rest_as_planned() -> None:
    stays = stays_in(SHIFT, Role.OFFICER, [change(1, 4, 6)])
    assert [(stay.person_id, (stay.ends_at - stay.starts_at) // HOUR) for stay in stays] == [
        (PLANNED, 4),
        (UUID(int=31), 2),
        (PLANNED, 18),
    ]
    assert [stay.change is None for stay in stays] == [True, False, True]


def test_what_was_taken_back_or_is_of_another_role_is_not_told() -> None:
    undone = replace(change(1, 0, 24), undone_at=BEGIN)
    assert [stay.person_id for stay in stays_in(SHIFT, Role.OFFICER, [undone])] == [PLANNED]
    one = manned(SHIFT, [change(2, 0, 24, Role.LEADER)])
    assert one.stays[Role.OFFICER][0].change is None
    assert one.stays[Role.SECOND][0].person_id is None
    assert [each.person_id for each in one.changes] == [UUID(int=32)]
    assert one.people == {PLANNED, LEADER, UUID(int=32)}


@given(st.lists(st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda span: span[0] < span[1])))
def test_the_parts_follow_each_other_and_tell_who_stands(spans: list[tuple[int, int]]) -> None:
    changes = [change(number, *span) for number, span in enumerate(spans)]
    stays = stays_in(SHIFT, Role.OFFICER, changes)
    assert (stays[0].starts_at, stays[-1].ends_at) == (SHIFT.starts_at, SHIFT.ends_at)
    for before, after in pairwise(stays):
        assert before.ends_at == after.starts_at
        assert before.change != after.change
    for hour in range(24):
        at = BEGIN + hour * HOUR
        (stay,) = (one for one in stays if one.starts_at <= at < one.ends_at)
        assert stay.person_id == standing_in(SHIFT, changes, at).officer_id
