"""What a bulletin warns of, in which colour, and for which places."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from jiaoying.kernel.areas import Level
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import HAZARD_NAMES, Hazard
from jiaoying.kernel.language import say
from jiaoying.warnings.formats.bulletin_areas import AreaGroup, read_areas
from jiaoying.warnings.formats.bulletin_hazards import ColourWord, Span, Subject, subjects
from jiaoying.warnings.formats.bulletin_heads import CANCEL, Act
from jiaoying.warnings.formats.bulletin_page import Page
from jiaoying.warnings.formats.bulletin_places import AreaWord, Scope, choices_in, unknown_place
from jiaoying.warnings.model import Question

_FORETOLD = re.compile(r"预计|预测|据预报|预报")
_OBSERVED = re.compile(r"过去|目前|截至|已(?:经)?(?:出现|达|有|超)|降雨量(?:为|达)|实况")
_ADVICE = re.compile(
    r"防御(?:指南|要求|措施|建议|提示)|防范(?:建议|措施|要求|提示)|应对措施|温馨提示|请(?!示)|建议|提醒|要求各|注意防范"
    r"|\((?:预警信息|预警|数据|信息|消息)?来源"
)
_ABOVE = re.compile(r"上述")
_GROUPED = re.compile(
    r"(?:等级|级别|风险|气象风险)(?:为|:|达|是)|[蓝黄橙红]色(?:预警)?(?:信号)?(?:区域|区|地区|范围|县区)?:|(?:(?<![级更新整转改换])为|\()[蓝黄橙红]色"
)
TITLES = re.compile(r"【[^【】]{1,80}】")


@dataclass(frozen=True, slots=True)
class Told:
    """A colour of one hazard, and the areas under it."""

    subject: Subject
    colour: ColourWord | None
    areas: tuple[AreaWord, ...]


def told_in(page: Page, act: Act, scope: Scope) -> list[Told]:
    found = act.subjects or (Subject(None, None, ()),)
    found = tuple(_completed(page, subject, act) for subject in found)
    told = [one for subject in found for one in _of_subject(page, subject, act, scope, alone=len(found) == 1)]
    divided = len(found) == 1 and len(told) > 1
    for one in told:
        _note_told(page, one, act, divided=divided)
    return told


def _completed(page: Page, subject: Subject, act: Act) -> Subject:
    """With the hazard and colour that only the title or the text behind the head gives."""
    titles = [one for head in page.heads for other in head.acts for one in other.subjects]
    titles += subjects(page.text.plain, page.span[0], page.main.start)
    if subject.kind is None:
        title = next((one for one in titles if one.kind), None)
        title = title or next(iter(subjects(page.text.plain, page.main.end, body_of(page)[1])), None)
        if title is not None and title.kind is not None:
            subject = replace(subject, kind=title.kind, word=title.word)
    if not subject.colours and act.msg_type != CANCEL:
        colours = next((one.colours for one in titles if one.colours and one.kind == subject.kind), ())
        subject = replace(subject, colours=colours)
    return subject


def body_of(page: Page) -> Span:
    """What follows the head, without advice."""
    start, end = page.main.end, page.span[1]
    advice = _ADVICE.search(page.text.plain, start, end)
    return start, advice.start() if advice else end


def _of_subject(page: Page, subject: Subject, act: Act, scope: Scope, *, alone: bool) -> list[Told]:
    one = subject.colours[0] if len(subject.colours) == 1 else None
    if act.msg_type == CANCEL:
        areas = _areas_of(page, act, scope, colours=False)[0].areas
        _ask_whether_all(page, act, areas, scope)
        return [Told(subject, one, areas)]
    start, end = body_of(page)
    grouped = alone and (one is None or _GROUPED.search(page.text.plain, start, end) is not None)
    groups = _areas_of(page, act, scope, colours=grouped)
    coloured = [group for group in groups if group.colour is not None]
    words = [group.colour for group in groups if group.colour is not None]
    if coloured and one is not None and one.colour not in [word.colour for word in words]:
        # The text gives colours and not the one of its own head: nobody knows which holds where.
        one, coloured = _gravest(page, (one, *words)), []
    if not coloured:
        areas = tuple(area for group in groups for area in group.areas)
        return [Told(subject, one or _gravest(page, subject.colours), areas)]
    told = [Told(subject, group.colour, group.areas) for group in coloured]
    rest = tuple(
        area for group in groups if group.colour is None for area in group.areas if not area.question
    )
    if one is not None and rest:
        told.append(Told(subject, one, rest))
    return told


def _ask_whether_all(page: Page, act: Act, areas: Sequence[AreaWord], scope: Scope) -> None:
    """A warning that is lifted for some places may stand for others: nobody is stood down by guess."""
    codes = {code for area in areas for code in area.codes}
    if areas and not codes >= set(scope.contexts):
        words = "、".join(area.words for area in areas)
        text = say("it is lifted for “{words}” only; check whether it still stands for others", words=words)
        page.ask(Question("kind", page.text.words(*act.verb), text))


def _gravest(page: Page, colours: Sequence[ColourWord]) -> ColourWord | None:
    """Of several colours whose places are not told apart, the gravest, with a question."""
    if not colours:
        return None
    words = "、".join(page.text.words(*one.span) for one in colours)
    text = say("it is not said which places lie under which of the colours {words}", words=words)
    page.ask(Question("colour", words, text, _colour_choices()))
    gravest = max(colours, key=lambda one: one.colour.rank)
    return replace(gravest, doubtful=True)


def _areas_of(page: Page, act: Act, scope: Scope, *, colours: bool) -> list[AreaGroup]:
    """The areas where the head names them, else those of the text behind it, else the issuer's."""
    for span, own_colours in _area_spans(page, act, colours=colours):
        groups = read_areas(page.text, span, scope, colours=own_colours)
        if span == page.main.where and not any(group.areas for group in groups):
            return [AreaGroup(None, (unknown_place(page.text, span, scope),))]
        if any(group.areas for group in groups):
            return _without_whole(groups, scope) if span == _before_head(page) else groups
        colour = next((group.colour for group in groups if group.colour), None)
        if colour is not None:
            return [AreaGroup(colour, _whole_scope(page, scope))]
    return [AreaGroup(None, _whole_scope(page, scope))]


