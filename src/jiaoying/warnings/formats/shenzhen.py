"""The two feeds of Shenzhen (weather.121.com.cn): `szWarn_all`, all warnings as rows, and `szAlarm`, a page.

`szWarn_all` is a list of rows: `keyId`, `issued` (office), `issueTime`, `startTime`, `subCategory`
(`气象灾害.暴雨`), `wLevel` (also 白色), `area` (names), `matter` (the text), `life`. `issuer` is the name of
a person and is left out.

`szAlarm` holds lists of what is in force: `subAlarm` (the city), `sshzqAlarm` (深汕特别合作区), `…Mores`
(further ones under the same icon, by icon), `xgAlarm` (Hong Kong's, without a time of their own). Several
warnings of one bulletin share a `recID`. Lightning has no colour. `alarmInfo` repeats the latest bulletin as
text; when it lifts a warning, that warning is gone from the lists, and nothing says which identifier it
had: it is not read.

Neither says when a warning ends, nor gives codes of areas other than by name.
"""

import re
from datetime import datetime

from jiaoying.kernel.language import say
from jiaoying.warnings.formats.feed import CHINESE, Draft, paired, read_rows
from jiaoying.warnings.formats.feed_times import read_feed_time
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.hongkong import signal_info
from jiaoying.warnings.formats.levels import colour_parameter, level_in_title, read_level, severity_of
from jiaoying.warnings.formats.records import Record, as_list, as_object
from jiaoying.warnings.formats.titles import bracketed, message_type_of
from jiaoying.warnings.model import Info, ParsedMessage, WarnedArea

FORMAT = "cn-shenzhen"
CITY_CODE = "440300"
_WHOLE_CITY = re.compile(r"全市|深圳市全境")
_LISTS = ("subAlarm", "sshzqAlarm")
_OFFICE = re.compile(r"(深圳市(?:气象台|气象局|规划和自然资源局|海洋[一-龥]{2,8}?(?:中心|台|局)))")
_TOLD_AT = re.compile(r"(\d{4}年\d{1,2}月\d{1,2}日\d{1,2}[时時]\d{1,2}分)(?:发出|發出)")


def is_shenzhen(document: JsonDocument) -> bool:
    """Whether the value is one of the two feeds."""
    value = as_object(document.value)
    if value is not None:
        return "subAlarm" in value or "sshzqAlarm" in value
    rows = as_list(document.value)
    return bool(rows) and {"keyId", "subCategory"} <= (as_object(rows[0]) or {}).keys()


def read_shenzhen(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The warnings of either feed."""
    value = as_object(document.value)
    if value is None:
        return read_rows(as_list(document.value), FORMAT, _read_warning, document, now)
    return read_rows(_alarms(value), FORMAT, _read_alarm, document, now)


def _read_warning(record: Record) -> Draft:
    path, matter = record.text("subCategory") or "", record.text("matter")
    level = read_level(record, "wLevel")
    info = Info(
        language=CHINESE,
        event=path.rpartition(".")[2] or None,
        severity=severity_of(level),
        event_code=paired(("Shenzhen", path)),
        effective=record.moment("startTime"),
        sender_name=record.text("issued"),
        headline=_headline(record, matter, path.rpartition(".")[2] + (record.text("wLevel") or "")),
        description=matter,
        instruction=record.text("wmeasures"),
        contact=record.text("tel"),
        parameter=colour_parameter(level),
        areas=_areas(record.text("area")),
    )
    over = record.value.get("life") is False
    return Draft(
        identifier=record.text("keyId"),
        sender=record.text("issued") or "深圳市",
        sent=record.moment("issueTime", "confirmTime", "crtTime"),
        msg_type="Cancel" if over else _issue_or_change(bracketed(matter)),
        infos=(info,),
    )


def _headline(record: Record, text: str | None, event_and_colour: str) -> str | None:
    """The headline of the bulletin, unless it lifts something: then one of the row's own fields.

    A bulletin that lifts a warning for some districts, or another warning, is the text of the rows that stay
    in force. Taken at its word it would lift them too, and nobody would be called.
    """
    headline = bracketed(text)
    if headline is None or "解除" not in headline or record.value.get("life") is False:
        return headline
    told = say("the headline lifts another warning: one was made of kind and colour of this one")
    record.tolerate("headline-lifts-another", "headline", told)
    return f"{event_and_colour}预警信号"


def _issue_or_change(headline: str | None) -> str:
    # What stands in the list is in force: `解除` in its bulletin is about another area.
    return "Update" if message_type_of(headline) == "Update" else "Alert"


def _areas(names: str | None) -> tuple[WarnedArea, ...]:
    """The places by name; the code of the city only where the whole of it is meant."""
    whole = names is None or _WHOLE_CITY.search(names) is not None
    return (WarnedArea(names, geocodes=(("adcode", CITY_CODE),) if whole else ()),)


def _alarms(value: dict[str, object]) -> list[object]:
    """The rows in the order of the page; further ones under the same icon that it has not yet."""
    rows: list[object] = [row for name in _LISTS for row in as_list(value.get(name))]
    seen = {_key(row) for row in rows}
    hidden = [
        row
        for name in _LISTS
        for more in (as_object(value.get(f"{name}Mores")) or {}).values()
        for row in as_list(more)
    ]
    more = [row for row in {_key(row): row for row in hidden}.values() if _key(row) not in seen]
    return [*rows, *as_list(value.get("xgAlarm")), *more]


def _key(row: object) -> tuple[str, ...]:
    alarm = as_object(row) or {}
    return tuple(str(alarm.get(name)) for name in ("recID", "alarmType", "alarmColor", "type"))


def _read_alarm(record: Record) -> Draft:
    if "alarmType" not in record.value and "type" in record.value:
        return _read_hong_kong(record)
    text, type_ = record.text("str"), record.text("alarmType")
    headline = _headline(record, text, (type_ or "") + (record.text("alarmColor") or ""))
    level = read_level(record, "alarmColor")
    office = _OFFICE.search((text or "")[:2000])
    info = Info(
        language=CHINESE,
        event=type_,
        severity=severity_of(level),
        sender_name=office[1] if office else None,
        headline=headline,
        description=text,
        parameter=colour_parameter(level),
        areas=_areas(record.text("alarmArea")),
    )
    number = record.text("recID")
    parts = (number, type_, record.text("alarmColor"))
    return Draft(
        identifier=None if number is None else "_".join(("szAlarm", *(part for part in parts if part))),
        sender=office[1] if office else "深圳市气象台",
        sent=record.moment("date"),
        msg_type=_issue_or_change(bracketed(text)),
        infos=(info,),
    )


def _read_hong_kong(record: Record) -> Draft:
    """A warning of Hong Kong as Shenzhen shows it: the time stands in its text only."""
    code, text = record.text("type", "name"), record.text("desc")
    told = list(_TOLD_AT.finditer((text or "")[-2000:]))
    sent = read_feed_time(told[-1][1]).moment if told else None
    stamp = "" if sent is None else sent.strftime("%Y%m%d%H%M%S")
    return Draft(
        identifier=f"HKO_{code or 'warning'}_{stamp}",
        sender="香港天文台",
        sent=sent,
        infos=(signal_info(code, text, level_in_title(text)),),
    )
