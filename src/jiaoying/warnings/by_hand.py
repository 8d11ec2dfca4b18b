"""A warning written here by a person: its fields, what is wrong with them, and the CAP message made of them.

It goes through the same door as a bureau's: what is confirmed is written as CAP 1.2 and taken in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.warnings.colours import BY_SEVERITY
from jiaoying.warnings.formats.cap_writer import write_cap as write_message
from jiaoying.warnings.hazards import EVENT_TYPES, kind_of_code
from jiaoying.warnings.model import Circle, Info, IssuedWarning, Kind, Message, Reference, WarnedArea
from jiaoying.warnings.publishing import AREA_CODE, COLOUR, EVENT_CODE
from jiaoying.warnings.read import read_messages

SOURCE = "hand"  # as in warning_sources.name
MEDIA_TYPE = "application/cap+xml"
LONGEST = {"event": 30, "sender_name": 60, "headline": 120, "text": 1000, "instruction": 1000}
MOST_AREAS = 2000
LONGEST_VALIDITY = timedelta(days=7)
LONGEST_PASTE = 50_000
_SEVERITY = {colour: severity for severity, colour in BY_SEVERITY.items()}
# What people choose from; an all-clear ends a warning like a cancel.
KINDS = (Kind.ALERT, Kind.UPDATE, Kind.CANCEL)


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose message was pasted: the same message by another way must be known again."""

    sender: str
    identifier: str
    sent: datetime
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class DraftFields:
    """What a warning by hand says. `follows_id` is the warning here that it changes or ends."""

    kind: Kind
    exercise: bool
    hazard: Hazard
    event: str
    event_code: str | None
    colour: Colour | None
    sender_name: str
    headline: str
    text: str
    instruction: str
    area_codes: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime
    follows_id: UUID | None = None
    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()
    circles: tuple[Circle, ...] = ()
    origin: Origin | None = None
    settled: tuple[int, ...] = ()  # questions that the officer has settled, by their place
    real_phones: bool = False  # a drill that is to ring real telephones; a second person must agree

    @property
    def ends(self) -> bool:
        """Whether it stands people down instead of calling them."""
        return self.kind is Kind.CANCEL


def fields_of(issued: IssuedWarning) -> DraftFields:
    """A draft of what was read; what the reader left open is empty."""
    ends = issued.kind in (Kind.CANCEL, Kind.ALL_CLEAR)
    return DraftFields(
        kind=Kind.CANCEL if ends else issued.kind,
        exercise=issued.exercise,
        hazard=issued.hazard,
        event=issued.event[: LONGEST["event"]],
        event_code=issued.event_code,
        colour=issued.colour,
        sender_name=(issued.sender_name or "")[: LONGEST["sender_name"]],
        headline=issued.headline[: LONGEST["headline"]],
        text=issued.text[: LONGEST["text"]],
        instruction=(issued.instruction or "")[: LONGEST["instruction"]],
        area_codes=issued.area_codes,
        valid_from=issued.valid_from,
        valid_to=issued.valid_to,
        polygons=issued.polygons,
        circles=issued.circles,
        origin=Origin(issued.sender, _own_identifier(issued), issued.sent_at, issued.references),
    )


def _own_identifier(issued: IssuedWarning) -> str:
    """Each warning of a paste is confirmed as a message of its own.

    Under the identifier that they share (`X`, `X#2`) the second would be a new version of the message without
    the first, which would be withdrawn.
    """
    return issued.identifier.replace("#", ".")


def order_of(fields: DraftFields) -> tuple[float, int]:
    """For sorting those of one paste: in the order of issue, and of one bulletin the gravest first."""
    issued = fields.origin.sent.timestamp() if fields.origin else 0.0
    return issued, -(fields.colour.rank if fields.colour else 0)


