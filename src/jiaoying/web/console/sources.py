"""Sources of warnings: how each does, what came from it, and how it is reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from aiohttp import web

from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.warnings.feeds.config import COLOURS, config_from_data, data_of
from jiaoying.warnings.feeds.judging import TROUBLE, Judgement, judge
from jiaoying.warnings.feeds.model import (
    COLLECTED,
    DEFAULT_INTERVAL_S,
    CredentialKind,
    Proof,
    Source,
    SourceConfig,
    SourceKind,
    SourceLife,
)
from jiaoying.warnings.feeds.presets import find_preset, presets
from jiaoying.warnings.received import ReceivedLine, bytes_of, find_received, lags_of, list_received
from jiaoying.warnings.sources import (
    find_source,
    list_sources,
    lives_of,
    poll_now,
    renew_signing_secret,
    save_source,
    switch_source,
)
from jiaoying.web.console.source_form import FIELDS, Values, by_field, data_in, values_of
from jiaoying.web.context import actor_of, parts_of, read_id
from jiaoying.web.pages import NO_STORE, now_of, render, see_other

PAGE = 50
_COMPLAINTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """A source as its line and its page show it."""

    source: Source
    life: SourceLife
    judged: Judgement
    lag: timedelta | None

    @property
    def in_trouble(self) -> bool:
        """Whether somebody must do something about it."""
        return self.judged.state in TROUBLE

    @property
    def is_collected(self) -> bool:
        """Whether we go and get it."""
        return self.source.config.kind in COLLECTED


async def show_sources(request: web.Request) -> web.StreamResponse:
    """The page."""
    return await _sources(request, "sources.html")


async def show_sources_part(request: web.Request) -> web.StreamResponse:
    """The part of the page that lives."""
    return await _sources(request, "sources_live.html")


async def show_source(request: web.Request) -> web.StreamResponse:
    """One source: how it does, its last complaints, its form for those who may change it."""
    shown, refused = await _find(request)
    values = values_of(data_of(shown.source.config))
    return _source_page(request, shown, refused, values, {})


async def show_source_part(request: web.Request) -> web.StreamResponse:
    """The part of that page that lives."""
    shown, refused = await _find(request)
    return render(request, "source_live.html", shown=shown, refused=refused, wall=wall_now())


async def ask_new(request: web.Request) -> web.StreamResponse:
    """What there is to choose from; then the form of a new source, empty or begun with a preset."""
    preset = find_preset(request.query.get("preset", ""))
    kind = request.query.get("kind", "")
    if preset is None and kind not in set(SourceKind):
        return render(request, "source_choice.html", presets=presets(), kinds=list(SourceKind))
    data: dict[str, object] = {"enabled": True, "kind": kind}
    if preset is not None:
        data |= {**preset.data, "name": preset.name, "notes": preset.note}
    return _new_page(request, values_of(data), {})


async def add(request: web.Request) -> web.StreamResponse:
    """Add a source; what is wrong stands beside its field, and nothing typed is lost."""
    values = await _values_in(request)
    config, complaints = _read(values, None)
    if config is None:
        return _new_page(request, values, by_field(complaints), status=422)
    async with parts_of(request).database.transaction() as tx:
        if await find_source(tx, name=config.name) is not None:
            taken = say("there is a source of this name already: choose another")
            return _new_page(request, values, {"name": taken}, status=422)
        source_id, _ = await _save(tx, request, config)
    _ring(request)
    return see_other(f"/sources/{source_id}")


async def save(request: web.Request) -> web.StreamResponse:
    """Change a source. Its name and kind stay: what came from it is known by them."""
    values = await _values_in(request)
    shown, refused = await _find(request)
    before = shown.source.config
    values |= {"name": before.name, "kind": str(before.kind), "enabled": "on" if before.enabled else ""}
    config, complaints = _read(values, before)
    if config is None:
        values["has_secret"] = "on" if before.credential else ""
        return _source_page(request, shown, refused, values, by_field(complaints), status=422)
    async with parts_of(request).database.transaction() as tx:
        await _save(tx, request, config)
    _ring(request)
    return see_other(f"/sources/{shown.source.id}")


async def switch(request: web.Request) -> web.StreamResponse:
    """Switch a source on or off."""
    source_id = read_id(request.match_info["id"])
    enabled = str((await request.post()).get("enabled", "")) == "yes"
    async with parts_of(request).database.transaction() as tx:
        await switch_source(
            tx, source_id, enabled=enabled, by=actor_of(request), now=now_of(request), wall=wall_now()
        )
    _ring(request)
    return see_other(f"/sources/{source_id}")


async def ask_now(request: web.Request) -> web.StreamResponse:
    """Let it be collected from at once."""
    source_id = read_id(request.match_info["id"])
    async with parts_of(request).database.transaction() as tx:
        if not await poll_now(tx, source_id, wall_now()):
            raise Refusal(say("This source is not collected from, or it is switched off"))
    _ring(request)
    return see_other(f"/sources/{source_id}")


async def renew_secret(request: web.Request) -> web.StreamResponse:
    """A new secret for signatures, shown on this page and never again."""
    shown, _ = await _find(request)
    async with parts_of(request).database.transaction() as tx:
        secret = await renew_signing_secret(
            tx,
            shown.source.id,
            key=parts_of(request).source_key,
            by=actor_of(request),
            now=now_of(request),
        )
    return render(request, "source_secret.html", source=shown.source, secret=secret)


async def show_received(request: web.Request) -> web.StreamResponse:
    """Everything that came from a source, page by page."""
    shown, _ = await _find(request)
    return await _received(request, shown.source)


async def show_all_received(request: web.Request) -> web.StreamResponse:
    """Everything that came in, also from programs and people without a source of their own."""
    return await _received(request, None)


async def _received(request: web.Request, source: Source | None) -> web.StreamResponse:
    after = read_id(request.query["after"]) if request.query.get("after") else None
    only_refused = "refused" in request.query
    async with parts_of(request).database.transaction() as tx:
        lines = await list_received(
            tx, source and source.config.name, after=after, limit=PAGE, only_refused=only_refused
        )
    return render(
        request,
        "received.html",
        source=source,
        lines=lines,
        only_refused=only_refused,
        more=len(lines) == PAGE,
    )


async def show_message(request: web.Request) -> web.StreamResponse:
    """One message as it came, with what was wrong with it."""
    async with parts_of(request).database.transaction() as tx:
        message = await find_received(tx, read_id(request.match_info["id"]))
        if message is None:
            raise web.HTTPNotFound
        source = await find_source(tx, name=message.line.source)
    return render(request, "received_message.html", message=message, source=source)


async def download_message(request: web.Request) -> web.StreamResponse:
    """One message byte for byte, as a file that no browser opens by itself."""
    message_id = read_id(request.match_info["id"])
    async with parts_of(request).database.transaction() as tx:
        body = await bytes_of(tx, message_id)
    if body is None:
        raise web.HTTPNotFound
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="message-{message_id}.bin"'}
    return web.Response(body=body, content_type="application/octet-stream", headers=headers)


async def _sources(request: web.Request, template: str) -> web.StreamResponse:
    now, wall = now_of(request), wall_now()
    async with parts_of(request).database.transaction() as tx:
        found, lives, lags = await list_sources(tx), await lives_of(tx, now, wall), await lags_of(tx, now)
    shown = [_shown(one, lives, lags, now, wall) for one in found]
    # What somebody must do something about stands first.
    shown.sort(key=lambda one: (not one.in_trouble, not one.source.config.enabled, one.source.config.name))
    return render(request, template, sources=shown, presets=presets(), wall=wall)


def _shown(
    source: Source,
    lives: Mapping[str, SourceLife],
    lags: Mapping[str, timedelta],
    now: datetime,
    wall: datetime,
) -> Shown:
    name = source.config.name
    life = lives.get(name, SourceLife())
    return Shown(source, life, judge(source, life, now, wall), lags.get(name))


async def _find(request: web.Request) -> tuple[Shown, Sequence[ReceivedLine]]:
    """The source in the address with its last refused messages. Raises HTTPNotFound."""
    source_id = read_id(request.match_info["id"])
    now, wall = now_of(request), wall_now()
    async with parts_of(request).database.transaction() as tx:
        source = await find_source(tx, source_id=source_id)
        if source is None:
            raise web.HTTPNotFound
        lives, lags = await lives_of(tx, now, wall), await lags_of(tx, now)
        refused = await list_received(tx, source.config.name, limit=_COMPLAINTS_SHOWN, only_refused=True)
    return _shown(source, lives, lags, now, wall), refused


def _read(values: Values, before: SourceConfig | None) -> tuple[SourceConfig | None, list[Complaint]]:
    data, complaints = data_in(
        values,
        has_secret=before is not None and before.credential is not None,
        has_signing=before is not None and before.signing_secret is not None,
    )
    read = config_from_data(data)
    if not isinstance(read, SourceConfig):
        complaints += read
    elif not complaints:
        return read, []
    return None, complaints


async def _save(tx: Tx, request: web.Request, config: SourceConfig) -> tuple[UUID, tuple[str, ...]]:
    return await save_source(
        tx,
        config,
        key=parts_of(request).source_key,
        by=actor_of(request),
        now=now_of(request),
        wall=wall_now(),
    )


async def _values_in(request: web.Request) -> Values:
    posted = await request.post()
    return {name: str(posted.get(name, "")) for name in FIELDS} | {"has_secret": ""}


def _ring(request: web.Request) -> None:
    parts_of(request).wake.ring("collect", "silence", "changes")


def _new_page(
    request: web.Request, values: Values, wrong: Mapping[str, str], *, status: int = 200
) -> web.StreamResponse:
    return render(request, "source_new.html", status=status, **_form(values, wrong, is_new=True))


def _source_page(
    request: web.Request,
    shown: Shown,
    refused: Sequence[ReceivedLine],
    values: Values,
    wrong: Mapping[str, str],
    *,
    status: int = 200,
) -> web.StreamResponse:
    return render(
        request,
        "source.html",
        status=status,
        shown=shown,
        refused=refused,
        wall=wall_now(),
        **_form(values, wrong, is_new=False),
    )


def _form(values: Values, wrong: Mapping[str, str], *, is_new: bool) -> dict[str, object]:
    return {
        "values": values,
        "wrong": wrong,
        "is_new": is_new,
        "proofs": list(Proof),
        "credential_kinds": list(CredentialKind),
        "colours": COLOURS,
        "default_intervals": DEFAULT_INTERVAL_S,
    }
