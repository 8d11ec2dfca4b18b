"""What an import changes, one difference for each thing, and the words that show it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from jiaoying.kernel.hazards import HAZARD_NAMES
from jiaoying.kernel.language import say
from jiaoying.kernel.phone import masked


class About(StrEnum):
    """What a difference speaks of."""

    POST = "post"
    PERSON = "person"
    POINT = "point"
    HOUSEHOLD = "household"


class Turn(StrEnum):
    """What becomes of it."""

    ADDED = "added"
    CHANGED = "changed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Change:
    """One field, from → to, in the same words in every language: codes of hazards, ISO dates, E.164.

    `change_words` says them to people. None is: nothing there.
    """

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One post, person, danger point or household that is added, changed or ended.

    `what` is the kind of the post, or the name of the danger point; `name` is the holder, the person or
    the head of the household, empty for a post that nobody holds. `is_new`: the roster did not know
    this person.
    """

    about: About
    turn: Turn
    area_code: str
    what: str
    name: str
    changes: tuple[Change, ...] = ()
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """A change as people read it."""

    field: str
    before: str
    after: str


def change_words(change: Change, *, show_numbers: bool) -> ChangeWords:
    """A change in the reader's language; numbers are masked unless `show_numbers`."""
    write = _writing_of(change.field, show_numbers)
    return ChangeWords(
        field_words(change.field),
        *(say("(nothing)") if value is None else write(value) for value in (change.before, change.after)),
    )


def turn_words(turn: Turn) -> str:
    """`added` → 新增."""
    return {Turn.ADDED: say("added"), Turn.CHANGED: say("changed"), Turn.ENDED: say("ended")}[turn]


def field_words(field: str) -> str:
    """What a field is called in the reader's language."""
    return _field_names().get(field, field)


def without_numbers(difference: Difference) -> Difference:
    """The same with its numbers masked."""
    changes = tuple(
        replace(change, before=_masked(change.before), after=_masked(change.after))
        if change.field == "numbers"
        else change
        for change in difference.changes
    )
    return replace(difference, changes=changes)


def _writing_of(field: str, show_numbers: bool) -> Callable[[str], str]:
    if field == "numbers" and not show_numbers:
        return lambda value: _masked(value) or ""
    if field == "hazards":
        return lambda value: "、".join(say(HAZARD_NAMES[hazard]) for hazard in value.split(","))
    return str


def _masked(numbers: str | None) -> str | None:
    return None if numbers is None else ", ".join(masked(number) for number in numbers.split(", "))


def _field_names() -> Mapping[str, str]:
    return {
        "holder": say("held by"),
        "deputy": say("deputy (B角)"),
        "superior": say("superior"),
        "hazards": say("hazards"),
        "tier": say("column of the ladder"),
        "valid_from": say("in force from"),
        "valid_to": say("in force to"),
        "danger_point": say("danger point"),
        "numbers": say("telephone numbers"),
        "unit": say("unit"),
        "title": say("title"),
        "language": say("language"),
        "other_languages": say("further languages"),
        "note": say("note"),
        "demonstration": say("made up"),
        "retired_at": say("left the roster"),
        "code": say("number of the danger point"),
        "name": say("name"),
        "area_code": say("division"),
        "lat": say("latitude"),
        "lon": say("longitude"),
        "grade": say("grade of danger"),
        "households": say("threatened households"),
        "people": say("threatened people"),
        "signal": say("warning signal"),
        "route": say("way out"),
        "shelter": say("shelter"),
        "position": say("place in the list"),
        "helper": say("helper (一对一)"),
    }
