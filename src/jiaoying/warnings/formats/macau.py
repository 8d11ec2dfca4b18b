"""Warnings of the Meteorological and Geophysical Bureau of Macau (SMG), its XML turned into JSON.

One document for each kind of warning (`RainstormWarning`, `TempAlert`, `SpecialInfo` …), every element a list
of one. A document is there whether or not a warning is in force: `Action` NIL, or `Inforce` 0,
says that none is. Times are local, those of the system end in `GMT+8`. Some kinds come in Chinese only,
others in Chinese, Portuguese and English. The number of a report (`RS-2026-022-03`: third of its series)
tells what it follows.
"""

import re
from datetime import datetime

from jiaoying.warnings.formats.feed import NATIONAL_EVENT, Draft, paired, read_rows
from jiaoying.warnings.formats.feed_times import read_feed_time
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.levels import (
    Level,
    colour_parameter,
    level_in_title,
    level_of,
    read_level,
    severity_of,
)
from jiaoying.warnings.formats.records import Record, as_list, as_object
from jiaoying.warnings.model import Info, ParsedMessage, Reference, WarnedArea

FORMAT = "cn-macau"
BUREAU = "SMG"
AREA = WarnedArea("澳门特别行政区", geocodes=(("adcode", "820000"),))
MOST_REFERENCES = 50

# Kind → event in Chinese and English, code of the national table where one means the same.
_KINDS: dict[str, tuple[str, str, str | None]] = {
    "RainstormWarning": ("暴雨警告信号", "Rainstorm Warning", "11B03"),
    "TyphoonWarning": ("热带气旋警告信号", "Tropical Cyclone Warning", "11B01"),
    "MonsoonWarning": ("强烈季候风信号(黑球)", "Strong Monsoon Signal", "11B06"),
    "ThunderstormWarning": ("雷暴警告信号", "Thunderstorm Warning", "11B43"),
    "TsunamiWarning": ("海啸警告信号", "Tsunami Warning", "11E01"),
    "StormSurgeWarning": ("风暴潮警告信号", "Storm Surge Warning", "11E02"),
    "StormsurgeWarning": ("风暴潮警告信号", "Storm Surge Warning", "11E02"),
    "TempAlert": ("气温提示", "Temperature Alert", None),
    "SpecialInfo": ("特别天气信息", "Special Weather Information", None),
}
_TEMPERATURES = {"hot": ("高温提示", "11B09"), "cold": ("低温提示", "11B34")}
_NOT_IN_FORCE = frozenset({"0", "-", "nil", "no", "false"})
_CANCELLED = frozenset({"cancel", "cancelled", "cancle"})
_LANGUAGES = {"Chinese": "zh-MO", "Portuguese": "pt", "English": "en"}
_SERIES = re.compile(r"(?P<series>[A-Z]{1,6}-\d{4}-\d{1,6})-(?P<number>\d{1,4})", re.ASCII)
_UNTIL = re.compile(r"有效時間(?:延長)?至\s{0,5}(\d{4}年\d{1,2}月\d{1,2}日\d{1,2}時\d{1,2}分)")


def is_macau(document: JsonDocument) -> bool:
    """Whether the value is one report of the bureau."""
    value = as_object(document.value) or {}
    report = as_object(next(iter(value.values()), None)) or {}
    return len(value) == 1 and {"System", "Custom"} <= report.keys()


