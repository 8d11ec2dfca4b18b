"""A small roster in plain values, that can be stored, and a slow and obvious reading of its gaps."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from jiaoying.contacts.gaps.model import (
    MOST_POSTS,
    MOST_VILLAGES,
    PLACE_WORDS,
    WATCHES,
    Gap,
    GapKind,
    Week,
    week_from,
)
from jiaoying.contacts.model import HAZARDS_AT, PointKind
from jiaoying.kernel.hazards import Hazard, families_concerned
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import areas, contact_numbers, contacts, danger_points, desks, posts, shifts

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)  # Wednesday 10:00 in Shanghai
WEEK = week_from(NOW, ZONE)
COUNTY = "140522000000"
WATER = ("rain", "flood", "flash_flood", "waterlogging", "dam")
_USELESS = ("dead", "suspended", "wrong_person")


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    name: str
    standings: tuple[str, ...] = ("works",)
    reached: bool = True
    retired: bool = False
    number: str = ""  # given only to be shared

    @property
    def can_be_called(self) -> bool:
        return any(standing not in _USELESS for standing in self.standings)

    @property
    def was_reached(self) -> bool:
        return self.reached and self.can_be_called


@dataclass(frozen=True, slots=True)
class Duty:
    id: UUID
    area: str
    kind: str
    hazards: tuple[str, ...]
    holder: Person | None
    deputy: Person | None
    superior: Person | None = None
    begins: date | None = None
    ends: date | None = None
    point: UUID | None = None

    def is_held(self) -> bool:
        return self.holder is not None and not self.holder.retired

    def somebody(self) -> bool:
        return any(
            person is not None and not person.retired and person.can_be_called
            for person in (self.holder, self.deputy)
        )

    def on(self, day: date) -> bool:
        return (self.begins is None or self.begins <= day) and (self.ends is None or day <= self.ends)

    def answers(self, hazard: Hazard) -> bool:
        return not self.hazards or bool(set(self.hazards) & families_concerned(hazard))


@dataclass(slots=True)
class Roster:
    """Rows to be; `areas` are code → (name, level, retired)."""

    areas: dict[str, tuple[str, str, bool]] = field(default_factory=dict[str, tuple[str, str, bool]])
    people: list[Person] = field(default_factory=list[Person])
    duties: list[Duty] = field(default_factory=list[Duty])
    points: dict[UUID, tuple[str, str, str]] = field(default_factory=dict[UUID, tuple[str, str, str]])
    desks: dict[UUID, tuple[str, str, Person | None]] = field(
        default_factory=dict[UUID, tuple[str, str, Person | None]]
    )
    shifts: list[tuple[UUID, datetime, datetime]] = field(
        default_factory=list[tuple[UUID, datetime, datetime]]
    )

    def area(self, code: str, name: str, level: str, *, retired: bool = False) -> str:
        self.areas[code] = (name, level, retired)
        return code

    def person(self, name: str, **more: Any) -> Person:
        self.people.append(Person(new_id(NOW), name, **more))
        return self.people[-1]

    def change(self, person: Person, **changes: Any) -> Person:
        """Another person in the place of `person`, wherever they stand."""
        new = replace(person, **changes)
        self.people = [new if one is person else one for one in self.people]
        for place, duty in enumerate(self.duties):
            roles = {role: new for role in ("holder", "deputy", "superior") if getattr(duty, role) is person}
            self.duties[place] = replace(duty, **roles)
        return new

    def duty(self, area: str, kind: str, holder: Person | None, deputy: Person | None, **more: Any) -> Duty:
        self.duties.append(Duty(new_id(NOW), area, kind, more.pop("hazards", ()), holder, deputy, **more))
        return self.duties[-1]

    def swap(self, duty: Duty, **changes: Any) -> None:
        self.duties[self.duties.index(duty)] = replace(duty, **changes)

    def point(self, area: str, name: str, kind: str = "geohazard") -> UUID:
        point_id = new_id(NOW)
        self.points[point_id] = (area, name, kind)
        return point_id

    def desk(self, area: str, name: str, fallback: Person | None, *hours: tuple[datetime, datetime]) -> UUID:
        desk_id = new_id(NOW)
        self.desks[desk_id] = (area, name, fallback)
        self.shifts += [(desk_id, begin, end) for begin, end in hours]
        return desk_id

    async def save(self, tx: Tx) -> None:
        """Everything as rows; the county's parents are left out."""
        order = {"county": 0, "township": 1, "village": 2}
        for code, (name, level, retired) in sorted(self.areas.items(), key=lambda item: order[item[1][1]]):
            parent = {"township": f"{code[:6]}000000", "village": f"{code[:9]}000"}.get(level)
            await tx.execute(
                insert(areas).values(
                    code=code, name=name, level=level, parent_code=parent, retired_at=NOW if retired else None
                )
            )
        await self._save_people(tx)
        for point_id, (area, name, kind) in self.points.items():
            row = {"id": point_id, "area_code": area, "name": name, "kind": kind, "created_at": NOW}
            await tx.execute(insert(danger_points).values(row))
        for duty in self.duties:
            await tx.execute(insert(posts).values(_post_row(duty)))
        for desk_id, (area, name, fallback) in self.desks.items():
            fallback_id = fallback.id if fallback else None
            row = {"id": desk_id, "area_code": area, "name": name, "fallback_contact_id": fallback_id}
            await tx.execute(insert(desks).values(row))
        for desk_id, begin, end in self.shifts:
            row = {"id": new_id(NOW), "desk_id": desk_id, "starts_at": begin, "ends_at": end}
            await tx.execute(insert(shifts).values({**row, "officer_id": self.people[0].id}))

    async def _save_people(self, tx: Tx) -> None:
        for place, person in enumerate(self.people):
            retired_at = NOW if person.retired else None
            row = {"id": person.id, "name": person.name, "created_at": NOW, "retired_at": retired_at}
            await tx.execute(insert(contacts).values(row))
            for preference, standing in enumerate(person.standings, start=1):
                number = person.number or f"+86100{place:06}{preference:02}"
                reached_at = NOW - timedelta(days=30 if person.reached else 120)
                await tx.execute(
                    insert(contact_numbers).values(
                        id=new_id(NOW),
                        contact_id=person.id,
                        number=number,
                        kind="mobile",
                        preference=preference,
                        standing=standing,
                        reached_at=reached_at,
                    )
                )


