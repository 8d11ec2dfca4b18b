"""Daily rounds, periodic duties and letters that a desk must go on with, as items of a handover."""

from datetime import datetime, timedelta

from jiaoying.duty.daily.store import last_rounds, missing_in
from jiaoying.duty.handovers.model import MAX_ITEM, ItemKind, OpenItem
from jiaoying.duty.letters.store import unconfirmed_letters
from jiaoying.duty.model import Desk
from jiaoying.duty.routines.store import open_for_shift
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx

# Alarms about what stands among the items by itself.
TOLD_BY_ALARM = ("routine_late:", "letter_silent:", "daily_missing:")
# As long as the longest shift that counties keep.
_AHEAD = timedelta(hours=24)
_MOST_ROUNDS = 24


async def open_routines(tx: Tx, desk: Desk, now: datetime) -> list[OpenItem]:
    """What is late, and what is due within a shift."""
    return [
        OpenItem(
            f"routine:{one.id}",
            ItemKind.ROUTINE,
            _sentence(one.title, one.recipient, is_late=one.due_at <= now)[:MAX_ITEM],
            f"/routines/occurrences/{one.id}",
        )
        for one in await open_for_shift(tx, desk.id, now + _AHEAD)
    ]


async def open_letters(tx: Tx) -> list[OpenItem]:
    """Letters that some unit has not confirmed."""
    return [
        OpenItem(
            f"letter:{letter.id}",
            ItemKind.LETTER,
            say(
                "{reference}: {count} units have not confirmed it",
                reference=letter.reference,
                count=len(units),
            )[:MAX_ITEM],
            f"/letters/{letter.id}",
        )
        for letter, units in await unconfirmed_letters(tx)
    ]


async def open_rounds(tx: Tx, now: datetime) -> list[OpenItem]:
    """Rounds of the daily dispatch, of the last day, in which somebody has not reported."""
    rounds = [one for one in await last_rounds(tx, _MOST_ROUNDS) if one.planned_at > now - _AHEAD]
    found = [(one, await missing_in(tx, one.id)) for one in rounds]
    return [
        OpenItem(
            f"daily:{one.id}",
            ItemKind.DAILY,
            say("{name}: {count} desks have not reported", name=one.name, count=len(missing))[:MAX_ITEM],
            f"/daily/{one.id}",
        )
        for one, missing in found
        if missing
    ]


def _sentence(title: str, recipient: str, *, is_late: bool) -> str:
    if is_late:
        return say("{title} for {recipient} is late", title=title, recipient=recipient)
    return say("{title} for {recipient} is due within a day", title=title, recipient=recipient)
