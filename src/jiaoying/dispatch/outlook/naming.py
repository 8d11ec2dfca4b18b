"""Whom the rungs of a match would name at a moment: roster and rota, asked as the engine asks them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from jiaoying.dispatch.ladders.model import Ladder, Target
from jiaoying.dispatch.matching import Match, NewResponsibility, priority_of
from jiaoying.dispatch.naming import named_by
from jiaoying.dispatch.outlook.model import DutyAhead, rungs_ahead
from jiaoying.dispatch.store.naming import Place, around_each
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.kernel.colours import Colour
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import posts


@dataclass(frozen=True, slots=True)
class Seats:
    """Whom a post names; `at_point` where its duty is at a danger point."""

    holder_id: UUID | None
    deputy_id: UUID | None
    superior_id: UUID | None
    at_point: bool


_A_DESK = Seats(None, None, None, at_point=False)


async def look_ahead(
    tx: Tx, match: Match, colour: Colour | None, *, timezone: ZoneInfo, now: datetime, exercise: bool = False
) -> list[DutyAhead]:
    """Every responsibility of a match with its rungs and people, on the roster and the rota of `now`."""
    duties = match.responsibilities
    ladders = {row_id: (tier, ladder) for row_id, tier, ladder in match.ladders}
    of_posts = await seats_of(tx, [duty.post_id for duty in duties if duty.post_id])
    seats = {duty.id: of_posts[duty.post_id] if duty.post_id else _A_DESK for duty in duties}
    places = {duty.id: _place(duty, seats[duty.id], ladders[duty.ladder_id][1]) for duty in duties}
    around = await around_each(tx, places, now.astimezone(timezone).date(), now)
    ahead: list[DutyAhead] = []
    for duty in duties:
        tier, ladder = ladders[duty.ladder_id]
        named = {target: named_by(target, around[duty.id]) for target in _targets(ladder)}
        rank = priority_of(tier, colour, exercise=exercise, at_point=seats[duty.id].at_point)
        ahead.append(DutyAhead(duty, tier, rank, rungs_ahead(ladder, named)))
    return ahead


async def seats_of(tx: Tx, post_ids: Collection[UUID]) -> Mapping[UUID, Seats]:
    """Holder, deputy and superior of these posts."""
    post = posts.c
    rows = await tx.execute(
        select(post.id, post.holder_id, post.deputy_id, post.superior_id, post.danger_point_id).where(
            is_one_of(post.id, post_ids)
        )
    )
    return {
        row.id: Seats(row.holder_id, row.deputy_id, row.superior_id, at_point=row.danger_point_id is not None)
        for row in rows
    }


def _place(duty: NewResponsibility, seats: Seats, ladder: Ladder) -> Place:
    return Place(
        duty.area_code, duty.desk_id, seats.holder_id, seats.deputy_id, seats.superior_id, _targets(ladder)
    )


def _targets(ladder: Ladder) -> tuple[Target, ...]:
    return tuple(dict.fromkeys(target for rung in ladder.rungs for target in rung.who))
