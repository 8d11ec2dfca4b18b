"""State tables: `(state, event) → state`, with the pairs that change nothing spelled out."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Table(Generic[State, Event]):
    """The life of one kind of row.

    `moves` holds every pair that changes the state. `heard` holds every pair that is noted and
    changes nothing. A pair in neither is a defect and raises.
    """

    name: str
    moves: Mapping[tuple[State, Event], State]
    heard: frozenset[tuple[State, Event]]

    def after(self, state: State, event: Event) -> State:
        """The state after `event`; the same state when the event is heard without change."""
        if (state, event) in self.moves:
            return self.moves[state, event]
        if (state, event) in self.heard:
            return state
        raise KeyError(f"{self.name}: nothing is said of {event} in state {state}")

    def sources_of(self, event: Event) -> tuple[State, ...]:
        """The states that `event` moves on, for the WHERE of a compare-and-swap."""
        return tuple(state for state, heard in self.moves if heard == event)
