"""A desk's month filled by its rule, put in force, and looked at."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.store import find_or_add_people
from jiaoying.duty import actions, change_store
from jiaoying.duty.actions import Doer
from jiaoying.duty.checking import FaultKind
from jiaoying.duty.model import Desk, Role
from jiaoying.duty.months import draft, look_at, put_in_force, rule_of, set_plan, suggestions
from jiaoying.duty.planning import DeskPlan, plan_as_data, plan_from_data
from jiaoying.duty.shift_times import DAY_AND_NIGHT
from jiaoying.duty.store import save_desk, shifts_between
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.phone import Number, NumberKind
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database
from jiaoying.storage.schema import contacts

NOW = datetime(2026, 7, 20, 2, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2026, 8, 1), date(2026, 8, 31)
BY = Doer("值班员", "八月排班", NOW, SHANGHAI)


class Office:
    """A desk with six officers and three leaders."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.officers: list[UUID] = []
        self.leaders: list[UUID] = []
        self.desk: Desk | None = None

    @property
    def id(self) -> UUID:
        assert self.desk
        return self.desk.id

    async def fill(self) -> None:
        areas = "code,name,level,parent_code\n140521000000,沁水县,county,\n"
        await import_area_file(self.database, SheetFile("areas.csv", areas.encode()), now=NOW)
        async with self.database.transaction() as tx:
            people = [
                (f"{name}员", Number(f"+861000000000{n}", NumberKind.MOBILE))
                for n, name in enumerate("甲乙丙丁戊己庚辛壬")
            ]
            found = await find_or_add_people(tx, people, now=NOW, note="test", actor="test")
            ids = [one for one in found if one]
            self.officers, self.leaders = ids[:6], ids[6:]
            self.desk = await save_desk(tx, "140521000000", "县应急值班室", None, now=NOW, actor="test")
            await set_plan(
                tx,
                self.id,
                DeskPlan(DAY_AND_NIGHT),
                {Role.OFFICER: self.officers, Role.LEADER: self.leaders},
                BY,
            )


@pytest.fixture
async def office(database: Database) -> Office:
    made = Office(database)
    await made.fill()
    return made


async def test_a_month_is_filled_and_nothing_is_wrong_with_it(office: Office) -> None:
    async with office.database.transaction() as tx:
        made = await draft(tx, office.id, FIRST, LAST, NOW, SHANGHAI)
        assert (await shifts_between(tx, [office.id], NOW, NOW + timedelta(days=60))) == []
        saved = await put_in_force(tx, made.shifts, BY)
        # The first night before the month is nobody's yet.
        looked = (await look_at(tx, [office.id], FIRST + timedelta(days=1), LAST, SHANGHAI))[office.id]
    assert (saved.added, made.filled.gaps) == (62, [])
    assert looked.faults == []
    assert looked.quality.figure == 100
    shares = Counter(one.person_id for one in made.filled.taken if one.place.role is Role.OFFICER)
    assert max(shares.values()) - min(shares.values()) <= 2


async def test_what_is_in_force_stays_and_only_the_rest_is_filled(office: Office) -> None:
    async with office.database.transaction() as tx:
        first = await draft(tx, office.id, FIRST, date(2026, 8, 10), NOW, SHANGHAI)
        await put_in_force(tx, first.shifts, BY)
        rest = await draft(tx, office.id, FIRST, LAST, NOW, SHANGHAI)
        assert min(shift.starts_at for shift in rest.shifts) == max(shift.ends_at for shift in first.shifts)
        # The same draft twice: what came between is left as it is.
        assert (await put_in_force(tx, rest.shifts, BY)).added == 42
        assert (await put_in_force(tx, rest.shifts, BY)).added == 0


