"""Plans from what people write (YAML) or what was kept (JSON); what is wrong becomes a complaint."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Any, TypeVar, cast

import yaml

from jiaoying.contacts.model import PointKind, PostLevel
from jiaoying.dispatch.response.model import (
    MAX_NAME,
    MAX_ORDER,
    MAX_PLANS,
    MAX_TASKS,
    Addressee,
    Desks,
    Evidence,
    Holders,
    LevelRule,
    Plan,
    PlanBook,
    ResponseLevel,
    TaskKind,
    TaskOrder,
)
from jiaoying.kernel.areas import Level
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say

S = TypeVar("S", bound=StrEnum)

_DESKS_AT = (Level.COUNTY, Level.TOWNSHIP)
HAND = "hand"  # the key of what is ordered by hand
LONGEST_DEADLINE_MIN = 7 * 24 * 60


def ready_made_text() -> str:
    """The YAML of the example plans; a county edits its own copy."""
    return (
        resources.files("jiaoying.dispatch.response").joinpath("ready_made.yaml").read_text(encoding="utf-8")
    )


def parse_plans(text: str) -> PlanBook:
    """Read a file of plans. Raises Refusal with a complaint for each thing that is wrong."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Refusal(say("The file of plans is not YAML: {problem}", problem=error)) from error
    return plans_from_data(raw)


def plans_from_data(raw: object) -> PlanBook:
    """The plans that plain data (YAML or a JSON column) describes. Raises Refusal."""
    reader = _Reader([])
    book = reader.book(raw)
    if reader.complaints:
        text = "; ".join(f"{complaint.field}: {complaint.text}" for complaint in reader.complaints)
        raise Refusal(say("The plans cannot be used: {text}", text=text), tuple(reader.complaints))
    return book


@dataclass(slots=True)
class _Reader:
    """Reads plain data and collects what is wrong instead of stopping at the first."""

    complaints: list[Complaint]

    def book(self, raw: object) -> PlanBook:
        items = self._list(self._mapping(raw, "file").get("plans"), "plans")
        if not 1 <= len(items) <= MAX_PLANS:
            self._complain("plans", say("write 1 to {count} plans", count=MAX_PLANS))
        plans = [self._plan(item, f"plans[{number}]") for number, item in enumerate(items[:MAX_PLANS], 1)]
        self._once([plan.name for plan in plans], "plans")
        self._once([str(hazard) for plan in plans for hazard in sorted(plan.hazards)], "plans.hazards")
        return PlanBook(tuple(plans))

    def _plan(self, raw: object, at: str) -> Plan:
        data = self._mapping(raw, at)
        hazards = self._words(Hazard, data.get("hazards"), f"{at}.hazards")
        if not hazards:
            self._complain(f"{at}.hazards", say("name at least one hazard"))
        colours = {
            colour: rule
            for word, value in self._mapping(data.get("colours"), f"{at}.colours").items()
            if (colour := self._word(Colour, word, f"{at}.colours"))
            and (rule := self._rule(value, f"{at}.colours.{word}"))
        }
        items = self._list(data.get("tasks"), f"{at}.tasks")
        if not 1 <= len(items) <= MAX_TASKS:
            self._complain(f"{at}.tasks", say("write 1 to {count} tasks", count=MAX_TASKS))
        read = [self._task(item, f"{at}.tasks[{number}]") for number, item in enumerate(items[:MAX_TASKS], 1)]
        tasks = tuple(task for task in read if task)
        self._once([task.key for task in tasks], f"{at}.tasks")
        ends = data.get("ends_with_warning", True)
        if not isinstance(ends, bool):
            self._complain(f"{at}.ends_with_warning", say("write true or false"))
        return Plan(
            self._text(data.get("name"), f"{at}.name", MAX_NAME),
            frozenset(hazards),
            colours,
            tasks,
            ends is True,
        )

    def _rule(self, raw: object, at: str) -> LevelRule | None:
        data = self._mapping(raw, at)
        level = self._word(ResponseLevel, data.get("level"), f"{at}.level")
        wait = self._number(data.get("wait_min", 0), f"{at}.wait_min", 0, 120)
        return None if level is None or wait is None else LevelRule(level, wait * 60)

    def _task(self, raw: object, at: str) -> TaskOrder | None:
        data = self._mapping(raw, at)
        key = self._text(data.get("key"), f"{at}.key", MAX_NAME)
        if key == HAND:
            self._complain(f"{at}.key", say("“hand” is kept for what is ordered by hand: write another key"))
        kind = self._word(TaskKind, data.get("kind"), f"{at}.kind")
        order = self._text(data.get("order"), f"{at}.order", MAX_ORDER)
        level = self._word(ResponseLevel, data.get("from"), f"{at}.from")
        within = self._number(data.get("within_min"), f"{at}.within_min", 1, LONGEST_DEADLINE_MIN)
        evidence = self._words(Evidence, data.get("evidence", []), f"{at}.evidence")
        who = self._who(data.get("who"), f"{at}.who")
        if kind is None or level is None or within is None or who is None:
            return None
        return TaskOrder(key, kind, order, level, who, within * 60, evidence)

    def _who(self, raw: object, at: str) -> Addressee | None:
        """`{post: 镇长, unit: 教育局, level: county, point: mine}`, or `{desk: township}`."""
        data = self._mapping(raw, at)
        if "desk" in data:
            level = self._word(Level, data["desk"], f"{at}.desk")
            if level is not None and level in _DESKS_AT:
                return Desks(level)
            self._complain(f"{at}.desk", say("write county or township"))
            return None
        given = data.get("post")
        kinds = [given] if isinstance(given, str) else self._list(given, f"{at}.post")
        named = tuple(self._text(kind, f"{at}.post", MAX_ORDER) for kind in kinds)
        if not named:
            self._complain(f"{at}.post", say("write the post as the roster names it"))
        unit = self._text(data["unit"], f"{at}.unit", MAX_NAME) if "unit" in data else None
        level = self._word(PostLevel, data["level"], f"{at}.level") if "level" in data else None
        point = self._word(PointKind, data["point"], f"{at}.point") if "point" in data else None
        return Holders(named, unit, level, point)

    def _once(self, words: list[str], at: str) -> None:
        for word in sorted({word for word in words if words.count(word) > 1}):
            self._complain(at, say("“{word}” stands there twice: write it once", word=word))

    def _complain(self, at: str, text: str) -> None:
        self.complaints.append(Complaint("plan", at, text))

    def _text(self, raw: object, at: str, most: int) -> str:
        text = str(raw).strip() if isinstance(raw, str) else ""
        if not 1 <= len(text) <= most:
            self._complain(at, say("write a text of 1 to {count} characters", count=most))
        return text

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
        read = (self._word(kind, item, at) for item in self._list(raw, at))
        return tuple(dict.fromkeys(word for word in read if word is not None))

    def _number(self, raw: object, at: str, low: int, high: int) -> int | None:
        if isinstance(raw, int) and not isinstance(raw, bool) and low <= raw <= high:
            return raw
        self._complain(at, say("write a whole number from {low} to {high}", low=low, high=high))
        return None
