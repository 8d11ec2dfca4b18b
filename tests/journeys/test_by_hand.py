"""A warning by hand: written or pasted, looked at, corrected, confirmed by one person or by two."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import func, insert, select, text

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database
from jiaoying.storage.schema import call_outs, issued_warnings, ledger_lines, warning_drafts
from jiaoying.warnings.by_hand import DraftFields
from jiaoying.warnings.drafts import add_draft
from jiaoying.warnings.intake import take_in
from jiaoying.warnings.model import Evidence, Kind, Question
from jiaoying.warnings.read import read_messages
from jiaoying.web.console import by_hand
from journeys.desks import desk_of
from town import COUNTY, OTHER_VILLAGE, START, TOWNSHIP, VILLAGE, Phone, Town, open_town
from unit.warnings.samples import alert, area, geocode, info
from web_town import Browser, add_users

FORM = {
    "kind": "alert",
    "hazard": "rain",
    "event": "暴雨",
    "colour": "red",
    "areas": VILLAGE,
    "valid_from": "2026-07-15T10:00",
    "valid_to": "2026-07-15T16:00",
    "text": "预计未来3小时降雨量将达100毫米以上。",
    "instruction": "请立即转移。",
    "sender_name": "沁水县应急管理局",
    "headline": "",
    "follows_id": "",
}


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        await add_users(database)
        yield opened


@pytest.fixture
async def holder(town: Town) -> Phone:
    phone = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", phone)
    return phone


@pytest.fixture
async def officer(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "officer"):
        yield browser


@pytest.fixture
async def leader(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "leader"):
        yield browser


@pytest.fixture
async def careful_officer(town: Town) -> AsyncIterator[Browser]:
    """In a county that wants two persons for every red warning by hand."""
    async for browser in desk_of(town, "officer", JIAOYING_TWO_PERSONS_FOR="red"):
        yield browser


async def count(town: Town, table: str) -> int:
    return await town.value(f"SELECT count(*) FROM {table}")


async def draft_by_form(browser: Browser, **changes: str) -> str:
    answer = await browser.post("/by-hand", {**FORM, **changes})
    assert answer.status == 303, await answer.text()
    return answer.headers["Location"]


async def confirm(browser: Browser, draft: str) -> str:
    """Confirm a draft as it is shown; returns the address of what comes next."""
    page = await browser.page(draft)
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen, page
    answer = await browser.post(f"{draft}/confirm", {"seen": seen[1]})
    assert answer.status == 303, await answer.text()
    return answer.headers["Location"]


async def test_from_the_form_to_the_call(town: Town, holder: Phone, officer: Browser) -> None:
    draft = await draft_by_form(officer)
    page = unescape(await officer.page(draft))
    assert "确认：叫应 1 人" in page
    assert "梁庄村" in page
    assert await count(town, "issued_warnings") == 0
    warning = (await confirm(officer, draft)).removeprefix("/warnings/")
    await town.settle()
    await town.jump(minutes=2)
    [sms] = await holder.texts()
    # What the preview said is what arrived.
    assert sms in page
    assert await town.value("SELECT state FROM call_outs") == "answered"
    assert await town.value("SELECT written_by FROM issued_warnings") == "user:officer"
    assert await town.value("SELECT source FROM issued_warnings") == "hand"
    assert "officer" in await officer.page(f"/warnings/{warning}")


async def test_confirmed_twice_it_is_one_warning(town: Town, holder: Phone, officer: Browser) -> None:
    draft = await draft_by_form(officer)
    page = await officer.page(draft)
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    first = await officer.post(f"{draft}/confirm", {"seen": seen[1]})
    second = await officer.post(f"{draft}/confirm", {"seen": seen[1]})
    assert first.headers["Location"] == second.headers["Location"]
    assert await count(town, "issued_warnings") == 1


async def test_cut_off_between_confirmed_and_taken_in_it_is_not_lost(
    town: Town, holder: Phone, officer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = await draft_by_form(officer)
    page = await officer.page(draft)
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen

    async def killed(*_: object, **__: object) -> None:
        raise KeyError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(by_hand, "take_in", killed)
        assert (await officer.post(f"{draft}/confirm", {"seen": seen[1]})).status == 500
    assert await count(town, "issued_warnings") == 0
    assert "已确认但中断了" in await officer.page("/by-hand")
    town.clock.advance_to(town.clock.now() + timedelta(minutes=5))
    await confirm(officer, draft)
    assert await count(town, "issued_warnings") == 1
    assert await town.value("SELECT sent_at FROM issued_warnings") == START


async def test_a_draft_that_was_changed_meanwhile_is_looked_at_again(
    town: Town, holder: Phone, officer: Browser, leader: Browser
) -> None:
    draft = await draft_by_form(officer)
    page = await officer.page(draft)
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    town.clock.advance_to(town.clock.now() + timedelta(seconds=30))
    assert (await leader.post(draft, {**FORM, "colour": "blue"})).status == 303
    answer = await officer.post(f"{draft}/confirm", {"seen": seen[1]})
    assert answer.status == 422
    assert await count(town, "issued_warnings") == 0


async def test_mistakes_name_the_field_and_keep_what_was_typed(officer: Browser, holder: Phone) -> None:
    wrong = {**FORM, "colour": "", "valid_to": "2026-07-14T16:00", "event": "", "text": "原文不丢"}
    answer = await officer.post("/by-hand", wrong)
    page = unescape(await answer.text())
    assert answer.status == 422
    assert "请选择颜色" in page
    assert "原文不丢" in page
    wrong["colour"] = "red"
    page = unescape(await (await officer.post("/by-hand", wrong)).text())
    assert "请填写灾害名称" in page
    assert "结束时间已过" in page
    assert 'aria-describedby="mistake-valid_to"' in page
    page = unescape(await (await officer.post("/by-hand", {**FORM, "areas": ""})).text())
    assert "请至少选一个乡镇或村" in page
    page = await (await officer.post("/by-hand", {**FORM, "valid_to": "tomorrow"})).text()
    assert "2026-07-15 16:30" in page


async def test_the_preview_shows_who_is_missing(town: Town, holder: Phone, officer: Browser) -> None:
    await town.post(OTHER_VILLAGE, "防汛责任人", None)
    mute = await town.person("钱演示")
    await town.post(TOWNSHIP, "防汛责任人", mute, tier="township")
    async with town.database.transaction() as tx:
        await tx.execute(text("DELETE FROM contact_numbers WHERE contact_id = :id"), {"id": mute.contact_id})
    page = unescape(await officer.page(await draft_by_form(officer, areas=TOWNSHIP)))
    assert "1 人没有号码" in page
    assert "钱演示（龙港镇 防汛责任人）" in page
    assert "王寨村 防汛责任人" in page
    assert "龙港镇王寨村" in page


async def test_a_place_outside_calls_nobody_and_says_so(officer: Browser, holder: Phone) -> None:
    page = unescape(await officer.page(await draft_by_form(officer, areas="140522100000")))
    assert "都不在本地区" in page
    assert "/confirm" not in page


# --- pasted ---


async def test_a_pasted_message_is_previewed_corrected_and_called(
    town: Town, holder: Phone, officer: Browser
) -> None:
    body = alert(
        info(
            area(geocode(COUNTY)), effective="2026-07-15T10:00:00+08:00", expires="2026-07-15T16:00:00+08:00"
        ),
        identifier="14052141600000_20260715100000",
        sent="2026-07-15T10:00:00+08:00",
    ).decode()
    answer = await officer.post("/by-hand/paste", {"pasted": body})
    assert answer.status == 303, await answer.text()
    draft = answer.headers["Location"]
    page = unescape(await officer.page(draft))
    assert "沁水县气象台" in page
    corrected = {**FORM, "colour": "orange", "sender_name": "沁水县气象台"}
    assert (await officer.post(draft, corrected)).status == 303
    await confirm(officer, draft)
    await town.settle()
    await town.jump(minutes=2)
    assert await town.value("SELECT colour FROM issued_warnings") == "orange"
    # The same message by another way must be known again.
    assert await town.value("SELECT identifier FROM issued_warnings") == "14052141600000_20260715100000"
    assert await holder.calls() == 1


async def test_what_is_no_warning_is_refused_and_kept(officer: Browser, holder: Phone) -> None:
    answer = await officer.post("/by-hand/paste", {"pasted": "<alert/>今天天气不错"})
    page = unescape(await answer.text())
    assert answer.status == 422
    assert "今天天气不错" in page
    assert 'id="mistake-pasted"' in page


THREE_COLOURS = (
    "沁水县自然资源局7月15日10时发布地质灾害气象风险预警：预计7月15日10时至16日10时，"
    "龙港镇梁庄村地质灾害气象风险等级为红色，龙港镇王寨村为橙色，沁水县大部分乡镇为黄色。"
)
RAIN = "沁水县气象台7月15日10时发布暴雨黄色预警信号：预计未来6小时全县降雨量将达50毫米以上。"
RAIN_GRAVER = (
    "沁水县气象台7月15日10时将暴雨黄色预警信号升级为暴雨红色预警信号："
    "预计未来3小时全县降雨量将达100毫米以上。"
)
RAIN_OVER = "沁水县气象台7月15日10时解除暴雨黄色预警信号。"


async def paste(browser: Browser, pasted: str) -> str:
    answer = await browser.post("/by-hand/paste", {"pasted": pasted})
    assert answer.status == 303, await answer.text()
    return answer.headers["Location"]


def siblings_on(page: str) -> str:
    """The part of a draft's page that names the others of its paste."""
    found = re.search(r'<section[^>]*id="of-paste".*?</section>', page, re.DOTALL)
    assert found, page
    return found[0]


