"""What a wording may speak of."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CallFacts:
    """One warning as one person is told of it. Times are in the zone of the reader.

    `colour` and `hazard` are words of `kernel.colours` and `kernel.hazards`; `roles` are what the
    person answers for, as labels of responsibilities (`龙港镇 防汛责任人`), the gravest first.
    """

    desk_name: str  # who calls: 沁水县应急值班室
    reference: str  # what an answer may name: A7
    colour: str | None
    hazard: str
    event: str  # as sent: 暴雨
    headline: str
    area_name: str
    roles: tuple[str, ...]
    text: str
    instruction: str | None
    sender_name: str | None
    valid_to: datetime
    issued_at: datetime
    exercise: bool
    errands: tuple[tuple[str, str], ...] = ()  # whom to wake at their door: (post and name, number)
    # Further warnings that the same call or text names, the gravest first.
    others: tuple["CallFacts", ...] = ()
    link: str | None = None  # where the reader of a text may answer too
    correction: str = ""  # what is right, where something was told wrongly
    wrong_fact: str = ""  # which fact that was, in the reader's words; empty where it cannot be named
    tasks: tuple[str, ...] = ()  # what the person is ordered to do beside, as sentences in their language
