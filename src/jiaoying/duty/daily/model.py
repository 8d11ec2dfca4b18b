"""Nouns of the daily dispatch (每日调度): forms and their questions, plans, rounds, and what desks report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say

MAX_QUESTIONS = 12
MAX_LABEL = 20
MAX_UNIT = 4
MAX_NAME = 60
MAX_WORDS = 500
MAX_REASON = 200
MAX_SAID_BY = 60
MAX_FIGURE = 999_999
MAX_HOURS = 12
MAX_DESKS = 500
LONGEST = timedelta(days=366)
LIMIT_MINUTES, CLOSES_MINUTES = range(5, 241), range(10, 721)


class Kind(StrEnum):
    """What a question is answered by."""

    FIGURE = "figure"
    YES_NO = "yes_no"  # 有 or 无: asked so that 无 is what a quiet day says
    TEXT = "text"  # may be left empty


Answer = int | bool | str


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `key` names its answer through all versions. `unit` is what a figure counts: 户."""

    key: str
    label: str
    kind: Kind
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The questions in their order."""

    questions: tuple[Question, ...]

    @property
    def figures(self) -> tuple[Question, ...]:
        return tuple(one for one in self.questions if one.kind is Kind.FIGURE)

    @property
    def needed(self) -> tuple[Question, ...]:
        """What must be answered for a report to be whole."""
        return tuple(one for one in self.questions if one.kind is not Kind.TEXT)

    def is_whole(self, answers: Mapping[str, Answer]) -> bool:
        return all(one.key in answers for one in self.needed)

    def zero(self) -> dict[str, Answer]:
        """The answers of a zero report (零报告)."""
        return {one.key: 0 if one.kind is Kind.FIGURE else False for one in self.needed}


def form_of(*rows: tuple[str, Kind, str]) -> Form:
    """A form of (label, kind, unit), its keys by their place."""
    return Form(
        tuple(
            Question(f"q{place}", label, kind, unit)
            for place, (label, kind, unit) in enumerate(rows, start=1)
        )
    )


# What counties ask for in the flood season and on holidays; a county takes them as they are, or changes them.
READY_MADE: Mapping[str, Form] = {
    "flood": form_of(
        ("转移户数", Kind.FIGURE, "户"),
        ("转移人数", Kind.FIGURE, "人"),
        ("险情", Kind.FIGURE, "处"),
        ("其他情况", Kind.TEXT, ""),
    ),
    "holiday": form_of(
        ("事故", Kind.FIGURE, "起"),
        ("火情", Kind.FIGURE, "处"),
        ("伤亡人数", Kind.FIGURE, "人"),
        ("其他情况", Kind.TEXT, ""),
    ),
}


def checked_form(form: Form) -> Form:
    """The form as it is kept. Raises Refusal naming each question that is wrong."""
    complaints: list[Complaint] = []
    if not 1 <= len(form.questions) <= MAX_QUESTIONS:
        text = say("Ask 1 to {count} questions", count=MAX_QUESTIONS)
        complaints.append(Complaint("daily", "questions", text))
    labels = [one.label.strip() for one in form.questions]
    for place, one in enumerate(form.questions, start=1):
        if not 1 <= len(one.label.strip()) <= MAX_LABEL:
            text = say("Write the question in at most {count} signs", count=MAX_LABEL)
            complaints.append(Complaint("daily", f"label{place}", text))
        elif labels.count(one.label.strip()) > 1:
            complaints.append(Complaint("daily", f"label{place}", say("This question is asked twice")))
        if len(one.unit.strip()) > MAX_UNIT:
            text = say("Write the unit in at most {count} signs", count=MAX_UNIT)
            complaints.append(Complaint("daily", f"unit{place}", text))
    _refuse(complaints)
    return Form(
        tuple(Question(one.key, one.label.strip(), one.kind, one.unit.strip()) for one in form.questions)
    )


def form_as_data(form: Form) -> dict[str, object]:
    """As it is kept in a JSON column."""
    return {
        "questions": [
            {"key": one.key, "label": one.label, "kind": one.kind, "unit": one.unit} for one in form.questions
        ]
    }


def form_from_data(raw: Mapping[str, Any]) -> Form:
    """What `form_as_data` made."""
    return Form(
        tuple(Question(one["key"], one["label"], Kind(one["kind"]), one["unit"]) for one in raw["questions"])
    )


@dataclass(frozen=True, slots=True)
class PlanFields:
    """When whom is asked what: on the days from `first` to `last`, at each of the hours.

    Who has not reported after `limit` is rung, and after `closes` put before the officer by name. Without
    `desk_ids` it is every desk under the area.
    """

    name: str
    first: date
    last: date
    hours: tuple[str, ...]
    form: Form
    area_code: str
    desk_ids: tuple[UUID, ...] = ()
    limit: timedelta = timedelta(minutes=30)
    closes: timedelta = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that is kept; one that `ended_at` asks no more."""

    id: UUID
    fields: PlanFields
    made_at: datetime
    made_by: str
    next_at: datetime | None
    ended_at: datetime | None


