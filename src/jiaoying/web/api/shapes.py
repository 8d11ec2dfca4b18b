"""How values are written as JSON, and the schemas that say so."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.board import CallOutRow, ListedPerson, ListedResponsibility, Number
from jiaoying.dispatch.call_endings import CallEnding
from jiaoying.dispatch.grades import Grade, How
from jiaoying.dispatch.states import AttemptState, CallOutState, ResponsibilityState, WarningState
from jiaoying.gateways.base import PickedUp
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.phone import masked
from jiaoying.warnings.holding import HoldReason
from jiaoying.warnings.model import Kind

NO_STORE = {"Cache-Control": "no-store"}

Schema = Mapping[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
ID: Schema = {"type": "string", "format": "uuid"}
TIME: Schema = {"type": "string", "format": "date-time"}
ANYTHING: Schema = {"type": "object"}


def maybe(schema: Schema) -> Schema:
    """`schema`, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Schema) -> Schema:
    """A list of `schema`."""
    return {"type": "array", "items": schema}


def record(**properties: Schema) -> Schema:
    """An object with exactly these members."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def one_of(words: Sequence[str]) -> Schema:
    """One of a fixed set of words."""
    return {"type": "string", "enum": [str(word) for word in words]}


def page_of(schema: Schema) -> Schema:
    """One page of a list; `next` is the cursor for `after`, or null at the end."""
    return record(items=listed(schema), next=maybe(TEXT))


PEOPLE_COUNTS = record(
    total=NUMBER, open=NUMBER, answered=NUMBER, declined=NUMBER, exhausted=NUMBER, withdrawn=NUMBER
)
RESPONSIBILITY_COUNTS = record(total=NUMBER, open=NUMBER, covered=NUMBER, uncovered=NUMBER, withdrawn=NUMBER)
COUNTS = record(people=PEOPLE_COUNTS, responsibilities=RESPONSIBILITY_COUNTS)

_WARNING: dict[str, Schema] = {
    "id": ID,
    "identifier": TEXT,
    "sender": TEXT,
    "version": NUMBER,
    "kind": one_of(list(Kind)),
    "exercise": FLAG,
    "hazard": one_of(list(Hazard)),
    "event": TEXT,
    "colour": maybe(one_of(list(Colour))),
    "sender_name": maybe(TEXT),
    "headline": TEXT,
    "area_names": TEXT,
    "sent_at": TIME,
    "valid_from": TIME,
    "valid_to": TIME,
    "received_at": TIME,
    "state": one_of(list(WarningState)),
    "reason": maybe(TEXT),
    "reference": TEXT,
    "replaces_id": maybe(ID),
    "matched_at": maybe(TIME),
    "closed_at": maybe(TIME),
    "hold_reason": maybe(one_of(list(HoldReason))),
    "hold_until": maybe(TIME),
    "counts": COUNTS,
}
WARNING = record(**_WARNING)
WARNING_IN_FULL = record(
    **_WARNING,
    source=TEXT,
    sources=listed(TEXT),
    event_code=maybe(TEXT),
    text=TEXT,
    instruction=maybe(TEXT),
    area_codes=listed(TEXT),
    unnamed_areas=listed(TEXT),
    polygons=listed(listed(listed({"type": "number"}))),
    replaced_by_id=maybe(ID),
    written_by=maybe(TEXT),
    second_by=maybe(TEXT),
    questions=listed(
        record(field=TEXT, words=TEXT, text=TEXT, choices=listed(listed(TEXT))),
    ),
    purpose=TEXT,
    request_for_id=maybe(ID),
    waiting_areas=listed(TEXT),
    release_at=maybe(TIME),
    paused_at=maybe(TIME),
    paused_by=maybe(TEXT),
    pause_reason=maybe(TEXT),
    real_phones_by=maybe(TEXT),
    real_phones_second=maybe(TEXT),
)
FEEDBACK = record(
    stage=TEXT,
    households=maybe(NUMBER),
    people=maybe(NUMBER),
    said=maybe(TEXT),
    at=TIME,
    area_code=maybe(TEXT),
    by_user=maybe(TEXT),
)
PHONE_NUMBER = record(number=TEXT, kind=TEXT, opted_out=FLAG, standing=TEXT)
CALL_OUT = record(
    id=ID,
    warning_id=ID,
    contact_id=ID,
    name=TEXT,
    unit=maybe(TEXT),
    title=maybe(TEXT),
    demonstration=FLAG,
    numbers=listed(PHONE_NUMBER),
    roles=listed(
        record(
            responsibility_id=ID,
            label=TEXT,
            area_code=TEXT,
            role=TEXT,
            rung=NUMBER,
            state=one_of(list(ResponsibilityState)),
            deadline_at=TIME,
        )
    ),
    state=one_of(list(CallOutState)),
    reason=maybe(TEXT),
    round=NUMBER,
    tries=NUMBER,
    channels=listed(TEXT),
    next_at=maybe(TIME),
    matched_at=TIME,
    answered_at=maybe(TIME),
    answered_how=maybe(TEXT),
    answered_grade=maybe(one_of(list(Grade))),
    late=FLAG,
    ended_at=maybe(TIME),
    feedback=maybe(FEEDBACK),
    kind=TEXT,
    called_again_at=maybe(TIME),
    called_again_by=maybe(TEXT),
)
CALL_MADE = record(
    ending=one_of(list(CallEnding)),
    picked_up_by=maybe(one_of(list(PickedUp))),
    seconds=maybe(NUMBER),
    message_s=NUMBER,
    heard_whole_at=maybe(TIME),
)
ATTEMPT = record(
    id=ID,
    purpose=TEXT,
    channel=TEXT,
    gateway=TEXT,
    number=TEXT,
    text=TEXT,
    parts=NUMBER,
    round=NUMBER,
    state=one_of(list(AttemptState)),
    due_at=TIME,
    claimed_at=maybe(TIME),
    accepted_at=maybe(TIME),
    ended_at=maybe(TIME),
    previous_id=maybe(ID),
    carrier_ref=maybe(TEXT),
    outcome_code=maybe(TEXT),
    outcome_text=maybe(TEXT),
    call=maybe(CALL_MADE),
)
ANSWER = record(
    how=one_of(list(How)),
    grade=one_of(list(Grade)),
    meaning=TEXT,
    said=maybe(TEXT),
    at=TIME,
    by_user=maybe(TEXT),
    late=FLAG,
    shared_number=FLAG,
)
INBOX_ITEM = record(
    id=ID,
    received_at=TIME,
    gateway=TEXT,
    kind=TEXT,
    state=TEXT,
    outcome=maybe(TEXT),
    said=maybe(TEXT),
    attempt_id=maybe(ID),
)
LEDGER_LINE = record(id=ID, at=TIME, event=TEXT, actor=TEXT, facts=ANYTHING, particulars=maybe(ANYTHING))
HISTORY = record(
    call_out=CALL_OUT,
    attempts=listed(ATTEMPT),
    answers=listed(ANSWER),
    feedback=listed(FEEDBACK),
    photos=listed(record(id=ID, at=TIME, media_type=TEXT, size=NUMBER, erased=FLAG)),
    links=listed(record(created_at=TIME, expires_at=TIME, opened_at=maybe(TIME), used_at=maybe(TIME))),
    inbox=listed(INBOX_ITEM),
    ledger=listed(LEDGER_LINE),
)
TOWNSHIP = record(
    area_code=TEXT,
    area_name=TEXT,
    people=NUMBER,
    answered=NUMBER,
    waiting=NUMBER,
    declined=NUMBER,
    exhausted=NUMBER,
    responsibilities=NUMBER,
    covered=NUMBER,
    not_woken=NUMBER,
    earliest_deadline=maybe(TIME),
    moved_households=NUMBER,
    moved_people=NUMBER,
    planned_points=NUMBER,
    planned_households=NUMBER,
    planned_people=NUMBER,
)
TRIED = record(
    channel=TEXT,
    attempts=NUMBER,
    state=TEXT,
    outcome_code=maybe(TEXT),
    outcome_text=maybe(TEXT),
    at=TIME,
    call=maybe(CALL_MADE),
)
LISTED_PERSON = record(
    call_out_id=ID,
    contact_id=ID,
    name=TEXT,
    title=maybe(TEXT),
    role=TEXT,
    state=one_of(list(CallOutState)),
    reason=maybe(TEXT),
    next_at=maybe(TIME),
    calls_again_at=maybe(TIME),
    numbers=listed(PHONE_NUMBER),
    tried=listed(TRIED),
)
LISTED_RESPONSIBILITY = record(
    id=ID,
    warning_id=ID,
    headline=TEXT,
    event=TEXT,
    hazard=one_of(list(Hazard)),
    colour=maybe(one_of(list(Colour))),
    exercise=FLAG,
    label=TEXT,
    area_code=TEXT,
    area_name=TEXT,
    level=TEXT,
    state=one_of(list(ResponsibilityState)),
    reason=maybe(TEXT),
    deadline_at=TIME,
    next_at=maybe(TIME),
    listed_at=maybe(TIME),
    people=listed(LISTED_PERSON),
)
COMPLAINT = record(code=TEXT, field=TEXT, text=TEXT)
PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": NUMBER,
        "complaints": listed(COMPLAINT),
    },
}


def plain(value: Any) -> Any:
    """`value` in the types that JSON has: times as RFC 3339 in UTC, ids as text, records as objects."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, UUID):
        return str(value)
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(found) for name, found in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list | tuple | frozenset):
        return [plain(found) for found in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def answer_with(value: Any, *, status: int = 200) -> web.Response:
    """`value` as JSON, which no cache keeps."""
    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))
    return web.Response(text=text, status=status, content_type="application/json", headers=NO_STORE)


def without_numbers(row: CallOutRow) -> CallOutRow:
    """The same person with masked numbers."""
    return replace(row, numbers=_masked(row.numbers))


def listed_without_numbers(line: ListedResponsibility) -> ListedResponsibility:
    """The same line with masked numbers."""
    people: list[ListedPerson] = [replace(person, numbers=_masked(person.numbers)) for person in line.people]
    return replace(line, people=tuple(people))


def _masked(numbers: Sequence[Number]) -> tuple[Number, ...]:
    return tuple(replace(number, number=masked(number.number)) for number in numbers)
