"""Import of areas and outlines. Villages are merged, renamed, abolished; their people are not lost with them.

A line may name its area's successor. With a scope to replace, what the list no longer has is retired, and
goes on under its new code where the list has it under one. What is tied to a merged area (posts, danger
points, desks) moves with it in the same transaction; what is tied to one that is gone for good stays, and
is told.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from jiaoying.contacts.areas.changes import AreaChange, ChangeKind, ends_of, recoded
from jiaoying.contacts.areas.files import PORTION, AreaReader
from jiaoying.contacts.areas.store import (
    areas_by_code,
    areas_within,
    bump_geometry,
    check_parents,
    left_behind,
    lock_areas,
    merge,
    move_what_is_tied,
    retire,
    successors_of_all,
    upsert_areas,
    upsert_shapes,
)
from jiaoying.contacts.store import lock_roster
from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import covers, is_area_code
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.sheets import SheetComplaint, SheetFile, read_file
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database, Tx

MAX_CHANGES = 1_000  # told one by one

Tell = Callable[[float], None]


def _tell_nobody(_: float) -> None:
    """For whoever does not watch."""


@dataclass(frozen=True, slots=True)
class AreaImport:
    """What an import did, or on a dry run would do; a repeated one only counts `unchanged`.

    `changed` are areas whose line says something new, the `renamed` among them. `moved` are posts, danger
    points and desks.
    """

    added: int
    changed: int
    unchanged: int
    shapes: int
    complaints: tuple[SheetComplaint, ...]
    renamed: int = 0
    merged: int = 0
    retired: int = 0
    moved: int = 0
    changes: tuple[AreaChange, ...] = ()

    @property
    def did_something(self) -> bool:
        return any((self.added, self.changed, self.shapes, self.merged, self.retired, self.moved))


@dataclass(frozen=True, slots=True)
class _Order:
    """What is asked for, by whom and when."""

    now: datetime
    actor: str
    scope: str | None
    tell: Tell


@dataclass(slots=True)
class _Tally:
    """What has been written so far."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    added_in_scope: list[str] = field(default_factory=list[str])
    listed_in_scope: set[str] = field(default_factory=set[str])
    successors: dict[str, str] = field(default_factory=dict[str, str])
    merged_before: dict[str, str] = field(default_factory=dict[str, str])
    changes: list[AreaChange] = field(default_factory=list[AreaChange])


async def import_areas(
    database: Database,
    path: Path,
    *,
    now: datetime,
    actor: str = "keeper",
    replace_scope: str | None = None,
    dry_run: bool = False,
    tell: Tell = _tell_nobody,
) -> AreaImport:
    """Areas from CSV or outlines from GeoJSON, each also gzipped. Raises Refusal.

    `tell` hears from time to time which share of the file (0…1) is done.
    """
    file = await asyncio.to_thread(read_file, path)
    return await import_area_file(
        database, file, now=now, actor=actor, replace_scope=replace_scope, dry_run=dry_run, tell=tell
    )


async def import_area_file(
    database: Database,
    file: SheetFile,
    *,
    now: datetime,
    actor: str = "keeper",
    replace_scope: str | None = None,
    dry_run: bool = False,
    tell: Tell = _tell_nobody,
) -> AreaImport:
    """As `import_areas`, from bytes."""
    if replace_scope is not None and not is_area_code(replace_scope):
        raise Refusal(say("“{code}” is not a 12-digit area code", code=replace_scope))
    reader = AreaReader(file)
    order = _Order(now, actor, replace_scope, tell)
    async with database.transaction(patient=True) as tx, tx.begin_nested() as whole:
        await lock_areas(tx)
        result = await (_save_shapes(tx, reader) if reader.holds_shapes else _save_list(tx, reader, order))
        if result.did_something:
            await bump_geometry(tx)
            await append_entries(tx, [Entry(now, "areas.imported", actor, facts=_facts(result))])
        if dry_run:
            await whole.rollback()
    return result


