"""The month of a desk goes out as a grid and comes back as the same rota."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.store import contacts_by_id, find_or_add_people
from jiaoying.duty.actions import Doer, put_in, undo
from jiaoying.duty.change_store import every_change_of
from jiaoying.duty.ical import CalendarRota, person_events
from jiaoying.duty.model import ChangeKind, Role, Shift
from jiaoying.duty.month_loading import load_month
from jiaoying.duty.month_workbook import month_workbook
from jiaoying.duty.months import set_plan
from jiaoying.duty.planning import DeskPlan
from jiaoying.duty.sheet import RotaImport, import_rota_file
from jiaoying.duty.store import all_desks, all_shifts_between
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database
from jiaoying.storage.schema import ledger_lines, shifts

NOW = datetime(2026, 7, 20, 2, 0, tzinfo=UTC)
HOME = Locality("140521000000", "0356", ZoneInfo("Asia/Shanghai"))
AREAS = """code,name,level,parent_code
140521000000,沁水县,county,
140521100000,龙港镇,township,140521000000
"""
DESK = "沁水县应急值班室"
HEAD = "值班室,起,止,值班员,值班员手机,第二值班员,第二值班员手机,带班领导,带班领导手机"
ROTA = f"""{HEAD}
{DESK},2026-08-07 08:30,2026-08-08 08:30,甲员,10000000001,丙员,10000000003,乙长,10000000002
{DESK},2026-08-08 08:30,2026-08-09 08:30,丙员,10000000003,,,乙长,10000000002
{DESK},2026-08-09 09:00,2026-08-10 08:30,丁员,10000000004,,,,
"""
AUGUST = date(2026, 8, 1)


@pytest.fixture
async def county(database: Database) -> Database:
    await import_area_file(database, SheetFile("areas.csv", AREAS.encode()), now=NOW)
    await take(database, ROTA)
    return database


async def take(database: Database, content: str | bytes, name: str = "值班表.csv") -> RotaImport:
    data = content.encode() if isinstance(content, str) else content
    return await import_rota_file(
        database, SheetFile(name, data), locality=HOME, now=NOW, people=find_or_add_people
    )


def counts(result: RotaImport) -> tuple[int, int, int]:
    return result.added, result.changed, result.unchanged


async def kept(database: Database) -> list[Shift]:
    async with database.transaction() as tx:
        return await all_shifts_between(
            tx, datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
        )


async def written(database: Database) -> bytes:
    async with database.transaction() as tx:
        (desk,) = await all_desks(tx)
        return month_workbook(await load_month(tx, desk, AUGUST, HOME.timezone))


async def name_of(database: Database, person_id: object) -> str:
    async with database.transaction() as tx:
        (found,) = (await contacts_by_id(tx, [person_id])).values()  # type: ignore[list-item]
        return found.name


async def put_ding_in(database: Database, shift: Shift, role: Role) -> None:
    other = (await kept(database))[-1].officer_id
    async with database.transaction() as tx:
        doer = Doer("keeper", "病了", NOW, HOME.timezone)
        await put_in(tx, shift.id, role, other, doer, kind=ChangeKind.LEAVE)


async def test_what_is_written_imports_as_the_same(county: Database) -> None:
    before = await kept(county)
    async with county.transaction() as tx:
        lines = (await tx.execute(select(ledger_lines.c.id))).all()
    result = await take(county, await written(county), "八月.xlsx")
    assert (counts(result), result.complaints) == ((0, 0, 3), ())
    assert await kept(county) == before
    async with county.transaction() as tx:
        assert (await tx.execute(select(ledger_lines.c.id))).all() == lines


async def test_a_changed_shift_keeps_its_plan(county: Database) -> None:
    before = await kept(county)
    await put_ding_in(county, before[1], Role.OFFICER)
    result = await take(county, await written(county), "八月.xlsx")
    assert (counts(result), result.complaints) == ((0, 0, 3), ())
    assert await kept(county) == before


async def test_a_sheet_older_than_a_change_overwrites_nothing(county: Database) -> None:
    before, sheet = await kept(county), await written(county)
    await put_ding_in(county, before[0], Role.OFFICER)
    result = await take(county, sheet, "八月.xlsx")
    assert counts(result) == (0, 0, 2)
    assert [(each.column, each.code) for each in result.complaints] == [("officer", "changed_by_hand")]
    assert await kept(county) == before


async def test_a_list_without_the_column_keeps_the_second_officer_and_the_name(county: Database) -> None:
    before = await kept(county)
    async with county.transaction() as tx:
        await tx.execute(update(shifts).values(name="全天"))
    head, first, *_ = ROTA.splitlines()
    cells = [line.split(",") for line in (head, first)]
    without = "\n".join(",".join([*line[:5], *line[7:]]) for line in cells)
    assert counts(await take(county, without)) == (0, 0, 1)
    (shift, *_) = await kept(county)
    assert (shift.second_id, shift.name) == (before[0].second_id, "全天")


async def test_a_list_with_an_empty_column_takes_the_second_officer_away(county: Database) -> None:
    assert counts(await take(county, ROTA.replace("丙员,10000000003,乙长", ",,乙长"))) == (0, 1, 2)
    assert [shift.second_id for shift in await kept(county)] == [None, None, None]


async def test_a_second_officer_who_is_not_on_the_roster_is_told(county: Database) -> None:
    result = await take(county, ROTA.replace("丙员,10000000003,乙长", "查无此人,,乙长"))
    assert [(each.column, each.code) for each in result.complaints] == [("second", "second_unknown")]


async def test_a_grid_of_the_office_means_its_duty_room(county: Database) -> None:
    grid = """沁水县应急2026年8月值班表
