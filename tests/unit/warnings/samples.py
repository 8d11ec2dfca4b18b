"""Small messages of our own, put together for one trap each."""

import json
from datetime import UTC, datetime

from jiaoying.warnings.formats.cap_schema import ORDER
from jiaoying.warnings.model import Message, ParsedMessage
from jiaoying.warnings.read import read_as_sent, read_messages

NOW = datetime(2026, 7, 15, 8, 30, tzinfo=UTC)  # 16:30 in Beijing
NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SENDER = "Qinshui_County_Meteorological_Observatory"
IDENTIFIER = "14052141600000_20260715163000"
COUNTY = "140521000000"

Fields = dict[str, str | None]

_ALERT: Fields = {
    "identifier": IDENTIFIER,
    "sender": SENDER,
    "sent": "2026-07-15T16:30:00+08:00",
    "status": "Actual",
    "msgType": "Alert",
    "scope": "Public",
}
_INFO: Fields = {
    "language": "zh-CN",
    "category": "Met",
    "event": "暴雨",
    "urgency": "Unknown",
    "severity": "Moderate",
    "certainty": "Unknown",
    "effective": "2026-07-15T16:30:00+08:00",
    "expires": "2026-07-15T22:30:00+08:00",
    "senderName": "沁水县气象台",
    "headline": "沁水县气象台发布暴雨黄色预警[Ⅲ级/较重]",
    "description": "预计未来6小时我县大部分乡镇降雨量将达50毫米以上。",
}


def alert(*infos: str, **changes: str | None) -> bytes:
    """An alert that is right but for `changes`: None leaves an element out.

    `extra` stands at its end, `namespace` is its namespace.
    """
    namespace = changes.pop("namespace", NAMESPACE)
    extra = changes.pop("extra", "")
    fields = _elements("alert", {**_ALERT, **changes})
    return f'<alert xmlns="{namespace}">{fields}{"".join(infos) or info()}{extra}</alert>'.encode()


def info(*areas: str, **changes: str | None) -> str:
    """An info in Chinese, right but for `changes`; `extra` stands before its areas."""
    extra = changes.pop("extra", "")
    fields = _elements("info", {**_INFO, **changes})
    return f"<info>{fields}{extra}{''.join(areas) or area(geocode(COUNTY))}</info>"


def area(*parts: str, description: str | None = "沁水县") -> str:
    """An area of polygons, circles and geocodes."""
    name = "" if description is None else f"<areaDesc>{description}</areaDesc>"
    return f"<area>{name}{''.join(parts)}</area>"


def geocode(value: str, name: str = "CPEAS Geographic Code") -> str:
    return pair("geocode", name, value)


def pair(element: str, name: str, value: str) -> str:
    return f"<{element}><valueName>{name}</valueName><value>{value}</value></{element}>"


def read(body: bytes, now: datetime = NOW) -> ParsedMessage:
    """The one message in `body`, interpreted."""
    [parsed] = read_messages(body, now)
    return parsed


def message_in(body: bytes, now: datetime = NOW) -> Message:
    """The message in `body`, which must be accepted."""
    [parsed] = read_as_sent(body, now)
    assert parsed.message is not None, parsed.complaints
    return parsed.message


def codes(parsed: ParsedMessage) -> list[tuple[str, str]]:
    """Code and field of each complaint."""
    return [(complaint.code, complaint.field) for complaint in parsed.complaints]


def _elements(parent: str, fields: Fields) -> str:
    return "".join(
        f"<{name}>{fields[name]}</{name}>" for name in ORDER[parent] if fields.get(name) is not None
    )


def feed(value: object, now: datetime = NOW) -> list[ParsedMessage]:
    """The messages in a value sent as JSON, interpreted."""
    return read_messages(json.dumps(value, ensure_ascii=False).encode(), now)


def only(value: object, now: datetime = NOW) -> tuple[Message, list[str]]:
    """The one message in a value sent as JSON, as sent, which must be accepted, and what was noted of it."""
    [parsed] = read_as_sent(json.dumps(value, ensure_ascii=False).encode(), now)
    assert parsed.message is not None, parsed.complaints
    return parsed.message, [complaint.code for complaint in parsed.complaints]
