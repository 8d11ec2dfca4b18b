"""The rule of a periodic duty: adopted, written anew, changed, ended."""

from datetime import date, time
from uuid import UUID

from aiohttp import web

from jiaoying.contacts.keeping.naming import read_people, written_names
from jiaoying.dispatch.duty_calls import BELLS
from jiaoying.duty.days import Calendar
from jiaoying.duty.model import Desk
from jiaoying.duty.routines import actions, store
from jiaoying.duty.routines.actions import MAX_NOTE, MAX_RECIPIENT, MAX_REMARK, MAX_TITLE, Wish
from jiaoying.duty.routines.model import Charge, Routine, outcome_of
from jiaoying.duty.routines.rules import (
    MOST_REMIND_DAYS,
    WHOLE_YEAR,
    Every,
    Moved,
    Rule,
    next_due,
    rule_from_data,
)
from jiaoying.duty.routines.suggestions import suggestions
from jiaoying.duty.store import all_desks
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.console.keeping import Mistakes, Values
from jiaoying.web.console.rota import doer_of, mistakes_of
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import now_of, render, see_other, text_field, today_of

MOST_SHOWN = 24
_TEXTS = {"title": MAX_TITLE, "recipient": MAX_RECIPIENT, "note": MAX_NOTE, "owner": 60, "desk": 36}
_CHOICES = ("every", "moved", "day", "weekday", "at", "remind_days", "remind_at", "counts_from", "suggestion")
_LONGEST_CHOICE = 40
_USUAL = Rule(Every.MONTH, 25, time(17), moved=Moved.EARLIER)  # how a new form begins


async def ask_new(request: web.Request) -> web.StreamResponse:
    """An empty form, or that of a ready-made duty."""
    key = request.query.get("suggestion", "")
    suggested = suggestions().get(key)
    rule = suggested.rule if suggested else _USUAL
    values = _values_of_rule(rule, today_of(request))
    if suggested is not None:
        values |= {"title": suggested.title, "recipient": suggested.recipient, "note": suggested.note}
        values["suggestion"] = key
    return await _page(request, None, values, list(rule.months), {})


async def add(request: web.Request) -> web.StreamResponse:
    """What was typed becomes a duty in force."""
    return await _store(request, None)


async def show_routine(request: web.Request) -> web.StreamResponse:
    """A duty as it is, with its last and next times."""
    async with parts_of(request).database.transaction() as tx:
        routine = await _routine_in(tx, request)
        values = await _values_of(tx, routine)
    return await _page(request, routine, values, list(routine.rule.months), {})


async def change(request: web.Request) -> web.StreamResponse:
    """What was typed is the duty from now on."""
    return await _store(request, read_id(request.match_info["id"]))


async def end(request: web.Request) -> web.StreamResponse:
    """The duty ends, with a reason."""
    routine_id = read_id(request.match_info["id"])
    try:
        reason = await text_field(request, "reason", most=MAX_REMARK)
        async with parts_of(request).database.transaction() as tx:
            await actions.end_routine(tx, routine_id, doer_of(request, reason))
    except Refusal as refusal:
        async with parts_of(request).database.transaction() as tx:
            routine = await _routine_in(tx, request)
            values = await _values_of(tx, routine)
        return await _page(request, routine, values, list(routine.rule.months), {"reason": str(refusal)})
    return see_other("/routines")


async def _store(request: web.Request, routine_id: UUID | None) -> web.StreamResponse:
    values, months = await _typed(request)
    mistakes: Mistakes = {}
    async with parts_of(request).database.transaction() as tx:
        routine = None if routine_id is None else await _routine_in(tx, request)
        desks = await all_desks(tx)
        wish = await _read_wish(tx, values, months, desks, mistakes)
        if wish is not None and not mistakes:
            try:
                if routine_id is None:
                    await actions.add_routine(tx, wish, doer_of(request))
                else:
                    await actions.change_routine(tx, routine_id, wish, doer_of(request))
            except Refusal as refusal:
                mistakes |= mistakes_of(refusal, "title")
    if mistakes:
        return await _page(request, routine, values, months, mistakes)
    parts_of(request).wake.ring("routines", *BELLS)
    return see_other("/routines" if routine_id is None else f"/routines/{routine_id}?stored=yes")


