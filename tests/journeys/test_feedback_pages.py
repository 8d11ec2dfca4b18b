"""The officer's side of feedback: reports by telephone are logged, figures are corrected, nothing is lost."""

import json
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import text

from jiaoying.storage.database import Database
from jiaoying.web.accounts import add_token
from seeded_county import Seeded, seed_county
from web_town import NOW, Browser, add_users, browser_on, parts_for_tests


@pytest.fixture
async def county(database: Database) -> Seeded:
    await add_users(database)
    async with database.transaction() as tx:
        return await seed_county(tx, NOW)


@pytest.fixture
async def officer(database: Database, county: Seeded) -> AsyncIterator[Browser]:
    async with browser_on(parts_for_tests(database)) as opened:
        await opened.sign_in("officer")
        yield opened


async def place_of(database: Database, county: Seeded) -> str:
    async with database.transaction() as tx:
        code = await tx.scalar(
            text(
                "SELECT min(area_code) FROM responsibilities AS duty JOIN call_out_roles AS role"
                " ON role.responsibility_id = duty.id WHERE role.call_out_id = :id"
            ),
            {"id": county.answered_id},
        )
    assert code
    return code


async def test_a_report_by_telephone_counts_and_a_correction_replaces_it(
    officer: Browser, county: Seeded, database: Database
) -> None:
    place = await place_of(database, county)
    board, form = f"/warnings/{county.warning_id}", f"/warnings/{county.warning_id}/feedback/{place}"
    told = {"stage": "moved", "households": "12", "people": "35", "note": "村支书来电"}
    assert (await officer.post(f"/call-outs/{county.answered_id}/report", told)).status == 303
    assert "12户35人" in await officer.page(board)
    history = await officer.page(form)
    assert "已转移12户35人" in history
    assert "村支书来电" in history
    fix = {"figure": "moved", "households": "11", "people": "33", "note": "重复统计一户"}
    assert (await officer.post(form, fix)).status == 303
    page = await officer.page(form)
    assert "11户33人" in page
    assert "已更正" in page
    assert "已转移12户35人" in page  # kept as history
    assert "11户33人" in await officer.page(board)
    async with database.transaction() as tx:
        line = (
            await tx.execute(text("SELECT actor, facts FROM ledger_lines WHERE event = 'feedback.corrected'"))
        ).one()
    assert line.actor.startswith("user:")
    assert line.facts == {"area": place, "stage": "moved", "households": 11, "people": 33}


async def test_what_is_no_figure_is_refused_by_name(
    officer: Browser, county: Seeded, database: Database
) -> None:
    form = f"/warnings/{county.warning_id}/feedback/{await place_of(database, county)}"
    for fields, sentence in (
        ({"figure": "moved", "people": "约30"}, "人数：请填不大于"),
        ({"figure": "moved", "households": "999999"}, "户数：请填不大于"),
        ({"figure": "moved"}, "请填户数或人数"),
        ({"figure": "nonsense", "people": "3"}, "请选择要更正的数字"),
    ):
        answer = await officer.post(form, fields)
        assert answer.status == 422
        assert sentence in await answer.text()
    assert (await officer.get(f"/warnings/{county.warning_id}/feedback/12")).status == 404


async def test_who_only_looks_cannot_correct(database: Database, county: Seeded) -> None:
    async with browser_on(parts_for_tests(database)) as inspector:
        await inspector.sign_in("inspector")
        form = f"/warnings/{county.warning_id}/feedback/{await place_of(database, county)}"
        assert "更正数字" not in await inspector.page(form)
        assert (await inspector.post(form, {"figure": "moved", "people": "3"})).status == 403


async def test_programs_read_and_write_the_same_and_paper_shows_it(
    officer: Browser, county: Seeded, database: Database
) -> None:
    place = await place_of(database, county)
    async with database.transaction() as tx:
        scopes = ("warnings:read", "callouts:write")
        token = await add_token(tx, "another county", scopes, NOW)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    async def ask(method: str, path: str, status: int, **order: object) -> dict[str, object]:
        data = json.dumps(order) if order else None
        answer = await officer.client.request(method, f"/api/v1{path}", headers=headers, data=data)
        assert answer.status == status, await answer.text()
        return await answer.json()

    await ask("POST", f"/callouts/{county.answered_id}/report", 200, stage="moving", households=13, people=40)
    await ask("POST", f"/callouts/{county.answered_id}/report", 400, stage="danger")
    figures = {"area_code": place, "figure": "moved", "people": 38, "note": "核实"}
    await ask("POST", f"/warnings/{county.warning_id}/feedback", 200, **figures)
    await ask("POST", f"/warnings/{county.warning_id}/feedback", 400, **{**figures, "people": -1})
    await ask("POST", f"/warnings/{county.warning_id}/feedback", 409, area_code=place, figure="moved")
    board = await ask("GET", f"/board?warning={county.warning_id}", 200)
    told = json.dumps(board["feedback"], ensure_ascii=False)
    assert '"planned": {"count": {"households": 13, "people": 40}' in told
    assert '"moved": {"count": {"households"' in told
    assert '"by_hand": true' in told
    sheets = await officer.get(f"/warnings/{county.warning_id}/ledger.xlsx")
    workbook = load_workbook(BytesIO(await sheets.read()))
    rows = [[cell for cell in row if cell is not None] for row in workbook["现场反馈汇总"].values]
    assert any(38 in row and 40 in row for row in rows)
    paper = Document(BytesIO(await (await officer.get(f"/warnings/{county.warning_id}/ledger.docx")).read()))
    assert "需转移人数" in [cell.text for cell in paper.tables[0].rows[0].cells]
