"""Finding an area by the name that people write.

Names repeat: 121 village names of 晋城 belong to 301 villages. So a name is looked up inside its
context, and where several places fit, all of them are the answer.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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

_EXACT, _SHORT, _LOOSE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Area:
    """An administrative area. `lat`, `lon` is its seat in degrees, where known."""

    code: str
    name: str
    level: Level
    parent_code: str | None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Several areas fit; a person has to say which."""

    candidates: tuple[Area, ...]


class AreaNames:
    """An index of areas by all the names they go by."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self._by_code: dict[str, Area] = {}
        self._by_alias: defaultdict[str, list[tuple[Area, int]]] = defaultdict(list)
        for area in areas:
            self._by_code[area.code] = area
            for alias, cost in _aliases(area).items():
                self._by_alias[alias].append((area, cost))

    def get(self, code: str) -> Area | None:
        """The area with this code."""
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
        full = min((cost for _, cost in found if cost != _SHORT), default=_EXACT)
        return tuple((area, cost == full) for area, cost in found if cost in (full, _SHORT))

    def __iter__(self) -> Iterator[Area]:
        return iter(self._by_code.values())

    def find(self, text: str, *, within: str, level: Level | None = None) -> Area | Doubt | None:
        """The area that `text` names: `龙港镇柳庄社区`, `柳庄村一组`, `沁水县`.

        Places inside `within` go before all others, those of `level` before other levels, full
        names before short ones. None where nothing fits.
        """
        plain = _BLANKS.sub("", unicodedata.normalize("NFKC", text))
        if not plain or len(plain) > MAX_LENGTH:
            return None
        found = self._readings(plain, None, 0)
        found = [(area, cost) for area, cost in found if covers(within, area.code)] or found
        found = [(area, cost) for area, cost in found if level in (None, area.level)] or found
        best = min((cost for _, cost in found), default=0)
        areas = {area.code: area for area, cost in found if cost == best}
        if len(areas) > 1:
            return Doubt(tuple(areas[code] for code in sorted(areas)))
        return next(iter(areas.values()), None)

    def _readings(self, text: str, context: str | None, spent: int) -> list[tuple[Area, int]]:
        """Every way to read the whole of `text` as a path of names that lead downwards."""
        readings: list[tuple[Area, int]] = []
        for end in range(1, len(text) + 1):
            for area, cost in self._by_alias.get(text[:end], ()):
                if context is not None and (area.code == context or not covers(context, area.code)):
                    continue
                rest = text[end:]
                if not rest or (area.level == Level.VILLAGE and _GROUP.fullmatch(rest)):
                    readings.append((area, spent + cost))
                elif area.level != Level.VILLAGE:
                    readings.extend(self._readings(rest, area.code, spent + cost))
        return readings


def bare_name(name: str) -> str:
    """A village without what its office is called: 潘庄村委会 and 潘庄村 are 潘庄."""
    return _VILLAGE_ENDING.sub("", name) or name


def _aliases(area: Area) -> dict[str, int]:
    name = unicodedata.normalize("NFKC", area.name)
    aliases = {name: _EXACT}
    if area.level == Level.VILLAGE:
        base = _VILLAGE_ENDING.sub("", name)
        own, other = ("社区", "村") if "社区" in name or "居委会" in name else ("村", "社区")
        for ending in ("", "委会", "民委员会"):
            aliases.setdefault(base + ("村" + ending if own == "村" else "社区"), _EXACT)
        aliases.setdefault(base + "居委会", _EXACT if own == "社区" else _LOOSE)
        aliases.setdefault(base + other, _LOOSE)
    elif area.level == Level.TOWNSHIP:
        base = _TOWNSHIP_ENDING.sub("", name)
    elif autonomous := _AUTONOMOUS.search(name):
        base = name[: autonomous.start()]
        if len(base) > 1:
            aliases.setdefault(base + autonomous["kind"], _EXACT)
    else:
        base = _UPPER_ENDING.sub("", name)
    if len(base) > 1:
        aliases.setdefault(base, _SHORT)
    return aliases
