"""The colour of a warning, read from what its sender wrote.

Levels and their words: CMA order no. 16 (蓝 Ⅳ级/一般, 黄 Ⅲ级/较重, 橙 Ⅱ级/严重, 红 Ⅰ级/特别严重). Who says the
colour, by source; the first that says one counts:

| Source | Where | Read as |
|---|---|---|
| MeteoAlarm | parameter `awareness_level` (`2; yellow; Moderate`, also the number alone) | decides, whatever severity says (Belgium: `1; Green` beside Moderate; Israel: `2; yellow` beside Severe); green and white are no warning |
| GDACS | parameter `alertlevel` | Green is no warning |
| AEMET (Spain) | parameter `AEMET-Meteoalerta nivel` | amarillo, naranja, rojo; verde is no warning |
| SMN (Mexico) | parameter `semáforo` | in words; purple, above red, is red |
| DWD (Germany) | `AREA_COLOR` (`255 255 0`) | by its hue; violet, above red, is red |
| SMHI (Sweden) | `system_event_level_color` (`#fdeb1b`) | by its hue |
| NSW RFS (Australia) | parameter `AlertLevel` | Australian Warning System: Advice yellow, Watch and Act orange, Emergency Warning red |
| QWeather, Shenzhen and others | parameters named colour, color, 颜色, 等级, 级别 | in words; white (白, the standby signal of Guangdong) is none of the four |
| native 12379 | `severity` itself (`Red`) | the word |
| any | the words of the headline, else of the event | see `colour_in_words` |
| the Chinese CAP feed, NWS, Canada and the rest | `severity` | Minor blue, Moderate yellow, Severe orange, Extreme red |

Severity Unknown says nothing: no colour, which ladders and queues take for yellow, never for the least.
"""  # noqa: E501

import colorsys
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from jiaoying.kernel.colours import Colour
from jiaoying.warnings.hazard_words import folded_name
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
    # Hong Kong and Macau: above red stands black.
    "藍": Colour.BLUE, "黃": Colour.YELLOW, "紅": Colour.RED, "黑": Colour.RED,
    "blue": Colour.BLUE, "yellow": Colour.YELLOW, "orange": Colour.ORANGE, "red": Colour.RED,
    "iv": Colour.BLUE, "iii": Colour.YELLOW, "ii": Colour.ORANGE, "i": Colour.RED,
    "四": Colour.BLUE, "三": Colour.YELLOW, "二": Colour.ORANGE, "一": Colour.RED,
}  # fmt: skip
# `Yellow River flood warning` names no colour, `yellow gale warning` does.
_COLOUR_WORDS = re.compile(
    r"(?P<zh>[蓝藍黄黃橙红紅黑])色"
    r"|\b(?P<en>blue|yellow|orange|red)\b(?! (?:river|sea|cross|mountain|delta|basin|tide)\b)"
    r"(?:[ -][a-z]+){0,3}? (?:warning|alert|signal|level|code)"
)
_LEVEL_WORDS = re.compile(
    r"(?<![ivx])(?P<roman>iv|i{1,3}) ?级|(?P<numeral>[一二三四])级|\blevel (?P<level>iv|i{1,3})\b"
)
# A value that names a colour, as `2; yellow; Moderate`; the last ones are graver than red.
_NAMED = {
    **dict.fromkeys(("blue", "azul", "蓝", "藍"), Colour.BLUE),
    **dict.fromkeys(("yellow", "amarillo", "amarilla", "gelb", "jaune", "黄", "黃"), Colour.YELLOW),
    **dict.fromkeys(("orange", "amber", "naranja", "橙"), Colour.ORANGE),
    **dict.fromkeys(("red", "rojo", "roja", "rot", "rouge", "红", "紅"), Colour.RED),
    **dict.fromkeys(("purple", "violet", "violett", "black", "黑"), Colour.RED),
    "watch and act": Colour.ORANGE, "emergency warning": Colour.RED, "advice": Colour.YELLOW,
}  # fmt: skip
_NO_WARNING = ("green", "verde", "grün", "vert")
_VALUE_WORDS = re.compile(
    "|".join(rf"\b{word}\b" if word.isascii() else word for word in (*_NAMED, *_NO_WARNING, "white", "白"))
)
# Folded names of parameters and event codes.
_NAMED_LIKE_COLOUR = re.compile(
    r"colou?r|颜色|顏色|预警等级|预警级别|awarenesslevel|meteoalertanivel|semáforo|alertlevel"
)
_ALONE = ("等级", "级别", "level")  # too common inside other names
_AWARENESS_NUMBERS = {"1": None, "2": Colour.YELLOW, "3": Colour.ORANGE, "4": Colour.RED}
_HEX = re.compile(r"#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})")
_DECIMAL = re.compile(r"(\d{1,3})[ ,;]+(\d{1,3})[ ,;]+(\d{1,3})")
# Hue in degrees, from (exclusive) and to: violet and red, orange, yellow. Blue is a map's water.
_HUES = ((-60, 18, Colour.RED), (18, 44, Colour.ORANGE), (44, 70, Colour.YELLOW))
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
    named = [(folded_name(name), value) for name, value in (*info.parameter, *info.event_code)]
    for name, value in sorted(named, key=lambda pair: pair[0] != "awarenesslevel"):
        reading = _from_parameter(name, value)
        if reading is not None:
            return reading
    severity = info.severity or ""
    native = None if severity in BY_SEVERITY else colour_of_value(severity)
    if native is not None:
        return ColourReading(native, "parameter")
    colour = colour_in_words(info.headline or "") or colour_in_words(info.event or "")
    if colour is not None:
        return ColourReading(colour, "words")
    colour = BY_SEVERITY.get(severity)
    return ColourReading(colour, "severity" if colour else "nothing")


