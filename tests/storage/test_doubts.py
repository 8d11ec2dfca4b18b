"""Two records that may be one person, settled by the keeper on a real PostgreSQL."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.importing.at_once import import_roster_file
from jiaoying.contacts.importing.doubts import Doubt, count_open_doubts, open_doubts, settle_doubt
from jiaoying.contacts.importing.imports import undo_import
from jiaoying.contacts.importing.model import RosterImport
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database
from storage.county import add_call_out, add_warning

NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
HOME = Locality("140521000000", "0356", ZoneInfo("Asia/Shanghai"))
AREAS = """code,name,level,parent_code
140521100001,柳庄社区居委会,village,140521100000
140521100002,杏园村委会,village,140521100000
140521100000,龙港镇,township,140521000000
140521102000,郑庄镇,township,140521000000
140521102231,苏庄村委会,village,140521102000
140521000000,沁水县,county,140500000000
140500000000,晋城市,city,
"""
HEAD = "姓名,手机,责任区域,岗位,单位,B角,B角手机,上级"
FLOOD = f"{HEAD}\n王强,10000000001,柳庄社区,防汛责任人,,,,\n"
FIRE = f"{HEAD}\n王强,10000000002,杏园村,护林员,林场,孙山,10000000003,\n"


@pytest.fixture
async def county(database: Database) -> Database:
    await import_area_file(database, SheetFile("areas.csv", AREAS.encode()), now=NOW)
    return database


async def take(database: Database, words: str, *, minute: int = 0) -> RosterImport:
    return await import_roster_file(
        database, SheetFile("名单.csv", words.encode()), locality=HOME, now=NOW.replace(minute=minute)
    )


async def doubts(database: Database) -> list[Doubt]:
    async with database.transaction() as tx:
        return await open_doubts(tx)


async def settle(database: Database, doubt: Doubt, *, same: bool) -> None:
    await settle_doubt(database, doubt.id, same=same, locality=HOME, now=NOW, actor="keeper")


async def rows(database: Database, statement: str) -> list[tuple[object, ...]]:
    async with database.transaction() as tx:
        return [tuple(row) for row in (await tx.execute(text(statement))).all()]


async def people(database: Database) -> list[tuple[object, ...]]:
    return await rows(
        database,
        "SELECT c.name, array_agg(n.number ORDER BY n.preference) FROM contacts c"
        " JOIN contact_numbers n ON n.contact_id = c.id WHERE c.retired_at IS NULL"
        " GROUP BY c.id ORDER BY c.id",
    )


async def test_one_name_in_one_township_is_asked_and_shown_side_by_side(county: Database) -> None:
    await take(county, FLOOD)
    done = await take(county, FIRE, minute=1)
    assert done.counts.doubts == 1
    (doubt,) = await doubts(county)
    assert (doubt.kind, doubt.one.numbers, doubt.other.numbers) == (
        "same_name",
        ("+8610000000001",),
        ("+8610000000002",),
    )
    assert (doubt.one.posts, doubt.other.unit) == ((("柳庄社区居委会", "防汛责任人"),), "林场")


async def test_one_name_elsewhere_is_not_asked(county: Database) -> None:
    await take(county, FLOOD)
    await take(county, FIRE.replace("杏园村", "郑庄镇苏庄"), minute=1)
    assert await doubts(county) == []


async def test_one_mobile_under_two_names_is_asked_and_an_office_line_is_not(county: Database) -> None:
    await take(county, FLOOD)
    await take(county, FLOOD.replace("王强", "王强强").replace("防汛责任人", "护林员"), minute=1)
    (doubt,) = await doubts(county)
    assert (doubt.kind, doubt.one.name, doubt.other.name) == ("same_number", "王强", "王强强")
    office = f"{HEAD}\n甲一,0356-0000001,柳庄社区,主任,,,,\n乙二,0356-0000001,柳庄社区,书记,,,,\n"
    assert (await take(county, office, minute=2)).counts.doubts == 0


async def test_a_decided_doubt_never_comes_back(county: Database) -> None:
    await take(county, FLOOD)
    await take(county, FIRE, minute=1)
    (doubt,) = await doubts(county)
    await settle(county, doubt, same=False)
    assert (await take(county, FIRE, minute=2)).counts.doubts == 0
    assert await doubts(county) == []
    with pytest.raises(Refusal):
        await settle(county, doubt, same=True)
    assert len(await people(county)) == 3


async def test_the_same_person_is_one_record_with_everything_of_both(county: Database) -> None:
    await take(county, FLOOD)
    await take(county, FIRE, minute=1)
    chief = f"{HEAD}\n李四,10000000004,杏园村,防汛责任人,,王强,10000000002,\n"
    await take(county, chief, minute=2)
    (doubt,) = await doubts(county)
    await settle(county, doubt, same=True)
    assert await people(county) == [
        ("王强", ["+8610000000001", "+8610000000002"]),
        ("孙山", ["+8610000000003"]),
        ("李四", ["+8610000000004"]),
    ]
    held = await rows(
        county,
        "SELECT p.kind, h.name, d.name, h.unit FROM posts p JOIN contacts h ON h.id = p.holder_id"
        " LEFT JOIN contacts d ON d.id = p.deputy_id WHERE h.retired_at IS NULL ORDER BY p.kind, h.name",
    )
    assert sorted(map(str, held)) == sorted(
        map(
            str,
            [
                ("防汛责任人", "王强", None, "林场"),
                ("护林员", "王强", "孙山", "林场"),
                ("防汛责任人", "李四", "王强", None),
            ],
        )
    )
    for words in (FLOOD, FIRE, chief):
        again = await take(county, words, minute=3)
        assert (again.counts.posts_added, again.counts.people_new) == (0, 0)
    async with county.transaction() as tx:
        assert await count_open_doubts(tx) == 0


async def test_a_name_that_was_a_typo_goes_on_meaning_the_same_person(county: Database) -> None:
    typo = FLOOD.replace("王强", "王强强").replace("防汛责任人", "护林员")
    await take(county, FLOOD)
    await take(county, typo, minute=1)
    (doubt,) = await doubts(county)
    await settle(county, doubt, same=True)
    again = await take(county, typo, minute=2)
    assert again.differences == ()
    assert [name for name, _ in await people(county)] == ["王强"]


async def test_one_post_held_by_both_is_held_once(county: Database) -> None:
    await take(county, FLOOD)
    await take(county, FLOOD.replace("王强", "王强强"), minute=1)
    (doubt,) = await doubts(county)
    await settle(county, doubt, same=True)
    in_force = await rows(county, "SELECT count(*) FROM posts WHERE valid_to IS NULL")
    assert in_force == [(1,)]


async def test_an_open_call_out_goes_on_with_its_numbers(county: Database) -> None:
    await take(county, FLOOD)
    await take(county, FIRE, minute=1)
    (doubt,) = await doubts(county)
    async with county.transaction() as tx:
        await add_call_out(tx, await add_warning(tx), doubt.other.id, [])
    before = await rows(county, "SELECT * FROM call_outs")
    await settle(county, doubt, same=True)
    assert await rows(county, "SELECT * FROM call_outs") == before
    assert await numbers_of(county, doubt.other.id) == [("+8610000000002",)]


async def test_an_import_whose_person_was_made_one_with_another_is_not_taken_back(county: Database) -> None:
    await take(county, FLOOD)
    fire = await take(county, FIRE, minute=1)
    (doubt,) = await doubts(county)
    await settle(county, doubt, same=True)
    with pytest.raises(Refusal) as refused:
        await undo_import(county, fire.id, locality=HOME, now=NOW, actor="keeper")
    assert any("王强" in one.text for one in refused.value.complaints)


async def test_undo_takes_the_doubt_back_too(county: Database) -> None:
    await take(county, FLOOD)
    fire = await take(county, FIRE, minute=1)
    await undo_import(county, fire.id, locality=HOME, now=NOW, actor="keeper")
    assert await doubts(county) == []
    await take(county, FIRE, minute=2)
    assert len(await doubts(county)) == 1


async def numbers_of(database: Database, contact_id: UUID) -> list[tuple[object, ...]]:
    return await rows(database, f"SELECT number FROM contact_numbers WHERE contact_id = '{contact_id}'")
