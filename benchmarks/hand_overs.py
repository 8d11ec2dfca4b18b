"""Hand-overs per second through the whole product, beside a bare loop at the same carrier.

A round is: the whole product with one worker, the bare loop, two workers; so that what else the
machine does meets all of them. The whole product begins with a warning stored for a county of N people
and ends when the last hand-over is recorded: matching, rungs, call-outs, wordings, attempts, claims,
requests, records, and the ledger with all of it.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import asyncpg

from benchmarks.carrier import Counts
from benchmarks.county import settle_county, store_warning
from benchmarks.figures import Findings, Ratio, Table, spread
from benchmarks.ground import Ground
from benchmarks.processes import Child, running
from benchmarks.waiting import wait_until
from jiaoying.kernel.clock import wall_now

NAME = "hand_overs"
AIM_RATIO, AIM_S = 0.4, 5.0
_LEFT = "SELECT count(*) FROM attempts WHERE state IN ('due', 'sending')"
_STATES = "SELECT state, count(*) FROM attempts GROUP BY state"
# What the ledger tells of the way: (first, last) of each kind of line, in seconds from the storing.
_WAY = """
    SELECT event, count(*) AS lines, extract(epoch FROM min(at) - $1)::float AS first,
           extract(epoch FROM max(at) - $1)::float AS last
    FROM ledger_lines GROUP BY event ORDER BY min(at), event
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of ledger line: how many, and when the first and the last were written."""

    event: str
    lines: int
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class WholeRun:
    """One run of the whole product. Times in seconds from the stored warning."""

    per_s: float
    first_s: float
    last_s: float
    recorded_s: float
    sending_per_s: float
    worker_cpu_ms: float
    database_cpu_ms: float
    rss_mb: float
    hand_overs: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class BareRun:
    per_s: float
    seconds: float
    cpu_ms: float


async def measure(ground: Ground, *, people: int, rounds: int) -> Findings:
    """Texts to everybody; then once a text and a call each, as a red warning asks for."""
    ones: list[WholeRun] = []
    twos: list[WholeRun] = []
    bares: list[BareRun] = []
    body, path = ground.folder / "body", ""
    async with ground.database() as template:
        async with ground.connection(template) as connection:
            await settle_county(connection, people)
        for _ in range(rounds):
            ones.append(await whole_product(ground, template, people))
            path = await _keep_body(ground, body)
            bares.append(await bare_run(ground, "loop", path, body, people))
            twos.append(await whole_product(ground, template, people, workers=2))
        ceiling = await bare_run(ground, "raw", path, body, people * 3)
    async with ground.database() as template:
        async with ground.connection(template) as connection:
            await settle_county(connection, people, channels=("sms", "voice"))
        both = await whole_product(ground, template, people * 2)
    return _findings(people, ones, twos, bares, both, ceiling)


async def whole_product(
    ground: Ground, template: str, hand_overs: int, *, workers: int = 1, timeout_s: float = 300
) -> WholeRun:
    """From a stored warning to the last hand-over recorded, with this many workers.

    Raises RuntimeError where not exactly `hand_overs` went out, each once.
    """
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(ground.database(template))
        connection = await stack.enter_async_context(ground.connection(database))
        children = [await stack.enter_async_context(ground.worker(database)) for _ in range(workers)]
        await ground.carrier.forget()
        cpu, database_cpu = _cpu(children), ground.database_cpu_s()
        now = wall_now()
        await store_warning(connection, now)
        began = time.monotonic()
        ground.wake.ring("match", "changes")

        async def nothing_left() -> bool:
            return await connection.fetchval(_LEFT) == 0

        counts = await ground.carrier.wait_for(hand_overs, timeout_s=timeout_s)
        await wait_until(nothing_left, poll_s=0.01)
        recorded = time.monotonic() - began
        used = _cpu(children) - cpu, ground.database_cpu_s() - database_cpu
        await _check(connection, counts, hand_overs)
        return _as_run(counts, hand_overs, began, recorded, used, children, await _steps(connection, now))


def _cpu(children: Sequence[Child]) -> float:
    return sum(child.cpu_s() for child in children)


async def _check(connection: "asyncpg.Connection[asyncpg.Record]", counts: Counts, hand_overs: int) -> None:
    states = {row["state"]: row["count"] for row in await connection.fetch(_STATES)}
    if states != {"accepted": hand_overs} or counts.count != hand_overs or counts.distinct != hand_overs:
        raise RuntimeError(f"not each once: {states}, {counts.count} of which distinct {counts.distinct}")


async def _steps(connection: "asyncpg.Connection[asyncpg.Record]", now: object) -> tuple[Step, ...]:
    return tuple(Step(**dict(row)) for row in await connection.fetch(_WAY, now))


def _as_run(
    counts: Counts,
    hand_overs: int,
    began: float,
    recorded: float,
    used: tuple[float, float],
    children: Sequence[Child],
    steps: tuple[Step, ...],
) -> WholeRun:
    assert counts.first_at is not None
    assert counts.last_at is not None
    return WholeRun(
        per_s=hand_overs / recorded,
        first_s=counts.first_at - began,
        last_s=counts.last_at - began,
        recorded_s=recorded,
        sending_per_s=hand_overs / (counts.last_at - counts.first_at),
        worker_cpu_ms=used[0] * 1000 / hand_overs,
        database_cpu_ms=used[1] * 1000 / hand_overs,
        rss_mb=max(child.peak_rss_mb() for child in children),
        hand_overs=hand_overs,
        steps=steps,
    )


async def _keep_body(ground: Ground, file: Path) -> str:
    """A body as the product sent it, for the bare loop; returns the path that it was posted to."""
    counts = await ground.carrier.counts()
    await asyncio.to_thread(file.write_text, counts.body)
    return counts.path


async def bare_run(ground: Ground, way: str, path: str, body: Path, count: int) -> BareRun:
    """`count` requests by `benchmarks.bare`."""
    await ground.carrier.forget()
    async with running("benchmarks.bare", way, str(body), ground.carrier.url, path, str(count)) as child:
        found = json.loads(await child.rest())
    return BareRun(found["per_s"], found["seconds"], found["cpu_ms"])


def _findings(
    people: int,
    ones: Sequence[WholeRun],
    twos: Sequence[WholeRun],
    bares: Sequence[BareRun],
    both: WholeRun,
    ceiling: BareRun,
) -> Findings:
    ratios = [one.per_s / bare.per_s for one, bare in zip(ones, bares, strict=True)]
    sending = [one.sending_per_s / bare.per_s for one, bare in zip(ones, bares, strict=True)]
    twice = [two.per_s / bare.per_s for two, bare in zip(twos, bares, strict=True)]
    last = statistics.median(one.recorded_s for one in ones)
    bare_rate = statistics.median(bare.per_s for bare in bares)
    table = Table(
        f"{people:,} people, one warning; median of {len(ones)} rounds (least–most)",
        ("", "hand-overs/s", "first s", "last s", "recorded s", "CPU ms each: worker", "database", "RSS MB"),
        (
            _row("whole product, one worker", ones),
            _row("whole product, two workers", twos),
            _row("a text and a call each, one worker", [both]),
            (
                *("bare loop, encoded bodies", spread([bare.per_s for bare in bares]), "", ""),
                *(spread([bare.seconds for bare in bares], 2), spread([b.cpu_ms for b in bares], 3), "", ""),
            ),
            (
                "the carrier's own ceiling",
                spread([ceiling.per_s]),
                "",
                "",
                "",
                f"{ceiling.cpu_ms:.3f}",
                "",
                "",
            ),
        ),
    )
    return Findings(
        NAME,
        (table, _way(ones[len(ones) // 2])),
        (
            _ratio("whole product / bare loop, one worker", ratios, AIM_RATIO),
            _ratio("the same, from first to last hand-over only", sending, AIM_RATIO),
            _ratio("two workers / bare loop", twice, AIM_RATIO),
            Ratio("seconds to the last hand-over recorded", last, f"under {AIM_S:g} s", met=last < AIM_S),
        ),
        (
            ("bare loop", bare_rate),
            ("one worker", statistics.median(one.per_s for one in ones)),
            ("two workers", statistics.median(two.per_s for two in twos)),
        ),
        "hand-overs/s",
        ("every hand-over left exactly once, and was recorded",),
        {
            "one_worker": [asdict(run) for run in ones],
            "two_workers": [asdict(run) for run in twos],
            "text_and_call": [asdict(both)],
            "bare": [asdict(run) for run in bares],
            "ceiling": [asdict(ceiling)],
        },
    )


def _ratio(name: str, values: Sequence[float], aim: float) -> Ratio:
    middle = statistics.median(values)
    return Ratio(name, middle, f"{aim:g} or more", met=middle >= aim)


def _row(name: str, runs: Sequence[WholeRun]) -> tuple[str, ...]:
    return (
        name,
        spread([run.per_s for run in runs]),
        spread([run.first_s for run in runs], 2),
        spread([run.last_s for run in runs], 2),
        spread([run.recorded_s for run in runs], 2),
        spread([run.worker_cpu_ms for run in runs], 3),
        spread([run.database_cpu_ms for run in runs], 3),
        spread([run.rss_mb for run in runs]),
    )


def _way(run: WholeRun) -> Table:
    """Where the time goes: the way of one run, as its ledger tells it."""
    return Table(
        "The way of one run, by its ledger (seconds from the stored warning)",
        ("line", "lines", "first", "last"),
        tuple((step.event, f"{step.lines:,}", f"{step.first:.2f}", f"{step.last:.2f}") for step in run.steps),
    )
