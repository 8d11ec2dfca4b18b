"""The words of a bulletin that name places: 沁水县, `我县`, `其余县市`, and what names none (晋城西北部).

Nothing is guessed. What cannot be turned into codes for sure becomes a question with the places that
it may mean, and adds no code.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import Level, ancestors_of
from jiaoying.kernel.language import say
from jiaoying.warnings.formats.bulletin_hazards import ColourWord, Span, colour_words
from jiaoying.warnings.formats.bulletin_text import PlainText
from jiaoying.warnings.gazetteer import Gazetteer, Mention
from jiaoying.warnings.model import Question

MAX_CHOICES = (
    400  # of one question; the largest county has some 1,500 villages, the largest province 200 counties
)
UNDER_TOWNSHIP = (Level.TOWNSHIP, Level.VILLAGE)

# Parts of a place that no table knows.
_PART = (
    r"(?:偏?[东西南北中]{1,3}半?部(?!湾|县)|大部分?|大多数|部分(?!时段|时间|河流|河段|站)|局部|局地|多地|少数|个别|山丘区|山区|平川|平原"
    r"|沿山|沿江|沿河|沿黄|沿淮|沿湖|沿海|库区|丘陵区?|浅山区?|深山区?|高海拔|高寒|主城区|城区|市区|林区|牧区|农区"
    r"|以[东西南北](?!外)|周边|附近|交界)"
)
_VAGUE = re.compile(
    rf"的?{_PART}(?:(?:和|与|及|、|以及|到|至|的)?{_PART})*(?:的)?(?:地区|地方|地段|地带|区域|一带|路段|乡镇|县市|县区|街道|村庄|处|\(街道\))*"
)
_DETAIL = re.compile(r"的?(?:部分|局部|局地|少数|个别|低洼|多地)")
# Regions that weather services speak of and that are no division: 陕北, 豫西南, 关中.
_REGION = re.compile(
    r"(?:[京津冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川黔滇藏陕甘青宁新][东西南北中]{1,2}(?:部|地区)?"
    r"|关中|河套|江淮|江汉|江南|华南|华北|黄淮|川西高原|盆地|沿江|苏锡常)(?![市州县区盟省台镇乡村街])"
)
_SELF = re.compile(
    r"(?:(?P<who>[我全本该])(?P<unit>自治区|自治州|省|市|县|区|旗|州|盟|镇|乡|街道|地区)(?!气象|级|长|委|政府|局|水利|应急)|本?辖区)"
    r"(?P<rest>(?:陆地|境内|范围内?|辖区内?|全境|全域|各地)?(?:各?(?:县|市|区|旗|乡镇|乡|镇|街道|[、,](?=[县市区旗乡镇街])|\([县市区旗乡镇街道、,]{1,8}\)){1,6})?)"
)
_REST = re.compile(
    r"(?:其余|其他|其它|剩余)的?(?:各)?"
    r"(?P<unit>(?:县|市|区|旗|乡|镇|街道|地区|地方|区域|[、,](?=[县市区旗乡镇街])|[()]){1,10})"
)
_EXCEPT = re.compile(r"除了?(?P<what>[^。;!除]{2,80}?)(?:以|之)?外的?")
_AMONG = re.compile(r"其中|最大|个别站")
_CLAUSE_END = re.compile(r"[。;!]")
_UNKNOWN = re.compile(
    r"(?![有多所相低沿以等农该本全我和与及在其内间]|大[部多风雨雾雪到暴]|城[乡镇])(?:(?![各将受请部预未灾])[\u4e00-\u9fff]){1,6}?"
    r"(?:(?:镇|乡|街道办事处|街道|新区|开发区|合作区|示范区|园区|林场|农场)(?![镇村区长级道亲下])(?!政府|干部)|(?:村|社区)(?=[、,。;:和与及等()将出有发可降遭已未]|预|$))"
)
_MORE = re.compile(
    r"[、和与及](?!其余|其他|其它|各|部分)(?P<name>[\u4e00-\u9fff]{2,8}?)"
    r"(?=[、,。;]|等|将|有|可能|的|降|最[高低大]|出现|发生|阵风|气温|未来|预计|和|与|及|$)"
)
_LISTED_BEFORE = re.compile(
    r"(?:^|[、,。;:(对在时日间午天晚晨夜内])(?P<name>(?![对在内间])[\u4e00-\u9fff]{2,10})[、和与及]$"
)
_STATE = re.compile(r"进入|处于")
# 同乐、良口等乡镇: names without their 镇, and none of them known.
_AND_SO_ON = re.compile(
    r"(?![内间以之])[\u4e00-\u9fff]{2,5}(?:[、和][\u4e00-\u9fff]{2,5}){1,12}等(?:[一二三四五六七八九十]{1,3}|\d{1,3})?个?"
    r"(?:乡镇|镇乡|镇|乡|街道|镇街|县区|县市|村)"
)
# 晋城市气象台 in a sentence is no place.
_BODY_AFTER = re.compile(
    r"[省市县区]?(?:中心)?(?:气象|水利|水务|水文|应急|自然资源|防汛|人民政府|林业|生态环境|规划)"
)
_BEFORE_NAME = frozenset("、,。;:和与及在对省市区县州盟旗)(是为致使给|时日间午天晚晨夜内前后年月们")
_AFTER_NAME = re.compile(
    r"[、,。;:和与及等()]|$|一带|地区|境内|境|段|两[市县区]|三[市县区]|\d+个?[市县区]|将|有|出现|可能|预警|发生|风险|未来|降"
    r"|最|普|累计|小时|气温|阵风|能见度|遭|受|今|明|仍|已|也|会|的|为|雨|雪|在"
)
# Short names that are also plain words: 南部县, 通道侗族自治县, 沿河土家族自治县 …
_PLAIN_WORDS = frozenset(
    re.findall(
        r"..",
        "南部东方中方通道沿河东区西区城区郊区矿区平安富裕安定和平团结建设"
        "新城开发大方文成安全城关城中向阳新区大安宽城嘉禾丰满市中市南市北"
        "河东河西江北江东中站山城林区长安永定合作积石民和兴安海东海西海北"
        "海南山南",
    )
)


@dataclass(frozen=True, slots=True)
class AreaWord:
    """A stretch of the text that names where. Without codes it is a question."""

    span: Span
    words: str
    codes: tuple[str, ...]
    question: Question | None = None
    level: Level | None = None
    detail: bool = False  # 局地, 部分乡镇: only counts where nothing else is named


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the issuer stands: names are looked up there. `areas` is empty for the whole country."""

    places: Gazetteer
    areas: tuple[Area, ...]

    @property
    def own(self) -> Area | None:
        """The issuer's area, where that is sure."""
        return self.areas[0] if self.areas else None

    @property
    def contexts(self) -> tuple[str, ...]:
        return tuple(area.code for area in self.areas)


