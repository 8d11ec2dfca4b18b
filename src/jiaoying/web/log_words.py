"""The duty log in words."""

from jiaoying.duty.log import LogEntry, LogKind, LogLine, OwnLine
from jiaoying.kernel.language import say
from jiaoying.ledger.words import event_words


def kind_word(kind: LogKind) -> str:
    return {
        LogKind.CALL_IN: say("call received"),
        LogKind.CALL_OUT: say("call made"),
        LogKind.LETTER: say("letter or fax"),
        LogKind.INSTRUCTION: say("leader's instruction"),
        LogKind.PATROL: say("patrol"),
        LogKind.WEATHER: say("weather"),
        LogKind.OTHER: say("other"),
    }[kind]


def own_words(line: OwnLine) -> str:
    """What the program did, of an incident with its number, and how often within the minute."""
    told = event_words(line.event)
    if line.facts.get("incident"):
        told = say("{told}: {number}", told=told, number=line.facts.get("number", ""))
    return told if line.count == 1 else say("{told}: {count} times", told=told, count=line.count)


def is_written(line: LogLine) -> bool:
    """Whether somebody wrote it down."""
    return isinstance(line, LogEntry)
