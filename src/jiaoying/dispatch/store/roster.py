"""The roster as dispatch asks it: posts and desks under an area, people to be rung."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.types import Text

from jiaoying.contacts.model import NumberStanding
from jiaoying.contacts.numbers import DOUBTFUL, in_calling_order
from jiaoying.dispatch.matching import CoveredArea, MatchedDesk, MatchedPost
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.duty.model import NobodyOnDuty, Standing
from jiaoying.duty.store import who_stands
from jiaoying.kernel.areas import ancestors_of
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import areas, contact_numbers, contacts, desks, frozen_ladders, ladders, posts


@dataclass(frozen=True, slots=True)
class Callee:
    """A person to be rung."""

    id: UUID
    name: str
    language: str
    demonstration: bool
    numbers: tuple[tuple[str, str], ...]  # (E.164, kind), as they are tried: the preferred, doubtful last
    doubtful: frozenset[str] = frozenset()  # of these, those where nobody will be found, as far as is known


async def posts_under(tx: Tx, area: CoveredArea, families: Collection[Hazard], on: date) -> list[MatchedPost]:
    """Posts in force on a day, for these hazards, inside the covered area or in a unit above it."""
    patterns = [f"{prefix}%" for prefix in area.prefixes]
    rows = await tx.execute(
        select(
            posts.c.id,
            posts.c.area_code,
            areas.c.name.label("area_name"),
            posts.c.kind,
            posts.c.tier,
            posts.c.hazards,
        )
        .join(areas, areas.c.code == posts.c.area_code)
        .where(
            or_(
                posts.c.area_code.like(any_(array(patterns))),
                posts.c.area_code.in_(area.above),
            ),
            or_(
                func.cardinality(posts.c.hazards) == 0,
                posts.c.hazards.op("&&")(literal(sorted(families), ARRAY(Text))),
            ),
            or_(posts.c.valid_from.is_(None), posts.c.valid_from <= on),
            or_(posts.c.valid_to.is_(None), posts.c.valid_to >= on),
        )
        .order_by(posts.c.area_code, posts.c.id)
    )
    return read_as(MatchedPost, rows)


async def desks_under(tx: Tx, area: CoveredArea) -> list[MatchedDesk]:
    """The duty desks of every covered unit, and of the units above."""
    # A covered village is answered for at its township's desk, which stands among the units above.
    patterns = [f"{prefix}%" for prefix in area.prefixes]
    rows = await tx.execute(
        select(desks.c.id, desks.c.area_code, desks.c.name)
        .where(or_(desks.c.area_code.like(any_(array(patterns))), desks.c.area_code.in_(area.above)))
        .order_by(desks.c.area_code, desks.c.id)
    )
    return read_as(MatchedDesk, rows)


async def callees(tx: Tx, contact_ids: Collection[UUID]) -> dict[UUID, Callee]:
    """These people with their numbers."""
    rows = await tx.execute(
        select(
            contacts.c.id,
            contacts.c.name,
            contacts.c.language,
            contacts.c.demonstration,
            contact_numbers.c.number,
            contact_numbers.c.kind,
            contact_numbers.c.standing,
        )
        .outerjoin(contact_numbers, contact_numbers.c.contact_id == contacts.c.id)
        .where(is_one_of(contacts.c.id, contact_ids))
        .order_by(contacts.c.id, contact_numbers.c.preference, contact_numbers.c.number)
    )
    return {row_id: _callee(list(of_one)) for row_id, of_one in groupby(rows, key=lambda row: row.id)}


def _callee(rows: Sequence[Row[*tuple[Any, ...]]]) -> Callee:
    """One person of the rows of their numbers, in the order of preference."""
    first = rows[0]
    ordered = in_calling_order([row for row in rows if row.number], lambda row: NumberStanding(row.standing))
    return Callee(
        first.id,
        first.name,
        first.language,
        first.demonstration,
        tuple((row.number, row.kind) for row in ordered),
        frozenset(row.number for row in ordered if row.standing in DOUBTFUL),
    )


async def book_in_force(tx: Tx) -> object | None:
    """The newest ladders as plain data, or None while the ready-made ones serve."""
    return await tx.scalar(select(ladders.c.body).order_by(ladders.c.version.desc()).limit(1))


async def freeze_ladders(
    tx: Tx, warning_id: UUID, frozen: Collection[tuple[UUID, str, dict[str, object]]]
) -> None:
    """Copy the ladders of a match, so that no later edit reaches it: (id, tier, body)."""
    if frozen:
        await tx.execute(
            frozen_ladders.insert(),
            [
                {"id": row_id, "warning_id": warning_id, "tier": tier, "body": body}
                for row_id, tier, body in frozen
            ],
        )


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who stands at the desk that answers for an area: the officer, or the desk's own fixed number."""

    officer_id: UUID | None
    leader_id: UUID | None


async def standing_at(
    tx: Tx, places: Collection[tuple[str, UUID | None]], now: datetime
) -> dict[tuple[str, UUID | None], OnDuty]:
    """Who stands now for each place: at the desk named, else at the nearest desk at or above the area.

    Places that no desk answers for are left out.
    """
    above = {code: (code, *ancestors_of(code)) for code, _ in places}
    wanted = {code for codes in above.values() for code in codes}
    rows = await tx.execute(
        select(desks.c.area_code, desks.c.id).where(desks.c.area_code.in_(wanted)).order_by(desks.c.name)
    )
    desk_at: dict[str, UUID] = {}
    for row in rows:
        desk_at.setdefault(row.area_code, row.id)
    desk_of = {
        (code, desk_id): desk_id or next((desk_at[step] for step in above[code] if step in desk_at), None)
        for code, desk_id in places
    }
    standing = await who_stands(tx, [desk_id for desk_id in desk_of.values() if desk_id], now)
    return {place: _on_duty(standing[desk_id]) for place, desk_id in desk_of.items() if desk_id}


def _on_duty(standing: Standing | NobodyOnDuty) -> OnDuty:
    if isinstance(standing, NobodyOnDuty):
        return OnDuty(standing.fallback_contact_id, None)
    return OnDuty(standing.officer_id, standing.leader_id)
