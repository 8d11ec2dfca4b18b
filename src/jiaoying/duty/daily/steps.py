"""What a round does next: go on, ring those who are missing, close. Pure."""

from dataclasses import dataclass
from datetime import datetime

from jiaoying.duty.daily.model import Round, RoundState


@dataclass(frozen=True, slots=True)
class GoOn:
    """Nothing is due."""


@dataclass(frozen=True, slots=True)
class Chase:
    """The limit has come: ring those who are missing."""


@dataclass(frozen=True, slots=True)
class Close:
    """Everybody has reported, or the time is over: who is missing is put before the officer."""


def next_step(found: Round, missing: int, now: datetime) -> GoOn | Chase | Close:
    """Decide on a round that is not closed; `missing` desks have not reported.

    Nobody is told of as missing who was not rung: also where the service stood still over the limit.
    """
    if not missing:
        return Close()
    if found.state is RoundState.ASKING:
        return Chase() if now >= found.limit_at else GoOn()
    return Close() if now >= found.closes_at else GoOn()


def closes_after_chase(found: Round, now: datetime) -> datetime:
    """When a round closes that is chased at `now`: those who are rung have the time that was meant."""
    return max(found.closes_at, now + (found.closes_at - found.limit_at))