def checked_plan(fields: PlanFields, today: date) -> PlanFields:
    """The plan as it is kept, its hours in order. Raises Refusal naming each field that is wrong."""
    complaints: list[Complaint] = []

    def complain(name: str, text: str) -> None:
        complaints.append(Complaint("daily", name, text))

    if not 1 <= len(fields.name.strip()) <= MAX_NAME:
        complain("name", say("Give it a name of at most {count} signs", count=MAX_NAME))
    if fields.first > fields.last:
        complain("last", say("The last day lies before the first"))
    elif fields.last < today:
        complain("last", say("These days are over"))
    elif fields.last - fields.first > LONGEST:
        complain("last", say("Plan at most {count} days", count=LONGEST.days))
    if not 1 <= len(fields.hours) <= MAX_HOURS:
        complain("hours", say("Write 1 to {count} times of day", count=MAX_HOURS))
    if not is_area_code(fields.area_code):
        complain("area", say("Choose the area"))
    if len(fields.desk_ids) > MAX_DESKS:
        complain("desks", say("Choose at most {count} desks", count=MAX_DESKS))
    if fields.limit // timedelta(minutes=1) not in LIMIT_MINUTES:
        complain(
            "limit", say("Write {least} to {most} minutes", least=LIMIT_MINUTES[0], most=LIMIT_MINUTES[-1])
        )
    if fields.closes // timedelta(minutes=1) not in CLOSES_MINUTES:
        text = say("Write {least} to {most} minutes", least=CLOSES_MINUTES[0], most=CLOSES_MINUTES[-1])
        complain("closes", text)
    elif fields.closes <= fields.limit:
        complain("closes", say("This must come after the limit for calls"))
    _refuse(complaints)
    return PlanFields(
        fields.name.strip(),
        fields.first,
        fields.last,
        tuple(sorted(set(fields.hours))),
        checked_form(fields.form),
        fields.area_code,
        fields.desk_ids,
        fields.limit,
        fields.closes,
    )


def read_hours(text: str) -> tuple[str, ...]:
    """`09:00 17:00`, apart by blanks or commas. Raises Refusal for what is no time."""
    found: list[str] = []
    for word in text.replace("，", " ").replace(",", " ").replace("、", " ").replace("：", ":").split():
        try:
            wall = time.fromisoformat(word.zfill(5))
        except ValueError:
            wall = None
        if wall is None or wall.tzinfo is not None or wall.second or wall.microsecond:
            sentence = say("“{text}” is no time: write 09:00 17:00", text=word[:20])
            raise Refusal(sentence, (Complaint("daily", "hours", sentence),))
        found.append(f"{wall:%H:%M}")
    return tuple(found)


class RoundState(StrEnum):
    """How it stands with a round."""

    ASKING = "asking"  # by text
    CHASING = "chasing"  # those who are missing are rung
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Round:
    """One round: asked at its hour, with the form as it was then."""

    id: UUID
    plan_id: UUID
    name: str
    planned_at: datetime
    form: Form
    state: RoundState
    asked_at: datetime
    limit_at: datetime
    closes_at: datetime
    next_at: datetime | None
    closed_at: datetime | None
    call_id: UUID | None
    chase_id: UUID | None


class How(StrEnum):
    """By what a report came."""

    TEXT = "text"
    LINK = "link"
    HAND = "hand"  # filed by the officer


@dataclass(frozen=True, slots=True)
class NewReport:
    """What a desk said, to be kept as its next version."""

    round_id: UUID
    desk_id: UUID
    how: How
    answers: Mapping[str, Answer]
    zero: bool
    whole: bool  # nothing is left for the officer to fill in
    at: datetime
    words: str = ""
    said_by: str = ""
    reason: str = ""
    contact_id: UUID | None = None
    inbox_item_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One version of what a desk said. `late`: after the limit for calls."""

    round_id: UUID
    desk_id: UUID
    version: int
    how: How
    answers: Mapping[str, Answer]
    zero: bool
    whole: bool
    words: str
    said_by: str
    reason: str
    at: datetime
    late: bool
    contact_id: UUID | None
    written_at: datetime
    written_by: str


@dataclass(frozen=True, slots=True)
class DeskReports:
    """A desk in a round with all versions of its report, the newest last."""

    desk_id: UUID
    desk_name: str
    missed_at: datetime | None = None  # the round closed without it
    versions: Sequence[Report] = field(default=())

    @property
    def report(self) -> Report | None:
        return self.versions[-1] if self.versions else None


def _refuse(complaints: Sequence[Complaint]) -> None:
    if complaints:
        raise Refusal("; ".join(complaint.text for complaint in complaints), tuple(complaints))
