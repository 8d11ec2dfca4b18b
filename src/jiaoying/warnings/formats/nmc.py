"""The list of the National Meteorological Centre (中央气象台, `nmc.cn/rest/findAlarm`).

`{"msg", "code", "data": {"page": {"list": […]}, "provinceAlarms": […]}}`, rows of `alertid`, `issuetime`
(local), `title`, `url`, `pic`. There is no field for the colour, the type or the area: the title tells the
first two, the icon (`p<type4><colour3>.png`) where the title does not; the area is that of the issuing
unit. The text lies on a page of its own. A provincial warning may stand in both lists.
"""

import re
from datetime import datetime

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.warnings.formats.feed import (
    CHINESE,
    NATIONAL_EVENT,
    Draft,
    area_of_unit,
    paired,
    read_rows,
    unit_in,
)
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.levels import Level, colour_parameter, level_in_title, level_of, severity_of
from jiaoying.warnings.formats.notes import Notes
from jiaoying.warnings.formats.records import Record, a_list, as_list, as_object
from jiaoying.warnings.formats.titles import event_in_title, issuer_in_title, message_type_of
from jiaoying.warnings.model import Info, ParsedMessage

FORMAT = "nmc"

# Type in the name of the icon → name, code of the national table where it has the same.
ICON_TYPES: dict[str, tuple[str, str | None]] = {
    "0001": ("台风", "11B01"), "0002": ("暴雨", "11B03"), "0003": ("高温", "11B09"),
    "0004": ("寒潮", "11B05"), "0005": ("大雾", "11B17"), "0006": ("暴雪", "11B04"),
    "0007": ("大风", "11B06"), "0008": ("沙尘暴", "11B07"), "0009": ("冰雹", "11B15"),
    "0010": ("干旱", "11B22"), "0011": ("道路结冰", "11B21"), "0012": ("雷电", "11B14"),
    "0013": ("霜冻", "11B16"), "0014": ("霾", "11B19"), "0015": ("雷雨大风", "11B20"),
    "0016": ("雪灾", "11B40"), "0017": ("严寒", None), "0018": ("低温", None),
    "0019": ("低温冻害", "11B08"), "0020": ("内涝", "11A02"), "0021": ("地质灾害", "11D00"),
    "0022": ("大雪", "11B33"), "0023": ("寒冷", "11B34"), "0024": ("山洪灾害", "11A51"),
    "0025": ("干热风", "11B11"), "0026": ("强对流", "11B31"), "0027": ("强降温", "11B39"),
    "0028": ("强降雨", "11B38"), "0029": ("持续低温", None), "0030": ("森林火险", "11B25"),
    "0031": ("沙尘", None), "0032": ("泥石流", "11D02"), "0033": ("海上大雾", None),
    "0034": ("海上大风", "11B23"), "0035": ("滑坡", "11D01"), "0036": ("空气污染", None),
    "0037": ("草原火险", "11B26"), "0038": ("道路结雪", None), "0039": ("重污染", "11B29"),
    "0040": ("降温", "11B48"), "0041": ("雷暴", "11B43"), "0042": ("雷暴大风", None),
    "0043": ("重污染", "11B29"), "0044": ("森林火险", "11B25"),
}  # fmt: skip
_ICON_COLOURS = {"001": "red", "002": "orange", "003": "yellow", "004": "blue"}
_ICON = re.compile(r"p(\d{4})(\d{3})", re.ASCII)


def is_nmc(document: JsonDocument) -> bool:
    """Whether the value is an answer of `findAlarm`, or its rows alone."""
    data = as_object((as_object(document.value) or {}).get("data"))
    if data is not None and ("page" in data or "provinceAlarms" in data):
        rows = _rows(document)
        return all(_is_row(row) for row in rows[:1])
    listed = a_list(document.value)
    return bool(listed) and _is_row(listed[0])


def _is_row(row: object) -> bool:
    return {"alertid", "title"} <= (as_object(row) or {}).keys()


def read_nmc(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The warnings of the list."""
    return read_rows(_rows(document), FORMAT, _read_row, _with_pages_told(document), now)


def _with_pages_told(document: JsonDocument) -> JsonDocument:
    """A list is cut into pages, and what stands on the others is not seen: that must not pass in silence."""
    data = as_object((as_object(document.value) or {}).get("data")) or {}
    pages = Record(as_object(data.get("page")) or {}, "", Notes()).number("totalPage")
    if pages is None or pages <= 1:
        return document
    told = say("this is one of {count} pages: ask for a longer page, or for the others too", count=int(pages))
    return JsonDocument(document.value, (*document.remarks, Complaint("more-pages", "totalPage", told)))


def _rows(document: JsonDocument) -> list[object]:
    """The rows of both lists, each warning once."""
    alone = a_list(document.value)
    if alone is not None:
        return alone
    data = as_object((as_object(document.value) or {}).get("data")) or {}
    page = as_object(data.get("page")) or {}
    listed, seen = as_list(page.get("list")), set[object]()
    for row in listed:
        seen.add(str((as_object(row) or {}).get("alertid")))
    more = [
        row
        for row in as_list(data.get("provinceAlarms"))
        if str((as_object(row) or {}).get("alertid")) not in seen
    ]
    return [*listed, *more]


def _read_row(record: Record) -> Draft:
    identifier, title = record.text("alertid"), record.text("title")
    type_, icon_level = read_icon(record.text("pic"))
    level = level_in_title(title) or icon_level
    info = Info(
        language=CHINESE,
        event=event_in_title(title) or ICON_TYPES.get(type_ or "", (None, None))[0],
        severity=severity_of(level),
        event_code=icon_codes(type_),
        sender_name=issuer_in_title(title),
        headline=title,
        web=_address(record.text("url")),
        parameter=colour_parameter(level),
        areas=area_of_unit(identifier, record.notes),
    )
    return Draft(
        identifier=identifier,
        sender=unit_in(identifier) or "nmc.cn",
        sent=record.moment("issuetime"),
        msg_type=message_type_of(title),
        infos=(info,),
    )


def _address(path: str | None) -> str | None:
    return f"http://www.nmc.cn{path}" if path is not None and path.startswith("/") else path


def read_icon(name: str | None) -> tuple[str | None, Level | None]:
    """Type and level in the name of an icon: `…/p0007003.png`, or `p0007003` alone."""
    found = list(_ICON.finditer((name or "")[-100:]))
    if not found:
        return None, None
    type_, colour = found[-1].groups()
    return type_, level_of(_ICON_COLOURS.get(colour))


def icon_codes(type_: str | None) -> tuple[tuple[str, str], ...]:
    """The type of an icon as sent, and the national code that it means."""
    if type_ is None:
        return ()
    return (("NMC", f"p{type_}"), *paired((NATIONAL_EVENT, ICON_TYPES.get(type_, (None, None))[1])))