def mistakes_in(fields: DraftFields, now: datetime) -> dict[str, str]:
    """What must be mended before it can be confirmed: a sentence with the remedy for each field."""
    found: dict[str, str] = {}
    if not fields.event:
        found["event"] = say("Write what is coming, for example 暴雨")
    if not fields.sender_name:
        found["sender_name"] = say("Write who issues the warning")
    if not fields.text and not fields.ends:
        found["text"] = say("Write what people must know: what, where, when")
    for name, most in LONGEST.items():
        if len(getattr(fields, name)) > most:
            found[name] = say("Write at most {most} characters", most=most)
    if not (fields.area_codes or fields.polygons or fields.circles or fields.ends):
        found["areas"] = say("Choose at least one township or village, or the whole county")
    if len(fields.area_codes) > MOST_AREAS:
        found["areas"] = say("Choose whole townships instead of so many villages")
    if fields.valid_to <= now:
        found["valid_to"] = say("The end lies in the past: write until when the warning holds")
    elif fields.valid_to <= fields.valid_from:
        found["valid_to"] = say("The end must lie after the beginning")
    elif fields.valid_to > now + LONGEST_VALIDITY:
        found["valid_to"] = say("The end is more than seven days away: write an earlier one")
    if fields.real_phones and not fields.exercise:
        found["real_phones"] = say(
            "Only a drill needs this tick: a real warning rings real telephones anyway"
        )
    if fields.ends and fields.follows_id is None and not (fields.origin and fields.origin.references):
        found["follows_id"] = say("Choose which warning it ends")
    return found


def write_cap(
    fields: DraftFields,
    *,
    draft_id: UUID,
    home_area: str,
    area_names: str,
    sent: datetime,
    follows: Reference | None,
) -> bytes:
    """The confirmed warning as CAP 1.2. The same draft confirmed at the same moment gives the same bytes."""
    origin = fields.origin or Origin(f"hand.{home_area}", f"HAND-{draft_id}", sent, ())
    references = (follows,) if follows else origin.references
    message = Message(
        identifier=origin.identifier,
        sender=origin.sender,
        sent=origin.sent,
        status="Exercise" if fields.exercise else "Actual",
        msg_type={Kind.CANCEL: "Cancel", Kind.UPDATE: "Update"}.get(fields.kind, "Alert"),
        scope="Public",
        references=tuple(replace(one, sent=one.sent or origin.sent) for one in references),
        infos=(_info(fields, area_names),),
    )
    return write_message(message)


def says_the_same(fields: DraftFields, body: bytes, now: datetime) -> bool:
    """Whether what we wrote is read as what was confirmed: nobody is called by a slip of our own pen."""
    parsed = read_messages(body, now)
    if len(parsed) != 1 or len(parsed[0].issued_warnings) != 1 or parsed[0].not_actionable:
        return False
    issued = parsed[0].issued_warnings[0]
    written = (fields.exercise, fields.hazard, fields.colour, set(fields.area_codes), _whole(fields.valid_to))
    read = (issued.exercise, issued.hazard, issued.colour, set(issued.area_codes), issued.valid_to)
    return written == read and (issued.kind in (Kind.CANCEL, Kind.ALL_CLEAR)) == fields.ends


def code_for(hazard: Hazard, code: str | None) -> str | None:
    """An event code of the family: the one that was read, where it is one, else the family's first."""
    known = kind_of_code(code) if code else None
    if known is not None and known.hazard is hazard:
        return code
    return next(iter(EVENT_TYPES.get(hazard, {})), None)


