"""Changes of danger points and their households by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from uuid import UUID

from sqlalchemy import or_, select

from jiaoying.contacts.keeping.editing import Keeper, Overtaken, plain, post_entry, stamp_of, too_long
from jiaoying.contacts.keeping.points import households_of
from jiaoying.contacts.model import DangerPoint, Household, PointKind, Post
from jiaoying.contacts.reading.cells import MAX_NAME
from jiaoying.contacts.reading.row_cells import MAX_NOTE
from jiaoying.contacts.store import lock_roster, save_households, save_points, save_posts
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.phone import read_number
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import danger_points, posts

MAX_HOUSEHOLDS = 500
_MOST_COUNTED = 1_000_000
_LENGTHS = {
    "code": MAX_NAME,
    "name": MAX_NAME,
    "grade": MAX_NAME,
    "signal": 100,
    "route": MAX_NOTE,
    "shelter": 200,
    "note": MAX_NOTE,
}


@dataclass(frozen=True, slots=True)
class PointForm:
    """What a form says of a danger point; `lat`, `lon` in degrees."""

    code: str | None
    name: str
    kind: PointKind
    lat: float | None
    lon: float | None
    grade: str | None
    households: int | None
    people: int | None
    signal: str | None
    route: str | None
    shelter: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class HouseholdForm:
    """What a form says of a household; `number` in E.164."""

    head: str
    number: str | None
    people: int | None
    note: str | None


def read_point(values: Mapping[str, str]) -> PointForm | list[Complaint]:
    """The danger point that a form describes, or what is wrong with its fields."""
    complaints = too_long(values, _LENGTHS)
    name, kind = plain(values, "name"), values.get("kind", "")
    if name is None:
        complaints.append(_wrong("name", say("There is no name: write what the place is called")))
    if kind not in set(PointKind):
        complaints.append(_wrong("kind", say("Choose what threatens there")))
    lat, lon = _degrees(values, "lat", 90, complaints), _degrees(values, "lon", 180, complaints)
    if (lat is None) != (lon is None) and not any(one.field in ("lat", "lon") for one in complaints):
        complaints.append(_wrong("lat", say("Write both latitude and longitude, or neither")))
    households, people = (_count(values, field, complaints) for field in ("households", "people"))
    if complaints or name is None:
        return complaints
    texts = {field: plain(values, field) for field in ("code", "grade", "signal", "route", "shelter", "note")}
    return PointForm(
        name=name, kind=PointKind(kind), lat=lat, lon=lon, households=households, people=people, **texts
    )


def read_household(values: Mapping[str, str], locality: Locality) -> HouseholdForm | list[Complaint]:
    """The household that a form describes, or what is wrong with its fields."""
    complaints = too_long(values, {"head": MAX_NAME, "household_note": MAX_NOTE})
    head = plain(values, "head")
    if head is None:
        complaints.append(_wrong("head", say("There is no name: write the head of the household")))
    people = _count(values, "household_people", complaints)
    number = read_number(values.get("household_number", ""), locality.dialling_code)
    if isinstance(number, Complaint):
        if number.code != "number_missing":
            complaints.append(_wrong("household_number", number.text))
        number = None
    if complaints or head is None:
        return complaints
    return HouseholdForm(head, number.e164 if number else None, people, plain(values, "household_note"))


def point_stamp(point: DangerPoint, households: Sequence[Household]) -> str:
    """What the forms of a danger point showed."""
    return stamp_of(point, list(households))


async def add_point(tx: Tx, form: PointForm, *, area_code: str, keeper: Keeper) -> UUID:
    """A new danger point. Raises Refusal where another one carries the same number of the authority."""
    await lock_roster(tx)
    point = _filled(DangerPoint(new_id(keeper.now), None, form.name, form.kind, area_code), form)
    await _refuse_taken_code(tx, point)
    await save_points(tx, [point], [], now=keeper.now)
    await _tell(tx, keeper, "point.added", point)
    return point.id


async def change_point(tx: Tx, point_id: UUID, form: PointForm, *, shown: str, keeper: Keeper) -> None:
    """Write what the form says. Raises Refusal where it is gone or was changed in between."""
    before, _ = await _point_to_change(tx, point_id, shown)
    after = _filled(before, form)
    if after == before:
        return
    await _refuse_taken_code(tx, after)
    await save_points(tx, [], [after], now=keeper.now)
    changed = [each.name for each in fields(after) if getattr(before, each.name) != getattr(after, each.name)]
    await _tell(tx, keeper, "point.changed", after, fields=changed)


async def retire_point(tx: Tx, point_id: UUID, *, shown: str, keeper: Keeper) -> None:
    """The danger is gone: the point is no longer listed or matched, and the posts there end today."""
    point, _ = await _point_to_change(tx, point_id, shown)
    await save_points(tx, [], [replace(point, retired_at=keeper.now)], now=keeper.now)
    in_force = or_(posts.c.valid_to.is_(None), posts.c.valid_to > keeper.today)
    found = await tx.execute(
        select(*columns_of(Post, posts)).where(posts.c.danger_point_id == point_id, in_force)
    )
    held = read_as(Post, found)
    ended = [replace(post, valid_to=keeper.today) for post in held]
    await save_posts(tx, [], ended)
    await _tell(tx, keeper, "point.ended", point, posts=len(ended))
    await append_entries(
        tx,
        [post_entry("post.ended", before, after, keeper) for before, after in zip(held, ended, strict=True)],
    )


async def add_household(
    tx: Tx, point_id: UUID, form: HouseholdForm, helper_id: UUID | None, *, shown: str, keeper: Keeper
) -> None:
    """One more threatened household, called out after the others."""
    point, households = await _point_to_change(tx, point_id, shown)
    if len(households) >= MAX_HOUSEHOLDS:
        raise Refusal(say("At most {most} households at one danger point", most=MAX_HOUSEHOLDS))
    last = max((household.position for household in households), default=0)
    household = Household(
        id=new_id(keeper.now),
        danger_point_id=point_id,
        position=last + 1,
        head=form.head,
        number=form.number,
        people=form.people,
        helper_id=helper_id,
        note=form.note,
    )
    await save_households(tx, [household], [], [])
    await _tell(tx, keeper, "point.households_changed", point, households=len(households) + 1)


async def remove_household(tx: Tx, point_id: UUID, household_id: UUID, *, shown: str, keeper: Keeper) -> None:
    """Take a household off the list: it moved away."""
    point, households = await _point_to_change(tx, point_id, shown)
    await save_households(tx, [], [], [_household(household_id, households)])
    await _tell(tx, keeper, "point.households_changed", point, households=len(households) - 1)


async def call_out_first(tx: Tx, point_id: UUID, household_id: UUID, *, shown: str, keeper: Keeper) -> None:
    """From now on call this household out before all others, which keep their order."""
    point, households = await _point_to_change(tx, point_id, shown)
    first = _household(household_id, households)
    order = [first, *(household for household in households if household is not first)]
    placed = [replace(household, position=place) for place, household in enumerate(order, start=1)]
    await save_households(tx, [], placed, [])
    await _tell(tx, keeper, "point.households_changed", point, fields=["order"])


def _household(household_id: UUID, households: Sequence[Household]) -> Household:
    for household in households:
        if household.id == household_id:
            return household
    raise Overtaken


def _filled(point: DangerPoint, form: PointForm) -> DangerPoint:
    return replace(point, **{each.name: getattr(form, each.name) for each in fields(form)})


async def _point_to_change(tx: Tx, point_id: UUID, shown: str) -> tuple[DangerPoint, list[Household]]:
    await lock_roster(tx)
    query = select(*columns_of(DangerPoint, danger_points)).where(danger_points.c.id == point_id)
    found = read_as(DangerPoint, await tx.execute(query))
    if not found or found[0].retired_at is not None:
        raise Refusal(say("There is no such danger point any more"))
    households = await households_of(tx, point_id)
    if point_stamp(found[0], households) != shown:
        raise Overtaken
    return found[0], households


async def _refuse_taken_code(tx: Tx, point: DangerPoint) -> None:
    if point.code is None:
        return
    other = await tx.scalar(
        select(danger_points.c.name).where(
            danger_points.c.code == point.code,
            danger_points.c.id != point.id,
            danger_points.c.retired_at.is_(None),
        )
    )
    if other is not None:
        text = say("{name} carries this number already", name=other)
        raise Refusal(text, (_wrong("code", text),))


async def _tell(tx: Tx, keeper: Keeper, event: str, point: DangerPoint, **facts: object) -> None:
    told = {
        "danger_point_id": str(point.id),
        "area_code": point.area_code,
        "kind": str(point.kind),
        "by_hand": True,
    }
    await append_entries(
        tx, [Entry(keeper.now, event, keeper.actor, facts=told | facts, particulars={"name": point.name})]
    )


def _degrees(values: Mapping[str, str], name: str, most: int, complaints: list[Complaint]) -> float | None:
    text = values.get(name, "").strip().removesuffix("°")
    if not text:
        return None
    try:
        degrees = float(text)
    except ValueError:
        degrees = float("nan")
    if not -most <= degrees <= most:
        text = say("Write degrees as a decimal number, such as 35.6890, no more than {most}", most=most)
        complaints.append(_wrong(name, text))
        return None
    return degrees


def _count(values: Mapping[str, str], name: str, complaints: list[Complaint]) -> int | None:
    text = values.get(name, "").strip()
    if not text:
        return None
    if not text.isdecimal() or int(text) > _MOST_COUNTED:
        complaints.append(_wrong(name, say("Write a whole number, 0 or more")))
        return None
    return int(text)


def _wrong(field: str, text: str) -> Complaint:
    return Complaint(f"{field}_wrong", field, text)
