"""What a handover is made of, and what may be done to it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from jiaoying.kernel.transitions import Table

MAX_NOTE = 4000
MAX_ITEM = 200
# After the end of a shift so long is given to sign. Our own choice: successors are to be there ten minutes
# before it (domain rules of duty offices), so this is late already.
GRACE = timedelta(minutes=15)


class HandoverState(StrEnum):
    OPEN = "open"  # the shift runs, or has ended and nobody has signed
    HANDED = "handed"  # signed by who goes
    REFUSED = "refused"  # sent back by who comes
    TAKEN = "taken"  # signed by who comes
    CONTINUED = "continued"  # the same officer stands in the shift after it: nobody hands over to themselves
    LAPSED = "lapsed"  # the shift after it ended too; what was open stands in the next handover


OVER = (HandoverState.TAKEN, HandoverState.CONTINUED, HandoverState.LAPSED)


class HandoverEvent(StrEnum):
    HAND = "hand"
    REFUSE = "refuse"
    TAKE = "take"
    CONTINUE = "continue"
    LAPSE = "lapse"


HANDOVER = Table(
    "handover",
    {
        (HandoverState.OPEN, HandoverEvent.HAND): HandoverState.HANDED,
        (HandoverState.REFUSED, HandoverEvent.HAND): HandoverState.HANDED,
        (HandoverState.HANDED, HandoverEvent.REFUSE): HandoverState.REFUSED,
        (HandoverState.HANDED, HandoverEvent.TAKE): HandoverState.TAKEN,
        **{
            (state, event): after
            for state in (HandoverState.OPEN, HandoverState.HANDED, HandoverState.REFUSED)
            for event, after in (
                (HandoverEvent.CONTINUE, HandoverState.CONTINUED),
                (HandoverEvent.LAPSE, HandoverState.LAPSED),
            )
        },
    },
    frozenset(
        {
            (HandoverState.HANDED, HandoverEvent.HAND),
            *((state, HandoverEvent.REFUSE) for state in HandoverState if state is not HandoverState.HANDED),
            (HandoverState.OPEN, HandoverEvent.TAKE),
            (HandoverState.REFUSED, HandoverEvent.TAKE),
            *((state, event) for state in OVER for event in HandoverEvent),
        }
    ),
)


class ItemKind(StrEnum):
    """What is left open. The last three are written by hand; the others the program gathers by itself."""

    WARNING = "warning"  # is in force
    HELD = "held"  # waits for a decision
    NOT_WOKEN = "not_woken"
    FEEDBACK = "feedback"  # answered, and nothing reported
    TASK = "task"  # ordered, and not done
    INCIDENT = "incident"  # with running clocks
    DAILY = "daily"  # a round of daily reports that is not complete
    ROUTINE = "routine"  # a periodic duty that is due
    LETTER = "letter"  # without receipts
    CONSULTATION = "consultation"
    ALARM = "alarm"
    PHONE = "phone"  # lines and equipment
    MATERIAL = "material"  # papers, keys, vehicles
    OTHER = "other"


BY_HAND = (ItemKind.PHONE, ItemKind.MATERIAL, ItemKind.OTHER)


class ItemState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SETTLED = "settled"  # dealt with before anybody had to take it over


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something that is open now; `key` names what it is about, the same at each look, `page` its page."""

    key: str
    kind: ItemKind
    text: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class HandoverItem:
    """An item as it stands in a handover."""

    id: UUID
    handover_id: UUID
    key: str
    kind: ItemKind
    text: str
    page: str
    state: ItemState
    reason: str
    made_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None

    @property
    def is_unowned(self) -> bool:
        """Whether nobody has taken it over."""
        return self.state in (ItemState.OPEN, ItemState.REFUSED)


@dataclass(frozen=True, slots=True)
class Handover:
    """One shift handed over to whoever comes: by whom, when, with what note."""

    id: UUID
    desk_id: UUID
    shift_id: UUID
    state: HandoverState
    note: str
    opened_at: datetime
    next_at: datetime | None
    handed_person_id: UUID | None = None
    handed_at: datetime | None = None
    handed_by: str | None = None
    refused_reason: str | None = None
    taken_person_id: UUID | None = None
    taken_at: datetime | None = None
    taken_by: str | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """How the items of a handover change by what is open now: new ones, reworded ones, settled ones."""

    new: tuple[OpenItem, ...]
    reworded: tuple[HandoverItem, ...]
    settled: tuple[HandoverItem, ...]


def gather(kept: Iterable[HandoverItem], open_now: Sequence[OpenItem]) -> Gathered:
    """What is open now beside what is kept.

    An item that was taken over stays so however it is reworded: who took over three who are not woken has
    taken over the two who are left. One that is open no more is settled, unless it was written by hand.
    """
    known: Mapping[str, HandoverItem] = {item.key: item for item in kept}
    by_key = {item.key: item for item in open_now}
    gone = (
        item
        for item in known.values()
        if item.is_unowned and item.kind not in BY_HAND and item.key not in by_key
    )
    back = {key for key, item in known.items() if item.state is ItemState.SETTLED}
    return Gathered(
        tuple(item for item in open_now if item.key not in known or item.key in back),
        tuple(known[key] for key, item in by_key.items() if key in known and known[key].text != item.text),
        tuple(gone),
    )


def merged(
    handover_id: UUID, kept: Sequence[HandoverItem], open_now: Sequence[OpenItem], now: datetime
) -> list[HandoverItem]:
    """What is kept as it stands now, with what is new behind it: what `gather` would write."""
    changed, by_key = gather(kept, open_now), {item.key: item for item in open_now}
    again, gone = {item.key for item in changed.new}, {item.key for item in changed.settled}
    shown = [
        replace(
            item,
            text=by_key[item.key].text if item.key in by_key else item.text,
            state=ItemState.SETTLED if item.key in gone else item.state,
        )
        for item in kept
        if item.key not in again
    ]
    return shown + [
        HandoverItem(handover_id, handover_id, one.key, one.kind, one.text, one.page, ItemState.OPEN, "", now)
        for one in changed.new
    ]


def unowned(items: Iterable[HandoverItem]) -> list[HandoverItem]:
    """What nobody has taken over: the shift cannot end with that."""
    return [item for item in items if item.is_unowned]