async def test_every_colour_of_one_paste_is_led_to_and_confirmed(
    town: Town, holder: Phone, officer: Browser
) -> None:
    await town.post(OTHER_VILLAGE, "防汛责任人", await town.person("钱演示"))
    red = await paste(officer, THREE_COLOURS)
    shown = unescape(siblings_on(await officer.page(red)))
    assert "这份通报分成 3 条" in shown
    assert [shown.index(words) for words in ("红色", "橙色", "黄色")] == sorted(
        shown.index(words) for words in ("红色", "橙色", "黄色")
    )
    assert "梁庄村" in shown
    assert "王寨村" in shown
    assert shown.count("未确认") == 3
    begun = unescape(await officer.page("/by-hand"))
    assert "红色预警" in begun
    assert "王寨村" in begun
    assert "有 3 条人工预警还没确认" in unescape(await officer.page("/warnings"))
    orange = await confirm(officer, red)
    assert orange.startswith("/by-hand/")
    shown = unescape(siblings_on(await officer.page(orange)))
    assert shown.count("未确认") == 2
    assert "officer 已确认" in shown
    yellow = await confirm(officer, orange)
    assert yellow.startswith("/by-hand/")
    assert (await officer.post(f"{yellow}/discard")).headers["Location"] == "/by-hand"
    assert "还没确认" not in unescape(await officer.page("/warnings"))
    await town.settle()
    # Each is a warning by itself: none took the place of another.
    assert await count(town, "issued_warnings") == 2
    assert await town.value("SELECT count(*) FROM issued_warnings WHERE replaces_id IS NULL") == 2
    assert await town.value("SELECT count(*) FROM issued_warnings WHERE state = 'matched'") == 2


