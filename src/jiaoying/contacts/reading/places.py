"""The places that the rows of a list mean: by code, by names over several columns, by what stands around."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from jiaoying.kernel.area_names import Area, AreaNames, Doubt, bare_name
from jiaoying.kernel.areas import Level, ancestors_of, complete_code, covers
from jiaoying.kernel.sheets import plain_text

_SEPARATORS = re.compile(r"[、,，;；/\n]+")
_COUNTY_ITSELF = re.compile(
    r"[全本]?[县市区旗](?:级|直|本级|直属|直单位|级单位|机关)?|全[县市区]|县直机关|县级部门"
)
_TOWNSHIP_ITSELF = re.compile(r"[全本]?(?:[乡镇]|乡镇|街道)(?:级|直|本级|机关|政府|干部)?|机关|政府|/|-|—|无")
_OFFICES = re.compile(r"(?:人民政府|政府|党委|党工委|管委会)$")
_REMARK = re.compile(r"\(.*?\)")
_NUMBERING = re.compile(r"^[一二三四五六七八九十\d]+[、.)]\s*")
_FINER = re.compile(r"村|社区|居委会")

Place = Area | Doubt | None


@dataclass(slots=True)
class PlaceFinder:
    """Looks places up inside the home area, and remembers what it found."""

    areas: AreaNames
    home: str
    _known: dict[tuple[str, str, Level | None], Place] = field(
        default_factory=dict[tuple[str, str, Level | None], Place]
    )
    _townships: list[tuple[str, Area]] | None = None

    def by_code(self, text: str) -> Area | None:
        """The area with this code of 6, 9 or 12 digits (2 and 4 too)."""
        digits = re.sub(r"\s", "", text)
        return self.areas.get(complete_code(digits) or "")

    def get(self, code: str) -> Area | None:
        """The area with this 12-digit code."""
        return self.areas.get(code)

    def named(self, text: str, within: str | None = None, level: Level | None = None) -> Place:
        """The area that a text names; inside `within`, where that is given, and nowhere else."""
        key = (text, within or "", level)
        if key not in self._known:
            found = self.areas.find(text, within=within or self.home, level=level)
            if within is not None:
                found = _inside(within, found)
            self._known[key] = found
        return self._known[key]

    def in_columns(
        self, county: str, township: str, village: str, context: Area | None, level: Level | None
    ) -> Place:
        """The finest place that the columns 县, 乡镇, 村 mean together."""
        county, township, village = (_REMARK.sub("", text).strip() for text in (county, township, village))
        if _COUNTY_ITSELF.fullmatch(township) or _COUNTY_ITSELF.fullmatch(village):
            return self.get(self.home)
        township = _OFFICES.sub("", township)
        if _TOWNSHIP_ITSELF.fullmatch(village) and (township or context):
            village = ""
            if not township:
                return context
        if township and not village:
            return self._first(county + township, township, level=level)
        if township:
            upper = self.named(township, level=Level.TOWNSHIP)
            if isinstance(upper, Area) and upper.level == Level.TOWNSHIP:
                if bare_name(village) == bare_name(upper.name) and village == upper.name:
                    return upper
                found = self.named(village, within=upper.code) or self.named(township + village)
                return found if found is not None and found != upper else None
            return self._first(county + township + village, township + village)
        if village:
            inside = self.named(village, within=context.code) if context is not None else None
            if inside is not None:
                return inside
            if context is not None and context.level == Level.TOWNSHIP:
                return self._elsewhere(village)
            return self._first(county + village, village, level=level)
        if county:
            return self.named(county)
        return None

    def several(self, text: str, context: Area | None) -> tuple[Area, ...]:
        """The places of a cell that lists them: 柳庄村、杏园村. Empty unless each of them is found."""
        parts = [part for part in _SEPARATORS.split(text) if part.strip()]
        if len(parts) < 2:
            return ()
        found: list[Area] = []
        for part in parts:
            place = self.named(part, within=context.code) if context else None
            place = place or self.named(part)
            if not isinstance(place, Area):
                return ()
            found.append(place)
            if place.level == Level.TOWNSHIP:
                context = place
        # 龙港镇、柳庄村 is one place with its township before it.
        return tuple(
            area
            for area in found
            if not any(area != other and covers(area.code, other.code) for other in found)
        )

    def beginning(self, text: str, context: Area | None) -> Area | None:
        """The place that an address or the name of an office begins with: 龙港镇柳庄村后沟, 龙港镇卫生院.

        Not the township of a village that nobody knows.
        """
        plain = _NUMBERING.sub("", re.sub(r"\s", "", text))[:30]
        for end in range(len(plain), 1, -1):
            found = self.named(plain[:end], within=context.code) if context else None
            found = found or self.named(plain[:end])
            if isinstance(found, Area) and covers(self.home, found.code):
                if found.level != Level.VILLAGE and _FINER.search(plain[end:]):
                    return None
                return found
        return None

    def context(self, texts: Iterable[str]) -> Area | None:
        """The place that the first of these texts speaks of: a sheet's township, a title's county."""
        county: Area | None = None
        for text in texts:
            plain = _NUMBERING.sub("", re.sub(r"\s", "", _REMARK.sub("", plain_text(text))))
            whole = self.named(plain) if len(plain) < 20 else None
            if isinstance(whole, Area) and covers(self.home, whole.code):
                return whole
            found = self._townships_in(plain)
            if len(found) == 1:
                return found[0]
            home = self.get(self.home)
            if home is not None and home.name in plain:
                county = county or home
        return county

    def names_in_home(self) -> list[str]:
        """The names of the home area, what it lies in, and its townships; for taking them out of titles."""
        above = [self.areas.get(code) for code in (self.home, *ancestors_of(self.home))]
        return [area.name for area in above if area is not None] + [name for name, _ in self._all_townships()]

    def _townships_in(self, text: str) -> list[Area]:
        found = {area.code: area for name, area in self._all_townships() if name in text}
        return list(found.values())

    def _all_townships(self) -> list[tuple[str, Area]]:
        if self._townships is None:
            self._townships = [
                (area.name, area)
                for area in self.areas
                if area.level == Level.TOWNSHIP and covers(self.home, area.code)
            ]
        return self._townships

    def _elsewhere(self, village: str) -> Place:
        """A village that is not in the township that the sheet is about: shown, never taken."""
        found = self.named(village)
        return Doubt((found,)) if isinstance(found, Area) else found

    def _first(self, *texts: str, level: Level | None = None) -> Place:
        found: Place = None
        for text in dict.fromkeys(texts):
            found = self.named(text, level=level) or found
            if isinstance(found, Area):
                return found
        return found


def is_code(text: str) -> bool:
    """Whether a text is a division code and no name."""
    return re.fullmatch(r"\d{6}(?:\d{3}|\d{6})?", text) is not None


def _inside(code: str, found: Place) -> Place:
    candidates: Sequence[Area] = found.candidates if isinstance(found, Doubt) else (found,) if found else ()
    inside = [area for area in candidates if covers(code, area.code)]
    if len(inside) > 1:
        return Doubt(tuple(inside))
    return inside[0] if inside else None
