"""One person of the roster: everything known of them, and what is changed by hand."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from aiohttp import web

from jiaoying.contacts.keeping.editing import (
    Keeper,
    Overtaken,
    add_number,
    add_person,
    change_person,
    leave_office,
    person_stamp,
    prefer_number,
    read_numbers,
    read_person,
    remove_number,
    vouch_for_number,
)
from jiaoying.contacts.keeping.record import PersonRecord, person_record
from jiaoying.contacts.model import Contact
from jiaoying.contacts.privacy.erasing import erase_person
from jiaoying.contacts.privacy.reasons import MAX_REASON, reveal_numbers
from jiaoying.dispatch.board.budgets import NumberUse, use_of_numbers
from jiaoying.dispatch.board.history import roster_story
from jiaoying.dispatch.desk_reads import past_call_outs
from jiaoying.dispatch.texting import gateway_among
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import LANGUAGES, say
from jiaoying.storage.database import Tx
from jiaoying.web.calendar_feed import address_of
from jiaoying.web.console.keeping import Mistakes, Values, keeper_of, locality_of, mistakes_of, values_in
from jiaoying.web.console.roster import today_of
from jiaoying.web.context import actor_of, parts_of, read_id
from jiaoying.web.pages import now_of, render, see_other

Change = Callable[[Tx, Keeper], Awaitable[None]]
_NUMBER_CHANGES = {"remove": remove_number, "prefer": prefer_number, "vouch": vouch_for_number}


async def show_person(request: web.Request) -> web.StreamResponse:
    """The page of one person, numbers masked."""
    return await _page(request)


async def ask_new(request: web.Request) -> web.StreamResponse:
    """The form of a new person."""
    return _new_page(request, {}, {})


async def add(request: web.Request) -> web.StreamResponse:
    """Put somebody on the roster."""
    values = await values_in(request)
    form = read_person(values)
    numbers = read_numbers(values.get("number", ""), locality_of(request))
    complaints = form if isinstance(form, list) else []
    if isinstance(numbers, Complaint):
        complaints = [*complaints, numbers]
    if isinstance(form, list) or isinstance(numbers, Complaint):
        return _new_page(request, values, mistakes_of(complaints))
    async with parts_of(request).database.transaction() as tx:
        contact_id = await add_person(tx, form, numbers, keeper_of(request))
    return see_other(f"/contacts/{contact_id}")


async def change(request: web.Request) -> web.StreamResponse:
    """Name, unit, title, languages, note."""
    contact_id, values = _id_of(request), await values_in(request)
    form = read_person(values)
    if isinstance(form, list):
        return await _page(request, values=values, mistakes=mistakes_of(form))

    async def write(tx: Tx, keeper: Keeper) -> None:
        await change_person(tx, contact_id, form, shown=values.get("shown", ""), keeper=keeper)

    return await _changed(request, write, values)


async def change_numbers(request: web.Request) -> web.StreamResponse:
    """Add a number, take one away, try another first, vouch for one."""
    contact_id, values = _id_of(request), await values_in(request)
    shown, wish, place = (values.get(name, "") for name in ("shown", "wish", "place"))
    if wish in _NUMBER_CHANGES and place.isdecimal() and len(place) < 3:

        async def write(tx: Tx, keeper: Keeper) -> None:
            await _NUMBER_CHANGES[wish](tx, contact_id, int(place), shown=shown, keeper=keeper)

        return await _changed(request, write, values)
    numbers = read_numbers(values.get("number", ""), locality_of(request))
    if isinstance(numbers, Complaint):
        return await _page(request, values=values, mistakes=mistakes_of([numbers]))
    if len(numbers) != 1:
        return await _page(request, values=values, mistakes={"number": say("Write one number")})

    async def append(tx: Tx, keeper: Keeper) -> None:
        await add_number(tx, contact_id, numbers[0], shown=shown, keeper=keeper)

    return await _changed(request, append, values)


async def reveal(request: web.Request) -> web.StreamResponse:
    """The numbers in full, once; who looked and why is in the ledger."""
    values = await values_in(request)
    try:
        async with parts_of(request).database.transaction() as tx:
            await reveal_numbers(
                tx,
                _id_of(request),
                reason=values.get("reason", ""),
                actor=actor_of(request),
                now=now_of(request),
            )
    except Refusal as refusal:
        return await _page(request, values=values, mistakes={"reason": str(refusal)})
    return await _page(request, shown=True)


async def leave(request: web.Request) -> web.StreamResponse:
    """The person left office: what they held is vacant now."""
    contact_id, values = _id_of(request), await values_in(request)
    if not values.get("sure"):
        return await _page(request, values=values, mistakes={"sure": say("Tick that you mean it")})

    async def write(tx: Tx, keeper: Keeper) -> None:
        await leave_office(tx, contact_id, shown=values.get("shown", ""), keeper=keeper)

    return await _changed(request, write, values)


async def erase(request: web.Request) -> web.StreamResponse:
    """Everything personal goes, on the person's request; the ledger keeps the facts."""
    contact_id, values = _id_of(request), await values_in(request)
    async with parts_of(request).database.transaction() as tx:
        record = await person_record(tx, contact_id, day=today_of(request))
    if record is None:
        raise web.HTTPNotFound
    if values.get("sure_name", "").strip() != record.contact.name:
        wrong = say("Type the name exactly as it stands above")
        return await _page(request, values=values, mistakes={"sure_name": wrong})
    try:
        await erase_person(
            parts_of(request).database,
            contact_id,
            reason=values.get("erase_reason", ""),
            actor=actor_of(request),
            now=now_of(request),
            vacate=bool(values.get("vacate")),
        )
    except Refusal as refusal:
        sentences = (str(refusal), *(complaint.text for complaint in refusal.complaints))
        return await _page(request, values=values, mistakes={"erase_reason": " · ".join(sentences)})
    return see_other(f"/contacts/{contact_id}")


