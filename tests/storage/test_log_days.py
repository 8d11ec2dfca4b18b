"""A day of the duty log: its head by the rota as it was changed, and its rows in words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from jiaoying.contacts.privacy.erasing import erase_person
from jiaoying.contacts.store import find_or_add_people
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.duty import actions
from jiaoying.duty.actions import Doer
from jiaoying.duty.log import LogFields, LogKind
from jiaoying.duty.log_days import LogDay, load_days, uncovered
from jiaoying.duty.log_paper import LineKind, day_paper, month_paper
from jiaoying.duty.log_store import correct_entry, write_entry
from jiaoying.duty.model import Desk, Role, Shift
from jiaoying.duty.month_sheet import Filing
from jiaoying.duty.store import save_desk, save_shifts
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import ENGLISH, speaking
from jiaoying.kernel.phone import Number, NumberKind
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import alarms, issued_warnings
from storage.county import TOWN, add_areas, add_contact, add_warning

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 8, 7)
NOW = datetime(2026, 8, 7, 15, 30, 20, tzinfo=UTC)  # 23:30:20 on that day
BY = Doer("user:王芳", "", NOW, SHANGHAI)
CALL = LogFields(
    NOW - timedelta(minutes=3),
    LogKind.CALL_IN,
    "梁庄村后山有落石",
    unit="龙港镇",
    caller="赵演示 镇长",
    phone="+8610000000001",
    handling="报告带班领导",
)


def at(hour: int, minute: int = 0, day: int = 7) -> datetime:
    return datetime(2026, 8, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.fixture
async def desk(database: Database) -> Desk:
    async with database.transaction() as tx:
        await add_areas(tx)
        return await save_desk(tx, TOWN, "龙港镇值班室", None, now=NOW, actor="test")


async def rota(tx: Tx, desk: Desk) -> list[UUID]:
    """Around the clock from half past eight, since the 6th; three people."""
    people = [await add_contact(tx, name) for name in ("甲员", "乙员", "丙长")]
    shifts = [
        Shift(new_id(NOW), desk.id, at(8, 30, day), at(8, 30, day + 1), people[day % 2], people[2])
        for day in (6, 7)
    ]
    await save_shifts(tx, shifts, now=at(8, 0, 6), actor="test")
    return people


async def the_day(tx: Tx, desk: Desk, day: date = DAY, **options: Any) -> LogDay:
    (found,) = await load_days(tx, desk, day, day, NOW, SHANGHAI, **{"whole_numbers": False, **options})
    return found


async def test_the_head_says_who_stood_there_as_it_was_changed(database: Database, desk: Desk) -> None:
    async with database.transaction() as tx:
        people = await rota(tx, desk)
        found = await the_day(tx, desk)
        assert [(one.hours, one.officers, one.leaders, one.runs) for one in found.shifts] == [
            ("8月6日 08:30—次日08:30", "甲员", "丙长", False),
            ("08:30—次日08:30", "乙员", "丙长", True),
        ]
        doer = replace(BY, now=at(12, 0), reason="乙员发热")
        await actions.put_in(tx, found.shifts[1].shift_id, Role.OFFICER, people[0], doer)
        found = await the_day(tx, desk)
    assert found.shifts[1].officers == "乙员（08:30—12:00）、甲员（12:00—08:30）"


async def test_the_head_is_in_the_language_of_who_reads_it(database: Database, desk: Desk) -> None:
    async with database.transaction() as tx:
        await rota(tx, desk)
        with speaking(ENGLISH):
            found = await the_day(tx, desk)
    assert [one.hours for one in found.shifts] == [
        "6 Aug 08:30–08:30 the next day",
        "08:30–08:30 the next day",
    ]


async def test_the_weather_is_that_of_its_shift(database: Database, desk: Desk) -> None:
    async with database.transaction() as tx:
        await rota(tx, desk)
        for hour, day, words in ((9, 6, "晴"), (7, 7, "晨雾"), (9, 7, "小雨"), (20, 7, "大雨")):
            await write_entry(tx, desk.id, LogFields(at(hour, 0, day), LogKind.WEATHER, words), BY)
        found = await the_day(tx, desk)
        assert [one.weather for one in found.shifts] == ["晴；晨雾", "小雨；大雨"]
        other = await save_desk(tx, TOWN, "没有值班表的值班室", None, now=NOW, actor="test")
        await write_entry(tx, other.id, LogFields(at(9), LogKind.WEATHER, "小雨"), BY)
        found = await the_day(tx, other)
        assert (found.shifts, found.weather, found.unmanned) == ((), "小雨", ())


async def test_times_with_nobody_are_told_until_now_and_where_nobody_meant_them(
    database: Database, desk: Desk
) -> None:
    async with database.transaction() as tx:
        officer = await add_contact(tx, "甲员")
        shifts = [
            Shift(new_id(NOW), desk.id, at(*hours), at(*until), officer, None)
            for hours, until in (((8, 0, 6), (20, 0, 6)), ((8, 0), (12, 0)), ((14, 0), (20, 0)))
        ]
        await save_shifts(tx, shifts, now=at(8, 0, 6), actor="test")
        assert (await the_day(tx, desk)).unmanned == (
            (at(0), at(8)),
            (at(12), at(14)),
            (at(20), NOW),
        )
        await actions.mean_gap(tx, desk.id, at(20, 0, 6), at(8), replace(BY, reason="夜间不值班"))
        assert (await the_day(tx, desk)).unmanned == ((at(12), at(14)), (at(20), NOW))
        before = await the_day(tx, desk, date(2026, 8, 5))
        assert before.unmanned == ()


def test_what_is_left_of_a_span() -> None:
    hours = [at(hour) for hour in range(8)]
    spans = [(hours[3], hours[5]), (hours[1], hours[4]), (hours[6], at(9))]
    assert list(uncovered((hours[0], hours[7]), spans)) == [(hours[0], hours[1]), (hours[5], hours[6])]
    assert list(uncovered((hours[7], hours[0]), spans)) == []
    assert list(uncovered((hours[0], hours[2]), [(hours[3], hours[4])])) == [(hours[0], hours[2])]


async def test_an_alarm_is_told_in_its_own_words_until_its_person_is_erased(
    database: Database, desk: Desk
) -> None:
    number = Number("+8610000000001", NumberKind.MOBILE)
    async with database.transaction() as tx:
        (person,) = await find_or_add_people(tx, [("赵演示", number)], now=NOW, note="test", actor="test")
        assert person
        await raise_alarm(tx, "danger", "赵演示报告：后山滑坡", at(9), contact_id=person)
        for village in ("一村", "二村", "三村", "四村"):
            await raise_alarm(tx, "unknown_number", f"{village}来电", at(10))
        found = await the_day(tx, desk)
        assert [row.content for row in found.rows] == [
            "值班台告警：赵演示报告：后山滑坡",
            "值班台告警：4 次：一村来电；二村来电；三村来电",
        ]
        assert all(row.is_own and row.about == "自动记录" for row in found.rows)
        await tx.execute(update(alarms).values(cleared_at=NOW))
    await erase_person(database, person, reason="本人申请", now=NOW, actor="keeper")
    async with database.transaction() as tx:
        found = await the_day(tx, desk)
    assert found.rows[0].content == "值班台告警：（姓名、号码和内容已依规清除）"


async def test_a_line_about_a_warning_names_it_and_routine_calls_stay_out(
    database: Database, desk: Desk
) -> None:
    async with database.transaction() as tx:
        warning_id = await add_warning(tx)
        await append_entries(tx, [Entry(at(9), "warning.started", "user:李明", warning_id)])
        (row,) = (await the_day(tx, desk)).rows
        headline = await tx.scalar(issued_warnings.select().with_only_columns(issued_warnings.c.headline))
        assert headline
        assert headline in row.content
        assert (row.warning_id, row.recorded_by) == (warning_id, "李明")
        await tx.execute(update(issued_warnings).values(purpose="roll_call"))
        assert (await the_day(tx, desk)).rows == ()


async def test_what_happened_at_another_desk_stands_in_its_own_log(database: Database, desk: Desk) -> None:
    async with database.transaction() as tx:
        other = await save_desk(tx, TOWN, "郑庄镇值班室", None, now=NOW, actor="test")
        for number, one in enumerate((desk, other)):
            facts = {"desk_id": str(one.id)}
            await append_entries(tx, [Entry(at(9, number), "shift.changed_hands", "user:李明", facts=facts)])
        assert [row.at for row in (await the_day(tx, desk)).rows] == [at(9)]
        assert [row.at for row in (await the_day(tx, other)).rows] == [at(9, 1)]


async def test_the_sheet_has_the_rows_of_the_page(database: Database, desk: Desk) -> None:
    async with database.transaction() as tx:
        await rota(tx, desk)
        entry = await write_entry(tx, desk.id, CALL, BY)
        await correct_entry(
            tx, entry.first_id, replace(CALL, content="梁庄村前山有落石"), replace(BY, reason="听错方位")
        )
        await raise_alarm(tx, "held", "一条预警待决定", at(9))
        found = await the_day(tx, desk)
        whole = await the_day(tx, desk, whole_numbers=True)
    paper = day_paper(found, Filing("县应急局", "王芳", DAY), SHANGHAI)
    own, written, note = paper.lines
    assert own.kind is LineKind.OWN
    assert own.cells[3] == "【自动记录】值班台告警：一条预警待决定"
    assert written.cells == (
        "23:27:20",
        "龙港镇",
        "赵演示 镇长 100****0001",
        "【来电】梁庄村前山有落石",
        "报告带班领导",
        "",
        "",
        "王芳",
    )
    assert note.cells == (
        (
            "王芳于2026-08-07 23:30更正：听错方位。原记录：龙港镇 赵演示 镇长 100****0001；梁庄村后山有落石；"
            "处理情况：报告带班领导"
        ),
    )
    assert [row.content for row in found.rows] == ["值班台告警：一条预警待决定", "梁庄村前山有落石"]
    assert "10000000001" in day_paper(whole, Filing(), SHANGHAI).lines[1].cells[2]
    assert paper.filed == (
        "填报单位：县应急局",
        "填表人：王芳",
        "值班日期：2026年8月7日 星期五",
    )


async def test_a_month_counts_what_its_days_hold(database: Database, desk: Desk) -> None:
    async with database.transaction() as tx:
        await rota(tx, desk)
        warning_id = await add_warning(tx)
        entries = [Entry(at(9), "warning.matched", "match", warning_id)]
        entries += [Entry(at(10, n), "responsibility.listed", "escalate", warning_id) for n in range(3)]
        entries += [Entry(at(9, 0, 6), "warning.matched", "match", warning_id)]
        await append_entries(tx, entries)
        entry = await write_entry(tx, desk.id, CALL, BY)
        await correct_entry(tx, entry.first_id, CALL, replace(BY, reason="复核"))
        await write_entry(tx, desk.id, LogFields(at(9, 0, 6), LogKind.PATROL, "巡查河道"), BY)
        days = await load_days(tx, desk, DAY.replace(day=1), DAY, NOW, SHANGHAI, whole_numbers=False)
    paper = month_paper(desk, days, Filing("县应急局"), SHANGHAI)
    assert len(paper.lines) == 8
    by_heading = [column.heading for column in paper.columns]

    def cell(line: int, heading: str) -> str:
        return paper.lines[line].cells[by_heading.index(heading)]

    assert cell(6, "班次与值班员") == "08:30—次日08:30 乙员"
    assert cell(5, "班次与值班员") == "08:30—次日08:30 甲员"
    assert (cell(6, "来电"), cell(6, "合计"), cell(6, "未叫应")) == ("1", "1", "3")
    assert (cell(5, "巡查"), cell(5, "未叫应"), cell(0, "合计")) == ("1", "", "")
    assert cell(6, "预警")
    assert cell(6, "备注") == "更正1条"
    assert paper.lines[-1].kind is LineKind.TOTAL
    assert [cell(-1, name) for name in ("来电", "巡查", "合计", "未叫应", "预警")] == [
        "1",
        "1",
        "2",
        "3",
        "预警1条",
    ]
