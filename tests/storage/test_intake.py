"""What arrives is stored once, in its chain, and told."""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from shapely import to_wkb
from shapely.geometry import box
from sqlalchemy import insert, select, update
from sqlalchemy.exc import ProgrammingError

from jiaoying.kernel.ids import reference_pool
from jiaoying.storage.database import Database
from jiaoying.storage.schema import area_shapes, areas, issued_warnings, ledger_lines, received_messages
from jiaoying.warnings.intake import Disposition, Receipt, take_in
from jiaoying.warnings.store import find_replaced
from unit.warnings.samples import IDENTIFIER, NOW, SENDER, alert, area, geocode, info

HOME = "140521000000"
LATER = "2026-07-15T17:30:00+08:00"
ELSEWHERE = "39.5,116.1 39.5,116.2 39.6,116.2 39.5,116.1"
INSIDE = "35.5,112.1 35.5,112.2 35.6,112.2 35.5,112.1"


async def push(
    database: Database,
    body: bytes,
    *,
    now: datetime = NOW,
    wall: datetime | None = None,
    source: str = "bureau",
) -> Receipt:
    """Hand in one message."""
    [receipt] = await take_in(
        database,
        body,
        media_type="application/cap+xml",
        source=source,
        now=now,
        wall=now if wall is None else wall,
        home_area=HOME,
    )
    return receipt


async def warnings(database: Database) -> Sequence[Any]:
    async with database.transaction() as tx:
        return (await tx.execute(select(issued_warnings).order_by(issued_warnings.c.id))).all()


async def messages(database: Database) -> Sequence[Any]:
    async with database.transaction() as tx:
        return (await tx.execute(select(received_messages).order_by(received_messages.c.id))).all()


async def events(database: Database) -> list[tuple[str, UUID | None]]:
    async with database.transaction() as tx:
        rows = await tx.execute(
            select(ledger_lines.c.event, ledger_lines.c.warning_id).order_by(ledger_lines.c.id)
        )
        return [(row.event, row.warning_id) for row in rows]


async def set_state(database: Database, warning_id: UUID, state: str) -> None:
    async with database.transaction() as tx:
        await tx.execute(
            update(issued_warnings).where(issued_warnings.c.id == warning_id).values(state=state)
        )


def named(*identifiers: str, sender: str = SENDER) -> str:
    """References as the Chinese feed writes them: the third member is the message's own `sent`."""
    return " ".join(f"{sender},{identifier},{LATER}" for identifier in identifiers)


def answer(kind: str, identifier: str, *targets: str, block: str = "", **changes: str | None) -> bytes:
    """An Update or Cancel an hour later."""
    return alert(
        block or info(effective=LATER),
        msgType=kind,
        identifier=identifier,
        sent=LATER,
        references=named(*targets),
        **changes,
    )


HOUR_LATER = NOW + timedelta(hours=1)


# --- stored ---


async def test_a_warning_is_stored_with_its_bytes_and_told(database: Database) -> None:
    body = alert()
    receipt = await push(database, body)
    [row], [message] = await warnings(database), await messages(database)
    assert receipt == Receipt(IDENTIFIER, (row.id,), Disposition.ACCEPTED, None, ())
    assert (message.body, message.source, message.media_type) == (body, "bureau", "application/cap+xml")
    assert (message.disposition, message.complaints) == ("accepted", [])
    assert (row.message_id, row.state, row.version, row.kind) == (message.id, "received", 1, "alert")
    assert (row.hazard, row.colour, row.area_codes) == ("rain", "yellow", [HOME])
    assert (row.received_at, row.valid_to) == (NOW, NOW + timedelta(hours=6))
    assert row.reference == reference_pool()[0]
    assert await events(database) == [("warning.received", row.id)]


async def test_what_is_refused_is_kept_byte_for_byte(database: Database) -> None:
    body = b'<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + alert()
    receipt = await push(database, body)
    [message] = await messages(database)
    assert receipt.disposition is Disposition.REJECTED
    assert (receipt.identifier, receipt.warning_ids) == (None, ())
    assert (message.body, message.disposition) == (body, "rejected")
    assert [complaint["code"] for complaint in message.complaints] == ["doctype"]
    assert message.reason
    assert await warnings(database) == []
    assert await events(database) == [("message.rejected", None)]


async def test_a_refused_message_names_itself_where_it_can(database: Database) -> None:
    receipt = await push(database, alert(status=None))
    assert (receipt.identifier, receipt.disposition) == (IDENTIFIER, Disposition.REJECTED)
    assert [complaint.field for complaint in receipt.complaints] == ["status"]


