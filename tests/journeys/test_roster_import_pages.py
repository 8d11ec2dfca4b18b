"""The keeper hands in a list: looks at it, takes it over, takes it back, settles who is who."""

import io
import re
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import pytest
import xlwt  # pyright: ignore[reportMissingTypeStubs]
from aiohttp import FormData
from openpyxl import load_workbook
from sqlalchemy import func, insert, select

from jiaoying.kernel.sheets import MAX_FILE_BYTES
from jiaoying.storage.database import Database
from jiaoying.storage.schema import (
    areas,
    contact_doubts,
    contacts,
    ledger_lines,
    posts,
    roster_imports,
)
from web_town import Browser, add_users, browser_on, parts_for_tests

COUNTY, TOWN, VILLAGE = "140521000000", "140521100000", "140521100201"
HEAD = "姓名,手机,责任区域,岗位,灾种,单位"
PEOPLE = "\n".join(
    f"钱{number:02},100000001{number:02},杏园村,网格员{number:02},防汛," for number in range(12)
)
LIST = f"{HEAD}\n赵川,10000000001,龙港镇,镇长,,龙港镇政府\n{PEOPLE}\n无号,,无此村,网格员,防汛,\n"
HOSTILE = "<script>alert(1)</script>.csv"


@pytest.fixture
async def keeper(database: Database) -> AsyncIterator[Browser]:
    await add_users(database)
    places = ((COUNTY, "沁水县", "county", None), (TOWN, "龙港镇", "township", COUNTY))
    async with database.transaction() as tx:
        for code, name, level, parent in (*places, (VILLAGE, "杏园村", "village", TOWN)):
            await tx.execute(insert(areas).values(code=code, name=name, level=level, parent_code=parent))
    async with browser_on(parts_for_tests(database)) as opened:
        await opened.sign_in("keeper")
        yield opened


async def hand_in(
    browser: Browser, text: str | bytes, *, name: str = "名单.csv", scope: str = "", token: str | None = None
) -> tuple[int, str]:
    """Status, and the address of the preview or the page that says what is wrong."""
    form = FormData({"csrf": browser.token if token is None else token, "replace_scope": scope})
    form.add_field("list", io.BytesIO(text.encode() if isinstance(text, str) else text), filename=name)
    answer = await browser.client.post("/roster/imports", data=form, allow_redirects=False)
    return answer.status, answer.headers.get("Location") or await answer.text()


async def preview(browser: Browser, text: str, *, name: str = "名单.csv", scope: str = "") -> str:
    status, path = await hand_in(browser, text, name=name, scope=scope)
    assert status == 303, path
    return path


async def count(database: Database, table: object) -> int:
    async with database.transaction() as tx:
        return (await tx.execute(select(func.count()).select_from(table))).scalar_one()  # type: ignore[arg-type]


async def held(database: Database) -> int:
    """Posts in force."""
    async with database.transaction() as tx:
        query = select(func.count()).select_from(posts).where(posts.c.valid_to.is_(None))
        return (await tx.execute(query)).scalar_one()


async def test_a_list_is_looked_at_taken_over_and_taken_back(keeper: Browser, database: Database) -> None:
    path = await preview(keeper, LIST)
    page = await keeper.page(path)
    assert "新增岗位" in page
    assert "赵川" in page
    assert "10000000001" not in page
    assert "100****0001" in page  # who hands it in checks what was read
    assert "龙港镇政府" in page
    assert await count(database, posts) == 0
    assert (await keeper.post(f"{path}/apply")).status == 303
    assert await held(database) == 13
    assert "已导入" in await keeper.page("/roster/imports")
    assert "赵川" in await keeper.page("/roster")
    again = await keeper.page(await preview(keeper, LIST))
    assert "没有变动" in again
    assert "名单与名册一致" not in again  # one row was left out
    assert (await keeper.post(f"{path}/undo")).status == 303
    assert await held(database) == 0
    assert "已撤回" in await keeper.page(path)


