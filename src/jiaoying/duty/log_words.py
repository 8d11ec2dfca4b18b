"""The duty log in words, in the reader's language."""

from datetime import date

from jiaoying.duty.log import LogEntry, LogKind, OwnLine
from jiaoying.duty.shift_hours import Hours, clock_text, hours_text
from jiaoying.kernel.language import CHINESE, current_language, say
from jiaoying.ledger.words import colour_words, event_words

KIB = 1024


def kind_word(kind: LogKind) -> str:
    """What an entry is about."""
    return {
        LogKind.CALL_IN: say("call received"),
        LogKind.CALL_OUT: say("call made"),
        LogKind.LETTER: say("letter or fax"),
        LogKind.INSTRUCTION: say("leader's instruction"),
        LogKind.PATROL: say("patrol"),
        LogKind.WEATHER: say("weather"),
        LogKind.CONSULTATION: say("consultation"),
        LogKind.OTHER: say("other"),
    }[kind]


def own_words(line: OwnLine) -> str:
    """What the program did, how often within the minute, and about which warning or in what words."""
    told = event_words(line.event)
    if line.count > 1:
        told = say("{told}: {count} times", told=told, count=line.count)
    sentences = list(dict.fromkeys(line.told))
    # What an alarm says names the warning where it is about one.
    if not sentences and line.headline and line.event != "alarm.raised":
        drill = say("[DRILL]") if line.exercise and say("[DRILL]") not in line.headline else ""
        sentences.append(f"{drill}{line.headline}（{line.reference}）")
    if line.incident_number:
        sentences.append(line.incident_number)
    if line.erased:
        sentences.append(say("(names and texts were erased)"))
    return say("{name}: {value}", name=told, value=say("; ").join(sentences)) if sentences else told


def warning_words(line: OwnLine) -> str:
    """The warning that a line is about, in short: `暴雨 红色 A7`."""
    drill = say("[DRILL]") if line.exercise else ""
    return drill + " ".join(filter(None, (line.hazard, colour_words(line.colour or ""), line.reference)))


def long_day(day: date) -> str:
    """`2026年8月7日 星期五` or `Friday, 7 August 2026`."""
    if current_language() == CHINESE:
        return f"{day.year}年{day.month}月{day.day}日 星期{'一二三四五六日'[day.weekday()]}"
    return f"{day:%A}, {day.day} {day:%B %Y}"


def short_day(day: date) -> str:
    """`8月7日` or `7 Aug`."""
    return f"{day.month}月{day.day}日" if current_language() == CHINESE else f"{day.day} {day:%b}"


def hours_words(hours: Hours) -> str:
    """`08:30—次日08:30`, or `08:30–08:30 the next day`."""
    if current_language() == CHINESE or hours.days_on != 1:
        return hours_text(hours)
    begins, ends = clock_text(hours.begins), clock_text(hours.ends)
    return say("{begin}–{end} the next day", begin=begins, end=ends)


def written_by(actor: str) -> str:
    """Who wrote an entry, by name: `user:王芳` → 王芳."""
    return actor.removeprefix("user:")


def done_by(actor: str) -> str:
    """Whom a line of the program is about: somebody at the desk by name, all else is the program."""
    return written_by(actor) if actor.startswith("user:") else say("the program")


def size_words(size: int) -> str:
    """`120 KB`, `2.4 MB`; at least one kilobyte."""
    if size < KIB * KIB:
        return f"{max(1, round(size / KIB))} KB"
    return f"{size / KIB / KIB:.1f} MB"


def first_words(entry: LogEntry, phone: str) -> str:
    """Everything that an entry said at first, in one line; the telephone as it may be shown."""
    caller = " ".join(filter(None, (entry.unit, entry.caller, phone)))
    parts = [caller, entry.place, entry.host, entry.units, entry.content]
    named = (
        (say("How it was handled"), entry.handling),
        (say("Decision"), entry.decision),
        (say("Leader's instruction"), entry.instruction),
        (say("Feedback"), entry.feedback),
    )
    parts += [say("{name}: {value}", name=name, value=said) for name, said in named if said]
    return say("; ").join(part.rstrip("。；;") for part in parts if part)
