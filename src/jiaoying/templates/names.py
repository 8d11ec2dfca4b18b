"""What warnings and moments are called in the reader's language: 暴雨红色预警, red rainstorm warning."""

import re
from datetime import datetime
from functools import lru_cache

from jiaoying.kernel.hazards import HAZARD_NAMES
from jiaoying.kernel.language import CHINESE, best_language, say, speaking

_COLOURS = {"blue": "blue", "yellow": "yellow", "orange": "orange", "red": "red"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# What a duty desk is called for beside warnings (warnings.purpose.Purpose), for `say`.
DUTY_CALLS: dict[str, str] = {
    "sign_on": "sign-on for duty",
    "roll_call": "roll call",
    "daily": "daily report",
    "report": "incident report",
    "routine": "periodic duty",
    "letter": "risk reminder letter",
}

_CHINESE_SIGN = re.compile(r"[\u4e00-\u9fff]")
# What an event may say already and the title says again.
_SAID_AGAIN = re.compile(
    r"([蓝黄橙红]色?)?(预警信号|预警|警报|[ⅠⅡⅢⅣIV]+级|(?<=灾害)事件)|\b(blue|yellow|orange|red|warning|signal|alert)\b",
    re.IGNORECASE,
)
_LONGEST_EVENT = 24
_RESPONSE = ("响应", "response")


@lru_cache(maxsize=1024)
def warning_title(event: str, hazard: str, colour: str | None, language: str) -> str:
    """Event and colour in the reader's language. An event in another script is named by its family."""
    chinese = best_language(language) == CHINESE
    name = " ".join(_SAID_AGAIN.sub("", event).split())[:_LONGEST_EVENT]
    with speaking(language):
        if event in DUTY_CALLS:
            return say(DUTY_CALLS[event])
        if event.endswith(_RESPONSE):
            # What stands for a response opened by hand is no warning, and is not called one.
            return event[:_LONGEST_EVENT] if is_chinese(event) == chinese else say("emergency response")
        if not name or is_chinese(name) != chinese:
            name = say(HAZARD_NAMES.get(hazard, HAZARD_NAMES["other"]))
        if colour is None:
            return say("{event} warning", event=name)
        return say("{colour} {event} warning", event=name, colour=say(_COLOURS[colour]))


def hazard_name(hazard: str) -> str:
    """The hazard family in the reader's language; a family that is not in the table as it stands."""
    return say(HAZARD_NAMES[hazard]) if hazard in HAZARD_NAMES else hazard


def is_chinese(text: str) -> bool:
    """Whether there is a Chinese sign in `text`."""
    return _CHINESE_SIGN.search(text) is not None


@lru_cache(maxsize=1024)
def until_words(moment: datetime, language: str) -> str:
    """A moment of the coming days as short as it stays clear: `16日8时`, `08:30 on 16 Jul`."""
    if best_language(language) == CHINESE:
        minutes = f"{moment.minute}分" if moment.minute else ""
        return f"{moment.day}日{moment.hour}时{minutes}"
    return f"{moment:%H:%M} on {moment.day} {_MONTHS[moment.month - 1]}"
