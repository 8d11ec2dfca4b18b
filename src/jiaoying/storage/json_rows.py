"""Many rows in one statement: they travel as one JSON value, and PostgreSQL makes rows of it.

The types of the columns need no telling, and the statement is the same for any number of rows.
"""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Table, text

from jiaoying.storage.database import Tx


async def insert_rows(tx: Tx, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert `rows`, which all have the same names; columns that they do not name get their defaults."""
    if not rows:
        return
    names = ", ".join(f'"{table.c[name].name}"' for name in rows[0])
    statement = f"""
        INSERT INTO {table.name} ({names})
        SELECT {names} FROM jsonb_populate_recordset(NULL::{table.name}, CAST(:rows AS jsonb))
    """  # noqa: S608 names of our own tables and columns
    await tx.execute(text(statement), {"rows": as_json(rows)})


async def update_rows(tx: Tx, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Write what `rows` say, each to the row of its `id`; all of them have the same names."""
    if not rows:
        return
    names = [f'"{table.c[name].name}"' for name in rows[0] if name != "id"]
    statement = f"""
        UPDATE {table.name} SET {", ".join(f"{name} = new.{name}" for name in names)}
        FROM jsonb_populate_recordset(NULL::{table.name}, CAST(:rows AS jsonb)) AS new
        WHERE {table.name}.id = new.id
    """  # noqa: S608 names of our own tables and columns
    await tx.execute(text(statement), {"rows": as_json(rows)})


def as_json(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows as text for a JSON parameter; ids, days and moments as PostgreSQL reads them."""
    return json.dumps(rows, ensure_ascii=False, default=str)
