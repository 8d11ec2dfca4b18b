"""What an import would change: a pure comparison of a sheet with the roster."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from jiaoying.contacts.importing.differences import About, Change, Difference, Turn
from jiaoying.contacts.importing.fields import changes_between, facts_of
from jiaoying.contacts.importing.people import People, Person, spelled
from jiaoying.contacts.importing.planned import NewDoubt, Plan, Scope, StoredRoster
from jiaoying.contacts.importing.point_plan import PointPlan, plan_households
from jiaoying.contacts.importing.recognition import Recognition
from jiaoying.contacts.model import (
    Contact,
    ContactKind,
    DangerPoint,
    Post,
    PostLevel,
    RosterRow,
    tier_of,
)
from jiaoying.contacts.reading.sheets import RosterSheet
from jiaoying.kernel.areas import covers
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.kernel.phone import Number
from jiaoying.kernel.sheets import SheetComplaint

# Area, kind, level, danger point: where somebody stands. With a holder it is one post.
Slot = tuple[str, str, PostLevel, UUID | None]
PostKey = tuple[Slot, UUID | None]
_HAZARD_ORDER = list(Hazard)
_POST_FIELDS = (
    "holder_id", "danger_point_id", "tier", "hazards", "deputy_id", "superior_id", "valid_from", "valid_to",
    "note",
)  # fmt: skip
_NEW_POST_FIELDS = ("danger_point_id", "hazards", "deputy_id", "superior_id", "valid_from", "valid_to")
_CONTACT_FIELDS = (
    "unit", "title", "language", "other_languages", "demonstration", "retired_at",
)  # fmt: skip


def plan_import(sheet: RosterSheet, stored: StoredRoster, scope: Scope, make_id: Callable[[], UUID]) -> Plan:
    """Compare a sheet with the roster.

    Posts are told apart by area, kind, level, danger point and holder. One that nobody held is filled by
    the first row that names a holder for it.
    """
    planner = _Planner(_in_one_spelling(sheet), stored, scope, make_id)
    planner.points.place(sheet.points)
    planner.recognition.meet_everybody()
    planner.place_posts()
    planner.compare_posts()
    return planner.plan()


@dataclass(slots=True)
class _Planner:
    sheet: RosterSheet
    stored: StoredRoster
    scope: Scope
    make_id: Callable[[], UUID]
    people: People = field(init=False)
    points: PointPlan = field(init=False)
    recognition: Recognition = field(init=False)
    posts: dict[PostKey, Post] = field(default_factory=dict[PostKey, Post])
    rows: dict[PostKey, RosterRow] = field(default_factory=dict[PostKey, RosterRow])
    before: dict[PostKey, Post] = field(default_factory=dict[PostKey, Post])  # what each was on the roster
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
            self.people.add_stored(
                contact,
                self.stored.numbers.get(contact.id, ()),
                held[contact.id],
                deputised[contact.id],
                self.stored.helped.get(contact.id, ()),
                self.stored.also_called.get(contact.id, ()),
            )
        self.points = PointPlan(self.stored.points, self.scope.marked, self.make_id)
        self.recognition = Recognition(self.people, self.sheet.rows, self.sheet.households)

    # --- the posts of the sheet ---------------------------------------------------------------------

    def place_posts(self) -> None:
        lines = zip(self.sheet.rows, self.recognition.holders, self.recognition.deputies, strict=True)
        for row, holder, deputy in lines:
            if deputy is not None and deputy is holder:
                text = say("{name} cannot be their own deputy", name=row.name)
                self._complain(row, "deputy", "deputy_is_holder", text)
                deputy = None
            superior = self.recognition.superior(row)
            self._place(row, self._post(row, holder, deputy, superior))

    def _post(
        self, row: RosterRow, holder: Person | None, deputy: Person | None, superior: Person | None
    ) -> Post:
        point = self.points.find(row.point) if row.point else None
        if row.point is not None and point is None:
            self.points.unknown(row.sheet, row.row, row.point.name)
        return Post(
            id=self.make_id(),
            area_code=row.area_code,
            kind=row.post,
            level=row.level,
            tier=tier_of(row.level, row.post, holder.title if holder else row.title),
            hazards=tuple(sorted(row.hazards, key=_HAZARD_ORDER.index)),
            holder_id=holder.id if holder else None,
            deputy_id=deputy.id if deputy else None,
            superior_id=superior.id if superior and superior is not holder else None,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            note=row.note,
            demonstration=holder.is_made_up(self.scope.marked) if holder else self.scope.marked,
            danger_point_id=point.id if point else None,
        )

    def _place(self, row: RosterRow, post: Post) -> None:
        key = _key(post)
        earlier = self.posts.get(key)
        if earlier is None:
            self.posts[key], self.rows[key] = post, row
            return
        if row.name and replace(post, id=earlier.id) == earlier:
            text = say("{name} is already listed for this post", name=row.name)
            self._complain(row, "name", "row_repeated", text)
        self.posts[key] = _merged(earlier, post)

    # --- beside the posts of the roster -------------------------------------------------------------

    def compare_posts(self) -> None:
        """Find what each post was before, then what ends, then which vacancies are none."""
        stored = {_key(post): post for post in sorted(self.stored.posts, key=self._is_in_force)}
        self.before = {key: stored[key] for key in self.posts if key in stored}
        taken = {post.id for post in self.before.values()}
        for key, post in self.posts.items():
            earlier = None if key in self.before else self._forerunner(post, stored, taken)
            if earlier is not None:
                self.before[key] = earlier
                taken.add(earlier.id)
        self._end_posts(taken)
        self._drop_vacancies(taken)

    def _forerunner(self, post: Post, stored: Mapping[PostKey, Post], taken: set[UUID]) -> Post | None:
        """The person's post from before its danger point was known, or one that waited for a holder."""
        if post.holder_id is None:
            return None
        slot = _slot(post)
        for key in ((((*slot[:3], None), post.holder_id)), (slot, None)):
            found = stored.get(key)
            if found and key not in self.posts and found.id not in taken and self._is_in_force(found):
                return found
        return None

    def _end_posts(self, taken: set[UUID]) -> None:
        """End, as of yesterday, the posts of the replaced area that the sheet does not name."""
        spared = {one.id for one in self.stored.contacts if spelled(one.name) in self.scope.spared}
        self.ended = [
            replace(post, valid_to=self.scope.yesterday)
            for post in self._in_scope()
            if post.id not in taken and (post.holder_id is None or post.holder_id not in spared)
        ]

    def _in_scope(self) -> list[Post]:
        replaces = self.scope.replaces
        if replaces is None:
            return []
        return [
            post for post in self.stored.posts if covers(replaces, post.area_code) and self._is_in_force(post)
        ]

    def _drop_vacancies(self, taken: set[UUID]) -> None:
        """A list may say vacant of a post that somebody holds by another list: then the roster is right."""
        gone = taken | {post.id for post in self.ended}
        held = {
            _slot(post): post.holder_id
            for post in self.stored.posts
            if post.holder_id and self._is_in_force(post) and post.id not in gone
        }
        names = self._names()
        for key in [key for key in self.posts if key[1] is None and key not in self.before]:
            holder_id = held.get(key[0])
            if holder_id is not None:
                text = say(
                    "The list says vacant, but {name} holds this post; end it if they have left",
                    name=names.get(holder_id, "?"),
                )
                self._complain(self.rows[key], "name", "vacant_but_held", text)
                del self.posts[key]

    def _is_in_force(self, post: Post) -> bool:
        return post.valid_to is None or post.valid_to >= self.scope.today

    # --- the outcome --------------------------------------------------------------------------------

    def plan(self) -> Plan:
        met = self.people.met()
        contacts = {person.id: _contact(person, self.scope.marked) for person in met}
        names = self._names()
        households = plan_households(
            self.sheet.households,
            self.recognition.helpers,
            self.points,
            self.stored.households,
            names,
            self.make_id,
        )
        ended_points = self._ended_points()
        changes = {person.id: _changes_of(person, contacts[person.id]) for person in met if person.stored}
        changed_people = {person_id for person_id, fields in changes.items() if fields}
        after = {
            key: replace(post, id=self.before[key].id)
            for key, post in self.posts.items()
            if key in self.before
        }
        changed = [post for key, post in after.items() if post != self.before[key]]
        touched = sum(
            post != self.before[key] or post.holder_id in changed_people for key, post in after.items()
        )
        new = [post for key, post in self.posts.items() if key not in self.before]
        return Plan(
            new_contacts=tuple(contacts[person.id] for person in met if person.stored is None),
            changed_contacts=tuple(
                contacts[person.id] for person in met if person.stored not in (None, contacts[person.id])
            ),
            numbers={person.id: person.numbers for person in met if person.numbers != person.stored_numbers},
            new_posts=tuple(new),
            changed_posts=tuple(changed),
            ended_posts=tuple(self.ended),
            new_points=tuple(self.points.new()),
            changed_points=tuple(self.points.changed()),
            ended_points=tuple(ended_points),
            households=households,
            doubts=tuple(self._doubts()),
            differences=(
                *self._post_differences(names),
                *self._person_differences(changes),
                *self.points.differences(ended_points),
                *households.differences,
            ),
            touched=touched,
            unchanged=len(after) - touched,
            in_scope=len(self._in_scope()),
            complaints=(*self.recognition.complaints, *self.points.complaints, *self.complaints),
        )

    def _ended_points(self) -> list[DangerPoint]:
        if self.scope.replaces is None:
            return []
        gone = {post.id for post in self.ended} | {post.id for post in self.before.values()}
        staying = [post for post in self.stored.posts if self._is_in_force(post) and post.id not in gone]
        staffed = {post.danger_point_id for post in (*staying, *self.posts.values()) if post.danger_point_id}
        return self.points.ended(self.scope.replaces, staffed)

    def _post_differences(self, names: Mapping[UUID, str]) -> Iterator[Difference]:
        new_people = {person.id: person for person in self.people.everybody if person.stored is None}
        points = {point.id: point.name for point in (*self.stored.points, *self.points.listed.values())}
        told = {**names, **points}
        for key, post in self.posts.items():
            earlier = self.before.get(key)
            if earlier is None:
                holder = new_people.get(post.holder_id) if post.holder_id else None
                facts = (*_facts_of(holder), *facts_of(post, _NEW_POST_FIELDS, names=told))
                added = _difference(Turn.ADDED, post, names)
                yield replace(added, changes=facts, is_new=holder is not None)
                continue
            changes = changes_between(earlier, post, _POST_FIELDS, names=told)
            if changes:
                yield replace(_difference(Turn.CHANGED, post, names), changes=changes)
        for post in self.ended:
            yield _difference(Turn.ENDED, post, names)

    def _person_differences(self, changes: Mapping[UUID, tuple[Change, ...]]) -> Iterator[Difference]:
        for person in self.people.met():
            fields = changes.get(person.id)
            if fields:
                place = min(person.areas, default="")
                yield Difference(About.PERSON, Turn.CHANGED, place, "", person.name, fields)

    def _doubts(self) -> Iterator[NewDoubt]:
        for kind, person, other in self.recognition.doubts():
            if frozenset((person.id, other.id)) not in self.stored.doubted:
                one, two = sorted((person.id, other.id))
                yield NewDoubt(kind, one, two)

    def _names(self) -> dict[UUID, str]:
        return {contact.id: contact.name for contact in self.stored.contacts} | {
            person.id: person.name for person in self.people.everybody
        }

    def _complain(self, row: RosterRow, column: str, code: str, text: str) -> None:
        self.complaints.append(SheetComplaint(row.sheet, row.row, column, code, text))


