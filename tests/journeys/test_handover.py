"""A shift ends when somebody has taken over what is open, item by item; and never in silence."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from jiaoying.contacts.privacy.erasing import erase_person
from jiaoying.duty.actions import Doer, put_in
from jiaoying.duty.handovers.store import handovers_of, items_of
from jiaoying.duty.model import Role
from jiaoying.duty.planning import DeskPlan, plan_as_data
from jiaoying.duty.sign_ons import sign_ons_of
from jiaoying.duty.store import save_shifts, shifts_between
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database
from jiaoying.storage.schema import alarms, desks, ledger_lines, shifts
from journeys.desks import desk_of
from town import COUNTY, TOWNSHIP, VILLAGE, Phone, Town, open_town
from web_town import Browser, add_users

HOUR = timedelta(hours=1)


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        await add_users(database)
        yield opened


@pytest.fixture
async def browser(town: Town) -> AsyncIterator[Browser]:
    async for one in desk_of(town, "officer"):
        yield one


@pytest.fixture
async def early(town: Town) -> Phone:
    return await town.person("赵演示")


@pytest.fixture
async def late(town: Town) -> Phone:
    return await town.person("钱演示")


@pytest.fixture
async def desk_id(town: Town, early: Phone, late: Phone) -> UUID:
    """The county's desk: one shift began an hour ago and ends in two, the next takes ten hours."""
    now, desk_id = town.clock.now(), new_id(town.clock.now())
    async with town.database.transaction() as tx:
        plan = plan_as_data(DeskPlan(hands_over=True))
        await tx.execute(insert(desks).values(id=desk_id, area_code=COUNTY, name="县应急值班室", plan=plan))
        for officer, begin, end in ((early, -1, 2), (late, 2, 12)):
            await tx.execute(
                insert(shifts).values(
                    id=new_id(now),
                    desk_id=desk_id,
                    starts_at=now + begin * HOUR,
                    ends_at=now + end * HOUR,
                    officer_id=officer.contact_id,
                )
            )
    return desk_id


async def page(browser: Browser, desk_id: UUID) -> str:
    return unescape(await browser.page(f"/duty/{desk_id}/handover"))


def address(shown: str, what: str) -> str:
    found = re.search(rf'action="(/duty/[^"]+/{what})"', shown)
    assert found, what
    return found[1]


def keys(shown: str) -> list[str]:
    return re.findall(r'name="key" value="([^"]+)"> <span', shown)


async def told(town: Town) -> list[str]:
    async with town.database.transaction() as tx:
        wanted = alarms.c.cleared_at.is_(None), alarms.c.kind.like("handover:%")
        return list(await tx.scalars(select(alarms.c.text).where(*wanted)))


async def states(town: Town, desk_id: UUID) -> list[str]:
    async with town.database.transaction() as tx:
        return [one.state for one in await handovers_of(tx, desk_id, 10)]


async def post(browser: Browser, path: str, fields: list[tuple[str, str]]) -> tuple[int, str]:
    answer = await browser.client.post(path, data=[("csrf", browser.token), *fields], allow_redirects=False)
    return answer.status, unescape(await answer.text())


