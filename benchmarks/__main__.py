"""`python -m benchmarks [NAME …] [--json] [--quick]`: the benchmarks, as tables and ratios."""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable

import uvloop
from tests.mianxian import Shape

from benchmarks import answers, areas, gaps, hand_overs, intake, latency, matching, memory, mianxian, parsing
from benchmarks.figures import Findings, as_data, as_text, save
from benchmarks.ground import Ground, open_ground
from jiaoying.kernel.clock import wall_now

Benchmark = Callable[[Ground], Awaitable[Findings]]


def _benchmarks(*, quick: bool) -> dict[str, Benchmark]:
    """Each with its size; the quick ones say whether everything works, not how fast it is."""
    if quick:
        return {
            "hand_overs": lambda ground: hand_overs.measure(ground, people=1_000, rounds=1),
            "latency": lambda ground: latency.measure(ground, rounds=10),
            "answers": lambda ground: answers.measure(ground, people=400, rounds=1),
            "memory": lambda ground: memory.measure(ground, people=5_000),
            "matching": lambda ground: matching.measure(ground, posts=20_000, rounds=1),
            "intake": lambda ground: intake.measure(ground, messages=20, rounds=1),
            "parsing": lambda ground: parsing.measure(ground, rounds=1, seconds=0.2),
            "areas": lambda ground: areas.measure(ground, rows=20_000, rounds=1, outlines=300),
            "gaps": lambda ground: gaps.measure(ground, counties=2, rounds=1),
            "mianxian": lambda ground: mianxian.measure(
                ground, lines=(8,), shape=Shape(county=4, towns=2, each_town=3, villages=20, danger=5)
            ),
        }
    return {
        "hand_overs": lambda ground: hand_overs.measure(ground, people=10_000, rounds=3),
        "latency": lambda ground: latency.measure(ground, rounds=100),
        "answers": lambda ground: answers.measure(ground, people=1_500, rounds=3),
        "memory": lambda ground: memory.measure(ground, people=100_000),
        "matching": lambda ground: matching.measure(ground, posts=1_000_000, rounds=3),
        "intake": lambda ground: intake.measure(ground, messages=200, rounds=3),
        "parsing": lambda ground: parsing.measure(ground, rounds=3, seconds=1.0),
        "areas": lambda ground: areas.measure(ground, rows=1_000_000, rounds=2, outlines=3_000),
        "gaps": lambda ground: gaps.measure(ground, counties=68, rounds=3),
        "mianxian": lambda ground: mianxian.measure(ground, lines=(30, 120, 500), shape=Shape()),
    }


async def run(names: list[str], *, as_json: bool, quick: bool) -> None:
    """The named benchmarks, or all, one after the other."""
    chosen = _benchmarks(quick=quick)
    for name in names or chosen:
        # Servers of its own for each: what one leaves behind slows no other down.
        async with open_ground() as ground:
            findings = await chosen[name](ground)
        path = await asyncio.to_thread(save, findings, wall_now())
        if as_json:
            print(json.dumps(as_data(findings, wall_now()), ensure_ascii=False), flush=True)
        else:
            print(f"\n{as_text(findings)}\n→ {path}", flush=True)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(_benchmarks(quick=True)))
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of tables")
    parser.add_argument("--quick", action="store_true", help="small sizes: does it work, not how fast")
    given = parser.parse_args()
    unknown = set(given.names) - set(_benchmarks(quick=True))
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    if sys.platform != "linux":
        parser.error("the figures are read from /proc: Linux is needed")
    uvloop.run(run(given.names, as_json=given.json, quick=given.quick))


if __name__ == "__main__":
    main()