@dataclass(frozen=True, slots=True)
class Rest:
    span: Span
    words: str
    unit: str
    excluded: tuple[str, ...]


Token = AreaWord | ColourWord | Rest


# --- from words to tokens ---


@dataclass(slots=True)
class Scanner:
    text: PlainText
    scope: Scope
    colours: bool
    # A county names its neighbours' city once: 甘南藏族自治州合作市、卓尼县.
    inherited: tuple[str, ...] = ()
    last_parent: Area | None = None
    excluded: list[str] = field(default_factory=list[str])

    def tokens(self, start: int, end: int) -> Iterator[Token]:
        plain = self.text.plain
        colours = {one.span[0]: one for one in colour_words(plain, start, end)} if self.colours else {}
        position = fresh = start  # `fresh` is where a name may begin although no mark stands before it
        while position < end:
            token, after = self._token(position, end, colours, at_start=position in (start, fresh))
            before = self._unread_before(position, fresh) if isinstance(token, AreaWord) else None
            if before is not None:
                yield self._unknown(before, self.scope.own)
            if token is not None:
                yield token
            more = self._unread(after, end, colours) if isinstance(token, AreaWord) else None
            while more is not None:
                yield self._unknown(more, self._context())
                after = more[1]
                more = self._unread(after, end, colours)
            if after > position:
                position = fresh = after
            else:
                position += 1

    def _token(
        self, position: int, end: int, colours: dict[int, ColourWord], *, at_start: bool
    ) -> tuple[Token | None, int]:
        """What stands at `position`, and where to go on: there again means that nothing does."""
        plain = self.text.plain
        colour = colours.get(position)
        if colour is not None:
            return colour, colour.span[1]
        if _AMONG.match(plain, position):
            return None, self._after_detail(position, end, colours)
        exception = _EXCEPT.match(plain, position, end)
        if exception:
            return self._except(exception, end)
        rest = _REST.match(plain, position, end)
        if rest:
            return self._rest(rest.span(), rest["unit"]), rest.end()
        own = _SELF.match(plain, position, end)
        if own:
            return self._self(own, end)
        return self._place(position, end, at_start=at_start or plain[position - 1] in _BEFORE_NAME)

    def _after_detail(self, position: int, end: int, colours: dict[int, ColourWord]) -> int:
        """`其中…` tells of places named before in more detail, unless it gives them a colour of their own."""
        found = _CLAUSE_END.search(self.text.plain, position, end)
        stop = found.start() if found else end
        return position + 2 if any(position < start < stop for start in colours) else stop

    def _unread(self, position: int, end: int, colours: dict[int, ColourWord]) -> Span | None:
        """The next member of a list of places that nothing here knows: it must not be lost in silence."""
        more = _MORE.match(self.text.plain, position, end)
        if more is None:
            return None
        before = (self.inherited, self.last_parent)
        token, after = self._token(more.start("name"), end, colours, at_start=True)
        self.inherited, self.last_parent = before
        return more.span("name") if token is None and after == more.start("name") else None

    def _unread_before(self, position: int, floor: int) -> Span | None:
        """The same of the first member: 现对大鹏新区、盐田区."""
        found = _LISTED_BEFORE.search(self.text.plain, max(floor, position - 14), position)
        return found.span("name") if found else None

    def _rest(self, span: Span, unit: str) -> Rest:
        return Rest(span, self.text.words(*span), unit, tuple(self.excluded))

    def _except(self, found: re.Match[str], end: int) -> tuple[Token | None, int]:
        """`除沁水县外，其余县市`, `除沁水县外全市`."""
        inner = Scanner(self.text, self.scope, colours=False)
        spared = [one for one in inner.tokens(*found.span("what")) if isinstance(one, AreaWord)]
        self.excluded.extend(code for one in spared for code in one.codes)
        following = re.compile(r",?").match(self.text.plain, found.end())
        position = following.end() if following else found.end()
        rest = _REST.match(self.text.plain, position, end)
        if rest:
            return self._rest((found.start(), rest.end()), rest["unit"]), rest.end()
        vague = _VAGUE.match(self.text.plain, position, end)
        if vague:  # 除东部山区外大部分乡镇
            return self._vague((found.start(), vague.end()), self._context()), vague.end()
        own = _SELF.match(self.text.plain, position, end)
        stop = own.end() if own else found.end()
        return self._rest((found.start(), stop), "地区"), stop

    def _self(self, found: re.Match[str], end: int) -> tuple[Token | None, int]:
        """`我县`, `全市各县区`, `本市大部`."""
        plain, stop = self.text.plain, found.end()
        area = _own_area(self.scope, found["unit"] or "")
        if area is not None:
            self.inherited = (area.code,)
        if _STATE.match(plain, stop):  # 全市进入暴雨戒备状态
            return None, stop
        vague = _VAGUE.match(plain, stop, end)
        if vague:
            return self._vague((found.start(), vague.end()), area), vague.end()
        goes_on = _EXCEPT.match(plain, stop, end) or _UNKNOWN.match(plain, stop, end)
        if goes_on or self._named(stop, end, at_start=True):
            return None, stop
        span = found.span()
        if area is None:
            text = say("“{words}”: of which place is not known; name it", words=self.text.words(*span))
            question = Question("areas", self.text.words(*span), text)
            return AreaWord(span, self.text.words(*span), (), question), stop
        return AreaWord(span, area.name, (area.code,), level=area.level), stop

    def _place(self, position: int, end: int, *, at_start: bool) -> tuple[Token | None, int]:
        named = self._named(position, end, at_start=at_start)
        if named is not None:
            return self._after_name(position, named, end)
        if not at_start:
            return None, position
        plain = self.text.plain
        vague = _REGION.match(plain, position, end)
        stop = vague.end() if vague else position
        part = _VAGUE.match(plain, stop, end)
        if vague or part:
            span = (position, part.end() if part else stop)
            detail = vague is None and _DETAIL.match(plain, position) is not None
            parent = self.last_parent or (None if vague else self._context()) or self.scope.own
            return self._vague(span, parent, detail=detail), span[1]
        unknown = _UNKNOWN.match(plain, position, end)
        if unknown and not self._ends_in_name(*unknown.span()):
            return self._unknown(unknown.span(), self._context()), unknown.end()
        listed = _AND_SO_ON.match(plain, position, end)
        if listed and not self._holds_name(position + 1, listed.end()):
            return self._unknown(listed.span(), self._context()), listed.end()
        return None, position

    def _holds_name(self, start: int, end: int) -> bool:
        return any(self._named(position, end, at_start=True) for position in range(start, end))

    def _ends_in_name(self, start: int, end: int) -> bool:
        """咱们龙港镇: what is known stands behind a word of no weight."""
        named = (self._named(position, end, at_start=True) for position in range(start + 1, end))
        return any(one is not None and one.end == end for one in named)

    def _context(self) -> Area | None:
        """Where a name without a place of its own belongs."""
        inherited = self.scope.places.get(self.inherited[0]) if self.inherited else None
        return inherited or self.scope.own

    def _named(self, position: int, end: int, *, at_start: bool) -> Mention | None:
        """The place whose name begins at `position`; short names only where they stand as names do."""
        contexts = (*self.inherited, *self.scope.contexts)
        plain, places = self.text.plain, self.scope.places
        found = places.path_at(plain, position, within=contexts, short=at_start)
        if found is None and not self.scope.areas:  # of the whole country
            found = places.path_at(plain, position, short=at_start)
        if found is None or found.end > end:
            return None
        is_word = plain[position : found.end] in _PLAIN_WORDS
        if found.full:
            own = found.areas[0].code in self.scope.contexts
            return None if is_word and not at_start and not own else found
        if is_word:
            return None
        stands = _AFTER_NAME.match(plain, found.end) or _VAGUE.match(plain, found.end)
        meant = self._meant_by_short_name(found.areas)
        return replace(found, areas=meant) if meant and (stands or found.end == end) else None

    def _meant_by_short_name(self, areas: tuple[Area, ...]) -> tuple[Area, ...]:
        """A village is never named without its 村: 郑庄 is the town. 吉林 is the province, but to the
        province's own office it is the city.
        """
        areas = tuple(area for area in areas if area.level != Level.VILLAGE)
        if self.scope.areas:
            return tuple(area for area in areas if area.code not in self.scope.contexts) or areas
        return tuple(area for area in areas if area.level == Level.PROVINCE) or areas

    def _after_name(self, position: int, named: Mention, end: int) -> tuple[Token | None, int]:
        plain, stop = self.text.plain, named.end
        area = named.areas[0]
        if _BODY_AFTER.match(plain, stop):
            return None, stop
        if len(named.areas) > 1:
            return self._doubtful((position, stop), named.areas), stop
        inner = _bracketed(plain, stop, end)
        if inner is not None:
            return self._bracket(position, area, inner)
        vague = _VAGUE.match(plain, stop, end)
        if vague:
            self.inherited = (area.parent_code,) if area.parent_code else ()
            return self._vague((position, vague.end()), area), vague.end()
        unknown = _UNKNOWN.match(plain, stop, end) if area.level not in UNDER_TOWNSHIP else None
        if unknown:
            self.inherited = (area.code,)
            return self._unknown((position, unknown.end()), area), unknown.end()
        self.inherited = (area.parent_code,) if area.parent_code else ()
        return AreaWord((position, stop), area.name, (area.code,), level=area.level), stop

    def _bracket(self, position: int, area: Area, inner: Span) -> tuple[Token | None, int]:
        """`龙岗区（横岗、龙岗街道）`: these places of it, as far as they are known."""
        inside = Scanner(self.text, Scope(self.scope.places, (area,)), colours=False)
        found = [one for one in inside.tokens(*inner) if isinstance(one, AreaWord)]
        span = (position, inner[1] + 1)
        names = len(re.split("[、,]", self.text.plain[inner[0] : inner[1]]))
        if found and len(found) == names and all(one.codes for one in found):
            codes = tuple(code for one in found for code in one.codes)
            return AreaWord(span, self.text.words(*span), codes, level=found[0].level), span[1]
        return self._unknown(span, area), span[1]

    # --- what must be asked ---

    def _vague(self, span: Span, parent: Area | None, *, detail: bool = False) -> AreaWord:
        self.last_parent = parent
        choices = choices_in(self.scope.places, parent)
        return vague_place(span, self.text.words(*span), choices, detail=detail)

    def _unknown(self, span: Span, parent: Area | None) -> AreaWord:
        return unknown_place(self.text, span, self.scope, parent)

    def _doubtful(self, span: Span, areas: Sequence[Area]) -> AreaWord:
        words = self.text.words(*span)
        text = say("several places are called “{words}”; choose the one that is meant", words=words)
        choices = tuple((area.code, self.scope.places.full_name(area)) for area in areas[:MAX_CHOICES])
        return AreaWord(span, words, (), Question("areas", words, text, choices))


