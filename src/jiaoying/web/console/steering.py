"""Steering calls under way from the board: stop, call again, pause, go on to the next, put right."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.actions import BELLS
from jiaoying.dispatch.board import WarningFacts, call_out_row, township_board, warning_facts
from jiaoying.dispatch.steering.calling_again import call_again, call_person_again
from jiaoying.dispatch.steering.correcting import (
    LONGEST_TEXT,
    WrongFact,
    correct,
    is_by_call,
    reached_people,
)
from jiaoying.dispatch.steering.halting import stop_calling, stop_person
from jiaoying.dispatch.steering.next_rung import call_next_now
from jiaoying.dispatch.steering.pausing import pause_warning, resume_warning
from jiaoying.dispatch.steering.scope import MAX_REASON_LENGTH, Scope
from jiaoying.dispatch.store import roster
from jiaoying.dispatch.store.corrections import of_warning
from jiaoying.dispatch.texting import first_mobile
from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.web.context import actor_of, is_fragment, parts_of, read_id
from jiaoying.web.pages import close_sheet, now_of, render, see_other, text_field

_LONGEST_ID = 40
_NAMES_SHOWN = 60


async def show_paused(request: web.Request) -> web.StreamResponse:
    """The strip that stands on every page while a warning is paused."""
    return render(request, "paused_strip.html")


async def ask(request: web.Request) -> web.StreamResponse:
    """What may be done to a township's calls, or to all: stop, call again, pause, go on."""
    warning_id = read_id(request.match_info["id"])
    area = _area_in(request.query.get("area", ""))
    async with parts_of(request).database.transaction() as tx:
        warning = await _warning(tx, warning_id)
        rows = await township_board(tx, warning_id, now_of(request))
    return render(
        request,
        "steer.html",
        warning=warning,
        rows=[row for row in rows if area is None or row.area_code == area],
        area=area,
        longest_reason=MAX_REASON_LENGTH,
    )


async def stop(request: web.Request) -> web.StreamResponse:
    """Stop calling a township, or all."""
    reason = await text_field(request, "reason", most=MAX_REASON_LENGTH)
    scope = await _scope(request)
    return await _steer(
        request, lambda tx, by: stop_calling(tx, scope, by=by, reason=reason, now=now_of(request))
    )


async def again(request: web.Request) -> web.StreamResponse:
    """Call again who has not answered in a township, or anywhere."""
    scope = await _scope(request)
    return await _steer(request, lambda tx, by: call_again(tx, scope, by=by, now=now_of(request)))


async def pause(request: web.Request) -> web.StreamResponse:
    """Hand over nothing new of a warning."""
    reason, warning_id = await text_field(request, "reason", most=MAX_REASON_LENGTH), _id_of(request)
    return await _steer(
        request, lambda tx, by: pause_warning(tx, warning_id, by=by, reason=reason, now=now_of(request))
    )


async def resume(request: web.Request) -> web.StreamResponse:
    """Have a paused warning go on."""
    warning_id = _id_of(request)
    return await _steer(request, lambda tx, by: resume_warning(tx, warning_id, by=by, now=now_of(request)))


async def ask_correction(request: web.Request) -> web.StreamResponse:
    """The form of a correction, with exactly who gets it, in the order in which they get it."""
    async with parts_of(request).database.transaction() as tx:
        warning = await _warning(tx, _id_of(request))
        reached = await reached_people(tx, warning.id)
        known = await roster.callees(tx, reached)
        earlier = await of_warning(tx, warning.id)
    return render(
        request,
        "correct.html",
        warning=warning,
        form_id=new_id(now_of(request)),
        facts=list(WrongFact),
        total=len(reached),
        first=[known[row_id].name for row_id in reached[:_NAMES_SHOWN]],
        without=[known[row_id].name for row_id in reached if first_mobile(known[row_id]) is None],
        by_call=is_by_call(warning.colour),
        longest=LONGEST_TEXT,
        earlier=earlier,
    )


async def send_correction(request: web.Request) -> web.StreamResponse:
    """Write the correction down; it goes out at once."""
    warning_id = _id_of(request)
    form_id = read_id(await text_field(request, "form", most=_LONGEST_ID))
    fact = await text_field(request, "fact", most=20)
    text = await text_field(request, "text", most=LONGEST_TEXT * 4)
    return await _steer(
        request,
        lambda tx, by: correct(tx, form_id, warning_id, fact=fact, text=text, by=by, now=now_of(request)),
    )


async def stop_one(request: web.Request) -> web.StreamResponse:
    """Stop calling one person."""
    reason, call_out_id = await text_field(request, "reason", most=MAX_REASON_LENGTH), _id_of(request)
    return await _steer_person(
        request, lambda tx, by: stop_person(tx, call_out_id, by=by, reason=reason, now=now_of(request))
    )


async def again_one(request: web.Request) -> web.StreamResponse:
    """Call one person again."""
    call_out_id = _id_of(request)
    return await _steer_person(
        request, lambda tx, by: call_person_again(tx, call_out_id, by=by, now=now_of(request))
    )


async def next_one(request: web.Request) -> web.StreamResponse:
    """Begin the rung after this person's now."""
    call_out_id = _id_of(request)
    return await _steer_person(
        request, lambda tx, by: call_next_now(tx, call_out_id, by=by, now=now_of(request))
    )


Order = Callable[[Tx, str], Awaitable[object]]


async def _steer(request: web.Request, order: Order) -> web.StreamResponse:
    parts, warning_id = parts_of(request), _id_of(request)
    async with parts.database.transaction() as tx:
        await _warning(tx, warning_id)
        await order(tx, actor_of(request))
    parts.wake.ring(*BELLS, "send")
    return see_other(f"/warnings/{warning_id}")


async def _steer_person(request: web.Request, order: Order) -> web.StreamResponse:
    parts, call_out_id = parts_of(request), _id_of(request)
    async with parts.database.transaction() as tx:
        if await call_out_row(tx, call_out_id) is None:
            raise web.HTTPNotFound
        await order(tx, actor_of(request))
    parts.wake.ring(*BELLS, "send")
    return close_sheet() if is_fragment(request) else see_other(f"/call-outs/{call_out_id}")


async def _scope(request: web.Request) -> Scope:
    return Scope(_id_of(request), _area_in(await text_field(request, "area", most=12)))


def _area_in(text: str) -> str | None:
    if text and not is_area_code(text):
        raise web.HTTPNotFound
    return text or None


def _id_of(request: web.Request) -> UUID:
    return read_id(request.match_info["id"])


async def _warning(tx: Tx, warning_id: UUID) -> WarningFacts:
    warning = await warning_facts(tx, warning_id)
    if warning is None:
        raise web.HTTPNotFound
    return warning
