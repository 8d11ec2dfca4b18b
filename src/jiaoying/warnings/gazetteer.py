"""Places by name, as warnings name them: 沁水县, 晋城市城区, 临夏回族自治州临夏市.

The provinces, cities and counties of China come with the package, so that a text can be read without
a database. At run time the home area's own table, down to its villages, lies above them.
"""

import csv
import gzip
import io
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from jiaoying.kernel.area_names import MAX_LENGTH, Area, AreaNames, Doubt
from jiaoying.kernel.areas import Level, ancestors_of, covers

# Rows that only group others: 北京市 市辖区, 湖北省 省直辖县级行政区划. Nobody says their names.
_GROUPING = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")
_DEPTH = {level: depth for depth, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Mention:
    """A place named in a running text, from its first character up to `end`; several where in doubt.

    `full` says that the name was said whole: 沁水县, not 沁水.
    """

    end: int
    areas: tuple[Area, ...]
    full: bool


class Gazetteer:
    """The places that a text may name. `home_area` is where the reader is at home, or None."""

    def __init__(self, *tables: AreaNames, home_area: str | None = None) -> None:
        self._tables = tables  # the nearer before the wider: of one code the first row counts
        self._children = _children(tables)
        self._longest = max((table.longest_name for table in tables), default=0)
        self._beginnings = frozenset[str]().union(*(table.beginnings for table in tables))
        self.home_area = home_area

    def at_home(self, home_area: str, areas: Iterable[Area] = ()) -> "Gazetteer":
        """This gazetteer as somebody in `home_area` sees it, with `areas` known beside its own."""
        return Gazetteer(AreaNames(areas), *self._tables, home_area=home_area)

    def get(self, code: str) -> Area | None:
        """The area with this code."""
        return next((area for table in self._tables if (area := table.get(code)) is not None), None)

    def children(self, code: str) -> tuple[Area, ...]:
        """What is known directly below `code`, by code; empty where nothing is."""
        return self._children.get(code, ())

    def counties(self, code: str) -> tuple[Area, ...]:
        """Every county inside `code`; a city without counties stands for itself."""
        area = self.get(code)
        below = self.children(code)
        if area is None or _DEPTH[area.level] >= _DEPTH[Level.COUNTY] or not below:
            return () if area is None else (area,)
        return tuple(county for child in below for county in self.counties(child.code))

    def ancestor(self, code: str, level: Level) -> Area | None:
        """The area of that level in which `code` lies, or which it is."""
        codes = (code, *ancestors_of(code))
        known = (self.get(one) for one in codes)
        return next((area for area in known if area is not None and area.level == level), None)

    def full_name(self, area: Area) -> str:
        """`北京市朝阳区`: with the names of what lies above it."""
        above = (self.get(code) for code in reversed(ancestors_of(area.code)))
        return "".join(one.name for one in above if one is not None and one.name not in _GROUPING) + area.name

    def find(self, text: str, *, within: Sequence[str] = ()) -> Area | Doubt | None:
        """The area that `text` as a whole names, full names only; a path narrows it: 保定市新华区.

        The first of `within` that holds a place of that name decides. None where nothing fits.
        """
        plain = unicodedata.normalize("NFKC", text).strip()
        if not plain or len(plain) > MAX_LENGTH:
            return None
        found = self.path_at(plain, 0, within=within)
        if found is None or found.end != len(plain) or not found.full:
            return None
        return found.areas[0] if len(found.areas) == 1 else Doubt(found.areas)

    def path_at(
        self, text: str, start: int, *, within: Sequence[str] = (), short: bool = True
    ) -> Mention | None:
        """The longest path of names that begins at `start`: 贵州省安龙县, 临夏回族自治州临夏市."""
        found = self.name_at(text, start, within=within, short=short)
        while found is not None:
            inner = self._name_inside(text, found)
            if inner is None:
                return found
            found = inner
        return None

    def name_at(
        self, text: str, start: int, *, within: Sequence[str] = (), short: bool = True
    ) -> Mention | None:
        """The longest single name that begins at `start`; `short` allows 沁水 for 沁水县.

        The first of `within` in which, or around which, such a place lies decides; where `within` is
        empty all of China counts. None where no name begins here or all lie elsewhere.
        """
        if start >= len(text) or text[start] not in self._beginnings:
            return None
        for end in range(min(len(text), start + self._longest), start, -1):
            called = self._called(text[start:end])
            if not called:
                continue
            full = [area for area, is_full in called if is_full]
            for areas, is_full in ((full, True), ([area for area, _ in called] if short else [], False)):
                fitting = _in_context(areas, within)
                if fitting:
                    return Mention(end, fitting, is_full)
        return None

    def _name_inside(self, text: str, outer: Mention) -> Mention | None:
        """The name that follows `outer` without a gap and lies inside it."""
        inner = self.name_at(text, outer.end, within=[area.code for area in outer.areas])
        if inner is None:
            return None
        below = tuple(
            area
            for area in inner.areas
            if any(covers(above.code, area.code) and above.code != area.code for above in outer.areas)
        )
        return Mention(inner.end, below, inner.full) if below else None

    def _called(self, name: str) -> list[tuple[Area, bool]]:
        known: dict[str, tuple[Area, bool]] = {}
        if name not in _GROUPING:
            for table in self._tables:
                for area, is_full in table.called(name):
                    known.setdefault(area.code, (area, is_full))
        return list(known.values())


def _in_context(areas: Sequence[Area], within: Sequence[str]) -> tuple[Area, ...]:
    """Those of the first context that has any; all where there is no context.

    Of 嘉峪关市 and the county of that name that makes up all of it, the city.
    """
    for context in within:
        inside = [area for area in areas if covers(context, area.code) or covers(area.code, context)]
        if inside:
            return _outermost(inside)
    return () if within else _outermost(areas)


def _outermost(areas: Sequence[Area]) -> tuple[Area, ...]:
    if len(areas) < 2:
        return tuple(areas)
    return tuple(
        area
        for area in areas
        if not any(
            other.code != area.code and other.name == area.name and covers(other.code, area.code)
            for other in areas
        )
    )


def _children(tables: Sequence[AreaNames]) -> dict[str, tuple[Area, ...]]:
    areas: dict[str, Area] = {}
    for table in tables:
        for area in table:
            areas.setdefault(area.code, area)
    below: defaultdict[str, list[Area]] = defaultdict(list)
    for area in areas.values():
        parent = areas.get(area.parent_code or "")
        while parent is not None and parent.name in _GROUPING:
            parent = areas.get(parent.parent_code or "")
        if parent is not None and area.name not in _GROUPING:
            below[parent.code].append(area)
    return {code: tuple(sorted(found, key=lambda area: area.code)) for code, found in below.items()}


@cache
def china_counties() -> Gazetteer:
    """The provinces, cities and counties of China, as the National Bureau of Statistics lists them."""
    packed = (resources.files("jiaoying.warnings") / "data" / "divisions.csv.gz").read_bytes()
    rows = csv.DictReader(io.StringIO(gzip.decompress(packed).decode("utf-8")))
    return Gazetteer(
        AreaNames(
            Area(row["code"], row["name"], Level(row["level"]), row["parent_code"] or None) for row in rows
        )
    )
