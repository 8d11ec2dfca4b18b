"""Nouns of incident reports (信息报送): an incident, its reports, and who is owed which of them by when.

An incident (突发事件) is what somebody told the desk. Its reports are a chain: 首报, 续报一, 续报二 …, 终报,
and 更正 where one was wrong. Each carries only what is new or changed; none is changed once it was written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class IncidentKind(StrEnum):
    """What happened (性质): sorts of the four classes of the Emergency Response Law."""

    FLOOD = "flood"
    GEOHAZARD = "geohazard"
    WEATHER = "weather"
    EARTHQUAKE = "earthquake"
    FOREST_FIRE = "forest_fire"
    COAL_MINE = "coal_mine"
    MINE = "mine"  # 非煤矿山
    CHEMICALS = "chemicals"
    WORK_SAFETY = "work_safety"  # 其他生产安全事故
    TRAFFIC = "traffic"
    FIRE = "fire"
    ENVIRONMENT = "environment"
    PUBLIC_HEALTH = "public_health"
    SOCIAL_SECURITY = "social_security"
    OTHER = "other"


class Grade(StrEnum):
    """How grave it is (级别), the mildest first; nobody has said yet: undetermined."""

    UNDETERMINED = "undetermined"  # 未定
    ORDINARY = "ordinary"  # 一般
    CONSIDERABLE = "considerable"  # 较大
    MAJOR = "major"  # 重大
    EXTREME = "extreme"  # 特别重大

    @property
    def rank(self) -> int:
        return list(Grade).index(self)


class Means(StrEnum):
    """By what somebody is told."""

    PHONE = "phone"  # 电话
    WRITTEN = "written"  # 书面


class ReportKind(StrEnum):
    """What a report is in its chain."""

    FIRST = "first"  # 首报
    CONTINUED = "continued"  # 续报
    FINAL = "final"  # 终报
    CORRECTION = "correction"  # 更正


class Fact(StrEnum):
    """What a report may say, in the order in which documents say it."""

    TITLE = "title"  # 事件名称
    SOURCE = "source"  # 信息来源
    HAPPENED_AT = "happened_at"  # 事发时间
    AREA = "area"  # 行政区划代码
    PLACE = "place"  # 地点
    KIND = "kind"  # 性质
    GRADE = "grade"  # 级别
    SCOPE = "scope"  # 影响范围
    DEAD = "dead"
    MISSING = "missing"  # 失踪、被困
    INJURED = "injured"
    MOVED_HOUSEHOLDS = "moved_households"
    MOVED_PEOPLE = "moved_people"
    ROOMS = "rooms"  # 受损房屋，间
    LOSS = "loss"  # 直接经济损失，万元
    LOSSES = "losses"  # 损失情况，文字
    TREND = "trend"  # 发展趋势
    LEADERS = "leaders"  # 领导到位情况
    MEASURES = "measures"  # 已采取措施
    ADVICE = "advice"  # 建议


COUNTS = (
    Fact.DEAD,
    Fact.MISSING,
    Fact.INJURED,
    Fact.MOVED_HOUSEHOLDS,
    Fact.MOVED_PEOPLE,
    Fact.ROOMS,
)
FIGURES = (*COUNTS, Fact.LOSS)
LONG_TEXTS = (Fact.SCOPE, Fact.LOSSES, Fact.TREND, Fact.LEADERS, Fact.MEASURES, Fact.ADVICE)
SHORT_TEXTS = (Fact.TITLE, Fact.SOURCE, Fact.PLACE)

# A count is a whole number; a loss is ten thousands of yuan as "12.5"; a moment is ISO 8601 in UTC.
FactValue = str | int
Facts = Mapping[Fact, FactValue]


@dataclass(frozen=True, slots=True)
class Number:
    """What an incident is called (编号): `沁水值班〔2026〕12号`.

    Gap-free for each desk and year; drills count apart.
    """

    prefix: str
    year: int
    number: int


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that a desk was told of, at `received_at` (接报时间, to the second)."""

    id: UUID
    desk_id: UUID
    prefix: str
    year: int
    number: int
    exercise: bool
    received_at: datetime
    created_at: datetime
    created_by: str
    ended_at: datetime | None  # the final report was signed

    @property
    def called(self) -> Number:
        return Number(self.prefix, self.year, self.number)