async def test_complaints_of_an_accepted_message_are_kept(database: Database) -> None:
    receipt = await push(database, alert(info(expires=None)))
    [message] = await messages(database)
    assert receipt.disposition is Disposition.ACCEPTED
    assert [one.code for one in receipt.complaints] == ["no-expires"]
    assert [one["code"] for one in message.complaints] == ["no-expires"]


async def test_geometry_is_stored_as_it_was_read(database: Database) -> None:
    await push(database, alert(info(area(f"<polygon>{INSIDE}</polygon><circle>35.6,112.1 5</circle>"))))
    [row] = await warnings(database)
    assert row.polygons == [[[35.5, 112.1], [35.5, 112.2], [35.6, 112.2], [35.5, 112.1]]]
    assert row.circles == [{"lat": 35.6, "lon": 112.1, "radius_km": 5.0}]


# --- repeated, and said anew ---


async def test_the_same_message_again_is_a_duplicate(database: Database) -> None:
    first = await push(database, alert())
    again = await push(database, alert().replace(b"><", b">\n<"), now=HOUR_LATER)
    assert again.disposition is Disposition.DUPLICATE
    assert again.warning_ids == first.warning_ids
    assert len(await warnings(database)) == 1
    assert [message.disposition for message in await messages(database)] == ["accepted", "duplicate"]
    assert [event for event, _ in await events(database)] == ["warning.received", "warning.repeated"]


async def test_two_who_push_at_once_end_with_one_warning(database: Database) -> None:
    receipts = await asyncio.gather(*(push(database, alert()) for _ in range(8)))
    assert len(await warnings(database)) == 1
    assert len({receipt.warning_ids for receipt in receipts}) == 1
    dispositions = sorted(receipt.disposition for receipt in receipts)
    assert dispositions == [Disposition.ACCEPTED, *[Disposition.DUPLICATE] * 7]


async def test_two_versions_pushed_at_once_are_both_kept(database: Database) -> None:
    bodies = [alert(info(description=f"第{number}稿")) for number in range(5)]
    await asyncio.gather(*(push(database, body) for body in bodies))
    rows = await warnings(database)
    assert [row.version for row in rows] == [1, 2, 3, 4, 5]
    assert [row.replaces_id for row in rows] == [None, *(row.id for row in rows[:-1])]


async def test_other_content_is_a_new_version_and_an_update(database: Database) -> None:
    first = await push(database, alert())
    second = await push(database, alert(info(severity="Severe", headline="发布暴雨橙色预警")))
    before, after = await warnings(database)
    assert second.disposition is Disposition.UPDATED
    assert second.warning_ids != first.warning_ids
    assert (after.version, after.kind, after.replaces_id) == (2, "update", before.id)
    assert after.reference == before.reference


async def test_an_old_version_again_is_a_duplicate_and_not_a_third(database: Database) -> None:
    first = await push(database, alert())
    await push(database, alert(info(description="第二稿")))
    again = await push(database, alert())
    assert (again.disposition, again.warning_ids) == (Disposition.DUPLICATE, first.warning_ids)


async def test_the_same_identifier_of_another_sender_is_another_warning(database: Database) -> None:
    await push(database, alert())
    other = await push(database, alert(sender="another"))
    assert other.disposition is Disposition.ACCEPTED
    assert len(await warnings(database)) == 2


# --- chains ---


async def test_an_update_takes_the_place_of_what_it_names(database: Database) -> None:
    await push(database, alert())
    receipt = await push(database, answer("Update", "u1", IDENTIFIER), now=HOUR_LATER)
    old, new = await warnings(database)
    assert receipt.disposition is Disposition.UPDATED
    assert (new.kind, new.replaces_id, new.reference) == ("update", old.id, old.reference)
    assert (new.state, old.state) == ("received", "received")


async def test_a_cancel_names_the_first_and_ends_the_latest(database: Database) -> None:
    """Changes and cancels refer to the first message of a chain."""
    await push(database, alert())
    await push(database, answer("Update", "u1", IDENTIFIER), now=HOUR_LATER)
    receipt = await push(database, answer("Cancel", "c1", IDENTIFIER), now=HOUR_LATER + timedelta(minutes=1))
    _, latest, cancel = await warnings(database)
    assert receipt.disposition is Disposition.CANCELLED
    assert (cancel.kind, cancel.replaces_id) == ("cancel", latest.id)


