"""Somebody stands instead of somebody else: overrides, swaps, leave, taking over a running shift. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from jiaoying.duty.model import Change, ChangeKind, Role, Shift
from jiaoying.duty.rota import standing_in
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say

Part = tuple[Shift, Role]  # what one person stands in


def who_has(part: Part, changes: Iterable[Change], now: datetime) -> UUID | None:
    """Who stands in a part of the rota as things are: at this moment of a shift that runs, else at its
    beginning."""
    shift, role = part
    return standing_in(shift, changes, max(now, shift.starts_at)).person_in(role)


def instead(
    part: Part,
    person_id: UUID,
    kind: ChangeKind,
    now: datetime,
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
    pair_id: UUID | None = None,
) -> Change:
    """This person stands in a part from `begin` (else its beginning, or now where it runs) to `end`.

    Raises Refusal where nothing is left of the shift, or the time lies outside it.
    """
    shift, role = part
    starts_at, ends_at = max(begin or shift.starts_at, min(now, shift.ends_at)), end or shift.ends_at
    if now >= shift.ends_at:
        raise Refusal(say("This shift is over: nobody can stand in it any more"))
    if not shift.starts_at <= starts_at < ends_at <= shift.ends_at:
        text = say("Choose a time within the shift")
        raise Refusal(text, (Complaint("rota", "time", text),))
    return Change(new_id(now), shift.id, role, person_id, kind, starts_at, ends_at, now, pair_id)


def swap(one: Part, other: Part, changes: Sequence[Change], now: datetime) -> tuple[Change, Change]:
    """Each stands where the other would have, for what is left of both. Undone together.

    Raises Refusal where a part is over, has nobody, or both are the same person's.
    """
    first, second = who_has(one, changes, now), who_has(other, changes, now)
    if first is None or second is None:
        raise Refusal(say("Nobody stands in one of the two: name somebody there instead of swapping"))
    if first == second:
        raise Refusal(say("Both are the same person's: there is nothing to swap"))
    pair_id = new_id(now)
    return (
        instead(one, second, ChangeKind.SWAP, now, pair_id=pair_id),
        instead(other, first, ChangeKind.SWAP, now, pair_id=pair_id),
    )


def belonging_to(change: Change, changes: Iterable[Change]) -> list[Change]:
    """What is undone with a change: both halves of a swap, else itself."""
    if change.pair_id is None:
        return [change]
    return [one for one in changes if one.pair_id == change.pair_id]
