"""Bulletins in free Chinese text, as they are pasted from a web page or a group chat: text in, messages out.

Every field that was read says from which words; what is vague is a question to the officer and never
guessed. What is no warning (news, a forecast, a notice of a response level) is refused with a sentence.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import Level
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import HAZARD_NAMES, Hazard
from jiaoying.kernel.language import say
from jiaoying.warnings.colours import BY_SEVERITY
from jiaoying.warnings.formats.bulletin_areas import (
    AreaGroup,
    AreaWord,
    Scope,
    choices_in,
    read_areas,
    unknown_place,
)
from jiaoying.warnings.formats.bulletin_heads import (
    ALERT,
    CANCEL,
    UPDATE,
    Act,
    ColourWord,
    Head,
    Span,
    Subject,
    find_bare_heads,
    find_heads,
    find_title,
    subjects,
)
from jiaoying.warnings.formats.bulletin_text import (
    PlainText,
    has_look_alikes,
    make_plain,
    mend_look_alikes,
)
from jiaoying.warnings.formats.bulletin_times import (
    BEIJING,
    Period,
    Point,
    find_period,
    point_at,
    resolve_issued,
    valid_until,
)
from jiaoying.warnings.formats.notes import Notes
from jiaoying.warnings.gazetteer import Gazetteer
from jiaoying.warnings.model import Evidence, Info, Message, ParsedMessage, Question, Verdict, WarnedArea
from jiaoying.warnings.named_areas import CODE_SCHEME

BULLETIN = "bulletin"
MAX_BYTES = 100_000  # the longest bulletin seen has 4 KB
MAX_BULLETINS = 50  # in one paste
MAX_FUTURE = timedelta(days=1)
# Of whom nobody knows; a sender must stand in every message (CAP 1.2, 3.2.1).
UNSIGNED = "unsigned"

_HAN = re.compile(r"[\u4e00-\u9fff\u2e80-\u2fd5]")
_SEVERITIES = {colour: severity for severity, colour in BY_SEVERITY.items()}
_CATEGORIES = {
    Hazard.GEOHAZARD: "Geo", Hazard.EARTHQUAKE: "Geo", Hazard.WILDFIRE: "Fire", Hazard.MINE: "Safety",
    Hazard.HAZCHEM: "Safety", Hazard.CLOSURE_ORDER: "Safety", Hazard.TRAFFIC: "Transport",
    Hazard.ENVIRONMENT: "Env", Hazard.AIR: "Env", Hazard.OTHER: "Other",
}  # fmt: skip

_NEWS = re.compile(
    r"记者|本报讯|新华社|中新[社网]|央视|据(?:了解|悉|报道|介绍|统计)|获悉|通讯员|小知识|科普|解读|知多少|什么是|问答"
)
_FORECAST = re.compile(r"天气预报|未来三天天气|逐日预报|天气趋势|周预报")
_RESPONSE = re.compile(r"应急响应")
_CONTENT = re.compile(r"预计|预测|将|可能|请|目前|受.{1,20}影响")
_TITLE_BEFORE = re.compile(
    r"(?:【[^【】]{1,60}】|\[[^\[\]]{1,60}\]|\(?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[、.)]){1,2}$"
)
_TITLES = re.compile(r"【[^【】]{1,80}】")
_CHANGES = re.compile(r"升级|降级|变更|调整|更新|继续|扩展")
_EXERCISE = re.compile(
    r"[【\[(][^】\])]{0,8}演[练习]|^演[练习]|[此本]次?[为是]演[练习]|演[练习](?:预警|信息|[】\])])"
)
_TEST = re.compile(r"[【\[(]测试|^测试|[此本]次?[为是]测试|测试(?:预警|信息|短信)")
_FORETOLD = re.compile(r"预计|预测|据预报|预报")
_OBSERVED = re.compile(r"过去|目前|截至|已(?:经)?(?:出现|达|有|超)|降雨量(?:为|达)|实况")
_ADVICE = re.compile(
    r"防御(?:指南|要求|措施|建议|提示)|防范(?:建议|措施|要求|提示)|应对措施|温馨提示|请(?!示)|建议|提醒|要求各|注意防范"
    r"|\((?:预警信息|预警|数据|信息|消息)?来源"
)
_INSTRUCTION = re.compile(
    r"(?:【|\[)?(?:防御(?:指南|要求|措施|建议|提示)|防范(?:建议|措施|要求|提示)|应对措施)(?:】|\])?:?"
)
_SOURCE = re.compile(r"\(?(?:预警信息|预警|数据|信息|消息)?来源[:于](?P<source>[^()。;\s]{2,40})\)?")
_ABOVE = re.compile(r"上述")
_GROUPED = re.compile(
    r"(?:等级|级别|风险|气象风险)(?:为|:|达|是)|[蓝黄橙红]色(?:预警)?(?:信号)?(?:区域|区|地区|范围|县区)?:|(?:为|\()[蓝黄橙红]色"
)
_UNITS = {
    "省": Level.PROVINCE,
    "市": Level.CITY,
    "州": Level.CITY,
    "县": Level.COUNTY,
    "区": Level.COUNTY,
    "旗": Level.COUNTY,
}
_NATIONAL = re.compile(r"中央|国家|中国|全国|水利部|自然资源部|应急管理部|生态环境部")
_ISSUER_LABEL = re.compile(
    r"(?:发布|预警|签发)?(?:单位|机构|机关|部门)(?:】|\])?:?(?P<name>[\u4e00-\u9fff、]{4,40}?(?=发布|预警|时间|[,。;【\[(]|$))"
)
_TIME_LABEL = re.compile(r"(?:发布|签发|预警)?(?:时间|日期)(?:】|\])?:?")


def is_bulletin(text: str) -> bool:
    """Whether `text` may be one: it holds Chinese characters."""
    return _HAN.search(text) is not None


def read_bulletins(source: str, now: datetime, places: Gazetteer) -> list[ParsedMessage]:
    """Every bulletin in `source`, or one refused message that says why there is none. Never raises."""
    if len(source.encode("utf-8", "replace")) > MAX_BYTES:
        return [
            _refused(
                "too-long",
                say("the text is longer than {count} KB: paste one bulletin", count=MAX_BYTES // 1000),
            )
        ]
    text = make_plain(source)
    clusters = _clusters(text, places)
    reason = _no_warning(text, clusters)
    if reason is not None:
        return [_refused("no-warning", reason)]
    found = [
        parsed
        for start, end, heads in _segments(text, clusters[:MAX_BULLETINS])
        for parsed in _BulletinReader(text, (start, end), heads, places, now).messages()
    ]
    return [replace(parsed, index=index) for index, parsed in enumerate(found)]


def _refused(code: str, reason: str) -> ParsedMessage:
    notes = Notes()
    notes.reject(code, "document", reason)
    return ParsedMessage(0, BULLETIN, Verdict.REJECT, notes.complaints)


# --- which bulletins there are ---


def _clusters(text: PlainText, places: Gazetteer) -> list[list[Head]]:
    """Heads that speak of one bulletin together: its title and its first sentence."""
    heads = find_heads(text, places)
    claiming = [head for head in heads if head.claims]
    bare = find_bare_heads(text)
    if not claiming and not bare:
        title = find_title(text)
        return [[*heads[:1], title]] if title is not None else []
    further = [head for head in bare if not any(_meets(head, other) for other in claiming)]
    clusters: list[list[Head]] = []
    for head in sorted((*claiming, *further), key=lambda one: one.start):
        signed = head if head.issuers else _signed(head, clusters, heads)
        if clusters and (_is_same(text, clusters[-1][-1], head) or _says_again(clusters[-1][-1], head)):
            clusters[-1].append(signed)
        else:
            clusters.append([signed])
    return clusters


def _meets(one: Head, other: Head) -> bool:
    return one.start < other.end and other.start < one.end


def _signed(head: Head, clusters: Sequence[Sequence[Head]], heads: Sequence[Head]) -> Head:
    """`同时发布雷电黄色预警`: by whom and when stands before, or at the end of the text."""
    by = clusters[-1][-1] if clusters else next((one for one in heads if not one.claims), None)
    return head if by is None else replace(head, issuers=by.issuers, time=head.time or by.time)


def _says_again(before: Head, head: Head) -> bool:
    """`现发布暴雨橙色预警` behind a letterhead and reasons: what the title said already."""
    return not head.issuers and head.where is None and _content_of(before) == _content_of(head)


def _content_of(head: Head) -> list[object]:
    return [
        (act.msg_type, subject.kind, [word.colour for word in subject.colours])
        for act in head.acts
        for subject in act.subjects
    ]


def _is_same(text: PlainText, title: Head, head: Head) -> bool:
    between = text.plain[title.end : head.start]
    said = {subject.kind for act in title.acts for subject in act.subjects if subject.kind}
    again = {subject.kind for act in head.acts for subject in act.subjects if subject.kind}
    colours, others = _colours_of(title), _colours_of(head)
    same = (said == again or not said or not again) and (colours & others or not colours or not others)
    return bool(same) and len(between) <= 60 and _CONTENT.search(between) is None


def _colours_of(head: Head) -> set[Colour]:
    return {word.colour for act in head.acts for subject in act.subjects for word in subject.colours}


def _no_warning(text: PlainText, clusters: Sequence[Sequence[Head]]) -> str | None:
    """Why the text holds no warning, or None."""
    first = clusters[0][0].start if clusters else len(text.plain)
    if _NEWS.search(text.plain, 0, min(len(text.plain), first + 60)):
        return say("it reads as a report or an explanation, not as a warning: paste the bulletin itself")
    if clusters and not _is_fragment(text, clusters):
        return None
    if _RESPONSE.search(text.plain):
        return say("it speaks of an emergency response, not of a warning")
    if _FORECAST.search(text.plain):
        return say("it is a weather forecast, not a warning")
    return say("it names no warning: a bulletin says who warns of what, in which colour")


def _is_fragment(text: PlainText, clusters: Sequence[Sequence[Head]]) -> bool:
    """A bare `暴雨红色预警` or `暴雨红色预警信号标准：` says nothing to anybody."""
    heads = [head for cluster in clusters for head in cluster]
    if any(head.issuers or any(act.verb[0] < act.verb[1] for act in head.acts) for head in heads):
        return False
    head = heads[0]
    rest = text.plain[: head.start] + text.plain[head.end :]
    return len(rest) < 10 or _FORETOLD.search(rest) is None or _FORECAST.search(rest) is not None


def _segments(
    text: PlainText, clusters: Sequence[Sequence[Head]]
) -> Iterator[tuple[int, int, Sequence[Head]]]:
    """Each bulletin from its title to the next one's."""
    starts = [0]
    for cluster in clusters[1:]:
        start = min(head.start for head in cluster)
        title = _TITLE_BEFORE.search(text.plain[max(0, start - 70) : start])
        starts.append(start - (len(title.group()) if title else 0))
    for position, cluster in enumerate(clusters):
        end = starts[position + 1] if position + 1 < len(starts) else len(text.plain)
        yield starts[position], end, cluster


