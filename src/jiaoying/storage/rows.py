"""Rows read as values: a frozen dataclass whose fields carry the names of the columns."""

from collections.abc import Iterable, Mapping
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


def columns_of(kind: type[_Value], table: Table) -> tuple[ColumnElement[Any], ...]:
    """The columns of `table` that the fields of `kind` name, in their order."""
    return tuple(table.c[field.name] for field in fields(kind))


def read_as(kind: type[V], result: CursorResult[*tuple[Any, ...]]) -> list[V]:
    """Every row of `result` as a `kind`; words become their enumeration, arrays become tuples."""
    return [value_from(kind, row) for row in result.mappings()]


def value_from(kind: type[V], row: Mapping[Any, Any]) -> V:
    """One row as a `kind`."""
    values = {name: row[name] for name in _names(kind)}
    for name, enumeration in _enumerations(kind):
        if values[name] is not None:
            values[name] = enumeration(values[name])
    for name, member in _tuples(kind):
        values[name] = tuple(values[name] if member is None else map(member, values[name]))
    return kind(**values)


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
