"""The list of warnings, one warning's live board, its people, and its stand-down."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.actions import (
    BELLS,
    MAX_NOTE_LENGTH,
    release_townships,
    start_warning,
    why_not_started,
    withdraw_warning,
)
from jiaoying.dispatch.board import (
    Counts,
    DoorRow,
    FeedbackBoard,
    HeldWarning,
    ListedResponsibility,
    Notice,
    TownshipRow,
    Turns,
    Unconfirmed,
    WarningFacts,
    asked_again,
    counts,
    doors_of_warning,
    feedback_board,
    held_warnings,
    list_warnings,
    officers_list,
    officers_total,
    officers_totals,
    open_alarms,
    people_page,
    township_board,
    turns_to_come,
    unconfirmed,
    warning_facts,
    who_waits,
)
from jiaoying.dispatch.covering import OutsideHome
from jiaoying.dispatch.desk_reads import has_demonstration_data
from jiaoying.dispatch.empty_villages import empty_villages
from jiaoying.dispatch.finding import area_of
from jiaoying.dispatch.response.board import ResponseFacts, responses_of
from jiaoying.dispatch.states import CallOutState, WarningState
from jiaoying.dispatch.store.forecasts import forecasts_of
from jiaoying.dispatch.store.waiting import WaitingTownship
from jiaoying.dispatch.store.warnings import chain_of
from jiaoying.duty.consultations import consultations_about, warnings_to_consult_on
from jiaoying.duty.incidents.board import running_clocks, to_sign
from jiaoying.kernel.areas import Level, is_area_code
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.warnings.drafts import count_open
from jiaoying.web.console.demonstrations import demonstration_choices
from jiaoying.web.context import actor_of, may, parts_of, read_id
from jiaoying.web.forecast_words import ForecastShown, shown
from jiaoying.web.pages import now_of, render, see_other, text_field, today_of
from jiaoying.web.roles import May
from jiaoying.web.sharing import SHARED

PAGE = 30
# As many townships as a large province has.
MOST_TICKED = 5000
PEOPLE_PAGE = 100
# As many as somebody works off by hand in half an hour; a link leads to all of them.
_HANDS_SHOWN = 40
_ALL_HANDS = 2000
_GOING_ON = (WarningState.RECEIVED, WarningState.HELD, WarningState.MATCHED)
_DANGER_FIRST = (Level.VILLAGE, Level.TOWNSHIP, Level.COUNTY, Level.CITY, Level.PROVINCE)


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that one warning's page shows. `whole` asks for all of the officer's list."""

    warning: WarningFacts
    counts: Counts
    asked_again: int  # who answered, and is called for what came later
    townships: Sequence[TownshipRow]
    hands_total: int
    hands: Sequence[tuple[Level, Sequence[ListedResponsibility]]]
    alarms: Sequence[Notice]
    held: Sequence[HeldWarning]  # this one, while it is held
    waiting: Sequence[WaitingTownship]  # whose village people wait for a tick
    doors: Sequence[DoorRow]  # who goes to whose door
    unconfirmed: Unconfirmed
    feedback: FeedbackBoard
    forecast: ForecastShown | None
    responses: Sequence[ResponseFacts]  # that go by it
    turns: Turns  # who is called after others
    whole: bool

    @property
    def hidden_hands(self) -> int:
        """How many lines of the officer's list are not shown."""
        return self.hands_total - sum(len(items) for _, items in self.hands)

    def township_of(self, area_code: str) -> str:
        """The township that a place lies in; village names repeat, so a place is named with it."""
        township = f"{area_code[:9]}000"
        return next((row.area_name for row in self.townships if row.area_code == township), "")


async def front_page(_request: web.Request) -> web.StreamResponse:
    """`/` leads to the warnings."""
    return see_other("/warnings")


async def show_warnings(request: web.Request) -> web.StreamResponse:
    """The list, with open alarms on top."""
    return await _warnings(request, "warnings.html")


async def show_warnings_part(request: web.Request) -> web.StreamResponse:
    """The part of the list that lives."""
    return await request.config_dict[SHARED].answer(request, _draw_warnings)


