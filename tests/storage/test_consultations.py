"""Consultations: entries of the duty log with fields of their own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from jiaoying.duty.actions import Doer
from jiaoying.duty.consultations import (
    consultations_about,
    consultations_between,
    open_consultations,
    warnings_to_consult_on,
)
from jiaoying.duty.log import LogEntry, LogFields, LogKind
from jiaoying.duty.log_store import correct_entry, log_between, search, versions_of, write_entry
from jiaoying.duty.store import save_desk
from jiaoying.kernel.errors import Refusal
from jiaoying.storage.database import Database
from jiaoying.storage.schema import issued_warnings, log_entries
from storage.county import NOW as WARNED
from storage.county import TOWN, add_areas, add_warning

NOW = datetime(2026, 8, 7, 15, 30, 20, tzinfo=UTC)
BY = Doer("user:王芳", "", NOW, ZoneInfo("Asia/Shanghai"))
WHY = replace(BY, reason="补记决定")
BEGIN, END = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
HELD = LogFields(
    NOW,
    LogKind.CONSULTATION,
    "未来三小时仍有短时强降水",
    place="县应急指挥中心（视频）",
    host="郑演示 副县长",
    units="应急局、气象局、水务局",
    decision="维持Ⅲ级响应",
)


@pytest.fixture
async def desk_id(database: Database) -> UUID:
    async with database.transaction() as tx:
        await add_areas(tx)
        return (await save_desk(tx, TOWN, "龙港镇值班室", None, now=NOW, actor="test")).id


async def test_it_stands_in_the_log_and_is_found_by_all_that_it_says(
    database: Database, desk_id: UUID
) -> None:
    async with database.transaction() as tx:
        held = await write_entry(tx, desk_id, HELD, BY)
        written = [line for line in await log_between(tx, desk_id, BEGIN, END) if isinstance(line, LogEntry)]
        assert written == [held]
        await write_entry(tx, desk_id, LogFields(NOW, LogKind.LETTER, "通知"), BY)
        for word in ("指挥中心", "郑演示", "气象局", "强降水", "Ⅲ级", "会商"):
            assert await search(tx, word, BEGIN, END) == [held]


async def test_it_is_put_right_by_versions_and_stays_a_consultation(
    database: Database, desk_id: UUID
) -> None:
    async with database.transaction() as tx:
        held = await write_entry(tx, desk_id, HELD, BY)
        again = await correct_entry(tx, held.first_id, replace(HELD, decision="升为Ⅱ级响应"), WHY)
        assert [one.decision for one in await versions_of(tx, held.first_id)] == [
            "维持Ⅲ级响应",
            "升为Ⅱ级响应",
        ]
        assert await consultations_between(tx, BEGIN, END) == [again]
        with pytest.raises(Refusal, match="不能互改"):
            await correct_entry(tx, held.first_id, LogFields(NOW, LogKind.OTHER, "别的"), WHY)
        call = await write_entry(tx, desk_id, LogFields(NOW, LogKind.CALL_IN, "来电"), BY)
        with pytest.raises(Refusal, match="不能互改"):
            await correct_entry(tx, call.first_id, HELD, WHY)


async def test_what_it_lacks_is_named_by_its_field(database: Database, desk_id: UUID) -> None:
    async with database.transaction() as tx:
        with pytest.raises(Refusal) as refused:
            await write_entry(tx, desk_id, replace(HELD, place=" ", host="", units="", content=""), BY)
        assert [complaint.field for complaint in refused.value.complaints] == [
            "content",
            "place",
            "host",
            "units",
        ]
        with pytest.raises(Refusal, match="只有会商"):
            await write_entry(tx, desk_id, replace(HELD, kind=LogKind.OTHER), BY)


async def test_whoever_takes_over_hears_of_those_without_a_decision_and_of_running_warnings(
    database: Database, desk_id: UUID
) -> None:
    async with database.transaction() as tx:
        other_desk = (await save_desk(tx, TOWN, "郑庄镇值班室", None, now=NOW, actor="test")).id
        warning_id = await add_warning(tx)
        await write_entry(tx, desk_id, replace(HELD, at=NOW - timedelta(minutes=4)), BY)
        undecided = await write_entry(
            tx, desk_id, replace(HELD, decision="", at=NOW - timedelta(minutes=3)), BY
        )
        about = await write_entry(tx, other_desk, replace(HELD, warning_id=warning_id), BY)
        assert await open_consultations(tx, WARNED) == [undecided, about]
        assert await open_consultations(tx, WARNED, desk_id) == [undecided]
        assert await consultations_about(tx, [warning_id]) == [about]
        await correct_entry(tx, undecided.first_id, replace(HELD, at=undecided.at), WHY)
        assert await open_consultations(tx, WARNED) == [about]
        # Everybody was reached: it is in force all the same, until its time is over.
        await tx.execute(update(issued_warnings).values(state="closed"))
        assert await open_consultations(tx, WARNED) == [about]
        assert await open_consultations(tx, WARNED + timedelta(days=30)) == []
        await tx.execute(update(issued_warnings).values(state="withdrawn"))
        assert await open_consultations(tx, WARNED) == []
        assert await consultations_between(tx, BEGIN, END, other_desk) == [about]
        assert await consultations_between(tx, END, END + timedelta(days=1)) == []


async def test_one_consults_about_warnings_in_force(database: Database, desk_id: UUID) -> None:
    async with database.transaction() as tx:
        warning_id = await add_warning(tx)
        assert list(await warnings_to_consult_on(tx, WARNED)) == [warning_id]
        await tx.execute(update(issued_warnings).values(state="closed", closed_at=WARNED))
        assert list(await warnings_to_consult_on(tx, WARNED)) == [warning_id]
        later = WARNED + timedelta(days=30)
        assert await warnings_to_consult_on(tx, later) == {}
        assert list(await warnings_to_consult_on(tx, later, also=warning_id)) == [warning_id]
        await tx.execute(update(issued_warnings).values(purpose="roll_call"))
        assert await warnings_to_consult_on(tx, WARNED) == {}


async def test_no_other_entry_has_its_fields_and_it_has_all(database: Database, desk_id: UUID) -> None:
    async with database.transaction() as tx:
        held = await write_entry(tx, desk_id, HELD, BY)
    for wrong in ({"host": ""}, {"kind": "other"}):
        with pytest.raises(IntegrityError, match="consultation_has_its_fields"):
            async with database.transaction() as tx:
                await tx.execute(update(log_entries).where(log_entries.c.id == held.id).values(**wrong))