async def test_a_question_about_one_colour_is_asked_for_that_colour_only(
    town: Town, holder: Phone, officer: Browser
) -> None:
    red = await paste(officer, THREE_COLOURS)
    page = unescape(await officer.page(red))
    assert "没有明确到具体地方" not in page
    assert f'action="{red}/confirm"' in page
    orange = await confirm(officer, red)
    assert "没有明确到具体地方" not in unescape(await officer.page(orange))
    yellow = await confirm(officer, orange)
    page = unescape(await officer.page(yellow))
    assert "“沁水县大部分乡镇”没有明确到具体地方" in page
    assert "/confirm" not in page
    await town.settle()
    assert await town.value("SELECT area_codes FROM issued_warnings WHERE colour = 'red'") == [VILLAGE]
    assert await town.value("SELECT area_codes FROM issued_warnings WHERE colour = 'orange'") == [
        OTHER_VILLAGE
    ]


async def test_a_pasted_change_knows_what_it_changes_and_a_pasted_end_what_it_ends(
    town: Town, holder: Phone, officer: Browser
) -> None:
    first = (await confirm(officer, await paste(officer, RAIN))).removeprefix("/warnings/")
    await town.settle()
    reference = await town.value("SELECT reference FROM issued_warnings")
    graver = await paste(officer, RAIN_GRAVER)
    page = unescape(await officer.page(graver))
    assert f'value="{first}" selected' in page
    [words] = re.findall(r"<blockquote>(.*?)</blockquote>", page, re.DOTALL)[:1]
    assert reference in words
    second = (await confirm(officer, graver)).removeprefix("/warnings/")
    await town.settle()
    assert str(await town.value(f"SELECT replaces_id FROM issued_warnings WHERE id = '{second}'")) == first
    assert words in await holder.texts()
    over = await paste(officer, RAIN_OVER)
    page = unescape(await officer.page(over))
    assert f'value="{second}" selected' in page
    await confirm(officer, over)
    await town.settle()
    assert await town.value(f"SELECT state FROM issued_warnings WHERE id = '{second}'") == "withdrawn"


