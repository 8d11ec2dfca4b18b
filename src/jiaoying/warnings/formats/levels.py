"""Colours as feeds write them, and the severity that each means.

Red is Extreme (Ⅰ级 特别严重), orange Severe (Ⅱ级 严重), yellow Moderate (Ⅲ级 较重), blue Minor (Ⅳ级 一般):
QWeather's samples say so for blue and orange, the national feed in CAP for yellow. White is a first
notice of Guangdong without a level: its severity is not known.
"""

from dataclasses import dataclass

from jiaoying.kernel.language import say
from jiaoying.warnings.colours import colour_in_words
from jiaoying.warnings.formats.cap_schema import UNKNOWN_LEVEL
from jiaoying.warnings.formats.records import Record

SEVERITIES_BY_COLOUR = {
    "red": "Extreme",
    "orange": "Severe",
    "yellow": "Moderate",
    "blue": "Minor",
    "white": UNKNOWN_LEVEL,
    "green": UNKNOWN_LEVEL,
}
_COLOURS_BY_WORD = {
    "红": "red", "橙": "orange", "黄": "yellow", "蓝": "blue", "白": "white", "绿": "green",
    "紅": "red", "黃": "yellow", "藍": "blue",
}  # fmt: skip
_BEYOND_RED = frozenset({"black", "黑", "黑色"})


@dataclass(frozen=True, slots=True)
class Level:
    """A colour by its English name, and its severity in the words of CAP."""

    colour: str
    severity: str


def level_of(word: str | None) -> Level | None:
    """The level that a single word names: `蓝色`, `蓝`, `Blue`, `BLUE`; None for anything else."""
    folded = (word or "").strip().casefold()
    colour = folded if folded in SEVERITIES_BY_COLOUR else _COLOURS_BY_WORD.get(folded.removesuffix("色"))
    return None if colour is None else Level(colour, SEVERITIES_BY_COLOUR[colour])


def level_in_title(title: str | None) -> Level | None:
    """The level that a title names; after 升级为 the later one."""
    colour = colour_in_words(title or "")
    return None if colour is None else level_of(str(colour))


def read_level(record: Record, name: str) -> Level | None:
    """The level in a field. Black, which Hong Kong and Macau have above red, is read as red."""
    word = record.text(name)
    if word is not None and word.casefold() in _BEYOND_RED:
        record.tolerate("beyond-red", name, say("black stands above red: read as red"))
        return level_of("red")
    return level_of(word)


def colour_parameter(level: Level | None) -> tuple[tuple[str, str], ...]:
    """The parameter under which a native colour is told."""
    return () if level is None else (("colour", level.colour),)


def severity_of(level: Level | None) -> str:
    """The severity of a level; Unknown where there is none."""
    return UNKNOWN_LEVEL if level is None else level.severity
