"""The duty log (值班日志): what somebody at the desk wrote down, and what the program wrote down by itself.

What is written by hand has the fields that counties keep (time, who rang or wrote, content, what was done
about it, the leader's instruction, feedback, who recorded it). What the program adds are lines of its ledger,
read when the log is looked at and never copied: warnings, starts and stand-downs, people on the officer's
list, alarms, changes of the rota.

A consultation (会商) is an entry of its own kind: it is written by hand at a desk, put right by further
versions, carries files, is searched, erased and read among the other lines as they are. What only it has
(place or means, host, units, decision, the warning it was about) are fields that a constraint ties to the
kind; a table of its own would have repeated all the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
    CONSULTATION = "consultation"  # 会商
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class LogFields:
    """What somebody writes down: when it happened, who rang or wrote, and what was done about it.

    Of a consultation: `place` is where or by what means, `content` what was found, `decision` what was
    decided, empty while that is open. Other entries leave these fields empty.
    """

    at: datetime
    kind: LogKind
    content: str
    unit: str = ""
    caller: str = ""
    phone: str = ""
    handling: str = ""
    instruction: str = ""
    feedback: str = ""
    place: str = ""
    host: str = ""
    units: str = ""
    decision: str = ""
    warning_id: UUID | None = None


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
    place: str
    host: str
    units: str
    decision: str
    warning_id: UUID | None
    reason: str
    written_at: datetime
    written_by: str


@dataclass(frozen=True, slots=True)
class OwnLine:
    """What the program wrote down by itself: a line of the ledger, or several alike within a minute.

    Of alarms `told` has the first sentences; those of `erased` lines are gone. `hazard` (in words, as sent)
    and what follows are those of the warning, where the line is about one.
    """

    at: datetime
    event: str
    actor: str
    warning_id: UUID | None
    count: int = 1
    told: tuple[str, ...] = ()
    erased: int = 0
    hazard: str | None = None
    headline: str | None = None
    reference: str | None = None
    colour: str | None = None
    exercise: bool | None = None
    incident: str | None = None  # its id, where the line is about one
    incident_number: str | None = None


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
    "incident.received",
    "incident.report_signed",
    "incident.sent",
    "incident.sent_late",
    "incident.receipt",
    "incident.sending_undone",
    "incident.lifted",
    "incident.reminded",
    "incident.overdue",
    "incident.ended",
    "shift.signed_on",
    "shift.not_manned",
    "shift.never_manned",
    "handover.signed",
    "handover.refused",
    "handover.taken",
    "handover.lapsed",
)


# What people are called for whose lines belong there: routine calls to desks tell of themselves elsewhere.
CALLED_FOR = ("warning", "request", "response")
_SHORT = ("unit", "caller", "phone", "place", "host")
_LONG = ("content", "handling", "instruction", "feedback", "units", "decision")


def checked(fields: LogFields, now: datetime) -> LogFields:
    """The fields as they are kept. Raises Refusal naming each that is wrong."""
    complaints: list[Complaint] = []
    is_consultation = fields.kind is LogKind.CONSULTATION
    texts = {name: getattr(fields, name).strip() for name in (*_SHORT, *_LONG)}
    if not texts["content"]:
        complaints.append(Complaint("log", "content", say("Write what it is about")))
    if fields.at > now:
        complaints.append(Complaint("log", "at", say("This time lies ahead")))
    if is_consultation:
        missing = {
            "place": say("Write where it was held, or by what means"),
            "host": say("Write who led it"),
            "units": say("Write which units took part"),
        }
        complaints += [Complaint("log", name, missing[name]) for name in missing if not texts[name]]
    elif fields.warning_id or any(texts[name] for name in ("place", "host", "units", "decision")):
        complaints.append(Complaint("log", "kind", say("Only a consultation has these fields")))
    for name, text in texts.items():
        most = MAX_SHORT if name in _SHORT else MAX_LONG
        if len(text) > most:
            complaints.append(Complaint("log", name, say("Shorten this to {count} signs", count=most)))
    if complaints:
        raise Refusal(say("; ").join(complaint.text for complaint in complaints), tuple(complaints))
    return LogFields(fields.at, fields.kind, warning_id=fields.warning_id, **texts)


def in_order(entries: Iterable[LogEntry], own: Iterable[OwnLine]) -> Sequence[LogLine]:
    """Both together, in order of time; of one moment what somebody wrote comes after what happened."""
    together: list[LogLine] = [*own, *entries]
    return sorted(together, key=lambda line: (line.at, isinstance(line, LogEntry)))
