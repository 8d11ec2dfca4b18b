"""Danger points and their households: those of a sheet brought together with those on the roster."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from jiaoying.contacts.importing.differences import About, Difference, Turn
from jiaoying.contacts.importing.fields import changes_between, facts_of
from jiaoying.contacts.importing.people import Person
from jiaoying.contacts.importing.planned import HouseholdPlan
from jiaoying.contacts.model import DangerPoint, Household, HouseholdRow, PointRef, PointRow
from jiaoying.kernel.areas import covers
from jiaoying.kernel.language import say
from jiaoying.kernel.sheets import SheetComplaint

POINT_FIELDS = (
    "code", "name", "area_code", "lat", "lon", "grade", "households", "people", "signal", "route",
    "shelter", "note", "demonstration", "retired_at",
)  # fmt: skip
HOUSEHOLD_FIELDS = ("number", "position", "people", "helper_id", "note")
_NEW_HOUSEHOLD_FIELDS = ("people", "number", "helper_id", "note")
_NUMBERS = {"number": "numbers"}
# What a list may leave out without taking it away: lists of points differ in their columns.
_PARTICULARS = (
    "code", "lat", "lon", "grade", "households", "people", "signal", "route", "shelter", "note",
)  # fmt: skip


@dataclass(slots=True)
class PointPlan:
    """Points are told apart by their number, else by kind, name and area."""

    stored: Sequence[DangerPoint]
    marked: bool
    make_id: Callable[[], UUID]
    listed: dict[UUID, DangerPoint] = field(default_factory=dict[UUID, DangerPoint])
    complaints: list[SheetComplaint] = field(default_factory=list[SheetComplaint])
    _before: dict[UUID, DangerPoint] = field(init=False)
    _by_code: dict[str, UUID] = field(default_factory=dict[str, UUID])
    _by_place: defaultdict[tuple[str, str], list[UUID]] = field(
        default_factory=lambda: defaultdict[tuple[str, str], list[UUID]](list)
    )

    def __post_init__(self) -> None:
        self._before = {point.id: point for point in self.stored}
        # Of two of one name the one that is still there is meant.
        for point in sorted(self.stored, key=lambda one: (one.retired_at is not None, one.id)):
            self._index(point)

    def place(self, rows: Iterable[PointRow]) -> None:
        """Take in the points of a sheet; of several rows of one point the first word counts."""
        for row in rows:
            known = self._meant_by(row)
            point = self._as_point(row)
            if known is not None and known.id in self.listed:
                point = _filled(known, point)
            elif known is not None:
                point = _filled(replace(point, id=known.id, demonstration=known.demonstration), known)
            self.listed[point.id] = point
            self._index(point)

    def find(self, ref: PointRef) -> DangerPoint | None:
        """The point that a row names: one of the sheet before one of the roster."""
        by_code = self._by_code.get(ref.code) if ref.code else None
        if by_code is not None:
            return self._now(by_code)
        known = [self._now(one) for one in self._by_place[ref.name, ref.area_code]]
        known = [one for one in known if one.code is None or ref.code is None] or known
        return min(known, key=lambda one: one.id not in self.listed, default=None)

    def name_of(self, point_id: UUID) -> str:
        return self._now(point_id).name

    def new(self) -> list[DangerPoint]:
        return [point for point in self.listed.values() if point.id not in self._before]

    def changed(self) -> list[DangerPoint]:
        known = (point for point in self.listed.values() if point.id in self._before)
        return [point for point in known if point != self._before[point.id]]

    def ended(self, replaces: str, staffed: Collection[UUID]) -> list[DangerPoint]:
        """Points of the replaced area that the list of their kind lacks, and where nobody stands any more."""
        kinds = {point.kind for point in self.listed.values()}
        return [
            point
            for point in self.stored
            if point.kind in kinds
            and point.retired_at is None
            and covers(replaces, point.area_code)
            and point.id not in self.listed
            and point.id not in staffed
        ]

    def differences(self, ended: Iterable[DangerPoint]) -> Iterator[Difference]:
        for point in self.new():
            yield replace(_difference(Turn.ADDED, point), changes=facts_of(point, _PARTICULARS))
        for point in self.changed():
            changes = changes_between(self._before[point.id], point, POINT_FIELDS)
            yield replace(_difference(Turn.CHANGED, point), changes=changes)
        for point in ended:
            yield _difference(Turn.ENDED, point)

    def unknown(self, sheet: str, row: int, name: str) -> None:
        """A row that names a point which nobody knows."""
        text = say("The danger point {name} is neither in the sheet nor on the roster", name=name)
        self.complaints.append(SheetComplaint(sheet, row, "point", "point_unknown", text))

    def _as_point(self, row: PointRow) -> DangerPoint:
        return DangerPoint(
            id=self.make_id(),
            code=row.ref.code,
            name=row.ref.name,
            kind=row.kind,
            area_code=row.ref.area_code,
            lat=row.lat,
            lon=row.lon,
            grade=row.grade,
            households=row.households,
            people=row.people,
            signal=row.signal,
            route=row.route,
            shelter=row.shelter,
            note=row.note,
            demonstration=self.marked,
        )

    def _meant_by(self, row: PointRow) -> DangerPoint | None:
        code = row.ref.code
        if code and code in self._by_code:
            return self._now(self._by_code[code])
        for one in self._by_place[row.ref.name, row.ref.area_code]:
            point = self._now(one)
            if point.kind == row.kind and (code is None or point.code is None):
                return point
        return None

    def _now(self, point_id: UUID) -> DangerPoint:
        return self.listed.get(point_id) or self._before[point_id]

    def _index(self, point: DangerPoint) -> None:
        if point.code and (point.retired_at is None or point.code not in self._by_code):
            self._by_code.setdefault(point.code, point.id)
        here = self._by_place[point.name, point.area_code]
        if point.id not in here:
            here.append(point.id)


def plan_households(
    rows: Sequence[HouseholdRow],
    helpers: Sequence[Person | None],
    points: PointPlan,
    stored: Sequence[Household],
    names: Mapping[UUID, str],
    make_id: Callable[[], UUID],
) -> HouseholdPlan:
    """The households of the list take the place of all that the point had before."""
    lists = _listed(rows, helpers, points, make_id)
    before: defaultdict[tuple[UUID, str], list[Household]] = defaultdict(list)
    for household in sorted(stored, key=lambda one: one.position, reverse=True):
        before[household.danger_point_id, household.head].append(household)
    new: list[Household] = []
    changed: list[Household] = []
    differences: list[Difference] = []
    for point, household in lists:
        known = before[point.id, household.head]
        earlier = known.pop() if known else None
        if earlier is None:
            new.append(household)
            facts = facts_of(household, _NEW_HOUSEHOLD_FIELDS, names=names, renamed=_NUMBERS)
            differences.append(replace(_of_household(Turn.ADDED, household, point), changes=facts))
        elif (after := replace(household, id=earlier.id)) != earlier:
            changed.append(after)
            changes = changes_between(earlier, after, HOUSEHOLD_FIELDS, names=names, renamed=_NUMBERS)
            differences.append(replace(_of_household(Turn.CHANGED, after, point), changes=changes))
    touched = {point.id: point for point, _ in lists}
    gone = [one for (point_id, _), left in before.items() if point_id in touched for one in left]
    differences += [_of_household(Turn.ENDED, one, touched[one.danger_point_id]) for one in gone]
    return HouseholdPlan(tuple(new), tuple(changed), tuple(gone), len(lists), tuple(differences))


def _listed(
    rows: Sequence[HouseholdRow],
    helpers: Sequence[Person | None],
    points: PointPlan,
    make_id: Callable[[], UUID],
) -> list[tuple[DangerPoint, Household]]:
    """Each household of the sheet at its point, counted in the order of the sheet."""
    found: list[tuple[DangerPoint, Household]] = []
    positions: Counter[UUID] = Counter()
    for row, helper in zip(rows, helpers, strict=True):
        point = points.find(row.point)
        if point is None:
            points.unknown(row.sheet, row.row, row.point.name)
            continue
        positions[point.id] += 1
        household = Household(
            id=make_id(),
            danger_point_id=point.id,
            position=positions[point.id],
            head=row.head,
            number=row.number.e164 if row.number else None,
            people=row.people,
            helper_id=helper.id if helper else None,
            note=row.note,
        )
        found.append((point, household))
    return found


def _filled(first: DangerPoint, second: DangerPoint) -> DangerPoint:
    """What `first` says, and where it says nothing, what `second` does."""
    missing = {name: getattr(second, name) for name in _PARTICULARS if getattr(first, name) is None}
    return replace(first, **missing)


def _difference(turn: Turn, point: DangerPoint) -> Difference:
    return Difference(About.POINT, turn, point.area_code, point.name, "")


def _of_household(turn: Turn, household: Household, point: DangerPoint) -> Difference:
    return Difference(About.HOUSEHOLD, turn, point.area_code, point.name, household.head)