def _in_one_spelling(sheet: RosterSheet) -> RosterSheet:
    """The sheet with every name as `spelled`."""
    rows = (
        replace(
            row,
            name=spelled(row.name),
            deputy=spelled(row.deputy) if row.deputy else None,
            superior=spelled(row.superior) if row.superior else None,
        )
        for row in sheet.rows
    )
    households = (
        replace(row, helper=spelled(row.helper) if row.helper else None) for row in sheet.households
    )
    left_out = frozenset(map(spelled, sheet.left_out))
    return replace(sheet, rows=tuple(rows), households=tuple(households), left_out=left_out)


def _slot(post: Post) -> Slot:
    return post.area_code, post.kind, post.level, post.danger_point_id


def _key(post: Post) -> PostKey:
    return _slot(post), post.holder_id


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
        other_languages=person.other_languages,
    )


def _changes_of(person: Person, after: Contact) -> tuple[Change, ...]:
    """What becomes different about somebody who was on the roster before."""
    fields = changes_between(person.stored, after, _CONTACT_FIELDS)
    if person.numbers == person.stored_numbers:
        return fields
    return (*fields, Change("numbers", _listed(person.stored_numbers), _listed(person.numbers)))


def _facts_of(person: Person | None) -> tuple[Change, ...]:
    """What a list says of somebody new, so that it is seen before it is taken over."""
    if person is None:
        return ()
    numbers = _listed(person.numbers)
    own = (Change("numbers", None, numbers),) if numbers else ()
    return (*own, *facts_of(person, ("unit", "title")))


def _listed(numbers: Sequence[Number]) -> str | None:
    return ", ".join(number.e164 for number in numbers) or None


def _difference(turn: Turn, post: Post, names: Mapping[UUID, str]) -> Difference:
    holder = names.get(post.holder_id, "") if post.holder_id else ""
    return Difference(About.POST, turn, post.area_code, post.kind, holder)
