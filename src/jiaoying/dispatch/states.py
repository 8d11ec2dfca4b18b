"""The lives of warnings, responsibilities, call-outs, door tasks and attempts, as tables.

A pair that is spelled out as *heard* is noted and changes nothing. Two rules stand behind the
tables: once answered, always answered; and hand-over, report and reply lead to the same state in
whatever order they arrive. Both are checked over all sequences of events (tests/unit/dispatch).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from jiaoying.kernel.transitions import Table

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class WarningState(StrEnum):
    RECEIVED = "received"
    HELD = "held"
    IGNORED = "ignored"
    MATCHED = "matched"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class WarningEvent(StrEnum):
    HOLD = "hold"
    START = "start"  # a held warning is started by the officer or by its clock
    MATCH = "match"
    WITHDRAW = "withdraw"  # cancelled or replaced
    CLOSE = "close"
    REOPEN = "reopen"  # an officer has people called again after all were done


class ResponsibilityState(StrEnum):
    OPEN = "open"
    COVERED = "covered"
    UNCOVERED = "uncovered"
    WITHDRAWN = "withdrawn"


class ResponsibilityEvent(StrEnum):
    COVER = "cover"
    GIVE_UP = "give_up"  # the ladder ran out, or the warning ended
    WITHDRAW = "withdraw"
    TAKE_UP = "take_up"  # an officer had stopped it, and it goes on


class CallOutState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    DECLINED = "declined"  # woken, cannot: the next person now
    EXHAUSTED = "exhausted"
    WITHDRAWN = "withdrawn"


class CallOutEvent(StrEnum):
    ANSWER = "answer"
    DECLINE = "decline"
    EXHAUST = "exhaust"
    ASK_MORE = "ask_more"  # a further rung asks for a stronger channel than was tried
    WITHDRAW = "withdraw"


class DoorState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"  # somebody is on the way
    DONE = "done"  # woken at the door
    FAILED = "failed"  # nobody went, or nobody was found there
    WITHDRAWN = "withdrawn"


class DoorEvent(StrEnum):
    TAKE = "take"
    FINISH = "finish"
    FAIL = "fail"
    WITHDRAW = "withdraw"


class AttemptState(StrEnum):
    DUE = "due"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    ANSWERED = "answered"
    FAILED = "failed"
    LOST = "lost"
    WITHDRAWN = "withdrawn"


class AttemptEvent(StrEnum):
    CLAIM = "claim"
    THROTTLE = "throttle"  # surely not processed: due again, later
    ACCEPT = "accept"
    DELIVER = "deliver"
    ANSWER = "answer"
    FAIL = "fail"
    LOSE = "lose"
    WITHDRAW = "withdraw"


def _table(name: str, events: type[E], moves: Mapping[tuple[S, E], S], heard: Mapping[S, str]) -> Table[S, E]:
    """A table whose heard pairs are written as one line of event names for each state."""
    pairs = frozenset((state, events(word)) for state, words in heard.items() for word in words.split())
    return Table(name, moves, pairs)


WARNING = _table(
    "issued warning",
    WarningEvent,
    {
        (WarningState.RECEIVED, WarningEvent.HOLD): WarningState.HELD,
        (WarningState.RECEIVED, WarningEvent.MATCH): WarningState.MATCHED,
        (WarningState.RECEIVED, WarningEvent.WITHDRAW): WarningState.WITHDRAWN,
        (WarningState.RECEIVED, WarningEvent.CLOSE): WarningState.CLOSED,
        (WarningState.HELD, WarningEvent.START): WarningState.RECEIVED,
        (WarningState.HELD, WarningEvent.WITHDRAW): WarningState.WITHDRAWN,
        (WarningState.HELD, WarningEvent.CLOSE): WarningState.CLOSED,
        (WarningState.MATCHED, WarningEvent.WITHDRAW): WarningState.WITHDRAWN,
        (WarningState.MATCHED, WarningEvent.CLOSE): WarningState.CLOSED,
        (WarningState.CLOSED, WarningEvent.WITHDRAW): WarningState.WITHDRAWN,
        (WarningState.CLOSED, WarningEvent.REOPEN): WarningState.MATCHED,
    },
    {
        WarningState.RECEIVED: "start reopen",
        WarningState.HELD: "hold match reopen",
        WarningState.IGNORED: "hold start match withdraw close reopen",
        WarningState.MATCHED: "hold start match reopen",
        WarningState.WITHDRAWN: "hold start match withdraw close reopen",
        WarningState.CLOSED: "hold start match close",
    },
)

RESPONSIBILITY = _table(
    "responsibility",
    ResponsibilityEvent,
    {
        (ResponsibilityState.OPEN, ResponsibilityEvent.COVER): ResponsibilityState.COVERED,
        (ResponsibilityState.OPEN, ResponsibilityEvent.GIVE_UP): ResponsibilityState.UNCOVERED,
        (ResponsibilityState.OPEN, ResponsibilityEvent.WITHDRAW): ResponsibilityState.WITHDRAWN,
        (ResponsibilityState.UNCOVERED, ResponsibilityEvent.COVER): ResponsibilityState.COVERED,
        (ResponsibilityState.UNCOVERED, ResponsibilityEvent.WITHDRAW): ResponsibilityState.WITHDRAWN,
        (ResponsibilityState.UNCOVERED, ResponsibilityEvent.TAKE_UP): ResponsibilityState.OPEN,
        (ResponsibilityState.COVERED, ResponsibilityEvent.WITHDRAW): ResponsibilityState.WITHDRAWN,
    },
    {
        ResponsibilityState.OPEN: "take_up",
        ResponsibilityState.COVERED: "cover give_up take_up",
        ResponsibilityState.UNCOVERED: "give_up",
        ResponsibilityState.WITHDRAWN: "cover give_up withdraw take_up",
    },
)

CALL_OUT = _table(
    "call-out",
    CallOutEvent,
    {
        (CallOutState.OPEN, CallOutEvent.ANSWER): CallOutState.ANSWERED,
        (CallOutState.OPEN, CallOutEvent.DECLINE): CallOutState.DECLINED,
        (CallOutState.OPEN, CallOutEvent.EXHAUST): CallOutState.EXHAUSTED,
        (CallOutState.OPEN, CallOutEvent.WITHDRAW): CallOutState.WITHDRAWN,
        (CallOutState.DECLINED, CallOutEvent.ANSWER): CallOutState.ANSWERED,
        (CallOutState.EXHAUSTED, CallOutEvent.ANSWER): CallOutState.ANSWERED,
        (CallOutState.EXHAUSTED, CallOutEvent.DECLINE): CallOutState.DECLINED,
        (CallOutState.EXHAUSTED, CallOutEvent.ASK_MORE): CallOutState.OPEN,
        # Covered by somebody else, and then needed again, or answering all the same.
        (CallOutState.WITHDRAWN, CallOutEvent.ANSWER): CallOutState.ANSWERED,
        (CallOutState.WITHDRAWN, CallOutEvent.DECLINE): CallOutState.DECLINED,
        (CallOutState.WITHDRAWN, CallOutEvent.ASK_MORE): CallOutState.OPEN,
    },
    {
        CallOutState.OPEN: "ask_more",
        CallOutState.ANSWERED: "answer decline exhaust ask_more withdraw",
        CallOutState.DECLINED: "decline exhaust ask_more withdraw",
        CallOutState.EXHAUSTED: "exhaust withdraw",
        CallOutState.WITHDRAWN: "exhaust withdraw",
    },
)

DOOR = _table(
    "door task",
    DoorEvent,
    {
        (DoorState.OPEN, DoorEvent.TAKE): DoorState.TAKEN,
        (DoorState.OPEN, DoorEvent.FINISH): DoorState.DONE,
        (DoorState.OPEN, DoorEvent.FAIL): DoorState.FAILED,
        (DoorState.OPEN, DoorEvent.WITHDRAW): DoorState.WITHDRAWN,
        (DoorState.TAKEN, DoorEvent.FINISH): DoorState.DONE,
        (DoorState.TAKEN, DoorEvent.FAIL): DoorState.FAILED,
        (DoorState.TAKEN, DoorEvent.WITHDRAW): DoorState.WITHDRAWN,
        # Late, or told that nobody need go, and there all the same.
        (DoorState.FAILED, DoorEvent.TAKE): DoorState.TAKEN,
        (DoorState.FAILED, DoorEvent.FINISH): DoorState.DONE,
        # Nobody goes there a second time for what is over.
        (DoorState.FAILED, DoorEvent.WITHDRAW): DoorState.WITHDRAWN,
        (DoorState.WITHDRAWN, DoorEvent.FINISH): DoorState.DONE,
    },
    {
        DoorState.TAKEN: "take",
        DoorState.DONE: "take finish fail withdraw",
        DoorState.FAILED: "fail",
        DoorState.WITHDRAWN: "take fail withdraw",
    },
)

ATTEMPT = _table(
    "attempt",
    AttemptEvent,
    {
        (AttemptState.DUE, AttemptEvent.CLAIM): AttemptState.SENDING,
        (AttemptState.DUE, AttemptEvent.WITHDRAW): AttemptState.WITHDRAWN,
        # The carrier said "later" and rang all the same.
        (AttemptState.DUE, AttemptEvent.DELIVER): AttemptState.DELIVERED,
        (AttemptState.DUE, AttemptEvent.ANSWER): AttemptState.ANSWERED,
        (AttemptState.SENDING, AttemptEvent.THROTTLE): AttemptState.DUE,
        (AttemptState.SENDING, AttemptEvent.ACCEPT): AttemptState.ACCEPTED,
        (AttemptState.SENDING, AttemptEvent.FAIL): AttemptState.FAILED,
        (AttemptState.SENDING, AttemptEvent.LOSE): AttemptState.LOST,
        # A report can overtake the carrier's own reply.
        (AttemptState.SENDING, AttemptEvent.DELIVER): AttemptState.DELIVERED,
        (AttemptState.SENDING, AttemptEvent.ANSWER): AttemptState.ANSWERED,
        (AttemptState.ACCEPTED, AttemptEvent.DELIVER): AttemptState.DELIVERED,
        (AttemptState.ACCEPTED, AttemptEvent.ANSWER): AttemptState.ANSWERED,
        (AttemptState.ACCEPTED, AttemptEvent.FAIL): AttemptState.FAILED,
        (AttemptState.ACCEPTED, AttemptEvent.LOSE): AttemptState.LOST,
        (AttemptState.DELIVERED, AttemptEvent.ANSWER): AttemptState.ANSWERED,
        # Two last words that differ: delivered wins (Twilio's reports are unordered).
        (AttemptState.FAILED, AttemptEvent.DELIVER): AttemptState.DELIVERED,
        (AttemptState.FAILED, AttemptEvent.ANSWER): AttemptState.ANSWERED,
        # The call did go out after all.
        (AttemptState.LOST, AttemptEvent.DELIVER): AttemptState.DELIVERED,
        (AttemptState.LOST, AttemptEvent.ANSWER): AttemptState.ANSWERED,
        (AttemptState.LOST, AttemptEvent.FAIL): AttemptState.FAILED,
    },
    {
        AttemptState.DUE: "throttle accept fail lose",
        AttemptState.SENDING: "claim withdraw",
        AttemptState.ACCEPTED: "claim throttle accept withdraw",
        AttemptState.DELIVERED: "claim throttle accept deliver fail lose withdraw",
        AttemptState.ANSWERED: "claim throttle accept deliver answer fail lose withdraw",
        AttemptState.FAILED: "claim throttle accept fail lose withdraw",
        AttemptState.LOST: "claim throttle accept lose withdraw",
        AttemptState.WITHDRAWN: "claim throttle accept deliver answer fail lose withdraw",
    },
)
