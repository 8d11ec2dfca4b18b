"""Where a bulletin begins: `山西省水利厅和山西省气象局2025年8月14日17时联合发布山洪灾害气象风险蓝色预警`.

A head names who, when, what they did and what for. Several of them in one paste are several bulletins.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from jiaoying.warnings.formats.bulletin_hazards import Span, Subject, colour_words, subjects
from jiaoying.warnings.formats.bulletin_text import PlainText
from jiaoying.warnings.formats.bulletin_times import Point, point_at, points_in
from jiaoying.warnings.gazetteer import Gazetteer

ALERT, UPDATE, CANCEL = "Alert", "Update", "Cancel"  # CAP 1.2, 3.2.1 msgType

_BODY = (  # bodies that publish; a longer one stands before one that it begins with
    "气象服务中心|气象灾害防御中心|气象信息中心|气象局|气象台|气象站|气象中心|海洋环境预报台|海洋预报台|海洋预报中心"
    "|海洋局|水利部|水利厅|水利局|水务厅|水务局|水文水资源勘测分局|水文水资源勘测中心|水文水资源勘测局|水文勘测局"
    "|水文总站|水文中心|水文局|水文站|水利委员会|自然资源部|自然资源和规划局|自然资源与规划局|自然资源规划局"
    "|规划和自然资源局|自然资源厅|自然资源局|国土资源局|地质环境监测中心|地质环境监测站|林业和草原局|林业局|林草局"
    "|应急管理部|应急管理厅|应急管理局|应急厅|应急局|指挥部办公室|指挥部|防汛抗旱办公室|防汛办|防火办|防指办|防指"
    "|减灾委员会办公室|减灾委员会|减灾委|安全生产委员会办公室|安委办|安委会|生态环境部|生态环境厅|生态环境局"
    "|环境监测总站|环境监测中心|环境监测站|环保局|农业农村局|住房和城乡建设局|住建局|交通运输局|文化和旅游局|教育局"
    "|地震台网中心|地震局|地震台|预警信息发布中心|预警发布中心|预警中心|监测预警平台|监测预警中心|矿山安全监察局"
    "|能源局|人民政府办公室|人民政府|镇政府|乡政府|县政府|街道办事处|村民委员会|居民委员会|村委会|居委会|调度中心"
    "|调度室|发展促进中心|服务中心|保障中心"
    "|指挥中心|应急中心|煤业有限公司|煤业公司|有限责任公司|有限公司"
    "|集团公司|煤矿|水库管理处|水库管理所|水库管理局|水库管理站"
)
# Whatever else ends as an office does, right before the moment at which it publishes.
_ORG_END = re.compile(
    _BODY
    + r"|水文水资源勘测站"
    + r"|(?:[局厅台站所办处队]|中心|委员会|公司)(?=[于在]?(?:20\d\d年|\d{1,2}月\d|\d{1,2}[日时]))"
)
_JOINED = re.compile(r"[、,和与及暨同]|联合")
_RELAYED = re.compile(r"(?:据|由|经|接|转发|转)(?=.{2})")
_AFTER_NUMBERS = re.compile(r"[年月日时分号]+")
_MAX_NAME = 70  # characters of all issuers together that are looked at

_BRIDGE = re.compile(r"(?:\([^()]{0,20}\))?[,:]?(?:于|在(?=[\d今]))?")
_VERB = re.compile(
    r"(?P<cancel>解除|取消|撤销|终止)"
    r"|(?P<update>(?:继续|更新|再次|持续|变更|升级|降级)(?:发布|签发)|更新|升级|降级|变更|调整|延续|维持|延长|扩展)"
    r"|(?P<alert>发布|签发|发出|下发|启动(?=[^,。;:]{2,16}色预警(?!应急|响应)))"
    r"|(?P<change>将(?=[^。;!]{2,60}?(?:升级|降级|变更|调整|更新|更改|转换|扩展|升|降|改|转)[为成至到]))"
)
_MANNER = re.compile(r"[,:]?(?:关于|联合|共同|首次|再次|正式|分别|已|现|紧急|统一|会商|同时){0,3}")
_WHERE = re.compile(
    r"(?:现)?(?:在|对|针对|面向)(?P<where>[^。;:!]{1,150}?)(?=(?:联合)?(?:继续|更新|变更|升级)?(?:发布|解除|取消))"
)
# 发布单位, 发布会, 发布了: no act of publishing, or a report of one.
_NO_ACT = re.compile(r"[了过会者]|单位|机构|机关|时间|部门|日期|渠道|平台|中心|情况|次数|标准|后|前|以来")
_PUBLISHED_BEFORE = re.compile(r"的")
_CHANGED = re.compile(r"(?:升级|降级|变更|调整|更新|更改|转换|升|降|改|转)(?:发布)?[为成至到]")
# 变更大风蓝色预警信号为大风黄色预警信号.
_CHANGED_FROM = re.compile(_CHANGED.pattern + r"|(?:预警|信号|[\])])[为成至到]")
_LIFTED_NOTICE = re.compile(r"解除|取消|撤销")
_PUT_IN_FORCE = re.compile(r"(?:继续|更新)?发布(?!的)")
_TAIL_STOP = re.compile(r"[。:;!,]")
# 解除暴雨橙色预警，发布暴雨黄色预警 is one change; 发布…，同时解除… are two acts.
_GOES_ON = re.compile(r",(?=(?:同时|并)?发布)")
# 市气象局与市水务局7月15日联合发布，有效期至…: a signature, what is warned of stands elsewhere.
_SIGNED = re.compile(r"[,。;!)\]]|$")
# Where something new may begin; 我台已发布 only reports.
_OPENING = re.compile(r"(?:^|[。:;!,】\])》])(?:现|并|另|再|同时|现决定)?$")
# 根据气象部门发布的暴雨红色预警, 暴雨红色预警期间: somebody else's warning is the reason for something.
_REASON = re.compile(r"关于|根据|按照|鉴于|收到|接到|因|发布的")
_MEASURE = re.compile(r"(?:信号)?(?:应急)?(?:响应|标准)")
_AFTERWARDS = re.compile(r"(?:信号)?(?:期间|后|时|以来|的通知|的要求)")
_WARNING_WORD = re.compile(r"预警|警报|信号|风险提示")
_AFTER_WARNING = re.compile(r"(?:信号|信息|等级)?(?:[\[(][^\[\]()]{0,20}[\])])?(?:通知|公告|信息)?")
_MAX_TAIL = 160


@dataclass(frozen=True, slots=True)
class Act:
    """What was done (Alert, Update, Cancel), by which word, for what."""

    msg_type: str
    verb: Span
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a bulletin from `start` to `end`. Without a claim it names only issuer and time."""

    start: int
    end: int
    issuers: tuple[Span, ...]
    time: Point | None
    acts: tuple[Act, ...]
    where: Span | None = None

    @property
    def claims(self) -> bool:
        """Whether it says what is warned of."""
        return any(subject.kind or subject.colours for act in self.acts for subject in act.subjects)


