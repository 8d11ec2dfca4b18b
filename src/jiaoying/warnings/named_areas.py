"""Codes for the areas of a message that are only named: 沁水县, 河南省, 保定市新华区.

Only where an info gives neither code nor line of its own. A name that several places share is never
decided: the complaint names them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jiaoying.kernel.area_names import Area, Doubt
from jiaoying.kernel.areas import ancestors_of
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.warnings.gazetteer import Gazetteer
from jiaoying.warnings.model import Info, Message, WarnedArea

# As the Chinese CAP feed names its codes.
CODE_SCHEME = "CPEAS Geographic Code"
MAX_NAMES = 500  # of one message

_FIELD = "info/area/areaDesc"
_HAN = re.compile(r"[\u4e00-\u9fff]")
_CHINESE = re.compile(
    r"zh|cmn|chinese|en", re.IGNORECASE
)  # senders forget the language, and its default is en-US
_SEPARATORS = re.compile(r"[、,，;；\s]+")
# 14052141600000_20260715163000: the issuer's county, then its organisation.
_IDENTIFIER = re.compile(r"(?P<county>[1-8]\d{5})\d{8}_\d{14}", re.ASCII)


@dataclass(slots=True)
class _Findings:
    found: list[str] = field(default_factory=list[str])
    doubtful: dict[str, tuple[Area, ...]] = field(default_factory=dict[str, tuple[Area, ...]])


def code_named_areas(message: Message, places: Gazetteer) -> tuple[Message, tuple[Complaint, ...]]:
    """`message` with codes on the areas that are only named, and what is to be said about it."""
    if not any(_is_only_named(info) for info in message.infos):
        return message, ()
    contexts = _contexts(message, places)
    findings = _Findings()
    infos = tuple(
        replace(info, areas=tuple(_coded(area, contexts, places, findings) for area in info.areas))
        if _is_only_named(info)
        else info
        for info in message.infos
    )
    return replace(message, infos=infos), _complaints(findings, places)


def _is_only_named(info: Info) -> bool:
    if not _CHINESE.match(info.language) or any(area.polygons or area.circles for area in info.areas):
        return False
    named = any(area.description and _HAN.search(area.description) for area in info.areas)
    return named and not any(area.geocodes for area in info.areas)


def _contexts(message: Message, places: Gazetteer) -> tuple[str, ...]:
    """Where its sender stands, narrow before wide: by its identifier, else by the sender's name."""
    identifier = _IDENTIFIER.match(message.identifier)
    if identifier:
        own = identifier["county"] + "000000"
        return (own, *ancestors_of(own))
    for name in (message.sender, *(info.sender_name or "" for info in message.infos)):
        path = places.path_at(name, 0)
        if path is not None and len(path.areas) == 1:
            return (path.areas[0].code, *ancestors_of(path.areas[0].code))
    return ()


def _coded(area: WarnedArea, contexts: Sequence[str], places: Gazetteer, findings: _Findings) -> WarnedArea:
    codes: list[str] = []
    for name in _SEPARATORS.split(area.description or "")[:MAX_NAMES]:
        found = places.find(name, within=contexts) or places.find(name)
        if isinstance(found, Doubt):
            findings.doubtful[name] = found.candidates
        elif found is not None:
            findings.found.append(name)
            codes.append(found.code)
    named = tuple((CODE_SCHEME, code) for code in dict.fromkeys(codes))
    return replace(area, geocodes=(*area.geocodes, *named))


def _complaints(findings: _Findings, places: Gazetteer) -> tuple[Complaint, ...]:
    complaints: list[Complaint] = []
    if findings.found:
        names = "、".join(dict.fromkeys(findings.found))
        text = say("no code is given: “{names}” was looked up in the table of places", names=names[:200])
        complaints.append(Complaint("area-by-name", _FIELD, text))
    for name, candidates in findings.doubtful.items():
        known = "、".join(f"{places.full_name(area)} {area.code}" for area in candidates[:10])
        text = say(
            "several places are called “{name}”: {candidates}; none was taken", name=name, candidates=known
        )
        complaints.append(Complaint("doubtful-area", _FIELD, text))
    return tuple(complaints)