LANDSLIDE = (
    "沁水县自然资源局7月15日10时发布地质灾害气象风险黄色预警：预计7月15日10时至16日10时，全县有地质灾害风险。"
)
LANDSLIDE_CHANGED = (
    "沁水县自然资源局7月15日10时更新地质灾害气象风险预警：预计7月15日10时至16日10时，"
    "龙港镇梁庄村地质灾害气象风险等级为红色，全县为橙色。"
)


async def test_of_a_pasted_change_of_several_colours_none_takes_the_place_of_another(
    town: Town, holder: Phone, officer: Browser
) -> None:
    await town.post(OTHER_VILLAGE, "防汛责任人", await town.person("钱演示"))
    first = (await confirm(officer, await paste(officer, LANDSLIDE))).removeprefix("/warnings/")
    await town.settle()
    red = await paste(officer, LANDSLIDE_CHANGED)
    assert f'value="{first}" selected' in await officer.page(red)
    orange = await confirm(officer, red)
    assert f'value="{first}" selected' not in await officer.page(orange)
    await confirm(officer, orange)
    await town.settle()
    replaced = "SELECT string_agg(colour, ',') FROM issued_warnings WHERE reason = 'replaced'"
    assert await town.value(replaced) == "yellow"
    follows = "SELECT replaces_id FROM issued_warnings WHERE colour = "
    assert str(await town.value(f"{follows}'red'")) == first
    assert await town.value(f"{follows}'orange'") is None


async def draft_with_question(town: Town, question: Question, *codes: str) -> str:
    """As the reader of bulletins leaves one."""
    pasted = "沁水县气象台发布暴雨红色预警：龙港镇北部将出现暴雨。"
    now = town.clock.now()
    fields = DraftFields(
        kind=Kind.ALERT,
        exercise=False,
        hazard=Hazard.RAIN,
        event="暴雨",
        event_code=None,
        colour=Colour.RED,
        sender_name="沁水县气象台",
        headline="",
        text=pasted,
        instruction="",
        area_codes=codes,
        valid_from=now,
        valid_to=now + timedelta(hours=6),
    )
    evidence = (
        Evidence("colour", "红色", 10, 12, "red", sure=True),
        Evidence("areas", "龙港镇北部", 15, 20, f"{VILLAGE},{OTHER_VILLAGE}", sure=False),
    )
    async with town.database.transaction() as tx:
        draft_id = await add_draft(
            tx, fields, by="user:officer", now=now, pasted=pasted, evidence=evidence, questions=(question,)
        )
    return f"/by-hand/{draft_id}"


async def test_what_is_unsure_is_marked_and_a_question_is_settled_by_a_choice(
    town: Town, holder: Phone, officer: Browser
) -> None:
    question = Question(
        "areas", "龙港镇北部", "北部是哪些村？", ((VILLAGE, "梁庄村"), (OTHER_VILLAGE, "王寨村"))
    )
    draft = await draft_with_question(town, question)
    page = unescape(await officer.page(draft))
    assert '<mark class="sure" title="颜色">红色</mark>' in page
    assert '<mark class="unsure" title="地方">龙港镇北部</mark>' in page
    assert "梁庄村、王寨村" in page
    assert "北部是哪些村？" in page
    assert "/confirm" not in page
    assert (await officer.post(f"{draft}/confirm", {"seen": "x"})).status == 422
    settled = {**FORM, "areas": "", "question-0": VILLAGE}
    assert (await officer.post(draft, settled)).status == 303
    await confirm(officer, draft)
    await town.settle()
    assert await town.value("SELECT area_codes FROM issued_warnings") == [VILLAGE]


