"""Export of the roster: posts, danger points and households as records, and as a workbook to take away.

A record of a post has the shape of `contacts export --json` (docs/en/commands.md). Rows are read and
written in pieces, from one snapshot, so that a province's roster takes no more memory than a county's.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, cast

from sqlalchemy import Date, Text, TextClause, bindparam, text

from jiaoying.contacts.exporting.sheet_writer import Part, RosterWorkbook
from jiaoying.contacts.privacy.reasons import note_export, stated_reason
from jiaoying.kernel.areas import is_area_code, prefix_of
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.phone import masked
from jiaoying.storage.database import Database, Tx

_AT_ONCE = 1000
Record = dict[str, object]

_ONE_SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
_WISHES = (bindparam("today", type_=Date()), bindparam("inside", type_=Text()))
_POSTS = text(
    """
    SELECT coalesce(holder.name, '') AS name,
        ARRAY(SELECT number FROM contact_numbers WHERE contact_id = holder.id AND kind <> 'landline'
              ORDER BY preference, number) AS mobiles,
        ARRAY(SELECT number FROM contact_numbers WHERE contact_id = holder.id AND kind = 'landline'
              ORDER BY preference, number) AS landlines,
        concat(township.name, area.name) AS area, post.area_code, post.kind AS post, post.level, post.hazards,
        holder.unit, holder.title, deputy.name AS deputy,
        ARRAY(SELECT number FROM contact_numbers WHERE contact_id = deputy.id
              ORDER BY preference, number) AS deputy_numbers,
        superior.name AS superior,
        ARRAY(SELECT number FROM contact_numbers WHERE contact_id = superior.id
              ORDER BY preference, number) AS superior_numbers,
        post.valid_from, post.valid_to, holder.language,
        coalesce(holder.other_languages, '{}') AS other_languages,
        point.code AS point_code, point.name AS point_name, post.note, post.demonstration,
        holder.id AS person_code
    FROM posts AS post
    JOIN areas AS area ON area.code = post.area_code
    LEFT JOIN areas AS township ON township.code = area.parent_code AND area.level = 'village'
    LEFT JOIN contacts AS holder ON holder.id = post.holder_id
    LEFT JOIN contacts AS deputy ON deputy.id = post.deputy_id
    LEFT JOIN contacts AS superior ON superior.id = post.superior_id
    LEFT JOIN danger_points AS point ON point.id = post.danger_point_id
    WHERE post.area_code LIKE :inside
      AND (:vacant OR post.holder_id IS NOT NULL)
      AND (:ended OR post.valid_to IS NULL OR post.valid_to >= :today)
    ORDER BY post.area_code, post.kind, post.id
    """
).bindparams(*_WISHES)
_POINTS = text(
    """
    SELECT point.code AS point_code, point.name AS point_name, point.kind AS point_kind,
        concat(township.name, area.name) AS area, point.area_code, point.lat, point.lon, point.grade,
        point.households, point.people, point.signal, point.route, point.shelter, point.note
    FROM danger_points AS point
    JOIN areas AS area ON area.code = point.area_code
    LEFT JOIN areas AS township ON township.code = area.parent_code AND area.level = 'village'
    WHERE point.retired_at IS NULL AND (
        point.area_code LIKE :inside
        OR point.id IN (SELECT danger_point_id FROM posts WHERE area_code LIKE :inside)
    )
    ORDER BY point.area_code, point.kind, point.code, point.name, point.id
    """
).bindparams(_WISHES[1])
_HOUSEHOLDS = text(
    """
    SELECT point.code AS point_code, point.name AS point_name, point.kind AS point_kind,
        concat(township.name, area.name) AS area, point.area_code, household.head, household.number,
        household.people AS family, helper.name AS helper,
        ARRAY(SELECT number FROM contact_numbers WHERE contact_id = helper.id
              ORDER BY preference, number) AS helper_numbers,
        household.note
    FROM threatened_households AS household
    JOIN danger_points AS point ON point.id = household.danger_point_id
    JOIN areas AS area ON area.code = point.area_code
    LEFT JOIN areas AS township ON township.code = area.parent_code AND area.level = 'village'
    LEFT JOIN contacts AS helper ON helper.id = household.helper_id
    WHERE point.area_code LIKE :inside AND point.retired_at IS NULL
    ORDER BY point.area_code, point.kind, point.code, point.name, point.id, household.position
    """
).bindparams(_WISHES[1])
_SHEETS = {Part.POSTS: _POSTS, Part.POINTS: _POINTS, Part.HOUSEHOLDS: _HOUSEHOLDS}
_NUMBER_LISTS = ("mobiles", "landlines", "deputy_numbers", "superior_numbers", "helper_numbers")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is taken away: what is in force on `today`, everywhere or inside `area_code`.

    `vacant`: also posts that nobody holds; `ended`: also those that are over. Without `whole_numbers`
    all but the last digits are hidden. Raises Refusal for a code that is none.
    """

    today: date
    area_code: str | None = None
    vacant: bool = False
    ended: bool = False
    whole_numbers: bool = True

    def __post_init__(self) -> None:
        if self.area_code is not None and not is_area_code(self.area_code):
            raise Refusal(say("“{code}” is not a 12-digit area code", code=self.area_code))


