"""A warning by hand: written in a form or pasted as a text, looked at, corrected, confirmed.

Nothing is a warning before it is confirmed; then it goes through the same door as a bureau's message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from aiohttp import web

from jiaoying.contacts.areas.store import areas_by_code
from jiaoying.dispatch.actions import BELLS
from jiaoying.dispatch.board import WarningFacts, list_warnings, warning_facts
from jiaoying.dispatch.board.warnings import WarningRow
from jiaoying.dispatch.desk_reads import area_choices
from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.warnings.arrival import in_business_time
from jiaoying.warnings.by_hand import (
    LONGEST,
    LONGEST_PASTE,
    MEDIA_TYPE,
    SOURCE,
    DraftFields,
    fields_of,
    mistakes_in,
    order_of,
    says_the_same,
)
from jiaoying.warnings.drafts import (
    Draft,
    add_draft,
    change_draft,
    discard_draft,
    drafts_of_paste,
    lock_draft,
    mark_confirmed,
    mark_taken_in,
    open_drafts,
    read_draft,
)
from jiaoying.warnings.holding import open_questions
from jiaoying.warnings.intake import Disposition, read_at_home, take_in
from jiaoying.warnings.model import IssuedWarning, Kind, Question
from jiaoying.warnings.roads import chain_by_hand
from jiaoying.warnings.store import STANDING_KINDS, base_of
from jiaoying.web.console.draft_look import draft_lines, look_at, message_of
from jiaoying.web.console.hand_form import Typed, empty_form, fields_in, read_form, typed_of
from jiaoying.web.console.pasted import (
    Reading,
    of_this_territory,
    pieces,
    questions_for,
    readings,
    told_apart,
    trouble_with,
)
from jiaoying.web.context import actor_of, parts_of, read_id
from jiaoying.web.pages import now_of, render, see_other

_IN_FORCE = ("received", "held", "matched")
_LONGEST_SEARCH = 30


# --- pages ---


async def show_start(request: web.Request) -> web.StreamResponse:
    """Two ways to begin, and what was begun before."""
    typed = empty_form(now_of(request), parts_of(request).settings.timezone, parts_of(request).home_name)
    return await _start_page(request, typed, {})


async def write(request: web.Request) -> web.StreamResponse:
    """A filled-in form becomes a draft."""
    parts, now = parts_of(request), now_of(request)
    typed = await read_form(request)
    fields, mistakes = fields_in(typed, None, (), now, parts.settings.timezone)
    if fields is None or mistakes:
        return await _start_page(request, typed, mistakes, status=422)
    async with parts.database.transaction() as tx:
        draft_id = await add_draft(tx, fields, by=actor_of(request), now=now)
        await _note(tx, "draft.written", draft_id, request, {"pasted": False})
    return see_other(f"/by-hand/{draft_id}")


async def paste(request: web.Request) -> web.StreamResponse:
    """A pasted text is read; each warning in it that concerns this territory becomes a draft."""
    parts, now, wall = parts_of(request), now_of(request), wall_now()
    # The database keeps no NUL; a blank in its place moves nothing that is read after it.
    text = str((await request.post()).get("pasted", ""))[: LONGEST_PASTE + 1].replace("\0", " ")
    home = parts.settings.home_area
    parsed = await read_at_home(parts.database, text.encode(), max(now, wall), home)
    trouble = trouble_with(text, parsed)
    if trouble is not None:
        typed = empty_form(now, parts.settings.timezone, parts.home_name)
        return await _start_page(request, typed, {"pasted": trouble}, pasted=text, status=422)
    read = [
        (one, in_business_time(issued, now, wall))
        for one in parsed
        for issued in one.issued_warnings
        if one.not_actionable is None
    ]
    read.sort(key=lambda told: order_of(fields_of(told[1])))
    async with parts.database.transaction() as tx:
        targets = await _targets_of(tx, [issued for _, issued in read], now)
        drafts = [
            (one, replace(fields_of(issued), follows_id=target))
            for (one, issued), target in zip(read, targets, strict=True)
        ]
        ids = [
            await add_draft(
                tx,
                fields,
                by=actor_of(request),
                now=now,
                pasted=text,
                evidence=one.evidence,
                questions=questions_for(fields, one),
            )
            for one, fields in told_apart(of_this_territory(drafts, home))
        ]
        for draft_id in ids:
            await _note(tx, "draft.written", draft_id, request, {"pasted": True})
    return see_other(f"/by-hand/{ids[0]}")


async def settle(request: web.Request) -> web.StreamResponse:
    """A held warning whose text leaves something open becomes a draft, to be settled and confirmed.

    So do the others of its message that are held: what takes the place of one takes that of the message.
    """
    parts, now, warning_id = parts_of(request), now_of(request), read_id(request.match_info["id"])
    async with parts.database.transaction() as tx:
        warning = await warning_facts(tx, warning_id)
        if warning is None or warning.state != "held":
            raise Refusal(say("This warning is not being held; nothing was changed"))
        held = [warning, *await _held_beside(tx, warning)]
        text = "\n".join(dict.fromkeys(one.text for one in held))[:LONGEST_PASTE]
        whole = next((one for one in held if one.identifier == base_of(one.identifier)), None)
        ids: list[UUID] = []
        for one in held:
            fields = _fields_of_held(one, parts.home_name)
            if whole is not None and one is not whole:
                fields = replace(fields, kind=Kind.ALERT, follows_id=None)
            draft_id = await add_draft(
                tx, fields, by=actor_of(request), now=now, pasted=text, questions=_questions_of(one)
            )
            await _note(tx, "draft.written", draft_id, request, {"settles": str(one.id)})
            ids.append(draft_id)
    return see_other(f"/by-hand/{ids[0]}")


async def _held_beside(tx: Tx, warning: WarningFacts) -> list[WarningFacts]:
    """The other warnings of its message that are held."""
    base = base_of(warning.identifier)
    rows = [one for one in await list_warnings(tx, limit=100) if one.state == "held" and one.id != warning.id]
    beside = [one for one in rows if one.sender == warning.sender and base_of(one.identifier) == base]
    found = [await warning_facts(tx, one.id) for one in beside]
    return [one for one in found if one is not None and one.source == warning.source]


def _questions_of(warning: WarningFacts) -> tuple[Question, ...]:
    return tuple(
        Question(one["field"], one["words"], one["text"], tuple((a, b) for a, b in one["choices"]))
        for one in warning.questions
    )


def _fields_of_held(warning: WarningFacts, home_name: str) -> DraftFields:
    return DraftFields(
        kind=Kind.UPDATE,
        exercise=warning.exercise,
        hazard=warning.hazard,
        event=warning.event,
        event_code=warning.event_code,
        colour=warning.colour,
        sender_name=warning.sender_name or home_name,
        headline=warning.headline,
        text=warning.text,
        instruction=warning.instruction or "",
        area_codes=warning.area_codes,
        valid_from=warning.valid_from,
        valid_to=warning.valid_to,
        follows_id=warning.id,
        polygons=warning.polygons,
    )


async def show_draft(request: web.Request) -> web.StreamResponse:
    """What was understood, who would be called, in what words; and the form to correct it."""
    async with parts_of(request).database.transaction() as tx:
        draft = await _draft(tx, request)
        if draft.warning_id is not None:
            return see_other(f"/warnings/{draft.warning_id}")
        return await _draft_page(request, tx, draft, typed_of(draft.fields, _zone(request)), None)


async def change(request: web.Request) -> web.StreamResponse:
    """Correct a draft and look at it again."""
    now = now_of(request)
    typed = await read_form(request)
    async with parts_of(request).database.transaction() as tx:
        draft = await _locked(tx, request)
        fields, mistakes = fields_in(typed, draft.fields, draft.questions, now, _zone(request))
        if fields is None or mistakes:
            return await _draft_page(request, tx, draft, typed, mistakes, status=422)
        await change_draft(tx, draft.id, fields, now)
        await _note(tx, "draft.changed", draft.id, request, {})
    return see_other(f"/by-hand/{draft.id}")


async def discard(request: web.Request) -> web.StreamResponse:
    """Throw a draft away."""
    async with parts_of(request).database.transaction() as tx:
        draft = await _locked(tx, request)
        await discard_draft(tx, draft.id, now_of(request))
        await _note(tx, "draft.discarded", draft.id, request, {})
        following = await _next_of_paste(tx, draft)
    return see_other(following or "/by-hand")


async def confirm(request: web.Request) -> web.StreamResponse:
    """The draft as it was shown becomes a warning; on to the next of its paste, or to the warning.

    First it is marked as confirmed, then taken in: after a kill between the two, confirming again writes
    the same message, which is known at the door.
    """
    seen = str((await request.post()).get("seen", ""))
    parts, now = parts_of(request), now_of(request)
    async with parts.database.transaction() as tx:
        draft = await lock_draft(tx, read_id(request.match_info["id"]))
        if draft is None or draft.discarded_at is not None:
            raise web.HTTPNotFound
        if draft.warning_id is not None:
            return see_other(await _next_of_paste(tx, draft) or f"/warnings/{draft.warning_id}")
        if draft.confirmed_at is None:
            _check_confirmable(draft, seen, now)
            await mark_confirmed(tx, draft.id, by=actor_of(request), now=now)
            draft = replace(draft, confirmed_at=now, confirmed_by=actor_of(request))
        body, by_hand = await message_of(tx, draft, request)
        # Inside the transaction: what is refused here was not confirmed.
        if not says_the_same(draft.fields, body, max(now, wall_now())):
            raise Refusal(say("Words and fields say different things: check hazard, colour and kind"))
    [receipt] = await take_in(
        parts.database,
        body,
        media_type=MEDIA_TYPE,
        source=SOURCE,
        now=now,
        wall=wall_now(),
        home_area=parts.settings.home_area,
        by_hand=by_hand,
    )
    parts.wake.ring(*BELLS)
    if not receipt.warning_ids or receipt.disposition is Disposition.REJECTED:
        raise Refusal(receipt.reason or say("The warning could not be taken in"))
    async with parts.database.transaction() as tx:
        await mark_taken_in(tx, draft.id, receipt.warning_ids[0])
        await _note(
            tx,
            "draft.confirmed",
            draft.id,
            request,
            {"disposition": receipt.disposition},
            receipt.warning_ids[0],
        )
        following = await _next_of_paste(tx, draft)
    return see_other(following or f"/warnings/{receipt.warning_ids[0]}")


async def show_areas(request: web.Request) -> web.StreamResponse:
    """The tree of townships and villages, narrowed by a word; what is chosen stays shown."""
    wanted = request.query.get("q", "").strip()[:_LONGEST_SEARCH]
    chosen = tuple(request.query.getall("areas", []))
    async with parts_of(request).database.transaction() as tx:
        tree = await area_choices(tx, parts_of(request).settings.home_area, wanted, chosen)
    return render(request, "area_tree.html", tree=tree, chosen=chosen, wanted=wanted)


# --- what the pages need ---


async def _start_page(
    request: web.Request, typed: Typed, mistakes: Mapping[str, str], *, pasted: str = "", status: int = 200
) -> web.Response:
    async with parts_of(request).database.transaction() as tx:
        return render(
            request,
            "by_hand.html",
            status=status,
            drafts=await draft_lines(tx, await open_drafts(tx)),
            pasted=pasted[:LONGEST_PASTE],
            **await _form_values(request, tx, typed, mistakes),
        )


async def _draft_page(
    request: web.Request,
    tx: Tx,
    draft: Draft,
    typed: Typed,
    mistakes: Mapping[str, str] | None,
    *,
    status: int = 200,
) -> web.Response:
    now = now_of(request)
    shown = mistakes_in(draft.fields, now) if mistakes is None else mistakes
    return render(
        request,
        "draft.html",
        status=status,
        draft=draft,
        pieces=pieces(draft.pasted, draft.evidence),
        readings=await _readings(tx, draft, request),
        of_paste=await draft_lines(tx, await drafts_of_paste(tx, draft)),
        open_questions=open_questions(len(draft.questions), draft.fields.settled),
        look=await look_at(tx, draft.fields, request),
        seen=draft.changed_at.isoformat(),
        unsaved=mistakes is not None,
        **await _form_values(request, tx, typed, shown),
    )


async def _targets_of(tx: Tx, read: Sequence[IssuedWarning], now: datetime) -> list[UUID | None]:
    """Which warning here each of a paste changes or ends, each chosen once; None where that is open."""
    found = [await _target_of(tx, issued, now) for issued in read]
    return [one if found.index(one) == at else None for at, one in enumerate(found)]


async def _target_of(tx: Tx, issued: IssuedWarning, now: datetime) -> UUID | None:
    if issued.kind is Kind.ALERT or issued.references:
        return None
    chain = await chain_by_hand(tx, issued, SOURCE, now)
    return chain[-1].id if chain else None


async def _next_of_paste(tx: Tx, draft: Draft) -> str | None:
    """The page of the gravest draft of the same paste that still waits."""
    waiting = (
        one for one in await drafts_of_paste(tx, draft) if one.warning_id is None and one.id != draft.id
    )
    return next((f"/by-hand/{one.id}" for one in waiting), None)


async def _readings(tx: Tx, draft: Draft, request: web.Request) -> list[Reading]:
    codes = {code for one in draft.evidence for code in one.value.split(",") if is_area_code(code)}
    names = {code: area.name for code, area in (await areas_by_code(tx, codes)).items()}
    return readings(draft.evidence, names, _zone(request))


async def _form_values(
    request: web.Request, tx: Tx, typed: Typed, mistakes: Mapping[str, str]
) -> dict[str, Any]:
    home_area = parts_of(request).settings.home_area
    return {
        "typed": typed,
        "mistakes": mistakes,
        "hazards": list(Hazard),
        "colours": sorted(Colour, key=lambda colour: -colour.rank),
        "longest": LONGEST,
        "standing": await _standing(tx),
        "tree": await area_choices(tx, home_area, "", typed.areas),
        "chosen": typed.areas,
        "wanted": "",
    }


async def _standing(tx: Tx) -> list[WarningRow]:
    """What a warning by hand may change or end."""
    found = await list_warnings(tx, limit=100)
    return [one for one in found if one.state in _IN_FORCE and one.kind in STANDING_KINDS]


def _check_confirmable(draft: Draft, seen: str, now: datetime) -> None:
    if seen != draft.changed_at.isoformat():
        raise Refusal(say("The draft was changed after you opened it: look at it again, then confirm"))
    if open_questions(len(draft.questions), draft.fields.settled):
        raise Refusal(say("Settle the open questions first; then confirm"))
    mistakes = mistakes_in(draft.fields, now)
    if mistakes:
        raise Refusal(next(iter(mistakes.values())))


async def _draft(tx: Tx, request: web.Request) -> Draft:
    draft = await read_draft(tx, read_id(request.match_info["id"]))
    if draft is None or draft.discarded_at is not None:
        raise web.HTTPNotFound
    return draft


async def _locked(tx: Tx, request: web.Request) -> Draft:
    draft = await lock_draft(tx, read_id(request.match_info["id"]))
    if draft is None or draft.discarded_at is not None:
        raise web.HTTPNotFound
    if not draft.is_open:
        raise Refusal(say("This draft was confirmed already: it can no longer be changed"))
    return draft


async def _note(
    tx: Tx,
    event: str,
    draft_id: UUID,
    request: web.Request,
    facts: Mapping[str, object],
    warning_id: UUID | None = None,
) -> None:
    told = {"draft_id": str(draft_id), **facts}
    await append_entries(tx, [Entry(now_of(request), event, actor_of(request), warning_id, facts=told)])


def _zone(request: web.Request) -> ZoneInfo:
    return parts_of(request).settings.timezone
