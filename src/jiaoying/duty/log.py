"""The duty log (值班日志): what somebody at the desk wrote down, and what the program wrote down by itself.

What is written by hand has the fields that counties keep (time, who rang or wrote, content, what was done
about it, the leader's instruction, feedback, who recorded it). What the program adds are lines of its ledger,
read when the log is looked at and never copied: warnings, starts and stand-downs, people on the officer's
list, alarms, changes of the rota.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say

MAX_SHORT = 100
MAX_LONG = 4000


class LogKind(StrEnum):
    """What an entry is about."""

    CALL_IN = "call_in"  # 来电
    CALL_OUT = "call_out"  # 去电
    LETTER = "letter"  # 来文、传真
    INSTRUCTION = "instruction"  # 领导批示
    PATROL = "patrol"  # 巡查
    WEATHER = "weather"  # 天气
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class LogFields:
    """What somebody writes down: when it happened, who rang or wrote, and what was done about it."""

    at: datetime
    kind: LogKind
    content: str
    unit: str = ""
    caller: str = ""
    phone: str = ""
    handling: str = ""
    instruction: str = ""
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One version of an entry; `first_id` names the entry through all its versions."""

    id: UUID
    first_id: UUID
    version: int
    desk_id: UUID
    at: datetime
    kind: LogKind
    unit: str
    caller: str
    phone: str
    content: str
    handling: str
    instruction: str
    feedback: str
    reason: str
    written_at: datetime
    written_by: str


@dataclass(frozen=True, slots=True)
class OwnLine:
    """What the program wrote down by itself: a line of the ledger, or several alike within a minute."""

    at: datetime
    event: str
    actor: str
    warning_id: UUID | None
    count: int = 1
    facts: Mapping[str, object] = field(default_factory=dict[str, object])


LogLine = LogEntry | OwnLine

# Of the ledger's words those that belong into the log of a desk. What happens to single people stands in the
# ledger of the warning; here they are counted.
TOLD = (
    "warning.matched",
    "warning.nobody_matched",
    "warning.held",
    "warning.started",
    "warning.vetoed",
    "warning.paused",
    "warning.resumed",
    "warning.withdrawn",
    "warning.closed",
    "warning.reopened",
    "warning.corrected",
    "calling.stopped",
    "calling.again",
    "responsibility.listed",
    "stand_down.planned",
    "alarm.raised",
    "shift.changed_hands",
    "shift.swap_agreed",
    "shift.signed_on",
    "shift.not_manned",
    "shift.never_manned",
    "handover.signed",
    "handover.refused",
    "handover.taken",
    "handover.lapsed",
)


def checked(fields: LogFields, now: datetime) -> LogFields:
    """The fields as they are kept. Raises Refusal naming each that is wrong."""
    complaints: list[Complaint] = []
    if not fields.content.strip():
        complaints.append(Complaint("log", "content", say("Write what it is about")))
    if fields.at > now:
        complaints.append(Complaint("log", "at", say("This time lies ahead")))
    texts = {
        name: getattr(fields, name).strip()
        for name in ("content", "unit", "caller", "phone", "handling", "instruction", "feedback")
    }
    for name, text in texts.items():
        most = MAX_SHORT if name in ("unit", "caller", "phone") else MAX_LONG
        if len(text) > most:
            complaints.append(Complaint("log", name, say("Shorten this to {count} signs", count=most)))
    if complaints:
        raise Refusal("; ".join(complaint.text for complaint in complaints), tuple(complaints))
    return LogFields(fields.at, fields.kind, **texts)


def in_order(entries: Iterable[LogEntry], own: Iterable[OwnLine]) -> Sequence[LogLine]:
    """Both together, in order of time; of one moment what somebody wrote comes after what happened."""
    together: list[LogLine] = [*own, *entries]
    return sorted(together, key=lambda line: (line.at, isinstance(line, LogEntry)))