async def test_what_changes_is_told_from_what_to_what(keeper: Browser) -> None:
    await keeper.post(f"{await preview(keeper, LIST)}/apply")
    moved = await keeper.page(await preview(keeper, LIST.replace("龙港镇政府", "龙港镇人民政府")))
    assert "<del>龙港镇政府</del> → <ins>龙港镇人民政府</ins>" in moved
    renumbered = await keeper.page(await preview(keeper, LIST.replace("10000000001,龙", "10000000002,龙")))
    assert re.search(r"<del>100\*{4}0001</del> → <ins>100\*{4}0002</ins>", renumbered)


async def test_complaints_stand_on_their_rows_and_go_home_as_a_workbook(keeper: Browser) -> None:
    path = await preview(keeper, LIST, name="防汛 名单.csv")
    page = await keeper.page(path)
    assert "第15行" in page
    assert "无此村" in page
    assert '<td data-label="栏目">责任区域</td>' in page
    answer = await keeper.get(f"{path}/complaints.xlsx")
    assert answer.status == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    workbook = load_workbook(io.BytesIO(await answer.read()))
    assert "无此村" in str(list(workbook.worksheets[0].iter_rows(values_only=True)))


async def test_a_list_that_ends_more_than_a_tenth_asks_twice(keeper: Browser, database: Database) -> None:
    await keeper.post(f"{await preview(keeper, LIST)}/apply")
    shorter = "\n".join(LIST.splitlines()[:9]) + "\n"
    path = await preview(keeper, shorter, scope=TOWN)
    assert 'name="confirm_ended"' in await keeper.page(path)
    for typed in ("", "4"):
        refused = await keeper.post(f"{path}/apply", {"confirm_ended": typed})
        assert refused.status == 422
    assert await held(database) == 13
    assert (await keeper.post(f"{path}/apply", {"confirm_ended": "5"})).status == 303
    assert await held(database) == 8


async def test_a_preview_is_thrown_away(keeper: Browser, database: Database) -> None:
    path = await preview(keeper, LIST)
    assert (await keeper.post(f"{path}/discard")).status == 303
    assert "已放弃" in await keeper.page(path)
    assert (await keeper.post(f"{path}/apply")).status == 422
    assert await count(database, posts) == 0


async def test_what_is_no_list_is_said_so_and_leaves_nothing(keeper: Browser, database: Database) -> None:
    form = FormData({"csrf": keeper.token, "list": ""})
    answer = await keeper.client.post("/roster/imports", data=form, allow_redirects=False)
    assert answer.status == 422
    assert "请先选择名单文件" in await answer.text()
    status, page = await hand_in(keeper, b"PK\x03\x04broken", name="名单.xlsx")
    assert status == 422, page
    status, page = await hand_in(keeper, LIST, scope="990000000000")
    assert status == 422
    assert "替换的范围" in page
    assert await count(database, roster_imports) == 0


async def test_a_file_may_be_large_but_not_larger(keeper: Browser) -> None:
    status, page = await hand_in(keeper, b"x" * (2 * 1024 * 1024), name="图片.csv")
    assert status in (303, 422), page
    status, page = await hand_in(keeper, b"x" * (MAX_FILE_BYTES + 512 * 1024))
    assert status == 413


async def test_an_upload_needs_the_token_and_the_right_role(keeper: Browser, database: Database) -> None:
    assert (await hand_in(keeper, LIST, token="x" * 32))[0] == 403
    await keeper.post("/sign-out")
    await keeper.sign_in("township")
    assert (await hand_in(keeper, LIST))[0] == 403
    large = await hand_in(keeper, b"x" * (2 * 1024 * 1024))
    assert large[0] in (403, 413)
    assert await count(database, roster_imports) == 0


async def test_the_name_of_a_file_is_never_taken_for_markup(keeper: Browser) -> None:
    path = await preview(keeper, LIST, name=HOSTILE)
    for shown in (path, "/roster/imports"):
        assert "<script>alert" not in await keeper.page(shown)