async def test_refused_with_open_items_then_accepted(
    town: Town, browser: Browser, desk_id: UUID, early: Phone, late: Phone
) -> None:
    sleeper = await town.person("孙演示")
    await town.post(VILLAGE, "防汛责任人", sleeper, hazards=["rain"])
    await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=90)
    shown = await page(browser, desk_id)
    assert "A7 暴雨红色预警：2 项责任无人应答" in shown
    note = address(shown, "note")
    assert (await post(browser, note, [("note", "备用电话线路故障，已报修")]))[0] == 303
    fields = [("kind", "phone"), ("text", "2 号座机听不清")]
    assert (await post(browser, address(shown, "items"), fields))[0] == 303
    # Nobody signs for a shift in which they did not stand.
    hand = address(shown, "hand")
    status, said = await post(browser, hand, [("person", str(late.contact_id))])
    assert (status, "只有本班值班员可以签字交班" in said) == (422, True)
    assert (await post(browser, hand, [("person", str(early.contact_id))]))[0] == 303

    await town.jump(minutes=35)
    shown = await page(browser, desk_id)
    items = keys(shown)
    assert any(item.startswith("not_woken:") for item in items)
    assert any(item.startswith("hand:") for item in items)
    take, mine = address(shown, "take"), ("person", str(late.contact_id))
    # Signing without taking each over is refused, by name of what is left.
    status, said = await post(browser, take, [*(("key", key) for key in items[1:]), mine, ("sign", "yes")])
    assert status == 422
    assert "还有 1 项没有签收" in said
    # Nor can one item be refused without a reason; with one, the handover goes back.
    assert (await post(browser, address(shown, "refuse"), [("key", items[0])]))[0] == 422
    why = [("key", items[0]), ("reason", "没有说清找过谁")]
    assert (await post(browser, address(shown, "refuse"), why))[0] == 303
    assert (await post(browser, address(shown, "send-back"), [("reason", "请补说明")]))[0] == 303
    assert (await states(town, desk_id))[-1] == "refused"

    shown = await page(browser, desk_id)
    assert "退回原因：请补说明" in shown
    assert (await post(browser, note, [("note", "已打孙演示家里电话，邻居去叫")]))[0] == 303
    assert (await post(browser, hand, [("person", str(early.contact_id))]))[0] == 303
    shown = await page(browser, desk_id)
    # Whoever goes cannot take over from themselves.
    ticks = [("key", key) for key in keys(shown)]
    own = ("person", str(early.contact_id))
    assert (await post(browser, take, [*ticks, own, ("sign", "yes")]))[0] == 422
    assert (await post(browser, take, [*ticks, mine, ("sign", "yes")]))[0] == 303
    assert (await states(town, desk_id))[-1] == "taken"
    await town.jump(minutes=60)
    assert await told(town) == []
    async with town.database.transaction() as tx:
        words = list(
            await tx.scalars(
                select(ledger_lines.c.event)
                .where(ledger_lines.c.event.in_(["handover.signed", "handover.refused", "handover.taken"]))
                .order_by(ledger_lines.c.id)
            )
        )
        handover = (await handovers_of(tx, desk_id, 10))[-1]
        signed = await sign_ons_of(tx, [(await handovers_of(tx, desk_id, 10))[0].shift_id])
    assert words == ["handover.signed", "handover.refused", "handover.signed", "handover.taken"]
    assert handover.taken_at is not None
    assert handover.handed_person_id == early.contact_id
    assert [one.person_id for of_shift in signed.values() for one in of_shift] == [late.contact_id]


async def test_a_shift_never_ends_silently_with_what_belongs_to_nobody(
    town: Town, browser: Browser, desk_id: UUID, late: Phone
) -> None:
    sleeper = await town.person("孙演示")
    await town.post(VILLAGE, "防汛责任人", sleeper, hazards=["rain"])
    await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=130)
    assert await told(town) == []
    await town.jump(minutes=10)
    (sentence,) = await told(town)
    assert sentence.startswith("县应急值班室：12:00 结束的班还没有人接，")
    await town.jump(minutes=120)
    assert await told(town) == [sentence]
    # When the shift after it is over too, what was open stands in the next handover.
    await town.jump(minutes=60 * 8, step_s=900)
    assert await states(town, desk_id) == ["open", "lapsed"]
    async with town.database.transaction() as tx:
        newest = (await handovers_of(tx, desk_id, 10))[0]
        items = (await items_of(tx, [newest.id])).get(newest.id, [])
    assert newest.next_at is not None
    assert all(item.is_unowned for item in items)


async def test_where_nothing_is_open_nobody_is_bothered(town: Town, desk_id: UUID) -> None:
    # Of a township: what the county's desk must see to is not its business.
    async with town.database.transaction() as tx:
        await tx.execute(update(desks).values(area_code=TOWNSHIP))
    await town.settle()
    await town.jump(minutes=200, step_s=300)
    assert await told(town) == []
    assert await states(town, desk_id) == ["open", "open"]


async def test_what_came_up_after_the_signature_must_be_taken_over_too(
    town: Town, browser: Browser, desk_id: UUID, early: Phone, late: Phone
) -> None:
    await town.jump(minutes=100)
    shown = await page(browser, desk_id)
    assert (await post(browser, address(shown, "hand"), [("person", str(early.contact_id))]))[0] == 303
    await town.post(VILLAGE, "防汛责任人", await town.person("孙演示"), hazards=["rain"])
    await town.warn("red", areas=[VILLAGE])
    mine = [("person", str(late.contact_id)), ("sign", "yes")]
    status, said = await post(browser, address(await page(browser, desk_id), "take"), mine)
    assert status == 422
    assert "A7 暴雨红色预警生效中" in said
    shown = await page(browser, desk_id)
    ticks = [("key", key) for key in keys(shown)]
    assert (await post(browser, address(shown, "take"), [*ticks, *mine]))[0] == 303
    assert (await states(town, desk_id))[-1] == "taken"


