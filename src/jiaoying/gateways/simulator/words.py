"""What the pages call things, in the reader's language."""

from jiaoying.gateways.simulator.habits import NAMED_HABITS, CallManner, Habit, TextManner, habit_name
from jiaoying.gateways.simulator.records import Call
from jiaoying.kernel.language import say


def habit_choices() -> list[tuple[str, str]]:
    """Short names with their words, for choosing one."""
    return [(name, habit_words(habit)) for name, habit in NAMED_HABITS.items()]


def habit_words(habit: Habit) -> str:
    """A habit in a few words."""
    if not habit.exists:
        return say("number does not exist")
    known = _named_words(habit_name(habit))
    return known or say("{call}; {text}", call=_call_habit_words(habit), text=_text_habit_words(habit))


def _named_words(name: str | None) -> str:
    words = {
        "answers": say("answers and presses 1"),
        "replies": say("does not pick up, replies by text"),
        "replies_late": say("replies after 15 minutes"),
        "cannot": say("answers and presses 2: cannot come"),
        "ring_back": say("answers and presses 3: ring me back"),
        "listens": say("listens, presses nothing"),
        "hangs_up": say("hangs up midway"),
        "ignores": say("does not answer"),
        "busy": say("always busy"),
        "switched_off": say("switched off"),
        "voicemail": say("voicemail answers"),
        "assistant": say("a call assistant answers"),
        "dead": say("number is not in use"),
        "suspended": say("number is suspended"),
        "wrong_person": say("is somebody else and says so"),
    }
    return words.get(name or "", "")


def _call_habit_words(habit: Habit) -> str:
    call = habit.call
    words = {
        CallManner.ANSWER: say(
            "answers after {seconds} s and presses {keys}", seconds=round(call.after_s), keys=call.keys or "–"
        ),
        CallManner.LISTEN: say("listens, presses nothing"),
        CallManner.HANG_UP: say("hangs up midway"),
        CallManner.IGNORE: say("does not answer"),
        CallManner.BUSY: say("always busy"),
        CallManner.SWITCHED_OFF: say("switched off"),
        CallManner.VOICEMAIL: say("voicemail answers"),
        CallManner.ASSISTANT: say("a call assistant answers"),
        CallManner.SUSPENDED: say("number is suspended"),
        CallManner.UNKNOWN: say("number is not in use"),
    }
    return words[call.does]


def _text_habit_words(habit: Habit) -> str:
    text = habit.text
    words = {
        TextManner.REPLY: say(
            "replies “{words}” after {seconds} s", words=text.words, seconds=round(text.after_s)
        ),
        TextManner.IGNORE: say("writes nothing back"),
        TextManner.SWITCHED_OFF: say("gets no texts"),
        TextManner.UNKNOWN: say("texts unknown number"),
        TextManner.BLOCKED: say("blocks texts"),
        TextManner.SUSPENDED: say("texts do not arrive"),
    }
    return words[text.does]


def call_words(call: Call) -> str:
    """What became of a call, as its telephone shows it."""
    match call.status:
        case "ringing":
            return say("Rings now")
        case "in-progress":
            return say("Talks now")
        case "completed":
            return say("Call, {seconds} s", seconds=call.seconds)
        case "busy":
            return say("Declined") if call.ended_by == "phone" else say("Rang while busy")
        case "no-answer":
            return say("Missed call")
        case "failed":
            return say("Could not be reached")
        case "canceled":
            return say("Caller gave up")
        case _:
            return say("Being dialled")


def text_words(status: str) -> str:
    """What became of a text."""
    match status:
        case "delivered":
            return say("arrived")
        case "undelivered" | "failed":
            return say("did not arrive")
        case "received":
            return say("sent by this telephone")
        case "canceled":
            return say("not sent after all")
        case _:
            return say("on its way")


def quick_replies() -> tuple[str, ...]:
    """What people often write back; the same in every language."""
    return ("1", "收到", "到岗", "2", "3", "转移 12户35人")