def _area_spans(page: Page, act: Act, *, colours: bool) -> Iterator[tuple[Span, bool]]:
    plain, main = page.text.plain, page.main
    above = main.where is not None and _ABOVE.search(plain, *main.where) is not None
    if main.where is not None and not above:
        yield main.where, False
    first = act.subjects[0].word if act.subjects else None
    in_title = first is not None and act.verb[1] < first[0] <= main.end
    title = (act.verb[1], first[0]) if first is not None and in_title else None
    by_verb = act.verb[0] < act.verb[1]
    if title and by_verb:  # 发布全市高温黄色预警
        yield title, False
    if act.msg_type == CANCEL:
        return
    if above:
        yield _before_head(page), False
    start, end = body_of(page)
    foretold = _FORETOLD.search(plain, start, end)
    if foretold is not None:
        yield (foretold.end(), end), colours
        if _ABOVE.search(plain, foretold.end(), end):  # 预计上述地区降雨持续
            yield (start, foretold.start()), False
    observed = _OBSERVED.search(plain, start, foretold.start() if foretold else end)
    if foretold is None or observed is None:
        yield (start, foretold.start() if foretold else end), colours
    if foretold is None and page.span[0] < main.start:
        yield _before_head(page), False
    if title and not by_verb:  # 龙港镇暴雨黄色预警
        yield title, False


def _before_head(page: Page) -> Span:
    """What stands before the head, without the title: that names the issuer's place again."""
    start, end = page.span[0], page.main.start
    titles = [title.end() for title in TITLES.finditer(page.text.plain, start, end)]
    return (titles[-1] if titles else start, end)


def _whole_scope(page: Page, scope: Scope) -> tuple[AreaWord, ...]:
    """No place is named: a county's bulletin is for the county; a wider one is asked about."""
    issuers = page.main.issuers or next((head.issuers for head in page.heads if head.issuers), ())
    span = (issuers[0][0], issuers[-1][1]) if issuers else (page.span[0], page.span[0])
    words = page.text.words(*span)
    sure = (
        bool(issuers)
        and bool(scope.areas)
        and all(area.level not in (Level.PROVINCE, Level.CITY) for area in scope.areas)
    )
    if sure:
        return tuple(AreaWord(span, area.name, (area.code,), level=area.level) for area in scope.areas)
    if not page.is_asked("areas"):
        text = say("the text names no places; choose those that are meant")
        own = scope.own
        page.ask(Question("areas", words, text, choices_in(page.places, own)))
    return ()


def _note_told(page: Page, told: Told, act: Act, *, divided: bool) -> None:
    """`divided`: the places lie under several colours, so that a question about some is about one colour."""
    subject, colour = told.subject, told.colour
    if subject.kind is None:
        text = say("the text names no hazard that is known; choose one")
        page.ask(Question("hazard", "", text, tuple((str(one), say(HAZARD_NAMES[one])) for one in Hazard)))
    elif subject.word is not None:
        in_head = page.main.start <= subject.word[0] < page.main.end
        page.note("hazard", subject.word, str(subject.kind.hazard), sure=in_head)
    if colour is not None:
        page.note("colour", colour.span, str(colour.colour), sure=not colour.doubtful)
    if colour is None and act.msg_type != CANCEL:
        text = say("the text names no colour; choose one")
        page.ask(Question("colour", "", text, _colour_choices()))
    elif colour is not None and colour.doubtful and not any(one.field == "colour" for one in page.questions):
        words = page.text.words(*colour.span)
        text = say("colour and level disagree in “{words}”; choose the colour", words=words)
        page.ask(Question("colour", words, text, _colour_choices()))
    for area in told.areas:
        page.note("areas", area.span, ",".join(area.codes), sure=area.question is None)
        if area.question is not None:
            about = colour.colour if divided and colour is not None else None
            page.ask(replace(area.question, colour=about))


def _without_whole(groups: Sequence[AreaGroup], scope: Scope) -> list[AreaGroup]:
    """Where parts are named before `在上述区域发布`, 我市 around them is no area."""
    own = set(scope.contexts)
    kept = [
        AreaGroup(
            group.colour, tuple(area for area in group.areas if not own.issuperset(area.codes or ("",)))
        )
        for group in groups
    ]
    return kept if any(group.areas for group in kept) else list(groups)


def _colour_choices() -> tuple[tuple[str, str], ...]:
    names = {
        Colour.BLUE: say("blue"),
        Colour.YELLOW: say("yellow"),
        Colour.ORANGE: say("orange"),
        Colour.RED: say("red"),
    }
    return tuple((str(colour), name) for colour, name in names.items())
