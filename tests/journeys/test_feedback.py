"""After the answer: what was done is reported in stages, asked for once, and shown in red where it is not."""

import json
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import yaml
from sqlalchemy import text

from jiaoying.dispatch.board.feedback import feedback_board
from jiaoying.dispatch.figures import Count, Figure
from jiaoying.dispatch.ladders.book import save_book
from jiaoying.dispatch.ladders.reading import default_text
from jiaoying.storage.database import Database
from town import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE, Phone, Town, open_town

CLOCKS = (("on_post", 900), ("patrol", 1800))


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        await clocks_run(opened, CLOCKS)
        yield opened


async def clocks_run(town: Town, clocks: tuple[tuple[str, int], ...]) -> None:
    """Village people report these stages, each within so many seconds."""
    book = json.loads(json.dumps(yaml.safe_load(default_text())))  # tiers may be one and the same object
    for rule in book["rules"]:
        for tier, ladder in rule["tiers"].items():
            ladder.pop("feedback", None)
            if tier == "village":
                ladder["feedback"] = [{"stage": stage, "within_s": seconds} for stage, seconds in clocks]
    async with town.database.transaction() as tx:
        await save_book(tx, yaml.safe_dump(book, allow_unicode=True), by="test", now=town.clock.now())


async def asked(phone: Phone) -> list[str]:
    return [text for text in await phone.texts() if "还没收到" in text]


async def in_red(town: Town, warning: UUID) -> list[tuple[str, str]]:
    async with town.database.transaction() as tx:
        board = await feedback_board(tx, warning, town.clock.now())
    return [(owed.name, ", ".join(owed.stages)) for owed in board.overdue]


async def counted(town: Town, warning: UUID, area: str, figure: Figure) -> Count:
    async with town.database.transaction() as tx:
        board = await feedback_board(tx, warning, town.clock.now())
    return board.place(area).figures.of(figure).count


async def test_an_evening_of_one_village_with_figures_corrected_twice(town: Town) -> None:
    """收到 → 到岗 → 巡查 → 转移 → 安置 → 结束: each confirmed once, nobody asked, the last figure counts."""
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red")
    for said in ("收到", "到岗", "已巡查", "需转移12户35人", "已转移10户30人"):
        await town.jump(minutes=1)
        await holder.says(said)
    assert await counted(town, warning, VILLAGE, Figure.PLANNED) == Count(12, 35)
    assert await counted(town, warning, VILLAGE, Figure.MOVED) == Count(10, 30)
    for said in ("已转移12户35人", "已转移36人"):
        await town.jump(seconds=30)
        await holder.says(said)
    assert await counted(town, warning, VILLAGE, Figure.MOVED) == Count(12, 36)
    assert await counted(town, warning, COUNTY, Figure.MOVED) == Count(12, 36)
    await holder.says("又转移3户8人")
    assert await counted(town, warning, VILLAGE, Figure.MOVED) == Count(12, 36)
    assert "加在一起" in (await holder.texts())[-1]
    await holder.says("已安置36人")
    await holder.says("处置完毕")
    assert "处置结束" in (await holder.texts())[-1]
    await town.jump(minutes=60)
    assert await asked(holder) == []
    assert await in_red(town, warning) == []
    assert await holder.calls() == 1