def find_heads(text: PlainText, places: Gazetteer) -> list[Head]:
    """Every head with an issuer, in their order."""
    heads: list[Head] = []
    past = 0
    for body in _ORG_END.finditer(text.plain):
        if body.end() <= past:
            continue
        head = _head_after(text, body.end(), places)
        if head is not None:
            heads.append(head)
            past = head.end
    return heads


def _head_after(text: PlainText, issuer_end: int, places: Gazetteer) -> Head | None:
    plain = text.plain
    bridge = _matched_end(_BRIDGE, plain, issuer_end)
    time = point_at(plain, bridge)
    position = _matched_end(_MANNER, plain, time.end if time else bridge)
    where = _WHERE.match(plain, position)
    verb_at = _matched_end(_MANNER, plain, where.end() if where else position)
    verb = _VERB.match(plain, verb_at)
    if verb is None:
        return _verbless(text, issuer_end, time, places)
    if _NO_ACT.match(plain, verb.end()):
        return None
    end = _tail_end(text, verb)
    acts = _acts(plain, verb, end)
    if not acts and not _SIGNED.match(plain, verb.end()):
        return None
    issuers = _issuers_before(text, issuer_end, places)
    before = None if time else _time_before(plain, issuers[0][0])
    start = before.start if before else issuers[0][0]
    if _PUBLISHED_BEFORE.match(plain, verb.end()):  # 16时发布的暴雨黄色预警于20时解除
        time = max(points_in(plain, verb.end(), end), key=lambda one: one.start, default=time)
    return Head(start, end, issuers, time or before, acts, where.span("where") if where else None)


