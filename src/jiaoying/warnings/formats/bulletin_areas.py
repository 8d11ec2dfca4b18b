"""Which places lie under which colour of a bulletin, and what the others are (其余县市)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import Level, covers, level_of
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.language import say
from jiaoying.warnings.formats.bulletin_hazards import ColourWord, Span
from jiaoying.warnings.formats.bulletin_places import (
    MAX_CHOICES,
    UNDER_TOWNSHIP,
    AreaWord,
    Rest,
    Scanner,
    Scope,
    Token,
    choices_in,
    vague_place,
)
from jiaoying.warnings.formats.bulletin_text import PlainText
from jiaoying.warnings.model import Question

_PARTLY = re.compile(
    r"的?(?:部分|局部|局地|大部分?|大多数|少数|个别)(?:地区|地方|区域|乡镇|县区|区县|县市|路段|村庄)*$"
)
_LIST = re.compile(
    r"[、,和与及]|以及|等?(?:[两二三四五六七八九十]|\d{1,3})个?(?:省|市|县|区|乡|镇|\(|\)|、){1,6}"
)


@dataclass(frozen=True, slots=True)
class AreaGroup:
    """The areas that the text puts under one colour; under the colour of the head where it is None."""

    colour: ColourWord | None
    areas: tuple[AreaWord, ...]


def read_areas(text: PlainText, span: Span, scope: Scope, *, colours: bool) -> list[AreaGroup]:
    """The areas named in `span`, in groups of one colour. `colours`: whether colour words there count."""
    tokens = _spread(text, list(Scanner(text, scope, colours=colours).tokens(*span)), scope)
    groups = _grouped(tokens)
    return [AreaGroup(colour, tuple(_settled(members, tokens, scope))) for colour, members in groups]


def _spread(text: PlainText, tokens: Sequence[Token], scope: Scope) -> list[Token]:
    """`晋城、长治、临汾三市大部`: what is said behind a list holds for each of it."""
    spread: list[Token] = []
    for token in tokens:
        spread.append(token)
        if not isinstance(token, AreaWord) or not _PARTLY.search(text.plain, *token.span):
            continue
        first = len(spread) - 1
        while first > 0 and _is_one_list(text, spread[first - 1], spread[first]):
            first -= 1
        members = [one for one in spread[first:] if isinstance(one, AreaWord)]
        if len(members) > 1:
            spread[first:] = [_part_of_each(text, members, scope)]
    return spread


def _is_one_list(text: PlainText, before: Token, token: Token) -> bool:
    if not isinstance(before, AreaWord):
        return False
    return _LIST.fullmatch(text.plain, before.span[1], token.span[0]) is not None


def _part_of_each(text: PlainText, members: Sequence[AreaWord], scope: Scope) -> AreaWord:
    span = (members[0].span[0], members[-1].span[1])
    words = text.words(*span)
    known = [area for one in members for code in one.codes if (area := scope.places.get(code)) is not None]
    choices = [choice for area in known for choice in choices_in(scope.places, area)]
    choices += [choice for one in members if one.question is not None for choice in one.question.choices]
    return vague_place(span, words, tuple(dict.fromkeys(choices))[:MAX_CHOICES])


def _grouped(tokens: Sequence[Token]) -> list[tuple[ColourWord | None, list[AreaWord | Rest]]]:
    """Areas by colour: a colour ends the list before it (A、B为黄色), or heads the one behind it."""
    groups: list[tuple[ColourWord | None, list[AreaWord | Rest]]] = []
    pending: list[AreaWord | Rest] = []
    leading: ColourWord | None = None
    for token in tokens:
        if not isinstance(token, ColourWord):
            pending.append(token)
        elif leading is not None:
            if pending:
                groups.append((leading, pending))
            leading, pending = token, []
        elif pending:
            groups.append((token, pending))
            pending = []
        elif not groups:
            leading = token
    if pending and (leading is not None or not groups):
        groups.append((leading, pending))
    elif pending:
        # Behind the last colour of a text that names it after the places: advice to others.
        groups.append((None, [one for one in pending if not isinstance(one, Rest)]))
    elif leading is not None and not groups:
        groups.append((leading, []))
    return _joined(groups)


def _joined(
    groups: list[tuple[ColourWord | None, list[AreaWord | Rest]]],
) -> list[tuple[ColourWord | None, list[AreaWord | Rest]]]:
    """One group a colour."""
    by_colour: dict[Colour | None, tuple[ColourWord | None, list[AreaWord | Rest]]] = {}
    for word, members in groups:
        known = by_colour.setdefault(word.colour if word else None, (word, []))
        known[1].extend(members)
    return list(by_colour.values())


def _settled(members: Sequence[AreaWord | Rest], tokens: Sequence[Token], scope: Scope) -> Iterator[AreaWord]:
    """The areas of a group: 其余县市 worked out, each place once, details left out where more is said."""
    named = [one for one in tokens if isinstance(one, AreaWord) and not one.detail]
    coloured = any(isinstance(one, ColourWord) for one in tokens)
    seen: set[object] = set()
    for one in members:
        area = _complement(one, named, scope, coloured=coloured) if isinstance(one, Rest) else one
        key = area.codes or area.words
        if key in seen or (area.detail and (named or seen)):
            continue
        seen.add(key)
        yield area


def _complement(rest: Rest, named: Sequence[AreaWord], scope: Scope, *, coloured: bool) -> AreaWord:
    """What is left of the issuer's area without all that is named or excepted."""
    parent = scope.own
    named = [one for one in named if one.span[0] < rest.span[0] or one.span[1] > rest.span[1]]
    known = [code for one in named for code in one.codes if parent is None or code != parent.code]
    known += [code for code in rest.excluded if code not in known]
    whole = _parts(rest, known, scope) if parent is not None else ()
    left = tuple(area.code for area in whole if not any(covers(code, area.code) for code in known))
    # 其他县区气温较低, without a colour of its own behind places that are warned, says nothing for sure.
    doubtful = any(one.question for one in named) or (bool(named) and not coloured and not rest.excluded)
    if parent is None or doubtful or not left or not known:
        text = say("“{words}” cannot be worked out; choose the places that are meant", words=rest.words)
        question = Question("areas", rest.words, text, choices_in(scope.places, parent))
        return AreaWord(rest.span, rest.words, (), question)
    return AreaWord(rest.span, rest.words, left, level=level_of(left[0]))


def _parts(rest: Rest, known: Sequence[str], scope: Scope) -> tuple[Area, ...]:
    """All parts of the issuer's area of the kind that 其余 speaks of: its counties, or its townships."""
    own = scope.own
    if own is None:
        return ()
    levels = [level_of(code) for code in known]
    if own.level in (Level.PROVINCE, Level.CITY) and not any(level in UNDER_TOWNSHIP for level in levels):
        only_cities = bool(levels) and all(level == Level.CITY for level in levels) and "县" not in rest.unit
        return scope.places.children(own.code) if only_cities else scope.places.counties(own.code)
    return scope.places.children(own.code) if own.level == Level.COUNTY else ()