async def show_warning(request: web.Request) -> web.StreamResponse:
    """One warning's board."""
    board = await _board_of(request)
    async with parts_of(request).database.transaction() as tx:
        consulted = await consultations_about(tx, await chain_of(tx, [board.warning.id]))
        in_force = await warnings_to_consult_on(tx, now_of(request))
    return render(
        request,
        "warning.html",
        board=board,
        empty=await _empty_villages(request, board.warning),
        consultations=consulted,
        consulted_on=board.warning.id in in_force,
    )


async def _empty_villages(request: web.Request, warning: WarningFacts) -> tuple[str, ...]:
    """Villages where nobody can be called, while somebody may still be named and woken."""
    if warning.state not in _GOING_ON:
        return ()
    parts = parts_of(request)
    async with parts.database.transaction() as tx:
        area = await area_of(tx, parts.home_map, warning.area_codes, warning.polygons, ())
        if isinstance(area, OutsideHome):
            return ()
        today = now_of(request).astimezone(parts.settings.timezone).date()
        return await empty_villages(tx, warning.hazard, area, today)


async def show_warning_part(request: web.Request) -> web.StreamResponse:
    """The part of the board that lives."""
    return await request.config_dict[SHARED].answer(request, _draw_board)


async def show_people(request: web.Request) -> web.StreamResponse:
    """Everybody under one warning, by state and area, page by page."""
    warning_id = read_id(request.match_info["id"])
    wanted = request.query.get("state", "")
    state = CallOutState(wanted) if wanted in set(CallOutState) else None
    area = request.query.get("area", "")
    area = area if is_area_code(area) else ""
    after = read_id(request.query["after"]) if request.query.get("after") else None
    async with parts_of(request).database.transaction() as tx:
        warning = _found(await warning_facts(tx, warning_id))
        townships = await township_board(tx, warning_id, now_of(request))
        people = await people_page(tx, warning_id, state, area or None, after, PEOPLE_PAGE)
    return render(
        request,
        "people.html",
        warning=warning,
        people=people,
        townships=townships,
        states=list(CallOutState),
        state=state or "",
        area=area,
        more=len(people) == PEOPLE_PAGE,
    )


async def ask_decision(request: web.Request) -> web.StreamResponse:
    """The card of a held warning: why it waits, until when, and what may be done about it."""
    warning_id = read_id(request.match_info["id"])
    async with parts_of(request).database.transaction() as tx:
        warning = _found(await warning_facts(tx, warning_id))
        held = await held_warnings(tx, warning_id)
    return render(
        request,
        "decide.html",
        warning=warning,
        held=held[0] if held else None,
        refusal=why_not_started(held[0].hold, actor_of(request)) if held else None,
    )


async def ask_stand_down(request: web.Request) -> web.StreamResponse:
    """The question before everybody is stood down."""
    warning_id = read_id(request.match_info["id"])
    async with parts_of(request).database.transaction() as tx:
        warning = _found(await warning_facts(tx, warning_id))
        figures = await counts(tx, warning_id)
    return render(request, "stand_down.html", warning=warning, counts=figures)


async def stand_down(request: web.Request) -> web.StreamResponse:
    """Stand everybody down, for the reason given."""
    warning_id, parts = read_id(request.match_info["id"]), parts_of(request)
    reason = await text_field(request, "reason", most=MAX_NOTE_LENGTH)
    if not reason:
        raise Refusal(say("Write why everybody is stood down: it is in the record"))
    async with parts.database.transaction() as tx:
        _found(await warning_facts(tx, warning_id))
        await withdraw_warning(tx, warning_id, by=actor_of(request), reason=reason, now=now_of(request))
    parts.wake.ring(*BELLS)
    return see_other(f"/warnings/{warning_id}")


async def start(request: web.Request) -> web.StreamResponse:
    """Start a warning that was held for the officer."""
    warning_id, parts = read_id(request.match_info["id"]), parts_of(request)
    async with parts.database.transaction() as tx:
        _found(await warning_facts(tx, warning_id))
        await start_warning(tx, warning_id, by=actor_of(request), now=now_of(request))
    parts.wake.ring(*BELLS)
    return see_other(f"/warnings/{warning_id}")


async def ask_release(request: web.Request) -> web.StreamResponse:
    """The townships whose village people wait, to be ticked."""
    return await _release_page(request)


