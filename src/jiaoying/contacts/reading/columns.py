"""What the columns of a table mean: those of its rows, and those of each person in them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jiaoying.contacts.reading.headings import GENERIC_ROLES, PERSON_FIELDS, Meaning, is_helper, is_person
from jiaoying.kernel.sheets import plain_heading

_ABOUT_POINTS = ("households", "people", "signal", "route", "shelter", "point_kind", "lat", "position")
_POINT_NAMES = ("point_name", "point_code")


@dataclass(slots=True)
class PersonGroup:
    """The columns about one person of each row; `role` is what the headings call them, empty for 姓名.

    `columns` are a name of `words.COLUMNS` → the places from 0.
    """

    role: str
    columns: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    @property
    def is_generic(self) -> bool:
        return self.role in GENERIC_ROLES


@dataclass(frozen=True, slots=True)
class Layout:
    """What the columns of a table mean; `labels` are the headings as the sheet writes them, by place."""

    row: int  # of the lowest heading row
    labels: Mapping[int, str]
    columns: Mapping[str, Sequence[int]]  # of the row
    groups: Sequence[PersonGroup]
    helper: PersonGroup | None
    unknown: Sequence[str]
    organisations: Mapping[int, str] = field(default_factory=dict[int, str])

    @property
    def has_points(self) -> bool:
        return any(name in self.columns for name in _POINT_NAMES)

    @property
    def has_households(self) -> bool:
        return "head" in self.columns

    @property
    def tells_of_points(self) -> bool:
        """Whether a remark is about the point of the row, and not about a household or somebody's post."""
        if "post" in self.columns:
            return False
        return not self.has_households or any(name in self.columns for name in _ABOUT_POINTS)

    def label(self, place: int) -> str:
        return self.labels.get(place, "")

    def label_of(self, *columns: str) -> str:
        """The heading of the first of these columns that is there; empty for none."""
        places = [place for name in columns for place in self.columns.get(name, ())]
        return self.label(places[0]) if places else ""


class ColumnSorter:
    """Sorts columns into those of the row and those of its people, from left to right."""

    def __init__(self, paths: Mapping[int, Sequence[str]], meanings: Mapping[int, Meaning | None]) -> None:
        self.paths, self.meanings = paths, meanings
        self.columns: dict[str, list[int]] = {}
        self.groups: list[PersonGroup] = []
        self.unknown: list[str] = []
        self.organisations: dict[int, str] = {}
        self.waiting: dict[str, list[int]] = {}  # what stands left of the person that it is about
        self.nearest: PersonGroup | None = None
        self.after_head = False
        self.office: tuple[int, str] | None = None  # an office whose own number may follow
        named = [meaning for meaning in meanings.values() if meaning and meaning.column == "name"]
        self.one_person = len(named) <= 1

    def layout(self, row: int, labels: Mapping[int, str]) -> Layout:
        for place in sorted(self.paths):
            self._sort(place, self.meanings[place])
        if self.waiting.keys() & {"mobile", "landline"} and not self.groups:
            self._take_waiting(self._open(""))
        for column, places in self.waiting.items():
            self.columns.setdefault(column, []).extend(places)
        self._join_lone_numbers()
        helper = self._take_helper()
        return Layout(row, labels, self.columns, self.groups, helper, tuple(self.unknown), self.organisations)

    def _sort(self, place: int, meaning: Meaning | None) -> None:
        if meaning is None:
            self.unknown.append(self.paths[place][-1])
            self.office = (place, plain_heading(self.paths[place][-1]))
        elif meaning.column == "organisation":
            self.organisations[place] = meaning.role
            self.office = (place, meaning.role)
        elif meaning.column in PERSON_FIELDS:
            self._sort_person(place, meaning)
        else:
            column = "family" if self.after_head and meaning.column == "people" else meaning.column
            self.after_head = column == "head" or (self.after_head and column == "family")
            if column == "head":
                self.nearest = None
            self.columns.setdefault(column, []).append(place)

    def _sort_person(self, place: int, meaning: Meaning) -> None:
        column = meaning.column
        if column in ("mobile", "landline") and not meaning.role and self.after_head:
            self.columns.setdefault("head_mobile", []).append(place)
            return
        if self.office is not None and not meaning.role and self._is_of_office(column):
            self._open_office(*self.office)
        self.office = None
        if column == "name":
            self.after_head = False
            group = self._group_called(meaning.role) if meaning.role else None
            if group is None or "name" in group.columns:
                group = self._open(meaning.role)
            self._take_waiting(group)
        elif meaning.role and not (self.one_person and meaning.role in GENERIC_ROLES):
            group = self._group_called(meaning.role) or self._open(meaning.role)
        elif self.nearest is not None and (
            column in ("mobile", "landline") or column not in self.nearest.columns
        ):
            group = self.nearest
        else:
            self.waiting.setdefault(column, []).append(place)
            return
        group.columns.setdefault(column, []).append(place)
        self.nearest = group

    def _is_of_office(self, column: str) -> bool:
        """Whether a number right of an office, or of unknown words, can be nobody's but theirs."""
        if column not in ("mobile", "landline"):
            return False
        if self.nearest is None:
            return not self.one_person
        return bool({"mobile", "landline"} & self.nearest.columns.keys())

    def _open_office(self, place: int, role: str) -> None:
        """监管部门, 电话: nobody's name follows, so what stands there is who is called."""
        if self.organisations.pop(place, None) is None:
            self.unknown.remove(self.paths[place][-1])
        self.nearest = self._open(role)
        self.nearest.columns["name"] = [place]

    def _group_called(self, role: str) -> PersonGroup | None:
        return next((group for group in reversed(self.groups) if group.role == role), None)

    def _open(self, role: str) -> PersonGroup:
        group = PersonGroup(role)
        self.groups.append(group)
        return group

    def _take_waiting(self, group: PersonGroup) -> None:
        for column in list(self.waiting):
            if self.one_person or column != "unit":
                group.columns.setdefault(column, []).extend(self.waiting.pop(column))

    def _join_lone_numbers(self) -> None:
        """帮扶责任人, 帮扶人电话: a number under other words for a person is that of the one at its left."""
        for group in [
            group for group in self.groups if "name" not in group.columns and is_person(group.role)
        ]:
            first = min(place for places in group.columns.values() for place in places)
            left = [
                other
                for other in self.groups
                if other is not group
                and other.columns.get("name", [first])[0] < first
                and not {"mobile", "landline"} & other.columns.keys()
            ]
            if left:
                self.groups.remove(group)
                for column, places in group.columns.items():
                    left[-1].columns.setdefault(column, []).extend(places)

    def _take_helper(self) -> PersonGroup | None:
        if "head" not in self.columns:
            return None
        head = self.columns["head"][0]
        candidates = [
            group for group in self.groups if min(min(each) for each in group.columns.values()) > head
        ]
        for group in (*candidates, *self.groups):
            if is_helper(group.role, beside_head=group in candidates):
                self.groups.remove(group)
                return group
        return None
