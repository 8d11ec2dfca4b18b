"""Nouns of roll calls (点名): whom they ask and how, what they came to, and what the officer says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say

MAX_NAME = 60
MAX_REASON = 200
MAX_TRIES = 5
MAX_DESKS = 500
LIMIT_MINUTES = range(1, 31)


class Manner(StrEnum):
    """By what a desk is asked."""

    CALL = "call"
    TEXT_AND_CALL = "text_and_call"


@dataclass(frozen=True, slots=True)
class Terms:
    """Whom a roll call asks, and how.

    `desk_ids` are chosen one by one; without any it is every desk at and under the area. `drawn` of them are
    drawn at random (抽查); None: all are asked. Who has not answered after `limit` counts as silent.
    """

    area_code: str
    desk_ids: tuple[UUID, ...] = ()
    drawn: int | None = None
    manner: Manner = Manner.CALL
    tries: int = 2
    limit: timedelta = timedelta(minutes=5)


def checked(terms: Terms) -> Terms:
    """The terms as they are kept. Raises Refusal naming each field that is wrong."""
    complaints: list[Complaint] = []
    if not is_area_code(terms.area_code):
        complaints.append(Complaint("roll_call", "area", say("Choose the area")))
    if len(terms.desk_ids) > MAX_DESKS:
        text = say("Choose at most {count} desks", count=MAX_DESKS)
        complaints.append(Complaint("roll_call", "desks", text))
    if terms.drawn is not None and not 1 <= terms.drawn <= MAX_DESKS:
        text = say("Draw 1 to {count} desks, or leave it empty for all", count=MAX_DESKS)
        complaints.append(Complaint("roll_call", "drawn", text))
    if not 1 <= terms.tries <= MAX_TRIES:
        complaints.append(Complaint("roll_call", "tries", say("Ring 1 to {count} times", count=MAX_TRIES)))
    if terms.limit // timedelta(minutes=1) not in LIMIT_MINUTES:
        text = say("Wait 1 to {count} minutes for the answer", count=LIMIT_MINUTES[-1])
        complaints.append(Complaint("roll_call", "limit", text))
    if complaints:
        raise Refusal("; ".join(complaint.text for complaint in complaints), tuple(complaints))
    return terms


def terms_as_data(terms: Terms) -> dict[str, object]:
    """As they are kept in a JSON column."""
    return {
        "area_code": terms.area_code,
        "desk_ids": [str(desk_id) for desk_id in terms.desk_ids],
        "drawn": terms.drawn,
        "manner": terms.manner,
        "tries": terms.tries,
        "limit_s": terms.limit // timedelta(seconds=1),
    }


def terms_from_data(raw: Mapping[str, Any]) -> Terms:
    """What `terms_as_data` made."""
    return Terms(
        raw["area_code"],
        tuple(UUID(desk_id) for desk_id in raw["desk_ids"]),
        raw["drawn"],
        Manner(raw["manner"]),
        raw["tries"],
        timedelta(seconds=raw["limit_s"]),
    )


class CallState(StrEnum):
    """How it stands with a roll call."""

    WAITING = "waiting"  # for its start: a grave warning may go before it
    RUNNING = "running"
    ENDED = "ended"
    CALLED_OFF = "called_off"  # never begun


class Outcome(StrEnum):
    """What a desk's roll call came to; the engine sees all but the last."""

    PRESENT = "present"  # 在岗: somebody answered
    SILENT = "silent"  # 未接: nobody did by the limit
    DECLINED = "declined"  # 拒接、不在岗: key 2
    NOBODY = "nobody"  # 无人值班: the rota names nobody, and the desk has no fixed number
    BROKEN_OFF = "broken_off"  # the roll call ended before the limit
    ABSENT = "absent"  # 脱岗: only the officer says so


# What the officer may say of a desk.
MARKED = (Outcome.PRESENT, Outcome.ABSENT, Outcome.SILENT, Outcome.DECLINED, Outcome.NOBODY)


@dataclass(frozen=True, slots=True)
class Drawable:
    """A desk that could have been drawn, with its weight in the draw (see `drawing`)."""

    desk_id: UUID
    weight: int


@dataclass(frozen=True, slots=True)
class RollCall:
    """One roll call. `reason` says why it ended otherwise than by itself."""

    id: UUID
    plan_id: UUID | None
    planned_at: datetime
    terms: Terms
    seed: str | None
    pool: tuple[Drawable, ...]
    asked_by: str
    state: CallState
    next_at: datetime | None
    postponed_at: datetime | None
    started_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    call_id: UUID | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the calls to one desk came to. `outcome` is None while it is being called."""

    desk_id: UUID
    outcome: Outcome | None = None
    reason: str | None = None
    asked_ids: tuple[UUID, ...] = ()
    answered_by: UUID | None = None
    answered_how: str | None = None
    rung_at: datetime | None = None
    answered_at: datetime | None = None

    @property
    def seconds(self) -> int | None:
        """From the first ring that the carrier took on to the answer."""
        if self.rung_at is None or self.answered_at is None:
            return None
        return max(0, (self.answered_at - self.rung_at) // timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class Mark:
    """What the officer says of a desk, beside what was seen."""

    desk_id: UUID
    outcome: Outcome
    reason: str
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class Plan:
    """When roll calls are held by themselves: on these days of the week (Monday is 0), by local time.

    With `ends` at a minute that is drawn anew each time from `begins` up to it; one that ends no later than
    it begins goes over midnight, and its night belongs to the day on which it begins.
    """

    id: UUID
    name: str
    days: tuple[int, ...]
    begins: str  # 21:30
    ends: str | None
    terms: Terms
    made_at: datetime
    made_by: str
    next_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Result:
    """A desk in a roll call: what was seen, and what the officer said of it, in order."""

    desk_id: UUID
    desk_name: str
    seen: Seen
    marks: Sequence[Mark] = ()

    @property
    def outcome(self) -> Outcome | None:
        """The officer's word where there is one, else what was seen; None while it is being called."""
        return self.marks[-1].outcome if self.marks else self.seen.outcome