async def test_faults_are_seen_ahead_and_a_meant_gap_is_none(office: Office) -> None:
    begin, end = datetime(2026, 8, 12, 0, 0, tzinfo=UTC), datetime(2026, 8, 12, 12, 0, tzinfo=UTC)
    async with office.database.transaction() as tx:
        made = await draft(tx, office.id, FIRST, LAST, NOW, SHANGHAI)
        day_shift = next(shift for shift in made.shifts if shift.starts_at == begin)
        rest = [shift for shift in made.shifts if shift is not day_shift]
        next_day = next(shift for shift in rest if shift.starts_at == begin + timedelta(days=1))
        rest = [replace(shift, leader_id=None) if shift is next_day else shift for shift in rest]
        await put_in_force(tx, rest, BY)
        away = rest[20]
        await actions.take_leave(tx, away.officer_id, away.starts_at, away.ends_at, BY)
        looked = await look_at(tx, [office.id], date(2026, 8, 2), LAST, SHANGHAI)
        faults = [(fault.kind, fault.starts_at) for fault in looked[office.id].faults]
        assert (FaultKind.NOBODY, begin) in faults
        assert (FaultKind.NO_LEADER, next_day.starts_at) in faults
        assert (FaultKind.ON_LEAVE, away.starts_at) in faults
        assert looked[office.id].quality.covered < 1
        await actions.mean_gap(tx, office.id, begin, end, BY)
        again = (await look_at(tx, [office.id], date(2026, 8, 2), LAST, SHANGHAI))[office.id]
        assert FaultKind.NOBODY not in {fault.kind for fault in again.faults}
        assert again.quality.covered == 1


async def test_sensitive_days_have_two_officers_and_missing_ones_are_told(office: Office) -> None:
    async with office.database.transaction() as tx:
        early = await draft(tx, office.id, FIRST, date(2026, 8, 3), NOW, SHANGHAI)
        await put_in_force(tx, early.shifts, BY)
        await actions.name_sensitive_days(tx, date(2026, 8, 3), date(2026, 8, 5), BY)
        later = await draft(tx, office.id, FIRST, date(2026, 8, 10), NOW, SHANGHAI)
        await put_in_force(tx, later.shifts, BY)
        looked = (await look_at(tx, [office.id], date(2026, 8, 2), date(2026, 8, 9), SHANGHAI))[office.id]
    assert sum(shift.second_id is not None for shift in later.shifts) == 4
    missing = [fault.starts_at.day for fault in looked.faults if fault.kind is FaultKind.NO_SECOND]
    assert missing == [3, 3]


async def test_who_left_the_roster_takes_no_more_turns(office: Office) -> None:
    async with office.database.transaction() as tx:
        await tx.execute(update(contacts).where(contacts.c.id == office.officers[0]).values(retired_at=NOW))
        _, members = await rule_of(tx, office.id)
    assert list(members.by_role[Role.OFFICER]) == office.officers[1:]


async def test_suggestions_leave_out_nobody_and_say_what_speaks_against(office: Office) -> None:
    async with office.database.transaction() as tx:
        made = await draft(tx, office.id, FIRST, LAST, NOW, SHANGHAI)
        await put_in_force(tx, made.shifts, BY)
        shift = made.shifts[10]
        found = await suggestions(tx, shift, Role.OFFICER, SHANGHAI)
    assert {person for person, _ in found} == set(office.officers)
    assert not found[0][1]
    assert dict(found)[shift.officer_id]  # stands there already


async def test_a_rule_is_kept_and_one_that_cannot_be_is_refused_by_its_fields(office: Office) -> None:
    async with office.database.transaction() as tx:
        assert (await rule_of(tx, office.id))[0].times == DAY_AND_NIGHT
    plan = DeskPlan(DAY_AND_NIGHT, by_week=(Role.LEADER,))
    assert plan_from_data(plan_as_data(plan)) == plan
    day = {"name": "白班", "begins": "08:00", "ends": "21:00"}
    with pytest.raises(Refusal) as refused:
        plan_from_data({"times": [day, {"name": "", "begins": "20:00", "ends": "8"}]})
    assert [complaint.field for complaint in refused.value.complaints] == ["times[2].name", "times[2].ends"]
    with pytest.raises(Refusal, match="20:00"):
        plan_from_data({"times": [day, {"name": "夜班", "begins": "20:00", "ends": "08:00"}]})


async def test_leave_of_before_is_not_asked_about(office: Office) -> None:
    async with office.database.transaction() as tx:
        await actions.take_leave(tx, office.officers[0], NOW, NOW + timedelta(days=1), BY)
        assert await change_store.leaves_between(tx, NOW + timedelta(days=1), NOW + timedelta(days=9)) == []