def _post_row(duty: Duty) -> dict[str, object]:
    return {
        "id": duty.id,
        "area_code": duty.area,
        "kind": duty.kind,
        "level": "village",
        "tier": "village",
        "hazards": list(duty.hazards),
        "holder_id": duty.holder.id if duty.holder else None,
        "deputy_id": duty.deputy.id if duty.deputy else None,
        "superior_id": duty.superior.id if duty.superior else None,
        "valid_from": duty.begins,
        "valid_to": duty.ends,
        "danger_point_id": duty.point,
        "demonstration": True,
    }


def whole_county() -> Roster:
    """A county where nothing is missing: two townships of three villages, each with one post for water."""
    roster = Roster()
    roster.area(COUNTY, "沁水县", "county")
    spare = roster.person("值班座机")
    roster.desk(COUNTY, "县值班室", spare, (NOW - timedelta(days=1), NOW + timedelta(days=9)))
    for town, town_name in (("140522100", "龙港镇"), ("140522101", "中村镇")):
        head = roster.person(f"{town_name}镇长")
        code = roster.area(f"{town}000", town_name, "township")
        roster.desk(code, f"{town_name}值班室", spare, (NOW - timedelta(days=1), NOW + timedelta(days=9)))
        roster.duty(code, "乡镇防汛责任人", head, roster.person(f"{town_name}副镇长"), hazards=WATER)
        for number in (201, 202, 203):
            village = roster.area(f"{town}{number}", f"{town_name}{number}村", "village")
            holder, deputy = roster.person(f"{village}支书"), roster.person(f"{village}主任")
            roster.duty(village, "防汛责任人", holder, deputy, hazards=WATER, superior=head)
    return roster


def told(gap: Gap) -> tuple[object, ...]:
    """What is compared of a gap."""
    return (
        gap.kind,
        gap.area_code,
        frozenset(gap.post_kinds),
        frozenset(gap.hazards),
        gap.hours,
        gap.day,
        gap.count,
    )


