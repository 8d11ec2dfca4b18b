"""The town: which habit a telephone has, and what follows from a habit, as plain values.

Nothing here waits or asks the time. Every chance is drawn from the seed, the number and a count, so
that the same town does the same things however the clock is moved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from jiaoying.gateways.simulator.habits import (
    NAMED_HABITS,
    CallHabit,
    CallManner,
    Habit,
    TextHabit,
    TextManner,
)

# The carrier's own times, in business seconds (our choice, of the order seen on Chinese networks).
TEXT_SENDING_S, TEXT_SENT_S = 0.3, 0.8
TEXT_DELIVERED_S, TEXT_DELIVERED_SPREAD_S = 1.5, 2.5
TEXT_GIVEN_UP_S = 20.0
CALL_INITIATED_S, CALL_RINGING_S = 0.2, 1.5
BUSY_S, UNREACHABLE_S = 2.0, 4.0
RING_BUFFER_S = 5.0  # Twilio rings about five seconds longer than asked
VOICEMAIL_TAPE_S = 60.0
KEY_GAP_S = 0.5
MACHINE_WORDS = "您好，您拨打的用户暂时无法接听，请在提示音后留言。"
ASSISTANT_WORDS = "您好，我是机主的来电助手，机主现在不方便接听，请问您有什么事？"

HANDSET_OFF, BLOCKED, UNKNOWN_HANDSET, NO_REASON, VALIDITY_EXPIRED = 30003, 30004, 30005, 30008, 30036


@dataclass(frozen=True, slots=True)
class TextPlan:
    """What becomes of one text, in seconds from its creation; `reply_s` None when nobody replies."""

    sent_s: float
    end_s: float
    end_status: str
    error_code: int | None = None
    reply_s: float | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What becomes of one call.

    `fails_as` with its SIP code after `fails_s` from the start of dialling, or else it rings and is
    picked up `answer_s` after the first ring (None: never). `who` picks up, as the carrier makes out (its
    word in AnsweredBy), and a machine says `words`.
    """

    fails_as: str | None = None
    fails_s: float = 0.0
    sip_code: int = 200
    answer_s: float | None = None
    keys: str = ""
    key_after_s: float = 0.0
    hang_up_s: float | None = None
    who: str = "human"
    words: str = ""


@dataclass(frozen=True, slots=True)
class Shares:
    """The mix of a county, as shares of one.

    Our own choice for demonstrations: most wake up at night, one in four needs a second try.
    """

    invalid: float = 0.005
    switched_off: float = 0.04
    voicemail: float = 0.03
    busy: float = 0.03
    ignores: float = 0.12
    hangs_up: float = 0.04
    listens: float = 0.06
    cannot: float = 0.03
    rings_back: float = 0.02
    suspended: float = 0.005
    dead: float = 0.005
    assistant: float = 0.02
    replies: float = 0.35
    replies_late: float = 0.08


# What people really write; the last ones are asked back.
WORDS = (
    "1",
    "收到",
    "收到。",
    "好的",
    "知道了",
    "明白",
    "1 ",
    "１",
    "收到，马上到岗",
    "已到岗",
    "到岗",
    "OK",
    "转移 12户35人",
    "已转移8户21人",
    "2",
    "3",
    "👌收到",
    "嗯嗯",
    "谁啊",
)


@dataclass(frozen=True, slots=True)
class Town:
    """The rules of a town: the seed, and the habit of those whom nobody described."""

    seed: int = 0
    default: Habit = field(default_factory=Habit)
    mixed: bool = False  # people nobody described get a habit from the mix instead of the default
    shares: Shares = field(default_factory=Shares)

    def habit_of(self, number: str, described: Habit | None) -> Habit:
        """The habit of a telephone."""
        if described is not None:
            return described
        return random_habit(number, self.seed, self.shares) if self.mixed else self.default


def chance(seed: int, *parts: object) -> float:
    """A number from 0 up to 1 that depends on the arguments alone."""
    text = "/".join(map(str, (seed, *parts))).encode()
    return int.from_bytes(blake2b(text, digest_size=7).digest(), "big") / 2**56


def plan_text(habit: TextHabit, draw: float, valid_for_s: float) -> TextPlan:
    """What becomes of a text. `draw` is a chance from 0 to 1, `valid_for_s` the carrier's patience."""
    end_s = TEXT_DELIVERED_S + draw * TEXT_DELIVERED_SPREAD_S
    if habit.does is TextManner.BLOCKED:
        return TextPlan(TEXT_SENT_S, end_s, "undelivered", BLOCKED)
    if habit.does is TextManner.UNKNOWN:
        return TextPlan(TEXT_SENT_S, end_s, "undelivered", UNKNOWN_HANDSET)
    if habit.does is TextManner.SUSPENDED:
        return TextPlan(TEXT_SENT_S, end_s, "undelivered", NO_REASON)
    if habit.does is TextManner.SWITCHED_OFF:
        if habit.back_after_s is None:
            return TextPlan(TEXT_SENT_S, min(TEXT_GIVEN_UP_S, valid_for_s), "undelivered", HANDSET_OFF)
        if habit.back_after_s > valid_for_s:
            return TextPlan(TEXT_SENT_S, valid_for_s, "undelivered", VALIDITY_EXPIRED)
        return TextPlan(TEXT_SENT_S, max(end_s, habit.back_after_s), "delivered")
    if habit.does is TextManner.REPLY:
        return TextPlan(TEXT_SENT_S, end_s, "delivered", None, end_s + habit.after_s, habit.words)
    return TextPlan(TEXT_SENT_S, end_s, "delivered")


