"""Step by step (逐级) from county to township to village, or directly (直达); stop rules; named people."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import update

from jiaoying.dispatch.steering.next_rung import call_next_now
from jiaoying.storage import schema
from jiaoying.storage.database import Database
from journeys.cascade_ladders import ladder, put_in_force, rung
from town import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE, Phone, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as town:
        yield town


async def three_levels(town: Town) -> tuple[Phone, Phone, Phone]:
    """A county's deputy head, a township's head, a village's responsible person."""
    county, head, village = [await town.person(name) for name in ("李演示", "孙演示", "赵演示")]
    await town.post(COUNTY, "分管副县长", county, tier="county_lead")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    await town.post(VILLAGE, "防汛责任人", village)
    return county, head, village


def after(tier: str, wait_s: int) -> dict[str, Any]:
    return {"after": {"tier": tier, "wait_s": wait_s}}


async def test_the_county_answers_then_the_township_then_the_village(town: Town) -> None:
    county, head, village = await three_levels(town)
    await put_in_force(
        town,
        county_lead=ladder(rung("holder")),
        township=ladder(rung("holder"), **after("county_lead", 300)),
        village=ladder(rung("holder"), **after("township", 600)),
    )
    warning = await town.warn("red")
    await town.jump(seconds=60)
    assert [await phone.calls() for phone in (county, head, village)] == [1, 0, 0]
    await county.says("收到")
    assert [await phone.calls() for phone in (county, head, village)] == [1, 1, 0]
    await head.says("收到")
    assert [await phone.calls() for phone in (county, head, village)] == [1, 1, 1]
    # The deadline counts from when its turn came: nobody is late who was not asked.
    assert await town.listed(warning) == []
    await town.jump(seconds=301)
    assert await town.listed(warning) == ["梁庄村 防汛责任人"]
    await village.says("收到")
    assert await town.states("responsibilities", warning) == {"covered": 3}


async def test_a_silent_township_holds_no_village_up_for_longer_than_its_wait(town: Town) -> None:
    _, head, village = await three_levels(town)
    await put_in_force(
        town,
        township=ladder(rung("holder", wait_s=3000, tries=5)),
        village=ladder(rung("holder"), **after("township", 240)),
    )
    await town.warn("red")
    await town.jump(seconds=230)
    assert await head.calls() > 0
    assert await village.calls() == 0
    assert await town.value("SELECT next_at IS NOT NULL FROM responsibilities WHERE rung = -1") is True
    await town.jump(seconds=15)
    assert await village.calls() == 1


async def test_another_township_and_nobody_at_all_are_not_waited_for(town: Town) -> None:
    village = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", village)
    await put_in_force(
        town,
        township=ladder(rung("holder")),
        village=ladder(rung("holder"), **after("township", 3000)),
    )
    await town.warn("red")
    assert await village.calls() == 1


async def test_directly_is_everybody_at_once(town: Town) -> None:
    phones = await three_levels(town)
    direct = ladder(rung("holder"))
    await put_in_force(town, county_lead=direct, township=direct, village=direct)
    await town.warn("red")
    assert [await phone.calls() for phone in phones] == [1, 1, 1]


async def test_two_of_three_must_answer(town: Town) -> None:
    holder, deputy, superior = [await town.person(name) for name in ("赵演示", "钱演示", "孙演示")]
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy, superior=superior)
    await put_in_force(town, village=ladder(rung("holder", "deputy", wait_s=60), rung("superior"), stop=2))
    warning = await town.warn("red")
    await holder.says("收到")
    assert await town.states("responsibilities", warning) == {"open": 1}
    await deputy.says("2")
    # One has answered and one cannot: the next at once, since two are needed.
    assert await superior.calls() == 1
    await superior.says("收到")
    assert await town.states("responsibilities", warning) == {"covered": 1}


async def test_a_named_post_and_a_named_person_are_asked_and_the_empty_role_says_why(town: Town) -> None:
    holder, head, named = [await town.person(name) for name in ("赵演示", "孙演示", "周演示")]
    await town.post(VILLAGE, "防汛责任人", holder)
    await town.post(TOWNSHIP, "武装部长", head, tier="township")
    post, person = {"post": "武装部长", "of": "township"}, {"person": str(named.contact_id), "name": "周演示"}
    await put_in_force(
        town, village=ladder(rung("holder", wait_s=60), rung("deputy"), rung(post, person, "leader"))
    )
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=65)
    assert await head.calls() == 1
    assert await named.calls() == 1
    empty = "SELECT facts -> 'empty' FROM ledger_lines WHERE event = :event AND facts ? 'empty'"
    assert await town.value(empty, event="responsibility.rung_empty") == [
        {"role": "deputy", "why": "no_deputy"}
    ]
    assert await town.value(empty, event="responsibility.rung_began") == [
        {"role": "leader", "why": "no_leader"}
    ]
    await named.says("收到")
    assert await town.states("responsibilities", warning) == {"covered": 1}


