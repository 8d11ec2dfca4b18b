"""Moments and periods as bulletins write them: `27日10时25分`, `今天夜间到明天白天`, `未来6小时`.

Years and months are often missing, and `20时至20时` runs across midnight. All wall times are Beijing time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
_DAY = timedelta(days=1)
MAX_CLOCK_ERROR = timedelta(hours=1)  # how far ahead of ours the issuer's clock may be

# Two digits may be torn apart by a line break; documents also write 二〇二六年七月十五日.
_TWO = r"(?:\d(?:[ ]?\d)?(?!\d)|[一二三四五六七八九十]{1,3})"
_YEAR = r"(?:\d[ ]?\d[ ]?\d[ ]?\d|[〇零一二三四五六七八九]{4})"
_PARTS = (
    "白天|夜间|夜里|晚上|晚间|前半夜|上半夜|后半夜|下半夜|凌晨|清晨|早晨|早上|早间|上午|中午|午后|下午|傍晚"
    "|晚|早|晨|夜"
)
_CLOCK = (
    rf"(?P<hour>{_TWO})(?:时整?|点整?|:(?=\d\d))(?:(?P<half>半)|(?P<minute>{_TWO})分?(?:(?::)?{_TWO}秒?)?)?"
)
_POINT = re.compile(
    rf"""
    (?:
        (?:(?P<year>{_YEAR})年)?(?:(?P<month>{_TWO})月)(?P<day>{_TWO})[日号]?
      | (?P<lone_day>{_TWO})[日号](?!常|期|均|照|前|内)
      | (?P<iso_year>\d{{4}})[-/.](?P<iso_month>\d{{1,2}})[-/.](?P<iso_day>\d{{1,2}})t?
      | (?P<relative>[今明昨][天日]|[今明昨](?=[晚夜晨早])|后[天日]|当[天日]|次日)
    )
    (?:\([^()]{{0,8}}\))?
    (?:[ ,]?(?P<part>{_PARTS})(?!报))?
    (?:[ ,]?{_CLOCK})?
    """,
    re.VERBOSE,
)
_HOUR_ONLY = re.compile(rf"(?P<part>{_PARTS})?(?:{_CLOCK})(?!\d)")
_PART_ONLY = re.compile(rf"(?P<part>{_PARTS})(?!报)")
_DAYS = re.compile(rf"(?:(?P<month>{_TWO})月)?(?<!\d)(?P<first>\d{{1,2}})[-~至到](?P<last>\d{{1,2}})日")
_BETWEEN = re.compile(r"(?:[-~至到]|—{1,2}|–)(?!目前|现在)")
_LEAD = re.compile(r"(?:^|预计|预测|预报)[,:在]?$")
_BEFORE = re.compile(r"(?:之|以)?前(?!后|半|期)|为止|结束")
_COMING = re.compile(
    rf"(?P<lead>未来|今后|接下来|预计)?(?:的)?(?:(?P<first>{_TWO})(?:[-~到至]|—))?(?P<count>\d{{1,3}}|[一二两三四五六七八九十]{{1,2}}|半)"
    r"个?(?P<unit>小时|天|日|分钟)(?P<inside>之?内)?"
)
# 过去3小时, 近24小时, 前12小时 are over.
_PAST = re.compile(r"(?:过去|最近|近|前|已|此前|昨日)$")
_VALID_UNTIL = re.compile(r"有效(?:期|时间)?(?:至|到|截至)")

# Hours of the parts of a day, as weather services use the words (白天 08 to 20, 夜间 20 to 08). Offices
# differ by an hour or two, so what is read from such a word is never sure; the wider reading counts.
_HOURS = {
    "白天": (8, 20), "夜间": (20, 32), "夜里": (20, 32), "夜": (20, 32), "晚上": (18, 24), "晚间": (18, 24),
    "晚": (18, 24), "前半夜": (20, 24), "上半夜": (20, 24), "后半夜": (24, 30), "下半夜": (24, 30),
    "凌晨": (0, 6), "清晨": (5, 8), "早晨": (5, 8), "早上": (5, 9), "早间": (5, 9), "早": (5, 9),
    "晨": (5, 8), "上午": (8, 12), "中午": (11, 14), "午后": (12, 18), "下午": (12, 18), "傍晚": (17, 20),
}  # fmt: skip
# With these an hour below 12 is counted from noon: 下午3时.
_AFTER_NOON = frozenset(
    ("午后", "下午", "傍晚", "晚上", "晚间", "晚", "夜间", "夜里", "夜", "前半夜", "上半夜")
)
_RELATIVE = {"今": 0, "当": 0, "明": 1, "次": 1, "后": 2, "昨": -1}
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


@dataclass(frozen=True, slots=True)
class Point:
    """A moment as written: what is missing is None. `end` is where it ends in the text."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    relative: int | None = None
    part: str | None = None
    hour: int | None = None
    minute: int = 0

    @property
    def has_date(self) -> bool:
        return self.day is not None or self.relative is not None


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when, which words said so, and whether the edges are sure."""

    begin: datetime
    end: datetime
    span: tuple[int, int]
    sure: bool


def point_at(text: str, start: int) -> Point | None:
    """The moment with a date, or an hour by itself, that is written at `start`."""
    found = _POINT.match(text, start) or _HOUR_ONLY.match(text, start)
    return None if found is None else _point(found)


def _part_at(text: str, start: int) -> Point | None:
    found = _PART_ONLY.match(text, start)
    return None if found is None else _point(found)


def _point(found: re.Match[str]) -> Point | None:
    groups = found.groupdict()
    written = {
        "year": _number(groups.get("year") or groups.get("iso_year")),
        "month": _number(groups.get("month") or groups.get("iso_month")),
        "day": _number(groups.get("day") or groups.get("lone_day") or groups.get("iso_day")),
        "hour": _number(groups.get("hour")),
    }
    minute = 30 if groups.get("half") else _number(groups.get("minute")) or 0
    too_much = {"year": 2199, "month": 12, "day": 31, "hour": 24}
    if minute > 59 or any((written[name] or 0) > most for name, most in too_much.items()):
        return None
    relative = groups.get("relative")
    return Point(
        found.start(),
        found.end(),
        relative=None if relative is None else _RELATIVE[relative[0]],
        part=groups.get("part"),
        minute=minute,
        **written,
    )


def resolve(point: Point, near: datetime) -> datetime | None:
    """The moment that `point` names, with what is missing taken so that it lies nearest to `near`."""
    day = _date_of(point, near, near.astimezone(BEIJING).date())
    return None if day is None else _on(day, point, late=False)


def resolve_issued(point: Point, now: datetime) -> datetime | None:
    """The moment of issue that `point` names: the latest that is not in the future, as far as it is open."""
    moment = resolve(point, now)
    if moment is None or moment <= now + MAX_CLOCK_ERROR or point.year is not None:
        return moment
    if not point.has_date:
        return moment - _DAY
    day = moment.date()
    if point.month is not None:
        earlier = _date(day.year - 1, point.month, day.day)
    else:
        earlier = _date(*_month(day, -1), day.day) or _date(*_month(day, -2), day.day)
    return None if earlier is None else _on(earlier, point, late=False)


def find_period(text: str, start: int, end: int, sent: datetime, *, sent_is_sure: bool) -> Period | None:
    """The period that `text[start:end]` gives for what is coming.

    A period written out counts before `未来6小时`, and that before a single word for a part of a day. What
    ended before the bulletin was sent tells of the past and is passed over.
    """
    explicit = next(_ranges(text, start, end, sent), None)
    ahead = next(_ahead(text, start, end, sent, sure=sent_is_sure), None)
    if explicit is not None and (ahead is None or explicit.sure or explicit.span < ahead.span):
        return explicit
    return ahead or next(_single(text, start, end, sent), None)


def valid_until(text: str, start: int, end: int, sent: datetime) -> Period | None:
    """`有效期至2026年05月17日21时`."""
    found = _VALID_UNTIL.search(text, start, end)
    point = point_at(text, found.end()) if found else None
    moment = resolve(point, sent) if point else None
    if found is None or point is None or moment is None or moment <= sent:
        return None
    return Period(sent, moment, (found.start(), point.end), point.hour is not None)


def points_in(text: str, start: int, end: int) -> Iterator[Point]:
    """Every moment in `text[start:end]`. Each pattern passes over the text once, however many there are."""
    dated, hours = _POINT.finditer(text, start, end), _HOUR_ONLY.finditer(text, start, end)
    date_found, hour_found = next(dated, None), next(hours, None)
    position = start
    while date_found or hour_found:
        if hour_found and (date_found is None or hour_found.start() < date_found.start()):
            found, hour_found = hour_found, next(hours, None)
        else:
            found, date_found = date_found, next(dated, None)
        if found is None or found.start() < position:
            continue
        position = found.end()
        point = _point(found)
        if point is not None:
            yield point


def _ranges(text: str, start: int, end: int, sent: datetime) -> Iterator[Period]:
    for first in points_in(text, start, end):
        between = _BETWEEN.match(text, first.end)
        last = between and (point_at(text, between.end()) or _part_at(text, between.end()))
        if between is None or not last or last.end > end:
            continue
        period = _range(first, last, sent)
        if period is not None and period.end > sent:
            yield period
    for found in _DAYS.finditer(text, start, end):
        days = [
            Point(*found.span(), day=int(found[name]), month=_number(found["month"]))
            for name in ("first", "last")
        ]
        period = _range(days[0], days[1], sent)
        if period is not None and period.end > sent:
            yield period


def _range(first: Point, last: Point, sent: datetime) -> Period | None:
    begin_day = _date_of(first, sent, sent.astimezone(BEIJING).date())
    if begin_day is None:
        return None
    begin = _on(begin_day, first, late=False)
    near = datetime.combine(begin_day, time(), BEIJING)
    end_day = _date_of(last, near if last.relative is None else sent, begin_day)
    if end_day is None:
        return None
    end = _on(end_day, last, late=True)
    if end is not None and begin is not None and end <= begin and not last.has_date:
        end += _DAY
    if begin is None or end is None or not begin < end <= begin + timedelta(days=31):
        return None
    return Period(begin, end, (first.start, last.end), first.hour is not None and last.hour is not None)


def _ahead(text: str, start: int, end: int, sent: datetime, *, sure: bool) -> Iterator[Period]:
    for found in _COMING.finditer(text, start, end):
        past = _PAST.search(text, max(0, found.start() - 3), found.start())
        # 预计27日 names a day, 未来3日 says how many.
        names_a_day = found["unit"] in "天日" and found["lead"] == "预计"
        if past or names_a_day or not (found["lead"] or found["inside"]):
            continue
        count = 0.5 if found["count"] == "半" else _number(found["count"]) or 0
        unit = {"小时": timedelta(hours=1), "分钟": timedelta(minutes=1)}.get(found["unit"], _DAY)
        if timedelta() < count * unit <= timedelta(days=31):
            yield Period(sent, sent + count * unit, found.span(), sure)


def _single(text: str, start: int, end: int, sent: datetime) -> Iterator[Period]:
    """`明天傍晚以前`, `今天夜间`, `7月16日`."""
    for point in points_in(text, start, end):
        day = _date_of(point, sent, sent.astimezone(BEIJING).date())
        late = None if day is None else _on(day, point, late=True)
        if day is None or late is None or late <= sent:
            continue
        if text.startswith("起", point.end):  # 22日起: until when is not said
            continue
        until = _BEFORE.match(text, point.end)
        # 预计今天夜间有雨 is a period; 台风将于16日早晨登陆 is a moment within it.
        if not until and not _LEAD.search(text, max(start, point.start - 4), point.start):
            continue
        begin = sent if until else _on(day, point, late=False)
        if begin is not None and (until or point.hour is None) and begin < late:
            stop = until.end() if until else point.end
            yield Period(begin, late, (point.start, stop), bool(until) and point.hour is not None)


def _date_of(point: Point, near: datetime, otherwise: date) -> date | None:
    local = near.astimezone(BEIJING).date()
    if point.relative is not None:
        return local + point.relative * _DAY
    if point.day is None:
        return otherwise
    if point.year is not None:
        return _date(point.year, point.month, point.day)
    if point.month is not None:
        guesses = [_date(local.year + years, point.month, point.day) for years in (-1, 0, 1)]
    else:
        guesses = [_date(*_month(local, months), point.day) for months in (-1, 0, 1)]
    return min((one for one in guesses if one is not None), key=lambda one: abs(one - local), default=None)


def _month(day: date, later: int) -> tuple[int, int]:
    year, month = divmod(day.year * 12 + day.month - 1 + later, 12)
    return year, month + 1


def _date(year: int, month: int | None, day: int) -> date | None:
    try:
        return date(year, month or 0, day)
    except ValueError:
        return None


def _on(day: date, point: Point, *, late: bool) -> datetime | None:
    """The moment on `day`; of what lasts longer (白天, a whole day) its beginning or its end."""
    if point.hour is not None:
        shifted = 12 if point.part in _AFTER_NOON and 0 < point.hour < 12 else 0
        hour, minute = point.hour + shifted, point.minute
    else:
        edges = _HOURS[point.part] if point.part else (0, 24)
        hour, minute = edges[late], 0
    try:
        return datetime.combine(day, time(), BEIJING) + timedelta(hours=hour, minutes=minute)
    except OverflowError:
        return None


def _number(written: str | None) -> int | None:
    """`15`, `1 5`, `十五`, `二〇二六` as a number."""
    if written is None:
        return None
    digits = written.replace(" ", "")
    if digits.isdigit():
        return int(digits)
    if "十" not in digits:
        return (
            int("".join(str(_DIGITS[one]) for one in digits))
            if all(one in _DIGITS for one in digits)
            else None
        )
    tens, _, ones = digits.partition("十")
    if "十" in ones or len(tens) > 1 or len(ones) > 1:
        return None
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