# --- the slow reading -----------------------------------------------------------------------------------


def slow_gaps(roster: Roster, week: Week) -> list[tuple[object, ...]]:
    """Every gap of a county, by loops over everything, as `told` tells it. Shared numbers are left out."""
    found: list[tuple[object, ...]] = []

    def tell(kind: GapKind, area: str, **more: Any) -> None:
        hazards = more.get("hazards", set(Hazard))
        found.append(
            (
                kind,
                area,
                frozenset(more.get("posts", ())),
                frozenset(() if set(hazards) == set(Hazard) else hazards),
                more.get("hours", ()),
                more.get("day"),
                more.get("count", 0),
            )
        )

    days = [
        week.first_day + timedelta(days=number) for number in range((week.last_day - week.first_day).days + 1)
    ]
    current = [duty for duty in roster.duties if any(duty.on(day) for day in days)]
    living = {code: level for code, (_, level, retired) in roster.areas.items() if not retired}
    ended = _slow_ended(roster, week)
    missing = _slow_missing(roster, current, living, ended)

    empty: dict[tuple[str, tuple[object, ...]], set[Hazard]] = {}
    for code, level in living.items():
        for hazard in Hazard:
            if level in ("township", "village") and _is_expected(code, hazard, current, living):
                posts_there = [
                    duty for duty in current if duty.area == code and duty.answers(hazard) and duty.somebody()
                ]
                open_days = [day for day in days if not any(duty.on(day) for duty in posts_there)]
                if hours := _slow_hours(open_days, week):
                    empty.setdefault((code, hours), set()).add(hazard)
    for (code, hours), hazards in empty.items():
        whole = hours == ((week.begin, week.end),)
        own = {kind for area, kind, reach in missing if area == code and reach & hazards}
        tell(GapKind.NOBODY, code, hazards=hazards, posts=own, hours=() if whole else hours)
    for area, kind, reach in missing:
        if not any(code == area and hazards & reach for (code, _), hazards in empty.items()):
            tell(GapKind.MISSING_POST, area, posts=[kind], hazards=reach)
    for duty in ended:
        assert duty.ends is not None
        kind = GapKind.ENDED if duty.ends < week.first_day else GapKind.ENDING
        tell(kind, duty.area, posts=[duty.kind], hazards=_reach([duty]), day=duty.ends)
    _slow_flaws(current, tell)
    for point_id, (area, _, kind) in roster.points.items():
        there = [duty for duty in current if duty.point == point_id and duty.is_held()]
        watches = [re.search(WATCHES, duty.kind) is not None for duty in there]
        at_point = _reach([Duty(point_id, area, "", HAZARDS_AT[PointKind(kind)], None, None)])
        if not there:
            tell(GapKind.POINT_NOBODY, area, hazards=at_point)
        elif True not in watches:
            tell(GapKind.POINT_NO_WATCHER, area, hazards=at_point)
        elif False not in watches:
            tell(GapKind.POINT_NO_LEADER, area, hazards=at_point)
    for code, (_, _, retired) in roster.areas.items():
        own_posts = [duty for duty in current if duty.area == code]
        if retired and own_posts:
            kinds = {duty.kind for duty in own_posts}
            tell(GapKind.RETIRED_AREA, code, posts=kinds, hazards=_reach(own_posts), count=len(own_posts))
    return found


def _reach(duties: Iterable[Duty]) -> set[Hazard]:
    return {hazard for hazard in Hazard for duty in duties if duty.answers(hazard)}


def _is_expected(code: str, hazard: Hazard, current: list[Duty], living: dict[str, str]) -> bool:
    level = living[code]
    groups = [[other for other in living if living[other] == level and other[:6] == code[:6]]]
    if level == "village":
        groups.append([other for other in living if living[other] == level and other[:9] == code[:9]])
    named = {duty.area for duty in current if duty.is_held() and duty.answers(hazard)}
    return any(3 * len(named.intersection(group)) >= 2 * len(group) for group in groups)


