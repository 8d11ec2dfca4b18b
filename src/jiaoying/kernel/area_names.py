"""Finding an area by the name that people write.

Names repeat: 121 village names of 晋城 belong to 301 villages. So a name is looked up inside its
context, and where several places fit, all of them are the answer. Lists keep old names for years: a
former name leads to the area as it is called now, and an area that was merged to the one it went to.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from jiaoying.kernel.areas import Level, covers

MAX_LENGTH = 80  # characters of a place as written

_BLANKS = re.compile(r"[\s、/\\,，·>\-—]+")
_VILLAGE_ENDING = re.compile(
    r"(?:社区居民委员会|社区居委会|村民委员会|居民委员会|村委会|居委会|委会|社区|村)$"
)
_TOWNSHIP_ENDING = re.compile(r"(?:街道办事处|街道|民族乡|镇|乡)$")
_UPPER_ENDING = re.compile(r"(?:维吾尔自治区|壮族自治区|回族自治区|自治区|自治县|省|市|地区|盟|县|区|旗)$")
# 甘南藏族自治州 is called 甘南州 and 甘南; 伊犁哈萨克自治州 leaves the 族 out. Only the longer names may do
# so: 土 and 水 are ends of other words.
_PEOPLES = (
    "蒙古|维吾尔|哈萨克|柯尔克孜|塔吉克|锡伯|达斡尔|鄂温克|乌孜别克|俄罗斯|塔塔尔|鄂伦春|赫哲|朝鲜|土家|布依|哈尼"
    "|傈僳|拉祜|东乡|纳西|景颇|仫佬|布朗|撒拉|毛南|仡佬|阿昌|普米|德昂|保安|裕固|独龙|门巴|珞巴|基诺|高山"
)
_SMALL_PEOPLES = "回|藏|苗|彝|壮|满|侗|瑶|白|傣|黎|佤|畲|水|土|羌|怒|京"
_AUTONOMOUS = re.compile(rf"(?:(?:{_PEOPLES})族?|(?:{_SMALL_PEOPLES}|各)族)+自治(?P<kind>[州县旗])$")
# What may follow a village: groups and hamlets have no code of their own.
_GROUP = re.compile(r"第?.{0,8}(?:组|队|自然村)")

_EXACT, _SHORT, _LOOSE, _FORMER, _FORMER_SHORT = range(5)


@dataclass(frozen=True, slots=True)
class Area:
    """An administrative area. `lat`, `lon` is its seat in degrees, where known.

    Once it is gone (`retired_at`), `successor_code` is where its people went, if anywhere.
    """

    code: str
    name: str
    level: Level
    parent_code: str | None
    lat: float | None = None
    lon: float | None = None
    seat_made_up: bool = False
    former_names: tuple[str, ...] = ()
    retired_at: datetime | None = None
    successor_code: str | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Several areas fit; a person has to say which."""

    candidates: tuple[Area, ...]


class _Named(NamedTuple):
    """An area under one of its names: as it is today, and the code by which it went under that name."""

    area: Area
    cost: int
    code: str


