"""Which part of a warning an officer means, and whether anything of it may still be steered."""

from dataclasses import dataclass
from uuid import UUID

from jiaoying.dispatch.states import WarningState
from jiaoying.dispatch.store import warnings
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx

MAX_REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Scope:
    """A line of the board: a township with its villages, or a county's own people; None is everybody.

    A county's code means the county's own people here, never all its townships: who presses the button
    beside the county's line must not stop the villages.
    """

    warning_id: UUID
    area: str | None = None


def reason_in(text: str) -> str:
    """The reason of an order, outer blanks off. Raises Refusal where there is none, or too much."""
    reason = text.strip()
    if not reason:
        raise Refusal(say("Write why, in a few words: the reason goes into the ledger"))
    if len(reason) > MAX_REASON_LENGTH:
        raise Refusal(say("The reason is too long: at most {count} characters", count=MAX_REASON_LENGTH))
    return reason


async def lock_begun(tx: Tx, scope: Scope) -> WarningRow:
    """The warning of a scope, locked. Raises Refusal where nobody was called under it, or it is over."""
    if scope.area is not None and not is_area_code(scope.area):
        raise Refusal(say("Name the township by its 12-digit code"))
    warning = await warnings.lock_warning(tx, scope.warning_id)
    if warning is None:
        raise Refusal(say("There is no such warning; go back to the list and choose again"))
    if warning.state in (WarningState.RECEIVED, WarningState.HELD):
        raise Refusal(say("Nobody is called under this warning yet: veto it, or wait until it has begun"))
    if warning.state not in (WarningState.MATCHED, WarningState.CLOSED):
        raise Refusal(say("This warning is over already; nothing was changed"))
    return warning