def _slow_hours(open_days: list[date], week: Week) -> tuple[tuple[datetime, datetime], ...]:
    runs: list[tuple[datetime, datetime]] = []
    for day in open_days:
        begin = datetime.combine(day, time(0), ZONE)
        end = datetime.combine(day + timedelta(days=1), time(0), ZONE)
        begin, end = max(begin, week.begin), min(end, week.end)
        if begin >= end:
            continue
        if runs and runs[-1][1] == begin:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((begin, end))
    return tuple(runs)


def _seat(duty: Duty) -> tuple[str, str, UUID | None]:
    kind = duty.kind
    for word in PLACE_WORDS.split("|"):
        kind = kind.replace(word, "")
    return duty.area, kind, duty.point


def _slow_ended(roster: Roster, week: Week) -> list[Duty]:
    found: dict[tuple[str, str, UUID | None], Duty] = {}
    for duty in roster.duties:
        if duty.ends is None or not week.first_day - timedelta(days=90) <= duty.ends < week.last_day:
            continue
        followed = any(
            _seat(other) == _seat(duty)
            and (other.ends is None or other.ends > duty.ends)
            and (other.ends is None or other.ends >= week.first_day)
            and (other.begins is None or other.begins <= week.last_day)
            for other in roster.duties
        )
        before = found.get(_seat(duty))
        if not followed and (before is None or (duty.ends, before.id) > (before.ends, duty.id)):
            found[_seat(duty)] = duty
    return list(found.values())


def _slow_missing(
    roster: Roster, current: list[Duty], living: dict[str, str], ended: list[Duty]
) -> list[tuple[str, str, set[Hazard]]]:
    found: list[tuple[str, str, set[Hazard]]] = []
    plain = [duty for duty in current if duty.point is None and duty.area in living]
    for level in ("township", "village"):
        places = [code for code in living if living[code] == level]
        there = [duty for duty in plain if living[duty.area] == level]
        for post in {_seat(duty)[1] for duty in there}:
            own = [duty for duty in there if _seat(duty)[1] == post]
            held = {duty.area for duty in own if duty.is_held()}
            if not held or 3 * len(held) < 2 * len(places):
                continue
            in_held = [duty for duty in own if duty.area in held]
            label = min(duty.kind for duty in in_held)
            known = {duty.area for duty in own} | {duty.area for duty in ended if _seat(duty)[1] == post}
            found += [(code, label, _reach(in_held)) for code in places if code not in known]
    return found


def _slow_flaws(current: list[Duty], tell: Any) -> None:
    grouped: dict[tuple[GapKind, str, UUID | None], list[Duty]] = {}
    for duty in current:
        for kind in _flaws_of(duty):
            who = duty.id if kind == GapKind.VACANT else duty.holder.id if duty.holder else None
            grouped.setdefault((kind, duty.area, who), []).append(duty)
    for (kind, area, _), duties in grouped.items():
        tell(kind, area, posts={duty.kind for duty in duties}, hazards=_reach(duties))
    holders = {duty.holder.id for duty in current if duty.holder and not duty.holder.retired}
    for holder in holders:
        own = [duty for duty in current if duty.holder and duty.holder.id == holder]
        villages = {duty.area for duty in own if not duty.area.endswith("000")}
        seats = {(duty.area, duty.kind, duty.point) for duty in own}
        if len(villages) > MOST_VILLAGES or len(seats) > MOST_POSTS:
            count = len(villages) if len(villages) > MOST_VILLAGES else len(seats)
            first = min(duty.area for duty in own)
            tell(
                GapKind.TOO_MANY,
                first,
                posts={duty.kind for duty in own},
                hazards=_reach(own),
                count=count,
            )


def _flaws_of(duty: Duty) -> list[GapKind]:
    if not duty.is_held() or duty.holder is None:
        return [GapKind.VACANT]
    found: list[GapKind] = []
    if not duty.holder.can_be_called:
        found.append(GapKind.NO_NUMBER)
    elif not duty.holder.was_reached:
        found.append(GapKind.UNREACHED)
    if duty.deputy is None or duty.deputy.retired:
        found.append(GapKind.NO_DEPUTY)
    elif duty.deputy.id == duty.holder.id:
        found.append(GapKind.DEPUTY_IS_HOLDER)
    elif not duty.deputy.can_be_called:
        found.append(GapKind.DEPUTY_NO_NUMBER)
    return found
