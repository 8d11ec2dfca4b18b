"""A draft of the ladders tried on past warnings: one after the other, while somebody looks."""

from typing import Any
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.ladders.reading import parse_book
from jiaoying.dispatch.outlook.subjects import past_warning
from jiaoying.dispatch.outlook.trial import TrialResult, changed, try_on
from jiaoying.dispatch.store.ladder_facts import names_of_people
from jiaoying.dispatch.store.trials import (
    TRIED_DAYS,
    Trial,
    add_result,
    add_trial,
    read_trial,
    warnings_to_try,
)
from jiaoying.dispatch.store.warnings import warnings_by_id
from jiaoying.dispatch.texting import gateway_among
from jiaoying.kernel.language import say
from jiaoying.settings import GatewayLimits
from jiaoying.storage.database import Tx
from jiaoying.web.console.ladders import draft_page, look_at_draft, text_in
from jiaoying.web.context import actor_of, is_fragment, parts_of, read_id
from jiaoying.web.pages import now_of, render, see_other

_LONGEST_DAYS = 3660


def limits_for(request: web.Request, *, exercise: bool = False) -> GatewayLimits | None:
    """The limits of the gateway that would call under a warning."""
    parts = parts_of(request)
    gateway = gateway_among(parts.gateways, simulated=exercise)
    return parts.settings.limits.get(gateway) if gateway else None


async def begin(request: web.Request) -> web.StreamResponse:
    """Try a draft on the warnings of the last days."""
    form, now = await request.post(), now_of(request)
    text, typed = text_in(str(form.get("text", ""))), str(form.get("days", ""))
    days = (
        min(int(typed), _LONGEST_DAYS)
        if typed.isascii() and typed.isdigit() and len(typed) < 6
        else TRIED_DAYS
    )
    async with parts_of(request).database.transaction() as tx:
        look = await look_at_draft(tx, text, request)
        chosen = await warnings_to_try(tx, now, days)
        if look.checked and chosen:
            trial_id = await add_trial(tx, text, chosen, by=actor_of(request), now=now)
            return see_other(f"/ladders/trials/{trial_id}")
    refused = say("No warning of the last {days} days called anybody: nothing to try it on", days=days)
    return draft_page(request, look, refusal="" if look.refusal else refused, status=422)


async def show_trial(request: web.Request) -> web.StreamResponse:
    """A trial with what it has found so far."""
    async with parts_of(request).database.transaction() as tx:
        shown = await _shown(tx, await _trial_of(tx, request))
    return render(request, "ladder_trial.html", **shown)


async def go_on(request: web.Request) -> web.StreamResponse:
    """Try the next warning. Whoever looks at a trial drives it; it goes on where it was left."""
    parts = parts_of(request)
    async with parts.database.transaction(patient=True) as tx:
        trial = await _trial_of(tx, request)
        if trial.next_id is not None:
            await add_result(tx, trial, await _try_next(tx, trial, trial.next_id, request))
        shown = await _shown(tx, await _trial_of(tx, request))
    if not is_fragment(request):
        return see_other(f"/ladders/trials/{trial.id}")
    return render(request, "ladder_trial_live.html", **shown)


async def _trial_of(tx: Tx, request: web.Request) -> Trial:
    trial = await read_trial(tx, read_id(request.match_info["id"]))
    if trial is None:
        raise web.HTTPNotFound
    return trial


async def _try_next(tx: Tx, trial: Trial, warning_id: UUID, request: web.Request) -> TrialResult:
    parts = parts_of(request)
    past = await past_warning(tx, warning_id)
    if past is None:
        return TrialResult(warning_id, None, None)
    return await try_on(
        tx,
        past,
        parse_book(trial.text),
        home=parts.home_map,
        timezone=parts.settings.timezone,
        limits=limits_for(request),
        now=now_of(request),
    )


async def _shown(tx: Tx, trial: Trial) -> dict[str, Any]:
    people = {person for one in trial.results for person in (*one.added, *one.removed)}
    return {
        "trial": trial,
        "warnings": await warnings_by_id(tx, set(trial.warning_ids)),
        "names": await names_of_people(tx, people),
        "changed": changed(trial.results),
    }