async def _read_wish(
    tx: Tx, values: Values, months: list[int], desks: list[Desk], mistakes: Mistakes
) -> Wish | None:
    """What was typed, read; every mistake beside its field."""
    rule = None
    try:
        rule = rule_from_data(_rule_data(values, months))
    except Refusal as refusal:
        mistakes |= mistakes_of(refusal, "every")
    owner_id = None
    if values["owner"]:
        found, wrong = await read_people(tx, values["owner"])
        if wrong or len(found) != 1:
            mistakes["owner"] = wrong[0] if wrong else say("Write one name")
        else:
            owner_id = found[0]
    desk_id = next((desk.id for desk in desks if str(desk.id) == values["desk"]), None)
    if desk_id is None:
        mistakes["desk"] = say("Choose a duty desk")
    try:
        counts_from = date.fromisoformat(values["counts_from"])
    except ValueError:
        mistakes["counts_from"] = say("Choose a day")
        return None
    if rule is None or desk_id is None:
        return None
    charge = Charge(values["title"], values["recipient"], values["note"], desk_id, owner_id)
    suggestion = values["suggestion"] if values["suggestion"] in suggestions() else None
    return Wish(charge, rule, counts_from, suggestion)


async def _typed(request: web.Request) -> tuple[Values, list[int]]:
    posted = await request.post()
    values = {name: str(posted.get(name, "")).replace("\0", "").strip() for name in (*_TEXTS, *_CHOICES)}
    # Longer than a field holds is told by the duty itself; what nobody types is cut.
    values = {name: text[: 2 * _TEXTS.get(name, _LONGEST_CHOICE)] for name, text in values.items()}
    months = [int(str(each)) for each in posted.getall("months", ())[:12] if str(each).isdecimal()]
    return values, sorted({month for month in months if month in WHOLE_YEAR})


def _rule_data(values: Values, months: list[int]) -> dict[str, object]:
    is_weekly = values["every"] == Every.WEEK
    return {
        "every": values["every"],
        "day": 1
        if values["every"] == Every.LAST_WORKDAY
        else _number(values["weekday" if is_weekly else "day"]),
        "months": list(WHOLE_YEAR) if is_weekly else list(months),
        "moved": values["moved"],
        "at": values["at"],
        "remind_days": _number(values["remind_days"]),
        "remind_at": values["remind_at"],
    }


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else text


async def _values_of(tx: Tx, routine: Routine) -> Values:
    charge = routine.charge
    values = _values_of_rule(routine.rule, routine.counts_from)
    values |= {"title": charge.title, "recipient": charge.recipient, "note": charge.note}
    values["desk"] = str(charge.desk_id)
    if charge.owner_id:
        values["owner"] = (await written_names(tx, [charge.owner_id])).get(charge.owner_id, "")
    return values


def _values_of_rule(rule: Rule, counts_from: date) -> Values:
    is_weekly = rule.every is Every.WEEK
    return {
        **dict.fromkeys((*_TEXTS, *_CHOICES), ""),
        "every": rule.every,
        "day": "25" if is_weekly else str(rule.day),
        "weekday": str(rule.day) if is_weekly else "5",
        "moved": rule.moved,
        "at": f"{rule.at:%H:%M}",
        "remind_days": str(rule.remind_days),
        "remind_at": f"{rule.remind_at:%H:%M}",
        "counts_from": counts_from.isoformat(),
    }


async def _routine_in(tx: Tx, request: web.Request) -> Routine:
    routine = await store.routine_by_id(tx, read_id(request.match_info["id"]))
    if routine is None:
        raise web.HTTPNotFound
    return routine


async def _page(
    request: web.Request, routine: Routine | None, values: Values, months: list[int], mistakes: Mistakes
) -> web.StreamResponse:
    now, zone = now_of(request), parts_of(request).settings.timezone
    async with parts_of(request).database.transaction() as tx:
        desks = await all_desks(tx)
        times = await store.occurrences_of(tx, routine.id, MOST_SHOWN) if routine else []
    home = next((desk for desk in desks if desk.area_code == parts_of(request).settings.home_area), None)
    if not values["desk"] and home:
        values["desk"] = str(home.id)
    return render(
        request,
        "routine.html",
        status=422 if mistakes else 200,
        routine=routine,
        values=values,
        months=months,
        mistakes=mistakes,
        stored=request.query.get("stored") == "yes" and not mistakes,
        desks=desks,
        kinds=list(Every),
        moves=list(Moved),
        times=[(one, outcome_of(one, now)) for one in times],
        next=next_due(routine.rule, now, Calendar(), zone) if routine and not routine.ended_at else None,
        most={**_TEXTS, "reason": MAX_REMARK},
        most_days=MOST_REMIND_DAYS,
        local=zone,
    )
