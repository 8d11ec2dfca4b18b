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
    """Decide on a round that is not closed; `missing` desks have not reported."""
    if not missing or now >= found.closes_at:
        return Close()
    if found.state is RoundState.ASKING and now >= found.limit_at:
        return Chase()
    return GoOn()
