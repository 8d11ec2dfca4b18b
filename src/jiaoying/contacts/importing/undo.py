"""An import is taken back: every row that it wrote becomes what it was before.

A column that the import did not touch keeps what others wrote into it since. One that it did touch must
still be as it left it, and whoever gets something back must still be there; else nothing at all is put
back. What a warning already refers to is not deleted: the post ends, the person and the danger point leave
the roster.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.exc import IntegrityError

from jiaoying.contacts.importing.changes import REACHED_BY
from jiaoying.contacts.importing.model import ImportState, RosterImport
from jiaoying.contacts.importing.store import lock_import, save_import
from jiaoying.contacts.store import lock_roster
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.locality import Locality
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import metadata

MOST_TOLD = 20  # things that a refusal names

# What carriers' reports and people's own words write; nobody's change of the roster.
_HEARSAY: Mapping[str, Sequence[str]] = {
    "contact_numbers": (
        "opted_out_at", "standing", "standing_at", "failures", "reached_at", "verified_at", "verified_how",
    ),
}  # fmt: skip
_ROSTER = (*REACHED_BY, "desks", "desk_members", "shifts", "shift_changes", "leaves")


async def undo_import(
    database: Database, import_id: UUID, *, locality: Locality, now: datetime, actor: str
) -> RosterImport:
    """Put everything back that an import changed. Raises Refusal naming what was changed since."""
    yesterday = now.astimezone(locality.timezone).date() - timedelta(days=1)
    try:
        async with database.transaction(patient=True) as tx:
            await lock_roster(tx)
            done = await lock_import(tx, import_id)
            if done.state != ImportState.APPLIED:
                raise Refusal(say("Only a list that was taken over can be taken back"))
            _refuse(await _changed_since(tx, import_id))
            await _put_back(tx, import_id, yesterday, now)
            done = replace(done, state=ImportState.UNDONE, undone_at=now, undone_by=actor)
            await save_import(tx, done)
            await append_entries(tx, await _entries(tx, import_id, now, actor))
    except IntegrityError as error:
        # A later import was taken back first, and with it somebody to whom these rows would refer again.
        raise Refusal(say("Other changes since stand in the way; nothing was changed")) from error
    return done


async def _changed_since(tx: Tx, import_id: UUID) -> list[str]:
    """The names of what the import wrote and somebody else has changed, removed or brought back since."""
    found: list[str] = []
    for table, label in _LABELS.items():
        statement = _statement(_CHANGED_SINCE, table, label=label)
        hearsay = list(_HEARSAY.get(table, ()))
        rows = await tx.execute(statement, {"import_id": import_id, "hearsay": hearsay})
        found += [name or "?" for name in rows.scalars()]
    return found


async def _put_back(tx: Tx, import_id: UUID, yesterday: date, now: datetime) -> None:
    for table in REACHED_BY:
        await tx.execute(_statement(_RESTORE, table, columns=_restored(table)), {"import_id": import_id})
        await tx.execute(_statement(_BRING_BACK, table), {"import_id": import_id})
    # Whoever a warning refers to stays, and with them their numbers: it may be calling just now.
    kept_posts = await _needed(tx, import_id, "posts", ())
    kept = {
        "posts": kept_posts,
        "danger_points": await _needed(tx, import_id, "danger_points", kept_posts),
        "contacts": await _needed(tx, import_id, "contacts", kept_posts),
    }
    await tx.execute(_END_POSTS, {"day": yesterday, "ids": kept_posts})
    for table in ("contacts", "danger_points"):
        await tx.execute(_statement(_RETIRE, table), {"now": now, "ids": kept[table]})
    stands_on = {"import_id": import_id, "kept": kept["contacts"], "yesterday": yesterday, "now": now}
    _refuse((await tx.execute(_STANDS_ON_NOBODY, stands_on)).scalars().all())
    await tx.execute(
        _statement(_DROP_DOUBTS, "contact_doubts"), {"import_id": import_id, "kept": kept["contacts"]}
    )
    for table in ("threatened_households", "posts", "contact_numbers", "danger_points", "contacts"):
        spared = kept["contacts"] if table == "contact_numbers" else kept.get(table, [])
        parameters = {"import_id": import_id, "spared": spared}
        for referring, column in _referring_to(table, of_roster=True):
            statement = _statement(_NEEDED_SINCE, table, referring=referring, column=column)
            _refuse((await tx.execute(statement, parameters)).scalars().all())
        await tx.execute(_statement(_DELETE, table, owner=REACHED_BY[table]), parameters)


async def _needed(tx: Tx, import_id: UUID, table: str, kept_posts: Sequence[UUID]) -> list[UUID]:
    """The rows which the import added and to which a warning refers, or a post that is kept for one."""
    found: set[UUID] = set()
    for referring, column in _referring_to(table, of_roster=False):
        statement = _statement(_REFERRED_TO, table, referring=referring, column=column, among="")
        found |= set((await tx.execute(statement, {"import_id": import_id})).scalars())
    for column in (one for referring, one in _referring_to(table, of_roster=True) if referring == "posts"):
        among = "AND one.id = ANY(CAST(:kept_posts AS uuid[]))"
        statement = _statement(_REFERRED_TO, table, referring="posts", column=column, among=among)
        parameters = {"import_id": import_id, "kept_posts": list(kept_posts)}
        found |= set((await tx.execute(statement, parameters)).scalars())
    return list(found)


def _referring_to(table: str, *, of_roster: bool) -> list[tuple[str, str]]:
    """Every column of the schema that refers to a table: those of the roster and the rota, or the others.

    Doubts fall away with the people of whom they are.
    """
    return [
        (key.parent.table.name, key.parent.name)
        for other in metadata.sorted_tables
        for key in other.foreign_keys
        if key.column.table.name == table
        and (other.name in _ROSTER) == of_roster
        and other.name != "contact_doubts"
    ]


def _refuse(names: Iterable[str]) -> None:
    told = [
        Complaint("changed_since", "roster", say("{name} was changed since", name=name))
        for name in sorted(set(names))
    ]
    if told:
        raise Refusal(
            say(
                "{count} entries were changed since and cannot be put back; nothing was changed",
                count=len(told),
            ),
            tuple(told[:MOST_TOLD]),
        )


async def _entries(tx: Tx, import_id: UUID, now: datetime, actor: str) -> list[Entry]:
    rows = (await tx.execute(_TOUCHED, {"import_id": import_id})).all()
    facts: dict[str, object] = {"import_id": str(import_id)}
    entries = [Entry(now, "roster.import_undone", actor, facts=facts | {"rows": len(rows)})]
    for table, row_id, contact_id in rows:
        event, name = _EVENTS[table]
        entries.append(
            Entry(
                now, event, actor, contact_id=contact_id, facts=facts | ({name: str(row_id)} if name else {})
            )
        )
    return entries


_EVENTS = {
    "contacts": ("contact.put_back", None),
    "posts": ("post.put_back", "post_id"),
    "danger_points": ("point.put_back", "danger_point_id"),
}
_LABELS = {
    "contacts": "row->>'name'",
    "danger_points": "row->>'name'",
    "contact_numbers": "(SELECT name FROM contacts WHERE id = CAST(row->>'contact_id' AS uuid))",
    "posts": "concat_ws(' ', row->>'kind',"
    " (SELECT name FROM contacts WHERE id = CAST(row->>'holder_id' AS uuid)))",
    "threatened_households": "row->>'head'",
}
_CHANGED_SINCE = """
    SELECT {label}
    FROM roster_changes AS made
    LEFT JOIN {table} AS one ON one.id = made.row_id
    CROSS JOIN LATERAL (SELECT COALESCE(made.after, made.before)) AS known (row)
    WHERE made.import_id = :import_id AND made.table_name = '{table}' AND (
        (made.after IS NOT NULL AND one.id IS NULL)
        OR (made.before IS NOT NULL AND made.after IS NULL AND one.id IS NOT NULL)
        OR EXISTS (
            SELECT 1 FROM jsonb_each(made.after) AS written (name, value)
            WHERE written.value IS DISTINCT FROM made.before -> written.name
                AND written.value IS DISTINCT FROM to_jsonb(one) -> written.name
                AND written.name <> ALL (CAST(:hearsay AS text[]))
        )
        OR EXISTS (
            SELECT 1 FROM contacts
            WHERE id = CAST(known.row->>'contact_id' AS uuid) AND merged_into_id IS NOT NULL
        )
    )
