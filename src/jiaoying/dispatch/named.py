"""The attempts that carriers' events speak of: by the id that we gave them, else by their own reference."""

from collections.abc import Iterable
from uuid import UUID

from jiaoying.dispatch.store import attempts
from jiaoying.dispatch.store.attempts import AttemptFacts
from jiaoying.dispatch.store.unread import Item
from jiaoying.gateways.base import KeyPress, Report
from jiaoying.storage.database import Tx

Named = tuple[Item, Report | KeyPress]


class NamedAttempts:
    """What was found for some events."""

    def __init__(self) -> None:
        self._by_id: dict[tuple[str, UUID], AttemptFacts] = {}
        self._by_ref: dict[tuple[str, str], AttemptFacts] = {}

    def add(self, gateway: str, attempt: AttemptFacts) -> None:
        self._by_id[gateway, attempt.id] = attempt
        if attempt.carrier_ref:
            self._by_ref[gateway, attempt.carrier_ref] = attempt

    def of(self, item: Item, event: Report | KeyPress) -> AttemptFacts | None:
        """The attempt that an event speaks of, if it is one of ours."""
        by_id = self._by_id.get((item.gateway, event.attempt_id)) if event.attempt_id else None
        return by_id or self._by_ref.get((item.gateway, event.ref))

    def owners(self) -> dict[tuple[str, str], UUID]:
        """Whose each reference is, by gateway and reference."""
        return {key: attempt.id for key, attempt in self._by_ref.items()}


async def attempts_named_by(tx: Tx, events: Iterable[Named]) -> NamedAttempts:
    """The attempts that these events speak of."""
    of_gateways: dict[str, list[Report | KeyPress]] = {}
    for item, event in events:
        of_gateways.setdefault(item.gateway, []).append(event)
    found = NamedAttempts()
    for gateway, named in of_gateways.items():
        ids = {event.attempt_id for event in named if event.attempt_id}
        for attempt in await attempts.attempts_named(tx, gateway, ids, {event.ref for event in named}):
            found.add(gateway, attempt)
    return found
