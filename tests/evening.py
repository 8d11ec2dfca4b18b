"""A whole evening of the demonstration county, from blue at 17:00 to the end at 06:00, with its pictures.

Not a part of the suite, since it takes its time: `JIAOYING_PICTURES=folder pytest tests/evening.py` draws the
boards there and puts the ledger of each warning beside them. docs/zh-CN/evening.md is told from it.
"""

import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from browser.chromium import Tab, chromium_tab
from jiaoying.demonstration.load import load_demonstration
from jiaoying.demonstration.town import demonstration_town
from jiaoying.ledger.documents import Paper, story_json
from jiaoying.ledger.export import story, story_heading
from jiaoying.storage.database import Database
from jiaoying.storage.schema import contact_numbers, contacts, issued_warnings, posts
from jiaoying.warnings.intake import take_in
from town import Phone, Town, open_bare_town
from unit.warnings.samples import COUNTY, alert, area, geocode, info
from web_town import PASSWORD, add_users

pytestmark = pytest.mark.system

SHANXI = ZoneInfo("Asia/Shanghai")
EVENING = datetime(2026, 7, 15, 16, 55, tzinfo=SHANXI)
PICTURES = os.environ.get("JIAOYING_PICTURES")
LONGGANG, ZHONGCUN, ZHENGZHUANG = "140521100000", "140521101000", "140521102000"
LINES = {"JIAOYING_SIMULATOR_LINES": "30", "JIAOYING_SIMULATOR_CALLS_PER_S": "10"}
SENDER = "Qinshui_County_Meteorological_Observatory"


@dataclass(slots=True)
class Evening:
    """The county, the officer's screen, and the hour."""

    town: Town
    tab: Tab
    drawn: int = 0

    async def until(self, hour: int, minute: int) -> None:
        """Let the evening go on to this hour; an hour before now is tomorrow's."""
        now = self.town.clock.now().astimezone(SHANXI)
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        then += timedelta(days=1) if then < now else timedelta()
        await self.town.jump(seconds=(then - now).total_seconds(), step_s=15)

    async def feed(
        self,
        colour: str,
        severity: str,
        places: Sequence[str],
        *,
        event: str = "暴雨",
        kind: str = "Alert",
        replaces: str | None = None,
        hours: float = 12,
        text: str = "预计未来6小时我县部分乡镇降雨量将达50毫米以上，请注意防范。",
    ) -> str:
        """A message comes in by the feed; returns what a later one refers to."""
        now = self.town.clock.now().astimezone(SHANXI)
        identifier = f"14052141600000_{now:%Y%m%d%H%M%S}"
        body = alert(
            info(
                area("".join(geocode(code) for code in places)),
                event=event,
                severity=severity,
                effective=now.isoformat(),
                expires=(now + timedelta(hours=hours)).isoformat(),
                headline=f"沁水县气象台发布{event}{colour}预警",
                description=text,
            ),
            identifier=identifier,
            sent=now.isoformat(),
            msgType=kind,
            references=replaces,
        )
        at = self.town.clock.now()
        receipts = await take_in(
            self.town.database,
            body,
            media_type="application/xml",
            source="县气象台",
            now=at,
            wall=at,
            home_area=COUNTY,
        )
        assert [receipt.disposition for receipt in receipts] in (["accepted"], ["updated"], ["cancelled"])
        await self.town.settle()
        return f"{SENDER},{identifier},{now.isoformat()}"

    async def newest(self, hazard: str = "rain") -> UUID:
        """The warning that came last."""
        rows = issued_warnings
        async with self.town.database.transaction() as tx:
            found = await tx.scalar(
                select(rows.c.id)
                .where(rows.c.hazard == hazard, rows.c.request_for_id.is_(None))
                .order_by(rows.c.id.desc())
                .limit(1)
            )
        assert found
        return found

    async def holder(self, area_code: str, tier: str) -> Phone:
        """The telephone of somebody who answers for a place."""
        async with self.town.database.transaction() as tx:
            row = (
                await tx.execute(
                    select(contacts.c.id, contacts.c.name, contact_numbers.c.number)
                    .join(posts, posts.c.holder_id == contacts.c.id)
                    .join(contact_numbers, contact_numbers.c.contact_id == contacts.c.id)
                    .where(posts.c.area_code == area_code, posts.c.tier == tier)
                    .where(contact_numbers.c.kind == "mobile")
                    .order_by(contact_numbers.c.preference)
                    .limit(1)
                )
            ).one()
        return Phone(self.town, row.name, row.number, row.id)

    async def look(self, path: str, name: str, *, width: int = 1280) -> None:
        """What the officer sees; drawn where pictures are wanted."""
        await self.tab.resize(width, 900)
        await self.tab.open(self.town.web_url + path)
        self.drawn += 1
        if PICTURES:
            await self.tab.screenshot(Path(PICTURES) / f"{self.drawn:02}-{name}.png", whole=True)

    async def write_ledgers(self) -> None:
        """The whole story of each warning, with masked numbers; written where pictures are wanted."""
        if not PICTURES:
            return
        paper = Paper(SHANXI, full_numbers=False)
        async with self.town.database.transaction() as tx:
            for warning_id in list(
                await tx.scalars(select(issued_warnings.c.id).order_by(issued_warnings.c.id))
            ):
                heading, lines = await story_heading(tx, warning_id), await story(tx, warning_id)
                assert heading
                told = story_json(heading, lines, paper, ())
                (Path(PICTURES) / f"{warning_id}.json").write_text(told, encoding="utf-8")