def _facts(result: AreaImport) -> dict[str, object]:
    names = ("added", "changed", "shapes", "renamed", "merged", "retired", "moved")
    facts: dict[str, object] = {name: getattr(result, name) for name in names}
    merged = {one.code: one.now for one in result.changes if one.kind is ChangeKind.MERGED}
    gone = [one.code for one in result.changes if one.kind is ChangeKind.RETIRED]
    return facts | ({"successors": merged} if merged else {}) | ({"gone": gone} if gone else {})


async def _save_shapes(tx: Tx, reader: AreaReader) -> AreaImport:
    shapes = await asyncio.to_thread(reader.shapes)
    known = await areas_by_code(tx, shapes)
    for code in sorted(shapes.keys() - known.keys()):
        problem = say("{code} is not a known area; import its code first", code=code)
        reader.complain(0, code, "area_unknown", problem)
    written = await upsert_shapes(tx, {code: shapes[code] for code in sorted(known)})
    return AreaImport(0, 0, 0, written, tuple(reader.complaints))


async def _save_list(tx: Tx, reader: AreaReader, order: _Order) -> AreaImport:
    tally = _Tally()
    waiting: list[Area] = []
    portions = reader.portions()
    while (portion := await asyncio.to_thread(next, portions, None)) is not None:
        ready, later = await _with_parents(tx, reader, portion)
        waiting += later
        await _write(tx, ready, tally, order)
        if not waiting:
            await check_parents(tx)
        order.tell(reader.share_read)
    for start in range(0, len(waiting), PORTION):
        some = [_without_unknown_parent(area, reader) for area in waiting[start : start + PORTION]]
        await _write(tx, some, tally, order)
    gone = await _gone(tx, reader, tally, order)
    successors = await _new_successors(tx, reader, tally, gone)
    for_good = [area for area in gone if area.code not in successors]
    # Whoever writes the roster just now has read the old codes.
    await lock_roster(tx)
    await retire(tx, [area.code for area in for_good], order.now)
    await merge(tx, successors, order.now)
    ends, _ = ends_of(await successors_of_all(tx))
    moved = await move_what_is_tied(tx, ends, order.now, order.actor)
    await append_entries(tx, moved)
    await _complain_of_the_rest(tx, reader, order)
    changes = (
        *tally.changes,
        *await _merges(tx, successors),
        *(AreaChange(ChangeKind.RETIRED, area.code, area.name) for area in for_good),
    )
    return AreaImport(
        added=tally.added,
        changed=tally.changed,
        unchanged=tally.unchanged,
        shapes=0,
        complaints=tuple(reader.complaints),
        renamed=len(tally.changes),
        merged=len(successors),
        retired=len(for_good),
        moved=len(moved),
        changes=changes[:MAX_CHANGES],
    )


async def _with_parents(tx: Tx, reader: AreaReader, portion: Sequence[Area]) -> tuple[list[Area], list[Area]]:
    """Those whose parents have been read or are known, and those whose parents may still come."""
    missing = {area.parent_code for area in portion if not _is_listed(area.parent_code, reader)}
    known = await areas_by_code(tx, [code for code in missing if code]) if missing else {}

    def is_ready(area: Area) -> bool:
        parent = area.parent_code
        return parent != area.code and (_is_listed(parent, reader) or parent in known)

    return [area for area in portion if is_ready(area)], [area for area in portion if not is_ready(area)]


def _is_listed(parent: str | None, reader: AreaReader) -> bool:
    return parent is None or int(parent) in reader.codes


def _without_unknown_parent(area: Area, reader: AreaReader) -> Area:
    if _is_listed(area.parent_code, reader) and area.parent_code != area.code:
        return area
    problem = say(
        "The parent {parent} of {name} is not known; import it too", parent=area.parent_code, name=area.name
    )
    reader.complain(0, "parent_code", "parent_unknown", problem)
    return replace(area, parent_code=None)


