"""The test vocabulary: a town with phones, a duty desk, a county, and a clock that jumps.

Everything is real but the passing of time: PostgreSQL, Valkey, HTTP to the simulated carrier and back.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from sqlalchemy import insert, select, text

from jiaoying.dispatch.cycle import Cycle, Stage
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.home_map import map_of
from jiaoying.dispatch.response.book import save_plans
from jiaoying.gateways.base import Gateway
from jiaoying.gateways.registry import SIMULATOR_NUMBER, build_gateways, simulator_settings
from jiaoying.gateways.simulator.service import Simulator
from jiaoying.kernel.clock import ManualClock, wall_now
from jiaoying.kernel.ids import new_id
from jiaoying.settings import Settings, read_settings
from jiaoying.storage import schema
from jiaoying.storage.bucket import TokenBucket
from jiaoying.storage.database import Database
from jiaoying.storage.wake import Wake
from jiaoying.web.application import build_application, build_runner
from jiaoying.web.parts import WebParts

COUNTY, TOWNSHIP, VILLAGE, OTHER_VILLAGE = (
    "140521000000",
    "140521100000",
    "140521100201",
    "140521100202",
)
AREAS = (
    ("140000000000", "山西省", "province", None),
    ("140500000000", "晋城市", "city", "140000000000"),
    (COUNTY, "沁水县", "county", "140500000000"),
    (TOWNSHIP, "龙港镇", "township", COUNTY),
    (VILLAGE, "梁庄村", "village", TOWNSHIP),
    (OTHER_VILLAGE, "王寨村", "village", TOWNSHIP),
)
START = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)  # ten in the morning in Shanxi: no night rule
SECRET = "0123456789abcdef0123456789abcdef"
NEXT_MOMENT = """
    SELECT min(moment) FROM (
        SELECT min(next_at) FROM responsibilities WHERE next_at > :now
        UNION ALL SELECT min(next_at) FROM call_outs WHERE state = 'open' AND next_at > :now
        UNION ALL SELECT min(due_at) FROM attempts WHERE state = 'due' AND due_at > :now
        UNION ALL SELECT min(report_by) FROM attempts WHERE state = 'accepted' AND report_by > :now
        UNION ALL SELECT min(valid_to) FROM issued_warnings WHERE state = 'matched' AND valid_to > :now
        UNION ALL SELECT min(next_at) FROM feedback_clocks WHERE next_at > :now
        UNION ALL SELECT min(pause_next_at) FROM issued_warnings WHERE pause_next_at > :now
        UNION ALL SELECT min(next_at) FROM incident_obligations WHERE next_at > :now
        UNION ALL SELECT min(next_at) FROM shift_watches WHERE next_at > :now
        UNION ALL SELECT min(next_at) FROM handovers WHERE next_at > :now
        UNION ALL SELECT min(starts_at) FROM shifts WHERE starts_at > :now
        UNION ALL SELECT min(next_at) FROM number_checks WHERE next_at > :now
        UNION ALL SELECT min(hold_next_at) FROM issued_warnings WHERE state = 'held' AND hold_next_at > :now
        UNION ALL SELECT min(next_at) FROM responses WHERE next_at > :now AND asked_level IS NOT NULL
        UNION ALL SELECT min(next_at) FROM response_tasks WHERE next_at > :now
        UNION ALL SELECT min(next_at) FROM routine_occurrences WHERE next_at > :now
        UNION ALL SELECT min(next_at) FROM letter_units WHERE next_at > :now
        UNION ALL SELECT min(next_at) FROM roll_call_plans WHERE next_at > :now
        UNION ALL SELECT min(next_at) FROM roll_calls WHERE next_at > :now
        UNION ALL SELECT min(next_at) FROM daily_plans WHERE next_at > :now
        UNION ALL SELECT min(next_at) FROM daily_rounds WHERE next_at > :now
        UNION ALL SELECT min(release_at) FROM issued_warnings WHERE state = 'matched' AND release_at > :now
    ) AS moments (moment)
