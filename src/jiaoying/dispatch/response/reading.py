"""Plans from what people write (YAML) or what was kept (JSON); what is wrong becomes a complaint."""

from importlib import resources

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
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.kernel.plain_data import DataReader, load_yaml

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
    return plans_from_data(load_yaml(text))


def plans_from_data(raw: object) -> PlanBook:
    """The plans that plain data (YAML or a JSON column) describes. Raises Refusal."""
    reader = _PlanReader("plan")
    book = reader.book(raw)
    if reader.complaints:
        text = "; ".join(f"{complaint.field}: {complaint.text}" for complaint in reader.complaints)
        raise Refusal(say("The plans cannot be used: {text}", text=text), tuple(reader.complaints))
    return book


class _PlanReader(DataReader):
    def book(self, raw: object) -> PlanBook:
        items = self.items(self.mapping(raw, "file").get("plans"), "plans")
        if not 1 <= len(items) <= MAX_PLANS:
            self.complain("plans", say("write 1 to {count} plans", count=MAX_PLANS))
        plans = [self._plan(item, f"plans[{number}]") for number, item in enumerate(items[:MAX_PLANS], 1)]
        self.once([plan.name for plan in plans], "plans")
        self.once([str(hazard) for plan in plans for hazard in sorted(plan.hazards)], "plans.hazards")
        return PlanBook(tuple(plans))

    def _plan(self, raw: object, at: str) -> Plan:
        data = self.mapping(raw, at)
        hazards = self.words(Hazard, data.get("hazards"), f"{at}.hazards")
        if not hazards:
            self.complain(f"{at}.hazards", say("name at least one hazard"))
        colours = {
            colour: rule
            for word, value in self.mapping(data.get("colours"), f"{at}.colours").items()
            if (colour := self.word(Colour, word, f"{at}.colours"))
            and (rule := self._rule(value, f"{at}.colours.{word}"))
        }
        items = self.items(data.get("tasks"), f"{at}.tasks")
        if not 1 <= len(items) <= MAX_TASKS:
            self.complain(f"{at}.tasks", say("write 1 to {count} tasks", count=MAX_TASKS))
        read = [self._task(item, f"{at}.tasks[{number}]") for number, item in enumerate(items[:MAX_TASKS], 1)]
        tasks = tuple(task for task in read if task)
        self.once([task.key for task in tasks], f"{at}.tasks")
        ends = self.yes_or_no(data.get("ends_with_warning", True), f"{at}.ends_with_warning")
        return Plan(
            self.text(data.get("name"), f"{at}.name", MAX_NAME),
            frozenset(hazards),
            colours,
            tasks,
            ends,
        )

    def _rule(self, raw: object, at: str) -> LevelRule | None:
        data = self.mapping(raw, at)
        level = self.word(ResponseLevel, data.get("level"), f"{at}.level")
        wait = self.number(data.get("wait_min", 0), f"{at}.wait_min", 0, 120)
        return None if level is None or wait is None else LevelRule(level, wait * 60)

    def _task(self, raw: object, at: str) -> TaskOrder | None:
        data = self.mapping(raw, at)
        key = self.text(data.get("key"), f"{at}.key", MAX_NAME)
        if key == HAND:
            self.complain(f"{at}.key", say("“hand” is kept for what is ordered by hand: write another key"))
        kind = self.word(TaskKind, data.get("kind"), f"{at}.kind")
        order = self.text(data.get("order"), f"{at}.order", MAX_ORDER)
        level = self.word(ResponseLevel, data.get("from"), f"{at}.from")
        within = self.number(data.get("within_min"), f"{at}.within_min", 1, LONGEST_DEADLINE_MIN)
        evidence = self.words(Evidence, data.get("evidence", []), f"{at}.evidence")
        who = self._who(data.get("who"), f"{at}.who")
        if kind is None or level is None or within is None or who is None:
            return None
        return TaskOrder(key, kind, order, level, who, within * 60, evidence)

    def _who(self, raw: object, at: str) -> Addressee | None:
        """`{post: 镇长, unit: 教育局, level: county, point: mine}`, or `{desk: township}`."""
        data = self.mapping(raw, at)
        if "desk" in data:
            level = self.word(Level, data["desk"], f"{at}.desk")
            if level is not None and level in _DESKS_AT:
                return Desks(level)
            self.complain(f"{at}.desk", say("write county or township"))
            return None
        given = data.get("post")
        kinds = [given] if isinstance(given, str) else self.items(given, f"{at}.post")
        named = tuple(self.text(kind, f"{at}.post", MAX_ORDER) for kind in kinds)
        if not named:
            self.complain(f"{at}.post", say("write the post as the roster names it"))
        unit = self.text(data["unit"], f"{at}.unit", MAX_NAME) if "unit" in data else None
        level = self.word(PostLevel, data["level"], f"{at}.level") if "level" in data else None
        point = self.word(PointKind, data["point"], f"{at}.point") if "point" in data else None
        return Holders(named, unit, level, point)
