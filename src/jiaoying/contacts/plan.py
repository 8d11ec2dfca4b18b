"""What an import would change: a pure comparison of a sheet with the roster."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from jiaoying.contacts.model import (
    Contact,
    ContactKind,
    ContactNumber,
    Post,
    PostLevel,
    RosterRow,
    tier_of,
)
from jiaoying.contacts.people import People, Person, Several
from jiaoying.kernel.areas import covers
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.kernel.phone import Number, masked
from jiaoying.kernel.sheets import SheetComplaint

# All numbers that a sheet gives a person, by name and any one of them.
Knowledge = Mapping[tuple[str, str], tuple[Number, ...]]
PostKey = tuple[str, str, PostLevel, UUID | None]
_HAZARD_ORDER = list(Hazard)
_POST_FIELDS = ("tier", "hazards", "deputy_id", "superior_id", "valid_from", "valid_to", "note")
_CONTACT_FIELDS = ("unit", "title", "language", "demonstration", "retired_at")


@dataclass(frozen=True, slots=True)
class StoredRoster:
    """The roster as it lies in the database."""

    contacts: Sequence[Contact] = ()
    numbers: Mapping[UUID, Sequence[ContactNumber]] = field(
        default_factory=dict[UUID, Sequence[ContactNumber]]
    )
    posts: Sequence[Post] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """How the sheet is taken.

    Posts inside `replaces` that it does not name end, except those of people whose rows could not
    be used (`spared`). `marked`: everybody in it is made up.
    """

    today: date
    replaces: str | None = None
    spared: frozenset[str] = frozenset()
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One post that is added, changed or ended; `fields` are the words for what changes."""

    kind: str
    area_code: str
    post: str
    name: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that has to be written; what stays as it is, is only counted."""

    new_contacts: tuple[Contact, ...]
    changed_contacts: tuple[Contact, ...]
    numbers: Mapping[UUID, tuple[Number, ...]]  # of whose numbers differ, all in dialling order
    new_posts: tuple[Post, ...]
    changed_posts: tuple[Post, ...]
    ended_posts: tuple[Post, ...]
    differences: tuple[Difference, ...]
    unchanged: int
    complaints: tuple[SheetComplaint, ...]


def plan_import(
    rows: Sequence[RosterRow], stored: StoredRoster, scope: Scope, make_id: Callable[[], UUID]
) -> Plan:
    """Compare the rows of a sheet with the roster. Posts are told apart by area, kind, level and holder."""
    planner = _Planner(rows, stored, scope, make_id)
    planner.meet_people()
    planner.place_posts()
    planner.end_posts()
    return planner.plan()


@dataclass(slots=True)
class _Planner:
    rows: Sequence[RosterRow]
    stored: StoredRoster
    scope: Scope
    make_id: Callable[[], UUID]
    people: People = field(init=False)
    holders: list[Person] = field(default_factory=list[Person])
    deputies: list[Person | None] = field(default_factory=list["Person | None"])
    posts: dict[PostKey, Post] = field(default_factory=dict[PostKey, Post])
    ended: list[Post] = field(default_factory=list[Post])
    complaints: list[SheetComplaint] = field(default_factory=list[SheetComplaint])

    def __post_init__(self) -> None:
        held: defaultdict[UUID, set[tuple[str, str]]] = defaultdict(set)
        deputised: defaultdict[UUID, set[str]] = defaultdict(set)
        for post in self.stored.posts:
            if post.holder_id is not None:
                held[post.holder_id].add((post.area_code, post.kind))
            if post.deputy_id is not None:
                deputised[post.deputy_id].add(post.area_code)
        self.people = People(self.make_id)
        for contact in self.stored.contacts:
            own = self.stored.numbers.get(contact.id, ())
            self.people.add_stored(contact, own, held[contact.id], deputised[contact.id])

    # --- people -----------------------------------------------------------------------------------

    def meet_people(self) -> None:
        """Holders by number, by new number, by unit, by place; then deputies by number and by name.

        The order makes a sheet read the same the second time, when all its people are known.
        """
        numbers = _shared_knowledge(self.rows)
        found: dict[int, Person] = {}
        for step in (
            self._holder_by_number,
            self._holder_with_number,
            self._holder_by_unit,
            self._holder_by_place,
        ):
            for place, row in enumerate(self.rows):
                person = None if place in found else step(row, numbers)
                if person is not None:
                    person.held.add((row.area_code, row.post))
                    found[place] = person
        self.holders = [found[place] for place in range(len(self.rows))]
        known = [self._deputy_by_number(row, numbers) for row in self.rows]
        self.deputies = [
            self._named(row, row.deputy, "deputy") if row.deputy and not row.deputy_numbers else person
            for row, person in zip(self.rows, known, strict=True)
        ]
        self._describe_holders()
        self._complain_of_shared_numbers()

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
        person = person or self.people.add_new(row.name)
        self.people.meet(person, (), row.unit)
        return person

    def _deputy_by_number(self, row: RosterRow, numbers: Knowledge) -> Person | None:
        if row.deputy is None or not row.deputy_numbers:
            return None
        own = _numbers_of(row.deputy, row.deputy_numbers, numbers)
        person = (
            self.people.by_number(row.deputy, own)
            or self.people.with_new_number(row.deputy, None, row.area_code)
            or self.people.add_new(row.deputy)
        )
        self.people.meet(person, own, None)
        person.deputised.add(row.area_code)
        return person

    def _named(self, row: RosterRow, name: str, column: str) -> Person | None:
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

    def _describe_holders(self) -> None:
        """What the first row says of each holder counts, those with a number before those without."""
        described: set[tuple[UUID, str]] = set()
        pairs = sorted(zip(self.rows, self.holders, strict=True), key=lambda pair: not pair[0].numbers)
        for row, person in pairs:
            for name, value in (("title", row.title), ("language", row.language)):
                if value is not None and (person.id, name) not in described:
                    described.add((person.id, name))
                    setattr(person, name, value)

    def _complain_of_shared_numbers(self) -> None:
        told: set[UUID] = set()
        for row, person in zip(self.rows, self.holders, strict=True):
            others = [] if person.id in told else self.people.others_at(person)
            told.add(person.id)
            if others:
                names = ", ".join(sorted(other.name for other in others)[:3])
                number = masked(person.numbers[0].e164)
                text = say(
                    "{number} of {name} is also the number of {names}",
                    number=number,
                    name=person.name,
                    names=names,
                )
                self._complain(row, "mobile", "number_shared", text)

    # --- posts ------------------------------------------------------------------------------------

    def place_posts(self) -> None:
        for row, holder, deputy in zip(self.rows, self.holders, self.deputies, strict=True):
            if deputy is holder:
                text = say("{name} cannot be their own deputy", name=row.name)
                self._complain(row, "deputy", "deputy_is_holder", text)
                deputy = None
            superior = self._named(row, row.superior, "superior") if row.superior else None
            self._place(row, self._post(row, holder, deputy, superior))

    def _post(self, row: RosterRow, holder: Person, deputy: Person | None, superior: Person | None) -> Post:
        return Post(
            id=self.make_id(),
            area_code=row.area_code,
            kind=row.post,
            level=row.level,
            tier=tier_of(row.level, row.post, row.title),
            hazards=tuple(sorted(row.hazards, key=_HAZARD_ORDER.index)),
            holder_id=holder.id,
            deputy_id=deputy.id if deputy else None,
            superior_id=superior.id if superior and superior is not holder else None,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            note=row.note,
            demonstration=holder.is_made_up(self.scope.marked),
        )

    def _place(self, row: RosterRow, post: Post) -> None:
        before = self.posts.get(_key(post))
        if before is None:
            self.posts[_key(post)] = post
            return
        if replace(post, id=before.id) == before:
            text = say("{name} is already listed for this post", name=row.name)
            self._complain(row, "name", "row_repeated", text)
        self.posts[_key(post)] = _merged(before, post)

    def end_posts(self) -> None:
        """End, as of yesterday, the posts of the replaced area that the sheet does not name."""
        if self.scope.replaces is None:
            return
        yesterday = self.scope.today - timedelta(days=1)
        spared = {contact.id for contact in self.stored.contacts if contact.name in self.scope.spared}
        self.ended = [
            replace(post, valid_to=yesterday)
            for post in self.stored.posts
            if covers(self.scope.replaces, post.area_code)
            and _key(post) not in self.posts
            and post.holder_id not in spared
            and (post.valid_to is None or post.valid_to > yesterday)
        ]

    # --- the outcome ------------------------------------------------------------------------------

    def plan(self) -> Plan:
        stored_posts = {_key(post): post for post in self.stored.posts}
        changes = {person.id: _changes_of(person, self.scope.marked) for person in self._met()}
        names = {person.id: person.name for person in self.people.everybody}
        new: list[Post] = []
        changed: list[Post] = []
        differences: list[Difference] = []
        for key, post in self.posts.items():
            before = stored_posts.get(key)
            if before is None:
                new.append(post)
                differences.append(_difference("added", post, names))
                continue
            after = replace(post, id=before.id)
            fields = _differing(before, after, _POST_FIELDS)
            if after != before:
                changed.append(after)
            if after != before or (post.holder_id and changes.get(post.holder_id)):
                about_holder = changes.get(post.holder_id, ()) if post.holder_id else ()
                differences.append(_difference("changed", after, names, (*fields, *about_holder)))
        differences += [_difference("ended", post, names) for post in self.ended]
        met = self._met()
        contacts = {person.id: _contact(person, self.scope.marked) for person in met}
        return Plan(
            new_contacts=tuple(contacts[person.id] for person in met if person.stored is None),
            changed_contacts=tuple(
                contacts[person.id] for person in met if person.stored not in (None, contacts[person.id])
            ),
            numbers={person.id: person.numbers for person in met if person.numbers != person.stored_numbers},
            new_posts=tuple(new),
            changed_posts=tuple(changed),
            ended_posts=tuple(self.ended),
            differences=tuple(differences),
            unchanged=len(self.posts) - sum(each.kind != "ended" for each in differences),
            complaints=tuple(self.complaints),
        )

    def _met(self) -> list[Person]:
        return [person for person in self.people.everybody if person.in_sheet]

    def _complain(self, row: RosterRow, column: str, code: str, text: str) -> None:
        self.complaints.append(SheetComplaint(row.sheet, row.row, column, code, text))


def _shared_knowledge(rows: Sequence[RosterRow]) -> Knowledge:
    """For each name with a number: all the numbers that the sheet gives this person.

    One list has the mobile, the next the landline, a third has both: that is one person.
    """
    groups: dict[tuple[str, str], dict[str, Number]] = {}
    for name, numbers in _mentions(rows):
        merged: dict[str, Number] = {}
        for number in numbers:
            merged |= groups.get((name, number.e164), {})
        merged |= {number.e164: number for number in numbers}
        for e164 in merged:
            groups[name, e164] = merged
    return {key: tuple(group.values()) for key, group in groups.items()}


def _numbers_of(name: str, numbers: Sequence[Number], known: Knowledge) -> tuple[Number, ...]:
    return known[name, numbers[0].e164] if numbers else ()


def _mentions(rows: Sequence[RosterRow]) -> Iterator[tuple[str, tuple[Number, ...]]]:
    for row in rows:
        if row.numbers:
            yield row.name, row.numbers
    for row in rows:
        if row.deputy and row.deputy_numbers:
            yield row.deputy, row.deputy_numbers


def _key(post: Post) -> PostKey:
    return post.area_code, post.kind, post.level, post.holder_id


def _merged(first: Post, second: Post) -> Post:
    """One post out of two rows: for the hazards of both, whatever either of them says."""
    hazards = {*first.hazards, *second.hazards} if first.hazards and second.hazards else set[Hazard]()
    return replace(
        first,
        hazards=tuple(sorted(hazards, key=_HAZARD_ORDER.index)),
        deputy_id=first.deputy_id or second.deputy_id,
        superior_id=first.superior_id or second.superior_id,
        valid_from=first.valid_from or second.valid_from,
        valid_to=first.valid_to or second.valid_to,
        note=first.note or second.note,
    )


def _contact(person: Person, marked: bool) -> Contact:
    return Contact(
        id=person.id,
        name=person.name,
        kind=ContactKind.PERSON,
        unit=person.unit,
        title=person.title,
        language=person.language,
        note=person.stored.note if person.stored else None,
        demonstration=person.is_made_up(marked),
    )


def _changes_of(person: Person, marked: bool) -> tuple[str, ...]:
    """The words for what becomes different about somebody who was on the roster before."""
    if person.stored is None:
        return ()
    fields = _differing(person.stored, _contact(person, marked), _CONTACT_FIELDS)
    return (*fields, "numbers") if person.numbers != person.stored_numbers else fields


def _differing(before: object, after: object, fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.removesuffix("_id") for name in fields if getattr(before, name) != getattr(after, name))


def _difference(kind: str, post: Post, names: Mapping[UUID, str], fields: tuple[str, ...] = ()) -> Difference:
    holder = names.get(post.holder_id, "") if post.holder_id else ""
    return Difference(kind, post.area_code, post.kind, holder, fields)