"""

# What others seldom give work to: once a moment is enough.
_SELDOM = frozenset(
    {
        "watch",
        "check",
        "collect",
        "silence",
        "seal",
        "forecast",
        "pause",
        "rota",
        "routines",
        "letters",
        "roll_call",
        "daily",
        "presence",
        "incidents",
    }
)


@dataclass(slots=True)
class Phone:
    """One telephone of the town, seen by the person who holds it."""

    town: "Town"
    name: str
    number: str
    contact_id: UUID
    heard_texts: int = 0

    async def _state(self) -> Mapping[str, Any]:
        return await self.town.ask("GET", f"/town/phones/{self.number}")

    async def does(self, habit: str | Mapping[str, Any]) -> None:
        """What this phone does by itself from now on (see gateways/simulator/habits.py)."""
        await self.town.ask("PUT", f"/town/phones/{self.number}", json={"habit": habit})

    async def texts(self) -> list[str]:
        """Every text that has arrived here, oldest first."""
        return [
            found["body"] for found in (await self._state())["messages"] if found["direction"] != "inbound"
        ]

    async def calls(self) -> int:
        """How often this phone has rung."""
        return len((await self._state())["calls"])

    async def heard(self) -> list[str]:
        """The words of every call that rang here, oldest first."""
        async with self.town.database.transaction() as tx:
            rows = await tx.execute(
                text(
                    "SELECT text FROM attempts WHERE number = :number AND channel = 'voice'"
                    " AND accepted_at IS NOT NULL ORDER BY accepted_at, id"
                ),
                {"number": self.number},
            )
            return [row.text for row in rows]

    async def says(self, body: str) -> None:
        """Send a text to the desk, and let it be heard."""
        await self.town.ask("POST", f"/town/phones/{self.number}/text", json={"body": body})
        await self.town.settle()


@dataclass(slots=True)
class Town:
    """A county in miniature and everything that serves it."""

    clock: ManualClock
    database: Database
    simulator: Simulator
    simulator_url: str
    engine: Engine
    cycle: Cycle
    web_url: str
    session: aiohttp.ClientSession
    phones: dict[str, Phone] = field(default_factory=dict[str, Phone])
    _numbers: int = 0

    async def ask(self, method: str, path: str, **options: Any) -> Mapping[str, Any]:
        async with self.session.request(method, self.simulator_url + path, **options) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json() if answer.content_type == "application/json" else {}

    def stage(self, name: str) -> Stage:
        """One stage of the cycle, to be run alone."""
        return next(stage for stage in self.cycle.stages if stage.name == name)

    # --- the roster ---

    async def person(self, name: str, habit: str | Mapping[str, Any] = "ignores") -> Phone:
        """Somebody with a phone; without a habit it rings and nobody answers."""
        self._numbers += 1
        number, contact_id = f"+86100{self._numbers:08d}", new_id(START)
        async with self.database.transaction() as tx:
            await tx.execute(
                insert(schema.contacts).values(id=contact_id, name=name, demonstration=True, created_at=START)
            )
            await tx.execute(
                insert(schema.contact_numbers).values(
                    id=new_id(START), contact_id=contact_id, number=number, kind="mobile"
                )
            )
        phone = Phone(self, name, number, contact_id)
        await phone.does(habit)
        self.phones[name] = phone
        return phone

    async def post(
        self,
        area_code: str,
        kind: str,
        holder: Phone | None,
        *,
        deputy: Phone | None = None,
        superior: Phone | None = None,
        tier: str = "village",
        hazards: Sequence[str] = (),
    ) -> UUID:
        """A post in force."""
        post_id = new_id(START)
        level = {"village": "village", "township": "township"}.get(tier, "county")
        async with self.database.transaction() as tx:
            await tx.execute(
                insert(schema.posts).values(
                    id=post_id,
                    area_code=area_code,
                    kind=kind,
                    level=level,
                    tier=tier,
                    hazards=list(hazards),
                    holder_id=holder and holder.contact_id,
                    deputy_id=deputy and deputy.contact_id,
                    superior_id=superior and superior.contact_id,
                    valid_from=date(2026, 1, 1),
                    demonstration=True,
                )
            )
        return post_id

    async def desk(
        self,
        area_code: str,
        name: str,
        officer: Phone | None,
        leader: Phone | None = None,
        *,
        fallback: Phone | None = None,
    ) -> UUID:
        """A duty desk with somebody on shift all this month."""
        desk_id = new_id(START)
        async with self.database.transaction() as tx:
            await tx.execute(
                insert(schema.desks).values(
                    id=desk_id,
                    area_code=area_code,
                    name=name,
                    fallback_contact_id=fallback and fallback.contact_id,
                )
            )
            if officer is not None:
                await tx.execute(
                    insert(schema.shifts).values(
                        id=new_id(START),
                        desk_id=desk_id,
                        starts_at=START - timedelta(days=1),
                        ends_at=START + timedelta(days=30),
                        officer_id=officer.contact_id,
                        leader_id=leader and leader.contact_id,
                    )
                )
        return desk_id

    async def plans(self, text_of_plans: str) -> None:
        """Put response plans in force."""
        async with self.database.transaction() as tx:
            await save_plans(tx, text_of_plans, by="test", now=self.clock.now())

    async def tasks(self) -> dict[str, str]:
        """Every task by what is ordered where, and how it stands: the newest of each counts."""
        async with self.database.transaction() as tx:
            rows = await tx.execute(
                text("SELECT order_text, label, state FROM response_tasks ORDER BY ordered_at, id")
            )
            return {f"{row.label}: {row.order_text}": row.state for row in rows}

    # --- warnings ---

    async def warn(
        self,
        colour: str = "red",
        *,
        areas: Sequence[str] = (COUNTY,),
        polygons: Sequence[Sequence[tuple[float, float]]] = (),
        hazard: str = "rain",
        reference: str = "A7",
        exercise: bool = False,
        kind: str = "alert",
        replaces: UUID | None = None,
        hours: float = 12,
        settles: bool = True,
    ) -> UUID:
        """A warning that has come in and waits to be matched; the cycle then does what is due at once, or
        with what comes next where it does not settle."""
        now, warning_id = self.clock.now(), new_id(self.clock.now())
        async with self.database.transaction() as tx:
            await tx.execute(
                insert(schema.issued_warnings).values(
                    id=warning_id,
                    source="test",
                    sender="test",
                    identifier=str(warning_id),
                    version=1,
                    content_sha256=warning_id.bytes,
                    kind=kind,
                    exercise=exercise,
                    hazard=hazard,
                    event="暴雨",
                    colour=colour,
                    headline=f"沁水县气象台发布暴雨{colour}预警",
                    text="预计未来3小时将出现暴雨。",
                    area_names="沁水县",
                    area_codes=[] if polygons else list(areas),
                    polygons=[[list(corner) for corner in ring] for ring in polygons],
                    sent_at=now,
                    valid_from=now,
                    valid_to=now + timedelta(hours=hours),
                    received_at=now,
                    state="received",
                    reference=reference,
                    replaces_id=replaces,
                )
            )
        if settles:
            await self.settle()
        return warning_id

    # --- time ---

    async def settle(self) -> None:
        """Let everything that is due now happen, on our side and in town.

        A tick, then whoever is rung, as the stages do by themselves, until a tick finds nothing to do.
        """
        every_stage = {stage.name for stage in self.cycle.stages}
        await self._answer_bells(every_stage)
        while woken := await self._run(every_stage - _SELDOM):
            await self._answer_bells(woken)

    async def _answer_bells(self, rung: Collection[str]) -> None:
        """Run these stages, then whoever is rung by them, until nobody is and the town is quiet."""
        for _ in range(400):
            woken = await self._run(rung) if rung else set[str]()
            await self.simulator.run_due()
            if await self._unread():
                woken.add("settle")
            if not woken and self.simulator.idle():
                return
            rung = woken
        raise AssertionError("the town never comes to rest")

    async def _run(self, names: Collection[str]) -> set[str]:
        """These stages once, in order; returns whoever is rung by it."""
        woken: set[str] = set()
        for stage in self.cycle.stages:
            if stage.name in names and await stage.run_once(self.engine, self.clock.now()):
                woken |= {stage.name, *stage.rings}
            await self.cycle.collect.wait_until_quiet()
            await self.cycle.send.wait_until_quiet()
        return woken & {stage.name for stage in self.cycle.stages}

    async def jump(self, *, seconds: float = 0, minutes: float = 0, step_s: float = 0) -> None:
        """Let time pass, from one moment at which something is due to the next, `step_s` apart at least."""
        end = self.clock.now() + timedelta(seconds=seconds, minutes=minutes)
        while self.clock.now() < end:
            soon = self.clock.now() + timedelta(seconds=step_s)
            ours, theirs = await self._next_moment(), self.simulator.next_event_at() or end
            self.clock.advance_to(min(end, max(soon, min(ours or end, theirs))))
            if self.clock.now() < min(ours or end, end):
                # The town alone has something to say: whoever is rung by it is enough.
                await self._answer_bells({"settle"})
            else:
                await self.settle()

    async def _next_moment(self) -> datetime | None:
        """When something is next due by itself with us."""
        return await self.value(NEXT_MOMENT, now=self.clock.now())

    async def _unread(self) -> int:
        return await self.value("SELECT count(*) FROM inbox_items WHERE state = 'unread'")

    # --- looking ---

    async def value(self, statement: str, **values: Any) -> Any:
        async with self.database.transaction() as tx:
            return await tx.scalar(text(statement), values)

    async def states(self, table: str, warning_id: UUID) -> dict[str, int]:
        """How many rows of a warning are in each state."""
        kind = schema.metadata.tables[table]
        async with self.database.transaction() as tx:
            rows = await tx.execute(
                text(f"SELECT state, count(*) FROM {kind.name} WHERE warning_id = :warning GROUP BY state"),
                {"warning": warning_id},
            )
            return {row[0]: row[1] for row in rows}

    async def state_of(self, phone: Phone, warning_id: UUID) -> str | None:
        """The state of one person's newest call-out under a warning."""
        async with self.database.transaction() as tx:
            return await tx.scalar(
                select(schema.call_outs.c.state)
                .where(
                    schema.call_outs.c.warning_id == warning_id,
                    schema.call_outs.c.contact_id == phone.contact_id,
                )
                .order_by(schema.call_outs.c.version.desc())
                .limit(1)
            )

    async def listed(self, warning_id: UUID) -> list[str]:
        """The officer's list of a warning, by label."""
        duties = schema.responsibilities
        async with self.database.transaction() as tx:
            rows = await tx.execute(
                select(duties.c.label)
                .where(
                    duties.c.warning_id == warning_id,
                    duties.c.listed_at.is_not(None),
                    duties.c.state.in_(["open", "uncovered"]),
                )
                .order_by(duties.c.label)
            )
            return [row.label for row in rows]

    async def events(self, warning_id: UUID) -> list[str]:
        """The warning's ledger, as words."""
        lines = schema.ledger_lines
        async with self.database.transaction() as tx:
            rows = await tx.execute(
                select(lines.c.event).where(lines.c.warning_id == warning_id).order_by(lines.c.id)
            )
            return [row.event for row in rows]


