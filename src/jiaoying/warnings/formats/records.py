"""One JSON object of a feed, read field by field; what is odd about a field is noted with its path."""

import re
from datetime import datetime, tzinfo
from typing import cast

from jiaoying.kernel.language import say
from jiaoying.warnings.formats.cap_values import REMARKS, read_number
from jiaoying.warnings.formats.feed_times import CHINA_TIME, read_feed_time
from jiaoying.warnings.formats.notes import Notes

_NOTHING = frozenset({"null", "undefined"})
_LINE_END = re.compile(r"\r\n?")


def as_object(value: object) -> dict[str, object] | None:
    """`value` when it is a JSON object."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def a_list(value: object) -> list[object] | None:
    """`value` when it is a JSON list."""
    return cast("list[object]", value) if isinstance(value, list) else None


def as_list(value: object) -> list[object]:
    """`value` when it is a JSON list; a lone value as a list of one, null as an empty one."""
    if value is None:
        return []
    listed = a_list(value)
    return [value] if listed is None else listed


def as_text(value: object) -> str | None:
    """A text or a number as text, outer blanks off, line ends as line feeds; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return _LINE_END.sub("\n", str(value)).strip() or None


class Record:
    """A JSON object, the path to it (`alert/info[1]`), and what is noticed about it."""

    def __init__(self, value: dict[str, object], path: str, notes: Notes) -> None:
        self.value = value
        self.path = path
        self.notes = notes

    def field(self, name: str) -> str:
        """The path of a field, as complaints name it."""
        return f"{self.path}/{name}" if self.path else name

    def text(self, *names: str) -> str | None:
        """The first of these fields that says anything. Numbers count; `"null"` says nothing."""
        texts = (as_text(value) for name in names for value in as_list(self.value.get(name))[:1])
        return next((text for text in texts if text is not None and text.casefold() not in _NOTHING), None)

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list; a single text counts as a list of one."""
        texts = (as_text(value) for value in as_list(self.value.get(name)))
        return tuple(text for text in texts if text is not None)

    def records(self, name: str) -> list["Record"]:
        """The objects of a list; a single object counts as a list of one."""
        found = [one for value in as_list(self.value.get(name)) if (one := as_object(value)) is not None]
        if len(found) == 1:
            return [Record(found[0], self.field(name), self.notes)]
        return [Record(one, f"{self.field(name)}[{at}]", self.notes) for at, one in enumerate(found, start=1)]

    def record(self, name: str) -> "Record":
        """The object in that field; an empty one where there is none."""
        return next(iter(self.records(name)), Record({}, self.field(name), self.notes))

    def moment(self, *names: str, zone: tzinfo | None = CHINA_TIME) -> datetime | None:
        """The moment in the first of these fields that says anything, in UTC."""
        name = next((name for name in names if self.text(name) is not None), None)
        text = self.text(name) if name is not None else None
        if name is None or text is None:
            return None
        reading = read_feed_time(text, zone)
        for code in reading.remarks:
            self._remark_on_time(code, name, text, assumed=zone is not None)
        return reading.moment

    def number(self, name: str) -> float | None:
        """The number in that field, also when it is written as a text."""
        text = self.text(name)
        number = None if text is None else read_number(text)
        if text is not None and number is None:
            self.tolerate("unreadable-number", name, say(REMARKS["unreadable-number"], value=text[:60]))
        return number

    def tolerate(self, code: str, name: str, text: str) -> None:
        """Note something that was forgiven about a field."""
        self.notes.tolerate(code, self.field(name), text)

    def _remark_on_time(self, code: str, name: str, text: str, *, assumed: bool) -> None:
        if code == "unreadable-time":
            self.tolerate(code, name, say(REMARKS[code], value=text[:60]))
        elif not assumed:
            told = say("“{value}” has no time zone: write it, as in +08:00", value=text[:60])
            self.tolerate(code, name, told)
        elif not self.notes.has("assumed-zone"):  # once is enough: a feed has one habit
            told = say("“{value}” has no time zone: the time of China (+08:00) was assumed", value=text[:60])
            self.tolerate("assumed-zone", name, told)