async def test_whoever_is_erased_leaves_the_handover_too(
    town: Town, browser: Browser, desk_id: UUID, early: Phone
) -> None:
    await town.settle()
    shown = await page(browser, desk_id)
    assert (await post(browser, address(shown, "note"), [("note", "孙演示的座机坏了")]))[0] == 303
    item = [("kind", "phone"), ("text", "孙演示要回电")]
    assert (await post(browser, address(shown, "items"), item))[0] == 303
    sleeper = await town.person("孙演示")
    now = town.clock.now()
    await erase_person(town.database, sleeper.contact_id, reason="本人申请", now=now, actor="keeper")
    assert "孙演示" not in await page(browser, desk_id)


async def test_who_took_over_before_their_shift_begins_has_come_to_it(
    town: Town, browser: Browser, desk_id: UUID, early: Phone, late: Phone
) -> None:
    """Ten minutes before, as is the rule: nobody then asks them to sign on."""
    async with town.database.transaction() as tx:
        plan = plan_as_data(DeskPlan(hands_over=True, signs_on=True))
        await tx.execute(update(desks).values(plan=plan))
    await town.jump(minutes=110)
    shown = await page(browser, desk_id)
    assert (await post(browser, address(shown, "hand"), [("person", str(early.contact_id))]))[0] == 303
    shown = await page(browser, desk_id)
    mine = [("person", str(late.contact_id)), ("sign", "yes")]
    ticks = [("key", key) for key in keys(shown)]
    assert (await post(browser, address(shown, "take"), [*ticks, *mine]))[0] == 303
    await town.jump(minutes=40)
    assert (await late.texts(), await late.calls()) == ([], 0)


async def hand_and_take(town: Town, browser: Browser, desk_id: UUID, goes: Phone, comes: Phone) -> str:
    """Both sign; returns the address of the form by which it was taken over."""
    shown = await page(browser, desk_id)
    assert (await post(browser, address(shown, "hand"), [("person", str(goes.contact_id))]))[0] == 303
    shown = await page(browser, desk_id)
    mine, take = [("person", str(comes.contact_id)), ("sign", "yes")], address(shown, "take")
    assert (await post(browser, take, [*(("key", key) for key in keys(shown)), *mine]))[0] == 303
    return take


async def test_what_was_signed_by_both_stays_as_it_was(
    town: Town, browser: Browser, desk_id: UUID, early: Phone, late: Phone
) -> None:
    """A page that was left open writes nothing into it any more."""
    await town.jump(minutes=100)
    take = await hand_and_take(town, browser, desk_id, early, late)
    await town.post(VILLAGE, "防汛责任人", await town.person("孙演示"), hazards=["rain"])
    await town.warn("red", areas=[VILLAGE])
    assert (await post(browser, take, []))[0] == 422
    async with town.database.transaction() as tx:
        handover = (await handovers_of(tx, desk_id, 10))[-1]
        items = (await items_of(tx, [handover.id])).get(handover.id, [])
    assert [item.key for item in items if item.is_unowned] == []


async def test_a_note_typed_beside_another_act_is_not_lost(
    town: Town, browser: Browser, desk_id: UUID, early: Phone
) -> None:
    """Whoever adds an item, or signs, with a note on the page that they have not kept."""
    await town.jump(minutes=1)
    shown = await page(browser, desk_id)
    item = [("kind", "phone"), ("text", "备用电话坏了"), ("note", "夜里再问一次水位")]
    assert (await post(browser, address(shown, "items"), item))[0] == 303
    assert "夜里再问一次水位" in await page(browser, desk_id)
    await town.jump(minutes=100)
    signed = [("person", str(early.contact_id)), ("note", "水位已问过")]
    assert (await post(browser, address(shown, "hand"), signed))[0] == 303
    shown = await page(browser, desk_id)
    assert "水位已问过" in shown
    assert "还没有启用书面交接班" not in shown


