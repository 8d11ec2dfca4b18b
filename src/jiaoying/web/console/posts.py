"""One post of the roster: who holds it, who stands in, when it ends."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiohttp import web

from jiaoying.contacts.keeping.editing import Keeper, Overtaken, add_person, read_numbers, read_person
from jiaoying.contacts.keeping.points import point_record
from jiaoying.contacts.keeping.post_editing import (
    Seat,
    add_post,
    appoint,
    change_post,
    end_post,
    post_stamp,
    read_post,
)
from jiaoying.contacts.keeping.record import PostRecord, find_people, post_record
from jiaoying.contacts.model import Post, PostLevel
from jiaoying.contacts.reading.cells import read_date
from jiaoying.kernel.areas import level_of
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import CHINESE, say
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
from jiaoying.web.console.roster import area_asked, choice_of, today_of
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import render, see_other

Change = Callable[[Tx, Keeper], Awaitable[None]]
_LONGEST_SEARCH = 40


async def show_post(request: web.Request) -> web.StreamResponse:
    """The page of one post."""
    return await _page(request)


async def ask_new(request: web.Request) -> web.StreamResponse:
    """The form of a new post, begun with the place or the danger point that the address names."""
    point_id = request.query.get("point", "")
    area = area_asked(request)
    async with parts_of(request).database.transaction() as tx:
        point = await point_record(tx, read_id(point_id)) if point_id else None
        area = point.point.area_code if point else area
        place = await address_of_place(tx, area, parts_of(request).settings.home_area)
    values = {"area": place, "point": point_id, "level": PostLevel.of_area(level_of(area))}
    return _new_page(request, values, [], {}, point_name=point.point.name if point else None)


async def add(request: web.Request) -> web.StreamResponse:
    """A new post, vacant; then somebody is appointed."""
    values, hazards = await values_in(request), await _hazards_in(request)
    form = read_post(values, hazards)
    complaints = form if isinstance(form, list) else []
    point_id = read_id(values["point"]) if values.get("point") else None
    async with parts_of(request).database.transaction() as tx:
        point = await point_record(tx, point_id) if point_id else None
        place = await read_place(tx, values.get("area", ""), parts_of(request).settings.home_area)
        if isinstance(place, Complaint):
            complaints = [*complaints, place]
        elif not isinstance(form, list):
            post_id = await add_post(
                tx, form, area_code=place.code, danger_point_id=point_id, keeper=keeper_of(request)
            )
            return see_other(f"/posts/{post_id}/appoint?seat=holder")
    name = point.point.name if point else None
    return _new_page(request, values, hazards, mistakes_of(complaints), point_name=name)


async def change(request: web.Request) -> web.StreamResponse:
    """Name, level, hazards, days, note."""
    post_id, values, hazards = _id_of(request), await values_in(request), await _hazards_in(request)
    form = read_post(values, hazards)
    if isinstance(form, list):
        return await _page(request, values=values, hazards=hazards, mistakes=mistakes_of(form))

    async def write(tx: Tx, keeper: Keeper) -> None:
        await change_post(tx, post_id, form, shown=values.get("shown", ""), keeper=keeper)

    return await _changed(request, write)


async def end(request: web.Request) -> web.StreamResponse:
    """The post ends after the day that is written."""
    post_id, values = _id_of(request), await values_in(request)
    try:
        last_day = read_date(values.get("last_day", ""))
    except ValueError:
        last_day = None
    if last_day is None:
        wrong = say("Write the last day as 2026-06-01")
        return await _page(request, values=values, mistakes={"last_day": wrong})

    async def write(tx: Tx, keeper: Keeper) -> None:
        await end_post(tx, post_id, last_day, shown=values.get("shown", ""), keeper=keeper)

    return await _changed(request, write)


async def ask_appoint(request: web.Request) -> web.StreamResponse:
    """Search for somebody for a seat of the post, or write down a new person."""
    return await _appoint_page(request, {}, {})


async def give(request: web.Request) -> web.StreamResponse:
    """Give the seat to the person that was chosen, to a new one, or to nobody."""
    post_id, values = _id_of(request), await values_in(request)
    seat, shown, wish = _seat_of(values.get("seat", "")), values.get("shown", ""), values.get("person", "")
    if wish != "new":
        contact_id = None if wish == "nobody" else read_id(wish)

        async def write(tx: Tx, keeper: Keeper) -> None:
            await appoint(tx, post_id, seat, contact_id, shown=shown, keeper=keeper)

        return await _changed(request, write)
    form = read_person(values | {"language": CHINESE})
    numbers = read_numbers(values.get("number", ""), locality_of(request))
    if isinstance(form, list) or isinstance(numbers, Complaint):
        complaints = form if isinstance(form, list) else []
        complaints = [*complaints, numbers] if isinstance(numbers, Complaint) else complaints
        return await _appoint_page(request, values, mistakes_of(complaints))

    async def write_new(tx: Tx, keeper: Keeper) -> None:
        contact_id = await add_person(tx, form, numbers, keeper)
        await appoint(tx, post_id, seat, contact_id, shown=shown, keeper=keeper)

    return await _changed(request, write_new)


async def _changed(request: web.Request, write: Change) -> web.StreamResponse:
    try:
        async with parts_of(request).database.transaction() as tx:
            await write(tx, keeper_of(request))
    except Refusal as refusal:
        status = 409 if isinstance(refusal, Overtaken) else 422
        return await _page(request, refusal=str(refusal), status=status)
    return see_other(f"/posts/{_id_of(request)}")


async def _page(
    request: web.Request,
    *,
    values: Values | None = None,
    hazards: tuple[str, ...] | None = None,
    mistakes: Mistakes | None = None,
    refusal: str | None = None,
    status: int | None = None,
) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        record = await _record(tx, request)
    return render(
        request,
        "post.html",
        status=status or (422 if mistakes else 200),
        post=record.post,
        line=record.line,
        stamp=post_stamp(record.post),
        today=today_of(request),
        seats=list(Seat),
        refusal=refusal,
        values=_values_of(record.post) | {"last_day": ""} | (values or {}),
        chosen=record.post.hazards if hazards is None else hazards,
        mistakes=mistakes or {},
        levels=list(PostLevel),
        hazards=list(Hazard),
    )


async def _appoint_page(request: web.Request, values: Values, mistakes: Mistakes) -> web.StreamResponse:
    wanted = request.query.get("q", "").strip()[:_LONGEST_SEARCH]
    seat = _seat_of(values.get("seat") or request.query.get("seat", ""))
    async with parts_of(request).database.transaction() as tx:
        record = await _record(tx, request)
        hits = await find_people(tx, wanted) if wanted else []
    empty = dict.fromkeys(("name", "number", "unit", "title"), "")
    return render(
        request,
        "appoint.html",
        status=422 if mistakes else 200,
        post=record.post,
        line=record.line,
        stamp=post_stamp(record.post),
        seat=seat,
        wanted=wanted,
        hits=hits,
        values=empty | values,
        mistakes=mistakes,
    )


def _new_page(
    request: web.Request,
    values: Values,
    chosen: list[str] | tuple[str, ...],
    mistakes: Mistakes,
    *,
    point_name: str | None,
) -> web.StreamResponse:
    empty = dict.fromkeys(("area", "kind", "level", "valid_from", "valid_to", "note", "point"), "")
    return render(
        request,
        "post_new.html",
        status=422 if mistakes else 200,
        values=empty | values,
        chosen=chosen,
        mistakes=mistakes,
        point_name=point_name,
        levels=list(PostLevel),
        hazards=list(Hazard),
    )


async def _record(tx: Tx, request: web.Request) -> PostRecord:
    record = await post_record(tx, _id_of(request))
    if record is None:
        raise web.HTTPNotFound
    return record


async def _hazards_in(request: web.Request) -> tuple[str, ...]:
    return tuple(str(value) for value in (await request.post()).getall("hazards", []))


def _values_of(post: Post) -> Values:
    return {
        "kind": post.kind,
        "level": post.level,
        "valid_from": post.valid_from.isoformat() if post.valid_from else "",
        "valid_to": post.valid_to.isoformat() if post.valid_to else "",
        "note": post.note or "",
    }


def _seat_of(text: str) -> Seat:
    return choice_of(Seat, text) or Seat.HOLDER


def _id_of(request: web.Request) -> UUID:
    return read_id(request.match_info["id"])