def colour_of_value(value: str) -> Colour | None:
    """The colour that a native value names: `Red`, `橙色`, `Ⅱ级`, `2; yellow; Moderate`; white is none."""
    words = _folded(value)
    found = _VALUE_WORDS.search(words)
    return _NAMED.get(found.group()) if found else colour_in_words(words)


def _from_parameter(name: str, value: str) -> ColourReading | None:
    if not _NAMED_LIKE_COLOUR.search(name) and name not in _ALONE:
        return None
    words = _folded(value)
    if name == "awarenesslevel" and (number := words.split(";")[0].strip()) in _AWARENESS_NUMBERS:
        words = words if _VALUE_WORDS.search(words) else (_AWARENESS_NUMBERS[number] or "green")
    found = _VALUE_WORDS.search(words)
    if found and (found.group() in _NO_WARNING or (found.group() == "white" and name == "awarenesslevel")):
        return ColourReading(None, "parameter", green=True)
    if found and found.group() in ("white", "白"):
        return ColourReading(None, "parameter")
    colour = colour_of_value(words) or _by_hue(words)
    return ColourReading(colour, "parameter") if colour else None


def _by_hue(words: str) -> Colour | None:
    """The colour that lies nearest to `255 153 0` or `#fdeb1b`; pale and dull ones say nothing."""
    decimal, hexadecimal = _DECIMAL.fullmatch(words.strip()), _HEX.fullmatch(words.strip())
    if decimal:
        red, green, blue = (min(int(part), 255) / 255 for part in decimal.groups())
    elif hexadecimal:
        red, green, blue = (int(part, 16) / 255 for part in hexadecimal.groups())
    else:
        return None
    hue, saturation, _ = colorsys.rgb_to_hsv(red, green, blue)
    if saturation < 0.5:
        return None
    degrees = hue * 360 if hue * 360 < 300 else hue * 360 - 360
    return next((colour for low, high, colour in _HUES if low < degrees <= high), None)


def _folded(value: str) -> str:
    return unicodedata.normalize("NFKC", value[:MAX_SEARCHED_CHARACTERS]).casefold()


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
