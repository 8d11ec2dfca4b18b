"""Danger points (隐患点): the list, one of them with its households, and what is changed by hand."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiohttp import web

from jiaoying.contacts.keeping.editing import Keeper, Overtaken
from jiaoying.contacts.keeping.listing import path_to, places_inside, words_of
from jiaoying.contacts.keeping.point_editing import (
    add_household,
    add_point,
    call_out_first,
    change_point,
    point_stamp,
    read_household,
    read_point,
    remove_household,
    retire_point,
)
from jiaoying.contacts.keeping.points import PointWish, point_page, point_record
from jiaoying.contacts.keeping.record import find_people
from jiaoying.contacts.model import DangerPoint, PointKind
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.console.keeping import (
    Mistakes,
    Values,
    address_of_place,
    keeper_of,
    locality_of,
    mistakes_of,
    read_place,
    values_in,
)
from jiaoying.web.console.roster import area_asked, choice_of
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import render, see_other

PAGE = 100
Change = Callable[[Tx, Keeper], Awaitable[None]]
_FIELDS = (
    *("code", "name", "kind", "lat", "lon", "grade", "households", "people", "signal", "route", "shelter"),
    "note",
)
_HOUSEHOLD_CHANGES = {"remove": remove_household, "first": call_out_first}
_HOUSEHOLD_FIELDS = ("head", "household_number", "household_people", "household_note", "helper")


async def show_points(request: web.Request) -> web.StreamResponse:
    """The list."""
    wish = PointWish(
        area_code=area_asked(request),
        words=words_of(request.query.get("q", "")),
        kind=choice_of(PointKind, request.query.get("kind", "")),
    )
    after = request.query.get("after")
    async with parts_of(request).database.transaction() as tx:
        lines = await point_page(tx, wish, after=read_id(after) if after else None, limit=PAGE + 1)
        path = await path_to(tx, wish.area_code, parts_of(request).settings.home_area)
        inside = await places_inside(tx, wish.area_code)
    names = ("area", "q", "kind")
    return render(
        request,
        "points.html",
        lines=lines[:PAGE],
        more=len(lines) > PAGE,
        wish=wish,
        typed=" ".join(wish.words),
        path=path,
        inside=inside,
        kinds=list(PointKind),
        query={name: request.query[name] for name in names if request.query.get(name)},
        is_first=not after,
    )


async def show_point(request: web.Request) -> web.StreamResponse:
    """One danger point with its people and households."""
    return await _page(request)


async def ask_new(request: web.Request) -> web.StreamResponse:
    """The form of a new danger point."""
    async with parts_of(request).database.transaction() as tx:
        place = await address_of_place(tx, area_asked(request), parts_of(request).settings.home_area)
    return _new_page(request, {"area": place}, {})


async def add(request: web.Request) -> web.StreamResponse:
    """A new danger point."""
    values = await values_in(request)
    form = read_point(values)
    complaints = form if isinstance(form, list) else []
    try:
        async with parts_of(request).database.transaction() as tx:
            place = await read_place(tx, values.get("area", ""), parts_of(request).settings.home_area)
            if isinstance(place, Complaint):
                complaints = [*complaints, place]
            elif not isinstance(form, list):
                point_id = await add_point(tx, form, area_code=place.code, keeper=keeper_of(request))
                return see_other(f"/danger-points/{point_id}")
    except Refusal as refusal:
        complaints = list(refusal.complaints)
    return _new_page(request, values, mistakes_of(complaints))


async def change(request: web.Request) -> web.StreamResponse:
    """The particulars."""
    point_id, values = _id_of(request), await values_in(request)
    form = read_point(values)
    if isinstance(form, list):
        return await _page(request, values=values, mistakes=mistakes_of(form))

    async def write(tx: Tx, keeper: Keeper) -> None:
        await change_point(tx, point_id, form, shown=values.get("shown", ""), keeper=keeper)

    return await _changed(request, write, values)


async def change_households(request: web.Request) -> web.StreamResponse:
    """Add a household, take one away, call one out first."""
    point_id, values = _id_of(request), await values_in(request)
    shown, wish = values.get("shown", ""), values.get("wish", "")
    if wish in _HOUSEHOLD_CHANGES:
        household_id = read_id(values.get("household", ""))

        async def write(tx: Tx, keeper: Keeper) -> None:
            await _HOUSEHOLD_CHANGES[wish](tx, point_id, household_id, shown=shown, keeper=keeper)

        return await _changed(request, write, values)
    form = read_household(values, locality_of(request))
    async with parts_of(request).database.transaction() as tx:
        helper = await _helper(tx, values.get("helper", ""))
    complaints = form if isinstance(form, list) else []
    if isinstance(form, list) or isinstance(helper, Complaint):
        complaints = [*complaints, helper] if isinstance(helper, Complaint) else complaints
        return await _page(request, values=values, mistakes=mistakes_of(complaints))

    async def append(tx: Tx, keeper: Keeper) -> None:
        await add_household(tx, point_id, form, helper, shown=shown, keeper=keeper)

    return await _changed(request, append, values)


async def retire(request: web.Request) -> web.StreamResponse:
    """The danger is gone."""
    point_id, values = _id_of(request), await values_in(request)
    if not values.get("sure"):
        return await _page(request, values=values, mistakes={"sure": say("Tick that you mean it")})

    async def write(tx: Tx, keeper: Keeper) -> None:
        await retire_point(tx, point_id, shown=values.get("shown", ""), keeper=keeper)

    return await _changed(request, write, values)


async def _helper(tx: Tx, text: str) -> UUID | Complaint | None:
    """Whoever is meant by a name, with the last four digits of a number where several are called so."""
    name, _, digits = text.strip().partition(" ")
    if not name:
        return None
    hits = [hit for hit in await find_people(tx, name) if hit.name == name]
    digits = digits.strip()[-4:]
    if digits:
        hits = [
            hit for hit in hits if any(number.partition(";")[0].endswith(digits) for number in hit.numbers)
        ]
    if len(hits) == 1:
        return hits[0].id
    if hits:
        wrong = say("Several people are called {name}: write the last four digits behind the name", name=name)
    else:
        wrong = say("Nobody on the roster is called {name}: add the person first", name=name)
    return Complaint("helper_wrong", "helper", wrong)


async def _changed(request: web.Request, write: Change, values: Values) -> web.StreamResponse:
    try:
        async with parts_of(request).database.transaction() as tx:
            await write(tx, keeper_of(request))
    except Overtaken as refusal:
        return await _page(request, refusal=str(refusal), status=409)
    except Refusal as refusal:
        mistakes = mistakes_of(list(refusal.complaints))
        return await _page(request, values=values, mistakes=mistakes, refusal=str(refusal), status=422)
    return see_other(f"/danger-points/{_id_of(request)}")


async def _page(
    request: web.Request,
    *,
    values: Values | None = None,
    mistakes: Mistakes | None = None,
    refusal: str | None = None,
    status: int | None = None,
) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        record = await point_record(tx, _id_of(request))
    if record is None:
        raise web.HTTPNotFound
    households = [line.household for line in record.households]
    return render(
        request,
        "point.html",
        status=status or (422 if mistakes else 200),
        record=record,
        point=record.point,
        stamp=point_stamp(record.point, households),
        refusal=refusal,
        values=_values_of(record.point) | dict.fromkeys((*_HOUSEHOLD_FIELDS, "sure"), "") | (values or {}),
        mistakes=mistakes or {},
        kinds=list(PointKind),
    )


def _new_page(request: web.Request, values: Values, mistakes: Mistakes) -> web.StreamResponse:
    return render(
        request,
        "point_new.html",
        status=422 if mistakes else 200,
        values=dict.fromkeys((*_FIELDS, "area"), "") | values,
        mistakes=mistakes,
        kinds=list(PointKind),
    )


def _values_of(point: DangerPoint) -> Values:
    told = ((name, getattr(point, name)) for name in _FIELDS)
    return {name: "" if value is None else str(value) for name, value in told}


def _id_of(request: web.Request) -> UUID:
    return read_id(request.match_info["id"])