# --- one bulletin ---


@dataclass(frozen=True, slots=True)
class _Sent:
    moment: datetime
    known: bool


@dataclass(frozen=True, slots=True)
class _Told:
    """A colour of one hazard, and the areas under it."""

    subject: Subject
    colour: ColourWord | None
    areas: tuple[AreaWord, ...]


class _BulletinReader:
    """Reads one bulletin. Each part that is understood is evidence, each that is not a question."""

    def __init__(
        self, text: PlainText, span: Span, heads: Sequence[Head], places: Gazetteer, now: datetime
    ) -> None:
        self._text, self._span, self._places, self._now = text, span, places, now
        self._heads = heads
        self._main = next((head for head in reversed(heads) if head.claims), heads[-1])
        self._notes = Notes()
        self._evidence: list[Evidence] = []
        self._questions: list[Question] = []

    def messages(self) -> Iterator[ParsedMessage]:
        """One message for each thing that the bulletin does (解除暴雨预警，发布雷电预警 are two)."""
        for position, act in enumerate(self._acts()):
            self._notes, self._evidence, self._questions = Notes(), [], []
            yield self._message(act, position)

    def _acts(self) -> tuple[Act, ...]:
        acts = self._main.acts
        types = {act.msg_type for head in self._heads for act in head.acts}
        if len(acts) == 1 and acts[0].msg_type == ALERT and len(types) == 2:
            # 更新 stands in the title only, or 解除.
            other = CANCEL if CANCEL in types else UPDATE
            return (replace(acts[0], msg_type=other),)
        if len(acts) == 1 and acts[0].msg_type == ALERT and self._title_changes():
            return (replace(acts[0], msg_type=UPDATE),)
        return acts

    def _title_changes(self) -> bool:
        """`【暴雨黄色预警信号升级为橙色】` above a text that only says 发布."""
        titles = _TITLES.finditer(self._text.plain, self._span[0], self._main.start)
        return any(_CHANGES.search(title.group()) for title in titles)

    def _message(self, act: Act, position: int) -> ParsedMessage:
        text = self._text
        if has_look_alikes(text.source):
            remark = say("radicals stood in place of characters: read as the characters that they look like")
            self._notes.tolerate("look-alikes", "document", remark)
        issuers = self._issuers()
        sender = "、".join(text.plain[slice(*span)] for span in issuers) or UNSIGNED
        if not issuers:
            question = say("the text does not say who issued it; check where it comes from")
            self._ask(Question("sender", "", question))
        sent = self._sent()
        if sent.moment > self._now + MAX_FUTURE:
            ahead = say("{moment} lies more than a day ahead", moment=f"{sent.moment:%Y-%m-%d %H:%M}")
            self._notes.reject("future", "sent", ahead)
        self._note("kind", act.verb, act.msg_type.lower())
        scope = self._scope(issuers)
        told = self._told(act, scope)
        period = self._period(sent, act)
        infos = tuple(self._info(one, act, period, sent, sender) for one in told)
        message = Message(
            identifier=self._identifier(position, sent),
            sender=sender,
            sent=sent.moment.astimezone(UTC),
            status=self._status(),
            msg_type=act.msg_type,
            scope="Public",
            source=self._source(),
            infos=infos,
        )
        for question in self._questions:
            self._notes.tolerate("open-question", question.field, question.text)
        return ParsedMessage(
            0,
            BULLETIN,
            self._notes.verdict,
            self._notes.complaints,
            None if self._notes.rejected else message,
            extras={"identifier": message.identifier, "sender": sender},
            evidence=tuple(
                sorted(dict.fromkeys(self._evidence), key=lambda one: (one.start, one.end, one.field))
            ),
            questions=tuple(dict.fromkeys(self._questions)),
        )

    def _note(self, field: str, span: Span, value: str, *, sure: bool = True) -> None:
        if span[0] < span[1]:
            self._evidence.append(self._text.evidence(field, span, value, sure=sure))

    def _ask(self, question: Question) -> None:
        self._questions.append(question)

    def _is_asked(self, field: str) -> bool:
        return any(question.field == field for question in self._questions)

    def _identifier(self, position: int, sent: _Sent) -> str:
        """From the words alone, so that the same text pasted twice is one message.

        The same words without a moment may be true again tomorrow: the day counts with them.
        """
        words = self._text.plain[slice(*self._span)]
        day = "" if sent.known else f"{sent.moment.astimezone(BEIJING):%Y%m%d}"
        digest = sha256(f"{words}\n{day}".encode()).hexdigest()[:32]
        return f"{BULLETIN}-{digest}" + (f"-{position + 1}" if position else "")

    def _status(self) -> str:
        words = self._text.plain[slice(*self._span)]
        for pattern, status in ((_EXERCISE, "Exercise"), (_TEST, "Test")):
            found = pattern.search(words)
            if found:
                start = self._span[0]
                self._note("exercise", (start + found.start(), start + found.end()), status.lower())
                return status
        return "Actual"

    def _source(self) -> str | None:
        found = _SOURCE.search(self._text.plain, *self._span)
        return None if found is None else found["source"]

    # --- who and when ---

    def _issuers(self) -> tuple[Span, ...]:
        issuers = self._main.issuers or next((head.issuers for head in self._heads if head.issuers), ())
        if not issuers:
            label = _ISSUER_LABEL.search(self._text.plain, *self._span)
            issuers = (label.span("name"),) if label else ()
        for span in issuers:
            self._note("sender", span, self._text.plain[slice(*span)])
        return issuers

    def _sent(self) -> _Sent:
        point = self._point_of_issue()
        moment = resolve_issued(point, self._now) if point else None
        if point is None or moment is None or point.hour is None:
            remark = say("the text gives no moment of issue: the moment of reading was taken")
            self._notes.tolerate("assumed", "sent", remark)
            if point is not None:
                self._note("sent", (point.start, point.end), _moment(self._now), sure=False)
            return _Sent(self._now.replace(microsecond=0), known=False)
        whole = point.year is not None
        if not whole:
            remark = say("the date of issue is not complete: the latest possible one was taken")
            self._notes.tolerate("incomplete", "sent", remark)
        self._note("sent", (point.start, point.end), _moment(moment), sure=whole or point.month is not None)
        return _Sent(moment, known=True)

    def _point_of_issue(self) -> Point | None:
        timed = [head.time for head in (self._main, *self._heads) if head.time is not None]
        complete = [point for point in timed if point.hour is not None]
        if complete:
            return max(complete, key=lambda point: (point.has_date, point.year is not None))
        for label in _TIME_LABEL.finditer(self._text.plain, *self._span):
            point = point_at(self._text.plain, label.end())
            if point is not None and point.has_date:
                return point
        return next(iter(timed), None)

    def _scope(self, issuers: Sequence[Span]) -> Scope:
        """The areas of the issuers; where one is in doubt, the officer is asked and no area counts."""
        areas: dict[str, Area] = {}
        for span in issuers:
            for area in self._areas_of(span, tuple(areas.values())):
                areas.setdefault(area.code, area)
        home = self._places.get(self._places.home_area) if self._places.home_area else None
        if not areas and not issuers and home is not None:
            return Scope(self._places, (home,))
        return Scope(self._places, tuple(areas.values()))

    def _areas_of(self, span: Span, known: Sequence[Area]) -> tuple[Area, ...]:
        plain = self._text.plain
        named = self._places.path_at(plain, span[0])
        if named is None or named.end > span[1]:
            return self._unnamed(span, known)
        areas = named.areas
        if len(areas) > 1:
            areas = self._narrowed(areas)
        if len(areas) > 1:
            words = self._text.words(*span)
            question = say("several places are called “{words}”; choose the one that is meant", words=words)
            self._ask(
                Question("areas", words, question, tuple((a.code, self._places.full_name(a)) for a in areas))
            )
            return ()
        return areas

    def _unnamed(self, span: Span, known: Sequence[Area]) -> tuple[Area, ...]:
        """`市水利局`: of the issuer beside it, of the one place that the text names, or of home."""
        plain = self._text.plain
        level = _UNITS.get(plain[span[0]])
        if level is None:
            return ()
        near = known[0].code if known else self._said_place(level) or self._places.home_area
        area = self._places.ancestor(near, level) if near else None
        return (area,) if area else ()

    def _said_place(self, level: Level) -> str | None:
        """The one place of that level that the bulletin, or else the whole paste, names in full."""
        plain = self._text.plain
        for start, end in (self._span, (0, len(plain))):
            said: set[str] = set()
            for position in range(start, end):
                named = self._places.name_at(plain, position, short=False)
                if named is not None:
                    said.update(area.code for area in named.areas if area.level == level)
            if said:
                return said.pop() if len(said) == 1 else None
        return None

    def _narrowed(self, areas: Sequence[Area]) -> tuple[Area, ...]:
        """Those near home or inside a place that the text names; all where that does not help."""
        home = self._places.home_area
        for width in (6, 4, 2):
            near = [area for area in areas if home and area.code[:width] == home[:width]]
            if len(near) == 1:
                return tuple(near)
        words = self._text.plain[slice(*self._span)]
        told = [
            area
            for area in areas
            if any(self._is_said(words, area, level) for level in (Level.PROVINCE, Level.CITY))
        ]
        return tuple(told) if len(told) == 1 else tuple(areas)

    def _is_said(self, words: str, area: Area, level: Level) -> bool:
        above = self._places.ancestor(area.code, level)
        return above is not None and above.code != area.code and above.name in words

    # --- what and where ---

    def _told(self, act: Act, scope: Scope) -> list[_Told]:
        found = act.subjects or (Subject(None, None, ()),)
        found = tuple(self._completed(subject, act) for subject in found)
        told = [
            one for subject in found for one in self._of_subject(subject, act, scope, alone=len(found) == 1)
        ]
        for one in told:
            self._note_told(one, act)
        return told

    def _completed(self, subject: Subject, act: Act) -> Subject:
        """With the hazard and colour that only the title or the text behind the head gives."""
        titles = [one for head in self._heads for other in head.acts for one in other.subjects]
        titles += subjects(self._text.plain, self._span[0], self._main.start)
        if subject.kind is None:
            title = next((one for one in titles if one.kind), None)
            title = title or next(iter(subjects(self._text.plain, self._main.end, self._body()[1])), None)
            if title is not None and title.kind is not None:
                subject = replace(subject, kind=title.kind, word=title.word)
        if not subject.colours and act.msg_type != CANCEL:
            colours = next((one.colours for one in titles if one.colours and one.kind == subject.kind), ())
            subject = replace(subject, colours=colours)
        return subject

    def _body(self) -> Span:
        """What follows the head, without advice."""
        start, end = self._main.end, self._span[1]
        advice = _ADVICE.search(self._text.plain, start, end)
        return start, advice.start() if advice else end

    def _of_subject(self, subject: Subject, act: Act, scope: Scope, *, alone: bool) -> list[_Told]:
        one = subject.colours[0] if len(subject.colours) == 1 else None
        if act.msg_type == CANCEL:
            areas = self._areas(act, scope, colours=False)[0].areas
            self._ask_whether_all(act, areas, scope)
            return [_Told(subject, one, areas)]
        start, end = self._body()
        grouped = alone and (one is None or _GROUPED.search(self._text.plain, start, end) is not None)
        groups = self._areas(act, scope, colours=grouped)
        coloured = [group for group in groups if group.colour is not None]
        if not coloured:
            areas = tuple(area for group in groups for area in group.areas)
            return [_Told(subject, one or self._gravest(subject), areas)]
        told = [_Told(subject, group.colour, group.areas) for group in coloured]
        rest = tuple(
            area for group in groups if group.colour is None for area in group.areas if not area.question
        )
        if one is not None and rest:
            told.append(_Told(subject, one, rest))
        return told

    def _ask_whether_all(self, act: Act, areas: Sequence[AreaWord], scope: Scope) -> None:
        """A warning that is lifted for some places may stand for others: nobody is stood down by guess."""
        codes = {code for area in areas for code in area.codes}
        if areas and not codes >= set(scope.contexts):
            words = "、".join(area.words for area in areas)
            text = say(
                "it is lifted for “{words}” only; check whether it still stands for others", words=words
            )
            self._ask(Question("kind", self._text.words(*act.verb), text))

    def _gravest(self, subject: Subject) -> ColourWord | None:
        """Of several colours whose places are not told apart, the gravest, with a question."""
        if not subject.colours:
            return None
        words = "、".join(self._text.words(*one.span) for one in subject.colours)
        text = say("it is not said which places lie under which of the colours {words}", words=words)
        self._ask(Question("colour", words, text, _colour_choices()))
        gravest = max(subject.colours, key=lambda one: one.colour.rank)
        return replace(gravest, doubtful=True)

    def _areas(self, act: Act, scope: Scope, *, colours: bool) -> list[AreaGroup]:
        """The areas where the head names them, else those of the text behind it, else the issuer's."""
        for span, own_colours in self._area_spans(act, colours=colours):
            groups = read_areas(self._text, span, scope, colours=own_colours)
            if span == self._main.where and not any(group.areas for group in groups):
                return [AreaGroup(None, (unknown_place(self._text, span, scope),))]
            if any(group.areas for group in groups):
                return _without_whole(groups, scope) if span == self._before_head() else groups
            colour = next((group.colour for group in groups if group.colour), None)
            if colour is not None:
                return [AreaGroup(colour, self._whole_scope(scope))]
        return [AreaGroup(None, self._whole_scope(scope))]

    def _area_spans(self, act: Act, *, colours: bool) -> Iterator[tuple[Span, bool]]:
        plain, main = self._text.plain, self._main
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
            yield self._before_head(), False
        start, end = self._body()
        foretold = _FORETOLD.search(plain, start, end)
        if foretold is not None:
            yield (foretold.end(), end), colours
        observed = _OBSERVED.search(plain, start, foretold.start() if foretold else end)
        if foretold is None or observed is None:
            yield (start, foretold.start() if foretold else end), colours
        if foretold is None and self._span[0] < main.start:
            yield self._before_head(), False
        if title and not by_verb:  # 龙港镇暴雨黄色预警
            yield title, False

    def _before_head(self) -> Span:
        """What stands before the head, without the title: that names the issuer's place again."""
        start, end = self._span[0], self._main.start
        titles = [title.end() for title in _TITLES.finditer(self._text.plain, start, end)]
        return (titles[-1] if titles else start, end)

    def _whole_scope(self, scope: Scope) -> tuple[AreaWord, ...]:
        """No place is named: a county's bulletin is for the county; a wider one is asked about."""
        issuers = self._main.issuers or next((head.issuers for head in self._heads if head.issuers), ())
        span = (issuers[0][0], issuers[-1][1]) if issuers else (self._span[0], self._span[0])
        words = self._text.words(*span)
        sure = (
            bool(issuers)
            and bool(scope.areas)
            and all(area.level not in (Level.PROVINCE, Level.CITY) for area in scope.areas)
        )
        if sure:
            return tuple(AreaWord(span, area.name, (area.code,), level=area.level) for area in scope.areas)
        if not self._is_asked("areas"):
            text = say("the text names no places; choose those that are meant")
            own = scope.own
            self._ask(Question("areas", words, text, choices_in(self._places, own)))
        return ()

    def _note_told(self, told: _Told, act: Act) -> None:
        subject, colour = told.subject, told.colour
        if subject.kind is None:
            text = say("the text names no hazard that is known; choose one")
            self._ask(
                Question("hazard", "", text, tuple((str(one), say(HAZARD_NAMES[one])) for one in Hazard))
            )
        elif subject.word is not None:
            in_head = self._main.start <= subject.word[0] < self._main.end
            self._note("hazard", subject.word, str(subject.kind.hazard), sure=in_head)
        if colour is not None:
            self._note("colour", colour.span, str(colour.colour), sure=not colour.doubtful)
        if colour is None and act.msg_type != CANCEL:
            text = say("the text names no colour; choose one")
            self._ask(Question("colour", "", text, _colour_choices()))
        elif (
            colour is not None
            and colour.doubtful
            and not any(one.field == "colour" for one in self._questions)
        ):
            words = self._text.words(*colour.span)
            text = say("colour and level disagree in “{words}”; choose the colour", words=words)
            self._ask(Question("colour", words, text, _colour_choices()))
        for area in told.areas:
            self._note("areas", area.span, ",".join(area.codes), sure=area.question is None)
            if area.question is not None:
                self._ask(area.question)

    # --- until when, and the words ---

    def _period(self, sent: _Sent, act: Act) -> Period | None:
        plain = self._text.plain
        signed_elsewhere = any(not self._span[0] <= span[0] < self._span[1] for span in self._main.issuers)
        told_in = (0, len(plain)) if signed_elsewhere else self._span
        until = valid_until(plain, *told_in, sent.moment)
        start, end = self._body()
        spans = [(start, end), (self._span[0], self._main.start)]
        found = (find_period(plain, *span, sent.moment, sent_is_sure=sent.known) for span in spans)
        period = until or next((one for one in found if one is not None), None)
        if period is None or act.msg_type == CANCEL:
            return None
        self._note("valid_from", period.span, _moment(period.begin), sure=period.sure)
        self._note("valid_to", period.span, _moment(period.end), sure=period.sure)
        return period

    def _info(self, told: _Told, act: Act, period: Period | None, sent: _Sent, sender: str) -> Info:
        kind, word, colour = told.subject.kind, told.subject.word, told.colour
        begin = (period.begin if period else sent.moment).astimezone(UTC)
        return Info(
            language="zh-CN",
            event=self._text.plain[slice(*word)] if word else None,
            category=(_CATEGORIES.get(kind.hazard, "Met") if kind else "Other",),
            response_type=("AllClear",) if act.msg_type == CANCEL else (),
            urgency="Unknown",
            severity=_SEVERITIES[colour.colour] if colour else "Unknown",
            certainty="Unknown",
            effective=begin,
            onset=begin if period else None,
            expires=period.end.astimezone(UTC) if period else None,
            sender_name=None if sender == UNSIGNED else sender,
            headline=self._headline(),
            description=self._description(),
            instruction=self._instruction(),
            parameter=(("colour", str(colour.colour)),) if colour else (),
            areas=tuple(self._warned(area) for area in told.areas) or (WarnedArea(None),),
        )

    def _headline(self) -> str:
        """The head that names its issuer, else the one that says most."""
        signed = (head for head in (self._main, *self._heads) if head.issuers)
        whole = (head for head in signed if head.start <= head.issuers[0][0] < head.end)
        head = next(whole, self._main)
        return self._tidy((head.start, head.end))

    def _warned(self, area: AreaWord) -> WarnedArea:
        known = [self._places.get(code) for code in area.codes]
        names = "、".join(one.name for one in known if one is not None)
        return WarnedArea(names or area.words, geocodes=tuple((CODE_SCHEME, code) for code in area.codes))

    def _instruction_span(self) -> Span | None:
        found = _INSTRUCTION.search(self._text.plain, self._main.end, self._span[1])
        if found is None:
            return None
        source = _SOURCE.search(self._text.plain, found.end(), self._span[1])
        return found.start(), source.start() if source else self._span[1]

    def _instruction(self) -> str | None:
        span = self._instruction_span()
        found = _INSTRUCTION.match(self._text.plain, span[0]) if span else None
        return None if span is None or found is None else self._words((found.end(), span[1])) or None

    def _description(self) -> str:
        """The text as it was pasted, but for the advice, which is the instruction."""
        span = self._instruction_span()
        if span is None:
            return self._words(self._span)
        parts = (self._words((self._span[0], span[0])), self._words((span[1], self._span[1])))
        return "\n".join(part for part in parts if part)

    def _words(self, span: Span) -> str:
        return mend_look_alikes(self._text.words(*span)).strip()

    def _tidy(self, span: Span) -> str:
        return re.sub(r"\s+", "", self._words(span))


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


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