async def test_an_all_clear_ends_like_a_cancel(database: Database) -> None:
    await push(database, alert())
    over = info(responseType="AllClear", effective=LATER)
    receipt = await push(database, answer("Update", "u1", IDENTIFIER, block=over), now=HOUR_LATER)
    old, new = await warnings(database)
    assert receipt.disposition is Disposition.CANCELLED
    assert (new.kind, new.replaces_id) == ("all-clear", old.id)


async def test_a_sender_that_changed_its_name_is_followed_within_one_source(database: Database) -> None:
    await push(database, alert())
    renamed = answer("Cancel", "c1", IDENTIFIER).replace(f"{SENDER},".encode(), b"new_name,")
    stranger = await push(database, renamed, now=HOUR_LATER, source="stranger")
    ours = await push(
        database,
        renamed.replace(b"<identifier>c1", b"<identifier>c2"),
        now=HOUR_LATER,
    )
    assert stranger.disposition is Disposition.ACCEPTED
    assert ours.disposition is Disposition.CANCELLED


async def test_a_cancel_of_something_unknown_is_accepted_and_noted(database: Database) -> None:
    receipt = await push(database, answer("Cancel", "c1", "never-seen"), now=HOUR_LATER)
    [row] = await warnings(database)
    assert (receipt.disposition, row.state, row.replaces_id) == (Disposition.ACCEPTED, "received", None)
    assert receipt.reason is not None


async def test_a_cancel_without_info_acts(database: Database) -> None:
    await push(database, alert())
    receipt = await push(database, answer("Cancel", "c1", IDENTIFIER, block="<!-- -->"), now=HOUR_LATER)
    assert receipt.disposition is Disposition.CANCELLED


async def test_an_expired_cancel_acts_and_an_expired_alert_does_not(database: Database) -> None:
    next_day = NOW + timedelta(days=1)
    alert_receipt = await push(database, alert(identifier="a2"), now=next_day)
    await push(database, alert())
    expired = info(effective=LATER, expires=LATER)
    cancel = await push(database, answer("Cancel", "c1", IDENTIFIER, block=expired), now=next_day)
    states = {row.identifier: row.state for row in await warnings(database)}
    assert alert_receipt.disposition is Disposition.IGNORED
    assert alert_receipt.reason is not None
    assert cancel.disposition is Disposition.CANCELLED
    assert states == {"a2": "ignored", IDENTIFIER: "received", "c1": "received"}


async def test_an_expired_update_of_what_runs_takes_its_place(database: Database) -> None:
    await push(database, alert())
    receipt = await push(database, answer("Update", "u1", IDENTIFIER), now=NOW + timedelta(days=1))
    assert receipt.disposition is Disposition.UPDATED


async def test_a_new_version_of_what_had_expired_calls_nobody(database: Database) -> None:
    next_day = NOW + timedelta(days=1)
    await push(database, alert(), now=next_day)
    receipt = await push(database, alert(info(description="第二稿")), now=next_day)
    assert receipt.disposition is Disposition.IGNORED


async def test_an_alert_that_comes_after_its_cancel_is_ignored(database: Database) -> None:
    await push(database, answer("Cancel", "c1", IDENTIFIER), now=HOUR_LATER)
    receipt = await push(database, alert(), now=HOUR_LATER)
    assert receipt.disposition is Disposition.IGNORED
    assert [row.state for row in await warnings(database)] == ["received", "ignored"]


async def test_an_update_that_is_overtaken_is_ignored(database: Database) -> None:
    await push(database, alert())
    await push(database, answer("Update", "u2", IDENTIFIER), now=HOUR_LATER)
    earlier = answer("Update", "u1", IDENTIFIER).replace(b"T17:30:00", b"T17:00:00")
    receipt = await push(database, earlier, now=HOUR_LATER)
    assert receipt.disposition is Disposition.IGNORED


async def test_a_reference_to_itself_moves_nothing(database: Database) -> None:
    """Macau refers to itself, weather.com.cn on first issue."""
    receipt = await push(database, alert(references=f"{SENDER},{IDENTIFIER},{LATER}"))
    [row] = await warnings(database)
    assert (receipt.disposition, row.replaces_id) == (Disposition.ACCEPTED, None)


