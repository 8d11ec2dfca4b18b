"""What the town remembers: telephones, texts, calls; never more than a fixed number of them."""

import secrets
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jiaoying.gateways.simulator.habits import Habit

MOST_RECORDS = 200_000
MOST_NOTES = 200


@dataclass(slots=True, eq=False)
class Message:
    """One text, in either direction."""

    sid: str
    seq: int
    number: str  # the telephone in town
    ours: str
    body: str
    direction: str  # inbound, outbound-api or outbound-reply
    segments: int
    created: datetime
    updated: datetime
    status: str = "queued"
    sent: datetime | None = None
    ended: datetime | None = None
    error_code: int | None = None
    callback: str = ""
    service_sid: str | None = None

    @property
    def inbound(self) -> bool:
        return self.direction == "inbound"


@dataclass(slots=True, eq=False)
class Call:
    """One call, in either direction, with everything that was heard and pressed."""

    sid: str
    seq: int
    number: str  # the telephone in town
    ours: str
    direction: str  # inbound or outbound-api
    created: datetime
    updated: datetime
    status: str = "queued"
    started: datetime | None = None
    rang: datetime | None = None
    answered: datetime | None = None
    ended: datetime | None = None
    ended_by: str = ""  # us, phone, network
    sip_code: int = 200
    answered_by: str | None = None
    url: str = ""
    method: str = "POST"
    fallback_url: str = ""
    twiml: str = ""
    timeout_s: float = 60.0
    time_limit_s: float = 14_400.0
    callback: str = ""
    callback_method: str = "POST"
    callback_events: frozenset[str] = frozenset({"completed"})
    callbacks_sent: int = 0
    machine_detection: bool = False
    async_detection_url: str = ""
    silent: bool = False  # accepted and then forgotten by the carrier
    by_hand: bool = False
    heard: list[str] = field(default_factory=list[str])
    said: list[str] = field(default_factory=list[str])  # by what picked up
    keys: str = ""

    @property
    def inbound(self) -> bool:
        return self.direction == "inbound"

    @property
    def seconds(self) -> int:
        """Whole seconds from answer to end."""
        if self.answered is None or self.ended is None:
            return 0
        return round((self.ended - self.answered).total_seconds())

    @property
    def over(self) -> bool:
        return self.ended is not None


Record = Message | Call


@dataclass(slots=True, eq=False)
class Phone:
    """One telephone. `habit` None follows the town; `written` keeps it when nothing is left to remember."""

    number: str
    name: str = ""
    habit: Habit | None = None
    drawn: Habit | None = None  # from the mix, kept so that it is drawn once
    written: bool = False
    messages: deque[Message] = field(default_factory=deque[Message])
    calls: deque[Call] = field(default_factory=deque[Call])
    texts_received: int = 0
    calls_received: int = 0
    revision: int = 0
    line: Call | None = None  # ringing or talking
    last: Record | None = None
    opted_out: set[str] = field(default_factory=set[str])  # our numbers to which STOP was sent


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a carrier's debugger would show: a web hook that failed, TwiML that makes no sense."""

    at: datetime
    code: int
    sid: str
    text: str


class Records:
    """All of it, the oldest forgotten first."""

    def __init__(self, most: int = MOST_RECORDS) -> None:
        self._most = most
        self._seq = 0
        self.revision = 0  # changes with anything that a page shows
        # Not by the seed: ids must not repeat when the simulator is started again beside an older database.
        self._prefix = secrets.token_hex(8)
        self.messages: dict[str, Message] = {}
        self.calls: dict[str, Call] = {}
        self.phones: dict[str, Phone] = {}
        self.notes: deque[Note] = deque(maxlen=MOST_NOTES)
        self.counts: Counter[str] = Counter()
        self._seen: Counter[tuple[str, str]] = Counter()
        self._callbacks_seen: Counter[str] = Counter()

    def next_sid(self, kind: str) -> tuple[str, int]:
        """A fresh id of `kind` (SM, CA) and its place in the order."""
        self._seq += 1
        return f"{kind}{self._prefix}{self._seq:016x}", self._seq

    def look_at(self, number: str) -> Phone:
        """The telephone with this number, without keeping one that nobody has used yet."""
        return self.phones.get(number) or Phone(number)

    def phone(self, number: str) -> Phone:
        """The telephone with this number; it comes into being when first used."""
        phone = self.phones.get(number)
        if phone is None:
            phone = self.phones[number] = Phone(number)
        return phone

    def add_message(self, message: Message) -> Phone:
        """Remember a text with its telephone."""
        phone = self.phone(message.number)
        self.messages[message.sid] = message
        phone.messages.append(message)
        self._remembered(phone, message)
        self._count("messages", message, (message.number, message.body))
        return phone

    def add_call(self, call: Call) -> Phone:
        """Remember a call with its telephone."""
        phone = self.phone(call.number)
        self.calls[call.sid] = call
        phone.calls.append(call)
        self._remembered(phone, call)
        self._count("calls", call, (call.number, call.url or call.twiml))
        return phone

    def touch(self, record: Record, moment: datetime) -> None:
        """Note that a record changed, for those who look at its telephone."""
        record.updated = moment
        self.revision += 1
        if phone := self.phones.get(record.number):
            phone.revision += 1

    def note(self, at: datetime, code: int, sid: str, text: str) -> None:
        """Write into the debugger."""
        self.counts["notes"] += 1
        self.notes.append(Note(at, code, sid, text[:500]))

    def duplicates(self) -> Mapping[str, int]:
        """How many hand-overs were one too many: same number and words (or address), same report address."""
        return {
            "by_content": sum(times - 1 for times in self._seen.values() if times > 1),
            "by_callback": sum(times - 1 for times in self._callbacks_seen.values() if times > 1),
        }

    def repeated(self, most: int = 20) -> Iterator[tuple[str, str, int]]:
        """Number, content and count of what was handed over most often."""
        for (number, content), times in self._seen.most_common(most):
            if times > 1:
                yield number, content, times

    def _remembered(self, phone: Phone, record: Record) -> None:
        self.revision += 1
        phone.revision += 1
        phone.last = record
        if len(self.messages) + len(self.calls) > self._most:
            self._forget_oldest()

    def _count(self, kind: str, record: Record, content: tuple[str, str]) -> None:
        self.counts[f"{kind}_{'in' if record.inbound else 'out'}"] += 1
        if record.inbound or len(self._seen) >= self._most:
            return
        self._seen[content] += 1
        if record.callback:
            self._callbacks_seen[record.callback] += 1

    def _forget_oldest(self) -> None:
        message, call = next(iter(self.messages.values()), None), next(iter(self.calls.values()), None)
        self.counts["forgotten"] += 1
        if message is not None and (call is None or message.seq < call.seq):
            del self.messages[message.sid]
            phone = self.phones[message.number]
            phone.messages.popleft()
        elif call is not None:
            del self.calls[call.sid]
            phone = self.phones[call.number]
            phone.calls.popleft()
        else:
            return
        if not (phone.written or phone.messages or phone.calls):
            del self.phones[phone.number]
