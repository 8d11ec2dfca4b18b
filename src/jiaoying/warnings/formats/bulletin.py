"""Bulletins in free Chinese text, as they are pasted from a web page or a group chat: text in, messages out.

Every field that was read says from which words; what is vague is a question to the officer and never
guessed. What is no warning (news, a forecast, a notice of a response level) is refused with a sentence.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.language import say
from jiaoying.warnings.formats.bulletin_heads import Head, find_bare_heads, find_heads, find_title
from jiaoying.warnings.formats.bulletin_message import BULLETIN, messages_of
from jiaoying.warnings.formats.bulletin_page import Page
from jiaoying.warnings.formats.bulletin_text import PlainText, make_plain
from jiaoying.warnings.formats.notes import Notes
from jiaoying.warnings.gazetteer import Gazetteer
from jiaoying.warnings.model import ParsedMessage, Verdict

MAX_BYTES = 100_000  # the longest bulletin seen has 4 KB
MAX_BULLETINS = 50  # in one paste
_HAN = re.compile(r"[\u4e00-\u9fff\u2e80-\u2fd5]")
_NEWS = re.compile(
    r"记者|本报讯|新华社|中新[社网]|央视|据(?:了解|悉|报道|介绍)|获悉|通讯员|小知识|科普|解读|知多少|什么是|问答"
)
_FORECAST = re.compile(r"天气预报|未来三天天气|逐日预报|天气趋势|周预报")
_RESPONSE = re.compile(r"应急响应")
_CONTENT = re.compile(r"预计|预测|将|可能|请|目前|受.{1,20}影响")
_TITLE_BEFORE = re.compile(
    r"(?:【[^【】]{1,60}】|\[[^\[\]]{1,60}\]|\(?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[、.)]){1,2}$"
)
_FORETOLD = re.compile(r"预计|预测|据预报|预报")


def is_bulletin(text: str) -> bool:
    """Whether `text` may be one: it holds Chinese characters."""
    return _HAN.search(text) is not None


def read_bulletins(source: str, now: datetime, places: Gazetteer) -> list[ParsedMessage]:
    """Every bulletin in `source`, or one refused message that says why there is none. Never raises."""
    if len(source.encode("utf-8", "replace")) > MAX_BYTES:
        long = say("the text is longer than {count} KB: paste one bulletin", count=MAX_BYTES // 1000)
        return [_refused("too-long", long)]
    text = make_plain(source)
    clusters = _clusters(text, places)
    if len(clusters) > MAX_BULLETINS:
        many = say("it holds more than {count} bulletins: paste them in parts", count=MAX_BULLETINS)
        return [_refused("too-many", many)]
    reason = _no_warning(text, clusters)
    if reason is not None:
        return [_refused("no-warning", reason)]
    found = [
        parsed
        for start, end, heads in _segments(text, clusters)
        for parsed in messages_of(Page(text, (start, end), heads, places, now))
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
    bare = find_bare_heads(text, places)
    if not claiming and not bare:
        title = find_title(text, signed=bool(heads))
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
    if _NEWS.search(text.plain, 0, first):
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
