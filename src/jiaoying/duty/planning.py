"""By what rule the rota of a desk is filled, and what a filling comes to as shifts. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.duty.constraints import USUAL, Rules, Stint
from jiaoying.duty.filling import Taken
from jiaoying.duty.model import Change, Role, Shift
from jiaoying.duty.rota import standing_in
from jiaoying.duty.shift_times import WHOLE_DAY, ShiftTime, overlapping
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.kernel.plain_data import DataReader

MAX_SHIFTS_A_DAY = 12
MAX_NAME = 20
LONGEST_REST_H = 72
_FIELDS = ("times", "rest_h", "once_a_holiday", "by_week", "signs_on", "hands_over")
_TIME_FIELDS = ("name", "begins", "ends")


@dataclass(frozen=True, slots=True)
class DeskPlan:
    """The shifts of a day, the rest between them, roles that change by the week, what is asked of people."""

    times: tuple[ShiftTime, ...] = WHOLE_DAY
    rules: Rules = USUAL
    by_week: tuple[Role, ...] = ()
    # Whoever stands there is asked to sign on, and hands over to the next (duty.sign_ons, duty.handovers).
    signs_on: bool = False
    hands_over: bool = False


def plan_from_data(raw: object) -> DeskPlan:
    """The plan that a JSON column holds, or a page sent. Raises Refusal naming each field that is wrong."""
    reader = DataReader("desk_plan")
    data = reader.mapping(raw, "plan", _FIELDS)
    items = reader.items(data.get("times"), "times")
    if not 1 <= len(items) <= MAX_SHIFTS_A_DAY:
        reader.complain("times", say("write 1 to {count} shifts a day", count=MAX_SHIFTS_A_DAY))
    times = [
        read
        for number, item in enumerate(items[:MAX_SHIFTS_A_DAY], start=1)
        if (read := _time(reader, item, f"times[{number}]"))
    ]
    rest_h = reader.number(data.get("rest_h", 16), "rest_h", 0, LONGEST_REST_H)
    once = reader.yes_or_no(data.get("once_a_holiday", True), "once_a_holiday")
    by_week = reader.words(Role, data.get("by_week", []), "by_week")
    signs_on = reader.yes_or_no(data.get("signs_on", False), "signs_on")
    hands_over = reader.yes_or_no(data.get("hands_over", False), "hands_over")
    for begins in overlapping(times) if times else ():
        text = say("the shift from {time} begins before the one before it ends", time=f"{begins:%H:%M}")
        reader.complain("times", text)
    if reader.complaints:
        text = "; ".join(f"{complaint.field}: {complaint.text}" for complaint in reader.complaints)
        raise Refusal(say("The shifts cannot be used: {text}", text=text), tuple(reader.complaints))
    rules = Rules(timedelta(hours=rest_h or 0), once)
    return DeskPlan(tuple(times), rules, by_week, signs_on, hands_over)


def plan_as_data(plan: DeskPlan) -> dict[str, object]:
    """As it is kept."""
    return {
        "times": [
            {"name": each.name, "begins": f"{each.begins:%H:%M}", "ends": f"{each.ends:%H:%M}"}
            for each in plan.times
        ],
        "rest_h": plan.rules.rest // timedelta(hours=1),
        "once_a_holiday": plan.rules.once_a_holiday,
        "by_week": list(plan.by_week),
        "signs_on": plan.signs_on,
        "hands_over": plan.hands_over,
    }


def shifts_from(taken: Iterable[Taken], desk_id: UUID, now: datetime) -> list[Shift]:
    """A shift for each slot that has an officer; a leader alone stands at no desk."""
    by_slot: dict[tuple[datetime, datetime, str], dict[Role, UUID]] = {}
    for one in taken:
        slot = one.place.slot
        people = by_slot.setdefault((slot.starts_at, slot.ends_at, slot.time.name), {})
        people[one.place.role] = one.person_id
    return [
        Shift(
            new_id(now),
            desk_id,
            starts_at,
            ends_at,
            people[Role.OFFICER],
            people.get(Role.LEADER),
            people.get(Role.SECOND),
            name,
        )
        for (starts_at, ends_at, name), people in by_slot.items()
        if Role.OFFICER in people
    ]


def stints_in(shifts: Iterable[Shift], changes: Sequence[Change], zone: ZoneInfo) -> list[Stint]:
    """What each person stands in, as it was changed: a part of a shift that somebody else took is theirs."""
    by_shift: dict[UUID, list[Change]] = {}
    for change in changes:
        if change.undone_at is None:
            by_shift.setdefault(change.shift_id, []).append(change)
    return [stint for shift in shifts for stint in _stints_of(shift, by_shift.get(shift.id, ()), zone)]


def _stints_of(shift: Shift, changes: Sequence[Change], zone: ZoneInfo) -> Iterator[Stint]:
    """In each role whoever stands there, for as many parts of the shift in a row as are theirs."""
    day, is_night = shift.starts_at.astimezone(zone).date(), _holds_midnight(shift, zone)
    edges = {
        shift.starts_at,
        shift.ends_at,
        *(at for each in changes for at in (each.starts_at, each.ends_at)),
    }
    parts = [(begin, end, standing_in(shift, changes, begin)) for begin, end in pairwise(sorted(edges))]
    for role in Role:
        for person_id, own in groupby(parts, key=lambda part: part[2].person_in(role)):
            if person_id is not None:
                begin, *_, end = [at for part in own for at in part[:2]]
                yield Stint(person_id, role, shift.desk_id, day, begin, end, is_night=is_night)


def _holds_midnight(shift: Shift, zone: ZoneInfo) -> bool:
    """As `ShiftTime.is_night`, of a shift that was entered by hand or from a sheet."""
    starts_at, ends_at = shift.starts_at.astimezone(zone), shift.ends_at.astimezone(zone)
    return starts_at.time() == time(0) or (ends_at - timedelta(microseconds=1)).date() > starts_at.date()


def _time(reader: DataReader, raw: object, at: str) -> ShiftTime | None:
    data: Mapping[str, Any] = reader.mapping(raw, at, _TIME_FIELDS)
    name = reader.text(data.get("name"), f"{at}.name", MAX_NAME)
    begins, ends = (reader.time(data.get(key), f"{at}.{key}") for key in ("begins", "ends"))
    return None if begins is None or ends is None else ShiftTime(name, begins, ends)
