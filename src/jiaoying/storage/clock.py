"""One business time for all processes of an installation."""

from datetime import datetime

from sqlalchemy import Insert, Update, func, insert, select, text, update

from jiaoying.kernel.clock import SET_BACK, Anchor, SystemClock, wall_now
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import clock_anchor, issued_warnings, ledger_lines

# Any number will do, so long as nobody else in this database locks the same.
ANCHOR_LOCK = 0x636C6F636B


async def shared_clock(database: Database, rate: float) -> SystemClock:
    """The clock of this installation at `rate` business seconds a second.

    At rate 1, on an installation that never ran faster, it is the wall itself. Otherwise the
    anchor in the database decides, so that all processes agree; where that has another rate,
    business time goes on from where it stands at the new rate, and processes that still run at
    the old one must be restarted.

    Where warnings run and the machine's clock was set back while the program was down, time goes on from
    their last line in the ledger.
    """
    async with database.transaction() as tx:
        clock = await _anchored_clock(tx, rate)
        last_told = await tx.scalar(_LAST_TOLD)
    if last_told is not None and clock.now() < last_told - SET_BACK:
        clock.go_on_from(last_told)
    return clock


# Only of warnings that run: a line of a day on which the clock stood too far ahead must not hold for ever.
_LAST_OF_WARNING = (
    select(ledger_lines.c.at)
    .where(ledger_lines.c.warning_id == issued_warnings.c.id)
    .order_by(ledger_lines.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_LAST_TOLD = select(func.max(_LAST_OF_WARNING)).where(issued_warnings.c.state.in_(["received", "matched"]))


async def _anchored_clock(tx: Tx, rate: float) -> SystemClock:
    await tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ANCHOR_LOCK})
    stored = await _stored_anchor(tx)
    wall = wall_now()
    if stored is None:
        if rate == 1:
            return SystemClock()
        return SystemClock(await _write(tx, insert(clock_anchor), Anchor(wall, wall, rate)))
    if stored.rate == rate:
        return SystemClock(stored)
    continued = Anchor(wall, _business_time(stored, wall), rate)
    return SystemClock(await _write(tx, update(clock_anchor), continued))


def _business_time(anchor: Anchor, wall: datetime) -> datetime:
    """Never before the anchor, although the system's clock may have been set back meanwhile."""
    return max(anchor.business, anchor.business + (wall - anchor.wall) * anchor.rate)


async def _stored_anchor(tx: Tx) -> Anchor | None:
    found = (await tx.execute(select(clock_anchor))).first()
    return Anchor(found.wall, found.business, found.rate) if found else None


async def _write(tx: Tx, statement: Insert | Update, anchor: Anchor) -> Anchor:
    await tx.execute(statement.values(wall=anchor.wall, business=anchor.business, rate=anchor.rate))
    return anchor