"""
_RESTORE = """
    UPDATE {table} AS one SET {columns}
    FROM roster_changes AS made
    CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, made.before) AS earlier
    WHERE made.import_id = :import_id AND made.table_name = '{table}'
        AND made.before IS NOT NULL AND made.after IS NOT NULL AND one.id = made.row_id
"""
_BRING_BACK = """
    INSERT INTO {table} SELECT earlier.*
    FROM roster_changes AS made
    CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, made.before) AS earlier
    WHERE made.import_id = :import_id AND made.table_name = '{table}'
        AND made.before IS NOT NULL AND made.after IS NULL
"""
_ADDED = """
    SELECT row_id FROM roster_changes
    WHERE import_id = :import_id AND table_name = '{table}' AND before IS NULL AND after IS NOT NULL
"""
_REFERRED_TO = "SELECT one.{column} FROM {referring} AS one WHERE one.{column} IN ({added}) {among}"
_NEEDED_SINCE = """
    SELECT one.name FROM {table} AS one
    WHERE one.id IN ({added}) AND one.id <> ALL (CAST(:spared AS uuid[]))
        AND EXISTS (SELECT 1 FROM {referring} AS other WHERE other.{column} = one.id)
"""
_DELETE = """
    DELETE FROM {table} AS one
    WHERE one.id IN ({added}) AND one.{owner} <> ALL (CAST(:spared AS uuid[]))
