"""The pull of the province of Sichuan (`{"returnCode", "rowCnt", "cdata": […]}`).

Known, from public software that reads it: rows of `wid`, `title`, `mtype` (Alert, Update …), `etypechn`
(暴雨事件), `lvl` (red, orange, yellow, unknown), `p1` to `p3` (names of the area). No time was seen: that
of the identifier is taken where `wid` is one of 12379, and a row without any is refused.
"""

from datetime import datetime

from jiaoying.warnings.formats.cap_schema import MESSAGE_TYPES
from jiaoying.warnings.formats.feed import (
    CHINESE,
    Draft,
    area_of_unit,
    choice,
    read_rows,
    unit_in,
)
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.levels import colour_parameter, level_in_title, read_level, severity_of
from jiaoying.warnings.formats.records import Record, a_list, as_list, as_object
from jiaoying.warnings.formats.titles import event_in_title, issuer_in_title, message_type_of
from jiaoying.warnings.model import Info, ParsedMessage

FORMAT = "cn-sichuan"


def is_sichuan(document: JsonDocument) -> bool:
    """Whether the value is an answer of the pull."""
    value = as_object(document.value) or {}
    rows = a_list(value.get("cdata"))
    if "returnCode" not in value or rows is None:
        return False
    return not rows or {"wid", "title"} <= (as_object(rows[0]) or {}).keys()


def read_sichuan(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The warnings of the answer."""
    rows = as_list((as_object(document.value) or {}).get("cdata"))
    return read_rows(rows, FORMAT, _read_row, document, now)


def _read_row(record: Record) -> Draft:
    identifier, title = record.text("wid"), record.text("title")
    level = read_level(record, "lvl") or level_in_title(title)
    event = record.text("etypechn")
    names = dict.fromkeys(record.text(name) for name in ("p1", "p2", "p3"))
    info = Info(
        language=CHINESE,
        event=event_in_title(title) if event is None else event.removesuffix("事件"),
        severity=severity_of(level),
        sender_name=issuer_in_title(title),
        headline=title,
        parameter=colour_parameter(level),
        areas=area_of_unit(identifier, record.notes, "".join(name for name in names if name) or None),
    )
    return Draft(
        identifier=identifier,
        sender=unit_in(identifier) or issuer_in_title(title) or "int.scqx.net",
        sent=None,
        msg_type=choice(record, "mtype", MESSAGE_TYPES) or message_type_of(title),
        infos=(info,),
    )
