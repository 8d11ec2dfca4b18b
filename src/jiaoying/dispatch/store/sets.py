"""Many rows in one statement, whose text is the same for any number of them.

`IN (…)`, VALUES of many rows, and one statement for each row are different texts or many round trips;
an array is one parameter, and the statement stays prepared.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, any_, bindparam, column, func, literal, select
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import Text, TypeEngine


def is_one_of(of: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column has one of `values`."""
    return of == any_(literal(list(values), ARRAY(of.type)))


def is_one_of_given(of: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """As `is_one_of`, for a statement that is made once and executed with the list as `name`."""
    return of == any_(bindparam(name, type_=ARRAY(of.type)))


def as_rows(of: Table, columns: Mapping[str, Sequence[object]]) -> TableValuedAlias:
    """Columns of values, each with the type of the column of that name in `of`, as rows `new`."""
    types = {name: of.c[name].type for name in columns}
    arrays = [literal(list(values), ARRAY(types[name])) for name, values in columns.items()]
    named = [column(name, types[name]) for name in columns]
    return func.unnest(*arrays).table_valued(*named, name="new").render_derived()


def given_rows(of: Table, names: tuple[str, ...]) -> Select[Any]:
    """A SELECT of these columns for `insert(of).from_select(names, …)`, executed with `parameters_of`.

    The rows come in the order given, so that they are locked in it. Made once, like the statement around
    it: to build one takes longer than to insert a row.
    """
    carriers = [(name, _carrier_of(of.c[name].type)) for name in names]
    arrays = [bindparam(f"new_{name}", type_=ARRAY(carrier.type)) for name, carrier in carriers]
    named = [column(name, carrier.type) for name, carrier in carriers]
    new = func.unnest(*arrays).table_valued(*named, name="new").render_derived()
    return select(*(as_type(new.c[name], of.c[name].type) for name in names))


def parameters_of(of: Table, rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    """The parameters of `given_rows`; every row has the same names."""
    carriers = ((name, _carrier_of(of.c[name].type)) for name in rows[0])
    return {f"new_{name}": [carrier.write(row[name]) for row in rows] for name, carrier in carriers}


class _Carrier:
    """How a value travels inside an array: arrays and JSON as text, the rest as they are."""

    def __init__(self, kind: TypeEngine[Any], write: Callable[[Any], object]) -> None:
        self.type = kind
        self.write = write


def _carrier_of(kind: TypeEngine[Any]) -> _Carrier:
    if isinstance(kind, ARRAY):
        return _Carrier(Text(), _array_text)
    if isinstance(kind, JSONB):
        return _Carrier(Text(), _json_text)
    return _Carrier(kind, lambda value: value)


def _array_text(words: Iterable[str] | None) -> str | None:
    """An array of texts as PostgreSQL reads it (manual, 8.15.2)."""
    if words is None:
        return None
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in quoted) + "}"


def _json_text(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    return str(cast("UUID", value))