async def test_answered_and_silent_is_asked_once_by_text_then_red_and_never_called(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red")
    await town.jump(minutes=1)
    await holder.says("1")
    await town.jump(minutes=14)
    assert await asked(holder) == []
    await town.jump(minutes=2)
    assert len(await asked(holder)) == 1
    assert "回复“到岗”" in (await asked(holder))[0]
    assert await in_red(town, warning) == []
    await town.jump(minutes=5)
    assert await in_red(town, warning) == [("赵演示", "on_post")]
    calls = await holder.calls()
    await town.jump(minutes=120)
    assert await holder.calls() == calls
    assert len(await asked(holder)) == 2  # once for each stage
    await holder.says("到岗")
    assert await in_red(town, warning) == [("赵演示", "patrol")]
    await holder.says("已巡查，未发现险情")
    assert await in_red(town, warning) == []
    assert (await town.events(warning)).count("feedback.came_late") == 2


async def test_nobody_is_asked_after_the_end_and_a_drill_asks_as_a_drill(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    cancelled = await town.warn("red", reference="A7")
    await town.jump(minutes=1)
    await holder.says("1")
    await town.warn("red", kind="cancel", replaces=cancelled, reference="A7")
    ended = await town.warn("red", hazard="flood", reference="B8", hours=0.2)
    await town.jump(minutes=1)
    await holder.says("1")
    await town.jump(minutes=40)
    assert await asked(holder) == []
    assert await in_red(town, cancelled) == []
    assert await in_red(town, ended) == []
    await town.warn("red", hazard="geohazard", reference="C9", exercise=True)
    await town.jump(minutes=1)
    await holder.says("1")
    await town.jump(minutes=20)
    (question,) = await asked(holder)
    assert question.startswith("【演练】")


async def test_whose_duty_asks_for_nothing_is_asked_for_nothing(town: Town) -> None:
    superior, holder = await town.person("李演示"), await town.person("赵演示", "switched_off")
    officer = await town.person("孙演示")
    await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    await town.post(VILLAGE, "防汛责任人", holder, superior=superior)
    await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=15)
    await officer.says("1")
    await superior.says("1")
    await town.jump(minutes=90)
    assert await asked(officer) == []
    assert await asked(superior) == []


async def test_two_who_report_for_one_village_are_not_added(town: Town) -> None:
    holder, deputy = await town.person("赵演示"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    warning = await town.warn("red")
    await town.jump(minutes=4)
    await deputy.says("已转移10户30人")
    await town.jump(minutes=1)
    await holder.says("已转移12户35人")
    async with town.database.transaction() as tx:
        board = await feedback_board(tx, warning, town.clock.now())
    said = board.place(VILLAGE).figures.of(Figure.MOVED)
    assert said.count == Count(12, 35)
    assert said.differs == (Count(10, 30),)
    assert board.place(TOWNSHIP).figures.of(Figure.MOVED).count == Count(12, 35)


async def test_who_answers_for_two_villages_reports_for_the_township_once(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    await town.post(OTHER_VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red")
    await town.jump(minutes=1)
    await holder.says("已转移12户35人")
    assert await counted(town, warning, TOWNSHIP, Figure.MOVED) == Count(12, 35)
    assert await counted(town, warning, COUNTY, Figure.MOVED) == Count(12, 35)
    assert await counted(town, warning, VILLAGE, Figure.MOVED) == Count()


async def test_a_danger_word_rises_at_once_in_the_middle_of_the_work(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red")
    await town.jump(minutes=1)
    await holder.says("到岗")
    await town.jump(minutes=5)
    await holder.says("后山塌方，两人被困")
    kind = await town.value(
        "SELECT kind FROM alarms WHERE cleared_at IS NULL ORDER BY raised_at DESC LIMIT 1"
    )
    assert kind == "danger"
    async with town.database.transaction() as tx:
        board = await feedback_board(tx, warning, town.clock.now())
    assert board.place(VILLAGE).danger_at is not None
    await town.jump(minutes=60)
    assert await asked(holder) == []  # seen on the spot
    await holder.says("处置完毕")
    async with town.database.transaction() as tx:
        board = await feedback_board(tx, warning, town.clock.now())
    assert board.place(VILLAGE).danger_at is None


async def test_who_had_answered_and_now_cannot_is_put_before_the_officer(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red")
    await town.jump(minutes=1)
    await holder.says("1")
    await holder.says("2")
    await holder.says("3")
    assert await town.state_of(holder, warning) == "answered"
    async with town.database.transaction() as tx:
        rows = await tx.execute(text("SELECT kind FROM alarms ORDER BY raised_at, id"))
        assert {row.kind for row in rows} == {"cannot_after_all", "ring_back"}
    assert "回电" in (await holder.texts())[-1]


async def test_a_report_means_what_was_texted_last_whatever_a_call_that_nobody_took_named(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("red", reference="A7")
    await town.jump(minutes=3)
    second = await town.warn("red", hazard="flash_flood", reference="B8")
    await town.jump(seconds=5)
    await holder.says("1")
    assert await town.state_of(holder, first) == "answered"
    assert await town.state_of(holder, second) == "open"
    await town.jump(minutes=1)
    await holder.says("已转移35人")
    assert await counted(town, second, VILLAGE, Figure.MOVED) == Count(None, 35)
    assert await counted(town, first, VILLAGE, Figure.MOVED) == Count()
