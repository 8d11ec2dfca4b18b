"""Whether a text answers the check of a number (号码核查), a call, or it cannot be told which. Pure.

A check is never ticked together with a call, nor instead of one: where a plain `1` may mean either, nothing
is ticked and the sender is asked. A person who is taken for woken and is asleep is worse than one more text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from jiaoying.dispatch.replies import READING_S, Candidate, Meaning, Understood

# A check waits for its answer so long.
ANSWERED_WITHIN = timedelta(days=7)
# A call that comes so soon after a check may find its answer still being written.
WRITING = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class CheckAsked:
    """The last check of a number: when its text was taken on by the carrier, and whether it was answered."""

    attempt_id: UUID
    reached_at: datetime
    answered: bool


class CheckAnswer(StrEnum):
    ME = "me"
    NOT_ME = "not_me"
    WHICH = "which"  # it may as well be meant for a call that waits
    NO_ANSWER = "no_answer"  # it is about something else


def check_answer(
    check: CheckAsked | None, candidates: Sequence[Candidate], understood: Understood, at: datetime
) -> CheckAnswer:
    """What a text said at `at` is to the last check of its number."""
    if check is None or check.reached_at + timedelta(seconds=READING_S) > at:
        return CheckAnswer.NO_ANSWER
    if understood.meaning in (Meaning.NOT_ME, Meaning.WRONG_PERSON):
        return CheckAnswer.NOT_ME
    if understood.meaning is not Meaning.ANSWERED or understood.reference is not None:
        return CheckAnswer.NO_ANSWER
    # Also those that have only just arrived: they are worth a question.
    calls = [(item.reached_at, item.open) for item in candidates if item.reached_at and item.reached_at <= at]
    last_call = max((reached_at for reached_at, _ in calls), default=check.reached_at)
    if not any(waits for _, waits in calls):
        return CheckAnswer.NO_ANSWER if last_call > check.reached_at else CheckAnswer.ME
    may_be_meant = last_call - check.reached_at <= WRITING
    return CheckAnswer.WHICH if may_be_meant and not check.answered else CheckAnswer.NO_ANSWER
