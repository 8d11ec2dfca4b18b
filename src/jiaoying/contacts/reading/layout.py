"""Where the tables of a sheet lie, and what their columns mean: headings of one to four rows, anywhere."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from jiaoying.contacts.reading.columns import ColumnSorter, Layout
from jiaoying.contacts.reading.headings import (
    MAX_HEADING,
    PERSON_FIELDS,
    may_head_others,
    meaning_of,
    meaning_of_path,
)
from jiaoying.kernel.sheets import HEADING_ROWS, MIN_HEADINGS, Cell, Grid, Row, plain_heading, plain_text
from jiaoying.kernel.workbooks import MAX_COLUMNS, Merge

MAX_HEADING_ROWS = 4
_DIGITS_OF_DATA = 5


@dataclass(frozen=True, slots=True)
class SheetTable:
    """One table: the texts right above it, and its rows."""

    sheet: str
    above: tuple[str, ...]
    layout: Layout
    rows: tuple[Row, ...]
    repeated: frozenset[tuple[int, int]]  # (row, place) of cells that repeat a merged one above


def tables_in(grid: Grid) -> tuple[SheetTable, ...]:
    """Every table of a sheet, in order. A heading that is printed again on each page starts no new one."""
    found: list[SheetTable] = []
    merges: dict[int, list[Merge]] = {}
    for merge in grid.merges:
        merges.setdefault(merge.first_row, []).append(merge)
    above: list[str] = []
    layouts: tuple[Layout, ...] = ()
    rows: list[Row] = []

    def finish() -> None:
        found.extend(
            SheetTable(grid.name, tuple(above), layout, tuple(rows), grid.repeated) for layout in layouts
        )

    place = 0
    while place < len(grid.rows):
        if not layouts and place >= HEADING_ROWS:
            break
        height, here = _heading_at(grid.rows, merges, place)
        if here and [each.labels for each in here] != [each.labels for each in layouts]:
            if layouts:
                titles = _titles_before(rows)
                finish()
                above, rows = titles, []
            layouts = here
        elif not here and layouts:
            rows.append(grid.rows[place])
        elif not here:
            above.extend(_texts(grid.rows[place]))
        place += max(height, 1)
    finish()
    return tuple(found)


def transposed(grid: Grid) -> Grid | None:
    """A list that lies on its side, set upright: its columns are rows from 1; None for any other."""
    firsts = [str(row.cells[0] or "") for row in grid.rows if row.cells]
    known = [meaning for text in firsts if (meaning := meaning_of(text)) is not None and meaning.certain]
    if len(known) < MIN_HEADINGS or len(grid.rows) > MAX_COLUMNS:
        return None
    width = max(len(row.cells) for row in grid.rows)
    columns = [
        tuple(row.cells[place] if place < len(row.cells) else None for row in grid.rows)
        for place in range(width)
    ]
    return Grid(grid.name, tuple(Row(number, cells) for number, cells in enumerate(columns, start=1)))


def is_single(row: Row) -> str | None:
    """The text of a row that holds one text and nothing else, however often it is repeated."""
    texts = set(_texts(row))
    return next(iter(texts)) if len(texts) == 1 else None


def _texts(row: Row) -> list[str]:
    return list(dict.fromkeys(text for cell in row.cells if (text := plain_text(cell))))


def _titles_before(rows: list[Row]) -> list[str]:
    """Takes the rows of one text off the end of a table: they are the title of the next."""
    titles: list[str] = []
    while rows and (text := is_single(rows[-1])) is not None:
        titles.insert(0, text)
        rows.pop()
    return titles


def _heading_at(
    rows: Sequence[Row], merges: Mapping[int, Sequence[Merge]], place: int
) -> tuple[int, tuple[Layout, ...]]:
    """The heading that begins at a row: how many rows it has, and what it means; nothing for none."""
    height = 0
    while (
        height < MAX_HEADING_ROWS - 1 and place + height < len(rows) and _is_group_row(rows[place + height])
    ):
        height += 1
    main = next(
        (
            each
            for each in range(height + 1)
            if place + each < len(rows) and _is_heading_row(rows[place + each])
        ),
        None,
    )
    if main is None or not all(_leads_to(rows[place + each]) for each in range(main)):
        return 0, ()
    height = main + 1
    while height < MAX_HEADING_ROWS and (more := _finer_rows(rows, place + height)):
        height += more
    layouts = _layouts(merges, rows[place : place + height])
    return (height, layouts) if layouts else (0, ())


def _is_data(cell: Cell) -> bool:
    if isinstance(cell, (int, float, datetime, date, time)) and not isinstance(cell, bool):
        return True
    text = plain_text(cell)
    return sum(sign.isdigit() for sign in text) >= _DIGITS_OF_DATA or len(text) > MAX_HEADING


def _is_heading_row(row: Row) -> bool:
    """Two headings that are certain, and half of all cells known."""
    texts = [str(cell) for cell in row.cells if plain_text(cell)]
    if len(texts) < 2 or any(_is_data(cell) for cell in row.cells if plain_text(cell)):
        return False
    known = [meaning for text in texts if (meaning := meaning_of(text)) is not None]
    certain = [meaning for meaning in known if meaning.certain]
    return len(certain) >= 2 and 2 * len(known) >= len(texts)


def _is_group_row(row: Row) -> bool:
    """Short texts only, and some of them words for people or levels: what may stand above headings."""
    texts = [str(cell) for cell in row.cells if plain_text(cell)]
    return (
        len(texts) > 0
        and not any(_is_data(cell) or _is_title(str(cell)) for cell in row.cells if plain_text(cell))
        and not (len(set(texts)) == 1 and plain_text(row.cells[0]) != "")
    )


def _is_title(text: str) -> bool:
    return "：" in text or re.search(r"附件|(?:名单|表|册|台账)\s*$", text) is not None


def _leads_to(row: Row) -> bool:
    """Whether half of the words in a row may stand above headings."""
    texts = _texts(row)
    return 2 * sum(may_head_others(plain_heading(text) or text) for text in texts) >= len(texts)


def _finer_rows(rows: Sequence[Row], place: int) -> int:
    """How many rows go on with the heading above: one of headings, or groups and their headings."""
    if place < len(rows) and _is_finer(rows[place], rows[place - 1]):
        return 1
    if place + 1 < len(rows) and _is_group_row(rows[place]) and _leads_to(rows[place]):
        return 2 if _is_finer(rows[place + 1], rows[place]) else 0
    return 0


def _is_finer(row: Row, before: Row) -> bool:
    """Whether a row goes on with the heading above it: it holds headings and what was merged downwards."""
    texts = {place: str(cell) for place, cell in enumerate(row.cells) if plain_text(cell)}
    if not texts or any(_is_data(row.cells[place]) for place in texts):
        return False
    own = {
        place: text
        for place, text in texts.items()
        if place >= len(before.cells) or plain_text(before.cells[place]) != plain_text(text)
    }
    meanings = [meaning_of(text) for text in own.values()]
    certain = sum(meaning is not None and meaning.certain for meaning in meanings)
    return bool(own) and certain > 0 and 2 * certain >= len(own)


def _layouts(merges: Mapping[int, Sequence[Merge]], rows: Sequence[Row]) -> tuple[Layout, ...]:
    """What a heading means: one table, or several beside each other with the same headings."""
    paths = _paths(merges, rows)
    found = [_layout(block, rows[-1].number) for block in _blocks(paths)]
    return tuple(layout for layout in found if layout is not None)


def _blocks(paths: Mapping[int, list[str]]) -> list[dict[int, list[str]]]:
    places = sorted(paths)
    for width in range(2, len(places) // 2 + 1):
        if len(places) % width == 0 and all(
            paths[place] == paths[places[order % width]] for order, place in enumerate(places)
        ):
            starts = range(0, len(places), width)
            return [{place: paths[place] for place in places[start : start + width]} for start in starts]
    return [dict(paths)]


def _layout(paths: Mapping[int, Sequence[str]], row: int) -> Layout | None:
    meanings = {place: meaning_of_path(path) for place, path in paths.items()}
    labels = _labels(paths)
    builder = ColumnSorter(paths, meanings)
    layout = builder.layout(row, labels)
    kinds = {(meaning.column, meaning.role) for meaning in meanings.values() if meaning is not None}
    useful = layout.groups or layout.has_points or layout.has_households
    return layout if useful and len(kinds) >= MIN_HEADINGS else None


def _labels(paths: Mapping[int, Sequence[str]]) -> dict[int, str]:
    """Headings as they are written; where several are the same, with what stands above them."""
    own = Counter(path[-1] for path in paths.values())
    return {
        place: "/".join("".join(words.split()) for words in (path if own[path[-1]] > 1 else path[-1:]))
        for place, path in paths.items()
    }


def _paths(merges: Mapping[int, Sequence[Merge]], rows: Sequence[Row]) -> dict[int, list[str]]:
    """The headings over each column, topmost first; a group's words count for all columns below it."""
    filled: list[dict[int, str]] = [
        {place: text for place, cell in enumerate(row.cells) if (text := str(cell or "").strip())}
        for row in rows
    ]
    width = max(max(line, default=0) for line in filled) + 1
    for level, row in enumerate(rows[:-1]):
        below = filled[level + 1]
        spans = [
            merge
            for above in rows[: level + 1]
            for merge in merges.get(above.number, ())
            if row.number <= merge.last_row
        ]
        for merge in spans:
            if (words := filled[level].get(merge.first_column)) is not None:
                for place in range(merge.first_column + 1, min(merge.last_column + 1, width)):
                    filled[level].setdefault(place, words)
        if not spans:
            last = ""
            for place in range(width):
                last = filled[level].get(place, last)
                if last and place in below and place not in filled[level] and _belongs(below[place]):
                    filled[level][place] = last
    paths: dict[int, list[str]] = {}
    for place in range(width):
        path = list(dict.fromkeys(line[place] for line in filled if place in line))
        if path:
            paths[place] = path
    return paths


def _belongs(text: str) -> bool:
    """Whether a heading without anything above it may belong to the group at its left."""
    found = meaning_of(text)
    return found is None or found.column in (*PERSON_FIELDS, "households", "people")


def rows_of(table: SheetTable) -> Iterator[Row]:
    """The rows that may hold people: not those that only number the columns."""
    for row in table.rows:
        values = [plain_text(cell) for cell in row.cells if plain_text(cell)]
        if len(values) > 2 and all(value.isdecimal() and len(value) < 3 for value in values):
            numbers = [int(value) for value in values]
            if numbers == list(range(numbers[0], numbers[0] + len(numbers))):
                continue
        yield row