async def test_a_drill_and_a_real_warning_never_meet(database: Database) -> None:
    await push(database, alert())
    drill = await push(
        database, answer("Cancel", "c1", IDENTIFIER, status="Exercise", note="演练"), now=HOUR_LATER
    )
    _, row = await warnings(database)
    assert (drill.disposition, row.exercise, row.replaces_id) == (Disposition.ACCEPTED, True, None)


async def test_ids_tell_the_order_of_arrival_even_within_a_millisecond(database: Database) -> None:
    await push(database, alert())
    await push(database, answer("Update", "u1", IDENTIFIER))
    await push(database, answer("Cancel", "c1", IDENTIFIER), now=NOW - timedelta(seconds=5))
    assert [row.identifier for row in await warnings(database)] == [IDENTIFIER, "u1", "c1"]


async def test_a_message_of_two_warnings_is_two_rows_and_one_receipt(database: Database) -> None:
    red = info(area(geocode("140521100")), headline="发布暴雨红色预警", severity="Extreme")
    receipt = await push(database, alert(info(), red))
    again = await push(database, alert(info(), red))
    rows = await warnings(database)
    assert [(row.identifier, row.colour) for row in rows] == [
        (IDENTIFIER, "yellow"),
        (f"{IDENTIFIER}#2", "red"),
    ]
    assert receipt.warning_ids == again.warning_ids == tuple(row.id for row in rows)
    assert rows[0].reference != rows[1].reference


async def test_a_cancel_ends_every_warning_of_its_message(database: Database) -> None:
    thunder = info(event="雷电", headline="发布雷电黄色预警")
    first = await push(database, alert(info(), thunder))
    cancel = await push(database, answer("Cancel", "c1", IDENTIFIER), now=HOUR_LATER)
    async with database.transaction() as tx:
        ended = await find_replaced(tx, cancel.warning_ids[0])
    assert ended == list(first.warning_ids)


async def test_an_update_replaces_all_that_it_names_and_each_takes_the_place_of_its_like(
    database: Database,
) -> None:
    rain = await push(database, alert())
    thunder = info(event="雷电", headline="发布雷电黄色预警")
    other = await push(database, alert(thunder, identifier="a2"))
    both = answer("Update", "u1", IDENTIFIER, "a2", block=info(effective=LATER) + thunder)
    receipt = await push(database, both, now=HOUR_LATER)
    rows = {row.id: row for row in await warnings(database)}
    replaced = [rows[warning_id].replaces_id for warning_id in receipt.warning_ids]
    assert replaced == [*rain.warning_ids, *other.warning_ids]
    await set_state(database, other.warning_ids[0], "withdrawn")
    async with database.transaction() as tx:
        assert await find_replaced(tx, receipt.warning_ids[0]) == list(rain.warning_ids)


# --- what calls nobody ---


async def test_a_test_is_stored_and_ignored(database: Database) -> None:
    await push(database, alert())
    receipt = await push(database, answer("Cancel", "c1", IDENTIFIER, status="Test"), now=HOUR_LATER)
    _, row = await warnings(database)
    assert receipt.disposition is Disposition.IGNORED
    assert (row.state, row.reason, row.replaces_id) == ("ignored", receipt.reason, None)
    assert (await events(database))[-1] == ("warning.ignored", row.id)


async def test_a_heartbeat_leaves_only_its_bytes(database: Database) -> None:
    receipt = await push(database, alert("<!-- no info -->", status="System"))
    assert (receipt.disposition, receipt.warning_ids) == (Disposition.IGNORED, ())
    assert await warnings(database) == []
    assert [message.disposition for message in await messages(database)] == ["ignored"]


async def test_a_warning_for_elsewhere_is_ignored_and_one_for_the_province_is_not(database: Database) -> None:
    elsewhere = await push(database, alert(info(area(geocode("130602000000")))))
    province = await push(database, alert(info(area(geocode("140000"))), identifier="p"))
    village = await push(database, alert(info(area(geocode("140521100200"))), identifier="v"))
    assert elsewhere.disposition is Disposition.IGNORED
    assert elsewhere.reason is not None
    assert HOME in elsewhere.reason
    assert {province.disposition, village.disposition} == {Disposition.ACCEPTED}


async def test_lines_are_laid_on_the_stored_shape_of_home(database: Database) -> None:
    far = info(area(f"<polygon>{ELSEWHERE}</polygon>"))
    assert (await push(database, alert(far, identifier="before"))).disposition is Disposition.ACCEPTED
    async with database.transaction() as tx:
        await tx.execute(insert(areas).values(code=HOME, name="沁水县", level="county"))
        shape = to_wkb(box(112.0, 35.4, 112.8, 36.0))
        await tx.execute(insert(area_shapes).values(area_code=HOME, shape_wkb=shape))
    near = info(area(f"<polygon>{INSIDE}</polygon>"))
    assert (await push(database, alert(far, identifier="far"))).disposition is Disposition.IGNORED
    assert (await push(database, alert(near, identifier="near"))).disposition is Disposition.ACCEPTED


