"""What people wrote as YAML, or a JSON column: read with a complaint for each thing that is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Any, TypeVar, cast

import yaml

from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say

S = TypeVar("S", bound=StrEnum)

MAX_TEXT_LENGTH = 200_000
# Of values, repetitions by anchors counted each time: a few lines of YAML can name more than fit into memory.
MAX_VALUES = 100_000


def load_yaml(text: str) -> object:
    """The plain data of a YAML text. Raises Refusal for what is too long, broken, or a flood by anchors."""
    if len(text) > MAX_TEXT_LENGTH:
        raise Refusal(say("The file is longer than {most} signs: shorten it", most=MAX_TEXT_LENGTH))
    try:
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Refusal(say("The file is not YAML: {why}", why=_place_of(error))) from error
    if not _is_small(raw):
        raise Refusal(say("The file repeats itself by anchors more often than can be read"))
    return raw


def _place_of(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return say("it is nested too deeply")
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    if mark is None:
        return str(error)
    return say("line {line}: {problem}", line=mark.line + 1, problem=problem)


def _is_small(raw: object) -> bool:
    waiting, seen = [raw], 0
    while waiting and seen <= MAX_VALUES:
        value = waiting.pop()
        seen += 1
        if isinstance(value, Mapping):
            waiting.extend(cast("Mapping[object, object]", value).values())
        elif isinstance(value, list):
            waiting.extend(cast("list[object]", value))
    return seen <= MAX_VALUES


@dataclass(slots=True)
class DataReader:
    """Reads plain data and collects what is wrong, under one code, instead of stopping at the first.

    Each reading names the place of a value (`at`) and returns something harmless, or None, for what it
    complains of. `strict` complains of fields that nobody knows: what a person misspelt. What a newer release
    stored may hold fields that this one does not know yet.
    """

    code: str
    strict: bool = False
    complaints: list[Complaint] = field(default_factory=list[Complaint])

    def complain(self, at: str, text: str) -> None:
        self.complaints.append(Complaint(self.code, at, text))

    def mapping(self, raw: object, at: str, known: Sequence[str] = ()) -> Mapping[str, Any]:
        """Fields by their names; with `known` nothing but these, or `x-…`, which is for the writer."""
        if not isinstance(raw, Mapping):
            self.complain(at, say("a block of “name: value” lines is expected here"))
            return {}
        data = cast("Mapping[str, Any]", raw)
        for name in map(str, data) if self.strict and known else ():
            if name not in known and not name.startswith("x-"):
                self.unknown(name, known, at)
        return data

    def items(self, raw: object, at: str) -> list[object]:
        if isinstance(raw, list):
            return cast("list[object]", raw)
        self.complain(at, say("a list is expected here"))
        return []

    def word(self, kind: type[S], raw: object, at: str) -> S | None:
        try:
            return kind(str(raw))
        except ValueError:
            self.unknown(raw, tuple(kind), at)
            return None

    def words(self, kind: type[S], raw: object, at: str) -> tuple[S, ...]:
        """Each once, in the order in which they stand; one alone need not be a list."""
        items = self.items([raw] if isinstance(raw, str) else raw, at)
        read = (self.word(kind, item, at) for item in items)
        return tuple(dict.fromkeys(word for word in read if word is not None))

    def text(self, raw: object, at: str, most: int) -> str:
        text = raw.strip() if isinstance(raw, str) else ""
        if not 1 <= len(text) <= most:
            self.complain(at, say("write a text of 1 to {count} characters", count=most))
        return text

    def number(self, raw: object, at: str, low: int, high: int) -> int | None:
        if isinstance(raw, int) and not isinstance(raw, bool) and low <= raw <= high:
            return raw
        self.complain(at, say("write a whole number from {low} to {high}", low=low, high=high))
        return None

    def yes_or_no(self, raw: object, at: str) -> bool:
        if not isinstance(raw, bool):
            self.complain(at, say("write true or false"))
        return raw is True

    def time(self, raw: object, at: str) -> time | None:
        try:
            return time.fromisoformat(str(raw))
        except ValueError:
            self.complain(at, say("write a time as “22:00”, in quotation marks"))
            return None

    def once(self, words: Sequence[str], at: str) -> None:
        """Complain of each word that stands there more than once."""
        for word in sorted({word for word in words if words.count(word) > 1}):
            self.complain(at, say("“{word}” stands there twice: write it once", word=word))

    def unknown(self, word: object, known: Sequence[str], at: str) -> None:
        """Complain of a word that is none of those known here."""
        self.complain(at, say("“{word}” is not one of: {words}", word=word, words=", ".join(known)))