async def _changed(request: web.Request, write: Change, values: Values) -> web.StreamResponse:
    try:
        async with parts_of(request).database.transaction() as tx:
            await write(tx, keeper_of(request))
    except Refusal as refusal:
        # What was typed over an old page is not carried on: it might overwrite what is new.
        kept = {} if isinstance(refusal, Overtaken) else values
        status = 409 if isinstance(refusal, Overtaken) else 422
        return await _page(request, values=kept, refusal=str(refusal), status=status)
    return see_other(f"/contacts/{_id_of(request)}")


async def _page(
    request: web.Request,
    *,
    values: Values | None = None,
    mistakes: Mistakes | None = None,
    refusal: str | None = None,
    shown: bool = False,
    status: int | None = None,
) -> web.StreamResponse:
    contact_id = _id_of(request)
    async with parts_of(request).database.transaction() as tx:
        record = await person_record(tx, contact_id, day=today_of(request))
        if record is None:
            raise web.HTTPNotFound
        story = await roster_story(tx, contact_id)
        calls = await past_call_outs(tx, contact_id)
        uses = await _uses_of(tx, request, record)
    return render(
        request,
        "person.html",
        calendar_address=address_of(parts_of(request), "people", contact_id),
        status=status or (422 if mistakes else 200),
        record=record,
        person=record.contact,
        stamp=person_stamp(record.contact, record.numbers),
        story=story,
        calls=calls,
        uses=uses,
        shown=shown,
        refusal=refusal,
        values=_values_of(record.contact) | (values or {}),
        mistakes=mistakes or {},
        languages=LANGUAGES,
        longest_reason=MAX_REASON,
    )


async def _uses_of(tx: Tx, request: web.Request, record: PersonRecord) -> Mapping[str, NumberUse]:
    """What the person's numbers have borne, through the gateway that would call them."""
    gateways = parts_of(request).gateways
    name = gateway_among(gateways, simulated=record.contact.demonstration)
    numbers = [number.number for number in record.numbers]
    return await use_of_numbers(tx, numbers, gateways[name], now_of(request)) if name else {}


def _new_page(request: web.Request, values: Values, mistakes: Mistakes) -> web.StreamResponse:
    empty = dict.fromkeys(("name", "unit", "title", "other_languages", "note", "number"), "")
    return render(
        request,
        "person_new.html",
        status=422 if mistakes else 200,
        values=empty | {"language": LANGUAGES[0]} | values,
        mistakes=mistakes,
        languages=LANGUAGES,
    )


def _values_of(person: Contact) -> Values:
    texts = {name: getattr(person, name) or "" for name in ("name", "unit", "title", "language", "note")}
    others = "、".join(person.other_languages)
    blank = dict.fromkeys(("number", "reason", "erase_reason", "sure_name", "sure", "vacate"), "")
    return texts | blank | {"other_languages": others}


def _id_of(request: web.Request) -> UUID:
    return read_id(request.match_info["id"])
