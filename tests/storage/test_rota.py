"""What people do to a rota, on a real PostgreSQL: who stands afterwards, and what is told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.store import find_or_add_people
from jiaoying.dispatch.store.roster import standing_at
from jiaoying.duty import actions, change_store
from jiaoying.duty.actions import Doer
from jiaoying.duty.change_store import SwapState
from jiaoying.duty.model import ChangeKind, Desk, Role, Shift, Standing
from jiaoying.duty.store import save_desk, save_shifts, who_stands
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.phone import Number, NumberKind
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database
from jiaoying.storage.schema import ledger_lines, shifts

BEGIN = datetime(2026, 8, 7, 0, 30, tzinfo=UTC)  # 08:30 in Shanxi
NOW = BEGIN - timedelta(days=2)
DAY = timedelta(days=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICER = Doer("值班员", "家里有事", NOW, SHANGHAI)
LEADER = replace(OFFICER, actor="带班领导")
AREAS = (
    "code,name,level,parent_code\n140521000000,沁水县,county,\n140521100000,龙港镇,township,140521000000\n"
)


class County:
    """A desk with three days of shifts: 甲, 乙, 丙 one after another, 丁 leads."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.people: dict[str, UUID] = {}
        self.days: list[Shift] = []
        self.desk: Desk | None = None

    async def fill(self) -> None:
        await import_area_file(self.database, SheetFile("areas.csv", AREAS.encode()), now=NOW)
        async with self.database.transaction() as tx:
            names = ("甲员", "乙员", "丙员", "丁长", "戊员")
            numbers = [Number(f"+861000000000{number}", NumberKind.MOBILE) for number in range(len(names))]
            found = await find_or_add_people(
                tx, list(zip(names, numbers, strict=True)), now=NOW, note="test", actor="test"
            )
            self.people = {name: row_id for name, row_id in zip(names, found, strict=True) if row_id}
            self.desk = await save_desk(tx, "140521000000", "县应急值班室", None, now=NOW, actor="test")
            self.days = [self.shift(number, name) for number, name in enumerate(names[:3])]
            await save_shifts(tx, self.days, now=NOW, actor="test")

    def shift(self, number: int, officer: str, *, desk_id: UUID | None = None) -> Shift:
        assert self.desk
        starts_at = BEGIN + number * DAY
        return Shift(
            new_id(NOW + timedelta(seconds=number)),
            desk_id or self.desk.id,
            starts_at,
            starts_at + DAY,
            self.people[officer],
            self.people["丁长"],
        )

    async def officers(self, hour: int = 4) -> list[str]:
        """Who stands at the desk on each of the three days."""
        assert self.desk
        by_id = {row_id: name for name, row_id in self.people.items()}
        names: list[str] = []
        for number in range(3):
            async with self.database.transaction() as tx:
                at = BEGIN + number * DAY + timedelta(hours=hour)
                found = (await who_stands(tx, [self.desk.id], at))[self.desk.id]
            assert isinstance(found, Standing)
            names.append(by_id[found.officer_id])
        return names

    async def events(self) -> list[str]:
        async with self.database.transaction() as tx:
            rows = await tx.execute(select(ledger_lines.c.event).order_by(ledger_lines.c.id))
            return [
                row.event for row in rows if row.event.startswith(("shift.c", "shift.s", "leave", "rota"))
            ]


@pytest.fixture
async def county(database: Database) -> County:
    made = County(database)
    await made.fill()
    return made


async def test_a_swap_waits_for_the_leader_and_then_each_stands_for_the_other(county: County) -> None:
    one, other = (county.days[0].id, Role.OFFICER), (county.days[2].id, Role.OFFICER)
    async with county.database.transaction() as tx:
        request = await actions.ask_swap(tx, one, other, OFFICER)
    assert await county.officers() == ["甲员", "乙员", "丙员"]
    async with county.database.transaction() as tx:
        with pytest.raises(Refusal):  # not by who asked
            await actions.agree_to_swap(tx, request.id, OFFICER)
    async with county.database.transaction() as tx:
        first, _ = await actions.agree_to_swap(tx, request.id, LEADER)
    assert await county.officers() == ["丙员", "乙员", "甲员"]
    async with county.database.transaction() as tx:
        await actions.undo(tx, first.id, LEADER)
    assert await county.officers() == ["甲员", "乙员", "丙员"]
    assert await county.events() == [
        "shift.swap_asked",
        "shift.swap_agreed",
        "shift.changed_hands",
        "shift.changed_hands",
        "shift.change_undone",
        "shift.change_undone",
    ]


