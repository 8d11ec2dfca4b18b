"""What CAP 1.2 asks of a message: the official schema where it lies beside the checkout, and section 3."""

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from lxml import etree

from jiaoying.warnings.formats import cap_schema

SCHEMA = Path(__file__).parents[2] / "shared" / "data" / "schema" / "CAP-v1.2.xsd"
_CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_KEY = re.compile(r"[^ ,<&]+")
_DEMANDED = {
    "alert": ("identifier", "sender", "sent", "status", "msgType", "scope"),
    "info": ("category", "event", "urgency", "severity", "certainty"),
    "area": ("areaDesc",),
    "eventCode": ("valueName", "value"),
    "parameter": ("valueName", "value"),
    "geocode": ("valueName", "value"),
}
_ENUMERATIONS = {
    "status": cap_schema.STATUSES,
    "msgType": cap_schema.MESSAGE_TYPES,
    "scope": cap_schema.SCOPES,
    "category": cap_schema.CATEGORIES,
    "responseType": cap_schema.RESPONSE_TYPES,
    "urgency": cap_schema.URGENCIES,
    "severity": cap_schema.SEVERITIES,
    "certainty": cap_schema.CERTAINTIES,
}


def breaches(body: bytes) -> list[str]:
    """Every rule that the message breaks; empty is as it should be."""
    root = fromstring(body)
    return [*_against_schema(body), *_missing(root), *_wrong_values(root), *_wrong_sense(root)]


@cache
def _schema() -> etree.XMLSchema | None:
    return etree.XMLSchema(etree.parse(SCHEMA)) if SCHEMA.exists() else None


def _against_schema(body: bytes) -> list[str]:
    schema = _schema()
    if schema is None or schema.validate(etree.fromstring(body)):
        return []
    log: Any = schema.error_log
    return [entry.message for entry in log]


def _name(element: Element) -> str:
    return str(element.tag).removeprefix(_CAP)


def _missing(root: Element) -> list[str]:
    return [
        f"{_name(element)} without {child}"
        for element in root.iter()
        for child in _DEMANDED.get(_name(element), ())
        if element.find(_CAP + child) is None
    ]


def _wrong_values(root: Element) -> list[str]:
    found: list[str] = []
    for element in root.iter():
        name, text = _name(element), element.text or ""
        allowed = _ENUMERATIONS.get(name)
        if allowed is not None and text not in allowed:
            found.append(f"{name} {text}")
        if name in ("sent", "effective", "onset", "expires") and not _MOMENT.fullmatch(text):
            found.append(f"{name} {text}")
        if name in ("identifier", "sender") and not _KEY.fullmatch(text):
            found.append(f"{name} {text}")
        if name == "polygon" and not _is_ring(text):
            found.append(f"polygon {text}")
        if not text.strip() and len(element) == 0:
            found.append(f"empty {name}")
    return found


def _is_ring(text: str) -> bool:
    """3.2.4: four pairs at least, the last like the first."""
    points = [tuple(map(float, pair.split(","))) for pair in text.split()]
    return len(points) >= 4 and points[0] == points[-1] and all(abs(lat) <= 90 for lat, _ in points)


def _wrong_sense(root: Element) -> list[str]:
    msg_type, sent = root.findtext(_CAP + "msgType"), root.findtext(_CAP + "sent") or ""
    references = (root.findtext(_CAP + "references") or "").split()
    found = [f"reference {one}" for one in references if len(one.split(",")) != 3]
    if msg_type in ("Update", "Cancel") and not references:
        found.append(f"{msg_type} without references")
    if root.findtext(_CAP + "status") == "Exercise" and not root.findtext(_CAP + "note"):
        found.append("Exercise without a note")
    for info in root.iter(_CAP + "info"):
        expires = info.findtext(_CAP + "expires")
        onset = info.findtext(_CAP + "onset") or sent
        if expires and datetime.fromisoformat(expires) < datetime.fromisoformat(onset):
            found.append("expires before onset")
    return found
