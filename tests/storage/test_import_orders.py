"""Whatever order lists, undos and settled doubts come in: nobody is lost, and undo restores every row."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.importing.doubts import open_doubts, settle_doubt
from jiaoying.contacts.importing.imports import Handed, import_sheet, undo_import
from jiaoying.contacts.importing.model import RosterImport
from jiaoying.contacts.model import HouseholdRow, PointKind, PointRef, PointRow, PostLevel, RosterRow
from jiaoying.contacts.reading.sheets import RosterSheet
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.phone import Number, NumberKind
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database

NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
HOME = Locality("140521000000", "0356", ZoneInfo("Asia/Shanghai"))
TOWN = "140521100000"
VILLAGES = ("140521100001", "140521100002", "140521102231")
AREAS = """code,name,level,parent_code
140521100001,柳庄社区居委会,village,140521100000
140521100002,杏园村委会,village,140521100000
140521102231,苏庄村委会,village,140521102000
140521100000,龙港镇,township,140521000000
140521102000,郑庄镇,township,140521000000
140521000000,沁水县,county,140500000000
140500000000,晋城市,city,
"""
NAMES = ("王强", "李四", "赵六", "王强强")
DUMPED = ("contacts", "contact_numbers", "posts", "danger_points", "threatened_households")
UNDONE = 0.4  # of the steps


@pytest.fixture
async def county(database: Database) -> Database:
    await import_area_file(database, SheetFile("areas.csv", AREAS.encode()), now=NOW)
    return database


def a_sheet(luck: random.Random) -> RosterSheet:
    """A list in which names, numbers, places, points and households meet in every way."""
    refs = [PointRef(code, f"{code}滑坡", area) for code, area in zip(("A1", "B2"), VILLAGES, strict=False)]
    listed = [ref for ref in refs if luck.random() < 0.7]
    return RosterSheet(
        rows=tuple(_a_row(luck, listed) for _ in range(luck.randint(1, 7))),
        complaints=(),
        points=tuple(
            PointRow("表", 2, ref, PointKind.GEOHAZARD, households=luck.choice([None, 3, 4]))
            for ref in listed
        ),
        households=tuple(
            HouseholdRow(
                "表", 2, ref, luck.choice("周吴"), people=luck.randint(1, 4), helper=luck.choice(NAMES)
            )
            for ref in listed
            for _ in range(luck.randint(0, 2))
        ),
    )


def _a_row(luck: random.Random, points: list[PointRef]) -> RosterRow:
    name = luck.choice(("", *NAMES))
    return RosterRow(
        "表",
        2,
        name,
        tuple(_numbers(luck)) if name else (),
        luck.choice(VILLAGES),
        luck.choice(("防汛责任人", "群测群防员")),
        PostLevel.VILLAGE,
        unit=luck.choice((None, "镇政府", "村委会")) if name else None,
        deputy=luck.choice((None, *NAMES)),
        deputy_numbers=tuple(_numbers(luck)),
        superior=luck.choice((None, *NAMES)),
        point=luck.choice((None, *points)),
    )


def _numbers(luck: random.Random) -> list[Number]:
    serials = luck.sample(range(1, 6), luck.randint(0, 2))
    return [Number(f"+8610000000{serial:03d}", NumberKind.MOBILE) for serial in serials]


async def dump(database: Database) -> dict[str, list[object]]:
    async with database.transaction() as tx:
        return {
            table: list(
                (await tx.execute(text(f"SELECT to_jsonb(one) FROM {table} AS one ORDER BY id"))).scalars()
            )
            for table in DUMPED
        }


async def take(database: Database, sheet: RosterSheet, now: datetime, scope: str | None) -> RosterImport:
    """Takes the list over; how many end is confirmed."""
    handed = Handed(SheetFile("名单.csv", b""), HOME, scope)
    seen = await import_sheet(database, sheet, handed, now=now, actor="keeper", dry_run=True)
    return await import_sheet(
        database, sheet, handed, now=now, actor="keeper", confirm_ended=seen.counts.posts_ended
    )


async def assert_nobody_is_lost(database: Database, sheet: RosterSheet, done: RosterImport) -> None:
    """Every row has its post in force: its person's, by the name or a name made one with it, or a vacant one
    unless the list was told that it is none.
    """
    async with database.transaction() as tx:
        rows = await tx.execute(
            text(
                "SELECT p.area_code, p.kind, c.name, array_remove(array_agg(other.name), NULL)"
                " FROM posts p LEFT JOIN contacts c ON c.id = p.holder_id AND c.retired_at IS NULL"
                " LEFT JOIN contacts other ON other.merged_into_id = c.id"
                " WHERE p.valid_to IS NULL GROUP BY p.id, c.name"
            )
        )
        held = {(area, kind, name) for area, kind, own, others in rows for name in (own or "", *others)}
    told = any(complaint.code == "vacant_but_held" for complaint in done.complaints)
    missing = {(row.area_code, row.post, row.name) for row in sheet.rows} - held
    assert all(name == "" and told for _, _, name in missing)


async def settle_one(database: Database, luck: random.Random, now: datetime) -> None:
    async with database.transaction() as tx:
        doubts = await open_doubts(tx)
    if doubts:
        doubt = luck.choice(doubts)
        same = luck.random() < 0.5
        await settle_doubt(database, doubt.id, same=same, locality=HOME, now=now, actor="keeper")


@pytest.mark.parametrize("seed", range(5))
async def test_any_order_keeps_the_promises(county: Database, seed: int) -> None:
    luck = random.Random(seed)
    applied: list[RosterImport] = []
    for step in range(7):
        now = NOW + timedelta(minutes=step)
        if applied and luck.random() < UNDONE:
            await _take_one_back(county, luck.choice(applied), now, applied)
            continue
        sheet, scope = a_sheet(luck), luck.choice((None, TOWN))
        before = await dump(county)
        done = await take(county, sheet, now, scope)
        await assert_nobody_is_lost(county, sheet, done)
        after = await dump(county)
        again = await take(county, sheet, now, scope)
        assert (again.differences, again.counts.doubts) == ((), 0)
        assert await dump(county) == after
        await undo_import(county, done.id, locality=HOME, now=now, actor="keeper")
        assert await dump(county) == before
        applied.append(await take(county, sheet, now, scope))
        await settle_one(county, luck, now)


async def _take_one_back(
    county: Database, done: RosterImport, now: datetime, applied: list[RosterImport]
) -> None:
    """Any of them, not only the last one: it is put back, or nothing is changed."""
    before = await dump(county)
    try:
        await undo_import(county, done.id, locality=HOME, now=now, actor="keeper")
    except Refusal:
        assert await dump(county) == before
    else:
        applied.remove(done)
