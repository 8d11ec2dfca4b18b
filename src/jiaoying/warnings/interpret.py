"""From a message as sent to the warnings that the product acts on. Pure.

One message usually holds one warning, said in several languages. Where its infos in the reader's language
speak of different events, colours or times it holds several: the first keeps the identifier of the message,
the others get `#2`, `#3` … behind it, so that each can be stored, called out and withdrawn by itself.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.warnings import geometry, validity
from jiaoying.warnings.colours import BY_SEVERITY, ColourReading, read_colour
from jiaoying.warnings.divisions import area_codes, issuing_area
from jiaoying.warnings.geometry import Lines, mended_lines
from jiaoying.warnings.hazard_words import folded_name
from jiaoying.warnings.hazards import (
    MAX_SEARCHED_CHARACTERS,
    EventKind,
    kind_in_words,
    kind_of_code,
    kind_of_scheme,
)
from jiaoying.warnings.model import Info, IssuedWarning, Kind, Message, Question, WarnedArea
from jiaoying.warnings.plain_text import MAX_LINE_CHARACTERS, MAX_TEXT_CHARACTERS, cut, plain
from jiaoying.warnings.validity import Period, default_period, period_of, together

T = TypeVar("T")

_HAN = re.compile(r"[\u4e00-\u9fff]")
_CHINESE_TAGS = ("zh", "cmn", "chinese")
_MAINLAND_TAGS = ("zh-cn", "zh", "zh-hans", "zh-hans-cn", "cmn", "chinese")
# 解除 ends a warning unless something is put in force in the same breath. 取消, `cancelled` and their like
# end much besides (flights, classes), and people are told to wait for an all-clear: so these must say it of
# the warning itself.
_LIFTED = re.compile(
    r"(?<!未)解除(?![之以]?[前后])"
    r"|(?:信号|信號|警告|预警|預警|警报|警報)(?:[于於\s\d年月日時时分:：已现現均)）]|全部|正式){0,40}取消(?!\w)"
    r"|(?<![未不])取消[^，。,\s发發布]{0,20}(?:信号|信號|警告|预警|預警|警报|警報)"
    r"|\b(?:warning|watch|advisory|alert|statement|signal)s?(?: for [^.;:]{1,50})?"
    r"(?: (?:has|have|been|is|was|are|now)){0,3} (?:cancel(?:l?ed|lation)|lifted|ended|no longer in effect)\b"
    r"|^\W*(?:cancellation|end) of [^.;]{0,40}\b(?:warning|watch|advisory|alert)\b"
    r"|\btsunami cancellation\b|^\W*(?:all[ -]clear|entwarnung|aufhebung)\b",
    re.IGNORECASE,
)
_PUT_IN_FORCE = re.compile(
    r"发布|發佈|發出|变更|升级|降级|更新|[转改升降]为"
    r"|\b(?:issued|in effect|remains?|continues?|upgraded|replaced)\b",
    re.IGNORECASE,
)
_ISSUER_AND_VERB = re.compile(r"^.*?(?:发布|更新|变更|升级|解除)")
# Canada says so of a place and not of the message: parameter `…:Alert_Location_Status`.
_ENDED = ("ended", "cancelled", "canceled")
# A river is called Test; a test says so in capitals or in a sentence.
_TEST_WORDS = re.compile(
    r"(?<!RIVER )\bTEST(?:S|ING)?\b(?! (?:RIVER|VALLEY))|测试|測試|演练|演練|演习|演習"
    r"|(?i:\bthis is (?:only )?a test\b|\b(?:monthly|weekly|system|self) test\b"
    r"|\btest (?:message|alert|warning|broadcast)\b|\bprobealarm\b|\btest-?warnung\b|\bes una prueba\b)"
)
_TEST_CODES = (
    "RMT",
    "RWT",
    "NPT",
    "DMO",
)  # SAME (47 CFR 11.31(e)): monthly, weekly, national test, demonstration


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What came of a message, what was odd, and why nothing may be done about it (or None).

    With a question open nothing starts by itself: the officer settles it.
    """

    issued_warnings: tuple[IssuedWarning, ...]
    not_actionable: str | None
    complaints: tuple[Complaint, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """An info with what was read from it."""

    info: Info
    kind: EventKind
    colour: ColourReading
    period: Period
    all_clear: bool

    @property
    def over(self) -> bool:
        """Nothing is warned of (any more)."""
        return self.all_clear or self.colour.green

    @property
    def subject(self) -> tuple[Hazard, str | None, Colour | None]:
        """Infos that agree in this speak of one warning, as long as their times meet."""
        return self.kind.hazard, self.kind.code or self.info.event, self.colour.colour


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a warning holds."""

    names: str
    codes: tuple[str, ...]
    lines: Lines
    complaints: tuple[Complaint, ...]


def interpret(message: Message) -> Interpretation:
    """The warnings that `message` holds."""
    told = [_tell(message, info) for info in _chosen_infos(message.infos)]
    reason = _not_for_action(message, told)
    standing = _standing(told)
    if not standing:
        bare = (_without_info(message),) if message.msg_type == "Cancel" else ()
        return Interpretation(bare, reason)
    issued: list[IssuedWarning] = []
    complaints = [*_disagreements(standing)]
    for position, group in enumerate(_groups(standing), start=1):
        warning, remarks = _issued(message, group, position)
        issued.append(warning)
        complaints += remarks
    questions = tuple(_doubts_of_test(message, told))
    complaints += [Complaint("test-in-words", "info/headline", question.text) for question in questions]
    return Interpretation(tuple(issued), reason, tuple(dict.fromkeys(complaints)), questions)


# --- which infos count ---


def _chosen_infos(infos: Sequence[Info]) -> list[Info]:
    """The infos in Chinese; else those in English; else those in the language of the first.

    The first info of a Chinese message is a machine's English, so position decides nothing. Of several
    kinds of Chinese or English one is taken: they say the same (CAP 1.2, 3.2.2: infos of one language are
    a sequence, others are others). Easy language (`de-LS`) gives way to the full one.
    """
    full = [info for info in infos if not _tag(info).endswith("-ls")] or list(infos)
    chinese = [info for info in full if _tag(info).split("-")[0] in _CHINESE_TAGS]
    english = [info for info in full if _tag(info).startswith("en")]
    chosen = chinese or english or full
    first = next((info for info in chosen if _tag(info) in _MAINLAND_TAGS), chosen[0] if chosen else None)
    return [info for info in chosen if first is not None and _tag(info) == _tag(first)]


def _tag(info: Info) -> str:
    """The language of an info as a folded tag. Senders forget `language`, and its default is en-US."""
    tag = info.language.casefold().replace("_", "-")
    mislabelled = tag.startswith("en") and _HAN.search(f"{info.event}{info.headline}") is not None
    return "zh" if mislabelled else tag


def _standing(told: list[_Told]) -> list[_Told]:
    """Without what is green or over, as long as something is neither.

    An Update may hold areas that are still warned and areas that no longer are: the first are the
    warning now, and that the others are free follows from their absence.
    """
    coloured = [one for one in told if not one.colour.green]
    return [one for one in coloured if not one.all_clear] or coloured or told


def _groups(standing: list[_Told]) -> list[list[_Told]]:
    """The infos of each warning: those of one subject whose times meet."""
    groups: list[list[_Told]] = []
    for one in standing:
        fitting = (
            group
            for group in groups
            if group[0].subject == one.subject and together([told.period for told in group]).meets(one.period)
        )
        group = next(fitting, None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return groups


def _tell(message: Message, info: Info) -> _Told:
    return _Told(info, _event_kind(info), read_colour(info), period_of(message, info), _is_over(info))


def _is_over(info: Info) -> bool:
    if "AllClear" in info.response_type or _is_lifted((info.headline or "")[:MAX_SEARCHED_CHARACTERS]):
        return True
    return any(
        folded_name(name).endswith("alertlocationstatus") and value.strip().casefold() in _ENDED
        for name, value in info.parameter
    )


def _is_lifted(headline: str) -> bool:
    lifted = _LIFTED.search(headline)
    return lifted is not None and _PUT_IN_FORCE.search(headline, lifted.end()) is None


def _event_kind(info: Info) -> EventKind:
    """By the national code, else by the event, else by a code of another country, else by the headline.

    The headline is searched behind its issuer first (气象台, 防火指挥部 …).
    """
    codes = [kind for _, value in info.event_code if (kind := kind_of_code(value)) is not None]
    telling = (kind for kind in codes if kind.hazard is not Hazard.OTHER)
    return next(chain(telling, _kinds_named(info), codes), EventKind(Hazard.OTHER, None))


def _kinds_named(info: Info) -> Iterator[EventKind]:
    headline = (info.headline or "")[:MAX_SEARCHED_CHARACTERS]
    named = kind_in_words(info.event or "")
    if named is not None:
        yield named
    for name, value in (*info.event_code, *info.parameter):
        listed = kind_of_scheme(name, value)
        if listed is not None:
            yield listed
    for text in (_ISSUER_AND_VERB.sub("", headline), headline):
        named = kind_in_words(text)
        if named is not None:
            yield named


# --- what keeps it from action, and what is odd ---


def _not_for_action(message: Message, told: list[_Told]) -> str | None:
    """Why the message calls nobody (CAP 1.2, 3.2.1: status and msgType), or None."""
    if message.status not in ("Actual", "Exercise"):
        return say("its status is {status}: not meant for action", status=message.status)
    if message.msg_type in ("Ack", "Error"):
        return say("it is an answer to another message ({type}), not a warning", type=message.msg_type)
    if message.msg_type == "Cancel":
        return None
    if not told:
        return say("it holds no information on any event")
    if message.references:
        return None
    if all(one.colour.green for one in told):
        return say("green is no warning")
    if all(one.over for one in told):
        return say("it gives the all-clear and names no warning that it would end")
    return None


def _disagreements(told: list[_Told]) -> tuple[Complaint, ...]:
    differing = any(
        one.colour.read_from in ("words", "parameter")
        and one.colour.colour is not None
        and BY_SEVERITY.get(one.info.severity or "", one.colour.colour) != one.colour.colour
        for one in told
    )
    text = say("severity says another colour than the words: the words count")
    return (Complaint("colour-differs", "info/severity", text),) if differing else ()


def _doubts_of_test(message: Message, told: list[_Told]) -> Iterator[Question]:
    """Test traffic gets into feeds under the status Actual; whether it is one, only a person can tell.

    What ends a warning is not held back for that.
    """
    if message.status != "Actual" or message.msg_type == "Cancel" or all(one.over for one in told):
        return
    texts = [
        text[:MAX_SEARCHED_CHARACTERS] for one in told for text in (one.info.event, one.info.headline) if text
    ]
    found = [match.group() for text in texts if (match := _TEST_WORDS.search(text)) is not None]
    codes = [
        value
        for one in told
        for name, value in one.info.event_code
        if folded_name(name) == "same" and value.strip().upper() in _TEST_CODES
    ]
    words = next(iter((*found, *codes)), None)
    if words is not None:
        text = say("the message says “{words}” although its status is Actual: is it a test?", words=words)
        choices = (("Actual", say("it is meant in earnest")), ("Test", say("it is a test")))
        yield Question("status", words, text, choices)


# --- the warning ---


def _issued(message: Message, group: list[_Told], position: int) -> tuple[IssuedWarning, list[Complaint]]:
    infos, first = [one.info for one in group], group[0]
    place, period = _place(message, infos), together([one.period for one in group])
    event = _line(first.info.event)
    texts = _Texts()
    warning = IssuedWarning(
        sender=message.sender,
        identifier=message.identifier if position == 1 else f"{message.identifier}#{position}",
        kind=_kind(message, group),
        exercise=message.status == "Exercise",
        hazard=first.kind.hazard,
        event=event,
        event_code=first.kind.code,
        colour=first.colour.colour,
        sender_name=_line(first.info.sender_name) or None,
        headline=next(
            (line for info in infos if (line := _line(info.headline))), event or message.identifier
        ),
        text=texts.joined(info.description for info in infos) or texts.joined([message.note]),
        instruction=texts.joined(info.instruction for info in infos) or None,
        area_names=place.names,
        area_codes=place.codes,
        polygons=place.lines.polygons,
        circles=place.lines.circles,
        references=message.references,
        sent_at=message.sent,
        valid_from=period.begin,
        valid_to=period.end,
    )
    mended = [Complaint(code, "info", say(validity.REMARKS[code])) for code in period.remarks]
    return warning, [*mended, *place.complaints, *texts.complaints]


def _without_info(message: Message) -> IssuedWarning:
    """A Cancel needs no info (3.2.2: 0..n): what it ends is named by its references."""
    period = default_period(message)
    return IssuedWarning(
        sender=message.sender,
        identifier=message.identifier,
        kind=Kind.CANCEL,
        exercise=message.status == "Exercise",
        hazard=Hazard.OTHER,
        event="",
        event_code=None,
        colour=None,
        sender_name=None,
        headline=_line(message.note) or message.identifier,
        text=_Texts().joined([message.note]),
        instruction=None,
        area_names="",
        area_codes=(),
        polygons=(),
        circles=(),
        references=message.references,
        sent_at=message.sent,
        valid_from=period.begin,
        valid_to=period.end,
    )


def _kind(message: Message, group: list[_Told]) -> Kind:
    """3.2.1 msgType; an AllClear in all infos ends the event without a Cancel (3.2.2 responseType).

    So does an Update that is green: what it refers to no longer holds.
    """
    if message.msg_type == "Cancel":
        return Kind.CANCEL
    if all(one.over for one in group):
        return Kind.ALL_CLEAR
    return Kind.UPDATE if message.msg_type == "Update" else Kind.ALERT


def _place(message: Message, infos: Sequence[Info]) -> _Place:
    """The union of the areas of `infos`, and what other languages say of the same (CAP 1.2, 3.2.4).

    Descriptions differ by language, codes and lines do not, so these are lent where they are missing.
    """
    own = [area for info in infos for area in info.areas]
    chinese = any(_tag(info).split("-")[0] in _CHINESE_TAGS for info in message.infos)
    codes, lines = area_codes(own, chinese=chinese), mended_lines(own)
    if not (codes or lines.polygons or lines.circles):
        lent = _lent_areas(message, infos)
        codes, lines = area_codes(lent, chinese=chinese), mended_lines(lent)
        own = own or lent
    names = cut("、".join(_unique(_line(area.description) for area in own)), MAX_TEXT_CHARACTERS)
    complaints = [Complaint(code, "info/area", say(geometry.REMARKS[code])) for code in lines.remarks]
    if not (codes or lines.polygons or lines.circles or names):
        issuer = issuing_area(message.identifier)
        codes = (issuer,) if issuer else ()
        if own:  # where there is none at all the reader has said so
            text = say("names no area that can be used: the whole territory of the sender is meant")
            complaints.append(Complaint("whole-territory", "info/area", text))
    return _Place(names, codes, lines, tuple(complaints))


def _lent_areas(message: Message, infos: Sequence[Info]) -> list[WarnedArea]:
    """The areas of the infos that say the same in another language: as grave, and over or not as these."""
    alike = {(info.severity, _is_over(info)) for info in infos}
    return [area for info in message.infos if (info.severity, _is_over(info)) in alike for area in info.areas]


class _Texts:
    """Joins texts as people read them, and notes where one was cut."""

    def __init__(self) -> None:
        self.complaints: list[Complaint] = []

    def joined(self, texts: Iterable[str | None]) -> str:
        whole = "\n".join(_unique(plain(text) for text in texts if text))
        if len(whole) > MAX_TEXT_CHARACTERS:
            text = say(
                "the text is longer than {count} characters: it was cut for calling, the message keeps all",
                count=MAX_TEXT_CHARACTERS,
            )
            self.complaints.append(Complaint("text-cut", "info/description", text))
        return cut(whole, MAX_TEXT_CHARACTERS)


def _line(text: str | None) -> str:
    """A text of one line."""
    return cut(" ".join(plain(text).split()), MAX_LINE_CHARACTERS) if text else ""


def _unique(values: Iterable[T | None]) -> tuple[T, ...]:
    """Without repetitions and gaps, in the order of their first coming."""
    return tuple(dict.fromkeys(value for value in values if value))
