"""All of China's areas imported, beside a bare COPY of the same rows; its counties' outlines indexed.

The rows are those of the national table where it lies beside the checkout, else as many that are made up.
Both ways fill the same table with its indexes and foreign keys, each in a database of its own, A B A B.
"""

import csv
import gzip
import io
import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import shapely

from benchmarks.figures import Findings, Ratio, Table, spread
from benchmarks.ground import Ground
from jiaoying.contacts.areas.files import read_areas
from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.areas.index import AreaIndex
from jiaoying.contacts.areas.index import Ground as Outline
from jiaoying.contacts.areas.names import find_area
from jiaoying.kernel.areas import Level
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database

NAME = "areas"
AIM = 5.0
DATA = Path(__file__).parents[2] / "shared" / "data"
HOME = "140521000000"
COLUMNS = ("code", "name", "level", "parent_code")
EVERYWHERE = ""  # the code whose digits every code begins with
QUESTIONS = 50

Row = tuple[str, str, str, str | None]


@dataclass(frozen=True, slots=True)
class Filling:
    """Seconds for the whole table (by the wall, of processor), and what this process held more (MB)."""

    imported_s: tuple[float, float]
    bare_s: tuple[float, float]
    again_s: tuple[float, float]
    more_mb: float
    find_ms: float


@dataclass(frozen=True, slots=True)
class Asking:
    """The index of outlines: how many, built in what time and memory, and milliseconds for a question."""

    outlines: int
    corners: int
    build_s: float
    more_mb: float
    circle_ms: tuple[float, ...]
    wide_ms: tuple[float, ...]
    wide_counties: int


async def measure(ground: Ground, *, rows: int, rounds: int, outlines: int) -> Findings:
    """At most `rows` areas and `outlines` outlines."""
    table = list(islice(_rows(), rows))
    file = SheetFile("areas.csv.gz", gzip.compress(_as_csv(table), 6))
    fillings = [await _fill(ground, table, file) for _ in range(rounds)]
    return _findings(len(table), fillings, _ask(outlines))


async def _fill(ground: Ground, table: Sequence[Row], file: SheetFile) -> Filling:
    async with ground.database() as name:
        database = Database(ground.dsn(name, "jiaoying_app"))
        before = _forget_peak()
        imported_s = await _timed_import(ground, database, file)
        more_mb = _status_mb("VmHWM") - before
        again_s = await _timed_import(ground, database, file)
        async with ground.connection(name) as connection:
            await connection.execute("VACUUM ANALYZE areas")
        find_ms = await _find(database)
        await database.close()
    async with ground.database() as name, ground.connection(name) as connection:
        begun = _Begun(ground)
        await connection.copy_records_to_table("areas", records=table, columns=COLUMNS)
        return Filling(imported_s, begun.spent(), again_s, more_mb, find_ms)


class _Begun:
    """A moment to measure from."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._at = (time.perf_counter(), self._processor())

    def spent(self) -> tuple[float, float]:
        """Seconds since, by the wall and of processor: our own and the database's."""
        return time.perf_counter() - self._at[0], self._processor() - self._at[1]

    def _processor(self) -> float:
        return time.process_time() + self._ground.database_cpu_s()


async def _timed_import(ground: Ground, database: Database, file: SheetFile) -> tuple[float, float]:
    begun = _Begun(ground)
    result = await import_area_file(database, file, now=wall_now())
    assert not result.complaints, result.complaints[:3]
    return begun.spent()


async def _find(database: Database) -> float:
    """Milliseconds to find a village at home by its township and name."""
    begun = time.perf_counter()
    async with database.transaction() as tx:
        await find_area(tx, "龙港镇柳庄社区", within=HOME)
    return (time.perf_counter() - begun) * 1000


def _ask(outlines: int) -> Asking:
    known = [Outline(code, Level.COUNTY, wkb) for code, wkb in islice(sorted(_outlines().items()), outlines)]
    before, begun = _forget_peak(), time.perf_counter()
    index = AreaIndex(known, EVERYWHERE)
    build_s = time.perf_counter() - begun
    more_mb = _status_mb("VmRSS") - before
    chance = random.Random(0)
    corners = sum(len(shapely.get_coordinates(shape)) for shape in index.outlines.values())
    circle_ms: list[float] = []
    wide_ms: list[float] = []
    named = 0
    for _ in range(QUESTIONS):
        lat, lon = 30 + 8 * chance.random(), 105 + 12 * chance.random()
        circle_ms.append(_asked(lambda: index.touched([_ring(lat, lon, 0.05)], []))[0])  # noqa: B023
        spent, found = _asked(lambda: index.touched([_ring(lat, lon, 1.25)], []))  # noqa: B023
        wide_ms.append(spent)
        named = max(named, found)
    return Asking(len(known), corners, build_s, more_mb, tuple(circle_ms), tuple(wide_ms), named)


