"""Writes what a plan says, with a line of the ledger for every person, post and danger point."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from jiaoying.contacts.importing.changes import note_after, note_before, rows_reached
from jiaoying.contacts.importing.model import counts_of
from jiaoying.contacts.importing.planned import Plan
from jiaoying.contacts.model import DangerPoint, Post
from jiaoying.contacts.store import save_contacts, save_households, save_numbers, save_points, save_posts
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import contact_doubts


async def write_plan(tx: Tx, import_id: UUID, plan: Plan, *, now: datetime, actor: str) -> None:
    """All of `plan`, and beside it what each row was before."""
    plan = replace(plan, ended_points=tuple(replace(one, retired_at=now) for one in plan.ended_points))
    doubts = {new_id(now): doubt for doubt in plan.doubts}
    reached = rows_reached(plan, doubts)
    await note_before(tx, import_id, reached)
    await save_contacts(tx, plan.new_contacts, plan.changed_contacts, now=now)
    await save_numbers(tx, plan.numbers, now=now)
    await save_points(tx, plan.new_points, (*plan.changed_points, *plan.ended_points), now=now)
    await save_posts(tx, plan.new_posts, (*plan.changed_posts, *plan.ended_posts))
    await save_households(tx, plan.households.new, plan.households.changed, plan.households.gone)
    if doubts:
        rows = [asdict(doubt) | {"id": doubt_id, "raised_at": now} for doubt_id, doubt in doubts.items()]
        await tx.execute(insert(contact_doubts).on_conflict_do_nothing(), rows)
    await note_after(tx, import_id, reached)
    await append_entries(tx, [*_entries(import_id, plan, now, actor)])


def _entries(import_id: UUID, plan: Plan, now: datetime, actor: str) -> Iterator[Entry]:
    facts = {"import_id": str(import_id), **asdict(counts_of(plan))}
    yield Entry(now, "roster.imported", actor, facts=facts)
    yield from _contact_entries(plan, now, actor)
    yield from _post_entries(plan, now, actor)
    yield from _point_entries(plan, now, actor)


def _contact_entries(plan: Plan, now: datetime, actor: str) -> Iterator[Entry]:
    kinds = {contact.id: ("contact.added", contact) for contact in plan.new_contacts}
    kinds |= {contact.id: ("contact.changed", contact) for contact in plan.changed_contacts}
    for contact_id in kinds.keys() | plan.numbers.keys():
        event, contact = kinds.get(contact_id, ("contact.changed", None))
        numbers = plan.numbers.get(contact_id)
        particulars: dict[str, object] = {}
        if contact is not None:
            particulars |= {"name": contact.name, "unit": contact.unit, "title": contact.title}
        if numbers is not None:
            particulars["numbers"] = [number.e164 for number in numbers]
        facts = {} if numbers is None else {"numbers": len(numbers)}
        yield Entry(now, event, actor, contact_id=contact_id, facts=facts, particulars=particulars)


def _post_entries(plan: Plan, now: datetime, actor: str) -> Iterator[Entry]:
    changes = (
        ("post.added", plan.new_posts),
        ("post.changed", plan.changed_posts),
        ("post.ended", plan.ended_posts),
    )
    for event, rows in changes:
        for post in rows:
            yield Entry(now, event, actor, contact_id=post.holder_id, facts=_facts_of(post))


def _facts_of(post: Post) -> dict[str, object]:
    return {
        "post_id": str(post.id),
        "area_code": post.area_code,
        "kind": post.kind,
        "level": str(post.level),
        "hazards": [str(hazard) for hazard in post.hazards],
        "deputy_id": str(post.deputy_id) if post.deputy_id else None,
        "superior_id": str(post.superior_id) if post.superior_id else None,
        "danger_point_id": str(post.danger_point_id) if post.danger_point_id else None,
        "valid_to": post.valid_to.isoformat() if post.valid_to else None,
    }


def _point_entries(plan: Plan, now: datetime, actor: str) -> Iterator[Entry]:
    households = (*plan.households.new, *plan.households.changed, *plan.households.gone)
    listed = {household.danger_point_id for household in households}
    changes = (
        ("point.added", plan.new_points),
        ("point.changed", plan.changed_points),
        ("point.ended", plan.ended_points),
    )
    for event, rows in changes:
        for point in rows:
            listed.discard(point.id)
            yield Entry(now, event, actor, facts=_facts_of_point(point), particulars={"name": point.name})
    for point_id in sorted(listed):
        yield Entry(now, "point.households_changed", actor, facts={"danger_point_id": str(point_id)})


def _facts_of_point(point: DangerPoint) -> dict[str, object]:
    return {
        "danger_point_id": str(point.id),
        "area_code": point.area_code,
        "kind": str(point.kind),
        "households": point.households,
        "people": point.people,
    }
