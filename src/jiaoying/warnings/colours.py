"""The colour of a warning, read from what its sender wrote.

Levels and their words: CMA order no. 16 (蓝 Ⅳ级/一般, 黄 Ⅲ级/较重, 橙 Ⅱ级/严重, 红 Ⅰ级/特别严重). The
Chinese CAP feed carries the level in `severity` and in the words of the headline.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from jiaoying.kernel.colours import Colour
from jiaoying.warnings.hazards import MAX_SEARCHED_CHARACTERS
from jiaoying.warnings.model import Info

BY_SEVERITY = {
    "Minor": Colour.BLUE,
    "Moderate": Colour.YELLOW,
    "Severe": Colour.ORANGE,
    "Extreme": Colour.RED,
}
_BY_WORD = {
    "蓝": Colour.BLUE, "黄": Colour.YELLOW, "橙": Colour.ORANGE, "红": Colour.RED,
    "blue": Colour.BLUE, "yellow": Colour.YELLOW, "orange": Colour.ORANGE, "red": Colour.RED,
    "iv": Colour.BLUE, "iii": Colour.YELLOW, "ii": Colour.ORANGE, "i": Colour.RED,
    "四": Colour.BLUE, "三": Colour.YELLOW, "二": Colour.ORANGE, "一": Colour.RED,
}  # fmt: skip
# `Yellow River flood warning` names no colour, `yellow gale warning` does.
_COLOUR_WORDS = re.compile(
    r"(?P<zh>[蓝黄橙红])色"
    r"|\b(?P<en>blue|yellow|orange|red)\b(?! (?:river|sea|cross|mountain|delta|basin|tide)\b)"
    r"(?:[ -][a-z]+){0,3}? (?:warning|alert|signal|level|code)"
)
_LEVEL_WORDS = re.compile(
    r"(?<![ivx])(?P<roman>iv|i{1,3}) ?级|(?P<numeral>[一二三四])级|\blevel (?P<level>iv|i{1,3})\b"
)
# MeteoAlarm: `2; yellow; Moderate`.
_AWARENESS = re.compile(r"\b(green|white|blue|yellow|amber|orange|red)\b")
_NAMED_LIKE_COLOUR = re.compile(r"colou?r|颜色|预警等级|预警级别|awareness_?level")
# What follows one of these is in force, what stands before is past.
_CHANGED_TO = re.compile(
    r"(?:升级|降级|变更|调整|更新|转换|更改)(?:为|成|至|到)|[升降转改]为|[升降]至"
    r"|(?:up|down)graded to|changed to|解除.*?发布"
)


@dataclass(frozen=True, slots=True)
class ColourReading:
    """A colour, or that the sender says there is none (`green`), and where it was read."""

    colour: Colour | None
    read_from: str  # parameter, words, severity or nothing
    green: bool = False


def read_colour(info: Info) -> ColourReading:
    """The colour of one info: a parameter that names it, else the words of the headline, else severity."""
    for name, value in (*info.parameter, *info.event_code):
        reading = _from_parameter(name, value)
        if reading is not None:
            return reading
    colour = colour_in_words(info.headline or "") or colour_in_words(info.event or "")
    if colour is not None:
        return ColourReading(colour, "words")
    colour = BY_SEVERITY.get(info.severity or "")
    return ColourReading(colour, "severity" if colour else "nothing")


def _from_parameter(name: str, value: str) -> ColourReading | None:
    if not _NAMED_LIKE_COLOUR.search(name.casefold().replace(" ", "")):
        return None
    words = unicodedata.normalize("NFKC", value[:MAX_SEARCHED_CHARACTERS]).casefold()
    found = _AWARENESS.search(words)
    if found and found.group() in ("green", "white"):
        return ColourReading(None, "parameter", green=found.group() == "green")
    if found:
        return ColourReading(_BY_WORD.get(found.group(), Colour.ORANGE), "parameter")  # amber
    colour = colour_in_words(words)
    if colour is None and words[:1] in "蓝黄橙红" and words:
        colour = _BY_WORD[words[0]]
    return ColourReading(colour, "parameter") if colour else None


def colour_in_words(text: str) -> Colour | None:
    """The colour that a headline names: after 升级为 or 变更为 the later one, of several the gravest."""
    words = unicodedata.normalize("NFKC", text[:MAX_SEARCHED_CHARACTERS]).casefold()
    changes = list(_CHANGED_TO.finditer(words))
    current = words[changes[-1].end() :] if changes else words
    return _gravest(_COLOUR_WORDS, current) or _gravest(_LEVEL_WORDS, current) or _fallback(changes, words)


def _fallback(changes: list[re.Match[str]], words: str) -> Colour | None:
    """Nothing is named after the change: what is named at all counts."""
    if not changes:
        return None
    return _gravest(_COLOUR_WORDS, words) or _gravest(_LEVEL_WORDS, words)


def _gravest(pattern: re.Pattern[str], words: str) -> Colour | None:
    named: Iterable[Colour] = (
        _BY_WORD[word] for match in pattern.finditer(words) for word in match.groups() if word is not None
    )
    return max(named, key=lambda colour: colour.rank, default=None)
