"""The ladders on their pages: an officer reads, changes, tries, saves and puts back, and nothing is sent."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import pytest

from jiaoying.dispatch.ladders.book import newest_version, text_in_force
from jiaoying.dispatch.ladders.reading import default_text
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Database
from jiaoying.warnings.by_hand import DraftFields
from jiaoying.warnings.drafts import add_draft
from jiaoying.warnings.model import Kind
from town import TOWNSHIP, VILLAGE, Town, open_town
from web_town import Browser, add_users, browser_on, parts_for_tests

CHANGED = default_text().replace('night: {from: "22:00", to: "06:00"}', 'night: {from: "21:00", to: "06:00"}')
VERSION_FIELD = re.compile(r'name="shown" value="(\d+)"')


@pytest.fixture
async def officer(database: Database) -> AsyncIterator[Browser]:
    await add_users(database)
    async with browser_on(parts_for_tests(database)) as browser:
        await browser.sign_in("officer")
        yield browser


def text_on(page: str) -> str:
    """The file in the text field of a page, as it would be sent."""
    return unescape(page.split('maxlength="200000">')[1].split("</textarea>")[0])


async def in_force(database: Database) -> tuple[int, str]:
    async with database.transaction() as tx:
        return await newest_version(tx), await text_in_force(tx)


async def test_a_version_is_saved_compared_and_put_back(officer: Browser, database: Database) -> None:
    page = await officer.page("/ladders")
    assert "立即转移类" in page
    assert "上级上门" in page
    draft = await officer.page("/ladders/draft")
    shown = VERSION_FIELD.findall(draft)[0]
    looked = await (await officer.post("/ladders/draft", {"text": CHANGED})).text()
    assert "夜间：21:00 至 06:00" in looked
    assert await in_force(database) == (0, default_text())

    saved = await officer.post("/ladders", {"text": CHANGED, "shown": shown, "note": "夜间提前一小时"})
    assert (saved.status, saved.headers["Location"]) == (303, "/ladders?saved=1")
    # As it was written, remarks and all.
    assert await in_force(database) == (1, CHANGED)
    page = await officer.page("/ladders")
    assert "夜间提前一小时" in page
    assert "officer" in page
    assert "夜间：22:00 至 06:00" in await officer.page("/ladders/versions/1?with=0")
    assert (
        (await officer.get("/ladders/ladders.yaml?version=1"))
        .headers["Content-Type"]
        .startswith("application/yaml")
    )

    # Somebody who still has the old page open overwrites nothing.
    late = await officer.post("/ladders", {"text": default_text(), "shown": shown})
    assert late.status == 422
    assert "期间他人已保存第 1 版" in await late.text()
    back = text_on(await officer.page("/ladders/draft?version=0"))
    again = await officer.post("/ladders", {"text": back, "shown": "1"})
    assert again.status == 303
    assert (await in_force(database))[0] == 2


async def test_what_is_wrong_is_refused_and_what_is_doubtful_needs_a_tick(
    officer: Browser, database: Database
) -> None:
    wrong = await officer.post(
        "/ladders", {"text": default_text().replace("colours: [blue]", "colours: [red]")}
    )
    assert wrong.status == 422
    told = await wrong.text()
    assert "规则“蓝色预警”：这条规则永远轮不到" in told
    assert (
        "蓝色的各灾种不是每个时段都有规则" not in told
    )  # four families have a rule of their own at every colour
    unread = await officer.post("/ladders", {"text": "rules: ["})
    assert (unread.status, "无法读取" in await unread.text()) == (422, True)
    hasty = default_text().replace("tries: 3, gap_s: 60, wait_s: 240", "tries: 3, gap_s: 30, wait_s: 240")
    asked = await officer.post("/ladders", {"text": hasty, "shown": "0"})
    assert asked.status == 422
    assert "每分钟只放行一个电话" in await asked.text()
    assert await in_force(database) == (0, default_text())
    meant = await officer.post("/ladders", {"text": hasty, "shown": "0", "meant": "yes"})
    assert meant.status == 303


async def test_a_rule_is_changed_by_its_form_alone(officer: Browser, database: Database) -> None:
    form = await officer.page("/ladders/rules/9")
    assert 'value="蓝色预警"' in form
    fields = {
        "text": default_text(),
        "name": "蓝色预警",
        "colours": "blue",
        "desk.asked": "yes",
        "desk.stop": "any",
        "desk.deadline_s": "900",
        "desk.rung": "0",
        "desk.0.who": "desk",
        "desk.0.channels": "voice",
        "desk.0.tries": "3",
        "desk.0.gap_s": "60",
        "desk.0.wait_s": "300",
        "desk.feedback.on_post": "20",
    }
    more = await (await officer.post("/ladders/rules/9", {**fields, "do": "add:desk"})).text()
    assert more.count('name="desk.rung"') == 2
    bad = await officer.post("/ladders/rules/9", {**fields, "desk.0.wait_s": "soon", "do": "take"})
    assert bad.status == 422
    assert "规则“蓝色预警” 值班室 第1梯级：请填" in await bad.text()
    taken = await (await officer.post("/ladders/rules/9", {**fields, "do": "take"})).text()
    assert "蓝色预警 · 值班室 · 第1梯级 · 值班室：电话，3次，间隔1分钟；等5分钟" in unescape(taken)
    assert "已到岗（20分钟内）" in taken
    saved = await officer.post("/ladders", {"text": text_on(taken), "shown": "0"})
    assert saved.status == 303
    assert "已到岗（20分钟内）" in await officer.page("/ladders")
    # The rules of a draft are moved and removed, too.
    moved = await (await officer.post("/ladders/draft", {"text": default_text(), "do": "remove:8"})).text()
    assert "黄色的各灾种" not in text_on(moved)
    assert "不是每个时段都有规则" in moved


async def test_whoever_may_not_change_ladders_reads_them(database: Database) -> None:
    await add_users(database)
    async with browser_on(parts_for_tests(database)) as browser:
        await browser.sign_in("keeper")
        assert "立即转移类" in await browser.page("/ladders")
        assert "/ladders/draft" not in await browser.page("/ladders")
        assert (await browser.get("/ladders/draft")).status == 403
        assert (await browser.post("/ladders", {"text": default_text()})).status == 403


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_a_draft_is_tried_on_past_warnings_and_a_past_warning_comes_again_today(town: Town) -> None:
    """Whom the draft would have called; who holds the post today; and no phone of the town hears of it."""
    holder, deputy, officer = [await town.person(name) for name in ("赵演示", "钱演示", "孙演示")]
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    orange = await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=1)
    heard = [(await phone.calls(), len(await phone.texts())) for phone in (holder, deputy, officer)]
    await add_users(town.database)
    # At orange the deputy beside the holder.
    draft = default_text().replace(
        "village: &orange\n        stop: any\n        deadline_s: 300\n        rungs:\n"
        "          - {who: holder,",
        "village: &orange\n        stop: any\n        deadline_s: 300\n        rungs:\n"
        "          - {who: [holder, deputy],",
    )
    assert draft != default_text()
    parts = parts_for_tests(town.database)
    async with browser_on(parts) as browser:
        await browser.sign_in("officer")
        begun = await browser.post("/ladders/trials", {"text": draft, "days": "90"})
        assert begun.status == 303
        address = begun.headers["Location"]
        await browser.post(f"{address}/next")
        page = await browser.page(address)
        assert "已试算 1/1 条预警，其中 1 条立即叫应的人有变化" in page
        assert "<del>2</del> → <ins>3</ins>" in page
        assert "钱演示" in page
        # Tried to the end, it stays as it is.
        await browser.post(f"{address}/next")
        assert "已试算 1/1" in await browser.page(address)

        # The roster changes: who was called then holds nothing any more.
        async with town.database.transaction() as tx:
            await tx.exec_driver_sql(f"UPDATE posts SET holder_id = '{deputy.contact_id}', deputy_id = NULL")
        replayed = await browser.page(f"/warnings/{orange}/replay")
        assert "当时叫应、现在不叫" in replayed
        assert f'<a href="/contacts/{holder.contact_id}">赵演示</a>' in replayed
        assert "梁庄村 防汛责任人（A角，第1梯级）：在预警范围内" in replayed
        # Everybody of a draft by hand, one by one.
        now = town.clock.now()
        fields = DraftFields(
            kind=Kind.ALERT,
            exercise=False,
            hazard=Hazard.RAIN,
            event="暴雨",
            event_code=None,
            colour=Colour.ORANGE,
            sender_name="沁水县气象台",
            headline="",
            text="预计未来3小时将出现暴雨。",
            instruction="",
            area_codes=(VILLAGE,),
            valid_from=now,
            valid_to=now + timedelta(hours=3),
        )
        async with town.database.transaction() as tx:
            draft_id = await add_draft(tx, fields, by="user:officer", now=now)
        listed = await browser.page(f"/by-hand/{draft_id}/people")
        assert "梁庄村 防汛责任人（A角，第1梯级）：在预警范围内" in listed
        assert "100****0002" in listed
        assert "/people" in await browser.page(f"/by-hand/{draft_id}")
    assert heard == [(await phone.calls(), len(await phone.texts())) for phone in (holder, deputy, officer)]
