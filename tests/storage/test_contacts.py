"""The roster and the areas on a real PostgreSQL."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select, update

from jiaoying.contacts.areas.holder import AreaHolder
from jiaoying.contacts.areas.importing import import_area_file, import_areas
from jiaoying.contacts.areas.names import find_area
from jiaoying.contacts.areas.store import areas_by_code
from jiaoying.contacts.exporting.records import export_roster
from jiaoying.contacts.exporting.sheet_writer import sheet_bytes
from jiaoying.contacts.importing.at_once import import_roster_file
from jiaoying.contacts.importing.differences import Change
from jiaoying.contacts.importing.model import RosterImport
from jiaoying.contacts.store import contact_numbers_of, contacts_by_number, find_or_add_people
from jiaoying.kernel.area_names import Area, Doubt
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.phone import Number, NumberKind
from jiaoying.kernel.polygon_rule import TOUCH
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database
from jiaoying.storage.schema import area_shapes, contact_numbers, contacts, ledger_lines, posts
from jiaoying.warnings.model import Circle

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
HEAD = "姓名,手机,责任区域,岗位,灾种,单位,B角,B角手机,上级"
SHEET = f"""{HEAD}
赵川,10000000001,龙港镇,镇长,,龙港镇政府,,,
钱海,10000000002,柳庄社区,防汛责任人,防汛,,孙山,10000000003,赵川
钱海,10000000002,柳庄社区,群测群防员,地质灾害,,,,赵川
李木,10000000004,郑庄镇苏庄,防汛责任人,防汛,,,,
"""


@pytest.fixture
async def county(database: Database) -> Database:
    result = await import_area_file(database, SheetFile("areas.csv", AREAS.encode()), now=NOW)
    assert (result.added, result.complaints) == (6, ())
    return database


async def take(
    database: Database,
    text: str,
    *,
    dry_run: bool = False,
    replace_scope: str | None = None,
    confirm_ended: int | None = None,
) -> RosterImport:
    return await import_roster_file(
        database,
        SheetFile("名单.csv", text.encode()),
        locality=HOME,
        now=NOW,
        dry_run=dry_run,
        replace_scope=replace_scope,
        confirm_ended=confirm_ended,
    )


def counts(result: RosterImport) -> tuple[int, int, int, int]:
    own = result.counts
    return own.posts_added, own.posts_changed, own.posts_ended, own.posts_unchanged


async def total(database: Database, *tables: object) -> list[int]:
    async with database.transaction() as tx:
        return [
            (await tx.execute(select(func.count()).select_from(table))).scalar_one()  # type: ignore[arg-type]
            for table in tables
        ]


async def test_areas_are_imported_in_any_order_and_again(county: Database) -> None:
    again = await import_area_file(county, SheetFile("areas.csv", AREAS.encode()), now=NOW)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 6)
    renamed = AREAS.replace("龙港镇,", "龙港新镇,")
    result = await import_area_file(county, SheetFile("areas.csv", renamed.encode()), now=NOW)
    assert (result.added, result.changed, result.unchanged) == (0, 1, 5)


async def test_an_unknown_parent_is_told_and_the_area_stays(database: Database) -> None:
    rows = "code,name,level,parent_code\n140521000000,沁水县,county,140500000000\n"
    result = await import_area_file(database, SheetFile("areas.csv", rows.encode()), now=NOW)
    assert (result.added, [complaint.code for complaint in result.complaints]) == (1, ["parent_unknown"])


async def test_areas_are_found_by_code_and_by_name(county: Database) -> None:
    async with county.transaction() as tx:
        found = await areas_by_code(tx, ["140521100000", "999999999999"])
        assert list(found) == ["140521100000"]
        assert found["140521100000"].name == "龙港镇"
        place = await find_area(tx, "龙港镇柳庄社区", within=HOME.home_area)
        assert isinstance(place, Area)
        assert place.code == "140521100001"
        assert not isinstance(await find_area(tx, "苏庄", within=HOME.home_area), Doubt)


async def test_shapes_are_stored_and_asked(county: Database, tmp_path: Path) -> None:
    feature = (
        '{"type": "Feature", "properties": {"code": "%s"}, "geometry":'
        ' {"type": "Polygon", "coordinates": [[[112,35],[113,35],[113,36],[112,36],[112,35]]]}}'
    )
    both = ",".join(feature % code for code in ("140521000000", "999999999999"))
    path = tmp_path / "shapes.geojson"
    path.write_text(f'{{"type": "FeatureCollection", "features": [{both}]}}')
    result = await import_areas(county, path, now=NOW)
    assert (result.shapes, [complaint.code for complaint in result.complaints]) == (1, ["area_unknown"])
    assert (await import_areas(county, path, now=NOW)).shapes == 0
    async with county.transaction() as tx:
        wkb: bytes = (await tx.execute(select(area_shapes.c.shape_wkb))).scalar_one()
        stored: BaseGeometry = shapely.from_wkb(wkb)
        assert stored.bounds == (112, 35, 113, 36)
        index = await AreaHolder(HOME.home_area).newest(tx)
    assert "140521000000" in {found.code for found in index.touched([], [Circle(35.5, 112.5, 1)], TOUCH)}


async def test_a_place_of_the_neighbour_is_found_by_code_and_by_path(county: Database) -> None:
    rows = "code,name,level,parent_code\n140522000000,阳城县,county,140500000000\n"
    rows += "140522103000,龙港镇,township,140522000000\n"
    await import_area_file(county, SheetFile("more.csv", rows.encode()), now=NOW)
    sheet = "姓名,手机,责任区域,区划代码,岗位\n甲,10000000001,,140522103000,镇长\n"
    sheet += "乙,10000000002,阳城县龙港镇,,书记\n丙,10000000003,龙港镇,,镇长\n"
    assert (await take(county, sheet)).complaints == ()
    async with county.transaction() as tx:
        held = await export_roster(tx, today=date(2026, 7, 15))
    assert {str(record["name"]): record["area_code"] for record in held} == {
        "甲": "140522103000",
        "乙": "140522103000",
        "丙": "140521100000",
    }


async def test_one_person_in_two_posts_is_one_contact(county: Database) -> None:
    result = await take(county, SHEET)
    assert counts(result) == (4, 0, 0, 0)
    assert result.complaints == ()
    async with county.transaction() as tx:
        rows = (await tx.execute(select(contacts.c.name, contacts.c.demonstration))).all()
        assert sorted(rows) == [("孙山", True), ("李木", True), ("赵川", True), ("钱海", True)]
        held = (await tx.execute(select(posts.c.tier, posts.c.level))).all()
        assert sorted(held) == [("township", "township")] + [("village", "village")] * 3


async def test_the_same_sheet_twice_changes_nothing(county: Database) -> None:
    await take(county, SHEET)
    before = await total(county, contacts, posts, contact_numbers, ledger_lines)
    assert counts(await take(county, SHEET)) == (0, 0, 0, 4)
    assert await total(county, contacts, posts, contact_numbers, ledger_lines) == before


async def test_a_dry_run_tells_and_changes_nothing(county: Database) -> None:
    before = await total(county, contacts, posts, contact_numbers, ledger_lines)
    result = await take(county, SHEET, dry_run=True)
    assert counts(result) == (4, 0, 0, 0)
    assert [difference.turn for difference in result.differences] == ["added"] * 4
    assert await total(county, contacts, posts, contact_numbers, ledger_lines) == before


async def test_a_change_is_one_difference_and_a_ledger_line(county: Database) -> None:
    await take(county, SHEET)
    (lines_before,) = await total(county, ledger_lines)
    result = await take(county, SHEET.replace("孙山,10000000003", "周河,10000000005"))
    assert counts(result) == (0, 1, 0, 3)
    assert result.differences[0].changes == (Change("deputy", "孙山", "周河"),)
    async with county.transaction() as tx:
        events = (await tx.execute(select(ledger_lines.c.event).order_by(ledger_lines.c.id))).scalars().all()
    assert sorted(events[lines_before:]) == ["contact.added", "post.changed", "roster.imported"]


async def test_replacing_a_scope_ends_what_the_sheet_no_longer_names(county: Database) -> None:
    await take(county, SHEET)
    shorter = "\n".join(
        line for line in SHEET.splitlines() if "群测群防员" not in line and "李木" not in line
    )
    with pytest.raises(Refusal, match="1"):
        await take(county, shorter, replace_scope="140521100000")
    result = await take(county, shorter, replace_scope="140521100000", confirm_ended=1)
    assert counts(result) == (0, 0, 1, 2)
    async with county.transaction() as tx:
        ended = (
            await tx.execute(select(posts.c.kind, posts.c.valid_to).where(posts.c.valid_to.is_not(None)))
        ).all()
        # Yesterday by the county's own calendar was the last day.
        assert ended == [("群测群防员", date(2026, 7, 14))]
        names = [str(record["name"]) for record in await export_roster(tx, today=date(2026, 7, 15))]
    assert sorted(names) == ["李木", "赵川", "钱海"]
    assert counts(await take(county, SHEET)) == (0, 1, 0, 3), "the old sheet brings the post back"


async def test_who_stands_in_a_row_that_cannot_be_used_keeps_the_post(county: Database) -> None:
    await take(county, SHEET)
    damaged = SHEET.replace("李木,10000000004,郑庄镇苏庄", "李木,10000000004,火星村")
    result = await take(county, damaged, replace_scope="140521000000")
    assert counts(result) == (0, 0, 0, 3)
    assert [complaint.code for complaint in result.complaints] == ["area_unknown"]


async def test_a_sheet_that_names_nobody_replaces_nobody(county: Database) -> None:
    await take(county, SHEET)
    assert counts(await take(county, HEAD, replace_scope="140521000000")) == (0, 0, 0, 0)
    with pytest.raises(Refusal, match="1405"):
        await take(county, SHEET, replace_scope="1405")


async def test_the_export_reads_back_to_the_same_roster(county: Database) -> None:
    await take(county, SHEET)
    async with county.transaction() as tx:
        records = await export_roster(tx, today=date(2026, 7, 15))
    first = next(record for record in records if record["post"] == "防汛责任人")
    assert first["mobiles"] == ["+8610000000002"]
    assert (first["deputy"], first["superior"], first["area_code"]) == ("孙山", "赵川", "140521100001")
    assert first["hazards"] == ["rain", "flood", "flash_flood", "waterlogging", "dam"]
    file = SheetFile("导出.xlsx", sheet_bytes(records))
    result = await import_roster_file(county, file, locality=HOME, now=NOW)
    assert (counts(result), result.complaints) == ((0, 0, 0, 4), ())


async def test_numbers_and_people_by_number(county: Database) -> None:
    await take(county, SHEET.replace("赵川,10000000001", "赵川,0356-0000001转8 / 10000000001"))
    async with county.transaction() as tx:
        (chief,) = await contacts_by_number(tx, "+8610000000001")
        assert await contacts_by_number(tx, "+863560000001") == [chief]
        assert await contacts_by_number(tx, "+8610099999999") == []
        numbers = (await contact_numbers_of(tx, [chief.id]))[chief.id]
        assert [(number.number, number.kind) for number in numbers] == [
            ("+8610000000001", "mobile"),
            ("+863560000001;ext=8", "landline"),
        ]
        await tx.execute(update(contacts).values(retired_at=NOW))
        assert await contacts_by_number(tx, "+8610000000001") == []


async def test_people_are_found_or_added_once(county: Database) -> None:
    await take(county, SHEET)
    known, new = Number("+8610000000002", NumberKind.MOBILE), Number("+8610000000009", NumberKind.MOBILE)
    wanted = [("钱海", known), ("吴月", new), ("吴月", new), ("钱海", None), ("无此人", None)]
    async with county.transaction() as tx:
        first = await find_or_add_people(tx, wanted, now=NOW, note="值班员", actor="keeper")
        assert first == await find_or_add_people(tx, wanted, now=NOW, note="值班员", actor="keeper")
        assert first[0] == first[3]
        assert first[1] == first[2]
        assert first[4] is None
        added = (await tx.execute(select(contacts.c.note).where(contacts.c.id == first[1]))).scalar_one()
        assert added == "值班员"


async def test_opt_out_survives_an_import(county: Database) -> None:
    await take(county, SHEET)
    async with county.transaction() as tx:
        await tx.execute(update(contact_numbers).values(opted_out_at=NOW))
    await take(county, SHEET.replace("赵川,10000000001", "赵川,10000000001/0356-0000001"))
    async with county.transaction() as tx:
        (chief,) = await contacts_by_number(tx, "+8610000000001")
        numbers = (await contact_numbers_of(tx, [chief.id]))[chief.id]
        assert [number.opted_out_at for number in numbers] == [NOW, None]
