"""Ladders from what people write (YAML) or what was frozen (JSON); what is wrong becomes a complaint."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any, cast
from uuid import UUID

from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.ladders.model import (
    ALL,
    ANY,
    MAX_RUNGS,
    MAX_TRIES,
    After,
    FeedbackClock,
    Hours,
    Ladder,
    LadderBook,
    NamedPerson,
    NamedPost,
    Rule,
    Rung,
    Stop,
    Target,
    Tier,
    Who,
)
from jiaoying.dispatch.ladders.placing import placed, rule_at
from jiaoying.gateways.base import Channel
from jiaoying.kernel.areas import Level
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.kernel.plain_data import DataReader, load_yaml

MAX_NAME_LENGTH = 60
MAX_RULES = 200
MAX_COMPLAINTS = 50
_BOOK_FIELDS = ("uncoloured_as", "night", "rules")
_RULE_FIELDS = ("name", "hazards", "colours", "hours", "tiers")
_LADDER_FIELDS = ("stop", "deadline_s", "rungs", "after", "feedback", "heard_covers")
_RUNG_FIELDS = ("who", "channels", "tries", "gap_s", "wait_s", "in_turn")
_PLACES = (Level.VILLAGE, Level.TOWNSHIP, Level.COUNTY)
# Written by a form of their own.
_PLAIN_ROLES = tuple(who for who in Who if who not in (Who.POST, Who.PERSON))


@cache
def default_book() -> LadderBook:
    """The ready-made ladders after the matrix of common practice; a county edits its own copy."""
    return parse_book(default_text())


def default_text() -> str:
    """The YAML of the ready-made ladders."""
    return (
        resources.files("jiaoying.dispatch.ladders").joinpath("ready_made.yaml").read_text(encoding="utf-8")
    )


def parse_book(text: str) -> LadderBook:
    """Read a ladder file. Raises Refusal with a complaint for each thing that is wrong."""
    return book_from_data(load_yaml(text), strict=True)


def book_from_data(raw: object, *, strict: bool = False) -> LadderBook:
    """The book that plain data (YAML or a JSON column) describes. Raises Refusal.

    `strict` complains of fields that nobody knows: what a person misspelt. What a newer release stored may
    hold fields that this one does not know yet.
    """
    reader = _LadderReader("ladder", strict)
    book = reader.book(raw)
    if reader.complaints or book is None:
        names = _rule_names(raw)
        told = tuple(
            replace(one, text=placed(one.field, one.text, names))
            for one in reader.complaints[:MAX_COMPLAINTS]
        )
        text = "; ".join(f"{complaint.field}: {complaint.text}" for complaint in told)
        raise Refusal(say("The ladders cannot be used: {text}", text=text), told)
    return book


def _rule_names(raw: object) -> list[str]:
    """What the rules are called, as far as they can be read."""
    rules = cast("Mapping[str, object]", raw).get("rules") if isinstance(raw, Mapping) else None
    named = [
        cast("Mapping[str, object]", rule).get("name") if isinstance(rule, Mapping) else None
        for rule in cast("list[object]", rules if isinstance(rules, list) else [])
    ]
    return [name if isinstance(name, str) else "" for name in named]


def ladder_from_data(raw: object) -> Ladder:
    """A frozen ladder back from its JSON column."""
    reader = _LadderReader("ladder")
    ladder = reader.ladder(raw, "ladder")
    if ladder is None or reader.complaints:
        raise ValueError(f"a frozen ladder cannot be read: {reader.complaints}")
    return ladder


class _LadderReader(DataReader):
    def book(self, raw: object) -> LadderBook | None:
        data = self.mapping(raw, "file", _BOOK_FIELDS)
        colour = self.word(Colour, data.get("uncoloured_as", "yellow"), "uncoloured_as")
        night = self._hours(data.get("night", {"from": "22:00", "to": "06:00"}), "night")
        items = self.items(data.get("rules"), "rules")
        if len(items) > MAX_RULES:
            self.complain("rules", say("write at most {count} rules", count=MAX_RULES))
        rules = [self._rule(item, rule_at(number)) for number, item in enumerate(items[:MAX_RULES], start=1)]
        if self.complaints or colour is None or night is None:
            return None
        return LadderBook(colour, night, tuple(rule for rule in rules if rule))

    def _rule(self, raw: object, at: str) -> Rule | None:
        data = self.mapping(raw, at, _RULE_FIELDS)
        hazards = self.words(Hazard, data.get("hazards", []), f"{at}.hazards")
        colours = self.words(Colour, data.get("colours"), f"{at}.colours")
        if not colours:
            self.complain(f"{at}.colours", say("name at least one colour"))
        hours = self._hours(data["hours"], f"{at}.hours") if "hours" in data else None
        tiers: dict[Tier, Ladder] = {}
        for key, value in self.mapping(data.get("tiers"), f"{at}.tiers").items():
            tier = self.word(Tier, key, f"{at}.tiers")
            ladder = self.ladder(value, f"{at}.tiers.{key}")
            if tier and ladder:
                tiers[tier] = ladder
        if Tier.DESK not in tiers:
            self.complain(
                f"{at}.tiers", say("the tier “desk” is missing: duty desks are called at every colour")
            )
        name = str(data.get("name", at)).strip()[:MAX_NAME_LENGTH]
        return Rule(name, frozenset(hazards), frozenset(colours), tiers, hours)

    def ladder(self, raw: object, at: str) -> Ladder | None:
        data = self.mapping(raw, at, _LADDER_FIELDS)
        stop = self._stop(data.get("stop", "any"), f"{at}.stop")
        deadline = self.number(data.get("deadline_s"), f"{at}.deadline_s", 60, 86_400)
        after = self._after(data["after"], f"{at}.after") if data.get("after") else None
        clocks = [
            self._clock(item, f"{at}.feedback[{number}]")
            for number, item in enumerate(self.items(data.get("feedback", []), f"{at}.feedback"), start=1)
        ]
        items = self.items(data.get("rungs"), f"{at}.rungs")
        if not 1 <= len(items) <= MAX_RUNGS:
            self.complain(f"{at}.rungs", say("write 1 to {count} rungs", count=MAX_RUNGS))
        rungs = [self._rung(item, f"{at}.rungs[{number}]") for number, item in enumerate(items, start=1)]
        heard = self.yes_or_no(data.get("heard_covers", False), f"{at}.heard_covers")
        if stop is None or deadline is None or any(rung is None for rung in rungs):
            return None
        return Ladder(
            stop,
            deadline,
            tuple(rung for rung in rungs if rung),
            after,
            tuple(clock for clock in clocks if clock),
            heard,
        )

    def _stop(self, raw: object, at: str) -> Stop | None:
        """`any`, `all`, or how many must answer."""
        if raw in ("any", "all"):
            return ANY if raw == "any" else ALL
        if isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= MAX_RUNGS:
            return Stop(raw)
        self.complain(at, say("write any, all, or how many people must answer"))
        return None

    def _after(self, raw: object, at: str) -> After | None:
        data = self.mapping(raw, at)
        tier = self.word(Tier, data.get("tier"), f"{at}.tier")
        wait = self.number(data.get("wait_s"), f"{at}.wait_s", 10, 86_400)
        return None if tier is None or wait is None else After(tier, wait)

    def _clock(self, raw: object, at: str) -> FeedbackClock | None:
        data = self.mapping(raw, at)
        stage = self.word(FeedbackStage, data.get("stage"), f"{at}.stage")
        within = self.number(data.get("within_s"), f"{at}.within_s", 60, 86_400)
        return None if stage is None or within is None else FeedbackClock(stage, within)

    def _rung(self, raw: object, at: str) -> Rung | None:
        data = self.mapping(raw, at, _RUNG_FIELDS)
        who = self._targets(data.get("who"), f"{at}.who")
        channels = self.words(Channel, data.get("channels"), f"{at}.channels")
        if not who:
            self.complain(f"{at}.who", say("say who is asked"))
        if not channels:
            self.complain(f"{at}.channels", say("name at least one channel: sms, voice"))
        tries = self.number(data.get("tries", 1), f"{at}.tries", 1, MAX_TRIES)
        gap = self.number(data.get("gap_s", 60), f"{at}.gap_s", 1, 3_600)
        wait = self.number(data.get("wait_s"), f"{at}.wait_s", 10, 86_400)
        in_turn = self.yes_or_no(data.get("in_turn", False), f"{at}.in_turn")
        if tries is None or gap is None or wait is None:
            return None
        return Rung(who, channels, tries, gap, wait, in_turn)

    def _targets(self, raw: object, at: str) -> tuple[Target, ...]:
        items = [cast("object", raw)] if isinstance(raw, str | Mapping) else self.items(raw, at)
        read = (self._target(item, at) for item in items)
        return tuple(dict.fromkeys(target for target in read if target is not None))

    def _target(self, raw: object, at: str) -> Target | None:
        """A role by its word, `{post: 防汛责任人, of: township}`, or `{person: ID, name: 赵某}`."""
        if not isinstance(raw, Mapping):
            if raw in _PLAIN_ROLES:
                return Who(str(raw))
            self.unknown(raw, _PLAIN_ROLES, at)
            return None
        data = cast("Mapping[str, Any]", raw)
        if "post" in data:
            return self._named_post(data, at)
        return self._named_person(data, at)

    def _named_post(self, data: Mapping[str, Any], at: str) -> NamedPost | None:
        kind, of = str(data["post"]).strip(), str(data.get("of", Level.TOWNSHIP))
        if of not in _PLACES:
            self.unknown(of, _PLACES, f"{at}.of")
        elif not kind or len(kind) > MAX_NAME_LENGTH:
            self.complain(f"{at}.post", say("write the post as the roster names it"))
        else:
            return NamedPost(kind, Level(of))
        return None

    def _named_person(self, data: Mapping[str, Any], at: str) -> NamedPerson | None:
        try:
            contact_id = UUID(str(data.get("person")))
        except ValueError:
            self.complain(
                f"{at}.person", say("name a person by the id that the address of their page ends with")
            )
            return None
        return NamedPerson(contact_id, str(data.get("name", ""))[:MAX_NAME_LENGTH])

    def _hours(self, raw: object, at: str) -> Hours | None:
        data = self.mapping(raw, at)
        begin, end = (self.time(data.get(key), f"{at}.{key}") for key in ("from", "to"))
        return None if begin is None or end is None else Hours(begin, end)
