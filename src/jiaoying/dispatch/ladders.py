"""Ladders (叫应预案): for hazard × colour × tier, whom to ask, how, how long to wait, then whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, TypeVar, cast

import yaml

from jiaoying.gateways.base import Channel
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say

S = TypeVar("S", bound=StrEnum)

MAX_RUNGS = 10
MAX_TRIES = 5


class Tier(StrEnum):
    """The columns of the colour matrix: how far up a post stands."""

    VILLAGE = "village"  # villages, and sites such as reservoirs and mines
    TOWNSHIP = "township"
    COUNTY_LEAD = "county_lead"  # deputy county heads, heads of bureaus
    COUNTY_CHIEF = "county_chief"  # the county's party secretary and head, members of the headquarters
    DESK = "desk"  # duty desks of the county and of every covered township


class Who(StrEnum):
    """Whom a rung asks, seen from the responsibility."""

    HOLDER = "holder"
    DEPUTY = "deputy"
    DESK = "desk"  # today's officer at the duty desk of the area's township (or of the county)
    LEADER = "leader"  # today's leader on duty there
    SUPERIOR = "superior"


class Stop(StrEnum):
    """When a responsibility counts as covered."""

    ANY = "any"  # one of its people answered
    ALL = "all"  # everybody of the rung answered


@dataclass(frozen=True, slots=True)
class Rung:
    """One step. `wait_s` runs from its first accepted hand-over (the call, where it has one)."""

    who: tuple[Who, ...]
    channels: tuple[Channel, ...]
    tries: int
    gap_s: int  # from the end of one round to the next, for one person
    wait_s: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps for one tier. `deadline_s` runs from the match; past it the officer's list has it."""

    stop: Stop
    deadline_s: int
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One ladder rule: which warnings it is for, and a ladder for each tier that is to be asked."""

    name: str
    hazards: frozenset[Hazard]  # empty: every family
    colours: frozenset[Colour]
    tiers: Mapping[Tier, Ladder]


@dataclass(frozen=True, slots=True)
class LadderBook:
    """All rules in force. The first that fits a warning counts."""

    uncoloured_as: Colour
    night_from: time
    night_to: time
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class NoLadder:
    """Nobody of this tier is asked, with the reason."""

    reason: str


def choose_ladder(
    book: LadderBook, hazard: Hazard, colour: Colour | None, tier: Tier, at: time
) -> Ladder | NoLadder:
    """The ladder for one tier under one warning at local time `at`.

    At night every channel is raised by one step, a text becoming text and call: sleep is the reason
    that 叫应 exists.
    """
    for rule in book.rules:
        if (colour or book.uncoloured_as) in rule.colours and (not rule.hazards or hazard in rule.hazards):
            ladder = rule.tiers.get(tier)
            if ladder is None:
                return NoLadder("tier_not_asked")
            return _raised(ladder) if _is_night(book, at) else ladder
    return NoLadder("no_rule")


def _is_night(book: LadderBook, at: time) -> bool:
    if book.night_from <= book.night_to:
        return book.night_from <= at < book.night_to
    return at >= book.night_from or at < book.night_to


def _raised(ladder: Ladder) -> Ladder:
    rungs = tuple(
        Rung(rung.who, (Channel.SMS, Channel.VOICE), rung.tries, rung.gap_s, rung.wait_s)
        if rung.channels == (Channel.SMS,)
        else rung
        for rung in ladder.rungs
    )
    return Ladder(ladder.stop, ladder.deadline_s, rungs)


@cache
def default_book() -> LadderBook:
    """The ready-made ladders after the matrix of common practice; a county edits its own copy."""
    return parse_book(default_text())


def default_text() -> str:
    """The YAML of the ready-made ladders."""
    return resources.files("jiaoying.dispatch").joinpath("ladders.yaml").read_text(encoding="utf-8")


def parse_book(text: str) -> LadderBook:
    """Read a ladder file. Raises Refusal with a complaint for each thing that is wrong."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Refusal(say("The ladder file is not YAML: {problem}", problem=error)) from error
    return book_from_data(raw)


def book_from_data(raw: object) -> LadderBook:
    """The book that plain data (YAML or a JSON column) describes. Raises Refusal."""
    reader = _Reader([])
    book = reader.book(raw)
    if reader.complaints or book is None:
        text = "; ".join(f"{complaint.field}: {complaint.text}" for complaint in reader.complaints)
        raise Refusal(say("The ladders cannot be used: {text}", text=text), tuple(reader.complaints))
    return book


def ladder_from_data(raw: object) -> Ladder:
    """A frozen ladder back from its JSON column."""
    reader = _Reader([])
    ladder = reader.ladder(raw, "ladder")
    if ladder is None or reader.complaints:
        raise ValueError(f"a frozen ladder cannot be read: {reader.complaints}")
    return ladder


def ladder_to_data(ladder: Ladder) -> dict[str, object]:
    """A ladder as plain data, as it is frozen under a warning."""
    return {
        "stop": ladder.stop,
        "deadline_s": ladder.deadline_s,
        "rungs": [
            {
                "who": list(rung.who),
                "channels": list(rung.channels),
                "tries": rung.tries,
                "gap_s": rung.gap_s,
                "wait_s": rung.wait_s,
            }
            for rung in ladder.rungs
        ],
    }


