"""Who is who: names and numbers of a sheet brought together with the people on the roster.

A person is recognised by name and number; who has a new number, by name and unit; who has none, by
name and unit or by name and place. Two people of one name are never made one on the name alone.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from jiaoying.contacts.model import Contact, ContactKind, ContactNumber
from jiaoying.kernel.areas import covers, prefix_of
from jiaoying.kernel.phone import Number, NumberKind, is_demonstration_number

_DIAL_ORDER = (NumberKind.MOBILE, NumberKind.SATELLITE, NumberKind.LANDLINE)
_TOWNSHIP_DIGITS = 9  # of a division code
_HAN_BLANK = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_HAN_BRACKETS = str.maketrans("()", "（）")  # as the mark of made-up people is written
_MIDDLE_DOT = re.compile(r"\s*[·•‧∙⋅・･.．]\s*(?=[\u3400-\u9fff])")


@lru_cache(maxsize=65_536)
def spelled(name: str) -> str:
    """A name in its one spelling: 王 强, full-width letters, every kind of middle dot and of brackets."""
    plain = _HAN_BLANK.sub("", unicodedata.normalize("NFKC", name).strip())
    return _MIDDLE_DOT.sub("·", plain).translate(_HAN_BRACKETS)


# Two people are never equal for having the same particulars; and to compare all of them takes long.
@dataclass(slots=True, eq=False)
class Person:
    """Somebody as they will be after the import; `stored` is how they were before, None if new."""

    id: UUID
    name: str
    stored: Contact | None
    stored_numbers: tuple[Number, ...]
    unit: str | None = None
    title: str | None = None
    language: str = "zh-CN"
    other_languages: tuple[str, ...] = ()
    also_called: frozenset[str] = frozenset()  # names of records that were made one with this
    held: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])  # area and kind of posts
    deputised: set[str] = field(default_factory=set[str])  # areas where they stand in for somebody
    helped: set[str] = field(default_factory=set[str])  # areas where they fetch a household
    unit_is_said: bool = False
    given_numbers: dict[str, Number] = field(default_factory=dict[str, Number])
    in_sheet: bool = False

    @property
    def areas(self) -> set[str]:
        """Where they have to do with something."""
        return {area for area, _ in self.held} | self.deputised | self.helped

    @property
    def has_left(self) -> bool:
        """Whether they are off the roster; a sheet that gives them a duty or a number brings them back."""
        return self.stored is not None and self.stored.retired_at is not None and not self.in_sheet

    def is_called(self, name: str) -> bool:
        return name in (spelled(self.name), *self.also_called)

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Their numbers in the order in which they are tried.

        A sheet adds numbers. Only where it gives none of the old ones of a kind has that number changed.
        """
        stored = {number.e164: number for number in self.stored_numbers}
        if self.given_numbers.keys() <= stored.keys():
            return self.stored_numbers  # in the order that the keeper may have given them
        known = stored | self.given_numbers
        changed = {kind for kind in NumberKind if self._has_changed(kind)}
        kept = [
            number
            for number in known.values()
            if number.e164 in self.given_numbers or number.kind not in changed
        ]
        return tuple(sorted(kept, key=lambda number: _DIAL_ORDER.index(number.kind)))

    def _has_changed(self, kind: NumberKind) -> bool:
        given = {number.e164 for number in self.given_numbers.values() if number.kind == kind}
        return bool(given) and not any(number.e164 in given for number in self.stored_numbers)

    def is_made_up(self, marked: bool) -> bool:
        """Whether no real telephone may ring: marked, or only made-up numbers."""
        numbers = self.numbers
        if not numbers and self.stored is not None:
            return marked or self.stored.demonstration
        return marked or (bool(numbers) and all(is_demonstration_number(number.e164) for number in numbers))


class Several:
    """More than one person fits, and nothing tells them apart."""


