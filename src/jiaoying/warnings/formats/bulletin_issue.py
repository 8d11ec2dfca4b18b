"""Who issued a bulletin, when, and where they stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import Level
from jiaoying.kernel.language import say
from jiaoying.warnings.formats.bulletin_hazards import Span
from jiaoying.warnings.formats.bulletin_page import Page, moment_words
from jiaoying.warnings.formats.bulletin_places import Scope
from jiaoying.warnings.formats.bulletin_times import Point, point_at, resolve_issued
from jiaoying.warnings.model import Question

_UNITS = {
    "省": Level.PROVINCE,
    "市": Level.CITY,
    "州": Level.CITY,
    "县": Level.COUNTY,
    "区": Level.COUNTY,
    "旗": Level.COUNTY,
}
_ISSUER_LABEL = re.compile(
    r"(?:发布|预警|签发)?(?:单位|机构|机关|部门)(?:】|\])?:?(?P<name>[\u4e00-\u9fff、]{4,40}?(?=发布|预警|时间|[,。;【\[(]|$))"
)
_TIME_LABEL = re.compile(r"(?:发布|签发|预警)?(?:时间|日期)(?:】|\])?:?")


@dataclass(frozen=True, slots=True)
class Sent:
    """The moment of issue, and whether the text tells it."""

    moment: datetime
    known: bool


def issuers_of(page: Page) -> tuple[Span, ...]:
    issuers = page.main.issuers or next((head.issuers for head in page.heads if head.issuers), ())
    if not issuers:
        label = _ISSUER_LABEL.search(page.text.plain, *page.span)
        issuers = (label.span("name"),) if label else ()
    for span in issuers:
        page.note("sender", span, page.text.plain[slice(*span)])
    return issuers


def sent_of(page: Page) -> Sent:
    point = _point_of_issue(page)
    moment = resolve_issued(point, page.now) if point else None
    if point is None or moment is None or point.hour is None:
        remark = say("the text gives no moment of issue: the moment of reading was taken")
        page.notes.tolerate("assumed", "sent", remark)
        if point is not None:
            page.note("sent", (point.start, point.end), moment_words(page.now), sure=False)
        return Sent(page.now.replace(microsecond=0), known=False)
    whole = point.year is not None
    if not whole:
        remark = say("the date of issue is not complete: the latest possible one was taken")
        page.notes.tolerate("incomplete", "sent", remark)
    page.note("sent", (point.start, point.end), moment_words(moment), sure=whole or point.month is not None)
    return Sent(moment, known=True)


def _point_of_issue(page: Page) -> Point | None:
    timed = [head.time for head in (page.main, *page.heads) if head.time is not None]
    complete = [point for point in timed if point.hour is not None]
    if complete:
        return max(complete, key=lambda point: (point.has_date, point.year is not None))
    for label in _TIME_LABEL.finditer(page.text.plain, *page.span):
        point = point_at(page.text.plain, label.end())
        if point is not None and point.has_date:
            return point
    return next(iter(timed), None)


def scope_of(page: Page, issuers: Sequence[Span]) -> Scope:
    """The areas of the issuers; where one is in doubt, the officer is asked and no area counts."""
    areas: dict[str, Area] = {}
    for span in issuers:
        for area in _areas_of(page, span, tuple(areas.values())):
            areas.setdefault(area.code, area)
    home = page.places.get(page.places.home_area) if page.places.home_area else None
    if not areas and not issuers and home is not None:
        return Scope(page.places, (home,))
    return Scope(page.places, tuple(areas.values()))


def _areas_of(page: Page, span: Span, known: Sequence[Area]) -> tuple[Area, ...]:
    plain = page.text.plain
    named = page.places.path_at(plain, span[0])
    if named is None or named.end > span[1]:
        return _unnamed(page, span, known)
    areas = named.areas
    if len(areas) > 1:
        areas = _narrowed(page, areas)
    if len(areas) > 1:
        words = page.text.words(*span)
        question = say("several places are called “{words}”; choose the one that is meant", words=words)
        page.ask(Question("areas", words, question, tuple((a.code, page.places.full_name(a)) for a in areas)))
        return ()
    return areas


def _unnamed(page: Page, span: Span, known: Sequence[Area]) -> tuple[Area, ...]:
    """`市水利局`: of the issuer beside it, of the one place that the text names, or of home."""
    plain = page.text.plain
    level = _UNITS.get(plain[span[0]])
    if level is None:
        return ()
    near = known[0].code if known else _said_place(page, level) or page.places.home_area
    area = page.places.ancestor(near, level) if near else None
    return (area,) if area else ()


def _said_place(page: Page, level: Level) -> str | None:
    """The one place of that level that the bulletin, or else the whole paste, names in full."""
    plain = page.text.plain
    for start, end in (page.span, (0, len(plain))):
        said: set[str] = set()
        for position in range(start, end):
            named = page.places.name_at(plain, position, short=False)
            if named is not None:
                said.update(area.code for area in named.areas if area.level == level)
        if said:
            return said.pop() if len(said) == 1 else None
    return None


def _narrowed(page: Page, areas: Sequence[Area]) -> tuple[Area, ...]:
    """Those inside a place that the text names, or near home; all where that does not help."""
    words = page.text.plain[slice(*page.span)]
    told = [
        area
        for area in areas
        if any(_is_said(page, words, area, level) for level in (Level.PROVINCE, Level.CITY))
    ]
    if len(told) == 1:
        return tuple(told)
    home = page.places.home_area
    for width in (6, 4, 2):
        near = [area for area in areas if home and area.code[:width] == home[:width]]
        if len(near) == 1:
            return tuple(near)
    return tuple(areas)


def _is_said(page: Page, words: str, area: Area, level: Level) -> bool:
    above = page.places.ancestor(area.code, level)
    return above is not None and above.code != area.code and above.name in words
