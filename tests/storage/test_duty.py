"""The rota on a real PostgreSQL."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.store import contact_numbers_of, contacts_by_id, find_or_add_people
from jiaoying.duty.model import Absence, NobodyOnDuty, Standing
from jiaoying.duty.sheet import RotaImport, import_rota_file
from jiaoying.duty.store import all_desks, desks_of, who_stands
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database
from jiaoying.storage.schema import ledger_lines

NOW = datetime(2026, 8, 7, 2, 0, tzinfo=UTC)  # 10:00 in Shanxi
HOME = Locality("140521000000", "0356", ZoneInfo("Asia/Shanghai"))
AREAS = """code,name,level,parent_code
140521000000,沁水县,county,
140521100000,龙港镇,township,140521000000
140521100001,柳庄社区居委会,village,140521100000
140521206000,十里乡,township,140521000000
140522000000,阳城县,county,
"""
ROTA = """值班室,起,止,值班员,值班员手机,带班领导,带班领导手机,值班电话
沁水县应急值班室,2026-08-07 08:30,2026-08-08 08:30,甲员,10000000001,乙长,10000000002,0356-0000001
沁水县应急值班室,2026-08-08 08:30,2026-08-09 08:30,丙员,10000000003,乙长,,
龙港镇值班室,2026-08-07 08:30,2026-08-08 08:30,丁员,10000000004,,,0356-0000002
十里乡值班室,2026-08-05 08:30,2026-08-06 08:30,戊员,10000000005,,,0356-0000003
"""


@pytest.fixture
async def county(database: Database) -> Database:
    await import_area_file(database, SheetFile("areas.csv", AREAS.encode()), now=NOW)
    return database


async def take(database: Database, text: str = ROTA) -> RotaImport:
    file = SheetFile("值班表.csv", text.encode())
    return await import_rota_file(database, file, locality=HOME, now=NOW, people=find_or_add_people)


def counts(result: RotaImport) -> tuple[int, int, int]:
    return result.added, result.changed, result.unchanged


async def standing_now(database: Database, now: datetime) -> dict[str, Standing | NobodyOnDuty]:
    async with database.transaction() as tx:
        desks = await all_desks(tx)
        found = await who_stands(tx, [desk.id for desk in desks], now)
        return {desk.name: found[desk.id] for desk in desks}


async def test_a_rota_makes_desks_people_and_shifts(county: Database) -> None:
    result = await take(county)
    assert (counts(result), result.complaints) == ((4, 0, 0), ())
    found = await standing_now(county, NOW)
    officer = found["沁水县应急值班室"]
    assert isinstance(officer, Standing)
    async with county.transaction() as tx:
        people = await contacts_by_id(tx, [officer.officer_id, officer.leader_id or officer.officer_id])
        assert [people[officer.officer_id].name, people[officer.leader_id or NOW].name] == ["甲员", "乙长"]  # type: ignore[index]
        assert people[officer.officer_id].note is not None
        assert people[officer.officer_id].demonstration


async def test_where_nobody_stands_the_desks_own_number_is_named(county: Database) -> None:
    await take(county)
    nobody = (await standing_now(county, NOW))["十里乡值班室"]
    assert isinstance(nobody, NobodyOnDuty)
    assert nobody.reason is Absence.ENDED
    assert nobody.fallback_contact_id is not None
    async with county.transaction() as tx:
        (number,) = (await contact_numbers_of(tx, [nobody.fallback_contact_id]))[nobody.fallback_contact_id]
        contact = (await contacts_by_id(tx, [nobody.fallback_contact_id]))[nobody.fallback_contact_id]
    assert (number.number, contact.kind, contact.name) == ("+863560000003", "desk", "十里乡值班室")


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (datetime(2026, 8, 1, tzinfo=UTC), Absence.NOT_BEGUN),
        (datetime(2026, 8, 9, 0, 30, tzinfo=UTC), Absence.ENDED),
    ],
)
async def test_the_reason_is_told_from_the_nearest_shifts(
    county: Database, at: datetime, reason: Absence
) -> None:
    await take(county)
    nobody = (await standing_now(county, at))["沁水县应急值班室"]
    assert isinstance(nobody, NobodyOnDuty)
    assert nobody.reason is reason


async def test_a_gap_between_shifts_is_seen(county: Database) -> None:
    later = "十里乡值班室,2026-08-10 08:30,2026-08-11 08:30,戊员,10000000005,,,"
    await take(county, ROTA + later)
    nobody = (await standing_now(county, NOW))["十里乡值班室"]
    assert isinstance(nobody, NobodyOnDuty)
    assert nobody.reason is Absence.GAP


async def test_the_same_rota_again_changes_nothing(county: Database) -> None:
    await take(county)
    async with county.transaction() as tx:
        before = (await tx.execute(select(ledger_lines.c.id))).all()
    assert counts(await take(county)) == (0, 0, 4)
    async with county.transaction() as tx:
        assert (await tx.execute(select(ledger_lines.c.id))).all() == before


async def test_a_swap_changes_one_shift_and_is_told_in_the_ledger(county: Database) -> None:
    await take(county)
    swapped = ROTA.replace("甲员,10000000001", "丙员,10000000003")
    assert counts(await take(county, swapped)) == (0, 1, 3)
    async with county.transaction() as tx:
        events = (await tx.execute(select(ledger_lines.c.event).order_by(ledger_lines.c.id))).scalars().all()
    assert events[-1] == "shift.changed"


async def test_a_shift_that_overlaps_is_told_and_left_out(county: Database) -> None:
    head = ROTA.splitlines()[0]
    row = "沁水县应急值班室,2026-08-07 20:00,2026-08-08 20:00,己员,10000000006,,,"
    await take(county)
    result = await take(county, f"{head}\n{row}")
    assert counts(result) == (0, 0, 0)
    assert [(complaint.row, complaint.code) for complaint in result.complaints] == [(2, "shift_overlaps")]


async def test_unknown_desks_and_people_are_told(county: Database) -> None:
    rows = """值班室,起,止,值班员,值班员手机
火星值班室,2026-08-07 08:30,2026-08-08 08:30,甲员,10000000001
龙港镇值班室,2026-08-07 08:30,2026-08-08 08:30,查无此人,
"""
    result = await take(county, rows)
    assert counts(result) == (0, 0, 0)
    assert [(complaint.row, complaint.code) for complaint in result.complaints] == [
        (2, "desk_unknown"),
        (3, "officer_unknown"),
    ]


async def test_the_desks_of_an_area_stand_at_it_in_it_and_above_it(county: Database) -> None:
    await take(county)
    async with county.transaction() as tx:
        for codes, names in [
            (["140521100001"], {"沁水县应急值班室", "龙港镇值班室"}),
            (["140521000000"], {"沁水县应急值班室", "龙港镇值班室", "十里乡值班室"}),
            (["140522000000"], set[str]()),
            ([], set[str]()),
        ]:
            assert {desk.name for desk in await desks_of(tx, codes)} == names


async def test_shifts_change_hands_to_the_second(county: Database) -> None:
    await take(county)
    change = datetime(2026, 8, 8, 0, 30, tzinfo=UTC)
    before = (await standing_now(county, change - timedelta(seconds=1)))["沁水县应急值班室"]
    after = (await standing_now(county, change))["沁水县应急值班室"]
    assert isinstance(before, Standing)
    assert isinstance(after, Standing)
    assert before.shift.ends_at == after.shift.starts_at == change
    assert before.officer_id != after.officer_id
