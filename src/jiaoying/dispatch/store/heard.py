"""How calls were heard (听完未按键), written beside their attempts."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, update

from jiaoying.dispatch.call_endings import CallHeard
from jiaoying.dispatch.store.sets import as_rows
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import attempts


async def note_calls_heard(tx: Tx, heard: Mapping[UUID, CallHeard]) -> None:
    """Write what is known now of locked attempts; what was known before stands."""
    if not heard:
        return
    new = as_rows(
        attempts,
        {
            "id": list(heard),
            "heard_whole_at": [one.whole_at for one in heard.values()],
            "heard_s": [one.seconds for one in heard.values()],
            "picked_up_by": [one.picked_up_by for one in heard.values()],
        },
    )
    written = {
        name: func.coalesce(attempts.c[name], new.c[name])
        for name in ("heard_whole_at", "heard_s", "picked_up_by")
    }
    await tx.execute(update(attempts).where(attempts.c.id == new.c.id).values(**written))
