"""A draft looked at: who would be called, in what words, and the message that it becomes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from jiaoying.contacts.areas.store import areas_by_code
from jiaoying.dispatch.board import warning_facts
from jiaoying.dispatch.covering import OutsideHome
from jiaoying.dispatch.forecasting import Outlook, look_ahead, queues_of
from jiaoying.dispatch.links import sample_address
from jiaoying.dispatch.outlook.ahead import WouldBe
from jiaoying.dispatch.preview import Preview, preview_match
from jiaoying.dispatch.store import forecasts
from jiaoying.dispatch.store.holds import largest_by_hand
from jiaoying.dispatch.texting import gateway_among
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import CHINESE, say
from jiaoying.storage.database import Tx
from jiaoying.templates.facts import CallFacts
from jiaoying.templates.names import warning_title
from jiaoying.warnings.arrival import choose_reference
from jiaoying.warnings.by_hand import DraftFields, write_cap
from jiaoying.warnings.drafts import Draft
from jiaoying.warnings.holding import MOST_ON_REAL_PHONES, SecondPerson, second_person_needed
from jiaoying.warnings.model import ByHand, Reference
from jiaoying.warnings.store import reference_uses
from jiaoying.web.context import actor_of, parts_of
from jiaoying.web.pages import now_of

# Places named in a line of a list; of more the number is told.
_PLACES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that the page of a draft shows beside its form."""

    preview: Preview | None  # None where it calls nobody here
    outside: bool
    second_person: SecondPerson | None
    largest: int | None
    outlook: Outlook | None  # None where no gateway may be used


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a list, with its places in words."""

    draft: Draft
    places: str


async def draft_lines(tx: Tx, drafts: Sequence[Draft]) -> list[DraftLine]:
    """Drafts as a list shows them."""
    return [DraftLine(one, await _places_of(tx, one.fields)) for one in drafts]


async def _places_of(tx: Tx, fields: DraftFields) -> str:
    codes = fields.area_codes
    if not codes:
        return say("an area on the map") if fields.polygons or fields.circles else say("no places yet")
    names = await _names_of(tx, codes[:_PLACES_SHOWN])
    return (
        names
        if len(codes) <= _PLACES_SHOWN
        else say("{places} and more, {count} places", places=names, count=len(codes))
    )


async def look_at(tx: Tx, fields: DraftFields, request: web.Request) -> Look:
    """Who would be called by a draft on the roster of this moment, and whether one person may confirm it."""
    parts, now = parts_of(request), now_of(request)
    if fields.ends:
        return Look(None, False, None, None, None)
    gateway = gateway_among(parts.gateways, simulated=fields.exercise and not fields.real_phones)
    limits = parts.settings.limits.get(gateway) if gateway else None
    found = await preview_match(
        tx,
        await would_be_of_draft(tx, fields, request),
        home=parts.home_map,
        timezone=parts.settings.timezone,
        now=now,
        budgets={gateway: limits.number_budget} if gateway and limits else {},
    )
    if isinstance(found, OutsideHome):
        return Look(None, True, None, None, None)
    largest = await largest_by_hand(tx, exercise=fields.exercise)
    return Look(
        preview=found,
        outside=False,
        second_person=_second_person(fields, found.people, largest, request),
        largest=largest,
        outlook=await _outlook(tx, fields, found, request),
    )


async def _outlook(tx: Tx, fields: DraftFields, preview: Preview, request: web.Request) -> Outlook | None:
    """How long it would take beside what runs now."""
    gateways, now = parts_of(request).gateways, now_of(request)
    name = gateway_among(gateways, simulated=fields.exercise and not fields.real_phones)
    if name is None:
        return None
    waits = queues_of(await forecasts.in_lanes(tx, now), await forecasts.between_rounds(tx, now), gateways)
    pace = await forecasts.measured_pace(tx, name, now)
    return await asyncio.to_thread(
        look_ahead, preview.id, preview.queue, waits[name], gateways[name].limits, pace, fields.colour
    )


async def would_be_of_draft(tx: Tx, fields: DraftFields, request: web.Request) -> WouldBe:
    """The warning that a draft would become."""
    facts = await _facts(tx, fields, request)
    return WouldBe(fields.hazard, fields.colour, fields.area_codes, fields.polygons, fields.circles, facts)


def _second_person(
    fields: DraftFields, people: int, largest: int | None, request: web.Request
) -> SecondPerson | None:
    return second_person_needed(
        kind=fields.kind,
        people=people,
        largest=largest,
        colour=fields.colour,
        two_persons_for=parts_of(request).settings.two_persons_for,
        real_phones=fields.real_phones,
    )


async def _facts(tx: Tx, fields: DraftFields, request: web.Request) -> CallFacts:
    parts = parts_of(request)
    zone = parts.settings.timezone
    followed = await warning_facts(tx, fields.follows_id) if fields.follows_id else None
    return CallFacts(
        desk_name=parts.home_name,
        # People keep the reference that they have of the warning that goes on.
        reference=followed.reference
        if followed
        else choose_reference(await reference_uses(tx, now_of(request))),
        colour=fields.colour,
        hazard=fields.hazard,
        event=fields.event,
        headline=_headline(fields),
        area_name=await _names_of(tx, fields.area_codes),
        roles=(),
        text=fields.text,
        instruction=fields.instruction or None,
        sender_name=fields.sender_name,
        valid_to=fields.valid_to.astimezone(zone),
        issued_at=now_of(request).astimezone(zone),
        exercise=fields.exercise,
        link=sample_address(parts.public_url) if parts.settings.text_links else None,
    )


async def message_of(tx: Tx, draft: Draft, request: web.Request) -> tuple[bytes, ByHand]:
    """The CAP message of a confirmed draft, and who stands for it."""
    fields, look = draft.fields, await look_at(tx, draft.fields, request)
    if look.outside:
        raise Refusal(say("No place of this warning lies in the territory served here: choose other places"))
    sent = draft.confirmed_at or now_of(request)
    body = write_cap(
        replace(fields, headline=_headline(fields)),
        draft_id=draft.id,
        home_area=parts_of(request).settings.home_area,
        area_names=await _names_of(tx, fields.area_codes),
        sent=sent,
        follows=await _followed(tx, fields),
    )
    people = look.preview.people if look.preview else 0
    if fields.real_phones and people > MOST_ON_REAL_PHONES:
        raise Refusal(
            say(
                "A drill on real telephones is for {most} people at most: choose fewer townships",
                most=MOST_ON_REAL_PHONES,
            )
        )
    by = draft.confirmed_by or actor_of(request)
    return body, ByHand(by, people, look.second_person, fields.real_phones)


async def _followed(tx: Tx, fields: DraftFields) -> Reference | None:
    if fields.follows_id is None:
        return None
    found = await warning_facts(tx, fields.follows_id)
    return found and Reference(found.sender, found.identifier, found.sent_at)


async def _names_of(tx: Tx, codes: Sequence[str]) -> str:
    known = await areas_by_code(tx, codes)
    return "、".join(known[code].name if code in known else code for code in codes)


def _headline(fields: DraftFields) -> str:
    """The headline as written, else made of issuer, event and colour, as bureaus have it."""
    if fields.headline:
        return fields.headline
    title = warning_title(fields.event, fields.hazard, fields.colour, CHINESE)
    verb = "解除" if fields.ends else "发布"
    return f"{fields.sender_name}{verb}{title}"