def vague_place(
    span: Span, words: str, choices: tuple[tuple[str, str], ...], *, detail: bool = False
) -> AreaWord:
    """What names no exact places; the officer chooses."""
    text = say("“{words}” names no exact places; choose those that are meant", words=words)
    return AreaWord(span, words, (), Question("areas", words, text, choices), detail=detail)


def unknown_place(text: PlainText, span: Span, scope: Scope, parent: Area | None = None) -> AreaWord:
    """A place that no table knows; the officer chooses among those of `parent`, else of the issuer."""
    words = text.words(*span)
    sentence = say("“{words}” is not in the table of places; choose the place that is meant", words=words)
    choices = choices_in(scope.places, parent or scope.own)
    return AreaWord(span, words, (), Question("areas", words, sentence, choices))


def _bracketed(plain: str, start: int, end: int) -> Span | None:
    if start >= end or plain[start] != "(":
        return None
    close = plain.find(")", start, min(end, start + 200))
    inner = plain[start + 1 : close] if close > 0 else ""
    return (start + 1, close) if re.search(r"街道|镇|乡|村|社区|办事处", inner) else None


def _own_area(scope: Scope, unit: str) -> Area | None:
    """What `我县`, `全市`, `本省` means for this issuer; at home where there is no issuer."""
    own = scope.own or (scope.places.get(scope.places.home_area) if scope.places.home_area else None)
    if own is None or not unit or own.name.endswith(unit):
        return own
    chain = [scope.places.get(code) for code in ancestors_of(own.code)]
    named = next((area for area in chain if area is not None and area.name.endswith(unit)), None)
    # 我区 of 深汕特别合作区, 全县 of a 自治旗: the issuer's own area all the same.
    return named or own


def choices_in(places: Gazetteer, parent: Area | None) -> tuple[tuple[str, str], ...]:
    """The whole of `parent` and what lies directly below it, as values with words."""
    if parent is None:
        return ()
    below = places.children(parent.code)
    if parent.level == Level.PROVINCE:
        below = tuple(one for city in below for one in (city, *places.counties(city.code)))
    unique = {area.code: area.name for area in below}
    whole = say("the whole of {area}", area=parent.name)
    return ((parent.code, whole), *list(unique.items())[:MAX_CHOICES])
