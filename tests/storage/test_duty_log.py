"""The duty log on a real PostgreSQL."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.privacy.erasing import erase_person
from jiaoying.contacts.store import find_or_add_people
from jiaoying.duty.actions import Doer
from jiaoying.duty.log import LogEntry, LogFields, LogKind, OwnLine
from jiaoying.duty.log_store import correct_entry, log_between, search, versions_of, write_entry
from jiaoying.duty.store import save_desk
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.phone import Number, NumberKind
from jiaoying.kernel.sheets import SheetFile
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database
from jiaoying.storage.schema import ledger_lines

NOW = datetime(2026, 8, 7, 15, 30, 20, tzinfo=UTC)
BY = Doer("值班员", "", NOW, ZoneInfo("Asia/Shanghai"))
BEGIN, END = NOW - timedelta(hours=15), NOW + timedelta(hours=9)
CALL = LogFields(
    NOW - timedelta(minutes=3),
    LogKind.CALL_IN,
    "梁庄村后山有落石，已设警戒",
    unit="龙港镇",
    caller="赵演示 镇长",
    phone="10000000001",
    handling="23:32 报告带班领导",
)


@pytest.fixture
async def desk_id(database: Database) -> UUID:
    areas = "code,name,level,parent_code\n140521000000,沁水县,county,\n"
    await import_area_file(database, SheetFile("areas.csv", areas.encode()), now=NOW)
    async with database.transaction() as tx:
        return (await save_desk(tx, "140521000000", "县应急值班室", None, now=NOW, actor="test")).id


async def test_a_correction_keeps_what_stood_there_before(database: Database, desk_id: UUID) -> None:
    async with database.transaction() as tx:
        first = await write_entry(tx, desk_id, CALL, BY)
        with pytest.raises(Refusal, match="更正原因"):
            await correct_entry(tx, first.id, replace(CALL, content="梁庄村前山有落石"), BY)
        again = await correct_entry(
            tx, first.id, replace(CALL, content="梁庄村前山有落石"), replace(BY, reason="听错方位")
        )
        (shown,) = _written(await log_between(tx, desk_id, BEGIN, END))
        versions = await versions_of(tx, first.id)
        events = list(await tx.scalars(select(ledger_lines.c.event).order_by(ledger_lines.c.id)))[-2:]
    assert shown == again
    assert [entry.content for entry in versions] == [CALL.content, "梁庄村前山有落石"]
    assert events == ["log.written", "log.corrected"]


async def test_two_corrections_at_once_are_two_versions(database: Database, desk_id: UUID) -> None:
    async with database.transaction() as tx:
        first = await write_entry(tx, desk_id, CALL, BY)

    async def correct(content: str) -> None:
        async with database.transaction() as tx:
            await correct_entry(tx, first.id, replace(CALL, content=content), replace(BY, reason="补充"))

    await asyncio.gather(*(correct(f"第{number}稿") for number in range(4)))
    async with database.transaction() as tx:
        assert [entry.version for entry in await versions_of(tx, first.id)] == [1, 2, 3, 4, 5]


async def test_what_the_program_did_stands_between_in_its_minute(database: Database, desk_id: UUID) -> None:
    warning_id, listed = new_id(NOW), "responsibility.listed"
    minute = NOW.replace(second=0) - timedelta(minutes=5)
    entries = [Entry(minute + timedelta(seconds=n), listed, "escalate", warning_id) for n in range(12)]
    entries += [Entry(minute + timedelta(seconds=70), listed, "escalate", warning_id)]
    entries += [Entry(minute, "attempt.claimed", "send", warning_id)]
    async with database.transaction() as tx:
        await append_entries(tx, entries)
        written = await write_entry(tx, desk_id, CALL, BY)
        log = await log_between(tx, desk_id, BEGIN, END)
    assert [(line.count, line.at) for line in log if isinstance(line, OwnLine)] == [
        (12, minute),
        (1, minute + timedelta(seconds=70)),
    ]
    assert log[-1] == written


async def test_words_are_found_wherever_they_stand(database: Database, desk_id: UUID) -> None:
    async with database.transaction() as tx:
        first = await write_entry(tx, desk_id, CALL, BY)
        other = replace(CALL, content="100%正常", unit="十里乡", handling="", caller="", phone="")
        second = await write_entry(tx, desk_id, other, BY)
        assert await search(tx, "龙港 落石", BEGIN, END) == [first]
        assert await search(tx, "0%", BEGIN, END, desk_id) == [second]
        assert await search(tx, "_", BEGIN, END) == []
        assert await search(tx, "", NOW, END) == []
        await correct_entry(tx, first.id, replace(CALL, content="无险情"), replace(BY, reason="复核"))
        assert await search(tx, "落石", BEGIN, END) == []


async def test_whoever_is_erased_leaves_the_log_too(database: Database, desk_id: UUID) -> None:
    number = Number("+8610000000001", NumberKind.MOBILE)
    async with database.transaction() as tx:
        people = await find_or_add_people(tx, [("赵演示", number)], now=NOW, note="test", actor="test")
        assert people[0]
        first = await write_entry(tx, desk_id, CALL, BY)
        await correct_entry(tx, first.id, replace(CALL, content="无险情"), replace(BY, reason="赵演示更正"))
    await erase_person(database, people[0], reason="本人申请", now=NOW, actor="keeper")
    async with database.transaction() as tx:
        versions = await versions_of(tx, first.id)
    assert not any("赵演示" in f"{entry.caller}{entry.reason}" for entry in versions)
    assert not any("0000000001" in entry.phone for entry in versions)
    assert versions[0].content == CALL.content


async def test_what_is_wrong_is_named_by_its_field(database: Database, desk_id: UUID) -> None:
    async with database.transaction() as tx:
        with pytest.raises(Refusal) as refused:
            await write_entry(
                tx, desk_id, replace(CALL, content=" ", at=NOW + timedelta(hours=1), unit="长" * 101), BY
            )
    assert [complaint.field for complaint in refused.value.complaints] == ["content", "at", "unit"]


def _written(lines: Sequence[LogEntry | OwnLine]) -> list[LogEntry]:
    return [line for line in lines if isinstance(line, LogEntry)]
