"""Risk reminder letters in words: how one stands, and how it stands with a unit."""

from jiaoying.duty.letters.model import LetterState, UnitState, within_words
from jiaoying.kernel.language import current_language, say


def state_word(state: LetterState) -> str:
    return {
        LetterState.DRAFT: say("draft, to be signed"),
        LetterState.SIGNED: say("signed, to be sent"),
        LetterState.SENT: say("letter sent"),
        LetterState.WITHDRAWN: say("letter withdrawn"),
        LetterState.DISCARDED: say("thrown away"),
    }[state]


def state_badge(state: LetterState) -> str:
    """The class of its badge."""
    return {
        LetterState.DRAFT: "state-open",
        LetterState.SIGNED: "state-open",
        LetterState.SENT: "state-answered",
        LetterState.WITHDRAWN: "state-failed",
    }.get(state, "")


def within(minutes: int) -> str:
    """`2小时`, in the reader's language."""
    return within_words(minutes, current_language())


def unit_word(state: UnitState) -> str:
    return {
        UnitState.CHOSEN: say("not sent yet"),
        UnitState.ASKED: say("has not confirmed yet"),
        UnitState.CONFIRMED: say("confirmed it"),
        UnitState.SILENT: say("has not confirmed in time"),
        UnitState.WITHDRAWN: say("withdrawn before it was confirmed"),
    }[state]


def unit_badge(state: UnitState) -> str:
    """The class of its badge."""
    return {
        UnitState.ASKED: "state-open",
        UnitState.CONFIRMED: "state-answered",
        UnitState.SILENT: "state-failed",
    }.get(state, "")
