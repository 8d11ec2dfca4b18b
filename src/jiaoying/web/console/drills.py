"""Drills: begun from a ready-made danger or a past warning, and scored afterwards."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.board import WarningFacts, warning_facts
from jiaoying.dispatch.scoring.model import CURVE_STEPS, MARKS, Score, curve_of, score_of
from jiaoying.dispatch.scoring.sheet import score_sheet
from jiaoying.dispatch.scoring.store import (
    PastDrill,
    drills_before,
    past_warnings,
    scored_people,
    summed,
    waits_of,
)
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.warnings.by_hand import LONGEST, DraftFields
from jiaoying.warnings.drafts import add_draft
from jiaoying.warnings.model import Kind
from jiaoying.web.context import actor_of, parts_of, read_id
from jiaoying.web.formats import without_drill_mark
from jiaoying.web.pages import NO_STORE, now_of, render, see_other, text_field
from jiaoying.web.words import post_level_word, reason_word

DRILL_LASTS = timedelta(hours=2)
_LISTED = 20
_COMPARED = 6
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Readymade:
    """A danger to drill for, in the words of an officer."""

    key: str
    title: str
    hazard: Hazard
    event: str
    colour: Colour
    text: str


def readymades() -> tuple[Readymade, ...]:
    """The dangers of these counties; texts go out to people and are Chinese."""
    return (
        Readymade(
            "rain",
            say("Rain, red"),
            Hazard.RAIN,
            "暴雨",
            Colour.RED,
            "演练：假设未来3小时降雨量将达100毫米以上，请按预案到岗并反馈。",
        ),
        Readymade(
            "flash_flood",
            say("Flash flood, red: move people now"),
            Hazard.FLASH_FLOOD,
            "山洪灾害",
            Colour.RED,
            "演练：假设沟道水位已超立即转移指标，请按预案组织转移并报告户数人数。",
        ),
        Readymade(
            "geohazard",
            say("Geological hazard, orange"),
            Hazard.GEOHAZARD,
            "地质灾害",
            Colour.ORANGE,
            "演练：假设隐患点出现变形迹象，请按预案巡查、撤离并反馈。",
        ),
        Readymade(
            "wildfire",
            say("Wildfire, orange"),
            Hazard.WILDFIRE,
            "森林火险",
            Colour.ORANGE,
            "演练：假设林区发现火情，请按预案到岗、清山清人并反馈。",
        ),
    )


async def show_drills(request: web.Request) -> web.StreamResponse:
    """The drills so far with their scores, and how to begin one."""
    async with parts_of(request).database.transaction() as tx:
        drills = await drills_before(tx, None, _LISTED)
        warnings = await past_warnings(tx, _LISTED)
        figures = await summed(tx, [one.id for one in drills])
    return render(
        request, "drills.html", drills=drills, figures=figures, warnings=warnings, readymades=readymades()
    )


async def begin(request: web.Request) -> web.StreamResponse:
    """A draft of a drill; it is looked at, narrowed down and confirmed like every warning by hand."""
    now, parts = now_of(request), parts_of(request)
    warning_id = await text_field(request, "warning", most=40)
    key = await text_field(request, "readymade", most=20)
    async with parts.database.transaction() as tx:
        fields = (
            _by_warning(await _warning(tx, read_id(warning_id)), parts.home_name, now)
            if warning_id
            else _by_readymade(key, parts.home_name, parts.settings.home_area, now)
        )
        draft_id = await add_draft(tx, fields, by=actor_of(request), now=now)
        facts = {"draft_id": str(draft_id), "drill": True, "by": warning_id or key}
        await append_entries(tx, [Entry(now, "draft.written", actor_of(request), facts=facts)])
    return see_other(f"/by-hand/{draft_id}")


def _by_warning(warning: WarningFacts, home_name: str, now: datetime) -> DraftFields:
    return DraftFields(
        kind=Kind.ALERT,
        exercise=True,
        hazard=warning.hazard,
        event=warning.event[: LONGEST["event"]],
        event_code=warning.event_code,
        colour=warning.colour,
        sender_name=(warning.sender_name or home_name)[: LONGEST["sender_name"]],
        headline=without_drill_mark(warning.headline)[: LONGEST["headline"]],
        text=warning.text[: LONGEST["text"]],
        instruction=(warning.instruction or "")[: LONGEST["instruction"]],
        area_codes=warning.area_codes,
        valid_from=now,
        valid_to=now + DRILL_LASTS,
        polygons=warning.polygons,
    )


def _by_readymade(key: str, home_name: str, home_area: str, now: datetime) -> DraftFields:
    chosen = next((one for one in readymades() if one.key == key), None)
    if chosen is None:
        raise web.HTTPNotFound
    return DraftFields(
        kind=Kind.ALERT,
        exercise=True,
        hazard=chosen.hazard,
        event=chosen.event,
        event_code=None,
        colour=chosen.colour,
        sender_name=home_name[: LONGEST["sender_name"]],
        headline="",
        text=chosen.text,
        instruction="",
        area_codes=(home_area,),
        valid_from=now,
        valid_to=now + DRILL_LASTS,
    )


async def show_score(request: web.Request) -> web.StreamResponse:
    """The score of a warning or drill beside the drills before it."""
    async with parts_of(request).database.transaction() as tx:
        warning = await _warning(tx, read_id(request.match_info["id"]))
        score = await _score(tx, warning)
        earlier = await drills_before(tx, warning.id, _COMPARED)
        figures = await summed(tx, [one.id for one in earlier])
        last = await _curve_before(tx, earlier)
    return render(
        request,
        "score.html",
        warning=warning,
        score=score,
        marks=[int(mark.total_seconds() // 60) for mark in MARKS],
        earlier=[one for one in earlier if one.id in figures],
        figures=figures,
        curve=_points(score.curve),
        curve_before=_points(last),
    )


async def download_score(request: web.Request) -> web.StreamResponse:
    """The same as a workbook, written in a thread, so that nobody's page waits for it."""
    async with parts_of(request).database.transaction() as tx:
        warning = await _warning(tx, read_id(request.match_info["id"]))
        score = await _score(tx, warning)
    drill = say("[DRILL] ") if warning.exercise else ""
    title = drill + say("Score: {headline}", headline=without_drill_mark(warning.headline))
    body = await asyncio.to_thread(
        score_sheet,
        title,
        score,
        parts_of(request).settings.timezone,
        level_word=post_level_word,
        reason_word=reason_word,
    )
    name = f"jiaoying-score-{warning.reference}-{warning.id}.xlsx"
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=_SHEET_TYPE, headers=headers)


async def _score(tx: Tx, warning: WarningFacts) -> Score:
    return score_of(await scored_people(tx, warning.id), warning.received_at)


async def _curve_before(tx: Tx, earlier: list[PastDrill]) -> tuple[float, ...]:
    if not earlier:
        return ()
    waits = await waits_of(tx, earlier[0].id)
    return curve_of([wait for wait in waits if wait is not None], len(waits))


def _points(curve: tuple[float, ...]) -> str:
    """For a polyline in a box of 300 by 100: minutes to the right, percent upwards."""
    return " ".join(f"{300 * step / CURVE_STEPS:g},{100 - percent:g}" for step, percent in enumerate(curve))


async def _warning(tx: Tx, warning_id: UUID) -> WarningFacts:
    warning = await warning_facts(tx, warning_id)
    if warning is None:
        raise web.HTTPNotFound
    return warning