日期,值班员（8:30至次日8:30）,联系电话,带班领导
8月11日,甲员,10000000001,乙长
8月12日,查无此人,,乙长
"""
    result = await take(county, grid)
    assert counts(result) == (1, 0, 0)
    assert [(each.row, each.code) for each in result.complaints] == [(4, "officer_unknown")]
    last = (await kept(county))[-1]
    async with county.transaction() as tx:
        assert [desk.name for desk in await all_desks(tx)] == [DESK]
    assert await name_of(county, last.officer_id) == "甲员"


async def test_a_grid_with_a_mistake_changes_nothing(county: Database) -> None:
    before = await kept(county)
    grid = f"""{DESK}2026年8月值班表
日期,星期,值班员（8:30至次日8:30）,带班领导
8月7日,五,丁员,乙长
8月8日,五,丁员,乙长
"""
    result = await take(county, grid)
    assert counts(result) == (0, 0, 0)
    assert [(each.sheet, each.row, each.code) for each in result.complaints] == [
        ("值班表", 4, "weekday_wrong"),
        ("值班表", 0, "sheet_left_out"),
    ]
    assert await kept(county) == before


async def test_a_grid_without_hours_has_those_of_the_desks_rule(county: Database) -> None:
    grid = f"""{DESK}2026年9月值班表
日期,值班员,联系电话,带班领导
9月1日,甲员,10000000001,乙长
"""
    assert [each.code for each in (await take(county, grid)).complaints] == [
        "hours_missing",
        "sheet_left_out",
    ]
    async with county.transaction() as tx:
        (desk,) = await all_desks(tx)
        await set_plan(tx, desk.id, DeskPlan(), {}, Doer("keeper", "", NOW, HOME.timezone))
    assert counts(await take(county, grid)) == (1, 0, 0)
    async with county.transaction() as tx:
        (shift,) = await all_shifts_between(
            tx, datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
        )
    assert (shift.starts_at, shift.ends_at) == (
        datetime(2026, 9, 1, 0, 30, tzinfo=UTC),
        datetime(2026, 9, 2, 0, 30, tzinfo=UTC),
    )


async def test_a_calendar_counts_what_was_taken_back(county: Database) -> None:
    shift = (await kept(county))[1]
    await put_ding_in(county, shift, Role.OFFICER)
    async with county.transaction() as tx:
        (change,) = await every_change_of(tx, [shift.id])
        await undo(tx, change.id, Doer("keeper", "好了", NOW, HOME.timezone))
        changes = await every_change_of(tx, [shift.id])
        desks = {desk.id: desk.name for desk in await all_desks(tx)}
        people = {shift.officer_id, shift.leader_id or shift.officer_id, change.person_id}
        names = {contact.id: contact.name for contact in (await contacts_by_id(tx, people)).values()}
    rota = CalendarRota([shift], changes, names, desks)
    (mine,), (theirs,) = person_events(shift.officer_id, rota), person_events(change.person_id, rota)
    assert (mine.sequence, mine.cancelled, theirs.sequence, theirs.cancelled) == (2, False, 2, True)
