"""Responses: their list, one with its tasks, and what the officer does about them."""

import asyncio
from typing import Any
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.response import by_hand
from jiaoying.dispatch.response.board import (
    ResponseFacts,
    TaskFacts,
    by_township,
    count_late,
    list_responses,
    order_choices,
    places_to_choose,
    response_facts,
    steps_of,
    sums_by_kind,
    task_facts,
    tasks_of_response,
)
from jiaoying.dispatch.response.book import plans_in_force
from jiaoying.dispatch.response.by_hand import BELLS, LOGGED, MAX_NOTE, Order
from jiaoying.dispatch.response.model import MAX_ORDER, Evidence, ResponseLevel, TaskKind
from jiaoying.dispatch.response.reports import figures_in
from jiaoying.dispatch.response.sheet import task_sheet
from jiaoying.dispatch.response.states import TASK, TaskEvent
from jiaoying.dispatch.store.warnings import chain_of
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.web.context import actor_of, parts_of, read_id
from jiaoying.web.pages import NO_STORE, now_of, render, see_other, text_field, today_of

PAGE = 30
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def show_responses(request: web.Request) -> web.StreamResponse:
    """The list of responses."""
    return await _list(request, "responses.html")


async def show_responses_part(request: web.Request) -> web.StreamResponse:
    """The part of the list that lives."""
    return await _list(request, "responses_live.html")


async def _list(request: web.Request, template: str) -> web.Response:
    after = read_id(request.query["after"]) if request.query.get("after") else None
    async with parts_of(request).database.transaction() as tx:
        found = await list_responses(tx, after=after, limit=PAGE)
        late = await count_late(tx)
        _, version = await plans_in_force(tx)
    return render(
        request,
        template,
        responses=found,
        late=late,
        has_plans=version is not None,
        after=str(after or ""),
        more=len(found) == PAGE,
    )


async def show_response(request: web.Request) -> web.StreamResponse:
    """One response."""
    return await _one(request, "response.html")


async def show_response_part(request: web.Request) -> web.StreamResponse:
    """The part of one response that lives."""
    return await _one(request, "response_live.html")


async def _one(request: web.Request, template: str) -> web.Response:
    async with parts_of(request).database.transaction() as tx:
        response = await _found(tx, request)
        tasks = await tasks_of_response(tx, response.id)
        steps = await steps_of(tx, response.id, await chain_of(tx, [response.warning_id]))
    return render(
        request,
        template,
        response=response,
        groups=by_township(tasks),
        sums=sums_by_kind(tasks),
        steps=steps,
    )


async def download(request: web.Request) -> web.StreamResponse:
    """The tasks as a workbook, written in a thread."""
    parts = parts_of(request)
    async with parts.database.transaction() as tx:
        response = await _found(tx, request)
        tasks = await tasks_of_response(tx, response.id)
        facts = {"response": str(response.id), "tasks": len(tasks)}
        entry = Entry(now_of(request), "ledger.exported", actor_of(request), response.warning_id, facts=facts)
        await append_entries(tx, [entry])
    body = await asyncio.to_thread(task_sheet, response, tasks, parts.settings.timezone)
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="response-{response.id}.xlsx"'}
    return web.Response(body=body, content_type=_XLSX, headers=headers)


# --- the officer -----------------------------------------------------------------------------------


async def ask_new(request: web.Request) -> web.StreamResponse:
    """The form for a response that no warning asks for."""
    parts = parts_of(request)
    async with parts.database.transaction() as tx:
        book, _ = await plans_in_force(tx)
        places = await places_to_choose(tx, parts.settings.home_area)
    return render(request, "response_new.html", plans=book.plans, levels=ResponseLevel, places=places)


async def open_new(request: web.Request) -> web.StreamResponse:
    """Open a response by hand."""
    parts, form = parts_of(request), await request.post()
    async with parts.database.transaction() as tx:
        response_id = await by_hand.open_response(
            tx,
            await text_field(request, "plan", most=MAX_ORDER),
            await _level(request),
            list(dict.fromkeys(str(code) for code in form.getall("area", ())))[: by_hand.MAX_PLACES + 1],
            reason=await text_field(request, "reason", most=MAX_NOTE),
            by=actor_of(request),
            home_name=parts.home_name,
            exercise=form.get("exercise") == "yes",
            now=now_of(request),
        )
    parts.wake.ring(*BELLS)
    return see_other(f"/responses/{response_id}")


async def ask_level(request: web.Request) -> web.StreamResponse:
    """The card on which the level is changed, and a proposed response started or refused."""
    async with parts_of(request).database.transaction() as tx:
        response = await _found(tx, request)
    return render(request, "response_level.html", response=response, levels=ResponseLevel)


