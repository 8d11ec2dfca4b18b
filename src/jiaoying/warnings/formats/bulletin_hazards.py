"""Hazards and colours in the words of a bulletin: `暴雨橙色、雷电黄色`, `Ⅲ级（黄色）`."""

import re
from dataclasses import dataclass, replace

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.warnings.hazards import MAX_SEARCHED_CHARACTERS, EventKind, kinds_named

Span = tuple[int, int]

# 森林火险等级为四级 counts upwards: a numeral is a level of warnings only where it says so.
_COLOUR = re.compile(
    r"(?P<colour>[蓝黄橙红])色|(?<![a-z0-9])(?P<roman>iv|i{1,3})(?:级|(?=/))|(?P<numeral>[一二三四])级(?=预警|警报|/)"
)
_COLOURS = {
    "蓝": Colour.BLUE, "黄": Colour.YELLOW, "橙": Colour.ORANGE, "红": Colour.RED, "iv": Colour.BLUE,
    "iii": Colour.YELLOW, "ii": Colour.ORANGE, "i": Colour.RED, "四": Colour.BLUE, "三": Colour.YELLOW,
    "二": Colour.ORANGE, "一": Colour.RED,
}  # fmt: skip
_SAME_LEVEL = re.compile(r"(?:预警)?(?:信号)?[\[(/]?")
# 启动三级应急响应, 达到橙色预警标准: no colour of a warning.
_NO_LEVEL = re.compile(r"(?:预警)?(?:信号)?(?:应急)?(?:响应|标准|旅游|通道|警戒线)")
_AIMED_AT = re.compile(r"(?:达到|启动|可能升级为|或升级为)$")
# 暴雨引发的山洪灾害: the consequence is warned of.
_CAUSE = re.compile(r"(?:可能)?(?:引发|诱发|导致|造成|次生)的?")
_APART = re.compile(r"[、,和与及]|预警|警报")


@dataclass(frozen=True, slots=True)
class ColourWord:
    """A colour or level in the text; `doubtful` when colour and level disagree (黄色[IV级])."""

    colour: Colour
    span: Span
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What is warned of: a hazard with its colours; either may be missing."""

    kind: EventKind | None
    word: Span | None
    colours: tuple[ColourWord, ...]


def subjects(plain: str, start: int, end: int) -> tuple[Subject, ...]:
    """The hazards in `plain[start:end]`, each with its colours: `暴雨橙色、雷电黄色`, `暴雨、雷电黄色`."""
    end = min(end, start + MAX_SEARCHED_CHARACTERS)
    colours = colour_words(plain, start, end)
    hazards = _hazards(plain, start, end)
    if not hazards:
        return (Subject(None, None, tuple(colours)),) if colours else ()
    found: list[Subject] = []
    for position, (kind, span) in enumerate(hazards):
        until = hazards[position + 1][1][0] if position + 1 < len(hazards) else end
        own = tuple(one for one in colours if span[0] <= one.span[0] < until)
        found.append(Subject(kind, span, own))
    if not found[0].colours and colours and colours[0].span[0] < hazards[0][1][0]:
        before = tuple(one for one in colours if one.span[0] < hazards[0][1][0])
        found[0] = replace(found[0], colours=before)  # 发布黄色暴雨预警
    for position in range(len(found) - 2, -1, -1):
        if not found[position].colours:
            found[position] = replace(found[position], colours=found[position + 1].colours)
    unique: dict[tuple[Hazard, str | None], Subject] = {}
    for one in found:
        if one.kind is not None:
            unique.setdefault((one.kind.hazard, one.kind.code), one)
    return tuple(unique.values())


def _hazards(plain: str, start: int, end: int) -> list[tuple[EventKind, Span]]:
    """The hazards that stand apart; of names that run into each other, the first (暴雨内涝)."""
    kept: list[tuple[EventKind, Span]] = []
    for named in kinds_named(plain[start:end]):
        span = (start + named.start, start + named.end)
        if kept:
            between = plain[kept[-1][1][1] : span[0]]
            if _CAUSE.search(between) or kept[-1][0].hazard in (Hazard.MINE, Hazard.DAM):
                kept.pop()
            elif not _APART.search(between):
                continue
        kept.append((named.kind, span))
    return kept


def colour_words(plain: str, start: int, end: int) -> list[ColourWord]:
    """The colours and levels in `plain[start:end]`; a level beside its colour is one with it."""
    found: list[ColourWord] = []
    for word in _COLOUR.finditer(plain, start, end):
        if _NO_LEVEL.match(plain, word.end()) or _AIMED_AT.search(
            plain, max(start, word.start() - 6), word.start()
        ):
            continue
        colour = _COLOURS[word["colour"] or word["roman"] or word["numeral"]]
        last = found[-1] if found else None
        if (
            last is not None
            and _SAME_LEVEL.fullmatch(plain, last.span[1], word.start())
            and (bool(word["colour"]) != (plain[last.span[0]] in "蓝黄橙红"))
        ):
            doubtful = last.doubtful or last.colour is not colour
            named = colour if word["colour"] else last.colour
            found[-1] = ColourWord(named, (last.span[0], word.end()), doubtful)
        else:
            found.append(ColourWord(colour, word.span()))
    return found
