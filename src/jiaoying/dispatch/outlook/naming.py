"""Whom the rungs of a match would name at a moment: holders, whoever stands at the desks, named posts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from jiaoying.dispatch.ladders.model import Ladder, NamedPerson, NamedPost, Who
from jiaoying.dispatch.matching import Match, NewResponsibility, priority_of
from jiaoying.dispatch.outlook.model import DutyAhead, Named, rungs_ahead
from jiaoying.dispatch.store import roster
from jiaoying.dispatch.store.ladder_facts import in_force
from jiaoying.dispatch.store.roster import OnDuty
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.kernel.areas import Level, ancestors_of, level_of
from jiaoying.kernel.colours import Colour
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import contacts, posts

_NOBODY = OnDuty(None, None)


@dataclass(frozen=True, slots=True)
class Seats:
    """Whom a post names; `at_point` where its duty is at a danger point."""

    holder_id: UUID | None
    deputy_id: UUID | None
    superior_id: UUID | None
    at_point: bool


async def look_ahead(
    tx: Tx, match: Match, colour: Colour | None, *, timezone: ZoneInfo, now: datetime, exercise: bool = False
) -> list[DutyAhead]:
    """Every responsibility of a match with its rungs and people, on the roster and the rota of `now`."""
    duties = match.responsibilities
    ladders = {row_id: (tier, ladder) for row_id, tier, ladder in match.ladders}
    seats = await seats_of(tx, [duty.post_id for duty in duties if duty.post_id])
    shifts = await roster.standing_at(tx, {(duty.area_code, duty.desk_id) for duty in duties}, now)
    elsewhere = await _Elsewhere.read(
        tx, [(duty, ladders[duty.ladder_id][1]) for duty in duties], now.astimezone(timezone).date()
    )
    ahead: list[DutyAhead] = []
    for duty in duties:
        tier, ladder = ladders[duty.ladder_id]
        own = seats.get(duty.post_id) if duty.post_id else None
        shift = shifts.get((duty.area_code, duty.desk_id), _NOBODY)
        named = {**_seated(own), **_standing(shift), **elsewhere.for_duty(duty, ladder)}
        at_point = own is not None and own.at_point
        rank = priority_of(tier, colour, exercise=exercise, at_point=at_point)
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
        row.id: Seats(row.holder_id, row.deputy_id, row.superior_id, row.danger_point_id is not None)
        for row in rows
    }


def _seated(seats: Seats | None) -> Named:
    if seats is None:
        return {}
    return {
        Who.HOLDER: _one(seats.holder_id),
        Who.DEPUTY: _one(seats.deputy_id),
        Who.SUPERIOR: _one(seats.superior_id),
        Who.DOOR: _one(seats.superior_id),
    }


def _standing(shift: OnDuty) -> Named:
    return {Who.DESK: _one(shift.officer_id), Who.LEADER: _one(shift.leader_id)}


def _one(person: UUID | None) -> tuple[UUID, ...]:
    return () if person is None else (person,)


def area_at(area_code: str, level: Level) -> str | None:
    """The village, township or county in which an area lies, or which it is; None for one above it."""
    return next((code for code in (area_code, *ancestors_of(area_code)) if level_of(code) is level), None)


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """People whom ladders name by another post, or by themselves."""

    holders: Mapping[tuple[str, str], tuple[UUID, ...]]  # of (kind, area)
    on_roster: frozenset[UUID]

    @classmethod
    async def read(cls, tx: Tx, duties: Sequence[tuple[NewResponsibility, Ladder]], on: date) -> "_Elsewhere":
        targets = [
            (duty.area_code, target)
            for duty, ladder in duties
            for rung in ladder.rungs
            for target in rung.who
        ]
        posts_wanted = {
            (target.kind, code)
            for area, target in targets
            if isinstance(target, NamedPost) and (code := area_at(area, target.of))
        }
        people = {target.contact_id for _, target in targets if isinstance(target, NamedPerson)}
        return cls(await _holders_of(tx, posts_wanted, on), await _still_on_roster(tx, people))

    def for_duty(self, duty: NewResponsibility, ladder: Ladder) -> Named:
        named: dict[NamedPost | NamedPerson, tuple[UUID, ...]] = {}
        for rung in ladder.rungs:
            for target in rung.who:
                if isinstance(target, NamedPost):
                    code = area_at(duty.area_code, target.of)
                    named[target] = self.holders.get((target.kind, code), ()) if code else ()
                elif isinstance(target, NamedPerson) and target.contact_id in self.on_roster:
                    named[target] = (target.contact_id,)
        return {**named}


async def _holders_of(
    tx: Tx, wanted: Collection[tuple[str, str]], on: date
) -> Mapping[tuple[str, str], tuple[UUID, ...]]:
    if not wanted:
        return {}
    post = posts.c
    rows = await tx.execute(
        select(post.kind, post.area_code, post.holder_id)
        .where(
            is_one_of(post.kind, {kind for kind, _ in wanted}),
            is_one_of(post.area_code, {code for _, code in wanted}),
            post.holder_id.is_not(None),
            in_force(on),
        )
        .order_by(post.kind, post.area_code, post.id)
    )
    return {
        key: tuple(dict.fromkeys(row.holder_id for row in of_one))
        for key, of_one in groupby(rows, key=lambda row: (row.kind, row.area_code))
    }


async def _still_on_roster(tx: Tx, people: Collection[UUID]) -> frozenset[UUID]:
    if not people:
        return frozenset()
    rows = await tx.execute(
        select(contacts.c.id).where(is_one_of(contacts.c.id, people), contacts.c.retired_at.is_(None))
    )
    return frozenset(row.id for row in rows)
