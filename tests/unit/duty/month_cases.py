"""Rotas of a month, made up, for the tests of the grid."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from jiaoying.duty.days import Calendar
from jiaoying.duty.model import Change, ChangeKind, Role, Shift
from jiaoying.duty.month_sheet import Filing, MonthSheet, month_sheet, people_on_sheet
from jiaoying.duty.shift_times import DAY_AND_NIGHT, THREE_SHIFTS, WHOLE_DAY, ShiftTime, slots
from jiaoying.kernel.locality import Locality

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOME = Locality("140521000000", "0356", SHANGHAI)
DESK = "沁水县应急值班室"
DESK_ID = UUID(int=77)
MADE = datetime(2026, 7, 1, tzinfo=UTC)
CHINA = Calendar()
PLANS: Sequence[tuple[ShiftTime, ...]] = (
    WHOLE_DAY,
    DAY_AND_NIGHT,
    THREE_SHIFTS,
    tuple(ShiftTime("", each.begins, each.ends) for each in DAY_AND_NIGHT),
)
NAMES = {
    UUID(int=number): name
    for number, name in enumerate(
        ["王建国", "李明", "张晓东（演示）", "欧阳春梅", "阿卜杜拉·麦麦提", "John Smith", "侯文", "=1+1"],
        start=1,
    )
}
NUMBERS = {
    UUID(int=1): "+8613834561234",
    UUID(int=2): "+863567022345",
    UUID(int=3): "+8610000000001",
    UUID(int=4): "+863567022345;ext=801",
    UUID(int=6): "+8613834560006",
    UUID(int=8): "+8613834560008",
}
ANYBODY = st.sampled_from(sorted(NAMES))


def month_shifts(plan: Sequence[ShiftTime], month: date, last: date) -> list[Shift]:
    """The shifts of a plan, its officers in turn, one leader for all."""
    found: list[Shift] = []
    for number, slot in enumerate(slots(plan, SHANGHAI, month, last)):
        officer = UUID(int=1 + number % len(NAMES))
        found.append(
            Shift(
                UUID(int=1000 + number),
                DESK_ID,
                slot.starts_at,
                slot.ends_at,
                officer,
                UUID(int=2),
                name=slot.time.name,
            )
        )
    return found


def changed(shift: Shift, role: Role, person: int, kind: ChangeKind, after_h: int = 0) -> Change:
    return Change(
        UUID(int=5000 + shift.id.int),
        shift.id,
        role,
        UUID(int=person),
        kind,
        shift.starts_at + timedelta(hours=after_h),
        shift.ends_at,
        MADE,
    )


def sheet_of(
    shifts: Sequence[Shift],
    changes: Sequence[Change] = (),
    month: date = date(2026, 10, 1),
    *,
    whole_numbers: bool = True,
) -> MonthSheet:
    people = people_on_sheet(NAMES, NUMBERS, whole_numbers=whole_numbers)
    filing = Filing("沁水县应急管理局", "王建国", date(2026, 9, 28))
    return month_sheet(DESK, month, shifts, changes, people, CHINA, SHANGHAI, filing)


@st.composite
def changed_rotas(draw: st.DrawFn) -> tuple[list[Shift], list[Change]]:
    """Some days of a month: gaps, two officers, odd hours, leaders that differ, and changes."""
    plan = draw(st.sampled_from(PLANS))
    shifts: list[Shift] = []
    changes: list[Change] = []
    for shift in month_shifts(plan, date(2026, 10, 1), date(2026, 10, draw(st.integers(1, 12)))):
        if draw(st.integers(0, 9)) == 0:
            continue
        officer, second = draw(ANYBODY), draw(st.none() | ANYBODY)
        shortened = timedelta(minutes=draw(st.sampled_from([0, 0, 0, 30, 95])))
        shifts.append(
            Shift(
                shift.id,
                DESK_ID,
                shift.starts_at + shortened,
                shift.ends_at,
                officer,
                draw(st.none() | ANYBODY),
                None if second == officer else second,
                shift.name,
            )
        )
        if draw(st.integers(0, 3)) == 0:
            role = draw(st.sampled_from(list(Role)))
            person = draw(st.sampled_from([number for number in range(1, 9) if number != officer.int]))
            own = shifts[-1]
            if role is Role.LEADER or UUID(int=person) != own.second_id:
                change = changed(own, role, person, draw(st.sampled_from(list(ChangeKind))))
                begin = own.starts_at + timedelta(hours=draw(st.sampled_from([0, 0, 3])))
                changes.append(
                    Change(change.id, own.id, role, change.person_id, change.kind, begin, own.ends_at, MADE)
                )
    return shifts, changes
