"""Answers per second: signed webhooks stored, and stored answers settled, beside a bare insert.

Everybody replies "1" to the text that they were sent. First the replies are stored while no worker
runs, then a worker settles them, which plans, words and sends a confirmation to each; and between
the two stands a bare insert of one row a commit on as many connections.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from typing import cast
from urllib.parse import urlencode

import aiohttp
import asyncpg
from twilio.request_validator import RequestValidator  # pyright: ignore[reportMissingTypeStubs]

from benchmarks.county import settle_county, store_warning
from benchmarks.figures import Findings, Ratio, Table, percentile, spread
from benchmarks.ground import PUBLIC_URL, Ground
from benchmarks.waiting import wait_until
from jiaoying.gateways.registry import SIMULATOR_NUMBER, simulator_settings
from jiaoying.kernel.clock import wall_now

NAME = "answers"
# As many as the web process has connections to the database.
AT_ONCE = 10
STEADY_PER_S = 100
ADDRESS = "/callbacks/twilio/message"
_UNREAD = "SELECT count(*) FROM inbox_items WHERE state = 'unread'"
_NOT_CONFIRMED = "SELECT count(*) FROM attempts WHERE state IN ('due', 'sending')"
_ANSWERED = "SELECT count(*) FROM call_outs WHERE state = 'answered'"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One reply, signed and encoded beforehand."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Round:
    """One round, per second; latencies in ms at a steady 100 answers a second with a worker running."""

    stored_per_s: float
    settled_per_s: float
    confirmed_per_s: float
    bare_per_s: float
    steady_ms: tuple[float, float, float]
    web_cpu_ms: float
    worker_cpu_ms: float


async def measure(ground: Ground, *, people: int, rounds: int) -> Findings:
    """`rounds` with a county of `people` each; a third of them answer at a steady pace."""
    async with ground.database() as template:
        async with ground.connection(template) as connection:
            await settle_county(connection, people)
        found = [await _one_round(ground, template, people) for _ in range(rounds)]
    return _findings(people, found)


async def _one_round(ground: Ground, template: str, people: int) -> Round:
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(ground.database(template))
        connection = await stack.enter_async_context(ground.connection(database))
        web, url = await stack.enter_async_context(ground.web(database))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        webhooks = _webhooks(ground, people)
        steady, rest = webhooks[: people // 3], webhooks[people // 3 :]
        post = _poster(session, url)
        async with ground.worker(database):
            await _call_everybody(ground, connection, people)
            latencies = await _at_a_steady_pace(post, steady)
            await _until(connection, _UNREAD, 0)
        cpu = web.cpu_s()
        stored_s = await _all_at_once([post(webhook) for webhook in rest])
        web_cpu = web.cpu_s() - cpu
        bare_s = await _bare_inserts(ground, database, len(rest))
        async with ground.worker(database, rest_s=0) as worker:
            # The worker begins to settle as soon as it is there.
            cpu, began, before = worker.cpu_s(), time.monotonic(), await connection.fetchval(_UNREAD)
            await _until(connection, _UNREAD, 0)
            settled_s = time.monotonic() - began
            await _until(connection, _NOT_CONFIRMED, 0)
            confirmed_s, worker_cpu = time.monotonic() - began, worker.cpu_s() - cpu
        if await connection.fetchval(_ANSWERED) != people:
            raise RuntimeError("not everybody who answered counts as answered")
        return Round(
            len(rest) / stored_s,
            before / settled_s,
            before / confirmed_s,
            len(rest) / bare_s,
            (percentile(latencies, 0.5), percentile(latencies, 0.95), percentile(latencies, 0.99)),
            web_cpu * 1000 / len(rest),
            worker_cpu * 1000 / max(1, before),
        )


def _webhooks(ground: Ground, people: int) -> list[Webhook]:
    account = simulator_settings(ground.secret, "")
    validator = RequestValidator(account.auth_token)
    made: list[Webhook] = []
    for number in range(1, people + 1):
        form = {
            "MessageSid": f"SM{number:032x}",
            "AccountSid": account.account_sid,
            "From": f"+86100{number:08d}",
            "To": SIMULATOR_NUMBER,
            "Body": "1",
            "NumMedia": "0",
        }
        signature = cast("str", validator.compute_signature(PUBLIC_URL + ADDRESS, form))  # pyright: ignore
        headers = {
            "X-Twilio-Signature": signature,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        made.append(Webhook(urlencode(form).encode(), headers))
    return made


def _poster(session: aiohttp.ClientSession, url: str) -> Callable[[Webhook], Awaitable[None]]:
    async def post(webhook: Webhook) -> None:
        async with session.post(url + ADDRESS, data=webhook.body, headers=webhook.headers) as answer:
            await answer.read()
            if answer.status != 200:
                raise RuntimeError(f"a reply was answered with {answer.status}")

    return post


async def _call_everybody(
    ground: Ground, connection: "asyncpg.Connection[asyncpg.Record]", people: int
) -> None:
    await ground.carrier.forget()
    await store_warning(connection, wall_now())
    ground.wake.ring("match", "changes")
    await ground.carrier.wait_for(people)
    await _until(connection, "SELECT count(*) FROM attempts WHERE state <> 'accepted'", 0)


async def _until(connection: "asyncpg.Connection[asyncpg.Record]", question: str, answer: int) -> None:
    async def is_so() -> bool:
        return await connection.fetchval(question) == answer

    await wait_until(is_so, poll_s=0.01)


async def _at_a_steady_pace(
    post: Callable[[Webhook], Awaitable[None]], webhooks: Sequence[Webhook]
) -> list[float]:
    """Posted at their moments, whether or not those before are answered; ms from the moment due."""
    latencies: list[float] = []
    began = time.monotonic()

    async def post_at(due: float, webhook: Webhook) -> None:
        await asyncio.sleep(due - time.monotonic())
        await post(webhook)
        latencies.append((time.monotonic() - due) * 1000)

    async with asyncio.TaskGroup() as group:
        for number, webhook in enumerate(webhooks):
            group.create_task(post_at(began + 0.2 + number / STEADY_PER_S, webhook))
    return latencies


async def _all_at_once(work: Sequence[Awaitable[None]]) -> float:
    """Seconds that it takes, `AT_ONCE` at a time."""
    waiting = iter(work)

    async def do_some(waiting: Iterator[Awaitable[None]]) -> None:
        for one in waiting:
            await one

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(do_some(waiting))
    return time.monotonic() - began


async def _bare_inserts(ground: Ground, database: str, count: int) -> float:
    """One row a commit, as wide as an inbox item, without anything else."""
    dsn = ground.dsn(database, "jiaoying_owner")
    async with asyncpg.create_pool(dsn, min_size=AT_ONCE, max_size=AT_ONCE) as pool:
        await pool.execute("CREATE TABLE bench_inbox (key text PRIMARY KEY, at timestamptz, content jsonb)")

        async def insert(number: int) -> None:
            await pool.execute(
                "INSERT INTO bench_inbox VALUES ($1, now(), $2) ON CONFLICT DO NOTHING",
                f"SM{number:032x}",
                '{"kind": "text", "ref": "SM", "from_number": "+8610000000001", "text": "1"}',
            )

        return await _all_at_once([insert(number) for number in range(count)])


def _findings(people: int, found: Sequence[Round]) -> Findings:
    stored = [one.stored_per_s / one.bare_per_s for one in found]
    settled = [one.settled_per_s / one.bare_per_s for one in found]

    def middle(values: Sequence[float]) -> float:
        return statistics.median(values)

    return Findings(
        NAME,
        (
            Table(
                f"Answers by text from {people:,} people; median of {len(found)} rounds (least–most)",
                ("", "answers/s", "CPU ms each"),
                (
                    (
                        "signed webhook → stored",
                        spread([one.stored_per_s for one in found]),
                        spread([one.web_cpu_ms for one in found], 2),
                    ),
                    ("stored → settled", spread([one.settled_per_s for one in found]), ""),
                    (
                        "stored → settled, confirmation sent",
                        spread([one.confirmed_per_s for one in found]),
                        spread([one.worker_cpu_ms for one in found], 2),
                    ),
                    ("bare insert, one a commit", spread([one.bare_per_s for one in found]), ""),
                ),
            ),
            Table(
                f"Answered webhook at a steady {STEADY_PER_S} a second while a worker settles; ms",
                ("", "p50", "p95", "p99"),
                (
                    (
                        "from the moment due",
                        *(f"{middle(v):.1f}" for v in zip(*[o.steady_ms for o in found], strict=True)),
                    ),
                ),
            ),
        ),
        (
            Ratio("stored / bare insert", middle(stored), "none", met=True),
            Ratio("settled / bare insert", middle(settled), "none", met=True),
        ),
        (
            ("bare insert", middle([one.bare_per_s for one in found])),
            ("webhook stored", middle([one.stored_per_s for one in found])),
            ("settled", middle([one.settled_per_s for one in found])),
        ),
        "answers/s",
        (),
        {"rounds": [asdict(one) for one in found]},
    )
