"""What a carrier's answer to a hand-over means for the attempt. Pure."""

from datetime import datetime, timedelta

from jiaoying.dispatch.states import AttemptEvent
from jiaoying.dispatch.store.attempts import ClaimedAttempt, HandedOver
from jiaoying.gateways.base import (
    Accepted,
    Ambiguous,
    HandOver,
    Outcome,
    Refused,
    Throttled,
    Unreachable,
    report_seconds,
)

# Surely not sent, no connection: the line may be back at any moment.
UNREACHABLE_PAUSE_S = 5


def as_hand_over(attempt: ClaimedAttempt, now: datetime) -> HandOver:
    """The attempt as a gateway takes it."""
    return HandOver(
        attempt_id=attempt.id,
        channel=attempt.channel,
        number=attempt.number,
        text=attempt.text,
        language=attempt.language,
        valid_for_s=max(1, int((attempt.expires_at - now).total_seconds())),
        demonstration=attempt.demonstration,
        drill=attempt.exercise and not attempt.real_phones,
    )


def handed_over(attempt: ClaimedAttempt, outcome: Outcome, at: datetime) -> HandedOver | None:
    """What to write down; None where it may have been sent and the carrier must be asked first."""
    match outcome:
        case Accepted(ref):
            silent_from = at + timedelta(seconds=report_seconds(attempt.channel))
            return HandedOver(attempt.id, AttemptEvent.ACCEPT, ref, None, None, None, at, silent_from, None)
        case Throttled(code, retry_after_s):
            later = at + timedelta(seconds=retry_after_s)
            return HandedOver(attempt.id, AttemptEvent.THROTTLE, None, code, None, None, at, None, later)
        case Unreachable(text):
            later = at + timedelta(seconds=UNREACHABLE_PAUSE_S)
            return HandedOver(
                attempt.id, AttemptEvent.THROTTLE, None, "unreachable", text, None, at, None, later
            )
        case Refused(scope, code, text, sign):
            return HandedOver(attempt.id, AttemptEvent.FAIL, None, code, text, scope, at, None, None, sign)
        case Ambiguous():
            return None
