"""What is known of a number, and what one more word about it makes of that. Pure.

Words come from carriers (it is dead, it rang) and from people (I am here, you have the wrong person). They
come late, twice and in any order; the newest counts. No word ever takes a number away from somebody: it only
moves it behind those of which nothing bad is known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from jiaoying.contacts.model import NumberStanding, Proof

T = TypeVar("T")
MOST_FAILURES = 999  # counted

# Where nobody will be found, until somebody is: tried after the others, and shown to the keeper.
DOUBTFUL = (NumberStanding.SUSPENDED, NumberStanding.DEAD, NumberStanding.WRONG_PERSON)
# Of two words at one moment the later in this list counts.
_STRENGTH = (
    NumberStanding.UNKNOWN,
    NumberStanding.SILENT,
    NumberStanding.OFF,
    NumberStanding.SUSPENDED,
    NumberStanding.DEAD,
    NumberStanding.WORKS,
    NumberStanding.WRONG_PERSON,
)


@dataclass(frozen=True, slots=True)
class NumberRecord:
    """What is known of a number of one person. `failures` counts those since it last worked."""

    standing: NumberStanding = NumberStanding.UNKNOWN
    standing_at: datetime | None = None
    failures: int = 0
    reached_at: datetime | None = None
    verified_at: datetime | None = None
    verified_how: Proof | None = None


@dataclass(frozen=True, slots=True)
class NumberWord:
    """One word about a number.

    `reached`: something got through to it. `proof`: its person spoke from it, and how that is known.
    """

    at: datetime
    standing: NumberStanding
    reached: bool = False
    proof: Proof | None = None


def after_word(known: NumberRecord, word: NumberWord) -> NumberRecord:
    """What is known after one more word, whichever of them was said first."""
    return _standing_after(_proved(_reached(known, word), word), word)


def in_calling_order(numbers: Sequence[T], standing_of: Callable[[T], NumberStanding]) -> list[T]:
    """Numbers as they are tried: doubtful ones last, the order given among equals, nobody left out."""
    return sorted(numbers, key=lambda number: standing_of(number) in DOUBTFUL)


def _reached(known: NumberRecord, word: NumberWord) -> NumberRecord:
    if not word.reached or _is_later(known.reached_at, word.at):
        return known
    return replace(known, reached_at=word.at)


def _proved(known: NumberRecord, word: NumberWord) -> NumberRecord:
    if word.proof is None or _is_later(known.verified_at, word.at):
        return known
    return replace(known, verified_at=word.at, verified_how=word.proof)


def _standing_after(known: NumberRecord, word: NumberWord) -> NumberRecord:
    if word.standing is NumberStanding.WRONG_PERSON:
        # Only the person themself can take it back, by an answer from there.
        said_since = known.standing_at if known.standing is word.standing else known.verified_at
        return known if _is_later(said_since, word.at) else _stands(known, word.standing, word.at)
    if known.standing is NumberStanding.WRONG_PERSON:
        lifted = word.proof is not None and _is_at_least(word.at, known.standing_at)
        return _stands(known, NumberStanding.WORKS, word.at) if lifted else known
    if _is_older(word, known):
        return known
    return _stands(known, word.standing, word.at)


def _stands(known: NumberRecord, standing: NumberStanding, at: datetime) -> NumberRecord:
    failures = 0 if standing is NumberStanding.WORKS else min(known.failures + 1, MOST_FAILURES)
    return replace(known, standing=standing, standing_at=at, failures=failures)


def _is_older(word: NumberWord, known: NumberRecord) -> bool:
    if known.standing_at is None:
        return False
    if word.at != known.standing_at:
        return word.at < known.standing_at
    return _STRENGTH.index(word.standing) <= _STRENGTH.index(known.standing)


def _is_later(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment > at


def _is_at_least(at: datetime, moment: datetime | None) -> bool:
    return moment is None or at >= moment
