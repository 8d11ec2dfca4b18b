"""A correction reaches exactly those who were told, in the order in which they were told."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text

from jiaoying.dispatch.actions import withdraw_warning
from jiaoying.dispatch.steering.correcting import correct
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database
from town import OTHER_VILLAGE, VILLAGE, Phone, Town, open_town

OFFICER = "user:王演示"
RIGHT = "转移到中心小学，不是文化站"
_ORDER = """
    SELECT array_agg(contact_id ORDER BY moment) FROM (
        SELECT contact_id, min({moment}) AS moment FROM attempts
        WHERE purpose = :purpose AND channel = 'sms' GROUP BY contact_id) AS first_one"""


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def send_correction(town: Town, warning: UUID, *, form: UUID | None = None, what: str = RIGHT) -> bool:
    async with town.database.transaction() as tx:
        written = await correct(
            tx,
            form or new_id(town.clock.now()),
            warning,
            fact="place",
            text=what,
            by=OFFICER,
            now=town.clock.now(),
        )
    await town.settle()
    return written


async def corrections_of(phone: Phone) -> list[str]:
    return [body for body in await phone.texts() if "更正" in body]


async def test_those_who_were_reached_hear_it_once_and_a_reply_still_answers_the_warning(town: Town) -> None:
    awake, silent, never = [await town.person(name) for name in ("赵演示", "钱演示", "孙演示")]
    await awake.does("answers")
    await town.post(VILLAGE, "防汛责任人", awake, deputy=never)
    await town.post(OTHER_VILLAGE, "防汛责任人", silent)
    warning = await town.warn("red")
    await town.jump(seconds=30)
    calls = (await awake.calls(), await silent.calls())
    form = new_id(town.clock.now())
    assert await send_correction(town, warning, form=form)
    assert not await send_correction(town, warning, form=form)  # the same form sent twice
    told = await corrections_of(silent)
    assert len(told) == len(await corrections_of(awake)) == 1
    assert RIGHT in told[0]
    assert "地点有误" in told[0]
    assert await corrections_of(never) == []
    # Red: by call too, once.
    assert (await awake.calls(), await silent.calls()) == (calls[0] + 1, calls[1] + 1)
    await town.jump(seconds=20)
    await silent.says("1")
    assert await town.states("responsibilities", warning) == {"covered": 2}
    assert (await town.events(warning)).count("warning.corrected") == 1


async def test_a_mild_warning_is_corrected_by_text_and_who_takes_none_is_named(town: Town) -> None:
    mobile, landline = await town.person("赵演示"), await town.person("座机演示")
    async with town.database.transaction() as tx:
        await tx.execute(
            text("UPDATE contact_numbers SET kind = 'landline' WHERE contact_id = :id"),
            {"id": landline.contact_id},
        )
    await town.post(VILLAGE, "防汛责任人", mobile)
    await town.post(OTHER_VILLAGE, "防汛责任人", landline)
    warning = await town.warn("yellow")
    calls = (await mobile.calls(), await landline.calls())
    await send_correction(town, warning)
    assert (await mobile.calls(), await landline.calls()) == calls
    assert len(await corrections_of(mobile)) == 1
    named = await town.value("SELECT text FROM alarms WHERE kind = 'tell_by_hand'")
    assert "座机演示" in named
    assert "赵演示" not in named


async def test_corrections_and_stand_downs_go_in_the_order_of_the_first_call_across_versions(
    town: Town,
) -> None:
    early = [await town.person(f"赵演示{number}", "answers") for number in range(4)]
    late = await town.person("钱演示", "answers")
    for holder in early:
        await town.post(VILLAGE, f"防汛责任人{holder.name}", holder)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=1)
    await town.post(OTHER_VILLAGE, "防汛责任人", late)
    newer = await town.warn("orange", areas=[VILLAGE, OTHER_VILLAGE], kind="update", replaces=first)
    await town.jump(minutes=1)
    await send_correction(town, newer)
    async with town.database.transaction() as tx:
        await withdraw_warning(tx, newer, by=OFFICER, reason="险情解除", now=town.clock.now())
    await town.settle()
    reached = await town.value(
        """SELECT array_agg(contact_id ORDER BY moment, contact_id) FROM (
            SELECT contact_id, min(claimed_at) AS moment FROM attempts
            WHERE purpose = 'call' GROUP BY contact_id) AS first_one"""
    )
    assert len(reached) == 5
    assert reached[-1] == late.contact_id
    for purpose in ("correction", "stand_down"):
        assert await town.value(_ORDER.format(moment="turn"), purpose=purpose) == reached


async def test_nobody_is_corrected_who_was_not_reached_or_whose_warning_is_over(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("orange")
    for what in ("", "长" * 81):
        with pytest.raises(Refusal):
            await send_correction(town, warning, what=what)
    async with town.database.transaction() as tx:
        await withdraw_warning(tx, warning, by=OFFICER, reason="误发", now=town.clock.now())
    await town.settle()
    with pytest.raises(Refusal):
        await send_correction(town, warning)
