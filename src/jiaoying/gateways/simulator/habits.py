"""Habits: what the owner of a telephone does with a call and with a text, as plain values and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar, cast

from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say

LONGEST_WAIT_S = 7 * 24 * 3600
LONGEST_WORDS = 1600
KEYS = frozenset("0123456789*#")
Manner = TypeVar("Manner", bound=StrEnum)


class CallManner(StrEnum):
    """What becomes of a call."""

    ANSWER = "answer"  # picks up, listens, presses keys
    LISTEN = "listen"  # picks up, hears it to the end, presses nothing
    HANG_UP = "hang_up"  # picks up and cuts the call off midway
    IGNORE = "ignore"  # lets it ring out
    BUSY = "busy"
    SWITCHED_OFF = "switched_off"
    VOICEMAIL = "voicemail"  # a machine picks up, says its words and records
    ASSISTANT = "assistant"  # 来电助手: a program picks up, says its words and hears all of it to the end
    SUSPENDED = "suspended"  # 停机: the network says so
    UNKNOWN = "unknown"  # 空号


class TextManner(StrEnum):
    """What becomes of a text."""

    REPLY = "reply"
    IGNORE = "ignore"  # reads it and says nothing
    SWITCHED_OFF = "switched_off"  # 30003, or delivered only when the phone comes back
    UNKNOWN = "unknown"  # 30005
    BLOCKED = "blocked"  # 30004
    SUSPENDED = "suspended"  # 30008: the network does not say why


@dataclass(frozen=True, slots=True)
class CallHabit:
    """How calls are treated. All times are business seconds.

    `after_s` counts from the first ring, `key_after_s` from the moment the phone first hears a
    question (a Gather), `hang_up_after_s` from picking up. `words` are what a machine or an assistant says;
    empty are its usual ones.
    """

    does: CallManner = CallManner.ANSWER
    after_s: float = 6.0
    keys: str = "1"
    key_after_s: float = 8.0
    hang_up_after_s: float = 4.0
    words: str = ""


@dataclass(frozen=True, slots=True)
class TextHabit:
    """How texts are treated: `after_s` counts from delivery; `back_after_s` from the text's arrival at
    a phone that is off, None for one that stays off."""

    does: TextManner = TextManner.IGNORE
    after_s: float = 30.0
    words: str = "收到"
    back_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Habit:
    """Everything about one telephone. `exists` is False for a number that the carrier refuses (21211)."""

    call: CallHabit = field(default_factory=CallHabit)
    text: TextHabit = field(default_factory=TextHabit)
    exists: bool = True


def _named(call: CallManner, text: TextManner = TextManner.IGNORE, **text_values: Any) -> Habit:
    return Habit(CallHabit(does=call), TextHabit(does=text, **text_values))


# Short names that a town file, a test or the page may write instead of the whole habit.
NAMED_HABITS: Mapping[str, Habit] = {
    "answers": _named(CallManner.ANSWER),
    "replies": _named(CallManner.IGNORE, TextManner.REPLY),
    "replies_late": _named(CallManner.IGNORE, TextManner.REPLY, after_s=900.0),
    "cannot": replace(_named(CallManner.ANSWER), call=CallHabit(keys="2")),
    "ring_back": replace(_named(CallManner.ANSWER), call=CallHabit(keys="3")),
    "listens": _named(CallManner.LISTEN),
    "hangs_up": _named(CallManner.HANG_UP),
    "ignores": _named(CallManner.IGNORE),
    "busy": _named(CallManner.BUSY),
    "switched_off": _named(CallManner.SWITCHED_OFF, TextManner.SWITCHED_OFF),
    "voicemail": Habit(CallHabit(does=CallManner.VOICEMAIL, after_s=25.0), TextHabit()),
    "assistant": Habit(CallHabit(does=CallManner.ASSISTANT, after_s=2.0), TextHabit()),
    "invalid": Habit(exists=False),
    "dead": _named(CallManner.UNKNOWN, TextManner.UNKNOWN),
    "suspended": _named(CallManner.SUSPENDED, TextManner.SUSPENDED),
    "wrong_person": _named(CallManner.HANG_UP, TextManner.REPLY, words="打错了"),
}


def habit_as_json(habit: Habit) -> dict[str, Any]:
    """The habit as `GET /town/phones/{number}` shows it and `PUT` takes it."""
    return asdict(habit)


def habit_name(habit: Habit) -> str | None:
    """The short name of a habit, or None for one of its own making."""
    return next((name for name, known in NAMED_HABITS.items() if known == habit), None)


def habit_from_json(value: object, field_name: str = "habit") -> Habit:
    """A habit from its short name or from an object with `call`, `text` and `exists`.

    What is left out keeps its default. Raises Refusal, naming the field and the remedy.
    """
    if isinstance(value, str):
        return _from_name(value, field_name)
    fields = _object(value, field_name, ("call", "text", "exists"))
    exists = fields.get("exists", True)
    if not isinstance(exists, bool):
        raise _refusal(f"{field_name}.exists", say("write true or false"))
    return Habit(
        _call_habit(fields.get("call", {}), f"{field_name}.call"),
        _text_habit(fields.get("text", {}), f"{field_name}.text"),
        exists,
    )


def _from_name(name: str, field_name: str) -> Habit:
    if name not in NAMED_HABITS:
        raise _refusal(field_name, say("write an object or one of: {names}", names=", ".join(NAMED_HABITS)))
    return NAMED_HABITS[name]


def _call_habit(value: object, where: str) -> CallHabit:
    fields = _object(value, where, ("does", "after_s", "keys", "key_after_s", "hang_up_after_s", "words"))
    default = CallHabit()
    keys, words = str(fields.get("keys", default.keys)), str(fields.get("words", default.words))
    if len(words) > LONGEST_WORDS:
        raise _refusal(f"{where}.words", say("write at most {most} characters", most=LONGEST_WORDS))
    if len(keys) > 32 or not KEYS.issuperset(keys):
        raise _refusal(f"{where}.keys", say("write at most 32 of the keys 0–9, * and #"))
    return CallHabit(
        does=_manner(CallManner, fields.get("does", default.does), f"{where}.does"),
        after_s=_seconds(fields.get("after_s", default.after_s), f"{where}.after_s"),
        keys=keys,
        key_after_s=_seconds(fields.get("key_after_s", default.key_after_s), f"{where}.key_after_s"),
        hang_up_after_s=_seconds(
            fields.get("hang_up_after_s", default.hang_up_after_s), f"{where}.hang_up_after_s"
        ),
        words=words,
    )


def _text_habit(value: object, where: str) -> TextHabit:
    fields = _object(value, where, ("does", "after_s", "words", "back_after_s"))
    default = TextHabit()
    words, back = str(fields.get("words", default.words)), fields.get("back_after_s")
    if len(words) > LONGEST_WORDS:
        raise _refusal(f"{where}.words", say("write at most {most} characters", most=LONGEST_WORDS))
    return TextHabit(
        does=_manner(TextManner, fields.get("does", default.does), f"{where}.does"),
        after_s=_seconds(fields.get("after_s", default.after_s), f"{where}.after_s"),
        words=words,
        back_after_s=None if back is None else _seconds(back, f"{where}.back_after_s"),
    )


def _object(value: object, where: str, known: tuple[str, ...]) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _refusal(where, say("write an object"))
    fields = cast("dict[str, object]", value)
    strange = [str(name) for name in fields if name not in known]
    if strange:
        raise _refusal(
            f"{where}.{strange[0]}", say("is not known here; known are: {names}", names=", ".join(known))
        )
    return fields


def _manner(kind: type[Manner], value: object, where: str) -> Manner:
    try:
        return kind(str(value))
    except ValueError:
        raise _refusal(where, say("write one of: {names}", names=", ".join(kind))) from None


def _seconds(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_WAIT_S:
        raise _refusal(where, say("write seconds from 0 to {most}", most=LONGEST_WAIT_S))
    return float(value)


def _refusal(where: str, remedy: str) -> Refusal:
    text = f"{where}: {remedy}"
    return Refusal(text, (Complaint("habit", where, text),))
