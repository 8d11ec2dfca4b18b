"""Who would be called by a warning that nobody has confirmed yet: reads and arithmetic, no writing."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.dispatch.budget import Need
from jiaoying.dispatch.covering import CoveredArea, OutsideHome, township_of
from jiaoying.dispatch.empty_villages import empty_villages
from jiaoying.dispatch.forecast import Waiting
from jiaoying.dispatch.forecasting import Queue
from jiaoying.dispatch.home_map import HomeMap
from jiaoying.dispatch.matching import Match
from jiaoying.dispatch.outlook.ahead import Ahead, WouldBe, ahead_of
from jiaoying.dispatch.outlook.model import DutyAhead
from jiaoying.dispatch.outlook.naming import seats_of
from jiaoying.dispatch.planning import SHORT_WAIT_S
from jiaoying.dispatch.store import roster
from jiaoying.dispatch.store.roster import Callee, Planned
from jiaoying.dispatch.store.usage import borne_by
from jiaoying.gateways.base import Channel
from jiaoying.kernel.areas import Level, level_of
from jiaoying.kernel.budgets import NumberBudget
from jiaoying.kernel.colours import Colour
from jiaoying.storage.database import Tx
from jiaoying.templates.facts import CallFacts
from jiaoying.templates.render import word_call
from jiaoying.templates.store import wordings_in_force
from jiaoying.warnings.holding import DECISION_WAIT_S

T = TypeVar("T")

# So many texts are worded to count their parts; of more people, the rest are taken to be as long.
MOST_WORDED = 500
MOST_NAMED = 100


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
    ahead = await ahead_of(tx, would_be, home=home, timezone=timezone, now=now)
    if isinstance(ahead, OutsideHome):
        return ahead
    return await preview_of(
        tx, would_be, ahead, home_area=home.home_area, timezone=timezone, now=now, budgets=budgets
    )


async def preview_of(
    tx: Tx,
    would_be: WouldBe,
    ahead: Ahead,
    *,
    home_area: str,
    timezone: ZoneInfo,
    now: datetime,
    budgets: Mapping[str, NumberBudget] | None = None,
) -> Preview:
    """What would happen, in figures and a few words."""
    asked, area, match = ahead.duties, ahead.area, ahead.match
    people = await roster.callees(tx, {person for item in asked for person in item.at_once})
    plan = _Plan(asked, people, _labels(asked), _channels(asked), _waits(asked, ahead.warning_id))
    async with wordings_in_force(tx):
        worded = await asyncio.to_thread(_word, would_be.facts, plan)
    return Preview(
        id=ahead.warning_id,
        people=len(people),
        in_reserve=len({person for item in asked for person in item.later} - set(people)),
        posts=sum(1 for item in asked if item.duty.post_id),
        desks=sum(1 for item in asked if item.duty.desk_id),
        townships=await _townships(tx, asked, home_area),
        without_number=plan.without_number()[:MOST_NAMED],
        only_doubtful=plan.only_doubtful()[:MOST_NAMED],
        numbers_spent=await _numbers_spent(tx, plan, budgets or {}, would_be.colour, now),
        unfilled=tuple(item.duty.label for item in asked if not item.rungs[0].people)[:MOST_NAMED],
        empty_villages=await empty_villages(tx, would_be.hazard, area, now.astimezone(timezone).date()),
        found_by=found_by(area),
        waiting=await _waiting(tx, match, home_area),
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

    asked: Sequence[DutyAhead]
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


def _labels(asked: Iterable[DutyAhead]) -> Mapping[UUID, tuple[str, ...]]:
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for item in sorted(asked, key=lambda one: one.priority):
        for person in item.at_once:
            found[person].append(item.duty.label)
    return {person: tuple(dict.fromkeys(labels)) for person, labels in found.items()}


def _channels(asked: Iterable[DutyAhead]) -> Mapping[UUID, frozenset[Channel]]:
    found: defaultdict[UUID, set[Channel]] = defaultdict(set)
    for item in asked:
        for rung in item.rungs:
            if rung.begins_s == 0:
                for _, person in rung.people:
                    found[person].update(rung.channels)
    return {person: frozenset(channels) for person, channels in found.items()}


def _waits(asked: Iterable[DutyAhead], warning_id: UUID) -> Mapping[UUID, Waiting]:
    """How each person waits: as urgently, as often and as soon again as any of their rungs wants."""
    found: dict[UUID, Waiting] = {}
    at_once = ((item, rung) for item in asked for rung in item.rungs if rung.begins_s == 0)
    for item, rung in at_once:
        more, gap_s = rung.tries - 1, float(rung.gap_s)
        for _, person in rung.people:
            known = found.get(person) or Waiting(warning_id, item.priority, people=1, more=more, gap_s=gap_s)
            found[person] = replace(
                known,
                priority=min(known.priority, item.priority),
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


async def _townships(tx: Tx, asked: Sequence[DutyAhead], home_area: str) -> tuple[TownshipPlan, ...]:
    by_township = _by_township(((item.duty.area_code, item) for item in asked), home_area)
    names = await roster.names_of(tx, by_township)
    return tuple(
        TownshipPlan(
            code,
            names.get(code, code),
            len(items),
            len({person for item in items for person in item.at_once}),
        )
        for code, items in sorted(by_township.items())
    )


async def _waiting(tx: Tx, match: Match, home_area: str) -> tuple[TownshipPlan, ...]:
    by_township = _by_township(((post.area_code, post) for post in match.waiting), home_area)
    names = await roster.names_of(tx, by_township)
    seats = await seats_of(tx, [post.id for post in match.waiting])
    return tuple(
        TownshipPlan(
            code,
            names.get(code, code),
            len(found),
            len({seats[post.id].holder_id for post in found} - {None}),
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
