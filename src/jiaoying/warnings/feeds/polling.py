"""One poll: ask, take in what came, and only then note how far we are.

A crash between the two fetches the same again, and intake recognises it: nothing is lost and nothing
calls twice. No transaction is open while we wait.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import aiohttp
import structlog

from jiaoying.kernel.clock import Clock, wall_now
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database
from jiaoying.storage.secret_box import LockedError, unlock
from jiaoying.warnings.feeds import store
from jiaoying.warnings.feeds.client import (
    Destination,
    Failed,
    Fetched,
    NotModified,
    Patience,
    fetch,
    open_session,
)
from jiaoying.warnings.feeds.index import IndexLink, read_index
from jiaoying.warnings.feeds.model import Credential
from jiaoying.warnings.feeds.pacing import next_poll
from jiaoying.warnings.feeds.store import Claim, Cursor
from jiaoying.warnings.feeds.targets import RefusedTarget, lies_inside, read_address, read_link
from jiaoying.warnings.intake import Disposition, Receipt, take_in

ACTOR = "collect"
# Links followed in one poll; what is left over is followed in the next, soon.
MOST_LINKS = 50
SOON_S = 15
# An entry whose link is refused by the feed so often is given up, and the desk hears of it.
MOST_TRIES = 5
# So many links in a row that cannot be reached: the feed is left alone for now.
MOST_UNREACHABLE = 3

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Collector:
    """What collecting works with. `key` opens the credentials of sources (`Secrets.sources`)."""

    database: Database
    clock: Clock
    home_area: str
    key: str = field(repr=False)
    wall: Callable[[], datetime] = wall_now
    patience: Patience = field(default_factory=Patience)
    chance: Callable[[], float] = random.random

    async def take(self, claim: Claim, body: bytes, media_type: str) -> list[Receipt]:
        """What one source brought, through the same door as everything."""
        return await take_in(
            self.database,
            body,
            media_type=media_type,
            source=claim.config.name,
            now=self.clock.now(),
            wall=self.wall(),
            home_area=self.home_area,
        )


@dataclass(frozen=True, slots=True)
class Collected:
    """What came of one poll. `trouble` is None where it went well; `soon` where more is waiting there."""

    cursor: Cursor | None = None
    trouble: Failed | None = None
    soon: bool = False
    news: bool = False  # something was taken in that was not here before


async def poll(collector: Collector, claim: Claim) -> Collected:
    """Ask the source of `claim` once, and write down how it went. Raises only the database's trouble."""
    return await _write_down(collector, claim, await _ask(collector, claim))


async def note_broken(collector: Collector, claim: Claim) -> None:
    """The program broke over what the source sent: a failure like any other, told and tried again."""
    reason = say("an error of the program: see the log")
    await _write_down(collector, claim, Collected(trouble=Failed(reason, "broke")))


async def _write_down(collector: Collector, claim: Claim, collected: Collected) -> Collected:
    wall, trouble = collector.wall(), collected.trouble
    next_at = next_poll(
        wall,
        min(claim.config.interval_s, SOON_S) if collected.soon else claim.config.interval_s,
        claim.failures + 1 if trouble else 0,
        trouble.retry_after_s if trouble else None,
        collector.chance(),
    )
    async with collector.database.transaction() as tx:
        if trouble is None:
            await store.note_success(tx, claim, wall=wall, next_poll_at=next_at, cursor=collected.cursor)
        else:
            await store.note_failure(
                tx, claim, wall=wall, next_poll_at=next_at, trouble=trouble.reason, cursor=collected.cursor
            )
    if trouble is not None:
        log.warning("source_failed", source=claim.config.name, code=trouble.code, failures=claim.failures + 1)
    return collected


async def _ask(collector: Collector, claim: Claim) -> Collected:
    destination = _destination(collector, claim)
    if isinstance(destination, Failed):
        return Collected(trouble=destination)
    async with open_session(destination, collector.patience) as session:
        answer = await fetch(
            session,
            destination,
            destination.address,
            collector.wall(),
            etag=claim.etag,
            last_modified=claim.last_modified,
        )
        if isinstance(answer, Failed):
            return Collected(trouble=answer)
        if isinstance(answer, NotModified):
            return Collected()
        cursor = Cursor(answer.etag, answer.last_modified, sha256(answer.body).digest())
        if claim.body_sha256 == cursor.body_sha256:
            return Collected(cursor)
        if claim.body_sha256 == _refused_digest(answer.body):
            still = say("what it sends cannot be read, and is still the same")
            return Collected(trouble=Failed(still, "unreadable"))
        entries = await asyncio.to_thread(read_index, answer.body)
        if entries is not None:
            return await _follow(_Walk(collector, claim, session, destination), entries, cursor)
    return await _take_whole(collector, claim, answer, cursor)


def _destination(collector: Collector, claim: Claim) -> Destination | Failed:
    config = claim.config
    address = read_address(config.address or "")
    if isinstance(address, RefusedTarget):
        return Failed(say("its address cannot be used: {why}", why=address.reason), "address", lasting=True)
    credential = None
    if config.credential is not None and claim.credential_locked is not None:
        try:
            secret = unlock(collector.key, claim.credential_locked)
        except LockedError:
            reason = say("its secret was locked on another machine: write it again")
            return Failed(reason, "locked", lasting=True)
        credential = Credential(config.credential.kind, config.credential.name, secret)
    return Destination(
        address,
        config.allowed_hosts,
        config.inside_network or lies_inside(address),
        config.headers,
        credential,
    )


