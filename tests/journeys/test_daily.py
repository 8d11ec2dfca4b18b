"""The daily dispatch: at each moment the officer sees who reported what, who is late and who is missing."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from jiaoying.contacts.privacy.erased_rows import rows_naming
from jiaoying.contacts.privacy.erasing import erase_person
from jiaoying.dispatch.daily_filing import file_by_hand
from jiaoying.dispatch.open_items import Record, open_items
from jiaoying.duty.actions import Doer
from jiaoying.duty.daily import actions, store
from jiaoying.duty.daily.model import READY_MADE, Form, How, NewReport, PlanFields, RoundState
from jiaoying.duty.daily.summary import Summary, summary_of
from jiaoying.duty.handovers.model import ItemKind
from jiaoying.duty.store import save_desk
from jiaoying.kernel.language import CHINESE
from jiaoying.storage import schema
from jiaoying.storage.database import Database
from town import COUNTY, Phone, Town, open_town

HOLIDAY, FLOOD = READY_MADE["holiday"], READY_MADE["flood"]
DAY = date(2026, 7, 15)


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url, JIAOYING_TEXT_LINKS="on") as opened:
        yield opened


async def desk(town: Town, number: int, officer: Phone) -> UUID:
    code, name = f"140521{200 + number}000", f"{number:02d}号镇"
    async with town.database.transaction() as tx:
        await tx.execute(
            insert(schema.areas).values(code=code, name=name, level="township", parent_code=COUNTY)
        )
    return await town.desk(code, f"{name}值班室", officer)


async def plan(town: Town, *hours: str, form: Form = HOLIDAY, last: date = DAY) -> None:
    """Asked at these hours; who is missing is rung after half an hour, and told after an hour."""
    async with town.database.transaction() as tx:
        doer = Doer("user:officer", "", town.clock.now(), town.engine.timezone)
        await actions.make_plan(tx, PlanFields("节日调度", DAY, last, hours, form, COUNTY), doer)


async def summary(town: Town) -> Summary:
    """The newest round."""
    async with town.database.transaction() as tx:
        found = (await store.last_rounds(tx, 1))[0]
        return summary_of(found, (await store.reports_of(tx, [found.id]))[found.id])


async def alarms(town: Town, kind: str) -> list[str]:
    async with town.database.transaction() as tx:
        return list(
            await tx.scalars(
                select(schema.alarms.c.text)
                .where(schema.alarms.c.cleared_at.is_(None), schema.alarms.c.kind.like(f"{kind}%"))
                .order_by(schema.alarms.c.id)
            )
        )


def link_in(text: str) -> str:
    return text[text.index("http") :].split()[0]


async def test_eight_report_by_text_one_by_link_two_after_the_call_and_one_never(town: Town) -> None:
    people = [await town.person(f"员{number}") for number in range(1, 13)]
    for number, officer in enumerate(people, start=1):
        await desk(town, number, officer)
    await plan(town, "10:30")
    await town.jump(minutes=31)
    assert [len(await officer.texts()) for officer in people] == [1] * 12
    assert await people[0].calls() == 0
    # Eight by text: five of nothing, three with figures.
    for officer, said in zip(
        people[:8],
        ("无", "零报告", "平安", "无。", "收到，无", "1 0 2", "事故1起，火情2处，伤亡0人", "0，1，0"),
        strict=True,
    ):
        await officer.says(said)
    now = await summary(town)
    assert (len(now.reported), len(now.missing), now.totals) == (8, 4, {"q1": 2, "q2": 3, "q3": 2})
    assert [one.desk_name for one in now.zero] == [f"{number:02d}号镇值班室" for number in range(1, 6)]
    assert "已收到：零报告" in (await people[0].texts())[-1]
    # One by the link: looking at it is no report.
    address = link_in((await people[8].texts())[0])
    async with town.session.get(address) as page:
        assert page.status == 200
        assert "09号镇值班室" in await page.text()
    assert len((await summary(town)).missing) == 4
    fields = {"desk": str(now.desks[8].desk_id), "q1": "0", "q2": "0", "q3": "0", "q4": "客流平稳"}
    async with town.session.post(address, data=fields, allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()
    now = await summary(town)
    assert [one.desk_name[:2] for one in now.missing] == ["10", "11", "12"]
    assert now.desks[8].report is not None
    assert (now.desks[8].report.how, now.desks[8].report.answers["q4"]) == (How.LINK, "客流平稳")
    # At the limit the three are rung, and nobody else.
    await town.jump(minutes=29, seconds=20)
    assert [await officer.calls() for officer in people[8:]] == [0, 1, 1, 1]
    await people[9].says("无")
    await people[10].says("事故2起 火情0处 伤亡1人")
    now = await summary(town)
    assert [one.desk_name[:2] for one in now.late] == ["10", "11"]
    assert now.totals == {"q1": 4, "q2": 3, "q3": 3}
    assert await alarms(town, "daily_missing") == []
    # And one never.
    await town.jump(minutes=31)
    now = await summary(town)
    assert now.round.state is RoundState.CLOSED
    assert [one.desk_name[:2] for one in now.missing] == ["12"]
    (told,) = await alarms(town, "daily_missing")
    assert "12号镇值班室" in told
    assert "10号镇" not in told
    assert await people[11].calls() == 2
    # Whoever takes the shift over takes that over too.
    async with town.database.transaction() as tx:
        county = await save_desk(tx, COUNTY, "县应急值班室", None, now=town.clock.now(), actor="test")
        items = await open_items(tx, county, Record(COUNTY, CHINESE), town.clock.now())
    assert [item.text[-10:] for item in items if item.kind is ItemKind.DAILY] == ["：1 个值班室未报送"]


async def one_desk(town: Town, form: Form = FLOOD) -> Phone:
    """Somebody at one desk, asked half a minute ago."""
    officer = await town.person("赵演示")
    await desk(town, 1, officer)
    await plan(town, "10:30", form=form)
    await town.jump(minutes=30, seconds=30)
    return officer


async def answers(town: Town) -> dict[str, object]:
    report = (await summary(town)).desks[0].report
    return dict(report.answers) if report else {}


async def test_received_is_no_report_and_the_round_goes_on_asking(town: Town) -> None:
    officer = await one_desk(town)
    await officer.says("1")
    assert (await officer.texts())[-1].startswith(
        "【沁水县应急值班室】已收到，但节日调度还未报送：无情况请回复“无”"
    )
    await officer.says("收到")
    assert len((await summary(town)).missing) == 1
    await town.jump(minutes=31)
    assert await officer.calls() >= 1


async def test_nothing_means_the_round_though_a_warning_waits(town: Town) -> None:
    officer = await one_desk(town)
    warning_id = await town.warn("orange")
    await town.jump(seconds=40)
    await officer.says("无")
    assert (await summary(town)).zero
    assert await town.state_of(officer, warning_id) == "open"
    await officer.says("1")
    assert await town.state_of(officer, warning_id) == "answered"


async def test_figures_by_name_are_the_warnings_where_one_waits(town: Town) -> None:
    officer = await one_desk(town)
    warning_id = await town.warn("orange")
    await town.jump(seconds=40)
    await officer.says("转移12户35人")
    assert await town.state_of(officer, warning_id) == "answered"
    assert len((await summary(town)).missing) == 1
    # By its reference the round is meant for certain.
    reference = (await officer.texts())[0].partition("】")[2][:2]
    await officer.says(f"{reference} 转移12户35人，险情0处")
    assert await answers(town) == {"q1": 12, "q2": 35, "q3": 0}


async def test_an_answer_to_the_warning_read_last_is_none_to_the_round(town: Town) -> None:
    officer = await one_desk(town)
    warning_id = await town.warn("orange")
    await town.jump(seconds=40)
    await officer.says("收到")
    assert await town.state_of(officer, warning_id) == "answered"
    assert len((await summary(town)).missing) == 1


async def test_what_cannot_be_read_is_kept_and_put_before_the_officer_who_fills_it_in(town: Town) -> None:
    officer = await one_desk(town)
    await officer.says("东沟组有三户老人搬到村委了")
    (found,) = (await summary(town)).to_fill
    assert found.report is not None
    assert found.report.words == "东沟组有三户老人搬到村委了"
    assert len(await alarms(town, "daily_to_fill")) == 1
    assert "由值班员核录" in (await officer.texts())[-1]
    filled = NewReport(
        (await summary(town)).round.id,
        found.desk_id,
        How.HAND,
        {"q1": 3, "q2": 4, "q3": 0},
        zero=False,
        whole=True,
        at=town.clock.now(),
        said_by="赵演示",
        reason="电话核实",
    )
    async with town.database.transaction() as tx:
        await file_by_hand(tx, filled, found.desk_name, by="user:officer", now=town.clock.now())
    now = await summary(town)
    assert now.to_fill == []
    assert now.totals == {"q1": 3, "q2": 4, "q3": 0}
    assert await alarms(town, "daily_to_fill") == []
    assert [report.version for report in now.desks[0].versions] == [1, 2]
    assert now.round.state is RoundState.CLOSED or now.missing == []


async def test_danger_is_an_alarm_and_filed_too_and_no_danger_is_none(town: Town) -> None:
    officer = await one_desk(town)
    await officer.says("转移0户0人，险情0处")
    assert await alarms(town, "danger") == []
    assert (await summary(town)).zero
    await officer.says("转移2户6人，险情1处")
    assert len(await alarms(town, "danger")) == 1
    assert await answers(town) == {"q1": 2, "q2": 6, "q3": 1}


async def test_a_later_text_corrects_the_first_which_stays(town: Town) -> None:
    officer = await one_desk(town)
    await officer.says("12 35 0")
    await officer.says("12 36 0")
    now = await summary(town)
    assert [dict(one.answers)["q2"] for one in now.desks[0].versions] == [35, 36]
    assert now.totals["q2"] == 36


async def test_who_stands_at_two_desks_says_which(town: Town) -> None:
    both = await town.person("赵演示")
    await desk(town, 1, both)
    await desk(town, 2, both)
    await plan(town, "10:30", form=FLOOD)
    await town.jump(minutes=30, seconds=30)
    await both.says("12 35 0")
    assert len((await summary(town)).missing) == 2
    assert "请在短信开头写明单位" in (await both.texts())[-1]
    await both.says("02号镇 12 35 0")
    assert [one.desk_name[:2] for one in (await summary(town)).reported] == ["02"]
    await both.says("01号镇无")
    assert [one.desk_name[:2] for one in (await summary(town)).zero] == ["01"]


async def test_where_links_are_off_the_text_asks_for_a_reply(database: Database, redis_url: str) -> None:
    async with open_town(database, redis_url) as town:
        officer = await one_desk(town)
        (asked,) = await officer.texts()
        assert "http" not in asked
        assert "请直接回复情况，无情况回复“无”" in asked
        assert "请于11:00前报送，依次为：转移户数、转移人数、险情" in asked


async def test_each_hour_is_asked_once_on_each_day_and_then_the_plan_is_over(town: Town) -> None:
    officer = await town.person("赵演示")
    await desk(town, 1, officer)
    await plan(town, "09:00", "17:00", last=DAY + timedelta(days=1))
    await town.jump(minutes=2 * 24 * 60)
    async with town.database.transaction() as tx:
        rounds = await store.last_rounds(tx, 10)
        assert await store.plans_going_on(tx) == []
    local = [one.planned_at.astimezone(town.engine.timezone) for one in rounds]
    assert [f"{at:%d %H:%M}" for at in local] == ["16 17:00", "16 09:00", "15 17:00"]


async def test_two_workers_and_a_stop_in_between_ask_once_and_lose_nothing(town: Town) -> None:
    officer = await town.person("赵演示")
    await desk(town, 1, officer)
    await plan(town, "10:30", form=FLOOD)
    town.clock.advance_to(town.clock.now() + timedelta(minutes=45))
    stage = town.stage("daily")
    await asyncio.gather(*(stage.run_once(town.engine, town.clock.now()) for _ in range(4)))
    await town.settle()
    assert len(await officer.texts()) == 1
    # Stopped over the limit and the close: who is missing is rung first, then told, and may still report.
    town.clock.advance_to(town.clock.now() + timedelta(hours=3))
    await town.settle()
    assert await officer.calls() == 1
    assert await alarms(town, "daily_missing") == []
    await town.jump(minutes=31)
    assert len(await alarms(town, "daily_missing")) == 1
    await officer.says("无")
    now = await summary(town)
    assert (len(now.late), len(now.missing)) == (1, 0)
    assert await alarms(town, "daily_missing") == []


async def test_an_hour_that_was_missed_by_far_is_told(town: Town) -> None:
    officer = await town.person("赵演示")
    await desk(town, 1, officer)
    await plan(town, "10:30")
    town.clock.advance_to(town.clock.now() + timedelta(hours=3))
    await town.settle()
    assert await officer.texts() == []
    assert len(await alarms(town, "daily_not_asked")) == 1


async def test_whoever_is_erased_leaves_what_was_reported_too(town: Town) -> None:
    officer = await one_desk(town)
    await officer.says("赵演示在东沟，稍后报")
    now = await summary(town)
    told = {"q1": 1, "q2": 2, "q3": 0, "q4": "赵演示“带队”"}
    by_hand = NewReport(
        now.round.id,
        now.desks[0].desk_id,
        How.HAND,
        told,
        zero=False,
        whole=True,
        at=town.clock.now(),
        words="赵演示在东沟",
        said_by="赵演示 镇长",
        reason="赵演示来电",
    )
    async with town.database.transaction() as tx:
        await file_by_hand(tx, by_hand, now.desks[0].desk_name, by="user:officer", now=town.clock.now())
        await tx.execute(schema.shifts.update().values(ends_at=town.clock.now()))
        await tx.execute(schema.alarms.update().values(cleared_at=town.clock.now()))
    await town.jump(minutes=20)
    await erase_person(
        town.database, officer.contact_id, reason="本人申请", now=town.clock.now(), actor="keeper"
    )
    async with town.database.transaction() as tx:
        assert await rows_naming(tx, "赵演示") == {}
    last = (await summary(town)).desks[0].versions[-1]
    assert last.answers["q1"] == 1
    assert str(last.answers["q4"]).endswith("“带队”")