def settings_for_tests(**changes: str) -> Settings:
    """Settings as a test wants them: nothing of this machine's environment."""
    return read_settings({"JIAOYING_LISTEN": "127.0.0.1:0", **changes})


@asynccontextmanager
async def open_town(database: Database, redis_url: str | None, **changes: str) -> AsyncGenerator[Town]:
    """A town at ten in the morning, with its areas and nobody in it; `changes` are settings."""
    await _lay_out(database)
    async with open_bare_town(database, redis_url, START, changes) as town:
        yield town


@asynccontextmanager
async def open_bare_town(
    database: Database, redis_url: str | None, begins: datetime, changes: Mapping[str, str]
) -> AsyncGenerator[Town]:
    """A town without areas, at the moment when it `begins`."""
    clock = ManualClock(begins)
    settings = settings_for_tests(
        **{"JIAOYING_SIMULATOR_LINES": "0", "JIAOYING_SIMULATOR_CALLS_PER_S": "0"}
        | {"JIAOYING_SIMULATOR_SEGMENTS_PER_S": "0", "JIAOYING_SIMULATOR_NUMBER_BUDGET": "none"}
        | dict(changes)
    )
    async with AsyncExitStack() as stack:
        account = simulator_settings(SECRET, "")
        simulator = Simulator(
            clock=clock,
            account_sid=account.account_sid,
            auth_token=account.auth_token,
            secret=SECRET,
            from_numbers=[SIMULATOR_NUMBER],
        )
        simulator_url = await simulator.start()
        stack.push_async_callback(simulator.stop)
        wake = await stack.enter_async_context(Wake(redis_url))
        address: list[str] = []
        gateways = build_gateways(
            settings,
            public_url=lambda: address[0],
            secrets_simulator=SECRET,
            simulator_base=simulator_url,
        )
        parts = WebParts(
            database,
            clock,
            settings,
            wake,
            gateways,
            "",
            "沁水县应急值班室",
            "a key of the tests",
            home_map=map_of(COUNTY),
        )
        address.append(await _serve(stack, parts))
        for gateway in gateways.values():
            await gateway.start()
            stack.push_async_callback(gateway.stop)
        engine = await _engine(stack, database, redis_url, wake, clock, gateways)
        if settings.text_links:
            engine = replace(engine, link_base=lambda: address[0])
        group = await stack.enter_async_context(asyncio.TaskGroup())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        town = Town(
            clock, database, simulator, simulator_url, engine, Cycle(engine, group), address[0], session
        )
        await town.ask(
            "PUT", "/town/webhooks", json={"message_url": f"{address[0]}/callbacks/twilio/message"}
        )
        yield town


async def _engine(
    stack: AsyncExitStack,
    database: Database,
    redis_url: str | None,
    wake: Wake,
    clock: ManualClock,
    gateways: Mapping[str, Gateway],
) -> Engine:
    bucket = TokenBucket(redis_url)
    stack.push_async_callback(bucket.close)
    worker_id = new_id(wall_now())
    async with database.transaction() as tx:
        far = wall_now() + timedelta(days=1)
        await tx.execute(
            insert(schema.workers).values(id=worker_id, role="worker", started_at=far, seen_at=far)
        )
    return Engine(
        worker_id=worker_id,
        database=database,
        clock=clock,
        wake=wake,
        bucket=bucket,
        gateways=gateways,
        home_map=map_of(COUNTY),
        home_name="沁水县应急值班室",
        timezone=ZoneInfo("Asia/Shanghai"),
        source_key="a key of the tests",
    )


async def _serve(stack: AsyncExitStack, parts: WebParts) -> str:
    runner = build_runner(build_application(parts))
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


async def _lay_out(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(
            insert(schema.areas),
            [
                {"code": code, "name": name, "level": level, "parent_code": parent}
                for code, name, level, parent in AREAS
            ],
        )