async def _take_whole(collector: Collector, claim: Claim, answer: Fetched, cursor: Cursor) -> Collected:
    receipts = await collector.take(claim, answer.body, answer.media_type)
    if _all_refused(receipts):
        # Asked for whole next time: a file that was broken for a moment must not be believed to be what we
        # have. The same rubbish again is not kept again.
        refused = Cursor(None, None, _refused_digest(answer.body))
        return Collected(refused, _unreadable(receipts))
    return Collected(cursor, news=_is_news(receipts))


# --- an index, entry by entry ---


@dataclass(slots=True)
class _Walk:
    """One walk along the entries of an index."""

    collector: Collector
    claim: Claim
    session: aiohttp.ClientSession
    destination: Destination
    news: bool = False
    unreachable: int = 0  # in a row
    failed: Failed | None = None


async def _follow(walk: _Walk, entries: Sequence[IndexLink], cursor: Cursor) -> Collected:
    """Fetch what is new in the index. The cursor moves on only when nothing of it is left to fetch."""
    database, source_id = walk.collector.database, walk.claim.source_id
    digests = [entry.digest for entry in entries]
    async with database.transaction() as tx:
        tries = await store.tries_of(tx, source_id, digests)
    fresh = {entry.digest: entry for entry in entries if tries.get(entry.digest, 0) is not None}
    for entry in list(fresh.values())[:MOST_LINKS]:
        if not await _follow_one(walk, entry, tries.get(entry.digest) or 0):
            break
    if walk.failed is not None:
        return Collected(trouble=walk.failed, news=walk.news)
    if len(fresh) > MOST_LINKS:
        return Collected(soon=True, news=walk.news)
    async with database.transaction() as tx:
        await store.forget_entries(tx, source_id, digests, walk.collector.wall())
    return Collected(cursor, news=walk.news)


async def _follow_one(walk: _Walk, entry: IndexLink, tries: int) -> bool:
    """Fetch one entry and take it in; False where the walk had better end."""
    collector, claim = walk.collector, walk.claim
    target = read_link(entry.link, walk.destination.address, walk.destination.allowed_hosts)
    if isinstance(target, RefusedTarget):
        return await _note(walk, entry, tries, "refused", target.reason)
    answer = await fetch(walk.session, walk.destination, target, collector.wall())
    if isinstance(answer, Failed):
        return await _note_failed(walk, entry, tries, answer)
    if isinstance(answer, Fetched):
        receipts = await collector.take(claim, answer.body, answer.media_type)
        walk.news = walk.news or _is_news(receipts)
    walk.unreachable = 0
    return await _note(walk, entry, tries, "taken", None)


async def _note_failed(walk: _Walk, entry: IndexLink, tries: int, failed: Failed) -> bool:
    if failed.lasting:
        tries += 1
        given_up = tries >= MOST_TRIES
        if not given_up:
            walk.failed = walk.failed or _broken_link(entry, failed)
        return await _note(walk, entry, tries, "given_up" if given_up else None, failed.reason)
    walk.failed = _broken_link(entry, failed)
    walk.unreachable += 1
    return walk.unreachable < MOST_UNREACHABLE and failed.retry_after_s is None


async def _note(walk: _Walk, entry: IndexLink, tries: int, outcome: str | None, reason: str | None) -> bool:
    """Write down how it stands with the entry, and keep the lease for the next one."""
    collector, claim = walk.collector, walk.claim
    wall = collector.wall()
    async with collector.database.transaction() as tx:
        await store.note_entry(tx, claim.source_id, entry.digest, tries=tries, outcome=outcome, wall=wall)
        if outcome in ("refused", "given_up"):
            facts = {"source": str(claim.source_id), "outcome": outcome, "tries": tries}
            told = {"name": claim.config.name, "entry": entry.id[:300], "title": (entry.title or "")[:300]}
            event = Entry(
                collector.clock.now(),
                "source.entry_lost",
                ACTOR,
                facts=facts,
                particulars={**told, "reason": reason or ""},
            )
            await append_entries(tx, [event])
        return await store.renew_lease(tx, claim, wall)


def _broken_link(entry: IndexLink, failed: Failed) -> Failed:
    reason = say(
        "it names “{title}”, which could not be fetched: {why}", title=_short(entry), why=failed.reason
    )
    return Failed(reason, failed.code, failed.retry_after_s)


def _short(entry: IndexLink) -> str:
    return (entry.title or entry.id)[:100]


def _refused_digest(body: bytes) -> bytes:
    """Stands for a body that could not be read; never equal to the digest of one that could."""
    return sha256(b"refused\0" + body).digest()


def _all_refused(receipts: Sequence[Receipt]) -> bool:
    return bool(receipts) and all(one.disposition is Disposition.REJECTED for one in receipts)


def _unreadable(receipts: Sequence[Receipt]) -> Failed:
    why = next((one.reason for one in receipts if one.reason), "")
    return Failed(say("what it sends cannot be read: {why}", why=why[:300]), "unreadable")


def _is_news(receipts: Sequence[Receipt]) -> bool:
    return any(one.disposition not in (Disposition.REJECTED, Disposition.DUPLICATE) for one in receipts)
