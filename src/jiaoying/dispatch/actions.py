"""What people at the desk do to calls. (Placeholder of the console's author until the real one lands.)"""

from datetime import datetime
from uuid import UUID

from jiaoying.kernel.errors import Refusal
from jiaoying.storage.database import Tx


async def answer_by_hand(tx: Tx, call_out_id: UUID, *, by: str, how: str, note: str, now: datetime) -> None:
    raise Refusal(f"not yet: {by} {how} {note} {now} {call_out_id} {tx}")


async def withdraw_warning(tx: Tx, warning_id: UUID, *, by: str, reason: str, now: datetime) -> None:
    raise Refusal(f"not yet: {by} {reason} {now} {warning_id} {tx}")


async def clear_alarm(tx: Tx, alarm_id: UUID, *, by: str, now: datetime) -> None:
    raise Refusal(f"not yet: {by} {now} {alarm_id} {tx}")
