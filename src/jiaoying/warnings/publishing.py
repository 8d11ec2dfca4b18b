"""Issued warnings given out again: as messages in the words of CAP 1.2, for whoever asks. Pure.

A warning keeps the identifier and sender under which it reached us, so that a receiver who has it by
another way recognises it. What we made of it (colour, codes of areas) goes out with it; urgency and
certainty, which we do not judge, are Unknown, as in the national feed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.warnings.formats.cap_writer import allowed_in_xml
from jiaoying.warnings.model import Circle, Info, Kind, Message, Reference, WarnedArea

# Of our own profile: the national platform's table, and the scheme that its CAP feed uses for 12 digits.
EVENT_CODE = "12379"
AREA_CODE = "CPEAS Geographic Code"
COLOUR = "colour"
REFERENCE = "jiaoying:reference"

Ring = tuple[tuple[float, float], ...]  # (lat, lon)

# 3.2.2 (severity), as the national feed uses it; no colour says nothing of how grave it is.
_SEVERITIES = {
    Colour.BLUE: "Minor",
    Colour.YELLOW: "Moderate",
    Colour.ORANGE: "Severe",
    Colour.RED: "Extreme",
}
# 3.2.2 (category).
_CATEGORIES = {
    Hazard.FLOOD: "Met", Hazard.FLASH_FLOOD: "Met", Hazard.WATERLOGGING: "Met", Hazard.RAIN: "Met",
    Hazard.TYPHOON: "Met", Hazard.CONVECTIVE: "Met", Hazard.SNOW_ICE: "Met", Hazard.COLD: "Met",
    Hazard.HEAT: "Met", Hazard.WIND: "Met", Hazard.VISIBILITY: "Met", Hazard.DROUGHT: "Met",
    Hazard.MARINE: "Met", Hazard.GEOHAZARD: "Geo", Hazard.EARTHQUAKE: "Geo", Hazard.WILDFIRE: "Fire",
    Hazard.DAM: "Infra", Hazard.MINE: "Safety", Hazard.HAZCHEM: "CBRNE", Hazard.TRAFFIC: "Transport",
    Hazard.ENVIRONMENT: "Env", Hazard.AIR: "Env", Hazard.CLOSURE_ORDER: "Safety", Hazard.OTHER: "Other",
}  # fmt: skip
_OVER = (Kind.CANCEL, Kind.ALL_CLEAR)
# How long the news that a warning is over stays news.
OVER_FOR = timedelta(hours=1)
# 3.2.1 (identifier, sender): no blanks, commas, < and &.
_FORBIDDEN_IN_KEYS = re.compile(r"[\s,<&]+")


@dataclass(frozen=True, slots=True)
class PublishedWarning:
    """A stored warning as it is given out. `replaced` is the one whose place it took."""

    id: UUID
    sender: str
    identifier: str
    version: int
    kind: Kind
    exercise: bool
    hazard: Hazard
    event: str
    event_code: str | None
    colour: Colour | None
    sender_name: str | None
    headline: str
    text: str
    instruction: str | None
    area_names: str
    area_codes: tuple[str, ...]
    polygons: tuple[tuple[tuple[float, float], ...], ...]
    circles: tuple[Circle, ...]
    references: tuple[Reference, ...]
    reference: str
    sent_at: datetime
    valid_from: datetime
    valid_to: datetime
    replaced: Reference | None


def as_message(published: PublishedWarning) -> Message:
    """The warning in the words of CAP 1.2, which it keeps in whatever way it reached us."""
    references = _references(published)
    return Message(
        identifier=published_key(published.identifier, published.version),
        sender=_key(published.sender),
        sent=published.sent_at,
        status="Exercise" if published.exercise else "Actual",
        msg_type=_msg_type(published.kind, references),
        scope="Public",
        note="演练" if published.exercise else None,  # 3.2.1 (note): the exercise is named
        references=references,
        infos=(_info(published),),
    )


def published_key(identifier: str, version: int) -> str:
    """An identifier that CAP allows (3.2.1) and that no other version of the warning has."""
    return _key(identifier) if version == 1 else f"{_key(identifier)}.v{version}"


def _key(text: str) -> str:
    return _FORBIDDEN_IN_KEYS.sub("_", allowed_in_xml(text)) or "_"


def _first_said(*texts: str | None) -> str:
    """The first that says something, for what CAP demands."""
    return next(said for text in (*texts, "-") if text and (said := allowed_in_xml(text).strip()))


def _references(published: PublishedWarning) -> tuple[Reference, ...]:
    """What it replaced here, and what it names itself; never itself, never without the moment."""
    named = (published.replaced, *published.references)
    own = published_key(published.identifier, published.version)
    written = (
        Reference(_key(one.sender), _key(one.identifier), one.sent)
        for one in named
        if one is not None and one.sender and one.identifier and one.sent is not None
    )
    return tuple(dict.fromkeys(one for one in written if one.identifier != own))


def _msg_type(kind: Kind, references: Sequence[Reference]) -> str:
    """3.2.1: Update and Cancel name what they change; where nothing is known of it, it is an Alert."""
    if not references or kind is Kind.ALERT:
        return "Alert"
    return "Cancel" if kind is Kind.CANCEL else "Update"


def _info(published: PublishedWarning) -> Info:
    over = published.kind in _OVER
    earliest_end = max(published.sent_at, published.valid_from) + OVER_FOR
    return Info(
        language="zh-CN",
        category=(_CATEGORIES.get(published.hazard, "Other"),),
        event=_first_said(published.event, published.headline, published.hazard),
        response_type=("AllClear",) if over else (),
        urgency="Past" if over else "Unknown",
        severity=_SEVERITIES[published.colour] if published.colour else "Unknown",
        certainty="Unknown",
        event_code=((EVENT_CODE, published.event_code),) if published.event_code else (),
        onset=None if over else published.valid_from,
        expires=earliest_end if over else max(published.valid_to, published.valid_from),
        sender_name=published.sender_name,
        headline=published.headline,
        description=published.text or None,
        instruction=published.instruction,
        parameter=_parameters(published),
        areas=(_area(published),),
    )


def _parameters(published: PublishedWarning) -> tuple[tuple[str, str], ...]:
    colour = ((COLOUR, str(published.colour)),) if published.colour else ()
    return (*colour, (REFERENCE, published.reference))


def _area(published: PublishedWarning) -> WarnedArea:
    """3.2.4: one area, the union of all that is known of where it is. `areaDesc` is demanded."""
    return WarnedArea(
        description=_first_said(published.area_names, "、".join(published.area_codes), published.headline),
        polygons=tuple(_rings(published.polygons)),
        circles=published.circles,
        geocodes=tuple((AREA_CODE, code) for code in published.area_codes),
    )


def _rings(polygons: Iterable[Ring]) -> Iterator[Ring]:
    """3.2.4: four pairs at least, of which the last is the first again."""
    for polygon in polygons:
        ring = polygon if polygon[:1] == polygon[-1:] else (*polygon, polygon[0])
        if len(ring) >= 4:
            yield ring
