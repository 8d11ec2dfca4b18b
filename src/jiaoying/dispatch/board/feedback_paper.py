"""What was done, as a table that goes with the ledger on paper."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from jiaoying.dispatch.board.feedback import PlaceRow, feedback_board
from jiaoying.dispatch.figures import Count, Figure
from jiaoying.kernel.language import say
from jiaoying.ledger.documents import Cell, PaperTable
from jiaoying.storage.database import Tx

_KEYS = (
    *("township", "village", "planned_households", "planned_people", "moved_households", "moved_people"),
    *("settled_households", "settled_people", "reported", "overdue", "remarks"),
)


async def feedback_tables(tx: Tx, warning_id: UUID, now: datetime) -> tuple[PaperTable, ...]:
    """Figures by township and village; nothing where nothing was reported."""
    board = await feedback_board(tx, warning_id, now)
    rows: list[tuple[Cell, ...]] = []
    for township in board.townships:
        rows.append(_row(township.row, township.row.area_name, ""))
        rows += [_row(place, township.row.area_name, place.area_name) for place in township.places]
    if not rows:
        return ()
    if board.total:
        rows.insert(0, _row(board.total, say("all together"), ""))
    return (PaperTable("feedback", _KEYS, say("What was done"), _columns(), rows),)


def _columns() -> dict[str, int]:
    return {
        say("Township"): 14,
        say("Village"): 14,
        say("To be moved, households"): 12,
        say("To be moved, people"): 12,
        say("Moved, households"): 12,
        say("Moved, people"): 12,
        say("Settled, households"): 12,
        say("Settled, people"): 12,
        say("People who reported"): 12,
        say("Answered, no report"): 12,
        say("Remarks"): 40,
    }


def _row(row: PlaceRow, township: str, village: str) -> tuple[Cell, ...]:
    counts = [row.figures.of(figure).count for figure in Figure]
    figures = [number for count in counts for number in (count.households, count.people)]
    return (township, village, *figures, row.on_post, row.overdue, say("; ").join(_remarks(row)))


def _remarks(row: PlaceRow) -> Iterable[str]:
    for figure in Figure:
        said = row.figures.of(figure)
        if said.by_hand:
            yield say("{figure} corrected by the officer", figure=figure_word(figure))
        for other in said.differs:
            yield say("{figure}: another says {count}", figure=figure_word(figure), count=_count_words(other))
        if row.is_doubtful(figure):
            yield say(
                "{figure}: more than the {people} people of the roster",
                figure=figure_word(figure),
                people=row.threatened.people,
            )
    if row.danger_at:
        yield say("danger reported")


def figure_word(figure: Figure) -> str:
    """What is counted, in words."""
    return {
        Figure.PLANNED: say("to be moved"),
        Figure.MOVED: say("moved"),
        Figure.SETTLED: say("settled"),
    }[figure]


def _count_words(count: Count) -> str:
    return say(
        "{households} households, {people} people", households=count.households or 0, people=count.people or 0
    )
