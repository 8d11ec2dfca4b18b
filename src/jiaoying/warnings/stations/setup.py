"""Stations as they are configured: checked, and read from a sheet. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jiaoying.kernel.areas import complete_code
from jiaoying.kernel.language import say
from jiaoying.kernel.sheets import Cell, Grid, SheetComplaint, find_table, plain_text
from jiaoying.warnings.stations.model import StationKind, StationSetup, Threshold

LONGEST_WINDOW_S = 72 * 3600
LEAST_SILENCE_S, MOST_SILENCE_S = 60, 7 * 24 * 3600
MOST_AREAS = 200
DEFAULT_SILENCE_S = 3600

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("编号", "站码", "测站编码", "code"),
    "name": ("名称", "站名", "测站名称", "name"),
    "kind": ("类型", "监测类型", "kind"),
    "area_codes": ("区划代码", "威胁区域", "预警区域", "area_codes"),
    "window": ("时段分钟", "时段", "window_minutes"),
    "prepare": ("准备转移", "准备转移指标", "prepare"),
    "evacuate": ("立即转移", "立即转移指标", "evacuate"),
    "silent": ("静默分钟", "silent_minutes"),
    "lat": ("纬度", "lat"),
    "lon": ("经度", "lon"),
}
_SYNONYMS = {heading: column for column, headings in COLUMNS.items() for heading in headings}
_KINDS = {
    "雨量": StationKind.RAIN, "雨量站": StationKind.RAIN, "rain": StationKind.RAIN,
    "水位": StationKind.LEVEL, "水位站": StationKind.LEVEL, "level": StationKind.LEVEL,
    "边坡": StationKind.SLOPE, "位移": StationKind.SLOPE, "滑坡": StationKind.SLOPE,
    "slope": StationKind.SLOPE,
    "瓦斯": StationKind.METHANE, "甲烷": StationKind.METHANE, "methane": StationKind.METHANE,
}  # fmt: skip
_SEPARATORS = re.compile(r"[、,，;；\s]+")


@dataclass(frozen=True, slots=True)
class _Line:
    """One row: a station and one of its thresholds."""

    setup: StationSetup
    threshold: Threshold


def check_setup(setup: StationSetup) -> list[tuple[str, str]]:
    """What cannot be used, as field and remedy."""
    found: list[tuple[str, str]] = []
    if not 1 <= len(setup.area_codes) <= MOST_AREAS:
        found.append(("area_codes", say("name 1 to {most} places that the station warns", most=MOST_AREAS)))
    if not setup.thresholds:
        found.append(("thresholds", say("give at least one limit")))
    if len({one.window_s for one in setup.thresholds}) < len(setup.thresholds):
        found.append(("thresholds", say("give each window once")))
    if not LEAST_SILENCE_S <= setup.silent_after_s <= MOST_SILENCE_S:
        found.append(("silent_after_s", say("a station is silent after 1 minute to 7 days")))
    for threshold in setup.thresholds:
        found += [("thresholds", remedy) for remedy in _check_threshold(setup.kind, threshold)]
    return found


def _check_threshold(kind: StationKind, threshold: Threshold) -> list[str]:
    found: list[str] = []
    if kind is StationKind.RAIN and not 0 < threshold.window_s <= LONGEST_WINDOW_S:
        found.append(say("rain is added up over 1 minute to 72 hours: give the window"))
    if kind is not StationKind.RAIN and threshold.window_s != 0:
        found.append(say("only rain is added up over a window: leave it out"))
    limits = (threshold.prepare, threshold.evacuate)
    if limits == (None, None):
        found.append(say("give at least one limit"))
    if any(limit is not None and limit <= 0 for limit in limits):
        found.append(say("a limit is more than nought"))
    if None not in limits and (threshold.evacuate or 0) < (threshold.prepare or 0):
        found.append(say("the limit for moving people now is not below that for preparing"))
    return found


def read_stations(grids: Sequence[Grid]) -> tuple[list[StationSetup], list[SheetComplaint]]:
    """The stations of all sheets: a row for each threshold, rows of one code are one station."""
    lines: dict[str, list[_Line]] = {}
    complaints: list[SheetComplaint] = []
    for grid in grids:
        table = find_table(grid, _SYNONYMS)
        if table is None:
            if grid.rows:
                text = say("No row with the headings 编号, 名称, 类型 was found; the sheet is left out")
                complaints.append(SheetComplaint(grid.name, 0, "", "no_headings", text))
            continue
        for number, record in table.records:
            line = _line(record)
            if isinstance(line, _Line):
                lines.setdefault(line.setup.code, []).append(line)
            else:
                column, text = line
                complaints.append(SheetComplaint(grid.name, number, column, "unusable", text))
    found = [_joined(of_station) for of_station in lines.values()]
    good = [setup for setup in found if not check_setup(setup)]
    for setup in found:
        for name, remedy in check_setup(setup):
            text = say("station {code}: {remedy}; it is left out", code=setup.code, remedy=remedy)
            complaints.append(SheetComplaint("", 0, COLUMNS.get(name, (name,))[0], "unusable", text))
    return good, complaints


def _joined(lines: Sequence[_Line]) -> StationSetup:
    first = lines[0].setup
    return StationSetup(
        code=first.code,
        name=first.name,
        kind=first.kind,
        area_codes=first.area_codes,
        thresholds=tuple(line.threshold for line in lines),
        silent_after_s=first.silent_after_s,
        lat=first.lat,
        lon=first.lon,
    )


def _line(record: Mapping[str, Cell]) -> _Line | tuple[str, str]:
    """One row, or the column that cannot be used and why."""
    code, name = (plain_text(record.get(column)) for column in ("code", "name"))
    if not code or not name:
        return "编号", say("a station has a code and a name; the row is left out")
    kind = _KINDS.get(plain_text(record.get("kind")).casefold())
    if kind is None:
        return "类型", say("write one of: {words}", words="雨量, 水位, 边坡, 瓦斯")
    areas = [
        complete_code(part) for part in plain_text(record.get("area_codes")).replace(",", "、").split("、")
    ]
    if not areas or None in areas:
        return "区划代码", say("write 12-digit division codes, several with 、")
    numbers: dict[str, float | None] = {}
    for column in ("window", "prepare", "evacuate", "silent", "lat", "lon"):
        text = plain_text(record.get(column))
        try:
            numbers[column] = float(text) if text else None
        except ValueError:
            return COLUMNS[column][0], say("“{value}” is not a number; the row is left out", value=text[:40])
    window_s = int((numbers["window"] or 0) * 60)
    setup = StationSetup(
        code=code,
        name=name,
        kind=kind,
        area_codes=tuple(area for area in areas if area is not None),
        thresholds=(),
        silent_after_s=int((numbers["silent"] or 0) * 60) or DEFAULT_SILENCE_S,
        lat=numbers["lat"],
        lon=numbers["lon"],
    )
    return _Line(setup, Threshold(window_s, numbers["prepare"], numbers["evacuate"]))