def _asked(ask: Callable[[], Sequence[object]]) -> tuple[float, int]:
    begun = time.perf_counter()
    found = ask()
    return (time.perf_counter() - begun) * 1000, len(found)


def _ring(lat: float, lon: float, radius: float) -> list[tuple[float, float]]:
    """A polygon of 48 corners, as radars draw them."""
    angles = [2 * math.pi * corner / 48 for corner in range(48)]
    ring = [(lat + radius * math.sin(angle), lon + radius * math.cos(angle)) for angle in angles]
    return [*ring, ring[0]]


def _outlines() -> dict[str, bytes]:
    path = DATA / "geo" / "china-counties.geojson.gz"
    if path.exists():
        return dict(read_areas(SheetFile(path.name, path.read_bytes())).shapes)
    return {
        f"{11 + number // 100}{number % 100:04}000000": shapely.to_wkb(
            shapely.Point(75 + number % 60, 20 + number // 60).buffer(0.6, quad_segs=64)
        )
        for number in range(2_867)
    }


def _rows() -> Iterator[Row]:
    path = DATA / "areas" / "china.csv.gz"
    if not path.exists():
        yield from _made_up()
        return
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        # 东莞市 and others without counties stand there twice, as a city and as its own county.
        first: dict[str, dict[str, str]] = {}
        for row in csv.DictReader(lines):
            first.setdefault(row["code"], row)
    for row in first.values():
        yield row["code"], row["name"], row["level"], row["parent_code"] or None


def _made_up() -> Iterator[Row]:
    """As many as there are in China, from the top down."""
    provinces = [f"{number}0000000000" for number in range(11, 42)]
    counties = [f"{code[:2]}{number:04}000000" for code in provinces for number in range(101, 193)]
    towns = [f"{code[:6]}{number}000" for code in counties for number in range(100, 114)]
    yield from ((code, f"第{code[:2]}省", "province", None) for code in provinces)
    yield from ((code, f"第{code[2:6]}县", "county", f"{code[:2]}0000000000") for code in counties)
    yield from ((code, f"第{code[6:9]}镇", "township", f"{code[:6]}000000") for code in towns)
    for code in towns:
        yield from ((f"{code[:9]}{number}", f"第{number}村", "village", code) for number in range(200, 215))


def _as_csv(table: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(table)
    return text.getvalue().encode()


def _forget_peak() -> float:
    """Begin to measure the most memory anew; what is held now (MB)."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status_mb("VmRSS")


def _status_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def _findings(rows: int, fillings: Sequence[Filling], asking: Asking) -> Findings:
    share = statistics.median(one.imported_s[0] / one.bare_s[0] for one in fillings)
    of_processor = statistics.median(one.imported_s[1] / one.bare_s[1] for one in fillings)
    seconds = (
        ("imported into an empty table", [one.imported_s for one in fillings]),
        ("bare COPY into the same table", [one.bare_s for one in fillings]),
        ("imported again, nothing new", [one.again_s for one in fillings]),
    )
    more_mb = max(one.more_mb for one in fillings)
    return Findings(
        NAME,
        (
            Table(
                f"{rows:,} areas",
                ("", "s", "s of processor"),
                tuple(
                    (name, spread([wall for wall, _ in spent], 1), spread([cpu for _, cpu in spent], 1))
                    for name, spent in seconds
                ),
            ),
            Table(
                f"Index of {asking.outlines:,} outlines with {asking.corners:,} corners",
                ("", ""),
                (
                    ("built, s", f"{asking.build_s:.2f}"),
                    ("memory, MB", f"{asking.more_mb:.0f}"),
                    ("a storm of 5 km, ms", spread(asking.circle_ms, 1)),
                    (f"a storm over up to {asking.wide_counties} areas, ms", spread(asking.wide_ms, 1)),
                ),
            ),
        ),
        (
            Ratio("seconds of an import to those of a bare COPY", share, f"{AIM:g} or less", share <= AIM),
            Ratio("the same, of processor", of_processor, f"{AIM:g} or less", of_processor <= AIM),
            Ratio("MB more in memory during the import", more_mb, "under 200", more_mb < 200),
            Ratio(
                "ms to find a village of the home county by name",
                statistics.median(one.find_ms for one in fillings),
                "under 200",
                statistics.median(one.find_ms for one in fillings) < 200,
            ),
        ),
        tuple((name, statistics.median(wall for wall, _ in spent)) for name, spent in seconds),
        "s",
        (),
        {
            "fillings": [
                {
                    "imported_s": one.imported_s,
                    "bare_s": one.bare_s,
                    "again_s": one.again_s,
                    "mb": one.more_mb,
                }
                for one in fillings
            ]
        },
    )