async def test_a_doubt_is_settled_and_does_not_come_back(keeper: Browser, database: Database) -> None:
    one = f"{HEAD}\n王强,10000000001,杏园村,网格员,,甲单位\n"
    other = f"{HEAD}\n王强,10000000002,龙港镇,防汛责任人,,乙单位\n"
    for text in (one, other):
        await keeper.post(f"{await preview(keeper, text)}/apply")
    page = await keeper.page("/roster/doubts")
    assert "甲单位" in page
    assert "乙单位" in page
    assert "10000000001" not in page
    found = re.search(r'action="(/roster/doubts/[^"]+)"', page)
    assert found is not None
    assert (await keeper.post(found[1], {"said": "maybe"})).status == 422
    assert (await keeper.post(found[1], {"said": "same"})).status == 303
    assert "没有需要核实的记录" in await keeper.page("/roster/doubts")
    assert await count(database, contact_doubts) == 1
    async with database.transaction() as tx:
        merged = (
            await tx.execute(select(contacts.c.id).where(contacts.c.merged_into_id.is_not(None)))
        ).scalar_one()
    assert "为同一人" in await keeper.page(f"/contacts/{merged}")


# --- taken away ---------------------------------------------------------------------------------


async def test_the_roster_goes_away_whole_only_with_a_reason_and_comes_back_the_same(
    keeper: Browser, database: Database
) -> None:
    await keeper.post(f"{await preview(keeper, LIST)}/apply")
    refused = await keeper.post("/roster/export", {"whole_numbers": "yes", "reason": ""})
    assert refused.status == 422
    taken = await keeper.post("/roster/export", {"whole_numbers": "yes", "reason": "汛前核对"})
    assert taken.status == 200
    status, path = await hand_in(keeper, await taken.read(), name="名册.xlsx")
    assert status == 303, path
    assert "没有变动" in await keeper.page(path)
    masked = await (await keeper.post("/roster/export", {})).read()
    assert b"10000000001" not in zipped_text(masked)
    async with database.transaction() as tx:
        told = await tx.execute(
            select(func.count()).select_from(ledger_lines).where(ledger_lines.c.event == "contacts.exported")
        )
        assert told.scalar_one() == 2


async def test_who_may_not_see_numbers_takes_none_away(keeper: Browser) -> None:
    await keeper.post(f"{await preview(keeper, LIST)}/apply")
    await keeper.post("/sign-out")
    await keeper.sign_in("operator")
    taken = await keeper.post("/roster/export", {"whole_numbers": "yes", "reason": "备份"})
    assert b"10000000001" not in zipped_text(await taken.read())
    await keeper.post("/sign-out")
    await keeper.sign_in("township")
    assert (await keeper.post("/roster/export", {})).status == 403


async def test_empty_lists_are_there_to_fill_in(keeper: Browser) -> None:
    page = await keeper.page("/roster/imports")
    links = re.findall(r'href="(/roster/templates/[^"]+)"', page)
    assert len(links) == 6
    for link in links:
        answer = await keeper.get(link)
        assert answer.status == 200
        assert load_workbook(io.BytesIO(await answer.read())).worksheets
    assert (await keeper.get("/roster/templates/nothing.xlsx")).status == 404


def zipped_text(workbook: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        return b"".join(parts.read(name) for name in parts.namelist())


async def test_a_sign_that_no_database_stores_is_left_out(keeper: Browser, database: Database) -> None:
    """It ended as “the database cannot be reached”, and would have at every further try."""
    book: Any = xlwt.Workbook()
    sheet: Any = book.add_sheet("名单")
    for row, cells in enumerate((HEAD.split(","), ["赵\0川", "10000000001", "龙港镇", "镇\0长", "", "政府"])):
        for column, text in enumerate(cells):
            sheet.write(row, column, text)
    file = io.BytesIO()
    book.save(file)
    status, path = await hand_in(keeper, file.getvalue(), name="名单.xls")
    assert status == 303, path
    await keeper.post(f"{path}/apply")
    added = await keeper.post("/contacts", {"name": "钱\0海", "mobile": "10000000002"})
    assert added.status in (303, 422)
    async with database.transaction() as tx:
        assert "赵川" in (await tx.execute(select(contacts.c.name))).scalars().all()
    for address in ("/roster?q=%00", "/danger-points?q=%00"):
        assert (await keeper.get(address)).status == 400