async def test_a_swap_that_is_refused_changes_nothing_and_cannot_be_agreed_to_later(county: County) -> None:
    one, other = (county.days[0].id, Role.OFFICER), (county.days[2].id, Role.OFFICER)
    async with county.database.transaction() as tx:
        first = await actions.ask_swap(tx, one, other, OFFICER)
        with pytest.raises(Refusal):  # agreed to twice, the second would undo the first
            await actions.ask_swap(tx, other, one, OFFICER)
        assert await actions.end_swap_request(tx, first.id, LEADER) is SwapState.REFUSED
        second = await actions.ask_swap(tx, one, other, OFFICER)
        assert await actions.end_swap_request(tx, second.id, OFFICER) is SwapState.WITHDRAWN
        assert await change_store.open_requests(tx) == []
        with pytest.raises(Refusal):
            await actions.agree_to_swap(tx, first.id, LEADER)
    assert await county.officers() == ["甲员", "乙员", "丙员"]


async def test_a_swap_in_mid_flight_fails_when_the_rota_changed_meanwhile(county: County) -> None:
    """Asked for, then one of the two is put in elsewhere: agreeing would put them in two places."""
    async with county.database.transaction() as tx:
        request = await actions.ask_swap(
            tx, (county.days[0].id, Role.OFFICER), (county.days[2].id, Role.OFFICER), OFFICER
        )
        town = await save_desk(tx, "140521100000", "龙港镇值班室", None, now=NOW, actor="test")
        await save_shifts(tx, [county.shift(0, "丙员", desk_id=town.id)], now=NOW, actor="test")
    async with county.database.transaction() as tx:
        with pytest.raises(Refusal):
            await actions.agree_to_swap(tx, request.id, LEADER)
    assert await county.officers() == ["甲员", "乙员", "丙员"]


async def test_a_running_shift_is_taken_over_with_a_reason(county: County) -> None:
    at_noon = replace(OFFICER, now=BEGIN + timedelta(hours=4))
    async with county.database.transaction() as tx:
        with pytest.raises(Refusal):
            await actions.put_in(
                tx, county.days[0].id, Role.OFFICER, county.people["戊员"], replace(at_noon, reason=" ")
            )
        change = await actions.put_in(tx, county.days[0].id, Role.OFFICER, county.people["戊员"], at_noon)
    assert change.kind is ChangeKind.TAKEOVER
    assert (await county.officers(hour=3))[0] == "甲员"
    assert (await county.officers(hour=4))[0] == "戊员"


async def test_nobody_is_put_in_two_places(county: County) -> None:
    async with county.database.transaction() as tx:
        for person in ("甲员", "丁长"):  # stands there already; leads that shift
            with pytest.raises(Refusal):
                await actions.put_in(tx, county.days[0].id, Role.OFFICER, county.people[person], OFFICER)


async def test_leave_names_the_shifts_that_need_somebody_else(county: County) -> None:
    away = (BEGIN + timedelta(hours=10), BEGIN + timedelta(hours=30))
    async with county.database.transaction() as tx:
        needed = await actions.take_leave(tx, county.people["乙员"], *away, OFFICER)
        (kept,) = await change_store.leaves_between(tx, *away)
        await actions.end_leave(tx, kept.id, OFFICER)
        assert await change_store.leaves_between(tx, *away) == []
    assert [(stint.person_id, stint.day) for stint in needed] == [(county.people["乙员"], date(2026, 8, 8))]
    assert await county.events() == ["leave.noted", "leave.taken_back"]


async def test_an_import_beneath_a_change_leaves_the_change(county: County) -> None:
    async with county.database.transaction() as tx:
        await actions.put_in(tx, county.days[0].id, Role.OFFICER, county.people["戊员"], OFFICER)
        await save_shifts(tx, [county.shift(0, "乙员")], now=NOW, actor="test")
    assert (await county.officers())[0] == "戊员"


async def test_on_a_sensitive_day_both_officers_are_called(county: County) -> None:
    assert county.desk
    second: Mapping[str, object] = {"second_id": county.people["戊员"], "name": "全天"}
    async with county.database.transaction() as tx:
        await tx.execute(
            insert(shifts).values(
                id=new_id(NOW),
                desk_id=county.desk.id,
                starts_at=BEGIN + 3 * DAY,
                ends_at=BEGIN + 4 * DAY,
                officer_id=county.people["甲员"],
                **second,
            )
        )
        found = await standing_at(tx, {("140521000000", None)}, BEGIN + 3 * DAY)
    assert found["140521000000", None].officer_ids == (county.people["甲员"], county.people["戊员"])
