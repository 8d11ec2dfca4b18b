"""What an import does to each row, before and after, so that it can be taken back."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import TextClause, text

from jiaoying.contacts.importing.planned import Plan
from jiaoying.storage.database import Tx

# Each table with the column by which an import reaches its rows; what others refer to comes first.
REACHED_BY: Mapping[str, str] = {
    "contacts": "id",
    "danger_points": "id",
    "contact_numbers": "contact_id",
    "posts": "id",
    "threatened_households": "id",
    "contact_doubts": "id",
}
Reached = Mapping[str, Collection[UUID]]


def rows_reached(plan: Plan, doubt_ids: Collection[UUID]) -> Reached:
    """For each table: the values of its column in `REACHED_BY` that the plan writes to."""
    return {
        "contacts": [one.id for one in (*plan.new_contacts, *plan.changed_contacts)],
        "danger_points": [one.id for one in (*plan.new_points, *plan.changed_points, *plan.ended_points)],
        "contact_numbers": list(plan.numbers),
        "posts": [one.id for one in (*plan.new_posts, *plan.changed_posts, *plan.ended_posts)],
        "threatened_households": [
            one.id for one in (*plan.households.new, *plan.households.changed, *plan.households.gone)
        ],
        "contact_doubts": doubt_ids,
    }


async def note_before(tx: Tx, import_id: UUID, reached: Reached) -> None:
    """Write down the rows as they are now."""
    for table, ids in reached.items():
        await tx.execute(_note(table, "before"), {"import_id": import_id, "ids": list(ids)})


async def note_after(tx: Tx, import_id: UUID, reached: Reached) -> None:
    """Write down the rows as they have become, and forget those that are as they were."""
    for table, ids in reached.items():
        await tx.execute(_note(table, "after"), {"import_id": import_id, "ids": list(ids)})
    await tx.execute(
        text("DELETE FROM roster_changes WHERE import_id = :import_id AND before = after"),
        {"import_id": import_id},
    )


def _note(table: str, moment: str) -> TextClause:
    return text(
        f"""
        INSERT INTO roster_changes (import_id, table_name, row_id, {moment})
        SELECT :import_id, '{table}', one.id, to_jsonb(one)
        FROM {table} AS one WHERE one.{REACHED_BY[table]} = ANY(CAST(:ids AS uuid[]))
        ON CONFLICT (import_id, table_name, row_id) DO UPDATE SET {moment} = excluded.{moment}
        """  # noqa: S608 names of our own tables
    )
