"""How calls were heard, as pages show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import distinct, func, or_, select

from jiaoying.dispatch.call_endings import CallEnding, CallHeard
from jiaoying.dispatch.grades import BROADCASTS
from jiaoying.dispatch.states import AttemptState, CallOutState
from jiaoying.gateways.base import Channel, PickedUp
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import answers, attempts, call_outs
from jiaoying.templates.spoken import seconds_to_read


@dataclass(frozen=True, slots=True)
class CallMade:
    """A call that was put through and got no key. Seconds are those from picking up to the end."""

    ending: CallEnding
    picked_up_by: PickedUp | None
    seconds: int | None
    message_s: int  # about how long the message takes, without the menu of keys
    heard_whole_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """People under a warning who have not answered, and of whom something is known all the same."""

    heard: int  # a call was played to its end, and no key came
    told: int  # a gong, a loudspeaker or a group chat said it to everybody there


def call_made(row: Any) -> CallMade | None:
    """What a row of `attempts` says of its call; None for texts, and for calls that tell nothing (yet)."""
    if row.channel != Channel.VOICE or row.state != AttemptState.DELIVERED:
        return None
    who = PickedUp(row.picked_up_by) if row.picked_up_by else None
    ending = CallHeard(row.heard_whole_at, row.heard_s, who).ending
    if ending is None:
        return None
    length = seconds_to_read(row.text, row.language)
    return CallMade(ending, who, row.heard_s, length, row.heard_whole_at)


async def unconfirmed(tx: Tx, warning_id: UUID) -> Unconfirmed:
    """How many of those who have not answered heard a call to its end, or were told by a broadcast."""
    waiting = call_outs.c.state.in_([CallOutState.OPEN, CallOutState.EXHAUSTED])
    of_warning = (call_outs.c.warning_id == warning_id) & waiting
    heard = (
        select(func.count(distinct(call_outs.c.id)))
        .join(attempts, attempts.c.call_out_id == call_outs.c.id)
        .where(
            of_warning,
            attempts.c.heard_whole_at.is_not(None),
            or_(attempts.c.picked_up_by.is_(None), attempts.c.picked_up_by == PickedUp.HUMAN),
        )
    )
    told = (
        select(func.count(distinct(call_outs.c.id)))
        .join(answers, answers.c.call_out_id == call_outs.c.id)
        .where(of_warning, answers.c.how.in_(BROADCASTS))
    )
    return Unconfirmed(await tx.scalar(heard) or 0, await tx.scalar(told) or 0)