"""
_DROP_DOUBTS = """
    DELETE FROM contact_doubts AS one
    WHERE (one.decision IS NULL AND one.id IN ({added})) OR EXISTS (
        SELECT 1 FROM roster_changes AS made
        WHERE made.import_id = :import_id AND made.table_name = 'contacts'
            AND made.before IS NULL AND made.after IS NOT NULL
            AND made.row_id IN (one.one_id, one.other_id) AND made.row_id <> ALL (CAST(:kept AS uuid[]))
    )
"""
_RETIRE = "UPDATE {table} SET retired_at = :now WHERE id = ANY (CAST(:ids AS uuid[]))"
_END_POSTS = text("UPDATE posts SET valid_to = LEAST(valid_to, :day) WHERE id = ANY (CAST(:ids AS uuid[]))")
# Whoever is off the roster and still answers for something: people who left since, and those who are kept
# for a warning and were given something else by hand.
_STANDS_ON_NOBODY = text(
    """
    WITH seat (row_id, contact_id) AS (
        SELECT posts.id, one.contact_id
        FROM posts CROSS JOIN unnest(ARRAY[holder_id, deputy_id, superior_id]) AS one (contact_id)
        WHERE valid_to IS NULL OR valid_to > :yesterday
        UNION ALL SELECT id, helper_id FROM threatened_households
        UNION ALL SELECT id, fallback_contact_id FROM desks
        UNION ALL
        SELECT shift_id, person_id FROM rota_seats WHERE ends_at > :now
    )
    SELECT DISTINCT contacts.name
    FROM seat JOIN contacts ON contacts.id = seat.contact_id AND contacts.retired_at IS NOT NULL
    WHERE contacts.id = ANY (CAST(:kept AS uuid[]))
        OR row_id IN (SELECT row_id FROM roster_changes WHERE import_id = :import_id)
    """
)
_TOUCHED = text(
    """
    SELECT DISTINCT ON (table_name, row_id) table_name, row_id, contact_id
    FROM (
        SELECT 'contacts' AS table_name, CAST(row->>'contact_id' AS uuid) AS row_id,
            CAST(row->>'contact_id' AS uuid) AS contact_id
        FROM (SELECT COALESCE(after, before) AS row FROM roster_changes
            WHERE import_id = :import_id AND table_name = 'contact_numbers') AS numbers
        UNION ALL
        SELECT table_name, row_id,
            CASE table_name WHEN 'contacts' THEN row_id
                WHEN 'posts' THEN CAST(COALESCE(before, after) ->> 'holder_id' AS uuid) END
        FROM roster_changes
        WHERE import_id = :import_id AND table_name IN ('contacts', 'posts', 'danger_points')
    ) AS touched
    """
)


def _restored(table: str) -> str:
    """Each column that the import changed becomes what it was; the others stay."""
    names = [column.name for column in metadata.tables[table].columns if column.name != "id"]
    return ", ".join(
        f"\"{name}\" = CASE WHEN made.before->'{name}' IS DISTINCT FROM made.after->'{name}'"
        f' THEN earlier."{name}" ELSE one."{name}" END'
        for name in names
    )


def _statement(template: str, table: str, **words: str) -> TextClause:
    return text(template.format(table=table, added=_ADDED.format(table=table), **words))
