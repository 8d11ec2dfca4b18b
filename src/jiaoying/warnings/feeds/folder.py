"""A watched folder: files that stand still are taken in, acknowledged and moved away.

In this order: taken in and committed, acknowledged, moved. A crash between them takes the same file again,
which intake recognises. `done/` and `refused/` lie inside the folder, the acknowledgements in `receipts/`.
"""

import asyncio
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePath

import structlog

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.warnings.feeds import store
from jiaoying.warnings.feeds.client import Failed
from jiaoying.warnings.feeds.pacing import next_poll
from jiaoying.warnings.feeds.polling import Collected, Collector
from jiaoying.warnings.feeds.store import Claim
from jiaoying.warnings.formats.cn12379_receipt import SUFFIX, build_receipt, receipt_name
from jiaoying.warnings.formats.containers import is_zip, unpack
from jiaoying.warnings.formats.guarded_xml import MAX_BYTES
from jiaoying.warnings.intake import Disposition, Receipt

DONE, REFUSED, RECEIPTS = "done", "refused", "receipts"
# A file counts as complete when neither its size nor its date changed for so long.
SETTLE_S = 4.0
MOST_FILES = 50
_MESSAGES = (".xml", ".json", ".txt")
_ENDINGS = (*_MESSAGES, ".zip")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    """A file as it was when it was looked at."""

    size: int
    changed_ns: int
    since: datetime


@dataclass(slots=True)
class FolderLooks:
    """What this process saw of one folder. Lost with it: another looks anew, and only waits once more."""

    files: dict[str, _Look] = field(default_factory=dict[str, _Look])

    def settled(self, seen: Sequence[tuple[str, int, int]], wall: datetime) -> list[str]:
        """Of the files seen now (name, size, change in ns) those that have stood still for long enough."""
        looks: dict[str, _Look] = {}
        for name, size, changed_ns in seen:
            before = self.files.get(name)
            same = before is not None and (before.size, before.changed_ns) == (size, changed_ns)
            looks[name] = before if before is not None and same else _Look(size, changed_ns, wall)
        self.files = looks
        return [name for name, look in looks.items() if (wall - look.since).total_seconds() >= SETTLE_S]


async def collect(collector: Collector, claim: Claim, looks: FolderLooks) -> Collected:
    """Take in what lies in the folder of `claim`, and write down how it went."""
    folder = Path(claim.config.address or "")
    try:
        collected = await _collect(collector, claim, folder, looks)
    except OSError as error:
        collected = Collected(trouble=_unusable(folder, error))
    wall, trouble = collector.wall(), collected.trouble
    failures = claim.failures + 1 if trouble else 0
    next_at = next_poll(wall, claim.config.interval_s, failures, None, collector.chance())
    async with collector.database.transaction() as tx:
        if trouble is None:
            await store.note_success(tx, claim, wall=wall, next_poll_at=next_at, cursor=None)
        else:
            await store.note_failure(tx, claim, wall=wall, next_poll_at=next_at, trouble=trouble.reason)
    if trouble is not None:
        log.warning("source_failed", source=claim.config.name, code=trouble.code, failures=failures)
    return collected


async def _collect(collector: Collector, claim: Claim, folder: Path, looks: FolderLooks) -> Collected:
    seen = await asyncio.to_thread(_look_into, folder)
    news, trouble = False, None
    for name in looks.settled(seen, collector.wall())[:MOST_FILES]:
        try:
            news = await _take_file(collector, claim, folder, name) or news
        except OSError as error:
            # One file that cannot be read or moved holds up no other.
            trouble = trouble or _unusable(folder / name, error)
        if not await _still_ours(collector, claim):
            break
    return Collected(news=news, trouble=trouble)


def _unusable(path: Path, error: OSError) -> Failed:
    why = error.strerror or type(error).__name__
    return Failed(say("{path} cannot be used: {why}", path=path, why=why), "folder")


async def _still_ours(collector: Collector, claim: Claim) -> bool:
    async with collector.database.transaction() as tx:
        return await store.renew_lease(tx, claim, collector.wall())


async def _take_file(collector: Collector, claim: Claim, folder: Path, name: str) -> bool:
    """Take one file in, acknowledge it, move it; whether it brought something new."""
    body = await asyncio.to_thread(_read, folder / name)
    if body is None:
        return False
    fates: list[Receipt] = []
    for member, content in await asyncio.to_thread(_members, name, body):
        # An archive may hold thousands: the lease is kept for as long as that takes.
        if not await _still_ours(collector, claim):
            return False
        receipts = await collector.take(claim, content, _media_type(member))
        fates += receipts
        await asyncio.to_thread(_acknowledge, folder, member, receipts)
    refused = all(one.disposition is Disposition.REJECTED for one in fates)
    await asyncio.to_thread(_move, folder, name, REFUSED if refused else DONE, collector.wall())
    return any(one.disposition not in (Disposition.REJECTED, Disposition.DUPLICATE) for one in fates)


# --- what blocks: run in a thread ---


def _look_into(folder: Path) -> list[tuple[str, int, int]]:
    """Plain files with an ending that is read here, by name; the folders for later are made."""
    for inner in (DONE, REFUSED, RECEIPTS):
        (folder / inner).mkdir(exist_ok=True)
    found: list[tuple[str, int, int]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.endswith(SUFFIX):
                continue
            if entry.name.lower().endswith(_ENDINGS) and entry.is_file(follow_symlinks=False):
                about = entry.stat(follow_symlinks=False)
                found.append((entry.name, about.st_size, about.st_mtime_ns))
    return sorted(found)


def _read(path: Path) -> bytes | None:
    """At most one byte more than a message may have; None where the file is gone, or no plain file by now."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as file:
        return file.read(MAX_BYTES + 1) if stat.S_ISREG(os.fstat(handle).st_mode) else None


def _members(name: str, body: bytes) -> list[tuple[str, bytes]]:
    """The file itself, or the messages that lie in an archive; an archive of which something cannot be had
    is taken as a whole as well, so that what is wrong with it is kept and told."""
    if not is_zip(body):
        return [(name, body)]
    found = list(unpack(body))
    entries = [one for one in found if not isinstance(one, Complaint)]
    # Only the last part of a name is used: an archive may name any path.
    named = [(PurePath(one.name.replace("\\", "/")).name, one.body) for one in entries]
    messages = [(inner, content) for inner, content in named if inner.lower().endswith(_MESSAGES)]
    broken = not messages or len(entries) < len(found)
    return [*messages, (name, body)] if broken else messages


def _media_type(name: str) -> str:
    endings = {".xml": "application/xml", ".zip": "application/zip", ".json": "application/json"}
    return endings.get(PurePath(name).suffix.lower(), "text/plain")


def _acknowledge(folder: Path, name: str, receipts: Sequence[Receipt]) -> None:
    """Complete or not at all, also in a power cut."""
    refused = [one for one in receipts if one.disposition is Disposition.REJECTED]
    codes = [complaint.code for one in refused for complaint in one.complaints[:1]]
    note = "; ".join(one.reason or "" for one in refused)
    content = build_receipt(error_code=(codes or ["refused"])[0] if refused else "", note=note)
    target = folder / RECEIPTS / receipt_name(name)
    draft = target.with_name(f".{target.name}.part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)


def _move(folder: Path, name: str, where: str, wall: datetime) -> None:
    target = folder / where / name
    if target.exists():
        # The same name was delivered before: both are kept.
        target = target.with_name(f"{target.stem}.{wall:%Y%m%dT%H%M%S%f}{target.suffix}")
    try:
        (folder / name).replace(target)
    except FileNotFoundError:
        log.info("file_gone", file=name)
