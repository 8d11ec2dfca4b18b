"""Reporting rules from what people write as YAML; what is wrong becomes a complaint."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib import resources

from jiaoying.duty.incidents.model import Grade, IncidentKind, Means
from jiaoying.duty.incidents.rules import Remark, ReportingRule, RuleBook, Telling
from jiaoying.kernel.areas import Level
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.plain_data import DataReader, load_yaml

MAX_NAME = 60
MAX_SOURCE = 300
MAX_RECIPIENT = 60
MAX_PREFIX = 20
MAX_RULES = 100
MAX_TELLINGS = 20
MAX_PREFIXES = 200
LONGEST_MIN = 30 * 24 * 60
MAX_COMPLAINTS = 50
_BOOK_FIELDS = ("undetermined_as", "numbers", "rules", "remarks")
_RULE_FIELDS = ("name", "source", "kinds", "at_least", "desks", "in_force", "tell")
_TELLING_FIELDS = ("to", "by", "within_min")
_REMARK_FIELDS = ("text", "source")


@cache
def ready_made_book() -> RuleBook:
    """The rules that come along, after public ones; a county edits its own copy."""
    return parse_rules(ready_made_text())


def ready_made_text() -> str:
    """The YAML of the rules that come along."""
    folder = resources.files("jiaoying.duty.incidents")
    return folder.joinpath("ready_made.yaml").read_text(encoding="utf-8")


def parse_rules(text: str) -> RuleBook:
    """Read a file of rules. Raises Refusal with a complaint for each thing that is wrong."""
    return rules_from_data(load_yaml(text), strict=True)


def rules_from_data(raw: object, *, strict: bool = False) -> RuleBook:
    """The rules that plain data describes. Raises Refusal; `strict` complains of fields that nobody knows."""
    reader = _RuleReader("rules", strict)
    book = reader.book(raw)
    if reader.complaints or book is None:
        told = tuple(reader.complaints[:MAX_COMPLAINTS])
        text = "; ".join(f"{complaint.field}: {complaint.text}" for complaint in told)
        raise Refusal(say("The reporting rules cannot be used: {text}", text=text), told)
    return book


class _RuleReader(DataReader):
    def book(self, raw: object) -> RuleBook | None:
        data = self.mapping(raw, "file", _BOOK_FIELDS)
        counts_as = self.word(Grade, data.get("undetermined_as", Grade.CONSIDERABLE), "undetermined_as")
        if counts_as is Grade.UNDETERMINED:
            self.complain("undetermined_as", say("name the grade as which an undetermined one counts"))
        items = self.items(data.get("rules"), "rules")
        if not 1 <= len(items) <= MAX_RULES:
            self.complain("rules", say("write 1 to {count} rules", count=MAX_RULES))
        rules = [self._rule(item, f"rules[{place}]") for place, item in enumerate(items[:MAX_RULES], start=1)]
        self.once([rule.name for rule in rules if rule], "rules")
        remarks = [
            self._remark(item, f"remarks[{place}]")
            for place, item in enumerate(self.items(data.get("remarks") or [], "remarks")[:MAX_RULES], 1)
        ]
        prefixes = self._prefixes(data.get("numbers") or {})
        if counts_as is None:
            return None
        return RuleBook(counts_as, tuple(rule for rule in rules if rule), prefixes, tuple(remarks))

    def _prefixes(self, raw: object) -> Mapping[str, str]:
        data = self.mapping(raw, "numbers")
        if len(data) > MAX_PREFIXES:
            self.complain("numbers", say("write at most {count} desks", count=MAX_PREFIXES))
            return {}
        found = {str(desk): self.text(word, f"numbers.{desk}", MAX_PREFIX) for desk, word in data.items()}
        self.once(list(found.values()), "numbers")
        return found

    def _rule(self, raw: object, at: str) -> ReportingRule | None:
        data = self.mapping(raw, at, _RULE_FIELDS)
        name = self.text(data.get("name"), f"{at}.name", MAX_NAME)
        source = self.text(data.get("source"), f"{at}.source", MAX_SOURCE)
        kinds = self.words(IncidentKind, data.get("kinds", []), f"{at}.kinds")
        at_least = self.word(Grade, data.get("at_least", Grade.UNDETERMINED), f"{at}.at_least")
        desks = self.word(Level, data["desks"], f"{at}.desks") if "desks" in data else None
        in_force = self.yes_or_no(data.get("in_force", True), f"{at}.in_force")
        items = self.items(data.get("tell"), f"{at}.tell")
        if not 1 <= len(items) <= MAX_TELLINGS:
            self.complain(f"{at}.tell", say("say who is told: 1 to {count} lines", count=MAX_TELLINGS))
        tell = [self._telling(item, f"{at}.tell[{place}]") for place, item in enumerate(items, start=1)]
        found = tuple(one for one in tell if one)
        self.once([f"{one.to}, {one.by}" for one in found], f"{at}.tell")
        if at_least is None:
            return None
        return ReportingRule(name, source, found, frozenset(kinds), at_least, desks, in_force)

    def _telling(self, raw: object, at: str) -> Telling | None:
        data = self.mapping(raw, at, _TELLING_FIELDS)
        to = self.text(data.get("to"), f"{at}.to", MAX_RECIPIENT)
        by = self.word(Means, data.get("by"), f"{at}.by")
        within = self.number(data.get("within_min"), f"{at}.within_min", 1, LONGEST_MIN)
        return None if by is None or within is None else Telling(to, by, timedelta(minutes=within))

    def _remark(self, raw: object, at: str) -> Remark:
        data = self.mapping(raw, at, _REMARK_FIELDS)
        text = self.text(data.get("text"), f"{at}.text", MAX_SOURCE)
        return Remark(text, self.text(data.get("source"), f"{at}.source", MAX_SOURCE))
