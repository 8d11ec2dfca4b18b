"""Erased on request: nobody can read any more who it was, and the ledger still holds."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from jiaoying.contacts.privacy.erasing import ERASED_NAME, Erasure, erase_person
from jiaoying.contacts.privacy.reasons import note_export, reveal_numbers
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.ledger.sealer import seal
from jiaoying.ledger.verify import verify
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import (
    alarms,
    answers,
    attempts,
    call_outs,
    contact_doubts,
    contact_numbers,
    contacts,
    danger_points,
    desks,
    feedback,
    inbox_items,
    ledger_lines,
    ledger_particulars,
    letter_units,
    letters,
    posts,
    roster_changes,
    roster_imports,
    routine_occurrences,
    routines,
    shifts,
    threatened_households,
)
from storage.county import (
    NOW,
    TOWN,
    VILLAGE,
    add_areas,
    add_attempt,
    add_call_out,
    add_contact,
    add_responsibility,
    add_warning,
)

NAME, NUMBER, SECOND, SHARED = "鄂温克", "+8610000000011", "+863560000011;ext=8", "+8610000000012"
LATER = NOW + timedelta(days=1)
REASON = "本人书面申请，已离任"


@pytest.fixture
async def person(database: Database) -> UUID:
    """Somebody of whom every table knows something, and who has nothing to do any more."""
    async with database.transaction() as tx:
        await add_areas(tx)
        found = await add_contact(tx, NAME, NUMBER, SECOND, SHARED)
        other = await add_contact(tx, "周河", SHARED)
        await tx.execute(
            update(contacts).where(contacts.c.id == found).values(unit="甲村村委会", note=f"{NAME}，退伍")
        )
        await _called(tx, found)
        await _listed(tx, found, other)
        await append_entries(
            tx,
            [
                Entry(NOW, "contact.added", "keeper", contact_id=found,
                      particulars={"name": NAME, "numbers": [NUMBER, SECOND]}),
                Entry(NOW, "contact.added", "keeper", contact_id=other, particulars={"name": "周河"}),
                Entry(NOW, "shift.imported", "keeper", particulars={"officers": [NAME]}),
                Entry(NOW, "warning.received", "intake", particulars={"headline": "暴雨"}),
            ],
        )  # fmt: skip
    return found


async def _called(tx: Tx, person: UUID) -> None:
    warning = await add_warning(tx)
    duty = await add_responsibility(tx, warning, TOWN, "龙港镇 防汛责任人", state="covered")
    call_out = await add_call_out(tx, warning, person, [(duty, "holder")], state="answered")
    await tx.execute(update(call_outs).values(answered_at=NOW))
    said = f"我是{NAME}，收到"
    attempt = await add_attempt(
        tx, warning, call_out, "sms", 1, contact_id=person, number=NUMBER, text=f"{NAME}：暴雨",
        state="delivered", outcome_text=f"delivered to {NUMBER}",
    )  # fmt: skip
    item = new_id(NOW)
    content = {
        "kind": "text",
        "ref": "SM1",
        "from_number": NUMBER,
        "to_number": "+8610099999999",
        "text": said,
    }
    await tx.execute(
        insert(inbox_items).values(
            id=item, received_at=NOW, gateway="simulator", kind="text", dedupe_key="SM1", from_number=NUMBER,
            to_number="+8610099999999", content=content, state="settled", outcome="understood",
            contact_id=person,
        )
    )  # fmt: skip
    common = {"warning_id": warning, "call_out_id": call_out, "said": said, "at": NOW, "inbox_item_id": item}
    await tx.execute(
        insert(answers).values(
            id=new_id(NOW), contact_id=person, how="text", meaning="answered", late=False, **common
        )
    )
    await tx.execute(insert(feedback).values(id=new_id(NOW), stage="on_post", **common))
    await tx.execute(
        insert(alarms).values(
            id=new_id(NOW),
            kind="danger",
            text=f"{NAME}：滑坡",
            contact_id=person,
            raised_at=NOW,
            cleared_at=NOW,
        )
    )
    await append_entries(
        tx,
        [
            Entry(NOW, "attempt.planned", "plan", warning, call_out_id=call_out, attempt_id=attempt,
                  particulars={"number": NUMBER, "text": f"{NAME}：暴雨"}),
            Entry(NOW, "inbox.stored", "simulator", facts={"inbox_item_id": str(item)},
                  particulars={"from_number": NUMBER, "text": said}),
            Entry(NOW, "call_out.answered", "settle", warning, call_out_id=call_out,
                  particulars={"said": said, "name": NAME}),
        ],
    )  # fmt: skip


async def _listed(tx: Tx, person: UUID, other: UUID) -> None:
    """An applied import, one that is still looked at, a doubt, households, a post of last year."""
    row = {"id": str(person), "name": NAME, "unit": "甲村村委会", "title": None, "note": None}
    applied, previewed, point = new_id(NOW), new_id(NOW), new_id(NOW)
    shown: dict[str, Any] = {
        "created_at": NOW,
        "created_by": "keeper",
        "file_name": "名单.xlsx",
        "file_sha256": b"\0" * 32,
        "counts": {},
        "differences": [
            {"name": NAME, "changes": [{"field": "unit", "before": None, "after": "甲村村委会"}]},
            {"name": "旁人", "changes": [{"field": "numbers", "before": NUMBER, "after": None}]},
        ],
        "complaints": [{"text": f"{NAME}没有职务"}],
    }
    await tx.execute(insert(roster_imports).values(id=applied, state="applied", **shown))
    await tx.execute(
        insert(roster_imports).values(id=previewed, state="previewed", file_bytes=NAME.encode(), **shown)
    )
    number = {"contact_id": str(person), "number": NUMBER}
    household = {"head": NAME, "number": NUMBER}
    for table, row_id, before, after in (
        ("contacts", person, None, row),
        ("contact_numbers", new_id(NOW), None, number),
        ("threatened_households", new_id(NOW), household, household),
    ):
        change = {"table_name": table, "row_id": row_id, "before": before, "after": after}
        await tx.execute(insert(roster_changes).values(import_id=applied, **change))
    await tx.execute(
        insert(contact_doubts).values(
            id=new_id(NOW), kind="same_number", one_id=person, other_id=other, raised_at=NOW
        )
    )
    await tx.execute(
        insert(danger_points).values(
            id=point, name="杏园滑坡", kind="geohazard", area_code=VILLAGE, created_at=NOW
        )
    )
    homes = [
        {"id": new_id(NOW), "danger_point_id": point, "position": place, "head": head, "number": at}
        for place, (head, at) in enumerate([(NAME, NUMBER), ("李木", SHARED)], start=1)
    ]
    await tx.execute(insert(threatened_households), homes)
    await tx.execute(
        insert(posts).values(
            id=new_id(NOW), area_code=VILLAGE, kind="网格员", level="village", tier="village",
            holder_id=person, valid_to=NOW.date() - timedelta(days=30),
        )
    )  # fmt: skip


async def erase(database: Database, person: UUID, **options: Any) -> Erasure:
    options = {"reason": REASON, "actor": "王静", "now": LATER, **options}
    return await erase_person(database, person, **options)


async def places_of(database: Database, word: str) -> Mapping[str, int]:
    """Every column of every table in which `word` stands, whatever its type: a slow look of its own."""
    found: dict[str, int] = {}
    async with database.transaction() as tx:
        columns = await tx.execute(
            text(
                "SELECT table_name, column_name, data_type FROM information_schema.columns"
                " WHERE table_schema = 'public'"
            )
        )
        for table, column, kind in columns.all():
            value = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'CAST("{column}" AS text)'
            sought = text(f"SELECT count(*) FROM {table} WHERE strpos({value}, :word) > 0")
            escaped = "".join(f"\\{byte:03o}" if byte > 127 else chr(byte) for byte in word.encode())
            count = await tx.scalar(sought, {"word": escaped if kind == "bytea" else word})
            if count:
                found[f"{table}.{column}"] = count
    return found


async def test_no_table_holds_the_name_or_a_number_any_more(database: Database, person: UUID) -> None:
    before = await places_of(database, NAME)
    assert {"contacts.name", "ledger_particulars.body", "roster_imports.file_bytes"} <= before.keys()
    assert len(before) > 10
    done = await erase(database, person)
    assert await places_of(database, NAME) == {} == done.still_named
    for number in (NUMBER, SECOND):
        assert await places_of(database, number.removeprefix("+86")) == {}
    assert (done.particulars, done.discarded) == (5, 1)


async def test_what_is_left_tells_that_somebody_was_erased(database: Database, person: UUID) -> None:
    await erase(database, person)
    async with database.transaction() as tx:
        row = (await tx.execute(select(contacts).where(contacts.c.id == person))).one()
        assert (row.name, row.unit, row.title, row.note) == (ERASED_NAME, None, None, None)
        assert (row.erased_at, row.retired_at) == (LATER, LATER)
        assert (
            await tx.scalar(select(call_outs.c.state).where(call_outs.c.contact_id == person)) == "answered"
        )
        line = (await tx.execute(select(ledger_lines).where(ledger_lines.c.event == "contact.erased"))).one()
        assert (line.actor, line.contact_id, line.facts["particulars"]) == ("王静", person, 5)
        reason = select(ledger_particulars.c.body).where(ledger_particulars.c.line_id == line.id)
        assert await tx.scalar(reason) == {"reason": REASON}


async def test_what_is_about_others_stays(database: Database, person: UUID) -> None:
    await erase(database, person)
    async with database.transaction() as tx:
        bodies = (await tx.execute(select(ledger_particulars.c.body))).scalars().all()
        assert {"name": "周河"} in bodies
        assert {"headline": "暴雨"} in bodies
        assert (await tx.execute(select(contact_numbers.c.number))).scalars().all() == [SHARED]
        homes = await tx.execute(
            select(threatened_households.c.head, threatened_households.c.number).order_by("position")
        )
        assert [tuple(home) for home in homes] == [(ERASED_NAME, None), ("李木", SHARED)]


async def test_the_seals_hold_and_say_what_is_erased(database: Database, person: UUID) -> None:
    await seal(database, LATER)
    assert (await verify(database)).erased == 0
    await erase(database, person)
    await seal(database, LATER)
    verdict = await verify(database)
    assert (verdict.findings, verdict.erased) == ((), 5)


async def test_records_that_were_made_one_go_together(database: Database, person: UUID) -> None:
    async with database.transaction() as tx:
        older = await add_contact(tx, "鄂温克格", "+8610000000013")
        await tx.execute(
            update(contacts).where(contacts.c.id == older).values(merged_into_id=person, retired_at=NOW)
        )
    assert (await erase(database, older)).contact_id == person
    assert await places_of(database, "鄂温克") == {}
    assert await places_of(database, "10000000013") == {}


async def test_a_namesake_is_told_and_left_alone(database: Database, person: UUID) -> None:
    async with database.transaction() as tx:
        await add_contact(tx, NAME, "+8610000000014")
    assert (await erase(database, person)).still_named == {"contacts.name": 1}


@pytest.mark.parametrize(
    "obstacle", ["posts", "households", "rota", "duties", "call_outs", "messages", "alarms"]
)
async def test_who_is_still_needed_is_not_erased(database: Database, person: UUID, obstacle: str) -> None:
    async with database.transaction() as tx:
        await _stand_in_the_way(tx, person, obstacle)
    with pytest.raises(Refusal) as refused:
        await erase(database, person)
    assert [complaint.field for complaint in refused.value.complaints] == [obstacle]
    assert (await places_of(database, NAME)) != {}


async def _stand_in_the_way(tx: Tx, person: UUID, obstacle: str) -> None:
    match obstacle:
        case "posts":
            await tx.execute(update(posts).values(deputy_id=person))
        case "households":
            await tx.execute(update(threatened_households).values(helper_id=person))
        case "rota":
            desk = new_id(NOW)
            await tx.execute(insert(desks).values(id=desk, area_code=TOWN, name="龙港镇值班室"))
            await tx.execute(
                insert(shifts).values(
                    id=new_id(NOW), desk_id=desk, starts_at=NOW, ends_at=LATER + timedelta(hours=1),
                    officer_id=person,
                )
            )  # fmt: skip
        case "duties":
            await _add_duty(tx, person)
        case "call_outs":
            await tx.execute(update(call_outs).values(state="open", next_at=LATER))
        case "messages":
            await tx.execute(update(attempts).values(state="accepted"))
        case _:
            await tx.execute(update(alarms).values(cleared_at=None))


async def _add_duty(tx: Tx, owner: UUID | None) -> UUID:
    desk, routine = new_id(NOW), new_id(NOW)
    await tx.execute(insert(desks).values(id=desk, area_code=TOWN, name="郑庄镇值班室"))
    charge = {"title": "安全生产月报", "recipient": "市局", "note": f"交{NAME}", "desk_id": desk}
    await tx.execute(
        insert(routines).values(
            id=routine, owner_id=owner, rule={}, counts_from=NOW.date(), changed_at=NOW, created_at=NOW,
            created_by="user:值班员", **charge,
        )
    )  # fmt: skip
    await tx.execute(
        insert(routine_occurrences).values(
            id=new_id(NOW), routine_id=routine, day=NOW.date(), due_at=NOW, reminders=[NOW], state="done",
            ended_at=NOW, ended_by="user:值班员", remark=f"{NAME}已报", owner_id=owner, **charge,
        )
    )  # fmt: skip
    return desk


async def test_duties_and_letters_forget_who_was_erased(database: Database, person: UUID) -> None:
    async with database.transaction() as tx:
        desk = await _add_duty(tx, None)
        letter = new_id(NOW)
        await tx.execute(
            insert(letters).values(
                id=letter, title=f"关于{NAME}", series="沁水应急函", year=2026, number=1, language="zh-CN",
                exercise=False, facts={"text": f"找{NAME}"}, risk=NAME, requests=f"一、找{NAME}",
                confirm_minutes=120, body=["甲", f"一、找{NAME}"], state="sent", version=1, written_at=NOW,
                written_by="user:值班员", signed_at=NOW, signed_by="user:带班领导", sent_at=NOW,
            )
        )  # fmt: skip
        await tx.execute(
            insert(letter_units).values(
                id=new_id(NOW), letter_id=letter, position=1, desk_id=desk, label=f"{NAME}处",
                state="confirmed", confirmed_at=NOW, confirmed_by=person,
            )
        )  # fmt: skip
    await erase(database, person)
    assert await places_of(database, NAME) == {}
    async with database.transaction() as tx:
        assert await tx.scalar(select(letters.c.body)) == ["甲", f"一、找{ERASED_NAME}"]


async def test_posts_become_vacant_where_that_is_wanted(database: Database, person: UUID) -> None:
    async with database.transaction() as tx:
        await _stand_in_the_way(tx, person, "posts")
        await tx.execute(update(posts).where(posts.c.valid_to.is_(None)).values(holder_id=person))
        await _stand_in_the_way(tx, person, "households")
    done = await erase(database, person, vacate=True)
    assert done.vacated == 1
    async with database.transaction() as tx:
        in_force = (await tx.execute(select(posts).where(posts.c.valid_to.is_(None)))).one()
        assert (in_force.holder_id, in_force.deputy_id) == (None, None)
        assert not await tx.scalar(select(threatened_households.c.helper_id).distinct())


async def test_the_reason_is_there_and_does_not_name_them(database: Database, person: UUID) -> None:
    for reason in ("", "  \n", "字" * 201, f"{NAME}本人申请", "10000000011 的机主申请"):
        with pytest.raises(Refusal):
            await erase(database, person, reason=reason)
    assert (await places_of(database, NAME)) != {}
    await erase(database, person)
    with pytest.raises(Refusal):
        await erase(database, person)
    with pytest.raises(Refusal):
        await erase(database, new_id(NOW))


async def test_the_serving_role_erases_nothing_without_a_line_that_says_so(
    database: Database, person: UUID
) -> None:
    async with database.transaction() as tx:
        lines = list((await tx.execute(select(ledger_particulars.c.line_id))).scalars())
    erasing = text("SELECT erase_particulars(:person, CAST(:lines AS uuid[]))")
    with pytest.raises(DBAPIError, match="no line of this transaction"):
        async with database.transaction() as tx:
            await tx.execute(erasing, {"person": person, "lines": lines})
    async with database.transaction() as tx:
        await tx.execute(update(contacts).where(contacts.c.id == person).values(erased_at=NOW))
        told = Entry(NOW, "contact.erased", "x", contact_id=person, facts={"particulars": 1})
        await append_entries(tx, [told])
        with pytest.raises(DBAPIError, match="the line tells of 1"):
            await tx.execute(erasing, {"person": person, "lines": lines})
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.transaction() as tx:
            await tx.execute(delete(ledger_particulars))


async def test_a_look_at_whole_numbers_needs_a_reason_and_is_told(database: Database, person: UUID) -> None:
    async with database.transaction() as tx:
        with pytest.raises(Refusal):
            await reveal_numbers(tx, person, reason=" ", actor="王静", now=NOW)
        numbers = await reveal_numbers(tx, person, reason="核对号码", actor="王静", now=NOW)
        assert [number.number for number in numbers] == [NUMBER, SECOND, SHARED]
        looks = select(ledger_lines, ledger_particulars.c.body).join_from(
            ledger_lines, ledger_particulars, ledger_particulars.c.line_id == ledger_lines.c.id
        )
        (look,) = await tx.execute(looks.where(ledger_lines.c.event == "contact.number_shown"))
        assert (look.actor, look.contact_id, look.body["reason"]) == ("王静", person, "核对号码")
        assert await reveal_numbers(tx, new_id(NOW), reason="核对号码", actor="王静", now=NOW) == []


async def test_an_export_with_numbers_needs_a_reason(database: Database) -> None:
    async with database.transaction() as tx:
        with pytest.raises(Refusal):
            await note_export(tx, reason="", actor="王静", now=NOW, numbers=True, counts={"posts": 3})
        await note_export(tx, reason="", actor="王静", now=NOW, numbers=False, counts={"posts": 3})
        line = (await tx.execute(select(ledger_lines))).one()
        assert (line.event, line.facts["posts"], line.particulars_digest) == ("contacts.exported", 3, None)
