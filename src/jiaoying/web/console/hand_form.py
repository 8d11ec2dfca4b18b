"""The form of a warning by hand: what somebody typed, and the fields and mistakes in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from jiaoying.kernel.areas import covers
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.warnings.by_hand import DraftFields, mistakes_in, with_answer
from jiaoying.warnings.model import Kind, Question
from jiaoying.web.context import read_id

USUAL_VALIDITY = timedelta(hours=6)
_MINUTES = "%Y-%m-%dT%H:%M"  # as <input type="datetime-local"> has it
_FIELDS = ("kind", "hazard", "event", "colour", "sender_name", "headline", "text", "instruction")


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: as somebody typed it, right or wrong."""

    texts: Mapping[str, str]
    areas: tuple[str, ...]
    answers: Mapping[int, tuple[str, ...]]  # chosen for a question, by its place
    settled: frozenset[int]


def empty_form(now: datetime, zone: ZoneInfo, home_name: str) -> Typed:
    """A form to begin with: issued here and now, for the usual time."""
    texts = dict.fromkeys((*_FIELDS, "follows_id", "exercise", "real_phones"), "")
    texts |= {
        "kind": Kind.ALERT,
        "sender_name": home_name,
        "valid_from": now.astimezone(zone).strftime(_MINUTES),
        "valid_to": (now + USUAL_VALIDITY).astimezone(zone).strftime(_MINUTES),
    }
    return Typed(texts, (), {}, frozenset())


def typed_of(fields: DraftFields, zone: ZoneInfo) -> Typed:
    """A draft as the form shows it."""
    texts = {name: str(getattr(fields, name) or "") for name in _FIELDS}
    texts |= {
        "colour": fields.colour or "none",
        "exercise": "yes" if fields.exercise else "",
        "real_phones": "yes" if fields.real_phones else "",
        "follows_id": str(fields.follows_id or ""),
        "valid_from": fields.valid_from.astimezone(zone).strftime(_MINUTES),
        "valid_to": fields.valid_to.astimezone(zone).strftime(_MINUTES),
    }
    return Typed(texts, fields.area_codes, {}, frozenset(fields.settled))


async def read_form(request: web.Request) -> Typed:
    """What was typed, as it was typed."""
    form = await request.post()
    names = (*_FIELDS, "valid_from", "valid_to", "follows_id", "exercise", "real_phones")
    answers = {
        int(name.removeprefix("question-")): tuple(str(value) for value in form.getall(name))
        for name in form
        if name.removeprefix("question-").isdecimal() and name.startswith("question-")
    }
    settled = frozenset(int(str(value)) for value in form.getall("settled", []) if str(value).isdecimal())
    return Typed(
        {name: str(form.get(name, "")).replace("\0", "").strip().replace("\r\n", "\n") for name in names},
        _widest([str(value) for value in form.getall("areas", [])]),
        answers,
        settled,
    )


def _widest(codes: Sequence[str]) -> tuple[str, ...]:
    """Without villages whose township is chosen too."""
    known = sorted({code for code in codes if len(code) == 12 and code.isdecimal()})
    return tuple(code for code in known if not any(covers(other, code) for other in known if other != code))


def fields_in(
    typed: Typed, before: DraftFields | None, questions: Sequence[Question], now: datetime, zone: ZoneInfo
) -> tuple[DraftFields | None, dict[str, str]]:
    """The fields that a form says, and what is wrong with it by field; None where it cannot even be read."""
    texts, mistakes = typed.texts, dict[str, str]()
    if texts["hazard"] not in set(Hazard):
        mistakes["hazard"] = say("Choose what is coming")
    if texts["colour"] not in {*Colour, "none"}:
        mistakes["colour"] = say("Choose the colour")
    moments = {name: _moment_in(texts[name], zone) for name in ("valid_from", "valid_to")}
    for name, moment in moments.items():
        if moment is None:
            mistakes[name] = say("Write day and time, for example 2026-07-15 16:30")
    valid_from, valid_to = moments["valid_from"], moments["valid_to"]
    if mistakes or valid_from is None or valid_to is None:
        return None, mistakes
    fields = DraftFields(
        kind=Kind(texts["kind"]) if texts["kind"] in set(Kind) else Kind.ALERT,
        exercise=texts["exercise"] == "yes",
        hazard=Hazard(texts["hazard"]),
        event=texts["event"],
        event_code=before.event_code if before else None,
        colour=None if texts["colour"] == "none" else Colour(texts["colour"]),
        sender_name=texts["sender_name"],
        headline=texts["headline"],
        text=texts["text"],
        instruction=texts["instruction"],
        area_codes=typed.areas,
        valid_from=valid_from,
        valid_to=valid_to,
        follows_id=read_id(texts["follows_id"]) if texts["follows_id"] else None,
        polygons=before.polygons if before else (),
        circles=before.circles if before else (),
        origin=before.origin if before else None,
        real_phones=texts["real_phones"] == "yes",
    )
    fields = _answered(fields, typed, questions)
    return fields, mistakes_in(fields, now)


def _answered(fields: DraftFields, typed: Typed, questions: Sequence[Question]) -> DraftFields:
    """With what was chosen for each question; one is settled by a choice, or by the tick beside it."""
    settled = {index for index in typed.settled if index < len(questions)}
    for index, question in enumerate(questions):
        known = {value for value, _ in question.choices}
        chosen = [value for value in typed.answers.get(index, ()) if value in known]
        if chosen:
            fields = with_answer(fields, question.field, chosen)
            settled.add(index)
    return replace(fields, area_codes=_widest(fields.area_codes), settled=tuple(sorted(settled)))


def _moment_in(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None