async def test_a_question_is_settled_by_saying_that_the_fields_are_right(
    town: Town, holder: Phone, officer: Browser
) -> None:
    draft = await draft_with_question(town, Question("valid_to", "今天", "到几点？"), VILLAGE)
    assert (await officer.post(draft, FORM)).status == 303
    assert "/confirm" not in await officer.page(draft)
    assert (await officer.post(draft, {**FORM, "settled": "0"})).status == 303
    await confirm(officer, draft)
    assert await count(town, "issued_warnings") == 1


async def test_a_held_bulletin_of_several_colours_asks_about_each_its_own(
    town: Town, holder: Phone, officer: Browser
) -> None:
    await take_in(
        town.database,
        THREE_COLOURS.encode(),
        media_type="text/plain",
        source="folder",
        now=START,
        wall=START,
        home_area=COUNTY,
    )
    asked = "SELECT jsonb_array_length(questions) FROM issued_warnings WHERE state = 'held' AND colour = "
    assert await town.value(f"{asked}'red'") == 0
    assert await town.value(f"{asked}'yellow'") == 1
    held = await town.value("SELECT id FROM issued_warnings WHERE colour = 'red'")
    draft = (await officer.post(f"/warnings/{held}/settle")).headers["Location"]
    orange = await confirm(officer, draft)
    codes = "SELECT area_codes FROM issued_warnings WHERE colour = 'red' AND source = 'hand'"
    assert await town.value(codes) == [VILLAGE]
    await town.settle()
    # What was held beside it is not lost: it waits as drafts of the same paste.
    shown = unescape(siblings_on(await officer.page(orange)))
    assert shown.count("未确认") == 2
    assert "王寨村" in shown
    yellow = await confirm(officer, orange)
    assert "没有明确到具体地方" in unescape(await officer.page(yellow))
    await town.settle()
    taken_back = "SELECT count(*) FROM issued_warnings WHERE source = 'hand' AND reason = 'replaced'"
    assert await town.value(taken_back) == 0
    assert await town.value("SELECT count(*) FROM issued_warnings WHERE state = 'held'") == 0


async def test_a_held_message_with_questions_is_settled_and_replaced(
    town: Town, holder: Phone, officer: Browser
) -> None:
    held_id = new_id(START)
    async with town.database.transaction() as tx:
        await tx.execute(
            insert(issued_warnings).values(
                id=held_id,
                source="folder",
                sender="bureau",
                identifier="b1",
                version=1,
                content_sha256=b"b1",
                kind="alert",
                exercise=False,
                hazard="rain",
                event="暴雨",
                colour="red",
                headline="暴雨红色预警",
                text="龙港镇北部将出现暴雨。",
                area_names="龙港镇北部",
                area_codes=[],
                sent_at=START,
                valid_from=START,
                valid_to=START + timedelta(hours=6),
                received_at=START,
                state="held",
                hold_reason="questions",
                hold_until=START + timedelta(minutes=2),
                hold_next_at=START + timedelta(minutes=2),
                questions=[
                    {"field": "areas", "words": "北部", "text": "哪些村？", "choices": [[VILLAGE, "梁庄村"]]}
                ],
                reference="B3",
            )
        )
    page = unescape(await officer.page(f"/warnings/{held_id}/decide"))
    assert "哪些村？" in page
    assert "龙港镇北部将出现暴雨。" in page
    assert "<p>龙港镇北部</p>" in page
    refused = await officer.post(f"/warnings/{held_id}/start")
    assert refused.status == 422
    answer = await officer.post(f"/warnings/{held_id}/settle")
    draft = answer.headers["Location"]
    settled = {**FORM, "kind": "update", "follows_id": str(held_id), "areas": "", "question-0": VILLAGE}
    assert (await officer.post(draft, settled)).status == 303
    await confirm(officer, draft)
    await town.settle()
    await town.jump(minutes=3)
    assert await town.value("SELECT state FROM issued_warnings WHERE identifier = 'b1'") == "withdrawn"
    assert await holder.calls() == 1


