"""What counts as an answer, and how much (ADR 32). Pure.

Read receipts are not answers: a county once had “已读” from everybody and nobody at five desks knew. So only
what a person did or said for themselves counts, or what another person saw of them.
"""

from collections.abc import Mapping
from enum import StrEnum


class How(StrEnum):
    """By what means an answer came, or word was given."""

    KEY = "key"  # pressed during a call
    TEXT = "text"
    LINK = "link"  # the page of the link, confirmed there
    HAND = "hand"  # the officer rang them
    DOOR = "door"  # somebody went there
    RADIO = "radio"  # 对讲机
    GONG = "gong"  # 鸣锣
    LOUDSPEAKER = "loudspeaker"  # 大喇叭
    GROUP_CHAT = "group_chat"  # 微信群


class Grade(StrEnum):
    """How good the proof is that a person knows, the best first."""

    OWN_WORD = "own_word"  # they said so themselves
    WITNESSED = "witnessed"  # somebody spoke with them and says so by name
    HEARD = "heard"  # a call was played to its end, and no key came
    BROADCAST = "broadcast"  # said to everybody, and nobody knows who heard it


GRADES: Mapping[How, Grade] = {
    How.KEY: Grade.OWN_WORD,
    How.TEXT: Grade.OWN_WORD,
    How.LINK: Grade.OWN_WORD,
    How.HAND: Grade.WITNESSED,
    How.DOOR: Grade.WITNESSED,
    How.RADIO: Grade.WITNESSED,
    How.GONG: Grade.BROADCAST,
    How.LOUDSPEAKER: Grade.BROADCAST,
    How.GROUP_CHAT: Grade.BROADCAST,
}
WITNESSED = tuple(how for how, grade in GRADES.items() if grade is Grade.WITNESSED)
BROADCASTS = tuple(how for how, grade in GRADES.items() if grade is Grade.BROADCAST)
BY_HAND = (*WITNESSED, *BROADCASTS)


def grade_of(how: str | None) -> Grade | None:
    """The grade of an answer by that means; None where there is none."""
    return GRADES[How(how)] if how else None
