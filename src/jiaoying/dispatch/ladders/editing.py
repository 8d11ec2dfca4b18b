"""A rule as a form has it: plain data, its rungs added, moved and taken away. Pure.

The data is what `writing` gives for a rule; whether it makes sense says `reading`, when it is taken over.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, cast

from jiaoying.dispatch.ladders.model import LadderBook, Tier
from jiaoying.dispatch.ladders.writing import book_to_data

RuleData = dict[str, Any]

_NEW_RUNG: RuleData = {"who": [], "channels": ["sms", "voice"], "tries": 3, "gap_s": 60, "wait_s": 150}
_NEW_DESK: RuleData = {
    "stop": "any",
    "deadline_s": 300,
    "rungs": [{**_NEW_RUNG, "who": ["desk"]}, {**_NEW_RUNG, "who": ["leader"]}],
}


def rules_of(book: LadderBook) -> list[RuleData]:
    """The rules of a book as forms have them."""
    return cast("list[RuleData]", book_to_data(book)["rules"])


def new_rule() -> RuleData:
    """A rule that only asks the duty desks."""
    return {"name": "", "hazards": [], "colours": [], "tiers": {str(Tier.DESK): deepcopy(_NEW_DESK)}}


def with_rule(book: LadderBook, number: int, rule: RuleData) -> dict[str, object]:
    """The book with rule `number` (from 1) replaced; one past the end is put before the others.

    Before: the first that fits counts, and behind the general rules a new one would never run.
    """
    data, rules = book_to_data(book), rules_of(book)
    rules = [*rules[: number - 1], rule, *rules[number:]] if number <= len(rules) else [rule, *rules]
    return {**data, "rules": rules}


def with_rules_changed(book: LadderBook, deed: str, number: int) -> dict[str, object]:
    """The book with rule `number` (from 1) moved `up` or `down`, `remove`d or doubled (`copy`)."""
    data, rules = book_to_data(book), rules_of(book)
    return {**data, "rules": _changed(rules, deed, number - 1)}


def with_rungs_changed(rule: RuleData, deed: str, tier: str, number: int) -> RuleData:
    """The rule with a rung of a tier `add`ed, `remove`d, or moved `up` or `down`; `number` from 1."""
    changed = deepcopy(rule)
    ladder = cast("dict[str, Any] | None", changed["tiers"].get(tier))
    if ladder is None:
        return changed
    rungs = cast("list[RuleData]", ladder["rungs"])
    ladder["rungs"] = [*rungs, deepcopy(_NEW_RUNG)] if deed == "add" else _changed(rungs, deed, number - 1)
    return changed


def _changed(some: list[RuleData], deed: str, place: int) -> list[RuleData]:
    if not 0 <= place < len(some):
        return some
    before, one, after = some[:place], some[place], some[place + 1 :]
    if deed == "remove":
        return [*before, *after]
    if deed == "copy":
        return [*before, deepcopy(one), one, *after]
    if deed == "up" and before:
        return [*before[:-1], one, before[-1], *after]
    if deed == "down" and after:
        return [*before, after[0], one, *after[1:]]
    return some


def tier_data(rule: Mapping[str, Any], tier: str) -> Mapping[str, Any]:
    """The ladder of a tier; an empty one where the tier is not asked."""
    return rule["tiers"].get(tier) or {"stop": "any", "deadline_s": 300, "rungs": [deepcopy(_NEW_RUNG)]}