async def test_an_end_by_hand_stands_everybody_down(town: Town, holder: Phone, officer: Browser) -> None:
    warning = await confirm(officer, await draft_by_form(officer))
    await town.settle()
    await town.jump(minutes=2)
    refused = await officer.post("/by-hand", {**FORM, "kind": "cancel"})
    assert "请选择解除的是哪一条预警" in unescape(await refused.text())
    await confirm(
        officer,
        await draft_by_form(officer, kind="cancel", follows_id=warning.removeprefix("/warnings/")),
    )
    await town.settle()
    assert "解除" in (await holder.texts())[-1]


async def test_a_drill_by_hand_says_so(town: Town, holder: Phone, officer: Browser) -> None:
    draft = await draft_by_form(officer, exercise="yes")
    assert "【演练】" in await officer.page(draft)
    await confirm(officer, draft)
    await town.settle()
    assert (await holder.texts())[0].startswith("【演练】")


# --- two persons ---


async def test_two_persons_are_two_accounts(
    town: Town, holder: Phone, careful_officer: Browser, leader: Browser
) -> None:
    draft = await draft_by_form(careful_officer)
    assert "须两人确认" in await careful_officer.page(draft)
    warning = await confirm(careful_officer, draft)
    await town.settle()
    assert await town.value("SELECT state FROM issued_warnings") == "held"
    listed = unescape(await careful_officer.page("/warnings"))
    assert listed.index("待决定") < listed.index("warning-list")
    assert "待第二人确认" in listed
    own = unescape(await careful_officer.page(f"{warning}/decide"))
    assert "本人确认" in own
    assert f'action="{warning}/start"' not in own
    assert (await careful_officer.post(f"{warning}/start")).status == 422
    assert await holder.calls() == 0
    assert f'action="{warning}/start"' in await leader.page(f"{warning}/decide")
    assert (await leader.post(f"{warning}/start")).status == 303
    await town.settle()
    await town.jump(minutes=2)
    assert await town.value("SELECT state FROM call_outs") == "answered"
    assert await town.value("SELECT second_by FROM issued_warnings") == "user:leader"


async def test_more_than_twice_the_largest_so_far_needs_a_second_person(
    town: Town, holder: Phone, officer: Browser
) -> None:
    await confirm(officer, await draft_by_form(officer))
    await town.settle()
    for name in ("钱演示", "孙演示"):
        await town.post(OTHER_VILLAGE, f"{name}岗", await town.person(name))
    page = unescape(await officer.page(await draft_by_form(officer, areas=TOWNSHIP)))
    assert "超过此前人工预警最多人数（1 人）的两倍" in page


async def test_the_database_knows_two_persons_too(
    town: Town, holder: Phone, careful_officer: Browser
) -> None:
    await confirm(careful_officer, await draft_by_form(careful_officer))
    with pytest.raises(Exception, match="two_persons"):
        async with town.database.transaction() as tx:
            await tx.execute(text("UPDATE issued_warnings SET second_by = written_by"))


async def test_who_may_not_write_is_told_so(town: Town, holder: Phone) -> None:
    async for keeper in desk_of(town, "keeper"):
        assert (await keeper.get("/by-hand")).status == 403
        assert (await keeper.post("/by-hand", FORM)).status == 403


async def test_the_tree_is_narrowed_and_keeps_what_is_chosen(officer: Browser, holder: Phone) -> None:
    page = await officer.page(f"/by-hand/areas?q=王寨&areas={VILLAGE}")
    assert "王寨村" in page
    assert re.search(rf'value="{VILLAGE}" checked', page)
    page = await officer.page("/by-hand/areas?q=梁庄")
    assert "王寨村" not in page


async def test_drafts_leave_their_lines_and_can_be_thrown_away(
    town: Town, holder: Phone, officer: Browser
) -> None:
    draft = await draft_by_form(officer)
    assert (await officer.post(f"{draft}/discard")).status == 303
    assert (await officer.get(draft)).status == 404
    async with town.database.transaction() as tx:
        events = list((await tx.execute(select(ledger_lines.c.event).order_by(ledger_lines.c.id))).scalars())
        assert await tx.scalar(select(func.count()).select_from(warning_drafts)) == 1
        assert await tx.scalar(select(func.count()).select_from(call_outs)) == 0
    assert [event for event in events if event.startswith("draft.")] == ["draft.written", "draft.discarded"]


def test_a_text_is_never_too_strange_to_be_pasted() -> None:
    for strange in ("", "\x00", "<", "<alert", "{}", "暴雨" * 1000):
        assert read_messages(strange.encode(), START)