async def test_nobody_from_elsewhere_takes_over(
    town: Town, browser: Browser, desk_id: UUID, early: Phone
) -> None:
    await town.jump(minutes=100)
    shown = await page(browser, desk_id)
    assert (await post(browser, address(shown, "hand"), [("person", str(early.contact_id))]))[0] == 303
    take, stranger = address(await page(browser, desk_id), "take"), await town.person("周演示")
    for person_id in (stranger.contact_id, new_id(town.clock.now())):
        status, said = await post(browser, take, [("person", str(person_id)), ("sign", "yes")])
        assert (status, "只有当班或下一班的值班员可以接班" in said) == (422, True)


async def test_a_refusal_is_read_in_the_readers_language(
    town: Town, browser: Browser, desk_id: UUID, late: Phone
) -> None:
    """And what is written down in that of the record."""
    await town.warn("red", areas=[VILLAGE])
    shown = await page(browser, desk_id)
    await browser.page("/duty?lang=en")
    hand = address(shown, "hand")
    status, said = await post(browser, hand, [("person", str(late.contact_id))])
    assert (status, "Only an officer of the shift that ends can sign it over" in said) == (422, True)
    assert "暴雨红色预警生效中" in said


async def test_a_handover_taken_later_ends_those_before_it(
    town: Town, browser: Browser, desk_id: UUID, early: Phone, late: Phone
) -> None:
    """Nobody hears again of a shift that was missed, once the next was taken over."""
    await town.post(VILLAGE, "防汛责任人", await town.person("孙演示"), hazards=["rain"])
    await town.warn("red", areas=[VILLAGE], hours=24)
    async with town.database.transaction() as tx:
        now = town.clock.now()
        third = {"starts_at": now + 12 * HOUR, "ends_at": now + 20 * HOUR, "officer_id": early.contact_id}
        await tx.execute(insert(shifts).values(id=new_id(now), desk_id=desk_id, **third))
    await town.jump(minutes=60 * 11 + 50, step_s=600)
    assert len(await told(town)) == 1
    shown = await page(browser, desk_id)
    assert (await post(browser, address(shown, "hand"), [("person", str(late.contact_id))]))[0] == 303
    shown = await page(browser, desk_id)
    mine = [("person", str(early.contact_id)), ("sign", "yes")]
    ticks = [("key", key) for key in keys(shown)]
    assert (await post(browser, address(shown, "take"), [*ticks, *mine]))[0] == 303
    assert (await told(town), await states(town, desk_id)) == ([], ["taken", "lapsed"])


async def test_a_shift_that_ends_earlier_by_a_new_list_is_missed_then(town: Town, desk_id: UUID) -> None:
    await town.post(VILLAGE, "防汛责任人", await town.person("孙演示"), hazards=["rain"])
    await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=10)
    now = town.clock.now()
    async with town.database.transaction() as tx:
        first, second = await shifts_between(tx, [desk_id], now, now + 12 * HOUR)
        sooner = replace(first, ends_at=now + HOUR / 2)
        await save_shifts(tx, [sooner], now=now, actor="test")
        follows = replace(second, id=new_id(now), starts_at=sooner.ends_at, ends_at=second.starts_at)
        await save_shifts(tx, [follows], now=now, actor="test")
    await town.jump(minutes=44)
    assert await told(town) == []
    await town.jump(minutes=2)
    assert len(await told(town)) == 1


async def test_whoever_goes_on_hands_over_to_nobody(
    town: Town, browser: Browser, desk_id: UUID, early: Phone
) -> None:
    async with town.database.transaction() as tx:
        await tx.execute(update(shifts).values(officer_id=early.contact_id))
    await town.settle()
    await town.jump(minutes=140)
    assert (await states(town, desk_id))[-1] == "continued"
    assert await told(town) == []
    assert "同一人连续值班" in await page(browser, desk_id)


async def test_a_change_of_the_rota_makes_the_handover_needed(
    town: Town, desk_id: UUID, early: Phone, late: Phone
) -> None:
    now = town.clock.now()
    async with town.database.transaction() as tx:
        await tx.execute(update(shifts).values(officer_id=early.contact_id))
        second = (await shifts_between(tx, [desk_id], now + 3 * HOUR, now + 4 * HOUR))[0]
        doer = Doer("test", "请假", now, town.engine.timezone)
        await put_in(tx, second.id, Role.OFFICER, late.contact_id, doer)
    await town.settle()
    await town.jump(minutes=140)
    assert (await states(town, desk_id))[-1] == "open"
    assert len(await told(town)) == 1
