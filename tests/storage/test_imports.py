"""A list is looked at, taken over and taken back, on a real PostgreSQL."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.importing.at_once import import_roster_file
from jiaoying.contacts.importing.differences import About, Turn
from jiaoying.contacts.importing.imports import (
    ImportState,
    RosterImport,
    apply_import,
    complaints_sheet,
    discard_import,
    import_by_id,
    imports_page,
    preview_import,
    undo_import,
)
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import SheetFile, read_grids
from jiaoying.storage.database import Database
from jiaoying.storage.schema import contacts, ledger_lines, posts, roster_imports
from storage.county import add_responsibility, add_warning

NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
HOME = Locality("140521000000", "0356", ZoneInfo("Asia/Shanghai"))
AREAS = """code,name,level,parent_code
140521100001,柳庄社区居委会,village,140521100000
140521100000,龙港镇,township,140521000000
140521102000,郑庄镇,township,140521000000
140521102231,苏庄村委会,village,140521102000
140521000000,沁水县,county,140500000000
140500000000,晋城市,city,
"""
HEAD = "姓名,手机,责任区域,岗位,灾种,单位,B角,B角手机"
SHEET = f"""{HEAD}
赵川,10000000001,龙港镇,镇长,,龙港镇政府,,
钱海,10000000002,柳庄社区,防汛责任人,防汛,,孙山,10000000003
,,柳庄社区,气象信息员,,,,
李木,10000000004,郑庄镇苏庄,防汛责任人,防汛,,,
空缺,,郑庄镇苏庄,群测群防员,地质灾害,,,
"""
_POINT_HEAD = "隐患点编号,隐患点名称,类型,责任区域,威胁户数,威胁人数,监测人,监测人手机"
POINTS = f"""{_POINT_HEAD},户主,家庭人口,帮扶人,帮扶人手机
QS-01,后山滑坡,滑坡,柳庄社区,2,7,钱海,10000000002,周一,3,孙山,10000000003
QS-01,后山滑坡,滑坡,柳庄社区,2,7,钱海,10000000002,周二,4,吴五,
"""
DUMPED = ("contacts", "contact_numbers", "posts", "danger_points", "threatened_households")


@pytest.fixture
async def county(database: Database) -> Database:
    await import_area_file(database, SheetFile("areas.csv", AREAS.encode()), now=NOW)
    return database


def file(words: str) -> SheetFile:
    return SheetFile("名单.csv", words.encode())


async def look(database: Database, words: str, replace_scope: str | None = None) -> RosterImport:
    return await preview_import(
        database, file(words), locality=HOME, now=NOW, actor="keeper", replace_scope=replace_scope
    )


async def take(database: Database, made: RosterImport, confirm_ended: int | None = None) -> RosterImport:
    return await apply_import(
        database, made.id, locality=HOME, now=NOW, actor="keeper", confirm_ended=confirm_ended
    )


async def take_back(database: Database, made: RosterImport) -> RosterImport:
    return await undo_import(database, made.id, locality=HOME, now=NOW, actor="keeper")


async def dump(database: Database) -> dict[str, list[object]]:
    """Every row of the roster, all columns."""
    async with database.transaction() as tx:
        return {
            table: list(
                (await tx.execute(text(f"SELECT to_jsonb(one) FROM {table} AS one ORDER BY id"))).scalars()
            )
            for table in DUMPED
        }


async def say_of_all(database: Database, statement: str, **values: object) -> Sequence[object]:
    async with database.transaction() as tx:
        result = await tx.execute(text(statement), values)
        return result.scalars().all() if result.returns_rows else []


async def test_a_preview_shows_everything_and_changes_nothing(county: Database) -> None:
    before = await dump(county)
    made = await look(county, SHEET)
    assert await dump(county) == before
    assert made.state == ImportState.PREVIEWED
    assert (made.counts.posts_added, made.counts.people_new) == (4, 4)
    assert [one.turn for one in made.differences] == [Turn.ADDED] * 4
    async with county.transaction() as tx:
        assert await import_by_id(tx, made.id) == made
        (light,) = await imports_page(tx)
        assert (light.id, light.counts, light.differences) == (made.id, made.counts, ())
        assert await imports_page(tx, before=made.id) == []


async def test_an_applied_list_is_on_the_roster_and_its_file_is_forgotten(county: Database) -> None:
    done = await take(county, await look(county, SHEET))
    assert (done.state, done.ended_by) == (ImportState.APPLIED, "keeper")
    names = await say_of_all(county, "SELECT name FROM contacts ORDER BY name")
    assert sorted(map(str, names)) == sorted(["赵川", "钱海", "孙山", "李木"])
    async with county.transaction() as tx:
        held = (await tx.execute(select(posts.c.kind).where(posts.c.holder_id.is_(None)))).scalars().all()
        assert held == ["群测群防员"]
        assert (await tx.execute(select(roster_imports.c.file_bytes))).scalars().all() == [None]
        lines = (await tx.execute(select(ledger_lines.c.event))).scalars().all()
    assert sorted(lines).count("post.added") == 4
    with pytest.raises(Refusal, match="keeper"):
        await take(county, done)


async def test_the_same_list_again_changes_nothing(county: Database) -> None:
    for words in (SHEET, POINTS):
        await take(county, await look(county, words))
    before = await dump(county)
    for words in (SHEET, POINTS):
        again = await look(county, words)
        assert again.differences == ()
        await take(county, again)
    assert await dump(county) == before


async def test_points_and_households_are_taken_over_and_taken_back(county: Database) -> None:
    await take(county, await look(county, SHEET))
    before = await dump(county)
    done = await take(county, await look(county, POINTS))
    assert (done.counts.points_added, done.counts.households) == (1, 2)
    heads = await say_of_all(county, "SELECT head FROM threatened_households ORDER BY position")
    assert heads == ["周一", "周二"]
    helpers = await say_of_all(
        county,
        "SELECT c.name FROM threatened_households h JOIN contacts c ON c.id = h.helper_id ORDER BY position",
    )
    assert helpers == ["孙山", "吴五"]
    shorter = await take(county, await look(county, POINTS.replace("周二,4", "周三,5")))
    assert {(one.turn, one.name) for one in shorter.differences} == {
        (Turn.ADDED, "周三"),
        (Turn.ENDED, "周二"),
    }
    assert all(one.about == About.HOUSEHOLD for one in shorter.differences)
    await take_back(county, shorter)
    await take_back(county, done)
    assert await dump(county) == before


async def test_a_vacancy_is_filled_and_never_invented(county: Database) -> None:
    await take(county, await look(county, SHEET))
    filled = await look(county, SHEET.replace("空缺,,郑庄镇苏庄", "何花,10000000006,郑庄镇苏庄"))
    (difference,) = filled.differences
    assert (difference.turn, difference.name) == (Turn.CHANGED, "何花")
    assert difference.changes[0].field == "holder"
    await take(county, filled)
    assert await say_of_all(county, "SELECT count(*) FROM posts") == [4]
    old = await look(county, SHEET)
    assert old.differences == ()
    assert [one.code for one in old.complaints if one.code == "vacant_but_held"] == ["vacant_but_held"]


async def test_a_bare_name_means_nobody_who_has_left(county: Database) -> None:
    """A list of last year names its deputy still; they would be called and would not be there."""
    await take(county, await look(county, SHEET))
    await say_of_all(county, "UPDATE contacts SET retired_at = now() WHERE name = '孙山'")
    named = SHEET.replace("孙山,10000000003", "孙山,")
    again = await take(county, await look(county, named))
    assert [one.code for one in again.complaints] == ["name_missing", "deputy_unknown"]
    assert set(await say_of_all(county, "SELECT deputy_id FROM posts")) == {None}
    returned = await take(county, await look(county, SHEET))
    assert [one.code for one in returned.complaints] == ["name_missing"]
    assert await say_of_all(county, "SELECT count(*) FROM contacts WHERE retired_at IS NOT NULL") == [0]


async def test_undo_restores_every_row(county: Database) -> None:
    first = await take(county, await look(county, SHEET))
    await say_of_all(county, "UPDATE contact_numbers SET opted_out_at = now(), standing = 'dead'")
    before = await dump(county)
    changed = SHEET.replace("钱海,10000000002", "钱海,10000000009").replace("赵川", "高山")
    second = await take(county, await look(county, changed, "140521100000"), confirm_ended=1)
    assert await dump(county) != before
    undone = await take_back(county, second)
    assert (undone.state, undone.undone_by) == (ImportState.UNDONE, "keeper")
    assert await dump(county) == before
    await take_back(county, first)
    assert {table: rows for table, rows in (await dump(county)).items() if rows} == {}
    with pytest.raises(Refusal):
        await take_back(county, first)
    again = await take(county, await look(county, SHEET))
    assert again.counts.posts_added == 4


async def test_what_others_wrote_since_is_never_overwritten(county: Database) -> None:
    done = await take(county, await look(county, SHEET))
    await say_of_all(county, "UPDATE contacts SET unit = '县水务局' WHERE name = '李木'")
    before = await dump(county)
    with pytest.raises(Refusal) as refused:
        await take_back(county, done)
    assert [one.text for one in refused.value.complaints] == ["李木 在此之后又改动过"]
    assert await dump(county) == before


async def test_a_column_that_the_list_left_alone_keeps_what_others_wrote(county: Database) -> None:
    await take(county, await look(county, SHEET))
    done = await take(
        county, await look(county, SHEET.replace("钱海,10000000002", "钱海,10000000002/0356-0000001"))
    )
    await say_of_all(county, "UPDATE contacts SET note = '夜间打座机' WHERE name = '钱海'")
    await take_back(county, done)
    assert await say_of_all(county, "SELECT note FROM contacts WHERE name = '钱海'") == ["夜间打座机"]


async def test_somebody_who_has_a_further_duty_since_is_not_taken_away(county: Database) -> None:
    first = await take(county, await look(county, SHEET))
    more = f"{HEAD}\n李木,10000000004,柳庄社区,护林员,,,,\n"
    await take(county, await look(county, more))
    before = await dump(county)
    with pytest.raises(Refusal) as refused:
        await take_back(county, first)
    assert [one.text for one in refused.value.complaints] == ["李木 在此之后又改动过"]
    assert await dump(county) == before


async def test_whom_a_warning_calls_is_ended_and_not_deleted(county: Database) -> None:
    done = await take(county, await look(county, SHEET))
    await _a_warning_of(county, "李木")
    await take_back(county, done)
    async with county.transaction() as tx:
        kept = (await tx.execute(select(contacts.c.name, contacts.c.retired_at))).all()
        assert [(name, bool(retired)) for name, retired in kept] == [("李木", True)]
        assert (await tx.execute(text("SELECT count(*) FROM contact_numbers"))).scalar_one() == 1
        ends = (await tx.execute(select(posts.c.kind, posts.c.valid_to))).all()
    assert [(kind, str(day)) for kind, day in ends] == [("防汛责任人", "2026-07-14")]


async def test_a_roster_that_changed_since_the_preview_is_shown_again(county: Database) -> None:
    await take(county, await look(county, SHEET))
    made = await look(county, SHEET.replace("孙山,10000000003", "周河,10000000005"))
    await take(county, await look(county, SHEET.replace("孙山,10000000003", "郑江,10000000007")))
    with pytest.raises(Refusal) as refused:
        await take(county, made)
    assert len(refused.value.complaints) == 2
    done = await take(county, made)
    assert done.differences[0].changes[0].before == "郑江"


async def test_a_list_that_would_end_many_asks_for_their_number(county: Database) -> None:
    await take(county, await look(county, SHEET))
    shorter = "\n".join(line for line in SHEET.splitlines() if "李木" not in line)
    made = await look(county, shorter, "140521000000")
    assert made.asks_twice
    for wrong in (None, 2):
        with pytest.raises(Refusal, match="1"):
            await take(county, made, wrong)
    assert (await take(county, made, 1)).counts.posts_ended == 1


async def test_two_who_apply_at_once_take_it_over_once(county: Database) -> None:
    made = await look(county, SHEET)
    results = await asyncio.gather(take(county, made), take(county, made), return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["Refusal", "RosterImport"]
    assert await say_of_all(county, "SELECT count(*) FROM contacts") == [4]


async def test_a_discarded_preview_is_over_and_an_old_one_is_forgotten(county: Database) -> None:
    made = await look(county, SHEET)
    gone = await discard_import(county, made.id, now=NOW, actor="keeper")
    assert gone.state == ImportState.DISCARDED
    with pytest.raises(Refusal):
        await take(county, made)
    old = await look(county, SHEET)
    later = NOW.replace(month=8)
    await preview_import(county, file(SHEET), locality=HOME, now=later, actor="keeper")
    async with county.transaction() as tx:
        forgotten = await import_by_id(tx, old.id)
    assert forgotten is not None
    assert forgotten.state == ImportState.DISCARDED


async def test_complaints_are_a_workbook(county: Database) -> None:
    made = await look(county, SHEET.replace("龙港镇,镇长", "火星镇,=镇长"))
    assert made.complaints
    (grid,) = read_grids(SheetFile("意见.xlsx", complaints_sheet(made.complaints)))
    assert len(grid.rows) == 1 + len(made.complaints)


async def test_a_dry_run_keeps_nothing_at_all(county: Database) -> None:
    done = await import_roster_file(county, file(SHEET), locality=HOME, now=NOW, dry_run=True)
    assert done.counts.posts_added == 4
    async with county.transaction() as tx:
        assert await imports_page(tx) == []


async def _a_warning_of(county: Database, name: str) -> None:
    """A warning matched with the post of `name`, who is not called yet."""
    async with county.transaction() as tx:
        duty = await add_responsibility(tx, await add_warning(tx), "140521102231", "苏庄村 防汛责任人")
        await tx.execute(
            text(
                "UPDATE responsibilities SET post_id = (SELECT p.id FROM posts p JOIN contacts c"
                " ON c.id = p.holder_id WHERE c.name = :name) WHERE id = :duty"
            ),
            {"name": name, "duty": duty},
        )
        await tx.execute(
            text("DELETE FROM posts WHERE tier = 'village' AND holder_id IS NULL AND kind = '防汛责任人'")
        )
