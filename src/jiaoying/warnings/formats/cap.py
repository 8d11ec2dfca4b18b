"""CAP 1.2 (OASIS Standard CAP-v1.2, 1 July 2010; ITU-T X.1303 bis), 1.1 and 1.0: a message out of a document.

Validity against the schema is not what decides here: real messages break it harmlessly and
keep it while saying nonsense. What is forgiven is written down as a complaint; what would have to be
guessed at is refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import zip_longest

from jiaoying.kernel.language import say
from jiaoying.warnings.formats.cap_block import MAX_CODED_CHARACTERS, Block, alert_block
from jiaoying.warnings.formats.cap_schema import (
    CATEGORIES,
    CERTAINTIES,
    MESSAGE_TYPES,
    RESPONSE_TYPES,
    SCOPES,
    SEVERITIES,
    STATUSES,
    UNKNOWN_LEVEL,
    URGENCIES,
    VERSIONS,
)
from jiaoying.warnings.formats.cap_values import (
    Point,
    read_circle,
    read_moment,
    read_number,
    read_polygon,
    read_references,
    read_words,
)
from jiaoying.warnings.formats.guarded_xml import Document, Element, Node, text_of
from jiaoying.warnings.formats.notes import Notes
from jiaoying.warnings.model import UNKNOWN, Circle, Info, Message, ParsedMessage, Reference, WarnedArea

DEFAULT_LANGUAGE = "en-US"  # 3.2.2: absent or empty
MAX_FUTURE = timedelta(days=1)  # a clock may be wrong, a calendar (Buddhist year 2568) may not
MAX_KEY_CHARACTERS = 250  # the longest identifier seen has 104
MAX_POINTS = 300_000  # the largest polygon seen has 41,009
_FORBIDDEN_IN_KEYS = frozenset(" ,<&\t\r\n")


def read_cap(document: Document, now: datetime) -> list[ParsedMessage]:
    """The message in `document`, or one rejected message that says why not. Never raises."""
    return [_read_alert(document, now)]


def _read_alert(document: Document, now: datetime) -> ParsedMessage:
    root, notes = document.root, Notes()
    for remark in document.remarks:
        notes.tolerate(remark.code, remark.field, remark.text)
    version = VERSIONS.get(root.namespace)
    if version is None or root.name != "alert":
        _reject_root(root, notes)
        form = version.format if version else UNKNOWN
        return ParsedMessage(0, form, notes.verdict, notes.complaints)
    reader = _AlertReader(alert_block(root.element, version, notes), now)
    message = reader.message()
    extras = {"identifier": reader.identifier, "sender": reader.sender}
    return ParsedMessage(0, version.format, notes.verdict, notes.complaints, message, extras=extras)


def _reject_root(root: Node, notes: Notes) -> None:
    """4.2: a conforming document is an `alert` in CAP's namespace."""
    if root.name != "alert":
        text = say("the document is “{name}”, not a CAP “alert”", name=root.name[:60])
        notes.reject("not-an-alert", "document", text)
    elif not root.namespace:
        notes.reject("no-namespace", "alert", say("the namespace of CAP is missing"))
    else:
        text = say("“{namespace}” is not a namespace of CAP", namespace=root.namespace[:80])
        notes.reject("unknown-namespace", "alert", text)


@dataclass(frozen=True, slots=True)
class _Sent:
    moment: datetime
    zone: tzinfo  # lent to the other moments of the message where they have none


