"""The rota on its pages: a rule, a month by it, a swap, somebody put in, leave, and who may do what."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.store import find_or_add_people
from jiaoying.duty.store import save_desk
from jiaoying.kernel.clock import ManualClock
from jiaoying.kernel.phone import Number, NumberKind
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database
from jiaoying.storage.schema import ledger_lines
from web_town import NOW, Browser, add_users, browser_on, parts_for_tests

AREAS = "code,name,level,parent_code\n140521000000,沁水县,county,\n"
OFFICERS = ("甲员", "乙员", "丙员", "丁员", "戊员", "己员")
LEADERS = ("庚长", "辛长", "壬长")


@dataclass(slots=True)
class Office:
    """A county desk whose people are on the roster, and nothing else."""

    database: Database
    browser: Browser
    clock: ManualClock
    desk: UUID
    people: dict[str, UUID]

    @property
    def path(self) -> str:
        return f"/duty/{self.desk}"

    async def be(self, role: str) -> None:
        """Somebody else sits down before the browser."""
        if self.browser.token:
            await self.browser.post("/sign-out")
        await self.browser.sign_in(role)

    async def do(self, path: str, fields: dict[str, str]) -> str:
        """A form that is accepted; returns where one is led."""
        answer = await self.browser.post(path, fields)
        assert answer.status == 303, (path, await answer.text())
        return answer.headers["Location"]

    async def refused(self, path: str, fields: dict[str, str], status: int = 422) -> str:
        answer = await self.browser.post(path, fields)
        text = await answer.text()
        assert answer.status == status, (path, answer.status, text)
        return text

    async def events(self) -> list[str]:
        async with self.database.transaction() as tx:
            rows = await tx.execute(select(ledger_lines.c.event).order_by(ledger_lines.c.id))
            return list(rows.scalars())


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    await add_users(database)
    await import_area_file(database, SheetFile("areas.csv", AREAS.encode()), now=NOW)
    names = (*OFFICERS, *LEADERS)
    async with database.transaction() as tx:
        found = await find_or_add_people(
            tx,
            [(name, Number(f"+861000000000{n}", NumberKind.MOBILE)) for n, name in enumerate(names)],
            now=NOW,
            note="test",
            actor="test",
        )
        people = {name: row_id for name, row_id in zip(names, found, strict=True) if row_id}
        desk = await save_desk(tx, "140521000000", "县应急值班室", None, now=NOW, actor="test")
    parts = parts_for_tests(database)
    assert isinstance(parts.clock, ManualClock)
    async with browser_on(parts) as browser:
        yield Office(database, browser, parts.clock, desk.id, people)


async def test_a_desk_without_a_rota_says_so_in_red(office: Office) -> None:
    await office.be("inspector")
    page = await office.browser.page("/duty")
    assert "县应急值班室" in page
    assert "没有排班" in page
    assert "1个值班室无人" in page
    assert "无人值班" in page


# --- from the rule to the month -----------------------------------------------------------------


async def _rule(office: Office, **fields: str) -> dict[str, str]:
    """The form of the rule, with everybody of the desk in it."""
    shown = re.search(r'name="shown" value="([0-9a-f]+)"', await office.browser.page(f"{office.path}/rule"))
    assert shown
    return {
        "shown": shown[1],
        "shifts": "day_and_night",
        "rest_h": "16",
        "once_a_holiday": "yes",
        "officers": "\n".join(OFFICERS),
        "leaders": "、".join(LEADERS),
        **fields,
    }


async def _fill(office: Office, first: str = "2026-08-01", last: str = "2026-08-31") -> str:
    """Look at a draft and put it in force; returns the draft."""
    page = await office.browser.page(f"{office.path}/fill?first={first}&last={last}")
    await office.do(f"{office.path}/fill", {"first": first, "last": last, "shown": _stamp_on(page)})
    return page


def _stamp_on(page: str) -> str:
    found = re.search(r'name="shown" value="([0-9a-f -]+)"', page)
    assert found, page
    return found[1]


@pytest.fixture
async def august(office: Office) -> Office:
    """August is filled and in force."""
    await office.be("officer")
    await office.do(f"{office.path}/rule", await _rule(office))
    await _fill(office)
    return office


def _cards(page: str, role: str = "officer") -> list[tuple[str, str]]:
    """Each shift of a month page with who stands in it."""
    return re.findall(rf'href="/duty/shifts/([0-9a-f-]+)\?role={role}"[^>]*>([^<]+)<', page)


async def test_a_rule_is_set_and_a_month_is_looked_at_before_it_is_in_force(office: Office) -> None:
    await office.be("officer")
    assert "先设置排班规则" in await office.browser.page(f"{office.path}/fill")
    await office.do(f"{office.path}/rule", await _rule(office, leader_by_week="yes"))
    page = await office.browser.page(f"{office.path}/rule?stored=yes")
    assert "已保存" in page
    assert "\n".join(OFFICERS) in page
    draft = await office.browser.page(f"{office.path}/fill?first=2026-08-01&last=2026-08-31")
    assert "待生效：62个班次" in draft
    assert "甲员" in draft
    assert not _cards(await office.browser.page(f"{office.path}?month=2026-08"))
    await _fill(office)
    month = await office.browser.page(f"{office.path}?month=2026-08")
    assert len(_cards(month)) == 62
    assert "夜班" in month
    assert "8月1日 周六" in month
    assert "节假日" in month  # whose share is plotted
    assert (await office.events()).count("shift.added") == 62
    again = await office.browser.page(f"{office.path}/fill?first=2026-08-01&last=2026-08-31")
    assert "都已排好" in again


async def test_what_is_wrong_with_a_rule_is_told_beside_its_field(office: Office) -> None:
    await office.be("officer")
    own = {"shifts": "own", "name-1": "白班", "begins-1": "08:00", "ends-1": "21:00"}
    own |= {"name-2": "夜班", "begins-2": "20:00", "ends-2": "08:00", "officers": "甲员、没有的人"}
    page = await office.refused(f"{office.path}/rule", await _rule(office, **own))
    assert re.search(r'id="mistake-rule-times" role="alert">20:00', page)
    assert re.search(r'id="mistake-rule-officers" role="alert">名单里没有“没有的人”', page)
    assert "白班" in page
    assert "desk.planned" not in await office.events()


async def test_a_rule_that_somebody_else_set_in_between_is_not_overwritten(office: Office) -> None:
    await office.be("officer")
    early = await _rule(office)
    await office.do(f"{office.path}/rule", await _rule(office, officers="甲员、乙员"))
    page = await office.refused(f"{office.path}/rule", early, status=409)
    assert "己员" not in page
    assert (await office.events()).count("desk.planned") == 1


async def test_namesakes_are_told_apart(office: Office) -> None:
    async with office.database.transaction() as tx:
        await find_or_add_people(
            tx,
            [("甲员", Number("+8610000000099", NumberKind.MOBILE))],
            now=NOW,
            note="test",
            actor="test",
        )
    await office.be("keeper")
    page = await office.refused(f"{office.path}/rule", await _rule(office))
    assert "有多人叫“甲员”" in page
    assert "甲员 0099" in page
    await office.do(f"{office.path}/rule", await _rule(office, officers="乙员\n甲员 0099"))
    assert "乙员\n甲员 0099" in await office.browser.page(f"{office.path}/rule")


async def test_a_draft_that_is_not_true_any_more_is_not_put_in_force(office: Office) -> None:
    await office.be("officer")
    await office.do(f"{office.path}/rule", await _rule(office))
    days = {"first": "2026-08-01", "last": "2026-08-31"}
    shown = _stamp_on(await office.browser.page(f"{office.path}/fill?first=2026-08-01&last=2026-08-31"))
    await office.do(
        "/duty/leaves", {"name": "甲员", "first": "2026-08-01", "last": "2026-08-31", "reason": "住院"}
    )
    page = await office.refused(f"{office.path}/fill", {**days, "shown": shown}, status=409)
    assert "没有生效" in page
    assert "shift.added" not in await office.events()
    await office.do(f"{office.path}/fill", {**days, "shown": _stamp_on(page)})
    assert "甲员" not in {
        name for _, name in _cards(await office.browser.page(f"{office.path}?month=2026-08"))
    }


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-08-31", "2026-08-01", "last"),
        ("2026-07-01", "2026-08-01", "first"),
        ("2026-08-01", "2027-08-01", "last"),
        ("August", "2026-08-01", "first"),
    ],
)
async def test_days_that_cannot_be_filled_are_refused_at_their_field(
    office: Office, first: str, last: str, field: str
) -> None:
    await office.be("officer")
    await office.do(f"{office.path}/rule", await _rule(office))
    page = await (await office.browser.get(f"{office.path}/fill?first={first}&last={last}")).text()
    assert f'id="mistake-fill-{field}"' in page


async def test_what_nobody_can_take_is_shown_with_the_reasons(office: Office) -> None:
    await office.be("officer")
    await office.do(f"{office.path}/rule", await _rule(office, officers="甲员、乙员", leaders=""))
    draft = await office.browser.page(f"{office.path}/fill?first=2026-08-01&last=2026-08-03")
    assert "排不出人的班次" in draft
    assert "前后休息不足" in draft
    assert "此岗没有轮值人员" in draft


# --- what people do to it -----------------------------------------------------------------------


async def test_a_swap_is_asked_for_and_the_leader_agrees(august: Office) -> None:
    office = august
    month = await office.browser.page(f"{office.path}?month=2026-08")
    (one, mine), other, theirs = (
        _cards(month)[0],
        *next(card for card in _cards(month)[3:] if card[1] != _cards(month)[0][1]),
    )
    card = await office.browser.page(f"/duty/shifts/{one}?role=officer")
    assert f'value="{other}"' in card
    refused = await office.refused(f"/duty/shifts/{one}/swap", {"role": "officer", "other": other})
    assert 'id="mistake-swap-reason"' in refused
    assert "请选择要对调的班次" in await office.refused(
        f"/duty/shifts/{one}/swap", {"role": "officer", "other": "", "reason": "家里有事"}
    )
    asked = {"role": "officer", "other": other, "reason": "家里有事"}
    assert await office.do(f"/duty/shifts/{one}/swap", asked) == "/duty#swaps"
    page = await office.browser.page("/duty")
    assert "家里有事" in page
    (request,) = set(re.findall(r"/duty/swaps/([0-9a-f-]+)/", page))
    assert "/agree" not in page
    assert (await office.browser.post(f"/duty/swaps/{request}/agree")).status == 403
    assert "待带班领导批准" in await office.browser.page(f"/duty/shifts/{one}")
    assert "已有调班待批" in await office.refused(f"/duty/shifts/{one}/swap", asked)
    await office.be("leader")
    page = await office.browser.page("/duty")
    assert f"/duty/swaps/{request}/agree" in page
    assert "现在是别人" in await office.refused(f"/duty/swaps/{request}/agree", {"shown": "x y"})
    await office.do(f"/duty/swaps/{request}/agree", {"shown": _stamp_on(page)})
    assert "已经处理" in await office.refused(f"/duty/swaps/{request}/agree", {})
    month = await office.browser.page(f"{office.path}?month=2026-08")
    assert dict(_cards(month))[one] == theirs
    assert dict(_cards(month))[other] == mine
    assert f"原排{mine}" in month
    assert "调班" in month
    assert (await office.events()).count("shift.changed_hands") == 2


async def test_the_leader_sees_what_speaks_against_a_swap(august: Office) -> None:
    office = august
    cards = _cards(await office.browser.page(f"{office.path}?month=2026-08"))
    # Whoever stands on the 3rd would stand on the 4th too: less rest than is asked for.
    near = next(card for card in cards[6:8] if card[1] != cards[4][1])
    asked = {"role": "officer", "other": near[0], "reason": "家里有事"}
    other = next(card for card in cards[8:] if card[1] == cards[4][1])
    await office.do(f"/duty/shifts/{other[0]}/swap", asked)
    await office.be("leader")
    page = await office.browser.page("/duty")
    assert re.search(r"不利因素：</strong>[^<]*前后休息不足", page)
    # Both shifts are the same person's now: there is nothing to swap.
    stands_twice = {"role": "officer", "person": str(office.people[other[1]]), "reason": "临时"}
    await office.do(f"/duty/shifts/{near[0]}/put-in", stands_twice)
    page = await office.browser.page("/duty")
    assert "已不能调班" in page
    assert "/agree" not in page


async def test_a_second_officer_is_added_to_a_shift(august: Office) -> None:
    office = august
    cards = _cards(await office.browser.page(f"{office.path}?month=2026-08"))
    card = await office.browser.page(f"/duty/shifts/{cards[4][0]}?role=second")
    best = re.findall(r'name="person" value="([0-9a-f-]+)"', card)[0]
    fields = {"role": "second", "person": best, "reason": "防汛加强"}
    month = await office.browser.page(await office.do(f"/duty/shifts/{cards[4][0]}/put-in", fields))
    name = next(name for name, row_id in office.people.items() if str(row_id) == best)
    assert _cards(month, "second") == [(cards[4][0], name)]


async def test_who_asked_withdraws_and_another_officer_cannot_refuse(august: Office) -> None:
    office = august
    cards = _cards(await office.browser.page(f"{office.path}?month=2026-08"))
    other = next(card for card in cards[3:] if card[1] != cards[0][1])
    asked = {"role": "officer", "other": other[0], "reason": "家里有事"}
    await office.do(f"/duty/shifts/{cards[0][0]}/swap", asked)
    (request,) = set(re.findall(r"/duty/swaps/([0-9a-f-]+)/", await office.browser.page("/duty")))
    await office.be("keeper")
    assert (await office.browser.post(f"/duty/swaps/{request}/end")).status == 403
    await office.be("officer")
    await office.do(f"/duty/swaps/{request}/end", {})
    assert "家里有事" not in await office.browser.page("/duty")
    assert (await office.events())[-1] == "shift.swap_withdrawn"


async def test_somebody_is_put_in_and_the_change_is_taken_back(august: Office) -> None:
    office = august
    cards = _cards(await office.browser.page(f"{office.path}?month=2026-08"))
    shift, planned = cards[4]
    card = await office.browser.page(f"/duty/shifts/{shift}?role=officer")
    assert "可以安排" in card
    assert "前后休息不足" in card or "另有班次" in card
    best = re.findall(r'name="person" value="([0-9a-f-]+)"', card)[0]
    name = next(name for name, row_id in office.people.items() if str(row_id) == best)
    assert 'id="mistake-put-in-reason"' in await office.refused(
        f"/duty/shifts/{shift}/put-in", {"role": "officer", "person": best}
    )
    assert 'id="mistake-put-in-person"' in await office.refused(
        f"/duty/shifts/{shift}/put-in", {"role": "officer", "reason": "出差"}
    )
    where = await office.do(
        f"/duty/shifts/{shift}/put-in", {"role": "officer", "person": best, "reason": "出差"}
    )
    month = await office.browser.page(where)
    assert dict(_cards(month))[shift] == name
    assert f"原排{planned}" in month
    assert "出差" in month
    card = await office.browser.page(f"/duty/shifts/{shift}?role=officer")
    (change,) = re.findall(r"/duty/changes/([0-9a-f-]+)/undo", card)
    refused = await office.refused(f"/duty/changes/{change}/undo", {"reason": ""})
    assert f'id="mistake-undo-{change}-reason"' in refused
    await office.do(f"/duty/changes/{change}/undo", {"reason": "行程取消"})
    assert dict(_cards(await office.browser.page(f"{office.path}?month=2026-08")))[shift] == planned
    assert (await office.events())[-2:] == ["shift.changed_hands", "shift.change_undone"]


async def test_somebody_is_put_in_for_a_part_of_a_shift(august: Office) -> None:
    office = august
    month = await office.browser.page(f"{office.path}?month=2026-08")
    shift, planned = _cards(month)[4]
    leader = next(name for name in LEADERS if name != _cards(month, "leader")[4][1])
    fields = {"role": "officer", "name": leader, "reason": "开会"}
    outside = {"begin": "2026-08-05T10:00", "end": "2026-08-05T12:00"}
    assert 'id="mistake-put-in-time"' in await office.refused(
        f"/duty/shifts/{shift}/put-in", {**fields, **outside}
    )
    part = {"begin": "2026-08-03T10:00", "end": "2026-08-03T12:00"}
    month = await office.browser.page(await office.do(f"/duty/shifts/{shift}/put-in", {**fields, **part}))
    assert [name for card, name in _cards(month) if card == shift] == [planned, leader, planned]
    assert "10:00–12:00" in month


async def test_leave_leads_to_a_fault_until_somebody_stands_in(august: Office) -> None:
    office = august
    cards = _cards(await office.browser.page(f"{office.path}?month=2026-08"))
    shift, away = cards[6]  # the day of 4 August
    noted = {"name": away, "first": "2026-08-04", "last": "2026-08-04", "reason": "看病"}
    assert 'id="mistake-leave-last"' in await office.refused("/duty/leaves", {**noted, "last": "2026-08-01"})
    await office.do("/duty/leaves", noted)
    assert "看病" in await office.browser.page("/duty/leaves")
    assert f"/duty/shifts/{shift}?role=officer" in await office.browser.page("/duty/leaves")
    month = await office.browser.page(f"{office.path}?month=2026-08")
    assert re.search(rf"已请假，无人顶班</span> <strong>{away}", month)
    office.clock.advance_to(NOW + timedelta(days=14))
    await office.be("officer")
    assert "已请假，无人顶班" in await office.browser.page("/duty")
    card = await office.browser.page(f"/duty/shifts/{shift}?role=officer")
    best = re.findall(r'name="person" value="([0-9a-f-]+)"', card)[0]
    await office.do(f"/duty/shifts/{shift}/put-in", {"role": "officer", "person": best, "reason": "代班"})
    month = await office.browser.page(f"{office.path}?month=2026-08")
    assert "已请假，无人顶班" not in month
    assert "请假；原排" in month
    page = await office.browser.page("/duty/leaves")
    assert "已安排他人" in page
    (leave,) = re.findall(r"/duty/leaves/([0-9a-f-]+)/end", page)
    await office.do(f"/duty/leaves/{leave}/end", {})
    assert "看病" not in await office.browser.page("/duty/leaves")
    assert "已经销假" in await office.refused(f"/duty/leaves/{leave}/end", {})


async def test_sensitive_days_and_meant_gaps_are_noted_and_taken_back(august: Office) -> None:
    office = august
    await office.do(
        "/duty/sensitive-days", {"first": "2026-08-10", "last": "2026-08-11", "reason": "防汛关键期"}
    )
    assert "缺第二值班员" in await office.browser.page(f"{office.path}?month=2026-08")
    (days,) = re.findall(r"/duty/sensitive-days/([0-9a-f-]+)/end", await office.browser.page("/duty/days"))
    await office.do(f"/duty/sensitive-days/{days}/end", {})
    assert "缺第二值班员" not in await office.browser.page(f"{office.path}?month=2026-08")
    assert "无人值班" in await office.browser.page(f"{office.path}?month=2026-09")
    gap = {"begin": "2026-09-01T00:00", "end": "2026-10-01T00:00", "reason": "撤并"}
    await office.do("/duty/meant-gaps", {"desk": str(office.desk), **gap})
    assert "无人值班" not in await office.browser.page(f"{office.path}?month=2026-09")
    (gap_id,) = re.findall(r"/duty/meant-gaps/([0-9a-f-]+)/end", await office.browser.page("/duty/days"))
    await office.do(f"/duty/meant-gaps/{gap_id}/end", {})
    assert (await office.events())[-3:] == [
        "rota.sensitive_days_ended",
        "desk.gap_meant",
        "desk.gap_no_longer_meant",
    ]


async def test_who_stands_now_and_who_is_next(august: Office) -> None:
    office = august
    month = await office.browser.page(f"{office.path}?month=2026-08")
    office.clock.advance_to(NOW + timedelta(days=18))  # to 2 August, 03:12
    await office.be("inspector")
    page = await office.browser.page("/duty")
    cards = [name for _, name in _cards(month)]
    assert f"<strong>{cards[1]}</strong>" in page  # the night of 1 August
    assert "8月2日 08:00" in page
    assert f"{cards[2]} <small>带班" in page


@pytest.mark.parametrize(("role", "whole"), [("officer", True), ("inspector", False)])
async def test_the_month_is_taken_away_to_be_posted(august: Office, role: str, whole: bool) -> None:
    await august.be(role)
    answer = await august.browser.get(f"{august.path}/month.xlsx?month=2026-08")
    assert answer.status == 200
    sheet: Any = load_workbook(BytesIO(await answer.read())).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert "县应急值班室2026年8月值班表" in cells
    assert any("10000000000" in cell for cell in cells) is whole
    assert (await august.events())[-1] == "contacts.exported"


async def test_a_year_whose_holidays_are_not_arranged_says_so(office: Office) -> None:
    await office.be("officer")
    assert "尚未公布2031年放假安排" in await office.browser.page(f"{office.path}?month=2031-10")
    assert "尚未公布" not in await office.browser.page(f"{office.path}?month=2026-10")
    assert "国庆节" in await office.browser.page(f"{office.path}?month=2026-10")
    english = await office.browser.page(f"{office.path}?month=2026-10&lang=en")
    assert "National Day" in english
    assert "国庆节" not in english


# --- who may do what ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["township", "inspector", "operator"])
async def test_who_only_reads_changes_nothing(august: Office, role: str) -> None:
    office = august
    shift = _cards(await office.browser.page(f"{office.path}?month=2026-08"))[0][0]
    await office.be(role)
    before = await office.events()
    for path in (office.path, "/duty", f"/duty/shifts/{shift}"):
        assert f'action="{path}' not in await office.browser.page(path)
    for path in (f"{office.path}/rule", f"{office.path}/fill", "/duty/leaves", "/duty/days"):
        assert (await office.browser.get(path)).status == 403, path
    for path in _forms(office, shift):
        assert (await office.browser.post(path, {"reason": "x"})).status == 403, path
    assert await office.events() == before


async def test_a_form_without_the_token_changes_nothing(august: Office) -> None:
    office = august
    shift = _cards(await office.browser.page(f"{office.path}?month=2026-08"))[0][0]
    before = await office.events()
    office.browser.token = "x" * 32
    for path in _forms(office, shift):
        assert (await office.browser.post(path, {"reason": "x"})).status == 403, path
    assert await office.events() == before


def _forms(office: Office, shift: str) -> list[str]:
    """Every address that changes the rota."""
    ends = [f"/duty/{kind}/{shift}/end" for kind in ("swaps", "leaves", "sensitive-days", "meant-gaps")]
    return [
        *(f"{office.path}/rule", f"{office.path}/fill", "/duty/leaves", "/duty/sensitive-days"),
        *("/duty/meant-gaps", f"/duty/shifts/{shift}/put-in", f"/duty/shifts/{shift}/swap"),
        *(f"/duty/changes/{shift}/undo", f"/duty/swaps/{shift}/agree", *ends),
    ]


async def test_what_is_not_there_is_not_found(office: Office) -> None:
    await office.be("leader")
    nothing = "019f620b-bfc8-71ca-8264-60aed26c1056"
    for path in (f"/duty/{nothing}", f"/duty/shifts/{nothing}", f"/duty/{nothing}/rule"):
        assert (await office.browser.get(path)).status == 404, path
    assert (await office.browser.post(f"/duty/changes/{nothing}/undo", {"reason": "x"})).status == 404
    await office.refused(f"/duty/swaps/{nothing}/agree", {})


async def test_the_pages_speak_english(august: Office) -> None:
    office = august
    shift = _cards(await office.browser.page(f"{office.path}?month=2026-08"))[0][0]
    pages = {
        "/duty": "Stands until",
        f"{office.path}?month=2026-08": "August 2026",
        f"/duty/shifts/{shift}": "nothing speaks against it",
        f"{office.path}/rule": "Shifts of a day",
        f"{office.path}/fill?first=2026-09-01&last=2026-09-02": "Put in force as shown",
        "/duty/leaves": "Note leave",
        "/duty/days": "Days with two officers",
    }
    for path, words in pages.items():
        page = await office.browser.page(f"{path}{'&' if '?' in path else '?'}lang=en")
        assert words in page, path
        main = page[page.index("<main") :]
        left = re.sub("[甲乙丙丁戊己]员|[庚辛壬]长|县应急值班室|白班|夜班|全天|早班|中班", "", main)
        assert not re.search("[一-鿿]", left), (path, re.findall("[一-鿿]+", left))