async def export_roster(tx: Tx, *, today: date) -> list[Record]:
    """One record for each post that is held and not over, in the shape of `contacts export --json`."""
    return [record async for record in export_records(tx, Wish(today))]


async def export_records(tx: Tx, wish: Wish) -> AsyncIterator[Record]:
    """One record for each post that is wished for, by area."""
    async for piece in _pieces(tx, _POSTS, wish):
        for record in piece:
            yield _as_json(record)


async def export_workbook(
    database: Database,
    file: BinaryIO,
    wish: Wish,
    *,
    reason: str,
    actor: str,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> dict[str, int]:
    """Write the roster as a workbook that reads back to the same roster; returns rows by kind.

    The export is a line of the ledger. Raises Refusal where whole numbers are wished for without a reason.
    `progress` is told how many rows were written so far. At most `kernel.sheets.MAX_ROWS` rows read back
    from one file: of a larger roster take one area after the other.
    """
    if wish.whole_numbers:
        stated_reason(reason)
    book = RosterWorkbook(whole_numbers=wish.whole_numbers)
    counts: dict[str, int] = {}
    async with database.transaction() as tx:
        await tx.execute(_ONE_SNAPSHOT)
        for part, statement in _SHEETS.items():
            async for piece in _pieces(tx, statement, wish):
                await asyncio.to_thread(book.add, part, piece)
                counts[part] = counts.get(part, 0) + len(piece)
                if progress:
                    progress(sum(counts.values()))
        await asyncio.to_thread(book.save, file)
        await note_export(
            tx,
            reason=reason,
            actor=actor,
            now=now,
            numbers=wish.whole_numbers,
            counts=counts,
            area_code=wish.area_code,
        )
    return counts


async def _pieces(tx: Tx, statement: TextClause, wish: Wish) -> AsyncIterator[list[Record]]:
    values = {
        "today": wish.today,
        "inside": f"{prefix_of(wish.area_code) if wish.area_code else ''}%",
        "vacant": wish.vacant,
        "ended": wish.ended,
    }
    named = {name: values[name] for name in values if f":{name}" in statement.text}
    async with tx.stream(statement, named) as rows:
        async for piece in rows.mappings().partitions(_AT_ONCE):
            yield [_discreet(dict(row), wish) for row in piece]


def _discreet(row: Record, wish: Wish) -> Record:
    if wish.whole_numbers:
        return row
    hidden: Record = {
        name: [masked(number) for number in cast("list[str]", row[name])]
        for name in _NUMBER_LISTS
        if name in row
    }
    if row.get("number"):
        hidden["number"] = masked(str(row["number"]))
    return row | hidden


def _as_json(row: Record) -> Record:
    deputies = cast("list[str]", row["deputy_numbers"])
    days = {
        name: day.isoformat() if isinstance(day := row[name], date) else None
        for name in ("valid_from", "valid_to")
    }
    return row | days | {"deputy_mobile": deputies[0] if deputies else None}
