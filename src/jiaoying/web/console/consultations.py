"""A consultation (会商) written down: beside a warning that runs, or by itself."""

from aiohttp import web

from jiaoying.duty.consultations import warnings_to_consult_on
from jiaoying.duty.log_store import write_entry
from jiaoying.duty.store import all_desks, desk_by_id
from jiaoying.kernel.errors import Refusal
from jiaoying.web.console.duty_log import doer_in, form_values, log_address
from jiaoying.web.console.log_forms import (
    UPLOADS,
    consultation_fields,
    files_in,
    moment_of_writing,
    posted_texts,
)
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import now_of, render, see_other, text_field, today_of


async def ask(request: web.Request) -> web.StreamResponse:
    """The form: `?desk=` in whose log it goes, `?warning=` what it is about."""
    return await _page(
        request,
        {"desk_id": request.query.get("desk", ""), "warning_id": request.query.get("warning", "")},
    )


async def write(request: web.Request) -> web.StreamResponse:
    """Write the consultation into the log of a desk."""
    try:
        fields = await consultation_fields(request, await moment_of_writing(request))
        desk_id = read_id(await text_field(request, "desk_id", most=36))
        async with request.config_dict[UPLOADS]:
            files = await files_in(request)
            async with parts_of(request).database.transaction() as tx:
                if await desk_by_id(tx, desk_id) is None:
                    raise web.HTTPNotFound
                await write_entry(tx, desk_id, fields, await doer_in(request), files)
    except Refusal as refusal:
        return await _page(request, await posted_texts(request), refusal)
    return see_other(log_address(request, desk_id, fields.at))


async def _page(
    request: web.Request, kept: dict[str, str], refusal: Refusal | None = None
) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        desks, warnings = await all_desks(tx), await warnings_to_consult_on(tx, now_of(request))
    return render(
        request,
        "consultation.html",
        status=422 if refusal else 200,
        desks=desks,
        warnings=warnings,
        kept=kept,
        today=today_of(request),
        newest=None,
        **form_values(refusal),
    )
