"""From a message as sent to the warnings that the product acts on. Pure.

One message usually holds one warning, said in several languages. Where its Chinese infos speak of
different events or colours it holds several: the first keeps the identifier of the message, the others
get `#2`, `#3` … behind it, so that each can be stored, called out and withdrawn by itself.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.warnings.colours import BY_SEVERITY, ColourReading, read_colour
from jiaoying.warnings.divisions import area_codes
from jiaoying.warnings.formats.cap_values import read_moment
from jiaoying.warnings.hazards import MAX_SEARCHED_CHARACTERS, EventKind, kind_in_words, kind_of_code
from jiaoying.warnings.model import Info, IssuedWarning, Kind, Message, WarnedArea

T = TypeVar("T")

# Our policy where the sender gives no end; CAP 1.2, 3.2.2 (expires) leaves it to the recipient.
DEFAULT_VALIDITY = timedelta(hours=24)

_HAN = re.compile(r"[\u4e00-\u9fff]")
_CHINESE_TAGS = ("zh", "cmn", "chinese")
# 解除 ends a warning unless something is put in force in the same breath.
_LIFTED = re.compile(r"(?<!未)解除(?![之以]?[前后])")
_PUT_IN_FORCE = re.compile(r"发布|变更|升级|降级|更新|[转改升降]为")
_ISSUER_AND_VERB = re.compile(r"^.*?(?:发布|更新|变更|升级|解除)")


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What came of a message, what was odd, and why nothing may be done about it (or None)."""

    issued_warnings: tuple[IssuedWarning, ...]
    not_actionable: str | None
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """An info with what was read from it."""

    info: Info
    kind: EventKind
    colour: ColourReading
    all_clear: bool

    @property
    def subject(self) -> tuple[Hazard, str | None, Colour | None]:
        """Infos that agree in this speak of one warning."""
        return self.kind.hazard, self.kind.code or self.info.event, self.colour.colour


def interpret(message: Message) -> Interpretation:
    """The warnings that `message` holds."""
    told = [_tell(info) for info in _chosen_infos(message.infos)]
    reason = _not_for_action(message, told)
    standing = _standing(told)
    if not standing:
        bare = (_without_info(message),) if message.msg_type == "Cancel" else ()
        return Interpretation(bare, reason)
    groups: dict[object, list[_Told]] = {}
    for one in standing:
        groups.setdefault(one.subject, []).append(one)
    warnings = tuple(
        _issued(message, group, position) for position, group in enumerate(groups.values(), start=1)
    )
    return Interpretation(warnings, reason, _disagreements(standing))


# --- which infos count ---


def _chosen_infos(infos: Sequence[Info]) -> list[Info]:
    """The infos in Chinese; else those in English; else those in the language of the first.

    The first info of a Chinese message is a machine's English, so position decides nothing.
    """
    for wanted in (_is_chinese, _is_english):
        chosen = [info for info in infos if wanted(info)]
        if chosen:
            return chosen
    return [info for info in infos if info.language == infos[0].language]


def _is_chinese(info: Info) -> bool:
    tag = info.language.casefold().replace("_", "-").split("-")[0]
    # Senders forget `language`, and its default is en-US.
    mislabelled = tag == "en" and _HAN.search(f"{info.event}{info.headline}") is not None
    return tag in _CHINESE_TAGS or mislabelled


def _is_english(info: Info) -> bool:
    return info.language.casefold().startswith("en")


def _standing(told: list[_Told]) -> list[_Told]:
    """Without what is green or over, as long as something is neither.

    An Update may hold areas that are still warned and areas that no longer are: the first are the
    warning now, and that the others are free follows from their absence.
    """
    coloured = [one for one in told if not one.colour.green]
    return [one for one in coloured if not one.all_clear] or coloured or told


def _tell(info: Info) -> _Told:
    all_clear = "AllClear" in info.response_type or _is_lifted(
        (info.headline or "")[:MAX_SEARCHED_CHARACTERS]
    )
    return _Told(info, _event_kind(info), read_colour(info), all_clear)


def _is_lifted(headline: str) -> bool:
    lifted = _LIFTED.search(headline)
    return lifted is not None and _PUT_IN_FORCE.search(headline, lifted.end()) is None


