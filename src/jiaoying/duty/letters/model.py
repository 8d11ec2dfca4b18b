"""Nouns of risk reminder letters (风险提醒函), their numbers and their dates. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from jiaoying.kernel.language import CHINESE, say, speaking

MAX_TITLE, MAX_SERIES, MAX_RISK, MAX_REQUESTS, MAX_REASON = 60, 20, 1000, 2000, 100
LEAST_MINUTES, MOST_MINUTES, USUAL_MINUTES = 10, 300, 120
MOST_UNITS = 60
# Sent, and not confirmed: a late confirmation is still waited for as long as this.
KEPT_OPEN_DAYS = 3


class LetterState(StrEnum):
    """How a letter stands. What is signed is never changed any more."""

    DRAFT = "draft"
    SIGNED = "signed"  # has its number, and goes to nobody yet
    SENT = "sent"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"  # thrown away before it was signed: it never had a number


class UnitState(StrEnum):
    """How it stands with one unit that a letter goes to."""

    CHOSEN = "chosen"  # nothing was sent yet
    ASKED = "asked"
    CONFIRMED = "confirmed"
    SILENT = "silent"  # nobody there has confirmed it in time
    WITHDRAWN = "withdrawn"  # not confirmed when the letter was withdrawn


@dataclass(frozen=True, slots=True)
class WarningTold:
    """The facts of a warning as a letter tells them, in its language; all empty of a free one."""

    issuer: str = ""
    warning: str = ""  # 暴雨橙色预警
    area: str = ""
    issued: str = ""
    valid: str = ""
    text: str = ""
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody writes."""

    title: str
    series: str
    language: str
    risk: str
    requests: str
    confirm_minutes: int
    told: WarningTold = field(default_factory=WarningTold)


@dataclass(frozen=True, slots=True)
class Unit:
    """One that a letter goes to: a desk, or whoever holds a post."""

    id: UUID
    letter_id: UUID
    position: int
    desk_id: UUID | None
    post_id: UUID | None
    label: str
    call_id: UUID | None
    state: UnitState
    next_at: datetime | None
    confirmed_at: datetime | None = None
    confirmed_by: UUID | None = None
    confirmed_how: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it is; `body` holds its paragraphs once it is signed."""

    id: UUID
    warning_id: UUID | None
    exercise: bool
    draft: Draft
    year: int | None
    number: int | None
    body: tuple[str, ...] | None
    state: LetterState
    version: int
    written_at: datetime
    written_by: str
    signed_at: datetime | None
    signed_by: str | None
    sent_at: datetime | None
    sent_by: str | None
    ended_at: datetime | None
    ended_by: str | None
    reason: str

    @property
    def is_draft(self) -> bool:
        return self.state is LetterState.DRAFT

    @property
    def reference(self) -> str:
        """`沁水应急函〔2026〕3号`; before it is signed the place of the number is left open."""
        return reference_of(self.draft.series, self.year, self.number)


def reference_of(series: str, year: int | None, number: int | None) -> str:
    """发文字号, after GB/T 9704-2012: the year in full in six-cornered brackets."""
    return f"{series}〔{year or '    '}〕{number or '  '}号"


def usual_series(county: str) -> str:
    """沁水县 → 沁水应急函."""
    return f"{county.removesuffix('县') or county}应急函"[:MAX_SERIES]


def addressees(units: Iterable[str], language: str) -> str:
    """主送机关: 龙港镇值班室、郑庄镇值班室：."""
    return "、".join(units) + "：" if language == CHINESE else ", ".join(units) + ":"


def date_words(day: date, language: str) -> str:
    """成文日期 in Arabic numerals without leading zeros (GB/T 9704-2012)."""
    return f"{day.year}年{day.month}月{day.day}日" if language == CHINESE else f"{day.day} {day:%B %Y}"


def moment_words(moment: datetime, language: str) -> str:
    """`7月15日10时30分`."""
    if language == CHINESE:
        minutes = f"{moment.minute}分" if moment.minute else ""
        return f"{moment.month}月{moment.day}日{moment.hour}时{minutes}"
    return f"{moment:%H:%M} on {moment.day} {moment:%B}"


def within_words(minutes: int, language: str) -> str:
    """`2小时`, `90分钟`."""
    with speaking(language):
        if minutes % 60:
            return say("{minutes} minutes", minutes=minutes)
        return say("{hours} hours", hours=minutes // 60)
