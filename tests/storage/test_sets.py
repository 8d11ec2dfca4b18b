"""Many rows in one statement arrive as they were given."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from jiaoying.dispatch.store.sets import as_rows, given_rows, is_one_of, parameters_of
from jiaoying.storage.database import Database
from jiaoying.storage.schema import call_outs, issued_warnings

NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
NAMES = ("id", "area_codes", "references", "valid_to", "reason", "version", "exercise")


def row(number: int, **changes: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "id": UUID(int=number),
        "area_codes": ["140521000000"],
        "references": [],
        "valid_to": NOW,
        "reason": None,
        "version": number,
        "exercise": False,
    }
    return plain | changes


async def given_back(database: Database, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    async with database.transaction() as tx:
        found = await tx.execute(given_rows(issued_warnings, NAMES), parameters_of(issued_warnings, rows))
        return [dict(zip(NAMES, values, strict=True)) for values in found]


async def test_rows_come_back_in_their_order(database: Database) -> None:
    rows = [row(3), row(1, reason="ended"), row(2, exercise=True)]
    assert await given_back(database, rows) == rows


async def test_awkward_words_survive_in_arrays_and_in_json(database: Database) -> None:
    words = ["", "NULL", 'a"b', "a\\b", "{x,y}", "逗号，", "two\nlines"]
    rows = [
        row(1, area_codes=words, references=[{"sender": 'a"\\b', "identifier": "预警"}]),
        row(2, area_codes=[]),
    ]
    assert await given_back(database, rows) == rows


async def test_an_update_finds_each_row_its_values(database: Database) -> None:
    new = as_rows(call_outs, {"id": (UUID(int=1), UUID(int=2)), "round": (1, 2), "next_at": (NOW, NOW)})
    async with database.transaction() as tx:
        found = await tx.execute(select(new.c.id, new.c.round).where(is_one_of(new.c.id, [UUID(int=2)])))
        assert [tuple(one) for one in found] == [(UUID(int=2), 2)]
        assert not (await tx.execute(select(new.c.id).where(is_one_of(new.c.id, [])))).all()
