"""Who stands at a desk, at every moment of every rota."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.duty.model import Absence, Desk, NobodyOnDuty, Shift, Standing
from jiaoying.duty.rota import resolve, without_overlaps

MONDAY = datetime(2026, 7, 13, 0, 30, tzinfo=UTC)  # 08:30 in Shanxi
DESK = Desk(UUID(int=1), "140521100000", "龙港镇值班室", UUID(int=99))
HOUR = timedelta(hours=1)


def shift(begin_h: int, end_h: int, officer: int = 7, desk: int = 1, number: int = 0) -> Shift:
    return Shift(
        UUID(int=1000 + number or begin_h),
        UUID(int=desk),
        MONDAY + begin_h * HOUR,
        MONDAY + end_h * HOUR,
        UUID(int=officer),
        UUID(int=8),
    )


def test_a_shift_stands_from_its_first_moment_to_before_its_last() -> None:
    day = shift(0, 24)
    for moment in (MONDAY, MONDAY + 24 * HOUR - timedelta(microseconds=1)):
        assert resolve(DESK, [day], moment) == Standing(UUID(int=7), UUID(int=8), day)
    for moment in (MONDAY - timedelta(microseconds=1), MONDAY + 24 * HOUR):
        assert isinstance(resolve(DESK, [day], moment), NobodyOnDuty)


def test_at_the_change_of_shift_the_relief_stands() -> None:
    before, after = shift(0, 24, officer=7), shift(24, 48, officer=9)
    standing = resolve(DESK, [before, after], MONDAY + 24 * HOUR)
    assert isinstance(standing, Standing)
    assert standing.officer_id == UUID(int=9)


def test_nobody_has_a_reason_and_the_desks_own_number() -> None:
    early, late = shift(0, 8), shift(16, 24)
    cases: list[tuple[list[Shift], int, Absence]] = [
        ([], 4, Absence.NO_SHIFT),
        ([early, late], -1, Absence.NOT_BEGUN),
        ([early, late], 12, Absence.GAP),
        ([early, late], 24, Absence.ENDED),
        ([shift(0, 24, desk=2)], 4, Absence.NO_SHIFT),
    ]
    for shifts, hours, reason in cases:
        assert resolve(DESK, shifts, MONDAY + hours * HOUR) == NobodyOnDuty(reason, UUID(int=99))


@st.composite
def rotas(draw: st.DrawFn) -> list[Shift]:
    """Shifts of two desks that overlap as they like."""
    found: list[Shift] = []
    for number in range(1, draw(st.integers(0, 14)) + 1):
        begin, length = draw(st.integers(0, 60)), draw(st.integers(1, 20))
        officer, desk = draw(st.integers(1, 3)), draw(st.sampled_from([1, 2]))
        found.append(shift(begin, begin + length, officer, desk, number))
    return found


@settings(deadline=None)
@given(wanted=rotas(), planned=rotas())
def test_at_any_moment_at_most_one_shift_stands(wanted: list[Shift], planned: list[Shift]) -> None:
    stored, _ = without_overlaps(planned, [])
    kept, refused = without_overlaps(wanted, stored)
    replaced = {(each.desk_id, each.starts_at) for each in kept}
    rota = kept + [each for each in stored if (each.desk_id, each.starts_at) not in replaced]
    for hour in range(81):
        moment = MONDAY + hour * HOUR
        standing = [each for each in rota if each.starts_at <= moment < each.ends_at]
        assert len({each.desk_id for each in standing}) == len(standing)
        own = [each for each in standing if each.desk_id == DESK.id]
        answer = resolve(DESK, rota, moment)
        assert (answer.shift if isinstance(answer, Standing) else None) == (own[0] if own else None)
    for overlap in refused:
        assert overlap.refused.desk_id == overlap.standing.desk_id
        assert overlap.refused.starts_at < overlap.standing.ends_at
        assert overlap.standing.starts_at < overlap.refused.ends_at


@settings(deadline=None)
@given(planned=rotas())
def test_the_same_rota_again_is_taken_whole(planned: list[Shift]) -> None:
    stored, _ = without_overlaps(planned, [])
    assert without_overlaps(stored, stored) == (stored, [])


def test_a_refused_shift_does_not_push_out_the_next() -> None:
    first, slip, third = shift(0, 8), shift(6, 14), shift(10, 18)
    kept, refused = without_overlaps([first, slip, third], [])
    assert kept == [first, third]
    assert [(each.refused, each.standing) for each in refused] == [(slip, first)]


def test_should_two_overlap_in_the_database_the_later_begun_stands() -> None:
    standing = resolve(DESK, [shift(0, 24, officer=7), shift(8, 24, officer=9)], MONDAY + 9 * HOUR)
    assert isinstance(standing, Standing)
    assert standing.officer_id == UUID(int=9)