def _verbless(text: PlainText, issuer_end: int, time: Point | None, places: Gazetteer) -> Head | None:
    """`沁水县气象局2026年7月15日16时30分暴雨黄色预警[Ⅲ级/较重]`: as the platform puts texts together."""
    if time is None:
        return None
    plain = text.plain
    issuers = _issuers_before(text, issuer_end, places)
    if time.end in text.breaks or _SIGNED.match(plain, time.end):
        return Head(issuers[0][0], time.end, issuers, time, ())
    warned = _WARNING_WORD.search(plain, time.end, time.end + 25)
    if warned is None or _TAIL_STOP.search(plain, time.end, warned.start()):
        return None
    end = _matched_end(_AFTER_WARNING, plain, warned.end())
    found = subjects(plain, time.end, end)
    if not (found and found[0].kind and found[0].colours):
        return None
    return Head(issuers[0][0], end, issuers, time, (Act(ALERT, (time.end, time.end), found),))


def find_bare_heads(text: PlainText, places: Gazetteer) -> list[Head]:
    """Heads without an office: `7月15日16时发布暴雨黄色预警：`, `现对龙港镇发布…`, `昭苏县发布…`."""
    return list(_bare_heads(text, places))


def _bare_heads(text: PlainText, places: Gazetteer) -> Iterator[Head]:
    plain = text.plain
    past = 0
    for verb in _VERB.finditer(plain):
        if verb.start() < past or _NO_ACT.match(plain, verb.end()):
            continue
        end = _tail_end(text, verb)
        acts = _acts(plain, verb, end)
        if not acts:
            continue
        where = _where_before(plain, verb.start())
        start = where[0] - 1 if where else verb.start()
        before = _time_before(plain, start)
        start = before.start if before else start
        place = _place_before(plain, start, places)
        issuers = () if place is None else ((place, start),)
        if place is not None:
            earlier = None if before else _time_before(plain, place)
            start, before = (earlier.start if earlier else place), before or earlier
        # Who publishes at a moment is an issuer, also one that no list of ours knows.
        opens = before or _OPENING.search(plain, max(0, start - 3), start)
        changes = verb["cancel"] or verb["change"]
        if opens and _is_whole(acts, coloured=not changes):
            past = end
            yield Head(start, end, issuers, before, acts, where)


def find_title(text: PlainText, *, signed: bool) -> Head | None:
    """A claim without any act: `【暴雨黄色预警】预计…`, `暴雨黄色预警：`.

    In a text that an office has `signed` at its end, the colour may stand behind: `地质灾害气象风险预警：
    预计…（红色预警）。沁水县气象局联合发布`.
    """
    plain = text.plain
    behind = colour_words(plain, 0, len(plain)) if signed else []
    one_colour = tuple(behind[:1]) if len({word.colour for word in behind}) == 1 else ()
    for warned in _WARNING_WORD.finditer(plain):
        start = _clause_start(text, warned.start())
        end = _matched_end(_AFTER_WARNING, plain, warned.end())
        found = subjects(plain, start, end)
        spoken_of = _MEASURE.match(plain, warned.end()) or _AFTERWARDS.match(plain, warned.end())
        if spoken_of or _REASON.search(plain, start, end):
            continue
        if found and found[0].kind and one_colour and not found[0].colours:
            found = (replace(found[0], colours=one_colour), *found[1:])
        if found and found[0].kind and found[0].colours:
            return Head(start, end, (), None, (Act(ALERT, (start, start), found),))
    return None


