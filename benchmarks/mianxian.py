"""A county of the shape of 勉县, red, with 30, 120 and 500 lines: forecasts beside what came.

The engine, the HTTP and the simulated carrier are real, the clock is not: it goes on second by second as
soon as everything that is due has happened. What people do with their telephones is said in
`tests/mianxian.py`. Each number of lines gets two warnings an hour and a half apart: before the first one
no call was ever made and lengths are assumed, before the second one they are measured.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.engine import make_url
from tests.mianxian import Settled, Shape, first_rings, settle_in, warn
from tests.town import Town, open_town

from benchmarks.figures import Findings, Ratio, Table
from benchmarks.ground import Ground
from jiaoying.dispatch.store.forecasts import ForecastRow, forecasts_of
from jiaoying.storage.database import Database

AIM_ERROR = 0.2
AIM_DANGER = 0.1
# Not longer: a token bucket holds one second's worth of calls, and the rest of a longer step would be lost.
STEP_S = 1
LONGEST_S = 5400


@dataclass(frozen=True, slots=True)
class Run:
    """One warning, from its match to the last answer or the last try."""

    lines: int
    lengths: str
    before: ForecastRow
    all_done_minutes: float
    answered: int
    danger_share: float  # when the last person at a danger point first rang, as a share of the pass

    @property
    def expected_all(self) -> float:
        """Minutes until the last planned round, as forecast."""
        return (self.before.all_rounds_end - self.before.made_at).total_seconds() / 60


async def measure(ground: Ground, *, lines: tuple[int, ...], shape: Shape) -> Findings:
    """Each number of lines in a database of its own."""
    runs = [run for each in lines for run in await _with_lines(ground, each, shape)]
    worst = max(abs(run.before.error or 1.0) for run in runs)
    danger = max(run.danger_share for run in runs)
    return Findings(
        name="mianxian",
        tables=(_table(runs, shape),),
        ratios=(
            Ratio("largest error of a first pass", worst, f"under {AIM_ERROR:g}", worst < AIM_ERROR),
            Ratio(
                "danger points rung first within this share of the pass",
                danger,
                f"under {AIM_DANGER:g}",
                danger < AIM_DANGER,
            ),
        ),
        bars=tuple(
            (f"{run.lines} lines, {run.lengths}, {kind}", value)
            for run in runs
            for kind, value in (
                ("forecast", run.before.expected_minutes),
                ("real", run.before.real_minutes or 0.0),
            )
        ),
        bars_unit="min",
        notes=(
            "all done: everybody answered, or was tried as often as the ladder says, later rungs with them",
        ),
    )


async def _with_lines(ground: Ground, lines: int, shape: Shape) -> list[Run]:
    async with ground.database() as name:
        url = make_url(ground.servers.database_url("app")).set(database=name)
        database = Database(url.render_as_string(hide_password=False))
        limits = {"JIAOYING_SIMULATOR_LINES": str(lines), "JIAOYING_SIMULATOR_CALLS_PER_S": "10"}
        try:
            async with open_town(
                database, ground.servers.redis_url, JIAOYING_SIMULATOR_SEGMENTS_PER_S="100", **limits
            ) as town:
                county = await settle_in(database, shape)
                for number, habit in county.habits.items():
                    town.simulator.folk.set_phone(number, habit)
                first = await _run(town, county, lines, "assumed", "A7")
                await town.jump(minutes=30)
                second = await _run(town, county, lines, "measured", "B8")
        finally:
            await database.close()
    return [first, second]


async def _run(town: Town, county: Settled, lines: int, lengths: str, reference: str) -> Run:
    begun = town.clock.now()
    warning = await warn(town.database, begun, reference=reference)
    await town.settle()
    for _ in range(LONGEST_S // STEP_S):
        if not await _open(town, warning):
            break
        town.clock.advance_to(town.clock.now() + timedelta(seconds=STEP_S))
        await town.settle()
    done = (town.clock.now() - begun).total_seconds() / 60
    # The stage looks every few seconds.
    town.clock.advance_to(town.clock.now() + timedelta(seconds=10))
    await town.settle()
    async with town.database.transaction() as tx:
        before = (await forecasts_of(tx, warning))[0]
    rings = await first_rings(town.database, warning)
    pass_s = (before.real_minutes or 0.0) * 60
    return Run(
        lines,
        lengths,
        before,
        done,
        (await town.states("call_outs", warning)).get("answered", 0),
        max(rings[number] for number in county.danger) / pass_s,
    )


async def _open(town: Town, warning: UUID) -> int:
    return await town.value(
        "SELECT count(*) FROM call_outs WHERE warning_id = :warning AND state = 'open'", warning=warning
    )


def _table(runs: list[Run], shape: Shape) -> Table:
    return Table(
        f"{shape.people} people, red: minutes of the first pass and of all, forecast and real",
        (
            "lines",
            "lengths",
            "first pass: forecast",
            "real",
            "error",
            "all rounds: forecast",
            "all done",
            "answered",
            "danger within",
            "lines for 5 min",
        ),
        tuple(
            (
                str(run.lines),
                run.lengths,
                f"{run.before.expected_minutes:.1f}",
                f"{run.before.real_minutes or 0:.1f}",
                f"{run.before.error or 0:+.0%}",
                f"{run.expected_all:.1f}",
                f"{run.all_done_minutes:.1f}",
                str(run.answered),
                f"{run.danger_share:.1%}",
                str(run.before.lines_needed or "–"),
            )
            for run in runs
        ),
    )