def _info(fields: DraftFields, area_names: str) -> Info:
    code = code_for(fields.hazard, fields.event_code)
    return Info(
        language="zh-CN",
        category=("Other" if fields.hazard is Hazard.OTHER else "Safety",),
        event=fields.event,
        urgency="Unknown",
        severity=_SEVERITY[fields.colour] if fields.colour else "Unknown",
        certainty="Unknown",
        event_code=((EVENT_CODE, code),) if code else (),
        effective=fields.valid_from,
        onset=fields.valid_from,
        expires=fields.valid_to,
        sender_name=fields.sender_name,
        headline=fields.headline,
        description=fields.text,
        instruction=fields.instruction,
        parameter=((COLOUR, str(fields.colour)),) if fields.colour else (),
        areas=(
            WarnedArea(
                description=area_names or fields.sender_name,
                polygons=fields.polygons,
                circles=fields.circles,
                geocodes=tuple((AREA_CODE, code) for code in fields.area_codes),
            ),
        ),
    )


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


# --- as stored in a draft ---


def to_data(fields: DraftFields) -> dict[str, Any]:
    """As plain data, for the column `fields`."""
    origin = fields.origin
    return {
        **{name: getattr(fields, name) for name in ("event", "event_code", "sender_name", "headline")},
        **{name: getattr(fields, name) for name in ("text", "instruction", "exercise", "real_phones")},
        "kind": str(fields.kind),
        "hazard": str(fields.hazard),
        "colour": None if fields.colour is None else str(fields.colour),
        "area_codes": list(fields.area_codes),
        "valid_from": fields.valid_from.isoformat(),
        "valid_to": fields.valid_to.isoformat(),
        "follows_id": None if fields.follows_id is None else str(fields.follows_id),
        "polygons": [[list(point) for point in polygon] for polygon in fields.polygons],
        "circles": [[one.lat, one.lon, one.radius_km] for one in fields.circles],
        "settled": list(fields.settled),
        "origin": origin
        and {
            "sender": origin.sender,
            "identifier": origin.identifier,
            "sent": origin.sent.isoformat(),
            "references": [
                [one.sender, one.identifier, one.sent and one.sent.isoformat()] for one in origin.references
            ],
        },
    }


def from_data(data: Mapping[str, Any]) -> DraftFields:
    """The fields of a stored draft."""
    return DraftFields(
        kind=Kind(data["kind"]),
        exercise=data["exercise"],
        hazard=Hazard(data["hazard"]),
        event=data["event"],
        event_code=data["event_code"],
        colour=Colour(data["colour"]) if data["colour"] else None,
        sender_name=data["sender_name"],
        headline=data["headline"],
        text=data["text"],
        instruction=data["instruction"],
        area_codes=tuple(data["area_codes"]),
        valid_from=datetime.fromisoformat(data["valid_from"]),
        valid_to=datetime.fromisoformat(data["valid_to"]),
        follows_id=UUID(data["follows_id"]) if data["follows_id"] else None,
        polygons=tuple(tuple((lat, lon) for lat, lon in polygon) for polygon in data["polygons"]),
        circles=tuple(Circle(*one) for one in data["circles"]),
        origin=_origin(data["origin"]),
        settled=tuple(data["settled"]),
        real_phones=data.get("real_phones", False),
    )


def _origin(data: Mapping[str, Any] | None) -> Origin | None:
    if data is None:
        return None
    references: Sequence[tuple[str, str, str | None]] = data["references"]
    return Origin(
        data["sender"],
        data["identifier"],
        datetime.fromisoformat(data["sent"]),
        tuple(
            Reference(sender, identifier, sent and datetime.fromisoformat(sent))  # pyright: ignore[reportArgumentType]
            for sender, identifier, sent in references
        ),
    )


def with_answer(fields: DraftFields, field: str, values: Sequence[str]) -> DraftFields:
    """The fields after the officer chose `values` for a question about `field`."""
    if not values:
        return fields
    if field in ("areas", "area", "area_codes"):
        return replace(fields, area_codes=tuple(dict.fromkeys((*fields.area_codes, *values))))
    if field == "colour":
        return replace(fields, colour=Colour(values[0]) if values[0] in set(Colour) else None)
    if field == "hazard" and values[0] in set(Hazard):
        return replace(fields, hazard=Hazard(values[0]))
    return fields
