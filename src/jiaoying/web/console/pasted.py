"""A pasted text: whether a warning is in it, which of them concern us, and where its words were read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from jiaoying.kernel.areas import covers
from jiaoying.kernel.language import say
from jiaoying.warnings.by_hand import LONGEST_PASTE, DraftFields
from jiaoying.warnings.model import Evidence, Kind, ParsedMessage, Question
from jiaoying.web import words
from jiaoying.web.formats import full_time


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that was read, and what was made of it, as people say it."""

    evidence: Evidence
    made: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a pasted text, with what was read from it."""

    words: str
    evidence: Evidence | None


def trouble_with(text: str, parsed: Sequence[ParsedMessage]) -> str | None:
    """Why nothing can be made of it, as a sentence with the remedy; None where it holds a warning."""
    if not text.strip():
        return say("Paste the text of a bulletin or a message file")
    if len(text) > LONGEST_PASTE:
        return say("The text is too long: at most {most} characters", most=LONGEST_PASTE)
    if any(one.issued_warnings and one.not_actionable is None for one in parsed):
        return None
    reasons = [one.not_actionable for one in parsed if one.not_actionable]
    reasons += [complaint.text for one in parsed for complaint in one.complaints]
    return reasons[0] if reasons else say("No warning was found in this text: write it in the form")


def of_this_territory(
    drafts: Sequence[tuple[ParsedMessage, DraftFields]], home: str
) -> Sequence[tuple[ParsedMessage, DraftFields]]:
    """Those that touch it or do not say where; all of them where none does, so that the officer sees why."""
    own = [
        (one, fields)
        for one, fields in drafts
        if not fields.area_codes
        or any(covers(home, code) or covers(code, home) for code in fields.area_codes)
    ]
    return own or drafts


def questions_for(fields: DraftFields, parsed: ParsedMessage) -> tuple[Question, ...]:
    """What must be settled for this one: what was asked about its colour, and about all of the message."""
    others = {one.colour for one in parsed.issued_warnings} - {fields.colour, None}
    return tuple(one for one in parsed.questions if one.colour not in others)


def told_apart(
    drafts: Sequence[tuple[ParsedMessage, DraftFields]],
) -> list[tuple[ParsedMessage, DraftFields]]:
    """Of several updates in one message the first alone follows what came before; the others are new.

    Each is confirmed by itself: if two followed the same warning, the second would take the place of the
    first, which by then stands in the chain. `drafts` are in their order.
    """
    groups = [_group_of(one, fields) for one, fields in drafts]
    return [
        (one, _as_new(fields) if group and _is_new(fields, group, groups, at) else fields)
        for at, ((one, fields), group) in enumerate(zip(drafts, groups, strict=True))
    ]


def _group_of(parsed: ParsedMessage, fields: DraftFields) -> tuple[int, str] | None:
    """Updates of one group would find each other as the warning that they change."""
    if fields.kind is not Kind.UPDATE:
        return None
    named = fields.origin is not None and bool(fields.origin.references)
    return parsed.index, "" if named else str(fields.hazard)


def _is_new(
    fields: DraftFields, group: tuple[int, str], groups: Sequence[tuple[int, str] | None], at: int
) -> bool:
    follows = fields.follows_id is not None or group[1] == ""
    return groups.count(group) > 1 and not (follows and groups.index(group) == at)


def _as_new(fields: DraftFields) -> DraftFields:
    origin = fields.origin and replace(fields.origin, references=())
    return replace(fields, kind=Kind.ALERT, follows_id=None, origin=origin)


def pieces(text: str | None, evidence: Sequence[Evidence]) -> list[Piece]:
    """The text cut where something was read from it; of two readings that overlap the first is marked."""
    if text is None:
        return []
    pieces: list[Piece] = []
    end = 0
    for one in sorted(evidence, key=lambda found: (found.start, -found.end)):
        if one.start < end or one.end <= one.start or one.end > len(text):
            continue
        if one.start > end:
            pieces.append(Piece(text[end : one.start], None))
        pieces.append(Piece(text[one.start : one.end], one))
        end = one.end
    if text[end:]:
        pieces.append(Piece(text[end:], None))
    return pieces


def readings(evidence: Sequence[Evidence], names: Mapping[str, str], zone: ZoneInfo) -> list[Reading]:
    """What was read, with places by their names and moments in local time."""
    return [Reading(one, _made_of(one, names, zone)) for one in evidence]


def _made_of(one: Evidence, names: Mapping[str, str], zone: ZoneInfo) -> str:
    if one.field == "colour":
        return words.colour_words(one.value)
    if one.field == "hazard":
        return words.hazard_name(one.value)
    if one.field == "kind":
        return words.kind_word(one.value)
    codes = one.value.split(",")
    if any(code in names for code in codes):
        return say(", ").join(names.get(code, code) for code in codes)
    try:
        return full_time(datetime.fromisoformat(one.value), zone)
    except ValueError:
        return one.value
