"""Turns: whose attempt goes next among those of one priority, fair between warnings.

Start-time fair queuing (Goyal, Vin and Cheng, 1996): an attempt's turn is one behind the last that waits
of its own warning, and never before the turn that its lane serves now. So a warning of twelve people that
comes a second after one of three thousand takes every second place instead of waiting for all of them,
and none saves up turns while it has nothing to send. Rounds come before turns: nobody is rung a second
time while somebody of the same priority has not been rung at all.
"""

from collections.abc import Sequence
from itertools import count
from typing import Protocol
from uuid import UUID

from sqlalchemy import BigInteger, Integer, SmallInteger, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from jiaoying.gateways.base import Channel
from jiaoying.storage.database import Tx


class InTurn(Protocol):
    """What decides about a turn."""

    @property
    def gateway(self) -> str: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def priority(self) -> int: ...
    @property
    def round(self) -> int: ...
    @property
    def warning_id(self) -> UUID | None: ...
    @property
    def purpose(self) -> str: ...
    @property
    def previous_id(self) -> UUID | None: ...


Queue = tuple[str, Channel, int, int, UUID | None, str]

# Both looks go along `attempts_due_idx` to the first row that fits: from the front, and from the back.
_FIRST_TURNS = (
    text(
        """
    SELECT queue.place,
        coalesce((SELECT a.turn FROM attempts a
                  WHERE a.state = 'due' AND a.gateway = queue.gateway AND a.channel = queue.channel
                    AND a.priority = queue.priority AND a.round = queue.round
                  ORDER BY a.turn LIMIT 1), 0) AS served,
        coalesce((SELECT a.turn + 1 FROM attempts a
                  WHERE a.state = 'due' AND a.gateway = queue.gateway AND a.channel = queue.channel
                    AND a.priority = queue.priority AND a.round = queue.round
                    AND a.warning_id IS NOT DISTINCT FROM queue.warning_id AND a.purpose = queue.purpose
                  ORDER BY a.turn DESC LIMIT 1), 0) AS behind
    FROM unnest(:gateways, :channels, :priorities, :rounds, :warnings, :purposes)
         WITH ORDINALITY AS queue (gateway, channel, priority, round, warning_id, purpose, place)
    """
    )
    .bindparams(
        bindparam("gateways", type_=ARRAY(Text())),
        bindparam("channels", type_=ARRAY(Text())),
        bindparam("priorities", type_=ARRAY(SmallInteger())),
        bindparam("rounds", type_=ARRAY(SmallInteger())),
        bindparam("warnings", type_=ARRAY(Uuid())),
        bindparam("purposes", type_=ARRAY(Text())),
    )
    .columns(place=BigInteger, served=Integer, behind=Integer)
)


async def next_turns(tx: Tx, new: Sequence[InTurn]) -> list[int]:
    """The turn of each of these, in the order given; what is given first goes first.

    Two workers that plan for one warning at once may give the same turn twice: then the older goes first.
    """
    queues = list(dict.fromkeys(_queue_of(item) for item in new))
    gateways, channels, priorities, rounds, warnings, purposes = zip(*queues, strict=True)
    rows = await tx.execute(
        _FIRST_TURNS,
        {
            "gateways": gateways,
            "channels": channels,
            "priorities": priorities,
            "rounds": rounds,
            "warnings": warnings,
            "purposes": purposes,
        },
    )
    served: dict[Queue, int] = {}
    following: dict[Queue, count[int]] = {}
    for row in rows:
        queue: Queue = queues[int(row.place) - 1]
        served[queue], following[queue] = row.served, count(max(row.served, row.behind))
    return [
        # What repeats a hand-over that was lost had its turn already, and is next.
        next(following[_queue_of(item)]) if item.previous_id is None else served[_queue_of(item)]
        for item in new
    ]


def _queue_of(item: InTurn) -> Queue:
    return item.gateway, item.channel, item.priority, item.round, item.warning_id, item.purpose