@pytest.fixture
async def evening(database: Database, redis_url: str) -> AsyncIterator[Evening]:
    async with (
        open_bare_town(database, redis_url, EVENING, LINES) as town,
        chromium_tab() as tab,
    ):
        await load_demonstration(database, EVENING, SHANXI)
        await add_users(database)
        for number, habit in demonstration_town().items():
            await town.ask("PUT", f"/town/phones/{number}", json={"habit": habit})
        await tab.open(town.web_url + "/sign-in")
        await tab.fill("input[name=name]", "officer")
        await tab.fill("input[name=password]", PASSWORD)
        await tab.click("main button[type=submit]")
        await tab.until("location.pathname === '/warnings'")
        yield Evening(town, tab)


async def test_a_night_of_rain(evening: Evening) -> None:
    await evening.until(17, 0)
    blue = await evening.feed("蓝色", "Minor", [COUNTY])
    await evening.until(17, 10)
    await evening.look(f"/warnings/{await evening.newest()}", "blue")

    await evening.until(19, 40)
    yellow = await evening.feed("黄色", "Moderate", [COUNTY], kind="Update", replaces=blue)
    await evening.until(19, 50)
    await evening.look(f"/warnings/{await evening.newest()}", "yellow")

    await evening.until(22, 10)
    orange = await evening.feed("橙色", "Severe", [LONGGANG, ZHONGCUN, ZHENGZHUANG])
    await evening.until(22, 20)
    await evening.look(f"/warnings/{await evening.newest()}", "orange")

    await evening.until(23, 30)
    red = await evening.feed("红色", "Extreme", [ZHONGCUN])
    await evening.until(23, 35)
    await evening.look(f"/warnings/{await evening.newest()}", "red")

    await evening.until(23, 41)
    await evening.feed("红色", "Extreme", ["140521101200", "140521101201"], event="山洪灾害")
    await evening.until(23, 46)
    village = await evening.holder("140521101201", "village")
    await village.says("已转移 12户35人")
    await evening.until(23, 50)
    await evening.look(f"/warnings/{await evening.newest('flash_flood')}", "flash-flood")

    await evening.until(3, 10)
    lowered = await evening.feed("橙色", "Severe", [ZHONGCUN], kind="Update", replaces=red)
    await evening.until(3, 20)
    await evening.look(f"/warnings/{await evening.newest()}", "lowered")

    await evening.until(6, 0)
    await evening.feed("蓝色", "Minor", [COUNTY], kind="Cancel", replaces=f"{yellow} {orange} {lowered}")
    await evening.until(6, 10)
    await evening.look("/warnings", "end")
    await evening.write_ledgers()
    assert evening.tab.complaints == []
