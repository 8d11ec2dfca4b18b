"""One rule of the ladders as a form: what was typed becomes the plain data of a rule."""

from collections.abc import Mapping, Sequence
from typing import Any

from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.ladders.editing import RuleData
from jiaoying.dispatch.ladders.model import MAX_RUNGS, Tier
from jiaoying.gateways.base import Channel
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard

_LONGEST = 80


class Fields:
    """The fields of a posted form: one value or several under a name, cut to a sane length."""

    def __init__(self, posted: Mapping[str, Sequence[str]]) -> None:
        self._posted = posted

    def one(self, name: str) -> str:
        """The value of a field; empty where there is none."""
        return next(iter(self.many(name)), "")

    def many(self, name: str) -> list[str]:
        """All values of a field, in their order."""
        return [value[:_LONGEST].strip() for value in self._posted.get(name, ())[: 2 * MAX_RUNGS]]

    def number(self, name: str) -> int | str:
        """A whole number, or what was typed instead: reading the ladders complains of it."""
        typed = self.one(name)
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else typed


def rule_in(fields: Fields) -> RuleData:
    """The rule that a form describes."""
    rule: RuleData = {
        "name": fields.one("name"),
        "hazards": [word for word in fields.many("hazards") if word in set(Hazard)],
        "colours": [word for word in fields.many("colours") if word in set(Colour)],
        "tiers": {str(tier): _ladder(fields, tier) for tier in Tier if fields.one(f"{tier}.asked")},
    }
    if fields.one("hours_from") or fields.one("hours_to"):
        rule["hours"] = {"from": fields.one("hours_from"), "to": fields.one("hours_to")}
    return rule


def _ladder(fields: Fields, tier: Tier) -> RuleData:
    stop = fields.number(f"{tier}.stop")
    ladder: RuleData = {
        "stop": stop,
        "deadline_s": fields.number(f"{tier}.deadline_s"),
        "rungs": [_rung(fields, f"{tier}.{place}") for place in fields.many(f"{tier}.rung")[:MAX_RUNGS]],
        "feedback": [
            {"stage": str(stage), "within_s": _minutes(fields.number(f"{tier}.feedback.{stage}"))}
            for stage in FeedbackStage
            if fields.one(f"{tier}.feedback.{stage}")
        ],
    }
    if fields.one(f"{tier}.after"):
        ladder["after"] = {"tier": fields.one(f"{tier}.after"), "wait_s": fields.number(f"{tier}.after_s")}
    if fields.one(f"{tier}.heard_covers"):
        ladder["heard_covers"] = True
    return ladder


def _minutes(typed: int | str) -> int | str:
    return typed * 60 if isinstance(typed, int) else typed


def _rung(fields: Fields, at: str) -> RuleData:
    places = fields.many(f"{at}.post_of")
    who: list[Any] = fields.many(f"{at}.who")
    who += [
        {"post": kind, "of": places[index] if index < len(places) else ""}
        for index, kind in enumerate(fields.many(f"{at}.post"))
        if kind
    ]
    names = fields.many(f"{at}.person_name")
    who += [
        {"person": person, "name": names[index] if index < len(names) else ""}
        for index, person in enumerate(fields.many(f"{at}.person"))
        if person
    ]
    rung: RuleData = {
        "who": who,
        "channels": [word for word in fields.many(f"{at}.channels") if word in set(Channel)],
        "tries": fields.number(f"{at}.tries"),
        "gap_s": fields.number(f"{at}.gap_s"),
        "wait_s": fields.number(f"{at}.wait_s"),
    }
    if fields.one(f"{at}.in_turn"):
        rung["in_turn"] = True
    return rung
