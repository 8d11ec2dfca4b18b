"""The plans in force: read, and replaced by a newer version."""

from datetime import datetime

import yaml
from sqlalchemy import func, insert, select

from jiaoying.dispatch.response.model import NO_PLANS, PlanBook
from jiaoying.dispatch.response.reading import parse_plans, plans_from_data, ready_made_text
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import response_plans


async def save_plans(tx: Tx, text: str, *, by: str, now: datetime) -> int:
    """Put a file of plans in force and return its version. Raises Refusal, naming what is wrong in it.

    Earlier versions stay. A response that runs asks for what the plans in force say when its level changes.
    """
    book = parse_plans(text)
    version = (await tx.scalar(select(func.coalesce(func.max(response_plans.c.version), 0))) or 0) + 1
    await tx.execute(
        insert(response_plans).values(
            id=new_id(now), version=version, body=yaml.safe_load(text), created_at=now, created_by=by
        )
    )
    facts = {"version": version, "plans": len(book.plans)}
    await append_entries(tx, [Entry(now, "plans.replaced", by, facts=facts)])
    return version


async def plans_in_force(tx: Tx) -> tuple[PlanBook, int | None]:
    """The plans and their version; none while the county has put none in force.

    Why not the ready-made ones, as with ladders: to stop a county's schools is for the county to decide.
    """
    newest = select(response_plans.c.body, response_plans.c.version).order_by(response_plans.c.version.desc())
    row = (await tx.execute(newest.limit(1))).one_or_none()
    return (NO_PLANS, None) if row is None else (plans_from_data(row.body), row.version)


async def plans_text(tx: Tx) -> str:
    """The plans in force as YAML; the ready-made file, with its notes, while there are none."""
    newest = select(response_plans.c.body).order_by(response_plans.c.version.desc()).limit(1)
    body = await tx.scalar(newest)
    return ready_made_text() if body is None else yaml.safe_dump(body, allow_unicode=True, sort_keys=False)
