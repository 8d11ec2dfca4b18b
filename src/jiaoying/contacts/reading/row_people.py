"""The people of one row: whose numbers are whose, and what is wrong with them. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from jiaoying.contacts.reading.cells import Named, names_nobody, numbers_in, people_in
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.kernel.phone import Number, read_number
from jiaoying.kernel.sheets import Cell, plain_text

MAX_NUMBERS = 6  # of one person
_PARTINGS = ("\n", "[、]", "[,，]", "[;；]", "[/|]", r"\s+")

# Takes the place of a column, a code and a sentence.
Complain = Callable[[int, str, str], None]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a row; an empty name is a post that nobody holds."""

    name: str
    title: str | None = None
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """The cells of one person group in one row, with the places of their columns."""

    names: Sequence[tuple[int, Cell]]
    numbers: Sequence[tuple[int, Cell]]

    @property
    def name_text(self) -> str:
        return "、".join(text for _, cell in self.names if (text := plain_text(cell)))

    @property
    def number_text(self) -> str:
        return "、".join(text for _, cell in self.numbers if (text := plain_text(cell)))


@dataclass(slots=True)
class NumberReader:
    """Reads numbers and remembers them: lists name the same person again and again."""

    dialling_code: str
    _known: dict[str, Number | Complaint] = field(default_factory=dict[str, Number | Complaint])

    def read(self, pieces: Sequence[tuple[int, str]], complain: Complain) -> tuple[Number, ...]:
        """The numbers that can be dialled, each once; a complaint for every other."""
        found: dict[str, Number] = {}
        for place, piece in pieces:
            number = self._read(piece)
            if isinstance(number, Complaint):
                complain(place, number.code, number.text)
            else:
                found[number.e164] = number
        if len(found) > MAX_NUMBERS:
            complain(
                pieces[-1][0],
                "too_many_numbers",
                say("There are more than {most} numbers of one person; the first are kept", most=MAX_NUMBERS),
            )
        return tuple(found.values())[:MAX_NUMBERS]

    def _read(self, piece: str) -> Number | Complaint:
        if piece not in self._known:
            self._known[piece] = read_number(piece, self.dialling_code)
        return self._known[piece]


def people_of(written: Written, reader: NumberReader, complain: Complain) -> list[Person]:
    """The people of a group in one row.

    Several people need as many numbers, or a number beside each name; else nobody knows whose is whose.
    A placeholder such as 无 or 空缺 is one person without a name. Nothing at all is nobody.
    """
    named = [person for _, cell in written.names for person in people_in(cell)]
    if not named:
        return _nobody(written, complain)
    name_place = written.names[0][0]
    shared = [_pieces(place, cell) for place, cell in written.numbers]
    given = _shared_out(named, [(place, cell) for place, cell in written.numbers if plain_text(cell)])
    if given is None:
        text = say(
            "{people} people and {numbers} numbers in one cell: write one person to a row",
            people=len(named),
            numbers=sum(map(len, shared)),
        )
        complain(name_place, "several_people", text)
        given = [list[tuple[int, str]]() for _ in named]
    people: list[Person] = []
    for person, pieces in zip(named, given, strict=True):
        own = [(name_place, piece) for piece in person.numbers]
        numbers = reader.read([*own, *pieces], complain)
        people.append(Person(person.name, person.title, numbers))
        if not numbers:
            place = written.numbers[0][0] if written.numbers else name_place
            text = say("{name} has no number that can be called", name=person.name)
            complain(place, "unreachable", text)
    return people


def _nobody(written: Written, complain: Complain) -> list[Person]:
    """A vacant post where a placeholder stands; a number beside it is somebody's, and that is told."""
    if not names_nobody(written.name_text.replace("、", "")):
        return []
    for place, cell in written.numbers:
        if numbers_in(cell):
            complain(place, "name_missing", say("There is a number and no name; write whose it is"))
    return [Person("")]


def _shared_out(
    named: Sequence[Named], cells: Sequence[tuple[int, Cell]]
) -> list[list[tuple[int, str]]] | None:
    """The pieces of the number cells for each person; None where they cannot be told apart."""
    given: list[list[tuple[int, str]]] = [[] for _ in named]
    for place, cell in cells:
        parts = _parts(cell, len(named))
        if parts is None:
            # Numbers beside every name need no others; what the cell repeats is theirs already.
            if all(person.numbers for person in named):
                continue
            return None
        for own, part in zip(given, parts, strict=True):
            own.extend((place, piece) for piece in part)
    return given


def _parts(cell: Cell, count: int) -> list[list[str]] | None:
    """A cell of numbers in so many parts: by its lines, or by the sign that parts it so often."""
    if count == 1:
        return [numbers_in(cell)]
    pieces = numbers_in(cell)
    if not pieces:
        return [[] for _ in range(count)]
    if len(pieces) == count:
        return [[piece] for piece in pieces]
    if isinstance(cell, str):
        for parting in _PARTINGS:
            parts = [part for part in re.split(parting, cell.strip()) if part.strip()]
            if len(parts) == count:
                return [numbers_in(part) for part in parts]
    return None


def _pieces(place: int, cell: Cell) -> list[tuple[int, str]]:
    return [(place, piece) for piece in numbers_in(cell)]
