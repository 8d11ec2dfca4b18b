"""The ladders in force and those before: read, looked over, and replaced by a newer version."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import yaml
from sqlalchemy import func, insert, select, text

from jiaoying.dispatch.ladders.checking import look_over
from jiaoying.dispatch.ladders.findings import Finding, errors_of
from jiaoying.dispatch.ladders.model import LadderBook
from jiaoying.dispatch.ladders.placing import placed
from jiaoying.dispatch.ladders.reading import book_from_data, default_book, default_text, parse_book
from jiaoying.dispatch.ladders.writing import book_to_data
from jiaoying.dispatch.store.ladder_facts import roster_facts
from jiaoying.dispatch.store.roster import book_in_force
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import ladders

LONGEST_NOTE = 200
READY_MADE = 0  # the number of the version that nobody saved


@dataclass(frozen=True, slots=True)
class Version:
    """A version that was saved: when, by whom, and why."""

    version: int
    created_at: datetime
    created_by: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Checked:
    """A ladder file that could be read, with everything that is or may be wrong in it."""

    book: LadderBook
    findings: tuple[Finding, ...]

    @property
    def rule_names(self) -> list[str]:
        """For naming places in words."""
        return [rule.name for rule in self.book.rules]

    def told(self, finding: Finding) -> str:
        """A finding, led by its place in words."""
        return placed(finding.field, finding.text, self.rule_names)


async def check_text(tx: Tx, written: str, on: date) -> Checked:
    """Read a ladder file and look it over on the roster of a day. Raises Refusal for what cannot be read."""
    return await check_book(tx, await asyncio.to_thread(parse_book, written), on)


async def check_book(tx: Tx, book: LadderBook, on: date) -> Checked:
    """Look ladders over on the roster of a day."""
    return Checked(book, look_over(book, await roster_facts(tx, book, on)))


async def save_book(
    tx: Tx,
    written: str,
    *,
    by: str,
    now: datetime,
    on: date | None = None,
    note: str = "",
    shown: int | None = None,
) -> int:
    """Put a ladder file in force and return its version. Raises Refusal, naming what is wrong in it.

    Earlier versions stay; warnings that run keep the ladders that were frozen for them. `shown` is the
    version that was changed: where somebody saved another in between, nothing is overwritten. `on` is the
    day whose roster the ladders are looked over on.
    """
    checked = await check_text(tx, written, on or now.date())
    errors = errors_of(checked.findings)
    if errors:
        complaints = tuple(Complaint("ladder", one.field, checked.told(one)) for one in errors)
        listed = "; ".join(f"{one.field}: {one.text}" for one in complaints)
        raise Refusal(say("The ladders cannot be used: {text}", text=listed), complaints)
    # Two who save at once become two versions, and the second is told of the first.
    await tx.execute(text("LOCK TABLE ladders IN SHARE ROW EXCLUSIVE MODE"))
    newest = await newest_version(tx)
    if shown is not None and shown != newest:
        raise Refusal(
            say(
                "Version {version} was saved meanwhile: look at it, and make your change there",
                version=newest,
            )
        )
    await tx.execute(
        insert(ladders).values(
            id=new_id(now),
            version=newest + 1,
            body=book_to_data(checked.book),
            text=written,
            note=note.strip()[:LONGEST_NOTE] or None,
            created_at=now,
            created_by=by,
        )
    )
    facts = {"version": newest + 1, "warnings": len(checked.findings)}
    await append_entries(tx, [Entry(now, "ladders.replaced", by, facts=facts)])
    return newest + 1


async def newest_version(tx: Tx) -> int:
    """The number of the version in force; 0 while the ready-made ladders serve."""
    return await tx.scalar(select(func.coalesce(func.max(ladders.c.version), READY_MADE))) or READY_MADE


async def versions(tx: Tx, most: int = 50) -> Sequence[Version]:
    """The versions that were saved, the newest first."""
    query = select(*columns_of(Version, ladders)).order_by(ladders.c.version.desc()).limit(most)
    return read_as(Version, await tx.execute(query))


async def book_now(tx: Tx) -> LadderBook:
    """The ladders in force."""
    body = await book_in_force(tx)
    return default_book() if body is None else book_from_data(body)


async def text_in_force(tx: Tx) -> str:
    """The ladders in force as YAML; the ready-made file, with its notes, while none was saved."""
    return await text_of(tx, await newest_version(tx))


async def text_of(tx: Tx, version: int) -> str:
    """A version as it was written; 0 is the ready-made file. Raises Refusal where there is none such."""
    if version == READY_MADE:
        return default_text()
    row = (
        await tx.execute(select(ladders.c.body, ladders.c.text).where(ladders.c.version == version))
    ).one_or_none()
    if row is None:
        raise Refusal(say("There is no version {version} of the ladders", version=version))
    return row.text or as_yaml(row.body)


async def book_of(tx: Tx, version: int) -> LadderBook:
    """A version, read. Raises Refusal where there is none such."""
    if version == READY_MADE:
        return default_book()
    body = await tx.scalar(select(ladders.c.body).where(ladders.c.version == version))
    if body is None:
        raise Refusal(say("There is no version {version} of the ladders", version=version))
    return book_from_data(body)


def as_yaml(data: object) -> str:
    """Plain data as a ladder file."""
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110, default_flow_style=None)