class _AlertReader:
    """Reads one alert. What is missing or unknown where CAP demands it is noted as a rejection."""

    def __init__(self, block: Block, now: datetime) -> None:
        self._block = block
        self._notes = block.notes
        self._now = now
        self._points_left = MAX_POINTS
        self.identifier = self._key("identifier")
        self.sender = self._key("sender")

    def message(self) -> Message | None:
        """The message, or None when it is rejected."""
        sent = self._sent()
        status = self._demanded("status", STATUSES)
        msg_type = self._demanded("msgType", MESSAGE_TYPES)
        scope = self._scope()
        # Nothing below rejects, and reading on in a rejected message only buries the reason.
        if self._notes.rejected or sent is None:
            return None
        block = self._block
        message = Message(
            identifier=self.identifier,
            sender=self.sender,
            sent=sent.moment,
            status=status,
            msg_type=msg_type,
            scope=scope,
            source=block.text("source"),
            restriction=block.text("restriction"),
            addresses=read_words(block.coded("addresses")),
            code=tuple(block.filled("code")),
            note=block.text("note"),
            references=self._references(sent.zone),
            incidents=read_words(block.coded("incidents")),
            infos=tuple(self._info(info, sent) for info in block.blocks("info")),
        )
        self._note_sense(message)
        return message

    # --- what CAP demands of every alert (3.2.1) ---

    def _key(self, name: str) -> str:
        text = self._block.text(name)
        if text is None:
            self._notes.reject("missing", name, say("is missing; every message has one"))
            return ""
        if len(text) > MAX_KEY_CHARACTERS:
            remedy = say("is longer than {count} characters", count=MAX_KEY_CHARACTERS)
            self._notes.reject("too-long", name, remedy)
        if not _FORBIDDEN_IN_KEYS.isdisjoint(text):
            remedy = say("holds a blank, a comma, < or &, which CAP forbids here: kept as sent")
            self._notes.tolerate("forbidden-character", name, remedy)
        return text

    def _sent(self) -> _Sent | None:
        text = self._block.text("sent")
        if text is None:
            self._notes.reject("missing", "sent", say("is missing; every message has one"))
            return None
        reading = read_moment(text)
        if reading.moment is None or reading.zone is None:
            self._reject_sent(reading.remarks, text)
            return None
        self._block.remark(reading.remarks, "sent", text)
        if reading.moment > self._now + MAX_FUTURE:
            remedy = say(
                "“{value}” lies more than a day ahead: check the clock and the calendar", value=text[:60]
            )
            self._notes.reject("sent-in-future", "sent", remedy)
        return _Sent(reading.moment, reading.zone)

    def _reject_sent(self, remarks: tuple[str, ...], text: str) -> None:
        if "no-zone" in remarks:
            remedy = say("“{value}” has no time zone: write it, as in +08:00", value=text[:60])
            self._notes.reject("no-zone", "sent", remedy)
        else:
            remedy = say("“{value}” is not a moment (YYYY-MM-DDThh:mm:ss±hh:mm)", value=text[:60])
            self._notes.reject("unreadable-time", "sent", remedy)

    def _scope(self) -> str | None:
        if "scope" in self._block.version.optional and "scope" not in self._block:
            self._notes.tolerate("missing", "scope", say("is missing: read as unknown"))
            return None
        return self._demanded("scope", SCOPES)

    def _demanded(self, name: str, allowed: tuple[str, ...]) -> str:
        text = self._block.text(name)
        if text is None:
            remedy = say("is missing; it is one of {allowed}", allowed=", ".join(allowed))
            self._notes.reject("missing", name, remedy)
            return ""
        value = text if text in allowed else self._cased(text, allowed, name)
        if value is None:
            remedy = say(
                "“{value}” is unknown; it is one of {allowed}", value=text[:60], allowed=", ".join(allowed)
            )
            self._notes.reject("unknown-value", name, remedy)
        return value or ""

    def _cased(self, text: str, allowed: tuple[str, ...], field: str) -> str | None:
        """`text` as the standard writes it, or None when it is none of `allowed`."""
        value = {word.casefold(): word for word in allowed}.get(text.casefold())
        if value is not None:
            remedy = say("“{value}” is written “{right}” in CAP: read so", value=text[:60], right=value)
            self._notes.tolerate("wrong-case", field, remedy)
        return value

    def _references(self, zone: tzinfo) -> tuple[Reference, ...]:
        text = self._block.coded("references")
        separator = "/" if self._block.version.codes_are_text else ","
        references, remarks = read_references(text, zone, separator=separator)
        self._block.remark(remarks, "references", text)
        return references

    # --- info (3.2.2) ---

    def _info(self, block: Block, sent: _Sent) -> Info:
        expires = block.moment("expires", sent.zone)
        self._note_expiry(block, expires, sent)
        areas = tuple(self._area(area) for area in block.blocks("area"))
        if not areas:
            text = say("names no area; the territory of the sender is meant")
            self._notes.tolerate("no-area", block.field("area"), text)
        return Info(
            language=block.text("language") or DEFAULT_LANGUAGE,
            event=self._expected(block, "event"),
            category=self._several(block, "category", CATEGORIES, expected=True),
            response_type=self._several(block, "responseType", RESPONSE_TYPES, expected=False),
            urgency=self._choice(block, "urgency", URGENCIES),
            severity=self._choice(block, "severity", SEVERITIES),
            certainty=self._choice(block, "certainty", CERTAINTIES),
            audience=block.text("audience"),
            event_code=_pairs(block, "eventCode"),
            effective=block.moment("effective", sent.zone),
            onset=block.moment("onset", sent.zone),
            expires=expires,
            sender_name=block.text("senderName"),
            headline=block.text("headline"),
            description=block.text("description"),
            instruction=block.text("instruction"),
            web=block.text("web"),
            contact=block.text("contact"),
            parameter=_pairs(block, "parameter"),
            areas=areas,
        )

    def _note_expiry(self, block: Block, expires: datetime | None, sent: _Sent) -> None:
        field = block.field("expires")
        if expires is None:
            text = say("is absent: the warning is taken to hold for our own default time")
            self._notes.tolerate("no-expires", field, text)
        elif expires <= sent.moment:
            self._notes.tolerate("expires-before-sent", field, say("is not after “sent”"))

    def _expected(self, block: Block, name: str) -> str | None:
        text = block.text(name)
        if text is None:
            self._notes.tolerate("missing", block.field(name), say("is missing: read as unknown"))
        return text

    def _choice(self, block: Block, name: str, allowed: tuple[str, ...]) -> str:
        """A demanded enumeration. Missing and unrecognised are Unknown, never the least."""
        text = self._expected(block, name)
        if text is None:
            return UNKNOWN_LEVEL
        return text if text in allowed else self._strange(text, allowed, block.field(name)) or UNKNOWN_LEVEL

    def _strange(self, text: str, allowed: tuple[str, ...], field: str) -> str | None:
        """A value that is not in its enumeration as it stands."""
        if allowed is CERTAINTIES and text.casefold() == "very likely":  # 3.2.2: a word of CAP 1.0
            self._notes.tolerate("very-likely", field, say("“Very Likely” is read as Likely"))
            return "Likely"
        value = self._cased(text, allowed, field)
        if value is None:
            remedy = say("“{value}” is unknown in CAP: read as unknown", value=text[:60])
            self._notes.tolerate("unknown-value", field, remedy)
        return value

    def _several(
        self, block: Block, name: str, allowed: tuple[str, ...], *, expected: bool
    ) -> tuple[str, ...]:
        texts = block.filled(name)
        if expected and not texts and name not in block.version.optional:
            self._notes.tolerate("missing", block.field(name), say("is missing: read as unknown"))
        values = [
            text if text in allowed else self._strange(text, allowed, block.field(name, position))
            for position, text in enumerate(texts, start=1)
        ]
        return tuple([value for value in values if value is not None])

    # --- area (3.2.4) ---

    def _area(self, block: Block) -> WarnedArea:
        description = block.text("areaDesc")
        if description is None:
            text = say("is missing: the area is known by its codes and lines only")
            self._notes.tolerate("missing", block.field("areaDesc"), text)
        return WarnedArea(
            description=description,
            polygons=self._polygons(block),
            circles=self._circles(block),
            geocodes=_pairs(block, "geocode"),
            altitude=self._number(block, "altitude"),
            ceiling=self._number(block, "ceiling"),
        )

    def _polygons(self, block: Block) -> tuple[tuple[Point, ...], ...]:
        polygons: list[tuple[Point, ...]] = []
        for position, text in enumerate(block.texts("polygon"), start=1):
            if text.count(",") > self._points_left:
                remedy = say("the message holds more than {count} points; left out", count=MAX_POINTS)
                self._notes.tolerate("too-many-points", block.field("polygon", position), remedy)
                continue
            reading = read_polygon(text)
            block.remark(reading.remarks, "polygon", text, position)
            if reading.points is not None:
                self._points_left -= len(reading.points)
                polygons.append(reading.points)
        return tuple(polygons)

    def _circles(self, block: Block) -> tuple[Circle, ...]:
        circles: list[Circle] = []
        for position, text in enumerate(block.texts("circle"), start=1):
            reading = read_circle(text)
            block.remark(reading.remarks, "circle", text, position)
            if reading.circle is not None:
                circles.append(reading.circle)
        return tuple(circles)

    def _number(self, block: Block, name: str) -> float | None:
        text = block.text(name)
        if text is None:
            return None
        number = read_number(text)
        if number is None:
            block.remark(("unreadable-number",), name, text)
        return number

    # --- what the schema cannot say ---

    def _note_sense(self, message: Message) -> None:
        answers = message.msg_type in ("Update", "Cancel", "Ack", "Error")
        demanded = {
            "restriction": message.scope == "Restricted" and not message.restriction,
            "addresses": message.scope == "Private" and not message.addresses,
            "references": answers and not message.references,
            "info": message.msg_type in ("Alert", "Update") and not message.infos,
        }
        for field, missing in demanded.items():
            if missing:
                text = say("is missing, which CAP demands for this kind of message")
                self._notes.tolerate("missing", field, text)
        own_key = (message.sender, message.identifier)
        if any((one.sender, one.identifier) == own_key for one in message.references):
            text = say("the message refers to itself; that reference has no effect")
            self._notes.tolerate("self-reference", "references", text)


