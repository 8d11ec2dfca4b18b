"""Warnings: taken in, listed, started, stood down."""

import asyncio
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.actions import BELLS, MAX_NOTE_LENGTH, start_warning, withdraw_warning
from jiaoying.dispatch.board import counts, list_warnings, warning_facts
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.warnings.feed_writer import ATOM_MEDIA_TYPE, CAP_MEDIA_TYPE, FeedFacts, write_feed
from jiaoying.warnings.formats.cap_writer import write_cap
from jiaoying.warnings.intake import Disposition, Receipt, take_in
from jiaoying.warnings.published import published_warning, published_warnings
from jiaoying.warnings.publishing import as_message
from jiaoying.web.api.endpoint import PREFIX, Call, Endpoint, Parameter
from jiaoying.web.api.problems import Problem, not_there
from jiaoying.web.api.pushing import admit_pusher, source_of
from jiaoying.web.api.reading import (
    LARGEST_MESSAGE,
    MOST_ITEMS,
    id_in_path,
    id_in_query,
    limit_in_query,
    read_body,
    read_order,
    required_text_in,
)
from jiaoying.web.api.shapes import (
    COMPLAINT,
    ID,
    NO_STORE,
    TEXT,
    WARNING,
    WARNING_IN_FULL,
    answer_with,
    listed,
    maybe,
    one_of,
    page_of,
    plain,
    record,
)

MEDIA_TYPES = (
    "application/xml",
    "application/cap+xml",
    "text/xml",
    "application/json",
    "application/zip",
    "text/plain",
)
_PAGE = 50


async def post_warnings(call: Call) -> web.StreamResponse:
    """Take in one body; what is answered with 202 is stored."""
    media_type = call.request.content_type
    if media_type not in MEDIA_TYPES:
        raise Problem(415, say("Send a warning as one of: {types}", types=", ".join(MEDIA_TYPES)))
    body = await read_body(call.request, LARGEST_MESSAGE)
    receipts = await take_in(
        call.parts.database,
        body,
        media_type=media_type,
        source=await source_of(call, body),
        now=call.now,
        wall=wall_now(),
        home_area=call.parts.settings.home_area,
    )
    call.parts.wake.ring("hold", "match", "changes")
    if all(receipt.disposition is Disposition.REJECTED for receipt in receipts):
        raise _nothing_taken(receipts)
    return answer_with({"items": receipts}, status=202)


async def get_warnings(call: Call) -> web.StreamResponse:
    """The newest first."""
    limit = limit_in_query(call.request, _PAGE)
    async with call.parts.database.transaction() as tx:
        rows = await list_warnings(tx, after=id_in_query(call.request, "after"), limit=limit + 1)
    page = rows[:limit]
    return answer_with({"items": page, "next": page[-1].id if len(rows) > limit else None})


async def get_warning(call: Call) -> web.StreamResponse:
    """One warning with its figures."""
    async with call.parts.database.transaction() as tx:
        return answer_with(await _in_full(tx, id_in_path(call.request)))


async def get_cap(call: Call) -> web.StreamResponse:
    """One warning as a CAP 1.2 message."""
    async with call.parts.database.transaction() as tx:
        published = await published_warning(tx, id_in_path(call.request))
    if published is None:
        raise not_there()
    body = write_cap(as_message(published), call.parts.settings.timezone)
    return web.Response(body=body, content_type=CAP_MEDIA_TYPE, headers=NO_STORE)


async def get_feed(call: Call) -> web.StreamResponse:
    """What is in force, or over for less than two days, as an Atom feed with the whole messages."""
    async with call.parts.database.transaction() as tx:
        published = await published_warnings(tx, call.now)
    here = call.parts.public_url + PREFIX
    facts = FeedFacts(
        title=say("Warnings of {place}", place=call.parts.home_name),
        author=say("Jiaoying of {place}", place=call.parts.home_name),
        address=f"{here}/warnings.atom",
        message_address=f"{here}/warnings/{{id}}/cap",
        updated=max((one.sent_at for one in published), default=call.now),
        zone=call.parts.settings.timezone,
    )
    body = await asyncio.to_thread(write_feed, facts, published)
    return web.Response(body=body, content_type=ATOM_MEDIA_TYPE, headers=NO_STORE)


