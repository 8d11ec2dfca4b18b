"""Who somebody is to the desk: the posts they answer for, where, and their latest call-out."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from jiaoying.dispatch.board.warnings import among
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import alarms, areas, call_out_roles, call_outs, posts, responsibilities

# Of one person's posts named in an alarm.
_MOST_POSTS = 4
_TOWNSHIP = areas.alias("township")


async def latest_call_outs(tx: Tx, alarm_ids: Sequence[UUID]) -> Mapping[UUID, UUID]:
    """By alarm, the call-out of its person: the one under its own warning, else the latest of all."""
    query = (
        select(alarms.c.id, call_outs.c.id)
        .ext(distinct_on(alarms.c.id))
        .join_from(alarms, call_outs, call_outs.c.contact_id == alarms.c.contact_id)
        .where(among(alarms.c.id, alarm_ids))
        .order_by(
            alarms.c.id,
            (call_outs.c.warning_id == alarms.c.warning_id).desc().nulls_last(),
            call_outs.c.matched_at.desc(),
            call_outs.c.id.desc(),
        )
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


async def posts_called_for(tx: Tx, call_out_ids: Collection[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    """By call-out, the person's own posts and desks; not those where they only stand in for others."""
    own = or_(call_out_roles.c.role.in_(["holder", "deputy"]), responsibilities.c.desk_id.is_not(None))
    query = (
        select(call_out_roles.c.call_out_id, responsibilities.c.label, _TOWNSHIP.c.name)
        .join_from(call_out_roles, responsibilities)
        .where(among(call_out_roles.c.call_out_id, list(call_out_ids)), own)
        .order_by(call_out_roles.c.rung, call_out_roles.c.since, responsibilities.c.id)
    )
    return _by_owner((await tx.execute(_with_township(query, responsibilities.c.area_code))).all())


async def posts_on_roster(tx: Tx, contact_ids: Collection[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    """By person, the posts that the roster has them hold, or stand in as deputy for."""
    people = list(contact_ids)
    found: dict[UUID, tuple[str, ...]] = {}
    for owner in (posts.c.deputy_id, posts.c.holder_id):
        query = (
            select(owner, areas.c.name + " " + posts.c.kind, _TOWNSHIP.c.name)
            .select_from(posts)
            .where(among(owner, people))
            .order_by(posts.c.area_code, posts.c.id)
        )
        found |= _by_owner((await tx.execute(_with_township(query, posts.c.area_code))).all())
    return found


def _with_township(
    query: Select[*tuple[Any, ...]], area_code: ColumnElement[str]
) -> Select[*tuple[Any, ...]]:
    """Village names repeat inside a county, so a post in a village is named with its township."""
    return query.join(areas, areas.c.code == area_code).outerjoin(
        _TOWNSHIP, (_TOWNSHIP.c.code == areas.c.parent_code) & (areas.c.level == "village")
    )


def _by_owner(rows: Sequence[Row[*tuple[Any, ...]]]) -> Mapping[UUID, tuple[str, ...]]:
    named: defaultdict[UUID, dict[str, None]] = defaultdict(dict)
    for owner, label, township in rows:
        named[owner][f"{township} {label}" if township else label] = None
    return {owner: tuple(labels)[:_MOST_POSTS] for owner, labels in named.items()}