def read_macau(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The warning of a report, or that none is in force."""
    return read_rows([document.value], FORMAT, _read_report, document, now)


def _read_report(record: Record) -> Draft | None:
    kind = next(iter(record.value))
    report = record.record(kind)
    custom = report.record("Custom")
    body = _body(custom)
    action = (body.text("Action") or "").casefold()
    if not _tells_something(body, action):
        return None
    system, head = report.record("System"), report.record("ReportInfo")
    sent = body.moment("IssuedAt") or system.moment("SysPubdate")
    number = head.text("ReportNo")
    series = _SERIES.fullmatch(number or "")
    references = _earlier(series) if series else ()
    return Draft(
        identifier=number or _made_up(report, kind, sent),
        sender=system.text("SysAuthor") or BUREAU,
        sent=sent,
        msg_type="Cancel" if action in _CANCELLED else "Update" if references else "Alert",
        references=references,
        infos=tuple(_infos(kind, body, custom)),
    )


def _body(custom: Record) -> Record:
    """The element that holds the warning, whatever its name (`TropicalCyclone`, `TempAlertReport`)."""
    names = [name for name, value in custom.value.items() if any(map(_describes, as_list(value)))]
    return custom.record(names[0]) if names else custom


def _describes(value: object) -> bool:
    return "Description" in (as_object(value) or {})


def _tells_something(body: Record, action: str) -> bool:
    """Whether a warning is in force, or one that was ends."""
    if action:
        return action not in _NOT_IN_FORCE
    in_force = (body.text("Inforce") or body.text("Status") or "0").casefold()
    return in_force not in _NOT_IN_FORCE


def _made_up(report: Record, kind: str, sent: datetime | None) -> str:
    """An identifier for reports without a number, from what they are and when they were issued."""
    part = (as_object(report.value.get("$")) or {}).get("SpecType")
    stamp = "" if sent is None else sent.strftime("%Y%m%d%H%M%S")
    return "_".join(str(one) for one in (BUREAU, kind, part, stamp) if one)


def _earlier(series: re.Match[str]) -> tuple[Reference, ...]:
    """The reports of the series before this one, the latest first: any of them may have been missed."""
    number, width = int(series["number"]), len(series["number"])
    earlier = range(number - 1, max(0, number - 1 - MOST_REFERENCES), -1)
    return tuple(Reference(BUREAU, f"{series['series']}-{one:0{width}}", None) for one in earlier)


def _infos(kind: str, body: Record, custom: Record) -> list[Info]:
    description = as_object(next(iter(as_list(body.value.get("Description"))), None))
    if description is None:
        return [_info(kind, body, custom, None)]
    told = [name for name in _LANGUAGES if body.record("Description").text(name)]
    return [_info(kind, body, custom, name) for name in told or ["Chinese"]]


def _info(kind: str, body: Record, custom: Record, language: str | None) -> Info:
    """One language of a report; None where it has one only, which is Chinese."""
    chinese, english, national = _KINDS.get(kind, (kind, kind, None))
    temperature = _TEMPERATURES.get((body.text("Inforce") or "").casefold())
    if temperature is not None:
        chinese, national = temperature
    tag = _LANGUAGES[language or "Chinese"]
    event = chinese if tag.startswith("zh") else english
    title = _in_language(body, "Title", language)
    text = _in_language(body, "Description", language)
    told = _in_language(body, "Event", language)
    headline = _first_line(text) if language is None else told or title
    level = _level(body, _in_language(body, "Title", "Chinese") or headline)
    until = _UNTIL.search((text or "")[:2000])
    signal = body.text("Warncode")
    return Info(
        language=tag,
        event=event,
        severity=severity_of(level),
        event_code=paired((BUREAU, kind), (NATIONAL_EVENT, national)),
        expires=read_feed_time(until[1]).moment if until else None,
        sender_name="澳门气象局" if tag.startswith("zh") else BUREAU,
        headline=headline or event,
        description=text,
        instruction=_advice(body, custom, language),
        parameter=(*paired(("signal", signal)), *colour_parameter(level)),
        areas=(AREA,),
    )


def _in_language(body: Record, name: str, language: str | None) -> str | None:
    if language is None:
        return body.text(name)
    return body.record(name).text(language)


def _first_line(text: str | None) -> str | None:
    return (text or "").partition("\n")[0].strip()[:200] or None


def _level(body: Record, title: str | None) -> Level | None:
    level = read_level(body, "Warncode")
    # Words of a title are traditional Chinese (黃色), which the general reading of titles does not know.
    return level or level_of((title or "")[:2]) or level_in_title(title)


def _advice(body: Record, custom: Record, language: str | None) -> str | None:
    """What people should do: it stands inside the warning or beside it."""
    inside, beside = body.record("Complementary"), custom.record("Complementary")
    texts = [
        _in_language(holder, name, language) for holder in (inside, beside) for name in ("Tips", "Other")
    ]
    return "\n".join(text for text in texts if text) or None
