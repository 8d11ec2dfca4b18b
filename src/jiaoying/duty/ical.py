"""Shifts as a calendar to subscribe to (iCalendar, RFC 5545): of one person, or of a desk. Pure.

Times are in UTC, so no zones need to be described. A calendar leaves the county with whoever subscribes to
it: names and times, and no telephone numbers.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby, pairwise
from uuid import UUID

from jiaoying.duty.model import Change, Role, Shift
from jiaoying.duty.rota import standing_in
from jiaoying.kernel.ids import made_at
from jiaoying.kernel.language import say

MAX_LINE_BYTES = 75  # without its end (RFC 5545, 3.1)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_OPENING = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Jiaoying//Duty rota//ZH",
    "CALSCALE:GREGORIAN",
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H",  # RFC 7986; what follows is its older name
    "X-PUBLISHED-TTL:PT1H",
)
# A calendar has at least one component (RFC 5545, 3.6), also where nobody stands anywhere.
_NOTHING = (
    "BEGIN:VTIMEZONE",
    "TZID:Etc/UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
)


@dataclass(frozen=True, slots=True)
class Event:
    """One entry. A cancelled one tells whoever has it already to take it out."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    place: str
    sequence: int
    modified_at: datetime
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class CalendarRota:
    """What calendars are made of, for as long as they reach.

    `changes` hold those that were taken back too, and `replanned` when the plan of a shift was written anew
    (ledger lines `shift.changed`): both let SEQUENCE grow, and it never falls.
    """

    shifts: Sequence[Shift]
    changes: Sequence[Change]
    names: Mapping[UUID, str]
    desks: Mapping[UUID, str]
    replanned: Mapping[UUID, Collection[datetime]] = field(default_factory=dict[UUID, Collection[datetime]])


@dataclass(frozen=True, slots=True)
class _Part:
    """A person's time in one role of a shift; `gone` where somebody else has it now."""

    shift: Shift
    role: Role
    person_id: UUID
    starts_at: datetime
    ends_at: datetime
    gone: bool = False

    @property
    def uid(self) -> str:
        """Of the shift and the role; a part that begins within the shift has its beginning besides."""
        within = "" if self.starts_at == self.shift.starts_at else f"-{_moment(self.starts_at)}"
        return f"{self.shift.id}-{self.role}{within}@jiaoying"


def person_events(person_id: UUID, rota: CalendarRota) -> list[Event]:
    """What one person stands in; what was theirs and is somebody else's now is cancelled."""
    return [
        _event(part, own, rota, _own_summary(part, rota))
        for part, own in _parts(rota)
        if part.person_id == person_id
    ]


def desk_events(desk_id: UUID, rota: CalendarRota) -> list[Event]:
    """Who stands at one desk, an entry for each role."""
    return [
        _event(part, own, rota, _desk_summary(part, rota))
        for part, own in _parts(rota)
        if part.shift.desk_id == desk_id and not part.gone
    ]


def calendar_bytes(name: str, events: Iterable[Event]) -> bytes:
    """The calendar: the same bytes for the same events, lines of at most 75 octets that end in CRLF."""
    lines = [*_OPENING, f"NAME:{_escaped(name)}", f"X-WR-CALNAME:{_escaped(name)}"]
    written = [line for event in sorted(events, key=_order) for line in _event_lines(event)]
    lines += [*(written or _NOTHING), "END:VCALENDAR"]
    return b"".join(_folded(line) for line in lines)


# --- who stood where ---


def _parts(rota: CalendarRota) -> Iterator[tuple[_Part, list[Change]]]:
    """Everybody's parts, present and gone, each with all changes of its shift."""
    by_shift: dict[UUID, list[Change]] = {}
    for change in rota.changes:
        by_shift.setdefault(change.shift_id, []).append(change)
    for shift in rota.shifts:
        own = by_shift.get(shift.id, [])
        present = list(_present(shift, own))
        known = {(part.person_id, part.uid) for part in present}
        gone = {(part.person_id, part.uid): part for part in _once(shift, own)}
        yield from ((part, own) for part in present)
        yield from ((part, own) for key, part in gone.items() if key not in known)


