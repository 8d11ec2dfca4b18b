"""The questions that pages ask about calls, against real rows."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, insert, select, update

from jiaoying.dispatch.board import (
    asked_again,
    call_out_history,
    call_out_row,
    callouts_page,
    counts,
    list_warnings,
    officers_list,
    officers_total,
    officers_totals,
    open_alarms,
    other_call_outs,
    people_page,
    township_board,
    unknown_replies,
    warning_facts,
)
from jiaoying.dispatch.scoring.store import summed, waits_of
from jiaoying.dispatch.states import CallOutState
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import alarms, answers, call_outs, feedback, inbox_items, posts
from storage.county import (
    COUNTY,
    NOW,
    OTHER_TOWN,
    TOWN,
    VILLAGE,
    add_areas,
    add_attempt,
    add_call_out,
    add_contact,
    add_responsibility,
    add_warning,
)


@dataclass(frozen=True)
class Night:
    """One red warning: the township's head answered, the village's two are silent, the county waits."""

    warning: UUID
    town: UUID
    village: UUID
    county: UUID
    head: UUID
    holder: UUID
    deputy: UUID
    leader: UUID


async def a_night(tx: Tx) -> Night:
    await add_areas(tx)
    warning = await add_warning(tx)
    town = await add_responsibility(tx, warning, TOWN, "龙港镇 防汛责任人", state="covered")
    village = await add_responsibility(tx, warning, VILLAGE, "杏园村 防汛责任人", deadline_s=300)
    county = await add_responsibility(tx, warning, COUNTY, "沁水县 防汛指挥", deadline_s=900)
    people = [await add_contact(tx, name, f"+861000000000{n}") for n, name in enumerate("甲乙丙丁", 1)]
    head = await add_call_out(tx, warning, people[0], [(town, "holder")], state="answered")
    holder = await add_call_out(tx, warning, people[1], [(village, "holder")], state="exhausted", priority=3)
    deputy = await add_call_out(tx, warning, people[2], [(village, "deputy")])
    leader = await add_call_out(tx, warning, people[3], [(county, "holder"), (town, "superior")])
    return Night(warning, town, village, county, head, holder, deputy, leader)


async def test_figures_of_a_warning(database: Database) -> None:
    async with database.transaction() as tx:
        night = await a_night(tx)
        figures = await counts(tx, night.warning)
    assert (figures.people.total, figures.people.answered, figures.people.open) == (4, 1, 2)
    assert (figures.people.exhausted, figures.people.declined, figures.people.withdrawn) == (1, 0, 0)
    assert (figures.responsibilities.open, figures.responsibilities.covered) == (2, 1)


async def test_who_is_asked_anew_for_orders_that_come_later_is_one_person_still(database: Database) -> None:
    async with database.transaction() as tx:
        night = await a_night(tx)
        await tx.execute(
            update(call_outs)
            .where(call_outs.c.id == night.holder)
            .values(state="withdrawn", reason="asked_anew", next_at=None)
        )
        sleeper = await tx.scalar(select(call_outs.c.contact_id).where(call_outs.c.id == night.holder))
        head = await tx.scalar(select(call_outs.c.contact_id).where(call_outs.c.id == night.head))
        assert sleeper
        assert head
        again = await add_call_out(tx, night.warning, sleeper, [(night.village, "holder")], version=2)
        await add_call_out(tx, night.warning, head, [(night.town, "holder")], version=2)
        walk = await add_call_out(tx, night.warning, head, [(night.village, "door")], version=3, kind="door")
        for call_out, round_ in ((night.holder, 0), (night.holder, 1), (again, 2)):
            await add_attempt(tx, night.warning, call_out, "voice", round_, outcome_code=f"busy-{round_}")
        figures, busy = await counts(tx, night.warning), await asked_again(tx, night.warning)
        towns = await township_board(tx, night.warning, NOW)
        (line,) = await officers_list(tx, night.warning, NOW + timedelta(seconds=300))
        everybody = await people_page(tx, night.warning)
        first = await people_page(tx, night.warning, limit=3)
        rest = await people_page(tx, night.warning, after=first[-1].id)
        answered = await people_page(tx, night.warning, CallOutState.ANSWERED)
        row = await call_out_row(tx, night.holder)
        assert row is not None
        others = await other_call_outs(tx, row)
        waits = await waits_of(tx, night.warning)
        sums = await summed(tx, [night.warning])
    assert (figures.people.total, figures.people.answered, figures.people.open) == (4, 1, 3)
    assert busy == 1
    assert [(town.area_code, town.people, town.answered) for town in towns] == [(COUNTY, 1, 0), (TOWN, 4, 1)]
    listed = [(person.call_out_id, person.role) for person in line.people]
    assert listed == [(again, "holder"), (night.deputy, "deputy"), (walk, "door")]
    (tried,) = line.people[0].tried
    assert (tried.attempts, tried.outcome_code) == (3, "busy-2")
    # The county's people first, then township by township, each village after its township.
    assert [row.id for row in everybody[:2]] == [night.leader, night.head]
    assert {row.id for row in everybody[2:]} == {night.deputy, again, walk}
    assert [row.id for row in first + rest] == [row.id for row in everybody]
    assert [row.id for row in answered] == [night.head]
    assert [row.id for row in others] == [again]
    assert len(waits) == 4
    assert sums[night.warning].people == 4


async def test_figures_before_the_match_are_nought(database: Database) -> None:
    async with database.transaction() as tx:
        warning = await add_warning(tx, state="received", matched_at=None)
        assert (await counts(tx, warning)).people.total == 0


async def test_warnings_come_newest_first_and_page_by_page(database: Database) -> None:
    async with database.transaction() as tx:
        ids = [await add_warning(tx, now=NOW + timedelta(minutes=n)) for n in range(5)]
        first = await list_warnings(tx, limit=3)
        rest = await list_warnings(tx, after=first[-1].id, limit=3)
    assert [row.id for row in first + rest] == ids[::-1]


async def test_facts_name_what_replaced_a_warning(database: Database) -> None:
    async with database.transaction() as tx:
        old = await add_warning(tx, state="withdrawn")
        new = await add_warning(tx, replaces_id=old, polygons=[[[35.6, 112.1], [35.7, 112.1], [35.6, 112.1]]])
        facts, newer = await warning_facts(tx, old), await warning_facts(tx, new)
        nobody = await warning_facts(tx, new_id(NOW))
    assert facts is not None
    assert facts.replaced_by_id == new
    assert newer is not None
    assert newer.polygons[0][0] == (35.6, 112.1)
    assert nobody is None


async def test_board_has_a_line_for_each_township_and_one_for_the_county(database: Database) -> None:
    async with database.transaction() as tx:
        night = await a_night(tx)
        county, town = await township_board(tx, night.warning, NOW)
    assert (county.area_code, county.area_name, county.people, county.waiting) == (COUNTY, "沁水县", 1, 1)
    assert (town.area_name, town.people, town.answered, town.waiting, town.exhausted) == (
        "龙港镇",
        4,
        1,
        2,
        1,
    )
    assert (town.responsibilities, town.covered, town.not_woken) == (2, 1, 0)
    assert town.earliest_deadline == NOW + timedelta(seconds=300)


async def test_board_counts_the_missed_deadline_and_the_latest_figures(database: Database) -> None:
    async with database.transaction() as tx:
        night = await a_night(tx)
        for minute, (households, people) in enumerate([(3, 9), (12, 35)]):
            await tx.execute(
                insert(feedback).values(
                    id=new_id(NOW),
                    warning_id=night.warning,
                    call_out_id=night.head,
                    stage="moved",
                    households=households,
                    people=people,
                    at=NOW + timedelta(minutes=minute),
                )
            )
        _, town = await township_board(tx, night.warning, NOW + timedelta(seconds=300))
    assert town.not_woken == 1
    assert (town.moved_households, town.moved_people) == (12, 35)


async def test_list_fills_at_the_deadline_and_not_before(database: Database) -> None:
    async with database.transaction() as tx:
        night = await a_night(tx)
        before = await officers_list(tx, night.warning, NOW + timedelta(seconds=299))
        at = await officers_list(tx, night.warning, NOW + timedelta(seconds=300))
        after = await officers_list(tx, night.warning, NOW + timedelta(seconds=900))
        assert await officers_total(tx, None, NOW + timedelta(seconds=900)) == 2
    assert before == []
    assert [line.id for line in at] == [night.village]
    # The village's people are the more urgent ones.
    assert [line.id for line in after] == [night.village, night.county]


async def test_list_says_who_there_is_and_what_was_tried(database: Database) -> None:
    async with database.transaction() as tx:
        night = await a_night(tx)
        for round_ in range(3):
            await add_attempt(tx, night.warning, night.holder, "voice", round_, outcome_code=f"busy-{round_}")
        await add_attempt(tx, night.warning, night.holder, "sms", 0, state="delivered", outcome_code=None)
        await add_attempt(tx, night.warning, night.holder, "sms", 1, state="due", carrier_ref=None)
        (line,) = await officers_list(tx, night.warning, NOW + timedelta(seconds=300))
    assert (line.label, line.area_name, line.colour, line.state) == (
        "杏园村 防汛责任人",
        "杏园村",
        "red",
        "open",
    )
    holder, deputy = line.people
    assert (holder.name, holder.role, holder.state) == ("乙", "holder", CallOutState.EXHAUSTED)
    assert [number.number for number in holder.numbers] == ["+8610000000002"]
    tried = {entry.channel: (entry.attempts, entry.state, entry.outcome_code) for entry in holder.tried}
    assert tried == {"voice": (3, "failed", "busy-2"), "sms": (1, "delivered", None)}
    assert (deputy.name, deputy.tried) == ("丙", ())


async def test_common_list_puts_red_before_blue_and_drills_last(database: Database) -> None:
    async with database.transaction() as tx:
        await add_areas(tx)
        lines: dict[UUID, str] = {}
        for name, changes in {
            "drill": {"exercise": True, "colour": "red"},
            "blue": {"colour": "blue"},
            "red": {"colour": "red"},
            "ended": {"colour": "orange", "state": "closed", "closed_at": NOW - timedelta(hours=23)},
            "long ago": {"colour": "red", "state": "closed", "closed_at": NOW - timedelta(hours=25)},
            "stood down": {"colour": "red", "state": "withdrawn"},
        }.items():
            warning = await add_warning(tx, **changes)
            lines[await add_responsibility(tx, warning, TOWN, name, state="uncovered")] = name
        found = await officers_list(tx, None, NOW)
    assert [lines[line.id] for line in found] == ["red", "ended", "blue", "drill"]


async def test_a_request_to_a_leader_is_no_line_of_the_common_list(database: Database) -> None:
    async with database.transaction() as tx:
        await add_areas(tx)
        held, ended = await add_warning(tx), await add_warning(tx, state="closed", closed_at=NOW)
        request = await add_warning(tx, request_for_id=held, purpose="request")
        for warning in (ended, ended, request):
            await add_responsibility(tx, warning, TOWN, "龙港镇 防汛责任人", state="uncovered")
        assert await officers_total(tx, None, NOW) == 2
        assert await officers_totals(tx, [held, ended], NOW) == {ended: 2}


async def test_a_post_nobody_holds_stands_on_the_list_without_people(database: Database) -> None:
    async with database.transaction() as tx:
        await add_areas(tx)
        warning = await add_warning(tx)
        await add_responsibility(tx, warning, OTHER_TOWN, "中村镇 防汛责任人", state="uncovered")
        (line,) = await officers_list(tx, warning, NOW)
    assert line.people == ()


async def test_people_by_state_and_area_and_page(database: Database) -> None:
    async with database.transaction() as tx:
        night = await a_night(tx)
        everybody = await callouts_page(tx, night.warning)
        waiting = await callouts_page(tx, night.warning, CallOutState.OPEN)
        in_village = await callouts_page(tx, night.warning, area=VILLAGE)
        in_county = await callouts_page(tx, night.warning, area=COUNTY)
        first = await callouts_page(tx, night.warning, limit=2)
        rest = await callouts_page(tx, night.warning, after=first[-1].id)
    assert {row.id for row in waiting} == {night.deputy, night.leader}
    assert {row.id for row in in_village} == {night.holder, night.deputy}
    assert len(in_county) == 4
    assert [row.id for row in first + rest] == [row.id for row in everybody]
    leader = next(row for row in everybody if row.id == night.leader)
    assert [(role.label, role.role) for role in leader.roles] == [
        ("沁水县 防汛指挥", "holder"),
        ("龙港镇 防汛责任人", "superior"),
    ]


async def test_history_tells_the_whole_story(database: Database) -> None:
    async with database.transaction() as tx:
        night = await a_night(tx)
        attempt = await add_attempt(tx, night.warning, night.head, "sms", 0, state="answered")
        report, reply, other, pressed = new_id(NOW), new_id(NOW), new_id(NOW), new_id(NOW)
        contact = next(
            row.contact_id for row in await callouts_page(tx, night.warning, CallOutState.ANSWERED)
        )
        for item, changes in {
            report: {"kind": "report", "attempt_id": attempt},
            reply: {"kind": "text", "contact_id": contact, "content": {"text": "收到"}},
            other: {"kind": "text", "contact_id": None, "content": {"text": "你是谁"}},
            # Known by its call, not by its sender: nothing strange about it.
            pressed: {"kind": "key", "outcome": "answered", "content": {"digits": "1"}},
        }.items():
            row: dict[str, object] = {
                "id": item,
                "received_at": NOW,
                "gateway": "simulator",
                "dedupe_key": str(item),
                "content": {},
            }
            await tx.execute(insert(inbox_items).values({**row, "state": "settled", **changes}))
        await tx.execute(
            insert(answers).values(
                id=new_id(NOW),
                warning_id=night.warning,
                call_out_id=night.head,
                contact_id=contact,
                how="text",
                meaning="answered",
                said="收到",
                at=NOW,
                inbox_item_id=reply,
                late=False,
            )
        )
        told = Entry(
            NOW,
            "call_out.answered",
            "settle",
            night.warning,
            call_out_id=night.head,
            particulars={"said": "收到"},
        )
        await append_entries(tx, [told])
        history = await call_out_history(tx, night.head)
        unknown = await unknown_replies(tx)
    assert history is not None
    assert [made.state for made in history.attempts] == ["answered"]
    assert [answer.said for answer in history.answers] == ["收到"]
    assert {item.id for item in history.inbox} == {report, reply}
    assert [(line.event, line.particulars) for line in history.ledger] == [
        ("call_out.answered", {"said": "收到"})
    ]
    assert [(item.id, item.said) for item in unknown] == [(other, "你是谁")]


async def test_no_history_of_a_call_out_that_is_not(database: Database) -> None:
    async with database.transaction() as tx:
        assert await call_out_history(tx, new_id(NOW)) is None


async def test_open_alarms_newest_first(database: Database) -> None:
    async with database.transaction() as tx:
        warning = await add_warning(tx)
        for minute, cleared in enumerate([None, NOW, None]):
            row: dict[str, object] = {
                "id": new_id(NOW),
                "kind": "nobody_matched",
                "text": f"第{minute}条",
                "warning_id": warning,
            }
            moment = NOW + timedelta(minutes=minute)
            await tx.execute(insert(alarms).values({**row, "raised_at": moment, "cleared_at": cleared}))
        found = await open_alarms(tx)
    assert [(alarm.text, alarm.headline) for alarm in found] == [
        ("第2条", "沁水县暴雨红色预警"),
        ("第0条", "沁水县暴雨红色预警"),
    ]


async def test_an_alarm_tells_the_post_the_place_and_the_way_to_the_person(database: Database) -> None:
    async with database.transaction() as tx:
        night = await a_night(tx)
        rows = (await tx.execute(select(call_outs.c.id, call_outs.c.contact_id))).all()
        people = {row.id: row.contact_id for row in rows}
        uncalled = await add_contact(tx, "戊", "+8610000000009")
        await tx.execute(
            insert(posts).values(
                id=new_id(NOW), area_code=VILLAGE, kind="群测群防员", level="village", tier="village",
                holder_id=uncalled,
            )
        )  # fmt: skip
        for contact in (people[night.holder], people[night.leader], uncalled):
            row: dict[str, object] = {"id": new_id(NOW), "kind": "danger", "text": "山体滑坡了，救命"}
            await tx.execute(insert(alarms).values({**row, "contact_id": contact, "raised_at": NOW}))
        found = {alarm.contact_name: (alarm.call_out_id, alarm.posts) for alarm in await open_alarms(tx)}
    assert found == {
        "乙": (night.holder, ("龙港镇 杏园村 防汛责任人",)),
        "丁": (night.leader, ("沁水县 防汛指挥",)),
        "戊": (None, ("龙港镇 杏园村 群测群防员",)),
    }


@pytest.mark.parametrize("people", [3, 30])
async def test_questions_stay_as_many_however_many_people(database: Database, people: int) -> None:
    asked: list[str] = []
    async with database.transaction() as tx:
        await add_areas(tx)
        warning = await add_warning(tx)
        for number in range(people):
            duty = await add_responsibility(tx, warning, VILLAGE, f"第{number}组", state="uncovered")
            person = await add_contact(tx, f"某{number}", f"+86100000{number:05}")
            await add_call_out(tx, warning, person, [(duty, "holder")])
        event.listen(tx.sync_connection, "before_cursor_execute", lambda *told: asked.append(str(told[2])))
        assert len(await officers_list(tx, warning, NOW)) == people
        assert len(await callouts_page(tx, warning)) == people
        await township_board(tx, warning, NOW)
        await list_warnings(tx)
    assert len(asked) == 4 + 4 + 2 + 3
