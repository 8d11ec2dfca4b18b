"""A message in the words of CAP written down as CAP 1.2: the way back from `formats/cap.py`. Pure.

Elements stand in the order of the schema (CAP 1.2, 3.4); absent ones are left out, since an empty
element is not an absent one.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from jiaoying.warnings.formats.cap_schema import VERSIONS
from jiaoying.warnings.model import Circle, Info, Message, Reference, WarnedArea

_NAMESPACE = next(name for name, version in VERSIONS.items() if version.format == "cap-1.2")
# XML 1.0, 2.2: what no document may hold, in whatever way it is written.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DIGITS = 6  # of a degree: a tenth of a metre


def write_cap(message: Message, zone: tzinfo = UTC) -> bytes:
    """The document, in UTF-8 with its declaration; moments are written in `zone`."""
    alert = cap_element(message, zone)
    indent(alert)
    return tostring(alert, encoding="UTF-8", xml_declaration=True)


def cap_element(message: Message, zone: tzinfo) -> Element:
    """The `alert` alone, to be put into another document."""
    alert = Element("alert", xmlns=_NAMESPACE)
    _texts(
        alert,
        ("identifier", message.identifier),
        ("sender", message.sender),
        ("sent", moment_in_cap(message.sent, zone)),
        ("status", message.status),
        ("msgType", message.msg_type),
        ("source", message.source),
        ("scope", message.scope),
        ("restriction", message.restriction),
        ("addresses", _words(message.addresses)),
        *(("code", code) for code in message.code),
        ("note", message.note),
        ("references", _references(message.references, zone)),
        ("incidents", _words(message.incidents)),
    )
    for info in message.infos:
        _write_info(alert, info, zone)
    return alert


def moment_in_cap(moment: datetime, zone: tzinfo) -> str:
    """3.3.2: seconds, no fraction, an offset; UTC is `-00:00`, since `Z` must not be used."""
    text = moment.astimezone(zone).isoformat(timespec="seconds")
    return text.removesuffix("+00:00") + "-00:00" if text.endswith("+00:00") else text


def allowed_in_xml(text: str) -> str:
    """`text` without the characters that no XML document may hold."""
    return _NOT_IN_XML.sub("", text)


def _write_info(alert: Element, info: Info, zone: tzinfo) -> None:
    element = SubElement(alert, "info")
    _texts(
        element,
        ("language", info.language),
        *(("category", category) for category in info.category),
        ("event", info.event),
        *(("responseType", response) for response in info.response_type),
        ("urgency", info.urgency),
        ("severity", info.severity),
        ("certainty", info.certainty),
        ("audience", info.audience),
    )
    _pairs(element, "eventCode", info.event_code)
    moments = (("effective", info.effective), ("onset", info.onset), ("expires", info.expires))
    _texts(
        element,
        *((name, moment_in_cap(moment, zone)) for name, moment in moments if moment is not None),
        ("senderName", info.sender_name),
        ("headline", info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
        ("web", info.web),
        ("contact", info.contact),
    )
    _pairs(element, "parameter", info.parameter)
    for area in info.areas:
        _write_area(element, area)


def _write_area(info: Element, area: WarnedArea) -> None:
    element = SubElement(info, "area")
    _texts(
        element,
        ("areaDesc", area.description),
        *(("polygon", _polygon(polygon)) for polygon in area.polygons),
        *(("circle", _circle(circle)) for circle in area.circles),
    )
    _pairs(element, "geocode", area.geocodes)
    heights = (("altitude", area.altitude), ("ceiling", area.ceiling))
    _texts(element, *((name, _number(value)) for name, value in heights if value is not None))


def _texts(parent: Element, *texts: tuple[str, str | None]) -> None:
    for name, text in texts:
        allowed = allowed_in_xml(text or "").strip()
        if allowed:
            SubElement(parent, name).text = allowed


def _pairs(parent: Element, name: str, pairs: Iterable[tuple[str, str]]) -> None:
    for value_name, value in pairs:
        pair = SubElement(parent, name)
        _texts(pair, ("valueName", value_name), ("value", value))


def _references(references: Iterable[Reference], zone: tzinfo) -> str:
    """3.2.1: triples `sender,identifier,sent`; one whose `sent` nobody knows cannot be written."""
    return " ".join(
        f"{one.sender},{one.identifier},{moment_in_cap(one.sent, zone)}"
        for one in references
        if one.sent is not None
    )


def _words(words: Iterable[str]) -> str:
    """3.2.1: divided by blanks; what holds a blank stands in quotes."""
    return " ".join(f'"{word}"' if re.search(r"\s", word) else word for word in words)


def _polygon(polygon: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_number(lat)},{_number(lon)}" for lat, lon in polygon)


def _circle(circle: Circle) -> str:
    return f"{_number(circle.lat)},{_number(circle.lon)} {_number(circle.radius_km)}"


def _number(value: float) -> str:
    return f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")