class SignedHow(StrEnum):
    """How whoever signs a report said yes to it."""

    HERE = "here"  # in the console, by themselves
    PHONE = "phone"  # by telephone, noted by whoever is on duty


@dataclass(frozen=True, slots=True)
class Report:
    """One report of an incident, as it was written: it holds only what is new or changed.

    `place` is its place in the chain; `nth` counts continued reports and corrections, from when they are
    signed. One that was sent back (`returned_at`) says nothing any more.
    """

    id: UUID
    incident_id: UUID
    place: int
    kind: ReportKind
    nth: int | None
    corrects_id: UUID | None
    received_at: datetime  # when what it says was heard
    facts: Facts
    addressees: str  # 主送
    reporter: str  # 报告人
    phone: str  # 联系电话
    written_at: datetime
    written_by: str
    signed_at: datetime | None
    signed_by: str | None  # who signed in the console, or noted the call
    signer: str | None  # 签发人
    signed_how: SignedHow | None
    returned_at: datetime | None
    returned_by: str | None
    returned_why: str | None

    @property
    def waits(self) -> bool:
        """Whether it waits to be signed."""
        return self.signed_at is None and self.returned_at is None

    @property
    def counts(self) -> bool:
        """Whether it says something: it was not sent back."""
        return self.returned_at is None


class ObligationState(StrEnum):
    """Where an obligation stands."""

    OPEN = "open"
    DONE = "done"
    LIFTED = "lifted"  # with a reason


class Step(StrEnum):
    """What was done so far so that a clock does not run out unnoticed, the mildest first."""

    REMINDED = "reminded"  # half of its time is over: the officer has a text
    PRESSED = "pressed"  # a quarter is left: the officer is rung
    OVERDUE = "overdue"  # it ran out: the leader is rung too, and there is an alarm

    @property
    def rank(self) -> int:
        return list(Step).index(self)


@dataclass(frozen=True, slots=True)
class KeptObligation:
    """Somebody must be told by some means by `due_at`. Open, it has a next moment (`next_at`).

    `sent_at` is when it was done: later than `due_at` is late, for ever.
    """

    id: UUID
    incident_id: UUID
    recipient: str
    means: Means
    starts_at: datetime
    due_at: datetime
    rule: str
    source: str
    rules_version: int
    state: ObligationState
    step: Step | None
    next_at: datetime | None
    sent_at: datetime | None
    lifted_at: datetime | None
    lifted_by: str | None
    lifted_why: str | None

    def is_late(self, now: datetime) -> bool:
        """Whether it was done after its time, or is not done and its time is over."""
        match self.state:
            case ObligationState.DONE:
                return self.sent_at is not None and self.sent_at > self.due_at
            case ObligationState.OPEN:
                return now >= self.due_at
            case ObligationState.LIFTED:
                return False


@dataclass(frozen=True, slots=True)
class Sending:
    """A report, or word by telephone, that went to somebody (报送), with its receipt (回执)."""

    id: UUID
    incident_id: UUID
    report_id: UUID | None  # none: by telephone, before a report was signed
    obligation_id: UUID | None
    recipient: str
    means: Means
    sent_at: datetime
    sent_to: str  # who took it there
    how: str  # the number rung, the fax, the platform
    noted_at: datetime
    noted_by: str
    receipt_at: datetime | None
    received_by: str | None
    receipt_noted_by: str | None
    undone_at: datetime | None  # noted by mistake
    undone_by: str | None
    undone_why: str | None


@dataclass(frozen=True, slots=True)
class Reminder:
    """The desk was called because clocks of an incident run out; the strongest step of them counts."""

    id: UUID
    incident_id: UUID
    step: Step
    obligation_ids: tuple[UUID, ...]
    call_id: UUID | None
    begun_at: datetime
    ended_at: datetime | None