async def test_the_end_of_a_warning_that_we_follow_concerns_us_wherever_it_lies(database: Database) -> None:
    await push(database, alert())
    elsewhere = info(area(geocode("130602000000")), effective=LATER)
    receipt = await push(database, answer("Cancel", "c1", IDENTIFIER, block=elsewhere), now=HOUR_LATER)
    assert receipt.disposition is Disposition.CANCELLED


async def test_the_end_of_what_was_ignored_is_ignored(database: Database) -> None:
    await push(database, alert(info(area(geocode("130602000000")))))
    receipt = await push(
        database, answer("Cancel", "c1", IDENTIFIER, block="<!-- no area -->"), now=HOUR_LATER
    )
    assert receipt.disposition is Disposition.IGNORED


# --- short references ---


async def test_references_rest_for_thirty_days(database: Database) -> None:
    await push(database, alert(identifier="a1"))
    await push(database, alert(identifier="a2"))
    month_later = NOW + timedelta(days=31)
    recent = alert(info(expires=None), identifier="a3", sent="2026-08-15T16:30:00+08:00")
    await push(database, recent, now=month_later)
    first, second, third = [row.reference for row in await warnings(database)]
    assert first != second
    assert third == first
    assert re.fullmatch(r"[A-Z][2-9]", first)


async def test_references_are_never_given_twice_at_once(database: Database) -> None:
    await asyncio.gather(*(push(database, alert(identifier=f"a{number}")) for number in range(12)))
    references = [row.reference for row in await warnings(database)]
    assert len(set(references)) == 12


# --- time ---


async def test_moments_follow_business_time_where_it_runs_ahead(database: Database) -> None:
    ahead = timedelta(hours=30)
    await push(database, alert(), now=NOW + ahead, wall=NOW)
    [row] = await warnings(database)
    assert (row.sent_at, row.valid_to) == (NOW + ahead, NOW + ahead + timedelta(hours=6))
    assert row.state == "received"


async def test_a_message_written_in_business_time_is_taken_as_it_is(database: Database) -> None:
    wall = NOW - timedelta(hours=30)
    await push(database, alert(), now=NOW, wall=wall)
    [row] = await warnings(database)
    assert (row.sent_at, row.state) == (NOW, "received")


async def test_a_failure_leaves_nothing_behind(database: Database, owner_url: str) -> None:
    owner = Database(owner_url)
    try:
        async with owner.transaction() as tx:
            await tx.exec_driver_sql("ALTER TABLE ledger_lines RENAME TO elsewhere")
        with pytest.raises(ProgrammingError, match="ledger_lines"):
            await push(database, alert())
        assert await messages(database) == []
        assert await warnings(database) == []
    finally:
        await owner.close()


async def test_a_feed_without_warnings_is_no_rejection_and_no_line(database: Database) -> None:
    receipt = await push(database, b'{"code": "200", "updateTime": "2026-07-15T16:40+08:00", "warning": []}')
    assert (receipt.disposition, receipt.identifier, receipt.complaints) == (Disposition.IGNORED, None, ())
    assert receipt.reason
    assert await warnings(database) == []
    assert await events(database) == []
    [message] = await messages(database)
    assert message.disposition == Disposition.IGNORED


async def test_the_same_warning_of_a_feed_is_stored_once_however_often_it_is_polled(
    database: Database,
) -> None:
    row = {
        "alertid": IDENTIFIER,
        "issuetime": "2026/07/15 16:30",
        "title": "沁水县气象台发布大风黄色预警信号",
        "pic": "p0007003.png",
    }
    listed: dict[str, Any] = {
        "code": 0,
        "data": {"page": {"totalPage": 1, "list": [row]}, "provinceAlarms": []},
    }
    body = json.dumps(listed, ensure_ascii=False).encode()
    assert (await push(database, body)).disposition is Disposition.ACCEPTED
    assert (await push(database, body)).disposition is Disposition.DUPLICATE
    [stored] = await warnings(database)
    assert (stored.identifier, stored.colour, stored.area_codes) == (IDENTIFIER, "yellow", [HOME])
