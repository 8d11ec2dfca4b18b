"""Between an import and its undo people leave: what is put back never stands on somebody who is gone."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.importing.at_once import import_roster_file
from jiaoying.contacts.importing.imports import RosterImport, undo_import
from jiaoying.contacts.privacy.erasing import erase_person
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database

NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
HOME = Locality("140521000000", "0356", ZoneInfo("Asia/Shanghai"))
VILLAGE = "140521100001"
AREAS = f"""code,name,level,parent_code
140521000000,沁水县,county,
140521100000,龙港镇,township,140521000000
{VILLAGE},柳庄村委会,village,140521100000
"""
HEAD = "姓名,手机,责任区域,岗位,灾种,B角,B角手机"
ZHAO = "赵川,10000000001,柳庄村,防汛责任人,防汛,,"
POINT_HEAD = "隐患点编号,隐患点名称,类型,责任区域,监测人,监测人手机,户主,家庭人口,帮扶人,帮扶人手机"
HELPED = "QS-01,后山滑坡,滑坡,柳庄村,钱海,10000000002,周一,3,赵川,10000000001"


@pytest.fixture
async def county(database: Database) -> Database:
    await import_area_file(database, SheetFile("areas.csv", AREAS.encode()), now=NOW)
    return database


async def take(database: Database, *lines: str, head: str = HEAD, scope: str | None = None) -> RosterImport:
    return await import_roster_file(
        database,
        SheetFile("名单.csv", "\n".join((head, *lines)).encode()),
        locality=HOME,
        now=NOW,
        replace_scope=scope,
        confirm_ended=1 if scope else None,
    )


async def values(database: Database, statement: str, **given: object) -> list[object]:
    async with database.transaction() as tx:
        result = await tx.execute(text(statement), given)
        return list(result.scalars()) if result.returns_rows else []


async def erased(database: Database) -> None:
    (person,) = await values(database, "SELECT id FROM contacts WHERE name = '赵川'")
    assert isinstance(person, UUID)
    await erase_person(database, person, reason="本人申请", actor="keeper", now=NOW)


async def retired(database: Database) -> None:
    await values(database, "UPDATE contacts SET retired_at = now() WHERE name = '赵川'")


Leave = Callable[[Database], Awaitable[None]]


@pytest.mark.parametrize("leave", [erased, retired])
async def test_a_post_is_not_given_back_to_somebody_who_left(county: Database, leave: Leave) -> None:
    await take(county, ZHAO)
    done = await take(county, "高山,10000000009,柳庄村,防汛责任人,防汛,,", scope=VILLAGE)
    await leave(county)
    with pytest.raises(Refusal, match="1"):
        await undo_import(county, done.id, locality=HOME, now=NOW, actor="keeper")
    held = "SELECT name FROM posts JOIN contacts ON contacts.id = holder_id WHERE valid_to IS NULL"
    assert await values(county, held) == ["高山"]


@pytest.mark.parametrize("leave", [erased, retired])
async def test_a_deputy_who_left_is_not_put_back(county: Database, leave: Leave) -> None:
    line = "高山,10000000009,柳庄村,防汛责任人,防汛,{},{}"
    await take(county, line.format("赵川", "10000000001"))
    done = await take(county, line.format("周河", "10000000005"))
    await leave(county)
    with pytest.raises(Refusal, match="1"):
        await undo_import(county, done.id, locality=HOME, now=NOW, actor="keeper")
    assert await values(county, "SELECT name FROM posts JOIN contacts ON contacts.id = deputy_id") == ["周河"]


@pytest.mark.parametrize("leave", [erased, retired])
async def test_a_household_is_not_given_back_to_a_helper_who_left(county: Database, leave: Leave) -> None:
    await take(county, HELPED, head=POINT_HEAD)
    done = await take(county, HELPED.replace("赵川,10000000001", "周河,10000000005"), head=POINT_HEAD)
    await leave(county)
    with pytest.raises(Refusal, match="1"):
        await undo_import(county, done.id, locality=HOME, now=NOW, actor="keeper")
    helper = "SELECT name FROM threatened_households JOIN contacts ON contacts.id = helper_id"
    assert await values(county, helper) == ["周河"]


@pytest.mark.parametrize("seat", ["holder_id", "deputy_id", "superior_id"])
async def test_whom_a_warning_calls_keeps_what_they_were_given_since(county: Database, seat: str) -> None:
    """They would be off the roster, and the post would go on as theirs."""
    done = await take(county, ZHAO)
    await values(
        county,
        "INSERT INTO issued_warnings (id, source, sender, identifier, version, content_sha256, kind,"
        " exercise, hazard, event, colour, headline, text, area_names, area_codes, sent_at, valid_from,"
        " valid_to, received_at, state, reference) VALUES (gen_random_uuid(), 't', 's', 'i', 1, '', 'alert',"
        " false, 'rain', '暴雨', 'red', '暴雨', '', '', '{}', :now, :now, :now, :now, 'matched', 'A7')",
        now=NOW,
    )
    await values(
        county,
        "INSERT INTO call_outs (id, warning_id, contact_id, state, priority, channels, tries, gap_s, round,"
        " next_at, matched_at) SELECT gen_random_uuid(), w.id, c.id, 'open', 1, '{sms}', 1, 1, 0, :now, :now"
        " FROM issued_warnings AS w, contacts AS c",
        now=NOW,
    )
    await values(
        county,
        f"INSERT INTO posts (id, area_code, kind, level, tier, {seat})"
        " SELECT gen_random_uuid(), :village, '护林员', 'village', 'village', id FROM contacts",
        village=VILLAGE,
    )
    with pytest.raises(Refusal, match="1"):
        await undo_import(county, done.id, locality=HOME, now=NOW, actor="keeper")
    assert await values(county, "SELECT name FROM contacts WHERE retired_at IS NULL") == ["赵川"]
