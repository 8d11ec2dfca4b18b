"""Rows of warning sources (预警来源): statements in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Row, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id, new_token
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import api_tokens, received_messages, source_entries, warning_sources
from jiaoying.storage.secret_box import LockedError, lock, unlock
from jiaoying.warnings.feeds.config import data_of
from jiaoying.warnings.feeds.model import (
    COLLECTED,
    KEPT,
    Credential,
    CredentialKind,
    Proof,
    Source,
    SourceConfig,
    SourceKind,
    SourceLife,
)
from jiaoying.warnings.holding import START_AT_ONCE, HoldPolicy

MOST_SOURCES = 200
_RECENT = 10
_columns = warning_sources.c

# The newest fates of each source: how many in a row were refused.
_RECENT_FATES = text(
    """
    SELECT s.name, r.disposition FROM warning_sources s CROSS JOIN LATERAL (
        SELECT disposition, received_at, id FROM received_messages m
        WHERE m.source = s.name ORDER BY m.received_at DESC, m.id DESC LIMIT :most
    ) AS r ORDER BY s.name, r.received_at DESC, r.id DESC
    """
)
_LAST_GOOD = text(
    """
    SELECT s.name, (
        SELECT max(m.received_at) FROM received_messages m
        WHERE m.source = s.name AND m.disposition <> 'rejected'
    ) AS at FROM warning_sources s
    """
)


async def hold_policy_of(tx: Tx, name: str) -> HoldPolicy:
    """The policy of the source of that name; an unknown one starts at once."""
    found = await tx.scalar(select(_columns.hold_s).where(_columns.name == name))
    return START_AT_ONCE if found is None else HoldPolicy(found)


async def list_sources(tx: Tx) -> list[Source]:
    """Every source, by name; secrets are not read."""
    rows = await tx.execute(select(warning_sources).order_by(_columns.name).limit(MOST_SOURCES))
    return [_source(row) for row in rows]


async def find_source(tx: Tx, *, source_id: UUID | None = None, name: str | None = None) -> Source | None:
    """One source by id or name, or None."""
    wanted = _columns.id == source_id if source_id is not None else _columns.name == name
    row = (await tx.execute(select(warning_sources).where(wanted))).one_or_none()
    return None if row is None else _source(row)


async def save_source(
    tx: Tx, config: SourceConfig, *, key: str, by: str, now: datetime, wall: datetime
) -> tuple[UUID, tuple[str, ...]]:
    """Add the source, or change the one of that name; returns its id and which fields changed.

    A secret that is `KEPT` stays as it is. `key` locks the others. Raises Refusal where a secret is to be
    kept and there is none, or the source would change its kind.
    """
    before = await find_source(tx, name=config.name)
    _check_kept(config, before.config if before else None)
    changed = _changed_fields(config, before.config if before else None)
    if before is not None and before.config.kind is not config.kind:
        raise Refusal(say("{name} is of another kind already: choose another name", name=config.name))
    if before is not None and not changed:
        return before.id, ()
    values = _values(config, key) | _moments(before, changed, now, wall)
    source_id = before.id if before else new_id(now)
    if before is None:
        if (await tx.scalar(select(func.count()).select_from(warning_sources)) or 0) >= MOST_SOURCES:
            raise Refusal(say("There are {most} sources already: that is the most", most=MOST_SOURCES))
        values |= {"id": source_id, "created_at": now, "created_by": by}
        try:
            async with tx.begin_nested():
                await tx.execute(insert(warning_sources).values(values))
        except IntegrityError as error:
            raise Refusal(say("Somebody has just added {name}: look again", name=config.name)) from error
    else:
        await tx.execute(update(warning_sources).where(_columns.id == source_id).values(values))
    event = "source.changed" if before else "source.added"
    await append_entries(tx, [_entry(event, source_id, config, changed, by, now)])
    return source_id, changed


async def switch_source(
    tx: Tx, source_id: UUID, *, enabled: bool, by: str, now: datetime, wall: datetime
) -> bool:
    """Enable or disable a source; False where it stood so already."""
    values: dict[str, object] = {"enabled": enabled}
    if enabled:
        values |= {"watched_from": now, "failures": 0, "failing_since": None, "next_poll_at": wall}
    row = (
        await tx.execute(
            update(warning_sources)
            .where(_columns.id == source_id, _columns.enabled.is_not(enabled))
            .values(values)
            .returning(warning_sources)
        )
    ).one_or_none()
    if row is None:
        return False
    event = "source.enabled" if enabled else "source.disabled"
    await append_entries(tx, [_entry(event, source_id, _source(row).config, (), by, now)])
    return True


async def poll_now(tx: Tx, source_id: UUID, wall: datetime) -> bool:
    """Let a collected source be asked at once, and for everything; False where it is none, or disabled."""
    moved = await tx.execute(
        update(warning_sources)
        .where(_columns.id == source_id, _columns.enabled, _columns.kind.in_(COLLECTED))
        .values(next_poll_at=wall, etag=None, last_modified=None, body_sha256=None)
    )
    return moved.rowcount == 1


async def renew_signing_secret(tx: Tx, source_id: UUID, *, key: str, by: str, now: datetime) -> str:
    """A new secret for signatures; what is returned is shown once.

    Raises Refusal for a source that does not push.
    """
    secret = new_token()
    row = (
        await tx.execute(
            update(warning_sources)
            .where(_columns.id == source_id, _columns.kind == SourceKind.PUSH)
            .values(signing_locked=lock(key, secret))
            .returning(warning_sources)
        )
    ).one_or_none()
    if row is None:
        raise Refusal(say("Only a source whose program pushes has a secret for signatures"))
    entry = _entry("source.secret_renewed", source_id, _source(row).config, (), by, now)
    await append_entries(tx, [entry])
    return secret


# --- pushing ---


@dataclass(frozen=True, slots=True)
class Pusher:
    """A source as the door for pushed warnings needs it."""

    name: str
    enabled: bool
    proof: Proof
    signing_locked: bytes | None


async def find_pusher(tx: Tx, *, name: str | None = None, source_id: UUID | None = None) -> Pusher | None:
    """The pushing source of that name or id, or None."""
    wanted = _columns.id == source_id if source_id is not None else _columns.name == name
    query = select(_columns.name, _columns.enabled, _columns.proof, _columns.signing_locked)
    row = (await tx.execute(query.where(wanted, _columns.kind == SourceKind.PUSH))).one_or_none()
    return None if row is None else Pusher(row.name, row.enabled, Proof(row.proof), row.signing_locked)


# --- how they do ---


async def lives_of(tx: Tx, now: datetime, wall: datetime) -> dict[str, SourceLife]:
    """What has come from each source, by its name; one question for each figure, however many sources."""
    day: dict[str, dict[str, int]] = {}
    counted = await tx.execute(
        select(received_messages.c.source, received_messages.c.disposition, func.count())
        .where(
            received_messages.c.source.in_(select(_columns.name)),
            received_messages.c.received_at > now - timedelta(days=1),
        )
        .group_by(received_messages.c.source, received_messages.c.disposition)
    )
    for name, disposition, number in counted:
        day.setdefault(name, {})[disposition] = number
    good = {row.name: row.at for row in await tx.execute(_LAST_GOOD)}
    fates: dict[str, list[str]] = {}
    for row in await tx.execute(_RECENT_FATES, {"most": _RECENT}):
        fates.setdefault(row.name, []).append(row.disposition)
    lost = await tx.execute(
        select(source_entries.c.source_id, func.count())
        .where(
            source_entries.c.outcome.in_(["refused", "given_up"]),
            source_entries.c.seen_at > wall - timedelta(days=1),
        )
        .group_by(source_entries.c.source_id)
    )
    lost_entries = {row[0]: row[1] for row in lost}
    held = await tx.execute(
        select(api_tokens.c.source_id, func.count())
        .where(api_tokens.c.revoked_at.is_(None), api_tokens.c.source_id.is_not(None))
        .group_by(api_tokens.c.source_id)
    )
    tokens = {row[0]: row[1] for row in held}
    return {
        row.name: SourceLife(
            good.get(row.name),
            day.get(row.name, {}),
            _leading_refusals(fates.get(row.name, [])),
            lost_entries.get(row.id, 0),
            tokens.get(row.id, 0),
        )
        for row in await tx.execute(select(_columns.id, _columns.name))
    }


async def note_trouble(tx: Tx, source: Source, troubled_as: str | None, now: datetime) -> bool:
    """Remember what the desk was told of a source; False where somebody else was first."""
    moved = await tx.execute(
        update(warning_sources)
        .where(_columns.id == source.id, _columns.troubled_as.is_not_distinct_from(source.troubled_as))
        .values(troubled_as=troubled_as, troubled_since=now if troubled_as else None)
    )
    return moved.rowcount == 1


async def locked_elsewhere(tx: Tx, key: str) -> list[str]:
    """Names of sources with a secret that `key` does not open: made on another data directory."""
    query = select(_columns.name, _columns.credential_locked, _columns.signing_locked).order_by(_columns.name)
    rows = await tx.execute(query)
    return [
        row.name
        for row in rows
        if not all(_opens(key, locked) for locked in (row.credential_locked, row.signing_locked) if locked)
    ]


def _opens(key: str, locked: bytes) -> bool:
    try:
        unlock(key, locked)
    except LockedError:
        return False
    return True


def _leading_refusals(fates: Sequence[str]) -> int:
    return next((index for index, fate in enumerate(fates) if fate != "rejected"), len(fates))


def _source(row: Row[tuple[object, ...]]) -> Source:
    return Source(
        id=row.id,
        config=config_of(row),
        watched_from=row.watched_from,
        next_poll_at=row.next_poll_at,
        last_poll_at=row.last_poll_at,
        last_success_at=row.last_success_at,
        failures=row.failures,
        failing_since=row.failing_since,
        trouble=row.trouble,
        troubled_as=row.troubled_as,
        troubled_since=row.troubled_since,
    )


def config_of(row: Row[tuple[object, ...]]) -> SourceConfig:
    """What an operator said about the source of a row; its secrets are `KEPT`."""
    credential = None
    if row.credential_kind is not None:
        credential = Credential(CredentialKind(row.credential_kind), row.credential_name, KEPT)
    return SourceConfig(
        name=row.name,
        kind=SourceKind(row.kind),
        enabled=row.enabled,
        address=row.address,
        allowed_hosts=tuple(row.allowed_hosts),
        inside_network=row.inside_network,
        headers=row.headers,
        interval_s=row.interval_s,
        silence_s=row.silence_s,
        credential=credential,
        proof=Proof(row.proof),
        signing_secret=KEPT if row.signing_locked else None,
        hold_s=row.hold_s,
        notes=row.notes,
    )


def _check_kept(config: SourceConfig, before: SourceConfig | None) -> None:
    credential = config.credential
    if credential and credential.secret == KEPT and (before is None or before.credential is None):
        raise Refusal(
            say(
                "{name} has no secret that could be kept: write the secret of its credential",
                name=config.name,
            )
        )
    if config.signing_secret == KEPT and (before is None or before.signing_secret is None):
        raise Refusal(
            say("{name} has no secret that could be kept: write its signing_secret", name=config.name)
        )


def _changed_fields(config: SourceConfig, before: SourceConfig | None) -> tuple[str, ...]:
    """Names of fields that differ; a secret that is not `KEPT` counts as changed."""
    new, old = data_of(config), data_of(before) if before else {}
    return tuple(sorted(name for name in {*new, *old} if new.get(name) != old.get(name)))


def _values(config: SourceConfig, key: str) -> dict[str, object]:
    values: dict[str, object] = {
        "name": config.name,
        "kind": config.kind,
        "enabled": config.enabled,
        "address": config.address,
        "allowed_hosts": list(config.allowed_hosts),
        "inside_network": config.inside_network,
        "headers": dict(config.headers),
        "interval_s": config.interval_s,
        "silence_s": config.silence_s,
        "proof": config.proof,
        "hold_s": dict(config.hold_s),
        "notes": config.notes,
    }
    credential = config.credential
    values["credential_kind"] = credential and credential.kind
    values["credential_name"] = credential and credential.name
    if credential is None or credential.secret != KEPT:
        values["credential_locked"] = credential and lock(key, credential.secret)
    if config.signing_secret != KEPT:
        values["signing_locked"] = lock(key, config.signing_secret) if config.signing_secret else None
    return values


def _moments(
    before: Source | None, changed: Sequence[str], now: datetime, wall: datetime
) -> dict[str, object]:
    """A source that begins, or is reached differently, is asked at once and for everything."""
    begins = before is None or "enabled" in changed
    values: dict[str, object] = {"watched_from": now} if begins else {}
    if before is None or {
        "address",
        "headers",
        "credential",
        "enabled",
        "interval_s",
        "inside_network",
    } & set(changed):
        values |= {"next_poll_at": wall, "failures": 0, "failing_since": None, "trouble": None}
    if before is None or {"address", "headers", "credential"} & set(changed):
        values |= {"etag": None, "last_modified": None, "body_sha256": None}
    if "silence_s" in changed:
        values["watched_from"] = now
    return values


def _entry(
    event: str, source_id: UUID, config: SourceConfig, changed: Sequence[str], by: str, now: datetime
) -> Entry:
    """No address and no header: either may hold a key."""
    facts: dict[str, object] = {"source": str(source_id), "kind": str(config.kind), "enabled": config.enabled}
    if changed:
        facts |= {
            "changed": list(changed),
            "interval_s": config.interval_s,
            "silence_s": config.silence_s,
            "hold_s": dict(config.hold_s),
            "proof": str(config.proof),
        }
    return Entry(now, event, by, facts=facts, particulars={"name": config.name})