def _is_whole(acts: Sequence[Act], *, coloured: bool) -> bool:
    told = [subject for act in acts for subject in act.subjects]
    return any(subject.kind and (subject.colours or not coloured) for subject in told)


def _place_before(plain: str, end: int, places: Gazetteer) -> int | None:
    """Where the name of a place begins that ends at `end`: a county publishes, its office is not named."""
    for position in range(max(0, end - 40), end):
        path = places.path_at(plain, position, short=False)
        if path is not None and path.end == end and path.full:
            return position
    return None


def _where_before(plain: str, end: int) -> Span | None:
    """The places in `现对龙岗区、坪山区` before a verb."""
    floor = max(0, end - 150)
    lead = max(plain.rfind(word, floor, end) for word in ("对", "在"))
    stop = max(plain.rfind(mark, floor, end) for mark in ("。", ";", ":", "!", "预警"))
    return (lead + 1, end) if lead > stop else None


def _clause_start(text: PlainText, end: int) -> int:
    start = end
    while (
        start > max(0, end - 40)
        and text.plain[start - 1] not in "。;:!,】[(「《"
        and start not in text.breaks
    ):
        start -= 1
    return start


def _matched_end(pattern: re.Pattern[str], plain: str, start: int) -> int:
    found = pattern.match(plain, start)
    return found.end() if found else start


# --- who ---


def _issuers_before(text: PlainText, end: int, places: Gazetteer) -> tuple[Span, ...]:
    """The issuers whose last one ends at `end`, each with the words that name it."""
    plain = text.plain
    start = _names_start(text, end)
    spans: list[Span] = []
    position = start
    for body in _ORG_END.finditer(plain, start, end):
        joined = _JOINED.match(plain, position)
        own = joined.end() if joined and spans else position
        if joined and spans and places.name_at(plain, position) and not places.name_at(plain, own):
            own = position  # 和平县 begins with a word that also joins
        # 沁水县人民政府防汛抗旱指挥部 is one body with two endings.
        if spans and not joined and places.name_at(plain, own) is None:
            spans[-1] = (spans[-1][0], body.end())
        else:
            spans.append((own, body.end()))
        position = body.end()
    first = spans[0] if spans else (start, end)
    return (_trimmed(plain, first, places), *spans[1:])


def _names_start(text: PlainText, end: int) -> int:
    plain, floor = text.plain, max(0, end - _MAX_NAME)
    bodies = {body.end() for body in _ORG_END.finditer(plain, floor, end)}
    start = end
    while start > floor:
        before = plain[start - 1]
        if before == "," and start - 1 in bodies:
            start -= 1
            continue
        if not ("\u4e00" <= before <= "\u9fff" or before == "、"):
            break
        if start in text.breaks and before not in "和与及、" and _ORG_END.search(plain, start + 1, end):
            break
        start -= 1
    while start < end and plain[start] in "、,":
        start += 1
    if start > 0 and plain[start - 1].isdigit():
        start = _matched_end(_AFTER_NUMBERS, plain, start)
    return start


def _trimmed(plain: str, span: Span, places: Gazetteer) -> Span:
    """Without what only precedes the name: 据山西省气象台, 全省大部分地区河南省气象台."""
    start, end = span
    if places.name_at(plain, start) is None:
        start = _matched_end(_RELAYED, plain, start)
    if places.name_at(plain, start) is None:
        for position in range(start + 1, end):
            path = places.path_at(plain, position, short=False)
            if path is not None and path.end <= end:
                return position, end
    return start, end


