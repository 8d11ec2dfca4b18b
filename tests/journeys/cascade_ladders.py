"""Ladders of the journeys about the cascade, put in force."""

from typing import Any

import yaml

from jiaoying.dispatch.ladders.book import save_book
from town import START, Town

DESK: dict[str, Any] = {
    "stop": "any",
    "deadline_s": 300,
    "rungs": [{"who": "desk", "channels": ["sms", "voice"], "wait_s": 600}],
}


def rung(*who: Any, wait_s: int = 120, tries: int = 2, **more: Any) -> dict[str, Any]:
    """A step that texts and calls these."""
    return {"who": list(who), "channels": ["sms", "voice"], "tries": tries, "wait_s": wait_s, **more}


def ladder(*rungs: dict[str, Any], deadline_s: int = 300, **more: Any) -> dict[str, Any]:
    """A ladder of these steps; any answer covers unless something else is said."""
    return {"stop": "any", "deadline_s": deadline_s, "rungs": list(rungs), **more}


async def put_in_force(town: Town, **tiers: dict[str, Any]) -> None:
    """One rule for every colour, with these ladders by tier."""
    rule = {
        "name": "试验",
        "colours": ["blue", "yellow", "orange", "red"],
        "tiers": {"desk": DESK, **tiers},
    }
    text = yaml.safe_dump({"rules": [rule]}, allow_unicode=True)
    async with town.database.transaction() as tx:
        await save_book(tx, text, by="user:试验", now=START)
