"""Who would be called by a warning that nobody has confirmed yet: reads and arithmetic, no writing."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from jiaoying.dispatch.budget import Need
from jiaoying.dispatch.covering import CoveredArea, OutsideHome, township_of
from jiaoying.dispatch.empty_villages import empty_villages
from jiaoying.dispatch.finding import area_of, ladders_now, people_for
from jiaoying.dispatch.forecast import Waiting
from jiaoying.dispatch.forecasting import Queue
from jiaoying.dispatch.home_map import HomeMap
from jiaoying.dispatch.ladders.model import Ladder, Rung, Who
from jiaoying.dispatch.matching import Match, NewResponsibility, priority_of
from jiaoying.dispatch.naming import named_by
from jiaoying.dispatch.planning import SHORT_WAIT_S
from jiaoying.dispatch.store import naming, roster
from jiaoying.dispatch.store.naming import Place
from jiaoying.dispatch.store.roster import Callee, Planned
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.dispatch.store.usage import borne_by
from jiaoying.gateways.base import Channel
from jiaoying.kernel.areas import Level, level_of
from jiaoying.kernel.budgets import NumberBudget
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import posts
from jiaoying.templates.facts import CallFacts
from jiaoying.templates.render import word_call
from jiaoying.templates.store import wordings_in_force
from jiaoying.warnings.holding import DECISION_WAIT_S

T = TypeVar("T")

# So many texts are worded to count their parts; of more people, the rest are taken to be as long.
MOST_WORDED = 500
MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class WouldBe:
    """The warning as it would be, as far as it decides who is called and in what words."""

    hazard: Hazard
    colour: Colour | None
    area_codes: tuple[str, ...]
    polygons: Sequence[Any]
    circles: Sequence[Any]
    facts: CallFacts  # with no roles


@dataclass(frozen=True, slots=True)
class TownshipPlan:
    """One township, or the county's own offices."""

    area_code: str
    name: str
    posts: int
    people: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen. People are counted once, however many posts they hold.

    `queue` is what would wait at the gateway, under the warning's id `id`.
    """

    id: UUID
    people: int  # called at once
    in_reserve: int  # whom later rungs may ask, while nobody answers
    posts: int
    desks: int
    townships: tuple[TownshipPlan, ...]
    without_number: tuple[str, ...]  # 赵某（梁庄村 防汛责任人）
    only_doubtful: tuple[str, ...]  # as above: every number dead, suspended or somebody else's
    numbers_spent: int  # called as often as the carrier allows, and for a while
    unfilled: tuple[str, ...]  # posts and desks whose first rung finds nobody
    empty_villages: tuple[str, ...]  # under the warning, with nobody who could be called
    found_by: Mapping[str, int]  # of a polygon: how many villages were found by which precision
    waiting: tuple[TownshipPlan, ...]  # whose village people wait until their townships are ticked
    waits_s: int | None  # until they are called by themselves; None where only a tick calls them
    planned: Planned
    texts: int
    text_parts: int
    calls: int
    sms: str
    sms_parts: int
    voice: str
    queue: Queue
    last: str | None  # who would be rung last, as above


@dataclass(frozen=True, slots=True)
class _Asked:
    """A responsibility with whom its first rung and its later ones ask."""

    duty: NewResponsibility
    first: tuple[UUID, ...]
    later: tuple[UUID, ...]
    rung: Rung
    rank: int


async def preview_match(
    tx: Tx,
    would_be: WouldBe,
    *,
    home: HomeMap,
    timezone: ZoneInfo,
    now: datetime,
    budgets: Mapping[str, NumberBudget] | None = None,
) -> Preview | OutsideHome:
    """The match of a warning that is not there, on the roster, the rota and the ladders of this moment.

    `budgets` are those of the gateways that would carry it, by name.
    """
    area = await area_of(tx, home, would_be.area_codes, would_be.polygons, would_be.circles)
    if isinstance(area, OutsideHome):
        return area
    warning_id = new_id(now)
    match = await _match(tx, warning_id, would_be, area, timezone, now)
    asked = await _asked(tx, would_be, match, timezone, now)
    people = await roster.callees(tx, {person for item in asked for person in item.first})
    plan = _Plan(asked, people, _labels(asked), _channels(asked), _waits(asked, warning_id))
    async with wordings_in_force(tx):
        worded = await asyncio.to_thread(_word, would_be.facts, plan)
    return Preview(
        id=warning_id,
        people=len(people),
        in_reserve=len({person for item in asked for person in item.later} - set(people)),
        posts=sum(1 for item in asked if item.duty.post_id),
        desks=sum(1 for item in asked if item.duty.desk_id),
        townships=await _townships(tx, asked, home.home_area),
        without_number=plan.without_number()[:MOST_NAMED],
        only_doubtful=plan.only_doubtful()[:MOST_NAMED],
        numbers_spent=await _numbers_spent(tx, plan, budgets or {}, would_be.colour, now),
        unfilled=tuple(item.duty.label for item in asked if not item.first)[:MOST_NAMED],
        empty_villages=await empty_villages(tx, would_be.hazard, area, now.astimezone(timezone).date()),
        found_by=found_by(area),
        waiting=await _waiting(tx, match, home.home_area),
        waits_s=DECISION_WAIT_S if match.waiting and would_be.colour is Colour.RED else None,
        planned=await roster.planned_at(tx, [item.duty.post_id for item in asked if item.duty.post_id]),
        texts=len(plan.texted()),
        text_parts=worded.parts,
        calls=sum(1 for person in people if plan.is_called(person)),
        sms=worded.sms,
        sms_parts=worded.sms_parts,
        voice=worded.voice,
        queue=plan.queue(worded.parts),
        last=plan.last(),
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """Everybody of the first rungs, for what, and by what."""

    asked: Sequence[_Asked]
    people: Mapping[UUID, Callee]
    labels: Mapping[UUID, tuple[str, ...]]  # the most urgent first
    channels: Mapping[UUID, frozenset[Channel]]
    waits: Mapping[UUID, Waiting]

    def texted(self) -> list[UUID]:
        """Who gets a text, the most urgent first."""
        return [
            person
            for person in self.labels
            if Channel.SMS in self.channels[person]
            and any(kind == "mobile" for _, kind in self.people[person].numbers)
        ]

    def is_called(self, person: UUID) -> bool:
        """Whether there is a number to ring and the rung rings."""
        return Channel.VOICE in self.channels[person] and bool(self.people[person].numbers)

    def last(self) -> str | None:
        """Who is rung last, or is sent the last text."""
        rung = [person for person in self.labels if self.is_called(person)] or self.texted()
        return f"{self.people[rung[-1]].name}（{self.labels[rung[-1]][0]}）" if rung else None

    def queue(self, parts: int) -> Queue:
        """What would wait at the gateway, with `parts` text parts in all."""
        texted = self.texted()
        size = parts / max(len(texted), 1)
        called = [person for person in self.labels if self.is_called(person)]
        calls = Counter(self.waits[person] for person in called)
        rung = set(called)
        # Beside calls one text is enough; alone it is repeated (planning.py).
        texts = Counter(
            replace(self.waits[person], size=size, **({"more": 0} if person in rung else {}))
            for person in texted
        )
        return Queue(_counted(calls), _counted(texts))

    def without_number(self) -> tuple[str, ...]:
        """Those who cannot be called at all, with what they answer for."""
        return tuple(
            f"{callee.name}（{self.labels[person][0]}）"
            for person, callee in self.people.items()
            if not callee.numbers
        )

    def only_doubtful(self) -> tuple[str, ...]:
        """Those who are called on numbers where nobody will be found, for all that is known."""
        return tuple(
            f"{callee.name}（{self.labels[person][0]}）"
            for person, callee in self.people.items()
            if callee.numbers and len(callee.doubtful) == len(callee.numbers)
        )


async def _numbers_spent(
    tx: Tx, plan: _Plan, budgets: Mapping[str, NumberBudget], colour: Colour | None, now: datetime
) -> int:
    """Numbers to be called that bear no more calls for longer than is waited for."""
    called = (callee for person, callee in plan.people.items() if plan.is_called(person))
    numbers = {number for callee in called for number, _ in callee.numbers}
    if not numbers or not budgets:
        return 0
    usage = (await borne_by(tx, numbers, budgets, now)).usage
    need = Need.GRAVE if colour is Colour.RED else Need.CALL
    soon = now + timedelta(seconds=SHORT_WAIT_S)
    return sum(usage.room(list(budgets), Channel.VOICE, number, need, now).at > soon for number in numbers)


@dataclass(frozen=True, slots=True)
class _Worded:
    """All texts in parts, and one of each kind in full."""

    parts: int
    sms: str
    sms_parts: int
    voice: str


async def _match(
    tx: Tx, warning_id: UUID, would_be: WouldBe, area: CoveredArea, timezone: ZoneInfo, now: datetime
) -> Match:
    return await people_for(
        tx,
        warning_id=warning_id,
        hazard=would_be.hazard,
        area=area,
        ladders=await ladders_now(tx, would_be.hazard, would_be.colour, timezone, now),
        timezone=timezone,
        now=now,
    )


async def _asked(tx: Tx, would_be: WouldBe, match: Match, timezone: ZoneInfo, now: datetime) -> list[_Asked]:
    ladders = {row_id: (tier, ladder) for row_id, tier, ladder in match.ladders}
    holders = await _holders(tx, [duty.post_id for duty in match.responsibilities if duty.post_id])
    places = {duty.id: _place(duty, ladders[duty.ladder_id][1], holders) for duty in match.responsibilities}
    around = await naming.around_each(tx, places, now.astimezone(timezone).date(), now)
    found: list[_Asked] = []
    for duty in match.responsibilities:
        tier, ladder = ladders[duty.ladder_id]
        rungs = [
            tuple(person for target in rung.who for person in named_by(target, around[duty.id]))
            for rung in ladder.rungs
        ]
        later = tuple(person for rung in rungs[1:] for person in rung)
        at_point = duty.post_id is not None and holders[duty.post_id].at_point
        rank = priority_of(tier, would_be.colour, exercise=False, at_point=at_point)
        found.append(_Asked(duty, rungs[0], later, ladder.rungs[0], rank))
    return found


@dataclass(frozen=True, slots=True)
class _Holders:
    """Whom a post names."""

    named: Mapping[Who, UUID | None]
    at_point: bool


async def _holders(tx: Tx, post_ids: Sequence[UUID]) -> Mapping[UUID, _Holders]:
    post = posts.c
    rows = await tx.execute(
        select(post.id, post.holder_id, post.deputy_id, post.superior_id, post.danger_point_id).where(
            is_one_of(post.id, post_ids)
        )
    )
    return {
        row.id: _Holders(
            {Who.HOLDER: row.holder_id, Who.DEPUTY: row.deputy_id, Who.SUPERIOR: row.superior_id},
            row.danger_point_id is not None,
        )
        for row in rows
    }


def _place(duty: NewResponsibility, ladder: Ladder, holders: Mapping[UUID, _Holders]) -> Place:
    own: Mapping[Who, UUID | None] = holders[duty.post_id].named if duty.post_id else {}
    seats = (own.get(who) for who in (Who.HOLDER, Who.DEPUTY, Who.SUPERIOR))
    targets = [target for rung in ladder.rungs for target in rung.who]
    return Place(duty.area_code, duty.desk_id, *seats, targets=targets)


def _labels(asked: Iterable[_Asked]) -> Mapping[UUID, tuple[str, ...]]:
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for item in sorted(asked, key=lambda one: one.rank):
        for person in item.first:
            found[person].append(item.duty.label)
    return {person: tuple(dict.fromkeys(labels)) for person, labels in found.items()}


def _channels(asked: Iterable[_Asked]) -> Mapping[UUID, frozenset[Channel]]:
    found: defaultdict[UUID, set[Channel]] = defaultdict(set)
    for item in asked:
        for person in item.first:
            found[person].update(item.rung.channels)
    return {person: frozenset(channels) for person, channels in found.items()}


def _waits(asked: Iterable[_Asked], warning_id: UUID) -> Mapping[UUID, Waiting]:
    """How each person waits: as urgently, as often and as soon again as any of their rungs wants."""
    found: dict[UUID, Waiting] = {}
    for item in asked:
        more, gap_s = item.rung.tries - 1, float(item.rung.gap_s)
        for person in item.first:
            known = found.get(person) or Waiting(warning_id, item.rank, people=1, more=more, gap_s=gap_s)
            found[person] = replace(
                known,
                priority=min(known.priority, item.rank),
                more=max(known.more, more),
                gap_s=min(known.gap_s, gap_s),
            )
    return found


def _counted(alike: Mapping[Waiting, int]) -> list[Waiting]:
    return [replace(waiting, people=people) for waiting, people in alike.items()]


def _word(facts: CallFacts, plan: _Plan) -> _Worded:
    """Pure, but slow for thousands: each text is rendered as it would go out."""
    texted = plan.texted()
    some = texted[:MOST_WORDED]
    parts = sum(_text(facts, plan, person, Channel.SMS)[1] for person in some)
    shown = next(iter(texted or plan.labels), None)
    sms, sms_parts = ("", 0) if shown is None else _text(facts, plan, shown, Channel.SMS)
    voice = "" if shown is None else _text(facts, plan, shown, Channel.VOICE)[0]
    return _Worded(round(parts * len(texted) / max(len(some), 1)), sms, sms_parts, voice)


def _text(facts: CallFacts, plan: _Plan, person: UUID, channel: Channel) -> tuple[str, int]:
    worded = word_call(replace(facts, roles=plan.labels[person]), channel, plan.people[person].language)
    return worded.text, worded.parts


async def _townships(tx: Tx, asked: Sequence[_Asked], home_area: str) -> tuple[TownshipPlan, ...]:
    by_township = _by_township(((item.duty.area_code, item) for item in asked), home_area)
    names = await roster.names_of(tx, by_township)
    return tuple(
        TownshipPlan(
            code,
            names.get(code, code),
            len(items),
            len({person for item in items for person in item.first}),
        )
        for code, items in sorted(by_township.items())
    )


async def _waiting(tx: Tx, match: Match, home_area: str) -> tuple[TownshipPlan, ...]:
    by_township = _by_township(((post.area_code, post) for post in match.waiting), home_area)
    names = await roster.names_of(tx, by_township)
    holders = await _holders(tx, [post.id for post in match.waiting])
    return tuple(
        TownshipPlan(
            code,
            names.get(code, code),
            len(found),
            len({holders[post.id].named[Who.HOLDER] for post in found} - {None}),
        )
        for code, found in sorted(by_township.items())
    )


def _by_township(items: Iterable[tuple[str, T]], home_area: str) -> Mapping[str, list[T]]:
    """By the township that each lies in; what lies above them stands under the county."""
    found: defaultdict[str, list[T]] = defaultdict(list)
    for code, item in items:
        below = level_of(code) in (Level.TOWNSHIP, Level.VILLAGE)
        found[township_of(code) if below else home_area].append(item)
    return found


def found_by(area: CoveredArea) -> Mapping[str, int]:
    """How closely the villages under a polygon are known; empty where codes decide."""
    if area.points is None:
        return {}
    villages = (unit for unit in area.units if level_of(unit.code) is Level.VILLAGE)
    return Counter(str(unit.precision) for unit in villages)
