"""Lists of areas that change: nobody is lost when villages are merged, renamed or abolished."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text

from jiaoying.contacts.areas.changes import ChangeKind
from jiaoying.contacts.areas.importing import AreaImport, import_area_file
from jiaoying.contacts.areas.names import current_codes, find_area
from jiaoying.contacts.areas.store import areas_by_code
from jiaoying.contacts.model import Post
from jiaoying.contacts.store import lock_roster, save_posts
from jiaoying.kernel.area_names import Area
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import (
    area_shapes,
    areas,
    danger_points,
    desks,
    geometry_version,
    ledger_lines,
    posts,
)
from storage.county import COUNTY, OTHER_TOWN, TOWN, add_contact

NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
HEAD = "code,name,level,parent_code,lat,lon,seat_made_up,successor_code"
UPPER, MIDDLE, LOWER = "140521100201", "140521100202", "140521100203"
NEW = "140521100301"
LIST = f"""{HEAD}
{COUNTY},沁水县,county,,,,,
{TOWN},龙港镇,township,{COUNTY},,,,
{OTHER_TOWN},中村镇,township,{COUNTY},,,,
{UPPER},上河村委会,village,{TOWN},35.7,112.2,,
{MIDDLE},中河村委会,village,{TOWN},,,,
{LOWER},下河村委会,village,{TOWN},,,,
"""


async def take(
    database: Database, content: str, *, scope: str | None = None, dry_run: bool = False
) -> AreaImport:
    file = SheetFile("区划.csv", content.encode())
    return await import_area_file(database, file, now=NOW, replace_scope=scope, dry_run=dry_run)


def without(*codes: str) -> str:
    return "".join(line for line in LIST.splitlines(keepends=True) if line[:12] not in codes)


def told(result: AreaImport) -> list[str]:
    return [complaint.code for complaint in result.complaints]


@pytest.fixture
async def county(database: Database) -> Database:
    assert (await take(database, LIST)).added == 6
    return database


async def tie(database: Database, code: str) -> tuple[UUID, UUID]:
    """Somebody answers for a village in two posts, and it has a danger point and a desk; (person, post)."""
    async with database.transaction() as tx:
        person, post = await add_contact(tx, f"甲{code}", "+8610000000001"), new_id(NOW)
        for row_id, kind in ((post, "防汛责任人"), (new_id(NOW), "群测群防员")):
            await tx.execute(
                insert(posts).values(
                    id=row_id, area_code=code, kind=kind, level="village", tier="village", holder_id=person
                )
            )
        point = {"name": "后沟滑坡", "kind": "geohazard", "created_at": NOW}
        await tx.execute(insert(danger_points).values(id=new_id(NOW), area_code=code, **point))
        await tx.execute(insert(desks).values(id=new_id(NOW), area_code=code, name=f"值班室{code}"))
    return person, post


async def places(database: Database) -> list[set[str]]:
    """Where posts, danger points and desks are."""
    async with database.transaction() as tx:
        return [
            set((await tx.execute(select(table.c.area_code))).scalars())
            for table in (posts, danger_points, desks)
        ]


async def everything(database: Database) -> list[object]:
    async with database.transaction() as tx:
        tables = (areas, area_shapes, posts, danger_points, desks, geometry_version)
        return [sorted(map(repr, (await tx.execute(select(table))).all())) for table in tables]


async def test_a_merged_village_hands_everybody_on_through_all_steps(county: Database) -> None:
    person, post = await tie(county, UPPER)
    first = await take(county, LIST + f"{NEW},联合村,village,{TOWN},,,,\n".replace(NEW, "140521100300"))
    assert first.added == 1
    merge = LIST.replace("35.7,112.2,,", f"35.7,112.2,,{MIDDLE}")
    result = await take(county, merge)
    assert (result.merged, result.moved, result.changed, told(result)) == (1, 4, 0, [])
    assert await places(county) == [{MIDDLE}] * 3
    onward = merge.replace("中河村委会,village,140521100000,,,,", f"中河村委会,village,{TOWN},,,,{LOWER}")
    assert (await take(county, onward)).moved == 4
    assert await places(county) == [{LOWER}] * 3
    again = await take(county, onward)
    assert (again.added, again.changed, again.merged, again.moved) == (0, 0, 0, 0)
    async with county.transaction() as tx:
        lines = (await tx.execute(select(ledger_lines).where(ledger_lines.c.event == "post.moved"))).all()
        assert {line.contact_id for line in lines} == {person}
        assert {"post_id": str(post), "from": UPPER, "to": MIDDLE} in [line.facts for line in lines]
        assert await current_codes(tx, [UPPER, MIDDLE, LOWER, COUNTY]) == {UPPER: (LOWER,), MIDDLE: (LOWER,)}
        found = await find_area(tx, "龙港镇上河村", within=COUNTY)
    assert isinstance(found, Area)
    assert found.code == LOWER, "the old name leads to where its people are"
    result = await take(county, LIST)
    assert told(result) == ["area_merged", "area_merged"], "an old list brings nobody back"
    assert await places(county) == [{LOWER}] * 3


async def test_a_rename_keeps_the_old_name(county: Database) -> None:
    result = await take(county, LIST.replace("上河", "新河"))
    assert (result.changed, result.renamed, result.unchanged) == (1, 1, 5)
    assert result.changes[0].kind is ChangeKind.RENAMED
    await take(county, LIST.replace("上河", "古河"))
    await take(county, LIST.replace("上河", "新河"))
    async with county.transaction() as tx:
        area = (await areas_by_code(tx, [UPPER]))[UPPER]
        assert (area.name, area.former_names) == ("新河村委会", ("上河村委会", "古河村委会"))
        for name in ("上河村", "古河", "新河"):
            assert await find_area(tx, name, within=COUNTY) == area


async def test_a_scope_is_replaced_and_who_cannot_be_placed_is_told(county: Database) -> None:
    await tie(county, UPPER)
    await tie(county, LOWER)
    shorter = without(UPPER, LOWER) + f"{NEW},上河社区居委会,village,{TOWN},,,,\n"
    result = await take(county, shorter, scope=TOWN)
    assert (result.added, result.merged, result.retired, result.moved) == (1, 1, 1, 4)
    assert [(change.kind, change.code, change.now) for change in result.changes] == [
        (ChangeKind.MERGED, UPPER, NEW),
        (ChangeKind.RETIRED, LOWER, None),
    ]
    (complaint,) = result.complaints
    assert (complaint.code, complaint.column) == ("people_left_behind", LOWER)
    assert "下河村委会" in complaint.text
    assert await places(county) == [{NEW, LOWER}] * 3, "they stay where they are"
    async with county.transaction() as tx:
        assert await find_area(tx, "下河村", within=COUNTY) is None
        assert await current_codes(tx, [TOWN, LOWER, UPPER]) == {UPPER: (NEW,)}
    # The list brings it back.
    back = await take(county, shorter + LIST.splitlines()[-1], scope=TOWN)
    assert (back.changed, back.retired, told(back)) == (1, 0, [])
    async with county.transaction() as tx:
        assert isinstance(await find_area(tx, "下河村", within=COUNTY), Area)


async def test_an_old_township_code_means_its_villages_wherever_they_went(county: Database) -> None:
    elsewhere = "140521101205"
    merged = LIST.replace(f"龙港镇,township,{COUNTY},,,,", f"龙港镇,township,{COUNTY},,,,{OTHER_TOWN}")
    merged = merged.replace("35.7,112.2,,", f"35.7,112.2,,{elsewhere}")
    merged += f"{elsewhere},上河村委会,village,{OTHER_TOWN},,,,\n"
    result = await take(county, merged)
    assert (result.merged, told(result)) == (2, [])
    async with county.transaction() as tx:
        assert await current_codes(tx, [TOWN]) == {TOWN: (OTHER_TOWN, elsewhere)}


async def test_successors_that_cannot_be_are_refused_one_by_one(county: Database) -> None:
    circle = LIST.replace("35.7,112.2,,", f"35.7,112.2,,{MIDDLE}")
    circle = circle.replace(f"中河村委会,village,{TOWN},,,,", f"中河村委会,village,{TOWN},,,,{UPPER}")
    assert told(await take(county, circle)) == ["successor_circle", "successor_circle"]
    for successor in ("140521100999", TOWN):
        wrong = LIST.replace("35.7,112.2,,", f"35.7,112.2,,{successor}")
        result = await take(county, wrong)
        assert (result.merged, told(result)) == (0, ["successor_unusable"])
    gone = without(LOWER).replace("35.7,112.2,,", f"35.7,112.2,,{LOWER}")
    result = await take(county, gone, scope=TOWN)
    assert (result.merged, result.retired, told(result)) == (0, 1, ["successor_unusable"])


async def test_a_dry_run_tells_all_and_changes_nothing(county: Database) -> None:
    await tie(county, UPPER)
    await tie(county, LOWER)
    before = await everything(county)
    shorter = without(UPPER, LOWER) + f"{NEW},上河社区居委会,village,{TOWN},,,,\n"
    result = await take(county, shorter, scope=COUNTY, dry_run=True)
    assert (result.added, result.merged, result.retired, result.moved) == (1, 1, 1, 4)
    assert told(result) == ["people_left_behind"]
    assert await everything(county) == before
    with pytest.raises(Refusal):
        await take(county, f"{HEAD}\n110000000000,北京市,province,,,,,\n", scope=TOWN)
    assert await everything(county) == before, "another county's list retires nobody"


async def test_a_made_up_seat_never_replaces_a_surveyed_one_and_the_map_is_counted(county: Database) -> None:
    async def seats() -> list[object]:
        async with county.transaction() as tx:
            known = await areas_by_code(tx, [UPPER, MIDDLE])
            version = await tx.scalar(text("SELECT version FROM geometry_version"))
        return [*((known[code].lat, known[code].seat_made_up) for code in (UPPER, MIDDLE)), version]

    made_up = LIST.replace("35.7,112.2,,", "35.9,112.9,1,").replace(
        f"中河村委会,village,{TOWN},,,,", f"中河村委会,village,{TOWN},35.8,112.3,是,"
    )
    assert (await take(county, made_up)).changed == 1
    assert await seats() == [(35.7, False), (35.8, True), 3]
    assert (await take(county, LIST)).changed == 0, "a list without seats takes none away"
    surveyed = made_up.replace("35.8,112.3,是,", "35.81,112.3,,")
    assert (await take(county, surveyed)).changed == 1
    assert await seats() == [(35.7, False), (35.81, False), 4]


async def test_who_is_changed_in_the_very_moment_goes_with_the_village(county: Database) -> None:
    """Whoever writes a whole post has read the old code, and would put it back after the move."""
    _, post_id = await tie(county, UPPER)
    async with county.transaction() as tx:
        await lock_roster(tx)
        (post,) = read_as(
            Post, await tx.execute(select(*columns_of(Post, posts)).where(posts.c.id == post_id))
        )
        merging = asyncio.create_task(take(county, f"{HEAD}\n{UPPER},上河村,village,{TOWN},,,,{MIDDLE}\n"))
        await asyncio.wait([merging], timeout=0.5)
        await save_posts(tx, [], [replace(post, note="夜间打座机")])
    await merging
    assert (await places(county))[0] == {MIDDLE}
    async with county.transaction() as tx:
        assert await tx.scalar(select(posts.c.note).where(posts.c.id == post_id)) == "夜间打座机"


async def test_nobody_is_written_down_where_no_warning_leads(county: Database) -> None:
    """The list was read before the village was merged."""
    await tie(county, UPPER)
    async with county.transaction() as tx:
        (post, _) = read_as(Post, await tx.execute(select(*columns_of(Post, posts))))
    await take(county, f"{HEAD}\n{UPPER},上河村,village,{TOWN},,,,{MIDDLE}\n")
    async with county.transaction() as tx:
        with pytest.raises(Refusal, match="上河村"):
            await save_posts(tx, [replace(post, id=new_id(NOW))], [])