@dataclass(slots=True)
class _Reader:
    """Reads plain data and collects what is wrong instead of stopping at the first."""

    complaints: list[Complaint]

    def book(self, raw: object) -> LadderBook | None:
        data = self._mapping(raw, "file")
        night = self._mapping(data.get("night", {}), "night")
        colour = self._word(Colour, data.get("uncoloured_as", "yellow"), "uncoloured_as")
        begin, end = (
            self._time(night.get(key, default), f"night.{key}")
            for key, default in (("from", "22:00"), ("to", "06:00"))
        )
        rules = [
            self._rule(item, f"rules[{number}]")
            for number, item in enumerate(self._list(data.get("rules"), "rules"), start=1)
        ]
        if self.complaints or colour is None or begin is None or end is None:
            return None
        return LadderBook(colour, begin, end, tuple(rule for rule in rules if rule))

    def _rule(self, raw: object, at: str) -> Rule | None:
        data = self._mapping(raw, at)
        hazards = self._words(Hazard, data.get("hazards", []), f"{at}.hazards")
        colours = self._words(Colour, data.get("colours"), f"{at}.colours")
        if not colours:
            self._complain(f"{at}.colours", say("name at least one colour"))
        tiers: dict[Tier, Ladder] = {}
        for key, value in self._mapping(data.get("tiers"), f"{at}.tiers").items():
            tier = self._word(Tier, key, f"{at}.tiers")
            ladder = self.ladder(value, f"{at}.tiers.{key}")
            if tier and ladder:
                tiers[tier] = ladder
        if Tier.DESK not in tiers:
            self._complain(
                f"{at}.tiers", say("the tier “desk” is missing: duty desks are called at every colour")
            )
        return Rule(str(data.get("name", at)), frozenset(hazards), frozenset(colours), tiers)

    def ladder(self, raw: object, at: str) -> Ladder | None:
        data = self._mapping(raw, at)
        stop = self._word(Stop, data.get("stop", "any"), f"{at}.stop")
        deadline = self._number(data.get("deadline_s"), f"{at}.deadline_s", 60, 86_400)
        items = self._list(data.get("rungs"), f"{at}.rungs")
        if not 1 <= len(items) <= MAX_RUNGS:
            self._complain(f"{at}.rungs", say("write 1 to {count} rungs", count=MAX_RUNGS))
        rungs = [self._rung(item, f"{at}.rungs[{number}]") for number, item in enumerate(items, start=1)]
        if stop is None or deadline is None or any(rung is None for rung in rungs):
            return None
        return Ladder(stop, deadline, tuple(rung for rung in rungs if rung))

    def _rung(self, raw: object, at: str) -> Rung | None:
        data = self._mapping(raw, at)
        who = self._words(Who, data.get("who"), f"{at}.who")
        channels = self._words(Channel, data.get("channels"), f"{at}.channels")
        if not who:
            self._complain(f"{at}.who", say("say who is asked"))
        if not channels:
            self._complain(f"{at}.channels", say("name at least one channel: sms, voice"))
        tries = self._number(data.get("tries", 1), f"{at}.tries", 1, MAX_TRIES)
        gap = self._number(data.get("gap_s", 60), f"{at}.gap_s", 1, 3_600)
        wait = self._number(data.get("wait_s"), f"{at}.wait_s", 10, 86_400)
        if tries is None or gap is None or wait is None:
            return None
        return Rung(who, channels, tries, gap, wait)

    def _complain(self, at: str, text: str) -> None:
        self.complaints.append(Complaint("ladder", at, text))

    def _mapping(self, raw: object, at: str) -> Mapping[str, Any]:
        if isinstance(raw, Mapping):
            return cast("Mapping[str, Any]", raw)
        self._complain(at, say("a block of “name: value” lines is expected here"))
        return {}

    def _list(self, raw: object, at: str) -> list[object]:
        if isinstance(raw, list):
            return cast("list[object]", raw)
        self._complain(at, say("a list is expected here"))
        return []

    def _word(self, kind: type[S], raw: object, at: str) -> S | None:
        try:
            return kind(str(raw))
        except ValueError:
            self._complain(at, say("“{word}” is not one of: {words}", word=raw, words=", ".join(kind)))
            return None

    def _words(self, kind: type[S], raw: object, at: str) -> tuple[S, ...]:
        items = self._list([raw] if isinstance(raw, str) else raw, at)
        read = (self._word(kind, item, at) for item in items)
        return tuple(dict.fromkeys(word for word in read if word is not None))

    def _number(self, raw: object, at: str, low: int, high: int) -> int | None:
        if isinstance(raw, int) and not isinstance(raw, bool) and low <= raw <= high:
            return raw
        self._complain(at, say("write a whole number from {low} to {high}", low=low, high=high))
        return None

    def _time(self, raw: object, at: str) -> time | None:
        try:
            return time.fromisoformat(str(raw))
        except ValueError:
            self._complain(at, say("write a time as “22:00”, in quotation marks"))
            return None
