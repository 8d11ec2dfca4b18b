"""The people of a sheet, met in an order that makes it read the same the second time."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from jiaoying.contacts.importing.people import People, Person, Several, spelled, townships_of
from jiaoying.contacts.model import HouseholdRow, RosterRow
from jiaoying.kernel.language import say
from jiaoying.kernel.phone import Number, NumberKind, masked
from jiaoying.kernel.sheets import SheetComplaint

# All numbers that a sheet gives a person, by name and any one of them.
Knowledge = Mapping[tuple[str, str], tuple[Number, ...]]
Line = RosterRow | HouseholdRow
_Key = TypeVar("_Key")

MOST_DOUBTS = 3  # of one person and kind: a number of a whole office tells nothing


@dataclass(slots=True)
class Recognition:
    """Who is meant by each row: `holders`, `deputies` and `helpers` stand beside the rows."""

    people: People
    rows: Sequence[RosterRow]
    households: Sequence[HouseholdRow]
    holders: list[Person | None] = field(default_factory=list["Person | None"])
    deputies: list[Person | None] = field(default_factory=list["Person | None"])
    helpers: list[Person | None] = field(default_factory=list["Person | None"])
    complaints: list[SheetComplaint] = field(default_factory=list[SheetComplaint])

    def meet_everybody(self) -> None:
        """Holders by number, by new number, by unit, by place; then deputies and helpers by number, then
        helpers by name, who may be new, and deputies by name, who may not.
        """
        numbers = _shared_knowledge(self.rows, self.households)
        self._meet_holders(numbers)
        deputies = [self._deputy_by_number(row, numbers) for row in self.rows]
        helpers = [self._helper_by_number(row, numbers) for row in self.households]
        for row in self.rows:
            self._superior_by_number(row, numbers)
        self.helpers = [
            person or self._helper_by_name(row) for row, person in zip(self.households, helpers, strict=True)
        ]
        self.deputies = [
            self.named(row, row.deputy, "deputy") if row.deputy and not row.deputy_numbers else person
            for row, person in zip(self.rows, deputies, strict=True)
        ]
        self._describe_holders()
        self._complain_of_shared_numbers()

    def superior(self, row: RosterRow) -> Person | None:
        """Who stands above the holder of a row: by number, else by the bare name."""
        if row.superior is None:
            return None
        known = self.people.by_number(row.superior, row.superior_numbers)
        return known or self.named(row, row.superior, "superior")

    def named(self, row: RosterRow, name: str, column: str) -> Person | None:
        """Who is meant by a bare name; where nobody can say, a complaint in `column`."""
        person = self.people.named_near(name, row.area_code)
        if isinstance(person, Person):
            return person
        if isinstance(person, Several):
            text = say("More than one person is called {name}; write the number too", name=name)
            self._complain(row, column, f"{column}_doubtful", text)
        else:
            text = say("{name} is neither in the sheet nor on the roster", name=name)
            self._complain(row, column, f"{column}_unknown", text)
        return None

    def doubts(self) -> list[tuple[str, Person, Person]]:
        """Pairs that may be one person: a kind of `doubts.DoubtKind`, and the two."""
        found: dict[frozenset[UUID], tuple[str, Person, Person]] = {}
        # In an order that is the same the next time, when the first of them were asked about.
        everybody = sorted(self.people.everybody, key=lambda one: one.id)
        namesakes, sharers = _alike(everybody, _names_in_townships), _alike(everybody, _mobiles)
        for person in self.people.met():
            own_mobiles = _mobiles(person) & person.given_numbers.keys()
            for kind, groups in (
                ("same_name", [namesakes[key] for key in _names_in_townships(person)]),
                ("same_number", [sharers[key] for key in own_mobiles]),
            ):
                others = {one.id: one for group in groups for one in group if one is not person}
                for _, other in sorted(others.items())[:MOST_DOUBTS]:
                    found.setdefault(frozenset((person.id, other.id)), (kind, person, other))
        return list(found.values())

    # --- holders ------------------------------------------------------------------------------------

    def _meet_holders(self, numbers: Knowledge) -> None:
        found: dict[int, Person] = {}
        for step in (
            self._holder_by_number,
            self._holder_with_number,
            self._holder_by_unit,
            self._holder_by_place,
        ):
            for place, row in enumerate(self.rows):
                if place in found or not row.name:
                    continue
                person = self._holder_by_code(row, numbers) or step(row, numbers)
                if person is not None:
                    self.people.note_code(person, row.code)
                    person.held.add((row.area_code, row.post))
                    found[place] = person
        self.holders = [found.get(place) for place in range(len(self.rows))]

    def _holder_by_code(self, row: RosterRow, numbers: Knowledge) -> Person | None:
        person = self.people.by_code(row.name, row.code)
        if person is not None:
            self.people.meet(person, _numbers_of(row.name, row.numbers, numbers), row.unit)
        return person

    def _holder_by_number(self, row: RosterRow, numbers: Knowledge) -> Person | None:
        own = _numbers_of(row.name, row.numbers, numbers)
        person = self.people.by_number(row.name, own)
        if person is not None:
            self.people.meet(person, own, row.unit)
        return person

    def _holder_with_number(self, row: RosterRow, numbers: Knowledge) -> Person | None:
        if not row.numbers:
            return None
        own = _numbers_of(row.name, row.numbers, numbers)
        person = (
            self.people.by_number(row.name, own)
            or self.people.with_new_number(row.name, row.unit, row.area_code)
            or self.people.add_new(row.name)
        )
        self.people.meet(person, own, row.unit)
        return person

    def _holder_by_unit(self, row: RosterRow, numbers: Knowledge) -> Person | None:
        return self._holder_by_place(row, numbers) if row.unit is not None else None

    def _holder_by_place(self, row: RosterRow, _numbers: Knowledge) -> Person:
        person = self.people.without_number(row.name, row.unit, row.area_code, row.post)
        if person is not None and self.people.is_another(person, row.code):
            person = None
        person = person or self.people.add_new(row.name)
        self.people.meet(person, (), row.unit)
        return person

    def _describe_holders(self) -> None:
        """What the first row says of each holder counts, those with a number before those without."""
        described: set[tuple[UUID, str]] = set()
        pairs = sorted(zip(self.rows, self.holders, strict=True), key=lambda pair: not pair[0].numbers)
        for row, person in pairs:
            if person is None:
                continue
            particulars = (
                ("title", row.title),
                ("language", row.language),
                ("other_languages", row.other_languages or None),
            )
            for name, value in particulars:
                if value is not None and (person.id, name) not in described:
                    described.add((person.id, name))
                    setattr(person, name, value)

    # --- deputies and helpers -----------------------------------------------------------------------

    def _deputy_by_number(self, row: RosterRow, numbers: Knowledge) -> Person | None:
        if row.deputy is None or not row.deputy_numbers:
            return None
        person = self._second(row.deputy, _numbers_of(row.deputy, row.deputy_numbers, numbers), row.area_code)
        person.deputised.add(row.area_code)
        return person

    def _superior_by_number(self, row: RosterRow, numbers: Knowledge) -> None:
        if row.superior is not None and row.superior_numbers:
            self._second(
                row.superior, _numbers_of(row.superior, row.superior_numbers, numbers), row.area_code
            )

    def _helper_by_number(self, row: HouseholdRow, numbers: Knowledge) -> Person | None:
        if row.helper is None or not row.helper_numbers:
            return None
        own = _numbers_of(row.helper, row.helper_numbers, numbers)
        person = self._second(row.helper, own, row.point.area_code)
        person.helped.add(row.point.area_code)
        return person

    def _helper_by_name(self, row: HouseholdRow) -> Person | None:
        """A helper is somebody of the place, so that a bare name means no namesake from elsewhere."""
        if row.helper is None:
            return None
        person = self.people.helper_in(row.helper, row.point.area_code)
        if isinstance(person, Several):
            text = say("More than one person is called {name}; write the number too", name=row.helper)
            self._complain(row, "helper", "helper_doubtful", text)
            return None
        if person is None:
            person = self.people.add_new(row.helper)
        self.people.meet(person, (), None)
        person.helped.add(row.point.area_code)
        return person

    def _second(self, name: str, own: tuple[Number, ...], area: str) -> Person:
        person = (
            self.people.by_number(name, own)
            or self.people.with_new_number(name, None, area)
            or self.people.add_new(name)
        )
        self.people.meet(person, own, None)
        return person

    def _complain_of_shared_numbers(self) -> None:
        told: set[UUID] = set()
        for row, person in zip(self.rows, self.holders, strict=True):
            if person is None or person.id in told:
                continue
            told.add(person.id)
            others = self.people.others_at(person)
            if others:
                text = say(
                    "{number} of {name} is also the number of {names}",
                    number=masked(person.numbers[0].e164),
                    name=person.name,
                    names=", ".join(sorted(other.name for other in others)[:3]),
                )
                self._complain(row, "mobile", "number_shared", text)

    def _complain(self, row: Line, column: str, code: str, text: str) -> None:
        self.complaints.append(SheetComplaint(row.sheet, row.row, column, code, text))


def _shared_knowledge(rows: Sequence[RosterRow], households: Sequence[HouseholdRow]) -> Knowledge:
    """For each name with a number: all the numbers that the sheet gives this person.

    One list has the mobile, the next the landline, a third has both: that is one person.
    """
    groups: dict[tuple[str, str], dict[str, Number]] = {}
    for name, numbers in _mentions(rows, households):
        merged: dict[str, Number] = {}
        for number in numbers:
            merged |= groups.get((name, number.e164), {})
        merged |= {number.e164: number for number in numbers}
        for e164 in merged:
            groups[name, e164] = merged
    return {key: tuple(group.values()) for key, group in groups.items()}


def _numbers_of(name: str, numbers: Sequence[Number], known: Knowledge) -> tuple[Number, ...]:
    return known[name, numbers[0].e164] if numbers else ()


def _mentions(
    rows: Sequence[RosterRow], households: Sequence[HouseholdRow]
) -> Iterator[tuple[str, tuple[Number, ...]]]:
    for row in rows:
        if row.name and row.numbers:
            yield row.name, row.numbers
    for row in rows:
        if row.deputy and row.deputy_numbers:
            yield row.deputy, row.deputy_numbers
    for row in rows:
        if row.superior and row.superior_numbers:
            yield row.superior, row.superior_numbers
    for household in households:
        if household.helper and household.helper_numbers:
            yield household.helper, household.helper_numbers


def _alike(everybody: Iterable[Person], keys_of: Callable[[Person], set[_Key]]) -> dict[_Key, list[Person]]:
    """The first people for each key: as many as anybody is asked about, and one, who may be themself."""
    groups: defaultdict[_Key, list[Person]] = defaultdict(list)
    for person in everybody:
        for key in keys_of(person):
            if len(groups[key]) <= MOST_DOUBTS:
                groups[key].append(person)
    return groups


def _names_in_townships(person: Person) -> set[tuple[str, str]]:
    return {(spelled(person.name), township) for township in townships_of(person)}


def _mobiles(person: Person) -> set[str]:
    """A landline is the office's; a mobile or a satellite telephone is somebody's."""
    return {number.e164 for number in person.numbers if number.kind != NumberKind.LANDLINE}
