"""The demonstration county on a real PostgreSQL."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from jiaoying.contacts.areas.holder import AreaHolder
from jiaoying.contacts.importing.at_once import import_roster_file
from jiaoying.contacts.store import contact_numbers_of
from jiaoying.demonstration.data_files import ROSTER, demonstration_file
from jiaoying.demonstration.load import load_demonstration
from jiaoying.demonstration.people import COUNTY
from jiaoying.duty.model import Absence, NobodyOnDuty, Standing
from jiaoying.duty.store import all_desks, who_stands
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.polygon_rule import TOUCH
from jiaoying.storage.database import Database
from jiaoying.storage.schema import contact_numbers, contacts, desks, ledger_lines, posts, shifts
from jiaoying.warnings.model import Circle

SHANXI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 15, 19, 0, tzinfo=UTC)  # 03:00 the next morning in Shanxi


async def totals(database: Database) -> list[int]:
    async with database.transaction() as tx:
        return [
            int(await tx.scalar(select(func.count()).select_from(table)) or 0)
            for table in (contacts, contact_numbers, posts, desks, shifts, ledger_lines)
        ]


async def standing_at(database: Database, now: datetime) -> dict[str, Standing | NobodyOnDuty]:
    async with database.transaction() as tx:
        every = await all_desks(tx)
        found = await who_stands(tx, [desk.id for desk in every], now)
        return {desk.name: found[desk.id] for desk in every}


async def test_the_county_is_loaded_once_and_marked(database: Database) -> None:
    await load_demonstration(database, NOW, SHANXI)
    before = await totals(database)
    await load_demonstration(database, NOW + timedelta(minutes=1), SHANXI)
    assert await totals(database) == before
    async with database.transaction() as tx:
        unmarked = select(func.count()).select_from(contacts).where(~contacts.c.demonstration)
        assert await tx.scalar(unmarked) == 0
        assert await tx.scalar(select(func.count()).select_from(posts).where(~posts.c.demonstration)) == 0
        people = list((await tx.execute(select(contacts.c.id))).scalars())
        assert all((await contact_numbers_of(tx, people)).values()), "everybody can be called"
        index = await AreaHolder(COUNTY).newest(tx)
    touched = {found.code for found in index.touched([], [Circle(35.69, 112.19, 5)], TOUCH)}
    assert COUNTY in touched
    assert any(code != COUNTY for code in touched), "villages have seats"


async def test_somebody_stands_at_every_desk_but_the_forgotten_one(database: Database) -> None:
    await load_demonstration(database, NOW, SHANXI)
    for days in (0, 1, 6, 12):
        found = await standing_at(database, NOW + timedelta(days=days))
        nobody = {name: answer for name, answer in found.items() if isinstance(answer, NobodyOnDuty)}
        assert list(nobody) == ["十里乡值班室"]
        assert nobody["十里乡值班室"].reason is Absence.ENDED
        assert nobody["十里乡值班室"].fallback_contact_id is not None


async def test_a_later_start_continues_the_rota_and_keeps_what_was_there(database: Database) -> None:
    await load_demonstration(database, NOW, SHANXI)
    before = await standing_at(database, NOW + timedelta(days=3))
    later = NOW + timedelta(days=20)
    assert isinstance((await standing_at(database, later))["龙港镇值班室"], NobodyOnDuty)
    await load_demonstration(database, later, SHANXI)
    assert await standing_at(database, NOW + timedelta(days=3)) == before
    found = await standing_at(database, later)
    assert [name for name, answer in found.items() if isinstance(answer, NobodyOnDuty)] == ["十里乡值班室"]


async def test_the_roster_imported_by_hand_changes_nothing(database: Database) -> None:
    await load_demonstration(database, NOW, SHANXI)
    home = Locality(COUNTY, "0356", SHANXI)
    result = await import_roster_file(database, demonstration_file(ROSTER), locality=home, now=NOW)
    counts = result.counts
    assert (counts.posts_added, counts.posts_changed, counts.posts_ended) == (0, 0, 0)
    assert result.complaints == ()
    assert counts.posts_unchanged > 400
