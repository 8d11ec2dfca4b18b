"""A bulletin as messages in the words of CAP."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from hashlib import sha256

from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.warnings.colours import BY_SEVERITY
from jiaoying.warnings.formats.bulletin_hazards import Span
from jiaoying.warnings.formats.bulletin_heads import ALERT, CANCEL, UPDATE, Act
from jiaoying.warnings.formats.bulletin_issue import Sent, issuers_of, scope_of, sent_of
from jiaoying.warnings.formats.bulletin_page import Page, moment_words
from jiaoying.warnings.formats.bulletin_places import AreaWord
from jiaoying.warnings.formats.bulletin_subject import TITLES, Told, body_of, told_in
from jiaoying.warnings.formats.bulletin_text import has_look_alikes, mend_look_alikes
from jiaoying.warnings.formats.bulletin_times import BEIJING, Period, find_period, valid_until
from jiaoying.warnings.formats.notes import Notes
from jiaoying.warnings.model import Info, Message, ParsedMessage, Question, WarnedArea
from jiaoying.warnings.named_areas import CODE_SCHEME

BULLETIN = "bulletin"
MAX_FUTURE = timedelta(days=1)
# Of whom nobody knows; a sender must stand in every message (CAP 1.2, 3.2.1).
UNSIGNED = "unsigned"
_SEVERITIES = {colour: severity for severity, colour in BY_SEVERITY.items()}
_CATEGORIES = {
    Hazard.GEOHAZARD: "Geo", Hazard.EARTHQUAKE: "Geo", Hazard.WILDFIRE: "Fire", Hazard.MINE: "Safety",
    Hazard.HAZCHEM: "Safety", Hazard.CLOSURE_ORDER: "Safety", Hazard.TRAFFIC: "Transport",
    Hazard.ENVIRONMENT: "Env", Hazard.AIR: "Env", Hazard.OTHER: "Other",
}  # fmt: skip
_CHANGES = re.compile(r"升级|降级|变更|调整|更新|继续|扩展")
_EXERCISE = re.compile(
    r"[【\[(][^】\])]{0,8}演[练习]|^演[练习]|[此本]次?[为是]演[练习]|演[练习](?:预警|信息|[】\])])"
)
_TEST = re.compile(r"[【\[(]测试|^测试|[此本]次?[为是]测试|测试(?:预警|信息|短信)")
_INSTRUCTION = re.compile(
    r"(?:【|\[)?(?:防御(?:指南|要求|措施|建议|提示)|防范(?:建议|措施|要求|提示)|应对措施)(?:】|\])?:?"
)
_SOURCE = re.compile(r"\(?(?:预警信息|预警|数据|信息|消息)?来源[:于](?P<source>[^()。;\s]{2,40})\)?")


def messages_of(page: Page) -> Iterator[ParsedMessage]:
    """One message for each thing that the bulletin does (解除暴雨预警，发布雷电预警 are two)."""
    for position, act in enumerate(_acts_of(page)):
        page.notes, page.evidence, page.questions = Notes(), [], []
        yield _message_of(page, act, position)


def _acts_of(page: Page) -> tuple[Act, ...]:
    acts = page.main.acts
    types = {act.msg_type for head in page.heads for act in head.acts}
    if len(acts) == 1 and acts[0].msg_type == ALERT and len(types) == 2:
        # 更新 stands in the title only, or 解除.
        other = CANCEL if CANCEL in types else UPDATE
        return (replace(acts[0], msg_type=other),)
    if len(acts) == 1 and acts[0].msg_type == ALERT and _title_changes(page):
        return (replace(acts[0], msg_type=UPDATE),)
    return acts


def _title_changes(page: Page) -> bool:
    """`【暴雨黄色预警信号升级为橙色】` above a text that only says 发布."""
    titles = TITLES.finditer(page.text.plain, page.span[0], page.main.start)
    return any(_CHANGES.search(title.group()) for title in titles)


def _message_of(page: Page, act: Act, position: int) -> ParsedMessage:
    if has_look_alikes(page.text.source):
        remark = say("radicals stood in place of characters: read as the characters that they look like")
        page.notes.tolerate("look-alikes", "document", remark)
    issuers = issuers_of(page)
    sender = "、".join(page.text.plain[slice(*span)] for span in issuers) or UNSIGNED
    if not issuers:
        question = say("the text does not say who issued it; check where it comes from")
        page.ask(Question("sender", "", question))
    sent = sent_of(page)
    if sent.moment > page.now + MAX_FUTURE:
        ahead = say("{moment} lies more than a day ahead", moment=f"{sent.moment:%Y-%m-%d %H:%M}")
        page.notes.reject("future", "sent", ahead)
    page.note("kind", act.verb, act.msg_type.lower())
    scope = scope_of(page, issuers)
    told = told_in(page, act, scope)
    period = _period_of(page, sent, act)
    infos = tuple(_info_of(page, one, act, period, sent, sender) for one in told)
    message = Message(
        identifier=_identifier_of(page, position, sent),
        sender=sender,
        sent=sent.moment.astimezone(UTC),
        status=_status_of(page),
        msg_type=act.msg_type,
        scope="Public",
        source=_source_of(page),
        infos=infos,
    )
    for question in page.questions:
        page.notes.tolerate("open-question", question.field, question.text)
    return ParsedMessage(
        0,
        BULLETIN,
        page.notes.verdict,
        page.notes.complaints,
        None if page.notes.rejected else message,
        extras={"identifier": message.identifier, "sender": sender},
        evidence=tuple(sorted(dict.fromkeys(page.evidence), key=lambda one: (one.start, one.end, one.field))),
        questions=tuple(dict.fromkeys(page.questions)),
    )


def _identifier_of(page: Page, position: int, sent: Sent) -> str:
    """From the words alone, so that the same text pasted twice is one message.

    The same words without a moment may be true again tomorrow: the day counts with them.
    """
    words = page.text.plain[slice(*page.span)]
    day = "" if sent.known else f"{sent.moment.astimezone(BEIJING):%Y%m%d}"
    digest = sha256(f"{words}\n{day}".encode()).hexdigest()[:32]
    return f"{BULLETIN}-{digest}" + (f"-{position + 1}" if position else "")


def _status_of(page: Page) -> str:
    words = page.text.plain[slice(*page.span)]
    for pattern, status in ((_EXERCISE, "Exercise"), (_TEST, "Test")):
        found = pattern.search(words)
        if found:
            start = page.span[0]
            page.note("exercise", (start + found.start(), start + found.end()), status.lower())
            return status
    return "Actual"


def _source_of(page: Page) -> str | None:
    found = _SOURCE.search(page.text.plain, *page.span)
    return None if found is None else found["source"]


def _period_of(page: Page, sent: Sent, act: Act) -> Period | None:
    plain = page.text.plain
    signed_elsewhere = any(not page.span[0] <= span[0] < page.span[1] for span in page.main.issuers)
    told_in = (0, len(plain)) if signed_elsewhere else page.span
    until = valid_until(plain, *told_in, sent.moment)
    start, end = body_of(page)
    spans = [(start, end), (page.span[0], page.main.start)]
    found = (find_period(plain, *span, sent.moment, sent_is_sure=sent.known) for span in spans)
    period = until or next((one for one in found if one is not None), None)
    if period is None or act.msg_type == CANCEL:
        return None
    page.note("valid_from", period.span, moment_words(period.begin), sure=period.sure)
    page.note("valid_to", period.span, moment_words(period.end), sure=period.sure)
    return period


def _info_of(page: Page, told: Told, act: Act, period: Period | None, sent: Sent, sender: str) -> Info:
    kind, word, colour = told.subject.kind, told.subject.word, told.colour
    begin = (period.begin if period else sent.moment).astimezone(UTC)
    return Info(
        language="zh-CN",
        event=page.text.plain[slice(*word)] if word else None,
        category=(_CATEGORIES.get(kind.hazard, "Met") if kind else "Other",),
        response_type=("AllClear",) if act.msg_type == CANCEL else (),
        urgency="Unknown",
        severity=_SEVERITIES[colour.colour] if colour else "Unknown",
        certainty="Unknown",
        effective=begin,
        onset=begin if period else None,
        expires=period.end.astimezone(UTC) if period else None,
        sender_name=None if sender == UNSIGNED else sender,
        headline=_headline_of(page),
        description=_description_of(page),
        instruction=_instruction_of(page),
        parameter=(("colour", str(colour.colour)),) if colour else (),
        areas=tuple(_warned(page, area) for area in told.areas) or (WarnedArea(None),),
    )


def _headline_of(page: Page) -> str:
    """The head that names its issuer, else the one that says most."""
    signed = (head for head in (page.main, *page.heads) if head.issuers)
    whole = (head for head in signed if head.start <= head.issuers[0][0] < head.end)
    head = next(whole, page.main)
    return _tidy(page, (head.start, head.end))


def _warned(page: Page, area: AreaWord) -> WarnedArea:
    known = [page.places.get(code) for code in area.codes]
    names = "、".join(one.name for one in known if one is not None)
    return WarnedArea(names or area.words, geocodes=tuple((CODE_SCHEME, code) for code in area.codes))


def _instruction_span_of(page: Page) -> Span | None:
    found = _INSTRUCTION.search(page.text.plain, page.main.end, page.span[1])
    if found is None:
        return None
    source = _SOURCE.search(page.text.plain, found.end(), page.span[1])
    return found.start(), source.start() if source else page.span[1]


def _instruction_of(page: Page) -> str | None:
    span = _instruction_span_of(page)
    found = _INSTRUCTION.match(page.text.plain, span[0]) if span else None
    return None if span is None or found is None else _words_of(page, (found.end(), span[1])) or None


def _description_of(page: Page) -> str:
    """The text as it was pasted, but for the advice, which is the instruction."""
    span = _instruction_span_of(page)
    if span is None:
        return _words_of(page, page.span)
    parts = (_words_of(page, (page.span[0], span[0])), _words_of(page, (span[1], page.span[1])))
    return "\n".join(part for part in parts if part)


def _words_of(page: Page, span: Span) -> str:
    return mend_look_alikes(page.text.words(*span)).strip()


def _tidy(page: Page, span: Span) -> str:
    return re.sub(r"\s+", "", _words_of(page, span))