def plan_call(habit: CallHabit, *, line_taken: bool) -> CallPlan:
    """What becomes of a call; a telephone on which somebody already talks is busy."""
    if line_taken or habit.does is CallManner.BUSY:
        return CallPlan("busy", BUSY_S, 486)
    match habit.does:
        case CallManner.SWITCHED_OFF:
            return CallPlan("failed", UNREACHABLE_S, 480)
        case CallManner.SUSPENDED:
            return CallPlan("failed", UNREACHABLE_S, 502)
        case CallManner.UNKNOWN:
            return CallPlan("failed", UNREACHABLE_S, 404)
        case CallManner.IGNORE:
            return CallPlan()
        case CallManner.HANG_UP:
            return CallPlan(answer_s=habit.after_s, hang_up_s=habit.hang_up_after_s)
        case CallManner.VOICEMAIL:
            words = habit.words or MACHINE_WORDS
            return CallPlan(
                answer_s=habit.after_s, hang_up_s=VOICEMAIL_TAPE_S, who="machine_start", words=words
            )
        case CallManner.ASSISTANT:
            # It speaks and listens as people do: a carrier cannot tell.
            return CallPlan(answer_s=habit.after_s, who="unknown", words=habit.words or ASSISTANT_WORDS)
        case CallManner.LISTEN:
            return CallPlan(answer_s=habit.after_s)
        case _:
            return CallPlan(answer_s=habit.after_s, keys=habit.keys, key_after_s=habit.key_after_s)


def random_town(numbers: Iterable[str], seed: int, shares: Shares | None = None) -> Mapping[str, Habit]:
    """A habit for each number, in the shares of a county; the same for the same seed, in any order."""
    return {number: random_habit(number, seed, shares or Shares()) for number in numbers}


def random_habit(number: str, seed: int, shares: Shares) -> Habit:
    """One telephone's habit, drawn from the shares."""
    kind = _drawn_kind(chance(seed, number, "call"), shares)
    if kind in ("invalid", "suspended", "dead"):
        return NAMED_HABITS[kind]
    off = kind == "switched_off"
    return Habit(_random_call(kind, number, seed), _random_text(number, seed, shares, off=off))


def _drawn_kind(draw: float, shares: Shares) -> str:
    reached = 0.0
    for kind in (
        "invalid",
        "switched_off",
        "voicemail",
        "busy",
        "ignores",
        "hangs_up",
        "listens",
        "cannot",
        "rings_back",
        "suspended",
        "dead",
        "assistant",
    ):
        reached += float(getattr(shares, kind))
        if draw < reached:
            return kind
    return "answers"


def _random_call(kind: str, number: str, seed: int) -> CallHabit:
    habit = CallHabit(
        after_s=round(3 + 22 * chance(seed, number, "after"), 1),
        key_after_s=round(4 + 14 * chance(seed, number, "key"), 1),
        hang_up_after_s=round(2 + 6 * chance(seed, number, "cut"), 1),
    )
    match kind:
        case "cannot":
            return replace(habit, keys="2")
        case "rings_back":
            return replace(habit, keys="3")
        case "answers":
            return habit
        case _:
            return replace(habit, does=_MANNERS[kind])


_MANNERS = {
    "switched_off": CallManner.SWITCHED_OFF,
    "voicemail": CallManner.VOICEMAIL,
    "assistant": CallManner.ASSISTANT,
    "busy": CallManner.BUSY,
    "ignores": CallManner.IGNORE,
    "hangs_up": CallManner.HANG_UP,
    "listens": CallManner.LISTEN,
}


def _random_text(number: str, seed: int, shares: Shares, *, off: bool) -> TextHabit:
    draw = chance(seed, number, "text")
    if off:
        back = None if draw < 0.5 else round(600 + 3000 * chance(seed, number, "back"))
        return TextHabit(TextManner.SWITCHED_OFF, back_after_s=back)
    words = WORDS[int(chance(seed, number, "words") ** 2 * len(WORDS))]  # the usual ones come first
    if draw < shares.replies:
        return TextHabit(TextManner.REPLY, round(15 + 120 * chance(seed, number, "reply"), 1), words)
    if draw < shares.replies + shares.replies_late:
        return TextHabit(TextManner.REPLY, round(600 + 1800 * chance(seed, number, "reply"), 1), words)
    return TextHabit(TextManner.IGNORE)
