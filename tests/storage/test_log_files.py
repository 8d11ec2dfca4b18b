"""Files of the duty log: they come with an entry, stay through its corrections, and are struck, not lost."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.privacy.erasing import ERASED_NAME, erase_person
from jiaoying.contacts.store import find_or_add_people
from jiaoying.duty.actions import Doer
from jiaoying.duty.log import LogFields, LogKind
from jiaoying.duty.log_file_store import file_by_id, files_of, take_file
from jiaoying.duty.log_files import MOST_LOG_FILES, CheckedFile, GivenFile, LogFile, checked_file
from jiaoying.duty.log_store import correct_entry, search, versions_of, write_entry
from jiaoying.duty.store import save_desk
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.phone import Number, NumberKind
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import ledger_lines, ledger_particulars, log_entries, log_files

NOW = datetime(2026, 8, 7, 15, 30, 20, tzinfo=UTC)
BY = Doer("user:王芳", "", NOW, ZoneInfo("Asia/Shanghai"))
WHY = replace(BY, reason="补充附件")
LETTER = LogFields(NOW, LogKind.LETTER, "省防指通知", unit="省防指")


def pdf(name: str) -> CheckedFile:
    return checked_file(GivenFile(f"{name}.pdf", b"%PDF-1.7\n" + name.encode()))


@pytest.fixture
async def desk_id(database: Database) -> UUID:
    areas = "code,name,level,parent_code\n140521000000,沁水县,county,\n"
    await import_area_file(database, SheetFile("areas.csv", areas.encode()), now=NOW)
    async with database.transaction() as tx:
        return (await save_desk(tx, "140521000000", "县应急值班室", None, now=NOW, actor="test")).id


async def files(tx: Tx, first_id: UUID) -> list[LogFile]:
    return (await files_of(tx, [first_id])).get(first_id, [])


async def lines(tx: Tx, event: str) -> list[tuple[Any, Any]]:
    rows = await tx.execute(
        select(ledger_lines.c.facts, ledger_particulars.c.body)
        .outerjoin(ledger_particulars, ledger_particulars.c.line_id == ledger_lines.c.id)
        .where(ledger_lines.c.event == event)
        .order_by(ledger_lines.c.id)
    )
    return [(row.facts, row.body) for row in rows]


async def test_a_file_comes_with_its_entry_and_the_ledger_knows_what_it_was(
    database: Database, desk_id: UUID
) -> None:
    async with database.transaction() as tx:
        entry = await write_entry(tx, desk_id, LETTER, BY, [pdf("通知")])
        (file,) = await files(tx, entry.first_id)
        assert (file.name, file.added_with, file.struck_with, file.added_by) == (
            "通知.pdf",
            entry.id,
            None,
            "user:王芳",
        )
        assert await take_file(tx, file, BY) == pdf("通知").body
        ((facts, told),) = await lines(tx, "log.written")
        ((taken, _),) = await lines(tx, "log.file_taken")
    body = pdf("通知").body
    assert facts["files"] == [
        {
            "id": str(file.id),
            "media_type": "application/pdf",
            "size": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
    ]
    assert told["files"] == ["通知.pdf"]
    assert taken["file"] == str(file.id)


async def test_corrections_keep_the_files_add_some_and_strike_one(database: Database, desk_id: UUID) -> None:
    async with database.transaction() as tx:
        entry = await write_entry(tx, desk_id, LETTER, BY, [pdf("一"), pdf("二")])
        second = await correct_entry(tx, entry.first_id, replace(LETTER, content="市防指通知"), WHY)
        assert {file.name for file in await files(tx, entry.first_id)} == {"一.pdf", "二.pdf"}
        (struck,) = [file for file in await files(tx, entry.first_id) if file.name == "一.pdf"]
        third = await correct_entry(tx, entry.first_id, LETTER, WHY, [pdf("三"), pdf("二")], {struck.id})
        found = {file.name: file for file in await files(tx, entry.first_id)}
        assert {name: file.added_with for name, file in found.items()} == {
            "一.pdf": entry.id,
            "二.pdf": entry.id,
            "三.pdf": third.id,
        }
        assert {name: file.struck_with for name, file in found.items()} == {
            "一.pdf": third.id,
            "二.pdf": None,
            "三.pdf": None,
        }
        assert await take_file(tx, found["一.pdf"], BY) == pdf("一").body
        told = await lines(tx, "log.corrected")
        assert [facts.get("struck") for facts, _ in told] == [None, [str(struck.id)]]
        # What was struck may come again.
        await correct_entry(tx, entry.first_id, LETTER, WHY, [pdf("一")])
        assert [file.name for file in await files(tx, entry.first_id) if not file.struck_with].count(
            "一.pdf"
        ) == 1
    assert second.version == 2


async def test_what_was_struck_or_is_of_another_entry_is_not_struck_again(
    database: Database, desk_id: UUID
) -> None:
    async with database.transaction() as tx:
        entry = await write_entry(tx, desk_id, LETTER, BY, [pdf("一")])
        other = await write_entry(tx, desk_id, LETTER, BY, [pdf("一")])
        (file,), (theirs,) = await files(tx, entry.first_id), await files(tx, other.first_id)
        await correct_entry(tx, entry.first_id, LETTER, WHY, struck={file.id})
        for wrong in (file.id, theirs.id, new_id(NOW)):
            with pytest.raises(Refusal, match="已划去"):
                await correct_entry(tx, entry.first_id, LETTER, WHY, struck={wrong})
        assert (await files(tx, other.first_id))[0].struck_with is None
        assert len(await versions_of(tx, entry.first_id)) == 2


async def test_of_two_who_strike_the_same_file_at_once_one_is_told(database: Database, desk_id: UUID) -> None:
    async with database.transaction() as tx:
        entry = await write_entry(tx, desk_id, LETTER, BY, [pdf("一")])
        (file,) = await files(tx, entry.first_id)

    async def strike() -> None:
        async with database.transaction() as tx:
            await correct_entry(tx, entry.first_id, LETTER, WHY, struck={file.id})

    done = await asyncio.gather(strike(), strike(), return_exceptions=True)
    assert [type(one) for one in done if one] == [Refusal]
    async with database.transaction() as tx:
        assert len(await versions_of(tx, entry.first_id)) == 2


async def test_only_so_many_stand_at_an_entry_and_a_refused_one_writes_nothing(
    database: Database, desk_id: UUID
) -> None:
    many = [pdf(str(number)) for number in range(MOST_LOG_FILES)]
    async with database.transaction() as tx:
        entry = await write_entry(tx, desk_id, LETTER, BY, many)
        with pytest.raises(Refusal, match="最多"):
            await correct_entry(tx, entry.first_id, LETTER, WHY, [pdf("多")])
        with pytest.raises(Refusal, match="最多"):
            await write_entry(tx, desk_id, LETTER, BY, [*many, pdf("多")])
        (first, *_) = await files(tx, entry.first_id)
        await correct_entry(tx, entry.first_id, LETTER, WHY, [pdf("多")], {first.id})
        assert len(list(await tx.scalars(select(log_entries.c.id)))) == 2
        standing = [file for file in await files(tx, entry.first_id) if not file.struck_with]
        assert len(standing) == MOST_LOG_FILES


async def test_a_file_is_found_by_its_name_while_it_stands(database: Database, desk_id: UUID) -> None:
    async with database.transaction() as tx:
        entry = await write_entry(tx, desk_id, LETTER, BY, [pdf("山洪风险图")])
        found = await search(tx, "风险图 防指", NOW, NOW.replace(year=2027), desk_id)
        assert found == [entry]
        (file,) = await files(tx, entry.first_id)
        await correct_entry(tx, entry.first_id, LETTER, WHY, struck={file.id})
        assert await search(tx, "风险图", NOW, NOW.replace(year=2027)) == []


async def test_a_file_from_their_own_telephone_goes_with_whoever_is_erased(
    database: Database, desk_id: UUID
) -> None:
    """What an office sent about them stays a document of the office; its name does not name them."""
    number = Number("+8610000000001", NumberKind.MOBILE)
    async with database.transaction() as tx:
        (person,) = await find_or_add_people(tx, [("赵演示", number)], now=NOW, note="test", actor="test")
        assert person
        own = await write_entry(
            tx, desk_id, replace(LETTER, caller="赵演示", phone="10000000001"), BY, [pdf("现场")]
        )
        office = await write_entry(tx, desk_id, LETTER, BY, [pdf("关于赵演示的通知")])
    await erase_person(database, person, reason="本人申请", now=NOW, actor="keeper")
    async with database.transaction() as tx:
        (theirs,), (kept,) = await files(tx, own.first_id), await files(tx, office.first_id)
        assert (theirs.erased, theirs.name) == (True, ERASED_NAME)
        assert await take_file(tx, theirs, BY) is None
        assert (kept.erased, kept.name) == (False, f"关于{ERASED_NAME}的通知.pdf")
        assert await take_file(tx, kept, BY) is not None
        assert await lines(tx, "log.file_taken") == [(
            {"entry": str(office.first_id), "file": str(kept.id), "sha256": kept.sha256.hex()}, None,
        )]  # fmt: skip
        assert await file_by_id(tx, new_id(NOW)) is None


async def test_the_tables_refuse_what_the_program_would_not_write(database: Database, desk_id: UUID) -> None:
    async with database.transaction() as tx:
        entry = await write_entry(tx, desk_id, LETTER, BY, [pdf("一")])
        (file,) = await files(tx, entry.first_id)
    with pytest.raises(IntegrityError, match="struck_later"):
        async with database.transaction() as tx:
            await tx.execute(log_files.update().values(struck_with=entry.id))
    async with database.transaction() as tx:
        row = (await tx.execute(select(log_files).where(log_files.c.id == file.id))).mappings().one()
    with pytest.raises(IntegrityError, match="log_files_once_idx"):
        async with database.transaction() as tx:
            await tx.execute(log_files.insert().values({**row, "id": new_id(NOW)}))
