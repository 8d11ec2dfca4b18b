"""What becomes of calls is kept with the number, and nobody is dropped for it."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from jiaoying.dispatch.board.officers import officers_list
from jiaoying.dispatch.stages.check import begin
from jiaoying.storage.database import Database
from town import COUNTY, VILLAGE, Phone, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def _stands(town: Town, phone: Phone) -> str:
    return await town.value("SELECT standing FROM contact_numbers WHERE number = :n", n=phone.number)


async def _verified(town: Town, phone: Phone) -> str | None:
    return await town.value("SELECT verified_how FROM contact_numbers WHERE number = :n", n=phone.number)


async def _begin_check(town: Town) -> None:
    async with town.database.transaction() as tx:
        assert await begin(tx, area_code=COUNTY, by="test", now=town.clock.now())
    await town.settle()


async def _second_number(town: Town, phone: Phone, other: Phone) -> None:
    """`phone` has the number of `other` too, preferred before the own."""
    async with town.database.transaction() as tx:
        await tx.execute(
            text("UPDATE contact_numbers SET contact_id = :id, preference = 0 WHERE number = :number"),
            {"id": phone.contact_id, "number": other.number},
        )


@pytest.mark.parametrize(
    ("habit", "standing"),
    [
        ("dead", "dead"),
        ("invalid", "dead"),
        ("suspended", "suspended"),
        ("switched_off", "off"),
        ("busy", "silent"),
        ("answers", "works"),
        ("wrong_person", "wrong_person"),
    ],
)
async def test_what_becomes_of_a_call_is_kept_with_the_number(town: Town, habit: str, standing: str) -> None:
    zhao = await town.person("赵演示", habit)
    await town.post(VILLAGE, "防汛责任人", zhao)
    await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=12)
    assert await _stands(town, zhao) == standing
    assert await _verified(town, zhao) == ("answer" if habit == "answers" else None)


async def test_who_has_only_a_dead_number_is_called_all_the_same(town: Town) -> None:
    zhao, deputy = await town.person("赵演示", "dead"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", zhao, deputy=deputy)
    await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=12)
    before = await zhao.calls()
    again = await town.warn("orange", areas=[VILLAGE], hazard="flood", reference="B8")
    await town.jump(minutes=12)
    assert await zhao.calls() > before
    assert await town.states("responsibilities", again) == {"covered": 1}


async def test_a_number_that_works_is_rung_before_a_dead_one_that_was_preferred(town: Town) -> None:
    zhao, dead = await town.person("赵演示", "ignores"), await town.person("空号", "dead")
    await _second_number(town, zhao, dead)
    await town.post(VILLAGE, "防汛责任人", zhao)
    await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=20)
    assert await _stands(town, dead) == "dead"
    dead_before, own_before = await dead.calls(), await zhao.calls()
    await town.warn("orange", areas=[VILLAGE], hazard="flood", reference="B8")
    await town.jump(seconds=30)
    assert (await zhao.calls(), await dead.calls()) == (own_before + 1, dead_before)
    await town.jump(minutes=20)
    assert await dead.calls() > dead_before  # last, and not never


async def test_somebody_else_says_so_and_the_desk_hears_of_it(town: Town) -> None:
    zhao = await town.person("赵演示", "ignores")
    await town.post(VILLAGE, "防汛责任人", zhao)
    warning = await town.warn("orange", areas=[VILLAGE])
    await town.jump(seconds=30)
    await zhao.says("你打错了，我不是赵演示")
    await town.jump(seconds=5)
    assert await town.state_of(zhao, warning) == "open"
    alarm = await town.value("SELECT text FROM alarms WHERE kind = 'wrong_person'")
    assert "赵演示" in alarm
    assert "抱歉" in (await zhao.texts())[-1]
    await zhao.says("1 A7")  # it was the person after all
    assert await town.state_of(zhao, warning) == "answered"
    assert (await _stands(town, zhao), await _verified(town, zhao)) == ("works", "answer")


async def test_a_drill_says_nothing_of_a_real_persons_number(town: Town) -> None:
    zhao = await town.person("赵演示", "dead")
    async with town.database.transaction() as tx:
        await tx.execute(text("UPDATE contacts SET demonstration = false"))
    await town.post(VILLAGE, "防汛责任人", zhao)
    await town.warn("orange", areas=[VILLAGE], exercise=True)
    await town.jump(minutes=12)
    assert await zhao.calls() > 0
    assert await _stands(town, zhao) == "unknown"


# --- the check ---


async def test_the_check_in_the_words_of_the_person(town: Town) -> None:
    zhao, qian = await town.person("赵演示"), await town.person("钱演示")
    off = await town.person("孙演示", "switched_off")
    await town.post(VILLAGE, "防汛责任人", zhao, deputy=qian)
    await town.post(VILLAGE, "护林员", off)
    await _begin_check(town)
    await town.jump(minutes=2)
    [asked] = await zhao.texts()
    assert "例行核对" in asked
    assert "赵演示" in asked
    assert "没有险情" in asked
    await zhao.says("1")
    assert "谢谢" in (await zhao.texts())[-1]
    await qian.says("9")
    assert "抱歉" in (await qian.texts())[-1]
    await town.jump(minutes=1)
    assert (await _verified(town, zhao), await _stands(town, zhao)) == ("check", "works")
    assert (await _verified(town, qian), await _stands(town, qian)) == (None, "wrong_person")
    assert await _stands(town, off) == "off"
    assert await town.value("SELECT count(*) FROM alarms") == 1
    await town.jump(minutes=26 * 60)
    counts = await town.value("SELECT counts FROM number_checks WHERE ended_at IS NOT NULL")
    assert counts == {"checked": 1, "wrong_person": 1, "failed": 1}
    # Who has verified is left in peace, the stranger too.
    heard = [len(await phone.texts()) for phone in (zhao, qian, off)]
    await _begin_check(town)
    await town.jump(minutes=2)
    assert [len(await phone.texts()) for phone in (zhao, qian, off)] == [heard[0], heard[1], heard[2] + 1]


async def test_a_one_after_a_check_and_a_call_ticks_neither(town: Town) -> None:
    zhao = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", zhao)
    await _begin_check(town)
    await town.jump(seconds=30)
    warning = await town.warn("yellow", areas=[VILLAGE])
    await town.jump(seconds=30)
    await zhao.says("1")
    assert await town.state_of(zhao, warning) == "open"
    assert await _verified(town, zhao) is None
    assert "号码核对" in (await zhao.texts())[-1]
    await zhao.says("1 A7")
    assert await town.state_of(zhao, warning) == "answered"


async def test_a_check_gives_way_to_a_grave_warning(town: Town) -> None:
    people = [await town.person(f"赵{number}演示") for number in range(30)]
    for phone in people:
        await town.post(VILLAGE, "防汛责任人", phone)
    await _begin_check(town)
    await town.jump(seconds=20)
    asked = "SELECT count(*) FROM attempts WHERE purpose = 'check' AND state <> 'withdrawn'"
    assert await town.value(asked) == 20
    warning = await town.warn("red", areas=[VILLAGE], hazard="wildfire")
    given_way = await town.value(asked)
    assert 5 <= given_way <= 8  # what had left before
    await town.jump(minutes=15)
    assert await town.value(asked) == given_way
    assert await town.value("SELECT postponed_since IS NOT NULL FROM number_checks")
    async with town.database.transaction() as tx:
        await tx.execute(
            text("UPDATE issued_warnings SET state = 'closed', valid_to = received_at WHERE id = :id"),
            {"id": warning},
        )
    await town.jump(minutes=15)
    assert await town.value(asked) == 30
    assert [sum("例行核对" in body for body in await phone.texts()) for phone in people] == [1] * 30


async def test_the_officers_list_says_that_a_number_is_dead(town: Town) -> None:
    zhao = await town.person("赵演示", "dead")
    await town.post(VILLAGE, "防汛责任人", zhao)
    warning = await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=20)
    async with town.database.transaction() as tx:
        [item] = await officers_list(tx, warning, town.clock.now())
    [number] = item.people[0].numbers
    assert number.is_doubtful