# --- names with a value: eventCode, parameter, geocode ---


def _pairs(block: Block, name: str) -> tuple[tuple[str, str], ...]:
    """`valueName` and `value`, as sent; "" where one of them is absent."""
    pairs: list[tuple[str, str]] = []
    for position, element in enumerate(block.elements(name), start=1):
        plain = None if block.with_attributes else _plain_pair(element, block.version.pair_tags)
        if plain is not None:
            pairs.append(plain)
        elif len(element):
            pairs += _odd_pairs(block.block(name, element, position))
        else:
            pairs.append(_pair_in_text(block, name, text_of(element), position))
    return tuple(pairs)


def _odd_pairs(pair: Block) -> list[tuple[str, str]]:
    """Several names and values in one element, as the USA's index has them, are so many pairs."""
    names, values = pair.texts("valueName"), pair.texts("value")
    if len(names) <= 1 and len(values) <= 1:
        return [(pair.text("valueName") or "", pair.coded("value"))]
    remark = say("holds several names and values: all were read, in turn")
    pair.notes.tolerate("repeated", pair.path, remark)
    return [
        (name[:MAX_CODED_CHARACTERS], value[:MAX_CODED_CHARACTERS])
        for name, value in zip_longest(names, values, fillvalue="")
    ]


def _plain_pair(element: Element, tags: tuple[str, str]) -> tuple[str, str] | None:
    """The pair as the schema wants it, which nearly all are: the quick way. None for every other."""
    if len(element) != 2:
        return None
    first, second = element
    if (first.tag, second.tag) != tags:
        return None
    name, value = text_of(first), text_of(second)
    return (name, value) if name and value and len(value) <= MAX_CODED_CHARACTERS else None


def _pair_in_text(block: Block, name: str, text: str, position: int) -> tuple[str, str]:
    """`name=value` (CAP 1.0, 3.2.2 and 3.2.4). A later version that writes so is forgiven."""
    field = block.field(name, position)
    if len(text) > MAX_CODED_CHARACTERS:
        block.note_too_long(field)
    if not text:
        block.notes.tolerate("empty", field, say("is empty: read as absent"))
    elif not block.version.codes_are_text:
        remark = say("is “name=value” as in CAP 1.0, not valueName and value: read all the same")
        block.notes.tolerate("code-as-text", field, remark)
    before, equals, after = text[:MAX_CODED_CHARACTERS].partition("=")
    return (before.strip(), after.strip()) if equals else ("", before.strip())
