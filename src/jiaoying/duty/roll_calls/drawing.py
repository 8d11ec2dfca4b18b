"""Which desks are drawn at random (抽查), so that it can be shown afterwards to be fair. Pure.

A desk weighs 1, and 1 more for each draw in which it was passed over since it was last drawn: nobody is safe
after having been drawn, and nobody is forgotten. Each desk's lot is made from the seed and its id alone
(SHA-256), so that whoever has the seed and the pool finds the same desks again.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from math import log
from uuid import UUID

from jiaoying.duty.roll_calls.model import Drawable

# More draws than this change nothing: the desk is likely enough.
HEAVIEST = 12


def weighed(
    desk_ids: Iterable[UUID], drawn_before: Sequence[tuple[frozenset[UUID], frozenset[UUID]]]
) -> list[Drawable]:
    """Each desk with its weight. `drawn_before` are earlier draws, the newest first: (pool, drawn)."""
    return [Drawable(desk_id, _weight(desk_id, drawn_before)) for desk_id in sorted(desk_ids)]


def draw(pool: Sequence[Drawable], count: int, seed: str) -> list[UUID]:
    """`count` desks of the pool, or all of a smaller one; the same for the same seed and pool.

    Weighted drawing without replacement by keys (Efraimidis and Spirakis 2006): of u^(1/weight) the largest.
    """
    keys = sorted(((log(_lot(seed, one.desk_id)) / one.weight, one.desk_id) for one in pool), reverse=True)
    return [desk_id for _, desk_id in keys[:count]]


def _lot(seed: str, desk_id: UUID) -> float:
    """Above 0 and below 1, evenly."""
    digest = sha256(f"{seed}:{desk_id}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") + 1) / (2**64 + 1)


def _weight(desk_id: UUID, drawn_before: Sequence[tuple[frozenset[UUID], frozenset[UUID]]]) -> int:
    passed_over = 0
    for pool, drawn in drawn_before:
        if desk_id in drawn:
            break
        passed_over += desk_id in pool
    return 1 + min(passed_over, HEAVIEST)
