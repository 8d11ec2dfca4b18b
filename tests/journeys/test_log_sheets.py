"""The day and the month of the duty log are taken away as sheets, from the page and from a terminal."""

import io
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from aiohttp import ClientResponse
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select

from jiaoying.duty.store import save_desk
from jiaoying.storage.database import Database
from jiaoying.storage.schema import ledger_lines
from journeys.desks import desk_of
from town import COUNTY, Town, open_town
from web_town import Browser, add_users

CALL = {
    "kind": "call_in",
    "unit": "龙港镇",
    "caller": "赵演示 镇长",
    "phone": "+8610000000001",
    "content": "梁庄村后山有落石",
    "at": "09:41",
}


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        await add_users(database)
        yield opened


@pytest.fixture
async def officer(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "officer"):
        yield browser


@pytest.fixture
async def desk_id(town: Town) -> UUID:
    async with town.database.transaction() as tx:
        now = town.clock.now()
        return (await save_desk(tx, COUNTY, "县应急值班室", None, now=now, actor="test")).id


def cells_of(body: bytes) -> list[str]:
    page: Any = load_workbook(io.BytesIO(body)).active
    return [str(cell) for row in page.iter_rows(values_only=True) for cell in row if cell is not None]


def name_of(answer: ClientResponse) -> str:
    found = re.search(r"filename\*=UTF-8''(\S+)", answer.headers["Content-Disposition"])
    assert found
    return unquote(found[1])


async def test_the_day_is_taken_away_as_excel_and_as_word(
    town: Town, officer: Browser, desk_id: UUID
) -> None:
    log = f"/duty/{desk_id}/log"
    await officer.post(log, CALL)
    await town.warn("red")
    await town.settle()
    excel = await officer.get(f"{log}.xlsx?day=2026-07-15")
    assert (excel.status, name_of(excel)) == (200, "县应急值班室-2026-07-15.xlsx")
    cells = cells_of(await excel.read())
    assert cells[:4] == [
        "县应急值班室值班日志",
        "填报单位：县应急值班室",
        "填表人：officer",
        "值班日期：2026年7月15日 星期三",
    ]
    assert "【来电】梁庄村后山有落石" in cells
    assert "赵演示 镇长 10000000001" in cells
    shown = await officer.page(log)
    own = re.findall(r'<tr class="own-line">.*?<span class="written">(?:<a [^>]+>)?([^<]+)', shown, re.DOTALL)
    assert own
    assert [cell for cell in cells if cell.startswith("【自动记录】")] == [
        f"【自动记录】{line}" for line in own
    ]
    word = await officer.get(f"{log}.docx")
    assert name_of(word) == "县应急值班室-2026-07-15.docx"
    rows = [cell.text for row in Document(io.BytesIO(await word.read())).tables[1].rows for cell in row.cells]
    assert "【来电】梁庄村后山有落石" in rows


async def test_the_month_is_taken_away_and_every_taking_is_a_line(
    town: Town, officer: Browser, desk_id: UUID
) -> None:
    log = f"/duty/{desk_id}/log"
    await officer.post(log, CALL)
    excel = await officer.get(f"{log}-month.xlsx?month=2026-07")
    cells = cells_of(await excel.read())
    assert cells[0] == "县应急值班室2026年7月值班日志汇总表"
    assert "15 周三" in cells
    assert "16 周四" not in cells  # not yet
    assert (await officer.get(f"{log}-month.docx?month=nonsense")).status == 200
    assert (await officer.get(f"{log}-month.pdf")).status == 404
    async with town.database.transaction() as tx:
        facts = list(
            await tx.scalars(select(ledger_lines.c.facts).where(ledger_lines.c.event == "log.exported"))
        )
    assert [(one["first"], one["last"], one["numbers"]) for one in facts] == [
        ("2026-07-01", "2026-07-15", False)
    ] * 2


async def test_whoever_sees_no_numbers_takes_none_away(town: Town, officer: Browser, desk_id: UUID) -> None:
    log = f"/duty/{desk_id}/log"
    await officer.post(log, CALL)
    async for inspector in desk_of(town, "inspector"):
        cells = cells_of(await (await inspector.get(f"{log}.xlsx")).read())
        assert "赵演示 镇长 100****0001" in cells


async def test_a_sheet_is_in_the_language_of_who_asks(officer: Browser, desk_id: UUID) -> None:
    log = f"/duty/{desk_id}/log"
    await officer.post(log, CALL)
    cells = cells_of(await (await officer.get(f"{log}.xlsx?lang=en")).read())
    assert cells[0] == "县应急值班室 duty log"
    assert "[call received] 梁庄村后山有落石" in cells
    assert "Leader on duty (signature):" in cells