def _present(shift: Shift, changes: Sequence[Change]) -> Iterator[_Part]:
    counting = [change for change in changes if change.undone_at is None]
    inner = {at for change in counting for at in (change.starts_at, change.ends_at)}
    edges = [
        shift.starts_at,
        *sorted(at for at in inner if shift.starts_at < at < shift.ends_at),
        shift.ends_at,
    ]
    spans = [(begin, end, standing_in(shift, counting, begin)) for begin, end in pairwise(edges)]
    for role in Role:
        for person_id, group in groupby(spans, key=lambda span: span[2].person_in(role)):
            own = list(group)
            if person_id is not None:
                yield _Part(shift, role, person_id, own[0][0], own[-1][1])


def _once(shift: Shift, changes: Sequence[Change]) -> Iterator[_Part]:
    """What was somebody's by the plan, or by a change that counts or counted."""
    planned = {Role.OFFICER: shift.officer_id, Role.SECOND: shift.second_id, Role.LEADER: shift.leader_id}
    for role, person_id in planned.items():
        if person_id is not None:
            yield _Part(shift, role, person_id, shift.starts_at, shift.ends_at, gone=True)
    for change in changes:
        yield _Part(shift, change.role, change.person_id, change.starts_at, change.ends_at, gone=True)


# --- entries ---


def _event(part: _Part, changes: Sequence[Change], rota: CalendarRota, summary: str) -> Event:
    replanned = rota.replanned.get(part.shift.id, ())
    of_role = [change for change in changes if change.role is part.role]
    created = [at for at in [made_at(part.shift.id)] if at is not None]
    touched = [at for change in changes for at in (change.made_at, change.undone_at) if at is not None]
    return Event(
        part.uid,
        part.starts_at,
        part.ends_at,
        summary,
        _description(part, changes, rota),
        rota.desks[part.shift.desk_id],
        len(replanned) + len(of_role) + sum(change.undone_at is not None for change in of_role),
        max([*created, *touched, *replanned], default=part.shift.starts_at),
        part.gone,
    )


def _own_summary(part: _Part, rota: CalendarRota) -> str:
    role, desk = _role_word(part.role), rota.desks[part.shift.desk_id]
    if part.shift.name:
        return say("{role} at {desk}, {shift}", role=role, desk=desk, shift=part.shift.name)
    return say("{role} at {desk}", role=role, desk=desk)


def _desk_summary(part: _Part, rota: CalendarRota) -> str:
    role, name = _role_word(part.role), rota.names[part.person_id]
    if part.shift.name:
        return say("{name}, {role}, {shift}", name=name, role=role, shift=part.shift.name)
    return say("{name}, {role}", name=name, role=role)


def _description(part: _Part, changes: Sequence[Change], rota: CalendarRota) -> str:
    """Everybody who stands as the part begins."""
    standing = standing_in(part.shift, changes, part.starts_at)
    people = ((role, standing.person_in(role)) for role in Role)
    return "\n".join(
        say("{role}: {name}", role=_role_word(role), name=rota.names[person_id])
        for role, person_id in people
        if person_id is not None
    )


def _role_word(role: Role) -> str:
    return {
        Role.OFFICER: say("Duty officer"),
        Role.SECOND: say("Second duty officer"),
        Role.LEADER: say("Leader on duty"),
    }[role]


# --- lines ---


def _event_lines(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    # Without METHOD, DTSTAMP is when the entry was last revised (3.8.7.2), as LAST-MODIFIED.
    yield f"DTSTAMP:{_moment(event.modified_at)}"
    yield f"LAST-MODIFIED:{_moment(event.modified_at)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTART:{_moment(event.starts_at)}"
    yield f"DTEND:{_moment(event.ends_at)}"
    yield f"SUMMARY:{_escaped(event.summary)}"
    yield f"DESCRIPTION:{_escaped(event.description)}"
    yield f"LOCATION:{_escaped(event.place)}"
    yield f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}"
    yield "END:VEVENT"


def _order(event: Event) -> tuple[datetime, str]:
    return event.starts_at, event.uid


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """A value of type TEXT (RFC 5545, 3.3.11)."""
    plain = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(sign, written)
    return plain


def _folded(line: str) -> bytes:
    """A line broken before it is too long, never within a sign; what follows begins with a blank."""
    pieces: list[bytes] = []
    piece = b""
    for sign in line:
        encoded = sign.encode()
        if len(piece) + len(encoded) > MAX_LINE_BYTES:
            pieces.append(piece)
            piece = b" "
        piece += encoded
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
