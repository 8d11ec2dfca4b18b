"""Word given to everybody at once (鸣锣, 大喇叭, 微信群), as the desk logs it: it covers nothing by itself.

Who heard a gong is not known, and who was in the chat when it was read is not either (ADR 32).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.grades import BROADCASTS, How, grade_of
from jiaoying.dispatch.store import answered, broadcasts
from jiaoying.dispatch.store.broadcasts import ToldPerson
from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

# What is logged of something done by hand may be so old at the most.
MOST_LATE = timedelta(hours=24)
TOLD = "told"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One of them, as it was logged."""

    how: How
    by: str
    note: str
    at: datetime  # when it was done


def moment_done(at: datetime | None, now: datetime) -> datetime:
    """When something done by hand was done; now, where nobody says. Raises Refusal for what cannot be."""
    if at is None:
        return now
    if at > now:
        raise Refusal(say("The time lies ahead: write when it was done"))
    if at < now - MOST_LATE:
        raise Refusal(say("The time is more than a day ago: look at the date"))
    return at


async def log_broadcast(tx: Tx, warning_id: UUID, area_code: str, broadcast: Broadcast, now: datetime) -> int:
    """Log it for everybody called for a village, a township or more of it; returns how many they are.

    Raises Refusal for a code that is none, or where nobody is called.
    """
    if broadcast.how not in BROADCASTS:
        raise Refusal(say("Choose what was done: gong, loudspeaker or group chat"))
    if not is_area_code(area_code):
        raise Refusal(say("Choose the place where it was done: a village or a township"))
    told = await broadcasts.people_inside(tx, warning_id, area_code)
    if not told:
        raise Refusal(say("Nobody is called for that place under this warning: choose another one"))
    facts = {"area": area_code, "count": len(told), "call_outs": [str(one.call_out_id) for one in told]}
    await _write(tx, told, broadcast, now)
    await append_entries(tx, [_entry(warning_id, broadcast, now, facts)])
    return len(told)


async def log_told(tx: Tx, call_out_id: UUID, broadcast: Broadcast, now: datetime) -> None:
    """Log it for one person."""
    told = await broadcasts.person_of(tx, call_out_id)
    await _write(tx, told, broadcast, now)
    await append_entries(
        tx,
        [_entry(one.warning_id, broadcast, now, {"count": 1}, one) for one in told],
    )


async def _write(tx: Tx, told: Sequence[ToldPerson], broadcast: Broadcast, now: datetime) -> None:
    rows: list[dict[str, object]] = [
        {
            "id": new_id(now),
            "warning_id": one.warning_id,
            "call_out_id": one.call_out_id,
            "contact_id": one.contact_id,
            "how": broadcast.how,
            "meaning": TOLD,
            "said": broadcast.note or None,
            "at": broadcast.at,
            "inbox_item_id": None,
            "by_user": broadcast.by,
            "late": False,
            "shared_number": False,
        }
        for one in told
    ]
    await answered.write_answers(tx, rows)


def _entry(
    warning_id: UUID,
    broadcast: Broadcast,
    now: datetime,
    facts: Mapping[str, object],
    one: ToldPerson | None = None,
) -> Entry:
    return Entry(
        now,
        "broadcast.logged",
        broadcast.by,
        warning_id,
        call_out_id=one and one.call_out_id,
        contact_id=one and one.contact_id,
        facts={
            "how": broadcast.how,
            "grade": grade_of(broadcast.how),
            "done_at": broadcast.at.isoformat(),
            **facts,
        },
        particulars={"note": broadcast.note} if broadcast.note else None,
    )