class People:
    """Everybody on the roster and in the sheet, found by name, number, unit and place."""

    def __init__(self, make_id: Callable[[], UUID]) -> None:
        self._make_id = make_id
        self.everybody: list[Person] = []
        self._by_code: dict[tuple[str, str], Person] = {}
        self._codes: dict[UUID, str] = {}  # that the sheet gives
        self._by_name: defaultdict[str, list[Person]] = defaultdict(list)
        self._by_number: defaultdict[str, list[Person]] = defaultdict(list)

    def add_stored(
        self,
        contact: Contact,
        numbers: Iterable[ContactNumber],
        held: Iterable[tuple[str, str]],
        deputised: Iterable[str],
        helped: Iterable[str] = (),
        also_called: Iterable[str] = (),
    ) -> None:
        """Somebody who is on the roster. Desks are no people and cannot be taken for one."""
        if contact.kind == ContactKind.DESK:
            return
        ordered = sorted(numbers, key=lambda number: number.preference)
        own = tuple(Number(number.number, number.kind) for number in ordered)
        person = Person(
            contact.id,
            contact.name,
            contact,
            own,
            contact.unit,
            contact.title,
            contact.language,
            contact.other_languages,
            frozenset(map(spelled, also_called)),
        )
        person.held.update(held)
        person.deputised.update(deputised)
        person.helped.update(helped)
        self._index(person, own)

    def by_number(self, name: str, numbers: Sequence[Number]) -> Person | None:
        """The person of this name at one of these numbers."""
        for number in numbers:
            for person in self._by_number[number.e164]:
                if person.is_called(name):
                    return person
        return None

    def by_code(self, name: str, code: str | None) -> Person | None:
        """The person of this name with this code: the id of their record, or what a sheet calls them."""
        return self._by_code.get((name, code)) if code else None

    def note_code(self, person: Person, code: str | None) -> None:
        """The sheet calls somebody by this code."""
        if code:
            self._by_code.setdefault((spelled(person.name), code), person)
            self._codes.setdefault(person.id, code)

    def is_another(self, person: Person, code: str | None) -> bool:
        """Whether the sheet calls somebody by another code: then the same name is a namesake."""
        return code is not None and self._codes.get(person.id, code) != code

    def others_at(self, person: Person) -> list[Person]:
        """Other people who are reached at a number that the sheet gives `person`."""
        found = (other for e164 in person.given_numbers for other in self._by_number[e164])
        return list({other.id: other for other in found if other.id != person.id}.values())

    def with_new_number(self, name: str, unit: str | None, area: str) -> Person | None:
        """Who has changed the number: same name, same unit or place, and not in the sheet otherwise."""
        candidates = [person for person in self._alike(name, unit, area) if not person.in_sheet]
        return candidates[0] if len(candidates) == 1 else None

    def without_number(self, name: str, unit: str | None, area: str, post: str) -> Person | None:
        """Who is meant by a row that gives no number: same name and unit, or without one, same place.

        Of several: who holds this very post; else the one of whom no more is known than this.
        """
        if unit is not None:
            candidates = [person for person in self._by_name[name] if person.unit == unit]
            plainest = [person for person in candidates if not person.numbers]
        else:
            candidates = [
                person for person in self._by_name[name] if any(own == area for own, _ in person.held)
            ]
            plainest = [person for person in candidates if person.unit is None]
        if len(candidates) > 1:
            candidates = [person for person in candidates if (area, post) in person.held] or plainest
        return min(candidates, key=_by_particulars, default=None)

    def named_near(self, name: str, area: str) -> Person | Several | None:
        """Who a sheet means by a bare name: of several, the one who holds a post here or nearest above."""
        candidates = [person for person in self._by_name[name] if not person.has_left]
        if len(candidates) > 1:
            depths = {person.id: _depth(person, area) for person in candidates}
            nearest = max(depths.values())
            candidates = [person for person in candidates if nearest and depths[person.id] == nearest]
            if len(candidates) != 1:
                return Several()
        return candidates[0] if candidates else None

    def helper_in(self, name: str, area: str) -> Person | Several | None:
        """Who of this name helps in the township of `area`: who does so already, else who holds a post there,
        else who deputises.
        """
        township = area[:_TOWNSHIP_DIGITS]
        named = self._by_name[name]
        for places in (
            [one.helped for one in named],
            [{own for own, _ in one.held} for one in named],
            [one.deputised for one in named],
        ):
            found = [
                one
                for one, own in zip(named, places, strict=True)
                if any(place.startswith(township) for place in own)
            ]
            if found:
                return found[0] if len(found) == 1 else Several()
        return None

    def met(self) -> list[Person]:
        """Everybody of whom the sheet speaks."""
        return [person for person in self.everybody if person.in_sheet]

    def add_new(self, name: str) -> Person:
        """Somebody nobody has heard of."""
        person = Person(self._make_id(), name, None, ())
        self._index(person, ())
        return person

    def meet(self, person: Person, numbers: Sequence[Number], unit: str | None) -> None:
        """The sheet speaks of `person`, with these numbers; the first unit it gives is theirs."""
        person.in_sheet = True
        if unit is not None and not person.unit_is_said:
            person.unit, person.unit_is_said = unit, True
        for number in numbers:
            if number.e164 not in person.given_numbers:
                person.given_numbers[number.e164] = number
                if all(number.e164 != known.e164 for known in person.stored_numbers):
                    self._by_number[number.e164].append(person)

    def _alike(self, name: str, unit: str | None, area: str) -> list[Person]:
        named = self._by_name[name]
        same_unit = [person for person in named if unit is not None and person.unit == unit]
        return same_unit or [
            person for person in named if area in person.areas and (unit is None or person.unit is None)
        ]

    def _index(self, person: Person, numbers: Iterable[Number]) -> None:
        self.everybody.append(person)
        self._by_code[spelled(person.name), str(person.id)] = person
        for name in {spelled(person.name), *person.also_called}:
            self._by_name[name].append(person)
        for number in numbers:
            self._by_number[number.e164].append(person)


def townships_of(person: Person) -> set[str]:
    """The first digits of the townships where somebody has to do with something."""
    return {area[:_TOWNSHIP_DIGITS] for area in person.areas}


def _by_particulars(person: Person) -> tuple[str, list[str], str]:
    """An order that does not hang on who was written first."""
    return person.unit or "", [number.e164 for number in person.numbers], str(person.id)


def _depth(person: Person, area: str) -> int:
    """How near above `area` somebody holds a post: 12 digits is at it, 0 is nowhere above."""
    return max((len(prefix_of(own)) for own, _ in person.held if covers(own, area)), default=0)