async def release(request: web.Request) -> web.StreamResponse:
    """Have the village people of the ticked townships called."""
    warning_id, parts = read_id(request.match_info["id"]), parts_of(request)
    ticked = [str(code) for code in (await request.post()).getall("township", ())][:MOST_TICKED]
    try:
        async with parts.database.transaction() as tx:
            _found(await warning_facts(tx, warning_id))
            await release_townships(tx, warning_id, ticked, by=actor_of(request), now=now_of(request))
    except Refusal as refusal:
        return await _release_page(request, refusal=str(refusal))
    parts.wake.ring(*BELLS)
    return see_other(f"/warnings/{warning_id}")


async def _release_page(request: web.Request, *, refusal: str | None = None) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        warning = _found(await warning_facts(tx, read_id(request.match_info["id"])))
        waiting = await who_waits(tx, warning, today_of(request))
    return render(
        request,
        "release.html",
        status=422 if refusal else 200,
        warning=warning,
        waiting=waiting,
        refusal=refusal,
    )


async def _draw_warnings(request: web.Request) -> web.Response:
    return await _warnings(request, "warnings_live.html")


async def _draw_board(request: web.Request) -> web.Response:
    return render(request, "warning_live.html", board=await _board_of(request))


async def _warnings(request: web.Request, template: str) -> web.Response:
    after = read_id(request.query["after"]) if request.query.get("after") else None
    async with parts_of(request).database.transaction() as tx:
        warnings = await list_warnings(tx, after=after, limit=PAGE)
        alarms = await open_alarms(tx)
        held = await held_warnings(tx)
        by_hand = await officers_total(tx, None, now_of(request), real_only=True)
        hands = await officers_totals(tx, [warning.id for warning in warnings], now_of(request))
        drafts = await count_open(tx) if may(request, May.WRITE_WARNINGS) else 0
        clocks = await running_clocks(tx)
        unsigned = await to_sign(tx) if may(request, May.SIGN_REPORTS) else []
        demonstrations = may(request, May.SEND_DEMONSTRATIONS) and await has_demonstration_data(tx)
    return render(
        request,
        template,
        warnings=warnings,
        alarms=alarms,
        held=held,
        by_hand=by_hand,
        hands=hands,
        drafts=drafts,
        clocks=clocks,
        unsigned=unsigned,
        demonstrations=demonstration_choices() if demonstrations else (),
        after=str(after or ""),
        more=len(warnings) == PAGE,
    )


async def _board_of(request: web.Request) -> Board:
    async with parts_of(request).database.transaction() as tx:
        return await _read_board(tx, read_id(request.match_info["id"]), request)


async def _read_board(tx: Tx, warning_id: UUID, request: web.Request) -> Board:
    now = now_of(request)
    warning = _found(await warning_facts(tx, warning_id))
    whole = "whole" in request.query
    listed = await officers_list(tx, warning_id, now, limit=_ALL_HANDS if whole else _HANDS_SHOWN)
    return Board(
        warning=warning,
        counts=await counts(tx, warning_id),
        asked_again=await asked_again(tx, warning_id),
        townships=await township_board(tx, warning_id, now),
        hands_total=await officers_total(tx, warning_id, now),
        hands=_by_level(listed),
        alarms=await open_alarms(tx),
        held=await held_warnings(tx, warning_id),
        waiting=await who_waits(tx, warning, today_of(request)),
        doors=await doors_of_warning(tx, warning_id),
        unconfirmed=await unconfirmed(tx, warning_id),
        feedback=await feedback_board(tx, warning_id, now),
        forecast=shown(await forecasts_of(tx, warning_id)),
        responses=await responses_of(tx, warning_id),
        turns=await turns_to_come(tx, warning_id, now),
        whole=whole,
    )


def _by_level(
    listed: Sequence[ListedResponsibility],
) -> list[tuple[Level, list[ListedResponsibility]]]:
    """Villages, where the danger is, before the offices; inside a level the order stays."""
    ordered = sorted(listed, key=lambda item: _DANGER_FIRST.index(item.level))
    return [(level, list(items)) for level, items in groupby(ordered, key=lambda item: item.level)]


def _found(warning: WarningFacts | None) -> WarningFacts:
    if warning is None:
        raise web.HTTPNotFound
    return warning