def _time_before(plain: str, start: int) -> Point | None:
    """The moment that is written right before `start`: `2025年8月14日17时00分，`."""
    end = start - 1 if start > 0 and plain[start - 1] in ",:" else start
    for position in range(max(0, end - 25), end):
        if position and plain[position - 1].isdigit():
            continue
        found = point_at(plain, position)
        if found is not None and found.end == end:
            return found
    return None


# --- what ---


def _tail_end(text: PlainText, verb: re.Match[str]) -> int:
    """Where the head of `verb` ends: at its stop, or behind the word 预警."""
    plain, start = text.plain, verb.end()
    limit = min(len(plain), start + _MAX_TAIL)
    stop = start
    while True:
        found = _TAIL_STOP.search(plain, stop, limit)
        end = found.start() if found else limit
        if found is None or not (verb["cancel"] and _GOES_ON.match(plain, end)):
            break
        stop = end + 1
    warned = [one.end() for one in _WARNING_WORD.finditer(plain, start, end)]
    if not warned:
        return end
    after = _matched_end(_AFTER_WARNING, plain, warned[-1])
    broken = min((one for one in text.breaks if warned[0] <= one < after), default=after)
    tail = plain[after:end]
    # Behind the last 预警 only what is done to it still belongs to the head (…预警信号升级为橙色).
    if tail and (_CHANGED.match(tail) or _LIFTED_NOTICE.search(tail) or colour_words(tail, 0, len(tail))):
        return end
    return max(broken, warned[0]) if broken < after else after


def _acts(plain: str, verb: re.Match[str], end: int) -> tuple[Act, ...]:
    """What the head does; nothing where it speaks of no warning."""
    tail = plain[verb.end() : end]
    if not _WARNING_WORD.search(tail) and not colour_words(tail, 0, len(tail)):
        return ()
    lifted = _LIFTED_NOTICE.search(plain, verb.start(), end)
    changes = _CHANGED_FROM if verb["update"] else _CHANGED
    changed = [one.end() for one in changes.finditer(plain, verb.end(), end)]
    if _PUBLISHED_BEFORE.match(plain, verb.end()) and not lifted and not changed:
        return ()  # 气象部门发布的预警信息
    put = _PUT_IN_FORCE.search(plain, lifted.end(), end) if lifted else None
    if lifted and put and not _PUBLISHED_BEFORE.match(plain, put.end()):
        return _lifted_and_put(plain, (lifted.start(), put.start()), put, end)
    if lifted and not changed:
        return (Act(CANCEL, lifted.span(), subjects(plain, verb.end(), end)),)
    if changed:
        return (Act(UPDATE, verb.span(), _changed_to(plain, verb.end(), changed[-1], end)),)
    msg_type = ALERT if verb["alert"] else UPDATE
    return (Act(msg_type, verb.span(), subjects(plain, verb.end(), end)),)


def _lifted_and_put(plain: str, lifted: Span, put: re.Match[str], end: int) -> tuple[Act, ...]:
    """`解除暴雨橙色预警，发布暴雨黄色预警` is an update; of two hazards it is an end and a beginning."""
    old, new = subjects(plain, *lifted), subjects(plain, put.end(), end)
    families = {subject.kind.hazard for subject in new if subject.kind}
    over = tuple(one for one in old if one.kind is None or one.kind.hazard not in families)
    act = Act(ALERT if len(over) == len(old) else UPDATE, put.span(), new)
    return (Act(CANCEL, (lifted[0], lifted[0] + 2), over), act) if over else (act,)


def _changed_to(plain: str, start: int, changed: int, end: int) -> tuple[Subject, ...]:
    """After 升级为 or 变更为 the later colour counts; the hazard may be named only before."""
    later = subjects(plain, changed, end)
    if not later or not any(subject.colours for subject in later):
        return subjects(plain, start, end)
    earlier = subjects(plain, start, changed)
    if later[0].kind is None and earlier:
        return (replace(later[0], kind=earlier[0].kind, word=earlier[0].word), *later[1:])
    return later