def _event_kind(info: Info) -> EventKind:
    """By the code, else by the event, else by the headline behind its issuer (气象台, 防火指挥部 …)."""
    codes = [kind for _, value in info.event_code if (kind := kind_of_code(value)) is not None]
    headline = (info.headline or "")[:MAX_SEARCHED_CHARACTERS]
    texts = (info.event or "", _ISSUER_AND_VERB.sub("", headline), headline)
    words = [kind for text in texts if (kind := kind_in_words(text)) is not None]
    telling = [kind for kind in codes if kind.hazard is not Hazard.OTHER]
    return next(iter((*telling, *words, *codes)), EventKind(Hazard.OTHER, None))


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
    if all(one.colour.green for one in told):
        return say("green is no warning")
    if all(one.all_clear for one in told) and not message.references:
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


# --- the warning ---


def _issued(message: Message, group: list[_Told], position: int) -> IssuedWarning:
    infos, first = [one.info for one in group], group[0]
    areas = [area for info in infos for area in info.areas] or _areas_of_all(message)
    event = first.info.event or ""
    valid_from, valid_to = _validity(message, infos)
    return IssuedWarning(
        sender=message.sender,
        identifier=message.identifier if position == 1 else f"{message.identifier}#{position}",
        kind=_kind(message, group),
        exercise=message.status == "Exercise",
        hazard=first.kind.hazard,
        event=event,
        event_code=first.kind.code,
        colour=first.colour.colour,
        sender_name=first.info.sender_name,
        headline=next((info.headline for info in infos if info.headline), event or message.identifier),
        text="\n".join(_unique(info.description for info in infos)) or message.note or "",
        instruction="\n".join(_unique(info.instruction for info in infos)) or None,
        area_names="、".join(_unique(area.description for area in areas)),
        area_codes=area_codes(areas),
        polygons=_unique(polygon for area in areas for polygon in area.polygons),
        circles=_unique(circle for area in areas for circle in area.circles),
        references=message.references,
        sent_at=message.sent,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _without_info(message: Message) -> IssuedWarning:
    """A Cancel needs no info (3.2.2: 0..n): what it ends is named by its references."""
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
        headline=message.note or message.identifier,
        text=message.note or "",
        instruction=None,
        area_names="",
        area_codes=(),
        polygons=(),
        circles=(),
        references=message.references,
        sent_at=message.sent,
        valid_from=message.sent,
        valid_to=message.sent + DEFAULT_VALIDITY,
    )


def _kind(message: Message, group: list[_Told]) -> Kind:
    """3.2.1 msgType; an AllClear in all infos ends the event without a Cancel (3.2.2 responseType)."""
    if message.msg_type == "Cancel":
        return Kind.CANCEL
    if all(one.all_clear for one in group):
        return Kind.ALL_CLEAR
    return Kind.UPDATE if message.msg_type == "Update" else Kind.ALERT


def _validity(message: Message, infos: Sequence[Info]) -> tuple[datetime, datetime]:
    """From `effective` (absent: sent, 3.2.2) to the end of the hazard.

    `expires` is often the end of the message only: the National Weather Service of the USA gives the
    hazard's end as a parameter. An `expires` that is not after `sent` is a slip, except in a Cancel.
    """
    begin = min(info.effective or message.sent for info in infos)
    ends = [
        moment
        for info in infos
        for name, value in info.parameter
        if name.casefold() == "eventendingtime" and (moment := read_moment(value).moment) is not None
    ]
    expiries = [info.expires for info in infos if info.expires is not None]
    if message.msg_type != "Cancel":
        expiries = [moment for moment in expiries if moment > message.sent]
    return begin, max(ends or expiries, default=max(begin, message.sent) + DEFAULT_VALIDITY)


def _areas_of_all(message: Message) -> list[WarnedArea]:
    """The areas that other languages give: descriptions differ, codes and lines do not."""
    return [area for info in message.infos for area in info.areas]


def _unique(values: Iterable[T | None]) -> tuple[T, ...]:
    """Without repetitions and gaps, in the order of their first coming."""
    return tuple(dict.fromkeys(value for value in values if value))