class AreaNames:
    """An index of areas by all the names they go by, those of today and those of before."""

    def __init__(self, areas: Iterable[Area]) -> None:
        every = {area.code: area for area in areas}
        self._by_code = {code: _current(area, every) for code, area in every.items()}
        self._by_alias: defaultdict[str, list[_Named]] = defaultdict(list)
        for area in every.values():
            current = self._by_code[area.code]
            if current.retired_at is None:
                for alias, cost in _all_aliases(area, is_gone=current is not area).items():
                    self._by_alias[alias].append(_Named(current, cost, area.code))

    def get(self, code: str) -> Area | None:
        """The area with this code, or the one that it was merged into."""
        return self._by_code.get(code)

    @property
    def longest_name(self) -> int:
        """Characters of the longest name that is known."""
        return max(map(len, self._by_alias), default=0)

    @property
    def beginnings(self) -> frozenset[str]:
        """The characters that names begin with, so that a long text can be passed over quickly."""
        return frozenset(name[0] for name in self._by_alias)

    def called(self, name: str) -> tuple[tuple[Area, bool], ...]:
        """Every area that goes by exactly this name, and whether it is one of its full names.

        柳庄村 is a full name of 柳庄社区 where there is no 柳庄村.
        """
        found = self._by_alias.get(name)
        if found is None:
            return ()
        full = min((one.cost for one in found if one.cost not in (_SHORT, _FORMER_SHORT)), default=_EXACT)
        fitting = {one.area.code: one for one in sorted(found, key=_cost, reverse=True)}
        return tuple((one.area, one.cost == full) for one in fitting.values() if one.cost in (full, _SHORT))

    def __iter__(self) -> Iterator[Area]:
        """Every area that is there today."""
        return (area for code, area in self._by_code.items() if area.code == code and area.retired_at is None)

    def find(self, text: str, *, within: str, level: Level | None = None) -> Area | Doubt | None:
        """The area that `text` names: `龙港镇柳庄社区`, `柳庄村一组`, `沁水县`.

        Places inside `within` go before all others, those of `level` before other levels, full
        names before short ones. None where nothing fits.
        """
        plain = _BLANKS.sub("", unicodedata.normalize("NFKC", text))
        if not plain or len(plain) > MAX_LENGTH:
            return None
        found = self._readings(plain, (), 0)
        found = [(area, cost) for area, cost in found if covers(within, area.code)] or found
        found = [(area, cost) for area, cost in found if level in (None, area.level)] or found
        best = min((cost for _, cost in found), default=0)
        areas = {area.code: area for area, cost in found if cost == best}
        if len(areas) > 1:
            return Doubt(tuple(areas[code] for code in sorted(areas)))
        return next(iter(areas.values()), None)

    def _readings(self, text: str, context: tuple[str, ...], spent: int) -> list[tuple[Area, int]]:
        """Every way to read the whole of `text` as a path of names that lead downwards.

        The context is the area above, under its code of today and the one that it had.
        """
        readings: list[tuple[Area, int]] = []
        for end in range(1, len(text) + 1):
            for area, cost, code in self._by_alias.get(text[:end], ()):
                if context and not any(_is_inside(one, (code, area.code)) for one in context):
                    continue
                rest = text[end:]
                if not rest or (area.level == Level.VILLAGE and _GROUP.fullmatch(rest)):
                    readings.append((area, spent + cost))
                elif area.level != Level.VILLAGE:
                    readings.extend(self._readings(rest, (area.code, code), spent + cost))
        return readings


def base_name(name: str, level: Level) -> str:
    """A name without what its kind is called: 柳庄 of 柳庄社区居委会, 龙港 of 龙港镇."""
    if level == Level.VILLAGE:
        return _VILLAGE_ENDING.sub("", name)
    if level == Level.TOWNSHIP:
        return _TOWNSHIP_ENDING.sub("", name)
    autonomous = _AUTONOMOUS.search(name)
    return name[: autonomous.start()] if autonomous else _UPPER_ENDING.sub("", name)


def bare_name(name: str) -> str:
    """A village without what its office is called: 潘庄村委会 and 潘庄村 are 潘庄."""
    return _VILLAGE_ENDING.sub("", name) or name


def _cost(one: _Named) -> int:
    return one.cost


def _is_inside(outer: str, codes: tuple[str, ...]) -> bool:
    return any(code != outer and covers(outer, code) for code in codes)


def _current(area: Area, every: Mapping[str, Area]) -> Area:
    """Where a merged area ended up, as far as that is known here."""
    passed = {area.code}
    while (after := every.get(area.successor_code or "")) is not None and after.code not in passed:
        area = after
        passed.add(area.code)
    return area


def _all_aliases(area: Area, *, is_gone: bool) -> dict[str, int]:
    """The names of today with their cost, and those of before, which every name of today goes before."""
    today = {} if is_gone else _aliases(area.name, area.level)
    before = (*area.former_names, area.name) if is_gone else area.former_names
    for name in before:
        for alias, cost in _aliases(name, area.level).items():
            today.setdefault(alias, _FORMER_SHORT if cost == _SHORT else _FORMER)
    return today


def _aliases(written: str, level: Level) -> dict[str, int]:
    name = unicodedata.normalize("NFKC", written)
    base = base_name(name, level)
    aliases = {name: _EXACT}
    if level == Level.VILLAGE:
        own, other = ("社区", "村") if "社区" in name or "居委会" in name else ("村", "社区")
        for ending in ("", "委会", "民委员会"):
            aliases.setdefault(base + ("村" + ending if own == "村" else "社区"), _EXACT)
        aliases.setdefault(base + "居委会", _EXACT if own == "社区" else _LOOSE)
        aliases.setdefault(base + other, _LOOSE)
    elif level != Level.TOWNSHIP and len(base) > 1 and (autonomous := _AUTONOMOUS.search(name)):
        aliases.setdefault(base + autonomous["kind"], _EXACT)
    if len(base) > 1:
        aliases.setdefault(base, _SHORT)
    return aliases
