"""Rows read as values: a frozen dataclass whose fields carry the names of the columns."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Protocol, TypeVar, get_args, get_origin, get_type_hints

from sqlalchemy import CursorResult, Table
from sqlalchemy.sql.elements import ColumnElement


class _Value(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


V = TypeVar("V", bound=_Value)
Reading = Callable[[Any], Any]


def columns_of(kind: type[_Value], table: Table) -> tuple[ColumnElement[Any], ...]:
    """The columns of `table` that the fields of `kind` name, in their order."""
    return tuple(table.c[field.name] for field in fields(kind))


def read_as(kind: type[V], result: CursorResult[*tuple[Any, ...]]) -> list[V]:
    """Every row of `result` as a `kind`; words become their enumeration, arrays become tuples."""
    # By position: thousands of rows at once, and a mapping of each costs three times as much.
    keys = list(result.keys())
    names = _names(kind)
    places = [keys.index(name) for name in names]
    readings = [(names.index(name), reading) for name, reading in _readings(kind)]
    return [_value_from(kind, row, places, readings) for row in result]


def _value_from(
    kind: type[V], row: Sequence[Any], places: Iterable[int], readings: Iterable[tuple[int, Reading]]
) -> V:
    values = [row[place] for place in places]
    for place, reading in readings:
        if values[place] is not None:
            values[place] = reading(values[place])
    return kind(*values)


@cache
def _readings(kind: type[_Value]) -> tuple[tuple[str, Reading], ...]:
    """What is made of the fields that do not stay as they are."""
    return (*_enumerations(kind), *((name, _tuple_of(member)) for name, member in _tuples(kind)))


def _tuple_of(member: type[StrEnum] | None) -> Reading:
    return tuple if member is None else lambda values: tuple(map(member, values))


@cache
def _names(kind: type[_Value]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _enumerations(kind: type[_Value]) -> tuple[tuple[str, type[StrEnum]], ...]:
    found: list[tuple[str, type[StrEnum]]] = []
    for name, hint in get_type_hints(kind).items():
        members: Iterable[object] = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        found += [
            (name, member) for member in members if isinstance(member, type) and issubclass(member, StrEnum)
        ]
    return tuple(found)


@cache
def _tuples(kind: type[_Value]) -> tuple[tuple[str, type[StrEnum] | None], ...]:
    found: list[tuple[str, type[StrEnum] | None]] = []
    for name, hint in get_type_hints(kind).items():
        if get_origin(hint) is tuple:
            member: object = get_args(hint)[0]
            found.append((name, _word_or_none(member)))
    return tuple(found)


def _word_or_none(member: object) -> type[StrEnum] | None:
    return member if isinstance(member, type) and issubclass(member, StrEnum) else None