async def _write(tx: Tx, rows: Sequence[Area], tally: _Tally, order: _Order) -> None:
    written = await upsert_areas(tx, rows)
    tally.added += len(written.added)
    tally.changed += written.changed
    tally.unchanged += len(rows) - len(written.added) - written.changed
    tally.changes += [AreaChange(ChangeKind.RENAMED, *one) for one in written.renamed]
    tally.successors |= {area.code: area.successor_code for area in rows if area.successor_code}
    tally.merged_before |= dict(written.merged_before)
    if order.scope is not None:
        tally.added_in_scope += [code for code in written.added if covers(order.scope, code)]
        tally.listed_in_scope |= {area.code for area in rows if covers(order.scope, area.code)}


async def _gone(tx: Tx, reader: AreaReader, tally: _Tally, order: _Order) -> list[Area]:
    """What the scope had and the list has no more. The scope itself is not asked about."""
    if order.scope is None:
        return []
    if not tally.listed_in_scope - {order.scope}:
        raise Refusal(
            say(
                "{name} has no area inside {scope}, so nothing there was replaced: is it the right file?",
                name=reader.file.name,
                scope=order.scope,
            )
        )
    kept = tally.listed_in_scope | {order.scope}
    return [area for area in await areas_within(tx, order.scope) if area.code not in kept]


async def _new_successors(tx: Tx, reader: AreaReader, tally: _Tally, gone: Sequence[Area]) -> dict[str, str]:
    """Who goes on as whom from now on, what cannot be taken off with a complaint."""
    before = await successors_of_all(tx)
    for code, name in tally.merged_before.items():
        if code not in tally.successors:
            problem = say(
                "{name} ({code}) was merged into {successor} and stays so; it was not brought back",
                name=name,
                code=code,
                successor=before[code],
            )
            reader.complain(0, "code", "area_merged", problem)
    added = await areas_by_code(tx, tally.added_in_scope)
    wanted = recoded(gone, list(added.values()), {**before, **tally.successors}) | tally.successors
    wanted = {code: after for code, after in wanted.items() if before.get(code) != after}
    known = await areas_by_code(tx, [*wanted, *wanted.values()])
    lost = {area.code for area in gone if area.code not in wanted}
    possible = {
        code: after for code, after in wanted.items() if _may_succeed(reader, known, code, after, lost)
    }
    _, circling = ends_of({**before, **possible})
    for code in sorted(circling & possible.keys()):
        problem = say("The successors of {name} ({code}) lead in a circle", name=known[code].name, code=code)
        reader.complain(0, "successor_code", "successor_circle", problem)
    return {code: after for code, after in possible.items() if code not in circling}


def _may_succeed(
    reader: AreaReader, known: Mapping[str, Area], code: str, after: str, lost: set[str]
) -> bool:
    area, successor = known[code], known.get(after)
    words = {"name": area.name, "code": code, "successor": after}
    if successor is None:
        problem = say("The successor {successor} of {name} ({code}) is not known; import it too", **words)
    elif successor.level != area.level:
        problem = say(
            "{name} ({code}) cannot go on as {successor}, which is of another level; name one of its own",
            **words,
        )
    elif after in lost or (successor.retired_at is not None and successor.successor_code is None):
        problem = say(
            "{name} ({code}) cannot go on as {successor}, which is gone itself; name one that is there",
            **words,
        )
    else:
        return True
    reader.complain(0, "successor_code", "successor_unusable", problem)
    return False


async def _merges(tx: Tx, successors: Mapping[str, str]) -> list[AreaChange]:
    known = await areas_by_code(tx, successors)
    return [
        AreaChange(ChangeKind.MERGED, code, known[code].name, after)
        for code, after in sorted(successors.items())
    ]


async def _complain_of_the_rest(tx: Tx, reader: AreaReader, order: _Order) -> None:
    """Whoever still answers for an area that is gone keeps the post, and somebody is told."""
    if order.scope is None:
        return
    for left in await left_behind(tx, order.scope, order.now.date()):
        problem = say(
            "{people} people answer for {name} ({code}), which the list no longer has:"
            " write in successor_code where they belong (danger points there: {points}, desks: {desks})",
            people=left.people,
            name=left.name,
            code=left.code,
            points=left.points,
            desks=left.desks,
        )
        reader.complain(0, left.code, "people_left_behind", problem)
