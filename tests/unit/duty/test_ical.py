"""Shifts as a calendar: what subscribers are told, and that every program can read it."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import icalendar
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiaoying.duty.ical import CalendarRota, Event, calendar_bytes, desk_events, person_events
from jiaoying.duty.model import Change, ChangeKind, Role, Shift
from jiaoying.duty.shift_times import WHOLE_DAY
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import ENGLISH, speaking
from unit.duty.month_cases import DESK, DESK_ID, MADE, NAMES, changed, changed_rotas, month_shifts

WANG, LI, ZHANG, HOU = (UUID(int=number) for number in (1, 2, 3, 7))
FIRST, SECOND = month_shifts(WHOLE_DAY, date(2026, 10, 1), date(2026, 10, 2))


def rota(
    shifts: Sequence[Shift] = (FIRST, SECOND),
    changes: Sequence[Change] = (),
    replanned: dict[UUID, list[datetime]] | None = None,
) -> CalendarRota:
    return CalendarRota(shifts, changes, NAMES, {DESK_ID: DESK}, replanned or {})


def undone(change: Change, at: datetime) -> Change:
    return Change(
        change.id,
        change.shift_id,
        change.role,
        change.person_id,
        change.kind,
        change.starts_at,
        change.ends_at,
        change.made_at,
        undone_at=at,
    )


def test_a_person_has_what_they_stand_in() -> None:
    (event,) = person_events(WANG, rota())
    assert (event.summary, event.place) == (f"{DESK} 全天 值班员", DESK)
    assert event.description == "值班员：王建国\n带班领导：李明"
    assert (event.starts_at, event.ends_at) == (FIRST.starts_at, FIRST.ends_at)
    assert (event.uid, event.sequence) == (f"{FIRST.id}-officer@jiaoying", 0)
    roles = [event.uid.split("-")[-1] for event in person_events(LI, rota())]
    assert roles == ["leader@jiaoying", "officer@jiaoying", "leader@jiaoying"]


def test_a_desk_has_everybody() -> None:
    assert [event.summary for event in desk_events(DESK_ID, rota([FIRST]))] == [
        "全天 值班员 王建国",
        "全天 带班领导 李明",
    ]
    assert desk_events(UUID(int=5), rota()) == []


def test_in_english() -> None:
    with speaking(ENGLISH):
        (event,) = person_events(WANG, rota())
    assert event.summary == f"Duty officer at {DESK}, 全天"


def test_a_shift_that_somebody_else_took_is_cancelled_for_one_and_there_for_the_other() -> None:
    taken = rota(changes=[changed(FIRST, Role.OFFICER, 7, ChangeKind.SWAP)])
    (mine,), (theirs,) = person_events(WANG, taken), person_events(HOU, taken)
    assert (mine.uid, mine.cancelled, theirs.uid, theirs.cancelled) == (theirs.uid, True, mine.uid, False)
    assert (mine.sequence, mine.modified_at) == (theirs.sequence, theirs.modified_at) == (1, MADE)
    assert [event.cancelled for event in desk_events(DESK_ID, taken)] == [False] * 4


def test_what_is_taken_back_is_as_before_and_newer() -> None:
    back = rota(changes=[undone(changed(FIRST, Role.OFFICER, 7, ChangeKind.SWAP), MADE + timedelta(days=1))])
    (mine,), (theirs,) = person_events(WANG, back), person_events(HOU, back)
    assert (mine.cancelled, mine.sequence, mine.modified_at) == (False, 2, MADE + timedelta(days=1))
    assert (theirs.cancelled, theirs.sequence) == (True, 2)


def test_a_part_of_a_shift_is_told_apart() -> None:
    taken = rota(changes=[changed(FIRST, Role.OFFICER, 7, ChangeKind.TAKEOVER, after_h=3)])
    (mine,), (theirs,) = person_events(WANG, taken), person_events(HOU, taken)
    change = FIRST.starts_at + timedelta(hours=3)
    assert (mine.starts_at, mine.ends_at, mine.cancelled) == (FIRST.starts_at, change, False)
    assert (theirs.starts_at, theirs.ends_at) == (change, FIRST.ends_at)
    assert theirs.uid == f"{FIRST.id}-officer-20261001T033000Z@jiaoying"
    assert theirs.description == "值班员：侯文\n带班领导：李明"


def test_a_plan_that_is_written_anew_is_newer() -> None:
    at = MADE + timedelta(days=2)
    (event,) = person_events(WANG, rota(replanned={FIRST.id: [MADE, at]}))
    assert (event.sequence, event.modified_at) == (2, at)


def test_a_new_shift_was_modified_when_it_was_made() -> None:
    made = datetime(2026, 7, 20, 3, 4, 5, tzinfo=UTC)
    shift = Shift(new_id(made), DESK_ID, FIRST.starts_at, FIRST.ends_at, WANG, None)
    (event,) = person_events(WANG, rota([shift]))
    assert event.modified_at == made
    assert event.summary == f"{DESK} 值班员"


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(made=changed_rotas())
def test_no_entry_stands_twice_and_the_desk_is_never_counted_double(
    made: tuple[list[Shift], list[Change]],
) -> None:
    whole = rota(*made)
    for events in (desk_events(DESK_ID, whole), *(person_events(person, whole) for person in NAMES)):
        assert len({event.uid for event in events}) == len(events)
    stood = [event for person in NAMES for event in person_events(person, whole) if not event.cancelled]
    assert sorted(event.uid for event in stood) == sorted(event.uid for event in desk_events(DESK_ID, whole))


# --- as bytes ---

ANY_TEXT = st.text(max_size=120)
LINES = st.builds(
    Event,
    uid=st.uuids().map(str),
    starts_at=st.just(FIRST.starts_at),
    ends_at=st.just(FIRST.ends_at),
    summary=ANY_TEXT,
    description=ANY_TEXT,
    place=ANY_TEXT,
    sequence=st.integers(0, 9),
    modified_at=st.just(MADE),
    cancelled=st.booleans(),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=st.lists(LINES, max_size=3))
def test_lines_are_short_end_in_crlf_and_break_within_no_sign(events: list[Event]) -> None:
    data = calendar_bytes("值班", events)
    lines = data.split(b"\r\n")
    assert lines[-1] == b""
    for line in lines:
        assert len(line) <= 75
        assert b"\n" not in line
        assert b"\r" not in line
        line.decode()


def test_texts_are_escaped() -> None:
    event = Event("1", FIRST.starts_at, FIRST.ends_at, "a,b;c\\d\ne\x07", "", "", 0, MADE)
    assert b"SUMMARY:a\\,b\\;c\\\\d\\ne\r\n" in calendar_bytes("值班", [event])


def test_the_same_rota_gives_the_same_bytes() -> None:
    events = person_events(LI, rota())
    assert calendar_bytes("值班", events) == calendar_bytes("值班", reversed(events))


def test_there_is_no_number_in_it() -> None:
    data = calendar_bytes("值班", [*desk_events(DESK_ID, rota()), *person_events(LI, rota())])
    without_moments = re.sub(r"\d{8}T\d{6}Z|UID:.*|19700101T000000", "", data.decode().replace("\r\n ", ""))
    assert re.findall(r"\d{5,}", without_moments) == []


# --- read by somebody else's program ---


def parsed(data: bytes) -> Any:
    return icalendar.Calendar.from_ical(data)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=st.lists(LINES, min_size=1, max_size=3, unique_by=lambda event: event.uid))
def test_a_library_reads_the_same(events: list[Event]) -> None:
    found = {str(each["UID"]): each for each in parsed(calendar_bytes("值班", events)).walk("VEVENT")}
    assert found.keys() == {event.uid for event in events}
    for event in events:
        entry = found[event.uid]
        assert str(entry["SUMMARY"]) == plain(event.summary)
        assert str(entry["DESCRIPTION"]) == plain(event.description)
        assert (entry["DTSTART"].dt, entry["DTEND"].dt) == (event.starts_at, event.ends_at)
        assert (entry["SEQUENCE"], entry["LAST-MODIFIED"].dt) == (event.sequence, event.modified_at)
        assert str(entry["STATUS"]) == ("CANCELLED" if event.cancelled else "CONFIRMED")


def test_a_library_reads_a_calendar_of_a_month_and_an_empty_one() -> None:
    month = month_shifts(WHOLE_DAY, date(2026, 10, 1), date(2026, 10, 31))
    calendar = parsed(calendar_bytes("沁水县值班", desk_events(DESK_ID, rota(month))))
    assert len(calendar.walk("VEVENT")) == 62
    assert (str(calendar["X-WR-CALNAME"]), calendar.errors) == ("沁水县值班", [])
    empty = parsed(calendar_bytes("沁水县值班", []))
    assert len(empty.walk("VTIMEZONE")) == 1


def plain(text: str) -> str:
    """Without the signs that no calendar can hold."""
    joined = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in joined if sign in "\n\t" or not (sign < " " or sign == "\x7f"))
