"""Whole numbers leave the roster only with a reason, and every time is a line of the ledger."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from jiaoying.contacts.model import ContactNumber
from jiaoying.contacts.store import contact_numbers_of, contacts_by_id
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

MAX_REASON = 200  # characters


def stated_reason(written: str) -> str:
    """Why somebody wants to see, take away or erase particulars, on one line.

    Raises Refusal where it is empty or longer than MAX_REASON.
    """
    reason = " ".join(written.split())
    if not reason:
        raise Refusal(say("Write the reason: the ledger keeps who looked, and why"))
    if len(reason) > MAX_REASON:
        raise Refusal(say("The reason may have at most {most} characters; shorten it", most=MAX_REASON))
    return reason


async def reveal_numbers(
    tx: Tx, contact_id: UUID, *, reason: str, actor: str, now: datetime
) -> list[ContactNumber]:
    """Somebody's numbers in full, the preferred first; the look and its reason become a line of the ledger.

    Nothing is told of a contact that is not there, or has no number: the list is empty then. Raises
    Refusal without a reason. Looks from a call-out have its warning as the reason and do not come here.
    """
    stated = stated_reason(reason)
    person = (await contacts_by_id(tx, [contact_id])).get(contact_id)
    numbers = (await contact_numbers_of(tx, [contact_id]))[contact_id]
    if person is None or not numbers:
        return []
    look = Entry(
        now,
        "contact.number_shown",
        actor,
        contact_id=contact_id,
        facts={"numbers": len(numbers), "where": "roster"},
        particulars={
            "reason": stated,
            "name": person.name,
            "numbers": [number.number for number in numbers],
        },
    )
    await append_entries(tx, [look])
    return numbers


async def note_export(
    tx: Tx,
    *,
    reason: str,
    actor: str,
    now: datetime,
    numbers: bool,
    counts: Mapping[str, int],
    area_code: str | None = None,
) -> None:
    """A line of the ledger: the roster, or one area of it, was taken away as a file.

    With whole `numbers` a reason is asked for: Refusal without one.
    """
    stated = stated_reason(reason) if numbers or reason.strip() else None
    taken = Entry(
        now,
        "contacts.exported",
        actor,
        facts={"numbers": numbers, "area_code": area_code, **counts},
        particulars={"reason": stated} if stated else None,
    )
    await append_entries(tx, [taken])