async def test_channels_in_turn_text_first_and_call_with_the_next_try(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    await put_in_force(town, village=ladder(rung("holder", in_turn=True, tries=3, gap_s=60, wait_s=600)))
    await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=50)
    assert (len(await holder.texts()), await holder.calls()) == (1, 0)
    await town.jump(seconds=20)
    assert (len(await holder.texts()), await holder.calls()) == (1, 1)
    # The text lies there: the third try is a call as well.
    await town.jump(minutes=3)
    assert (len(await holder.texts()), await holder.calls()) == (1, 2)


async def seat(town: Town, kind: str, holder: Phone) -> None:
    async with town.database.transaction() as tx:
        await tx.execute(
            update(schema.posts).where(schema.posts.c.kind == kind).values(holder_id=holder.contact_id)
        )


async def test_who_holds_the_post_now_is_asked_and_the_one_before_is_left_in_peace(town: Town) -> None:
    """Also what GoAlert's `policyreassignment` promises: whoever is in charge now is asked."""
    old, new, deputy = [await town.person(name) for name in ("赵演示", "吴演示", "钱演示")]
    await town.post(VILLAGE, "防汛责任人", old, deputy=deputy)
    await put_in_force(town, village=ladder(rung("holder"), rung("deputy")))
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=100)
    await seat(town, "防汛责任人", new)
    await town.jump(seconds=30)
    rang = await old.calls()
    assert await new.calls() == 1
    # The wait is that of whoever was asked: the new one has it in full.
    assert await deputy.calls() == 0
    await town.jump(seconds=120)
    assert await deputy.calls() == 1
    assert await old.calls() == rang
    assert await town.state_of(old, warning) == "withdrawn"
    assert "responsibility.person_replaced" in await town.events(warning)
    await old.says("收到")
    assert await town.states("responsibilities", warning) == {"open": 1}
    await new.says("收到")
    assert await town.states("responsibilities", warning) == {"covered": 1}


async def test_who_was_replaced_is_still_called_for_what_binds_them(town: Town) -> None:
    old, new = await town.person("赵演示"), await town.person("吴演示")
    await town.post(VILLAGE, "防汛责任人", old)
    await town.post(OTHER_VILLAGE, "监测人", old)
    await put_in_force(town, village=ladder(rung("holder", tries=3), rung("deputy")))
    warning = await town.warn("red", areas=[TOWNSHIP])
    await town.jump(seconds=100)
    await seat(town, "防汛责任人", new)
    await town.jump(seconds=30)
    assert await new.calls() == 1
    assert await town.state_of(old, warning) != "withdrawn"
    await old.says("收到")
    assert await town.states("responsibilities", warning) == {"covered": 1, "open": 1}


async def test_who_is_given_the_post_back_is_called_again(town: Town) -> None:
    """A slip on the roster, put right while the ladder goes on."""
    zhao, wu, deputy = [await town.person(name) for name in ("赵演示", "吴演示", "钱演示")]
    await town.post(VILLAGE, "防汛责任人", zhao, deputy=deputy)
    await put_in_force(
        town, village=ladder(rung("holder", wait_s=300, tries=5), rung("deputy", wait_s=300, tries=5))
    )
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=200)
    await seat(town, "防汛责任人", wu)
    await town.jump(seconds=150)
    assert await town.state_of(zhao, warning) == "withdrawn"
    rang = await zhao.calls()
    await seat(town, "防汛责任人", zhao)
    await town.jump(seconds=400)
    assert await zhao.calls() > rang
    assert await town.state_of(wu, warning) == "withdrawn"


async def test_who_is_called_after_a_text_is_waited_for(town: Town) -> None:
    """The first step only texts; the next calls the same person, and another's word does not cut it short."""
    holder, officer, deputy = [await town.person(name) for name in ("赵演示", "周演示", "钱演示")]
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    text_only = {"channels": ["sms"], "wait_s": 120, "tries": 1}
    call = {"who": ["holder"], "channels": ["voice"], "wait_s": 300, "tries": 3}
    await put_in_force(
        town, village=ladder({"who": ["holder", "desk"], **text_only}, call, rung("deputy"), deadline_s=1200)
    )
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=125)
    assert await holder.calls() == 1
    await officer.says("2")
    assert await town.state_of(officer, warning) == "declined"
    assert await deputy.calls() == 0
    async with town.database.transaction() as tx:
        call_out = "SELECT id FROM call_outs WHERE contact_id = :person"
        asked = await town.value(call_out, person=holder.contact_id)
        assert await call_next_now(tx, asked, by="user:王演示", now=town.clock.now()) == 1
    await town.settle()
    assert await deputy.calls() == 1
