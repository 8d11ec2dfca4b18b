"""Lists of the roster that are handed in: previewed, applied, taken back."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiohttp import web

from jiaoying.contacts.importing.differences import About, Turn
from jiaoying.contacts.importing.imports import (
    RosterImport,
    apply_import,
    discard_import,
    import_by_id,
    imports_page,
    preview_import,
    undo_import,
)
from jiaoying.contacts.importing.model import ImportState
from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import MAX_FILE_BYTES, SheetFile
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.web.api.endpoint import Call, Endpoint, Parameter
from jiaoying.web.api.problems import Problem, malformed, not_there
from jiaoying.web.api.reading import id_in_path, id_in_query, limit_in_query, read_body, read_order
from jiaoying.web.api.shapes import (
    FLAG,
    ID,
    NUMBER,
    TEXT,
    TIME,
    Schema,
    answer_with,
    listed,
    maybe,
    one_of,
    page_of,
    record,
)
from jiaoying.web.api.warnings import PAGING

MEDIA_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel",
    "text/csv",
    "application/octet-stream",
)
LONGEST_NAME = 200
MOST_SHOWN = 5_000  # differences, and complaints, in one answer; the counts tell of all
_PAGE = 50


async def post_import(call: Call) -> web.StreamResponse:
    """Compare a list with the roster; nothing of the roster changes."""
    request = call.request
    if request.content_type not in MEDIA_TYPES:
        raise Problem(415, say("Send a list as one of: {types}", types=", ".join(MEDIA_TYPES)))
    name = request.query.get("file_name", "").strip() or say("list")
    if len(name) > LONGEST_NAME:
        raise malformed("file_name", say("write at most {most} characters", most=LONGEST_NAME))
    scope = request.query.get("replace_scope")
    if scope is not None and not is_area_code(scope):
        raise malformed("replace_scope", say("write a 12-digit division code"))
    body = await read_body(request, MAX_FILE_BYTES)
    try:
        made = await preview_import(
            call.parts.database,
            SheetFile(name, body),
            locality=_locality(call),
            now=call.now,
            actor=call.actor,
            replace_scope=scope,
        )
    except Refusal as refusal:
        raise Problem(400, str(refusal), refusal.complaints) from refusal
    return await _answer(call, made, status=201)


async def get_imports(call: Call) -> web.StreamResponse:
    """The newest first, without what each changes."""
    limit = limit_in_query(call.request, _PAGE)
    async with call.parts.database.transaction() as tx:
        rows = await imports_page(tx, before=id_in_query(call.request, "after"), limit=limit + 1)
    page = rows[:limit]
    items = [{name: one.as_data()[name] for name in _HEAD} for one in page]
    return answer_with({"items": items, "next": page[-1].id if len(rows) > limit else None})


async def get_import(call: Call) -> web.StreamResponse:
    """One import with what it changes and what is wrong with its list."""
    async with call.parts.database.transaction() as tx:
        made = await _found(tx, id_in_path(call.request))
    return await _answer(call, made)


async def post_apply(call: Call) -> web.StreamResponse:
    """Take a previewed list over."""
    confirmed = (await read_order(call.request)).get("confirm_ended")
    if confirmed is not None and (isinstance(confirmed, bool) or not isinstance(confirmed, int)):
        raise malformed("confirm_ended", say("write a number"))

    async def apply(import_id: UUID) -> RosterImport:
        return await apply_import(
            call.parts.database,
            import_id,
            locality=_locality(call),
            now=call.now,
            actor=call.actor,
            confirm_ended=confirmed,
        )

    return await _moved(call, apply)


async def post_undo(call: Call) -> web.StreamResponse:
    """Take an applied list back."""

    async def undo(import_id: UUID) -> RosterImport:
        return await undo_import(
            call.parts.database, import_id, locality=_locality(call), now=call.now, actor=call.actor
        )

    return await _moved(call, undo)


async def post_discard(call: Call) -> web.StreamResponse:
    """Throw a preview away."""

    async def discard(import_id: UUID) -> RosterImport:
        return await discard_import(call.parts.database, import_id, now=call.now, actor=call.actor)

    return await _moved(call, discard)


async def _moved(call: Call, move: Callable[[UUID], Awaitable[RosterImport]]) -> web.StreamResponse:
    import_id = id_in_path(call.request)
    async with call.parts.database.transaction() as tx:
        await _found(tx, import_id)
    made = await move(import_id)
    call.parts.wake.ring("changes")
    return await _answer(call, made)


async def _found(tx: Tx, import_id: UUID) -> RosterImport:
    made = await import_by_id(tx, import_id)
    if made is None:
        raise not_there()
    return made


async def _answer(call: Call, made: RosterImport, status: int = 200) -> web.StreamResponse:
    """The import; every look at whole numbers is a line of the ledger."""
    seen = {
        (one.name, change) for one in made.differences for change in one.changes if change.field == "numbers"
    }
    if call.sees_numbers and seen:
        look = Entry(call.now, "contact.number_shown", call.actor, facts={"people": len(seen)})
        async with call.parts.database.transaction() as tx:
            await append_entries(tx, [look])
    data = made.as_data(show_numbers=call.sees_numbers)
    return answer_with(
        data | {name: data[name][:MOST_SHOWN] for name in ("differences", "complaints")}, status=status
    )


def _locality(call: Call) -> Locality:
    settings = call.parts.settings
    return Locality(settings.home_area, settings.landline_area_code, settings.timezone)


_COUNTS = record(
    posts_added=NUMBER,
    posts_changed=NUMBER,
    posts_ended=NUMBER,
    posts_unchanged=NUMBER,
    posts_in_scope=NUMBER,
    people_new=NUMBER,
    people_changed=NUMBER,
    points_added=NUMBER,
    points_changed=NUMBER,
    points_ended=NUMBER,
    households=NUMBER,
    doubts=NUMBER,
)
_HEAD = {
    "id": ID,
    "file_name": TEXT,
    "state": one_of(list(ImportState)),
    "replace_scope": maybe(TEXT),
    "created_at": TIME,
    "created_by": TEXT,
    "ended_at": maybe(TIME),
    "ended_by": maybe(TEXT),
    "undone_at": maybe(TIME),
    "undone_by": maybe(TEXT),
    "added": NUMBER,
    "changed": NUMBER,
    "ended": NUMBER,
    "unchanged": NUMBER,
    "asks_twice": FLAG,
    "counts": _COUNTS,
}
_DIFFERENCE = record(
    about=one_of(list(About)),
    turn=one_of(list(Turn)),
    area_code=TEXT,
    what=TEXT,
    name=TEXT,
    changes=listed(record(field=TEXT, before=maybe(TEXT), after=maybe(TEXT))),
    is_new=FLAG,
)
_SHEET_COMPLAINT = record(sheet=TEXT, row=NUMBER, column=TEXT, code=TEXT, text=TEXT)
_IMPORT = record(**_HEAD, differences=listed(_DIFFERENCE), complaints=listed(_SHEET_COMPLAINT))
_CONFIRMATION: Schema = {**record(confirm_ended=maybe(NUMBER)), "required": []}
ENDPOINTS = (
    Endpoint(
        "POST",
        "/contacts/imports",
        post_import,
        "contacts:write",
        "Hand in a list of the roster and see what it would change; at most"
        f" {MOST_SHOWN} differences and complaints are named. Numbers are masked without the scope"
        " numbers:read.",
        {"application/json": _IMPORT},
        status=201,
        query=(
            Parameter("file_name", "What the list is called", TEXT),
            Parameter("replace_scope", "Posts in this division that the list lacks end (12 digits)", TEXT),
        ),
        body=dict.fromkeys(MEDIA_TYPES, TEXT),
        refusals=(400, 408, 413, 415),
    ),
    Endpoint(
        "GET",
        "/contacts/imports",
        get_imports,
        "contacts:read",
        "The lists that were handed in, the newest first.",
        {"application/json": page_of(record(**_HEAD))},
        query=PAGING,
        refusals=(400,),
    ),
    Endpoint(
        "GET",
        "/contacts/imports/{id}",
        get_import,
        "contacts:read",
        "One list with what it changes, and what is wrong with it.",
        {"application/json": _IMPORT},
        refusals=(404,),
    ),
    Endpoint(
        "POST",
        "/contacts/imports/{id}/apply",
        post_apply,
        "contacts:write",
        "Take a list over that was looked at, all of it or nothing. Where more than a tenth of the posts in"
        " its division would end, `confirm_ended` must be their number. Where the roster has changed since,"
        " it is refused once, and the import then shows what the list changes now.",
        {"application/json": _IMPORT},
        body={"application/json": _CONFIRMATION},
        refusals=(400, 404, 408, 409, 413, 415),
    ),
    Endpoint(
        "POST",
        "/contacts/imports/{id}/undo",
        post_undo,
        "contacts:write",
        "Take a list back: everything that it changed becomes what it was before.",
        {"application/json": _IMPORT},
        refusals=(404, 409),
    ),
    Endpoint(
        "POST",
        "/contacts/imports/{id}/discard",
        post_discard,
        "contacts:write",
        "Throw away a list that was only looked at.",
        {"application/json": _IMPORT},
        refusals=(404, 409),
    ),
)