async def post_start(call: Call) -> web.StreamResponse:
    """A held warning begins to call."""
    warning_id = id_in_path(call.request)
    async with call.parts.database.transaction() as tx:
        await _in_full(tx, warning_id)
        await start_warning(tx, warning_id, by=call.actor, now=call.now)
        answer = await _in_full(tx, warning_id)
    call.parts.wake.ring(*BELLS)
    return answer_with(answer)


async def post_withdraw(call: Call) -> web.StreamResponse:
    """A running warning is stood down; whoever was reached is told."""
    warning_id = id_in_path(call.request)
    reason = required_text_in(await read_order(call.request), "reason", most=MAX_NOTE_LENGTH)
    async with call.parts.database.transaction() as tx:
        await _in_full(tx, warning_id)
        await withdraw_warning(tx, warning_id, by=call.actor, reason=reason, now=call.now)
        answer = await _in_full(tx, warning_id)
    call.parts.wake.ring(*BELLS)
    return answer_with(answer)


async def _in_full(tx: Tx, warning_id: UUID) -> dict[str, object]:
    facts = await warning_facts(tx, warning_id)
    if facts is None:
        raise not_there()
    return {**plain(facts), "counts": await counts(tx, warning_id)}


def _nothing_taken(receipts: list[Receipt]) -> Problem:
    complaints = [complaint for receipt in receipts for complaint in receipt.complaints]
    reasons = [receipt.reason for receipt in receipts if receipt.reason]
    title = reasons[0] if reasons else say("There is no warning in this body")
    return Problem(400, title, complaints, more={"items": plain(receipts)})


RECEIPT = record(
    identifier=maybe(TEXT),
    warning_ids=listed(ID),
    disposition=one_of(list(Disposition)),
    reason=maybe(TEXT),
    complaints=listed(COMPLAINT),
)
PAGING = (
    Parameter("after", "The cursor of the page before, from its `next`", TEXT),
    Parameter("limit", "Items on a page", {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS}),
)
ENDPOINTS = (
    Endpoint(
        "POST",
        "/warnings",
        post_warnings,
        "warnings:write",
        "Take in warnings: CAP 1.x or 12379 XML, JSON, a zip of such, or a bulletin in Chinese."
        " What is answered with 202 is stored.",
        {"application/json": record(items=listed(RECEIPT))},
        status=202,
        query=(Parameter("source", "The source that signs, where a signature stands for the token", TEXT),),
        body={media_type: {} if media_type.endswith("json") else TEXT for media_type in MEDIA_TYPES},
        refusals=(400, 408, 413, 415),
        admit=admit_pusher,
        signed=True,
    ),
    Endpoint(
        "GET",
        "/warnings",
        get_warnings,
        "warnings:read",
        "Warnings with their figures, the newest first.",
        {"application/json": page_of(WARNING)},
        query=PAGING,
        refusals=(400,),
    ),
    Endpoint(
        "GET",
        "/warnings/{id}",
        get_warning,
        "warnings:read",
        "One warning in full, with its figures.",
        {"application/json": WARNING_IN_FULL},
        refusals=(404,),
    ),
    Endpoint(
        "GET",
        "/warnings.atom",
        get_feed,
        "warnings:read",
        "What is in force or over for less than two days as an Atom feed of CAP 1.2 messages.",
        {ATOM_MEDIA_TYPE: TEXT},
    ),
    Endpoint(
        "GET",
        "/warnings/{id}/cap",
        get_cap,
        "warnings:read",
        "One warning as a CAP 1.2 message.",
        {CAP_MEDIA_TYPE: TEXT},
        refusals=(404,),
    ),
    Endpoint(
        "POST",
        "/warnings/{id}/start",
        post_start,
        "warnings:write",
        "Start a warning that is held. One that needs a second person is confirmed in the console only.",
        {"application/json": WARNING_IN_FULL},
        refusals=(404, 409),
    ),
    Endpoint(
        "POST",
        "/warnings/{id}/withdraw",
        post_withdraw,
        "warnings:write",
        "Stand a warning down: no further calls, whoever was reached is told. A held one is vetoed.",
        {"application/json": WARNING_IN_FULL},
        body={"application/json": record(reason=TEXT)},
        refusals=(400, 404, 408, 409, 413, 415),
    ),
)
