"""A calendar that somebody subscribed to shows their shifts, and what was changed in them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import icalendar
import pytest

from jiaoying.duty import actions
from jiaoying.duty.actions import Doer
from jiaoying.duty.model import Role, Shift
from jiaoying.duty.store import save_desk, save_shifts
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database
from jiaoying.web.calendar_feed import address_of
from journeys.desks import desk_of
from town import COUNTY, Phone, Town, open_town
from web_town import Browser, add_users, parts_for_tests


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        await add_users(database)
        yield opened


@pytest.fixture
async def anybody(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "officer"):
        yield browser


class Rota:
    """One shift tomorrow, planned for 赵."""

    def __init__(self, town: Town, desk_id: UUID, shift: Shift) -> None:
        self.town, self.desk_id, self.shift = town, desk_id, shift

    def path(self, kind: str, row_id: UUID) -> str:
        parts = parts_for_tests(self.town.database)
        return address_of(parts, kind, row_id).removeprefix(parts.public_url)


@pytest.fixture
async def people(town: Town) -> tuple[Phone, Phone]:
    return await town.person("赵演示"), await town.person("钱演示")


@pytest.fixture
async def rota(town: Town, people: tuple[Phone, Phone]) -> Rota:
    now = town.clock.now()
    async with town.database.transaction() as tx:
        desk = await save_desk(tx, COUNTY, "县应急值班室", None, now=now, actor="test")
        begins = now + timedelta(days=1)
        shift = Shift(new_id(now), desk.id, begins, begins + timedelta(days=1), people[0].contact_id, None)
        await save_shifts(tx, [shift], now=now, actor="test")
    return Rota(town, desk.id, shift)


async def events(browser: Browser, path: str) -> list[dict[str, str]]:
    answer = await browser.get(path)
    assert (answer.status, answer.content_type) == (200, "text/calendar")
    calendar: Any = icalendar.Calendar.from_ical(await answer.read())
    return [
        {"uid": str(each["UID"]), "status": str(each["STATUS"]), "sequence": str(each["SEQUENCE"])}
        for each in calendar.walk("VEVENT")
    ]


async def test_a_shift_that_somebody_else_takes_is_cancelled_for_one_and_new_for_the_other(
    town: Town, anybody: Browser, rota: Rota, people: tuple[Phone, Phone]
) -> None:
    zhao, qian = (rota.path("people", phone.contact_id) for phone in people)
    (planned,) = await events(anybody, zhao)
    assert planned["status"] == "CONFIRMED"
    assert await events(anybody, qian) == []
    doer = Doer("值班员", "家里有事", town.clock.now(), town.engine.timezone)
    async with town.database.transaction() as tx:
        await actions.put_in(tx, rota.shift.id, Role.OFFICER, people[1].contact_id, doer)
    (gone,) = await events(anybody, zhao)
    assert (gone["uid"], gone["status"]) == (planned["uid"], "CANCELLED")
    assert int(gone["sequence"]) > int(planned["sequence"])
    assert [one["status"] for one in await events(anybody, qian)] == ["CONFIRMED"]


async def test_a_plan_written_anew_grows_the_sequence(town: Town, anybody: Browser, rota: Rota) -> None:
    desk = rota.path("desks", rota.desk_id)
    (before,) = await events(anybody, desk)
    async with town.database.transaction() as tx:
        longer = replace(rota.shift, ends_at=rota.shift.ends_at + timedelta(hours=1))
        await save_shifts(tx, [longer], now=town.clock.now() + timedelta(minutes=1), actor="test")
    (after,) = await events(anybody, desk)
    assert after["uid"] == before["uid"]
    assert int(after["sequence"]) > int(before["sequence"])


async def test_an_address_opens_only_what_it_was_made_for(
    anybody: Browser, rota: Rota, people: tuple[Phone, Phone]
) -> None:
    zhao, qian = (rota.path("people", phone.contact_id) for phone in people)
    code = zhao.rsplit("/", 1)[1]
    assert (await anybody.get(qian.rsplit("/", 1)[0] + "/" + code)).status == 404
    assert (await anybody.get(zhao.replace("people", "desks"))).status == 404