async def change_level(request: web.Request) -> web.StreamResponse:
    """Raise or lower a response, or begin a proposed one."""
    response_id, level = read_id(request.match_info["id"]), await _level(request)
    reason = await text_field(request, "reason", most=MAX_NOTE)
    async with parts_of(request).database.transaction() as tx:
        await by_hand.change_level(
            tx, response_id, level, reason=reason, by=actor_of(request), now=now_of(request)
        )
    return _changed(request, response_id)


async def ask_end(request: web.Request) -> web.StreamResponse:
    """The question before a response is ended."""
    async with parts_of(request).database.transaction() as tx:
        response = await _found(tx, request)
    return render(request, "response_end.html", response=response)


async def end(request: web.Request) -> web.StreamResponse:
    """End a response, or refuse a proposed one."""
    response_id = read_id(request.match_info["id"])
    reason = await text_field(request, "reason", most=MAX_NOTE)
    async with parts_of(request).database.transaction() as tx:
        await by_hand.end_by_hand(tx, response_id, reason=reason, by=actor_of(request), now=now_of(request))
    return _changed(request, response_id)


async def ask_order(request: web.Request) -> web.StreamResponse:
    """The form for one more order, or a team that is sent."""
    async with parts_of(request).database.transaction() as tx:
        response = await _found(tx, request)
        choices = await order_choices(tx, today_of(request))
    return render(request, "response_order.html", response=response, choices=choices, kinds=TaskKind)


async def order(request: web.Request) -> web.StreamResponse:
    """Order one more thing."""
    response_id = read_id(request.match_info["id"])
    new = await _order_in(request)
    async with parts_of(request).database.transaction() as tx:
        await by_hand.order_by_hand(tx, response_id, new, by=actor_of(request), now=now_of(request))
    return _changed(request, response_id)


async def _order_in(request: web.Request) -> Order:
    kind = await text_field(request, "kind", most=MAX_ORDER)
    if kind not in set(TaskKind):
        raise Refusal(say("Choose what kind of task it is"))
    whom, _, row_id = (await text_field(request, "whom", most=MAX_ORDER)).partition(":")
    minutes = await text_field(request, "within_min", most=6)
    team = {
        name: await text_field(request, name, most=MAX_ORDER)
        for name in ("strength", "origin", "destination")
    }
    return Order(
        kind=TaskKind(kind),
        order=await text_field(request, "order", most=MAX_ORDER),
        post_id=_id_or_none(row_id) if whom == "post" else None,
        desk_id=_id_or_none(row_id) if whom == "desk" else None,
        within_min=int(minutes) if minutes.isdecimal() else 0,
        evidence=(Evidence.FIGURES,) if (await request.post()).get("figures") == "yes" else (),
        team=team if kind == TaskKind.SEND else None,
    )


async def show_task(request: web.Request) -> web.StreamResponse:
    """The card of one task: what was reported, and what may be logged or lifted."""
    async with parts_of(request).database.transaction() as tx:
        task = await _task(tx, request)
    events = [event for event in LOGGED if TASK.after(task.state, event) is not task.state]
    again = [TaskEvent.FINISH] if task.state == "done" else []
    return render(request, "task_card.html", task=task, events=events or again)


async def report(request: web.Request) -> web.StreamResponse:
    """Log what was told by telephone."""
    event = await text_field(request, "event", most=20)
    note = await text_field(request, "note", most=MAX_NOTE)
    figures = figures_in(await text_field(request, "figures", most=MAX_NOTE))
    if event not in set(TaskEvent):
        raise Refusal(say("Choose what was reported on the task"))
    async with parts_of(request).database.transaction() as tx:
        task = await _task(tx, request)
        await by_hand.log_report(
            tx,
            task.id,
            TaskEvent(event),
            figures=figures,
            note=note,
            by=actor_of(request),
            now=now_of(request),
        )
    return _changed(request, task.response_id)


async def lift(request: web.Request) -> web.StreamResponse:
    """Lift one order."""
    reason = await text_field(request, "reason", most=MAX_NOTE)
    async with parts_of(request).database.transaction() as tx:
        task = await _task(tx, request)
        await by_hand.lift_by_hand(tx, task.id, reason=reason, by=actor_of(request), now=now_of(request))
    return _changed(request, task.response_id)


def _changed(request: web.Request, response_id: UUID) -> web.Response:
    parts_of(request).wake.ring(*BELLS)
    return see_other(f"/responses/{response_id}")


async def _level(request: web.Request) -> ResponseLevel:
    word = await text_field(request, "level", most=5)
    if word not in set(ResponseLevel):
        raise Refusal(say("Choose a level of the response"))
    return ResponseLevel(word)


async def _found(tx: Any, request: web.Request) -> ResponseFacts:
    response = await response_facts(tx, read_id(request.match_info["id"]))
    if response is None:
        raise web.HTTPNotFound
    return response


async def _task(tx: Any, request: web.Request) -> TaskFacts:
    task = await task_facts(tx, read_id(request.match_info["id"]))
    if task is None:
        raise web.HTTPNotFound
    return task


def _id_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
